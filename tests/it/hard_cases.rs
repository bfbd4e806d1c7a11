//! Bad input and hard cases: a clear answer, nothing lost, the server lives on.

use std::net::{Shutdown, TcpListener};
use std::process::Command as Process;
use std::time::Duration;

use lootbox::draw::{Grain, Mode, Window};
use lootbox::record::State;
use lootbox::server::Config;
use lootbox::server::command::Command;
use lootbox::server::limits::Limits;

use crate::common::*;

fn small(mode: Mode) -> Config {
    config(mode, None, Grain::Number, 100_000)
}

fn with_limits(limits: Limits) -> Config {
    Config {
        limits,
        ..small(Mode::Lock)
    }
}

/// The server still serves.
fn lives_on(server: &lootbox::server::Server) {
    assert_eq!(Peer::connect(server.address()).draw(3).0.len(), 3);
}

#[test]
fn what_is_no_request_gets_one_line_and_moves_nothing() {
    let server = serve(small(Mode::Lock));
    let mut peer = Peer::connect(server.address());
    for request in [
        "draw 0",
        "draw -1",
        "draw +3",
        "draw 1e3",
        "draw 18446744073709551616",
        "draw",
        "draw 1 2",
        "foo",
        "draw 100001",
        "\0\0\0",
        "name",
        "GET / HTTP/1.1",
        "draw \u{1b}[2J",
    ] {
        let answer = peer.ask(request);
        assert!(answer.starts_with("error: "), "{request:?}: {answer:?}");
        assert!(
            !answer.chars().any(char::is_control),
            "{request:?}: {answer:?}"
        );
        let largest = answer.contains("100000") || request == "name";
        assert!(largest, "the largest N is named: {answer}");
    }
    assert_eq!(server.host().snapshot().counter, 0);
    // And the connection lives on.
    assert_eq!(peer.draw(2).0.len(), 2);
}

#[test]
fn bytes_that_are_no_text_get_an_answer_too() {
    let server = serve(small(Mode::Lock));
    let tls_hello: &[u8] = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\xff\xfe\r\n";
    for bytes in [tls_hello, b"\xff\xf4\xff\xfd\x06\n", b"\x1b]0;evil\x07\n"] {
        let mut peer = Peer::connect(server.address());
        peer.send(bytes);
        let answer = peer.line();
        assert!(
            answer.starts_with("error: ") && answer.is_ascii() | answer.contains('\u{fffd}'),
            "{answer:?}"
        );
        assert!(!answer.chars().any(char::is_control), "{answer:?}");
    }
    lives_on(&server);
}

#[test]
fn a_line_that_is_too_long_is_refused_and_closed() {
    let server = serve(small(Mode::Lock));
    let mut long = Peer::connect(server.address());
    long.send([b"draw 1 ".as_slice(), &[b'x'; 2_000], b"\ndraw 1\n"].concat());
    let answer = long.rest();
    assert!(
        answer.starts_with("error: a line of over 1024 bytes") && answer.lines().count() == 1,
        "{answer:?}"
    );
    // A line that never ends.
    let mut endless = Peer::connect(server.address());
    endless.send(vec![b'x'; 100_000]);
    assert!(
        endless
            .rest()
            .starts_with("error: a line of over 1024 bytes")
    );
    assert_eq!(server.host().snapshot().sums.draws, 0);
    lives_on(&server);
}

/// A byte now and then does not extend the deadline, and silence has one too.
#[test]
fn a_slow_line_and_a_silent_client_are_closed() {
    let limits = Limits {
        line_timeout: Duration::from_millis(200),
        idle_timeout: Duration::from_millis(400),
        ..Limits::default()
    };
    let server = serve(with_limits(limits));
    let mut slow = Peer::connect(server.address());
    slow.send("d");
    let mut trickle = slow.stream.try_clone().unwrap();
    std::thread::spawn(move || {
        // Until the server has enough of it.
        while std::io::Write::write_all(&mut trickle, b"r").is_ok() {
            std::thread::park_timeout(Duration::from_millis(20));
        }
    });
    let answer = slow.rest();
    assert!(
        answer.starts_with("error: no line end within 200ms"),
        "{answer:?}"
    );
    let silent = Peer::connect(server.address()).rest();
    assert!(
        silent.starts_with("error: no request for 400ms"),
        "{silent:?}"
    );
    lives_on(&server);
}

