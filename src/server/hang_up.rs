//! Hanging up so that the other side still reads what it was told.
//!
//! Closing at once, while its requests wait unread, would reset the connection, and a reset
//! discards what is on the way to it.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::os::fd::{AsFd, BorrowedFd};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags};

use super::connection::Connection;

/// How long the other side may take to hang up too.
const LINGER: Duration = Duration::from_secs(1);
/// Who sends more than this does not listen.
const MAX_DISCARDED: usize = 1024 * 1024;

/// A stream of either kind.
pub trait Stream {
    /// The descriptor, to be polled.
    fn descriptor(&self) -> BorrowedFd<'_>;
    /// Says that nothing more will be written.
    ///
    /// # Errors
    /// If the other side is gone.
    fn stop_writing(&self) -> io::Result<()>;
    /// Reads, for so long at most.
    ///
    /// # Errors
    /// If nothing came in time, or the other side is gone.
    fn read_within(&self, time: Duration, buffer: &mut [u8]) -> io::Result<usize>;
    /// From now on neither reading nor writing waits.
    ///
    /// # Errors
    /// If the other side is gone.
    fn never_wait(&self) -> io::Result<()>;
    /// Reads.
    ///
    /// # Errors
    /// As the system says.
    fn read_some(&self, buffer: &mut [u8]) -> io::Result<usize>;
    /// Writes it all.
    ///
    /// # Errors
    /// As the system says.
    fn write_whole(&self, bytes: &[u8]) -> io::Result<()>;
}

macro_rules! streams {
    ($($kind:ty: $stream:ident => $inner:expr;)*) => {$(
        impl Stream for $kind {
            fn descriptor(&self) -> BorrowedFd<'_> {
                let $stream = self;
                $inner.as_fd()
            }

            fn stop_writing(&self) -> io::Result<()> {
                let $stream = self;
                $inner.shutdown(Shutdown::Write)
            }

            fn read_within(&self, time: Duration, buffer: &mut [u8]) -> io::Result<usize> {
                let $stream = self;
                $inner.set_read_timeout(Some(time))?;
                Read::read(&mut { $inner }, buffer)
            }

            fn never_wait(&self) -> io::Result<()> {
                let $stream = self;
                $inner.set_nonblocking(true)
            }

            fn read_some(&self, buffer: &mut [u8]) -> io::Result<usize> {
                let $stream = self;
                Read::read(&mut { $inner }, buffer)
            }

            fn write_whole(&self, bytes: &[u8]) -> io::Result<()> {
                let $stream = self;
                Write::write_all(&mut { $inner }, bytes)
            }
        }
    )*};
}

streams! {
    TcpStream: stream => stream;
    UnixStream: stream => stream;
    Arc<Connection>: connection => &connection.stream;
    Arc<UnixStream>: stream => stream.as_ref();
}

/// Ends writing, and reads away what still comes until the other side has hung up too, or has had
/// time enough.
pub fn hang_up_gently(stream: &impl Stream) {
    let begun = Instant::now();
    let mut buffer = [0; 4_096];
    let mut discarded = 0;
    if stream.stop_writing().is_err() {
        return;
    }
    while discarded < MAX_DISCARDED {
        let left = LINGER.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return;
        }
        match stream.read_within(left, &mut buffer) {
            Ok(0) => return,
            Ok(count) => discarded += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// The same for many at once, without a thread for each: there may be none. Whoever accepts looks after them.
pub(crate) struct Leaving<S> {
    most: usize,
    streams: Vec<Leaver<S>>,
}

struct Leaver<S> {
    stream: S,
    until: Instant,
    discarded: usize,
}

impl<S: Stream> Leaving<S> {
    /// Nobody yet, and never more than so many.
    pub(crate) fn new(most: usize) -> Self {
        Self {
            most,
            streams: Vec::new(),
        }
    }

    /// Whether one more can be told something before it is hung up on.
    pub(crate) fn has_room(&self) -> bool {
        self.streams.len() < self.most
    }

    /// Tells somebody its last words and lets it hang up. Without room it is told, and closed at once.
    pub(crate) fn tell(&mut self, stream: S, last_words: &[u8], now: Instant) {
        // A fresh connection takes so little at once; if not, it is gone, and is just closed.
        if stream.never_wait().is_ok()
            && stream.write_whole(last_words).is_ok()
            && stream.stop_writing().is_ok()
            && self.has_room()
        {
            self.streams.push(Leaver {
                stream,
                until: now + LINGER,
                discarded: 0,
            });
        }
    }

    /// What to wait for, beside the [time](Self::next_end).
    pub(crate) fn polled(&self) -> impl Iterator<Item = PollFd<'_>> {
        self.streams
            .iter()
            .map(|leaver| PollFd::new(leaver.stream.descriptor(), PollFlags::POLLIN))
    }

    /// When the first of them has had time enough.
    pub(crate) fn next_end(&self) -> Option<Instant> {
        self.streams.iter().map(|leaver| leaver.until).min()
    }

    /// Reads away what came, and closes whoever has hung up, or has had time enough.
    pub(crate) fn look(&mut self, now: Instant) {
        let mut buffer = [0; 4_096];
        self.streams.retain_mut(|leaver| {
            while now < leaver.until && leaver.discarded < MAX_DISCARDED {
                match leaver.stream.read_some(&mut buffer) {
                    Ok(0) => return false,
                    Ok(count) => leaver.discarded += count,
                    Err(error) if error.kind() == ErrorKind::Interrupted => {}
                    Err(error) => return error.kind() == ErrorKind::WouldBlock,
                }
            }
            false
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_leaves_reads_the_last_words_though_it_wrote_before() {
        let (mut client, server) = UnixStream::pair().unwrap();
        client.write_all(b"a command that nobody reads\n").unwrap();
        let begun = Instant::now();
        let mut leaving = Leaving::new(1);
        leaving.tell(server, b"busy\n", begun);
        assert!(!leaving.has_room());
        leaving.look(begun);
        assert!(!leaving.has_room(), "it has not hung up");
        client.write_all(b"and one more\n").unwrap();
        leaving.look(begun);
        let mut told = String::new();
        client.read_to_string(&mut told).unwrap();
        assert_eq!(told, "busy\n");
        drop(client);
        leaving.look(begun);
        assert!(leaving.has_room());
    }

    #[test]
    fn who_does_not_leave_is_closed_in_time() {
        let (_client, server) = UnixStream::pair().unwrap();
        let begun = Instant::now();
        let mut leaving = Leaving::new(1);
        leaving.tell(server, b"busy\n", begun);
        assert_eq!(leaving.next_end(), Some(begun + LINGER));
        leaving.look(begun + LINGER);
        assert!(leaving.has_room());
    }
}
