//! What keys do: move a selection, open and answer a question, or go to the server as a
//! [command](super::commands).

use std::sync::Arc;

use super::app::{Dialog, Effect, Exit, Focus, Sort, State};
use super::commands;
use super::keys::{self, Action, Key};
use crate::record::Snapshot;
use crate::server::command::Command;

/// The help has no more lines than this to scroll to.
const MAX_HELP: usize = 30;

/// Takes in a key.
pub(super) fn key_pressed(state: &mut State, key: Key) -> Vec<Effect> {
    // Whatever is open, these work.
    match key {
        Key::Control('z') => return vec![Effect::Suspend],
        Key::Control('c') => return quit(state, state.dialog == Some(Dialog::Quit)),
        _ => {}
    }
    if state.filtering {
        filter_key(state, key);
        return Vec::new();
    }
    if let Some(dialog) = state.dialog.take() {
        return dialog_key(state, dialog, key);
    }
    keys::action(key).map_or_else(Vec::new, |action| act(state, action))
}

fn filter_key(state: &mut State, key: Key) {
    match key {
        Key::Char(character) if state.filter.chars().count() < 30 => state.filter.push(character),
        Key::Backspace => _ = state.filter.pop(),
        Key::Enter | Key::Tab => state.filtering = false,
        Key::Escape => {
            state.filter.clear();
            state.filtering = false;
        }
        _ => {}
    }
    state.arrange();
}

fn dialog_key(state: &mut State, dialog: Dialog, key: Key) -> Vec<Effect> {
    match (dialog, key) {
        (Dialog::Quit, Key::Char('y' | 'Y' | 'q') | Key::Enter) => {
            vec![Effect::Exit(Exit::StopServer)]
        }
        (Dialog::Quit, Key::Char('k' | 'K')) => vec![Effect::Exit(Exit::Quit)],
        (_, Key::Char('q')) => quit(state, false),
        (Dialog::Steer(action), Key::Char('y' | 'Y') | Key::Enter) => {
            state.careful = false;
            act(state, action)
        }
        (Dialog::NewRound, Key::Char('y' | 'Y') | Key::Enter) => {
            state.wanted.asked();
            vec![Effect::Command(Command::Reset { seed: None })]
        }
        // No is everything else, so that nothing is done by a slip.
        (Dialog::Quit | Dialog::NewRound | Dialog::Steer(_), _) => Vec::new(),
        (Dialog::Choose(servers, at), Key::Enter) => {
            vec![Effect::Connect(servers[at].path.clone())]
        }
        (Dialog::Choose(servers, at), key) => {
            let at = moved(Some(at), servers.len(), key, 5).unwrap_or(0);
            state.dialog = Some(Dialog::Choose(servers, at));
            Vec::new()
        }
        (
            Dialog::Story(story, top),
            Key::Up | Key::Down | Key::PageUp | Key::PageDown | Key::Home | Key::End,
        ) => {
            let top = moved(Some(top), story.story.lines(), key, 5).unwrap_or(0);
            state.dialog = Some(Dialog::Story(story, top));
            Vec::new()
        }
        (Dialog::Help(top), Key::Up) => {
            state.dialog = Some(Dialog::Help(top.saturating_sub(1)));
            Vec::new()
        }
        (Dialog::Help(top), Key::Down) => {
            state.dialog = Some(Dialog::Help((top + 1).min(MAX_HELP)));
            Vec::new()
        }
        // What was read is closed by any key, and what the key does is done.
        (Dialog::Help(_) | Dialog::Story(..), Key::Escape | Key::Enter | Key::Char('?')) => {
            Vec::new()
        }
        (Dialog::Help(_) | Dialog::Story(..), key) => {
            keys::action(key).map_or_else(Vec::new, |action| act(state, action))
        }
    }
}

fn quit(state: &mut State, sure: bool) -> Vec<Effect> {
    if !state.in_process {
        return vec![Effect::Exit(Exit::Quit)];
    }
    if sure {
        return vec![Effect::Exit(Exit::StopServer)];
    }
    state.dialog = Some(Dialog::Quit);
    Vec::new()
}

