//! The screen, from a [`State`] and nothing else.
//!
//! ```text
//!  UNSAFE-RACE   you are the scheduler                       A draws 1, B draws 1
//!  GOAL  make two clients get the same number
//!  IN REACH  You can still make it: who goes next?                                   or a note
//!  ORDERS LEFT  3   bad 2   clean 1   ████████████████░░░░░░░░ 66.7 % bad
//!  SO FAR  A                                                                         or a witness, or how to replay it
//!  COUNTER 0 (next number 5)
//!  A   load window[store]  register 0   left 1     next writes 1 to the counter      the sessions
//!  B  [load]window store   register -   left 1     next reads the counter, 0
//!  step   A             COUNTER   B                                                  the lanes, newest last
//! ▸   1   READ  seen=0     0
//!  Counter                                                                           the assignment's table
//!  Thread
//!  Result   nothing was handed out yet
//!  a b step  u undo  ? witness  r again  q leave  arrows scroll
//! ```
//!
//! Lanes and table are the [order]'s.

use std::fmt::Write;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::game::{Game, Position, Verdict, schedule, who_got};
use super::state::State;
use crate::dashboard::order::{self, MOST_LANES};
use crate::dashboard::text::cut;
use crate::dashboard::theme::Theme;
use crate::dashboard::view::{LEAST, row};
use crate::draw::gallery::Mutexes;
use crate::schedule::ahead::Left;
use crate::schedule::text::letter;

/// A screen of this height has room for the reason.
const TALL: u16 = 34;

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
    let game = &state.game;
    let at = game.at(&state.letters);
    let verdict = game.verdict(&state.letters, &at);
    if area.width < LEAST.0 || area.height < LEAST.1 {
        return tiny(area, buffer, state, &at, &verdict);
    }
    let sessions = u16::try_from(at.sessions.len()).unwrap_or(u16::MAX);
    let rows = sessions.min((area.height.saturating_sub(14) / 2).max(2));
    let numbers = game.list.numbers();
    let table = order::table_lines(&at.run, numbers, area.width);
    let why = why(state, &verdict, area);
    let length = |lines: usize| Constraint::Length(u16::try_from(lines).unwrap_or(u16::MAX));
    let [head, said, threads, lanes, below, reason, keys] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Length(if area.height < 20 { 3 } else { 4 }),
        Constraint::Length(1 + rows),
        Constraint::Min(3),
        length(table.len()),
        length(why.len()),
        Constraint::Length(1),
    ])
    .areas(area);
    header(head, buffer, state);
    told(said, buffer, state, &verdict);
    render_sessions(threads, buffer, state, &at);
    order::render_lanes(lanes, buffer, &at.run, numbers, state.back, state.theme);
    for (line, y) in table.iter().zip(0..) {
        row(below, buffer, y, order::marked(line, state.theme));
    }
    for (line, y) in why.iter().zip(0..) {
        row(reason, buffer, y, Line::from(line.as_str()));
    }
    footer(keys, buffer, state);
}

fn tiny(area: Rect, buffer: &mut Buffer, state: &State, at: &Position, verdict: &Verdict) {
    let word = badge(verdict, state.theme).0;
    let text = format!(
        "{word} counter {} {}: larger screen, please",
        shown_counter(&state.game, at),
        schedule(&state.letters)
    );
    row(
        area,
        buffer,
        0,
        Line::from(cut(&text, usize::from(area.width))),
    );
}

fn shown_counter(game: &Game, at: &Position) -> u64 {
    at.common.counter.min(game.model.size())
}

fn header(area: Rect, buffer: &mut Buffer, state: &State) {
    let (game, theme) = (&state.game, state.theme);
    let draws = game.model.draws();
    let who: Vec<String> = draws
        .iter()
        .zip(0..)
        .take(MOST_LANES)
        .map(|(draws, session)| format!("{} draws {draws}", letter(session)))
        .collect();
    let more = if draws.len() > MOST_LANES {
        ", …"
    } else {
        ""
    };
    let who = format!("{}{more} ", who.join(", "));
    let badge = format!(" {} ", game.name.to_uppercase());
    let title = "  you are the scheduler";
    let used = badge.chars().count();
    let room = usize::from(area.width).saturating_sub(used);
    let gap = room.saturating_sub(title.len() + who.chars().count());
    let line = if gap > 0 {
        format!("{title}{:gap$}{who}", "")
    } else {
        cut(&format!("  {who}"), room)
    };
    row(
        area,
        buffer,
        0,
        Line::from(vec![
            Span::styled(badge, theme.title(true)),
            Span::raw(line),
        ]),
    );
}

