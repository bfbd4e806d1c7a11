//! What is known of a session besides its draws.

use std::fmt;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::sync::atomic::{
    AtomicBool, AtomicU8, AtomicU64,
    Ordering::{Acquire, Relaxed, Release},
};

use crossbeam_utils::CachePadded;
use parking_lot::Mutex;
use serde::{Deserialize, Serialize};

use crate::protocol::Dialect;

/// What a session does at this moment, as far as it says so. It says so only before it waits for
/// the lock, inside a window other than `none`, and around requests: not more often, because
/// telling is a write too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum State {
    /// Waits for its client's next request.
    #[default]
    Idle,
    /// Answers a request.
    Drawing,
    /// Between the read and the write, with nobody kept out.
    InWindow,
    /// Waits for the lock, or has it for a moment (it does not say when it got it).
    WaitingForLock,
    /// Between the read and the write, and holds the lock meanwhile.
    HoldingLock,
    /// Sends numbers to its client.
    Writing,
    /// Gone; its draws count.
    Closed,
}

impl State {
    const ALL: [Self; 7] = [
        Self::Idle,
        Self::Drawing,
        Self::InWindow,
        Self::WaitingForLock,
        Self::HoldingLock,
        Self::Writing,
        Self::Closed,
    ];
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Idle => "idle",
            Self::Drawing => "drawing",
            Self::InWindow => "in the window",
            Self::WaitingForLock => "waiting for the lock",
            Self::HoldingLock => "holding the lock",
            Self::Writing => "writing",
            Self::Closed => "closed",
        })
    }
}

/// The letter of the `index`-th session to draw: A, B, … Z, AA, AB, …
///
/// ```
/// use lootbox::record::letters;
/// assert_eq!([0, 1, 25, 26, 27, 701, 702].map(letters), ["A", "B", "Z", "AA", "AB", "ZZ", "AAA"]);
/// ```
#[must_use]
pub fn letters(index: u64) -> String {
    let mut left = index + 1;
    let mut letters = Vec::new();
    while left > 0 {
        left -= 1;
        letters.push(char::from(b'A' + u8::try_from(left % 26).unwrap_or(0)));
        left /= 26;
    }
    letters.iter().rev().collect()
}

/// One session, as everybody but itself sees it. The session writes, others read, and nothing here
/// is shared by two sessions: the fields written while drawing have cache lines of their own.
#[derive(Debug)]
pub struct SessionRecord {
    /// Counts the connections of this server, from 1.
    pub id: u64,
    /// Where the client is.
    pub peer: SocketAddr,
    letter: OnceLock<u64>,
    name: Mutex<Option<String>>,
    dialect: AtomicU8,
    undelivered: AtomicU64,
    retries: AtomicU64,
    closed: AtomicBool,
    state: CachePadded<AtomicU8>,
}

impl SessionRecord {
    /// A session that has just connected.
    #[must_use]
    pub fn new(id: u64, peer: SocketAddr) -> Self {
        Self {
            id,
            peer,
            letter: OnceLock::new(),
            name: Mutex::new(None),
            dialect: AtomicU8::new(Dialect::Unknown as u8),
            undelivered: AtomicU64::new(0),
            retries: AtomicU64::new(0),
            closed: AtomicBool::new(false),
            state: CachePadded::new(AtomicU8::new(State::Idle as u8)),
        }
    }

    /// The letter, once the session has drawn or has been given one.
    #[must_use]
    pub fn letter(&self) -> Option<String> {
        self.letter.get().copied().map(letters)
    }

    /// Whether the session has a letter.
    #[must_use]
    pub fn has_letter(&self) -> bool {
        self.letter.get().is_some()
    }

    /// Takes a letter, unless the session has one: `next` gives the index of a free one.
    pub fn take_letter(&self, next: impl FnOnce() -> u64) {
        self.letter.get_or_init(next);
    }

    /// Where the letter stands among all, A being 0, once the session has one.
    #[must_use]
    pub(super) fn letter_number(&self) -> Option<u64> {
        self.letter.get().copied()
    }

    /// The letters' order: sessions without one come last.
    #[must_use]
    pub fn letter_index(&self) -> u64 {
        self.letter.get().copied().unwrap_or(u64::MAX)
    }

    /// The letter's place in the alphabet, A being 0, once the session has one.
    #[must_use]
    pub fn place(&self) -> Option<usize> {
        self.letter
            .get()
            .and_then(|&index| usize::try_from(index).ok())
    }

    /// What the client calls itself, if it said so.
    #[must_use]
    pub fn name(&self) -> Option<String> {
        self.name.lock().clone()
    }

    /// Sets the name. It is the client's text: whoever shows it escapes it.
    pub fn set_name(&self, name: String) {
        *self.name.lock() = Some(name);
    }

    /// The client's dialect.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        Dialect::ALL[usize::from(self.dialect.load(Relaxed))]
    }

    /// Sets the client's dialect.
    pub fn set_dialect(&self, dialect: Dialect) {
        self.dialect.store(dialect as u8, Relaxed);
    }

    /// What the session does now.
    #[must_use]
    pub fn state(&self) -> State {
        if self.is_closed() {
            State::Closed
        } else {
            State::ALL[usize::from(self.state.load(Relaxed))]
        }
    }

    /// Says what the session does now.
    pub fn set_state(&self, state: State) {
        self.state.store(state as u8, Relaxed);
    }

    /// Says that the client is gone.
    pub fn close(&self) {
        self.closed.store(true, Release);
    }

    /// Whether the client is gone: then all that the session recorded can be seen, and nothing of it changes any more.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.closed.load(Acquire)
    }

    /// How often a draw began again because somebody else was faster.
    #[must_use]
    pub fn retries(&self) -> u64 {
        self.retries.load(Relaxed)
    }

    /// Counts a draw that begins again.
    pub fn add_retry(&self) {
        self.retries.fetch_add(1, Relaxed);
    }

    /// Numbers that were drawn for this client and could not be written to it.
    #[must_use]
    pub fn undelivered(&self) -> u64 {
        self.undelivered.load(Relaxed)
    }

    /// Counts numbers that could not be written.
    pub fn add_undelivered(&self, numbers: u64) {
        self.undelivered.fetch_add(numbers, Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn states_and_dialects_come_back_as_they_were_said() {
        let session = SessionRecord::new(1, "127.0.0.1:1".parse().unwrap());
        for state in State::ALL {
            session.set_state(state);
            assert_eq!(session.state(), state);
        }
        for dialect in Dialect::ALL {
            session.set_dialect(dialect);
            assert_eq!(session.dialect(), dialect);
        }
        session.close();
        assert_eq!(session.state(), State::Closed);
    }
}
