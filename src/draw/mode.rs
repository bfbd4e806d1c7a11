//! The locking as a switch: which of the three programs a draw runs.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::memory::Memory;
use super::program::{ATOMIC, LOCK, Operation, UNSAFE_RACE, draw};

/// Which program the draws run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// Lock, read, write, unlock: one draw at a time.
    Lock,
    /// One atomic fetch-and-add: nothing to come between.
    Atomic,
    /// Read, then write, with nothing to keep others out: the deliberate race.
    UnsafeRace,
}

impl Mode {
    /// All modes, in the order in which the `m` key walks through them.
    pub const ALL: [Self; 3] = [Self::Lock, Self::Atomic, Self::UnsafeRace];

    /// The program of this mode, as data.
    #[must_use]
    pub const fn program(self) -> &'static [Operation] {
        match self {
            Self::Lock => LOCK,
            Self::Atomic => ATOMIC,
            Self::UnsafeRace => UNSAFE_RACE,
        }
    }

    /// Whether there is a gap between the read and the write in which a window can stand.
    #[must_use]
    pub fn has_gap(self) -> bool {
        self.program().contains(&Operation::Window)
    }

    /// The name as it stands on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Lock => "lock",
            Self::Atomic => "atomic",
            Self::UnsafeRace => "unsafe-race",
        }
    }
}

impl fmt::Display for Mode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Mode {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|mode| mode.name() == text)
            .ok_or_else(|| format!("no mode {text:?}: use lock, atomic or unsafe-race"))
    }
}

/// Draws once for each place in `tickets` and returns how many draws handed something out: fewer
/// than asked means sold out. Each draw takes `take` numbers (1, or a whole request).
///
/// The mode is picked here, once a batch and not once an operation: each arm gives [`draw`] a
/// program that is known when this is compiled, so the loop over operations melts away and a draw
/// costs what hand-written code costs (see `benches/`).
#[inline]
pub fn draw_batch(mode: Mode, take: u64, memory: &mut impl Memory, tickets: &mut [u64]) -> usize {
    match mode {
        Mode::Lock => draw_each(LOCK, take, memory, tickets),
        Mode::Atomic => draw_each(ATOMIC, take, memory, tickets),
        Mode::UnsafeRace => draw_each(UNSAFE_RACE, take, memory, tickets),
    }
}

#[inline(always)]
pub(super) fn draw_each(
    program: &[Operation],
    take: u64,
    memory: &mut impl Memory,
    tickets: &mut [u64],
) -> usize {
    for (drawn, place) in tickets.iter_mut().enumerate() {
        match draw(program, take, memory) {
            Some(ticket) => *place = ticket,
            None => return drawn,
        }
    }
    tickets.len()
}
