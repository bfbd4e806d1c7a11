//! The subcommands: from options to an exit code. Each does little itself and calls the room that
//! does the work.

pub mod check;
pub mod client;
pub mod compare;
pub mod completions;
pub mod dashboard;
pub mod explore;
pub mod lab;
pub mod man;
pub mod output;
pub mod reading;
pub mod serve;
pub(crate) mod signals;
pub mod words;

use crate::progress;

/// More memory than this is none that a search could take.
const MAX_MEBIBYTES: usize = 1 << 30;

/// Exit code: fine.
pub const FINE: u8 = 0;
/// Exit code: the thing looked for was found, as duplicates among files.
pub const FOUND: u8 = 1;
/// Exit code: could not run, as with bad input or no server.
pub const COULD_NOT_RUN: u8 = 2;
