//! `lootbox lab` from outside: what it prints, and its exit codes.

use std::io::Write;
use std::process::{Command, Output, Stdio};

use crate::common::heeds_hang_up;

fn lab(arguments: &[&str], input: &str) -> (Option<i32>, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_lootbox"))
        .arg("lab")
        .args(arguments)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    let Output {
        status,
        stdout,
        stderr,
    } = child.wait_with_output().unwrap();
    (
        status.code(),
        String::from_utf8(stdout).unwrap(),
        String::from_utf8(stderr).unwrap(),
    )
}

#[test]
fn exit_codes_say_what_became_of_the_rules() {
    assert_eq!(lab(&["check", "lootbox-lock"], "").0, Some(0));
    assert_eq!(lab(&["check", "lootbox-race"], "").0, Some(1));
    let (code, out, _) = lab(&["check", "philosophers-fair", "--max-states", "10"], "");
    assert_eq!(code, Some(2));
    assert!(
        out.contains("not exhaustive") && !out.contains("holds"),
        "{out}"
    );
    let (code, out, error) = lab(&["check", "-"], "process p { wait(nothing) }");
    assert_eq!((code, out.as_str()), (Some(2), ""));
    assert!(error.contains("-:1:27: expected `;`"), "{error}");
    assert_eq!(lab(&["check", "no-such-problem"], "").0, Some(2));
    assert_eq!(
        lab(&["check", "lootbox-race", "--set", "NO=1"], "").0,
        Some(2)
    );
}

#[test]
fn a_file_without_rules_says_so_and_is_no_failure() {
    let alone = "shared int x = 0; process p { x = 1; }";
    let (code, out, _) = lab(&["check", "-"], alone);
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains("nothing was asked"), "{out}");
    assert!(out.contains(", 1 order, "), "{out}");
    // Unless something goes wrong, or not every order was looked at.
    let wrong = "shared int x = 0; process p { x = 1 / x; }";
    assert_eq!(lab(&["check", "-"], wrong).0, Some(1));
    let cut = lab(&["check", "-", "--max-states", "1"], alone);
    assert_eq!(cut.0, Some(2), "{}", cut.1);
}

#[test]
fn a_time_for_what_is_no_activity_says_which_there_are() {
    let error = |program| lab(&["run", "-", "--time", "foo=1ms"], program).2;
    let without = error("shared int x = 0; process p { x = 1; }");
    let says = "no activity is called foo: this program has none, only step";
    assert!(without.contains(says), "{without}");
    let with = error("process p { think(); eat(); }");
    assert!(
        with.contains("this program has think, eat; or step"),
        "{with}"
    );
}

#[test]
fn a_witness_can_be_replayed_by_the_machine_and_by_threads() {
    for arguments in [
        ["check", "lootbox-race", "--replay", "ABBA"],
        ["run", "lootbox-race", "--schedule", "ABBA"],
    ] {
        let (code, out, error) = lab(&arguments, "");
        assert_eq!(code, Some(1), "{out}{error}");
        assert!(out.contains("broken after step 4"), "{out}");
    }
    assert_eq!(
        lab(&["run", "lootbox-race", "--schedule", "AABB"], "").0,
        Some(0)
    );
    assert_eq!(
        lab(&["run", "lootbox-race", "--schedule", "AABX"], "").0,
        Some(2)
    );
}

/// Each signals only once it holds its own, so in every order both hold one and want the other's.
const CERTAIN: &str = "semaphore a = 1, b = 1, have_a = 0, have_b = 0;
process p { wait(a); signal(have_a); wait(have_b); wait(b); }
process q { wait(b); signal(have_b); wait(have_a); wait(a); }
never deadlock;";

#[test]
fn a_deadlock_of_real_threads_is_found_and_named() {
    let (code, out, error) = lab(&["run", "-", "--for", "1h", "--seed", "7"], CERTAIN);
    assert_eq!(code, Some(1), "{out}{error}");
    assert!(out.contains("p waits for b, held by q"), "{out}");
    assert!(out.contains("DEADLOCK  p → q → p"), "{out}");
}