/// Asks for far more than the socket buffers hold, and takes nothing.
fn greedy(server: &lootbox::server::Server, requests: usize, count: u64) -> Peer {
    let mut greedy = Peer::connect(server.address());
    greedy.send("name greedy\n");
    assert_eq!(greedy.line(), "ok");
    // The server reads only as far as it answers: what it does not take stays here.
    greedy.stream.set_nonblocking(true).unwrap();
    let pipelined = format!("draw {count}\n").repeat(requests);
    _ = std::io::Write::write(&mut greedy.stream, pipelined.as_bytes());
    greedy.stream.set_nonblocking(false).unwrap();
    greedy
}

fn row(server: &lootbox::server::Server, name: &str) -> Option<lootbox::record::SessionRow> {
    let sessions = server.host().snapshot().sessions;
    sessions
        .into_iter()
        .find(|row| row.name.as_deref() == Some(name))
}

#[test]
fn a_client_that_takes_nothing_is_closed_and_harms_nobody() {
    for mode in Mode::ALL {
        let limits = Limits {
            write_timeout: Duration::from_millis(500),
            ..Limits::default()
        };
        let config = Config {
            limits,
            ..config(mode, Some(Window::None), Grain::Number, 3_000_000)
        };
        let server = serve(config);
        let greedy = greedy(&server, 300, 10_000);
        wait_until("the greedy client is stuck", || {
            row(&server, "greedy").is_some_and(|row| row.draws > 0 && row.state == State::Writing)
        });
        // Others draw meanwhile: nobody holds the lock in a write.
        let mut other = Peer::connect(server.address());
        for _ in 0..500 {
            assert_eq!(other.draw(1).0.len(), 1);
        }
        wait_until("the greedy client is closed", || {
            row(&server, "greedy").is_some_and(|row| row.state == State::Closed)
        });
        let snapshot = server.host().snapshot();
        assert!(
            snapshot.sums.undelivered > 0,
            "what was drawn and not delivered is counted"
        );
        assert_eq!(
            snapshot.sums.undelivered,
            row(&server, "greedy").unwrap().undelivered
        );
        drop(greedy);
        lives_on(&server);
    }
}

/// The lesson about slow things under a lock: the stall is there, is shown, and is bounded.
#[test]
fn a_client_that_takes_nothing_under_the_lock_stalls_the_others_for_the_write_timeout() {
    let limits = Limits {
        write_timeout: Duration::from_millis(500),
        ..Limits::default()
    };
    let server = serve(Config {
        limits,
        ..config(Mode::Lock, Some(Window::Reply), Grain::Request, 3_000_000)
    });
    let greedy = greedy(&server, 1, 3_000_000);
    wait_until("the greedy client holds the lock", || {
        row(&server, "greedy").is_some_and(|row| row.state == State::HoldingLock)
    });
    let mut other = Peer::connect(server.address());
    other.send("name other\n");
    assert_eq!(other.line(), "ok");
    other.send("draw 1\n");
    wait_until("the other waits for the lock", || {
        row(&server, "other").is_some_and(|row| row.state == State::WaitingForLock)
    });
    // The whole list went to the one that did not take it.
    assert!(other.line().starts_with("error: sold out"));
    // It is told before the other's session has come to its journal.
    wait_until("all is recorded", || {
        server.host().snapshot().sums.draws == 3_000_000
    });
    wait_until("what was not delivered is counted", || {
        (1..3_000_000).contains(&server.host().snapshot().sums.undelivered)
    });
    drop(greedy);
}

