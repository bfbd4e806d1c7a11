//! The problems that come with it, held to what they say and to the golden numbers.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::check::{self, Limits};
use super::compile::Settings;
use super::problems::{ALL, Problem, named};
use super::program::Program;
use super::report::{Outcome, Report, RuleReport};

fn settings(fifo: Option<bool>, set: &[(&str, i32)]) -> Settings {
    Settings {
        set: set
            .iter()
            .map(|(name, value)| ((*name).to_owned(), *value))
            .collect(),
        fifo,
    }
}

fn load(problem: &Problem, settings: &Settings) -> Program {
    super::load(problem.name, problem.source, settings).unwrap_or_else(|error| panic!("{error}"))
}

/// The report of a problem, made once however many tests ask.
fn checked(problem: &Problem, settings: &Settings) -> Report {
    static MADE: Mutex<BTreeMap<String, Report>> = Mutex::new(BTreeMap::new());
    // No process of the racy buffer waits for a semaphore, and it is the largest.
    let key = if problem.name == "bounded-buffer-racy" {
        problem.name.to_owned()
    } else {
        format!("{} {settings:?}", problem.name)
    };
    let mut made = MADE.lock().unwrap_or_else(PoisonError::into_inner);
    let report = made
        .entry(key)
        .or_insert_with(|| check_now(problem, settings));
    report.clone()
}

fn check_now(problem: &Problem, settings: &Settings) -> Report {
    let program = load(problem, settings);
    let report = check::check(&program, problem.source, Limits::default(), &mut |_| {});
    assert!(report.exhaustive);
    report
}

pub(super) fn word(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Holds => "holds",
        Outcome::Broken(witness) if witness.only_by_deadlock => "by deadlock",
        Outcome::Broken(_) => "broken",
        Outcome::NotDecided => "not decided",
        Outcome::NeverAsked => "never asked",
    }
}

/// What a problem says of each of its rules: behind it, `// broken; fifo: holds`.
pub(super) fn expected(name: &str, source: &str, line: usize, kind: Option<&str>) -> String {
    let rest = source.lines().skip(line - 1);
    let said = rest
        .filter_map(|line| line.split_once("//"))
        .map(|it| it.1.trim())
        .next();
    let said = said.unwrap_or_else(|| panic!("{name}:{line}: nothing is expected"));
    let (first, other) = said.split_once(';').unwrap_or((said, ""));
    let other = other.trim().split_once(':');
    match (kind, other) {
        (Some(kind), Some((if_kind, then))) if kind == if_kind => then.trim().to_owned(),
        _ => first.to_owned(),
    }
}

#[test]
fn every_rule_of_every_problem_is_as_the_file_says() {
    for (fifo, kind) in [
        (None, None),
        (Some(false), Some("plain")),
        (Some(true), Some("fifo")),
    ] {
        for problem in ALL {
            let report = checked(problem, &settings(fifo, &[]));
            let wrong: Vec<_> = report
                .rules
                .iter()
                .filter(|it| it.line > 1)
                .filter(|it| {
                    word(&it.outcome) != expected(problem.name, problem.source, it.line, kind)
                })
                .map(|it| (it.rule.clone(), word(&it.outcome)))
                .collect();
            assert!(
                wrong.is_empty(),
                "{} with {kind:?}: {wrong:?}",
                problem.name
            );
            assert!(
                report.warnings.is_empty(),
                "{}: {:?}",
                problem.name,
                report.warnings
            );
        }
    }
}

#[test]
fn a_problem_is_a_page_that_opens_with_a_question() {
    for problem in ALL {
        assert!(problem.question().ends_with('?'), "{}", problem.name);
        assert!(problem.source.lines().count() <= 55, "{}", problem.name);
        assert!(
            problem.source.lines().all(|it| it.len() <= 110),
            "{}",
            problem.name
        );
    }
}

