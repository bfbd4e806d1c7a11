//! The lab: the classical problems in the textbook's own pseudo-code.
//!
//! A student writes a problem as the textbook prints it; the same file is looked at in every order and
//! run on real threads. `docs/lab.md` is the language and its meaning. In the order of reading:
//!
//! 1. [`syntax`], [`parse`], [`error`]: what was written, and where it is wrong.
//! 2. [`program`], [`value`], [`compile`]: what it means, as a list of steps; every read and every write
//!    of something shared is one.
//! 3. [`machine`]: what one step does to a state.
//! 4. [`system`]: a program as a system of the [engine of orders](crate::orders), its states [`packed`], and what the [`rules`] say of one.
//!    [`check`]: every order. [`waiting`], [`lanes`], [`warn`], [`report`]: what there is to say about it.
//!    [`ahead`]: one order step by step, for who plays it, and where it can still lead.
//! 5. [`run`]: the same steps on real threads, with real locks.
//! 6. [`problems`], [`table`]: the thirteen that come with it, and the scoreboard. [`brief`]: both kinds of result in few lines.
//!
//! Screens of it stand in `dashboard/lab`, a run, and `dashboard/order/lab`, an order played by hand.

pub(crate) mod ahead;
pub(crate) mod brief;
pub mod check;
pub mod compile;
pub(crate) mod error;
pub(crate) mod lanes;
pub(crate) mod machine;
#[cfg(test)]
mod mistake_tests;
mod packed;
pub(crate) mod parse;
pub mod problems;
pub mod program;
#[cfg(test)]
mod random_tests;
pub(crate) mod report;
mod rules;
pub mod run;
pub mod syntax;
mod system;
pub(crate) mod table;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod textbook_tests;
pub(crate) mod value;
pub(crate) mod waiting;
pub(crate) mod warn;

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
