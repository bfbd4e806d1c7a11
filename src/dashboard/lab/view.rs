//! The screen, from a [`State`] and nothing else.
//!
//! ```text
//!  PHILOSOPHERS-NAIVE   5 processes on real threads                   0:03 of 0:10  header
//!  DEADLOCK  P0→P1→P2→P3→P4→P0                                                      how it stands
//! ─ Processes 5 · longest wait: a full bar is 2 s ───────────────────────────────
//!  who process         does                   holds          turns longest wait     processes
//!  P0  philosopher[0]  waits for chopstick[1] chopstick[0]      12 1.23 s  ███▉░
//! ─ Who waits for whom ──────────────────────────────────────────────────────────
//!  PHILOSOPHER  P0     P1     P2     P3     P4                                      only in a deadlock
//!  holds        c0     c1     c2     c3     c4
//!  waits for    c1     c2     c3     c4     c0
//! ─ Counts and shared variables ─────────────────────────────────────────────────
//!  chopstick 0 0 0 0 0                                                               values
//!  q quit  ? help  space freeze  arrows scroll                                       footer
//! ```

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::state::State;
use crate::dashboard::text::{clock, cut, fitted, grouped, short};
use crate::dashboard::theme::Theme;
use crate::dashboard::view::{LEAST, row, titled, to_ascii};
use crate::lab::program::{Act, letter};
use crate::lab::run::live::{Does, ProcessNow, Snapshot, Values};
use crate::lab::run::stats::said;
use crate::lab::syntax::LockKind;

/// Lines for counts and shared variables, at most.
const VALUES: usize = 3;

/// Draws the screen.
pub fn view(frame: &mut Frame, state: &State) {
    let area = frame.area();
    screen(area, frame.buffer_mut(), state);
    if state.theme.ascii {
        to_ascii(frame.buffer_mut());
    }
}

fn screen(area: Rect, buffer: &mut Buffer, state: &State) {
    let names = short_names(&state.shown);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        let (word, _, said) = standing(state, &names);
        let text = format!("{word} {said}: larger screen, please");
        let text = cut(&text, usize::from(area.width));
        return row(area, buffer, 0, Line::from(text));
    }
    let [head, stands, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(1),
        Constraint::Min(1),
        Constraint::Length(1),
    ])
    .areas(area);
    header(head, buffer, state);
    stand(stands, buffer, state, &names);
    footer(foot, buffer, state);
    if state.help {
        return help(body, buffer, state.theme);
    }
    let values = values(&state.shown, usize::from(area.width), state.theme);
    let length = |lines: usize| u16::try_from(lines).unwrap_or(u16::MAX);
    let waiting = if state.shown.deadlock.is_empty() {
        0
    } else {
        4
    };
    let values_height = if values.is_empty() {
        0
    } else {
        1 + length(values.len())
    };
    let room = body.height.saturating_sub(waiting + values_height);
    let [processes, whom, below, _] = Layout::vertical([
        Constraint::Length(room.min(length(state.shown.processes.len()) + 2)),
        Constraint::Length(waiting),
        Constraint::Length(values_height),
        Constraint::Min(0),
    ])
    .areas(body);
    table(processes, buffer, state, &names);
    who_waits(whom, buffer, state, &names);
    if !values.is_empty() {
        let title = "Counts and shared variables";
        let below = titled(below, buffer, state.theme, title, false);
        for (line, y) in values.into_iter().zip(0..) {
            row(below, buffer, y, line);
        }
    }
}

fn header(area: Rect, buffer: &mut Buffer, state: &State) {
    let width = usize::from(area.width);
    let nanoseconds = |it: Duration| u64::try_from(it.as_nanos()).unwrap_or(u64::MAX);
    let time = format!(
        "{} of {} ",
        clock(nanoseconds(state.shown.elapsed)),
        clock(nanoseconds(state.length))
    );
    let name = fitted_to(&state.name.to_uppercase(), width.saturating_sub(40));
    let badge = format!(" {name} ");
    let many = match state.shown.processes.len() {
        1 => "  1 process".to_owned(),
        many => format!("  {many} processes"),
    };
    let room = width.saturating_sub(badge.width() + time.len());
    let text = [format!("{many} on real threads"), many, String::new()]
        .into_iter()
        .find(|it| it.len() < room)
        .unwrap_or_default();
    let text = format!("{text:room$}{time}");
    let line = vec![
        Span::styled(badge, state.theme.title(true)),
        Span::raw(text),
    ];
    row(area, buffer, 0, Line::from(line));
}

