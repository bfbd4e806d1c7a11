//! The counter, the lock, and a row a session: where it is in its program, and what it does next.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::super::game::Position;
use super::super::state::State;
use super::shown_counter;
use crate::dashboard::order;
use crate::dashboard::text::cut;
use crate::dashboard::view::row;
use crate::schedule::text::letter;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, at: &Position) {
    let (game, theme) = (&state.game, state.theme);
    let width = usize::from(area.width);
    let counter = shown_counter(game, at);
    let sessions = 0..at.sessions.len();
    let holders: Vec<usize> = sessions.filter(|&one| at.sessions[one].holds).collect();
    let locks = at.run.locks.then(|| (game.model.mutexes(), &holders[..]));
    let shared = order::shared(counter, game.number(counter), locks);
    let heads = "register  draws left";
    let program = game.model.program();
    let column = (4 + order::program_width(program)).min(width.saturating_sub(heads.len() + 2));
    let gap = column.saturating_sub(shared.chars().count());
    // The heads of the columns where there is room for them; the words stand in the rows too.
    let heads = if gap > 1 { heads } else { "" };
    row(
        area,
        buffer,
        0,
        Line::styled(
            cut(&format!("{shared}{:gap$}{heads}", ""), width),
            theme.value().add_modifier(Modifier::UNDERLINED),
        ),
    );
    let rows = usize::from(area.height).saturating_sub(1);
    let last = state.letters.last().copied().unwrap_or(0);
    let first = last
        .saturating_sub(rows / 2)
        .min(at.sessions.len().saturating_sub(rows));
    for ((index, session), y) in at
        .sessions
        .iter()
        .enumerate()
        .skip(first)
        .take(rows)
        .zip(1..)
    {
        let over = game.model.is_over(session);
        let waits = game.model.waits(session, &at.common);
        let mut line = Line::from(Span::styled(format!(" {}  ", letter(index)), theme.value()));
        let room = width.saturating_sub(4 + if heads.is_empty() { 30 } else { 20 });
        order::program_spans(&mut line, program, session.next, room, theme);
        let pad = column.saturating_sub(line.width());
        let register = if over && session.left == 0 && session.register >= game.model.size() {
            "-".to_owned()
        } else if over || game.has_read(session) {
            session.register.to_string()
        } else {
            "-".to_owned()
        };
        let values = if heads.is_empty() {
            format!("  register {register:<3} left {:<3}", session.left)
        } else {
            format!("{:pad$}{register:^8}  {:^10}", "", session.left)
        };
        line.push_span(Span::raw(values));
        let holder = game.holder(at).map_or('?', letter);
        let (doing, look) = if over {
            ("done".to_owned(), Style::new())
        } else if waits {
            (format!("waits for {holder}'s lock"), theme.neutral())
        } else if session.holds {
            ("holds the lock".to_owned(), theme.good())
        } else {
            (String::new(), Style::new())
        };
        if !doing.is_empty() && line.width() + doing.len() < width {
            line.push_span(Span::raw(" "));
            line.push_span(Span::styled(doing, look));
        } else if waits {
            let short = format!(" waits for {holder}");
            let room = line.width() + short.len() <= width;
            let short = if room { short } else { " waits".to_owned() };
            line.push_span(Span::styled(short, look));
        }
        if let Some(&operation) = program.get(session.next)
            && !waits
        {
            let does = order::does(operation, session.register, at.common.counter);
            if line.width() + does.len() + 4 <= width {
                line.push_span(Span::raw(format!("   {does}")));
            }
        }
        row(area, buffer, y, line);
    }
}
