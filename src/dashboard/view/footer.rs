//! The last row: the keys, the most important first; and above it what there is to say, in as many rows as it takes.
//! Other screens show their keys so too.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{Dialog, State};
use super::super::keys::BINDINGS;
use super::super::theme::Theme;
use super::row;
use crate::columns::{cut, wrapped};

/// A note takes no more rows than this.
const MAX_ROWS: usize = 3;

/// A row for the keys, and those of the note.
pub(super) fn height(state: &State, area: Rect) -> u16 {
    let rows = noted(state, usize::from(area.width)).len();
    1 + u16::try_from(rows).unwrap_or(0)
}

/// What there is to say, in rows.
fn noted(state: &State, width: usize) -> Vec<String> {
    let Some((note, _)) = &state.note else {
        return Vec::new();
    };
    let mut rows = wrapped(note.trim(), width, " ", "    ");
    if rows.len() > MAX_ROWS {
        let rest: Vec<_> = rows
            .drain(MAX_ROWS - 1..)
            .map(|row| row.trim().to_owned())
            .collect();
        rows.push(format!("    {}", rest.join(" ")));
    }
    rows.iter().map(|row| cut(row, width)).collect()
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let notes = noted(state, width);
    for (note, y) in notes.into_iter().zip(0..area.height.saturating_sub(1)) {
        row(area, buffer, y, Line::styled(note, theme.notice()));
    }
    let area = Rect {
        y: area.bottom().saturating_sub(1),
        height: area.height.min(1),
        ..area
    };
    if let Some(open) = open(state) {
        return row(
            area,
            buffer,
            0,
            keys("", open.iter().copied(), width + 2, theme),
        );
    }
    let bindings = BINDINGS.iter().filter(|binding| !binding.short.is_empty());
    let all = bindings.map(|binding| (binding.shown, binding.short));
    // The blanks after the last may be cut off.
    row(area, buffer, 0, keys("", all, width + 2, theme));
}

/// What keys do while something stands before the panels or they go into the filter.
fn open(state: &State) -> Option<&'static [(&'static str, &'static str)]> {
    Some(match &state.dialog {
        _ if state.filtering => &[("enter", "keep"), ("esc", "show all"), ("ctrl-c", "quit")],
        Some(Dialog::Help(_) | Dialog::Story(..)) => {
            &[("q", "quit"), ("esc", "back"), ("arrows", "move")]
        }
        Some(Dialog::NewRound) => &[("y", "new round"), ("esc", "back")],
        Some(Dialog::Steer(_)) => &[("y", "steer"), ("esc", "back"), ("q", "quit")],
        Some(Dialog::Quit) => &[("y", "stop it"), ("k", "keep it serving"), ("esc", "back")],
        Some(Dialog::Choose(..)) => &[("q", "quit"), ("enter", "choose"), ("arrows", "move")],
        None => return None,
    })
}

/// Keys and what each does, after `begin`: as many as fit into `width` columns, each with two blanks after it.
pub(in crate::dashboard) fn keys<'a>(
    begin: &'a str,
    all: impl IntoIterator<Item = (&'a str, &'a str)>,
    width: usize,
    theme: Theme,
) -> Line<'a> {
    let mut line = Line::from(begin);
    for (key, does) in all {
        if line.width() + key.len() + does.len() + 3 > width {
            break;
        }
        line.push_span(Span::styled(key, theme.value()));
        line.push_span(Span::raw(format!(" {does}  ")));
    }
    line
}
