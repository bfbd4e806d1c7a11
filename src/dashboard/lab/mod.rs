//! A run of the lab, live: who waits for what, who holds it, and the deadlock while it happens.
//!
//! - [`state`]: the last snapshot, and a pure function from a message to the next state
//! - [`view`]: a pure function from a state to a screen
//!
//! The run goes on in threads of its own and sends snapshots; terminal, loop, keys and theme are the
//! dashboard's own.

pub mod state;
#[cfg(test)]
mod tests;
pub mod view;

use std::io;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use ratatui::Frame;

use super::console::{Console, Outside};
use super::effect::Effect;
use super::run::Show;
use super::terminal::{Event, Screen};
use super::theme::Theme;
use crate::lab::program::Program;
use crate::lab::run::report::RunReport;
use crate::lab::run::{Clock, Live, Options, RunError, Snapshot, watched};
use state::State;

/// Frames and snapshots come this far apart: a bar that grows looks smooth, and nobody reads faster.
const FRAME: Duration = Duration::from_millis(50);

/// What comes in.
#[derive(Clone, Debug)]
pub enum Message {
    /// A key, or what the terminal says.
    Event(Event),
    /// The run at this moment.
    Snapshot(Box<Snapshot>),
    /// The run has ended; its last snapshot came before.
    Over,
}

impl From<Event> for Message {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

impl Show for State {
    type Message = Message;

    fn update(&mut self, message: Message) -> Vec<Effect> {
        state::update(self, message)
    }

    fn is_urgent(message: &Message) -> bool {
        !matches!(message, Message::Snapshot(_))
    }

    fn view(&self, frame: &mut Frame) {
        view::view(frame, self);
    }
}

/// The run: its clock stands while this process is stopped, and it ends with the screen.
struct Going<'a> {
    clock: &'a Clock,
    ended: &'a AtomicBool,
}

impl Outside for Going<'_> {
    fn carry_out(&mut self, _effect: Effect, _screen: &Screen) {}

    fn suspend(&mut self, screen: &Screen) -> io::Result<bool> {
        self.clock.without(|| screen.suspend())
    }

    fn ended(&mut self) {
        self.ended.store(true, Ordering::Relaxed);
    }
}

/// Runs a program on real threads and shows it on this terminal until it is over, or somebody ends it; says
/// what the run came to. When this returns, the terminal is as it was. `name` is what the run is called.
///
/// # Errors
/// If the terminal cannot be taken over, or no thread is left; inside, if the run itself failed.
pub fn show(
    name: &str,
    program: &Program,
    source: &str,
    options: &Options,
    ascii: bool,
) -> io::Result<Result<RunReport, RunError>> {
    let mut state = State::new(name, options.length, Theme::here(ascii));
    let clock = Clock::start();
    let console = Console::take(true)?;
    let sender = console.sender();
    let ended = AtomicBool::new(false);
    let mut going = Going {
        clock: &clock,
        ended: &ended,
    };
    thread::scope(|scope| {
        let run = thread::Builder::new().name("lab".into());
        let run = run.spawn_scoped(scope, || {
            let mut publish = publish(&sender, &ended);
            let report = watched(program, source, options, &clock, &mut publish);
            _ = sender.send(Message::Over);
            report
        })?;
        // The terminal is back first: the run may take a moment to end.
        let exit = console.run(&mut state, &mut going, FRAME);
        let report = run.join().map_err(|_| io::Error::other("the run failed"))?;
        exit?;
        Ok(report)
    })
}

/// Sends a snapshot a frame, and the last one, until the run shall end.
fn publish<'a>(
    sender: &'a Sender<Message>,
    ended: &'a AtomicBool,
) -> impl FnMut(Live<'_>) -> ControlFlow<()> + 'a {
    let mut next = Duration::ZERO;
    move |live| {
        let now = live.elapsed();
        if now >= next || live.is_over() {
            next = now + FRAME;
            _ = sender.send(Message::Snapshot(Box::new(live.snapshot())));
        }
        if ended.load(Ordering::Relaxed) {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        }
    }
}
