//! The screen, from a [`State`] and nothing else.
//!
//! ```text
//!  UNSAFE-RACE   you grant the steps   window reply               127.0.0.1:7777
//!  DUPLICATE  228 went to A and B.                                                 how it stands
//!  NEXT  A or B: press the letter, and that session takes its next operation.      or a note
//!  SO FAR  A A A A B                                                               and what waits
//!  COUNTER 2 (next number 228)   LOCK free   register                              the sessions
//!  A  [load]window store            2      127.0.0.1:50312  waits for its letter
//!  B   load window[store]           2      ada  in its window
//!  step   A             COUNTER   B                                                the lanes, newest last
//! ▸   1   READ  seen=0     0
//!  Counter                                                                         the assignment's table
//!  Thread
//!  Result   nothing was handed out yet
//!  a b step  bksp take back  ^F all run free  ^E end  ^Y copy  ^Q quit
//! ```

use std::collections::BTreeSet;
use std::fmt::Write;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::state::{Dialog, State};
use crate::dashboard::order::{self, headed};
use crate::dashboard::play::game::who_got;
use crate::dashboard::text::{cut, fitted};
use crate::dashboard::view::{LEAST, row};
use crate::draw::Window;
use crate::draw::gallery::Mutexes;
use crate::schedule::Schedule;
use crate::schedule::table::Table;
use crate::schedule::text::letter;
use crate::schedule::turnstile::hand::{Does, Standing};

/// Draws the screen.
pub fn view(frame: &mut Frame, state: &State) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    screen(area, buffer, state);
    if state.theme.ascii {
        order::plain(buffer);
    }
}

fn screen(area: Rect, buffer: &mut Buffer, state: &State) {
    let table = state.stand.run.table();
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return tiny(area, buffer, state, &table);
    }
    let numbers = state.setup.list.numbers();
    let below = order::table_lines(&state.stand.run, numbers, area.width);
    let sessions = u16::try_from(state.stand.sessions.len()).unwrap_or(u16::MAX);
    let rows = sessions.min((area.height.saturating_sub(14) / 2).max(2));
    let [head, said, threads, lanes, foot, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(3),
        Constraint::Length(1 + rows),
        Constraint::Min(2),
        Constraint::Length(u16::try_from(below.len()).unwrap_or(u16::MAX)),
        Constraint::Length(1),
    ])
    .areas(area);
    header(head, buffer, state);
    footer(keys, buffer, state);
    if state.dialog == Some(Dialog::Help) {
        let place = Rect {
            height: keys.y.saturating_sub(head.bottom()),
            y: head.bottom(),
            ..area
        };
        return help(place, buffer, state);
    }
    told(said, buffer, state, &table);
    render_sessions(threads, buffer, state);
    order::render_lanes(
        lanes,
        buffer,
        &state.stand.run,
        numbers,
        state.back,
        state.theme,
    );
    for (line, y) in below.iter().zip(0..) {
        row(foot, buffer, y, order::marked(line, state.theme));
    }
}

fn tiny(area: Rect, buffer: &mut Buffer, state: &State, table: &Table) {
    let text = format!(
        "DUPLICATES {} counter {} {}: larger screen, please",
        table.duplicates.len(),
        state.stand.run.counter(),
        state.granted()
    );
    let line = Line::from(cut(&text, usize::from(area.width)));
    row(area, buffer, 0, line);
}

fn header(area: Rect, buffer: &mut Buffer, state: &State) {
    let (setup, theme) = (&state.setup, state.theme);
    let badge = format!(" {} ", setup.name.to_uppercase());
    let mut left = "  you grant the steps".to_owned();
    if setup.window != Window::None {
        _ = write!(left, "   window {}", setup.window);
    }
    let right = format!("{} ", setup.address);
    let room = usize::from(area.width).saturating_sub(badge.chars().count());
    let gap = room.saturating_sub(left.len() + right.len());
    let line = if gap > 0 {
        format!("{left}{:gap$}{right}", "")
    } else {
        cut(&format!("  {right}"), room)
    };
    let look = setup.mode.map_or(theme.notice(), |mode| theme.mode(mode));
    let badge = Span::styled(badge, look);
    row(area, buffer, 0, Line::from(vec![badge, Span::raw(line)]));
}