/// A name from a file, harmless, in at most so many columns.
fn fitted_to(text: &str, width: usize) -> String {
    fitted(text, width).trim_end().to_owned()
}

/// How it stands: a word, how that looks, and a sentence.
fn standing(state: &State, names: &[String]) -> (&'static str, Style, String) {
    let (now, theme) = (&state.shown, state.theme);
    if let Some(first) = now.deadlock.first() {
        let of = |name: &String| {
            let at = now.processes.iter().position(|it| it.name == *name);
            at.map_or_else(|| name.clone(), |at| names[at].clone())
        };
        let said = if now.cycle.is_empty() {
            first.to_string()
        } else {
            let cycle: Vec<_> = now.cycle.iter().map(of).collect();
            cycle.join(theme.glyph("→"))
        };
        return ("DEADLOCK", theme.alarm(), said);
    }
    if let Some((who, why)) = state.fault() {
        return ("WENT WRONG", theme.alarm(), format!("{who}: {why}"));
    }
    let count =
        |wanted: &dyn Fn(&ProcessNow) -> bool| now.processes.iter().filter(|it| wanted(it)).count();
    let said = format!(
        "{} wait, {} inside · turns {} · Jain's index {}",
        count(&|it| matches!(it.does, Does::Waits { .. })),
        count(&|it| !it.sections.is_empty()),
        grouped(now.processes.iter().map(|it| it.turns).sum::<u64>()),
        said(now.jain),
    );
    let said = if now.processes.is_empty() {
        "it begins".to_owned()
    } else {
        said
    };
    if state.frozen {
        ("FROZEN", theme.notice(), said)
    } else {
        ("RUNS", theme.neutral(), said)
    }
}

fn stand(area: Rect, buffer: &mut Buffer, state: &State, names: &[String]) {
    let (word, look, said) = standing(state, names);
    let said = cut(
        &said,
        usize::from(area.width).saturating_sub(word.len() + 4),
    );
    let line = vec![
        Span::styled(format!(" {word} "), look),
        Span::raw("  "),
        Span::styled(said, state.theme.value()),
    ];
    row(area, buffer, 0, Line::from(line));
}

/// The columns of the processes.
struct Columns {
    name: usize,
    does: usize,
    holds: usize,
    turns: usize,
    bar: usize,
}

/// `P10` and blanks around it.
const SHORT: usize = 5;
/// `12.3 ms` and a blank.
const LONGEST: usize = 8;

impl Columns {
    /// On a narrow screen the short name alone says who it is.
    fn of(width: usize) -> Self {
        let [name, does, holds, turns] = match width {
            ..80 => [0, 23, 9, 7],
            80..110 => [16, 23, 13, 7],
            _ => [20, 32, 28, 8],
        };
        Self {
            name,
            does,
            holds,
            turns,
            bar: width.saturating_sub(SHORT + name + does + holds + turns + 1 + LONGEST),
        }
    }
}

/// A text in exactly so many columns, the last of them blank.
fn cell(text: &str, width: usize) -> String {
    match width {
        0 => String::new(),
        _ => format!("{} ", fitted(text, width - 1)),
    }
}

