//! The control socket: JSON lines over a Unix socket, snapshots out, commands in. `docs/control.md` is
//! its contract.

use std::io::{self, ErrorKind, Read, Write};
use std::os::unix::net::UnixStream;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::Host;
use super::command::Command;
use crate::escaped::{LINE, excerpt};
use crate::record::Snapshot;
use crate::trace::Told;

/// A command may have this many bytes.
const MAX_COMMAND_LEN: usize = 4_096;
/// How long somebody may take to receive a snapshot.
const WRITE_TIMEOUT: Duration = Duration::from_secs(5);
/// Snapshots a second unless `watch` says otherwise.
const PER_SECOND: u32 = 4;
/// More would cost the draws.
const MAX_PER_SECOND: u32 = 60;

/// What comes out: one of these a line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Answer {
    /// The server at this moment; several a second.
    Snapshot(Box<Snapshot>),
    /// How a number came to be handed out: who read what, who wrote what, and what replays it.
    Story(Box<Told>),
    /// The command was carried out: always `true`.
    Ok(bool),
    /// The command was not carried out, and why.
    Error(String),
}

/// What goes in: a command for the server, or one about this connection.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Order {
    Connection(About),
    Server(Command),
}

#[derive(Debug, Deserialize)]
#[serde(tag = "do", rename_all = "kebab-case", deny_unknown_fields)]
enum About {
    /// Have so many snapshots a second; 0 for none.
    Watch { per_second: u32 },
    /// Have one now.
    Snapshot {},
    /// Have the story of one ticket of this round.
    Story { ticket: u64 },
}

/// Serves one connection until it ends, or the server stops.
pub(super) fn serve(stream: &UnixStream, host: &Host) -> io::Result<()> {
    stream.set_nonblocking(false)?;
    stream.set_write_timeout(Some(WRITE_TIMEOUT))?;
    let mut pending = Vec::new();
    let mut buffer = [0; MAX_COMMAND_LEN];
    let mut every = Some(Duration::from_secs(1) / PER_SECOND);
    let mut next = Instant::now();
    loop {
        if host.is_stopped() {
            return Ok(());
        }
        let now = Instant::now();
        if let Some(every) = every
            && now >= next
        {
            send(stream, &Answer::Snapshot(Box::new(host.snapshot())))?;
            // Not `next + every`: who fell behind is not sent a burst.
            next = now + every;
        }
        let wait = match every {
            Some(_) => next.saturating_duration_since(Instant::now()),
            None => Duration::from_millis(250),
        };
        stream.set_read_timeout(Some(wait.max(Duration::from_millis(1))))?;
        let mut reading = stream;
        let count = match reading.read(&mut buffer) {
            Ok(count) => count,
            Err(error) => match error.kind() {
                ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted => continue,
                _ => return Err(error),
            },
        };
        pending.extend_from_slice(&buffer[..count]);
        if count == 0 && !pending.is_empty() {
            pending.push(b'\n');
        }
        while let Some(end) = pending.iter().position(|&byte| byte == b'\n') {
            if end > MAX_COMMAND_LEN {
                return send(stream, &too_long());
            }
            let line: Vec<u8> = pending.drain(..=end).collect();
            let line = line.trim_ascii();
            if line.is_empty() {
                continue;
            }
            match carry_out(line, host) {
                Done::Server(answer) => send(stream, &answer)?,
                Done::Watch(wanted) => {
                    every = wanted;
                    next = Instant::now();
                    send(stream, &Answer::Ok(true))?;
                }
            }
        }
        if count == 0 {
            return Ok(());
        }
        if pending.len() > MAX_COMMAND_LEN {
            return send(stream, &too_long());
        }
    }
}

/// The same for a line that ends later, and for one that never does.
fn too_long() -> Answer {
    Answer::Error(format!(
        "a command of over {MAX_COMMAND_LEN} bytes: end each with a line end"
    ))
}

enum Done {
    Server(Answer),
    Watch(Option<Duration>),
}

fn carry_out(line: &[u8], host: &Host) -> Done {
    let Ok(order) = serde_json::from_slice(line) else {
        return Done::Server(Answer::Error(refusal(line)));
    };
    Done::Server(match order {
        Order::Connection(About::Watch { per_second: 0 }) => return Done::Watch(None),
        Order::Connection(About::Watch { per_second }) if per_second > MAX_PER_SECOND => {
            Answer::Error(format!(
                "{per_second} snapshots a second: use at most {MAX_PER_SECOND}"
            ))
        }
        Order::Connection(About::Watch { per_second }) => {
            return Done::Watch(Some(Duration::from_secs(1) / per_second));
        }
        Order::Connection(About::Snapshot {}) => Answer::Snapshot(Box::new(host.snapshot())),
        Order::Connection(About::Story { ticket }) => match host.story(ticket) {
            Ok(story) => Answer::Story(Box::new(story)),
            Err(error) => Answer::Error(error),
        },
        Order::Server(command) => match host.command(command) {
            Ok(()) => Answer::Ok(true),
            Err(error) => Answer::Error(error),
        },
    })
}

const ORDERS: &str =
    "mode, gallery, window, grain, reset, pause, resume, bots, stop, watch, snapshot, story";

/// Says what would have been right. An untagged enum's own error would not.
fn refusal(line: &[u8]) -> String {
    let shown = excerpt(line, LINE);
    let order: serde_json::Value = match serde_json::from_slice(line) {
        Ok(order) => order,
        Err(error) => {
            return format!(
                "{shown}: no JSON ({error}): write {{\"do\":\"mode\",\"to\":\"lock\"}}"
            );
        }
    };
    let error = match order["do"].as_str() {
        Some("watch" | "snapshot" | "story") => serde_json::from_slice::<About>(line).map(drop),
        Some(order) if ORDERS.split(", ").any(|known| known == order) => {
            serde_json::from_slice::<Command>(line).map(drop)
        }
        _ => return format!("{shown}: \"do\" is one of {ORDERS}"),
    };
    error.map_or_else(|error| format!("{shown}: {error}"), |()| shown.clone())
}

fn send(mut stream: &UnixStream, answer: &Answer) -> io::Result<()> {
    stream.write_all(&line(answer)?)
}

/// An answer as it goes out.
pub(super) fn line(answer: &Answer) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(answer)?;
    line.push(b'\n');
    Ok(line)
}
