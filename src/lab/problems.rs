//! The problems that come with it, from `demos/problems`, inside the binary.

/// A problem: its name and its program.
#[derive(Debug, Clone, Copy)]
pub struct Problem {
    /// Its name, as `lab check` takes it.
    pub name: &'static str,
    /// The program.
    pub source: &'static str,
}

macro_rules! problems {
    ($($name:literal),* $(,)?) => {
        &[$(Problem {
            name: $name,
            source: include_str!(concat!("../../demos/problems/", $name, ".sync")),
        }),*]
    };
}

/// All of them, in the order of the textbook.
pub const ALL: &[Problem] = problems![
    "bounded-buffer-racy",
    "bounded-buffer",
    "readers-writers-first",
    "readers-writers-second",
    "readers-writers-fair",
    "rwlock",
    "philosophers-naive",
    "philosophers-four-seats",
    "philosophers-both-or-none",
    "philosophers-odd-even",
    "philosophers-fair",
    "lootbox-race",
    "lootbox-lock",
];

/// The problem of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Problem> {
    ALL.iter().find(|it| it.name == name)
}

impl Problem {
    /// The question it answers: its first line.
    #[must_use]
    pub fn question(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or("");
        first.trim_start_matches("//").trim()
    }
}
