//! The command line.

use std::any::TypeId;
use std::ffi::{OsStr, OsString};
use std::num::NonZeroUsize;
use std::process::ExitCode;
use std::time::Duration;

use clap::error::ErrorKind;
use clap::{Arg, ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

use crate::{commands, terminal_kind};

/// Among the options in a help: behind all others.
const LAST: usize = 1_000;

const EXAMPLES: &str = "\
Begin with one of these:
  lootbox serve --mode unsafe-race --bots 8     watch the race happen; m changes the mode, q ends it
  lootbox explore --play                        choose the order yourself: can you make it happen?
  lootbox compare                               the three modes side by side, in one table
  lootbox check DIR                             did clients get the same number? From their files
  lootbox lab list                              the classical problems: philosophers and the others

Exit code of every command: 0 fine; 1 found what it looks for, such as a number handed out twice
(compare: in a mode that should have none); 2 could not run.

Environment: NO_COLOR=1 switches colours off (so does CLICOLOR=0 in this help); LC_ALL, LC_CTYPE and
LANG say whether more than ASCII can be shown, TERM which colours there are.";

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
    /// Colours: where the terminal has them and `NO_COLOR` is not set, always, or never
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto", display_order = LAST)]
    pub color: ColorChoice,
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
    Man(commands::man::Options),
}

impl Cli {
    /// Runs the subcommand.
    ///
    /// # Errors
    /// When it could not run, with the reason: exit code [`commands::COULD_NOT_RUN`].
    pub fn run(self) -> anyhow::Result<ExitCode> {
        terminal_kind::choose_color(self.color);
        match self.command {
            Command::Serve(options) => commands::serve::run(*options),
            Command::Dashboard(options) => commands::dashboard::run(options),
            Command::Client(args) => commands::client::command(&args),
            Command::Check(options) => commands::check::run(&options),
            Command::Compare(options) => commands::compare::run(&options),
            Command::Explore(options) => commands::explore::run(&options),
            Command::Lab(options) => commands::lab::run(&options),
            Command::Completions(options) => commands::completions::run(&options, command()),
            Command::Man(options) => commands::man::run(&options, command()),
        }
    }
}

/// The command line as it is parsed, and as its help and its completions are made from it.
#[must_use]
pub fn command() -> clap::Command {
    with_signs(Cli::command())
}

/// What stands behind an option that takes a number is its value, even with a sign before it: `--bots -1` is told
/// which numbers there are, and not that there is no option `-1`.
fn with_signs(command: clap::Command) -> clap::Command {
    command
        .mut_args(|arg| {
            let signed = is_number(&arg);
            arg.allow_hyphen_values(signed)
        })
        .mut_subcommands(with_signs)
}

fn is_number(arg: &Arg) -> bool {
    let of = arg.get_value_parser().type_id();
    let numbers = [
        TypeId::of::<u16>(),
        TypeId::of::<u32>(),
        TypeId::of::<u64>(),
        TypeId::of::<usize>(),
        TypeId::of::<NonZeroUsize>(),
        TypeId::of::<Duration>(),
    ];
    numbers.iter().any(|number| of == *number)
}

/// Parses what stands on the command line, the name of the program first.
///
/// # Errors
/// If it is to be shown help, or cannot be understood: see [`in_one_line`].
pub fn parse<I, T>(words: I) -> Result<Cli, clap::Error>
where
    I: IntoIterator<Item = T>,
    T: Into<OsString>,
{
    let words: Vec<OsString> = words.into_iter().map(Into::into).collect();
    let command = command().color(color(&words));
    let matches = command.try_get_matches_from(words)?;
    Cli::from_arg_matches(&matches)
}

/// What `--color` says, known before anything is parsed: the help is printed while it is.
fn color(words: &[OsString]) -> ColorChoice {
    let texts: Vec<_> = words.iter().map(|word| word.to_string_lossy()).collect();
    let split = texts.windows(2).filter(|pair| pair[0] == "--color");
    let joined = texts
        .iter()
        .filter_map(|word| word.strip_prefix("--color="));
    let last = split.map(|pair| &*pair[1]).chain(joined).last();
    last.and_then(|word| ColorChoice::from_str(word, false).ok())
        .unwrap_or(ColorChoice::Auto)
}

/// The deepest command that these words name, the name of the program first: `lootbox lab check`.
#[must_use]
pub fn named(words: impl IntoIterator<Item = impl AsRef<OsStr>>) -> String {
    let mut command = command();
    let mut path = vec![command.get_name().to_owned()];
    for word in words.into_iter().skip(1) {
        if let Some(below) = command.find_subcommand(word.as_ref()).cloned() {
            path.push(below.get_name().to_owned());
            command = below;
        }
    }
    path.join(" ")
}

/// What is wrong with the command line of `command`, and what would be right, in one line.
#[must_use]
pub fn in_one_line(error: &clap::Error, command: &str) -> String {
    let text = error.to_string();
    let mut parts: Vec<&str> = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .take_while(|line| !line.starts_with("Usage:"))
        .filter(|line| !line.starts_with("For more information"))
        .map(|line| line.trim_start_matches("error: ").trim_end_matches(':'))
        .collect();
    let usage = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("Usage: "))
        .map(|usage| format!("usage: {usage}"));
    // Whoever has forgotten something needs to see what belongs where.
    if let Some(usage) = &usage
        && error.kind() == ErrorKind::MissingRequiredArgument
    {
        parts.push(usage);
    }
    let (what, mend) = parts.split_first().unwrap_or((&"no such command", &[]));
    match mend {
        [] => format!("{what}: see {command} --help"),
        _ => format!("{what}: {}", mend.join("; ")),
    }
}
