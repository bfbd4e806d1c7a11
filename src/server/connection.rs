//! A client's connection, as its session, the loot box and the idle timeout share it.

use std::net::{Shutdown, TcpStream};
use std::os::fd::AsRawFd;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};

use nix::sys::socket::{MsgFlags, recv};

use crate::lootbox::Line;

/// A client's connection. Its session reads and writes; the loot box may end it, and [`IdleClients`](super::idle::IdleClients).
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
    was_idle: AtomicBool,
}

impl Connection {
    /// With a session that does not wait yet.
    #[must_use]
    pub fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            waits: AtomicU64::new(0),
            was_idle: AtomicBool::new(false),
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

    /// Whether something has come that the session has not read yet.
    #[must_use]
    pub fn has_something_to_read(&self) -> bool {
        let flags = MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT;
        recv(self.stream.as_raw_fd(), &mut [0], flags).is_ok_and(|count| count > 0)
    }

    /// How often its session began and ended waiting for a request: odd while it waits.
    #[must_use]
    pub fn waits(&self) -> u64 {
        self.waits.load(Relaxed)
    }

    /// Ends its session, which finds out why.
    pub fn end_as_idle(&self) {
        // Before the shutdown that the session wakes from.
        self.was_idle.store(true, Relaxed);
        self.stop_reading();
    }

    /// Whether reading was ended because no request came for too long.
    #[must_use]
    pub fn was_idle(&self) -> bool {
        self.was_idle.load(Relaxed)
    }

    fn stop_reading(&self) {
        // It may be closed already, and that is as well.
        _ = self.stream.shutdown(Shutdown::Read);
    }
}

/// The loot box ends a session through its socket.
impl Line for Arc<Connection> {
    fn stop_reading(&self) {
        Connection::stop_reading(self);
    }

    fn cut(&self) {
        _ = self.stream.shutdown(Shutdown::Both);
    }
}
