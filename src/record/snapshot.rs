//! The sums at one moment, as plain data.
//!
//! Every screen, the control socket and the final summary see the server through a [`Snapshot`] and
//! nothing else. Its JSON form is a contract (`docs/control.md`): fields may join, none changes.

use std::fmt;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::session::State;
use crate::draw::{Grain, Mode, Window};
use crate::protocol::Dialect;

/// What is counted over a round, or over several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sums {
    /// How often a number was handed out.
    pub draws: u64,
    /// How many different numbers were handed out.
    pub distinct: u64,
    /// How many numbers were handed out more than once.
    pub duplicates: u64,
    /// Each handing-out after a number's first.
    pub extras: u64,
    /// Draws minus how far the counter moved, repairs left out. Exact when no draw is in flight;
    /// while clients draw it may lag behind by what is just being drawn.
    pub lost_updates: u64,
    /// By how much changes of mode moved the counter up, past what was handed out already.
    pub repaired: u64,
    /// Numbers never handed out though the counter passed them. Counted once every draw that was in
    /// flight then is over.
    pub skipped: u64,
    /// Numbers that were drawn and could not be written to their client.
    pub undelivered: u64,
    /// How often a draw began again because somebody else was faster: `store_if_unchanged`.
    #[serde(default)]
    pub retries: u64,
}

impl AddAssign for Sums {
    fn add_assign(&mut self, other: Self) {
        self.draws += other.draws;
        self.distinct += other.distinct;
        self.duplicates += other.duplicates;
        self.extras += other.extras;
        self.lost_updates += other.lost_updates;
        self.repaired += other.repaired;
        self.skipped += other.skipped;
        self.undelivered += other.undelivered;
        self.retries += other.retries;
    }
}

/// A number that was handed out more than once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Duplicate {
    /// The number.
    pub number: u64,
    /// The ticket that several draws got: what the counter was when each of them read it.
    pub ticket: u64,
    /// The letters of the sessions that got it, in the order in which it was noticed.
    pub sessions: Vec<String>,
}

/// One draw among the newest, a column of the assignment's table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecentDraw {
    /// The counter that the draw read.
    pub ticket: u64,
    /// The letter of the session.
    pub session: String,
    /// The number handed out.
    pub number: u64,
    /// Whether another draw got it too.
    pub duplicate: bool,
}

/// One session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionRow {
    /// Counts the connections of this server, from 1.
    pub id: u64,
    /// A, B, … once the session has drawn.
    pub letter: Option<String>,
    /// What the client calls itself: its own text, to be escaped when shown.
    pub name: Option<String>,
    /// Where the client is, `ADDRESS:PORT`.
    pub address: String,
    /// How the client asks and is answered.
    pub dialect: Dialect,
    /// Numbers handed out to it.
    pub draws: u64,
    /// Over the last second or so.
    pub draws_per_second: u64,
    /// How many of the duplicates it is part of.
    pub duplicates: u64,
    /// Numbers drawn for it that could not be written.
    pub undelivered: u64,
    /// What it does now.
    pub state: State,
}

/// A program that runs in place of the three modes'.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherProgram {
    /// Its name in the gallery, or `your program`.
    pub name: String,
    /// Its operations, with blanks between them.
    pub operations: String,
}

/// A server at one moment.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Snapshot {
    /// The version of the lootbox that wrote this.
    pub version: String,
    /// Where the server listens.
    pub address: String,
    /// Processor cores that the server may use.
    pub cores: u64,
    /// The mode in force; the one nearest to `program`, if that is not null.
    pub mode: Mode,
    /// What runs in place of the mode.
    pub program: Option<OtherProgram>,
    /// The window in force: `none` where the mode has no gap.
    pub window: Window,
    /// The grain in force.
    pub grain: Grain,
    /// How many numbers the list has.
    pub size: u64,
    /// What the list of this round was shuffled from; null for a list given by hand.
    pub seed: Option<u64>,
    /// Counts the lists, from 1.
    pub round: u64,
    /// How long the server has been up, in ns.
    pub uptime_ns: u64,
    /// Whether draws wait for `resume`.
    pub paused: bool,
    /// Whether the counter has reached the end of the list.
    pub sold_out: bool,
    /// Clients inside the server's own process.
    pub bots: u64,
    /// Numbers a second that each bot draws.
    pub bot_rate: u64,
    /// The index of the next number.
    pub counter: u64,
    /// The sums of this round.
    #[serde(flatten)]
    pub sums: Sums,
    /// Over the last second or so.
    pub draws_per_second: u64,
    /// The newest duplicates, newest last, at most [`Snapshot::DUPLICATES`].
    pub duplicate_list: Vec<Duplicate>,
    /// The newest draws up to the counter, in the order of tickets, at most [`Snapshot::RECENT`].
    pub recent: Vec<RecentDraw>,
    /// The sessions: all that are connected, then those that have left, by letter; at most
    /// [`Snapshot::SESSIONS`].
    pub sessions: Vec<SessionRow>,
    /// How many more sessions there were.
    pub sessions_left_out: u64,
    /// The sums of all rounds before this one.
    pub finished_rounds: Sums,
    /// The sums of this round when what runs now began to run: all 0 if it did from the beginning.
    #[serde(default)]
    pub before_change: Sums,
}

impl Snapshot {
    /// How many duplicates a snapshot lists; `duplicates` counts them all.
    pub const DUPLICATES: usize = 100;
    /// How many draws a snapshot lists.
    pub const RECENT: usize = 100;
    /// How many sessions a snapshot lists.
    pub const SESSIONS: usize = 2_000;

    /// The name of what runs: a mode's, or another program's.
    #[must_use]
    pub fn runs(&self) -> &str {
        self.program
            .as_ref()
            .map_or(self.mode.name(), |program| program.name.as_str())
    }

    /// Whether what runs has a gap in which a window can stand.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        match &self.program {
            Some(program) => program.operations.split(' ').any(|word| word == "window"),
            None => self.mode.has_gap(),
        }
    }

    /// The sums of all rounds.
    #[must_use]
    pub fn all_rounds(&self) -> Sums {
        let mut sums = self.finished_rounds;
        sums += self.sums;
        sums
    }
}

/// In one line; what usually is 0 only stands there when it is not.
impl fmt::Display for Sums {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "draws {}, distinct {}, duplicates {}, extras {}, lost updates {}",
            self.draws, self.distinct, self.duplicates, self.extras, self.lost_updates,
        )?;
        for (name, count) in [
            ("repaired", self.repaired),
            ("skipped", self.skipped),
            ("undelivered", self.undelivered),
            ("retries", self.retries),
        ] {
            if count > 0 {
                write!(f, ", {name} {count}")?;
            }
        }
        Ok(())
    }
}
