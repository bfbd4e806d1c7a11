//! Lets clients in: one thread that accepts, one thread a client.

use std::io::{self, ErrorKind, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;
use std::time::Duration;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::connection::Connection;
use super::hang_up::hang_up_gently;
use super::idle::IdleClients;
use super::limits::Limits;
use super::session;
use crate::lootbox::Lootbox;
use crate::protocol::Speak;

/// A session's thread needs little; what it does not touch costs nothing.
const STACK: usize = 256 * 1024;
/// How long accepting rests when the system has no file or thread left for another client, at first
/// and at most: a client that leaves makes room, and the rest is cheap.
const REST: Duration = Duration::from_millis(20);
const LONGEST_REST: Duration = Duration::from_secs(1);
/// How many clients that were told "busy" may take a moment each to hang up.
const MOST_TURNED_AWAY: usize = 64;

/// What a client's session needs from the server.
pub struct Sessions {
    /// What is drawn from.
    pub lootbox: Arc<Lootbox>,
    /// Bounds on clients.
    pub limits: Limits,
    /// The dialect to speak.
    pub speak: Speak,
    /// How many session threads live.
    pub alive: Arc<AtomicUsize>,
    /// Ends those whose clients are idle for too long.
    pub idle: IdleClients,
    turned_away: Arc<AtomicUsize>,
}

impl Sessions {
    /// With nobody there yet.
    #[must_use]
    pub fn new(lootbox: Arc<Lootbox>, limits: Limits, speak: Speak) -> Self {
        Self {
            lootbox,
            idle: IdleClients::new(limits.idle_timeout),
            limits,
            speak,
            alive: Arc::default(),
            turned_away: Arc::default(),
        }
    }
}

/// Counts a thread as long as it lives, also through a panic.
struct Counted(Arc<AtomicUsize>);

impl Counted {
    fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

/// Accepts clients until something comes through `stop`, or its other end is closed.
pub fn accept(listener: &TcpListener, stop: &UnixStream, sessions: &Arc<Sessions>) {
    let mut rest = REST;
    loop {
        let mut waiting = [
            PollFd::new(stop.as_fd(), PollFlags::POLLIN),
            PollFd::new(listener.as_fd(), PollFlags::POLLIN),
        ];
        match poll(&mut waiting, PollTimeout::NONE) {
            Ok(_) => {}
            Err(nix::errno::Errno::EINTR) => continue,
            Err(error) => {
                tracing::error!(%error, "cannot wait for clients any more");
                return;
            }
        }
        if waiting[0].any().unwrap_or(true) {
            return;
        }
        let result = listener
            .accept()
            .and_then(|(stream, peer)| let_in(stream, peer, sessions));
        match result {
            Ok(()) => rest = REST,
            // The client was gone before it was let in, or somebody else was faster.
            Err(error)
                if matches!(
                    error.kind(),
                    ErrorKind::ConnectionAborted
                        | ErrorKind::ConnectionReset
                        | ErrorKind::WouldBlock
                        | ErrorKind::Interrupted
                ) => {}
            Err(error) => {
                // Without a rest this would spin: the client stays in the queue.
                if rest == REST {
                    tracing::warn!(%error, "cannot take another client, trying again");
                }
                if wait(stop, rest) {
                    return;
                }
                rest = (2 * rest).min(LONGEST_REST);
            }
        }
    }
}

/// Waits, and says whether it was told to stop meanwhile.
fn wait(stop: &UnixStream, time: Duration) -> bool {
    let mut waiting = [PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
    let timeout = PollTimeout::try_from(time).unwrap_or(PollTimeout::ZERO);
    poll(&mut waiting, timeout).is_ok_and(|ready| ready > 0)
}

fn let_in(stream: TcpStream, peer: SocketAddr, sessions: &Arc<Sessions>) -> io::Result<()> {
    // On macOS a stream inherits this from its listener.
    stream.set_nonblocking(false)?;
    let most = sessions.limits.max_clients;
    if sessions.lootbox.connected() >= most {
        turn_away(stream, most, &sessions.turned_away);
        return Ok(());
    }
    let connection = Arc::new(Connection::new(stream));
    sessions.idle.add(&connection);
    let line = Box::new(Arc::clone(&connection));
    // In this thread, so that whoever is connected is counted before the next one comes.
    let seat = sessions.lootbox.join(peer, line);
    let sessions = Arc::clone(sessions);
    let counted = Counted::new(&sessions.alive);
    thread::Builder::new()
        .name(format!("session {}", seat.record().id))
        .stack_size(STACK)
        .spawn(move || {
            let _counted = counted;
            session::serve(&connection, seat, sessions.speak, &sessions.limits);
        })
        .map(drop)
}

/// Tells a client that there are too many.
fn turn_away(mut stream: TcpStream, most: usize, turned_away: &Arc<AtomicUsize>) {
    let busy = format!("error: busy: {most} clients are connected, try again later\n");
    // A fresh connection takes so little at once; if not, it is just closed.
    if stream.set_nonblocking(true).is_ok()
        && stream.write_all(busy.as_bytes()).is_ok()
        && stream.set_nonblocking(false).is_ok()
        && turned_away.load(SeqCst) < MOST_TURNED_AWAY
    {
        let counted = Counted::new(turned_away);
        _ = thread::Builder::new()
            .name("turned away".into())
            .stack_size(STACK)
            .spawn(move || {
                let _counted = counted;
                hang_up_gently(&stream);
            });
    }
}
