//! Whole runs, and what they say of the rules. Each of these programs does what is expected in every order.

use std::collections::HashMap;

use super::super::judge::{Asked, Judged, Outcome};
use super::*;
use crate::lab::compile::Settings;

fn options() -> Options {
    Options {
        times: HashMap::new(),
        otherwise: (Duration::from_micros(10), Duration::from_micros(10)),
        seed: 1,
        length: Duration::from_hours(1),
    }
}

fn ran(source: &str) -> RunReport {
    let program = crate::lab::load("test", source, &Settings::default()).unwrap();
    run(&program, source, &options()).unwrap()
}

fn outcome(report: &RunReport, rule: usize) -> &Outcome {
    &report.rules[rule].outcome
}

/// Until the rule is broken; it has an hour for that.
fn until_broken(source: &str) -> RunReport {
    let program = crate::lab::load("test", source, &Settings::default()).unwrap();
    watched(&program, source, &options(), &Clock::start(), &mut |live| {
        if live.snapshot().broken.is_empty() {
            ControlFlow::Continue(())
        } else {
            ControlFlow::Break(())
        }
    })
    .unwrap()
}

#[test]
fn turns_are_counted_where_one_comes_in() {
    for rest in ["", "rest();"] {
        let source = format!(
            "shared n; process p {{ local k = 0; while (k < 5) {{ section cs {{ n++; }} k++; {rest} }} }} finally n == 6;"
        );
        let report = ran(&source);
        assert_eq!(report.processes[0].turns, 5, "{rest}");
        assert!(report.broken() && report.rules[0].broken(), "{report}");
    }
    // The same name written twice, one behind the other; a section that is passed over without a step; one in another.
    let report = ran(
        "shared n; process p { section a { n++; } section a { n++; } \
        section b { if (FALSE) n++; } section c { section d { n++; } } }",
    );
    assert_eq!(report.processes[0].turns, 4, "{report}");
}

#[test]
fn finally_is_asked_of_what_all_have_left_behind() {
    let report = ran(
        "shared n; process p { local k; k = 2; n = k; } finally n == 2; finally p.k == 2; finally n == 3; finally 1 / (n - 2) == 0;",
    );
    assert_eq!(*outcome(&report, 0), Outcome::Kept);
    assert_eq!(*outcome(&report, 1), Outcome::Kept);
    assert!(report.rules[2].broken() && report.rules[3].broken());
    assert!(report.to_string().contains("n = 2\n"), "{report}");
    let report = ran("shared n; semaphore s = 0; process p { wait(s); } finally n == 0;");
    assert!(matches!(outcome(&report, 0), Outcome::NotAsked { .. }));
    let report = ran("shared n; process p { local k = 0; k = 1 / k; } finally n == 0;");
    assert!(
        matches!(outcome(&report, 0), Outcome::NotAsked { .. }),
        "{report}"
    );
}

/// Both come in before either goes out: in every order they are in it together.
const TOGETHER: &str = "semaphore a = 0, b = 0, c = 1;
process p { section cs { signal(a); wait(b); } }
process q { section cs { signal(b); wait(a); } }
process r { section other { wait(c); } }
never together cs, cs; never together cs, other; never together other, other;";

#[test]
fn two_who_are_in_it_together_are_always_seen() {
    for _ in 0..200 {
        let report = ran(TOGETHER);
        assert!(report.rules[0].broken(), "{report}");
        let Outcome::NotSeenBroken {
            looks: 1,
            asked: Asked::AtEveryEntry,
        } = outcome(&report, 2)
        else {
            panic!("{report}");
        };
    }
}

/// The last step of the section lets the other in: between the two nobody is in it, in no order.
#[test]
fn who_goes_out_by_letting_another_in_is_out_first() {
    let programs = [
        "fifo semaphore m = 1; process p [3] { local k = 0; while (k < 200) { wait(m); section cs { x++; signal(m); } k++; } }",
        "semaphore m = 1; process p [3] { local k = 0; while (k < 200) { wait(m); section cs { x++; signal(m); } k++; } }",
        "mutex m; process p [3] { local k = 0; while (k < 200) { lock(m); section cs { x++; unlock(m); } k++; } }",
        "rwlock m; process p [3] { local k = 0; while (k < 200) { write(m); section cs { x++; unlock(m); } k++; } }",
        "shared turn; process p i [2] { local k = 0; while (k < 200) { while (turn != i) ; section cs { x++; turn = 1 - i; } k++; } }",
    ];
    for program in programs {
        let report = ran(&format!("shared x; {program} never together cs, cs;"));
        assert!(!report.broken(), "{program}: {report}");
        let Outcome::NotSeenBroken { .. } = outcome(&report, 0) else {
            panic!("{report}");
        };
    }
}

#[test]
fn no_value_that_is_written_is_missed() {
    let report = ran(
        "shared n, a[2]; process p { n = 7; n = 0; a[1] = 3; a[1] = 0; } \
        never n == 7; never a[1] > 2; never n == 8; never n == 0; never 1 / (n - 7) > 5;",
    );
    let broken: Vec<_> = report.rules.iter().map(Judged::broken).collect();
    assert_eq!(broken, [true, true, false, true, true], "{report}");
    assert_eq!(
        *outcome(&report, 2),
        Outcome::NotSeenBroken {
            looks: 3,
            asked: Asked::AtEveryWrite
        }
    );
}

/// Only between two steps of one process do the two differ.
#[test]
fn what_needs_several_numbers_is_asked_with_all_threads_stopped() {
    let source = "shared x, y; fifo semaphore s = 1; process p { local k = 0; while (TRUE) { k++; x = k; y = k; k = k % 100; } }
        process q { while (TRUE) { wait(s); signal(s); } }
        process r { local held = 0; while (TRUE) { wait(s); held = 1; signal(s); held = 0; } }
        never x != y; never r.held == 1 && s == 1; never p.k != x && p.k != x + 1 && p.k != 1;";
    let report = until_broken(source);
    assert!(report.rules[0].broken(), "{report}");
    for rule in [1, 2] {
        let Outcome::NotSeenBroken {
            asked: Asked::NowAndThen,
            ..
        } = outcome(&report, rule)
        else {
            panic!("{report}");
        };
    }
    assert!(report.to_string().contains("only sampled"), "{report}");
}

#[test]
fn a_run_that_cannot_tell_says_so() {
    let report = ran(
        "mutex m; process p [2] { lock(m); section cs { work(); } unlock(m); } never starve cs; never deadlock;",
    );
    assert!(matches!(outcome(&report, 0), Outcome::NotDecided { .. }));
    assert!(matches!(outcome(&report, 1), Outcome::NotSeenBroken { .. }));
    assert!(!report.to_string().contains("holds"), "{report}");
}

#[test]
fn a_thread_that_panics_ends_the_run_and_is_said() {
    let source = "process p { think(); } process q { do { think(); } while (TRUE); }";
    let mut program = crate::lab::load("test", source, &Settings::default()).unwrap();
    // No program that can be written does this: it runs past its own end.
    program.codes[0].code.pop();
    let failed = run(&program, source, &options()).map(|it| it.to_string());
    assert!(matches!(failed, Err(RunError::Panicked(who)) if who == "p"));
}
