//! The newest draws in the assignment's own form: Counter, Thread, Result, the newest at the right.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::{row, titled};
use crate::record::RecentDraw;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let recent = state
        .detail
        .as_ref()
        .map_or(&[][..], |detail| &detail.recent);
    let marked = recent.iter().any(|draw| draw.duplicate);
    let title = if marked {
        "Newest draws · ! handed out more than once"
    } else {
        "Newest draws"
    };
    let area = titled(area, buffer, theme, title, false);
    table(area, buffer, state, recent);
}

/// As many columns as fit, the last ones.
pub(super) fn table(area: Rect, buffer: &mut Buffer, state: &State, draws: &[RecentDraw]) {
    const NAMES: usize = 8;
    let theme = state.theme;
    let digits = |number: u64| number.to_string().len();
    let wide = draws
        .iter()
        .map(|draw| {
            digits(draw.ticket)
                .max(digits(draw.number) + 1)
                .max(draw.session.len())
        })
        .max()
        .unwrap_or(0)
        .max(4);
    let room = usize::from(area.width).saturating_sub(NAMES) / (wide + 1);
    let draws = &draws[draws.len().saturating_sub(room)..];
    let mut lines = ["Counter", "Thread", "Result"]
        .map(|name| vec![Span::styled(format!("{name:<NAMES$}"), theme.value())]);
    for draw in draws {
        // The mark has a column of its own, so that digits stand under digits.
        let (mark, style) = if draw.duplicate {
            ("!", theme.danger())
        } else {
            (" ", ratatui::style::Style::new())
        };
        let width = wide;
        lines[0].push(Span::styled(format!("{:>width$} ", draw.ticket), style));
        lines[1].push(Span::styled(format!("{:>width$} ", draw.session), style));
        lines[2].push(Span::styled(
            format!("{:>width$}{mark}", draw.number),
            style,
        ));
    }
    for (spans, y) in lines.into_iter().zip(0..) {
        row(area, buffer, y, Line::from(spans));
    }
}