fn table(area: Rect, buffer: &mut Buffer, state: &State, names: &[String]) {
    let (now, theme) = (&state.shown, state.theme);
    let longest = now.processes.iter().map(|it| it.longest).max();
    let full = full_bar(longest.unwrap_or_default());
    let many = now.processes.len();
    let rows = usize::from(area.height).saturating_sub(2);
    let top = state.top.min(many.saturating_sub(rows));
    let mut title = format!("Processes {many}");
    if many > rows {
        _ = write!(title, ", {} to {}", top + 1, (top + rows).min(many));
    }
    let unit = match full.as_millis() {
        ms @ ..1_000 => format!("{ms} ms"),
        ms => format!("{} s", ms / 1_000),
    };
    _ = write!(title, " · longest wait: a full bar is {unit}");
    let area = titled(area, buffer, theme, &title, false);
    let columns = Columns::of(usize::from(area.width));
    let (name, does, holds, turns) = (columns.name, columns.does, columns.holds, columns.turns);
    let head = format!(
        " {}{}{}{}{:>turns$} longest wait",
        cell("who", SHORT - 1),
        cell("process", name),
        cell("does", does),
        cell("holds", holds),
        "turns",
    );
    let look = theme.value().add_modifier(Modifier::UNDERLINED);
    let width = usize::from(area.width);
    row(
        area,
        buffer,
        0,
        Line::styled(format!("{head:width$}"), look),
    );
    let locks: BTreeSet<_> = now.locks.iter().map(|it| it.1.name.as_str()).collect();
    let shown = now.processes.iter().zip(names).skip(top).take(rows);
    for ((process, short_name), y) in shown.zip(1..) {
        let (said, look) = doing(process, now, theme, &str::to_owned);
        let said = if said.width() < does {
            said
        } else {
            doing(process, now, theme, &|lock| short_lock(lock, &locks)).0
        };
        let mut held = process.holds.join(" ");
        if held.width() >= holds {
            let short: Vec<_> = process
                .holds
                .iter()
                .map(|it| short_lock(it, &locks))
                .collect();
            held = short.join(" ");
        }
        let waits = matches!(process.does, Does::Waits { .. });
        let bar = theme.gauge(nanoseconds(process.longest), nanoseconds(full), columns.bar);
        let line = vec![
            Span::styled(format!(" {}", cell(short_name, SHORT - 1)), theme.value()),
            Span::raw(cell(&process.name, name)),
            Span::styled(cell(&said, does), look),
            Span::raw(cell(&held, holds)),
            Span::raw(format!("{:>turns$}", short(process.turns))),
            Span::raw(format!(" {:LONGEST$}", time(process.longest))),
            Span::styled(bar, if waits { theme.neutral() } else { theme.bar() }),
        ];
        row(area, buffer, y, Line::from(line));
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

/// What a process does, and how that looks. `called`: what its lock is called there.
fn doing(
    process: &ProcessNow,
    now: &Snapshot,
    theme: Theme,
    called: &dyn Fn(&str) -> String,
) -> (String, Style) {
    let inside = process.sections.join(" ");
    let dead = now.deadlock.iter().any(|it| it.process == process.name);
    match &process.does {
        Does::Waits { how, what } => {
            let how = match how {
                Act::Read => "to read",
                Act::Write => "to write",
                _ => "for",
            };
            let look = if dead {
                theme.danger()
            } else {
                theme.neutral()
            };
            (format!("waits {how} {}", called(what)), look)
        }
        Does::Activity(what) if inside.is_empty() => (format!("{what}()"), Style::new()),
        Does::Activity(what) => (format!("{inside}: {what}()"), theme.good()),
        Does::Steps if inside.is_empty() => ("runs".to_owned(), Style::new()),
        Does::Steps => (inside, theme.good()),
        Does::Ended => ("has ended".to_owned(), Style::new()),
        Does::Failed(_) => ("went wrong".to_owned(), theme.danger()),
    }
}

/// Who holds what and waits for what, a column a process, as a textbook draws it.
fn who_waits(area: Rect, buffer: &mut Buffer, state: &State, names: &[String]) {
    let (now, theme) = (&state.shown, state.theme);
    if now.deadlock.is_empty() {
        return;
    }
    let area = titled(area, buffer, theme, "Who waits for whom", false);
    let room = usize::from(area.width).saturating_sub(14);
    let in_cycle = |name: &str| now.cycle.iter().any(|it| it == name);
    let mut stuck: Vec<_> = now.deadlock.iter().collect();
    stuck.sort_by_key(|it| !in_cycle(&it.process));
    let column = |short: &dyn Fn(&str) -> String| -> Vec<[String; 3]> {
        stuck
            .iter()
            .map(|it| {
                let holds = now.processes.get(it.who).map(|it| it.holds.as_slice());
                let holds: Vec<_> = holds
                    .unwrap_or_default()
                    .iter()
                    .map(|it| short(it))
                    .collect();
                let who = names.get(it.who).unwrap_or(&it.process).clone();
                let holds = if holds.is_empty() {
                    "nothing".to_owned()
                } else {
                    holds.join(" ")
                };
                [who, holds, short(&it.what)]
            })
            .collect()
    };
    let widest = |columns: &[[String; 3]]| {
        let cells = columns.iter().flatten();
        2 + cells.map(|it| it.width()).max().unwrap_or(0)
    };
    let mut columns = column(&str::to_owned);
    if widest(&columns) * columns.len() > room {
        let locks: BTreeSet<_> = now.locks.iter().map(|it| it.1.name.as_str()).collect();
        columns = column(&|lock| short_lock(lock, &locks));
    }
    let mut wide = widest(&columns).min(room);
    if columns.len() * 7 <= room {
        wide = wide.max(7);
    }
    let fit = room.checked_div(wide).unwrap_or(0);
    for (which, y) in (0..3).zip(0..) {
        let heads = [kind(now), "holds".to_owned(), "waits for".to_owned()];
        let mut line = Line::from(Span::styled(
            format!(" {} ", fitted(&heads[which], 12)),
            theme.value(),
        ));
        let look = if which == 2 {
            theme.danger()
        } else {
            Style::new()
        };
        for cells in columns.iter().take(fit) {
            line.push_span(Span::styled(fitted(&cells[which], wide), look));
        }
        row(area, buffer, y, line);
    }
}

/// What the processes of a deadlock are called together: `PHILOSOPHER`.
fn kind(now: &Snapshot) -> String {
    let kinds: BTreeSet<_> = now.deadlock.iter().map(|it| base(&it.process)).collect();
    match kinds.first() {
        Some(one) if kinds.len() == 1 => one.to_uppercase(),
        _ => "PROCESS".to_owned(),
    }
}

/// A name without its index.
fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

fn initial(name: &str) -> char {
    name.chars().next().unwrap_or('?')
}

/// `P0` for `philosopher[0]`, `W` for the only writer; the letters of schedules if that says too little.
fn short_names(now: &Snapshot) -> Vec<String> {
    let kinds: BTreeSet<_> = now.processes.iter().map(|it| base(&it.name)).collect();
    let initials: BTreeSet<_> = kinds
        .iter()
        .map(|it| initial(it).to_ascii_uppercase())
        .collect();
    let one = |(at, process): (usize, &ProcessNow)| {
        if initials.len() < kinds.len() {
            return letter(at).to_string();
        }
        let index = process.name.split(['[', ']']).nth(1).unwrap_or_default();
        format!("{}{index}", initial(&process.name).to_ascii_uppercase())
    };
    now.processes.iter().enumerate().map(one).collect()
}

/// `c0` for `chopstick[0]`, if no other lock begins so.
fn short_lock(name: &str, locks: &BTreeSet<&str>) -> String {
    let first = initial(name);
    if locks.iter().filter(|it| initial(it) == first).count() > 1 {
        return name.to_owned();
    }
    let index = name.split(['[', ']']).nth(1).unwrap_or_default();
    format!("{first}{index}")
}

/// Counts and shared variables, as many to a line as fit; where not all fit, the last line says so.
fn values(now: &Snapshot, width: usize, theme: Theme) -> Vec<Line<'static>> {
    let locks = now.locks.iter().map(|(kind, it)| lock_text(*kind, it));
    let shared = now.shared.iter().map(|it| (it.name.clone(), numbers(it)));
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for (name, numbers) in locks.chain(shared) {
        let numbers = cut(&numbers, width.saturating_sub(name.width() + 3));
        let needed = name.width() + numbers.width() + 4;
        if lines.is_empty() || used + needed > width {
            if lines.len() == VALUES {
                if let Some(last) = lines.last_mut() {
                    last.push_span(Span::raw("…"));
                }
                break;
            }
            lines.push(Line::from(" "));
            used = 1;
        }
        used += needed;
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled(name, theme.value()));
            line.push_span(Span::raw(format!(" {numbers}   ")));
        }
    }
    lines
}

