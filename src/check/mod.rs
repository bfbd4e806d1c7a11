//! Output files → duplicates: the proof, from outside, that a race happened or did not.
//!
//! The server may count what it likes; what convinces is what the clients received. A client writes
//! its numbers into a file, one a line; this room reads all files of a **run** (the clients that drew
//! from one list in one round), and says which numbers were handed out more than once, and where
//! they stand.
//!
//! No number is accused on a guess: a line that holds several numbers, or words beside one, is not understood, unless
//! [`Reading`] says which number is meant.
//!
//! In reading order: `reading.rs` says which number of a line is meant, `line.rs` finds it, `scanner.rs` makes lines
//! out of bytes, `table.rs` knows lists that are the lines of a table, `seen.rs` remembers who had a number before, `glued.rs` doubts numbers that may be several,
//! [`Checker`] joins them, [`Report`] is the result (`text.rs` for people, `json.rs` for programs),
//! `runs.rs` finds out which files belong together, `hint.rs` how a run may be read that was not understood,
//! `check_run.rs` checks one run, and `rows.rs` many at once.
//!
//! # Memory
//!
//! A file is never held, and of a line not more than 64 KiB: 100 clients may have drawn 1,000,000 numbers each. What is
//! held grows with the **range** of the numbers:
//!
//! * 8 bytes a number of the range: where it was seen first, or how often. The table comes in pages of 2,048
//!   numbers, and a page without a number takes 8 bytes in all.
//! * 16 bytes for each duplicate when the report is made (32 while the list grows).
//! * 40 + 8 × [`Options::places`] bytes for each duplicate that is shown, and 24 more a place in the report. For
//!   twenty of them that is nothing; with [`Shown::All`] and ten places it is up to 360 bytes a number.
//! * Numbers beyond 134,217,728 (2²⁷), which is beyond the longest list, go into a hash map, about 50 bytes each. When it
//!   holds 4,194,304 (2²²), [`CheckError::TooManyNumbers`] asks for the size. So a stray telephone number costs nothing,
//!   and a file full of nonsense cannot eat the machine.
//! * A name and 8 bytes for each file.

mod check_run;
mod checker;
mod error;
mod glued;
mod hint;
mod json;
mod line;
mod listing;
mod reading;
mod report;
mod rows;
mod runs;
mod scanner;
mod seen;
mod table;
mod text;

pub use checker::Checker;
pub use error::CheckError;
pub use reading::{Pick, Reading};
pub(crate) use report::Grounds;
pub use report::{
    Duplicate, FirstOf, Hint, NotUnderstood, OutOfRange, Place, Report, Verdict, Why,
};
pub use rows::{Checked, Row, check_paths, each, write_csv};
pub use runs::{Run, Submission, files_of_nobody, find_runs, find_submissions};
pub(crate) use scanner::{Found, Scanner, numbers_on};

/// What to look for, and how much of it to show.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The size of the list: numbers beyond it are out of range, and what is missing is known exactly.
    /// Without it, the largest number seen stands in.
    pub size: Option<u64>,
    /// Which number of a line is meant.
    pub reading: Reading,
    /// How many places of each duplicate are shown.
    pub places: usize,
    /// How many duplicates are shown with their places; all are counted.
    pub shown: Shown,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            size: None,
            reading: Reading::Plain,
            places: 10,
            shown: Shown::First(20),
        }
    }
}

/// How many duplicates are shown with their places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shown {
    /// Only so many, in the order in which they were detected.
    First(usize),
    /// Every one. This takes memory for each: see the room's text on memory.
    All,
}

impl Shown {
    fn limit(self) -> usize {
        match self {
            Self::First(limit) => limit,
            Self::All => usize::MAX,
        }
    }
}