/// The word for how it stands, and how it looks.
fn badge(verdict: &Verdict, theme: Theme) -> (&'static str, Style) {
    match verdict {
        Verdict::Reached(_) => ("GOAL REACHED", theme.alarm()),
        Verdict::InReach(_) => ("IN REACH", theme.neutral()),
        Verdict::OutOfReach(_) => ("OUT OF REACH", theme.notice()),
        Verdict::Missed => ("MISSED", theme.notice()),
        Verdict::Never(_) => ("CANNOT", theme.good()),
        Verdict::Shown => ("CLEAN", theme.good()),
        Verdict::Unknown => ("NOT EXHAUSTIVE", theme.neutral()),
    }
}

/// How it stands, in a sentence.
fn sentence(state: &State, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reached(numbers) => {
            let first = numbers.first();
            let mut text = first.map_or_else(String::new, |(number, who)| who_got(*number, who));
            if numbers.len() > 1 {
                _ = write!(text, ", and {} more", numbers.len() - 1);
            }
            text.push('.');
            text
        }
        Verdict::InReach(left) if left.clean == 0 => {
            "Whatever comes next, a number is handed out twice.".to_owned()
        }
        Verdict::InReach(_) => "You can still make it: who goes next?".to_owned(),
        Verdict::OutOfReach(_) => "However it goes on, all numbers differ. u undoes.".to_owned(),
        Verdict::Missed => "Each number went out once. u undoes, r begins again.".to_owned(),
        Verdict::Never(_) => match state.tried.len() {
            0 => "However it goes on, all numbers differ.".to_owned(),
            tried => {
                let all = state.game.left(&[]).unwrap_or_default().all();
                format!(
                    "However it goes on, all numbers differ. You tried {tried} of {}.",
                    counted(all)
                )
            }
        },
        Verdict::Shown => {
            let all = state.game.left(&[]).unwrap_or_default().all();
            format!(
                "Each number once, as in every order. You tried {} of {}.",
                state.tried.len(),
                counted(all)
            )
        }
        Verdict::Unknown => format!(
            "The search stopped after {} states: nobody knows.",
            counted(state.game.ahead.states() as u128)
        ),
    }
}

/// The goal, how it stands with it, what is left, and the letters so far.
fn told(area: Rect, buffer: &mut Buffer, state: &State, verdict: &Verdict) {
    let (game, theme) = (&state.game, state.theme);
    let width = usize::from(area.width);
    let mut y = 0;
    // On a small screen the goal gives way to what became of it.
    if area.height > 3 || state.letters.is_empty() {
        let goal = if game.is_impossible() {
            "show that two clients cannot get the same number"
        } else {
            "make two clients get the same number"
        };
        let line = order::headed(" GOAL  ", goal, Style::new(), width, theme);
        row(area, buffer, y, line);
        y += 1;
    }
    if area.height > 3 || y == 0 {
        let (word, style) = badge(verdict, theme);
        let word = format!(" {word} ");
        let (said, look) = match &state.note {
            Some(note) => (note.clone(), theme.value()),
            None => (sentence(state, verdict), Style::new()),
        };
        let said = cut(&said, width.saturating_sub(word.len() + 1));
        let line = Line::from(vec![
            Span::styled(word, style),
            Span::raw(" "),
            Span::styled(said, look),
        ]);
        row(area, buffer, y, line);
        y += 1;
    }
    row(area, buffer, y, orders_left(state, width));
    row(area, buffer, y + 1, so_far(state, verdict, width));
}

