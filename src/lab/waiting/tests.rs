//! What is said of a deadlock, in every order that comes to one, by the machine and by threads.

use super::*;
use crate::lab;
use crate::lab::check::{self, Limits};
use crate::lab::compile::Settings;
use crate::lab::report::Outcome;

const BARRIER: &str = "semaphore barrier = 0; process a { signal(barrier); wait(barrier); } \
    process b { wait(barrier); } never deadlock;";
const TWICE: &str = "semaphore s = 0; process a { signal(s); wait(s); wait(s); } \
    process b { wait(s); signal(s); } never deadlock;";
/// A condition variable by hand, and a signal that comes before anybody sleeps.
const WAKE_UP: &str = "semaphore mutex = 1, cond = 0, first = 0; shared full; \
    process producer { wait(mutex); full = 1; signal(mutex); signal(first); wait(cond); } \
    process consumer { wait(first); wait(mutex); full = 0; signal(mutex); wait(cond); } never deadlock;";
const SMOKERS: &str = "semaphore agentSem = 1, tobacco = 0, paper = 0, match = 0;
    process agentA { while (TRUE) { wait(agentSem); signal(tobacco); signal(paper); } }
    process agentB { while (TRUE) { wait(agentSem); signal(paper); signal(match); } }
    process agentC { while (TRUE) { wait(agentSem); signal(tobacco); signal(match); } }
    process smokerM { while (TRUE) { wait(tobacco); wait(paper); signal(agentSem); } }
    process smokerT { while (TRUE) { wait(paper); wait(match); signal(agentSem); } }
    process smokerP { while (TRUE) { wait(tobacco); wait(match); signal(agentSem); } } never deadlock;";
const GONE: &str = "mutex m; semaphore s = 0; process a { lock(m); signal(s); } \
    process b { wait(s); lock(m); } never deadlock;";

fn checked(source: &str) -> (Vec<Waiting>, String) {
    let program = lab::load("test", source, &Settings::default()).unwrap();
    let report = check::check(&program, source, Limits::default(), &mut |_| {});
    let Outcome::Broken(witness) = &report.rules[0].outcome else {
        panic!("no deadlock: {}", report.verdict());
    };
    (witness.waiting.clone(), report.verdict())
}

/// No holder of what began at 0, none who has ended, no self-made cycle.
#[test]
fn what_is_said_of_a_deadlock_is_so_in_the_state() {
    let table = [
        (
            BARRIER,
            "lost signal: nobody is left who could signal `barrier`",
        ),
        (TWICE, "lost signal: nobody is left who could signal `s`"),
        (
            WAKE_UP,
            "lost signal: nobody is left who could signal `cond`",
        ),
        (
            SMOKERS,
            "waits for agentSem, which only smokerM, smokerT, smokerP could signal",
        ),
        (GONE, "b waits for m, held by a, which has ended"),
    ];
    for (source, said) in table {
        let (waiting, text) = checked(source);
        assert!(text.contains(said), "{said}: {text}");
        for it in &waiting {
            assert!(!it.held || it.what == "m", "{text}");
            assert!(!it.on.contains(&it.process), "{text}");
        }
        for (nth, it) in cycle(&waiting).iter().enumerate() {
            assert!(nth == 0 || cycle(&waiting)[nth - 1] != *it, "{text}");
        }
        assert!(text.contains("DEADLOCK  "), "{text}");
    }
}

/// The same words from real threads, where the deadlock is certain.
#[test]
fn threads_say_the_same() {
    for source in [BARRIER, WAKE_UP] {
        let program = lab::load("test", source, &Settings::default()).unwrap();
        let options = lab::run::Options {
            times: std::collections::HashMap::new(),
            otherwise: Default::default(),
            seed: 1,
            length: std::time::Duration::from_hours(1),
        };
        let report = lab::run::run(&program, source, &options).unwrap();
        let text = report.to_string();
        assert!(
            text.contains("DEADLOCK  lost signal: nobody is left"),
            "{text}"
        );
        assert!(report.deadlock.iter().all(|it| !it.held), "{text}");
    }
}

#[test]
fn who_holds_a_counting_semaphore_is_still_said() {
    let source = "semaphore a = 1, b = 1; process p { wait(a); wait(b); signal(b); signal(a); } \
        process q { wait(b); wait(a); signal(a); signal(b); } never deadlock;";
    let (waiting, text) = checked(source);
    assert!(text.contains("DEADLOCK  p → q → p"), "{text}");
    assert!(waiting.iter().all(|it| it.held), "{text}");
}
