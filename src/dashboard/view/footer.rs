//! The last row: what there is to say, else the keys, the most important first. Other screens show theirs so too.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::{Dialog, State};
use super::super::keys::BINDINGS;
use super::super::text::cut;
use super::super::theme::Theme;
use super::row;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    if let Some((note, _)) = &state.note {
        let note = cut(&format!(" {note}"), width);
        return row(area, buffer, 0, Line::styled(note, theme.notice()));
    }
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