fn numbers(values: &Values) -> String {
    let numbers: Vec<_> = values.numbers.iter().map(i32::to_string).collect();
    numbers.join(" ")
}

/// A semaphore by its count; who is in a lock in words.
fn lock_text(kind: LockKind, values: &Values) -> (String, String) {
    let word = |&count: &i32| match (kind, count) {
        (LockKind::Semaphore { .. }, count) => count.to_string(),
        (LockKind::Mutex { .. }, 1) | (LockKind::RwLock(_), 0) => "free".to_owned(),
        (LockKind::Mutex { .. }, _) => "locked".to_owned(),
        (LockKind::RwLock(_), -1) => "written".to_owned(),
        (LockKind::RwLock(_), readers) => format!("read by {readers}"),
    };
    let words: Vec<_> = values.numbers.iter().map(word).collect();
    (values.name.clone(), words.join(" "))
}

/// The length of a full bar: 1, 2 or 5 milliseconds, or that times ten, and so on; so that bars grow, and are not
/// all drawn anew with every new longest wait.
fn full_bar(longest: Duration) -> Duration {
    let steps = (0..).map(|nth: u32| {
        let ten_times = 10u64.saturating_pow(nth / 3);
        [1u64, 2, 5][(nth % 3) as usize].saturating_mul(ten_times)
    });
    steps
        .map(Duration::from_millis)
        .find(|it| *it >= longest || *it >= Duration::from_millis(u64::MAX))
        .unwrap_or(longest)
}

