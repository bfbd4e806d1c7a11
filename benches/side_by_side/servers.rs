//! The servers, each in a process of its own that ends with its guard.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use lootbox::draw::{Mode, Window};
use lootbox::lootbox::Source;
use lootbox::server::limits::Limits;
use lootbox::server::{Config, Control, Server};
use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use parking_lot::Mutex;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;

use crate::load::line_ends;
use crate::rows::{Row, Says};

/// How many numbers the list has: no sample comes to its end.
pub const SIZE: u64 = 10_000_000;
/// More clients than any row has.
const MAX_CLIENTS: usize = 6_000;
/// A server that is not there by then does not come.
const PATIENCE: Duration = Duration::from_mins(1);

/// A server's process. Dropping it ends it.
pub struct Peer {
    child: Child,
    pub address: SocketAddr,
}

impl Drop for Peer {
    fn drop(&mut self) {
        RUNNING.lock().retain(|&pid| pid != self.child.id());
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// The servers that run now: who is ended by a signal drops nothing.
static RUNNING: Mutex<Vec<u32>> = Mutex::new(Vec::new());

/// Ends the servers when this process is told to end, and then this process.
pub fn end_with_this_process() -> io::Result<()> {
    let mut signals = Signals::new([SIGINT, SIGTERM, SIGHUP])?;
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            for &pid in &*RUNNING.lock() {
                _ = pid
                    .try_into()
                    .map(|pid| kill(Pid::from_raw(pid), Signal::SIGKILL));
            }
            std::process::exit(2);
        }
    });
    Ok(())
}

impl Peer {
    /// Starts a process whose first line on standard output ends with, or holds, its address.
    fn that_says_where(command: &mut Command) -> io::Result<(Self, Duration)> {
        let begun = Instant::now();
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        RUNNING.lock().push(child.id());
        let mut line = String::new();
        let said = match child.stdout.take() {
            Some(stdout) => BufReader::new(stdout).read_line(&mut line),
            None => Ok(0),
        };
        let took = begun.elapsed();
        let mut peer = Self {
            child,
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
        };
        said?;
        let address = line.split_whitespace().nth(2).map(str::parse);
        match address {
            Some(Ok(address)) => peer.address = address,
            _ => return Err(io::Error::other(format!("no server: it says {line:?}"))),
        }
        Ok((peer, took))
    }

    /// How long the process has been at work, in all its threads; also those that are gone. `None` where the system
    /// does not say.
    pub fn processor_time(&self) -> Option<Duration> {
        #[cfg(target_os = "linux")]
        {
            let pid = Pid::from_raw(self.child.id().try_into().ok()?);
            let time = nix::time::clock_getcpuclockid(pid).ok()?.now().ok()?;
            Some(time.into())
        }
        #[cfg(not(target_os = "linux"))]
        None
    }

    /// How much of the process is in memory, in KiB.
    pub fn resident(&self) -> io::Result<u64> {
        let pid = self.child.id().to_string();
        let output = Command::new("ps")
            .args(["-o", "rss=", "-p", &pid])
            .output()?;
        let text = String::from_utf8_lossy(&output.stdout);
        text.trim()
            .parse()
            .map_err(|_| io::Error::other(format!("ps says {text:?}")))
    }
}

/// The thread-per-client echo.
pub fn echo(lines: usize) -> io::Result<Peer> {
    let lines = lines.to_string();
    let (peer, _) =
        Peer::that_says_where(Command::new(std::env::current_exe()?).args(["echo", &lines]))?;
    Ok(peer)
}

/// A loot box, and the way to begin a new round.
pub struct Lootbox {
    pub peer: Peer,
    control: PathBuf,
}

impl Lootbox {
    /// `lootbox serve`, as it is.
    pub fn serve(directory: &Path) -> io::Result<Self> {
        let control = directory.join("serve.sock");
        let mut command = serve_headless(&control);
        command
            .args(["--size", &SIZE.to_string(), "--seed", "1"])
            .args(["--mode", "lock", "--window", "none"])
            .args(["--max-clients", &MAX_CLIENTS.to_string()]);
        let (peer, _) = Peer::that_says_where(&mut command)?;
        Ok(Self { peer, control })
    }

    /// The same server with the recording of who drew what, or without it, which the command line does not offer.
    pub fn with_recording(directory: &Path, recording: bool) -> io::Result<Self> {
        let control = directory.join(format!("recording-{recording}.sock"));
        let mut command = Command::new(std::env::current_exe()?);
        command
            .args(["lootbox", &recording.to_string()])
            .arg(&control);
        let (peer, _) = Peer::that_says_where(&mut command)?;
        Ok(Self { peer, control })
    }

    /// From a command to the line that says where it listens, with the list that is the default.
    pub fn start(directory: &Path) -> io::Result<Duration> {
        let mut command = serve_headless(&directory.join("start.sock"));
        Ok(Peer::that_says_where(&mut command)?.1)
    }

