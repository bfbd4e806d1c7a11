//! The load: so many clients with one message in flight each, all of them by one thread, the same for every server.

use std::io::{self, ErrorKind, Read, Write};
use std::net::SocketAddr;
use std::thread;
use std::time::{Duration, Instant};

use mio::net::TcpStream;
use mio::{Events, Interest, Poll, Token};

use crate::servers::Peer;

/// So many connect before the first of them has its answer: a listening socket lets 128 wait.
const AT_ONCE: usize = 100;
/// For each client: its thread ends after the sample, and is not to do so in the next one's time.
const SETTLE: Duration = Duration::from_micros(20);
const SHORTEST_SETTLE: Duration = Duration::from_millis(5);
/// A server that answers nothing for so long never will.
const PATIENCE: Duration = Duration::from_secs(20);

/// What is asked of a server.
#[derive(Clone, Debug)]
pub struct Load {
    /// How many clients.
    pub clients: usize,
    /// What each of them sends at a time.
    pub message: Vec<u8>,
    /// How many line ends the answer to it has.
    pub line_ends: usize,
    /// How many messages all clients send together.
    pub messages: usize,
}

/// What came of it.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Messages answered in a second.
    pub per_second: f64,
    /// Of 100 answers one takes longer.
    pub p99: Duration,
    /// What the server's threads worked for one message; `None` where the system does not say.
    pub work: Option<Duration>,
    /// Clients whose connection ended before its answer, or that were told an error. A refused connection ends the run.
    pub failures: usize,
}

struct Client {
    stream: TcpStream,
    sent: Instant,
    line_ends_left: usize,
    failed: bool,
}

impl Client {
    fn say(&mut self, load: &Load) -> io::Result<()> {
        self.line_ends_left = load.line_ends;
        self.sent = Instant::now();
        self.stream.write_all(&load.message)
    }
}

/// Puts the load on a server. The connections are there, and each has had an answer, before the clock starts.
pub fn run(peer: &Peer, load: &Load) -> io::Result<Sample> {
    let mut poll = Poll::new()?;
    let mut clients = Vec::with_capacity(load.clients);
    let mut times = Vec::with_capacity(load.messages + load.clients);
    while clients.len() < load.clients {
        let first = clients.len();
        for number in first..load.clients.min(first + AT_ONCE) {
            clients.push(connect(peer.address, number, &poll)?);
        }
        let new = &mut clients[first..];
        let messages = new.len();
        exchange(&mut poll, new, first, load, messages, &mut times)?;
    }
    times.clear();
    let worked = peer.processor_time();
    let begun = Instant::now();
    exchange(&mut poll, &mut clients, 0, load, load.messages, &mut times)?;
    let elapsed = begun.elapsed();
    let worked = peer.processor_time().zip(worked);
    let answered = times.len();
    times.sort_unstable();
    let failures = clients.iter().filter(|client| client.failed).count();
    drop(clients);
    thread::sleep(SHORTEST_SETTLE + SETTLE * u32::try_from(load.clients).unwrap_or(u32::MAX));
    Ok(Sample {
        #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
        per_second: answered as f64 / elapsed.as_secs_f64(),
        work: worked.map(|(after, before)| {
            after.saturating_sub(before) / u32::try_from(answered).unwrap_or(u32::MAX).max(1)
        }),
        p99: times.get(answered * 99 / 100).copied().unwrap_or_default(),
        failures,
    })
}

fn connect(address: SocketAddr, number: usize, poll: &Poll) -> io::Result<Client> {
    let stream = std::net::TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    let mut stream = TcpStream::from_std(stream);
    poll.registry()
        .register(&mut stream, Token(number), Interest::READABLE)?;
    Ok(Client {
        stream,
        sent: Instant::now(),
        line_ends_left: 0,
        failed: false,
    })
}

/// Lets the clients exchange so many messages in all; whoever has its answer sends the next. `first` is the
/// number of the first of them.
fn exchange(
    poll: &mut Poll,
    clients: &mut [Client],
    first: usize,
    load: &Load,
    messages: usize,
    times: &mut Vec<Duration>,
) -> io::Result<()> {
    let mut left = messages;
    let mut in_flight = 0;
    for client in clients.iter_mut().filter(|client| !client.failed) {
        if left == 0 {
            break;
        }
        left -= 1;
        match client.say(load) {
            Ok(()) => in_flight += 1,
            Err(_) => client.failed = true,
        }
    }
    let mut events = Events::with_capacity(1_024);
    let mut buffer = vec![0; 256 * 1_024];
    while in_flight > 0 {
        poll.poll(&mut events, Some(PATIENCE))?;
        if events.is_empty() {
            return Err(io::Error::new(
                ErrorKind::TimedOut,
                "the server says nothing",
            ));
        }
        for event in &events {
            let Some(client) = event
                .token()
                .0
                .checked_sub(first)
                .and_then(|it| clients.get_mut(it))
            else {
                continue;
            };
            if client.failed || client.line_ends_left == 0 {
                continue;
            }
            if !receive(client, &mut buffer) {
                client.failed = true;
                in_flight -= 1;
                continue;
            }
            if client.line_ends_left > 0 {
                continue;
            }
            times.push(client.sent.elapsed());
            if left > 0 {
                left -= 1;
                if client.say(load).is_ok() {
                    continue;
                }
                client.failed = true;
            }
            in_flight -= 1;
        }
    }
    Ok(())
}

/// How many lines end in these bytes.
#[expect(clippy::naive_bytecount, reason = "the compiler makes vectors of it")]
pub fn line_ends(bytes: &[u8]) -> usize {
    bytes.iter().filter(|&&byte| byte == b'\n').count()
}

/// Reads what is there; `false` if the connection has ended, or the server says an error.
fn receive(client: &mut Client, buffer: &mut [u8]) -> bool {
    loop {
        match client.stream.read(buffer) {
            Ok(0) => return false,
            Ok(count) => {
                let received = &buffer[..count];
                if matches!(received[0], b'e' | b'-') {
                    return false;
                }
                client.line_ends_left = client.line_ends_left.saturating_sub(line_ends(received));
                // Less than there is room for was all there is.
                if count < buffer.len() {
                    return true;
                }
            }
            Err(error) if error.kind() == ErrorKind::WouldBlock => return true,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return false,
        }
    }
}
