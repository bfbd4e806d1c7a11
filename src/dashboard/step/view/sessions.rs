//! The counter, the lock, and a row a session: where it is in its program, and what it waits for.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::super::state::State;
use crate::dashboard::order;
use crate::dashboard::text::{cut, fitted};
use crate::dashboard::view::row;
use crate::schedule::text::letter;
use crate::schedule::turnstile::hand::{Does, Standing};

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let (setup, stand, theme) = (&state.setup, &state.stand, state.theme);
    let width = usize::from(area.width);
    let counter = stand.run.counter();
    let number = usize::try_from(counter)
        .ok()
        .and_then(|place| setup.list.numbers().get(place));
    let locks = stand.run.locks.then(|| (setup.mutexes, holders(state)));
    let shared = order::shared(counter, number.copied(), locks);
    let program = order::program_width(&setup.program).min(width.saturating_sub(32));
    let used = shared.chars().count();
    // The program, then the register under its head; the rest goes to what the session does, and who it is.
    let column = match (4 + program).max(used + 2) {
        column if column + 34 <= width => column,
        _ => 4 + program,
    };
    let head = match column.checked_sub(used) {
        Some(gap @ 2..) => format!("{:gap$}register", ""),
        _ => String::new(),
    };
    let head = format!("{:width$}", format!("{shared}{head}"));
    let look = theme.value().add_modifier(Modifier::UNDERLINED);
    row(area, buffer, 0, Line::styled(cut(&head, width), look));
    let rows = usize::from(area.height).saturating_sub(1);
    let last = stand.run.rows.last().map_or(0, |row| row.session);
    let first = last
        .saturating_sub(rows / 2)
        .min(stand.sessions.len().saturating_sub(rows));
    let shown = stand.sessions.iter().enumerate().skip(first).take(rows);
    for ((index, session), y) in shown.zip(1..) {
        let line = session_line(state, index, session, column, width);
        row(area, buffer, y, line);
    }
}

/// Who holds a mutex now.
fn holders(state: &State) -> &[usize] {
    let last = state.stand.run.rows.last();
    last.map_or(&[], |row| &row.holders)
}

fn session_line(
    state: &State,
    index: usize,
    session: &Standing,
    column: usize,
    width: usize,
) -> Line<'static> {
    let (setup, theme) = (&state.setup, state.theme);
    let mut line = Line::from(Span::styled(format!(" {}  ", letter(index)), theme.value()));
    let next = match session.does {
        Does::Waits { next, .. } => next,
        _ => setup.program.len(),
    };
    order::program_spans(&mut line, &setup.program, next, column - 4, theme);
    let pad = column.saturating_sub(line.width());
    let register = session
        .register
        .map_or_else(|| "-".to_owned(), |register| register.to_string());
    line.push_span(Span::raw(format!("{:pad$}{register:^8}", "")));
    let holds = holders(state).contains(&index);
    let (mut doing, look) = match session.does {
        Does::Waits {
            locked_out: true, ..
        } => {
            let holder = holders(state).first().map_or('?', |&one| letter(one));
            (format!("waits for {holder}'s lock"), theme.neutral())
        }
        Does::Waits { .. } if holds => ("holds the lock".to_owned(), theme.good()),
        Does::Waits { .. } => ("waits for its letter".to_owned(), theme.good()),
        Does::Goes => (format!("window {}", setup.window), theme.neutral()),
        Does::Nothing if state.names.get(index).is_none_or(String::is_empty) => {
            ("has not come".to_owned(), Style::new())
        }
        Does::Nothing => ("does not ask".to_owned(), Style::new()),
        Does::Closed => ("is gone".to_owned(), Style::new()),
    };
    if let Does::Waits {
        next,
        locked_out: false,
    } = session.does
        && let Some(&operation) = setup.program.get(next)
        && width >= 110
    {
        let counter = state.stand.run.counter();
        let register = session.register.unwrap_or_default();
        doing = format!("{doing}: {}", order::does(operation, register, counter));
    }
    let room = width.saturating_sub(line.width() + doing.chars().count() + 4);
    line.push_span(Span::raw(" "));
    line.push_span(Span::styled(doing, look));
    if let Some(name) = state.names.get(index).filter(|name| !name.is_empty())
        && room >= 6
    {
        let name = fitted(name, room.min(24));
        line.push_span(Span::raw(format!("  {}", name.trim_end())));
    }
    line
}
