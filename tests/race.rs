//! The race as it comes: two clients, and the operating system decides when. Whether one run shows a duplicate is luck: beside
//! four busy loops about one in forty shows none. That twenty in a row show none is not, and that the server counts what
//! its clients got holds in each. How soon the first duplicate comes is measured by `benches/first-race`.
//!
//! A program of its own, and one test at a time: other tests beside it would take the processor from one client or the other.

// A test fails by panicking, and so do the functions that tests share.
#![allow(clippy::unwrap_used)]

#[allow(dead_code)]
#[path = "it/common.rs"]
mod common;

use std::process::Command as Process;

use lootbox::record::Snapshot;
use parking_lot::Mutex;

use common::*;

/// So many runs are made in any case, and so many at most until one has a duplicate.
const RUNS: usize = 3;
const MAX_RUNS: usize = 20;
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

fn the_race_shows_by_itself(start: impl Fn() -> Program) {
    let _alone = ALONE.lock();
    for (dialect, play) in [
        ("line", a_run_by_lines as fn(&Program) -> Vec<Vec<u64>>),
        ("course", a_run_by_messages),
    ] {
        let mut seen = 0;
        let mut runs = 0;
        while runs < RUNS || seen == 0 {
            assert!(
                runs < MAX_RUNS,
                "{runs} runs by the {dialect} dialect, and none had a duplicate"
            );
            runs += 1;
            seen += duplicates_of_a_run(start(), play);
        }
    }
}

/// How many duplicates there were, which the server and the clients must agree on.
fn duplicates_of_a_run(program: Program, play: fn(&Program) -> Vec<Vec<u64>>) -> u64 {
    let numbers = play(&program);
    program.signal("-TERM");
    let (status, json) = program.end();
    assert!(status.success());
    let snapshot: Snapshot = serde_json::from_str(&json).unwrap();
    let (duplicates, extras) = duplicates(numbers.iter().flatten());
    assert_eq!(snapshot.sums.draws, 10_000);
    assert_eq!(
        (snapshot.sums.duplicates, snapshot.sums.extras),
        (duplicates, extras)
    );
    assert_eq!(snapshot.sums.lost_updates, 10_000 - snapshot.counter);
    assert_eq!(snapshot.sums.skipped, 0);
    duplicates
}

#[test]
fn unsafe_race_shows_by_itself() {
    the_race_shows_by_itself(|| Program::serve(&RACE));
}

#[test]
fn unsafe_race_on_one_core_shows_by_itself() {
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
    the_race_shows_by_itself(|| {
        let mut pinned = Process::new("taskset");
        pinned.args(["-c", "0", env!("CARGO_BIN_EXE_lootbox")]);
        Program::serve_by(pinned, &RACE)
    });
}
