//! The order by hand: everything is looked at once, and then the [screen](crate::dashboard::order::play) is shown.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{anyhow, bail};

use super::Options;
use super::subject::Subject;
use crate::commands::FINE;
use crate::commands::output::print;
use crate::dashboard::app::Exit;
use crate::dashboard::order::draws::game::Game;
use crate::dashboard::order::play::{Game as _, Verdict, show};
use crate::dashboard::terminal::{self, NoTerminal};
use crate::progress::Progress;
use crate::schedule::{Ahead, Bounds};

/// Nobody waits long for a game to begin. What has more states than this is played without counts.
const MOST_STATES: usize = 1_000_000;

/// One after another: a race, answers that look right, and then what is right.
const TASKS: [&str; 8] = [
    "unsafe-race",
    "small-lock",
    "late-atomic",
    "wrong-lock",
    "early-unlock",
    "lock",
    "cas",
    "atomic",
];

/// Plays a task and those that come after it, as long as the next one is asked for; says of each how to see its
/// order again.
///
/// # Errors
/// If there is no terminal, or a task cannot be explored with these options.
pub(super) fn run(mut options: Options) -> anyhow::Result<ExitCode> {
    while let Some(next) = one(Subject::of(&options)?, &options)? {
        options.program = None;
        next.clone_into(&mut options.mode);
    }
    Ok(FINE.into())
}

/// Plays one task; says which one is to follow.
fn one(subject: Subject, options: &Options) -> anyhow::Result<Option<&'static str>> {
    terminal::check().map_err(|why| anyhow!(hint(&why)))?;
    let bounds = Bounds {
        states: options.max_states.min(MOST_STATES),
        ..Bounds::default()
    };
    let mut progress = Progress::new("{spinner} {human_pos} states in {elapsed}", 0, "states");
    let ahead = Ahead::look(&subject.model, bounds, &mut |seen| {
        progress.at(seen.states as u64);
    });
    progress.end();
    let (exit, state) = show(
        game(subject, options, ahead),
        options.answers,
        options.ascii,
    )?;
    if exit == Exit::HangUp {
        bail!("the terminal is gone");
    }
    let (game, letters) = (&state.game, &state.letters);
    if !letters.is_empty() {
        let mut text = String::new();
        if let Verdict::Reached(ways) = &state.verdict {
            for way in ways {
                _ = writeln!(text, "{way}");
            }
        }
        _ = writeln!(text, "again: {}", game.replay_command(letters));
        print(text)?;
    }
    Ok(game.next.filter(|_| state.onward))
}

/// The task after this one. A program of one's own comes before all of them.
fn next(options: &Options) -> Option<&'static str> {
    let here = TASKS.iter().position(|&task| task == options.mode);
    let next = match options.program {
        Some(_) => 0,
        None => here? + 1,
    };
    TASKS.get(next).copied()
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
    let why = subject.program.why().unwrap_or_default();
    let why = match subject.program.notes {
        Some(answer) => format!("The belief: \"{}\" {why}", answer.belief),
        None => why.to_owned(),
    };
    Game {
        name: subject.program.name.to_owned(),
        command: subject.command(),
        model: subject.model,
        list: subject.list,
        ahead,
        why,
        next: next(options),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::Mode;
    use crate::draw::gallery::GALLERY;
    use clap::Parser;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        options: Options,
    }

    #[test]
    fn every_mode_and_every_answer_of_the_gallery_is_a_task_once() {
        let answers = GALLERY.iter().map(|answer| answer.name);
        let mut all: Vec<_> = Mode::ALL
            .map(Mode::name)
            .into_iter()
            .chain(answers)
            .collect();
        let mut tasks = TASKS.to_vec();
        all.sort_unstable();
        tasks.sort_unstable();
        assert_eq!(tasks, all);
        let after = |line: &[&str]| {
            let line = Line::parse_from(["explore", "--play"].iter().chain(line));
            next(&line.options)
        };
        assert_eq!(after(&[]), Some("small-lock"));
        assert_eq!(after(&["--program", "load store"]), Some("unsafe-race"));
        assert_eq!(after(&["--mode", "lock"]), Some("cas"));
        assert_eq!(after(&["--mode", "atomic"]), None);
    }
}
