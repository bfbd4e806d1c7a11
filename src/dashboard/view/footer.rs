//! The last row: what there is to say, else the keys, the most important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::super::keys::BINDINGS;
use super::super::text::cut;
use super::row;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    if let Some((note, _)) = &state.note {
        let note = cut(&format!(" {note}"), width);
        return row(area, buffer, 0, Line::styled(note, theme.notice()));
    }
    let mut line = Line::default();
    for binding in BINDINGS.iter().filter(|binding| !binding.short.is_empty()) {
        let more = binding.shown.len() + binding.short.len() + 3;
        if line.width() + more > width + 2 {
            break;
        }
        line.push_span(Span::styled(binding.shown, theme.value()));
        line.push_span(Span::raw(format!(" {}  ", binding.short)));
    }
    row(area, buffer, 0, line);
}
