//! What the screen knows, and what a key does: a pure function from a message to effects.

use std::sync::Arc;

use crate::dashboard::effect::{Effect, Exit, NO_SHELL, Turn, answered};
use crate::dashboard::keys::Key;
use crate::dashboard::order::{scrolled, stepping};
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::draw::gallery::Mutexes;
use crate::draw::{Mode, Operation, Window};
use crate::draws::turnstile::hand::{NotGranted, Stand};
use crate::lootbox::list::List;
use crate::orders::{Schedule, letter};

/// The longest command that is typed after a colon.
const LONGEST: usize = 20;

/// What stays as it is until the order ends.
#[derive(Clone, Debug)]
pub(crate) struct Setup {
    /// The name of the program.
    pub(crate) name: String,
    /// The mode, if it is one of the three.
    pub(crate) mode: Option<Mode>,
    /// What a draw is.
    pub(crate) program: Vec<Operation>,
    /// Whose mutex it locks.
    pub(crate) mutexes: Mutexes,
    /// What happens between the read and the write.
    pub(crate) window: Window,
    /// The numbers.
    pub(crate) list: Arc<List>,
    /// Where the server listens: `HOST:PORT`.
    pub(crate) address: String,
}

/// What comes in.
#[derive(Clone, Debug)]
pub(crate) enum Message {
    /// A key, a signal, another size.
    Event(Event),
    /// How it stands, and what the sessions are called, A first.
    Stand(Box<Stand>, Vec<String>),
    /// A letter was not granted, and why.
    Refused(usize, NotGranted),
    /// This session's letter was taken back; `None`: no letter waited.
    TakenBack(Option<usize>),
    /// The server has ended.
    ServerEnded,
}

impl From<Event> for Message {
    fn from(event: Event) -> Self {
        Self::Event(event)
    }
}

/// What stands before the lanes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Dialog {
    /// All keys.
    Help,
    /// Whether to stop the server.
    Quit,
    /// A command that is being typed.
    Command(String),
}

/// Everything a screen is made from.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// How it looks.
    pub(crate) theme: Theme,
    /// What stays as it is.
    pub(crate) setup: Arc<Setup>,
    /// How it stands.
    pub(crate) stand: Stand,
    /// What the sessions are called, A first.
    pub(crate) names: Vec<String>,
    /// How many rows the lanes are scrolled back from the newest.
    pub(crate) back: usize,
    /// What there is to say of the last key.
    pub(crate) note: Option<String>,
    /// What stands before the lanes.
    pub(crate) dialog: Option<Dialog>,
}

impl State {
    /// Before anybody has come.
    pub(crate) fn new(setup: Setup, stand: Stand, theme: Theme) -> Self {
        Self {
            theme,
            setup: Arc::new(setup),
            stand,
            names: Vec::new(),
            back: 0,
            note: None,
            dialog: None,
        }
    }

    /// The letters that were used up.
    pub(crate) fn granted(&self) -> Schedule {
        let sessions = self.stand.run.rows.iter().map(|row| row.session);
        Schedule::of(sessions).unwrap_or_default()
    }
}

/// Takes in a message.
pub(crate) fn update(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Event(Event::NoShell) => state.note = Some(NO_SHELL.to_owned()),
        Message::Event(event) => return answered(event, |key| press(state, key)),
        Message::ServerEnded => return vec![Effect::Exit(Exit::ServerEnded)],
        Message::Stand(stand, names) => {
            if stand.run.rows.len() != state.stand.run.rows.len() {
                state.back = 0;
            }
            state.stand = *stand;
            state.names = names;
        }
        Message::Refused(session, why) => {
            state.note = Some(format!("{}: {why}.", letter(session)));
        }
        Message::TakenBack(Some(session)) => {
            state.note = Some(format!("{}'s letter is taken back.", letter(session)));
        }
        Message::TakenBack(None) => {
            state.note = Some("No letter waits: what has happened stays.".into());
        }
    }
    Vec::new()
}

/// Letters are sessions, but for the small q, which ends here as on every screen: Q is taken with the capital. Everything
/// else is control, a colon, or no letter.
fn press(state: &mut State, key: Key) -> Vec<Effect> {
    state.note = None;
    match key {
        Key::Control('z') => return vec![Effect::Suspend],
        Key::Char('q') if matches!(state.dialog, Some(Dialog::Command(_))) => {}
        Key::Control('c' | 'q') | Key::Char('q') if state.dialog == Some(Dialog::Quit) => {
            return quit();
        }
        Key::Control('c' | 'q') | Key::Char('q') => {
            state.dialog = Some(Dialog::Quit);
            return Vec::new();
        }
        _ => {}
    }
    match state.dialog.take() {
        Some(Dialog::Command(typed)) => return type_command(state, typed, key),
        Some(Dialog::Quit) if matches!(key, Key::Char('y' | 'Y') | Key::Enter) => return quit(),
        // No is everything else.
        Some(Dialog::Quit | Dialog::Help) => return Vec::new(),
        None => {}
    }
    match key {
        Key::Control('f') => return free(),
        Key::Control('e') => return end(),
        Key::Control('y') => return copy(state),
        Key::Char(':') => state.dialog = Some(Dialog::Command(String::new())),
        Key::Char('?') => state.dialog = Some(Dialog::Help),
        Key::Backspace => return vec![Effect::Turn(Turn::TakeBack)],
        key => match stepping(key) {
            Some(session) => return vec![Effect::Turn(Turn::Grant(session))],
            None => state.back = scrolled(state.back, state.stand.run.rows.len(), key),
        },
    }
    Vec::new()
}

fn quit() -> Vec<Effect> {
    vec![Effect::Exit(Exit::StopServer)]
}

fn end() -> Vec<Effect> {
    vec![Effect::Turn(Turn::End { then_free: false })]
}

/// The steps are over, so this screen has nothing more to show: the dashboard follows.
fn free() -> Vec<Effect> {
    let end = Turn::End { then_free: true };
    vec![Effect::Turn(end), Effect::Exit(Exit::Quit)]
}

fn copy(state: &mut State) -> Vec<Effect> {
    let schedule = state.granted();
    if schedule.is_empty() {
        state.note = Some("Nothing to copy: no letter was used up yet.".into());
        return Vec::new();
    }
    state.note = Some("Copied, if your terminal allows that; the server prints it too.".into());
    vec![Effect::Turn(Turn::Copy(schedule))]
}

fn type_command(state: &mut State, mut typed: String, key: Key) -> Vec<Effect> {
    match key {
        Key::Enter => return command(state, &typed),
        Key::Escape => return Vec::new(),
        Key::Backspace if typed.pop().is_none() => return Vec::new(),
        Key::Char(character) if typed.len() < LONGEST => typed.push(character),
        _ => {}
    }
    state.dialog = Some(Dialog::Command(typed));
    Vec::new()
}

fn command(state: &mut State, typed: &str) -> Vec<Effect> {
    match typed.trim() {
        "" => {}
        "f" | "free" => return free(),
        "e" | "end" => return end(),
        "y" | "copy" => return copy(state),
        "?" | "help" => state.dialog = Some(Dialog::Help),
        // Whoever has typed a word and Enter means it.
        "q" | "quit" => return quit(),
        other => {
            state.note = Some(format!(
                "No command {other:?}: free, end, copy, help or quit."
            ));
        }
    }
    Vec::new()
}
