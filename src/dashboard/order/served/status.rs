//! How it stands, what can be done now, and the letters so far.

use std::collections::BTreeSet;
use std::fmt::Write;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::state::{Dialog, State};
use crate::dashboard::order::draws::game::who_got;
use crate::dashboard::order::{badged, headed, newest_letters};
use crate::dashboard::text::cut;
use crate::draw::Window;
use crate::draws::table::Table;
use crate::draws::turnstile::hand::Does;
use crate::orders::{Schedule, letter};

/// What became of it, what can be done now, and the letters so far.
pub(super) fn lines(state: &State, width: usize) -> Vec<Line<'static>> {
    let theme = state.theme;
    let (word, badge, came) = outcome(state, &state.stand.run.table());
    let (head, text, look) = match (&state.dialog, &state.note) {
        (Some(Dialog::Quit), _) => {
            let text = "y stops the server and prints the order; Esc goes back.";
            (" QUIT  ", text.to_owned(), theme.neutral())
        }
        (Some(Dialog::Command(typed)), _) => {
            let text = format!("{typed}_   free  end  copy  help  quit");
            (" :", text, theme.value())
        }
        (_, Some(note)) => (" NOTE  ", note.clone(), theme.value()),
        _ => (" NEXT  ", next(state), Style::new()),
    };
    vec![
        badged(word, badge, &came, Style::new(), width),
        headed(head, &text, look, width, theme),
        so_far(state, width),
    ]
}

fn outcome(state: &State, table: &Table) -> (&'static str, Style, String) {
    let theme = state.theme;
    let numbers = state.setup.list.numbers();
    let number = |ticket: u64| {
        let place = usize::try_from(ticket).ok();
        place.and_then(|place| numbers.get(place)).copied()
    };
    let named = |tickets: &BTreeSet<u64>| {
        let shown: Vec<String> = tickets
            .iter()
            .take(4)
            .filter_map(|&ticket| Some(number(ticket)?.to_string()))
            .collect();
        let more = if tickets.len() > 4 { ", …" } else { "" };
        format!("{}{more}", shown.join(", "))
    };
    // The newest one: that is what was just seen.
    let extras = table.extras();
    let newest = extras.iter().rposition(|&extra| extra);
    if let Some(ticket) = newest.map(|place| table.columns[place].ticket) {
        let who = table
            .columns
            .iter()
            .filter(|column| column.ticket == ticket)
            .map(|column| column.session);
        let who: Vec<usize> = who.collect();
        let mut text = who_got(number(ticket).unwrap_or_default(), &who);
        text.push('.');
        if table.duplicates.len() > 1 {
            _ = write!(text, " In all: {}.", named(&table.duplicates));
        }
        return ("DUPLICATE", theme.alarm(), text);
    }
    if !table.skipped.is_empty() {
        let text = format!("{} can never be handed out.", named(&table.skipped));
        return ("SKIPPED", theme.notice(), text);
    }
    if let Some(sent) = sent(state, table, number) {
        return sent;
    }
    let text = match table.columns.len() {
        0 => "No number was handed out yet.".to_owned(),
        1 => "One number was handed out.".to_owned(),
        draws => format!("{draws} numbers were handed out, each once."),
    };
    ("CLEAN", theme.good(), text)
}

/// What clients have already, of draws that are not complete: with the reply in the window the number is out as
/// soon as it was read.
fn sent(
    state: &State,
    table: &Table,
    number: impl Fn(u64) -> Option<u32>,
) -> Option<(&'static str, Style, String)> {
    if state.setup.window != Window::Reply {
        return None;
    }
    let sessions = state.stand.sessions.iter().enumerate();
    let mut holds: Vec<(u64, usize)> = sessions
        .filter(|(_, session)| matches!(session.does, Does::Waits { .. } | Does::Goes))
        .filter_map(|(index, session)| Some((session.register?, index)))
        .collect();
    let &(newest, _) = holds.last()?;
    holds.extend(
        table
            .columns
            .iter()
            .map(|column| (column.ticket, column.session)),
    );
    let twice = holds.iter().find(|(ticket, session)| {
        let same = |(other, who): &&(u64, usize)| other == ticket && who != session;
        holds.iter().any(|other| same(&other))
    });
    let ticket = twice.map_or(newest, |&(ticket, _)| ticket);
    let mut who: Vec<usize> = holds
        .iter()
        .filter(|(held, _)| *held == ticket)
        .map(|&(_, session)| session)
        .collect();
    who.sort_unstable();
    let text = format!("{} already, in the window.", who_got(number(ticket)?, &who));
    Some(match twice {
        Some(_) => ("DUPLICATE", state.theme.alarm(), text),
        None => ("CLEAN", state.theme.good(), text),
    })
}

/// What can be done now.
fn next(state: &State) -> String {
    let stand = &state.stand;
    if stand.ended {
        return "The order has ended: every draw gets an error now. q quits.".to_owned();
    }
    let does = |session: &usize| stand.sessions.get(*session).map(|session| session.does);
    if let Some(first) = stand.waiting.first() {
        let name = letter(*first);
        return match does(first) {
            Some(Does::Nothing) => {
                format!(
                    "{name} is to go, and has not asked: draw 1 in {name}'s client, or Backspace."
                )
            }
            _ => format!("{name} goes as soon as the window closes."),
        };
    }
    let all = 0..stand.sessions.len();
    if let Some(session) = all
        .clone()
        .find(|session| does(session) == Some(Does::Goes))
    {
        return format!("{} has its window open.", letter(session));
    }
    let can: Vec<String> = all
        .filter(|session| matches!(does(session), Some(Does::Waits { .. })))
        .map(|session| letter(session).to_string())
        .collect();
    match &can[..] {
        [] if state.names.is_empty() => {
            let (host, port) = state.setup.address.rsplit_once(':').unwrap_or_default();
            format!("Clients: nc {host} {port}, then draw 2. Who draws first is A.")
        }
        [] => "Nobody asks for a draw: type draw 1 in a client.".to_owned(),
        [one] => format!("Press {}: it takes its next operation.", one.to_lowercase()),
        [most @ .., last] => format!(
            "Who goes next? Press {} or {}.",
            most.join(", ").to_lowercase(),
            last.to_lowercase()
        ),
    }
}

/// The newest letters that fit, and those that wait.
fn so_far(state: &State, width: usize) -> Line<'static> {
    let theme = state.theme;
    let head = " SO FAR  ";
    let waiting = Schedule::of(state.stand.waiting.iter().copied()).unwrap_or_default();
    let waiting = match waiting.len() {
        0 => String::new(),
        _ => format!("   waiting: {}", cut(&waiting.spaced(), 24)),
    };
    let room = width.saturating_sub(head.len() + waiting.chars().count() + 1);
    let granted = newest_letters(state.granted().spaced(), room);
    Line::from(vec![
        Span::styled(head, theme.value()),
        Span::raw(granted),
        Span::styled(waiting, theme.neutral()),
    ])
}
