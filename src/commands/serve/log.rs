//! The log on standard error, where a status line may stand and a dashboard may have the terminal.

use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tracing_subscriber::EnvFilter;

use crate::escaped::harmless;

/// Log lines go to standard error through a thread of their own: a terminal that is stopped with
/// Ctrl-S stops nobody who draws. Lines that do not fit in the queue are dropped.
pub(super) fn start() -> tracing_appender::non_blocking::WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(StandardError {
        terminal: io::stderr().is_terminal(),
    });
    let filter = EnvFilter::try_from_env("LOOTBOX_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A program that runs two servers has one log.
    _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .with_target(false)
        .try_init();
    guard
}

/// While the dashboard has the terminal, log lines would destroy its picture: they are left out, as
/// the status line is.
pub(super) static QUIET: AtomicBool = AtomicBool::new(false);

/// Back to the beginning of the line, and nothing on it.
pub(super) const CLEAR_LINE: &[u8] = b"\r\x1b[K";

/// Standard error, on which a status line may stand.
struct StandardError {
    terminal: bool,
}

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.terminal && QUIET.load(Relaxed) {
            return Ok(bytes.len());
        }
        let mut stderr = io::stderr().lock();
        if self.terminal {
            stderr.write_all(CLEAR_LINE)?;
        }
        // Names in it, of files say, are other people's.
        let line = String::from_utf8_lossy(bytes);
        stderr.write_all(harmless(&line).as_bytes())?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
