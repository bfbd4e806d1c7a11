//! The subcommands: from options to an exit code. Each does little itself and calls the room that
//! does the work.

pub mod dashboard;
pub mod serve;

use std::process::ExitCode;

use crate::cli::{Cli, Command};

/// Exit code: fine.
pub const FINE: u8 = 0;
/// Exit code: the thing looked for was found, as duplicates among files.
pub const FOUND: u8 = 1;
/// Exit code: could not run, as with bad input or no server.
pub const COULD_NOT_RUN: u8 = 2;

/// Runs the subcommand.
///
/// # Errors
/// When it could not run, with the reason: exit code [`COULD_NOT_RUN`].
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Serve(options) => serve::run(*options),
        Command::Dashboard(options) => dashboard::run(options),
    }
}