/// A change of mode does not wait for the write timeout.
#[test]
fn a_change_cuts_short_a_client_that_blocks_it() {
    let limits = Limits {
        write_timeout: Duration::from_hours(1),
        ..Limits::default()
    };
    let server = serve(Config {
        limits,
        ..config(
            Mode::UnsafeRace,
            Some(Window::Reply),
            Grain::Request,
            3_000_000,
        )
    });
    let greedy = greedy(&server, 1, 3_000_000);
    wait_until("the greedy client blocks", || {
        row(&server, "greedy").is_some_and(|row| row.state == State::InWindow)
    });
    server
        .host()
        .command(Command::Mode { to: Mode::Lock })
        .unwrap();
    let snapshot = server.host().snapshot();
    assert_eq!(
        (snapshot.mode, snapshot.sums.draws),
        (Mode::Lock, 3_000_000)
    );
    wait_until("it is closed and its numbers are counted", || {
        row(&server, "greedy").is_some_and(|row| row.state == State::Closed && row.undelivered > 0)
    });
    drop(greedy);
}

#[test]
fn clients_that_reset_in_the_middle_are_no_harm() {
    let server = serve(Config {
        window: Some(Window::Reply),
        ..small(Mode::UnsafeRace)
    });
    for _ in 0..50 {
        let mut peer = Peer::connect(server.address());
        peer.send("draw 1000\n");
        peer.line();
        // Closing with answers unread resets the connection.
    }
    wait_until("all sessions are over", || {
        server
            .host()
            .snapshot()
            .sessions
            .iter()
            .all(|row| row.state == State::Closed)
    });
    let snapshot = server.host().snapshot();
    let undelivered: u64 = snapshot.sessions.iter().map(|row| row.undelivered).sum();
    assert_eq!(snapshot.sums.undelivered, undelivered);
    assert!(undelivered > 0, "the write into a reset connection fails");
    lives_on(&server);
}

#[test]
fn one_client_too_many_is_told_so() {
    let server = serve(with_limits(Limits {
        max_clients: 3,
        ..Limits::default()
    }));
    let mut peers: Vec<_> = (0..3).map(|_| Peer::connect(server.address())).collect();
    for peer in &mut peers {
        assert_eq!(peer.draw(1).0.len(), 1);
    }
    for _ in 0..5 {
        assert_eq!(
            Peer::connect(server.address()).rest(),
            "error: busy: 3 clients are connected, try again later\n"
        );
    }
    assert!(peers.iter_mut().all(|peer| peer.draw(1).0.len() == 1));
    drop(peers.pop());
    wait_until("room again", || {
        let mut peer = Peer::connect(server.address());
        peer.send("name x\n");
        peer.line() == "ok"
    });
}

/// The server under a limit of the shell's.
fn under(limit: &str) -> Process {
    let mut starved = Process::new("bash");
    starved.args([
        "-c",
        &format!("ulimit {limit} && exec \"$0\" \"$@\""),
        env!("CARGO_BIN_EXE_lootbox"),
    ]);
    starved
}

/// Served or told busy, and how many of each; none is reset.
fn served_and_busy(peers: &mut [Peer]) -> (usize, usize) {
    for peer in &mut *peers {
        peer.send("draw 1\n");
    }
    let (mut served, mut busy) = (0, 0);
    for peer in peers {
        let line = peer.line();
        if line.parse::<u64>().is_ok() {
            served += 1;
        } else {
            assert!(line.starts_with("error: busy: "), "{line}");
            busy += 1;
        }
    }
    (served, busy)
}

