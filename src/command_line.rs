//! `lootbox explore …`, as it is printed for somebody to type: the one writer of that command line.
//!
//! What decides which numbers go out is always in it: the program, the list, where the counter begins, and who draws
//! how often. So it leads to the same numbers wherever it is typed.

use std::fmt;

use crate::draw::DrawProgram;
use crate::quoted::quoted;

/// What one draw does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Program {
    /// A mode, or an answer of the gallery, by its name.
    Named(String),
    /// Its operations.
    Written(String),
}

impl From<&DrawProgram> for Program {
    fn from(program: &DrawProgram) -> Self {
        if program.is_own() {
            Self::Written(program.text())
        } else {
            Self::Named(program.name.to_owned())
        }
    }
}

/// Where the numbers come from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Numbers {
    /// The command takes the right ones by itself.
    Usual,
    /// The numbers 1 to `size`, shuffled from `seed`.
    Shuffled {
        /// How many.
        size: u64,
        /// What they are shuffled from.
        seed: u64,
    },
    /// As `--list` takes them.
    Given(String),
    /// So many that they do not go on a command line: other numbers, in the same order of tickets.
    Counted(u64),
}

impl Numbers {
    /// More than this are not written out.
    const WRITTEN: usize = 12;

    /// A list that was shuffled from `seed`, or given by hand.
    pub(crate) fn of(numbers: &[u32], seed: Option<u64>) -> Self {
        let size = numbers.len() as u64;
        match seed {
            Some(seed) => Self::Shuffled { size, seed },
            None if numbers.len() <= Self::WRITTEN => {
                let numbers: Vec<_> = numbers.iter().map(u32::to_string).collect();
                Self::Given(numbers.join(","))
            }
            None => Self::Counted(size),
        }
    }
}

/// See the [module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Explore {
    /// What one draw does.
    pub(crate) program: Program,
    /// The list.
    pub(crate) numbers: Numbers,
    /// Where the counter begins.
    pub(crate) counter: u64,
    /// How often each session draws.
    pub(crate) draws: Vec<u64>,
}

impl Explore {
    /// With the order to be shown.
    pub(crate) fn replay(&self, schedule: &impl fmt::Display) -> String {
        format!("{self} --replay {schedule}")
    }
}

impl fmt::Display for Explore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("lootbox explore")?;
        match &self.program {
            Program::Named(name) => write!(f, " --mode {}", quoted(name))?,
            Program::Written(operations) => write!(f, " --program {}", quoted(operations))?,
        }
        match &self.numbers {
            Numbers::Usual => {}
            Numbers::Shuffled { size, seed } => write!(f, " --size {size} --seed {seed}")?,
            Numbers::Given(list) => write!(f, " --list {}", quoted(list))?,
            Numbers::Counted(size) => write!(f, " --size {size}")?,
        }
        if self.counter != 0 {
            write!(f, " --counter {}", self.counter)?;
        }
        let draws: Vec<_> = self.draws.iter().map(u64::to_string).collect();
        write!(f, " --draws {}", draws.join(","))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_decides_the_numbers_is_written_and_a_shell_takes_it() {
        let command = |program, numbers, counter| Explore {
            program,
            numbers,
            counter,
            draws: vec![4, 2],
        };
        let race = || Program::Named("unsafe-race".into());
        assert_eq!(
            command(race(), Numbers::Usual, 0).replay(&"ABBA"),
            "lootbox explore --mode unsafe-race --draws 4,2 --replay ABBA"
        );
        let own = Program::Written("load store".into());
        assert_eq!(
            command(own, Numbers::Given("@it's a list".into()), 2).to_string(),
            r"lootbox explore --program 'load store' --list '@it'\''s a list' --counter 2 --draws 4,2"
        );
        assert_eq!(
            command(race(), Numbers::of(&[1; 100], Some(7)), 0).to_string(),
            "lootbox explore --mode unsafe-race --size 100 --seed 7 --draws 4,2"
        );
        assert_eq!(Numbers::of(&[5, 19], None), Numbers::Given("5,19".into()));
        assert_eq!(Numbers::of(&[1; 100], None), Numbers::Counted(100));
    }
}
