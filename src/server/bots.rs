//! Bots: clients inside the server's process, so that a lecturer with one laptop needs nothing else.
//!
//! They are clients like any other: each connects over real loopback TCP and has a session and a
//! thread of its own. All draw at the same beat, because that is when they meet: a class of
//! students that press Enter together.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::client::{Client, ClientError};

/// How often the bots draw. At 20 numbers a second each, that is `draw 5` four times a second.
const BEAT: Duration = Duration::from_millis(250);
/// How long a bot waits before it connects again, after a new round or while the server is busy.
const RECONNECT: Duration = Duration::from_millis(100);
/// More threads than this are no lesson.
pub const MOST: u64 = 500;
/// More is a benchmark.
pub const FASTEST: u64 = 1_000_000;

#[derive(Debug)]
struct Bot {
    stop: Arc<AtomicBool>,
    stream: Arc<Mutex<Option<Arc<TcpStream>>>>,
    thread: JoinHandle<()>,
}

/// The bots of one server.
#[derive(Debug)]
pub struct Bots {
    server: SocketAddr,
    rate: Arc<AtomicU64>,
    /// The beat is counted from here.
    begun: Instant,
    alive: Mutex<Vec<Bot>>,
    named: AtomicU64,
}

impl Bots {
    /// None yet, for a server that listens at `address`.
    #[must_use]
    pub fn new(address: SocketAddr, rate: u64) -> Self {
        let mut server = address;
        if server.ip().is_unspecified() {
            server.set_ip(match server {
                SocketAddr::V4(_) => IpAddr::V4(Ipv4Addr::LOCALHOST),
                SocketAddr::V6(_) => IpAddr::V6(Ipv6Addr::LOCALHOST),
            });
        }
        Self {
            server,
            rate: Arc::new(AtomicU64::new(rate)),
            begun: Instant::now(),
            alive: Mutex::default(),
            named: AtomicU64::new(0),
        }
    }

    /// How many there are.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.alive.lock().len() as u64
    }

    /// Numbers a second that each draws.
    #[must_use]
    pub fn rate(&self) -> u64 {
        self.rate.load(Relaxed)
    }

    /// Has so many bots from now on, and lets each draw so many numbers a second.
    ///
    /// # Errors
    /// If that is too many or too fast, or the system has no thread left for one.
    pub fn set(&self, count: Option<u64>, rate: Option<u64>) -> Result<(), String> {
        if count.is_none() && rate.is_none() {
            return Err("how many bots (\"to\"), or how many numbers a second (\"rate\")?".into());
        }
        if let Some(rate) = rate {
            if !(1..=FASTEST).contains(&rate) {
                return Err(format!(
                    "a bot rate of {rate}: use 1 to {FASTEST} numbers a second"
                ));
            }
            self.rate.store(rate, Relaxed);
        }
        let Some(count) = count else {
            return Ok(());
        };
        if count > MOST {
            return Err(format!("{count} bots: use at most {MOST}"));
        }
        let mut bots = self.alive.lock();
        while bots.len() as u64 > count {
            if let Some(bot) = bots.pop() {
                bot.stop();
            }
        }
        while (bots.len() as u64) < count {
            let bot = self.start().map_err(|error| {
                format!("cannot start bot {} of {count}: {error}", bots.len() + 1)
            })?;
            bots.push(bot);
        }
        Ok(())
    }

    fn start(&self) -> std::io::Result<Bot> {
        let name = format!("bot {}", self.named.fetch_add(1, Relaxed) + 1);
        let stop = Arc::new(AtomicBool::new(false));
        let stream = Arc::new(Mutex::new(None));
        let player = Player {
            name: name.clone(),
            server: self.server,
            rate: Arc::clone(&self.rate),
            begun: self.begun,
            stop: Arc::clone(&stop),
            stream: Arc::clone(&stream),
        };
        let thread = thread::Builder::new()
            .name(name)
            .stack_size(256 * 1024)
            .spawn(move || player.play())?;
        Ok(Bot {
            stop,
            stream,
            thread,
        })
    }

    /// Ends them all.
    pub fn stop(&self) {
        for bot in self.alive.lock().drain(..) {
            bot.stop();
        }
    }
}

impl Bot {
    /// Ends it: when this returns, it has asked for its last number.
    fn stop(self) {
        self.stop.store(true, Relaxed);
        if let Some(stream) = self.stream.lock().as_ref() {
            _ = stream.shutdown(Shutdown::Both);
        }
        self.thread.thread().unpark();
        _ = self.thread.join();
    }
}

struct Player {
    name: String,
    server: SocketAddr,
    rate: Arc<AtomicU64>,
    begun: Instant,
    stop: Arc<AtomicBool>,
    stream: Arc<Mutex<Option<Arc<TcpStream>>>>,
}

impl Player {
    fn play(&self) {
        while !self.stop.load(Relaxed) {
            if let Err(error) = self.play_a_round() {
                tracing::debug!(bot = self.name, %error, "connecting again");
            }
            *self.stream.lock() = None;
            self.pause_until(Instant::now() + RECONNECT);
        }
    }

    /// Draws until the connection ends, as it does with each round.
    fn play_a_round(&self) -> Result<(), ClientError> {
        let mut client = Client::connect(self.server, false)?;
        *self.stream.lock() = Some(client.stream());
        client.name(&self.name)?;
        // Not a whole number each beat, but over time.
        let mut owed = 0;
        while !self.stop.load(Relaxed) {
            let beats = self.begun.elapsed().as_nanos() / BEAT.as_nanos() + 1;
            self.pause_until(self.begun + BEAT * u32::try_from(beats).unwrap_or(u32::MAX));
            owed += u128::from(self.rate.load(Relaxed)) * BEAT.as_nanos();
            let draws = u64::try_from(owed / 1_000_000_000).unwrap_or(u64::MAX);
            owed %= 1_000_000_000;
            if draws > 0 {
                // Sold out is no reason to go: in a race it may end again.
                client.draw(draws, &mut |_| {})?;
            }
        }
        Ok(())
    }

    fn pause_until(&self, then: Instant) {
        while !self.stop.load(Relaxed) {
            let left = then.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return;
            }
            thread::park_timeout(left);
        }
    }
}
