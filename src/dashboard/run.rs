//! The loop: messages in, effects out, frames at most so many a second. It runs any screen, on any ratatui
//! backend and in any world, so tests press keys in it without a terminal or a server.

use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use ratatui::backend::Backend;
use ratatui::{Frame, Terminal};

use super::effect::{Effect, Exit};

/// After a key a frame comes this soon.
const AFTER_KEY: Duration = Duration::from_millis(30);
/// Time passes on screen at least this often.
const TICK: Duration = Duration::from_millis(250);
/// How long to wait for a terminal that is slow.
const SLOW: Duration = Duration::from_millis(20);

/// What the loop shows: a pure function from messages to effects, and one to a picture.
pub trait Show {
    /// What comes in.
    type Message;
    /// Time has passed: how much since the beginning. To a screen that depends on messages alone it is nothing.
    fn tick(&mut self, _now: Duration) -> Vec<Effect> {
        Vec::new()
    }
    /// Takes in a message: the state changes, and the effects shall be carried out.
    fn update(&mut self, message: Self::Message) -> Vec<Effect>;
    /// Whether somebody waits for what this message changes.
    fn is_urgent(_message: &Self::Message) -> bool {
        true
    }
    /// Draws the screen.
    fn view(&self, frame: &mut Frame);
}

/// What the loop runs in.
pub trait World {
    /// The time since the beginning.
    fn now(&self) -> Duration;
    /// Whether the terminal has taken the last frame.
    fn is_ready(&self) -> bool;
    /// Carries out what happens outside of the screen.
    fn carry_out(&mut self, effect: Effect);
}

/// Runs until something ends it, and says what.
///
/// # Errors
/// If the backend cannot draw.
pub fn run<S: Show, B: Backend>(
    terminal: &mut Terminal<B>,
    state: &mut S,
    messages: &Receiver<S::Message>,
    world: &mut impl World,
    frame: Duration,
) -> Result<Exit, B::Error> {
    let mut dirty = true;
    let mut next_frame = Duration::ZERO;
    loop {
        let now = world.now();
        let wait = match (dirty, world.is_ready()) {
            (true, true) => next_frame.saturating_sub(now),
            (true, false) => SLOW,
            (false, _) => TICK,
        };
        let first = match messages.recv_timeout(wait) {
            Ok(message) => Some(message),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return Ok(Exit::ServerEnded),
        };
        let now = world.now();
        let mut effects = state.tick(now);
        dirty |= first.is_some() || wait == TICK;
        for message in first.into_iter().chain(messages.try_iter()) {
            if S::is_urgent(&message) {
                next_frame = next_frame.min(now + AFTER_KEY);
            }
            effects.extend(state.update(message));
        }
        for effect in effects {
            match effect {
                Effect::Exit(exit) => return Ok(exit),
                Effect::Repaint => repaint(terminal)?,
                Effect::Suspend => {
                    world.carry_out(Effect::Suspend);
                    repaint(terminal)?;
                }
                effect => world.carry_out(effect),
            }
        }
        let now = world.now();
        if dirty && now >= next_frame && world.is_ready() {
            terminal.draw(|frame| state.view(frame))?;
            dirty = false;
            next_frame = now + frame;
        }
    }
}

/// Makes the next frame a whole one, without asking the terminal for anything.
fn repaint<B: Backend>(terminal: &mut Terminal<B>) -> Result<(), B::Error> {
    let size = terminal.size()?;
    terminal.resize(ratatui::layout::Rect::from((
        ratatui::layout::Position::ORIGIN,
        size,
    )))
}
