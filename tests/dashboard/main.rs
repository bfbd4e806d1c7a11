//! The dashboard on a real pseudo-terminal: the real binary, real clients, real keys.
//!
//! Nothing here sleeps to decide something: each step waits for a condition on the screen, with a
//! deadline that only a failure reaches.

// A test fails by panicking, and so do the functions that tests share.
#![allow(clippy::unwrap_used)]

mod hard;
mod lab;
mod play;
mod server;
mod step;
mod terminal;

use std::fs;
use std::io::Write;
use std::process::Command;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use server::*;
use terminal::*;

/// A bar is drawn like everything else: in what the terminal can show.
#[test]
fn a_bar_is_ascii_where_no_utf_8_is_spoken() {
    let draw = |locale| {
        let load = ["--clients", "2", "--draws", "50", "--modes", "lock,atomic"];
        let arguments = [&[BINARY, "compare"], &load[..]].concat();
        let mut terminal = Terminal::start_in(locale, 24, 80, None, &arguments);
        terminal.wait_for("atomic");
        assert_eq!(terminal.end().0, 0, "{}", terminal.contents());
        let raw = terminal.raw.lock().unwrap();
        String::from_utf8_lossy(&raw).into_owned()
    };
    let plain = draw("C");
    assert!(plain.contains(" of 2 ") && plain.is_ascii(), "{plain}");
    let blocks = draw("C.UTF-8");
    assert!(blocks.contains('░'), "{blocks}");
}

#[test]
fn the_race_the_story_the_lock_and_the_terminal_as_it_was() {
    let mut terminal = serve(&[
        "--mode",
        "unsafe-race",
        "--window",
        "sleep:20ms",
        "--size",
        "1000",
        "--seed",
        "1",
    ]);
    terminal.wait_for("NO DRAWS YET");
    let address = terminal.address();
    while number(&terminal.contents(), "  DUPLICATES") == 0 {
        two_clients_meet(&address);
        terminal.wait("draws", |screen| number(screen, "draws") > 0);
        terminal.wait("verdict", |screen| {
            screen.contains("handed out more than once") || screen.contains("NO DUPLICATE YET")
        });
    }
    terminal.wait_for("went to A and B");
    terminal.press("\r");
    let story = terminal.wait_for("LOST UPDATE");
    assert!(
        story.contains("READ  seen=") && story.contains("! "),
        "{story}"
    );
    // Escape, then `m` twice to see each mode: from unsafe-race to lock.
    terminal.press("\x1b");
    terminal.wait_for("Newest draws");
    terminal.press("m");
    terminal.wait_for("lock → read → window sleep:20ms → write → unlock");
    terminal.wait_for(" LOCK ");
    let before = number(&terminal.contents(), "  DUPLICATES");
    two_clients_meet(&address);
    let screen = terminal.wait("40 draws with lock", |screen| {
        screen.contains("in 40 draws with lock")
    });
    assert!(screen.contains("NO NEW DUPLICATES"), "{screen}");
    assert_eq!(number(&screen, "  DUPLICATES"), before);
    terminal.press("q");
    terminal.wait_for("Stop the server too?");
    terminal.press("y");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    terminal.assert_as_it_was();
    let screen = terminal.wait_for("lost updates");
    assert!(
        screen.contains("mode lock"),
        "the summary stands where the dashboard was:\n{screen}"
    );
}

#[test]
fn q_and_k_leave_the_server_serving() {
    let mut terminal = serve(&["--mode", "lock"]);
    terminal.wait_for("NO DRAWS YET");
    let address = terminal.address();
    terminal.press("q");
    terminal.wait_for("Stop the server too?");
    terminal.press("k");
    terminal.wait("the screen as it was", |screen| {
        screen.contains("listening on")
    });
    terminal.assert_as_it_was();
    assert_eq!(draw(&address, 3).len(), 3);
    terminal.signal(Signal::SIGTERM);
    assert_eq!(terminal.end().0, 0);
}

#[test]
fn a_dashboard_attaches_steers_and_comes_back_after_a_restart() {
    let mut server = Server::start(&["--mode", "atomic", "--size", "1000"]);
    let mut terminal = server.dashboard(24, 80, &[]);
    terminal.wait_for("ATOMIC");
    terminal.press("m");
    terminal.wait_for("y  steer it");
    terminal.press("y");
    terminal.wait_for("UNSAFE-RACE");
    terminal.press("bb");
    terminal.wait_for("2 bots");
    // From reply to yield, spin, sleep: in that one two bots surely meet.
    terminal.press("www");
    terminal.wait_for("window sleep:5ms");
    terminal.wait_for("went to ");
    terminal.press("\r");
    terminal.wait_for("LOST UPDATE");
    terminal.press("\x1b");
    terminal.wait_for("Newest draws");
    server.stop();
    terminal.wait_for("DISCONNECTED");
    let (child, _) = Server::spawn(&server.socket, &["--mode", "lock", "--size", "1000"]);
    server.child = child;
    terminal.wait("connected", |screen| {
        screen.contains(" LOCK ") && !screen.contains("DISCONNECTED")
    });
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    terminal.assert_as_it_was();
    assert!(
        server.child.try_wait().unwrap().is_none(),
        "the server goes on"
    );
}