/// The states and orders of the loot box, by hand and by stateright's example.
#[test]
fn the_loot_box_has_the_golden_numbers() {
    for (problem, sessions, states, folded, orders, bad) in [
        ("lootbox-race", 2, 13, 8, 6, 4),
        ("lootbox-race", 3, 84, 22, 90, 84),
        ("lootbox-race", 4, 0, 0, 2_520, 2_496),
        ("lootbox-lock", 2, 0, 0, 2, 0),
        ("lootbox-lock", 3, 0, 0, 6, 0),
    ] {
        let problem = named(problem).unwrap();
        let report = checked(problem, &settings(None, &[("SESSIONS", sessions)]));
        if states > 0 {
            assert_eq!(
                (report.states, report.folded),
                (states, folded),
                "{sessions} sessions"
            );
        }
        assert_eq!(report.orders, Some(u64::into(orders)));
        let rule = report
            .rules
            .iter()
            .find(|it| it.rule.starts_with("finally"))
            .unwrap();
        assert_eq!(rule.broken_orders, Some(u64::into(bad)));
    }
}

#[test]
fn naive_philosophers_deadlock_when_each_has_taken_one() {
    let report = checked(named("philosophers-naive").unwrap(), &settings(None, &[]));
    let Outcome::Broken(witness) = &report.rules[0].outcome else {
        panic!("they do not");
    };
    assert_eq!(witness.schedule.to_string(), "ABCDE");
    assert_eq!(witness.cycle.len(), 6);
    assert_eq!(witness.cycle.first(), witness.cycle.last());
}

#[test]
fn who_starves_is_what_the_textbook_says_of_queues() {
    let starving = |name, fifo, set: &[(&str, i32)]| {
        let report = checked(named(name).unwrap(), &settings(Some(fifo), set));
        let rules = report
            .rules
            .iter()
            .filter(|it| it.rule.starts_with("never starve"));
        let broken = rules.filter(|it| matches!(it.outcome, Outcome::Broken(_)));
        broken
            .map(|it| it.rule["never starve ".len()..].to_owned())
            .collect::<Vec<_>>()
    };
    let nobody: [&str; 0] = [];
    assert_eq!(starving("readers-writers-first", true, &[]), ["writing"]);
    assert_eq!(
        starving("readers-writers-first", false, &[]),
        ["writing", "reading"]
    );
    assert_eq!(starving("readers-writers-second", true, &[]), ["reading"]);
    assert_eq!(
        starving("readers-writers-second", true, &[("WRITERS", 1)]),
        nobody
    );
    assert_eq!(
        starving("readers-writers-second", false, &[]),
        ["reading", "writing"]
    );
    assert_eq!(starving("readers-writers-fair", true, &[]), nobody);
    assert_eq!(
        starving("readers-writers-fair", false, &[]),
        ["reading", "writing"]
    );
    assert_eq!(starving("bounded-buffer", false, &[]), ["adding"]);
    assert_eq!(starving("bounded-buffer", true, &[]), nobody);
}

#[test]
fn a_search_that_stopped_never_says_holds() {
    let problem = named("philosophers-odd-even").unwrap();
    let program = load(problem, &settings(None, &[]));
    let limits = Limits {
        states: 50,
        ..Limits::default()
    };
    let report = check::check(&program, problem.source, limits, &mut |_| {});
    assert!(!report.exhaustive && report.explored == 50);
    assert!(
        report
            .rules
            .iter()
            .all(|it| !matches!(it.outcome, Outcome::Holds))
    );
    assert!(report.verdict().starts_with("not exhaustive"));
}

/// Beyond what an unfolded search would look at for it: fewest letters, and of those fewest switches.
#[test]
fn the_witness_has_the_fewest_switches_however_many_processes_there_are() {
    for (sessions, schedule) in [
        (5, "AABBCCDEED"),
        (6, "AABBCCDDEFFE"),
        (8, "AABBCCDDEEFFGHHG"),
    ] {
        let problem = named("lootbox-race").unwrap();
        let report = checked(problem, &settings(None, &[("SESSIONS", sessions)]));
        let broken = |it: &RuleReport| match &it.outcome {
            Outcome::Broken(witness) => Some(witness.schedule.to_string()),
            _ => None,
        };
        let witness = report.rules.iter().find_map(broken);
        assert_eq!(witness.as_deref(), Some(schedule));
    }
}