/// What became of it, what can be done now, and the letters so far.
fn told(area: Rect, buffer: &mut Buffer, state: &State, table: &Table) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let (word, look, text) = outcome(state, table);
    let word = format!(" {word} ");
    let text = cut(&text, width.saturating_sub(word.len() + 1));
    let line = Line::from(vec![
        Span::styled(word, look),
        Span::raw(" "),
        Span::raw(text),
    ]);
    row(area, buffer, 0, line);
    let next = match (&state.dialog, &state.note) {
        (Some(Dialog::Quit), _) => headed(
            " QUIT  ",
            "Enter stops the server and prints the order; Esc goes back.",
            theme.neutral(),
            width,
            theme,
        ),
        (Some(Dialog::Command(typed)), _) => headed(
            " :",
            &format!("{typed}_   free  end  copy  help  quit"),
            theme.value(),
            width,
            theme,
        ),
        (_, Some(note)) => headed(" NOTE  ", note, theme.value(), width, theme),
        _ => headed(" NEXT  ", &next(state), Style::new(), width, theme),
    };
    row(area, buffer, 1, next);
    row(area, buffer, 2, so_far(state, width));
}

fn outcome(state: &State, table: &Table) -> (&'static str, Style, String) {
    let theme = state.theme;
    let numbers = state.setup.list.numbers();
    let number = |ticket: u64| {
        let place = usize::try_from(ticket).ok();
        place.and_then(|place| numbers.get(place)).copied()
    };
    let named = |tickets: &BTreeSet<u64>| {
        let shown: Vec<String> = tickets
            .iter()
            .take(4)
            .filter_map(|&ticket| Some(number(ticket)?.to_string()))
            .collect();
        let more = if tickets.len() > 4 { ", …" } else { "" };
        format!("{}{more}", shown.join(", "))
    };
    // The newest one: that is what was just seen.
    let extras = table.extras();
    let newest = extras.iter().rposition(|&extra| extra);
    if let Some(ticket) = newest.map(|place| table.columns[place].ticket) {
        let who = table
            .columns
            .iter()
            .filter(|column| column.ticket == ticket)
            .map(|column| column.session);
        let who: Vec<usize> = who.collect();
        let mut text = who_got(number(ticket).unwrap_or_default(), &who);
        text.push('.');
        if table.duplicates.len() > 1 {
            _ = write!(text, " In all: {}.", named(&table.duplicates));
        }
        return ("DUPLICATE", theme.alarm(), text);
    }
    if !table.skipped.is_empty() {
        let text = format!("{} can never be handed out.", named(&table.skipped));
        return ("SKIPPED", theme.notice(), text);
    }
    if let Some(sent) = sent(state, table, number) {
        return sent;
    }
    let text = match table.columns.len() {
        0 => "No number was handed out yet.".to_owned(),
        1 => "One number was handed out.".to_owned(),
        draws => format!("{draws} numbers were handed out, each once."),
    };
    ("CLEAN", theme.good(), text)
}

/// What clients have already, of draws that are not complete: with the reply in the window the number is out as
/// soon as it was read.
fn sent(
    state: &State,
    table: &Table,
    number: impl Fn(u64) -> Option<u32>,
) -> Option<(&'static str, Style, String)> {
    if state.setup.window != Window::Reply {
        return None;
    }
    let sessions = state.stand.sessions.iter().enumerate();
    let mut holds: Vec<(u64, usize)> = sessions
        .filter(|(_, session)| matches!(session.does, Does::Waits { .. } | Does::Goes))
        .filter_map(|(index, session)| Some((session.register?, index)))
        .collect();
    let &(newest, _) = holds.last()?;
    holds.extend(
        table
            .columns
            .iter()
            .map(|column| (column.ticket, column.session)),
    );
    let twice = holds.iter().find(|(ticket, session)| {
        let same = |(other, who): &&(u64, usize)| other == ticket && who != session;
        holds.iter().any(|other| same(&other))
    });
    let ticket = twice.map_or(newest, |&(ticket, _)| ticket);
    let mut who: Vec<usize> = holds
        .iter()
        .filter(|(held, _)| *held == ticket)
        .map(|&(_, session)| session)
        .collect();
    who.sort_unstable();
    let text = format!("{} already, in the window.", who_got(number(ticket)?, &who));
    Some(match twice {
        Some(_) => ("DUPLICATE", state.theme.alarm(), text),
        None => ("CLEAN", state.theme.good(), text),
    })
}

