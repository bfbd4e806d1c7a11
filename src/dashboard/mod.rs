//! The dashboard: the race, visible the moment it happens, here and over SSH.
//!
//! - [`app`]: what it knows; [`update`]: a pure function from a message to effects; [`commands`] of it
//! - [`effect`]: what a screen asks for
//! - [`keys`]: from bytes to keys to actions
//! - [`view`]: a pure function from what it knows to a screen; [`theme`] and [`text`] for it
//! - [`source`]: snapshots in and commands out, in this process or over a control socket
//! - [`terminal`]: taken over, watched, given back
//! - [`mod@run`]: the loop that joins them; [`console`]: this terminal, in which it runs
//! - [`order`]: another screen in the same loop: one order, whose steps a person takes or grants
//! - [`lab`]: another: a run of the lab
//!
//! It sees the server through snapshots and nothing else, and no draw knows of it.

pub mod app;
pub mod commands;
pub mod console;
pub mod effect;
pub mod keys;
pub mod lab;
mod news;
pub mod order;
mod press;
pub mod run;
pub mod source;
pub mod terminal;
#[cfg(test)]
mod tests;
pub mod text;
pub mod theme;
pub mod update;
pub mod view;
mod wanted;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use ratatui::backend::TestBackend;
use ratatui::{Frame, Terminal};

use crate::record::Snapshot;
use crate::server::Host;
use crate::terminal_kind::{Colors, is_ascii};
use app::{Dialog, Effect, Exit, Message, State};
use console::{Console, Outside};
use source::Ask;
use terminal::Screen;
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
    OneOf(Vec<source::Server>),
}

/// Shows the dashboard on this terminal until something ends it, and says what. When this returns, the
/// terminal is as it was.
///
/// # Errors
/// If the terminal cannot be taken over, or no thread is left.
pub fn show(target: Target, look: Look) -> io::Result<Exit> {
    let mut state = State {
        theme: Theme::here(look.ascii),
        in_process: matches!(target, Target::Here(_)),
        careful: !matches!(target, Target::Here(_)),
        ..State::default()
    };
    let console = Console::take(!state.in_process)?;
    let mut server = Served {
        sender: console.sender(),
        asks: None,
        fps: look.fps,
    };
    match target {
        Target::Here(host) => {
            server.asks = Some(source::local(host, look.fps, console.sender())?);
        }
        Target::Socket(path) => server.connect(path),
        Target::OneOf(servers) => state.dialog = Some(Dialog::Choose(servers, 0)),
    }
    let frame = Duration::from_secs(1) / look.fps.max(1);
    console.run(&mut state, &mut server, frame)
}

impl run::Show for State {
    type Message = Message;

    fn tick(&mut self, now: Duration) -> Vec<Effect> {
        update::update(self, Message::Tick(now))
    }

    fn update(&mut self, message: Message) -> Vec<Effect> {
        update::update(self, message)
    }

    fn is_urgent(message: &Message) -> bool {
        matches!(message, Message::Key(_) | Message::Resized)
    }

    fn view(&self, frame: &mut Frame) {
        view::view(frame, self);
    }
}

/// The server that is shown: the way to ask it, once there is one.
struct Served {
    sender: Sender<Message>,
    asks: Option<Sender<Ask>>,
    fps: u32,
}

impl Served {
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

impl Outside for Served {
    fn carry_out(&mut self, effect: Effect, _screen: &Screen) {
        match effect {
            Effect::Command(command) => self.ask(Ask::Command(command)),
            Effect::Story(ticket) => self.ask(Ask::Story(ticket)),
            Effect::Connect(path) => self.connect(path),
            Effect::Suspend | Effect::Repaint | Effect::Turn(_) | Effect::Exit(_) => {}
        }
    }
}

/// One picture as plain text, for `--once`: what a screen of that size shows, without colours.
#[must_use]
pub fn picture(snapshot: Snapshot, ascii: bool, width: u16, height: u16) -> String {
    let mut state = State {
        theme: Theme {
            colors: Colors::None,
            ascii: is_ascii(ascii),
        },
        still: true,
        ..State::default()
    };
    _ = update::update(&mut state, Message::Snapshot(Box::new(snapshot)));
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
