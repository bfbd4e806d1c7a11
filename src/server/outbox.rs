//! What is to be sent to one client.

use std::io::{self, ErrorKind, Write};
use std::net::TcpStream;
use std::time::Duration;

use crate::protocol;

/// So much is collected before it is sent; and so much a slow client has to take within each write timeout, unless it is
/// the reply in a window.
pub const PIECE: usize = 64 * 1024;

/// Room for the text of small answers, on cache lines with no other session's.
const AT_FIRST: usize = 512;

/// Collects answers and sends them with as few writes as possible. What could not be sent is
/// counted, never forgotten.
#[derive(Debug)]
pub struct Outbox<'a> {
    stream: &'a TcpStream,
    text: Vec<u8>,
    undelivered: u64,
    broken: bool,
}

impl<'a> Outbox<'a> {
    /// For one connection. Each piece may take `timeout`.
    ///
    /// # Errors
    /// If the system refuses the timeout.
    pub fn new(stream: &'a TcpStream, timeout: Duration) -> io::Result<Self> {
        stream.set_write_timeout(Some((timeout / 2).max(Duration::from_millis(1))))?;
        Ok(Self {
            stream,
            text: Vec::with_capacity(AT_FIRST),
            undelivered: 0,
            broken: false,
        })
    }

    /// Sends many lines as they stand, after what was added before: a copy of them would cost more than a write.
    pub fn send_as_they_stand(&mut self, lines: &[u8]) {
        self.flush();
        self.write_out(lines, PIECE);
    }

    /// Adds lines, each a number or an error.
    pub fn push(&mut self, lines: &[u8]) {
        self.text.extend_from_slice(lines);
    }

    /// Whether enough has come together to be sent.
    #[must_use]
    pub fn is_full(&self) -> bool {
        self.text.len() >= PIECE
    }

    /// Whether nothing waits to be sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.text.is_empty()
    }

    /// Whether the client is gone: what is added from now on is undelivered.
    #[must_use]
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// How many numbers could not be sent since this was asked last.
    pub fn take_undelivered(&mut self) -> u64 {
        std::mem::take(&mut self.undelivered)
    }

    /// Sends everything, with the write timeout for each piece.
    pub fn flush(&mut self) {
        self.send(PIECE);
    }

    /// Sends everything within one write timeout: in a window others may wait for it.
    pub fn flush_at_once(&mut self) {
        self.send(usize::MAX);
    }

    /// Sends one number or error as a message of the course dialect: without its line end.
    pub fn send_message(&mut self, line: &[u8]) {
        debug_assert!(self.text.is_empty(), "a message begins where no line waits");
        let message = line.strip_suffix(b"\n").unwrap_or(line);
        self.push(message);
        self.flush_at_once();
    }

    fn send(&mut self, piece: usize) {
        let mut text = std::mem::take(&mut self.text);
        self.write_out(&text, piece);
        text.clear();
        // One long answer must not keep its memory for the rest of the connection.
        text.shrink_to(2 * PIECE);
        self.text = text;
    }

    fn write_out(&mut self, text: &[u8], piece: usize) {
        let mut sent = 0;
        if !self.broken {
            let (written, error) = write_within(&mut self.stream, text, piece);
            sent = written;
            if let Some(error) = error {
                if is_timeout(&error) {
                    let peer = self.stream.peer_addr().ok();
                    tracing::warn!(
                        ?peer,
                        "closed a client that did not take its numbers in time"
                    );
                } else {
                    tracing::debug!(%error, "a client is gone in the middle of its numbers");
                }
                self.broken = true;
            }
        }
        self.undelivered += protocol::numbers_unwritten(text, sent);
    }
}

fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::TimedOut | ErrorKind::WouldBlock)
}

/// Writes all of `bytes`, or as much as the client takes before the stream's timeout, which is half of the write
/// timeout, has passed twice without another `piece` of them. Returns how many bytes were written, and why not all.
///
/// There is no clock here: this runs between the read and the write of a draw. A blocking write
/// comes back with less than everything only after its timeout, or for a signal; so the rest gets one
/// more try. Each write is of all that is left: the kernel has ways to cut it up that cost less.
fn write_within(stream: &mut impl Write, bytes: &[u8], piece: usize) -> (usize, Option<io::Error>) {
    let mut written = 0;
    let mut due = piece;
    let mut tries = 2;
    while written < bytes.len() {
        match stream.write(&bytes[written..]) {
            Ok(0) => return (written, Some(ErrorKind::WriteZero.into())),
            Ok(count) => written += count,
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            // Nothing at all within the timeout is a try, too.
            Err(error) if is_timeout(&error) => {}
            Err(error) => return (written, Some(error)),
        }
        tries -= 1;
        if written >= due {
            due = written.saturating_add(piece);
            tries = 2;
        }
        if tries == 0 && written < bytes.len() {
            return (written, Some(ErrorKind::TimedOut.into()));
        }
    }
    (written, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Takes as much at each write as it is told, and then nothing within the timeout.
    struct Takes(Vec<usize>);

    impl Write for Takes {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Err(ErrorKind::WouldBlock.into());
            }
            Ok(self.0.remove(0).min(bytes.len()))
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn written(takes: &[usize], piece: usize) -> (usize, Option<ErrorKind>) {
        let (written, error) = write_within(&mut Takes(takes.to_vec()), &[0; 1_000], piece);
        (written, error.map(|error| error.kind()))
    }

    #[test]
    fn who_takes_a_piece_in_time_gets_all_however_long_it_takes() {
        assert_eq!(written(&[1_000], 100), (1_000, None));
        assert_eq!(written(&[100; 10], 100), (1_000, None));
        assert_eq!(written(&[50; 20], 100), (1_000, None));
        assert_eq!(written(&[120, 90, 10, 780], 100), (1_000, None));
    }

    #[test]
    fn who_takes_less_than_a_piece_in_time_is_given_up() {
        let late = Some(ErrorKind::TimedOut);
        assert_eq!(written(&[49, 50, 900], 100), (99, late));
        assert_eq!(written(&[100, 100, 1, 1, 900], 100), (202, late));
        assert_eq!(written(&[100, 60], 100), (160, late));
        assert_eq!(written(&[], 100), (0, late));
    }

    /// In a window others may wait for it.
    #[test]
    fn in_a_window_all_of_it_has_one_write_timeout() {
        assert_eq!(
            written(&[400, 400, 400], usize::MAX),
            (800, Some(ErrorKind::TimedOut))
        );
        assert_eq!(written(&[400, 600], usize::MAX), (1_000, None));
    }
}
