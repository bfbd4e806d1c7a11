//! Random programs and random text: the search against a naive one, and no input that hurts.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use crate::testing::cases;
use proptest::prelude::*;
use proptest::test_runner::{RngAlgorithm, TestRng, TestRunner};

use super::check::{self, Limits};
use super::compile::Settings;
use super::machine::{self, enabled, ended, step};
use super::problems::ALL;
use super::program::Program;
use super::report::Outcome;
use crate::orders::Schedule;

/// A program with more orders is not followed to all their ends: that would take minutes.
const MAX_ORDERS: u128 = 20_000;

/// What a naive search finds: every order followed to its end, nothing folded, nothing remembered.
#[derive(Default)]
struct Naive {
    orders: u128,
    deadlocked: u128,
    wrong: u128,
    shortest_deadlock: Option<Vec<usize>>,
    states: BTreeSet<Vec<i32>>,
}

impl Naive {
    fn follow(&mut self, program: &Program, state: &[i32], path: &mut Vec<usize>) {
        if self.orders > MAX_ORDERS {
            return;
        }
        let mut tidy = state.to_vec();
        machine::tidy(program, &mut tidy);
        self.states.insert(tidy);
        let all = 0..program.processes.len();
        let able: Vec<_> = all
            .clone()
            .filter(|&who| enabled(program, state, who))
            .collect();
        if able.is_empty() {
            self.orders += 1;
            if all.clone().any(|who| !ended(program, state, who)) {
                self.deadlocked += 1;
                let key = |it: &Vec<usize>| {
                    let switches = it.windows(2).filter(|it| it[0] != it[1]).count();
                    (it.len(), switches, it.clone())
                };
                if self
                    .shortest_deadlock
                    .as_ref()
                    .is_none_or(|best| key(path) < key(best))
                {
                    self.shortest_deadlock = Some(path.clone());
                }
            } else if state[0] != 2 {
                self.wrong += 1;
            }
        }
        for who in able {
            let mut after = state.to_vec();
            step(program, &mut after, who).unwrap();
            path.push(who);
            self.follow(program, &after, path);
            path.pop();
        }
    }
}

/// The defined witness, without folding and without a graph: step by step, for every state and whoever moved last, the best
/// schedule there. `None` if nothing breaks the first rule, or there are too many states to look.
fn naive_witness(program: &Program) -> Option<Schedule> {
    type Layer = BTreeMap<(Vec<i32>, Option<usize>), (usize, Vec<usize>)>;
    let all = || 0..program.processes.len();
    let breaks = |state: &[i32]| {
        let able = all().any(|who| enabled(program, state, who));
        super::rules::broken(program, state, able) & 1 == 1
    };
    let start = machine::start(program).unwrap();
    let mut layer = Layer::from([((start, None), (0, Vec::new()))]);
    let mut been = BTreeSet::new();
    while !layer.is_empty() && been.len() < 40_000 {
        let broken = layer.iter().filter(|((state, _), _)| breaks(state));
        if let Some((_, (_, schedule))) = broken.min_by_key(|it| it.1) {
            return Schedule::of(schedule.iter().copied());
        }
        been.extend(layer.keys().map(|it| it.0.clone()));
        let mut next = Layer::new();
        for ((state, last), (switches, schedule)) in &layer {
            for who in all().filter(|&who| enabled(program, state, who)) {
                let mut after = state.clone();
                step(program, &mut after, who).unwrap();
                machine::tidy(program, &mut after);
                if been.contains(&after) {
                    continue;
                }
                let switches = switches + usize::from(last.is_some_and(|last| last != who));
                let mut longer = schedule.clone();
                longer.push(who);
                let candidate = (switches, longer);
                let best = next.entry((after, Some(who))).or_insert(candidate.clone());
                *best = candidate.min(best.clone());
            }
        }
        layer = next;
    }
    None
}

