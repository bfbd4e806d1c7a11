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

mod help;
mod names;
mod processes;
mod standing;
pub(crate) mod values;
mod whom;

use std::time::Duration;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::state::State;
use crate::dashboard::text::{clock, cut, fitted};
use crate::dashboard::view::{MIN_SIZE, row, titled, to_ascii};

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
    let names = names::short_names(&state.shown);
    if area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1 {
        let (word, _, said) = standing::standing(state, &names);
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
    standing::render(stands, buffer, state, &names);
    footer(foot, buffer, state);
    if state.help {
        return help::render(body, buffer, state.theme);
    }
    let (now, width) = (&state.shown, usize::from(area.width));
    let values = values::lines(&now.locks, &now.shared, VALUES, width, state.theme);
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
    processes::render(processes, buffer, state, &names);
    whom::render(whom, buffer, state, &names);
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

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn footer(area: Rect, buffer: &mut Buffer, state: &State) {
    if let Some(note) = state.note {
        let note = cut(&format!(" {note}"), usize::from(area.width));
        return row(area, buffer, 0, Line::styled(note, state.theme.notice()));
    }
    let keys = if state.help {
        " q quit  esc back"
    } else if state.over {
        " q quit, and the statistics follow  ? help  arrows scroll"
    } else if state.frozen {
        " q quit  ? help  space goes on  arrows scroll"
    } else {
        " q quit  ? help  space freeze  arrows scroll"
    };
    row(area, buffer, 0, Line::styled(keys, state.theme.value()));
}