/// In at most seven columns: milliseconds, then seconds, then minutes.
fn time(time: Duration) -> String {
    if time.is_zero() {
        return "-".to_owned();
    }
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ..10.0 => format!("{ms:.2} ms"),
        ..100.0 => format!("{ms:.1} ms"),
        ..1_000.0 => format!("{ms:.0} ms"),
        ..10_000.0 => format!("{:.2} s", ms / 1e3),
        ..1_000_000.0 => format!("{:.0} s", ms / 1e3),
        _ => format!("{:.0} min", ms / 60e3),
    }
}

/// The keys, and the words of this screen.
const HELP: &[(&str, &str)] = &[
    ("q", "end the run; what it came to is printed"),
    ("space", "freeze the screen; the run goes on"),
    ("arrows", "other processes, where not all fit"),
    ("esc ?", "back"),
    ("", ""),
    ("waits", "has asked for a lock and is not let in"),
    ("holds", "has waited for it and not signalled since"),
    ("inside", "in a section"),
    ("turns", "how often it came into a section"),
    ("bar", "its longest wait, also one still going on"),
    ("Jain's index", "1 if all had as many turns, 1/n if one all"),
    ("deadlock", "nobody can go on, not everybody has ended"),
];

fn help(area: Rect, buffer: &mut Buffer, theme: Theme) {
    let width = usize::from(area.width);
    let area = titled(area, buffer, theme, "Keys and words · esc back", true);
    for ((word, meaning), y) in HELP.iter().zip(0..) {
        let line = vec![
            Span::styled(format!("{word:>13}  "), theme.value()),
            Span::raw(cut(meaning, width.saturating_sub(16))),
        ];
        row(area, buffer, y, Line::from(line));
    }
}

fn footer(area: Rect, buffer: &mut Buffer, state: &State) {
    let keys = if state.over {
        " any key ends this, and the statistics follow   ? help"
    } else if state.frozen {
        " q quit  ? help  space goes on  arrows scroll"
    } else {
        " q quit  ? help  space freeze  arrows scroll"
    };
    row(area, buffer, 0, Line::styled(keys, state.theme.value()));
}
