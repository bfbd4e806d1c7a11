//! Bots: clients inside the server's process, so that a lecturer with one laptop needs nothing else.
//!
//! They are clients like any other: each connects over real loopback TCP and has a session and a thread of its own.
//! As the assignment's client does, a bot asks for one number, reads it, asks for the next, so many times in a row;
//! then it rests until its next turn. Two bots at least have their turn at the same moment.
//!
//! Many in a row is what lets a race show by itself, also on one core and beside other work. There a session is
//! interrupted between its read and its write only when its thread has used up its time slice (on Linux 0.7 to 3 ms
//! of processor time), and it keeps what it has used up only while others wait for the core: a few numbers now and
//! then, at 0.01 ms each, never come to that. Measured by `benches/first-race`.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, Shutdown, SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use crate::client::{Answer, Client, ClientError};

/// So many numbers a bot draws in a row, unless it would be silent for too long or draw too often.
const IN_A_ROW: u64 = 100;
const SHORTEST_PERIOD: Duration = Duration::from_millis(250);
const MAX_PERIOD: Duration = Duration::from_secs(4);
/// Up to this rate each request is for one number.
const ONE_BY_ONE: u64 = 1_000;
/// How long a bot waits before it connects again, after a new round or while the server is busy.
const RECONNECT: Duration = Duration::from_millis(100);
/// More threads than this are no lesson.
pub const MAX_BOTS: u64 = 500;
/// More is a benchmark.
pub const FASTEST: u64 = 1_000_000;

/// Numbers a second that each bot draws, unless another rate is said.
pub const RATE: u64 = 100;

/// How often a bot has its turn, and when: all have it equally often, two or three of them at a time.
#[derive(Debug)]
struct Pace {
    /// Numbers a second.
    rate: AtomicU64,
    /// How many bots there are.
    bots: AtomicU32,
}

impl Pace {
    /// From one turn of a bot to its next.
    fn period(&self) -> Duration {
        let period = Duration::from_nanos(IN_A_ROW * 1_000_000_000 / self.rate.load(Relaxed));
        period.clamp(SHORTEST_PERIOD, MAX_PERIOD)
    }

    /// The next turn of the bot in this place after `now`; both are counted from when the bots began.
    fn next_turn(&self, place: u32, now: Duration) -> Duration {
        let period = self.period();
        let groups = (self.bots.load(Relaxed) / 2).max(1);
        let first = period * (place % groups) / groups;
        if now < first {
            return first;
        }
        let turns = now.saturating_sub(first).as_nanos() / period.as_nanos() + 1;
        first + period * u32::try_from(turns).unwrap_or(u32::MAX)
    }
}

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
    pace: Arc<Pace>,
    /// Turns are counted from here.
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
            pace: Arc::new(Pace {
                rate: AtomicU64::new(rate.clamp(1, FASTEST)),
                bots: AtomicU32::new(0),
            }),
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
        self.pace.rate.load(Relaxed)
    }

    /// Whether the client that connected from there is one of them.
    pub(crate) fn has(&self, address: &str) -> bool {
        self.alive.lock().iter().any(|bot| {
            let stream = bot.stream.lock();
            let own = stream.as_ref().and_then(|stream| stream.local_addr().ok());
            own.is_some_and(|own| own.to_string() == address)
        })
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
            self.pace.rate.store(rate, Relaxed);
        }
        if let Some(count) = count {
            self.set_count(count)?;
        }
        // Who rests does so by the new pace.
        for bot in self.alive.lock().iter() {
            bot.thread.thread().unpark();
        }
        Ok(())
    }

    fn set_count(&self, count: u64) -> Result<(), String> {
        if count > MAX_BOTS {
            return Err(format!("{count} bots: use at most {MAX_BOTS}"));
        }
        let mut failed = Ok(());
        let mut bots = self.alive.lock();
        while bots.len() as u64 > count {
            if let Some(bot) = bots.pop() {
                bot.stop();
            }
        }
        while (bots.len() as u64) < count {
            match self.start(u32::try_from(bots.len()).unwrap_or(0)) {
                Ok(bot) => bots.push(bot),
                Err(error) => {
                    failed = Err(format!(
                        "cannot start bot {} of {count}: {error}",
                        bots.len() + 1
                    ));
                    break;
                }
            }
        }
        let alive = u32::try_from(bots.len()).unwrap_or(u32::MAX);
        self.pace.bots.store(alive, Relaxed);
        failed
    }

    fn start(&self, place: u32) -> std::io::Result<Bot> {
        let name = format!("bot {}", self.named.fetch_add(1, Relaxed) + 1);
        let stop = Arc::new(AtomicBool::new(false));
        let stream = Arc::new(Mutex::new(None));
        let player = Player {
            name: name.clone(),
            place,
            server: self.server,
            pace: Arc::clone(&self.pace),
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
    /// Among the bots, from 0.
    place: u32,
    server: SocketAddr,
    pace: Arc<Pace>,
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
            let again = self.begun.elapsed() + RECONNECT;
            self.rest_until(|| again);
        }
    }

    /// Draws until the connection ends, as it does with each round.
    fn play_a_round(&self) -> Result<(), ClientError> {
        let mut client = Client::connect(self.server, false)?;
        *self.stream.lock() = Some(client.stream());
        client.name(&self.name)?;
        // Not a whole number each turn, but over time.
        let mut owed = 0;
        while !self.stop.load(Relaxed) {
            let rate = self.pace.rate.load(Relaxed);
            owed += u128::from(rate) * self.pace.period().as_nanos();
            let numbers = u64::try_from(owed / 1_000_000_000).unwrap_or(u64::MAX);
            owed %= 1_000_000_000;
            draw_in_a_row(&mut client, numbers, rate.div_ceil(ONE_BY_ONE))?;
            let now = self.begun.elapsed();
            self.rest_until(|| self.pace.next_turn(self.place, now));
        }
        Ok(())
    }

    /// Until then, counted from when the bots began; it may change meanwhile.
    fn rest_until(&self, then: impl Fn() -> Duration) {
        while !self.stop.load(Relaxed) {
            let left = then().saturating_sub(self.begun.elapsed());
            if left.is_zero() {
                return;
            }
            thread::park_timeout(left);
        }
    }
}

