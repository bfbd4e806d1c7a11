//! The counter, the lock, and a row a session: where it is in its program, and what it does next.

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::game::{Game, Position};
use super::{does, program_spans, program_width, shared};
use crate::dashboard::order::play::Game as _;
use crate::dashboard::text::cut;
use crate::dashboard::theme::Theme;
use crate::orders::letter;

/// The heads of the columns.
const HEADS: &str = "register  draws left";

/// What all share, and the rows. The heads of the columns stand where there is room for them; else the words stand in the rows.
pub(super) fn rows(
    game: &Game,
    at: &Position,
    width: usize,
    theme: Theme,
) -> (Line<'static>, Vec<Line<'static>>) {
    let counter = game.counter(at);
    let sessions = 0..game.processes();
    let holders: Vec<usize> = sessions
        .clone()
        .filter(|&one| at.sessions[one].holds)
        .collect();
    let locks = at.run.locks.then(|| (game.model.mutexes(), &holders[..]));
    let shared = shared(counter, game.number(counter), locks);
    let program = program_width(game.model.program());
    let column = (4 + program).min(width.saturating_sub(HEADS.len() + 2));
    let has_heads = column > shared.chars().count() + 1;
    let heads = if has_heads { HEADS } else { "" };
    let head = cut(&format!("{shared:column$}{heads}"), width);
    let look = theme.value().add_modifier(Modifier::UNDERLINED);
    let row = |who| session(game, at, who, (column, has_heads), width, theme);
    (Line::styled(head, look), sessions.map(row).collect())
}

fn session(
    game: &Game,
    at: &Position,
    who: usize,
    (column, has_heads): (usize, bool),
    width: usize,
    theme: Theme,
) -> Line<'static> {
    let (session, program) = (&at.sessions[who], game.model.program());
    let over = game.model.is_over(session);
    let waits = game.model.waits(session, &at.common);
    let mut line = Line::from(Span::styled(format!(" {}  ", letter(who)), theme.value()));
    let room = width.saturating_sub(4 + if has_heads { 20 } else { 30 });
    program_spans(&mut line, program, session.next, room, theme);
    let pad = column.saturating_sub(line.width());
    let sold_out = over && session.left == 0 && session.register >= game.model.size();
    let register = if !sold_out && (over || game.has_read(session)) {
        session.register.to_string()
    } else {
        "-".to_owned()
    };
    let values = if has_heads {
        format!("{:pad$}{register:^8}  {:^10}", "", session.left)
    } else {
        format!("  register {register:<3} left {:<3}", session.left)
    };
    line.push_span(Span::raw(values));
    let holder = at.holder().map_or('?', letter);
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
        let does = does(operation, session.register, at.common.counter);
        if line.width() + does.len() + 4 <= width {
            line.push_span(Span::raw(format!("   {does}")));
        }
    }
    line
}
