//! `explore --play`: a person plays an order of the model.

use std::process::Command;

use nix::sys::signal::Signal;

use crate::server::*;
use crate::terminal::*;

#[test]
fn the_scheduler_is_played_to_its_goal() {
    let mut terminal = Terminal::run(24, 80, &[BINARY, "explore", "--play"]);
    terminal.wait_for("ORDERS LEFT  495   bad 480");
    terminal.press("a");
    terminal.wait_for("READ  seen=0");
    terminal.press("bba");
    let screen = terminal.wait_for("GOAL REACHED");
    assert!(screen.contains("5 went to B and A."), "{screen}");
    assert!(screen.contains("lootbox explore --replay ABBA"), "{screen}");
    terminal.press("u");
    terminal.wait("the step undone", |screen| !screen.contains("GOAL REACHED"));
    terminal.press("aq");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    terminal.wait_for("again: lootbox explore --replay ABBA");
    terminal.assert_as_it_was();
}

#[test]
fn the_scheduler_gives_the_terminal_back_and_needs_one() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = Terminal::run(24, 80, &[BINARY, "explore", "--play", "--mode", "lock"]);
        terminal.wait_for("CANNOT");
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
