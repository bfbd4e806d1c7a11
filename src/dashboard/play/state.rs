//! The letters pressed so far, and what a key does to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::game::{Game, Verdict};
use crate::dashboard::effect::{Effect, Exit, NO_SHELL, answered};
use crate::dashboard::keys::Key;
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::schedule::text::letter;

/// How many rows of the lanes a page is.
const PAGE: usize = 8;

/// How much of the answer was asked for: nobody is told before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Asked {
    /// Nothing: the screen says what has happened, and no more.
    #[default]
    Nothing,
    /// How many orders are left and are bad, and whether the goal can be reached.
    Counts,
    /// The shortest witness, too.
    Witness,
}

/// Everything a screen is made from.
#[derive(Clone, Debug)]
pub struct State {
    /// How it looks.
    pub theme: Theme,
    /// What is played.
    pub game: Arc<Game>,
    /// Who took the steps so far, A being 0.
    pub letters: Vec<usize>,
    /// How much of the answer is shown.
    pub asked: Asked,
    /// Whether the next task is asked for.
    pub onward: bool,
    /// How many rows the lanes are scrolled back from the newest.
    pub back: usize,
    /// Why the last key did nothing.
    pub note: Option<String>,
    /// Orders that were played to their end.
    pub tried: BTreeSet<Vec<usize>>,
    /// What stood here before it was begun again: a slip can be undone.
    pub(super) before: Vec<usize>,
}

impl State {
    /// Before anybody has taken a step.
    #[must_use]
    pub fn new(game: Game, theme: Theme) -> Self {
        Self {
            theme,
            game: Arc::new(game),
            letters: Vec::new(),
            asked: Asked::Nothing,
            onward: false,
            back: 0,
            note: None,
            tried: BTreeSet::new(),
            before: Vec::new(),
        }
    }
}

/// Takes in a key or what the terminal says.
#[must_use]
pub fn update(state: &mut State, event: Event) -> Vec<Effect> {
    if event == Event::NoShell {
        state.note = Some(NO_SHELL.to_owned());
    }
    answered(event, |key| press(state, key))
}

/// Small letters that do something are no sessions: Q, R and U are taken with the capital.
fn press(state: &mut State, key: Key) -> Vec<Effect> {
    state.note = None;
    match key {
        Key::Control('z') => return vec![Effect::Suspend],
        Key::Control('c') | Key::Char('q') => return vec![Effect::Exit(Exit::Quit)],
        Key::Char('u') | Key::Backspace => undo(state),
        Key::Char('r') => begin_again(state),
        Key::Char('?') => {
            state.asked = match state.asked {
                Asked::Nothing => Asked::Counts,
                Asked::Counts => Asked::Witness,
                Asked::Witness => Asked::Nothing,
            };
        }
        Key::Escape => {
            state.asked = match state.asked {
                Asked::Witness => Asked::Counts,
                _ => Asked::Nothing,
            };
        }
        Key::Char('>') => return onward(state),
        Key::Enter => follow(state),
        Key::Up => state.back += 1,
        Key::PageUp => state.back += PAGE,
        Key::Down => state.back = state.back.saturating_sub(1),
        Key::PageDown => state.back = state.back.saturating_sub(PAGE),
        Key::Home => state.back = state.letters.len(),
        Key::End => state.back = 0,
        Key::Char(character) if character.is_ascii_alphabetic() => {
            let session = character.to_ascii_uppercase() as usize - 'A' as usize;
            step(state, session);
        }
        _ => {}
    }
    state.back = state.back.min(state.letters.len());
    Vec::new()
}

fn step(state: &mut State, session: usize) {
    let game = Arc::clone(&state.game);
    let at = game.at(&state.letters);
    let name = letter(session);
    state.note = match at.sessions.get(session) {
        None => {
            let last = letter(at.sessions.len() - 1);
            Some(format!("There is no session {name}: A to {last}."))
        }
        Some(one) if game.model.is_over(one) => Some(format!("{name} has no draw left.")),
        Some(one) if game.model.waits(one, &at.common) => {
            let holder = game.holder(&at).map_or('?', letter);
            Some(format!("{name} waits for the lock: {holder} holds it."))
        }
        Some(_) => {
            state.letters.push(session);
            state.back = 0;
            state.before.clear();
            if game.is_over(&state.letters) {
                state.tried.insert(state.letters.clone());
            }
            None
        }
    };
}

fn undo(state: &mut State) {
    state.back = 0;
    if state.letters.pop().is_none() {
        if state.before.is_empty() {
            state.note = Some("Nothing to undo: no step was taken yet.".into());
        } else {
            state.letters = std::mem::take(&mut state.before);
            state.note = Some("Undone: this is where you were.".into());
        }
    }
}

fn begin_again(state: &mut State) {
    if !state.letters.is_empty() {
        state.before = std::mem::take(&mut state.letters);
    }
    state.back = 0;
}

/// Ends this task for the next one, if there is one.
fn onward(state: &mut State) -> Vec<Effect> {
    if state.game.next.is_none() {
        state.note = Some("This was the last task.".into());
        return Vec::new();
    }
    state.onward = true;
    vec![Effect::Exit(Exit::Quit)]
}

/// Takes the next step of the witness that is shown.
fn follow(state: &mut State) {
    let game = Arc::clone(&state.game);
    if state.asked < Asked::Witness {
        state.note = Some("Press ? until it shows the shortest witness.".into());
        return;
    }
    let at = game.at(&state.letters);
    let reached = matches!(game.verdict(&state.letters, &at), Verdict::Reached(_));
    match game.witness(&state.letters) {
        Some(way) if !reached => {
            if let Some(&next) = way.first() {
                step(state, next);
            }
        }
        // The screen says so.
        Some(_) => {}
        None => state.note = Some("No step leads there from here.".into()),
    }
}
