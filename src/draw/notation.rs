//! Programs as text, as in `lock load window store unlock`, and which of them can run.
//!
//! A student's program may be wrong: that is what it is tried for. But some mean nothing: one that writes before it has
//! read writes nothing that means anything. And some cannot be served: one that takes its lock twice waits for itself for ever,
//! one that never gives it back makes all others wait. The explorer shows how that comes about; a server refuses them, with the place
//! and the reason, before anybody waits.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::program::Operation;
use super::program::Operation::{
    Add, FetchAdd, Load, Lock, Store, StoreIfUnchanged, Unlock, Window,
};
use crate::escaped::{LINE, excerpt};

/// More operations than this are no program that a person has thought about.
pub const MAX_OPERATIONS: usize = 64;

impl Operation {
    /// All of them, in the order of the design's text.
    pub const ALL: [Self; 8] = [
        Load,
        Window,
        Store,
        FetchAdd,
        Add,
        Lock,
        Unlock,
        StoreIfUnchanged,
    ];

    /// The name, as programs are written with it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Load => "load",
            Window => "window",
            Store => "store",
            FetchAdd => "fetch_add",
            Add => "add",
            Lock => "lock",
            Unlock => "unlock",
            StoreIfUnchanged => "store_if_unchanged",
        }
    }
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Operation {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL
            .into_iter()
            .find(|operation| operation.name().eq_ignore_ascii_case(text))
            .ok_or_else(|| {
                format!(
                    "there is no such operation: use {}",
                    Self::ALL.map(Self::name).join(", ")
                )
            })
    }
}

/// Why a program cannot run: the place, counted from 1, and the reason.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ProgramError {
    /// One operation is in the way.
    #[error("operation {place} ({operation}): {reason}")]
    At {
        /// Which operation, counted from 1.
        place: usize,
        /// What is written there: the user's text, escaped.
        operation: String,
        /// Why it cannot run there, and what would be right.
        reason: String,
    },
    /// A comma with nothing on one side.
    #[error(
        "operation {place} is missing: a comma stands between two operations, as in 'load, window, store'"
    )]
    Missing {
        /// Which operation, counted from 1.
        place: usize,
    },
    /// The program as a whole.
    #[error("{0}")]
    Whole(&'static str),
}

/// A program as text, `load window store`, from its operations.
#[must_use]
pub fn write_program(program: &[Operation]) -> String {
    let names: Vec<_> = program.iter().map(|operation| operation.name()).collect();
    names.join(" ")
}

/// The operations of a program that [can run](check_program), written as their names, with blanks or single commas
/// between them.
///
/// # Errors
/// If a name is none, or the program cannot run.
///
/// ```
/// use lootbox::draw::notation::parse_program;
/// assert_eq!(parse_program("load window store").unwrap(), lootbox::draw::UNSAFE_RACE);
/// let error = parse_program("load store unlock").unwrap_err();
/// assert_eq!(
///     error.to_string(),
///     "operation 3 (unlock): it gives back a lock that is not held: put a lock before it"
/// );
/// ```
pub fn parse_program(text: &str) -> Result<Vec<Operation>, ProgramError> {
    let program = parse_any_program(text)?;
    check_waiting(&program)?;
    Ok(program)
}

/// The same of a program that only [means something](check_form): it may wait for ever.
///
/// # Errors
/// If a name is none, or the program means nothing.
pub fn parse_any_program(text: &str) -> Result<Vec<Operation>, ProgramError> {
    let commas = text.contains(',');
    // Between two commas something has to stand: an operation may have been lost there.
    let words = text.split(',').flat_map(|part| {
        let empty = (commas && part.trim().is_empty()).then_some("");
        part.split_whitespace().chain(empty)
    });
    let mut program = Vec::new();
    for (index, word) in words.enumerate() {
        if word.is_empty() {
            return Err(ProgramError::Missing { place: index + 1 });
        }
        let operation = word.parse().map_err(|reason| ProgramError::At {
            place: index + 1,
            operation: excerpt(word, LINE),
            reason,
        })?;
        program.push(operation);
        if program.len() > MAX_OPERATIONS {
            return Err(ProgramError::Whole(
                "more than 64 operations: a draw is a small program",
            ));
        }
    }
    check_form(&program)?;
    Ok(program)
}

/// Whether the program can run: alone, it comes to its end, and it does not stop the others.
///
/// # Errors
/// At the first operation that cannot run where it stands.
pub fn check_program(program: &[Operation]) -> Result<(), ProgramError> {
    check_form(program)?;
    check_waiting(program)
}

fn refuse(program: &[Operation], index: usize, reason: String) -> Result<(), ProgramError> {
    Err(ProgramError::At {
        place: index + 1,
        operation: program[index].name().to_owned(),
        reason,
    })
}

