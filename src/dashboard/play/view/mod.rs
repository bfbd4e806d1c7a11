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

mod left;
mod sessions;
mod told;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::game::{Game, Position, Verdict, schedule};
use super::state::{Asked, State};
use crate::dashboard::order::{self, MOST_LANES};
use crate::dashboard::text::cut;
use crate::dashboard::view::{LEAST, row, to_ascii};
use crate::schedule::text::letter;

/// A screen of this height has room for the reason.
const TALL: u16 = 34;

/// Draws the screen.
pub fn view(frame: &mut Frame, state: &State) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    screen(area, buffer, state);
    if state.theme.ascii {
        to_ascii(buffer);
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
    told::render(said, buffer, state, &verdict);
    sessions::render(threads, buffer, state, &at);
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
    let word = told::badge(state, verdict).0;
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

/// Why it is so, when all is seen and where there is room.
fn why(state: &State, verdict: &Verdict, area: Rect) -> Vec<String> {
    let seen = match verdict {
        Verdict::Reached(_) => true,
        Verdict::Shown => state.asked > Asked::Nothing,
        _ => false,
    };
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
    let ask = match state.asked {
        Asked::Nothing => ("?", "answers"),
        Asked::Counts => ("?", "witness"),
        Asked::Witness => ("enter", "follow"),
    };
    let mut others = vec![("u", "undo"), ask, ("r", "again"), ("q", "leave")];
    if state.game.next.is_some() {
        others.push((">", "next"));
    }
    if state.asked > Asked::Nothing {
        others.push(("esc", "hide"));
    }
    others.push(("arrows", "scroll"));
    order::render_keys(area, buffer, &steps, &others, state.theme);
}
