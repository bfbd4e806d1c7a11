//! Who waits for whom, in a deadlock.

use std::collections::BTreeSet;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::state::State;
use super::names::{base, short_lock};
use crate::dashboard::text::fitted;
use crate::dashboard::view::{row, titled};
use crate::lab::run::live::Snapshot;

/// Who holds what and waits for what, a column a process, as a textbook draws it.
pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, names: &[String]) {
    let (now, theme) = (&state.shown, state.theme);
    if now.deadlock.is_empty() {
        return;
    }
    let area = titled(area, buffer, theme, "Who waits for whom", false);
    let room = usize::from(area.width).saturating_sub(14);
    let in_cycle = |name: &str| now.cycle.iter().any(|it| it == name);
    let mut stuck: Vec<_> = now.deadlock.iter().collect();
    stuck.sort_by_key(|it| !in_cycle(&it.process));
    let column = |short: &dyn Fn(&str) -> String| -> Vec<[String; 3]> {
        stuck
            .iter()
            .map(|it| {
                let holds = now.processes.get(it.who).map(|it| it.holds.as_slice());
                let holds: Vec<_> = holds
                    .unwrap_or_default()
                    .iter()
                    .map(|it| short(it))
                    .collect();
                let who = names.get(it.who).unwrap_or(&it.process).clone();
                let holds = if holds.is_empty() {
                    "nothing".to_owned()
                } else {
                    holds.join(" ")
                };
                [who, holds, short(&it.what)]
            })
            .collect()
    };
    let widest = |columns: &[[String; 3]]| {
        let cells = columns.iter().flatten();
        2 + cells.map(|it| it.width()).max().unwrap_or(0)
    };
    let mut columns = column(&str::to_owned);
    if widest(&columns) * columns.len() > room {
        let locks: BTreeSet<_> = now.locks.iter().map(|it| it.1.name.as_str()).collect();
        columns = column(&|lock| short_lock(lock, &locks));
    }
    let mut wide = widest(&columns).min(room);
    if columns.len() * 7 <= room {
        wide = wide.max(7);
    }
    let fit = room.checked_div(wide).unwrap_or(0);
    for (which, y) in (0..3).zip(0..) {
        let heads = [kind(now), "holds".to_owned(), "waits for".to_owned()];
        let mut line = Line::from(Span::styled(
            format!(" {} ", fitted(&heads[which], 12)),
            theme.value(),
        ));
        let look = if which == 2 {
            theme.danger()
        } else {
            Style::new()
        };
        for cells in columns.iter().take(fit) {
            line.push_span(Span::styled(fitted(&cells[which], wide), look));
        }
        row(area, buffer, y, line);
    }
}

/// What the processes of a deadlock are called together: `PHILOSOPHER`.
fn kind(now: &Snapshot) -> String {
    let kinds: BTreeSet<_> = now.deadlock.iter().map(|it| base(&it.process)).collect();
    match kinds.first() {
        Some(one) if kinds.len() == 1 => one.to_uppercase(),
        _ => "PROCESS".to_owned(),
    }
}