/// So many numbers, so many a request.
fn draw_in_a_row(client: &mut Client, numbers: u64, at_once: u64) -> Result<(), ClientError> {
    let mut left = numbers;
    while left > 0 {
        let request = left.min(at_once);
        left -= request;
        // Sold out ends this turn and not the bot: in a race it may end again.
        if client.draw(request, &mut |_| {})? != Answer::Whole {
            break;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::{Config, Server};
    use crate::testing::cases;
    use proptest::prelude::*;

    fn pace(bots: u32, rate: u64) -> Pace {
        Pace {
            rate: AtomicU64::new(rate),
            bots: AtomicU32::new(bots),
        }
    }

    proptest! {
        #![proptest_config(cases(256))]

        /// Each has its turn once a period, and nobody has it alone, so that a race can show.
        #[test]
        fn turns_come_once_a_period_and_never_alone(
            bots in 1u32..=500, rate in 1..=FASTEST, place: u32, now in 0u64..3_600_000,
        ) {
            let pace = pace(bots, rate);
            let (place, now) = (place % bots, Duration::from_millis(now));
            let next = pace.next_turn(place, now);
            prop_assert!(next > now && next <= now + pace.period());
            prop_assert_eq!(pace.next_turn(place, next), next + pace.period());
            let with_it = (0..bots).filter(|&other| pace.next_turn(other, now) == next).count();
            prop_assert!((2.min(bots as usize)..=3).contains(&with_it), "{} bots at once", with_it);
        }
    }

    #[test]
    fn the_slow_are_heard_of_and_the_fast_do_not_rush() {
        assert_eq!(pace(8, 1).period(), Duration::from_secs(4));
        assert_eq!(pace(8, RATE).period(), Duration::from_secs(1));
        assert_eq!(pace(8, FASTEST).period(), Duration::from_millis(250));
    }

    /// Then a new round would end the connections of nobody who minds.
    #[test]
    fn bots_are_alone_until_a_client_comes() {
        let mut server = Server::start(Config {
            bots: 2,
            ..Config::default()
        })
        .unwrap();
        let wait_for = |alone: bool| {
            let deadline = Instant::now() + Duration::from_mins(1);
            while server.host().has_bots_alone() != alone {
                assert!(Instant::now() < deadline, "bots alone: {}", !alone);
                server.host().wait_for_stop(Duration::from_millis(5));
            }
        };
        wait_for(true);
        let mut client = Client::connect(server.address(), false).unwrap();
        client.draw(1, &mut |_| {}).unwrap();
        wait_for(false);
        drop(client);
        wait_for(true);
        server.stop();
    }
}
