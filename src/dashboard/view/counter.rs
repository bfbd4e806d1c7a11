//! The counter against the size as a gauge, the sums, and draws a second.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::super::text::{cut, grouped, short};
use super::{row, titled};

/// A title, the gauge and two rows; the title only where it says something or there is room for it.
pub(super) fn height(state: &State, screen: Rect) -> u16 {
    let rounds = state.shown.as_ref().is_some_and(|shown| shown.round > 1);
    if has_title(screen) || rounds { 4 } else { 3 }
}

/// Big digits take the room of the title.
fn has_title(screen: Rect) -> bool {
    super::verdict::height(screen) != 4
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let Some(shown) = &state.shown else {
        titled(area, buffer, theme, "Counter", false);
        return;
    };
    let title = if shown.round == 1 {
        "Counter".to_owned()
    } else {
        let all = shown.all_rounds();
        let (draws, duplicates) = (short(all.draws), short(all.duplicates));
        format!("Counter · all rounds: {draws} draws, {duplicates} duplicates")
    };
    let titled_here = area.height > 3;
    let area = if titled_here {
        titled(area, buffer, theme, &title, false)
    } else {
        area
    };
    let width = usize::from(area.width);
    let name = if titled_here { "" } else { "counter " };
    let text = format!(
        "  {name}{} of {}",
        grouped(shown.counter),
        grouped(shown.size)
    );
    let gauge = theme.gauge(shown.counter, shown.size, width.saturating_sub(text.len()));
    row(
        area,
        buffer,
        0,
        Line::from(vec![
            Span::styled(gauge, theme.bar()),
            Span::styled(text, theme.value()),
        ]),
    );
    let sums = &shown.sums;
    let bad = |number: u64| match number {
        0 => theme.value(),
        _ if state.fresh > 0 => theme.danger(),
        _ => theme.neutral(),
    };
    let first = [
        ("draws", sums.draws, theme.value()),
        ("distinct", sums.distinct, theme.value()),
        ("DUPLICATES", sums.duplicates, bad(sums.duplicates)),
        ("extras", sums.extras, bad(sums.extras)),
    ];
    // Only `cas` begins draws again, and it has nothing to repair.
    let third = match sums.retries {
        0 => ("repaired", sums.repaired),
        retries => ("retries", retries),
    };
    let second = [
        ("lost updates", sums.lost_updates, bad(sums.lost_updates)),
        (third.0, third.1, theme.value()),
        ("skipped", sums.skipped, bad(sums.skipped)),
        ("draws/s", shown.draws_per_second, theme.value()),
    ];
    if width < 76 {
        narrow(area, buffer, 1, &first);
        narrow(area, buffer, 2, &second);
        return;
    }
    let mut lines = [Vec::new(), Vec::new()];
    for (column, ((above, below), gap)) in first.iter().zip(&second).zip([2, 2, 2, 1]).enumerate() {
        let name = above.0.len().max(below.0.len());
        for (line, (label, value, style)) in lines.iter_mut().zip([above, below]) {
            line.push(Span::styled(format!("{label:<name$} "), Style::new()));
            line.push(Span::styled(format!("{:>7}", short(*value)), *style));
            if column < 4 {
                line.push(Span::raw(" ".repeat(gap)));
            }
        }
    }
    let [above, mut below] = lines.map(Line::from);
    let rest = width.saturating_sub(below.width());
    below.push_span(Span::styled(
        theme.sparkline(state.rates.iter().copied(), rest),
        theme.bar(),
    ));
    row(area, buffer, 1, above);
    row(area, buffer, 2, below);
}

/// Without columns, where there is no room for them.
fn narrow(area: Rect, buffer: &mut Buffer, at: u16, sums: &[(&'static str, u64, Style)]) {
    let mut line = Line::default();
    for (label, value, style) in sums {
        line.push_span(Span::raw(format!("{label} ")));
        line.push_span(Span::styled(cut(&short(*value), 7), *style));
        line.push_span(Span::raw("  "));
    }
    row(area, buffer, at, line);
}
