//! Lets clients in: one thread that accepts, one thread a client.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::connection::Connection;
use super::hang_up::Leaving;
use super::idle::IdleClients;
use super::limits::Limits;
use super::room::{Room, why_no_thread};
use super::seldom::Seldom;
use super::session;
use super::threads::{Counted, Threads};
use crate::lootbox::Lootbox;
use crate::protocol::Speak;

/// How long accepting rests when the system has no descriptor left for another client, at first
/// and at most: a client that leaves makes room, and the rest is cheap.
const REST: Duration = Duration::from_millis(20);
const MAX_REST: Duration = Duration::from_secs(1);

/// What a client's session needs from the server.
pub struct Sessions {
    /// What is drawn from.
    pub lootbox: Arc<Lootbox>,
    /// Bounds on clients.
    pub limits: Limits,
    /// The dialect to speak.
    pub speak: Speak,
    /// How many session threads live. Also one that only waits for its client to hang up counts: it takes as much.
    pub alive: Arc<AtomicUsize>,
    /// Ends those whose clients are idle for too long.
    pub idle: IdleClients,
    /// What the limits of the process leave.
    pub(crate) room: Room,
    /// How many bots there are to be. The client's end of each takes as much again.
    pub(crate) bots: AtomicUsize,
    threads: Box<dyn Threads>,
}

impl Sessions {
    /// With nobody there yet.
    pub(crate) fn new(
        lootbox: Arc<Lootbox>,
        limits: Limits,
        speak: Speak,
        room: Room,
        threads: Box<dyn Threads>,
    ) -> Self {
        Self {
            lootbox,
            idle: IdleClients::new(limits.idle_timeout),
            limits,
            speak,
            alive: Arc::default(),
            room,
            bots: AtomicUsize::new(0),
            threads,
        }
    }

    /// How many clients may be connected at once.
    pub(crate) fn most(&self) -> usize {
        let room = self.room.clients.saturating_sub(self.bots.load(SeqCst));
        self.limits.max_clients.min(room.max(1))
    }

    fn has_room(&self) -> bool {
        self.alive.load(SeqCst) < self.most()
    }

    /// Starts a session, or gives the connection back, to be told that there is no thread.
    fn start(self: &Arc<Self>, stream: TcpStream, peer: SocketAddr) -> Result<(), NoThread> {
        let connection = Arc::new(Connection::new(stream));
        self.idle.add(&connection);
        let line = Box::new(Arc::clone(&connection));
        // In this thread, so that whoever is connected is counted before the next one comes.
        let seat = self.lootbox.join(peer, line);
        let counted = Counted::new(&self.alive);
        let sessions = Arc::clone(self);
        let served = Arc::clone(&connection);
        let name = format!("session {}", seat.record().id);
        let job = move || {
            let _counted = counted;
            session::serve(&served, seat, sessions.speak, &sessions.limits);
        };
        self.threads
            .start(name, Box::new(job))
            .map_err(|error| NoThread { error, connection })
    }
}

struct NoThread {
    error: io::Error,
    connection: Arc<Connection>,
}

/// Accepts clients until something comes through `stop`, or its other end is closed.
pub fn accept(listener: &TcpListener, stop: &UnixStream, sessions: &Arc<Sessions>) {
    let mut door = Door {
        listener,
        sessions,
        leaving: Leaving::new(sessions.room.turned_away),
        last_rest: Duration::ZERO,
        rests_until: None,
        no_descriptor: Seldom::default(),
        no_thread: Seldom::default(),
        too_many: Seldom::default(),
    };
    while door.wait(stop) {
        door.let_somebody_in();
    }
}

struct Door<'a> {
    listener: &'a TcpListener,
    sessions: &'a Arc<Sessions>,
    leaving: Leaving<Arc<Connection>>,
    last_rest: Duration,
    rests_until: Option<Instant>,
    no_descriptor: Seldom,
    no_thread: Seldom,
    too_many: Seldom,
}

