//! All that was drawn from some ticket on, as one order: for duplicates that no [few draws](super::back) explain.
//!
//! A run that did happen is itself such an order, so there is one; which it was is not recorded. Each session draws what
//! it drew, in its own order and without gaps. A read changes nothing that others see, so whoever can read does: only
//! who writes next is a choice. Those choices are followed one after the other, the likely ones first, and a moment that
//! was reached before is not followed again.

use std::collections::HashSet;

use super::back::Turn;

/// How many moments are followed from one first ticket, and in all.
const MOMENTS: usize = 200_000;
const MOMENTS_IN_ALL: usize = 1_000_000;

/// The counter, and for each session the place of its next draw, and whether that has read.
#[derive(Clone, PartialEq, Eq, Hash)]
struct Moment {
    counter: u64,
    sessions: Vec<(u32, bool)>,
}

/// A moment, and who may still be tried as the next to write; the likeliest is last.
struct Tried {
    moment: Moment,
    writers: Vec<usize>,
    /// How many turns led here.
    turns: usize,
}

/// An order that begins as late as possible: `histories` are the sessions' draws of tickets from `lowest` to `ticket`.
pub(super) fn search(ticket: u64, lowest: u64, histories: &[Vec<u64>]) -> Option<Vec<Turn>> {
    let mut left = MOMENTS_IN_ALL;
    let mut below = 1;
    loop {
        let from = ticket.saturating_sub(below).max(lowest);
        let near = histories
            .iter()
            .map(|history| history.iter().copied().filter(|&it| it >= from).collect())
            .collect();
        let budget = MOMENTS.min(left);
        let search = Search {
            ticket,
            histories: near,
        };
        let (found, followed) = search.run(from, budget);
        left -= followed;
        if found.is_some() || from == lowest || left == 0 {
            return found;
        }
        below *= 2;
    }
}

struct Search {
    ticket: u64,
    histories: Vec<Vec<u64>>,
}

impl Search {
    /// The order, if one was found, and how many moments were followed.
    fn run(&self, from: u64, budget: usize) -> (Option<Vec<Turn>>, usize) {
        let mut turns = Vec::new();
        let mut begin = Moment {
            counter: from,
            sessions: vec![(0, false); self.histories.len()],
        };
        self.read(&mut begin, &mut turns);
        let mut seen = HashSet::from([begin.clone()]);
        let mut path = vec![self.tried(begin, turns.len())];
        while let Some(last) = path.last_mut() {
            let Some(session) = last.writers.pop() else {
                path.pop();
                continue;
            };
            turns.truncate(last.turns);
            let mut next = last.moment.clone();
            let Some(drawn) = self.next(&next, session) else {
                continue;
            };
            next.counter = drawn + 1;
            next.sessions[session] = (next.sessions[session].0 + 1, false);
            turns.push(Turn {
                session,
                ticket: drawn,
                writes: true,
            });
            if self.times(&turns) == 2 {
                return (Some(without_unwritten(turns)), seen.len());
            }
            self.read(&mut next, &mut turns);
            if seen.len() == budget {
                break;
            }
            if seen.insert(next.clone()) {
                path.push(self.tried(next, turns.len()));
            }
        }
        (None, seen.len())
    }

    /// How often the ticket has been handed out.
    fn times(&self, turns: &[Turn]) -> usize {
        match turns.last() {
            Some(last) if last.ticket == self.ticket => turns
                .iter()
                .filter(|turn| turn.writes && turn.ticket == self.ticket)
                .count(),
            _ => 0,
        }
    }

    /// The ticket of the session's next draw.
    fn next(&self, moment: &Moment, session: usize) -> Option<u64> {
        let place = moment.sessions[session].0 as usize;
        self.histories[session].get(place).copied()
    }

    /// All who can read do.
    fn read(&self, moment: &mut Moment, turns: &mut Vec<Turn>) {
        for session in 0..self.histories.len() {
            if !moment.sessions[session].1 && self.next(moment, session) == Some(moment.counter) {
                moment.sessions[session].1 = true;
                turns.push(Turn {
                    session,
                    ticket: moment.counter,
                    writes: false,
                });
            }
        }
    }

    /// Likeliest is a write after which somebody can read who could not; of those the one of the highest ticket, for most
    /// writes are of what was read last.
    fn tried(&self, moment: Moment, turns: usize) -> Tried {
        let waits_for = |ticket: u64| {
            (0..self.histories.len()).any(|session| {
                let (place, has_read) = moment.sessions[session];
                // Who writes this ticket reads its next one after that.
                let place = place as usize + usize::from(has_read);
                self.histories[session].get(place) == Some(&ticket)
            })
        };
        let mut writers: Vec<(bool, u64, usize)> = (0..self.histories.len())
            .filter(|&session| moment.sessions[session].1)
            .filter_map(|session| {
                let drawn = self.next(&moment, session)?;
                Some((waits_for(drawn + 1), drawn, session))
            })
            .collect();
        writers.sort_unstable();
        Tried {
            writers: writers.into_iter().map(|(.., session)| session).collect(),
            moment,
            turns,
        }
    }
}

/// Without reads that nothing came of.
fn without_unwritten(mut turns: Vec<Turn>) -> Vec<Turn> {
    let mut written = HashSet::new();
    let mut kept: Vec<Turn> = Vec::new();
    while let Some(turn) = turns.pop() {
        if turn.writes {
            written.insert(turn.session);
        }
        if written.contains(&turn.session) {
            kept.push(turn);
        }
    }
    kept.reverse();
    kept
}
