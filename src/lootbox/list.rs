//! The list: the numbers 1..=size in random order, handed out by index and never popped.
//!
//! `read`: a list given by hand, as text or in a file.

mod read;

use std::fs::File;
use std::io::BufReader;
use std::ops::Range;

use rand::rngs::Xoshiro256PlusPlus;
use rand::{Rng as _, SeedableRng as _};
use thiserror::Error;

use crate::escaped::escaped;

/// The longest list: about 17 bytes a number are kept, so this takes 1.7 GB.
pub const MAX_SIZE: u64 = 100_000_000;

/// Why a list cannot be used.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum ListError {
    /// Nothing to draw.
    #[error("the list is empty: give at least one number, as in 5,19,228")]
    Empty,
    /// Too long, or shuffled from nothing.
    #[error("a list of {0} numbers: use a size from 1 to {MAX_SIZE}")]
    Size(u64),
    /// Not a whole number of 1 or more.
    #[error("{0:?} in the list is no number from 1 to {max}", max = u32::MAX)]
    NotANumber(String),
    /// A comma with nothing on one side: somebody has lost a number.
    #[error(
        "a number is missing at place {0} of the list: a comma stands between two numbers, as in 5,19,228"
    )]
    Missing(usize),
    /// A file that is no list, or one without an end.
    #[error("more than {0} bytes: that is no list of numbers")]
    Endless(u64),
    /// The file cannot be read.
    #[error("cannot be read: {0}")]
    Unreadable(String),
    /// What is wrong with the list in a file.
    #[error("the list in {path}: {error}")]
    File {
        /// The file.
        path: String,
        /// What is wrong.
        error: Box<ListError>,
    },
    /// The same number twice: every round would have a duplicate that is nobody's fault.
    #[error(
        "the number {0} stands in the list twice: each may be there once, or every duplicate would be the list's"
    )]
    Repeated(u32),
}

/// The list, and the same as ready-made text: handing out a range of tickets is one copy.
#[derive(Debug, PartialEq, Eq)]
pub struct List {
    numbers: Vec<u32>,
    /// `5\n19\n228\n…`
    text: Vec<u8>,
    /// Where the line of each ticket begins, and where the last one ends.
    starts: Vec<u32>,
}

impl List {
    /// The numbers 1..=size, shuffled: the same seed gives the same list on every machine and in
    /// every version.
    ///
    /// The generator is xoshiro256++, seeded through splitmix64 [Blackman and Vigna 2019]; the
    /// shuffle is Fisher and Yates's, from the end, with an unbiased index by rejection. Both stand
    /// here and not in a library's `shuffle`, which may change its algorithm with a version.
    ///
    /// # Errors
    /// If `size` is 0 or more than [`MAX_SIZE`].
    pub fn shuffled(size: u64, seed: u64) -> Result<Self, ListError> {
        let last = match u32::try_from(size) {
            Ok(last) if (1..=MAX_SIZE).contains(&size) => last,
            _ => return Err(ListError::Size(size)),
        };
        let mut numbers: Vec<u32> = (1..=last).collect();
        let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
        for unshuffled in (2..=size).rev() {
            // A multiple of `unshuffled`, so that each remainder is equally likely below it.
            let fair = u64::MAX - u64::MAX % unshuffled;
            let index = loop {
                let random = generator.next_u64();
                if random < fair {
                    break random % unshuffled;
                }
            };
            let index = usize::try_from(index).unwrap_or(0);
            numbers.swap(index, usize::try_from(unshuffled - 1).unwrap_or(0));
        }
        Ok(Self::new(numbers))
    }

    /// A list as an option takes it: its numbers, or `@FILE` with them in it.
    ///
    /// # Errors
    /// If there is no such file, or as [`given`](Self::given).
    pub fn asked_for(text: &str) -> Result<Self, ListError> {
        let Some(path) = text.strip_prefix('@') else {
            return Self::given(text);
        };
        File::open(path)
            .map_err(|error| ListError::Unreadable(error.to_string()))
            .and_then(|file| read::numbers(BufReader::new(file)))
            .map(Self::new)
            .map_err(|error| ListError::File {
                path: escaped(path),
                error: Box::new(error),
            })
    }