/// What can be done now.
fn next(state: &State) -> String {
    let stand = &state.stand;
    if stand.ended {
        return "The order has ended: every draw gets an error now. ^Q quits.".to_owned();
    }
    let does = |session: &usize| stand.sessions.get(*session).map(|session| session.does);
    if let Some(first) = stand.waiting.first() {
        let name = letter(*first);
        return match does(first) {
            Some(Does::Nothing) => {
                format!(
                    "{name} is to go, and has not asked: draw 1 in {name}'s client, or Backspace."
                )
            }
            _ => format!("{name} goes as soon as the window closes."),
        };
    }
    let all = 0..stand.sessions.len();
    if let Some(session) = all
        .clone()
        .find(|session| does(session) == Some(Does::Goes))
    {
        return format!("{} has its window open.", letter(session));
    }
    let can: Vec<String> = all
        .filter(|session| matches!(does(session), Some(Does::Waits { .. })))
        .map(|session| letter(session).to_string())
        .collect();
    match &can[..] {
        [] if state.names.is_empty() => {
            let (host, port) = state.setup.address.rsplit_once(':').unwrap_or_default();
            format!("Clients: nc {host} {port}, then draw 2. Who draws first is A.")
        }
        [] => "Nobody asks for a draw: type draw 1 in a client.".to_owned(),
        [one] => format!("Press {}: it takes its next operation.", one.to_lowercase()),
        [most @ .., last] => format!(
            "Who goes next? Press {} or {}.",
            most.join(", ").to_lowercase(),
            last.to_lowercase()
        ),
    }
}

/// The newest letters that fit, and those that wait.
fn so_far(state: &State, width: usize) -> Line<'static> {
    let theme = state.theme;
    let head = " SO FAR  ";
    let waiting = Schedule::of(state.stand.waiting.iter().copied()).unwrap_or_default();
    let waiting = match waiting.len() {
        0 => String::new(),
        _ => format!("   waiting: {}", cut(&waiting.spaced(), 24)),
    };
    let granted = state.granted().spaced();
    let room = width.saturating_sub(head.len() + waiting.chars().count() + 1);
    let granted = match granted.len().checked_sub(room) {
        None | Some(0) => granted,
        Some(over) => format!("…{}", &granted[over + 1..]),
    };
    Line::from(vec![
        Span::styled(head, theme.value()),
        Span::raw(granted),
        Span::styled(waiting, theme.neutral()),
    ])
}

fn render_sessions(area: Rect, buffer: &mut Buffer, state: &State) {
    let (setup, stand, theme) = (&state.setup, &state.stand, state.theme);
    let width = usize::from(area.width);
    let counter = stand.run.counter();
    let number = usize::try_from(counter)
        .ok()
        .and_then(|place| setup.list.numbers().get(place));
    let mut shared = format!(" COUNTER {counter}");
    match number {
        Some(number) => _ = write!(shared, " (next number {number})"),
        None => shared.push_str(" (sold out)"),
    }
    if stand.run.locks {
        let holders = holders(state);
        shared.push_str(match (setup.mutexes, holders.is_empty()) {
            (_, true) => "   LOCK free",
            (Mutexes::Shared, _) => "   LOCK held by ",
            (Mutexes::Own, _) => "   LOCKS OF THEIR OWN ",
        });
        let names: Vec<String> = holders.iter().map(|&one| letter(one).to_string()).collect();
        shared.push_str(&names.join(", "));
    }
    let program = order::program_width(&setup.program).min(width.saturating_sub(32));
    let used = shared.chars().count();
    // The program, then the register under its head; the rest goes to what the session does, and who it is.
    let column = match (4 + program).max(used + 2) {
        column if column + 34 <= width => column,
        _ => 4 + program,
    };
    let head = match column.checked_sub(used) {
        Some(gap @ 2..) => format!("{:gap$}register", ""),
        _ => String::new(),
    };
    let head = format!("{:width$}", format!("{shared}{head}"));
    let look = theme.value().add_modifier(Modifier::UNDERLINED);
    row(area, buffer, 0, Line::styled(cut(&head, width), look));
    let rows = usize::from(area.height).saturating_sub(1);
    let last = stand.run.rows.last().map_or(0, |row| row.session);
    let first = last
        .saturating_sub(rows / 2)
        .min(stand.sessions.len().saturating_sub(rows));
    let shown = stand.sessions.iter().enumerate().skip(first).take(rows);
    for ((index, session), y) in shown.zip(1..) {
        let line = session_line(state, index, session, column, width);
        row(area, buffer, y, line);
    }
}