/// Six to eight interchangeable processes of few steps, and what is asked of them.
fn crowds() -> impl Strategy<Value = String> {
    let statement = prop::sample::select(vec![
        "x = 1;",
        "x = y;",
        "y = x;",
        "wait(s);",
        "signal(s);",
        "lock(m);",
        "lock(m); unlock(m);",
        "if (x == 0) y = 1;",
    ]);
    let rule = prop::sample::select(vec![
        "finally x == 0",
        "finally y == 0",
        "never x == 1",
        "never y == 1",
        "never s == 3",
        "never deadlock",
        "finally s != 2",
    ]);
    let statements = prop::collection::vec(statement, 1..3);
    (6usize..9, statements, rule, 0..3).prop_map(|(crowd, mut statements, rule, units)| {
        if crowd > 6 {
            statements.truncate(1);
        }
        format!(
            "shared x, y; semaphore s = {units}; mutex m; process p [{crowd}] {{ {} }} process q {{ x++; }} {rule};",
            statements.concat()
        )
    })
}

/// A program without loops: `x` and `y`, two semaphores, a mutex, and processes of a few statements.
fn programs() -> impl Strategy<Value = String> {
    let statement = prop::sample::select(vec![
        "x++;",
        "x = y + 1;",
        "y = x;",
        "wait(s); ",
        "signal(s);",
        "wait(t);",
        "signal(t);",
        "wait(s); x++; signal(s);",
        "wait(t); x++; signal(t);",
        "lock(m); y++; unlock(m);",
        "if (x > 0 && y < 2) x--;",
        "read(d); unlock(d);",
        "write(d); x++; unlock(d);",
        "section a { think(); }",
        "local l; l = x; y = l;",
    ]);
    let body = prop::collection::vec(statement, 1..3);
    (prop::collection::vec((body, 1..3usize), 1..3), 0..3i32, any::<bool>()).prop_map(
        |(processes, count, fifo)| {
            let fifo = if fifo { "fifo " } else { "" };
            let mut text = format!(
                "shared x, y; {fifo}semaphore s = {count}; fifo semaphore t = 1; mutex m; rwlock d prefer writers;\n"
            );
            let mut many = 0;
            for (nth, (body, count)) in processes.iter().enumerate() {
                let count = if many + count > 3 { 1 } else { *count };
                many += count;
                // A name can be declared only once in a process.
                let body: Vec<_> = body
                    .iter()
                    .enumerate()
                    .map(|(at, it)| it.replace("local l; l = x; y = l;", &format!("local l{at}; l{at} = x; y = l{at};")))
                    .collect();
                _ = writeln!(text, "process p{nth} [{count}] {{ {} }}", body.join(" "));
            }
            text + "never deadlock; finally x == 2;"
        },
    )
}

proptest! {
    #![proptest_config(cases(150))]

    #[test]
    fn the_search_agrees_with_a_naive_one(source in programs()) {
        let program = super::load("random", &source, &Settings::default()).unwrap();
        let mut naive = Naive::default();
        naive.follow(&program, &machine::start(&program).unwrap(), &mut Vec::new());
        prop_assume!(naive.orders <= MAX_ORDERS);
        let report = check::check(&program, &source, Limits::default(), &mut |_| {});
        prop_assert!(report.exhaustive);
        prop_assert_eq!(report.states, naive.states.len() as u128);
        prop_assert_eq!(report.orders, Some(naive.orders.into()));
        prop_assert_eq!(report.rules[0].broken_orders.clone(), Some(naive.deadlocked.into()));
        prop_assert_eq!(report.rules[1].broken_orders.clone(), Some(naive.wrong.into()));
        match &report.rules[0].outcome {
            Outcome::Broken(witness) => {
                let naive = naive.shortest_deadlock.and_then(Schedule::of);
                prop_assert_eq!(Some(&witness.schedule), naive.as_ref());
            }
            _ => prop_assert!(naive.shortest_deadlock.is_none()),
        }
    }

    /// Folded, many alike: the witness is the defined one all the same.
    #[test]
    fn the_witness_of_a_crowd_is_the_naive_one(source in crowds()) {
        let program = super::load("random", &source, &Settings::default()).unwrap();
        let report = check::check(&program, &source, Limits::default(), &mut |_| {});
        prop_assume!(report.states < 40_000);
        let witness = match &report.rules[0].outcome {
            Outcome::Broken(witness) => Some(witness.schedule.clone()),
            _ => None,
        };
        prop_assert_eq!(witness, naive_witness(&program));
    }

    #[test]
    fn any_text_is_a_program_or_a_mistake_with_a_place(text in any::<String>()) {
        survives(&text);
    }

    #[test]
    fn a_problem_with_words_changed_is_a_program_or_a_mistake(
        problem in 0..ALL.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..4u8), 1..6),
    ) {
        survives(&mutated(ALL[problem].source, &changes));
    }
}

