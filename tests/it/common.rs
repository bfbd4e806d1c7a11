//! Servers, and clients that are nothing but a socket.

use std::collections::HashMap;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, ExitStatus, Stdio};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use lootbox::draw::{Grain, Mode, Window};
use lootbox::lootbox::Source;
use lootbox::server::{Config, Server};

/// Nothing here takes this long, unless it hangs.
pub const DEADLINE: Duration = Duration::from_secs(30);

pub fn serve(config: Config) -> Server {
    Server::start(config).unwrap()
}

pub fn config(mode: Mode, window: Option<Window>, grain: Grain, size: u64) -> Config {
    Config {
        program: mode.into(),
        window,
        grain,
        source: Source::Shuffled { size, seed: 42 },
        ..Config::default()
    }
}

/// Waits until it is so.
pub fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !is_so() {
        assert!(begun.elapsed() < DEADLINE, "never came: {what}");
        // Looking takes time from those who are waited for.
        thread::park_timeout(Duration::from_millis(1));
    }
}

/// A client that is nothing but a socket.
pub struct Peer {
    pub stream: TcpStream,
    reader: BufReader<TcpStream>,
}

impl Peer {
    pub fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address).unwrap();
        stream.set_nodelay(true).unwrap();
        stream.set_read_timeout(Some(DEADLINE)).unwrap();
        let reader = BufReader::new(stream.try_clone().unwrap());
        Self { stream, reader }
    }

    pub fn send(&mut self, bytes: impl AsRef<[u8]>) {
        self.stream.write_all(bytes.as_ref()).unwrap();
    }

    /// The next line, without its end.
    pub fn line(&mut self) -> String {
        let mut line = String::new();
        let count = self.reader.read_line(&mut line).unwrap();
        assert!(
            count > 0,
            "the server closed the connection instead of answering"
        );
        line.trim_end_matches('\n').to_owned()
    }

    /// Sends a line and reads one.
    pub fn ask(&mut self, request: &str) -> String {
        self.send(format!("{request}\n"));
        self.line()
    }

    /// What one receive brings: the course client's way to read.
    pub fn receive(&mut self) -> String {
        let mut buffer = [0; 1024];
        let count = self.reader.read(&mut buffer).unwrap();
        String::from_utf8(buffer[..count].to_vec()).unwrap()
    }

    /// Everything up to the end of the connection.
    pub fn rest(&mut self) -> String {
        let mut rest = Vec::new();
        // A reset is an end too.
        _ = self.reader.read_to_end(&mut rest);
        String::from_utf8(rest).unwrap()
    }

    /// Draws by lines; stops at an error, which is returned beside the numbers.
    pub fn draw(&mut self, count: u64) -> (Vec<u64>, Option<String>) {
        self.send(format!("draw {count}\n"));
        let mut numbers = Vec::new();
        for _ in 0..count {
            let line = self.line();
            match line.parse() {
                Ok(number) => numbers.push(number),
                Err(_) => return (numbers, Some(line)),
            }
        }
        (numbers, None)
    }

    /// Draws as the assignment's client does: the whole request again for each number.
    pub fn draw_as_the_course_does(&mut self, count: u64) -> Vec<u64> {
        (0..count)
            .map(|_| {
                self.send(format!("draw {count}"));
                self.receive().parse().unwrap()
            })
            .collect()
    }
}

/// All clients connect, then all draw at once, in pieces of `piece`; each one's numbers.
pub fn draw_at_once(address: SocketAddr, clients: usize, draws: u64, piece: u64) -> Vec<Vec<u64>> {
    at_once(address, clients, move |peer| {
        let mut numbers = Vec::new();
        while (numbers.len() as u64) < draws {
            let (more, error) = peer.draw(piece.min(draws - numbers.len() as u64));
            numbers.extend(more);
            if error.is_some() {
                break;
            }
        }
        numbers
    })
}

