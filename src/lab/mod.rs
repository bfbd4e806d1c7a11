//! The lab: the classical problems in the textbook's own pseudo-code.

pub mod check;
pub mod compile;
pub mod error;
pub mod lanes;
pub mod machine;
pub mod parse;
pub mod problems;
pub mod program;
#[cfg(test)]
mod random_tests;
pub mod report;
pub mod run;
pub mod syntax;
pub mod table;
#[cfg(test)]
mod tests;
pub mod value;
pub mod waiting;
pub mod warn;

use compile::Settings;
use error::LabError;
use program::Program;

/// Reads a program.
///
/// # Errors
/// The first mistake in it, with its place.
pub fn load(file: &str, source: &str, settings: &Settings) -> Result<Program, LabError> {
    parse::parse(source)
        .and_then(|tree| compile::compile(&tree, source, settings))
        .map_err(|mistake| mistake.in_file(file, source))
}