/// Who holds a mutex now.
fn holders(state: &State) -> &[usize] {
    let last = state.stand.run.rows.last();
    last.map_or(&[], |row| &row.holders)
}

fn session_line(
    state: &State,
    index: usize,
    session: &Standing,
    column: usize,
    width: usize,
) -> Line<'static> {
    let (setup, theme) = (&state.setup, state.theme);
    let mut line = Line::from(Span::styled(format!(" {}  ", letter(index)), theme.value()));
    let next = match session.does {
        Does::Waits { next, .. } => next,
        _ => setup.program.len(),
    };
    order::program_spans(&mut line, &setup.program, next, column - 4, theme);
    let pad = column.saturating_sub(line.width());
    let register = session
        .register
        .map_or_else(|| "-".to_owned(), |register| register.to_string());
    line.push_span(Span::raw(format!("{:pad$}{register:^8}", "")));
    let holds = holders(state).contains(&index);
    let (mut doing, look) = match session.does {
        Does::Waits {
            locked_out: true, ..
        } => {
            let holder = holders(state).first().map_or('?', |&one| letter(one));
            (format!("waits for {holder}'s lock"), theme.neutral())
        }
        Does::Waits { .. } if holds => ("holds the lock".to_owned(), theme.good()),
        Does::Waits { .. } => ("waits for its letter".to_owned(), theme.good()),
        Does::Goes => (format!("window {}", setup.window), theme.neutral()),
        Does::Nothing if state.names.get(index).is_none_or(String::is_empty) => {
            ("has not come".to_owned(), Style::new())
        }
        Does::Nothing => ("does not ask".to_owned(), Style::new()),
        Does::Closed => ("is gone".to_owned(), Style::new()),
    };
    if let Does::Waits {
        next,
        locked_out: false,
    } = session.does
        && let Some(&operation) = setup.program.get(next)
        && width >= 110
    {
        let counter = state.stand.run.counter();
        let register = session.register.unwrap_or_default();
        doing = format!("{doing}: {}", order::does(operation, register, counter));
    }
    let room = width.saturating_sub(line.width() + doing.chars().count() + 4);
    line.push_span(Span::raw(" "));
    line.push_span(Span::styled(doing, look));
    if let Some(name) = state.names.get(index).filter(|name| !name.is_empty())
        && room >= 6
    {
        let name = fitted(name, room.min(24));
        line.push_span(Span::raw(format!("  {}", name.trim_end())));
    }
    line
}

/// What each key does.
const KEYS: [(&str, &str); 9] = [
    (
        "a b c …",
        "that session takes its next operation; windows need none",
    ),
    ("Backspace", "take back the last letter that still waits"),
    (
        "Ctrl-F  :free",
        "end the order: draws run on freely, on the dashboard",
    ),
    (
        "Ctrl-E  :end",
        "end the order: draws that wait get an error",
    ),
    (
        "Ctrl-Y  :copy",
        "copy the order as a schedule, for --schedule and --replay",
    ),
    (
        "Ctrl-Q  :quit",
        "stop the server; it prints the order and how to replay it",
    ),
    ("arrows, page up/down", "scroll the lanes"),
    ("Ctrl-Z", "to the shell; fg brings it back"),
    ("?", "these keys"),
];
/// What is not said by keys.
const WORDS: &str = "The clients are real. Who draws first is A, the next B; a client that says \
    `name B` takes that letter. Each of its operations waits for you. A letter for a session that \
    has not asked waits until it does. A session that waits for the lock another holds uses its \
    letter up by waiting: that shows in its lane.";

fn help(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    for ((key, does), y) in KEYS.iter().zip(1..) {
        let line = Line::from(vec![
            Span::styled(format!(" {key:<21}"), theme.value()),
            Span::raw(cut(does, usize::from(area.width).saturating_sub(23))),
        ]);
        row(area, buffer, y, line);
    }
    let width = usize::from(area.width).min(90).saturating_sub(1);
    for (line, y) in order::paragraph(WORDS, width).into_iter().zip(11..) {
        row(area, buffer, y, Line::from(line));
    }
}

fn footer(area: Rect, buffer: &mut Buffer, state: &State) {
    let others = [
        ("?", "help"),
        ("bksp", "take back"),
        ("^F", "all run free"),
        ("^E", "end"),
        ("^Y", "copy"),
        ("^Q", "quit"),
    ];
    let steps = order::step_keys(state.stand.sessions.len());
    order::render_keys(area, buffer, &steps, &others, state.theme);
}
