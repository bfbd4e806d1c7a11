//! The duplicates, newest first: the number, the counter that was read, and who got it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::{Focus, State};
use super::super::text::{cut, grouped};
use super::threads::first_row;
use super::{row, titled};

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let focused = state.focus == Focus::Duplicates;
    let Some(detail) = &state.detail else {
        titled(area, buffer, theme, "Duplicates", focused);
        return;
    };
    let count = state
        .shown
        .as_ref()
        .map_or(0, |shown| shown.sums.duplicates);
    let title = format!("Duplicates {}", grouped(count));
    let area = titled(area, buffer, theme, &title, focused);
    let list = &detail.duplicate_list;
    if list.is_empty() {
        row(area, buffer, 0, Line::from(" none"));
        return;
    }
    let digits = |number: u64| number.to_string().len();
    let number = list
        .iter()
        .map(|one| digits(one.number))
        .max()
        .unwrap_or(0)
        .max(6);
    let ticket = list
        .iter()
        .map(|one| digits(one.ticket))
        .max()
        .unwrap_or(0)
        .max(7);
    let heading = format!(" {:>number$} {:>ticket$}  threads", "number", "counter");
    row(
        area,
        buffer,
        0,
        Line::from(cut(&heading, usize::from(area.width))),
    );
    let height = usize::from(area.height.saturating_sub(1));
    let first = first_row(state.duplicate_place(), list.len(), height);
    let threads = usize::from(area.width).saturating_sub(number + ticket + 4);
    for (duplicate, y) in list.iter().rev().skip(first).take(height).zip(1..) {
        let selected = state.duplicate == Some(duplicate.ticket);
        let base = if selected {
            theme.selected()
        } else {
            Style::new()
        };
        let mark = if selected { "▸" } else { " " };
        let who = cut(&duplicate.sessions.join(" "), threads);
        row(
            area,
            buffer,
            y,
            Line::from(vec![
                Span::styled(mark, base),
                Span::styled(
                    format!("{:>number$}", duplicate.number),
                    base.patch(theme.danger()),
                ),
                Span::styled(
                    format!(" {:>ticket$}  {who:<threads$}", duplicate.ticket),
                    base,
                ),
            ]),
        );
    }
}
