//! What the draws of a moment run on: a round with its list and its memory, and the setting in force.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use parking_lot::Mutex;
use thiserror::Error;

use super::list::{List, ListError};
use crate::draw::{DrawProgram, Grain, Mode, Shared, Window};
use crate::record::Sums;

/// What the draws of a moment run on. It is replaced as a whole, never changed.
#[derive(Clone, Debug)]
pub struct Setting {
    /// The round that is being drawn.
    pub round: Arc<Round>,
    /// What a draw does.
    pub runs: Runs,
    /// The window given by hand, which stays from program to program.
    pub(super) chosen_window: Option<Window>,
}

impl Setting {
    /// The window in force: the chosen one, else the program's own; none where there is no gap.
    #[must_use]
    pub fn window(&self) -> Window {
        let program = &self.runs.program;
        if program.has_gap() {
            self.chosen_window.unwrap_or(program.default_window())
        } else {
            Window::None
        }
    }
}

/// What a draw does, whatever it draws from and however long its window is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Runs {
    /// The program of a draw.
    pub program: Arc<DrawProgram>,
    /// What one run of it hands out.
    pub grain: Grain,
}

/// From one shuffle to the next.
#[derive(Debug)]
pub struct Round {
    /// Counts the rounds, from 1.
    pub number: u64,
    /// What the list was shuffled from; `None` for one given by hand.
    pub seed: Option<u64>,
    /// The numbers.
    pub list: Arc<List>,
    /// The counter and its mutex.
    pub shared: Shared,
    /// Locked once a session, at its first draw.
    pub(super) letters: Mutex<Letters>,
    /// What ran before, oldest first.
    pub(super) changes: Mutex<Vec<Change>>,
    pub(super) undelivered: AtomicU64,
}

impl Round {
    pub(crate) fn new(number: u64, seed: Option<u64>, list: Arc<List>) -> Arc<Self> {
        Arc::new(Self {
            number,
            seed,
            shared: Shared::new(list.size()),
            list,
            letters: Mutex::default(),
            changes: Mutex::default(),
            undelivered: AtomicU64::new(0),
        })
    }
}

/// At one moment of a round, when no draw was in flight, something else began to run.
#[derive(Clone, Debug)]
pub(super) struct Change {
    /// What ran until then.
    pub(super) before: Runs,
    /// Where the counter was then: later draws have no lower ticket.
    pub(super) counter: u64,
    /// Earlier draws had no ticket from this one on.
    pub(super) one_past_highest: u64,
    /// The sums of the round until then.
    pub(super) sums: Sums,
}

/// Which letters are taken: all before `next`, and those that were asked for.
#[derive(Debug, Default)]
pub(super) struct Letters {
    next: u64,
    asked_for: BTreeSet<u64>,
}

impl Letters {
    /// That letter; `false` if another has it.
    pub(super) fn ask_for(&mut self, letter: u64) -> bool {
        letter >= self.next && self.asked_for.insert(letter)
    }

    /// The first that is free.
    pub(super) fn next(&mut self) -> u64 {
        while self.asked_for.remove(&self.next) {
            self.next += 1;
        }
        self.next += 1;
        self.next - 1
    }
}

/// Where a loot box's list comes from.
#[derive(Clone, Debug)]
pub enum Source {
    /// The numbers 1..=size, shuffled from the seed; each further round from the seed after it.
    Shuffled {
        /// How many numbers.
        size: u64,
        /// What the first round is shuffled from.
        seed: u64,
    },
    /// The same list in each round.
    Given(Arc<List>),
}

/// Why a change was refused.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ChangeError {
    /// `atomic` reads and writes in one operation.
    #[error(
        "mode {mode} has no gap between the read and the write, so no window {window}: use window none, or mode lock or unsafe-race"
    )]
    NoGap {
        /// The mode that would be in force.
        mode: Mode,
        /// The window that was asked for.
        window: Window,
    },
    /// The window has no place in that program, or tells a number that the draw does not get.
    #[error("{name} ({program}) cannot have the window {window}: {reason}")]
    NoWindow {
        /// What would run.
        name: &'static str,
        /// Its operations.
        program: String,
        /// The window that was asked for.
        window: Window,
        /// Why.
        reason: &'static str,
    },
    /// What a schedule runs on stays as it is until its last letter.
    #[error(
        "a schedule runs: mode, window, grain and round stay as they are, and nothing pauses, until its last letter"
    )]
    Scheduled,
    /// Too late.
    #[error("the server is stopping")]
    Stopping,
    /// The new round's list.
    #[error(transparent)]
    List(#[from] ListError),
}

/// Whether a program can have the window that was chosen by hand, if one was.
pub(super) fn check_window(
    program: &DrawProgram,
    window: Option<Window>,
) -> Result<(), ChangeError> {
    let window = window.unwrap_or(Window::None);
    match (program.why_no_window(window), program.mode) {
        (None, _) => Ok(()),
        (Some(_), Some(mode)) => Err(ChangeError::NoGap { mode, window }),
        (Some(reason), None) => Err(ChangeError::NoWindow {
            name: program.name,
            program: program.text(),
            window,
            reason,
        }),
    }
}
