//! Schedules on real sockets: the assignment's tables, and letters that cannot go.

use std::io::{BufRead, Read};
use std::net::SocketAddr;
use std::process::Command as Process;
use std::thread;

use lootbox::record::Snapshot;

use crate::common::*;
use crate::control::Control;

const LIST: &str = "5,19,228,665,7,11";
const RACE: &str = "AAAABAABAABB";

/// A server with the assignment's list, in which no clock decides.
fn serve_by(schedule: &str, options: &[&str]) -> Program {
    let fixed = [
        "--list",
        LIST,
        "--schedule",
        schedule,
        "--step-timeout",
        "1h",
    ];
    Program::serve(&[&fixed[..], options].concat())
}

/// What the explorer prints of the same order.
fn replayed(schedule: &str, draws: &str, options: &[&str]) -> String {
    let output = Process::new(env!("CARGO_BIN_EXE_lootbox"))
        .args(["explore", "--list", LIST, "--replay", schedule])
        .args(["--draws", draws])
        .args(options)
        .output()
        .unwrap();
    String::from_utf8(output.stdout).unwrap()
}

fn has_letter(control: &Control, letter: &str) {
    control.wait_until(letter, |snapshot: &Snapshot| {
        let mut letters = snapshot
            .sessions
            .iter()
            .filter_map(|row| row.letter.as_deref());
        letters.any(|it| it == letter)
    });
}

/// A draws four times and B twice, and who draws first is A.
fn a_and_b(program: &Program, draw: fn(&mut Peer, u64) -> Vec<u64>) -> [Vec<u64>; 2] {
    let control = Control::connect(&program.control());
    let client = |address: SocketAddr, count| {
        thread::spawn(move || draw(&mut Peer::connect(address), count))
    };
    let a = client(program.address(), 4);
    has_letter(&control, "A");
    let b = client(program.address(), 2);
    [a.join().unwrap(), b.join().unwrap()]
}

fn by_lines(peer: &mut Peer, count: u64) -> Vec<u64> {
    let (numbers, error) = peer.draw(count);
    assert_eq!(error, None);
    numbers
}

fn by_messages(peer: &mut Peer, count: u64) -> Vec<u64> {
    peer.draw_as_the_course_does(count)
}

/// In both dialects these are the numbers, and the server prints what the explorer prints.
fn both_dialects(mode: &str, schedule: &str, a: [u64; 4], b: [u64; 2], results: &str) {
    for draw in [by_lines as fn(&mut Peer, u64) -> Vec<u64>, by_messages] {
        let program = serve_by(schedule, &["--mode", mode]);
        let numbers = a_and_b(&program, draw);
        assert_eq!(numbers, [a.to_vec(), b.to_vec()], "{mode}");
        // The last number is out in the window, before the last step.
        let control = Control::connect(&program.control());
        control.wait_until("the last draw's end", |it| it.sums.draws == 6);
        program.signal("-TERM");
        let (status, printed) = program.end();
        assert!(status.success());
        let expected = replayed(schedule, "4,2", &["--mode", mode]);
        let words: Vec<_> = expected
            .lines()
            .find_map(|line| line.strip_prefix(" Result"))
            .unwrap()
            .split_whitespace()
            .map(|word| word.trim_end_matches('!'))
            .take(6)
            .collect();
        assert_eq!(words.join(" "), results);
        let (order, summary) = printed.split_at(printed.find("in the end mode").unwrap());
        assert_eq!(order, expected);
        assert!(summary.contains("draws 6,"), "{summary}");
    }
}

#[test]
fn the_assignments_race() {
    both_dialects(
        "unsafe-race",
        RACE,
        [5, 19, 228, 665],
        [228, 7],
        "5 19 228 228 665 7",
    );
}

/// With the reply in the window a number is out before its draw is complete. If the order ends there, the client's file
/// has it, and so does the server's count.
#[test]
fn a_number_that_is_out_when_the_order_ends_is_counted() {
    let program = serve_by("AB", &["--mode", "unsafe-race"]);
    let control = Control::connect(&program.control());
    let address = program.address();
    let client = move || thread::spawn(move || Peer::connect(address).draw(2));
    let a = client();
    has_letter(&control, "A");
    let b = client();
    let (a, b) = (a.join().unwrap(), b.join().unwrap());
    for (numbers, error) in [a, b] {
        assert_eq!(numbers, [5]);
        assert_eq!(error.as_deref(), Some("error: the schedule has ended"));
    }
    program.signal("-TERM");
    let (_, printed) = program.end();
    assert!(
        printed.contains("draws not complete: A 1, B 1."),
        "{printed}"
    );
    assert!(printed.contains("they count below."), "{printed}");
    assert!(
        printed.contains("draws 2, distinct 1, duplicates 1"),
        "{printed}"
    );
}

