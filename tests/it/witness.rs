//! Duplicates that happen by themselves, on real threads and sockets, their stories, and the orders that replay them.

use std::process::Command as Process;

use lootbox::draw::{Grain, Mode, Window};
use lootbox::record::Duplicate;
use lootbox::server::control::Answer;
use lootbox::trace::{Action, Story, Told, Witness};
use serde_json::Value;

use crate::common::*;
use crate::control::Control;

/// What a person would type.
fn replay(command: &str) -> Value {
    let output = Process::new(env!("CARGO_BIN_EXE_lootbox"))
        .args(command.split(' ').skip(1))
        .arg("--json")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(1), "{command}: {output:?}");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Whether the replay hands the duplicate's number out twice, to sessions that got it in the run.
fn hands_out_twice(shown: &Value, witness: &Witness, duplicate: &Duplicate) {
    let got: Vec<&str> = shown["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["number"] == duplicate.number)
        .map(|step| in_the_run(step, witness))
        .collect();
    assert_eq!(got.len(), 2, "{} in {}", duplicate.number, witness.command);
    assert!(
        got.iter()
            .all(|session| duplicate.sessions.iter().any(|it| it == session)),
        "{got:?} are none of {duplicate:?}"
    );
}

/// The letter that a step's session has in the run.
fn in_the_run<'a>(step: &Value, witness: &'a Witness) -> &'a str {
    let letter = step["session"].as_str().unwrap().as_bytes()[0];
    &witness.sessions[usize::from(letter - b'A')]
}

/// A read or a write: whose it was, what it read, what it handed out, and the counter after it.
type Line = (String, Option<u64>, Option<u64>, u64);

/// The lanes of the story, each line with how many are left out before it.
fn lanes_of(story: &Story) -> Vec<(u64, Line)> {
    let lines = story.steps.iter().map(|step| {
        let who = story.sessions[step.session.unwrap()].clone();
        let line = match step.action {
            Action::Read { seen } => (who, Some(seen), None, step.counter),
            Action::Write { number, .. } => (who, None, Some(number), step.counter),
            other => panic!("{other:?} in a race"),
        };
        (step.omitted, line)
    });
    lines.collect()
}

/// Whether what the command shows are the lanes of the story, but for the lines that those leave out.
fn are_the_lanes(shown: &Value, witness: &Witness, story: &Story) {
    let mut steps = shown["steps"].as_array().unwrap().iter();
    for (omitted, line) in lanes_of(story) {
        let step = steps.nth(usize::try_from(omitted).unwrap()).unwrap();
        let who = in_the_run(step, witness).to_owned();
        let counter = step["counter"].as_u64().unwrap();
        let there = match step["operation"].as_str() {
            Some("load") => (who, step["register"].as_u64(), None, counter),
            Some("store") => (who, None, step["number"].as_u64(), counter),
            other => panic!("{other:?} in a race"),
        };
        assert_eq!(line, there, "{} and {story:?}", witness.command);
    }
    assert_eq!(steps.next(), None, "{} and {story:?}", witness.command);
}

/// 100 runs of 3 clients in which nobody orders anything, each until it has a duplicate: all duplicates that a
/// snapshot lists have an order, and the longest of a run is replayed as a person would. It shows the lanes of the story.
#[test]
fn the_stories_of_100_free_runs_are_what_their_commands_show() {
    let (mut replayed, mut exported, mut held_up) = (0, 0, 0);
    for run in 0..100 {
        // The reply goes out in the gap, or the other clients come in there.
        let window = [Window::Reply, Window::Yield][run % 2];
        let config = config(Mode::UnsafeRace, Some(window), Grain::Number, 100_000);
        let mut server = serve(config);
        let mut drawn = 0;
        let found = loop {
            let numbers = draw_at_once(server.address(), 3, 40, 10);
            drawn += numbers.concat().len() as u64;
            // A reply in the window goes out before its draw is recorded.
            wait_until("all draws to be recorded", || {
                server.host().snapshot().sums.draws == drawn
            });
            let found = server.host().snapshot().duplicate_list;
            if !found.is_empty() {
                break found;
            }
        };
        let told: Vec<(Told, Witness)> = found
            .iter()
            .map(|duplicate| {
                let told = server.host().story(duplicate.ticket).unwrap();
                let witness = told.witness.clone();
                (told, witness.unwrap())
            })
            .collect();
        // Where the counter had to be moved back it takes the most draws.
        let letters = |place: &usize| told[*place].1.schedule.len();
        let longest = (0..found.len()).max_by_key(letters).unwrap();
        let (Told { story, .. }, witness) = &told[longest];
        let shown = replay(&witness.command);
        hands_out_twice(&shown, witness, &found[longest]);
        are_the_lanes(&shown, witness, story);
        held_up += usize::from(witness.draws.iter().sum::<u64>() > 2);
        exported += told.len();
        replayed += 1;
        server.stop();
    }
    println!(
        "{replayed} of 100 runs replayed; {exported} duplicates exported; the longest of {held_up} takes more than two draws"
    );
    assert_eq!(replayed, 100);
}

/// Two clients whose reads and writes are far apart get one number.
#[test]
fn the_story_and_the_summary_name_the_order() {
    let program = Program::serve(&[
        "--mode",
        "unsafe-race",
        "--window",
        "sleep:30ms",
        "--list",
        "5,19,228,665,7,11",
    ]);
    let control = Control::connect(&program.control());
    let numbers = loop {
        let numbers = draw_at_once(program.address(), 2, 1, 1).concat();
        if numbers.len() == 2 && numbers[0] == numbers[1] {
            break numbers;
        }
        assert_eq!(control.ask(r#"{"do":"reset"}"#), Ok(()));
    };
    control.wait_until("the duplicate", |it| it.sums.duplicates == 1);
    let ticket = control.snapshot().duplicate_list[0].ticket;
    control.send(&format!(r#"{{"do":"story","ticket":{ticket}}}"#));
    let told = loop {
        match control.next().unwrap() {
            Answer::Story(told) => break told,
            Answer::Snapshot(_) => {}
            other => panic!("{other:?}"),
        }
    };
    let witness = told.witness.clone().unwrap();
    assert_eq!(told.no_witness, None);
    assert_eq!((witness.counter, &witness.schedule[..]), (ticket, "ABBA"));
    // They drew once each, so the first ticket.
    let command =
        "lootbox explore --mode unsafe-race --list 5,19,228,665,7,11 --draws 1,1 --replay ABBA";
    assert_eq!((ticket, &witness.command[..]), (0, command));
    are_the_lanes(&replay(command), &witness, &told.story);
    program.signal("-INT");
    let (_, summary) = program.end();
    let line = format!("witness of {}: {command}", numbers[0]);
    assert_eq!(summary.lines().last(), Some(&line[..]), "{summary}");
}
