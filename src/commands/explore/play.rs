//! `lootbox explore --play`: one task after another.

use std::process::ExitCode;

use super::Options;
use super::subject::Subject;
use crate::commands::{FINE, played};
use crate::dashboard::order::draws::game::Game;
use crate::draws::Ahead;

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
    let commands = ("lootbox explore --play", "lootbox explore --replay ABBA");
    let look = (options.answers, options.ascii);
    let state = played::play(options.bounds(), commands, look, |bounds, progress| {
        let ahead = Ahead::look(&subject.model, bounds, progress);
        game(subject, options, ahead)
    })?;
    Ok(state.game.next.filter(|_| state.onward))
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
