//! `serve --step`: a person grants the steps of real clients.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::process::Command;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::server::*;
use crate::terminal::*;

/// A client that asks and waits for what comes, whoever decides when that is.
fn ask(address: &str, request: &str) -> thread::JoinHandle<Vec<String>> {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(LONG)).unwrap();
    write!(stream, "{request}\nquit\n").unwrap();
    thread::spawn(move || {
        let lines = BufReader::new(stream).lines();
        lines.map_while(Result::ok).collect()
    })
}

#[test]
fn a_person_grants_the_steps_of_real_clients() {
    let list = ["--list", "5,19,228,665,7,11"];
    let mut terminal = serve(&[&list[..], &["--step", "--mode", "unsafe-race"]].concat());
    terminal.wait_for("Who draws first is A");
    let address = terminal.address();
    let a = ask(&address, "name A\ndraw 4");
    terminal.wait_for("Press a: it takes its next operation");
    let b = ask(&address, "name B\ndraw 2");
    terminal.wait_for("Press a or b");
    // One by one, as a person does, and then all at once, as a paste does.
    terminal.press("A");
    terminal.wait_for("READ  seen=0");
    terminal.press("a");
    terminal.wait_for("WRITE 1 → 5");
    terminal.press("AABAABAABB");
    let screen = terminal.wait_for("WRITE 5 → 7");
    assert!(screen.contains("228 went to A and B."), "{screen}");
    assert!(screen.contains("LOST UPDATE"), "{screen}");
    assert_eq!(a.join().unwrap(), ["ok", "5", "19", "228", "665"]);
    assert_eq!(b.join().unwrap(), ["ok", "228", "7"]);

    terminal.press("a");
    terminal.wait_for("A: this session has closed its connection.");
    // The schedule goes to where the terminal pastes from: OSC 52, in base64.
    terminal.press("\x19");
    let begun = Instant::now();
    let copied = |raw: &[u8]| {
        let copied = b"\x1b]52;c;QUFBQUJBQUJBQUJC";
        raw.windows(copied.len()).any(|bytes| bytes == copied)
    };
    while !copied(&terminal.raw.lock().unwrap()) {
        assert!(begun.elapsed() < LONG, "nothing copied");
        thread::park_timeout(Duration::from_millis(5));
    }
    terminal.press(":quit\r");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    terminal.wait_for("draws 6, distinct 5, duplicates 1");
    terminal.assert_as_it_was();
    // What it printed leads to the same order once more.
    let again = "again: lootbox explore --mode unsafe-race --list 5,19,228,665,7,11 --draws 4,2 --replay AAAABAABAABB";
    terminal.wait("the command", |screen| {
        screen.replace('\n', "").contains(again)
    });
    let words = again.split_whitespace().skip(2);
    let (code, replayed, _) = output(Command::new(BINARY).args(words));
    assert_eq!(code, Some(1));
    assert!(replayed.contains("Result    5   19  228  228! 665    7"));
}

#[test]
fn after_the_steps_draws_run_on_freely_and_the_dashboard_shows_them() {
    let mut terminal = serve(&["--step", "--mode", "lock", "--seed", "7"]);
    terminal.wait_for("Who draws first is A");
    let address = terminal.address();
    let a = ask(&address, "draw 20");
    terminal.wait_for("Press a: it takes its next operation");
    // The letter of who has not come waits, and is taken back.
    terminal.press("b");
    terminal.wait_for("B is to go, and has not asked");
    terminal.press("\x7f");
    terminal.wait_for("B's letter is taken back.");
    terminal.press("a");
    terminal.wait_for("LOCK held by A");
    terminal.press("\x06");
    // Whether its client has left is luck, and the headline says so first.
    let screen = terminal.wait_for("in 20 draws with lock");
    assert!(screen.contains("m mode"), "{screen}");
    assert_eq!(a.join().unwrap().len(), 20);
    terminal.press("qy");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    terminal.assert_as_it_was();
    // What it printed last may still be on its way when it has ended.
    terminal.wait_for("LOCK");
}

#[test]
fn steps_by_hand_give_the_terminal_back_and_need_one() {
    for signal in [Signal::SIGTERM, Signal::SIGHUP] {
        let mut terminal = serve(&["--step", "--bots", "2"]);
        terminal.wait_for("Press a or b");
        terminal.signal(signal);
        let (code, took) = terminal.end();
        assert_eq!(code, 0);
        assert!(took < Duration::from_secs(10), "{took:?}");
        terminal.assert_as_it_was();
    }
    let (code, _, error) = output(Command::new(BINARY).args(["serve", "--step"]));
    assert_eq!(code, Some(2));
    assert!(
        error.contains("ssh -t") && error.contains("--schedule"),
        "{error}"
    );
}