pub fn at_once<T: Send + 'static>(
    address: SocketAddr,
    clients: usize,
    play: impl Fn(&mut Peer) -> T + Send + Sync + 'static,
) -> Vec<T> {
    let barrier = Arc::new(Barrier::new(clients));
    let play = Arc::new(play);
    let threads: Vec<_> = (0..clients)
        .map(|_| {
            let (barrier, play) = (Arc::clone(&barrier), Arc::clone(&play));
            thread::spawn(move || {
                let mut peer = Peer::connect(address);
                barrier.wait();
                play(&mut peer)
            })
        })
        .collect();
    threads
        .into_iter()
        .map(|thread| thread.join().unwrap())
        .collect()
}

/// How many numbers stand more than once, and how many times too often: told by the numbers alone.
pub fn duplicates<'a>(numbers: impl IntoIterator<Item = &'a u64>) -> (u64, u64) {
    let mut times: HashMap<u64, u64> = HashMap::new();
    for &number in numbers {
        *times.entry(number).or_default() += 1;
    }
    let again = times.values().filter(|&&times| times > 1);
    again.fold((0, 0), |(duplicates, extras), times| {
        (duplicates + 1, extras + times - 1)
    })
}

/// The program itself. It is killed when the test is over, if it still runs.
pub struct Program {
    pub child: Child,
    pub first_line: String,
    pub stdout: BufReader<std::process::ChildStdout>,
    pub directory: tempfile::TempDir,
}

pub fn lootbox() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lootbox"));
    command.env("LC_ALL", "C.UTF-8");
    command
}

impl Program {
    /// `lootbox serve --listen 127.0.0.1:0 …`, once it listens.
    pub fn serve(options: &[&str]) -> Self {
        Self::serve_by(lootbox(), options)
    }

    pub fn serve_by(mut command: Command, options: &[&str]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let mut child = command
            .args(["serve", "--headless"])
            .args(if options.contains(&"--listen") {
                vec![]
            } else {
                vec!["--listen", "127.0.0.1:0"]
            })
            .args(options)
            .env("XDG_RUNTIME_DIR", directory.path())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut stdout = BufReader::new(child.stdout.take().unwrap());
        let mut first_line = String::new();
        stdout.read_line(&mut first_line).unwrap();
        Self {
            child,
            first_line,
            stdout,
            directory,
        }
    }

    pub fn address(&self) -> SocketAddr {
        let word = self.first_line.split(' ').nth(2);
        word.and_then(|address| address.parse().ok())
            .unwrap_or_else(|| panic!("no address in {:?}", self.first_line))
    }

    pub fn control(&self) -> std::path::PathBuf {
        let port = self.address().port();
        Path::new(self.directory.path()).join(format!("lootbox/{port}.sock"))
    }

    pub fn signal(&self, signal: &str) {
        let pid = self.child.id().to_string();
        assert!(
            Command::new("kill")
                .args([signal, &pid])
                .status()
                .unwrap()
                .success()
        );
    }

    /// Waits for its end, and says what it printed after the first line.
    pub fn end(mut self) -> (ExitStatus, String) {
        let mut summary = String::new();
        self.stdout.read_to_string(&mut summary).unwrap();
        (end_of(&mut self.child), summary)
    }

    pub fn stderr(&mut self) -> ChildStderr {
        self.child.stderr.take().unwrap()
    }
}

pub fn end_of(child: &mut Child) -> ExitStatus {
    let mut status = None;
    wait_until("the end of the program", || {
        status = child.try_wait().unwrap();
        status.is_some()
    });
    status.unwrap()
}

/// Whether a program started here heeds SIGHUP. Under `nohup` it shall not, and does not: then there is nothing to test.
pub fn heeds_hang_up() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|it| it.strip_prefix("SigIgn:"));
    let mask = mask.map(|it| u64::from_str_radix(it.trim(), 16).unwrap());
    mask.is_none_or(|ignored| ignored & 1 == 0)
}

impl Drop for Program {
    fn drop(&mut self) {
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Runs it in a thread of its own and fails if it does not come back.
pub fn within_deadline<T: Send + 'static>(
    what: &str,
    run: impl FnOnce() -> T + Send + 'static,
) -> T {
    let (done, told) = mpsc::channel();
    thread::spawn(move || done.send(run()));
    told.recv_timeout(DEADLINE)
        .unwrap_or_else(|_| panic!("hangs: {what}"))
}
