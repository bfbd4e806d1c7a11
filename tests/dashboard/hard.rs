//! Terminals that go away, stall, stop and shrink.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::sync::atomic::Ordering::SeqCst;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::server::*;
use crate::terminal::*;

/// CPU time of a process, in clock ticks.
#[cfg(target_os = "linux")]
fn cpu(pid: Pid) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let fields: Vec<_> = stat.rsplit(") ").next()?.split(' ').collect();
    Some(fields[11].parse::<u64>().ok()? + fields[12].parse::<u64>().ok()?)
}

/// Closes the terminal's other end for good: the window is closed, ssh is killed.
fn hang_up(terminal: &mut Terminal) {
    // The reader lets go at the next byte, and there is one at least each second: the uptime.
    terminal.gone.store(true, SeqCst);
    terminal.keys = None;
    terminal.master = None;
    let begun = Instant::now();
    while !terminal.closed.load(SeqCst) {
        assert!(
            begun.elapsed() < LONG,
            "nothing comes from the dashboard any more"
        );
        thread::park_timeout(Duration::from_millis(1));
    }
}

#[test]
fn the_terminal_goes_away_and_so_does_the_dashboard() {
    let server = Server::start(&[]);
    let socket = server.socket.to_str().unwrap();
    for arguments in [
        &[BINARY, "dashboard", "--connect", socket][..],
        &[BINARY, "serve", "--listen", "127.0.0.1:0"],
        // In a session of its own nobody sends it SIGHUP.
        #[cfg(target_os = "linux")]
        &["setsid", "--wait", BINARY, "dashboard", "--connect", socket],
    ] {
        let mut terminal = Terminal::run(24, 80, arguments);
        terminal.wait_for("NO DRAWS YET");
        if arguments[0] == "setsid" {
            // That one would end at SIGHUP itself, and with it what we wait for.
            continue_in_peace(&mut terminal);
            continue;
        }
        hang_up(&mut terminal);
        let (_, time) = terminal.end();
        assert!(time < Duration::from_secs(3), "{arguments:?} {time:?}");
    }
}

/// The dashboard in a session of its own ends too.
fn continue_in_peace(terminal: &mut Terminal) {
    let pid = terminal.pid();
    let children = fs::read_to_string(format!("/proc/{pid}/task/{pid}/children")).unwrap();
    let dashboard: i32 = children.trim().parse().unwrap();
    hang_up(terminal);
    let begun = Instant::now();
    while kill(Pid::from_raw(dashboard), None).is_ok() && !is_zombie(dashboard) {
        assert!(
            begun.elapsed() < Duration::from_secs(3),
            "it lives on without a terminal"
        );
        thread::park_timeout(Duration::from_millis(5));
    }
}

fn is_zombie(pid: i32) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| stat.contains(") Z "))
}

#[test]
fn with_keep_serving_the_server_outlives_its_terminal_and_burns_nothing() {
    let mut terminal = serve(&["--keep-serving"]);
    terminal.wait_for("NO DRAWS YET");
    let address = terminal.address();
    hang_up(&mut terminal);
    #[cfg(target_os = "linux")]
    {
        // The process's own time against the wall's: one thread that spins would take all of a core.
        let (before, begun) = (cpu(terminal.pid()).unwrap(), Instant::now());
        while begun.elapsed() < Duration::from_secs(3) {
            thread::park_timeout(Duration::from_millis(100));
        }
        let ticks = cpu(terminal.pid()).unwrap() - before;
        assert!(
            ticks < 60,
            "{ticks} hundredths of a second in three seconds"
        );
    }
    // A stop would be over by now.
    assert_eq!(draw(&address, 2).len(), 2);
    terminal.signal(Signal::SIGTERM);
    terminal.end();
}

#[test]
fn a_signal_gives_the_terminal_back_also_when_output_is_stalled() {
    for stall in [false, true] {
        let server = Server::start(&[
            "--mode",
            "unsafe-race",
            "--bots",
            "8",
            "--bot-rate",
            "2000",
            "--sold-out",
            "again",
        ]);
        let mut terminal = server.dashboard(40, 200, &["--fps", "60"]);
        terminal.wait_for("8 bots");
        if stall {
            terminal.stall();
        }
        terminal.signal(Signal::SIGTERM);
        let (code, time) = terminal.end();
        assert_eq!(code, 0);
        assert!(time < Duration::from_secs(1), "stalled {stall}: {time:?}");
        terminal.stalled.store(false, SeqCst);
        terminal.assert_as_it_was();
    }
}

/// The server never waits for a terminal.
#[test]
fn draws_go_on_while_the_dashboards_output_is_stalled() {
    let mut terminal = Terminal::run(
        40,
        200,
        &[
            BINARY,
            "serve",
            "--listen",
            "127.0.0.1:0",
            "--fps",
            "60",
            "--bots",
            "8",
            "--bot-rate",
            "1000",
            "--sold-out",
            "again",
            "--mode",
            "unsafe-race",
        ],
    );
    terminal.wait_for("8 bots");
    let address = terminal.address();
    terminal.stall();
    // A hundred requests, one after the other: more than fit into one frame that nobody takes.
    for _ in 0..100 {
        // A new round closes connections: those are asked again.
        let mut stream = TcpStream::connect(&address).unwrap();
        writeln!(stream, "draw 100").unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
    }
    terminal.stalled.store(false, SeqCst);
    terminal.wait_for("RACE");
    terminal.press("q");
    terminal.wait_for("Stop the server too?");
    terminal.press("y");
    assert_eq!(terminal.end().0, 0);
    terminal.assert_as_it_was();
}