/// How many orders are left, and a bar of how many of them are bad.
fn orders_left(state: &State, width: usize) -> Line<'static> {
    let theme = state.theme;
    let head = Span::styled(" ORDERS LEFT  ", theme.value());
    let Some(left) = state.game.left(&state.letters) else {
        return Line::from(vec![head, Span::raw("many: more than were looked at")]);
    };
    if state.game.is_over(&state.letters) {
        return Line::from(vec![head, Span::raw("none: this one is at its end")]);
    }
    let mut text = counted(left.all());
    _ = write!(
        text,
        "   bad {}   clean {}   ",
        counted(left.bad),
        counted(left.clean)
    );
    let percent = format!(" {} bad", percent(left));
    let room = width.saturating_sub(14 + text.chars().count() + percent.len() + 1);
    let bar = if room >= 8 { room.min(24) } else { 0 };
    let (part, whole) = in_little(left);
    Line::from(vec![
        head,
        Span::raw(text),
        Span::styled(theme.gauge(part, whole, bar), theme.danger()),
        Span::styled(percent, theme.value()),
    ])
}

/// Bad orders and all of them as two numbers in the same relation that fit a bar.
fn in_little(left: Left) -> (u64, u64) {
    let shift = (128 - left.all().leading_zeros()).saturating_sub(60);
    let little = |count: u128| u64::try_from(count >> shift).unwrap_or(u64::MAX);
    (little(left.bad), little(left.all()))
}

/// Never rounded to none or all unless it is.
fn percent(left: Left) -> String {
    let (part, whole) = in_little(left);
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    let nearest = (u128::from(part) * 2_000 / u128::from(whole.max(1))).div_ceil(2);
    match (left.bad, left.clean) {
        (0, _) => "0 %".to_owned(),
        (_, 0) => "100 %".to_owned(),
        _ if tenths == 0 => "< 0.1 %".to_owned(),
        _ if nearest >= 1_000 => "> 99.9 %".to_owned(),
        _ => format!("{}.{} %", nearest / 10, nearest % 10),
    }
}

/// With commas; what is too long for a line, by its length.
fn counted(count: u128) -> String {
    if count == u128::MAX {
        return "over 10^38".to_owned();
    }
    let digits = count.to_string();
    if digits.len() > 15 {
        return format!(
            "{}.{} x 10^{}",
            &digits[..1],
            &digits[1..3],
            digits.len() - 1
        );
    }
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The newest letters that fit, or the witness, or the way to see it again.
fn so_far(state: &State, verdict: &Verdict, width: usize) -> Line<'static> {
    let (game, theme) = (&state.game, state.theme);
    let reached = matches!(verdict, Verdict::Reached(_));
    let spaced = |letters: &[usize]| schedule(letters).spaced();
    let line = |head, text: &str, look| order::headed(head, text, look, width, theme);
    if reached {
        let command = game.replay_command(&state.letters);
        let text = if command.chars().count() + 8 > width {
            format!("q prints it: --replay {}", schedule(&state.letters))
        } else {
            command
        };
        return line(" AGAIN  ", &text, theme.value());
    }
    if state.hint {
        let text = match game.witness(&state.letters) {
            Some(way) => format!("{}   enter takes its first step", spaced(&way)),
            None if game.is_impossible() => "there is none, in no order".to_owned(),
            None if !game.ahead.is_exhaustive() => "none was found from here".to_owned(),
            None => match game.witness(&[]) {
                Some(way) => format!("none from here; from the beginning {}", spaced(&way)),
                None => "none".to_owned(),
            },
        };
        return line(" WITNESS  ", &text, theme.neutral());
    }
    if state.letters.is_empty() {
        let last = letter(game.model.draws().len() - 1).to_ascii_lowercase();
        let text = match last {
            'a' => "press a: A takes its next operation".to_owned(),
            'b' => "press a or b: that session takes its next operation".to_owned(),
            last => format!("press a to {last}: that session takes its next operation"),
        };
        return line(" SO FAR  ", &text, Style::new());
    }
    let text = spaced(&state.letters);
    let room = width.saturating_sub(10);
    let skip = text.len().saturating_sub(room);
    let text = if skip > 0 {
        format!("…{}", &text[skip + 1..])
    } else {
        text
    };
    line(" SO FAR  ", &text, Style::new())
}

