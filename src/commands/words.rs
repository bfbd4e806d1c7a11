//! Words that an option or a place takes, as a shell completes them and as a slip is told them.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Arg, Command};

use crate::draw::{Grain, Window, gallery};
use crate::lab::problems;

/// The names of all that can be drawn by: the modes, and the gallery. Every command that takes one takes all.
#[must_use]
pub fn modes() -> PossibleValuesParser {
    PossibleValuesParser::new(gallery::names())
}

/// The names of the gallery: those that are wrong or those that are right, or both.
pub(super) fn gallery(rights: &[bool]) -> String {
    let answers = gallery::GALLERY.iter();
    let those = answers.filter(|answer| rights.contains(&answer.right));
    those
        .map(|answer| answer.name)
        .collect::<Vec<_>>()
        .join(", ")
}

/// A file of the lab, or one of the problems that come with it.
#[must_use]
pub fn problem() -> Offering<String> {
    Offering {
        words: problems::ALL.iter().map(|it| it.name).collect(),
        parse: |word| Ok(word.to_owned()),
    }
}

/// A window; of those with a duration an example is offered.
#[must_use]
pub fn window() -> Offering<Window> {
    Offering {
        words: vec!["none", "reply", "yield", "spin:50us", "sleep:5ms"],
        parse: str::parse,
    }
}

/// How much one draw hands out, each with what it means.
#[must_use]
pub fn grain() -> impl TypedValueParser<Value = Grain> {
    PossibleValuesParser::new([
        PossibleValue::new("number")
            .help("One number: `draw 4` is four draws, and others come in between"),
        PossibleValue::new("request").help(
            "A whole request: `draw 4` is one, and the lock is taken once. Cheaper, and everybody else waits for all \
             of it",
        ),
    ])
    .try_map(|name| name.parse::<Grain>())
}

/// Offers some words, and takes others too.
#[derive(Clone, Debug)]
pub struct Offering<T> {
    words: Vec<&'static str>,
    parse: fn(&str) -> Result<T, String>,
}

impl<T: Clone + Send + Sync + 'static> TypedValueParser for Offering<T> {
    type Value = T;

    fn parse_ref(
        &self,
        command: &Command,
        arg: Option<&Arg>,
        value: &OsStr,
    ) -> Result<T, clap::Error> {
        self.parse.parse_ref(command, arg, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.words.iter().map(PossibleValue::new)))
    }
}
