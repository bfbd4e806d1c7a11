//! `lab run`: real threads on the screen.

use std::io::Write;
use std::process::Command;

use nix::sys::signal::Signal;

use crate::server::*;
use crate::terminal::*;

/// Each signals only once it holds its own, so in every order both hold one and want the other's.
const CERTAIN: &str = "semaphore a = 1, b = 1, have_a = 0, have_b = 0;
process p { wait(a); signal(have_a); wait(have_b); wait(b); }
process q { wait(b); signal(have_b); wait(have_a); wait(a); }
never deadlock;";

fn lab_run(arguments: &[&str]) -> Terminal {
    let mut all = vec![BINARY, "lab", "run"];
    all.extend(arguments);
    Terminal::run(24, 80, &all)
}

#[test]
fn the_philosophers_deadlock_on_the_screen_and_stay_there_until_q() {
    // Every step takes the same time, so all take their left chopstick long before anybody asks for the right one.
    let mut terminal = lab_run(&["philosophers-naive", "--time", "step=200ms", "--for", "1h"]);
    let screen = terminal.wait("deadlock", |screen| {
        screen.contains("DEADLOCK   P") && screen.contains("q quit, and")
    });
    // Which way round the table is not said, but all five are in it, and each holds one.
    for line in [
        "PHILOSOPHER  P0     P1     P2     P3     P4",
        "holds        c0     c1     c2     c3     c4",
        "waits for    c1     c2     c3     c4     c0",
        "P0→P1→P2→P3→P4→P0",
    ] {
        assert!(screen.contains(line), "{line}:\n{screen}");
    }
    assert!(
        terminal.child.try_wait().unwrap().is_none(),
        "it waits for a key"
    );
    terminal.resize(16, 60);
    terminal.wait("small screen", |screen| {
        !screen.contains("philosopher[0]")
            && screen.contains("P0→P1→P2→P3→P4→P0")
            && screen.contains("q quit, and")
    });
    terminal.press("?");
    terminal.wait_for("esc back");
    terminal.press("\x1b");
    terminal.wait_for("q quit, and");
    terminal.press("q");
    assert_eq!(terminal.end().0, 1);
    terminal.wait_for("DEADLOCK  philosopher[0] → philosopher[1]");
    terminal.assert_as_it_was();
}

#[test]
fn a_run_of_the_lab_is_frozen_stopped_and_ended_by_key_and_by_signal() {
    let mut terminal = lab_run(&["philosophers-odd-even", "--for", "1h", "--seed", "7"]);
    terminal.wait("turns", |screen| {
        screen.contains("· turns ") && number(screen, "· turns ") > 5
    });
    terminal.press(" ");
    terminal.wait_for("FROZEN");
    terminal.press("?");
    terminal.wait_for("Keys and words");
    terminal.press("? ");
    terminal.wait_for("RUNS");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    terminal.wait_for("seed 7");
    terminal.assert_as_it_was();
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = lab_run(&["bounded-buffer", "--for", "1h"]);
        terminal.wait_for("RUNS");
        terminal.signal(signal);
        terminal.end();
        terminal.assert_as_it_was();
    }
}

#[test]
fn a_stopped_run_of_the_lab_goes_on_where_it_was() {
    let mut terminal = Terminal::run(24, 80, &["bash", "--norc", "-i"]);
    terminal.press("PS1='ready> '\n");
    terminal.wait_for("ready> ");
    terminal.press(&format!(
        "{BINARY} lab run philosophers-odd-even --for 1h\n"
    ));
    terminal.wait_for(" RUNS ");
    terminal.press("\x1a");
    terminal.wait("the shell", |screen| {
        screen.contains("Stopped") && screen.contains("ready> ")
    });
    assert!(!terminal.screen.lock().unwrap().screen().hide_cursor());
    terminal.press("fg\n");
    terminal.wait("the picture again", |screen| {
        screen.contains(" RUNS ") && screen.contains("q quit")
    });
    terminal.press("\x03");
    terminal.wait_for("Jain's index of the turns");
    terminal.press("echo code=$?; stty -a | grep -o ' icanon'; exit\n");
    terminal.wait_for("code=0");
    terminal.wait_for(" icanon");
    terminal.end();
}

#[test]
fn without_a_terminal_or_headless_a_run_of_the_lab_only_says_what_it_came_to() {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(CERTAIN.as_bytes()).unwrap();
    let path = file.path().to_str().unwrap();
    let (code, out, error) = output(Command::new(BINARY).args(["lab", "run", path]));
    assert_eq!((code, error.as_str()), (Some(1), ""));
    assert!(
        out.contains("DEADLOCK  p → q → p") && !out.contains('\x1b'),
        "{out}"
    );
    for arguments in [
        &[path, "--headless"][..],
        &[path, "--json"],
        &[path, "--schedule", "AB"],
    ] {
        let mut terminal = lab_run(arguments);
        terminal.end();
        terminal.wait("result", |screen| {
            screen.contains("process") || screen.contains("step")
        });
        let raw = terminal.raw.lock().unwrap();
        assert!(
            !raw.contains(&0x1b),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&raw)
        );
    }
}