/// Wherever a search stops: what it calls broken, its schedule breaks.
#[test]
fn a_search_that_stops_anywhere_shows_no_witness_that_is_none() {
    let never = "shared x, y; process a { x = 1; x = 2; x = 3; } process b { y = 1; y = 2; y = 3; } never x == 3;";
    let wrong = "shared x; process a { local y; y = x; x = 1; y = 1 / x; y = 1 / (x - 1); } process b { x++; }";
    for source in [never, wrong] {
        let program = super::load("f.sync", source, &Settings::default()).unwrap();
        for states in 1..30 {
            let limits = Limits {
                states,
                ..Limits::default()
            };
            for rule in check::check(&program, source, limits, &mut |_| {}).rules {
                if let Outcome::Broken(witness) = rule.outcome {
                    let replay = check::replay(&program, source, &witness.schedule);
                    assert!(!replay.broken.is_empty(), "{states}: {witness:?}");
                    // What is called the defined one is what the whole search finds.
                    let all = check::check(&program, source, Limits::default(), &mut |_| {});
                    let defined = all.rules.iter().any(|it| {
                        matches!(&it.outcome, Outcome::Broken(it) if it.schedule == witness.schedule)
                    });
                    assert!(defined || !witness.is_first, "{states}: {witness:?}");
                }
            }
        }
    }
}

/// The schedule of every witness, followed again, breaks the rule it is a witness of.
#[test]
fn every_witness_does_what_it_says_when_replayed() {
    for problem in ALL {
        let program = load(problem, &settings(None, &[]));
        for rule in checked(problem, &settings(None, &[])).rules {
            let Outcome::Broken(witness) = rule.outcome else {
                continue;
            };
            let replay = check::replay(&program, problem.source, &witness.schedule);
            if witness.again.is_empty() {
                let found = replay.broken.iter().any(|it| it.1 == rule.rule);
                assert!(
                    found || witness.starves.is_some(),
                    "{}: {}",
                    problem.name,
                    rule.rule
                );
                continue;
            }
            // Round the loop: back where it began, and the one who starves never inside.
            let end = |times: usize| {
                let again = || witness.again.sessions();
                let mut whole: Vec<_> = witness.schedule.sessions().collect();
                whole.extend((0..times).flat_map(|_| again()));
                let mut state = super::lanes::follow(&program, problem.source, &whole).state;
                super::machine::tidy(&program, &mut state);
                state
            };
            assert_eq!(end(0), end(1), "{}: {}", problem.name, rule.rule);
            assert_eq!(end(0), end(3));
        }
    }
}

/// Every witness of every broken rule, on real threads: they end up where the machine does. Of a
/// starving loop the lead-in and three rounds.
#[test]
fn every_witness_replays_on_real_threads() {
    let mut replayed = 0;
    for fifo in [None, Some(false), Some(true)] {
        for problem in ALL {
            let program = load(problem, &settings(fifo, &[]));
            for rule in checked(problem, &settings(fifo, &[])).rules {
                let Outcome::Broken(witness) = rule.outcome else {
                    continue;
                };
                let mut schedule: Vec<_> = witness.schedule.sessions().collect();
                schedule.extend((0..3).flat_map(|_| witness.again.sessions()));
                let machine = super::lanes::follow(&program, problem.source, &schedule);
                let mut state = machine.state;
                super::machine::tidy(&program, &mut state);
                let real = super::run::replay(&program, &schedule).unwrap();
                assert!(
                    real.passed_over.is_empty(),
                    "{}: {}",
                    problem.name,
                    rule.rule
                );
                assert_eq!(real.fault, machine.fault, "{}: {}", problem.name, rule.rule);
                assert_eq!(real.state, state, "{}: {}", problem.name, rule.rule);
                replayed += 1;
            }
        }
    }
    assert!(replayed > 30, "{replayed}");
}

#[test]
fn the_documentation_has_the_whole_grammar_and_its_example_holds() {
    let page = include_str!("../../docs/lab.md");
    assert!(
        page.contains(include_str!("grammar.pest")),
        "copy src/lab/grammar.pest into docs/lab.md"
    );
    let example = page.split("```").nth(1).unwrap().to_owned();
    let program = super::load("example", &example, &Settings::default()).unwrap();
    let report = check::check(&program, &example, Limits::default(), &mut |_| {});
    assert!(!report.broken() && report.warnings.is_empty(), "{report}");
}