    /// Has a command carried out.
    pub fn tell(&self, command: &str) -> io::Result<()> {
        let mut stream = UnixStream::connect(&self.control)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        writeln!(stream, "{{\"do\":\"watch\",\"per_second\":0}}\n{command}")?;
        let mut oks = 0;
        for line in BufReader::new(stream).lines() {
            let line = line?;
            match () {
                () if line.starts_with("{\"ok\"") => oks += 1,
                () if line.starts_with("{\"error\"") => return Err(io::Error::other(line)),
                () => {}
            }
            if oks == 2 {
                return Ok(());
            }
        }
        Err(io::Error::other("the control socket has closed"))
    }

    /// Where the counter is.
    pub fn counter(&self) -> io::Result<u64> {
        let mut stream = UnixStream::connect(&self.control)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(b"{\"do\":\"snapshot\"}\n")?;
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line)?;
        let answer: serde_json::Value = serde_json::from_str(&line)?;
        answer["snapshot"]["counter"]
            .as_u64()
            .ok_or_else(|| io::Error::other(format!("no snapshot: {line}")))
    }

    /// A new round, and the grain that the row is about.
    pub fn prepare(&self, row: &Row) -> io::Result<()> {
        self.reset()?;
        let request = matches!(row.says, Says::Request(_));
        let grain = if request { "request" } else { "number" };
        self.tell(&format!("{{\"do\":\"grain\",\"to\":\"{grain}\"}}"))
    }

    /// A new round of the same list.
    pub fn reset(&self) -> io::Result<()> {
        self.tell(r#"{"do":"reset","seed":1}"#)
    }
}

fn serve_headless(control: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_lootbox"));
    command
        .args(["serve", "--headless", "--listen", "127.0.0.1:0"])
        .arg("--control")
        .arg(control);
    command
}

/// What `Lootbox::with_recording` starts: serves until the process is ended.
pub fn serve_lootbox(recording: bool, control: &str) -> io::Result<()> {
    let server = Server::start(Config {
        program: Mode::Lock.into(),
        window: Some(Window::None),
        source: Source::Shuffled {
            size: SIZE,
            seed: 1,
        },
        limits: Limits {
            max_clients: MAX_CLIENTS,
            ..Limits::default()
        },
        control: Control::At(control.into()),
        recording,
        ..Config::default()
    })
    .map_err(io::Error::other)?;
    println!("listening on {}", server.address());
    server.wait();
    Ok(())
}

/// The Redis server that is installed.
pub struct Redis(pub Peer);

impl Redis {
    /// Its version. An error if there is none.
    pub fn version() -> io::Result<String> {
        let output = Command::new("redis-server").arg("--version").output()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let version = text
            .split_whitespace()
            .find_map(|word| word.strip_prefix("v="));
        Ok(version.unwrap_or("of unknown version").to_owned())
    }

    /// On a free port, with nothing written to disk.
    pub fn serve(directory: &Path) -> io::Result<Self> {
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let child = Command::new("redis-server")
            .args(["--bind", "127.0.0.1", "--port", &address.port().to_string()])
            .args(["--save", "", "--appendonly", "no"])
            .args(["--maxclients", &MAX_CLIENTS.to_string(), "--dir"])
            .arg(directory)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()?;
        RUNNING.lock().push(child.id());
        let redis = Self(Peer { child, address });
        let begun = Instant::now();
        while redis.say(b"PING\r\n", "+PONG").is_err() {
            if begun.elapsed() > PATIENCE {
                return Err(io::Error::other("redis-server does not answer"));
            }
            thread::sleep(Duration::from_millis(20));
        }
        Ok(redis)
    }

    fn say(&self, command: &[u8], answer: &str) -> io::Result<()> {
        let mut stream = TcpStream::connect(self.0.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        stream.write_all(command)?;
        let mut said = [0; 64];
        let count = stream.read(&mut said)?;
        let said = String::from_utf8_lossy(&said[..count]);
        if said.starts_with(answer) {
            Ok(())
        } else {
            Err(io::Error::other(format!("redis-server says {said:?}")))
        }
    }

    /// A list of numbers to pop from, as many as will be popped.
    pub fn fill(&self, numbers: usize) -> io::Result<()> {
        const AT_ONCE: usize = 1_000;
        self.say(b"DEL list\r\n", ":")?;
        let mut push = format!("*{}\r\n$5\r\nRPUSH\r\n$4\r\nlist\r\n", AT_ONCE + 2);
        (0..AT_ONCE).for_each(|_| push.push_str("$7\r\n1234567\r\n"));
        let mut stream = TcpStream::connect(self.0.address)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut answers = stream.try_clone()?;
        let times = numbers.div_ceil(AT_ONCE);
        thread::scope(|scope| {
            let filling =
                scope.spawn(move || (0..times).try_for_each(|_| stream.write_all(push.as_bytes())));
            let mut buffer = [0; 4_096];
            let mut answered = 0;
            while answered < times {
                match answers.read(&mut buffer)? {
                    0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                    count => {
                        answered += line_ends(&buffer[..count]);
                    }
                }
            }
            filling
                .join()
                .map_err(|_| io::Error::other("the filling thread panicked"))?
        })
    }
}
