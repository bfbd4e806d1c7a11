//! Where snapshots come from and commands go to: a server in this process, or a control socket.
//!
//! Both are threads of their own that send [`Message`]s, so a server that takes its time (a change of
//! mode waits for draws in flight) holds up no key and no picture. Neither touches a draw.

mod find;
mod talk;

use std::io::{self, Write};
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

use super::app::Message;
use crate::server::Host;
use crate::server::command::Command;
use crate::server::control::Answer;
pub use find::{Found, Server, find};
use talk::{Lines, connect, why};
pub use talk::{check, once};

/// The waits between tries to connect again.
const BACK_OFF: [Duration; 5] = [
    Duration::from_millis(250),
    Duration::from_millis(500),
    Duration::from_secs(1),
    Duration::from_secs(2),
    Duration::from_secs(5),
];
/// What a server may say at once; a server of ours says a snapshot and an answer to each key.
const BURST: u32 = 64;
/// In so long.
const BREATH: Duration = Duration::from_millis(250);

/// What is asked of a server.
#[derive(Clone, Copy, Debug)]
pub enum Ask {
    /// Carry this out.
    Command(Command),
    /// Tell the story of this ticket.
    Story(u64),
}

/// Starts a thread that watches the server in this process, and returns the way to ask it.
///
/// # Errors
/// If there is no thread left.
pub fn local(
    host: Arc<Host>,
    per_second: u32,
    messages: Sender<Message>,
) -> io::Result<Sender<Ask>> {
    let (asks, asked) = mpsc::channel();
    thread::Builder::new()
        .name("dashboard".into())
        .spawn(move || watch_host(&host, per_second, &asked, &messages))?;
    Ok(asks)
}

/// Ends when nobody listens any more, or the server stops.
fn watch_host(host: &Host, per_second: u32, asked: &Receiver<Ask>, messages: &Sender<Message>) {
    let every = Duration::from_secs(1) / per_second.max(1);
    let mut next = Instant::now();
    loop {
        if host.is_stopped() {
            _ = messages.send(Message::ServerEnded);
            return;
        }
        let answer = match asked.recv_timeout(next.saturating_duration_since(Instant::now())) {
            Ok(Ask::Command(command)) => Some(match host.command(command) {
                Ok(()) => Message::Done,
                Err(error) => Message::Refused(error),
            }),
            Ok(Ask::Story(ticket)) => Some(match host.story(ticket) {
                Ok(story) => Message::Story(Box::new(story)),
                Err(error) => Message::Refused(error),
            }),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => return,
        };
        // After a command at once: whoever pressed the key wants to see it.
        if answer.is_some_and(|answer| messages.send(answer).is_err())
            || messages
                .send(Message::Snapshot(Box::new(host.snapshot())))
                .is_err()
        {
            return;
        }
        next = Instant::now() + every;
    }
}

/// Starts threads that stay connected to the control socket at `path`, and returns the way to ask.
///
/// # Errors
/// If there is no thread left.
pub fn remote(
    path: PathBuf,
    per_second: u32,
    messages: Sender<Message>,
) -> io::Result<Sender<Ask>> {
    let (asks, asked) = mpsc::channel();
    let connection = Arc::new(Mutex::new(None));
    let writing = Arc::clone(&connection);
    let answers = messages.clone();
    thread::Builder::new()
        .name("dashboard".into())
        .spawn(move || send_asks(&writing, &asked, &answers))?;
    thread::Builder::new()
        .name("dashboard".into())
        .spawn(move || stay_connected(&path, per_second, &connection, &messages))?;
    Ok(asks)
}

