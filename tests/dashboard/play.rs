//! `explore --play` and `lab play`: a person plays an order of a model.

use std::process::Command;

use nix::sys::signal::Signal;

use crate::server::*;
use crate::terminal::*;

#[test]
fn the_scheduler_is_played_to_its_goal() {
    let mut terminal = Terminal::run(24, 80, &[BINARY, "explore", "--play"]);
    let screen = terminal.wait_for("ORDERS LEFT  ? counts them");
    assert!(!screen.contains("495"), "{screen}");
    terminal.press("?");
    terminal.wait_for("ORDERS LEFT  495   bad 480");
    terminal.press("a");
    terminal.wait_for("READ  seen=0");
    terminal.press("bba");
    let screen = terminal.wait_for("GOAL REACHED");
    assert!(screen.contains("5 went to B and A."), "{screen}");
    let again = "lootbox explore --mode unsafe-race --draws 4,2 --replay ABBA";
    assert!(screen.contains(again), "{screen}");
    terminal.press("u");
    terminal.wait("the step undone", |screen| !screen.contains("GOAL REACHED"));
    terminal.press("aq");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    terminal.wait_for(&format!("again: {again}"));
    terminal.assert_as_it_was();
}

#[test]
fn one_task_follows_another_and_each_is_said_how_to_see_again() {
    let game = [BINARY, "explore", "--play", "--answers", "--draws", "1,1"];
    let mut terminal = Terminal::run(24, 80, &game);
    terminal.wait_for("ORDERS LEFT  6   bad 4");
    terminal.press("abba");
    terminal.wait_for("> goes on to small-lock");
    terminal.press(">");
    // Answers that were wanted from the start are wanted of every task.
    terminal.wait("the next task", |screen| {
        screen.contains("SMALL-LOCK") && screen.contains("IN REACH")
    });
    terminal.press("a");
    terminal.wait_for("SO FAR  A");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    terminal.wait_for("again: lootbox explore --mode unsafe-race --draws 1,1 --replay ABBA");
    terminal.wait_for("again: lootbox explore --mode small-lock --draws 1,1 --replay A");
    terminal.assert_as_it_was();
}

/// The list is none that the command would take by itself.
#[test]
fn what_is_printed_hands_out_what_was_played() {
    let list = ["--size", "100", "--seed", "7", "--draws", "1,1"];
    let game = [&[BINARY, "explore", "--play"], &list[..]].concat();
    let mut terminal = Terminal::run(24, 100, &game);
    terminal.wait_for("YOUR TURN");
    terminal.press("abba");
    terminal.wait_for("13 went to B and A.");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    let again = "lootbox explore --mode unsafe-race --size 100 --seed 7 --draws 1,1 --replay ABBA";
    terminal.wait_for(&format!("again: {again}"));
    let words = again.split(' ').skip(1);
    let (code, replayed, _) = output(Command::new(BINARY).args(words));
    assert_eq!(code, Some(1));
    assert!(
        replayed.contains("Handed out more than once: 13."),
        "{replayed}"
    );
}

#[test]
fn the_scheduler_gives_the_terminal_back_and_needs_one() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = Terminal::run(24, 80, &[BINARY, "explore", "--play", "--mode", "lock"]);
        terminal.wait_for("YOUR TURN");
        terminal.signal(signal);
        terminal.end();
        terminal.assert_as_it_was();
    }
    let (code, _, error) = output(Command::new(BINARY).args(["explore", "--play"]));
    assert_eq!(code, Some(2));
    assert!(
        error.contains("ssh -t HOST lootbox explore --play") && error.contains("--replay"),
        "{error}"
    );
}

/// The philosophers by hand, into their deadlock; and what is printed shows it again.
#[test]
fn a_program_of_the_lab_is_played_into_its_deadlock() {
    let game = [BINARY, "lab", "play", "philosophers-naive", "--set", "N=3"];
    let mut terminal = Terminal::run(24, 80, &game);
    let screen = terminal.wait_for("ORDERS LEFT  ? counts them");
    assert!(!screen.contains("IN REACH"), "{screen}");
    terminal.press("ab");
    terminal.wait_for("waits: B holds it");
    terminal.press("a");
    terminal.wait_for("A waits for chopstick[1]: B holds it.");
    terminal.press("??");
    terminal.wait_for("WITNESS  C   enter takes its first step");
    terminal.press("\r");
    let screen = terminal.wait_for("DEADLOCK  never deadlock: A → B → C → A.");
    let command = "lootbox lab check philosophers-naive --set N=3 --replay ABC";
    assert!(screen.contains(command), "{screen}");
    terminal.resize(16, 60);
    terminal.wait_for("q prints it: --replay ABC");
    terminal.resize(24, 80);
    terminal.press("u");
    terminal.wait_for("IN REACH");
    terminal.press("rABC");
    terminal.wait_for("DEADLOCK  never deadlock");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    terminal.wait_for(&format!("again: {command}"));
    terminal.assert_as_it_was();
    let (code, replayed, _) = output(Command::new(BINARY).args(command.split(' ').skip(1)));
    assert_eq!(code, Some(1));
    assert!(
        replayed.contains("✗ never deadlock: broken after step 3"),
        "{replayed}"
    );
}

#[test]
fn the_lab_is_played_on_a_terminal_and_from_a_file() {
    let lab = |arguments: &[&str]| {
        let (code, _, error) = output(Command::new(BINARY).args(["lab", "play"]).args(arguments));
        assert_eq!(code, Some(2));
        error
    };
    let error = lab(&["lootbox-race"]);
    assert!(
        error.contains("ssh -t HOST lootbox lab play") && error.contains("--replay"),
        "{error}"
    );
    let error = lab(&["-"]);
    assert!(error.contains("write the program to a file"), "{error}");
}
