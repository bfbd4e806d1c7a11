//! How the counter came back: an order of reads and writes in which one ticket is handed out twice.
//!
//! A session that gets a ticket twice has moved the counter past it in between, so somebody else's stale write
//! has moved it back. The search puts together recorded draws, each session's in its own order and with
//! gaps where draws do not matter, until the ticket has been handed out twice: fewest draws first, then
//! fewest switches (Dijkstra). A read is where the counter is what the draw read; a write makes the
//! counter one more than that. Draws of higher tickets never matter: no read of a lower one follows from
//! them.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

/// Tickets further below than this are not looked at. A stale write that moved the counter back further takes a
/// witness that nobody reads.
pub(super) const FARTHEST: u64 = 4_096;
/// How many states a search sees, and all together.
const STATES: usize = 100_000;
const STATES_IN_ALL: usize = 1_000_000;

/// A read or a write of one draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) session: usize,
    pub(super) ticket: u64,
    pub(super) writes: bool,
}

/// The order with the fewest draws that was found: `histories` are the sessions' draws of tickets from `lowest` to
/// `ticket`.
pub(super) fn search(ticket: u64, lowest: u64, histories: &[Vec<u64>]) -> Option<Vec<Turn>> {
    let mut left = STATES_IN_ALL;
    let mut below = 1;
    loop {
        let from = ticket.saturating_sub(below).max(lowest);
        let near: Vec<Vec<u64>> = histories
            .iter()
            .map(|history| history.iter().copied().filter(|&it| it >= from).collect())
            .collect();
        // Two sessions suffice nearly always, and are soon searched.
        for second in 0..near.len() {
            for first in 0..second {
                let holds = |session: usize| near[session].contains(&ticket);
                if !(holds(first) || holds(second)) || near[first].is_empty() {
                    continue;
                }
                let pair = [first, second];
                if let Some(found) = Search::of(ticket, &near, &pair).run(from, &mut left) {
                    return Some(found);
                }
            }
        }
        let all: Vec<usize> = (0..near.len()).filter(|&it| !near[it].is_empty()).collect();
        if all.len() > 2
            && let Some(found) = Search::of(ticket, &near, &all).run(from, &mut left)
        {
            return Some(found);
        }
        if from == lowest || left == 0 {
            return None;
        }
        below *= 2;
    }
}

/// A moment: the counter, and for each session the place of its next draw, and whether that has read.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Moment {
    counter: u64,
    sessions: Vec<(u32, bool)>,
    last: usize,
    /// How often the ticket has been handed out.
    times: u8,
}

/// Draws, then switches.
type Cost = (u32, u32);

struct Search<'a> {
    ticket: u64,
    sessions: &'a [usize],
    histories: &'a [Vec<u64>],
    /// By session: where each ticket stands in its history.
    places: Vec<HashMap<u64, Vec<u32>>>,
}

impl<'a> Search<'a> {
    fn of(ticket: u64, histories: &'a [Vec<u64>], sessions: &'a [usize]) -> Self {
        let places = sessions.iter().map(|&session| {
            let mut places: HashMap<u64, Vec<u32>> = HashMap::new();
            for (place, &drawn) in (0..).zip(&histories[session]) {
                places.entry(drawn).or_default().push(place);
            }
            places
        });
        Self {
            ticket,
            places: places.collect(),
            sessions,
            histories,
        }
    }

    fn run(&self, from: u64, left: &mut usize) -> Option<Vec<Turn>> {
        let mut best: HashMap<Moment, (Cost, Option<Moment>)> = HashMap::new();
        let mut open = BinaryHeap::new();
        for counter in from..=self.ticket {
            let moment = Moment {
                counter,
                sessions: vec![(0, false); self.sessions.len()],
                last: usize::MAX,
                times: 0,
            };
            best.insert(moment.clone(), ((0, 0), None));
            open.push(Reverse(((0, 0), moment)));
        }
        let mut states = 0;
        while let Some(Reverse((cost, moment))) = open.pop() {
            if best.get(&moment).is_some_and(|(known, _)| *known < cost) {
                continue;
            }
            if moment.times == 2 {
                return Some(self.turns(moment, &best));
            }
            if states == STATES || *left == 0 {
                return None;
            }
            states += 1;
            *left -= 1;
            for session in 0..self.sessions.len() {
                let Some((next, draws)) = self.next(&moment, session) else {
                    continue;
                };
                let switches = u32::from(moment.last != session);
                let further = (cost.0 + draws, cost.1 + switches);
                if best.get(&next).is_none_or(|(known, _)| further < *known) {
                    best.insert(next.clone(), (further, Some(moment.clone())));
                    open.push(Reverse((further, next)));
                }
            }
        }
        None
    }

    /// After the session's next read or write, and how many draws that begins. It reads in the first of its draws
    /// left that saw this counter: a later one would leave it fewer.
    fn next(&self, moment: &Moment, session: usize) -> Option<(Moment, u32)> {
        let (place, has_read) = moment.sessions[session];
        let mut next = Moment {
            last: session,
            ..moment.clone()
        };
        if has_read {
            let ticket = self.drawn(session, place)?;
            next.counter = ticket + 1;
            next.sessions[session] = (place + 1, false);
            next.times += u8::from(ticket == self.ticket);
            return Some((next, 0));
        }
        let places = self.places[session].get(&moment.counter)?;
        let found = *places.get(places.partition_point(|&it| it < place))?;
        next.sessions[session] = (found, true);
        Some((next, 1))
    }

    fn drawn(&self, session: usize, place: u32) -> Option<u64> {
        self.histories[self.sessions[session]]
            .get(place as usize)
            .copied()
    }

    /// The way to that moment.
    fn turns(&self, end: Moment, best: &HashMap<Moment, (Cost, Option<Moment>)>) -> Vec<Turn> {
        let mut moments = vec![end];
        while let Some((_, Some(before))) = moments.last().and_then(|moment| best.get(moment)) {
            moments.push(before.clone());
        }
        moments.reverse();
        let mut turns = Vec::new();
        for pair in moments.windows(2) {
            let session = pair[1].last;
            // What it writes stood at its place before, what it reads stands there after.
            let writes = pair[0].sessions[session].1;
            let place = pair[usize::from(!writes)].sessions[session].0;
            if let Some(ticket) = self.drawn(session, place) {
                turns.push(Turn {
                    session: self.sessions[session],
                    ticket,
                    writes,
                });
            }
        }
        turns
    }
}
