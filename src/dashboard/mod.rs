//! The dashboard: the race, visible the moment it happens, here and over SSH.
//!
//! - [`app`]: what it knows, and a pure function from a message to effects; [`commands`] of it
//! - [`effect`]: what a screen asks for
//! - [`keys`]: from bytes to keys to actions
//! - [`view`]: a pure function from what it knows to a screen; [`theme`] and [`text`] for it
//! - [`source`]: snapshots in and commands out, in this process or over a control socket
//! - [`terminal`]: taken over, watched, given back
//! - [`mod@run`]: the loop that joins them
//! - [`order`]: one order on a screen: lanes, table, the program of each session
//! - [`play`]: another screen in the same loop: a person chooses the order
//! - [`step`]: another: a person grants the steps of real clients
//! - [`lab`]: another: a run of the lab
//! - [`cast`]: the picture in the README
//!
//! It sees the server through snapshots and nothing else, and no draw knows of it.

pub mod app;
pub mod cast;
pub mod commands;
pub mod effect;
pub mod keys;
pub mod lab;
pub mod order;
pub mod play;
mod press;
pub mod run;
pub mod source;
pub mod step;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod text;
pub mod theme;
pub mod view;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{self, Sender};
use std::time::{Duration, Instant};

use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};

use crate::record::Snapshot;
use crate::server::Host;
use app::{Dialog, Effect, Exit, Message, State};
use source::Ask;
use terminal::Screen;
use terminal::backend::Screenful;
use theme::Theme;

/// How it looks and how often it is drawn.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// Frames and snapshots a second.
    pub fps: u32,
    /// Only ASCII characters.
    pub ascii: bool,
}

/// Which server to show.
pub enum Target {
    /// The one in this process.
    Here(Arc<Host>),
    /// The one with this control socket.
    Socket(PathBuf),
    /// One of these, to be chosen.
    OneOf(Vec<PathBuf>),
}

/// Shows the dashboard on this terminal until something ends it, and says what. When this returns, the
/// terminal is as it was.
///
/// # Errors
/// If the terminal cannot be taken over, or no thread is left.
pub fn show(target: Target, look: Look) -> io::Result<Exit> {
    let (sender, messages) = mpsc::channel();
    let mut state = State {
        theme: Theme::from_environment(look.ascii),
        in_process: matches!(target, Target::Here(_)),
        ..State::default()
    };
    let screen = Screen::take(&sender, !state.in_process)?;
    let mut terminal = Terminal::new(Screenful::new(screen.output()))?;
    let mut outside = Outside {
        begun: Instant::now(),
        screen,
        sender,
        asks: None,
        fps: look.fps,
    };
    match target {
        Target::Here(host) => {
            outside.asks = Some(source::local(host, look.fps, outside.sender.clone())?);
        }
        Target::Socket(path) => outside.connect(path),
        Target::OneOf(servers) => state.dialog = Some(Dialog::Choose(servers, 0)),
    }
    let frame = Duration::from_secs(1) / look.fps.max(1);
    let exit = run::run(&mut terminal, &mut state, &messages, &mut outside, frame);
    let gone = !outside.screen.is_there();
    drop(outside);
    match exit {
        // Whoever looks for the hang-up looks for the cause.
        Ok(_) | Err(_) if gone => Ok(Exit::HangUp),
        exit => exit,
    }
}

impl run::Show for State {
    type Message = Message;

    fn tick(&mut self, now: Duration) -> Vec<Effect> {
        app::update(self, Message::Tick(now))
    }

    fn update(&mut self, message: Message) -> Vec<Effect> {
        app::update(self, message)
    }

    fn is_urgent(message: &Message) -> bool {
        matches!(message, Message::Key(_) | Message::Resized)
    }

    fn view(&self, frame: &mut Frame) {
        view::view(frame, self);
    }
}

/// What the loop runs in: this terminal and that server.
struct Outside {
    begun: Instant,
    screen: Screen,
    sender: Sender<Message>,
    asks: Option<Sender<Ask>>,
    fps: u32,
}

impl Outside {
    fn connect(&mut self, path: PathBuf) {
        match source::remote(path, self.fps, self.sender.clone()) {
            Ok(asks) => self.asks = Some(asks),
            Err(error) => {
                _ = self
                    .sender
                    .send(Message::Refused(format!("cannot connect: {error}")));
            }
        }
    }

    fn ask(&self, ask: Ask) {
        // A source that has ended has said so.
        _ = self.asks.as_ref().map(|asks| asks.send(ask));
    }
}

impl run::World for Outside {
    fn now(&self) -> Duration {
        self.begun.elapsed()
    }

    fn is_ready(&self) -> bool {
        self.screen.output().is_idle()
    }

    fn carry_out(&mut self, effect: Effect) {
        match effect {
            Effect::Command(command) => self.ask(Ask::Command(command)),
            Effect::Story(ticket) => self.ask(Ask::Story(ticket)),
            Effect::Connect(path) => self.connect(path),
            Effect::Suspend if self.screen.suspend().is_err() => {
                _ = self.sender.send(Message::HangUp);
            }
            Effect::Suspend | Effect::Repaint | Effect::Turn(_) | Effect::Exit(_) => {}
        }
    }
}

/// One picture as plain text, for `--once`: what a screen of that size shows, without colours.
#[must_use]
pub fn picture(snapshot: Snapshot, ascii: bool, width: u16, height: u16) -> String {
    let mut state = State {
        theme: Theme {
            color: false,
            ascii,
        },
        ..State::default()
    };
    _ = app::update(&mut state, Message::Snapshot(Box::new(snapshot)));
    let Ok(mut terminal) = Terminal::new(TestBackend::new(width, height));
    let Ok(_) = terminal.draw(|frame| view::view(frame, &state));
    let buffer = terminal.backend().buffer();
    let mut text = String::new();
    // The last row is keys, and there is nobody to press them.
    for y in 0..height.saturating_sub(1) {
        let mut line = String::new();
        let mut x = 0;
        while x < width {
            let symbol = buffer[(x, y)].symbol();
            line.push_str(symbol);
            x += u16::try_from(unicode_width::UnicodeWidthStr::width(symbol))
                .unwrap_or(1)
                .max(1);
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
