//! The screen of one order, from its [`Source`] and nothing else.
//!
//! ```text
//!  UNSAFE-RACE   you are the scheduler                       A draws 1, B draws 1    header
//!  GOAL  can two clients get the same number?                                        status
//!  IN REACH  You can still make it: who goes next?                                   or a note
//!  ORDERS LEFT  3   bad 2   clean 1   ████████████████░░░░░░░░ 66.7 % bad
//!  SO FAR  A                                                                         or a witness, or how to replay it
//!  COUNTER 0 (next number 5)                                                         what is shared
//!  A   load  window [store]  register 0   left 1     next writes 1 to the counter    a row a process
//!  B  [load] window  store   register -   left 1     next reads the counter, 0
//!  step   A             COUNTER   B                                                  the lanes, newest last
//! ▸   1   READ  seen=0     0
//!  Counter                                                                           what came of it: a table
//!  Thread
//!  Result   nothing was handed out yet
//!  a b step  u undo  ? witness  r again  q leave  arrows scroll                      keys
//! ```

use ratatui::Frame;
use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::{Body, Source, step_keys};
use crate::dashboard::text::cut;
use crate::dashboard::theme::Theme;
use crate::dashboard::view::footer::keys;
use crate::dashboard::view::{MIN_SIZE, row, to_ascii};

/// Draws the screen.
pub(crate) fn view(frame: &mut Frame, source: &impl Source) {
    let area = frame.area();
    let buffer = frame.buffer_mut();
    screen(area, buffer, source);
    if source.theme().ascii {
        to_ascii(buffer);
    }
}

fn screen(area: Rect, buffer: &mut Buffer, source: &impl Source) {
    let width = usize::from(area.width);
    if area.width < MIN_SIZE.0 || area.height < MIN_SIZE.1 {
        let text = format!("{}: larger screen, please", source.in_short());
        return row(area, buffer, 0, Line::from(cut(&text, width)));
    }
    let [head, body, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(0),
        Constraint::Length(1),
    ])
    .areas(area);
    let (picture, theme) = (source.picture(area.as_size()), source.theme());
    header(head, buffer, picture.header);
    let steps = step_keys(picture.body.processes.len(), picture.taken);
    let all = [(&*steps, "step")].into_iter().chain(picture.keys);
    row(foot, buffer, 0, keys(" ", all, width, theme));
    if let Some(help) = picture.help {
        return rows(body, buffer, help);
    }
    let Body {
        shared,
        processes,
        lanes,
        outcome,
    } = picture.body;
    let many = processes.len();
    let shown = many.min(usize::from(area.height.saturating_sub(14) / 2).max(2));
    let first = picture.newest.saturating_sub(shown / 2).min(many - shown);
    let length = |lines: usize| Constraint::Length(u16::try_from(lines).unwrap_or(u16::MAX));
    let [said, values, threads, middle, below] = Layout::vertical([
        length(picture.status.len()),
        length(shared.len()),
        length(shown),
        Constraint::Min(2),
        length(outcome.len()),
    ])
    .areas(body);
    rows(said, buffer, picture.status);
    rows(values, buffer, shared);
    rows(
        threads,
        buffer,
        processes.into_iter().skip(first).take(shown),
    );
    render_lanes(middle, buffer, lanes, picture.back, theme);
    rows(below, buffer, outcome);
}

fn rows(area: Rect, buffer: &mut Buffer, lines: impl IntoIterator<Item = Line<'static>>) {
    for (line, y) in lines.into_iter().zip(0..) {
        row(area, buffer, y, line);
    }
}

fn header(
    area: Rect,
    buffer: &mut Buffer,
    (badge, look, title, right): (String, Style, String, String),
) {
    let badge = format!(" {badge} ");
    let room = usize::from(area.width).saturating_sub(badge.chars().count());
    let gap = room.saturating_sub(3 + title.chars().count() + right.chars().count());
    let line = if gap > 0 {
        format!("  {title}{:gap$}{right} ", "")
    } else {
        cut(&format!("  {right} "), room)
    };
    let badge = Span::styled(badge, look);
    row(area, buffer, 0, Line::from(vec![badge, Span::raw(line)]));
}

/// The head of the lanes, and as many rows as fit: the newest last and marked, scrolled back by `back` rows.
fn render_lanes(
    area: Rect,
    buffer: &mut Buffer,
    lines: Vec<Line<'static>>,
    back: usize,
    theme: Theme,
) {
    let mut lines = lines.into_iter();
    if let Some(head) = lines.next() {
        row(area, buffer, 0, head.style(theme.value()));
    }
    let many = lines.len();
    let rows = usize::from(area.height).saturating_sub(1);
    let end = many.saturating_sub(back).max(rows.min(many));
    let begin = end.saturating_sub(rows);
    for ((nth, mut line), y) in lines.enumerate().skip(begin).take(end - begin).zip(1..) {
        let newest = nth + 1 == many;
        if newest {
            line = line.patch_style(theme.value());
        }
        row(area, buffer, y, line);
        let mark = match nth {
            _ if newest => theme.glyph("▸"),
            nth if nth == begin && begin > 0 => "^",
            _ => "",
        };
        buffer.set_stringn(area.x, area.y + y, mark, 1, theme.value());
    }
}
