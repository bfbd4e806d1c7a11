//! Programs of the textbooks, held to what SPIN says of the same programs written in Promela.
//!
//! They stand in `tests/textbook`, a file each: how many states there are in its head (`states: 58`), and
//! behind each rule what becomes of it. SPIN 6.5.2 without reduction found the same numbers, the same
//! exclusions and deadlocks, and with weak fairness the same starvation.

use std::fs;
use std::path::PathBuf;

use super::check::{self, Limits};
use super::compile::Settings;
use super::report::Report;
use super::tests::{expected, word};

/// A program of the directory.
struct Text {
    name: String,
    source: String,
}

/// Where the retry loop of a program takes an activity, in the tests that put one there.
const RETRY: &str = "/* retry */";

fn all() -> Vec<Text> {
    let directory = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/textbook");
    let mut paths: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|it| it.unwrap().path())
        .collect();
    paths.sort();
    let text = |path: &PathBuf| Text {
        name: path.file_stem().unwrap().to_string_lossy().into_owned(),
        source: fs::read_to_string(path).unwrap(),
    };
    paths.iter().map(text).collect()
}

impl Text {
    /// How many states its head says there are; the second number is with an activity in its retry loop.
    fn states(&self) -> Vec<u128> {
        let said = self.source.lines().find_map(|it| it.split_once("states: "));
        let (_, said) = said.unwrap_or_else(|| panic!("{}: no number of states", self.name));
        said.split([';', ':'])
            .filter_map(|it| it.trim().replace(',', "").parse().ok())
            .collect()
    }

    fn checked(&self, source: &str, fifo: Option<bool>) -> Report {
        let settings = Settings {
            fifo,
            ..Settings::default()
        };
        let program =
            super::load(&self.name, source, &settings).unwrap_or_else(|error| panic!("{error}"));
        let report = check::check(&program, source, Limits::default(), &mut |_| {});
        assert!(report.exhaustive, "{}", self.name);
        report
    }

    /// Holds what becomes of the rules whose text begins so to what the file says.
    fn agrees(&self, report: &Report, kind: Option<&str>, begins: &str) {
        let rules = report.rules.iter().filter(|it| it.rule.starts_with(begins));
        for rule in rules.filter(|it| it.rule != "no runtime error") {
            let said = expected(&self.name, &self.source, rule.line, kind);
            let found = word(&rule.outcome);
            assert_eq!(found, said, "{} with {kind:?}: {}", self.name, rule.rule);
        }
    }
}

/// So that none is lost without a word.
#[test]
fn no_program_of_the_table_is_missing() {
    let names: Vec<_> = all().into_iter().map(|it| it.name).collect();
    assert_eq!(
        names,
        [
            "back-off",
            "bathroom-turnstile",
            "bathroom",
            "confused-counter",
            "dekker",
            "hyman",
            "morris",
            "one-condition",
            "one-mutex",
            "peterson-turn-first",
            "peterson",
            "sleeping-barber",
            "smokers-naive",
            "tas-by-mutex",
            "ticket-by-mutex",
        ]
    );
}

#[test]
fn the_textbook_has_as_many_states_as_spin_finds() {
    for text in all() {
        let report = text.checked(&text.source, None);
        assert_eq!(report.states, text.states()[0], "{}", text.name);
        text.agrees(&report, None, "");
    }
}

/// Those that come with lootbox, in sizes that the textbook leaves open.
fn problems_have_as_many_states_as_spin_finds(sizes: &[(&str, &str, i32, u128)]) {
    for &(name, constant, size, states) in sizes {
        let problem = super::problems::named(name).unwrap();
        // States are counted here, and need not be kept with their steps.
        let lines = problem.source.lines();
        let lines = lines.filter(|it| !it.starts_with("never starve"));
        let source = lines.collect::<Vec<_>>().join("\n");
        let settings = Settings {
            set: vec![(constant.to_owned(), size)],
            fifo: Some(false),
        };
        let program = super::load(name, &source, &settings).unwrap();
        let report = check::check(&program, &source, Limits::default(), &mut |_| {});
        assert_eq!(report.states, states, "{name} with {constant}={size}");
    }
}

#[test]
fn the_problems_have_as_many_states_as_spin_finds() {
    problems_have_as_many_states_as_spin_finds(&[
        ("philosophers-naive", "N", 5, 2_163),
        ("philosophers-naive", "N", 8, 216_993),
        ("bounded-buffer", "SIZE", 2, 736),
        ("bounded-buffer", "SIZE", 4, 4_160),
        ("bounded-buffer", "SIZE", 8, 19_072),
        ("bounded-buffer", "SIZE", 16, 81_152),
    ]);
}

/// `cargo test --release --lib lab::textbook -- --ignored`
#[test]
#[ignore = "millions of states: half a minute with optimization, minutes without"]
fn large_problems_have_as_many_states_as_spin_finds() {
    problems_have_as_many_states_as_spin_finds(&[
        ("philosophers-naive", "N", 9, 1_008_099),
        ("philosophers-naive", "N", 10, 4_683_381),
    ]);
}

#[test]
fn with_queues_the_textbook_is_as_it_says() {
    for text in all() {
        text.agrees(&text.checked(&text.source, Some(true)), Some("fifo"), "");
    }
}

/// An activity ends: who takes a rest in the loop in which it tries to get in starves no less.
#[test]
fn an_activity_in_the_retry_loop_changes_no_starvation() {
    let mut tried = 0;
    for text in all().iter().filter(|it| it.source.contains(RETRY)) {
        let source = text.source.replace(RETRY, "delay();");
        for (fifo, kind) in [(None, None), (Some(true), Some("fifo"))] {
            let report = text.checked(&source, fifo);
            text.agrees(&report, kind, "never starve");
            tried += 1;
            if let (Some(&states), None) = (text.states().get(1), kind) {
                assert_eq!(report.states, states, "{}", text.name);
            }
        }
    }
    assert!(tried >= 14, "{tried}");
}

/// Exempt is only who stays in one activity for good.
#[test]
fn who_no_longer_tries_does_not_starve() {
    for (source, said) in [
        (
            "process p [2] { section cs { x = 1; } while (TRUE) think(); }",
            "holds",
        ),
        (
            "process p [2] { section cs { x = 1; } while (TRUE) { think(); } }",
            "holds",
        ),
        // One who comes in, and others who rest: nobody is kept out.
        (
            "process p { while (TRUE) { section cs { x = 1; } think(); } } process q { while (TRUE) rest(); }",
            "holds",
        ),
        // Once inside, then for ever on the way outside.
        (
            "process p [2] { section cs { x = 1; } while (TRUE) { think(); x = 2; } }",
            "broken",
        ),
        (
            "process p [2] { section cs { x = 1; } while (TRUE) x = 2; }",
            "broken",
        ),
    ] {
        let source = format!("shared x;\n{source}\nnever starve cs;");
        let text = Text {
            name: source.clone(),
            source,
        };
        let report = text.checked(&text.source, None);
        assert_eq!(word(&report.rules[0].outcome), said, "{}", text.source);
    }
}
