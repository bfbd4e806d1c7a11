//! The command line.

use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};

use crate::commands;

const EXAMPLES: &str = "\
Begin with one of these:
  lootbox serve --mode unsafe-race --bots 8     watch the race happen; m changes the mode, q ends it
  lootbox explore --play                        choose the order yourself: can you make it happen?
  lootbox compare                               the three modes side by side, in one table
  lootbox check DIR                             did clients get the same number? From their files
  lootbox lab list                              the classical problems: philosophers and the others

Exit code of every command: 0 fine; 1 found what it looks for, such as a number handed out twice
(compare: in a mode that should have none); 2 could not run.";

/// Watch a race condition happen, understand why, and prove it gone.
///
/// A server that hands out the numbers of a shuffled list, each once, with the locking as a switch:
/// lock, atomic, or a deliberate read-then-write that hands some out twice.
#[derive(Debug, Parser)]
#[command(
    name = "lootbox",
    version,
    propagate_version = true,
    max_term_width = 100,
    after_help = EXAMPLES
)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The subcommands. What each does is said at its options, once: clap takes its help from there.
#[derive(Debug, Subcommand)]
#[allow(missing_docs)] // a doc comment here would take the place of that help
pub enum Command {
    Serve(Box<commands::serve::Options>),
    Dashboard(commands::dashboard::Options),
    Client(commands::client::Args),
    Check(commands::check::Options),
    Compare(Box<commands::compare::Options>),
    Explore(Box<commands::explore::Options>),
    Lab(Box<commands::lab::Options>),
    Completions(commands::completions::Options),
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
            Command::Completions(options) => commands::completions::run(&options),
        }
    }
}
