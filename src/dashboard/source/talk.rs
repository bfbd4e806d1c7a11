//! One connection to a control socket, with whoever is at its other end: lines of a length that can be, in a time that
//! can be.

use std::io::{self, BufRead, BufReader, ErrorKind, Read, Write};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use crate::escaped::{escaped_path, excerpt};
use crate::record::Snapshot;
use crate::server::control::Answer;

/// A server that says nothing for so long is connected to anew.
const SILENCE: Duration = Duration::from_secs(10);
/// A snapshot of 2,000 clients with long names is less than half of this.
const MAX_LINE_LEN: u64 = 4 << 20;
/// Nobody reads more of what a server says.
pub(super) const READABLE: usize = 1_000;
/// How long `--once` takes at most, whatever the other end does.
const ONCE: Duration = Duration::from_secs(10);

/// Connects, and waits no longer than [`SILENCE`] for anything.
pub(super) fn connect(path: &Path) -> io::Result<UnixStream> {
    let stream = UnixStream::connect(path)?;
    stream.set_read_timeout(Some(SILENCE))?;
    stream.set_write_timeout(Some(SILENCE))?;
    Ok(stream)
}

/// What the other end says.
pub(super) struct Lines<R> {
    reader: BufReader<R>,
    line: Vec<u8>,
    longest: u64,
}

impl<R: Read> Lines<R> {
    pub(super) fn of(stream: R) -> Self {
        Self {
            reader: BufReader::new(stream),
            line: Vec::new(),
            longest: MAX_LINE_LEN,
        }
    }

    /// The next answer.
    pub(super) fn next_answer(&mut self) -> io::Result<Answer> {
        self.line.clear();
        let mut bounded = self.reader.by_ref().take(self.longest);
        if bounded.read_until(b'\n', &mut self.line)? == 0 {
            return Err(ErrorKind::UnexpectedEof.into());
        }
        if self.line.len() as u64 == self.longest && !self.line.ends_with(b"\n") {
            return Err(io::Error::other(format!(
                "what answers there says a line of over {} bytes, and is no server of lootbox",
                self.longest
            )));
        }
        serde_json::from_slice(&self.line).map_err(|error| {
            io::Error::other(format!(
                "cannot read what the server says, it may be of another version: {error}"
            ))
        })
    }
}

/// One snapshot, for `--once`.
///
/// # Errors
/// If nobody answers at `path` as a server does, in words.
pub fn once(path: &Path) -> Result<Snapshot, String> {
    within(path, ONCE).map_err(|error| why(&error, path))
}

/// One snapshot, by then. Another thread waits for it, because what is at the other end may keep us in `connect`, in a
/// write, in a line that does not end or with lines that do not end.
pub(super) fn within(path: &Path, time: Duration) -> io::Result<Snapshot> {
    let until = Instant::now() + time;
    let (sender, answer) = mpsc::channel();
    let path = path.to_owned();
    thread::Builder::new()
        .name("dashboard".into())
        .spawn(move || _ = sender.send(ask(&path, until)))?;
    answer
        .recv_timeout(time)
        .unwrap_or_else(|_| Err(ErrorKind::TimedOut.into()))
}

fn ask(path: &Path, until: Instant) -> io::Result<Snapshot> {
    let mut stream = connect(path)?;
    let asked = stream.write_all(b"{\"do\":\"watch\",\"per_second\":0}\n{\"do\":\"snapshot\"}\n");
    let mut lines = Lines::of(stream);
    while Instant::now() < until {
        match lines.next_answer() {
            Ok(Answer::Snapshot(snapshot)) => return Ok(*snapshot),
            Ok(Answer::Error(error)) => return Err(io::Error::other(error)),
            Ok(_) => {}
            // What it had to say is more than that it did not listen.
            Err(error) => return asked.and(Err(error)),
        }
    }
    Err(ErrorKind::TimedOut.into())
}

