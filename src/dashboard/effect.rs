//! What a screen asks for: the loop or its world carries it out.

use std::path::PathBuf;

use super::keys::Key;
use super::terminal::Event;
use crate::draws::Schedule;
use crate::server::command::Command;

/// Why a stop is not obeyed.
pub const NO_SHELL: &str = "ctrl-z: no shell here could continue this; q quits";

/// What shall happen outside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Tell the server.
    Command(Command),
    /// Ask for the story of this ticket.
    Story(u64),
    /// Attach to the server with this control socket.
    Connect(PathBuf),
    /// Grant a letter, or what else a person does to an order.
    Turn(Turn),
    /// Give the terminal back and stop until somebody says `fg`.
    Suspend,
    /// Draw everything again.
    Repaint,
    /// End the dashboard.
    Exit(Exit),
}

/// How the dashboard ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Somebody quit.
    Quit,
    /// Somebody quit, and the server shall stop too.
    StopServer,
    /// The terminal is gone.
    HangUp,
    /// A signal.
    Terminated,
    /// The server ended.
    ServerEnded,
}

/// What shall happen to the order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Turn {
    /// Let this session, A being 0, take its next operation.
    Grant(usize),
    /// Take the last letter back that still waits.
    TakeBack,
    /// Grant no letter any more.
    End {
        /// Let draws run on freely; else they get an error.
        then_free: bool,
    },
    /// Put this schedule where the terminal pastes from.
    Copy(Schedule),
}

/// What the terminal and the system say, answered: `press` says what a key does on this screen, everything else
/// does the same on all of them.
#[must_use]
pub fn answered(event: Event, press: impl FnOnce(Key) -> Vec<Effect>) -> Vec<Effect> {
    let effect = match event {
        Event::Key(key) => return press(key),
        Event::Resized | Event::Continued | Event::NoShell => Effect::Repaint,
        Event::Suspend => Effect::Suspend,
        Event::Terminate => Effect::Exit(Exit::Terminated),
        Event::HangUp => Effect::Exit(Exit::HangUp),
    };
    vec![effect]
}
