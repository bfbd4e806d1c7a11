//! Ends the sessions of clients that have been silent for too long.
//!
//! A read with a timeout would do, and the system would wind up a clock and stop it again for each request: 3 % of
//! the rate with hundreds of clients and more. One thread that looks at all connections now and then costs nothing.

use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use nix::sys::socket::{MsgFlags, recv};
use parking_lot::Mutex;

use crate::lootbox::Line;

/// A client's connection. Its session reads and writes; the loot box may end it, and the [`Watch`].
///
/// On a cache line with no other session's: its session writes to it for each request.
#[derive(Debug)]
#[repr(align(128))]
pub struct Connection {
    /// Where the client's bytes come from and go to.
    pub stream: TcpStream,
    /// How often its session began and ended waiting for a request: odd while it waits. Written by the session
    /// only, and beside the stream, which it uses then anyway.
    waits: AtomicU64,
    silent: AtomicBool,
}

impl Connection {
    /// With a session that does not wait yet.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            waits: AtomicU64::new(0),
            silent: AtomicBool::new(false),
        }
    }

    /// Does what waits for the client's next request.
    pub fn waiting<T>(&self, read: impl FnOnce(&TcpStream) -> T) -> T {
        let waits = self.waits.load(Relaxed);
        self.waits.store(waits + 1, Relaxed);
        let result = read(&self.stream);
        self.waits.store(waits + 2, Relaxed);
        result
    }

    fn has_something_to_read(&self) -> bool {
        let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
        recv(self.stream.as_raw_fd(), &mut [0], flags).is_ok_and(|count| count > 0)
    }

    /// Whether reading was ended because nothing came for too long.
    #[must_use]
    pub fn was_silent(&self) -> bool {
        self.silent.load(Relaxed)
    }
}

/// The loot box ends a session through its socket.
impl Line for Arc<Connection> {
    fn stop_reading(&self) {
        // It may be closed already, and that is as well.
        _ = self.stream.shutdown(Shutdown::Read);
    }

    fn cut(&self) {
        _ = self.stream.shutdown(Shutdown::Both);
    }
}

/// A connection, and since when its session has been waiting as it does now.
#[derive(Debug)]
struct Watched {
    connection: Weak<Connection>,
    waits: u64,
    since: Instant,
}

/// Knows all connections; see the [module](self).
#[derive(Debug)]
pub struct Watch {
    limit: Duration,
    watched: Mutex<Vec<Watched>>,
}

impl Watch {
    /// For clients that may be silent for `limit` between two requests.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            watched: Mutex::default(),
        }
    }

    /// How often to [look](Self::look). A silence begins at one look and ends at another: it lasts up to twice this
    /// longer than the limit.
    #[must_use]
    pub fn interval(&self) -> Duration {
        (self.limit / 16).clamp(Duration::from_millis(5), Duration::from_secs(5))
    }

    /// Watches one more.
    pub fn add(&self, connection: &Arc<Connection>) {
        self.watched.lock().push(Watched {
            connection: Arc::downgrade(connection),
            // No wait has this number: the time begins when the first one is seen.
            waits: 0,
            since: Instant::now(),
        });
    }

    /// Ends reading from who has been silent for too long at `now`, and forgets who is gone.
    pub fn look(&self, now: Instant) {
        self.watched.lock().retain_mut(|watched| {
            let Some(connection) = watched.connection.upgrade() else {
                return false;
            };
            let waits = connection.waits.load(Relaxed);
            if waits % 2 == 0 || waits != watched.waits {
                watched.waits = waits;
                watched.since = now;
                return true;
            }
            if now.saturating_duration_since(watched.since) < self.limit {
                return true;
            }
            if connection.has_something_to_read() {
                // Its session has not come to it yet: whatever held it up, the client is not silent.
                watched.since = now;
                return true;
            }
            // Before the shutdown that the session wakes from. A request that comes at this very moment is answered, and
            // then the client is told.
            connection.silent.store(true, Relaxed);
            connection.stop_reading();
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::TcpListener;
    use std::sync::mpsc;
    use std::thread;

    const LIMIT: Duration = Duration::from_mins(1);

    fn pair() -> (TcpStream, Arc<Connection>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        (client, Arc::new(Connection::new(stream)))
    }

    fn read(mut stream: &TcpStream) -> usize {
        stream.read(&mut [0; 8]).unwrap()
    }

    #[test]
    fn who_waits_as_long_as_the_limit_reads_no_more() {
        let (_client, connection) = pair();
        let watch = Watch::new(LIMIT);
        let begun = Instant::now();
        watch.add(&connection);
        let (told, said) = mpsc::channel();
        thread::scope(|threads| {
            let connection = &connection;
            threads.spawn(move || {
                connection.waiting(|stream| {
                    told.send(()).unwrap();
                    assert_eq!(read(stream), 0);
                });
            });
            said.recv().unwrap();
            watch.look(begun);
            watch.look(begun + Duration::from_secs(59));
            assert!(!connection.was_silent());
            watch.look(begun + LIMIT);
            assert!(connection.was_silent());
        });
    }

    #[test]
    fn a_request_begins_the_time_again() {
        let (mut client, connection) = pair();
        let watch = Watch::new(LIMIT);
        let begun = Instant::now();
        watch.add(&connection);
        for round in 0..3 {
            let now = begun + LIMIT * round;
            client.write_all(b"draw 1\n").unwrap();
            connection.waiting(|stream| {
                watch.look(now);
                assert_eq!(read(stream), 7);
            });
            connection.waiting(|_| watch.look(now + LIMIT / 2));
        }
        assert!(!connection.was_silent());
    }

    /// The whole process was stopped, say, and its threads do not wake in the order of what happened.
    #[test]
    fn a_request_that_waits_to_be_read_is_no_silence() {
        let (mut client, connection) = pair();
        let watch = Watch::new(LIMIT);
        let begun = Instant::now();
        watch.add(&connection);
        connection.waiting(|stream| {
            watch.look(begun);
            client.write_all(b"draw 1\n").unwrap();
            // It has come when it can be seen.
            stream.peek(&mut [0]).unwrap();
            watch.look(begun + 2 * LIMIT);
            assert_eq!(read(stream), 7);
        });
        assert!(!connection.was_silent());
    }

    /// It may draw in a long window, be paused, or have an answer that is taken slowly.
    #[test]
    fn a_session_that_is_busy_is_not_silent() {
        let (_client, connection) = pair();
        let watch = Watch::new(LIMIT);
        let begun = Instant::now();
        watch.add(&connection);
        for hours in 0..10 {
            watch.look(begun + Duration::from_hours(hours));
        }
        assert!(!connection.was_silent());
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let (_client, connection) = pair();
        let watch = Watch::new(LIMIT);
        watch.add(&connection);
        drop(connection);
        watch.look(Instant::now());
        assert!(watch.watched.lock().is_empty());
    }
}