/// Why there is no connection, in words.
pub(super) fn why(error: &io::Error, path: &Path) -> String {
    let shown = escaped_path(path);
    if let Err(no_socket) = check(path) {
        return no_socket;
    }
    match error.kind() {
        ErrorKind::NotFound => format!("no server at {shown}"),
        ErrorKind::ConnectionRefused => format!("the server at {shown} is gone"),
        ErrorKind::PermissionDenied => format!("{shown} is another user's: see --control-group"),
        ErrorKind::UnexpectedEof => "the server has closed the connection".to_owned(),
        ErrorKind::WouldBlock | ErrorKind::TimedOut => {
            format!("the server at {shown} says nothing that can be shown")
        }
        ErrorKind::Other => format!("{shown}: {}", excerpt(error.to_string(), READABLE)),
        _ => format!("{shown}: {error}"),
    }
}

/// Sees that this can be a control socket: one that is there is a socket, and one that is not is no network address.
///
/// # Errors
/// What it is, and what is wanted.
pub fn check(path: &Path) -> Result<(), String> {
    let shown = escaped_path(path);
    match std::fs::metadata(path) {
        Ok(found) if !found.file_type().is_socket() => Err(format!(
            "{shown} is no socket: --connect takes the path of a server's control socket, which lootbox serve --headless prints"
        )),
        Err(_) if is_address(path) => Err(format!(
            "{shown} is an address; a control socket is wanted, the path that lootbox serve --headless prints: on another machine, ssh -t HOST lootbox dashboard"
        )),
        _ => Ok(()),
    }
}

/// `HOST:PORT`, without asking anybody for the name.
fn is_address(path: &Path) -> bool {
    path.to_str().is_some_and(|text| {
        text.rsplit_once(':').is_some_and(|(host, port)| {
            !host.contains('/') && port.parse::<u16>().is_ok() && !host.is_empty()
        })
    })
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixListener;

    use super::*;

    /// Somebody who listens like a server, and does this with whoever comes.
    fn falsely(does: fn(UnixStream)) -> tempfile::TempDir {
        let directory = tempfile::tempdir().unwrap();
        let listener = UnixListener::bind(directory.path().join("false.sock")).unwrap();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                thread::spawn(move || does(stream));
            }
        });
        directory
    }

    fn say_for_ever(mut stream: &UnixStream, bytes: &[u8]) {
        while stream.write_all(bytes).is_ok() {}
    }

    /// Each ends, and with what was wrong; the deadline is reached only by those that keep us waiting.
    #[test]
    fn whoever_listens_there_keeps_nobody() {
        let time = Duration::from_mins(1);
        let endless = falsely(|stream| say_for_ever(&stream, &[b'x'; 4096]));
        let error = within(&endless.path().join("false.sock"), time).unwrap_err();
        assert!(error.to_string().contains("a line of over"), "{error}");
        let errors = falsely(|stream| say_for_ever(&stream, b"{\"error\":\"no\\u001b[2J\"}\n"));
        let path = errors.path().join("false.sock");
        let error = within(&path, time).unwrap_err();
        assert_eq!(error.to_string(), "no\u{1b}[2J");
        assert!(!why(&error, &path).contains('\x1b'));
        let soon = Duration::from_millis(50);
        for does in [
            |stream: UnixStream| _ = (&stream).read(&mut [0; 1]).map(|_| thread::park()),
            |stream: UnixStream| say_for_ever(&stream, b"{\"ok\":true}\n"),
        ] {
            let keeps_us = falsely(does);
            let error = within(&keeps_us.path().join("false.sock"), soon).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::TimedOut);
        }
    }

    #[test]
    fn what_is_no_socket_is_called_so() {
        let directory = tempfile::tempdir().unwrap();
        let file = directory.path().join("file");
        std::fs::write(&file, "").unwrap();
        assert!(check(&file).unwrap_err().contains("is no socket"));
        for address in ["127.0.0.1:7777", "localhost:80", "[::1]:7777"] {
            let error = check(Path::new(address)).unwrap_err();
            assert!(error.contains("is an address"), "{error}");
        }
        for path in ["/nowhere/1.sock", "1.sock", "a/b:1", ":1"] {
            assert_eq!(check(Path::new(path)), Ok(()));
        }
        let listener = UnixListener::bind(directory.path().join("1.sock")).unwrap();
        assert_eq!(check(&directory.path().join("1.sock")), Ok(()));
        drop(listener);
    }
}
