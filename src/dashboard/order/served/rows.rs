//! The counter, the lock, and a row a session: where it is in its program, and what it waits for.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::state::State;
use crate::dashboard::order::draws::{does, program_spans, program_width, shared};
use crate::dashboard::text::{cut, fitted};
use crate::draws::turnstile::hand::Does;
use crate::orders::letter;

/// What all share, and the rows: the program, then the register under its head; the rest goes to what the session does, and
/// who it is.
pub(super) fn rows(state: &State, width: usize) -> (Line<'static>, Vec<Line<'static>>) {
    let (setup, stand) = (&state.setup, &state.stand);
    let counter = stand.run.counter();
    let place = usize::try_from(counter).ok();
    let number = place.and_then(|place| setup.list.numbers().get(place));
    let locks = stand.run.locks.then(|| (setup.mutexes, holders(state)));
    let shared = shared(counter, number.copied(), locks);
    let program = program_width(&setup.program).min(width.saturating_sub(32));
    let used = shared.chars().count();
    let column = match (4 + program).max(used + 2) {
        column if column + 34 <= width => column,
        _ => 4 + program,
    };
    let head = match column.checked_sub(used) {
        Some(gap @ 2..) => format!("{shared}{:gap$}register", ""),
        _ => shared,
    };
    let look = state.theme.value().add_modifier(Modifier::UNDERLINED);
    let head = Line::styled(cut(&format!("{head:width$}"), width), look);
    let row = |who| session(state, who, column, width);
    (head, (0..stand.sessions.len()).map(row).collect())
}

/// Who holds a mutex now.
fn holders(state: &State) -> &[usize] {
    let last = state.stand.run.rows.last();
    last.map_or(&[], |row| &row.holders)
}

fn session(state: &State, index: usize, column: usize, width: usize) -> Line<'static> {
    let (setup, theme) = (&state.setup, state.theme);
    let session = &state.stand.sessions[index];
    let mut line = Line::from(Span::styled(format!(" {}  ", letter(index)), theme.value()));
    let next = match session.does {
        Does::Waits { next, .. } => next,
        _ => setup.program.len(),
    };
    program_spans(&mut line, &setup.program, next, column - 4, theme);
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
        doing = format!("{doing}: {}", does(operation, register, counter));
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
