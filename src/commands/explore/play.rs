//! The order by hand: everything is looked at once, and then the [screen](crate::dashboard::play) is shown.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{anyhow, bail};

use super::Options;
use super::subject::Subject;
use crate::commands::FINE;
use crate::commands::output::print;
use crate::commands::progress::Progress;
use crate::dashboard::app::Exit;
use crate::dashboard::play::game::{Game, Verdict, who_got};
use crate::dashboard::play::show;
use crate::dashboard::terminal::{self, NoTerminal};
use crate::draw::gallery;
use crate::schedule::{Ahead, Bounds};

/// Nobody waits long for a game to begin. What has more states than this is played without counts.
const MOST_STATES: usize = 1_000_000;

/// Plays, and then says how to see the order again.
///
/// # Errors
/// If there is no terminal.
pub(super) fn run(subject: Subject, options: &Options) -> anyhow::Result<ExitCode> {
    terminal::check().map_err(|why| anyhow!(hint(&why)))?;
    let bounds = Bounds {
        states: options.max_states.min(MOST_STATES),
        ..Bounds::default()
    };
    let mut progress = Progress::new("{spinner} {human_pos} states in {elapsed}", 0, "states");
    let ahead = Ahead::look(&subject.model, bounds, &mut |states| {
        progress.at(states as u64);
    });
    progress.end();
    let (exit, state) = show(game(subject, options, ahead), options.ascii)?;
    if exit == Exit::HangUp {
        bail!("the terminal is gone");
    }
    let (game, letters) = (&state.game, &state.letters);
    if !letters.is_empty() {
        let mut text = String::new();
        if let Verdict::Reached(numbers) = game.verdict(letters, &game.at(letters)) {
            for (number, who) in numbers {
                _ = writeln!(text, "{}", who_got(number, &who));
            }
        }
        _ = writeln!(text, "again: {}", game.replay_command(letters));
        print(text)?;
    }
    Ok(FINE.into())
}

fn hint(why: &NoTerminal) -> &'static str {
    match why {
        NoTerminal::None => {
            "no terminal here to play on: over SSH use ssh -t, as in ssh -t HOST lootbox explore --play; or lootbox explore --replay ABBA for one order as text"
        }
        NoTerminal::Dumb => {
            "TERM=dumb: this terminal cannot show the screen: use lootbox explore --replay ABBA for one order as text"
        }
    }
}

fn game(subject: Subject, options: &Options, ahead: Ahead) -> Game {
    let why = match subject.answer {
        Some(answer) => format!("The belief: \"{}\" {}", answer.belief, answer.why),
        None => gallery::why(subject.model.program())
            .unwrap_or_default()
            .to_owned(),
    };
    Game {
        name: subject.name.to_owned(),
        command: command(options),
        model: subject.model,
        list: subject.list,
        ahead,
        why,
    }
}

/// `lootbox explore`, with what was said of the model.
fn command(options: &Options) -> String {
    let mut text = "lootbox explore".to_owned();
    match &options.program {
        Some(program) => _ = write!(text, " --program {}", quoted(program)),
        None if options.mode != "unsafe-race" => {
            _ = write!(text, " --mode {}", quoted(&options.mode));
        }
        None => {}
    }
    if options.draws != [4, 2] {
        let draws: Vec<String> = options.draws.iter().map(u64::to_string).collect();
        _ = write!(text, " --draws {}", draws.join(","));
    }
    if let Some(list) = &options.list {
        _ = write!(text, " --list {}", quoted(list));
    }
    if options.counter != 0 {
        _ = write!(text, " --counter {}", options.counter);
    }
    text
}

/// As a shell takes it back.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_,./@+:".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn the_command_says_what_is_not_usual_and_a_shell_takes_it() {
        let command = |line: &[&str]| {
            let line = Line::parse_from(["explore"].iter().chain(line));
            command(&line.options)
        };
        assert_eq!(command(&["--play"]), "lootbox explore");
        assert_eq!(
            command(&[
                "--play",
                "--mode",
                "cas",
                "--draws",
                "1,1",
                "--counter",
                "2"
            ]),
            "lootbox explore --mode cas --draws 1,1 --counter 2"
        );
        assert_eq!(
            command(&["--program", "load  store", "--list", "@it's a list"]),
            r"lootbox explore --program 'load  store' --list '@it'\''s a list'"
        );
    }
}