fn render_sessions(area: Rect, buffer: &mut Buffer, state: &State, at: &Position) {
    let (game, theme) = (&state.game, state.theme);
    let width = usize::from(area.width);
    let locks = at.run.locks;
    let counter = shown_counter(game, at);
    let mut shared = format!(" COUNTER {counter}");
    match game.number(counter) {
        Some(number) => _ = write!(shared, " (next number {number})"),
        None => shared.push_str(" (sold out)"),
    }
    if locks {
        let holders: Vec<String> = (0..at.sessions.len())
            .filter(|&session| at.sessions[session].holds)
            .map(|session| letter(session).to_string())
            .collect();
        shared.push_str(match (game.model.mutexes(), holders.is_empty()) {
            (_, true) => "   LOCK free",
            (Mutexes::Shared, _) => "   LOCK held by ",
            (Mutexes::Own, _) => "   LOCKS OF THEIR OWN ",
        });
        shared.push_str(&holders.join(", "));
    }
    let heads = "register  draws left";
    let program = game.model.program();
    let column = (4 + order::program_width(program)).min(width.saturating_sub(heads.len() + 2));
    let gap = column.saturating_sub(shared.chars().count());
    // The heads of the columns where there is room for them; the words stand in the rows too.
    let heads = if gap > 1 { heads } else { "" };
    row(
        area,
        buffer,
        0,
        Line::styled(
            cut(&format!("{shared}{:gap$}{heads}", ""), width),
            theme.value().add_modifier(Modifier::UNDERLINED),
        ),
    );
    let rows = usize::from(area.height).saturating_sub(1);
    let last = state.letters.last().copied().unwrap_or(0);
    let first = last
        .saturating_sub(rows / 2)
        .min(at.sessions.len().saturating_sub(rows));
    for ((index, session), y) in at
        .sessions
        .iter()
        .enumerate()
        .skip(first)
        .take(rows)
        .zip(1..)
    {
        let over = game.model.is_over(session);
        let waits = game.model.waits(session, &at.common);
        let mut line = Line::from(Span::styled(format!(" {}  ", letter(index)), theme.value()));
        let room = width.saturating_sub(4 + if heads.is_empty() { 30 } else { 20 });
        order::program_spans(&mut line, program, session.next, room, theme);
        let pad = column.saturating_sub(line.width());
        let register = if over && session.left == 0 && session.register >= game.model.size() {
            "-".to_owned()
        } else if over || game.has_read(session) {
            session.register.to_string()
        } else {
            "-".to_owned()
        };
        let values = if heads.is_empty() {
            format!("  register {register:<3} left {:<3}", session.left)
        } else {
            format!("{:pad$}{register:^8}  {:^10}", "", session.left)
        };
        line.push_span(Span::raw(values));
        let (doing, look) = if over {
            ("done".to_owned(), Style::new())
        } else if waits {
            let holder = game.holder(at).map_or('?', letter);
            (format!("waits for {holder}'s lock"), theme.neutral())
        } else if session.holds {
            ("holds the lock".to_owned(), theme.good())
        } else {
            (String::new(), Style::new())
        };
        if !doing.is_empty() && line.width() + doing.len() < width {
            line.push_span(Span::raw(" "));
            line.push_span(Span::styled(doing, look));
        } else if waits {
            line.push_span(Span::styled(" waits", look));
        }
        if let Some(&operation) = program.get(session.next)
            && !waits
        {
            let does = order::does(operation, session.register, at.common.counter);
            if line.width() + does.len() + 4 <= width {
                line.push_span(Span::raw(format!("   {does}")));
            }
        }
        row(area, buffer, y, line);
    }
}

/// Why it is so, when all is seen and where there is room.
fn why(state: &State, verdict: &Verdict, area: Rect) -> Vec<String> {
    let seen = matches!(verdict, Verdict::Reached(_) | Verdict::Shown);
    if !seen || area.height < TALL || state.game.why.is_empty() {
        return Vec::new();
    }
    let width = usize::from(area.width).min(100).saturating_sub(2);
    let mut lines = vec![String::new()];
    lines.extend(order::paragraph(&state.game.why, width));
    lines
}

fn footer(area: Rect, buffer: &mut Buffer, state: &State) {
    let steps = match state.game.model.draws().len() {
        // Small q, r and u do something else.
        many @ 17.. => format!("A-{}", letter(many - 1)),
        few => order::step_keys(few),
    };
    let hint = if state.hint {
        ("enter", "follow")
    } else {
        ("?", "witness")
    };
    let others = [
        ("u", "undo"),
        hint,
        ("r", "again"),
        ("q", "leave"),
        ("arrows", "scroll"),
    ];
    order::render_keys(area, buffer, &steps, &others, state.theme);
}
