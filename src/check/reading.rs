//! Which number of a line is meant.
//!
//! A line with one number on it leaves nothing to guess. Any other is not guessed at either: whoever checks says
//! which number it is, or the line is not understood.

use std::fmt;
use std::num::NonZeroUsize;
use std::str::FromStr;

use regex::bytes::Regex;

use crate::quoted::quoted;

/// Which number of a line is a draw.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Reading {
    /// The line's only one, with nothing beside it. A list in square brackets is draws, too.
    #[default]
    Plain,
    /// Every number: lines are lists.
    List,
    /// The one in this column, from 1.
    Column(NonZeroUsize),
    /// What a regular expression finds.
    Pick(Pick),
}

/// The number is the group of this expression, or all that it matches.
#[derive(Debug, Clone)]
pub struct Pick {
    regex: Regex,
}

impl Pick {
    /// The expression.
    pub(super) fn text(&self) -> &str {
        self.regex.as_str()
    }

    /// What it finds on a line.
    pub(super) fn of<'a>(&self, line: &'a [u8]) -> Picked<'a> {
        let Some(found) = self.regex.captures(line) else {
            return Picked::Nothing;
        };
        let group = self.regex.captures_len() - 1;
        found
            .get(group)
            .map_or(Picked::NoDraw, |part| Picked::Text(part.as_bytes()))
    }
}

/// What an expression finds on a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Picked<'a> {
    /// It does not match.
    Nothing,
    /// It matches without its group, which is how an expression says that a line is no draw.
    NoDraw,
    /// What should be the number.
    Text(&'a [u8]),
}

impl FromStr for Pick {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let regex = Regex::new(text).map_err(|error| {
            // The library draws the place on several lines; the last one says what is wrong.
            let text = error.to_string();
            let last = text.lines().last().unwrap_or_default();
            let why = last.trim_start_matches("error: ");
            format!("{why}: write a regular expression, as in 'got ([0-9]+)'")
        })?;
        match regex.captures_len() {
            1 | 2 => Ok(Self { regex }),
            more => Err(format!(
                "{} groups: mark the number with one, and write (?:…) for the others",
                more - 1
            )),
        }
    }
}

impl PartialEq for Pick {
    fn eq(&self, other: &Self) -> bool {
        self.regex.as_str() == other.regex.as_str()
    }
}

impl Eq for Pick {}

/// The option that asks for it, as a shell takes it; nothing for [`Reading::Plain`].
impl fmt::Display for Reading {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Plain => Ok(()),
            Self::List => f.write_str("--list"),
            Self::Column(column) => write!(f, "--column {column}"),
            Self::Pick(pick) => write!(f, "--pick {}", quoted(&visible(pick.regex.as_str()))),
        }
    }
}

/// The same expression with everything in it to be seen: a submission's words must not reach the terminal as they
/// are, and what looks like a blank and is none cannot be copied.
fn visible(regex: &str) -> String {
    let piece = |char: char| match char {
        '\0'..='\x1f' | '\x7f' => format!(r"\x{:02x}", u32::from(char)),
        ' '..='~' => char.to_string(),
        // Nothing is to be seen of it, so it is escaped.
        _ if char.is_whitespace() || char.escape_debug().len() > 1 => {
            format!(r"\x{{{:x}}}", u32::from(char))
        }
        _ => char.to_string(),
    };
    regex.chars().map(piece).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_expression_that_says_too_little_or_too_much() {
        let error = |text: &str| text.parse::<Pick>().unwrap_err();
        assert!(error("(").contains("unclosed group"), "{}", error("("));
        assert_eq!(error("(").lines().count(), 1);
        assert!(error("(a)(b)").starts_with("2 groups"));
        assert!("[0-9]+".parse::<Pick>().is_ok() && "(?:a|b) ([0-9]+)".parse::<Pick>().is_ok());
    }

    #[test]
    fn the_option_as_one_types_it() {
        let option = Reading::Pick(r"it's (\d+)".parse().unwrap()).to_string();
        assert_eq!(option, r"--pick 'it'\''s (\d+)'");
    }

    #[test]
    fn what_cannot_be_seen_is_written_out_and_means_the_same() {
        for (line, option) in [
            ("\u{1b}]0;x\u{7}\t5", r"--pick '^\x1b\]0;x\x07\x09(\d+)'"),
            (
                "é\u{a0}\u{202e}\u{85}5",
                r"--pick '^é\x{a0}\x{202e}\x{85}(\d+)'",
            ),
        ] {
            let pick = format!(r"^{}(\d+)", regex::escape(line.trim_end_matches('5')));
            let printed = Reading::Pick(pick.parse().unwrap()).to_string();
            assert_eq!(printed, option);
            let typed = printed
                .trim_start_matches("--pick '")
                .trim_end_matches('\'');
            let pick: Pick = typed.parse().unwrap();
            assert_eq!(pick.of(line.as_bytes()), Picked::Text(b"5"));
        }
    }
}
