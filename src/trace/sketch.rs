//! A story without an order: for what cannot be replayed.
//!
//! Only the draws of the ticket are told, as if they had read it at once, which is likely and not known. Where one of them has
//! read something else, somebody left out must have written in between.

use std::ops::Range;

use super::story::{Action, Step, Story, number};
use crate::draw::{Grain, Operation};
use crate::lootbox::Recorded;
use crate::record::journal::Reader;

/// More lanes than this do not stand side by side on a screen of 80 columns.
const LANES: usize = 4;

/// Tells of the draws of `ticket`. `None` if nobody got it.
pub(super) fn tell(ticket: u64, recorded: &Recorded) -> Option<Story> {
    let list = recorded.round.list.numbers();
    let mut holders: Vec<(&String, Vec<Range<u64>>)> = recorded
        .journals
        .iter()
        .map(|(letter, journal)| (letter, draws_of(ticket, recorded.runs.grain, journal)))
        .filter(|(_, draws)| !draws.is_empty())
        .collect();
    let left_out = holders.len().saturating_sub(LANES) as u64;
    holders.truncate(LANES);
    let mut told = Telling {
        list,
        adds: adds(&recorded.runs.program.operations),
        counter: holders.iter().map(|(_, draws)| draws[0].start).min()?,
        steps: Vec::new(),
    };
    let begin = told.counter;
    let mut firsts: Vec<_> = (0..)
        .zip(&holders)
        .map(|(session, (_, draws))| (session, draws[0].clone()))
        .collect();
    firsts.sort_by_key(|(_, draw)| draw.start);
    told.at_once(&firsts);
    // Who got it alone got it twice.
    if let [(_, draws)] = &holders[..]
        && let Some(second) = draws.get(1)
    {
        told.at_once(&[(0, second.clone())]);
    }
    let mut story = Story {
        ticket,
        number: number(list, ticket),
        sessions: holders.iter().map(|&(letter, _)| letter.clone()).collect(),
        left_out,
        begin,
        steps: told.steps,
    };
    story.mark_stale();
    Some(story)
}

/// A session's draws that got the ticket.
fn draws_of(ticket: u64, grain: Grain, journal: &Reader) -> Vec<Range<u64>> {
    let draws = journal.clone().filter(|draws| draws.contains(&ticket));
    match grain {
        Grain::Number => draws.map(|_| ticket..ticket + 1).collect(),
        Grain::Request => draws.collect(),
    }
}

/// How often a draw adds to the counter, if it does not write it.
fn adds(program: &[Operation]) -> Option<u64> {
    let writes = |operation| matches!(operation, Operation::Store | Operation::StoreIfUnchanged);
    let adds = program.iter().filter(|&&it| it == Operation::Add).count() as u64;
    (adds > 0 && !program.iter().copied().any(writes)).then_some(adds)
}

struct Telling<'a> {
    list: &'a [u32],
    adds: Option<u64>,
    counter: u64,
    steps: Vec<Step>,
}

impl Telling<'_> {
    /// All of them read, and then they write, the last one first.
    fn at_once(&mut self, draws: &[(usize, Range<u64>)]) {
        for (session, draw) in draws {
            if self.counter != draw.start {
                self.step(None, Action::Elsewhere, draw.start);
            }
            self.step(
                Some(*session),
                Action::Read { seen: draw.start },
                draw.start,
            );
        }
        for (session, draw) in draws.iter().rev() {
            let (ticket, number) = (draw.start, number(self.list, draw.start));
            let (action, counter) = if let Some(times) = self.adds {
                let by = times * (draw.end - draw.start);
                (Action::Add { ticket, number }, self.counter + by)
            } else {
                let stale = false;
                let written = Action::Write {
                    ticket,
                    number,
                    stale,
                };
                (written, draw.end)
            };
            self.step(Some(*session), action, counter);
        }
    }

    fn step(&mut self, session: Option<usize>, action: Action, counter: u64) {
        self.counter = counter;
        self.steps.push(Step {
            session,
            action,
            counter,
            omitted: 0,
        });
    }
}