/// Where a selection moves; `None` if there is nothing to select.
fn moved(place: Option<usize>, length: usize, key: Key, page: usize) -> Option<usize> {
    let last = length.checked_sub(1)?;
    let Some(place) = place else {
        return Some(if key == Key::End { last } else { 0 });
    };
    Some(match key {
        Key::Up => place.saturating_sub(1),
        Key::Down => (place + 1).min(last),
        Key::PageUp => place.saturating_sub(page),
        Key::PageDown => (place + page).min(last),
        Key::Home => 0,
        Key::End => last,
        _ => place,
    })
}

fn move_selection(state: &mut State, key: Key) {
    match state.focus {
        Focus::Threads => {
            let place = moved(state.thread_place(), state.rows.len(), key, 10);
            state.thread = place.and_then(|place| state.threads().nth(place).map(|row| row.id));
        }
        Focus::Duplicates => {
            let list = state
                .detail
                .as_ref()
                .map_or(&[][..], |detail| &detail.duplicate_list);
            let place = moved(state.duplicate_place(), list.len(), key, 10);
            state.duplicate = place.and_then(|place| {
                list.iter()
                    .rev()
                    .nth(place)
                    .map(|duplicate| duplicate.ticket)
            });
        }
    }
}

/// The ticket whose story is asked for: the selected duplicate's, or the newest one of the selected
/// thread, or the newest of all.
fn story_ticket(state: &State) -> Option<u64> {
    let list = &state.detail.as_ref()?.duplicate_list;
    if state.focus == Focus::Duplicates {
        // A selected one may have left the list of the newest: it has its story all the same.
        return state.duplicate.or(list.last().map(|newest| newest.ticket));
    }
    let letter = state
        .threads()
        .nth(state.thread_place()?)?
        .letter
        .as_ref()?;
    list.iter()
        .rev()
        .find(|duplicate| duplicate.sessions.contains(letter))
        .map(|duplicate| duplicate.ticket)
}

fn act(state: &mut State, action: Action) -> Vec<Effect> {
    match action {
        Action::Freeze => {
            state.frozen = !state.frozen;
            if let (false, Some(live)) = (state.frozen, state.live.clone()) {
                state.detail = None;
                state.show(live);
            }
        }
        Action::NewRound => state.dialog = Some(Dialog::NewRound),
        Action::Help => state.dialog = Some(Dialog::Help(0)),
        Action::Filter => {
            state.focus = Focus::Threads;
            state.filtering = true;
        }
        Action::Sort => {
            state.sort = match state.sort {
                Sort::Letter => Sort::Draws,
                Sort::Draws => Sort::Duplicates,
                Sort::Duplicates => Sort::Letter,
            };
            state.arrange();
        }
        Action::NextPanel | Action::PreviousPanel => {
            state.focus = match state.focus {
                Focus::Threads => Focus::Duplicates,
                Focus::Duplicates => Focus::Threads,
            };
        }
        Action::Up => move_selection(state, Key::Up),
        Action::Down => move_selection(state, Key::Down),
        Action::PageUp => move_selection(state, Key::PageUp),
        Action::PageDown => move_selection(state, Key::PageDown),
        Action::First => move_selection(state, Key::Home),
        Action::Last => move_selection(state, Key::End),
        Action::Story => return ask_for_story(state),
        Action::Back => {
            state.thread = None;
            state.duplicate = None;
            state.filter.clear();
            state.arrange();
        }
        Action::Quit | Action::QuitNow => return quit(state, false),
        Action::Suspend => return vec![Effect::Suspend],
        // What follows changes things for everybody; so that nobody does it by a slip, it is asked once.
        _ if state.careful && state.live.is_some() => state.dialog = Some(Dialog::Steer(action)),
        _ => return commands::command(state, action),
    }
    Vec::new()
}

fn ask_for_story(state: &mut State) -> Vec<Effect> {
    let round = |snapshot: &Option<Arc<Snapshot>>| snapshot.as_ref().map(|snapshot| snapshot.round);
    match story_ticket(state) {
        None => {
            state.say("no duplicate to tell the story of: unsafe-race makes some (m), a wider window more (w)");
            Vec::new()
        }
        Some(_) if round(&state.live) != round(&state.detail) => {
            state.say("the round of this picture is over, and its recording gone: space shows the new one");
            Vec::new()
        }
        Some(ticket) => {
            state.wanted.asked();
            vec![Effect::Story(ticket)]
        }
    }
}
