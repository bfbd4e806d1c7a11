//! `lootbox lab play`.

use std::fmt::Write;

use anyhow::bail;
use clap::{Args, ValueEnum};

use super::{Loaded, Source};
use crate::commands::{FINE, played};
use crate::dashboard::order::lab::Machine;
use crate::lab::ahead::Ahead;
use crate::orders::Bounds;
use crate::quoted::quoted;

#[derive(Debug, Args)]
pub(super) struct Play {
    #[command(flatten)]
    source: Source,
    /// Count from the start how many orders are left and how many of them break a rule
    #[arg(long)]
    answers: bool,
    /// Draw the screen with ASCII characters only
    #[arg(long)]
    ascii: bool,
}

/// Plays one order of a program, and says how to see it again.
pub(super) fn run(options: &Play) -> anyhow::Result<u8> {
    if options.source.file == "-" {
        bail!(
            "standard input is the keyboard of lab play: write the program to a file and name it"
        );
    }
    let Loaded {
        name,
        text,
        program,
    } = options.source.load()?;
    let command = command(&options.source);
    let commands = (
        "lootbox lab play NAME",
        "lootbox lab check NAME --replay ABBA",
    );
    let look = (options.answers, options.ascii);
    played::play(Bounds::default(), commands, look, |bounds, progress| {
        Machine {
            name: name.trim_end_matches(".sync").to_owned(),
            command,
            ahead: Ahead::look(program, text, bounds, progress),
        }
    })?;
    Ok(FINE)
}

/// `lootbox lab check`, with what was said of the program.
fn command(source: &Source) -> String {
    let mut text = format!("lootbox lab check {}", quoted(&source.file));
    for (name, value) in &source.set {
        _ = write!(text, " --set {name}={value}");
    }
    if let Some(kind) = source.semaphores.and_then(|it| it.to_possible_value()) {
        _ = write!(text, " --semaphores {}", kind.get_name());
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        play: Play,
    }

    #[test]
    fn the_command_says_what_was_set_and_a_shell_takes_it() {
        let command = |line: &[&str]| {
            let line = Line::parse_from(["play"].iter().chain(line));
            command(&line.play.source)
        };
        assert_eq!(command(&["rwlock"]), "lootbox lab check rwlock");
        assert_eq!(
            command(&[
                "my file.sync",
                "--set",
                "N=-3",
                "--set",
                "M=2",
                "--semaphores",
                "fifo"
            ]),
            "lootbox lab check 'my file.sync' --set N=-3 --set M=2 --semaphores fifo"
        );
    }
}