    /// A list given by hand, as in the assignment: `5,19,228,665,7,11`, or one number a line.
    ///
    /// # Errors
    /// If it is empty, too long, holds something else than numbers, or a number twice.
    pub fn given(text: &str) -> Result<Self, ListError> {
        read::numbers(text.as_bytes()).map(Self::new)
    }

    fn new(numbers: Vec<u32>) -> Self {
        let mut text = Vec::with_capacity(numbers.len() * 7);
        let mut starts = Vec::with_capacity(numbers.len() + 1);
        for &number in &numbers {
            starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
            push_line(&mut text, number);
        }
        starts.push(u32::try_from(text.len()).unwrap_or(u32::MAX));
        Self {
            numbers,
            text,
            starts,
        }
    }

    /// How many numbers there are.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.numbers.len() as u64
    }

    /// The numbers, by ticket.
    #[must_use]
    pub fn numbers(&self) -> &[u32] {
        &self.numbers
    }

    /// The numbers of these tickets as text, each on a line of its own. Tickets past the end of
    /// the list have none.
    #[must_use]
    pub fn lines(&self, tickets: Range<u64>) -> &[u8] {
        let place = |ticket: u64| {
            let index = usize::try_from(ticket.min(self.size())).unwrap_or(usize::MAX);
            self.starts[index] as usize
        };
        &self.text[place(tickets.start)..place(tickets.end.max(tickets.start))]
    }
}

/// `write!` would take ten times as long, and a list of ten million numbers seconds.
fn push_line(text: &mut Vec<u8>, number: u32) {
    let mut digits = [0; 10];
    let mut first = digits.len();
    let mut left = number;
    loop {
        first -= 1;
        digits[first] = b'0' + (left % 10) as u8;
        left /= 10;
        if left == 0 {
            break;
        }
    }
    text.extend_from_slice(&digits[first..]);
    text.push(b'\n');
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::cases;
    use proptest::prelude::*;

    /// FNV-1a over the text: any change of generator, seeding or shuffle changes it.
    fn digest(list: &List) -> u64 {
        list.text
            .iter()
            .fold(0xcbf2_9ce4_8422_2325, |digest, &byte| {
                (digest ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
            })
    }

    /// Golden, and computed by another program (the generator's reference code, in Python): who
    /// notes a seed today repeats the lecture with it in ten years.
    #[test]
    fn a_seed_gives_the_same_list_for_ever() {
        let small = List::shuffled(10, 42).unwrap();
        assert_eq!(small.numbers, [7, 10, 8, 9, 1, 6, 4, 5, 3, 2]);
        let whole = List::shuffled(100_000, 42).unwrap();
        assert_eq!(format!("{:016x}", digest(&whole)), "886cb6d890302b7a");
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn a_shuffled_list_holds_each_number_once(size in 1u64..2_000, seed: u64) {
            let mut numbers = List::shuffled(size, seed).unwrap().numbers;
            numbers.sort_unstable();
            prop_assert!(numbers.into_iter().map(u64::from).eq(1..=size));
        }

        #[test]
        fn the_text_of_tickets_is_their_numbers(seed: u64, a in 0u64..120, b in 0u64..120) {
            let list = List::shuffled(100, seed).unwrap();
            let range = usize::try_from(a.min(100)).unwrap()..usize::try_from(b.clamp(a, 100.max(a)).min(100)).unwrap();
            let mut expected = Vec::new();
            for &number in &list.numbers[range.start..range.end.max(range.start)] {
                push_line(&mut expected, number);
            }
            prop_assert_eq!(list.lines(a..b), expected);
        }
    }

    #[test]
    fn a_number_is_written_as_everybody_writes_it() {
        for number in [1, 9, 10, 99_999, 100_000, u32::MAX] {
            let mut line = Vec::new();
            push_line(&mut line, number);
            assert_eq!(line, format!("{number}\n").into_bytes());
        }
    }

    #[test]
    fn a_size_that_cannot_be_used_says_why() {
        assert_eq!(List::shuffled(0, 1), Err(ListError::Size(0)));
        assert_eq!(
            List::shuffled(MAX_SIZE + 1, 1),
            Err(ListError::Size(MAX_SIZE + 1))
        );
    }
}
