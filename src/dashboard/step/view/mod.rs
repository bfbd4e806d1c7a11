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
//!  a b step  bksp take back  ^F all run free  ^E end  ^Y copy  q quit
//! ```

mod help;
mod sessions;
mod told;

use std::fmt::Write;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::text::{Line, Span};

use super::state::{Dialog, State};
use crate::dashboard::order;
use crate::dashboard::text::cut;
use crate::dashboard::view::{LEAST, row, to_ascii};
use crate::draw::Window;
use crate::schedule::table::Table;
use crate::schedule::text::letter;

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
        return help::render(place, buffer, state);
    }
    told::render(said, buffer, state, &table);
    sessions::render(threads, buffer, state);
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

fn footer(area: Rect, buffer: &mut Buffer, state: &State) {
    let others = [
        ("?", "help"),
        ("bksp", "take back"),
        ("^F", "all run free"),
        ("^E", "end"),
        ("^Y", "copy"),
        ("q", "quit"),
    ];
    let steps = match state.stand.sessions.len() {
        // The small q ends.
        many @ 17.. => format!("A-{}", letter(many - 1)),
        few => order::step_keys(few),
    };
    order::render_keys(area, buffer, &steps, &others, state.theme);
}
