//! You are the scheduler: one order of a model's steps, taken by key.
//!
//! - [`Game`]: what is played, and what can be said of any point of it
//! - [`state`]: the letters pressed so far, and what a key does to them
//! - [`status`]: how it stands, in words; a [`Source`](super::Source) of the screen
//!
//! Nothing is answered before it is asked: until then the screen says what has happened, and no more.

mod left;
pub(crate) mod state;
pub(crate) mod status;

use std::fmt::Debug;
use std::io;

use ratatui::Frame;
use ratatui::layout::Size;

use super::{Body, FRAME, view};
use crate::dashboard::console::Console;
use crate::dashboard::effect::{Effect, Exit};
use crate::dashboard::run::Show;
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::orders::Left;
use state::{Asked, State};

/// What is played: a model whose orders were all looked at, as far as they could be. The goal is what a right program
/// never does.
pub(crate) trait Game: Debug {
    /// One point of an order.
    type At: Clone + Debug;

    /// What it is called.
    fn name(&self) -> String;
    /// Who takes part.
    fn cast(&self) -> String;
    /// How many take steps.
    fn processes(&self) -> usize;
    /// The words in which it is spoken of.
    fn words(&self) -> Words;

    /// Where these letters lead.
    fn at(&self, letters: &[usize]) -> Self::At;
    /// Why this process cannot take a step there; `None` if it can.
    fn refusal(&self, at: &Self::At, who: usize) -> Option<String>;
    /// Whether nothing is left to do there.
    fn is_over(&self, at: &Self::At) -> bool;
    /// In which ways the goal has been reached; in none, if it has not.
    fn reached(&self, at: &Self::At) -> Vec<String>;
    /// The orders that are left after these letters, if every order was looked at and has an end.
    fn left(&self, letters: &[usize]) -> Option<Left>;
    /// A shortest way on to the goal.
    fn witness(&self, letters: &[usize]) -> Option<Vec<usize>>;
    /// Whether every order was looked at.
    fn is_exhaustive(&self) -> bool;
    /// How many states were looked at.
    fn states(&self) -> usize;
    /// What to type to see these letters once more.
    fn replay_command(&self, letters: &[usize]) -> String;

    /// A word for that the goal is reached.
    fn reached_word(&self, _at: &Self::At) -> &'static str {
        "GOAL REACHED"
    }
    /// How an order that is over ended without reaching it: a word and a sentence.
    fn ended(&self, at: &Self::At) -> (&'static str, String);
    /// What can be done when an order has shown what it shows.
    fn afterwards(&self) -> String;
    /// The task that comes after this one.
    fn next(&self) -> Option<&'static str> {
        None
    }

    /// How it stands in a few words.
    fn in_short(&self, at: &Self::At) -> String;
    /// The processes and their steps, for a screen of this size. `seen`: the order has shown what it shows.
    fn body(&self, at: &Self::At, seen: bool, size: Size, theme: Theme) -> Body;
}

/// The words in which a game is spoken of, each to stand in a sentence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Words {
    /// The goal, as a question: which answer is right is for whoever plays to find out.
    pub(crate) goal: &'static str,
    /// What takes a step.
    pub(crate) process: &'static str,
    /// What a step is.
    pub(crate) step: &'static str,
    /// What is true if the goal is not reached.
    pub(crate) kept: &'static str,
    /// What is true if it is.
    pub(crate) broken: &'static str,
    /// What a whole order shows if none reaches it.
    pub(crate) as_always: &'static str,
    /// What stands in a program and takes no letter.
    pub(crate) aside: Option<&'static str>,
}

/// How it stands with the goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// It is reached, in these ways.
    Reached(Vec<String>),
    /// It can still be reached.
    InReach,
    /// It could be reached once, and cannot from here.
    OutOfReach,
    /// Nothing is left to do, and it was not reached; another order reaches it.
    Missed,
    /// The same, and whether another order reaches it is not known.
    Clean,
    /// No order at all reaches it.
    Never,
    /// No order at all reaches it, and this one is at its end.
    Shown,
    /// Not every order was looked at.
    Unknown,
}

impl<G: Game> Show for State<G> {
    type Message = Event;

    fn update(&mut self, event: Event) -> Vec<Effect> {
        state::update(self, event)
    }

    fn view(&self, frame: &mut Frame) {
        view::view(frame, self);
    }
}

/// Plays on this terminal until something ends it; says what, which letters had been pressed, and whether the next
/// task was asked for. `answers`: what an order can still become is told from the start. When this returns, the
/// terminal is as it was.
///
/// # Errors
/// If the terminal cannot be taken over, or no thread is left.
pub(crate) fn show<G: Game>(game: G, answers: bool, ascii: bool) -> io::Result<(Exit, State<G>)> {
    let mut state = State::new(game, Theme::here(ascii));
    if answers {
        state.asked = Asked::Counts;
    }
    let exit = Console::take(true)?.run(&mut state, &mut (), FRAME)?;
    Ok((exit, state))
}