/// Whether the program means something: each draw has a ticket, and nobody gives back what he does not hold.
///
/// # Errors
/// At the first operation that means nothing where it stands.
pub fn check_form(program: &[Operation]) -> Result<(), ProgramError> {
    if program.is_empty() {
        return Err(ProgramError::Whole(
            "the program is empty: write operations, as in 'load window store'",
        ));
    }
    let (mut locked, mut read) = (false, false);
    // The operation that moved the counter since the register was read, if one did.
    let mut moved_at = None;
    for (index, &operation) in program.iter().enumerate() {
        match operation {
            Window => {}
            Load => {
                read = true;
                moved_at = None;
            }
            FetchAdd => {
                read = true;
                moved_at = Some(index);
            }
            Store | StoreIfUnchanged if !read => {
                let reason = "it writes register + 1, and nothing was read into the register: put a load before it";
                return refuse(program, index, reason.into());
            }
            StoreIfUnchanged => {
                if let Some(moved) = moved_at {
                    let reason = format!(
                        "operation {} of the same draw has moved the counter since it was read, so it would begin again for ever: put a load between them",
                        moved + 1
                    );
                    return refuse(program, index, reason);
                }
                moved_at = Some(index);
            }
            Add | Store => moved_at = Some(index),
            Lock => locked = true,
            Unlock if !locked => {
                let reason = "it gives back a lock that is not held: put a lock before it";
                return refuse(program, index, reason.into());
            }
            Unlock => locked = false,
        }
    }
    if !read {
        return Err(ProgramError::Whole(
            "no operation reads the counter, so no draw would have a ticket: use load or fetch_add",
        ));
    }
    Ok(())
}

/// Whether nobody waits for ever at the program's lock. One that does is explored, and not served.
///
/// # Errors
/// At the operation that makes somebody wait.
pub fn check_waiting(program: &[Operation]) -> Result<(), ProgramError> {
    let mut locked_at = None;
    for (index, &operation) in program.iter().enumerate() {
        match (operation, locked_at) {
            (StoreIfUnchanged, Some(lock)) => {
                let reason = format!(
                    "it may begin the program again with the lock of operation {} in hand, which would then be taken twice: unlock before it, or use store",
                    lock + 1
                );
                return refuse(program, index, reason);
            }
            (Lock, Some(lock)) => {
                let reason = format!(
                    "operation {} took the lock already, and whoever holds it would wait for itself for ever: unlock before it",
                    lock + 1
                );
                return refuse(program, index, reason);
            }
            (Lock, None) => locked_at = Some(index),
            (Unlock, _) => locked_at = None,
            _ => {}
        }
    }
    match locked_at {
        Some(lock) => {
            let reason = "the lock is never given back, and the next draw would wait for ever: put an unlock after it";
            refuse(program, lock, reason.into())
        }
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{ATOMIC, LOCK, Mode, UNSAFE_RACE};

    #[test]
    fn a_program_reads_back_as_it_is_written() {
        for mode in Mode::ALL {
            let text = write_program(mode.program());
            assert_eq!(parse_program(&text).unwrap(), mode.program());
        }
        assert_eq!(write_program(LOCK), "lock load window store unlock");
        assert_eq!(
            parse_program(" LOAD,window ,\tstore\n").unwrap(),
            UNSAFE_RACE
        );
        assert_eq!(parse_program("fetch_add").unwrap(), ATOMIC);
    }

    #[test]
    fn a_program_that_cannot_run_is_refused_with_the_place_and_the_reason() {
        for (text, place, reason) in [
            ("load stroe", "operation 2 (stroe)", "no such operation"),
            ("store", "operation 1 (store)", "nothing was read"),
            ("add store load", "operation 2 (store)", "nothing was read"),
            ("store_if_unchanged", "operation 1", "nothing was read"),
            ("load unlock store", "operation 2 (unlock)", "not held"),
            (
                "lock load unlock unlock",
                "operation 4 (unlock)",
                "not held",
            ),
            (
                "lock load lock store unlock",
                "operation 3 (lock)",
                "operation 1 took the lock",
            ),
            ("load lock store", "operation 2 (lock)", "never given back"),
            (
                "lock load store_if_unchanged unlock",
                "operation 3 (store_if_unchanged)",
                "taken twice",
            ),
            (
                "load store store_if_unchanged",
                "operation 3 (store_if_unchanged)",
                "operation 2 of the same draw",
            ),
            ("fetch_add store_if_unchanged", "operation 2", "for ever"),
            ("", "the program is empty", ""),
            ("load, , store", "operation 2 is missing", "a comma"),
            (",load store", "operation 1 is missing", "a comma"),
            ("load,store,", "operation 3 is missing", "a comma"),
            ("lock add unlock", "no operation reads", "load or fetch_add"),
        ] {
            let error = parse_program(text).unwrap_err().to_string();
            assert!(error.contains(place), "{text}: {error}");
            assert!(error.contains(reason), "{text}: {error}");
        }
        let long = "load ".repeat(MAX_OPERATIONS + 1);
        assert!(parse_program(&long).is_err());
    }

    #[test]
    fn a_program_that_may_wait_for_ever_means_something_and_is_not_served() {
        for text in [
            "lock load store",
            "lock load lock store unlock",
            "lock load store_if_unchanged unlock",
        ] {
            assert!(parse_any_program(text).is_ok(), "{text}");
            assert!(parse_program(text).is_err(), "{text}");
        }
        for text in ["store", "load unlock store", "lock add unlock", ""] {
            assert!(parse_any_program(text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_program_that_is_merely_wrong_may_run() {
        for text in [
            "load window add",
            "lock load unlock window lock store unlock",
            "load load store store",
            "fetch_add store",
            "load store load store_if_unchanged",
            "lock load unlock window store_if_unchanged",
        ] {
            assert!(parse_program(text).is_ok(), "{text}");
        }
    }
}
