//! The control socket: what users script against.

use std::cell::RefCell;
use std::io::{BufRead, BufReader, Write};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixStream;
use std::path::Path;

use lootbox::draw::Mode;
use lootbox::record::Snapshot;
use lootbox::server::control::Answer;

use crate::common::*;

/// Somebody at the control socket.
pub struct Control {
    reader: RefCell<BufReader<UnixStream>>,
}

impl Control {
    pub fn connect(path: &Path) -> Self {
        let stream = UnixStream::connect(path).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        Self {
            reader: RefCell::new(BufReader::new(stream)),
        }
    }

    pub fn send(&self, line: &str) {
        writeln!(self.reader.borrow_mut().get_mut(), "{line}").unwrap();
    }

    pub fn next(&self) -> Option<Answer> {
        let mut line = String::new();
        match self.reader.borrow_mut().read_line(&mut line).unwrap() {
            0 => None,
            _ => Some(serde_json::from_str(&line).unwrap()),
        }
    }

    /// Sends a command and finds its answer among the snapshots.
    pub fn ask(&self, command: &str) -> Result<(), String> {
        self.send(command);
        loop {
            match self.next().unwrap() {
                Answer::Ok(ok) => return if ok { Ok(()) } else { Err("ok: false".into()) },
                Answer::Error(error) => return Err(error),
                Answer::Snapshot(_) | Answer::Story(_) => {}
            }
        }
    }

    pub fn snapshot(&self) -> Snapshot {
        loop {
            if let Answer::Snapshot(snapshot) = self.next().unwrap() {
                return *snapshot;
            }
        }
    }

    pub fn wait_until(&self, what: &str, mut is_so: impl FnMut(&Snapshot) -> bool) {
        wait_until(what, || is_so(&self.snapshot()));
    }
}

