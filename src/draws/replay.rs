//! One order, step by step, on the model.
//!
//! The rules for a letter that cannot go are the server's: it is passed over, used up and reported.

use super::model::{Model, Outcome};
use super::table::{Column, Table};
use crate::draw::Operation;
use crate::orders::schedule::Schedule;

/// Why a letter was passed over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PassedOver {
    /// The session waits for the lock.
    Waits,
    /// The session has no draw left, or is closed.
    Over,
    /// There is no such session.
    Nobody,
    /// The session did not come in time. Only at the turnstile: on the model all are there.
    Late,
}

/// What came of one letter.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Did {
    /// The session's next operation.
    Ran {
        /// Which one.
        operation: Operation,
        /// The register after it (before, if the draw begins again).
        register: u64,
        /// How the turn ended.
        outcome: Outcome,
    },
    /// Nothing.
    PassedOver(PassedOver),
}

/// One letter of a schedule, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Whose letter it was, A being 0.
    pub session: usize,
    /// What came of it.
    pub did: Did,
    /// The counter before it, at most the size of the list.
    pub before: u64,
    /// The counter after it, at most the size of the list.
    pub counter: u64,
    /// Who holds a mutex after it.
    pub holders: Vec<usize>,
}

/// An order that was run: what each letter did. Plain data, so that the server's turnstile can give
/// the same to the same screens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Run {
    /// How many sessions there are.
    pub sessions: usize,
    /// Whether the program locks anything, so that who holds the lock is worth a column.
    pub locks: bool,
    /// Where the counter began.
    pub start: u64,
    /// How many numbers the list has.
    pub size: u64,
    /// One a letter.
    pub rows: Vec<Row>,
    /// Draws that are not complete after the last letter, by session.
    pub left: Vec<u64>,
}

impl Run {
    /// The assignment's table of this run, in the order in which draws complete.
    #[must_use]
    pub fn table(&self) -> Table {
        let columns = self.rows.iter().filter_map(|row| match row.did {
            Did::Ran {
                outcome: Outcome::Drew(ticket),
                ..
            } => Some(Column {
                ticket,
                session: row.session,
            }),
            _ => None,
        });
        let mut table = Table::new(columns.collect(), self.start, self.counter());
        for ticket in self.in_flight() {
            table.skipped.remove(&ticket);
        }
        table
    }

    /// Tickets that were read by draws that are not complete: nobody has them yet, and nobody has
    /// skipped them.
    pub fn in_flight(&self) -> impl Iterator<Item = u64> {
        let mut read = vec![None; self.sessions];
        for row in &self.rows {
            if let Did::Ran {
                operation,
                register,
                outcome,
            } = row.did
            {
                read[row.session] = match (outcome, operation) {
                    (Outcome::GoesOn, Operation::Load | Operation::FetchAdd) => Some(register),
                    (Outcome::GoesOn, _) => read[row.session],
                    _ => None,
                };
            }
        }
        read.into_iter().flatten()
    }

    /// The counter after the last letter.
    #[must_use]
    pub fn counter(&self) -> u64 {
        self.rows.last().map_or(self.start, |row| row.counter)
    }

    /// How often a draw began again.
    #[must_use]
    pub fn retries(&self) -> usize {
        self.rows
            .iter()
            .filter(|row| {
                matches!(
                    row.did,
                    Did::Ran {
                        outcome: Outcome::Again,
                        ..
                    }
                )
            })
            .count()
    }
}

/// Runs a schedule on the model.
#[must_use]
pub fn replay(model: &Model, schedule: &Schedule) -> Run {
    let (mut common, mut sessions) = model.begin();
    let shown = |counter: u64| counter.min(model.size());
    let mut rows = Vec::with_capacity(schedule.len());
    for number in schedule.sessions() {
        let before = shown(common.counter);
        let did = match sessions.get_mut(number) {
            None => Did::PassedOver(PassedOver::Nobody),
            Some(session) if model.is_over(session) => Did::PassedOver(PassedOver::Over),
            Some(session) if model.waits(session, &common) => Did::PassedOver(PassedOver::Waits),
            Some(session) => {
                let operation = model.program()[session.next];
                let seen = session.register;
                let outcome = model.turn(session, &mut common);
                let register = match outcome {
                    Outcome::Drew(ticket) => ticket,
                    Outcome::Again => seen,
                    Outcome::GoesOn | Outcome::SoldOut => session.register,
                };
                Did::Ran {
                    operation,
                    register,
                    outcome,
                }
            }
        };
        let holders = (0..sessions.len())
            .filter(|&holder| sessions[holder].holds)
            .collect();
        rows.push(Row {
            session: number,
            did,
            before,
            counter: shown(common.counter),
            holders,
        });
    }
    Run {
        sessions: sessions.len(),
        locks: model.program().contains(&Operation::Lock),
        start: model.counter(),
        size: model.size(),
        rows,
        left: sessions.iter().map(|session| session.left).collect(),
    }
}
