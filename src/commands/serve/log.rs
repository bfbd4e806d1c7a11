//! The log on standard error, where a status line may stand and a dashboard may have the terminal.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};

use tracing_subscriber::EnvFilter;

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

/// A log line with what a terminal could take for a command written out. Names in it, of files say, are other people's.
fn harmless(line: &[u8]) -> Cow<'_, [u8]> {
    if !line
        .iter()
        .any(|&byte| byte != b'\n' && (byte.is_ascii_control() || !byte.is_ascii()))
    {
        return line.into();
    }
    let mut shown = String::new();
    for character in String::from_utf8_lossy(line).chars() {
        match character {
            '\n' => shown.push('\n'),
            _ if character.is_control() => shown.extend(character.escape_debug()),
            _ => shown.push(character),
        }
    }
    shown.into_bytes().into()
}

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
        stderr.write_all(&harmless(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

#[cfg(test)]
mod tests {
    use super::harmless;

    #[test]
    fn a_name_in_the_log_gives_the_terminal_no_commands() {
        let line = "INFO path=/tmp/\u{1b}[2J\u{9b}2J\r.sock, Ä and one\n";
        assert_eq!(
            &*harmless(line.as_bytes()),
            "INFO path=/tmp/\\u{1b}[2J\\u{9b}2J\\r.sock, Ä and one\n".as_bytes()
        );
        assert_eq!(&*harmless(b"plain\n"), b"plain\n");
    }
}
