//! The letters pressed so far, and what a key does to them.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::{Game, Verdict};
use crate::dashboard::effect::{Effect, Exit, NO_SHELL, answered};
use crate::dashboard::keys::Key;
use crate::dashboard::order::{scrolled, stepping};
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::orders::letter;

/// How much of the answer was asked for: nobody is told before.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Asked {
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
pub(crate) struct State<G: Game> {
    /// How it looks.
    pub(crate) theme: Theme,
    /// What is played.
    pub(crate) game: Arc<G>,
    /// Who took the steps so far, A being 0.
    pub(crate) letters: Vec<usize>,
    /// Where they lead.
    pub(crate) at: G::At,
    /// How it stands there.
    pub(crate) verdict: Verdict,
    /// A shortest way on to the goal, once that is asked for.
    pub(crate) way: Option<Vec<usize>>,
    /// A shortest way from the beginning.
    pub(crate) witness: Option<Vec<usize>>,
    /// How much of the answer is shown.
    pub(crate) asked: Asked,
    /// Whether the next task is asked for.
    pub(crate) onward: bool,
    /// How many rows the lanes are scrolled back from the newest.
    pub(crate) back: usize,
    /// Why the last key did nothing.
    pub(crate) note: Option<String>,
    /// Orders that were played to their end.
    pub(crate) tried: BTreeSet<Vec<usize>>,
    /// What stood here before it was begun again: a slip can be undone.
    before: Vec<usize>,
}

impl<G: Game> State<G> {
    /// Before anybody has taken a step.
    pub(crate) fn new(game: G, theme: Theme) -> Self {
        let at = game.at(&[]);
        let mut state = Self {
            theme,
            letters: Vec::new(),
            at,
            verdict: Verdict::Unknown,
            way: None,
            witness: game.witness(&[]),
            asked: Asked::Nothing,
            onward: false,
            back: 0,
            note: None,
            tried: BTreeSet::new(),
            before: Vec::new(),
            game: Arc::new(game),
        };
        state.look();
        state
    }

    /// Whether every order was looked at, and none reaches the goal.
    pub(crate) fn is_impossible(&self) -> bool {
        self.game.is_exhaustive() && self.witness.is_none()
    }

    /// Looks where the letters have led.
    fn look(&mut self) {
        self.at = self.game.at(&self.letters);
        self.verdict = self.judged();
        self.way = (self.asked == Asked::Witness)
            .then(|| self.game.witness(&self.letters))
            .flatten();
    }

    fn judged(&self) -> Verdict {
        let reached = self.game.reached(&self.at);
        if !reached.is_empty() {
            return Verdict::Reached(reached);
        }
        match self.game.is_over(&self.at) {
            true if self.is_impossible() => return Verdict::Shown,
            // Missed is only what is there.
            true if self.witness.is_some() => return Verdict::Missed,
            true => return Verdict::Clean,
            false if !self.game.is_exhaustive() => return Verdict::Unknown,
            false if self.witness.is_none() => return Verdict::Never,
            false => {}
        }
        let in_reach = match self.game.left(&self.letters) {
            Some(left) => left.bad > 0,
            None => self.game.witness(&self.letters).is_some(),
        };
        if in_reach {
            Verdict::InReach
        } else {
            Verdict::OutOfReach
        }
    }
}

/// Takes in a key or what the terminal says.
pub(crate) fn update<G: Game>(state: &mut State<G>, event: Event) -> Vec<Effect> {
    if event == Event::NoShell {
        state.note = Some(NO_SHELL.to_owned());
    }
    answered(event, |key| press(state, key))
}

/// Small letters that do something are no processes: Q, R and U are taken with the capital.
fn press<G: Game>(state: &mut State<G>, key: Key) -> Vec<Effect> {
    state.note = None;
    match key {
        Key::Control('z') => return vec![Effect::Suspend],
        Key::Control('c') | Key::Char('q') => return vec![Effect::Exit(Exit::Quit)],
        Key::Char('u') | Key::Backspace => undo(state),
        Key::Char('r') => begin_again(state),
        Key::Char('?') => ask(
            state,
            match state.asked {
                Asked::Nothing => Asked::Counts,
                Asked::Counts => Asked::Witness,
                Asked::Witness => Asked::Nothing,
            },
        ),
        Key::Escape => ask(
            state,
            match state.asked {
                Asked::Witness => Asked::Counts,
                _ => Asked::Nothing,
            },
        ),
        Key::Char('>') => return onward(state),
        Key::Enter => follow(state),
        key => match stepping(key) {
            Some(who) => step(state, who),
            None => state.back = scrolled(state.back, state.letters.len(), key),
        },
    }
    Vec::new()
}

fn ask<G: Game>(state: &mut State<G>, what: Asked) {
    state.asked = what;
    state.look();
}

fn step<G: Game>(state: &mut State<G>, who: usize) {
    let words = state.game.words();
    let processes = state.game.processes();
    if who >= processes {
        let (name, last) = (letter(who), letter(processes - 1));
        state.note = Some(format!(
            "There is no {} {name}: A to {last}.",
            words.process
        ));
        return;
    }
    state.note = state.game.refusal(&state.at, who);
    if state.note.is_some() {
        return;
    }
    state.letters.push(who);
    state.back = 0;
    state.before.clear();
    state.look();
    if state.game.is_over(&state.at) {
        state.tried.insert(state.letters.clone());
    }
}

fn undo<G: Game>(state: &mut State<G>) {
    state.back = 0;
    if state.letters.pop().is_none() {
        if state.before.is_empty() {
            state.note = Some("Nothing to undo: no step was taken yet.".into());
        } else {
            state.letters = std::mem::take(&mut state.before);
            state.note = Some("Undone: this is where you were.".into());
        }
    }
    state.look();
}

fn begin_again<G: Game>(state: &mut State<G>) {
    if !state.letters.is_empty() {
        state.before = std::mem::take(&mut state.letters);
    }
    state.back = 0;
    state.look();
}

/// Ends this task for the next one, if there is one.
fn onward<G: Game>(state: &mut State<G>) -> Vec<Effect> {
    if state.game.next().is_none() {
        state.note = Some("This was the last task.".into());
        return Vec::new();
    }
    state.onward = true;
    vec![Effect::Exit(Exit::Quit)]
}

/// Takes the next step of the witness that is shown.
fn follow<G: Game>(state: &mut State<G>) {
    if state.asked < Asked::Witness {
        state.note = Some("Press ? until it shows the shortest witness.".into());
        return;
    }
    match state.way.as_ref().and_then(|way| way.first().copied()) {
        // Once it is reached, the screen says so.
        _ if matches!(state.verdict, Verdict::Reached(_)) => {}
        Some(next) => step(state, next),
        None => state.note = Some("No step leads there from here.".into()),
    }
}