#[test]
fn a_run_says_what_each_rule_comes_to() {
    let text = "shared n, flag[2] = 3; mutex m;
process p { local k = 0; while (k < 5) { lock(m); section cs { n++; } unlock(m); k++; } }
never deadlock; never starve cs; never together cs, cs; never n > 5; never n > 4 && flag[0] == 3; finally n == 6; finally n == 5;";
    let (code, out, error) = lab(&["run", "-", "--for", "1h"], text);
    assert_eq!(code, Some(1), "{out}{error}");
    for line in [
        "n = 5\nflag = 3 3\n",
        "· never deadlock: not seen broken\n",
        "? never starve cs: not decided by a run; fewest turns 5 (p), longest wait ",
        "· never together cs, cs: not seen broken in 5 entries\n",
        "· never n > 5: not seen broken, of 6 values\n",
        "✗ never n > 4 && flag[0] == 3: broken",
        "✗ finally n == 6: broken after ",
        "✓ finally n == 5: true when all had ended\n",
    ] {
        assert!(out.contains(line), "{line}: {out}");
    }
    let (code, out, _) = lab(&["run", "-", "--for", "1h", "--json"], text);
    assert_eq!(code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        report["shared"],
        serde_json::json!({"n": 5, "flag": [3, 3]})
    );
    assert_eq!(report["processes"][0]["turns"], 5);
    let rules = report["rules"].as_array().unwrap();
    let outcomes: Vec<_> = rules
        .iter()
        .map(|it| it["outcome"].as_str().unwrap())
        .collect();
    let (quiet, broken) = ("not_seen_broken", "broken");
    let all = [quiet, "not_decided", quiet, quiet, broken, broken, "kept"];
    assert_eq!(outcomes, all, "{out}");
    assert_eq!(rules[2]["looks"], 5);
    assert_eq!(rules[2]["asked"], "at_every_entry");
    assert_eq!(rules[5]["times"], 1);
}

#[test]
fn a_program_that_ends_ends_its_run() {
    let text = "mutex m; shared x; process p [4] { lock(m); section inside { x++; } unlock(m); }";
    let (code, out, error) = lab(&["run", "-", "--for", "1h", "--json"], text);
    assert_eq!(code, Some(0), "{error}");
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["ended"], true);
    assert_eq!(report["jain"], 1.0);
    assert_eq!(report["processes"].as_array().unwrap().len(), 4);
}

/// A run that is asked to end says what it came to, whichever of the signals asks.
#[cfg(target_os = "linux")] // how to see that it runs
#[test]
fn a_signal_ends_a_run_with_its_summary() {
    use nix::sys::signal::{Signal, kill};
    let signals = [Signal::SIGHUP, Signal::SIGTERM, Signal::SIGINT];
    let heeded = |it: &Signal| *it != Signal::SIGHUP || heeds_hang_up();
    for signal in signals.into_iter().filter(heeded) {
        let child = Command::new(env!("CARGO_BIN_EXE_lootbox"))
            .args(["lab", "run", "philosophers-odd-even"])
            .args(["--for", "1h", "--headless"])
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let status = format!("/proc/{}/status", child.id());
        let deadline = std::time::Instant::now() + std::time::Duration::from_mins(1);
        // The signals are listened for before the first philosopher sits down.
        let runs = |text: &str| {
            let threads = text.lines().find_map(|it| it.strip_prefix("Threads:"));
            threads.is_some_and(|it| it.trim().parse::<usize>().unwrap() > 5)
        };
        while !std::fs::read_to_string(&status).is_ok_and(|it| runs(&it)) {
            assert!(std::time::Instant::now() < deadline, "it does not begin");
            std::thread::sleep(std::time::Duration::from_millis(5));
        }
        kill(nix::unistd::Pid::from_raw(child.id().cast_signed()), signal).unwrap();
        let out = child.wait_with_output().unwrap();
        let text = String::from_utf8(out.stdout).unwrap();
        assert_eq!(out.status.code(), Some(0), "{signal}: {text}");
        assert!(text.contains("Jain's index"), "{signal}: {text}");
    }
}

/// What is broken is known at once; what else there is to see could take a minute and a gigabyte.
#[test]
fn a_search_stops_when_every_rule_is_broken() {
    let endless = "process a { while (TRUE) { x++; } } shared x; \
        process b { section cs { y(); } } process c { section cs { y(); } } never together cs, cs;";
    let five_and_three = "shared counter; \
        process five { while (TRUE) { counter++; if (counter == 5) { section cs5 { c(); } } } } \
        process three { while (TRUE) { counter++; if (counter == 3) { section cs3 { c(); } } } } \
        never together cs5, cs3;";
    let stops = |text: &str, more: &[&str]| {
        let mut arguments = vec!["check", "-", "--json"];
        arguments.extend(more);
        let (code, out, error) = lab(&arguments, text);
        assert_eq!(code, Some(1), "{error}");
        let report: serde_json::Value = serde_json::from_str(&out).unwrap();
        let explored = report["explored"].as_u64().unwrap();
        let witness = report["rules"][0]["witness"]["schedule"].clone();
        (report["stopped_by"].clone(), explored, witness)
    };
    let (by, explored, witness) = stops(endless, &[]);
    assert_eq!(by, "all-rules-broken");
    assert!(explored < 20_000, "{explored}");
    assert_eq!(witness, "");
    let (by, explored, witness) = stops(endless, &["--all", "--max-states", "50000"]);
    assert_eq!(
        (by.as_str(), explored),
        (Some("max-states"), 50_000),
        "{witness}"
    );
    assert_eq!(witness, "");
    let (by, explored, witness) = stops(five_and_three, &[]);
    assert_eq!(by, "all-rules-broken");
    assert!(explored < 20_000, "{explored}");
    let (_, _, far) = stops(five_and_three, &["--all", "--max-states", "60000"]);
    assert_eq!(witness, far);
    // How many orders break a rule is worth a longer look.
    let (code, out, _) = lab(&["check", "lootbox-race"], "");
    assert_eq!(code, Some(1));
    assert!(out.contains("broken in 4 of 6 orders"), "{out}");
}

