//! Schedules as text: `AAAABAABAABB`.
//!
//! A letter is one step of that process: of a draw, one operation. Blanks and commas between letters say nothing and are
//! there for the reader's eye.

use std::fmt;
use std::str::FromStr;

use serde::{Serialize, Serializer};
use thiserror::Error;

/// Schedules name at most so many sessions: one letter each, A to Z.
pub const MAX_SESSIONS: usize = 26;
/// More letters than this are no schedule that anybody reads.
pub const MAX_LETTERS: usize = 1_000_000;

/// Why a text is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ScheduleError {
    /// Nothing in it.
    #[error("the schedule is empty: write one letter a step, as in AAAABAABAABB")]
    Empty,
    /// Something else than a letter.
    #[error(
        "{found:?} at place {place} of the schedule is no letter: write A to Z, one letter a step, as in AAAABAABAABB"
    )]
    NoLetter {
        /// The character.
        found: char,
        /// Its place in the text, counted from 1.
        place: usize,
    },
    /// Too much.
    #[error("the schedule has more than {MAX_LETTERS} letters")]
    TooLong,
}

/// Who takes the next operation, again and again: the sessions by number, A is 0.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Schedule(Vec<u8>);

impl Schedule {
    /// A schedule of these sessions, A being 0. `None` if one of them has no letter of its own.
    #[must_use]
    pub fn of(sessions: impl IntoIterator<Item = usize>) -> Option<Self> {
        sessions
            .into_iter()
            .map(|session| {
                u8::try_from(session)
                    .ok()
                    .filter(|&session| usize::from(session) < MAX_SESSIONS)
            })
            .collect::<Option<_>>()
            .map(Self)
    }

    /// The sessions in their order, A being 0.
    pub fn sessions(&self) -> impl Iterator<Item = usize> + '_ {
        self.0.iter().map(|&session| usize::from(session))
    }

    /// How many letters it has.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it has none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How often the next letter is another one.
    #[must_use]
    pub fn switches(&self) -> usize {
        self.0.windows(2).filter(|pair| pair[0] != pair[1]).count()
    }

    /// With blanks between the letters, as a person reads it out: `A B B A`.
    #[must_use]
    pub fn spaced(&self) -> String {
        let letters: Vec<_> = self.sessions().map(|s| letter(s).to_string()).collect();
        letters.join(" ")
    }
}

/// The letter of a session, A for 0; `?` past Z.
#[must_use]
pub fn letter(session: usize) -> char {
    match u8::try_from(session) {
        Ok(session) if usize::from(session) < MAX_SESSIONS => char::from(b'A' + session),
        _ => '?',
    }
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let letters: String = self.sessions().map(letter).collect();
        f.pad(&letters)
    }
}

impl Serialize for Schedule {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl FromStr for Schedule {
    type Err = ScheduleError;

    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let mut sessions = Vec::new();
        for (index, found) in text.chars().enumerate() {
            let upper = found.to_ascii_uppercase();
            match u8::try_from(upper) {
                Ok(letter @ b'A'..=b'Z') => sessions.push(letter - b'A'),
                _ if found == ',' || found.is_whitespace() => {}
                _ => {
                    return Err(ScheduleError::NoLetter {
                        found,
                        place: index + 1,
                    });
                }
            }
            if sessions.len() > MAX_LETTERS {
                return Err(ScheduleError::TooLong);
            }
        }
        if sessions.is_empty() {
            return Err(ScheduleError::Empty);
        }
        Ok(Self(sessions))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::cases;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn a_schedule_reads_back_as_it_is_written(sessions in prop::collection::vec(0usize..26, 1..60)) {
            let schedule = Schedule::of(sessions.iter().copied()).unwrap();
            prop_assert_eq!(schedule.to_string().parse::<Schedule>().unwrap(), schedule.clone());
            prop_assert_eq!(schedule.spaced().to_lowercase().parse::<Schedule>().unwrap(), schedule.clone());
            prop_assert!(schedule.sessions().eq(sessions));
        }
    }

    #[test]
    fn switches_are_counted_between_letters() {
        for (text, switches) in [("A", 0), ("AABB", 1), ("ABBA", 2), ("ABAB", 3)] {
            assert_eq!(text.parse::<Schedule>().unwrap().switches(), switches);
        }
    }

    #[test]
    fn what_is_no_schedule_says_where() {
        assert_eq!(" ,".parse::<Schedule>(), Err(ScheduleError::Empty));
        let error = "AB3".parse::<Schedule>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "'3' at place 3 of the schedule is no letter: write A to Z, one letter a step, as in AAAABAABAABB"
        );
        assert!("AÄ".parse::<Schedule>().is_err());
        assert_eq!(Schedule::of([26]), None);
    }
}
