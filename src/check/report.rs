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
    /// Lines that are no draws: those that begin `error:`, `wrong command!` or `#`, an echo of `draw N`, the head
    /// of a table, and what a given expression says is none.
    pub passed_over: u64,
    /// Numbers beyond the size, and every 0: no list holds them.
    pub out_of_range: FirstOf<OutOfRange>,
    /// Lines on which no number is sure to be a draw. None of their numbers is counted.
    pub not_understood: FirstOf<NotUnderstood>,
    /// A number far larger than all others, with the size of the list unknown: several in a row, perhaps. It is
    /// counted.
    pub far_out: Option<OutOfRange>,
    /// The first number that is all its file holds, without a line end: several in a row, perhaps. It is counted.
    pub unended: Option<OutOfRange>,
    /// Links that lead out of the directory they stand in, and where to: they were not followed.
    pub not_read: Vec<String>,
    /// How it may be read what was not understood. Each was tried: it understands every line.
    pub hints: Vec<Hint>,
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

/// A way to read a run that was not understood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Hint {
    /// The option, as a shell takes it.
    pub option: String,
    /// The whole command.
    pub command: String,
}

/// A line on which no number is sure to be a draw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NotUnderstood {
    /// The line, with control characters escaped and cut to about 60 characters.
    pub text: String,
    /// What is the matter with it.
    pub why: Why,
    /// Where it stands.
    #[serde(flatten)]
    pub place: Place,
}

/// Why a line is not understood.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Why {
    /// There is no number on it.
    NoNumber,
    /// Which of its numbers is a draw?
    SeveralNumbers,
    /// There is a number among words: it may be anything.
    WordsBeside,
    /// The column or the expression that was asked for finds no number on it.
    NotPicked,
    /// The number is in no list of that size, and looks like several in a row.
    Glued,
    /// It is too long to be anything but a list, and it is none.
    TooLong,
}

impl fmt::Display for Why {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NoNumber => "no number",
            Self::SeveralNumbers => "several numbers on a line",
            Self::WordsBeside => "words beside a number",
            Self::NotPicked => "no number where one should be",
            Self::Glued => "out of range: several numbers without a blank between them?",
            Self::TooLong => "a very long line, and no list of numbers",
        })
    }
}

/// What a report comes to. Its word is the same in every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Numbers were read, all of it was understood, and no number was handed out twice.
    Clean,
    /// Duplicates, or numbers out of range: the server is wrong.
    Wrong,
    /// Nothing wrong was found, but not everything could be read, so nothing is proved.
    Unusable,
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Clean => "clean",
            Self::Wrong => "wrong",
            Self::Unusable => "unusable",
        })
    }
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

/// The figures that a verdict is made of. There is one place that makes it, so that no two commands say two things
/// of the same files.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Grounds {
    /// Numbers in range.
    pub numbers: u64,
    /// Handings-out after the first, and numbers out of range.
    pub wrong: u64,
    /// Whatever could not be read for sure.
    pub unclear: u64,
}

impl Grounds {
    /// Something wrong outweighs something not understood: a duplicate stays one, whatever else is in the files.
    pub(crate) fn verdict(self) -> Verdict {
        if self.wrong > 0 {
            Verdict::Wrong
        } else if self.unclear > 0 || self.numbers == 0 {
            Verdict::Unusable
        } else {
            Verdict::Clean
        }
    }
}

impl Report {
    /// What it comes to.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Grounds {
            numbers: self.numbers,
            wrong: self.extras + self.out_of_range.count,
            unclear: self.unclear(),
        }
        .verdict()
    }

    /// Lines not understood, numbers that may be several, links that were not followed.
    #[must_use]
    pub fn unclear(&self) -> u64 {
        self.not_understood.count + u64::from(self.far_out.is_some()) + self.not_read.len() as u64
    }
}
