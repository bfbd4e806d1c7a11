//! The race as it comes: two clients, and the operating system decides when. A program of its own, and one test at a time,
//! because other tests beside it would take the processor from one client or the other: then nobody meets anybody.

// A test fails by panicking, and so do the functions that tests share.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "it/common.rs"]
mod common;

use std::process::Command as Process;

use lootbox::record::Snapshot;
use parking_lot::Mutex;

use common::*;

const RUNS: usize = 20;
/// As it comes, but for the seed: the same list each time, and the end of the run as JSON.
const RACE: [&str; 5] = ["--mode", "unsafe-race", "--json", "--seed", "1"];

/// Two clients, 5,000 draws each, in requests of ten: one request of 5,000 takes 20 ms, and on a machine that has
/// something else to do it may be over before the other client's turn comes; hardly so 500 of them.
fn a_run_by_lines(program: &Program) -> Vec<Vec<u64>> {
    draw_at_once(program.address(), 2, 5_000, 10)
}

fn a_run_by_messages(program: &Program) -> Vec<Vec<u64>> {
    at_once(program.address(), 2, |peer| {
        peer.draw_as_the_course_does(5_000)
    })
}

/// One test at a time.
static ALONE: Mutex<()> = Mutex::new(());

fn every_run_has_duplicates(start: impl Fn() -> Program) {
    let _alone = ALONE.lock();
    for run in 1..=RUNS {
        for (dialect, play) in [
            ("line", a_run_by_lines as fn(&Program) -> Vec<Vec<u64>>),
            ("course", a_run_by_messages),
        ] {
            let program = start();
            let numbers = play(&program);
            program.signal("-TERM");
            let (status, json) = program.end();
            assert!(status.success());
            let snapshot: Snapshot = serde_json::from_str(&json).unwrap();
            let (duplicates, extras) = duplicates(numbers.iter().flatten());
            assert!(
                duplicates > 0,
                "run {run} by the {dialect} dialect was clean"
            );
            assert_eq!(snapshot.sums.draws, 10_000);
            assert_eq!(
                (snapshot.sums.duplicates, snapshot.sums.extras),
                (duplicates, extras)
            );
            assert_eq!(snapshot.sums.lost_updates, 10_000 - snapshot.counter);
            assert_eq!(snapshot.sums.skipped, 0);
        }
    }
}

#[test]
fn unsafe_race_as_it_comes_has_duplicates_in_every_run() {
    every_run_has_duplicates(|| Program::serve(&RACE));
}

#[test]
fn unsafe_race_on_one_core_has_duplicates_in_every_run() {
    if !Process::new("taskset")
        .args(["-c", "0", "true"])
        .status()
        .is_ok_and(|it| it.success())
    {
        assert!(
            std::env::var_os("LOOTBOX_REQUIRE_TOOLS").is_none(),
            "taskset is missing"
        );
        eprintln!("passed over: no taskset here to pin a program to one core");
        return;
    }
    every_run_has_duplicates(|| {
        let mut pinned = Process::new("taskset");
        pinned.args(["-c", "0", env!("CARGO_BIN_EXE_lootbox")]);
        Program::serve_by(pinned, &RACE)
    });
}
