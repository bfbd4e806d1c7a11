//! The command line.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

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
    /// Draw numbers from a server.
    Client(commands::client::Args),
    /// Find numbers that were handed out more than once in clients' output files.
    Check(commands::check::Options),
    /// Run every mode under the same load, or somebody's own server, and compare.
    Compare(Box<commands::compare::Options>),
    /// Try every order in which the operations of several clients' draws can follow one another.
    Explore(Box<commands::explore::Options>),
    /// The classical problems of synchronization: check every order, or run them.
    Lab(Box<commands::lab::Options>),
}

impl Cli {
    /// Whether there is a subcommand of this name.
    #[must_use]
    pub fn has_command(name: &str) -> bool {
        Self::command().find_subcommand(name).is_some()
    }

    /// Runs the subcommand.
    ///
    /// # Errors
    /// When it could not run, with the reason: exit code [`commands::COULD_NOT_RUN`].
    pub fn run(self) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Serve(options) => commands::serve::run(*options),
            Command::Dashboard(options) => commands::dashboard::run(options),
            Command::Client(args) => commands::client::command(&args),
            Command::Check(options) => commands::check::run(&options),
            Command::Compare(options) => commands::compare::run(&options),
            Command::Explore(options) => commands::explore::run(&options),
            Command::Lab(options) => commands::lab::run(&options),
        }
    }
}
