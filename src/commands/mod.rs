//! The subcommands: from options to an exit code. Each does little itself and calls the room that
//! does the work.

pub mod check;
pub(crate) mod client;
pub(crate) mod compare;
pub(crate) mod completions;
pub(crate) mod dashboard;
pub(crate) mod explore;
pub(crate) mod lab;
pub(crate) mod man;
pub(crate) mod output;
mod played;
pub(crate) mod reading;
pub(crate) mod serve;
pub(crate) mod signals;
pub(crate) mod words;

/// More memory than this is none that a search could take.
const MAX_MEBIBYTES: usize = 1 << 30;

/// Exit code: fine.
pub const FINE: u8 = 0;
/// Exit code: the thing looked for was found, as duplicates among files.
pub const FOUND: u8 = 1;
/// Exit code: could not run, as with bad input or no server.
pub const COULD_NOT_RUN: u8 = 2;