/// Of what was not looked at nothing is said: neither that a rule held, nor that it was asked.
#[test]
fn what_is_not_decided_says_why() {
    let (code, out, _) = lab(&["check", "lootbox-race", "--max-states", "5"], "");
    assert_eq!(code, Some(2));
    let said = "not decided: in no order looked at have all processes ended";
    assert!(out.contains(said) && !out.contains("held in"), "{out}");
    let (_, out, _) = lab(&["check", "philosophers-naive", "--max-states", "100"], "");
    assert!(
        out.contains("not decided: only all states together say who starves"),
        "{out}"
    );
}

/// What no order avoids, no run avoids; what no order does, no run does.
#[test]
fn real_runs_stand_beside_the_orders() {
    let text =
        "shared x; process a { x = 1; } process b { x = 1; } finally x == 2; finally x == 1;";
    let (code, out, error) = lab(&["check", "-", "--live", "3"], text);
    assert_eq!(code, Some(1), "{error}");
    let broken = "✗ finally x == 2: broken in 2 of 2 orders\n  broken in 3 of 3 runs on real threads, so in 43.9 % to 100.0 % of all runs here";
    let holds = "✓ finally x == 1: holds\n  broken in 0 of 3 runs on real threads\n";
    assert!(out.contains(broken) && out.contains(holds), "{out}");
    let (_, out, _) = lab(&["check", "-", "--live", "3", "--json"], text);
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["rules"][0]["live"]["bad"], 3);
    assert_eq!(report["rules"][1]["live"]["runs"], 3);
}

/// Each letter is followed once, and no more letters than anybody reads.
#[test]
fn a_long_order_is_followed_in_linear_time_and_has_a_bound() {
    let long = "AB".repeat(15_000);
    let (code, out, error) = lab(&["check", "bounded-buffer", "--replay", &long], "");
    assert_eq!(code, Some(0), "{error}");
    assert!(out.lines().count() > 30_000);
    let too_long = "A".repeat(100_000);
    let file = tempfile::tempdir().unwrap();
    let path = file.path().join("p.sync");
    std::fs::write(&path, "process a { }").unwrap();
    let path = path.to_str().unwrap();
    for command in ["check", "run"] {
        let option = if command == "check" {
            "--replay"
        } else {
            "--schedule"
        };
        let (code, _, error) = lab(&[command, path, option, &too_long], "");
        assert_eq!(code, Some(0), "{error}");
        let (code, _, error) = lab(&[command, path, option, "AC"], "");
        assert_eq!(code, Some(2));
        assert!(
            error.contains("no process `C`: expected letters A to A"),
            "{error}"
        );
        let (code, _, error) = lab(&[command, path, option, "A2"], "");
        assert_eq!(code, Some(2));
        assert!(
            error.contains("'2' at place 2 of the schedule is no letter"),
            "{error}"
        );
    }
}

#[test]
fn json_has_the_witness() {
    let (code, out, _) = lab(&["check", "philosophers-naive", "--json"], "");
    assert_eq!(code, Some(1));
    let report: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(report["exhaustive"], true);
    assert_eq!(report["rules"][0]["outcome"], "broken");
    assert_eq!(report["rules"][0]["witness"]["schedule"], "ABCDE");
}

#[test]
fn every_problem_is_listed_and_shown() {
    let (code, list, _) = lab(&["list"], "");
    let (_, json, _) = lab(&["list", "--json"], "");
    let listed = list.lines().zip(json.lines());
    for (line, json) in listed.clone() {
        let json: serde_json::Value = serde_json::from_str(json).unwrap();
        let said = |key: &str| line.contains(json[key].as_str().unwrap());
        assert!(said("name") && said("question"), "{json}");
    }
    assert_eq!(json.lines().count(), listed.count());
    assert_eq!((code, list.lines().count()), (Some(0), 13));
    for line in list.lines() {
        let name = line.split_whitespace().next().unwrap();
        let (code, asked, _) = lab(&["show", name], "");
        assert_eq!(code, Some(0));
        assert!(!asked.contains("// broken") && !asked.contains("// holds"));
        let (code, shown, _) = lab(&["show", name, "--answers"], "");
        assert_eq!(code, Some(0));
        let file = format!("{}/demos/problems/{name}.sync", env!("CARGO_MANIFEST_DIR"));
        assert_eq!(shown, std::fs::read_to_string(file).unwrap());
    }
}