#[test]
fn snapshots_come_out_and_commands_go_in() {
    let program = Program::serve(&["--mode", "unsafe-race", "--seed", "7", "--size", "1000"]);
    let mode = std::fs::metadata(program.control())
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    let control = Control::connect(&program.control());
    let first = control.snapshot();
    assert_eq!(
        (first.mode, first.seed, first.size, first.round),
        (Mode::UnsafeRace, Some(7), 1000, 1)
    );
    assert_eq!(first.address, program.address().to_string());

    assert_eq!(control.ask(r#"{"do":"mode","to":"lock"}"#), Ok(()));
    let mut peer = Peer::connect(program.address());
    assert_eq!(peer.draw(10).0.len(), 10);
    control.wait_until("ten draws in lock mode", |it| {
        it.mode == Mode::Lock && it.sums.draws == 10
    });
    assert_eq!(control.ask(r#"{"do":"window","to":"reply"}"#), Ok(()));
    assert_eq!(control.ask(r#"{"do":"grain","to":"request"}"#), Ok(()));
    control.wait_until("window and grain", |it| {
        it.window.to_string() == "reply" && it.grain.name() == "request"
    });
    assert_eq!(control.ask(r#"{"do":"pause"}"#), Ok(()));
    control.wait_until("the pause", |it| it.paused);
    assert_eq!(control.ask(r#"{"do":"resume"}"#), Ok(()));
    assert_eq!(control.ask(r#"{"do":"bots","to":2,"rate":100}"#), Ok(()));
    control.wait_until("two bots", |it| it.bots == 2 && it.sums.draws > 10);
    assert_eq!(control.ask(r#"{"do":"reset","seed":9}"#), Ok(()));
    control.wait_until("round 2", |it| it.round == 2 && it.seed == Some(9));
    assert_eq!(peer.rest(), "error: new round: connect again\n");
    assert_eq!(control.ask(r#"{"do":"stop"}"#), Ok(()));
    let socket = program.control();
    let (status, _) = program.end();
    assert!(status.success() && !socket.exists());
}

/// As a change of mode: draws of what ran before are over, and the counter stands past every number handed out.
#[test]
fn the_gallery_runs_in_place_of_the_mode() {
    let program = Program::serve(&["--mode", "lock", "--size", "100000"]);
    let control = Control::connect(&program.control());
    let ask_for = |name: &str| control.ask(&format!(r#"{{"do":"gallery","to":"{name}"}}"#));
    for (name, mode, window) in [
        ("late-atomic", Mode::UnsafeRace, "reply"),
        ("wrong-lock", Mode::UnsafeRace, "reply"),
        ("cas", Mode::Lock, "none"),
    ] {
        assert_eq!(ask_for(name), Ok(()));
        let drawn = control.snapshot().sums.draws;
        let mut peer = Peer::connect(program.address());
        assert_eq!(peer.draw(10).0.len(), 10);
        control.wait_until(name, |it| {
            (it.runs(), it.mode) == (name, mode)
                && it.window.to_string() == window
                && it.sums.draws >= drawn + 10
        });
    }
    assert_eq!(control.ask(r#"{"do":"mode","to":"atomic"}"#), Ok(()));
    control.wait_until("atomic", |it| it.runs() == "atomic" && it.counter == 30);
    // The number would go out before anybody knows whose it is.
    assert_eq!(control.ask(r#"{"do":"mode","to":"lock"}"#), Ok(()));
    assert_eq!(control.ask(r#"{"do":"window","to":"reply"}"#), Ok(()));
    let refused = ask_for("cas").unwrap_err();
    assert!(refused.contains("reply"), "{refused}");
    control.wait_until("lock still", |it| it.runs() == "lock");
}

#[test]
fn what_is_no_command_is_told_what_would_be() {
    let program = Program::serve(&["--mode", "atomic"]);
    let control = Control::connect(&program.control());
    for (line, told) in [
        ("lock", "no JSON"),
        (
            r#"{"do":"dance"}"#,
            "\"do\" is one of mode, gallery, window",
        ),
        (r#"{"do":"mode","to":"safe"}"#, "unsafe-race"),
        (r#"{"do":"gallery","to":"lock"}"#, "late-atomic, small-lock"),
        (r#"{"do":"window","to":"sleep:5ms"}"#, "atomic has no gap"),
        (r#"{"do":"bots","to":100000}"#, "at most 500"),
        (r#"{"do":"bots"}"#, "how many bots"),
        (r#"{"do":"watch","per_second":61}"#, "at most 60"),
        (r#"{"do":"watch"}"#, "per_second"),
        (r#"{"do":"window","to":"nap"}"#, "sleep:5ms"),
        ("\u{1b}[2J", "no JSON"),
    ] {
        let error = control.ask(line).unwrap_err();
        assert!(
            error.contains(told) && !error.contains('\u{1b}'),
            "{line}: {error}"
        );
    }
    control.send(&"x".repeat(10_000));
    while let Some(answer) = control.next() {
        assert!(matches!(answer, Answer::Snapshot(_) | Answer::Error(_)));
    }
    // And it is closed; the server lives on.
    assert_eq!(
        Control::connect(&program.control()).ask(r#"{"do":"mode","to":"lock"}"#),
        Ok(())
    );
}

/// With its line end or without, in one piece or in several.
#[test]
fn a_command_may_have_4096_bytes_and_no_more() {
    let program = Program::serve(&[]);
    let of = |length: usize| format!("{:<length$}", r#"{"do":"mode","to":"atomic"}"#);
    let control = Control::connect(&program.control());
    assert_eq!(control.ask(&of(4_096)), Ok(()));
    let error = control.ask(&of(4_097)).unwrap_err();
    assert!(error.contains("over 4096 bytes"), "{error}");
    while let Some(answer) = control.next() {
        assert!(matches!(answer, Answer::Snapshot(_)), "{answer:?}");
    }
}

#[test]
fn how_often_snapshots_come_is_settled_by_the_one_who_watches() {
    let program = Program::serve(&[]);
    let control = Control::connect(&program.control());
    assert_eq!(control.ask(r#"{"do":"watch","per_second":0}"#), Ok(()));
    control.send(r#"{"do":"snapshot"}"#);
    control.send(r#"{"do":"pause"}"#);
    // Exactly the one asked for, then the answer.
    assert!(matches!(control.next(), Some(Answer::Snapshot(_))));
    assert_eq!(control.next(), Some(Answer::Ok(true)));
    assert_eq!(control.ask(r#"{"do":"watch","per_second":50}"#), Ok(()));
    assert!(control.snapshot().paused);
}

#[test]
fn a_second_server_with_the_same_control_socket_does_not_start() {
    let program = Program::serve(&[]);
    let output = lootbox()
        .args([
            "serve",
            "--headless",
            "--listen",
            "127.0.0.1:0",
            "--control",
        ])
        .arg(program.control())
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    let stderr = String::from_utf8(output.stderr).unwrap();
    assert!(
        stderr.contains("another server listens on this control socket"),
        "{stderr}"
    );
}
