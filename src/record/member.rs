//! A session in the sums of a round: while it draws, and when it is gone. What is gone takes a tenth of the memory, because
//! a class that connects for each draw leaves tens of thousands of them.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;

use super::journal::{Reader, Whole};
use super::session::{SessionRecord, State, letters};
use super::snapshot::{SessionRow, Snapshot};
use crate::protocol::Dialect;

/// A session that has drawn.
#[derive(Debug)]
pub(super) struct Member {
    pub(super) draws: u64,
    pub(super) duplicates: u64,
    /// How many draws there were at the last samples.
    pub(super) samples: VecDeque<u64>,
    who: Who,
}

#[derive(Debug)]
enum Who {
    Here {
        record: Arc<SessionRecord>,
        journal: Reader,
        /// The journal from its beginning, for a story.
        beginning: Reader,
    },
    Gone(Box<Gone>),
}

/// What is kept of a session whose client has left.
#[derive(Debug)]
struct Gone {
    id: u64,
    peer: SocketAddr,
    letter: Option<u64>,
    name: Option<Box<str>>,
    dialect: Dialect,
    undelivered: u64,
    retries: u64,
    journal: Whole,
}

impl Member {
    pub(super) fn new(record: Arc<SessionRecord>, journal: Reader) -> Self {
        Self {
            draws: 0,
            duplicates: 0,
            samples: VecDeque::new(),
            who: Who::Here {
                record,
                beginning: journal.clone(),
                journal,
            },
        }
    }

    /// The next tickets of its journal.
    pub(super) fn next_tickets(&mut self) -> Option<std::ops::Range<u64>> {
        match &mut self.who {
            Who::Here { journal, .. } => journal.next(),
            // It was read to its end before.
            Who::Gone(_) => None,
        }
    }

    /// Keeps only what is needed of a session that is gone, once its draws are long in the sums. `still`: nothing came
    /// over all the samples, so its draws a second are 0 and stay so.
    pub(super) fn let_go(&mut self, still: bool) {
        let Who::Here {
            record,
            journal,
            beginning,
        } = &mut self.who
        else {
            return;
        };
        // Its last draws can be seen once it is closed, and must have been read.
        if !still || !record.is_closed() || journal.clone().next().is_some() {
            return;
        }
        let gone = Gone {
            id: record.id,
            peer: record.peer,
            letter: record.letter_number(),
            name: record.name().map(String::into_boxed_str),
            dialect: record.dialect(),
            undelivered: record.undelivered(),
            retries: record.retries(),
            journal: Whole::of(beginning.clone()),
        };
        self.samples = VecDeque::new();
        self.who = Who::Gone(Box::new(gone));
    }

    /// Whether no more is kept of it than has to be.
    pub(super) fn is_let_go(&self) -> bool {
        matches!(self.who, Who::Gone(_))
    }

    /// The journal from its beginning.
    pub(super) fn beginning(&self) -> Reader {
        match &self.who {
            Who::Here { beginning, .. } => beginning.clone(),
            Who::Gone(gone) => gone.journal.reader(),
        }
    }

    pub(super) fn retries(&self) -> u64 {
        match &self.who {
            Who::Here { record, .. } => record.retries(),
            Who::Gone(gone) => gone.retries,
        }
    }

    /// Its letter; a number in its place if it came too late for one.
    pub(super) fn letter(&self) -> String {
        let (letter, id) = match &self.who {
            Who::Here { record, .. } => (record.letter_number(), record.id),
            Who::Gone(gone) => (gone.letter, gone.id),
        };
        letter.map_or_else(|| format!("#{id}"), letters)
    }

    /// Its place among all: those that are connected, then those that have left, by letter.
    pub(super) fn place(&self) -> (bool, u64) {
        match &self.who {
            Who::Here { record, .. } => (record.is_closed(), record.letter_index()),
            Who::Gone(gone) => (true, gone.letter.unwrap_or(u64::MAX)),
        }
    }

    pub(super) fn row(&self, draws_per_second: u64) -> SessionRow {
        let row = match &self.who {
            Who::Here { record, .. } => row(record),
            Who::Gone(gone) => SessionRow {
                id: gone.id,
                letter: gone.letter.map(letters),
                name: gone.name.as_deref().map(str::to_owned),
                address: gone.peer.to_string(),
                dialect: gone.dialect,
                draws: 0,
                draws_per_second: 0,
                duplicates: 0,
                undelivered: gone.undelivered,
                state: State::Closed,
            },
        };
        SessionRow {
            draws: self.draws,
            draws_per_second,
            duplicates: self.duplicates,
            ..row
        }
    }
}

/// A session that has not drawn.
#[must_use]
pub(crate) fn row(record: &SessionRecord) -> SessionRow {
    SessionRow {
        id: record.id,
        letter: record.letter(),
        name: record.name(),
        address: record.peer.to_string(),
        dialect: record.dialect(),
        draws: 0,
        draws_per_second: 0,
        duplicates: 0,
        undelivered: record.undelivered(),
        state: record.state(),
    }
}

/// Puts the sessions that are still connected first and leaves out what is too much.
#[must_use]
pub(crate) fn shorten(mut rows: Vec<SessionRow>) -> (Vec<SessionRow>, u64) {
    rows.sort_by_key(|row| row.state == State::Closed);
    let left_out = rows.len().saturating_sub(Snapshot::SESSIONS);
    rows.truncate(Snapshot::SESSIONS);
    (rows, left_out as u64)
}