fn mutated(source: &str, changes: &[(prop::sample::Index, prop::sample::Index, u8)]) -> String {
    let mut words: Vec<&str> = source
        .split_inclusive(|c: char| !c.is_alphanumeric())
        .collect();
    for (at, from, how) in changes {
        let (at, from) = (at.index(words.len()), from.index(words.len()));
        match how {
            0 => words[at] = words[from],
            1 => words[at] = "",
            2 => words.insert(at, words[from]),
            _ => words[at] = ["2147483647", "(", "0 - 1", "%", "0", "signal", "/"][from % 7],
        }
        if words.is_empty() {
            break;
        }
    }
    words.concat()
}

/// It is read and checked within bounds, or refused with a place that is there.
fn survives(text: &str) {
    match super::load("random", text, &Settings::default()) {
        Ok(program) => {
            let limits = Limits {
                states: 500,
                bytes: 1 << 24,
                all: true,
            };
            let report = check::check(&program, text, limits, &mut |_| {});
            assert!(report.explored <= 500);
            _ = report.to_string();
        }
        Err(error) => {
            assert!(error.line <= text.matches('\n').count() + 1, "{error}");
            assert!(error.to_string().lines().count() >= 4, "{error}");
        }
    }
}

/// Words of the language in any order.
fn soup() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "const",
        "shared",
        "fifo",
        "semaphore",
        "mutex",
        "rwlock",
        "prefer",
        "writers",
        "process",
        "local",
        "if",
        "else",
        "while",
        "do",
        "assert",
        "section",
        "never",
        "deadlock",
        "starve",
        "together",
        "finally",
        "TRUE",
        "wait",
        "signal",
        "lock",
        "unlock",
        "read",
        "write",
        "think()",
        "a",
        "b",
        "c",
        "0",
        "1",
        "2147483647",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ";",
        ",",
        ".",
        "=",
        "==",
        "!",
        "-",
        "++",
        "+=",
        "%",
        "/",
        "&&",
        "||",
        "<",
        "//",
        "/*",
        "*/",
        "\n",
    ]);
    prop::collection::vec(word, 0..60).prop_map(|words| words.join(" "))
}

/// So many inputs, always the same: problems with words changed, words of the language, and any text.
fn inputs(cases: u32) {
    let config = ProptestConfig {
        cases,
        failure_persistence: None,
        ..ProptestConfig::default()
    };
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[6; 32]);
    let index = any::<prop::sample::Index>;
    let changes = prop::collection::vec((index(), index(), 0..4u8), 0..8);
    let changed = (0..ALL.len(), changes)
        .prop_map(|(problem, changes)| mutated(ALL[problem].source, &changes));
    let any_input = prop_oneof![6 => changed, 3 => soup(), 1 => any::<String>()];
    let survived = TestRunner::new_with_rng(config, rng).run(&any_input, |text| {
        survives(&text);
        Ok(())
    });
    survived.unwrap();
}

#[test]
fn three_thousand_inputs() {
    inputs(3_000);
}

