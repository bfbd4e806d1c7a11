//! The dashboard on a real pseudo-terminal: the real binary, real clients, real keys.
//!
//! Nothing here sleeps to decide something: each step waits for a condition on the screen, with a
//! deadline that only a failure reaches.

// A test fails by panicking, and so do the functions that tests share.
#![allow(clippy::unwrap_used)]

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

const BINARY: &str = env!("CARGO_BIN_EXE_lootbox");
const LONG: Duration = Duration::from_secs(30);

fn parser(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(cols).unwrap(), 0)
}

/// A terminal with a program in it, and what it shows.
struct Terminal {
    master: Option<Box<dyn MasterPty + Send>>,
    keys: Option<Box<dyn Write + Send>>,
    child: Box<dyn Child + Send + Sync>,
    screen: Arc<Mutex<vt100::Parser>>,
    /// Everything that came.
    bytes: Arc<AtomicUsize>,
    raw: Arc<Mutex<Vec<u8>>>,
    /// While set, nobody takes what the program writes.
    stalled: Arc<AtomicBool>,
    /// The line discipline, as text: the pty's crate brings a nix of its own.
    before: String,
    /// Set to let go of the terminal's other end.
    gone: Arc<AtomicBool>,
    /// It is let go of.
    closed: Arc<AtomicBool>,
    _directory: tempfile::TempDir,
}

impl Terminal {
    /// Runs the binary, by itself or within a shell that does `script` with it as `$0`.
    fn run(rows: u16, cols: u16, arguments: &[&str]) -> Self {
        Self::start(rows, cols, None, arguments)
    }