/// Descriptors are kept back: for those who are told so, and for the operator.
#[test]
fn out_of_files_clients_are_told_and_the_operator_is_let_in() {
    let mut program = Program::serve_by(under("-n 64"), &["--mode", "lock"]);
    let mut peers: Vec<_> = (0..100).map(|_| Peer::connect(program.address())).collect();
    let (served, busy) = served_and_busy(&mut peers);
    assert!(served >= 20 && busy >= 36, "{served} served, {busy} busy");
    let control = crate::control::Control::connect(&program.control());
    assert_eq!(control.ask(r#"{"do":"mode","to":"atomic"}"#), Ok(()));
    drop(peers);
    wait_until("those who come later are served", || {
        Peer::connect(program.address())
            .ask("draw 1")
            .parse::<u64>()
            .is_ok()
    });
    let mut stderr = program.stderr();
    program.signal("-TERM");
    assert!(program.end().0.success());
    let mut log = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut log).unwrap();
    assert!(
        log.contains("clients at once: there are 64 open files"),
        "{log}"
    );
    assert_eq!(log.matches("no more may be").count(), 1, "{log}");
}

/// The limit is a user's, so two servers share it, and the second one finds less than it was promised.
#[test]
fn out_of_threads_clients_are_told_and_the_operator_is_let_in() {
    if !nix::unistd::geteuid().is_root() {
        eprintln!("passed over: only root can become a user that nobody else is");
        return;
    }
    let place = tempfile::tempdir().unwrap();
    let binary = place.path().join("lootbox");
    std::fs::copy(env!("CARGO_BIN_EXE_lootbox"), &binary).unwrap();
    let anybody = std::os::unix::fs::PermissionsExt::from_mode(0o755);
    std::fs::set_permissions(place.path(), anybody).unwrap();
    let start = |control: &str| {
        let uid = (100_000 + std::process::id()).to_string();
        let mut starved = Process::new("setpriv");
        starved
            .args(["--reuid", &uid, "--regid", &uid, "--clear-groups", "bash"])
            .args(["-c", "ulimit -u 60 && exec \"$0\" \"$@\""])
            .arg(&binary);
        // The directory that the helper gives is another user's: a name without a file will do.
        Program::serve_by(starved, &["--control", control])
    };
    let sockets = tempfile::tempdir().unwrap();
    let anybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(sockets.path(), anybody).unwrap();
    let path = |name: &str| sockets.path().join(name).display().to_string();
    let first = start(&path("first"));
    let mut second = start(&path("second"));
    let mut others: Vec<_> = (0..25).map(|_| Peer::connect(first.address())).collect();
    assert_eq!(served_and_busy(&mut others), (25, 0));
    let mut peers: Vec<_> = (0..60).map(|_| Peer::connect(second.address())).collect();
    let (served, busy) = served_and_busy(&mut peers);
    assert!(served >= 5 && busy >= 5, "{served} served, {busy} busy");
    // No thread is left, and more come than may be there: it is let in all the same, also later.
    for _ in 0..40 {
        let control = crate::control::Control::connect(std::path::Path::new(&path("second")));
        assert!(control.next().is_some());
    }
    drop(peers);
    wait_until("those who come later are served", || {
        Peer::connect(second.address())
            .ask("draw 1")
            .parse::<u64>()
            .is_ok()
    });
    let control = crate::control::Control::connect(std::path::Path::new(&path("second")));
    assert_eq!(control.ask(r#"{"do":"mode","to":"atomic"}"#), Ok(()));
    let mut stderr = second.stderr();
    second.signal("-TERM");
    assert!(second.end().0.success());
    let mut log = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut log).unwrap();
    assert!(
        log.contains("no thread for a client") && log.contains("60 threads of this user"),
        "{log}"
    );
    assert_eq!(log.matches("no thread for a client").count(), 1, "{log}");
}

#[test]
fn half_closed_and_pipelined_input_is_answered_to_its_end() {
    let server = serve(small(Mode::Lock));
    let mut peer = Peer::connect(server.address());
    peer.send("draw 3\ndraw 2\nfoo\ndraw 1");
    peer.stream.shutdown(Shutdown::Write).unwrap();
    let answer = peer.rest();
    assert_eq!(
        answer
            .lines()
            .filter(|line| line.parse::<u64>().is_ok())
            .count(),
        6
    );
    assert_eq!(
        answer
            .lines()
            .filter(|line| line.starts_with("error: "))
            .count(),
        1
    );
}

/// SIGINT, SIGTERM and SIGHUP, also where nothing moves: exit 0, a summary, no socket file, nothing hangs.
#[test]
fn signals_end_the_server_whatever_it_does() {
    for (signal, options, request) in [
        (
            "-HUP",
            vec!["--mode", "lock", "--window", "sleep:1h"],
            Some("draw 1\n"),
        ),
        ("-INT", vec!["--mode", "lock"], None),
        (
            "-TERM",
            vec!["--mode", "unsafe-race", "--window", "sleep:1h"],
            Some("draw 1\n"),
        ),
        (
            "-INT",
            vec!["--mode", "lock", "--window", "sleep:1h"],
            Some("draw 1\n"),
        ),
        (
            "-TERM",
            vec!["--size", "3000000", "--write-timeout", "1h"],
            Some("draw 3000000\n"),
        ),
        (
            "-INT",
            vec![
                "--size",
                "3000000",
                "--window",
                "reply",
                "--grain",
                "request",
                "--write-timeout",
                "1h",
            ],
            Some("draw 3000000\n"),
        ),
        ("-TERM", vec!["--bots", "4", "--bot-rate", "1000"], None),
    ] {
        if signal == "-HUP" && !heeds_hang_up() {
            continue;
        }
        let program = Program::serve(&options);
        let mut peers: Vec<_> = (0..3).map(|_| Peer::connect(program.address())).collect();
        if let Some(request) = request {
            for peer in &mut peers {
                peer.send(request);
            }
            let control = crate::control::Control::connect(&program.control());
            control.wait_until("a session is in its draw", |snapshot| {
                snapshot.sessions.iter().any(|row| {
                    matches!(
                        row.state,
                        State::InWindow | State::HoldingLock | State::Writing
                    )
                })
            });
        }
        let begun = std::time::Instant::now();
        let socket = program.control();
        program.signal(signal);
        // Its directory goes away with the program.
        let (status, summary) = {
            let mut program = program;
            // First the end, which has a deadline: the output of a program that goes on has no end either.
            let status = end_of(&mut program.child);
            let mut summary = String::new();
            std::io::Read::read_to_string(&mut program.stdout, &mut summary).unwrap();
            assert!(!socket.exists(), "{signal} {options:?}");
            (status, summary)
        };
        assert_eq!(status.code(), Some(0), "{signal} {options:?}");
        assert!(
            summary.contains("draws "),
            "{signal} {options:?}: {summary:?}"
        );
        // Generous: the promise is 2 s, and this machine may be busy.
        assert!(
            begun.elapsed() < Duration::from_secs(10),
            "{signal} {options:?}"
        );
    }
}

#[test]
fn what_cannot_be_is_one_line_that_says_how_to_mend_it() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port_in_use = taken.local_addr().unwrap().to_string();
    let directory = tempfile::tempdir().unwrap();
    let list = directory.path().join("list");
    std::fs::write(&list, "1\n2\n1\n").unwrap();
    let list = format!("@{}", list.display());
    for (options, what, mend) in [
        (vec!["--listen", &port_in_use], "port is in use", "--listen"),
        (
            vec!["--listen", "nowhere"],
            "cannot listen on nowhere",
            "ADDRESS:PORT",
        ),
        (
            vec!["--listen", "192.0.2.1:1"],
            "does not have that address",
            "0.0.0.0",
        ),
        (vec!["--mode", "safe"], "safe", "lock"),
        (vec!["--mod", "lock"], "--mod", "--mode"),
        (
            vec!["--mode", "atomic", "--window", "sleep:5ms"],
            "atomic has no gap",
            "lock or unsafe-race",
        ),
        (vec!["--window", "nap"], "nap", "sleep:5ms"),
        (vec!["--window", "sleep:5"], "5", "5ms"),
        (vec!["--size", "0"], "0", "1..=100000000"),
        (vec!["--size", "1e3"], "1e3", "whole number"),
        (
            vec!["--list", "5,19,5"],
            "5 stands in the list twice",
            "once",
        ),
        (vec!["--list", ""], "empty", "5,19,228"),
        (vec!["--list", &list], "1 stands in the list twice", "once"),
        (
            vec!["--list", "@/no/such/file"],
            "/no/such/file",
            "No such file",
        ),
        (vec!["--list", "1,2", "--size", "2"], "--list", "--size"),
        (vec!["--line-timeout", "0s"], "0s", "at least 10ms"),
        (
            vec!["--control", "/no/such/place/x.sock"],
            "/no/such/place/x.sock",
            "No such file",
        ),
        (
            vec!["--control-group", "no such group"],
            "no such group",
            "getent group",
        ),
        (vec!["--bots", "100000"], "100000", "500"),
    ] {
        let output = lootbox()
            .args(
                ["serve", "--headless", "--listen", "127.0.0.1:0"]
                    [..if options[0] == "--listen" { 2 } else { 4 }]
                    .iter(),
            )
            .args(&options)
            .output()
            .unwrap();
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{options:?}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{options:?}: {stderr}");
        assert!(
            stderr.contains(what) && stderr.contains(mend),
            "{options:?}: {stderr}"
        );
        assert!(output.stdout.is_empty());
    }
}

/// What was asked for by hand does not fail quietly, and leaves nothing behind.
#[test]
fn a_control_group_that_cannot_be_given_is_an_error_in_either_place() {
    let runtime = tempfile::tempdir().unwrap();
    let anybody = std::os::unix::fs::PermissionsExt::from_mode(0o777);
    std::fs::set_permissions(runtime.path(), anybody).unwrap();
    let binary = runtime.path().join("lootbox-program");
    std::fs::copy(env!("CARGO_BIN_EXE_lootbox"), &binary).unwrap();
    let path = runtime.path().join("x.sock");
    for control in [None, Some(&path)] {
        let mut command = if nix::unistd::geteuid().is_root() {
            // Root may give a file to any group.
            let mut command = Process::new("setpriv");
            command.args(["--reuid", "54321", "--regid", "54321", "--clear-groups"]);
            command.arg(&binary);
            command
        } else {
            Process::new(&binary)
        };
        command.args(["serve", "--headless", "--listen", "127.0.0.1:0"]);
        command.args(["--control-group", "root"]);
        if let Some(path) = control {
            command.arg("--control").arg(path);
        }
        let output = command
            .env("XDG_RUNTIME_DIR", runtime.path())
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{control:?}: {stderr}");
        assert!(
            stderr.contains("cannot give") && stderr.contains("group root"),
            "{control:?}: {stderr}"
        );
        assert!(output.stdout.is_empty());
        let left: Vec<_> = std::fs::read_dir(runtime.path())
            .unwrap()
            .map(|entry| entry.unwrap().file_name())
            .filter(|name| name != "lootbox-program")
            .collect();
        assert!(left.is_empty(), "{control:?}: {left:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_result_that_cannot_be_written_is_an_error() {
    for options in [&["--json"][..], &[]] {
        let full = std::fs::File::create("/dev/full").unwrap();
        let output = lootbox()
            .args(["serve", "--headless", "--listen", "127.0.0.1:0"])
            .args(options)
            .stdin(std::process::Stdio::null())
            .stdout(full)
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap()
            .wait_with_output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{options:?}: {stderr}");
        assert!(stderr.contains("standard output"), "{options:?}: {stderr}");
    }
}

/// A name in an error or in the log is somebody else's: the terminal takes no commands from it.
#[test]
fn escapes_in_a_path_do_not_reach_the_terminal() {
    let output = lootbox()
        .args(["serve", "--headless", "--listen", "127.0.0.1:0"])
        .args(["--control", "/no/such/\u{1b}[2J.sock"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2));
    assert!(
        stderr.contains("\\u{1b}[2J") && !stderr.contains('\u{1b}'),
        "{stderr:?}"
    );
}

/// After it has written what came; the shell hears of the signal.
#[test]
fn a_client_that_is_asked_to_end_dies_of_the_signal() {
    use std::os::unix::process::ExitStatusExt;
    let server = serve(Config {
        program: Mode::Lock.into(),
        window: Some(Window::Sleep(Duration::from_hours(1))),
        ..small(Mode::Lock)
    });
    for (signal, number) in [("-HUP", 1), ("-TERM", 15), ("-INT", 2)] {
        if number == 1 && !heeds_hang_up() {
            continue;
        }
        let address = server.address();
        let mut client = lootbox()
            .args(["client", "127.0.0.1", &address.port().to_string()])
            .stdin(std::process::Stdio::piped())
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        let name = format!("client {number}");
        let input = client.stdin.as_mut().unwrap();
        std::io::Write::write_all(input, format!("name {name}\ndraw 1\n").as_bytes()).unwrap();
        wait_until("it draws", || {
            row(&server, &name).is_some_and(|row| row.state != State::Idle)
        });
        let pid = client.id().to_string();
        assert!(
            Process::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
        let status = end_of(&mut client);
        assert_eq!(status.signal(), Some(number), "{status:?}");
    }
}
