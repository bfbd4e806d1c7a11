//! Real runs that are looked at.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use super::literal::{activity, values, waits};
use super::{over, screen, state};
use crate::dashboard::lab::{FRAME, publish};
use crate::lab;
use crate::lab::compile::Settings;
use crate::lab::program::Act;
use crate::lab::run::live::{Does, Snapshot};
use crate::lab::run::{Clock, Options, watched};
use crate::lab::syntax::LockKind;

/// A run that is looked at until something is seen in it. It has an hour for that.
fn seen(
    source: &str,
    wanted: impl Fn(&Snapshot) -> bool,
) -> (Snapshot, lab::run::report::RunReport) {
    let program = lab::load("test", source, &Settings::default()).unwrap();
    let options = Options {
        times: std::collections::HashMap::new(),
        otherwise: (Duration::from_millis(1), Duration::from_millis(1)),
        seed: 1,
        length: Duration::from_hours(1),
    };
    let mut last = None;
    let report = watched(&program, source, &options, &Clock::start(), &mut |live| {
        let snapshot = live.snapshot();
        if last.is_none() && (wanted(&snapshot) || live.is_over()) {
            last = Some(snapshot);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    (last.unwrap(), report.unwrap())
}

#[test]
fn a_snapshot_of_a_deadlock_says_who_holds_what() {
    // Each signals only once it holds its own, so in every order both hold one and want the other's.
    let source = "semaphore a = 1, b = 1, have_a = 0, have_b = 0;
        process p { wait(a); signal(have_a); wait(have_b); wait(b); }
        process q { wait(b); signal(have_b); wait(have_a); wait(a); }";
    let (snapshot, report) = seen(source, |_| false);
    assert!(report.broken());
    assert_eq!(snapshot.cycle, ["p", "q", "p"]);
    assert_eq!(snapshot.processes[0].holds, ["a"], "have_b was a message");
    assert_eq!(snapshot.processes[1].holds, ["b"]);
    assert_eq!(snapshot.processes[0].does, waits(Act::Wait, "b"));
    let text = screen(&over(state("p-and-q", snapshot)), 80, 24);
    assert!(text.contains("DEADLOCK   P→Q→P"), "{text}");
}

#[test]
fn a_snapshot_of_a_run_says_who_is_where() {
    let source = "mutex m; shared x[2] = 7;
        process eater { lock(m); section eating { do { eat(); x[1]++; } while (TRUE); } unlock(m); }
        process waiter { while (x[1] == 7) look(); lock(m); }
        process done { }
        process wrong { local y = 0; rest(); y = 1 / y; }";
    let (snapshot, report) = seen(source, |now| {
        let does = |at: usize| &now.processes[at].does;
        matches!(does(1), Does::Waits { .. })
            && matches!(does(3), Does::Failed(_))
            && *does(0) == activity("eat")
            && *does(2) == Does::Ended
    });
    let eater = &snapshot.processes[0];
    assert_eq!(
        (eater.sections.as_slice(), eater.holds.as_slice()),
        (&["eating".to_owned()][..], &["m".to_owned()][..])
    );
    assert_eq!(eater.turns, 1);
    assert_eq!(snapshot.processes[1].does, waits(Act::Lock, "m"));
    assert_eq!(snapshot.shared[0].numbers[0], 7);
    assert_eq!(
        snapshot.locks[0],
        (LockKind::Mutex { fifo: false }, values("m", &[0]))
    );
    assert_eq!(report.faults.len(), 1);
    let shown = state("mixed", snapshot);
    assert_eq!(shown.fault(), Some(("wrong", "division by zero")));
}

#[test]
fn snapshots_are_sent_a_frame_apart_and_once_at_the_end() {
    let source = "process p { do { think(); } while (TRUE); }";
    let program = lab::load("test", source, &Settings::default()).unwrap();
    let options = Options {
        times: std::collections::HashMap::new(),
        otherwise: (Duration::from_millis(1), Duration::from_millis(1)),
        seed: 1,
        length: Duration::from_hours(1),
    };
    // It ends the run as soon as the flag is up: one call, and the one at the end.
    for (more, calls_then) in [(0, 2), (30, 32)] {
        let (sender, receiver) = mpsc::channel();
        let flag = AtomicBool::new(false);
        let clock = Clock::start();
        let (mut calls, mut publish) = (0, publish(&sender, &flag));
        _ = watched(&program, source, &options, &clock, &mut |live| {
            calls += 1;
            if calls > more {
                flag.store(true, Ordering::Relaxed);
            }
            publish(live)
        });
        assert_eq!(calls, calls_then);
        let sent = receiver.try_iter().count();
        let frames = clock.now().as_millis() / FRAME.as_millis();
        assert!(
            sent >= 2 && sent as u128 <= frames + 2,
            "{sent} in {frames} frames"
        );
    }
}
