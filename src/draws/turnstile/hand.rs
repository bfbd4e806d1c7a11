//! Letters that a person grants, one by one, while real clients wait for them.
//!
//! What differs from a schedule: the order has no end until the person says so, a letter for a session that
//! does not come waits until it is taken back, and a letter that could never go is refused and not used up.

use std::time::Duration;

use parking_lot::MutexGuard;
use thiserror::Error;

use super::super::model::Model;
use super::super::replay::Run;
use super::{Place, State, Turnstile};
use crate::orders::schedule::{MAX_LETTERS, MAX_SESSIONS};

/// So many granted letters may wait for their sessions: who holds a key down means no more than that.
pub const MAX_WAITING: usize = 64;

/// Why a letter was not granted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotGranted {
    /// No letters are granted here, or not any more.
    #[error("the order has ended")]
    Ended,
    /// No session has this letter.
    #[error("nobody with this letter has asked for a draw yet")]
    Nobody,
    /// The session is closed.
    #[error("this session has closed its connection")]
    Closed,
    /// Too many letters wait.
    #[error("{MAX_WAITING} letters wait already: Backspace takes one back")]
    Full,
}

/// What a session does, for whoever grants letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// It does not draw: its next letter waits for its next request.
    Nothing,
    /// It waits for its letter, before the program's operation `next`.
    Waits {
        /// The place in the program, from 0.
        next: usize,
        /// That operation takes a lock that somebody holds.
        locked_out: bool,
    },
    /// It has its letter and is not done with it: a window is open.
    Goes,
    /// Its connection is closed.
    Closed,
}

/// One session, for whoever grants letters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Standing {
    /// What it does.
    pub does: Does,
    /// What the draw that it is in, or the one before, has read.
    pub register: Option<u64>,
}

/// The order so far, for whoever grants letters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stand {
    /// What happened.
    pub run: Run,
    /// The sessions, A first.
    pub sessions: Vec<Standing>,
    /// Letters granted that wait for their sessions, the next first.
    pub waiting: Vec<usize>,
    /// Whether no letter will be granted any more.
    pub ended: bool,
}

impl Turnstile {
    /// A turnstile whose letters come by [`grant`](Self::grant); nobody has drawn yet.
    #[must_use]
    pub fn by_hand(model: &Model) -> Self {
        Self::with(model, Vec::new(), false, None)
    }

    /// Grants a letter. It is used up as soon as its session can go; while another letter waits before it, it
    /// waits too.
    ///
    /// # Errors
    /// If it could never go.
    pub fn grant(&self, session: usize) -> Result<(), NotGranted> {
        let mut state = self.state.lock();
        if !state.open || state.stopped || state.letters.len() >= MAX_LETTERS {
            return Err(NotGranted::Ended);
        }
        match state.places.get(session) {
            None => return Err(NotGranted::Nobody),
            // Past Z there is no letter.
            Some(_) if session >= MAX_SESSIONS => return Err(NotGranted::Nobody),
            Some(Place::Closed) => return Err(NotGranted::Closed),
            Some(_) => {}
        }
        if state.letters.len() - state.position >= MAX_WAITING {
            return Err(NotGranted::Full);
        }
        state.letters.push(session);
        self.advance(&mut state);
        Ok(())
    }

    /// Takes the last letter back that still waits, and says whose it was. What has happened stays.
    pub fn withdraw(&self) -> Option<usize> {
        let mut state = self.state.lock();
        if state.letters.len() == state.position {
            return None;
        }
        let session = state.letters.pop();
        self.advance(&mut state);
        session
    }

    /// Ends the order: letters that wait are dropped, and requests that wait end with
    /// [`Ended`](super::Ended), or run on freely.
    pub fn end(&self, then_free: bool) {
        let mut state = self.state.lock();
        if !state.open {
            return;
        }
        state.open = false;
        state.then_free = then_free;
        let used = state.position;
        state.letters.truncate(used);
        self.advance(&mut state);
    }

    /// How it stands, as soon as that is not `last`, or after `time`.
    #[must_use]
    pub fn stand(&self, last: Option<&Stand>, time: Duration) -> Stand {
        let mut state = self.state.lock();
        let now = self.standing(&state);
        if last != Some(&now) {
            return now;
        }
        self.changed.wait_for(&mut state, time);
        self.standing(&state)
    }

    fn standing(&self, state: &MutexGuard<'_, State>) -> Stand {
        let held = !state.holders.is_empty();
        let sessions = state.places.iter().zip(&state.registers);
        Stand {
            run: self.run_of(state),
            sessions: sessions
                .map(|(place, &register)| Standing {
                    does: match *place {
                        Place::Away => Does::Nothing,
                        Place::Waiting { next, locks } => Does::Waits {
                            next,
                            locked_out: locks && held,
                        },
                        Place::Going => Does::Goes,
                        Place::Closed => Does::Closed,
                    },
                    register,
                })
                .collect(),
            waiting: state.letters[state.position..].to_vec(),
            ended: !state.open || state.stopped,
        }
    }
}
