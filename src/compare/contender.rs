//! What our own server can run: a mode, or an answer of the gallery, by the same names as in every command.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::draw::gallery::{Answer, names};
use crate::draw::{DrawProgram, Mode, Window};

/// A mode, or an answer of the gallery.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Contender {
    /// One of the three.
    Mode(Mode),
    /// One that looks right.
    Answer(&'static Answer),
}

impl Contender {
    /// Its name on the command line.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Mode(mode) => mode.name(),
            Self::Answer(answer) => answer.name,
        }
    }

    /// Whether no number may go out twice.
    #[must_use]
    pub fn should_be_clean(self) -> bool {
        match self {
            Self::Mode(mode) => mode != Mode::UnsafeRace,
            Self::Answer(answer) => answer.right,
        }
    }

    /// What a draw runs.
    pub(super) fn program(self) -> DrawProgram {
        match self {
            Self::Mode(mode) => mode.into(),
            Self::Answer(answer) => answer.into(),
        }
    }

    /// The window of the comparison, if there is a gap in which it can stand.
    pub(super) fn window(self, window: Window) -> Option<Window> {
        let program = self.program();
        let fits = program.why_no_window(window).is_none();
        let window = if fits { window } else { Window::None };
        program.has_gap().then_some(window)
    }
}

impl fmt::Display for Contender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Contender {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        let mode = Mode::ALL.into_iter().find(|mode| mode.name() == name);
        let answer = || Answer::named(name).map(Self::Answer);
        mode.map(Self::Mode).or_else(answer).ok_or_else(|| {
            let names: Vec<_> = names().collect();
            format!("no mode {name:?}: use {}", names.join(", "))
        })
    }
}

impl Serialize for Contender {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

impl<'de> Deserialize<'de> for Contender {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        name.parse().map_err(serde::de::Error::custom)
    }
}
