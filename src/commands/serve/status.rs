//! What the server says of itself: a line now and then, and the sums at its end.

use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::log::CLEAR_LINE;
use crate::record::{SessionRow, Snapshot, State};
use crate::server::Host;

/// Of so many duplicates one is looked for that can be replayed, in so few letters that it can be read.
const TRIED: usize = 3;
const READABLE: usize = 200;
/// Between two lines of the log when nobody watches.
const SPARSE: Duration = Duration::from_mins(1);

/// A status line a second on a terminal, else a log line now and then.
pub(super) fn report(host: &Host) {
    let terminal = io::stderr().is_terminal();
    let every = if terminal {
        Duration::from_secs(1)
    } else {
        SPARSE
    };
    let mut last = None;
    while !host.wait_for_stop(every) {
        let snapshot = host.snapshot();
        let fields = status(&snapshot);
        if terminal {
            let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
            // Room for the ^C that the terminal echoes.
            let line = fitting(&fields, width.saturating_sub(4));
            let mut stderr = io::stderr().lock();
            _ = stderr.write_all(CLEAR_LINE);
            _ = stderr.write_all(line.as_bytes());
            _ = stderr.flush();
        } else if last.as_ref() != Some(&snapshot.sums) {
            tracing::info!("{}", fields.join("  "));
            last = Some(snapshot.sums);
        }
    }
}

/// What the status line says, the most important first.
fn status(snapshot: &Snapshot) -> Vec<String> {
    let sums = &snapshot.sums;
    let closed = |session: &&SessionRow| session.state == State::Closed;
    let gone = snapshot.sessions.iter().filter(closed).count();
    let mut fields = vec![
        snapshot.runs().to_uppercase(),
        format!("duplicates {}", sums.duplicates),
        format!("draws {}", sums.draws),
        format!("counter {}/{}", snapshot.counter, snapshot.size),
        format!("lost {}", sums.lost_updates),
        format!("{} draws/s", snapshot.draws_per_second),
        format!("clients {}", snapshot.sessions.len() - gone),
        format!("window {}", snapshot.window),
    ];
    if snapshot.paused {
        fields.insert(1, "PAUSED".into());
    }
    if snapshot.round > 1 {
        fields.push(format!("round {}", snapshot.round));
    }
    fields
}

/// As many whole fields as fit: half a number would be a wrong one.
fn fitting(fields: &[String], width: usize) -> String {
    let mut line = String::new();
    for field in fields {
        let gap = if line.is_empty() { 0 } else { 2 };
        if line.len() + gap + field.len() > width {
            break;
        }
        line.extend(std::iter::repeat_n(' ', gap));
        line += field;
    }
    line
}

/// How the newest duplicate that can be is replayed, in one line.
pub(super) fn replays(snapshot: &Snapshot, host: &Host) -> Option<String> {
    let mut newest = snapshot.duplicate_list.iter().rev().take(TRIED);
    newest.find_map(|duplicate| {
        let witness = host.witness(duplicate.ticket).ok()?;
        let fits = witness.schedule.len() <= READABLE;
        fits.then(|| format!("witness of {}: {}", duplicate.number, witness.command))
    })
}

pub(super) fn summarize(snapshot: &Snapshot, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, snapshot)?;
        return writeln!(out);
    }
    writeln!(
        out,
        "in the end mode {}, window {}, grain {}, round {}: counter {} of {}",
        snapshot.runs(),
        snapshot.window,
        snapshot.grain,
        snapshot.round,
        snapshot.counter,
        snapshot.size
    )?;
    writeln!(out, "{}", snapshot.sums)?;
    if snapshot.round > 1 {
        writeln!(
            out,
            "all {} rounds: {}",
            snapshot.round,
            snapshot.all_rounds()
        )?;
    }
    for row in snapshot.sessions.iter().filter(|row| row.draws > 0) {
        let name = row.name.as_ref().map_or(String::new(), |name| {
            format!("  {}", crate::protocol::escaped(name.as_bytes()))
        });
        writeln!(
            out,
            "{:>4}  draws {:<8} in {} duplicates  {}{name}",
            row.letter.as_deref().unwrap_or(""),
            row.draws,
            row.duplicates,
            row.address,
        )?;
    }
    if snapshot.sessions_left_out > 0 {
        writeln!(
            out,
            "      and {} more sessions",
            snapshot.sessions_left_out
        )?;
    }
    Ok(())
}