impl Door<'_> {
    /// Waits until a client may be there; says whether to go on.
    fn wait(&mut self, stop: &UnixStream) -> bool {
        loop {
            let now = Instant::now();
            self.leaving.look(now);
            if self.rests_until.is_some_and(|then| then <= now) {
                self.rests_until = None;
            }
            // Who is told "busy" needs a moment to hang up. If that many are at it, the others wait in the system's queue.
            let full = !self.leaving.has_room() && !self.sessions.has_room();
            let accepts = self.rests_until.is_none() && !full;
            let mut waiting = vec![PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
            waiting.extend(self.leaving.polled());
            if accepts {
                waiting.push(PollFd::new(self.listener.as_fd(), PollFlags::POLLIN));
            }
            let look_again = full.then(|| now + REST);
            let until = [self.leaving.next_end(), self.rests_until, look_again]
                .into_iter()
                .flatten()
                .min();
            match poll(&mut waiting, up_to(until, now)) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot wait for clients any more");
                    return false;
                }
            }
            let is_ready = |waiting: Option<&PollFd>| waiting.and_then(PollFd::any) != Some(false);
            if is_ready(waiting.first()) {
                return false;
            }
            if accepts && is_ready(waiting.last()) {
                return true;
            }
        }
    }

    fn let_somebody_in(&mut self) {
        // An error is told apart by the call that it comes from: of accepting, "try again" says that nobody is there;
        // of starting a thread, the same number says that there is none left.
        match self.listener.accept() {
            Ok((stream, peer)) => {
                self.last_rest = Duration::ZERO;
                self.let_in(stream, peer);
            }
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
                let now = Instant::now();
                // Without a rest this would spin: the client stays in the queue.
                self.last_rest = (2 * self.last_rest).clamp(REST, MAX_REST);
                self.rests_until = Some(now + self.last_rest);
                if let Some(times) = self.no_descriptor.due(now) {
                    tracing::warn!(
                        "cannot take another client, trying again: {error} ({times} times since it was said last)"
                    );
                }
            }
        }
    }

    fn let_in(&mut self, stream: TcpStream, peer: SocketAddr) {
        let now = Instant::now();
        if !self.sessions.has_room() {
            let most = self.sessions.most();
            let connection = Arc::new(Connection::new(stream));
            let busy = format!("error: busy: {most} clients are connected, try again later\n");
            self.leaving.tell(connection, busy.as_bytes(), now);
            if let Some(clients) = self.too_many.due(now) {
                tracing::warn!(
                    "{most} clients are connected, and no more may be: {clients} told so since it was said last"
                );
            }
            return;
        }
        // On macOS a stream inherits this from its listener. Who is gone already needs no session.
        if stream.set_nonblocking(false).is_err() {
            return;
        }
        if let Err(NoThread { error, connection }) = self.sessions.start(stream, peer) {
            let busy =
                "error: busy: the server has no thread for another client, try again later\n";
            self.leaving.tell(connection, busy.as_bytes(), now);
            if let Some(clients) = self.no_thread.due(now) {
                tracing::warn!(
                    "no thread for a client: {error}; {}; {clients} told \"busy\" since it was said last",
                    why_no_thread()
                );
            }
        }
    }
}