#[test]
fn the_assignments_lock() {
    both_dialects(
        "lock",
        "AAAAAAAAAAAABBBBAAAABBBB",
        [5, 19, 228, 7],
        [665, 11],
        "5 19 228 665 7 11",
    );
}

/// Both rows of the counter in the assignment's second table, and 665 is skipped.
#[test]
fn atomic_too_late() {
    both_dialects(
        "late-atomic",
        RACE,
        [5, 19, 228, 7],
        [228, 11],
        "5 19 228 228 7 11",
    );
    let text = replayed(RACE, "4,2", &["--mode", "late-atomic"]);
    assert!(text.contains("Skipped, and so never handed out: 665."));
}

/// Each witness of the gallery hands its duplicate to two real clients; cas begins again instead.
#[test]
fn the_gallery_on_real_sockets() {
    for (mode, schedule, numbers, retries) in [
        ("late-atomic", "ABBA", ["5", "5"], 0),
        ("small-lock", "AAABBBBBBAAA", ["5", "5"], 0),
        ("wrong-lock", "AABBBBAA", ["5", "5"], 0),
        ("early-unlock", "AAABBBBA", ["5", "5"], 0),
        ("cas", "ABBAAA", ["19", "5"], 1),
    ] {
        let program = serve_by(schedule, &["--mode", mode]);
        let (mut a, mut b) = (
            Peer::connect(program.address()),
            Peer::connect(program.address()),
        );
        a.ask("name A");
        b.ask("name B");
        a.send("draw 1\n");
        b.send("draw 1\n");
        assert_eq!([a.line(), b.line()], numbers, "{mode}");
        let control = Control::connect(&program.control());
        control.wait_until("what runs and how often it began again", |it| {
            it.runs() == mode && it.sums.retries == retries && it.sums.draws == 2
        });
        program.signal("-TERM");
        let (_, printed) = program.end();
        let expected = replayed(schedule, "1,1", &["--mode", mode]);
        assert!(printed.starts_with(&expected), "{printed}");
    }
}

