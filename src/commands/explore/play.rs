//! The order by hand: everything is looked at once, and then the [screen](crate::dashboard::order::play) is shown.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::{anyhow, bail};

use super::Options;
use super::subject::Subject;
use crate::commands::FINE;
use crate::commands::output::print;
use crate::commands::progress::Progress;
use crate::dashboard::app::Exit;
use crate::dashboard::order::draws::game::Game;
use crate::dashboard::order::play::{Game as _, Verdict, show};
use crate::dashboard::terminal::{self, NoTerminal};
use crate::draw::gallery;
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
        next: next(options),
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
    if let Some(size) = options.size {
        _ = write!(text, " --size {size}");
    }
    if let Some(seed) = options.seed {
        _ = write!(text, " --seed {seed}");
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
    use crate::draw::Mode;
    use crate::draw::gallery::GALLERY;
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
        assert_eq!(
            command(&["--size", "100", "--seed", "7"]),
            "lootbox explore --size 100 --seed 7"
        );
    }

    /// Every option that changes what is handed out is in the command: it leads to the same subject.
    #[test]
    fn the_command_replays_the_same_list() {
        let parsed =
            |words: &[String]| Line::parse_from(["explore".to_owned()].iter().chain(words));
        for line in [
            &["--draws", "1,1"][..],
            &["--size", "100", "--seed", "7"],
            &["--size", "50", "--draws", "3,3", "--counter", "9"],
            &["--draws", "9,1"],
            &["--list", "3,1,2,4,5,6", "--mode", "small-lock"],
            &["--program", "lock load unlock lock store unlock"],
        ] {
            let played = parsed(&line.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
            let printed = shell_words(&command(&played.options));
            let played = Subject::of(&played.options).unwrap();
            let again = Subject::of(&parsed(&printed[2..]).options).unwrap();
            assert_eq!(played.list.numbers(), again.list.numbers());
            assert_eq!(format!("{:?}", played.model), format!("{:?}", again.model));
        }
    }

    /// As a shell takes words apart that [`quoted`] has written without a quote inside.
    fn shell_words(text: &str) -> Vec<String> {
        let mut words = Vec::new();
        for (index, part) in text.split('\'').enumerate() {
            if index % 2 == 1 {
                words.push(part.to_owned());
            } else {
                words.extend(part.split_whitespace().map(str::to_owned));
            }
        }
        words
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
