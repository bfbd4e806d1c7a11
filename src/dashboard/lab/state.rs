//! The last snapshot of a run, and what a message does to the screen of it.

use std::time::Duration;

use super::Message;
use crate::dashboard::effect::{Effect, Exit, NO_SHELL, answered};
use crate::dashboard::keys::Key;
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::lab::run::Snapshot;
use crate::lab::run::live::Does;

/// Everything a screen is made from.
#[derive(Clone, Debug)]
pub struct State {
    /// How it looks.
    pub theme: Theme,
    /// What is run.
    pub name: String,
    /// For how long it shall run.
    pub length: Duration,
    /// What is shown.
    pub shown: Snapshot,
    /// What came after it, while the screen is frozen.
    pub newer: Option<Snapshot>,
    /// Whether what is shown stays as it is. The run goes on.
    pub frozen: bool,
    /// Whether keys and words are shown instead.
    pub help: bool,
    /// The first process shown, where not all fit.
    pub top: usize,
    /// Whether the run has ended, with something to look at.
    pub over: bool,
    /// What there is to say of the last key.
    pub note: Option<&'static str>,
}

impl State {
    /// Before the first snapshot.
    #[must_use]
    pub fn new(name: &str, length: Duration, theme: Theme) -> Self {
        Self {
            theme,
            name: name.to_owned(),
            length,
            shown: Snapshot::default(),
            newer: None,
            frozen: false,
            help: false,
            top: 0,
            over: false,
            note: None,
        }
    }

    /// Who went wrong first, and how.
    #[must_use]
    pub fn fault(&self) -> Option<(&str, &str)> {
        self.shown.processes.iter().find_map(|it| match &it.does {
            Does::Failed(why) => Some((it.name.as_str(), why.as_str())),
            _ => None,
        })
    }

    fn thaw(&mut self) {
        self.frozen = false;
        if let Some(newer) = self.newer.take() {
            self.shown = newer;
        }
    }
}

/// Takes in a message.
#[must_use]
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Event(Event::NoShell) => state.note = Some(NO_SHELL),
        Message::Event(event) => return answered(event, |key| press(state, key)),
        Message::Snapshot(snapshot) if state.frozen => state.newer = Some(*snapshot),
        Message::Snapshot(snapshot) => state.shown = *snapshot,
        Message::Over => {
            state.thaw();
            // A deadlock is what one wants to look at. Otherwise the statistics say it all.
            if state.shown.deadlock.is_empty() && state.fault().is_none() {
                return vec![Effect::Exit(Exit::Quit)];
            }
            state.over = true;
        }
    }
    Vec::new()
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    state.note = None;
    let last = state.shown.processes.len().saturating_sub(1);
    match key {
        Key::Control('z') => return vec![Effect::Suspend],
        Key::Control('c') | Key::Char('q') => return vec![Effect::Exit(Exit::Quit)],
        Key::Char('?') => state.help = !state.help,
        Key::Escape => state.help = false,
        Key::Up => state.top = state.top.saturating_sub(1),
        Key::Down => state.top = (state.top + 1).min(last),
        Key::PageUp | Key::Home => state.top = 0,
        Key::PageDown | Key::End => state.top = last,
        Key::Char(' ') if state.frozen => state.thaw(),
        // What is over stands still anyway.
        Key::Char(' ') => state.frozen = !state.over,
        _ => {}
    }
    Vec::new()
}