    fn start(rows: u16, cols: u16, runtime: Option<&Path>, arguments: &[&str]) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(arguments[0]);
        command.args(&arguments[1..]);
        command.env("TERM", "xterm-256color");
        command.env("XDG_RUNTIME_DIR", runtime.unwrap_or(directory.path()));
        command.env_remove("NO_COLOR");
        let before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(parser(rows, cols)));
        let bytes = Arc::new(AtomicUsize::new(0));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let stalled = Arc::new(AtomicBool::new(false));
        let gone = Arc::new(AtomicBool::new(false));
        let going = Arc::clone(&gone);
        let closed = Arc::new(AtomicBool::new(false));
        let closing = Arc::clone(&closed);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (showing, counting, keeping, stopping) = (
            Arc::clone(&screen),
            Arc::clone(&bytes),
            Arc::clone(&raw),
            Arc::clone(&stalled),
        );
        thread::spawn(move || {
            let mut buffer = [0; 4_096];
            loop {
                while stopping.load(SeqCst) {
                    thread::park_timeout(Duration::from_millis(1));
                }
                let Ok(count @ 1..) = reader.read(&mut buffer) else {
                    return;
                };
                showing.lock().unwrap().process(&buffer[..count]);
                keeping.lock().unwrap().extend_from_slice(&buffer[..count]);
                counting.fetch_add(count, SeqCst);
                if going.load(SeqCst) {
                    drop(reader);
                    closing.store(true, SeqCst);
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self {
            master: Some(pair.master),
            keys: Some(keys),
            child,
            screen,
            bytes,
            raw,
            stalled,
            before,
            gone,
            closed,
            _directory: directory,
        }
    }

    fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as wanted.
    fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let contents = self.contents();
            if wanted(&contents) {
                return contents;
            }
            assert!(begun.elapsed() < LONG, "no {what} on screen:\n{contents}");
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    fn resize(&self, rows: u16, cols: u16) {
        self.screen
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(NonZero::new(rows).unwrap(), NonZero::new(cols).unwrap());
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Takes nothing more from the program, and has it write until nothing more goes.
    fn stall(&mut self) {
        self.stalled.store(true, SeqCst);
        // The help covers the screen and uncovers it: each time some thousand bytes, in all far more than
        // a system keeps for a terminal (64 KiB on Linux).
        for _ in 0..80 {
            self.press("?");
            thread::park_timeout(Duration::from_millis(40));
        }
    }

    fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap())
    }

    /// Waits for the end and says how long it took.
    fn end(&mut self) -> (u32, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return (status.exit_code(), begun.elapsed());
            }
            assert!(
                begun.elapsed() < LONG,
                "it does not end:\n{}",
                self.contents()
            );
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// The terminal is as it was before.
    fn assert_as_it_was(&self) {
        let begun = Instant::now();
        loop {
            let parser = self.screen.lock().unwrap();
            let screen = parser.screen();
            if !screen.alternate_screen() && !screen.hide_cursor() {
                break;
            }
            assert!(
                begun.elapsed() < LONG,
                "other screen {}, cursor hidden {}",
                screen.alternate_screen(),
                screen.hide_cursor()
            );
            drop(parser);
            thread::park_timeout(Duration::from_millis(5));
        }
        let after = format!("{:?}", self.master.as_ref().unwrap().get_termios());
        assert_eq!(self.before, after, "the line discipline");
    }

    /// The address of the server in it, from its first line.
    fn address(&self) -> String {
        let raw = self.raw.lock().unwrap();
        let text = String::from_utf8_lossy(&raw);
        let address = text.split("listening on ").nth(1).unwrap();
        address.split_whitespace().next().unwrap().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.stalled.store(false, SeqCst);
        // Only ours, and only if it is still there.
        if matches!(self.child.try_wait(), Ok(None)) {
            _ = self.child.kill();
            _ = self.child.wait();
        }
    }
}

fn serve(arguments: &[&str]) -> Terminal {
    let mut all = vec![BINARY, "serve", "--listen", "127.0.0.1:0"];
    all.extend(arguments);
    Terminal::run(24, 80, &all)
}

/// A server without a dashboard, and its control socket.
struct Server {
    child: std::process::Child,
    socket: PathBuf,
    address: String,
    directory: tempfile::TempDir,
}

impl Server {
    fn start(arguments: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let socket = directory.path().join("c.sock");
        let (child, address) = Self::spawn(&socket, arguments);
        Self {
            child,
            socket,
            address,
            directory,
        }
    }

    fn spawn(socket: &Path, arguments: &[&str]) -> (std::process::Child, String) {
        let mut child = Command::new(BINARY)
            .args([
                "serve",
                "--headless",
                "--listen",
                "127.0.0.1:0",
                "--control",
            ])
            .arg(socket)
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.split_whitespace().nth(2).unwrap().to_owned();
        (child, address)
    }

    fn stop(&mut self) {
        _ = kill(
            Pid::from_raw(self.child.id().try_into().unwrap()),
            Signal::SIGTERM,
        );
        _ = self.child.wait();
    }

    fn dashboard(&self, rows: u16, cols: u16, more: &[&str]) -> Terminal {
        let socket = self.socket.to_str().unwrap();
        let mut all = vec![BINARY, "dashboard", "--connect", socket];
        all.extend(more);
        Terminal::start(rows, cols, Some(self.directory.path()), &all)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Draws through a real client and returns the numbers.
fn draw(address: &str, count: u64) -> Vec<u64> {
    let mut stream = TcpStream::connect(address).unwrap();
    writeln!(stream, "draw {count}").unwrap();
    let lines = BufReader::new(stream).lines();
    let count = usize::try_from(count).unwrap();
    lines
        .take(count)
        .map(|line| line.unwrap().parse().unwrap())
        .collect()
}

/// The number after a word on the screen.
fn number(screen: &str, after: &str) -> u64 {
    let rest = screen.split(after).nth(1).unwrap_or_default().trim_start();
    let digits: String = rest
        .chars()
        .take_while(|c| c.is_ascii_digit() || *c == ',')
        .filter(|c| *c != ',')
        .collect();
    digits
        .parse()
        .unwrap_or_else(|_| panic!("no number after {after} in\n{screen}"))
}

/// Two clients that draw at the same time in a window of 20 ms: the second reads before the first writes.
fn two_clients_meet(address: &str) {
    let together = Arc::new(std::sync::Barrier::new(2));
    let clients: Vec<_> = (0..2)
        .map(|_| {
            let (address, together) = (address.to_owned(), Arc::clone(&together));
            thread::spawn(move || {
                together.wait();
                draw(&address, 20)
            })
        })
        .collect();
    for client in clients {
        client.join().unwrap();
    }
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
        screen.contains("1.sock") && screen.contains("2.sock")
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

fn output(command: &mut Command) -> (Option<i32>, String, String) {
    let output = command.stdin(Stdio::null()).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
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
            .env("XDG_RUNTIME_DIR", empty.path()),
    );
    assert_eq!(code, Some(2));
    assert!(
        error.contains("lootbox serve") && error.contains("--connect"),
        "{error}"
    );
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
fn the_philosophers_deadlock_on_the_screen_and_stay_there_until_a_key() {
    // Every step takes the same time, so all take their left chopstick long before anybody asks for the right one.
    let mut terminal = lab_run(&["philosophers-naive", "--time", "step=200ms", "--for", "1h"]);
    let screen = terminal.wait("deadlock", |screen| {
        screen.contains("DEADLOCK   P") && screen.contains("any key")
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
            && screen.contains("any key")
    });
    terminal.press("x");
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
    let printed = terminal.contents().replace('\n', "");
    let again = "again: lootbox explore --mode unsafe-race --draws 4,2 --list 5,19,228,665,7,11 --replay AAAABAABAABB";
    assert!(printed.contains(again), "{printed}");
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
    let screen = terminal.wait_for("NO DUPLICATES  in 20 draws");
    assert!(screen.contains("m mode"), "{screen}");
    assert_eq!(a.join().unwrap().len(), 20);
    terminal.press("qy");
    let (code, _) = terminal.end();
    assert_eq!(code, 0);
    terminal.assert_as_it_was();
    let printed = terminal.contents();
    assert!(printed.contains("LOCK"), "{printed}");
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
