//! Hanging up so that the other side still reads what it was told.
//!
//! Closing at once, while its requests wait unread, would reset the connection, and a reset
//! discards what is on the way to it.

use std::io::{self, ErrorKind, Read};
use std::net::{Shutdown, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

/// How long the other side may take to hang up too.
const LINGER: Duration = Duration::from_secs(1);
/// Who sends more than this does not listen.
const MOST: usize = 1024 * 1024;

/// A stream of either kind.
pub trait Stream {
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
}

impl Stream for TcpStream {
    fn stop_writing(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn read_within(&self, time: Duration, buffer: &mut [u8]) -> io::Result<usize> {
        self.set_read_timeout(Some(time))?;
        (&*self).read(buffer)
    }
}

impl Stream for UnixStream {
    fn stop_writing(&self) -> io::Result<()> {
        self.shutdown(Shutdown::Write)
    }

    fn read_within(&self, time: Duration, buffer: &mut [u8]) -> io::Result<usize> {
        self.set_read_timeout(Some(time))?;
        (&*self).read(buffer)
    }
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
    while discarded < MOST {
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
