//! The result of checking one run.

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

/// What the output files of one run say about it. `Display` is the text for people, `Serialize` what
/// `--json` prints.
///
/// `numbers = distinct + extras`, always: a number out of range is in neither.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    /// The size of the list, if it was given.
    pub size: Option<u64>,
    /// How many files were read.
    pub files: usize,
    /// How many numbers in range stand in them.
    pub numbers: u64,
    /// How many different ones.
    pub distinct: u64,
    /// Handings-out of a number after its first.
    pub extras: u64,
    /// Numbers up to the size (without one, up to the largest seen) that stand in no file. For information: a
    /// list that nobody drained misses most of them.
    pub missing: u64,
    /// The smallest number and the largest, if there is any.
    pub range: Option<(u64, u64)>,
    /// Lines that begin `error:`, `wrong command!` or `#`.
    pub passed_over: u64,
    /// Numbers beyond the size, and every 0: no list holds them.
    pub out_of_range: FirstOf<OutOfRange>,
    /// Words that are no number.
    pub not_understood: FirstOf<NotUnderstood>,
    /// Every duplicate and how often it was handed out, by number.
    pub duplicates: Vec<(u64, u64)>,
    /// Those that are [shown](super::Options::shown), with their places, in the order in which they were
    /// detected.
    pub shown: Vec<Duplicate>,
}

/// How many there are, and the first twenty of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FirstOf<T> {
    /// How many there are in all.
    pub count: u64,
    /// The first ones.
    pub first: Vec<T>,
}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The name of the file, with control characters escaped.
    pub file: Arc<str>,
    /// The line in it, from 1.
    pub line: u64,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.file, self.line)
    }
}

/// A number handed out more than once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Duplicate {
    /// The number.
    pub number: u64,
    /// How often it was handed out.
    pub count: u64,
    /// Where it stands: the first [`places`](super::Options::places) of them.
    pub places: Vec<Place>,
}

/// A number that is in no list of the given size.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OutOfRange {
    /// The number.
    pub number: u64,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// A word that is no number.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotUnderstood {
    /// The word, with control characters escaped and cut to about 40 characters.
    pub text: String,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// What a report comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Numbers were read, all of it was understood, and no number was handed out twice.
    Clean,
    /// Duplicates, or numbers out of range: the server is wrong.
    Wrong,
    /// Nothing wrong was found, but not everything could be read, so nothing is proved.
    Unusable,
}

impl Verdict {
    /// 0 clean, 1 wrong, 2 unusable: the status `lootbox check` leaves with.
    #[must_use]
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Wrong => 1,
            Self::Unusable => 2,
        }
    }

    /// The verdict on several runs: wrong if one is wrong, else unusable if one is, or if there is none.
    #[must_use]
    pub fn of_all(verdicts: impl IntoIterator<Item = Self>) -> Self {
        verdicts
            .into_iter()
            .reduce(|all, one| match (all, one) {
                (Self::Wrong, _) | (_, Self::Wrong) => Self::Wrong,
                (Self::Unusable, _) | (_, Self::Unusable) => Self::Unusable,
                (Self::Clean, Self::Clean) => Self::Clean,
            })
            .unwrap_or(Self::Unusable)
    }
}

impl Report {
    /// What it comes to. Something wrong outweighs something not understood: a duplicate stays one, whatever
    /// else is in the files.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.extras > 0 || self.out_of_range.count > 0 {
            Verdict::Wrong
        } else if self.not_understood.count > 0 || self.numbers == 0 {
            Verdict::Unusable
        } else {
            Verdict::Clean
        }
    }
}
