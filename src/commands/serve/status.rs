//! What the server says of itself: a line now and then, and the sums at its end.

use std::collections::{BTreeSet, HashSet};
use std::io::{self, IsTerminal, Write};
use std::time::Duration;

use super::log::CLEAR_LINE;
use crate::commands::output;
use crate::escaped::escaped;
use crate::record::{Duplicate, SessionRow, Snapshot, State};
use crate::server::Host;
use crate::trace::Told;

/// Of so many duplicates one is looked for that can be replayed, in so few letters that it can be read.
const TRIED: usize = 5;
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

/// How the newest duplicate that can be is replayed, in one line; or why none is, and what is shorter. `None`: there is no
/// duplicate.
pub(super) fn replays(
    snapshot: &Snapshot,
    story: impl Fn(u64) -> Result<Told, String>,
) -> Option<String> {
    let (mut why, mut shorter) = (None, None);
    for duplicate in worth_a_try(&snapshot.duplicate_list) {
        let number = duplicate.number;
        let told = match story(duplicate.ticket) {
            Ok(told) => told,
            Err(error) => {
                why = Some(error);
                continue;
            }
        };
        match told.witness {
            Some(witness) if witness.schedule.len() <= READABLE => {
                return Some(format!("witness of {number}: {}", witness.command));
            }
            Some(witness) => {
                let steps = witness.schedule.len();
                why = Some(format!(
                    "that of {number} has {steps} steps, too many to be read here"
                ));
            }
            None => why = told.no_witness,
        }
        shorter = shorter.or(told.shorter.map(|other| (number, other.command)));
    }
    let shorter = shorter.map_or_else(String::new, |(number, command)| {
        format!(
            "; another, shorter order that hands out {number} twice, though it was not so: {command}"
        )
    });
    why.map(|why| format!("no witness of the newest duplicates: {why}{shorter}"))
}

/// The newest of those that went to the same sessions, for all sessions there are: what hinders one hinders the next.
/// Then the others.
fn worth_a_try(duplicates: &[Duplicate]) -> impl Iterator<Item = &Duplicate> {
    let mut seen = HashSet::new();
    let (first, others): (Vec<_>, Vec<_>) = duplicates.iter().rev().partition(|duplicate| {
        let sessions: BTreeSet<_> = duplicate.sessions.iter().collect();
        seen.insert(sessions)
    });
    first.into_iter().chain(others).take(TRIED)
}

pub(super) fn summarize(snapshot: &Snapshot, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        return output::json_line(out, snapshot);
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
        let name = row
            .name
            .as_ref()
            .map_or(String::new(), |name| format!("  {}", escaped(name)));
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

#[cfg(test)]
mod tests {
    use super::*;

    fn duplicate(ticket: u64, sessions: &[&str]) -> Duplicate {
        Duplicate {
            number: ticket + 1,
            ticket,
            sessions: sessions.iter().map(|&it| it.to_owned()).collect(),
        }
    }

    /// Three thousand duplicates of one session with itself come after one of two sessions.
    #[test]
    fn a_duplicate_that_can_be_replayed_is_found_behind_many_that_cannot() {
        let mut list = vec![duplicate(7, &["A", "B"])];
        list.extend((10..100).map(|ticket| duplicate(ticket, &["B", "B"])));
        let tried: Vec<_> = worth_a_try(&list).map(|it| it.ticket).collect();
        assert_eq!(tried, [99, 7, 98, 97, 96]);
    }
}
