//! Duplicates that happen by themselves, on real threads and sockets, and the orders that replay them.

use std::process::Command as Process;

use lootbox::draw::{Grain, Mode, Window};
use lootbox::record::Duplicate;
use lootbox::schedule::export::Witness;
use lootbox::server::control::Answer;
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
fn replays(witness: &Witness, duplicate: &Duplicate) {
    let shown = replay(&witness.command);
    let got: Vec<&str> = shown["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|step| step["number"] == duplicate.number)
        .map(|step| {
            let letter = step["session"].as_str().unwrap().as_bytes()[0];
            witness.sessions[usize::from(letter - b'A')].as_str()
        })
        .collect();
    assert_eq!(got.len(), 2, "{} in {}", duplicate.number, witness.command);
    assert!(
        got.iter()
            .all(|session| duplicate.sessions.iter().any(|it| it == session)),
        "{got:?} are none of {duplicate:?}"
    );
}

/// 100 runs of 3 clients in which nobody orders anything, each until it has a duplicate: all duplicates that a
/// snapshot lists have a witness, and one a run is replayed as a person would.
#[test]
fn of_100_free_runs_all_replay() {
    let (mut replayed, mut exported) = (0, 0);
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
        let witnesses: Vec<_> = found
            .iter()
            .map(|duplicate| server.host().witness(duplicate.ticket).unwrap())
            .collect();
        // Where the counter had to be moved back it takes the most draws.
        let longest = (0..found.len())
            .max_by_key(|&index| witnesses[index].schedule.len())
            .unwrap();
        replays(&witnesses[longest], &found[longest]);
        exported += witnesses.len();
        replayed += 1;
        server.stop();
    }
    println!("{replayed} of 100 runs replayed; {exported} duplicates exported");
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
    let witness = told.witness.unwrap();
    assert_eq!(told.no_witness, None);
    assert_eq!((witness.counter, &witness.schedule[..]), (ticket, "ABBA"));
    let command = format!(
        "lootbox explore --mode unsafe-race --list 5,19,228,665,7,11 --counter {ticket} --draws 1,1 --replay ABBA"
    );
    assert_eq!(witness.command, command);
    program.signal("-INT");
    let (_, summary) = program.end();
    let line = format!("witness of {}: {command}", numbers[0]);
    assert_eq!(summary.lines().last(), Some(&line[..]), "{summary}");
    replay(&command);
}
