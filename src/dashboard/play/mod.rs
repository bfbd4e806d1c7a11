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
use std::sync::mpsc;
use std::time::{Duration, Instant};

use ratatui::{Frame, Terminal};

use super::effect::{Effect, Exit};
use super::run::{self, Show, World};
use super::terminal::backend::Screenful;
use super::terminal::{Event, Screen};
use game::Game;
use state::State;

/// A screen that changes by key alone need not be drawn more often.
const FRAME: Duration = Duration::from_millis(30);

impl Show for State {
    type Message = Event;

    /// Nothing here depends on time.
    fn tick(&mut self, _now: Duration) -> Vec<Effect> {
        Vec::new()
    }

    fn update(&mut self, event: Event) -> Vec<Effect> {
        state::update(self, event)
    }

    fn is_urgent(_event: &Event) -> bool {
        true
    }

    fn view(&self, frame: &mut Frame) {
        view::view(frame, self);
    }
}

/// What the loop runs in: this terminal, and nothing else.
struct Outside {
    begun: Instant,
    screen: Screen,
    sender: mpsc::Sender<Event>,
}

impl World for Outside {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn is_ready(&self) -> bool {
        self.screen.output().is_idle()
    }

    fn carry_out(&mut self, effect: Effect) {
        if effect == Effect::Suspend && self.screen.suspend().is_err() {
            _ = self.sender.send(Event::HangUp);
        }
    }
}

/// Plays on this terminal until something ends it; says what, and which letters had been pressed. When this
/// returns, the terminal is as it was.
///
/// # Errors
/// If the terminal cannot be taken over, or no thread is left.
pub fn show(game: Game, ascii: bool) -> io::Result<(Exit, State)> {
    let (sender, events) = mpsc::channel();
    let mut state = State::new(game, super::theme::Theme::from_environment(ascii));
    let screen = Screen::take(&sender, true)?;
    let mut terminal = Terminal::new(Screenful::new(screen.output()))?;
    let mut outside = Outside {
        begun: Instant::now(),
        screen,
        sender,
    };
    let exit = run::run(&mut terminal, &mut state, &events, &mut outside, FRAME);
    let gone = !outside.screen.is_there();
    drop(outside);
    match exit {
        // Whoever looks for the hang-up looks for the cause.
        Ok(_) | Err(_) if gone => Ok((Exit::HangUp, state)),
        exit => exit.map(|exit| (exit, state)),
    }
}
