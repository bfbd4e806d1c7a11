//! How what the dashboard knows changes: a pure function from a message to effects.
//!
//! Nothing here reads a clock, a socket or a terminal. Time comes in with [`Message::Tick`], the server
//! with [`Message::Snapshot`], keys with [`Message::Key`]; what shall happen outside goes out as
//! [`Effect`]s. So every screen can be had in a test, by a list of messages.

use std::sync::Arc;

use super::app::{Dialog, Effect, Exit, Link, Message, State};
use super::effect::NO_SHELL;
use super::wanted::Wanted;
use super::{news, press};
use crate::record::Snapshot;

/// Takes in a message: the state changes, and the effects shall be carried out.
#[must_use]
pub fn update(state: &mut State, message: Message) -> Vec<Effect> {
    match message {
        Message::Tick(now) => {
            state.now = now;
            if state.note.as_ref().is_some_and(|(_, until)| *until < now) {
                state.note = None;
            }
        }
        Message::Key(key) => return press::key_pressed(state, key),
        Message::Resized | Message::Continued => return vec![Effect::Repaint],
        Message::Snapshot(snapshot) => take_snapshot(state, *snapshot),
        Message::Done => state.wanted.answered(),
        Message::Refused(why) => {
            state.wanted.refused();
            state.say(why);
        }
        Message::Story(story) => {
            state.wanted.answered();
            state.dialog = Some(Dialog::Story(story, 0));
        }
        Message::Lost {
            why,
            attempt,
            retry,
        } => {
            state.wanted = Wanted::default();
            state.link = Link::Lost {
                why,
                attempt,
                retry_at: state.now + retry,
            };
        }
        Message::ServerEnded => return vec![Effect::Exit(Exit::ServerEnded)],
        Message::Terminate => return vec![Effect::Exit(Exit::Terminated)],
        Message::HangUp => return vec![Effect::Exit(Exit::HangUp)],
        Message::NoShell => state.say(NO_SHELL),
        Message::Suspend => return vec![Effect::Suspend],
    }
    Vec::new()
}

fn take_snapshot(state: &mut State, snapshot: Snapshot) {
    let snapshot = Arc::new(snapshot);
    state.arrived = state.now;
    if let Link::Lost { .. } = state.link {
        state.say("connected again");
    }
    state.link = Link::Up;
    state.wanted.seen();
    let before = state.live.replace(Arc::clone(&snapshot));
    if state.frozen {
        let news = before.and_then(|before| news::while_frozen(&before, &snapshot));
        if let Some(news) = news {
            // What a program is believed to do stays to be read.
            let belief = format!("{}: ", snapshot.runs());
            let said = state
                .note
                .take()
                .filter(|(said, _)| said.starts_with(&belief));
            state.say(said.map_or(news.clone(), |(said, _)| format!("{said}; {news}")));
        }
    } else {
        state.show(snapshot);
    }
}