#[test]
fn a_rule_that_was_never_asked_is_no_success() {
    let spins =
        "shared x;\nprocess a { x = 1; }\nprocess b { while (x != 2) ; }\nfinally x == 7;\n";
    let (code, out, _) = lab(&["check", "-"], spins);
    assert_eq!(code, Some(2), "{out}");
    let said = "– finally x == 7: never asked, no order ends\n";
    assert!(out.contains(said) && !out.contains("holds"), "{out}");
    let (code, out, _) = lab(&["check", "-"], &format!("{spins}never x == 5;"));
    assert_eq!(code, Some(0), "{out}");
    assert!(out.contains(said), "{out}");
    let (code, out, _) = lab(&["check", "-"], &format!("{spins}never x == 1;"));
    assert_eq!(code, Some(1), "{out}");
    assert!(out.contains(said), "{out}");
}

#[test]
fn a_few_lines_for_a_slide_are_the_same_every_time() {
    let (code, text, _) = lab(&["check", "philosophers-naive", "--brief"], "");
    assert_eq!(code, Some(1));
    for line in [
        "philosophers-naive.sync: every order: 2,163 states",
        "✗ never deadlock: broken",
        "  shortest schedule, 5 steps: ABCDE",
        "  philosopher[4] waits for chopstick[0], held by philosopher[0]",
        "✗ never starve eating: broken",
    ] {
        assert!(text.lines().any(|it| it == line), "{line} not in\n{text}");
    }
    assert!(!text.contains("step  A"), "{text}");
    assert!(text.lines().all(|it| it.chars().count() <= 76), "{text}");

    let (code, text, _) = lab(&["table", "philosophers", "rwlock", "--brief"], "");
    assert_eq!(code, Some(0));
    assert_eq!(text.lines().count(), 1 + 5 + 1, "{text}");
    assert!(text.starts_with("problem                     deadlock  starves\n"));
    let row = "philosophers-naive          yes       eating";
    assert!(text.lines().any(|it| it == row), "{text}");

    let (code, text, error) = lab(&["table", "nobody"], "");
    assert_eq!((code, text.as_str()), (Some(2), ""));
    assert!(
        error.contains("nobody") && error.contains("lab list"),
        "{error}"
    );
}

#[test]
fn a_mistyped_problem_is_guessed() {
    for command in ["check", "show", "run"] {
        let (code, out, error) = lab(&[command, "philosopher-naive"], "");
        assert_eq!((code, out.as_str()), (Some(2), ""), "{command}");
        assert!(error.contains("philosophers-naive"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
    let (code, _, error) = lab(&["check", "no/such.sync"], "");
    assert_eq!(code, Some(2));
    assert!(error.contains("no/such.sync; name a .sync file"), "{error}");
}

#[test]
fn the_lab_alone_says_what_it_can_do() {
    let (code, _, error) = lab(&[], "");
    assert_eq!(code, Some(2));
    for word in ["Usage:", "check", "run", "list", "show", "table"] {
        assert!(error.contains(word), "{error}");
    }
}

#[test]
fn no_more_is_read_than_a_program_may_have() {
    let (code, _, error) = lab(&["check", "/dev/zero"], "");
    assert_eq!(code, Some(2));
    assert!(error.contains("at most 65536 bytes"), "{error}");
    let (code, _, error) = lab(&["check", "-"], &" ".repeat(70_000));
    assert_eq!(code, Some(2));
    assert!(error.contains("standard input: it is too long"), "{error}");
}

/// Out of a browser or a PDF: blanks that are no blanks, and a mark that nobody sees.
#[test]
fn pasted_text_is_read_as_it_looks() {
    let pasted =
        "shared x;\u{2028}process p\u{a0}{\u{202f}x\u{2007}=\u{200b}1; }\nfinally x\u{a0}== 1;\n";
    let (code, out, error) = lab(&["check", "-"], pasted);
    assert_eq!(code, Some(0), "{error}");
    assert!(out.contains("✓ finally x == 1: holds"), "{out}");
    let (code, _, error) = lab(&["check", "-"], "process p {\u{200e} }");
    assert_eq!(code, Some(2));
    assert!(error.contains("-:1:12: U+200E stands here"), "{error}");
}
