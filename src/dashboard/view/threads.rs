//! The threads: who draws, how much, and what each does now. Only the rows that fit are made, so a
//! thousand threads cost what ten do.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::{Focus, Sort, State};
use super::super::text::{fitted, short};
use super::{row, titled};
use crate::escaped::escaped;
use crate::record::{SessionRow, State as Doing};

/// What a thread does now, in at most 13 columns, or in words where there is room.
fn doing(state: Doing, wide: bool) -> &'static str {
    match state {
        Doing::Idle => "idle",
        Doing::Drawing => "drawing",
        Doing::InWindow => "in the window",
        Doing::WaitingForLock if wide => "waiting for the lock",
        Doing::WaitingForLock => "waits, lock",
        Doing::HoldingLock if wide => "holding the lock",
        Doing::HoldingLock => "HOLDS lock",
        Doing::Writing => "writing",
        Doing::Closed => "closed",
    }
}

/// What a thread that waits for its client did last: nearly all of the time that is what there is to say of it.
fn did(state: &State, thread: &SessionRow) -> Option<String> {
    let letter = thread.letter.as_ref()?;
    let recent = &state.detail.as_ref()?.recent;
    let last = recent.iter().rev().find(|draw| draw.session == *letter)?;
    let mark = if last.duplicate { "!" } else { "" };
    Some(format!("got {}{mark}", last.number))
}

/// The first of `length` rows to be shown so that the selected one is among the `height`.
pub(super) fn first_row(selected: Option<usize>, length: usize, height: usize) -> usize {
    let selected = selected.unwrap_or(0);
    let centered = selected.saturating_sub(height / 2);
    centered.min(length.saturating_sub(height))
}

fn title(state: &State) -> String {
    let mut title = format!("Threads {}", state.rows.len());
    if let Some(detail) = &state.detail {
        let all = detail.sessions.len() as u64 + detail.sessions_left_out;
        if state.rows.len() as u64 != all {
            _ = write!(title, " of {all}");
        }
        if detail.bots > 0 {
            _ = write!(
                title,
                " · {} bots {}/s",
                detail.bots,
                short(detail.bot_rate)
            );
        }
    }
    match state.sort {
        Sort::Letter => {}
        Sort::Draws => title.push_str(" · by draws"),
        Sort::Duplicates => title.push_str(" · by duplicates"),
    }
    if state.filtering || !state.filter.is_empty() {
        let cursor = if state.filtering { "_" } else { "" };
        title = format!("/{}{cursor} · {title}", escaped(&state.filter));
    }
    title
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let area = titled(
        area,
        buffer,
        theme,
        &title(state),
        state.focus == Focus::Threads,
    );
    if area.height < 2 {
        return;
    }
    let columns = Columns::of(usize::from(area.width));
    row(
        area,
        buffer,
        0,
        Line::styled(columns.heading(), Style::new()),
    );
    let height = usize::from(area.height - 1);
    let first = first_row(state.thread_place(), state.rows.len(), height);
    let all = state.shown.as_ref().map_or(0, |shown| shown.sums.draws);
    for (thread, y) in state.threads().skip(first).take(height).zip(1..) {
        let selected = state.thread == Some(thread.id);
        row(area, buffer, y, columns.line(state, thread, all, selected));
    }
}

/// The last `width` bytes of an address, which is ASCII.
fn ending(address: &str, width: usize) -> &str {
    let from = address.len().saturating_sub(width);
    address.get(from..).unwrap_or(address)
}

/// How wide each column is.
struct Columns {
    name: usize,
    bar: usize,
    doing: usize,
}

impl Columns {
    /// Mark 1, letter 3, draws 7, draws a second 7, in duplicates 6, and a blank before each.
    const FIXED: usize = 1 + 4 + 8 + 8 + 7;

    fn of(width: usize) -> Self {
        let doing = match width {
            0..44 => 0,
            44..70 => 13,
            _ => 20,
        };
        let rest = width.saturating_sub(Self::FIXED + doing + usize::from(doing > 0));
        let bar = match rest {
            0..12 => 0,
            12..24 => 5,
            _ => rest / 3,
        };
        let name = rest.saturating_sub(bar + usize::from(bar > 0));
        Self { name, bar, doing }
    }

    fn heading(&self) -> String {
        let name = fitted("name", self.name);
        let bar = if self.bar > 0 {
            format!(" {}", fitted("share", self.bar))
        } else {
            String::new()
        };
        let doing = match self.doing {
            0 => "",
            1..=13 => " now, or last",
            _ => " now, or the last draw",
        };
        format!("    {} {name}   draws{bar} draws/s  dupl.{doing}", "")
    }

    fn line(&self, state: &State, thread: &SessionRow, all: u64, selected: bool) -> Line<'static> {
        let theme = state.theme;
        let mark = if selected { "▸" } else { " " };
        let letter = thread.letter.clone().unwrap_or_else(|| "-".to_owned());
        let name = match &thread.name {
            Some(name) => fitted(name, self.name),
            // Of an address the end tells clients apart.
            None => fitted(ending(&thread.address, self.name), self.name),
        };
        let base = if selected {
            theme.selected()
        } else {
            Style::new()
        };
        let mut line = Line::default();
        line.push_span(Span::styled(
            format!("{mark}{} ", fitted(&letter, 3)),
            base.patch(theme.value()),
        ));
        line.push_span(Span::styled(name, base));
        line.push_span(Span::styled(format!(" {:>7}", short(thread.draws)), base));
        if self.bar > 0 {
            let bar = theme.gauge(thread.draws, all, self.bar);
            line.push_span(Span::styled(" ", base));
            line.push_span(Span::styled(bar, base.patch(theme.bar())));
        }
        line.push_span(Span::styled(
            format!(" {:>7}", short(thread.draws_per_second)),
            base,
        ));
        let bad = if thread.duplicates == 0 {
            base
        } else {
            base.patch(theme.neutral())
        };
        line.push_span(Span::styled(
            format!(" {:>6}", short(thread.duplicates)),
            bad,
        ));
        if self.doing > 0 {
            let last = did(state, thread).filter(|_| thread.state == Doing::Idle);
            let style = match thread.state {
                Doing::Idle if last.as_ref().is_some_and(|last| last.ends_with('!')) => {
                    base.patch(theme.neutral())
                }
                Doing::InWindow => base.patch(theme.danger()),
                Doing::HoldingLock => base.patch(theme.good()),
                _ => base,
            };
            let now = doing(thread.state, self.doing > 13);
            let text = last.as_deref().unwrap_or(now);
            line.push_span(Span::styled(
                format!(" {}", fitted(text, self.doing)),
                style,
            ));
        }
        line
    }
}
