//! Real sessions, whose steps a person grants, letter by letter: `serve --step`.
//!
//! - [`state`]: what is known, and a pure function from a key to effects
//!
//! Letters are sessions and nothing else, so commands take Ctrl or a colon. What has happened stays: the clients are real.

mod help;
mod rows;
mod source;
pub(crate) mod state;
mod status;
#[cfg(test)]
mod tests;

use std::io;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::thread;
use std::time::Duration;

use crossterm::Command as _;
use crossterm::clipboard::CopyToClipboard;
use ratatui::Frame;

use super::{FRAME, view};
use crate::dashboard::Look;
use crate::dashboard::console::{Console, Outside};
use crate::dashboard::effect::{Effect, Exit, Turn};
use crate::dashboard::run::Show;
use crate::dashboard::terminal::Screen;
use crate::dashboard::theme::Theme;
use crate::draws::Turnstile;
use crate::draws::turnstile::hand::Stand;
use crate::record::{SessionRow, Snapshot};
use crate::server::Host;
use state::{Message, Setup, State};

/// How often it is seen who has come and gone.
const LOOK: Duration = Duration::from_millis(100);

impl Show for State {
    type Message = Message;

    fn update(&mut self, message: Message) -> Vec<Effect> {
        state::update(self, message)
    }

    fn view(&self, frame: &mut Frame) {
        view::view(frame, self);
    }
}

/// What turns the letters: the turnstile, and the way back to the screen for what it says.
struct Turns {
    turnstile: Arc<Turnstile>,
    sender: Sender<Message>,
}

impl Turns {
    fn turn(&self, turn: Turn, screen: &Screen) {
        let answer = match turn {
            Turn::Grant(session) => match self.turnstile.grant(session) {
                Ok(()) => return,
                Err(why) => Message::Refused(session, why),
            },
            Turn::TakeBack => Message::TakenBack(self.turnstile.withdraw()),
            Turn::End { then_free } => return self.turnstile.end(then_free),
            Turn::Copy(schedule) => {
                let mut bytes = String::new();
                // Writing to a String cannot fail.
                _ = CopyToClipboard::to_clipboard_from(schedule.to_string()).write_ansi(&mut bytes);
                return screen.output().send(bytes.into_bytes());
            }
        };
        _ = self.sender.send(answer);
    }
}

impl Outside for Turns {
    fn carry_out(&mut self, effect: Effect, screen: &Screen) {
        if let Effect::Turn(turn) = effect {
            self.turn(turn, screen);
        }
    }
}

/// Grants the steps of this server's clients on this terminal until something ends it, and says what. When
/// this returns, the terminal is as it was, and the order goes on waiting for letters.
///
/// # Errors
/// If the terminal cannot be taken over, or no thread is left.
pub(crate) fn show(host: &Arc<Host>, turnstile: &Arc<Turnstile>, look: Look) -> io::Result<Exit> {
    let stand = turnstile.stand(None, Duration::ZERO);
    let theme = Theme::here(look.ascii);
    let mut state = State::new(setup(host), stand, theme);
    let console = Console::take(false)?;
    watch(Arc::clone(host), Arc::clone(turnstile), console.sender())?;
    let mut turns = Turns {
        turnstile: Arc::clone(turnstile),
        sender: console.sender(),
    };
    console.run(&mut state, &mut turns, FRAME)
}

fn setup(host: &Host) -> Setup {
    let setting = host.setting();
    let program = &setting.runs.program;
    Setup {
        name: program.name.to_owned(),
        mode: program.mode,
        program: program.operations.to_vec(),
        mutexes: program.mutexes,
        window: setting.window(),
        list: Arc::clone(&setting.round.list),
        address: host.address.to_string(),
    }
}

/// Starts a thread that tells how it stands whenever that has changed, until nobody listens.
fn watch(host: Arc<Host>, turnstile: Arc<Turnstile>, messages: Sender<Message>) -> io::Result<()> {
    let tell = move || {
        let mut last: Option<(Stand, Vec<String>)> = None;
        loop {
            if host.is_stopped() {
                _ = messages.send(Message::ServerEnded);
                return;
            }
            let stand = turnstile.stand(last.as_ref().map(|(stand, _)| stand), LOOK);
            let now = (stand, names(&host.snapshot()));
            if last.as_ref() != Some(&now) {
                let (stand, names) = now.clone();
                let message = Message::Stand(Box::new(stand), names);
                if messages.send(message).is_err() {
                    return;
                }
                last = Some(now);
            }
        }
    };
    thread::Builder::new()
        .name("dashboard".into())
        .spawn(tell)
        .map(drop)
}

/// What the sessions call themselves, or where they are, A first.
fn names(snapshot: &Snapshot) -> Vec<String> {
    let mut names = Vec::new();
    let place = |row: &SessionRow| match row.letter.as_deref().map(str::as_bytes) {
        Some([letter @ b'A'..=b'Z']) => Some(usize::from(letter - b'A')),
        _ => None,
    };
    for row in &snapshot.sessions {
        if let Some(place) = place(row) {
            if names.len() <= place {
                names.resize(place + 1, String::new());
            }
            // A name of one letter has asked for that letter, and says no more.
            let name = row.name.as_ref().filter(|name| name.len() > 1);
            names[place].clone_from(name.unwrap_or(&row.address));
        }
    }
    names
}