fn send_asks(
    connection: &Mutex<Option<UnixStream>>,
    asked: &Receiver<Ask>,
    messages: &Sender<Message>,
) {
    while let Ok(ask) = asked.recv() {
        let mut lines = match ask {
            Ask::Command(command) => serde_json::to_string(&command).unwrap_or_default(),
            Ask::Story(ticket) => format!("{{\"do\":\"story\",\"ticket\":{ticket}}}"),
        };
        lines.push_str("\n{\"do\":\"snapshot\"}\n");
        let stream = connection
            .lock()
            .as_ref()
            .and_then(|stream| stream.try_clone().ok());
        let sent = stream.is_some_and(|mut stream| stream.write_all(lines.as_bytes()).is_ok());
        if !sent
            && messages
                .send(Message::Refused("not connected: nobody to tell".into()))
                .is_err()
        {
            return;
        }
    }
}

fn stay_connected(
    path: &Path,
    per_second: u32,
    connection: &Mutex<Option<UnixStream>>,
    messages: &Sender<Message>,
) {
    let mut tries: u32 = 0;
    loop {
        let result = watch_socket(path, per_second, connection, messages, &mut tries);
        *connection.lock() = None;
        let Err(error) = result else {
            return;
        };
        let retry = BACK_OFF[usize::try_from(tries)
            .unwrap_or(usize::MAX)
            .min(BACK_OFF.len() - 1)];
        tries += 1;
        let lost = Message::Lost {
            why: why(&error, path),
            attempt: tries,
            retry,
        };
        if messages.send(lost).is_err() {
            return;
        }
        thread::sleep(retry);
    }
}

/// One connection, from its beginning to its end. `Ok`: nobody listens any more.
fn watch_socket(
    path: &Path,
    per_second: u32,
    connection: &Mutex<Option<UnixStream>>,
    messages: &Sender<Message>,
    tries: &mut u32,
) -> io::Result<()> {
    let mut stream = connect(path)?;
    writeln!(stream, "{{\"do\":\"watch\",\"per_second\":{per_second}}}")?;
    *connection.lock() = Some(stream.try_clone()?);
    let mut lines = Lines::of(stream);
    // The answer to `watch` is nobody's.
    let mut ours = 1;
    let (mut said, mut since) = (0, Instant::now());
    loop {
        let message = match lines.next_answer()? {
            Answer::Snapshot(snapshot) => Message::Snapshot(snapshot),
            Answer::Story(story) => Message::Story(story),
            Answer::Ok(_) if ours > 0 => {
                ours -= 1;
                continue;
            }
            Answer::Ok(_) => Message::Done,
            // `watch` is refused only by a server that has no place for us.
            Answer::Error(error) if ours > 0 => return Err(io::Error::other(error)),
            Answer::Error(error) => Message::Refused(error),
        };
        *tries = 0;
        if messages.send(message).is_err() {
            return Ok(());
        }
        // Messages wait in memory, and keys behind them: who says more than can be shown has to wait.
        said += 1;
        if since.elapsed() >= BREATH {
            (said, since) = (1, Instant::now());
        } else if said >= BURST {
            thread::sleep(BREATH.saturating_sub(since.elapsed()));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::unix::net::UnixListener;

    use super::*;

    /// The live dashboard too: it says why, and tries again later.
    #[test]
    fn a_false_server_is_left() {
        for (says, wrong) in [
            ("x".repeat(4096), "a line of over"),
            (
                "{\"error\":\"busy: too many\"}\n".to_owned(),
                "busy: too many",
            ),
            ("{}\n".to_owned(), "another version"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("false.sock");
            let listener = UnixListener::bind(&path).unwrap();
            thread::spawn(move || {
                for mut stream in listener.incoming().flatten() {
                    while stream.write_all(says.as_bytes()).is_ok() {}
                    _ = stream.read(&mut [0; 1]);
                }
            });
            let (messages, received) = mpsc::channel();
            let _asks = remote(path, 8, messages).unwrap();
            let Message::Lost { why, .. } = received.recv_timeout(SILENCE).unwrap() else {
                panic!("something else");
            };
            assert!(why.contains(wrong), "{why}");
        }
    }

    const SILENCE: Duration = Duration::from_mins(1);
}