#[test]
fn a_program_of_ones_own_runs_freely_and_gives_way_to_a_mode() {
    let program = Program::serve(&["--program", "load window add", "--list", LIST]);
    assert!(program.first_line.contains(
        " mode=your-program window=reply grain=number size=6 seed=none program=load,window,add"
    ));
    assert_eq!(Peer::connect(program.address()).draw(3).0, [5, 19, 228]);
    let control = Control::connect(&program.control());
    assert_eq!(control.ask(r#"{"do":"mode","to":"atomic"}"#), Ok(()));
    control.wait_until("the mode", |it| {
        it.program.is_none() && it.runs() == "atomic"
    });
    assert_eq!(Peer::connect(program.address()).draw(2).0, [665, 7]);
}

#[test]
fn the_order_is_printed_at_its_end_and_then_requests_get_an_error() {
    let mut program = serve_by("BBAA", &["--mode", "unsafe-race"]);
    assert!(program.first_line.ends_with("schedule=BBAA\n"));
    let mut a = Peer::connect(program.address());
    let mut b = Peer::connect(program.address());
    // B connected last and draws first: names settle who is who.
    assert_eq!(b.ask("name B"), "ok");
    assert_eq!(
        a.ask("name b"),
        "error: another session has that letter: say another name"
    );
    assert_eq!(a.ask("name Ada"), "ok");
    b.send("draw 1\n");
    a.send("draw 1\n");
    assert_eq!((b.line(), a.line()), ("5".into(), "19".into()));
    let expected = replayed("BBAA", "1,1", &[]);
    let mut printed = vec![0; expected.len()];
    program.stdout.read_exact(&mut printed).unwrap();
    assert_eq!(String::from_utf8(printed).unwrap(), expected);
    assert_eq!(a.ask("draw 2"), "error: the schedule has ended");
    // The connection lives on, and another dialect hears the same.
    assert_eq!(a.ask("draw 1"), "error: the schedule has ended");
    let mut course = Peer::connect(program.address());
    course.send("draw 3");
    assert_eq!(course.receive(), "error: the schedule has ended");
}

#[test]
fn then_free_lets_draws_run_on_and_changes_be_made() {
    let program = serve_by("AB", &["--mode", "atomic", "--then-free"]);
    let control = Control::connect(&program.control());
    for order in [
        r#"{"do":"mode","to":"lock"}"#,
        r#"{"do":"window","to":"none"}"#,
        r#"{"do":"grain","to":"request"}"#,
        r#"{"do":"reset"}"#,
        r#"{"do":"pause"}"#,
    ] {
        let error = control.ask(order).unwrap_err();
        assert!(error.contains("a schedule runs"), "{error}");
    }
    let [a, b] = a_and_b(&program, by_lines);
    let mut all = [a, b].concat();
    all.sort_unstable();
    assert_eq!(all, [5, 7, 11, 19, 228, 665]);
    assert_eq!(control.ask(r#"{"do":"mode","to":"lock"}"#), Ok(()));
    assert_eq!(control.ask(r#"{"do":"reset"}"#), Ok(()));
    assert_eq!(Peer::connect(program.address()).draw(2).0, [5, 19]);
}

#[test]
fn letters_of_a_session_that_is_gone_and_of_one_that_waits_for_the_lock_are_passed_over() {
    // B would take the lock that A holds (step 2), and is gone before its last letters.
    let program = serve_by("ABAAABBBBBBA", &["--mode", "lock"]);
    let mut a = Peer::connect(program.address());
    let mut b = Peer::connect(program.address());
    assert_eq!(
        (a.ask("name A"), b.ask("name B")),
        ("ok".into(), "ok".into())
    );
    b.send("draw 1\nquit\n");
    let control = Control::connect(&program.control());
    control.wait_until("B waits", |it| {
        it.sessions
            .iter()
            .any(|row| row.state == lootbox::record::State::Drawing)
    });
    a.send("draw 2\n");
    assert_eq!((a.line(), b.rest()), ("5".into(), "19\n".into()));
    assert_eq!(a.line(), "error: the schedule has ended");
    program.signal("-TERM");
    let (_, printed) = program.end();
    assert!(
        printed.contains("because the lock is held: B at step 2."),
        "{printed}"
    );
    assert!(
        printed.contains("because no draw is left: B at step"),
        "{printed}"
    );
    assert!(printed.contains("draws not complete: A 1."), "{printed}");
}

#[test]
fn a_letter_whose_session_does_not_come_is_passed_over_in_time() {
    let program = Program::serve(&[
        "--list",
        LIST,
        "--schedule",
        "BA",
        "--step-timeout",
        "10ms",
        "--mode",
        "atomic",
    ]);
    assert_eq!(Peer::connect(program.address()).draw(1).0, [5]);
    program.signal("-TERM");
    let (_, printed) = program.end();
    assert!(
        printed.contains("because the session did not come: B at step 1."),
        "{printed}"
    );
}

#[test]
fn a_stop_ends_those_who_wait_for_a_letter() {
    let program = serve_by("BA", &["--mode", "lock"]);
    let mut a = Peer::connect(program.address());
    a.ask("name A");
    a.send("draw 1\n");
    program.signal("-TERM");
    let (status, printed) = program.end();
    assert!(status.success());
    assert_eq!(a.rest(), "error: the server is stopping\n");
    assert!(printed.contains("nobody has drawn"), "{printed}");
}

#[test]
fn what_does_not_go_with_a_schedule_is_refused() {
    for (options, reason) in [
        (&["--schedule", "A1"][..], "no letter"),
        (&["--schedule", "AB", "--grain", "request"], "grain number"),
        (
            &["--schedule", "AB", "--sold-out", "again"],
            "--sold-out again",
        ),
        (&["--then-free"], "--schedule"),
        (&["--mode", "cas", "--window", "reply"], "a later operation"),
        (&["--mode", "safe"], "late-atomic"),
        (&["--program", "load unlock"], "operation 2 (unlock)"),
    ] {
        let output = lootbox()
            .args(["serve", "--headless", "--listen", "127.0.0.1:0"])
            .args(options)
            .output()
            .unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}");
        let error = output.stderr.lines().next().unwrap().unwrap();
        assert!(error.contains(reason), "{error}");
    }
}

/// The session that is A stays A: being called B would be an `ok` without effect, and two of that name in the summary.
#[test]
fn a_session_keeps_its_letter() {
    let program = serve_by("BBAA", &[]);
    let mut a = Peer::connect(program.address());
    assert_eq!(a.ask("name A"), "ok");
    assert_eq!(a.ask("name a"), "ok");
    let mut b = Peer::connect(program.address());
    for _ in 0..2 {
        assert_eq!(
            a.ask("name B"),
            "error: this session is A already, and keeps its letter: say another name"
        );
        assert_eq!(b.ask("name B"), "ok");
    }
    assert_eq!(a.ask("name Ada"), "ok");
}

/// What was said before a draw is answered before its turn comes.
#[test]
fn a_name_is_answered_though_the_draw_behind_it_waits() {
    let program = serve_by("AABB", &["--mode", "unsafe-race"]);
    let mut b = Peer::connect(program.address());
    b.send("name B\ndraw 1\n");
    assert_eq!(b.line(), "ok");
    let mut a = Peer::connect(program.address());
    assert_eq!(a.ask("draw 1"), "5");
    assert_eq!(b.line(), "19");
}