fn up_to(until: Option<Instant>, now: Instant) -> PollTimeout {
    let Some(until) = until else {
        return PollTimeout::NONE;
    };
    // Up to the next whole millisecond, or it would be waited for in a loop.
    let time = until.saturating_duration_since(now) + Duration::from_millis(1);
    PollTimeout::try_from(time).unwrap_or(PollTimeout::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::{Grain, Mode};
    use crate::lootbox::Source;
    use crate::server::threads::Job;
    use crate::server::threads::tests::Scarce;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::thread;

    struct Shared(Arc<Scarce>);

    impl Threads for Shared {
        fn start(&self, name: String, job: Job) -> io::Result<()> {
            self.0.start(name, job)
        }
    }

    fn sessions(threads: &Arc<Scarce>, limits: Limits) -> Arc<Sessions> {
        let source = Source::Shuffled {
            size: 1_000,
            seed: 1,
        };
        let lootbox = Lootbox::new(source, Mode::Lock, None, Grain::Number).unwrap();
        Arc::new(Sessions::new(
            Arc::new(lootbox),
            limits,
            Speak::Auto,
            Room::plenty(),
            Box::new(Shared(Arc::clone(threads))),
        ))
    }

    /// Runs `play` with the address of a door, and ends it.
    fn beside_a_door(sessions: &Arc<Sessions>, play: impl FnOnce(SocketAddr)) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let address = listener.local_addr().unwrap();
        let (stop, stopped) = UnixStream::pair().unwrap();
        thread::scope(|threads| {
            threads.spawn(|| accept(&listener, &stopped, sessions));
            // Dropped by a panic, too.
            let stop = stop;
            play(address);
            drop(stop);
        });
    }

    fn client(address: SocketAddr) -> TcpStream {
        let client = TcpStream::connect(address).unwrap();
        client
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        client
    }

    fn all_of(mut client: &TcpStream) -> String {
        let mut told = String::new();
        client.read_to_string(&mut told).unwrap();
        told
    }

    /// Without a reset, though the request waits unread: `read_to_string` would fail.
    #[test]
    fn without_a_thread_a_client_is_told_busy_and_later_ones_are_served() {
        let threads = Arc::new(Scarce::default());
        threads.none_left.store(true, SeqCst);
        let sessions = sessions(&threads, Limits::default());
        beside_a_door(&sessions, |address| {
            for _ in 0..3 {
                let mut unlucky = client(address);
                unlucky.write_all(b"draw 1\n").unwrap();
                assert_eq!(
                    all_of(&unlucky),
                    "error: busy: the server has no thread for another client, try again later\n"
                );
            }
            assert_eq!(sessions.lootbox.connected(), 0);
            assert_eq!(sessions.alive.load(SeqCst), 0);
            threads.none_left.store(false, SeqCst);
            let mut lucky = client(address);
            lucky.write_all(b"draw 1\n").unwrap();
            let mut line = String::new();
            BufReader::new(&lucky).read_line(&mut line).unwrap();
            assert!(line.trim_end().parse::<u64>().is_ok(), "{line:?}");
        });
    }

    /// Those who are told so may take a moment to hang up, and no more of them at once than there is room for; the
    /// others are not reset meanwhile.
    #[test]
    fn many_without_a_thread_are_all_told() {
        let threads = Arc::new(Scarce::default());
        threads.none_left.store(true, SeqCst);
        let sessions = sessions(&threads, Limits::default());
        beside_a_door(&sessions, |address| {
            let clients: Vec<_> = (0..100)
                .map(|_| {
                    let mut client = client(address);
                    client.write_all(b"draw 1\n").unwrap();
                    client
                })
                .collect();
            for client in clients {
                let told = all_of(&client);
                assert!(told.starts_with("error: busy"), "{told:?}");
            }
        });
    }

    #[test]
    fn who_said_quit_and_stays_is_a_client_still() {
        let limits = Limits {
            max_clients: 2,
            ..Limits::default()
        };
        let sessions = sessions(&Arc::default(), limits);
        beside_a_door(&sessions, |address| {
            // Their threads take up to a second to give up waiting for them to hang up.
            let stay: Vec<_> = (0..20)
                .map(|_| {
                    let mut client = client(address);
                    client.write_all(b"quit\n").unwrap();
                    client
                })
                .collect();
            for client in &stay {
                assert!(sessions.alive.load(SeqCst) <= 2);
                let told = all_of(client);
                assert!(told.is_empty() || told.starts_with("error: busy: 2 clients"));
            }
        });
    }
}