/// In a shell, as a person would: stopped with Ctrl-Z, brought back with `fg`.
#[test]
fn ctrl_z_and_fg() {
    let server = Server::start(&["--mode", "unsafe-race"]);
    let socket = server.socket.to_str().unwrap();
    let mut terminal = Terminal::run(24, 80, &["bash", "--norc", "-i"]);
    terminal.press("PS1='ready> '\n");
    terminal.wait_for("ready> ");
    terminal.press(&format!("{BINARY} dashboard --connect {socket}\n"));
    terminal.wait_for("NO DRAWS YET");
    for _ in 0..2 {
        terminal.press("\x1a");
        terminal.wait("the shell", |screen| {
            screen.contains("Stopped") && screen.contains("ready> ")
        });
        assert!(!terminal.screen.lock().unwrap().screen().hide_cursor());
        terminal.press("echo still $((40 + 2))\n");
        terminal.wait_for("still 42");
        terminal.press("fg\n");
        terminal.wait("the picture again", |screen| {
            screen.contains("NO DRAWS YET") && screen.contains("quit")
        });
    }
    terminal.press("q");
    terminal.wait("the shell", |screen| {
        screen.contains("still 42") && !screen.contains("NO DRAWS YET")
    });
    terminal.press("echo code=$?; stty -a | grep -o ' icanon'; exit\n");
    terminal.wait_for("code=0");
    terminal.wait_for(" icanon");
    terminal.end();
}

#[test]
fn down_to_one_cell_and_back() {
    let server = Server::start(&["--mode", "lock"]);
    let mut terminal = server.dashboard(24, 80, &[]);
    terminal.wait_for("NO DRAWS YET");
    for (rows, cols) in [(1, 1), (3, 10), (16, 60), (40, 120), (1, 300), (24, 80)] {
        terminal.resize(rows, cols);
        terminal.wait("a picture of that size", |screen| match (rows, cols) {
            (1, 1) => screen.trim() == "…",
            (3, 10) => screen.contains("LOCK dup "),
            (1, 300) => screen.contains("LOCK dup 0 lost 0 draws 0"),
            _ => screen.contains("NO DRAWS YET") && screen.contains("q quit"),
        });
    }
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
}

/// 64 clients flat out at 80×24 and 8 frames a second, over ten seconds.
#[test]
fn a_narrow_line_is_enough() {
    let server = Server::start(&[
        "--mode",
        "unsafe-race",
        "--bots",
        "64",
        "--bot-rate",
        "1000",
        "--size",
        "10000000",
    ]);
    let mut terminal = server.dashboard(24, 80, &[]);
    terminal.wait_for("64 bots");
    terminal.wait("duplicates", |screen| {
        number(screen, "  DUPLICATES") > 1_000
    });
    let (begun, before) = (Instant::now(), terminal.bytes.load(SeqCst));
    let uptime = |screen: &str| {
        screen
            .split(" up ")
            .nth(1)
            .map(|rest| rest.chars().take(4).collect::<String>())
    };
    let mut seen = Vec::new();
    // Ten changes of the uptime, which is the server's clock.
    while seen.len() < 10 {
        let now = uptime(&terminal.contents());
        if seen.last() != Some(&now) {
            seen.push(now);
        }
        thread::park_timeout(Duration::from_millis(5));
    }
    let bytes = terminal.bytes.load(SeqCst) - before;
    let a_second = u128::try_from(bytes).unwrap() * 1_000 / begun.elapsed().as_millis();
    eprintln!("{a_second} bytes a second");
    assert!(a_second <= 5 * 1_024, "{a_second} bytes a second");
    let raw = terminal.raw.lock().unwrap();
    let text = String::from_utf8_lossy(&raw);
    assert!(
        text.contains("\x1b[?2026h") && text.contains("\x1b[?2026l"),
        "frames are whole"
    );
    for mouse in ["\x1b[?1000h", "\x1b[?1002h", "\x1b[?1003h"] {
        assert!(!text.contains(mouse), "no mouse");
    }
    drop(raw);
    terminal.press("q");
    terminal.end();
}

/// As in `ssh -t HOST lootbox dashboard`: nobody could continue it, so it does not stop, and says so.
#[test]
fn ctrl_z_without_a_shell_is_ignored() {
    let server = Server::start(&["--mode", "lock"]);
    let mut terminal = server.dashboard(24, 80, &[]);
    terminal.wait_for("NO DRAWS YET");
    terminal.press("\x1a");
    terminal.wait_for("no shell here");
    terminal.press("q");
    assert_eq!(terminal.end().0, 0);
    terminal.assert_as_it_was();
}
