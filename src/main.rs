//! Parses the command line, runs it, and says how it went.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::Parser;
use lootbox::cli::Cli;
use lootbox::commands;

fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match cli.run() {
        Ok(code) => code,
        Err(error) => {
            _ = writeln!(io::stderr(), "lootbox: {}", in_one_line(&error));
            commands::COULD_NOT_RUN.into()
        }
    }
}

/// The error and its causes, unless it names them already.
fn in_one_line(error: &anyhow::Error) -> String {
    error
        .chain()
        .map(ToString::to_string)
        .fold(String::new(), |mut line, cause| {
            if !line.contains(&cause) {
                if !line.is_empty() {
                    line += ": ";
                }
                line += &cause;
            }
            line
        })
}

/// Help and version as clap prints them; a mistake as one line.
fn refuse(error: &clap::Error) -> ExitCode {
    if !error.use_stderr() {
        _ = error.print();
        return commands::FINE.into();
    }
    let text = error.to_string();
    let mut parts = text
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with("For more information"))
        .take_while(|line| !line.starts_with("Usage:"))
        .map(|line| line.trim_start_matches("error: "));
    let what = parts
        .next()
        .unwrap_or("no such command")
        .trim_end_matches(':');
    let mend: Vec<_> = parts.collect();
    let mend = if mend.is_empty() {
        let command = std::env::args()
            .nth(1)
            .filter(|word| !word.starts_with('-'));
        let command = command
            .filter(|word| Cli::has_command(word))
            .unwrap_or_default();
        format!("see lootbox {command} --help").replace("  ", " ")
    } else {
        mend.join("; ")
    };
    _ = writeln!(io::stderr(), "lootbox: {what}: {mend}");
    commands::COULD_NOT_RUN.into()
}
