//! `lootbox explore`, as a student and a script run it.

use assert_cmd::Command;
use serde_json::Value;

fn explore(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("lootbox").unwrap();
    command
        .arg("explore")
        .args(arguments)
        .env("LC_ALL", "C.UTF-8");
    command
}

/// What it prints with this exit code.
fn prints(arguments: &[&str], code: i32) -> String {
    let output = explore(arguments).assert().code(code).get_output().clone();
    assert!(output.stderr.is_empty(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
        assert_eq!(line, line.trim_end());
    }
    text
}

fn json(arguments: &[&str], code: i32) -> Value {
    let text = prints_any_width(&[arguments, &["--json"]].concat(), code);
    serde_json::from_str(&text).unwrap()
}

fn prints_any_width(arguments: &[&str], code: i32) -> String {
    let output = explore(arguments).assert().code(code).get_output().clone();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_race_of_the_assignment() {
    insta::assert_snapshot!(prints(&[], 1));
}

#[test]
fn the_modes_and_the_gallery() {
    for (mode, code) in [
        ("lock", 0),
        ("atomic", 0),
        ("late-atomic", 1),
        ("small-lock", 1),
        ("wrong-lock", 1),
        ("early-unlock", 1),
        ("cas", 0),
    ] {
        let text = prints(&["--mode", mode, "--draws", "2,2"], code);
        insta::assert_snapshot!(mode, text);
    }
}

#[test]
fn ascii_alone() {
    let text = prints(&["--ascii"], 1);
    assert!(text.is_ascii());
    assert!(text.contains("bad 480  #################### 97.0 %"));
}

#[test]
fn numbers_for_scripts() {
    let found = json(&[], 1);
    assert_eq!(found["orders"], 495);
    assert_eq!(found["rules"][0]["rule"], "no number twice");
    assert_eq!(found["rules"][0]["outcome"], "broken");
    assert_eq!(found["rules"][0]["broken_orders"], 480);
    let witness = &found["rules"][0]["witness"];
    assert_eq!(witness["schedule"], "ABBA");
    assert_eq!(witness["switches"], 2);
    assert_eq!(witness["preemptions"], 1);
    assert_eq!(witness["steps"][3]["operation"], "store");
    assert_eq!(found["rules"][1]["rule"], "never deadlock");
    assert_eq!(found["rules"][1]["outcome"], "holds");
    assert_eq!(found["exhaustive"], true);
    assert_eq!(found["processes"], serde_json::json!(["A", "B"]));
    let found = json(&["--draws", "1,1"], 1);
    assert_eq!(
        (&found["states"], &found["states_folded"]),
        (&13.into(), &8.into())
    );
    let found = json(&["--draws", "4,4"], 1);
    assert_eq!(found["orders"], 12_870);
    assert_eq!(found["final_counters"][0]["counter"], 2);
    assert_eq!(found["final_counters"][0]["orders"], 8);
    let found = json(&["--program", "lock load window store unlock"], 0);
    assert_eq!(found["orders"], 15);
    assert_eq!(found["rules"][0]["witness"], Value::Null);
    assert_eq!(found["rules"][0]["outcome"], "holds");
}

/// 200! / 100!²: every digit, though no double holds it.
#[test]
fn counts_are_exact_however_large() {
    let text = prints_any_width(&["--mode", "atomic", "--draws", "100,100", "--json"], 0);
    assert!(
        text.contains(r#""orders": 90548514656103281165404177077484163874504589675413336841320,"#)
    );
    let text = prints(&["--mode", "atomic", "--draws", "100,100"], 0);
    assert!(text.contains("clean 9.054 x 10^58"));
}

#[test]
fn one_order() {
    let schedule = "AAAABAABAABB";
    insta::assert_snapshot!(prints(&["--replay", schedule], 1));
    insta::assert_snapshot!(
        "one_order_late_atomic",
        prints(&["--mode", "late-atomic", "--replay", schedule], 1)
    );
    let lock = ["--mode", "lock", "--replay", "AAAAAAAAAAAABBBBAAAABBBB"];
    insta::assert_snapshot!("one_order_lock", prints(&lock, 0));
    insta::assert_snapshot!(
        "one_order_with_letters_passed_over",
        prints(
            &["--mode", "lock", "--draws", "1,2", "--replay", "ABBAAAABBB"],
            0
        )
    );
    let found = json(&["--replay", schedule], 1);
    let numbers: Vec<_> = found["table"]
        .as_array()
        .unwrap()
        .iter()
        .map(|c| c["number"].clone())
        .collect();
    assert_eq!(
        Value::from(numbers),
        serde_json::json!([5, 19, 228, 228, 665, 7])
    );
    assert_eq!(found["steps"].as_array().unwrap().len(), 12);
}

#[test]
fn the_orders_one_by_one() {
    let text = prints(&["--draws", "1,1", "--all", "--ascii"], 1);
    let listed: Vec<_> = text.lines().take(6).collect();
    assert_eq!(
        listed,
        [
            "AABB  5 19  counter 2 duplicates 0 skipped 0",
            "ABAB  5 5!  counter 1 duplicates 1 skipped 0",
            "ABBA  5 5!  counter 1 duplicates 1 skipped 0",
            "BAAB  5 5!  counter 1 duplicates 1 skipped 0",
            "BABA  5 5!  counter 1 duplicates 1 skipped 0",
            "BBAA  5 19  counter 2 duplicates 0 skipped 0",
        ]
    );
    assert_eq!(json(&["--all"], 1)["all"].as_array().unwrap().len(), 495);
}

#[test]
fn a_search_that_stops_early_never_says_safe() {
    // Nothing found, and not everything seen: that is neither yes nor no.
    let text = prints(
        &["--mode", "lock", "--draws", "4,5,6", "--max-states", "1000"],
        2,
    );
    assert!(
        text.contains("NOT EXHAUSTIVE: the search stopped after 1,000 states"),
        "{text}"
    );
    assert!(!text.contains("safe") && !text.contains("ORDERS"));
    // A duplicate that was found is there, whatever else is.
    let found = json(&["--draws", "4,4,4", "--max-states", "1000"], 1);
    assert_eq!(found["exhaustive"], false);
    assert_eq!(found["orders"], Value::Null);
    assert_eq!(found["stopped_by"], "max-states");
    assert_eq!(found["rules"][0]["witness"]["schedule"], "ABBA");
    assert_eq!(found["rules"][1]["outcome"], "not_decided");
}

/// Interchangeable sessions are folded: told apart there are 34,007,911 states, which took a gigabyte and were not all seen.
#[test]
fn eight_sessions_with_one_draw_each_are_decided() {
    let found = json(&["--draws", "1,1,1,1,1,1,1,1"], 1);
    assert_eq!(found["exhaustive"], true);
    assert_eq!(found["states"], 34_007_911);
    assert_eq!(found["states_folded"], 4_544);
    assert_eq!(found["orders"], 81_729_648_000u64);
    let bad = 81_729_648_000u64 - 40_320;
    assert_eq!(found["rules"][0]["broken_orders"], bad);
    assert_eq!(found["rules"][0]["witness"]["schedule"], "ABBA");
}

/// A lock that is never given back is no bad input: it is shown what comes of it.
#[test]
fn a_forgotten_unlock_is_a_deadlock_with_its_lanes() {
    let text = prints(&["--program", "lock load store", "--draws", "1,1"], 1);
    insta::assert_snapshot!("a_forgotten_unlock", text);
    let own = prints(
        &["--program", "lock load lock store unlock", "--draws", "1"],
        1,
    );
    insta::assert_snapshot!("a_lock_taken_twice", own);
    let found = json(&["--program", "lock load store", "--draws", "1,1"], 1);
    assert_eq!(found["rules"][0]["outcome"], "holds");
    assert_eq!(found["rules"][1]["outcome"], "broken");
    assert_eq!(found["rules"][1]["broken_orders"], 2);
    assert_eq!(found["rules"][1]["witness"]["schedule"], "AAA");
    // The order that is printed, shown by itself, says the same.
    let one = [
        "--program",
        "lock load store",
        "--draws",
        "1,1",
        "--replay",
        "AAA",
    ];
    let text = prints(&one, 1);
    assert!(
        text.contains("DEADLOCK: B waits for the lock, held by A"),
        "{text}"
    );
    assert_eq!(json(&one, 1)["deadlock"], true);
    assert_eq!(
        json(&["--draws", "1,1", "--replay", "AAB"], 0)["deadlock"],
        false
    );
}

#[test]
fn a_guess_comes_before_the_number() {
    let output = explore(&["--predict"])
        .write_stdin("3\n")
        .assert()
        .code(1)
        .get_output()
        .clone();
    let asked = String::from_utf8(output.stderr).unwrap();
    assert!(asked.contains("Of 100 orders") && !asked.contains("97"));
    let told = String::from_utf8(output.stdout).unwrap();
    assert!(
        told.contains("You said 3 of 100 orders; it is 97.0."),
        "{told}"
    );
    // Without an answer it goes on.
    explore(&["--predict"]).write_stdin("").assert().code(1);
}

/// A lock is a lock: over TCP too, in every run.
#[test]
fn real_runs_beside_the_orders() {
    let found = json(&["--mode", "lock", "--live", "5"], 0);
    assert_eq!(
        (&found["live"]["runs"], &found["live"]["bad"]),
        (&5.into(), &0.into())
    );
    assert!(found["live"]["high"].as_f64().unwrap() > 0.4);
    let text = prints(
        &[
            "--mode",
            "atomic",
            "--live",
            "3",
            "--counter",
            "2",
            "--draws",
            "3,1",
        ],
        0,
    );
    assert!(text.contains(" LIVE     bad runs 0 of 3 "), "{text}");
}

#[test]
fn bad_input_says_what_would_be_right() {
    for (arguments, told) in [
        (&["--mode", "race"][..], "late-atomic"),
        (
            &["--program", "load stroe"],
            "operation 2 (stroe): there is no such operation: use load",
        ),
        (
            &["--program", "load store unlock"],
            "operation 3 (unlock): it gives back a lock that is not held",
        ),
        (&["--draws", "4,0"], "1..=100000"),
        (&["--draws", "foo"], "as in 4,2"),
        (&["--draws", ""], "as in 4,2"),
        (&["--draws", "100000,100000"], "at most 100000 times"),
        (&["--list", "5,,6"], "missing at place 2"),
        (&["--program", "load, , store"], "operation 2 is missing"),
        (&["--draws", "x"], "--draws"),
        (&["--replay", "AB!"], "'!' at place 3"),
        (&["--list", "5,5"], "stands in the list twice"),
        (&["--list", "@/no/such/file"], "/no/such/file"),
        (&["--counter", "6", "--list", "1,2,3"], "nothing is left"),
        (
            &["--program", "lock load store", "--live", "3"],
            "--live: no server runs this program: operation 1 (lock): the lock is never given back",
        ),
        (&["--all", "--draws", "10,10"], "--all"),
        (&["--max-states", "0"], "--max-states"),
    ] {
        let output = explore(arguments).assert().code(2).get_output().clone();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(told), "{arguments:?}: {error}");
        assert_eq!(error.lines().count(), 1, "{error}");
        assert!(output.stdout.is_empty(), "{arguments:?}");
    }
}

/// As every program decides it; what `--ascii` does by hand.
#[test]
fn where_the_locale_has_no_utf_8_pictures_are_ascii() {
    for arguments in [&["--draws", "1,1"][..], &["--replay", "ABBA"]] {
        let plain = explore(arguments).env("LC_ALL", "C").assert().code(1);
        let plain = String::from_utf8(plain.get_output().stdout.clone()).unwrap();
        assert!(plain.is_ascii(), "{plain}");
        assert_eq!(plain, prints(&[arguments, &["--ascii"]].concat(), 1));
    }
}

/// 68 states is all that two clients with two draws each have, and 38 if it does not matter which is which.
#[test]
fn the_bound_on_states_is_the_number_that_suffices() {
    assert_eq!(json(&["--draws", "2,2"], 1)["states"], 68);
    assert_eq!(json(&["--draws", "2,2"], 1)["states_folded"], 38);
    let exact = json(&["--draws", "2,2", "--max-states", "38"], 1);
    assert_eq!(exact["exhaustive"], true);
    assert_eq!(exact, json(&["--draws", "2,2"], 1));
    let short = json(&["--draws", "2,2", "--max-states", "37"], 1);
    assert_eq!(
        (&short["exhaustive"], &short["states_folded"]),
        (&false.into(), &37.into())
    );
}

#[test]
fn a_search_that_may_take_a_mebibyte_takes_no_more() {
    let short = json(&["--draws", "5,6,7", "--max-memory", "1"], 1);
    assert_eq!(short["stopped_by"], "max-memory");
    assert!(short["bytes"].as_u64().unwrap() <= 1 << 20);
    let text = prints(&["--draws", "5,6,7", "--max-memory", "1"], 1);
    assert!(text.contains("more --max-memory"), "{text}");
}

/// Whatever the bound: what is called the shortest is the one that the whole search finds.
#[test]
fn only_the_defined_witness_is_called_the_shortest() {
    let mut called = [false; 2];
    for states in 1..=40 {
        let bound = states.to_string();
        let output = explore(&["--draws", "3,3", "--max-states", &bound])
            .output()
            .unwrap();
        let text = String::from_utf8(output.stdout).unwrap();
        let (first, any) = (
            text.contains("shortest bad order"),
            text.contains("bad order: "),
        );
        assert_eq!(
            output.status.code(),
            Some(if any { 1 } else { 2 }),
            "{text}"
        );
        assert_eq!(
            first,
            text.contains("shortest bad order: A B B A"),
            "{text}"
        );
        assert!(!any || first || text.contains(" a bad order: "), "{text}");
        called[usize::from(first)] |= any;
    }
    assert_eq!(called, [true; 2]);
}

#[test]
fn a_search_that_stops_names_what_has_stopped_it() {
    let text = prints(&["--draws", "3,3", "--max-states", "20"], 1);
    assert!(
        text.contains("or more\n --max-states") || text.contains("or more --max-states"),
        "{text}"
    );
    let all = [
        "--mode",
        "lock",
        "--draws",
        "2,2",
        "--max-states",
        "5",
        "--all",
    ];
    let output = explore(&all).assert().code(2).get_output().clone();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(
        told.contains("stopped after 5 states") && told.contains("--max-states"),
        "{told}"
    );
    let output = explore(&["--all", "--draws", "10,10"])
        .assert()
        .code(2)
        .get_output()
        .clone();
    let told = String::from_utf8(output.stderr).unwrap();
    assert!(told.contains("and here are 137,846,528,820"), "{told}");
}

#[test]
fn a_letter_of_nobody_is_an_error() {
    for (schedule, told) in [("XYZ", "names X"), ("ABBAC", "names C")] {
        let output = explore(&["--replay", schedule])
            .assert()
            .code(2)
            .get_output()
            .clone();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(told) && error.contains("up to B"), "{error}");
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn a_few_lines_for_a_slide() {
    let own = "lock load unlock window store";
    let text = [
        prints(&["--brief"], 1),
        prints(&["--brief", "--mode", "early-unlock"], 1),
        prints(&["--brief", "--mode", "lock"], 0),
        prints(&["--brief", "--program", own, "--draws", "1,1"], 1),
        prints(&["--brief", "--replay", "AAAABAABAABB"], 1),
        prints(&["--brief", "--replay", "AAAABAAB"], 1),
        prints(&["--brief", "--max-states", "5"], 2),
    ]
    .join("\n");
    insta::assert_snapshot!(text);
}
