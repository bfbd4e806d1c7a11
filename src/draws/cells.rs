//! What stands in the cells of [`lanes`](super::lanes): each step in few words, and what became of it.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::model::Outcome;
use super::replay::{Did, PassedOver, Row, Run};
use crate::draw::Operation;

/// A gap between a read and a write in which the counter moved: the rows of both.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    pub(super) session: usize,
    pub(super) read: usize,
    pub(super) write: usize,
}

/// One cell of a lane.
#[derive(Clone, Debug, Default)]
pub(super) struct Cell {
    pub(super) text: String,
    pub(super) bracket: char,
    pub(super) mark: String,
}

/// How much a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Words {
    /// For two lanes, each with its marks beside it.
    Long,
    /// For three, with all marks at the right.
    Short,
}

/// The gaps in which a read went stale: the counter is no longer what this session read.
pub(super) fn gaps(run: &Run) -> Vec<Gap> {
    let mut read_at = vec![None; run.sessions];
    let mut gaps = Vec::new();
    for (index, row) in run.rows.iter().enumerate() {
        let Did::Ran {
            operation,
            register,
            outcome,
        } = row.did
        else {
            continue;
        };
        match operation {
            Operation::Load => read_at[row.session] = Some(index),
            Operation::Store | Operation::Add | Operation::StoreIfUnchanged => {
                if let Some(read) = read_at[row.session]
                    && row.before != register
                {
                    gaps.push(Gap {
                        session: row.session,
                        read,
                        write: index,
                    });
                }
                // What this session does to the counter itself makes its read no staler.
                read_at[row.session] = None;
            }
            _ => {}
        }
        if outcome != Outcome::GoesOn {
            read_at[row.session] = None;
        }
    }
    gaps
}

pub(super) fn cell(
    run: &Run,
    list: &[u32],
    gaps: &[Gap],
    skipped: &BTreeSet<u64>,
    words: Words,
    index: usize,
    session: usize,
) -> Cell {
    let row = &run.rows[index];
    let gap = gaps
        .iter()
        .find(|gap| gap.session == session && (gap.read..=gap.write).contains(&index));
    let mut cell = Cell {
        bracket: ' ',
        ..Cell::default()
    };
    if let Some(gap) = gap {
        (cell.bracket, cell.mark) = match index {
            _ if index == gap.read => ('┐', String::new()),
            _ if index == gap.write => ('┘', String::new()),
            _ if index == gap.read + 1 => ('│', "stale".to_owned()),
            _ => ('│', String::new()),
        };
    }
    if row.session != session {
        return cell;
    }
    cell.text = match words {
        Words::Long => say(run, list, row),
        Words::Short => shorten(&say(run, list, row)),
    };
    if let Did::Ran { operation, .. } = row.did {
        if operation == Operation::Store && gap.is_some_and(|gap| gap.write == index) {
            cell.mark = "LOST UPDATE".into();
        }
        // Whoever moved the counter past it for the last time has skipped it.
        let passes = |later: &Row, ticket: u64| later.before <= ticket && ticket < later.counter;
        if let Some(&ticket) = skipped.iter().find(|&&ticket| {
            passes(row, ticket)
                && !run.rows[index + 1..]
                    .iter()
                    .any(|later| passes(later, ticket))
        }) {
            let number = usize::try_from(ticket).ok().and_then(|t| list.get(t));
            cell.mark = number.map_or("SKIPPED".into(), |number| format!("SKIPPED {number}"));
        }
    }
    cell
}

/// The same in fewer words: `READ 2`, `WRITE 3→228`.
fn shorten(said: &str) -> String {
    said.replace("  seen=", " ")
        .replace(" seen=", " ")
        .replace(" → ", "→")
        .replace(" ANY MORE: again", "")
        .replace("waits for the lock", "waits")
        .replace("has no draw left", "no draw")
}

/// What a letter did, in few words.
pub(super) fn say(run: &Run, list: &[u32], row: &Row) -> String {
    let (operation, register, outcome) = match row.did {
        Did::PassedOver(PassedOver::Waits) => return "waits for the lock".to_owned(),
        Did::PassedOver(PassedOver::Over) => return "has no draw left".to_owned(),
        Did::PassedOver(PassedOver::Late) => return "did not come".to_owned(),
        Did::PassedOver(PassedOver::Nobody) => return "is nobody".to_owned(),
        Did::Ran {
            operation,
            register,
            outcome,
        } => (operation, register, outcome),
    };
    let mut text = match operation {
        Operation::Load => format!("READ  seen={register}"),
        Operation::Store => format!("WRITE {}", row.counter),
        Operation::FetchAdd => format!("READ+ADD seen={}", register.min(run.size)),
        Operation::Add => "ADD 1".to_owned(),
        Operation::StoreIfUnchanged if outcome == Outcome::Again => {
            format!("NOT {register} ANY MORE: again")
        }
        Operation::StoreIfUnchanged => format!("WRITE {} IF {register}", row.counter),
        Operation::Lock => "LOCK".to_owned(),
        Operation::Unlock => "UNLOCK".to_owned(),
        Operation::Window => "window".to_owned(),
    };
    match outcome {
        Outcome::Drew(ticket) => {
            let number = usize::try_from(ticket).ok().and_then(|t| list.get(t));
            if let Some(number) = number {
                _ = write!(text, " → {number}");
            }
        }
        Outcome::SoldOut => text.push_str(" sold out"),
        Outcome::GoesOn | Outcome::Again => {}
    }
    text
}
