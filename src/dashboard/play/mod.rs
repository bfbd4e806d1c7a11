//! You are the scheduler: one order of a model's steps, taken by key.
//!
//! - [`game`]: what is played, and what can be said of any point of it
//! - [`state`]: the letters pressed so far, and a pure function from a key to the next state
//! - [`view`]: a pure function from both to a screen
//!
//! Terminal, loop, keys and theme are the dashboard's own.

pub mod game;
pub mod state;
#[cfg(test)]
mod tests;
pub mod view;

use std::io;
use std::time::Duration;

use ratatui::Frame;

use super::console::Console;
use super::effect::{Effect, Exit};
use super::run::Show;
use super::terminal::Event;
use super::theme::Theme;
use game::Game;
use state::{Asked, State};

/// A screen that changes by key alone need not be drawn more often.
const FRAME: Duration = Duration::from_millis(30);

impl Show for State {
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
pub fn show(game: Game, answers: bool, ascii: bool) -> io::Result<(Exit, State)> {
    let mut state = State::new(game, Theme::here(ascii));
    if answers {
        state.asked = Asked::Counts;
    }
    let exit = Console::take(true)?.run(&mut state, &mut (), FRAME)?;
    Ok((exit, state))
}
