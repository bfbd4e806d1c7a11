//! Ends the sessions of clients that have been idle for too long: no request came within the idle timeout.
//!
//! A read with a timeout would do, and the system would wind up a clock and stop it again for each request: 3 % of
//! the rate with hundreds of clients and more. One thread that looks at all connections now and then costs nothing.

use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::connection::Connection;

/// A connection, and since when its session has been waiting as it does now.
#[derive(Debug)]
struct Known {
    connection: Weak<Connection>,
    waits: u64,
    since: Instant,
}

/// Knows all connections, and which of them are idle; see the [module](self).
#[derive(Debug)]
pub struct IdleClients {
    limit: Duration,
    known: Mutex<Vec<Known>>,
}

impl IdleClients {
    /// For clients that may be idle for `limit` between two requests.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self {
            limit,
            known: Mutex::default(),
        }
    }

    /// How often to [look](Self::look). Being idle is seen to begin at one look and ended at another: it lasts up to
    /// twice this longer than the limit.
    #[must_use]
    pub fn interval(&self) -> Duration {
        (self.limit / 16).clamp(Duration::from_millis(5), Duration::from_secs(5))
    }

    /// Looks after one more.
    pub fn add(&self, connection: &Arc<Connection>) {
        self.known.lock().push(Known {
            connection: Arc::downgrade(connection),
            // No wait has this number: the time begins when the first one is seen.
            waits: 0,
            since: Instant::now(),
        });
    }

    /// Ends reading from who has been idle for too long at `now`, and forgets who is gone.
    pub fn look(&self, now: Instant) {
        self.known.lock().retain_mut(|known| {
            let Some(connection) = known.connection.upgrade() else {
                return false;
            };
            let waits = connection.waits();
            if waits % 2 == 0 || waits != known.waits {
                known.waits = waits;
                known.since = now;
                return true;
            }
            if now.saturating_duration_since(known.since) < self.limit {
                return true;
            }
            if connection.has_something_to_read() {
                // Its session has not come to it yet: whatever held it up, the client is not idle.
                known.since = now;
                return true;
            }
            // A request that comes at this very moment is answered, and then the client is told.
            connection.end_as_idle();
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{Read, Write};
    use std::net::{TcpListener, TcpStream};
    use std::sync::mpsc;
    use std::thread;

    const LIMIT: Duration = Duration::from_mins(1);

    /// A client, its connection, and who looks after it.
    fn one() -> (TcpStream, Arc<Connection>, IdleClients) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let client = TcpStream::connect(listener.local_addr().unwrap()).unwrap();
        let (stream, _) = listener.accept().unwrap();
        let connection = Arc::new(Connection::new(stream));
        let clients = IdleClients::new(LIMIT);
        clients.add(&connection);
        (client, connection, clients)
    }

    fn read(mut stream: &TcpStream) -> usize {
        stream.read(&mut [0; 8]).unwrap()
    }

    #[test]
    fn who_waits_as_long_as_the_limit_reads_no_more() {
        let (_client, connection, clients) = one();
        let begun = Instant::now();
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
            clients.look(begun);
            clients.look(begun + Duration::from_secs(59));
            assert!(!connection.was_idle());
            clients.look(begun + LIMIT);
            assert!(connection.was_idle());
        });
    }

    #[test]
    fn a_request_begins_the_time_again() {
        let (mut client, connection, clients) = one();
        let begun = Instant::now();
        for round in 0..3 {
            let now = begun + LIMIT * round;
            client.write_all(b"draw 1\n").unwrap();
            connection.waiting(|stream| {
                clients.look(now);
                assert_eq!(read(stream), 7);
            });
            connection.waiting(|_| clients.look(now + LIMIT / 2));
        }
        assert!(!connection.was_idle());
    }

    /// The whole process was stopped, say, and its threads do not wake in the order of what happened.
    #[test]
    fn a_request_that_waits_to_be_read_is_not_idle() {
        let (mut client, connection, clients) = one();
        let begun = Instant::now();
        connection.waiting(|stream| {
            clients.look(begun);
            client.write_all(b"draw 1\n").unwrap();
            // It has come when it can be seen.
            stream.peek(&mut [0]).unwrap();
            clients.look(begun + 2 * LIMIT);
            assert_eq!(read(stream), 7);
        });
        assert!(!connection.was_idle());
    }

    /// It may draw in a long window, be paused, or have an answer that is taken slowly.
    #[test]
    fn a_session_that_is_busy_is_not_idle() {
        let (_client, connection, clients) = one();
        let begun = Instant::now();
        for hours in 0..10 {
            clients.look(begun + Duration::from_hours(hours));
        }
        assert!(!connection.was_idle());
    }

    #[test]
    fn who_is_gone_is_forgotten() {
        let (_client, connection, clients) = one();
        drop(connection);
        clients.look(Instant::now());
        assert!(clients.known.lock().is_empty());
    }
}
