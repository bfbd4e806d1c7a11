//! The story of a duplicate: who read what, who wrote what. It is what the replay of an order did, in few steps.

use serde::{Deserialize, Serialize};

use crate::draw::Operation;
use crate::draws::model::Outcome;
use crate::draws::replay::{Did, Row, Run};

/// So many steps in a row that are no part of the point are told one by one; more are left out.
const BESIDE: usize = 2;

/// One duplicate's story.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Story {
    /// The ticket that several draws got.
    pub ticket: u64,
    /// The number that was handed out for it.
    pub number: u64,
    /// The letters of the sessions told of.
    pub sessions: Vec<String>,
    /// How many more sessions got the number and are left out.
    pub left_out: u64,
    /// What the counter was before the first step.
    pub begin: u64,
    /// Reads and writes, one after another.
    pub steps: Vec<Step>,
}

/// One read or write.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Step {
    /// Which of [`Story::sessions`]; null for a session left out.
    pub session: Option<usize>,
    /// What it did.
    pub action: Action,
    /// What the counter was afterwards.
    pub counter: u64,
    /// How many steps that came before this one and after the last one are left out.
    #[serde(default)]
    pub omitted: u64,
}

/// What a step did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Read the counter.
    Read {
        /// What it was: the ticket of the draw.
        seen: u64,
    },
    /// Wrote the counter and handed out the number.
    Write {
        /// The draw's ticket.
        ticket: u64,
        /// The number handed out for it.
        number: u64,
        /// Whether somebody else had written since this draw read: an update is lost.
        stale: bool,
    },
    /// Added to the counter, whatever it was by then, and handed out the number.
    Add {
        /// The draw's ticket.
        ticket: u64,
        /// The number handed out for it.
        number: u64,
    },
    /// A session that is left out wrote.
    Elsewhere,
}

impl Story {
    /// How many lines it takes: its steps, and one wherever some are left out.
    #[must_use]
    pub fn lines(&self) -> usize {
        let gaps = self.steps.iter().filter(|step| step.omitted > 0);
        self.steps.len() + gaps.count()
    }

    /// Marks the writes of draws between whose read and write somebody else wrote.
    pub(super) fn mark_stale(&mut self) {
        let mut written_since_read = vec![false; self.sessions.len()];
        for step in &mut self.steps {
            match (&mut step.action, step.session) {
                (Action::Read { .. }, Some(session)) => written_since_read[session] = false,
                (Action::Write { stale, .. }, Some(session)) => {
                    *stale = written_since_read[session];
                    written_since_read.fill(true);
                }
                _ => written_since_read.fill(true),
            }
        }
    }

    /// Tells what a run did in which two draws got `ticket`; `letters` are its sessions', and `holders` is how many
    /// sessions got the ticket in the recording.
    pub(super) fn of(
        run: &Run,
        ticket: u64,
        list: &[u32],
        letters: &[String],
        holders: u64,
    ) -> Self {
        let mut story = Self {
            ticket,
            number: number(list, ticket),
            sessions: letters.to_vec(),
            left_out: 0,
            begin: run.start,
            steps: Vec::new(),
        };
        // The ticket of the draw that each step is of.
        let mut tickets = Vec::new();
        for (row, drawn) in run.rows.iter().zip(drawn(run)) {
            let Some(drawn) = drawn else { continue };
            let Some(action) = action(row, drawn, list) else {
                continue;
            };
            tickets.push(drawn);
            story.steps.push(Step {
                session: Some(row.session),
                action,
                counter: row.counter,
                omitted: 0,
            });
        }
        story.mark_stale();
        story.shortened(&tickets, holders)
    }

    /// Without what is not the point. The point are the draws of the ticket, and those it begins with, of which one will
    /// move the counter back; of all others there may be many. Those that stand alone in between are told too.
    fn shortened(self, tickets: &[u64], holders: u64) -> Self {
        let drew = |session: usize, ticket: u64| {
            let mut steps = self.steps.iter().zip(tickets);
            steps.any(|(step, &drawn)| drawn == ticket && step.session == Some(session))
        };
        let told: Vec<usize> = (0..self.sessions.len())
            .filter(|&session| drew(session, self.ticket) || drew(session, self.begin))
            .collect();
        let mut steps: Vec<Step> = Vec::new();
        let mut beside: Vec<Step> = Vec::new();
        for (step, &drawn) in self.steps.iter().zip(tickets) {
            let session = told.iter().position(|&it| Some(it) == step.session);
            let mut step = Step { session, ..*step };
            if drawn != self.ticket && drawn != self.begin {
                beside.push(step);
                continue;
            }
            if beside.len() > BESIDE || beside.iter().any(|step| step.session.is_none()) {
                step.omitted = beside.len() as u64;
                beside.clear();
            }
            steps.append(&mut beside);
            steps.push(step);
        }
        let told_holders = told.iter().filter(|&&it| drew(it, self.ticket)).count();
        Self {
            left_out: holders.saturating_sub(told_holders as u64),
            sessions: told.iter().map(|&it| self.sessions[it].clone()).collect(),
            steps,
            ..self
        }
    }
}

/// For each row the ticket that its draw gets.
fn drawn(run: &Run) -> Vec<Option<u64>> {
    let mut later = vec![None; run.sessions];
    let rows = run.rows.iter().rev().map(|row| {
        if let Did::Ran {
            outcome: Outcome::Drew(ticket),
            ..
        } = row.did
        {
            later[row.session] = Some(ticket);
        }
        later[row.session]
    });
    let mut drawn: Vec<_> = rows.collect();
    drawn.reverse();
    drawn
}

/// What a row does to the counter, in a draw that gets `ticket`.
fn action(row: &Row, ticket: u64, list: &[u32]) -> Option<Action> {
    let Did::Ran {
        operation,
        register,
        outcome,
    } = row.did
    else {
        return None;
    };
    let number = number(list, ticket);
    match operation {
        Operation::Load | Operation::FetchAdd => Some(Action::Read { seen: register }),
        Operation::StoreIfUnchanged if outcome == Outcome::Again => None,
        Operation::Store | Operation::StoreIfUnchanged => Some(Action::Write {
            ticket,
            number,
            stale: false,
        }),
        Operation::Add => Some(Action::Add { ticket, number }),
        Operation::Lock | Operation::Unlock | Operation::Window => None,
    }
}

/// The number of a ticket.
pub(super) fn number(list: &[u32], ticket: u64) -> u64 {
    let index = usize::try_from(ticket).unwrap_or(usize::MAX);
    list.get(index).copied().map_or(0, u64::from)
}