/// The same by the hundred thousand: `cargo test --release --lib lab::random -- --ignored`.
#[test]
#[ignore = "a hundred thousand inputs take minutes"]
fn a_hundred_thousand_inputs() {
    inputs(100_000);
}

#[test]
fn every_mistake_has_its_line_and_what_would_be_right() {
    let deep = format!(
        "process p {{ local x = {}1{}; }}",
        "(".repeat(100),
        ")".repeat(100)
    );
    let nots = format!("process p {{ local x = {}1; }}", "!".repeat(500));
    let said: BTreeMap<_, _> = [
        (
            "semicolon",
            "semaphore s = 1;\nprocess p {\n    wait(s)\n}\n",
        ),
        ("unknown", "shared Counter;\nprocess p { counter++; }"),
        ("division", "process p { local a = 1 / 0; }"),
        ("index", "shared a[3];\nprocess p { a[3] = 1; }"),
        ("negative", "semaphore s = 0 - 1;\nprocess p { wait(s); }"),
        ("huge", "process p [1000000000] { think(); }"),
        ("number", "shared x = 99999999999;"),
        ("size", "shared a[100000000];\nprocess p { }"),
        ("wait", "mutex m;\nprocess p { wait(m); }"),
        ("section", "process p { think(); }\nnever starve eating;"),
        ("comment", "process p { } /* and then"),
        ("nothing", ""),
        ("garbage", "process p { x = ; }"),
        ("deep", deep.as_str()),
        ("nots", nots.as_str()),
    ]
    .into_iter()
    .map(|(name, text)| {
        let error = super::load("f.sync", text, &Settings::default()).unwrap_err();
        let said: String = error
            .to_string()
            .lines()
            .map(|it| it.chars().take(100).collect::<String>() + "\n")
            .collect();
        (name, said)
    })
    .collect();
    let said: Vec<_> = said
        .iter()
        .map(|(name, said)| format!("--- {name}\n{said}"))
        .collect();
    let said = said.concat();
    insta::assert_snapshot!(said);
}

#[test]
fn what_goes_wrong_while_it_runs_has_its_line_too() {
    let mut said = String::new();
    for text in [
        "shared zero;\nprocess p { local a = 1;\n    a = a / zero; }",
        "shared a[3], i = 3;\nprocess p { a[i] = 1; }",
        "shared x = 2147483647;\nprocess p { x++; }",
        "shared x;\nprocess p [2] { x++; assert(x == 1); }",
        "mutex m;\nprocess p { lock(m); think(); unlock(m); }\nprocess q { unlock(m); }",
    ] {
        let program = super::load("f.sync", text, &Settings::default()).unwrap();
        let report = check::check(&program, text, Limits::default(), &mut |_| {});
        assert!(report.broken(), "{text}");
        said += &report.verdict();
        said += "\n";
    }
    insta::assert_snapshot!(said);
}

#[test]
fn reports_of_the_problems_read_as_they_did() {
    for name in [
        "philosophers-naive",
        "lootbox-race",
        "bounded-buffer-racy",
        "readers-writers-first",
    ] {
        let problem = super::problems::named(name).unwrap();
        let program = super::load(name, problem.source, &Settings::default()).unwrap();
        let report = check::check(&program, problem.source, Limits::default(), &mut |_| {});
        insta::assert_snapshot!(name, report.verdict());
    }
}

#[test]
fn what_nothing_reaches_and_what_cannot_fail_is_warned_about() {
    let text = "shared x;\nsemaphore s = 0;\nprocess p {\n    while (TRUE) think();\n    x = 1;\n}\n\
        process q {\n    wait(s);\n    x = 2;\n}\nnever deadlock;\nnever FALSE;\nfinally x == 2;";
    let program = super::load("f.sync", text, &Settings::default()).unwrap();
    let report = check::check(&program, text, Limits::default(), &mut |_| {});
    insta::assert_snapshot!(report.verdict());
}
