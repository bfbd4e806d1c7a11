//! Parses the command line, runs it, and says how it went.

use std::io::{self, Write};
use std::process::ExitCode;

use clap::error::ErrorKind;
use lootbox::{cli, commands, escaped};

fn main() -> ExitCode {
    let cli = match cli::parse(std::env::args_os()) {
        Ok(cli) => cli,
        Err(error) => return refuse(&error),
    };
    match cli.run() {
        Ok(code) => code,
        Err(error) => {
            // Names in it, of files say, are other people's: a terminal takes no commands from them.
            let line = in_one_line(&error);
            _ = writeln!(io::stderr(), "lootbox: {}", escaped::harmless(&line));
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
    match error.kind() {
        // What was asked for is a result like any other.
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => match error.print() {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                _ = writeln!(io::stderr(), "lootbox: cannot write the help: {error}");
                commands::COULD_NOT_RUN.into()
            }
            _ => commands::FINE.into(),
        },
        // A command that needs another word: the help says which there are.
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            _ = error.print();
            commands::COULD_NOT_RUN.into()
        }
        _ => {
            _ = writeln!(
                io::stderr(),
                "lootbox: {}",
                cli::in_one_line(error, &cli::named(std::env::args_os()))
            );
            commands::COULD_NOT_RUN.into()
        }
    }
}
