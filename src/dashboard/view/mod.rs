//! The whole screen, from a [`State`] and nothing else.
//!
//! ```text
//!  UNSAFE-RACE   read → window reply → write                           LIVE      header
//! 127.0.0.1:7777  grain number  cores 2  seed 42  round 1  up 0:59
//!  RACE  228 went to A and B · 512 numbers handed out twice or more              verdict
//! (the number of duplicates in big digits)
//! ██████████████████████████████░░░░░░░░░░░░░░░  65,536 of 100,000             counter
//! draws         66,048  distinct 65,536  duplicates  512  extras  512
//! lost updates     512  repaired      0  skipped       0  8,000/s ▃▅▇▆
//! ─ Threads 8 ─────────────────────── ─ Duplicates 512 ──────────────
//!  A bot 1    8,256 █▏ 1,000  73 idle  ▸ 228 counter 2  A B                      threads, duplicates
//! ─ Newest draws ────────────────────────────────────────────────────
//! Counter   0    1    2    2    3    4                                           strip
//! Thread    A    A    A    B    A    B
//! Result    5   19  228! 228! 665    7
//! q quit  ? help  m mode  w window  space freeze                                 footer
//! ```
//!
//! A dialog stands before the panels, a story in their place. On a screen too small for all this
//! there is one line with the sums.

mod counter;
mod dialog;
mod duplicates;
pub(super) mod footer;
mod header;
mod help;
mod story;
mod strip;
mod threads;
mod tiny;
mod verdict;

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::Widget;

use super::app::{Dialog, State};
use super::text::cut;
use super::theme::Theme;
use crate::terminal_kind::plain;

/// Smaller screens get one line.
pub(super) const MIN_SIZE: (u16, u16) = (60, 16);

/// Draws the screen.
pub fn view(frame: &mut Frame, state: &State) {
    let area = frame.area();
    screen(area, frame.buffer_mut(), state);
    if state.theme.ascii {
        to_ascii(frame.buffer_mut());
    }
}

fn screen(area: Rect, buffer: &mut Buffer, state: &State) {
    if area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1 {
        return tiny::render(area, buffer, state);
    }
    let last = footer::height(state, area);
    // Where there is little room, the newest draws make it for a note.
    let draws = if area.height < 20 { 5 - last } else { 4 };
    let [header, verdict, counter, middle, strip, footer] = Layout::vertical([
        Constraint::Length(2),
        Constraint::Length(verdict::height(area)),
        Constraint::Length(counter::height(state, area)),
        Constraint::Min(3),
        Constraint::Length(draws),
        Constraint::Length(last),
    ])
    .areas(area);
    header::render(header, buffer, state);
    footer::render(footer, buffer, state);
    if let Some(Dialog::Help(top)) = &state.dialog {
        return help::render(below(header, footer), buffer, state, *top);
    }
    verdict::render(verdict, buffer, state);
    if let Some(Dialog::Story(told, top)) = &state.dialog {
        return story::render(below(verdict, footer), buffer, state, told, *top);
    }
    counter::render(counter, buffer, state);
    strip::render(strip, buffer, state);
    let right = if area.width < 76 {
        20
    } else {
        area.width * 3 / 10
    };
    let [left, _, right] = Layout::horizontal([
        Constraint::Min(20),
        Constraint::Length(1),
        Constraint::Length(right),
    ])
    .areas(middle);
    threads::render(left, buffer, state);
    duplicates::render(right, buffer, state);
    dialog::render(area, buffer, state);
}

/// The area between two others.
fn below(above: Rect, under: Rect) -> Rect {
    Rect {
        y: above.bottom(),
        height: under.y.saturating_sub(above.bottom()),
        ..above
    }
}

/// A title with a rule after it, in the first row. Returns the rows below.
pub(super) fn titled(
    area: Rect,
    buffer: &mut Buffer,
    theme: Theme,
    title: &str,
    focused: bool,
) -> Rect {
    if area.height == 0 || area.width == 0 {
        return area;
    }
    let width = usize::from(area.width);
    let title = cut(title, width.saturating_sub(3));
    let (mark, rest) = if focused {
        ("▸", theme.title(true))
    } else {
        ("─", theme.title(false))
    };
    let rule = "─".repeat(width);
    buffer.set_stringn(area.x, area.y, rule, width, Style::new());
    buffer.set_stringn(area.x, area.y, mark, width, theme.title(false));
    buffer.set_stringn(
        area.x + 1,
        area.y,
        format!(" {title} "),
        width.saturating_sub(1),
        rest,
    );
    Rect {
        y: area.y + 1,
        height: area.height - 1,
        ..area
    }
}

/// Writes a line into a row of the area, if there is such a row.
pub(super) fn row(area: Rect, buffer: &mut Buffer, row: u16, line: Line) {
    if row < area.height {
        line.render(
            Rect {
                y: area.y + row,
                height: 1,
                ..area
            },
            buffer,
        );
    }
}

/// The last characters that are not ASCII: a client's name, an ellipsis, what lanes are drawn with.
pub(super) fn to_ascii(buffer: &mut Buffer) {
    for cell in &mut buffer.content {
        if !cell.symbol().is_ascii() {
            let glyph = cell.symbol().chars().next().and_then(plain).unwrap_or('?');
            cell.set_char(glyph);
        }
    }
}