#[test]
fn the_dashboard_ends_with_its_server() {
    let directory = tempfile::tempdir().unwrap();
    let socket = directory.path().join("c.sock");
    let path = socket.to_str().unwrap();
    let mut terminal = serve(&["--control", path]);
    terminal.wait_for("NO DRAWS YET");
    let mut control = std::os::unix::net::UnixStream::connect(&socket).unwrap();
    writeln!(control, "{{\"do\":\"stop\"}}").unwrap();
    assert_eq!(terminal.end().0, 0);
    terminal.assert_as_it_was();
}

#[test]
fn several_servers_are_a_list_to_choose_from() {
    let runtime = tempfile::tempdir().unwrap();
    fs::create_dir(runtime.path().join("lootbox")).unwrap();
    let mut servers: Vec<_> = ["1.sock", "2.sock"]
        .iter()
        .zip(["lock", "atomic"])
        .map(|(name, mode)| {
            Server::spawn(
                &runtime.path().join("lootbox").join(name),
                &["--mode", mode],
            )
            .0
        })
        .collect();
    let mut terminal = Terminal::start(24, 80, Some(runtime.path()), &[BINARY, "dashboard"]);
    terminal.wait("the list", |screen| {
        let server = |mode: &str, socket: &str| {
            screen
                .lines()
                .any(|line| line.contains(&format!("{mode}  127.0.0.1:")) && line.contains(socket))
        };
        server("lock", "1.sock") && server("atomic", "2.sock")
    });
    terminal.press("\x1b[B\r");
    terminal.wait_for("ATOMIC");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    for server in &mut servers {
        _ = kill(
            Pid::from_raw(server.id().try_into().unwrap()),
            Signal::SIGTERM,
        );
        _ = server.wait();
    }
}

#[test]
fn without_a_terminal_it_says_what_to_do() {
    let server = Server::start(&["--mode", "lock", "--seed", "7"]);
    let dashboard = || {
        let mut command = Command::new(BINARY);
        command.args(["dashboard", "--connect"]).arg(&server.socket);
        command
    };
    let (code, _, error) = output(&mut dashboard());
    assert_eq!(code, Some(2));
    assert!(error.contains("use ssh -t"), "{error}");

    draw(&server.address, 3);
    let (code, text, _) = output(dashboard().arg("--once"));
    assert_eq!(code, Some(0));
    assert!(
        text.contains("LOCK")
            && text.contains("NO DUPLICATES  in 3 draws")
            && !text.contains('\x1b'),
        "{text}"
    );
    let (code, text, _) = output(dashboard().args(["--once", "--ascii"]));
    assert_eq!((code, text.is_ascii()), (Some(0), true), "{text}");
    let (code, text, _) = output(dashboard().args(["--once", "--json"]));
    assert_eq!(code, Some(0));
    let snapshot: lootbox::record::Snapshot = serde_json::from_str(&text).unwrap();
    assert_eq!((snapshot.sums.draws, snapshot.seed), (3, Some(7)));

    let empty = tempfile::tempdir().unwrap();
    let (code, _, error) = output(
        Command::new(BINARY)
            .args(["dashboard", "--once"])
            .arg("--connect")
            .arg(empty.path().join("1.sock")),
    );
    assert_eq!(code, Some(2));
    assert!(error.contains("no server at"), "{error}");
    for (wrong, said) in [
        ("/etc/passwd", "is no socket"),
        ("127.0.0.1:7777", "is an address"),
    ] {
        for once in [&["--once"][..], &[]] {
            let mut command = Command::new(BINARY);
            let (code, _, error) =
                output(command.args(["dashboard", "--connect", wrong]).args(once));
            assert_eq!(code, Some(2));
            assert!(error.contains(said), "{error}");
        }
    }
}

#[test]
fn a_dumb_terminal_is_told_of_the_other_ways() {
    for arguments in [
        &["dashboard", "--connect", "/nowhere"][..],
        &["serve", "--listen", "127.0.0.1:0"],
    ] {
        let script = format!("TERM=dumb {BINARY} {}; echo code=$?", arguments.join(" "));
        let mut terminal = Terminal::run(24, 80, &["sh", "-c", &script]);
        let screen = terminal.wait_for("code=2").replace('\n', "");
        assert!(
            screen.contains("--headless") && screen.contains("dashboard --once"),
            "{screen}"
        );
        terminal.end();
    }
}

/// The console of a machine in the rack: eight colours by their own codes, and no glyph that it may not have.
#[test]
fn a_console_gets_what_it_can_show() {
    let script = format!("TERM=linux LC_ALL=C {BINARY} serve --listen 127.0.0.1:0");
    let mut terminal = Terminal::run(24, 80, &["sh", "-c", &script]);
    terminal.wait_for("NO DRAWS YET");
    terminal.press("qy");
    terminal.end();
    let raw = String::from_utf8(terminal.raw.lock().unwrap().clone()).unwrap();
    let screen = raw.split("\x1b[?1049l").next().unwrap();
    assert!(screen.is_ascii(), "{screen}");
    assert!(
        !screen.contains("38;5") && !screen.contains("48;5"),
        "{screen:?}"
    );
    assert!(screen.contains("\x1b[30;43m"), "{screen:?}");
}
