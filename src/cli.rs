//! The command line.

use clap::{Parser, Subcommand};

use crate::commands;

/// Watch a race condition happen, understand why, and prove it gone.
///
/// A server that hands out the numbers of a shuffled list, each once, with the locking as a switch:
/// lock, atomic, or a deliberate read-then-write that hands some out twice.
#[derive(Debug, Parser)]
#[command(
    name = "lootbox",
    version,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the server, with bots if you like.
    Serve(Box<commands::serve::Options>),
    /// Watch and steer a running server, also over SSH.
    Dashboard(commands::dashboard::Options),
}
