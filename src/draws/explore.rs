//! The explorer: every order there is of sessions that draw, and what there is to say of them.
//!
//! What it says is true of *all* orders only if it has seen all states. When it stops early, for the
//! bound on states or on memory, it says so and never says "safe".

use num_bigint::BigUint;
use std::collections::BTreeMap;

use super::model::Model;
use super::system::{DEADLOCK, DUPLICATE, Sessions};
use crate::orders::count::{self, End};
use crate::orders::graph::Seen;
use crate::orders::witness::{self, Goal};
use crate::orders::{Bounds, Graph, Schedule, Stopped, System};

/// All orders, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    /// How many there are.
    pub all: BigUint,
    /// How many hand out each number once, and all sessions draw all that they want.
    pub clean: BigUint,
    /// How many hand out some number twice.
    pub duplicate: BigUint,
    /// How many skip a number.
    pub skipping: BigUint,
    /// How many end with somebody waiting for ever.
    pub deadlocked: BigUint,
    /// How many end with the counter at which value.
    pub final_counters: BTreeMap<u64, BigUint>,
    /// How many letters the shortest has, and the longest: they differ where draws begin again or are sold
    /// out.
    pub letters: (usize, usize),
}

impl Orders {
    /// How many hand out some number twice, or end with somebody waiting for ever.
    #[must_use]
    pub fn bad(&self) -> BigUint {
        &self.all - &self.clean
    }

    /// The share of bad orders, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        share(&self.bad(), &self.all)
    }
}

/// A part of a whole, 0 to 1, to about nine digits, however large both are.
#[must_use]
pub fn share(part: &BigUint, whole: &BigUint) -> f64 {
    const NINE: u32 = 1_000_000_000;
    if whole == &BigUint::ZERO {
        return 0.0;
    }
    let parts = part * NINE / whole;
    u32::try_from(&parts).map_or(1.0, |parts| f64::from(parts) / f64::from(NINE))
}

/// What a search found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Findings {
    /// Whether every state was seen. If not, what was not found may still be there.
    pub exhaustive: bool,
    /// What ended the search, if not.
    pub stopped: Option<Stopped>,
    /// How many states were seen, sessions told apart.
    pub states: u128,
    /// The same, with those taken as one that differ only in which of several sessions that draw
    /// equally often is which.
    pub states_folded: usize,
    /// How many were looked at.
    pub explored: usize,
    /// How many bytes they took.
    pub bytes: usize,
    /// The orders, counted; `None` if not every state was seen, or some order has no end.
    pub orders: Option<Orders>,
    /// A shortest schedule that hands out a number twice.
    pub witness: Option<Schedule>,
    /// Whether all schedules of so many letters were looked at, so that it is the one that is defined: of the
    /// shortest the one with the fewest switches, and of these the first in the alphabet.
    pub witness_is_first: bool,
    /// How often at least a session must be interrupted though it could go on, until a number is handed out
    /// twice. If not every state was seen, fewer may do.
    pub preemptions: Option<usize>,
    /// A shortest schedule after which everybody who has not drawn all waits for ever.
    pub deadlock: Option<Schedule>,
}

/// Looks at every order, as far as the bounds allow. `progress` is told now and then how far it has come.
pub fn explore(model: &Model, bounds: Bounds, progress: &mut dyn FnMut(Seen)) -> Findings {
    explore_folding(model, true, bounds, progress)
}

/// The same; without `fold` sessions that draw equally often are told apart, which takes longer and finds the same.
pub fn explore_folding(
    model: &Model,
    fold: bool,
    bounds: Bounds,
    progress: &mut dyn FnMut(Seen),
) -> Findings {
    let system = Sessions::new(model);
    let graph = Graph::walk(&system, fold, bounds, progress);
    let duplicate = |id: usize| graph.label(id) >> DUPLICATE & 1 == 1;
    let deadlock = |id: usize| graph.label(id) >> DEADLOCK & 1 == 1;
    let witness = shortest(&system, &graph, DUPLICATE, &duplicate);
    Findings {
        exhaustive: graph.is_complete(),
        stopped: graph.stopped(),
        states: graph.unfolded(),
        states_folded: graph.folded(&system),
        explored: graph.len(),
        bytes: graph.allocated(),
        orders: orders(&system, &graph),
        preemptions: witness
            .as_ref()
            .and_then(|_| witness::fewest_preemptions(&graph, &duplicate)),
        witness_is_first: witness
            .as_ref()
            .is_some_and(|witness| graph.looked_at_all_before(witness.len())),
        witness,
        deadlock: shortest(&system, &graph, DEADLOCK, &deadlock),
    }
}

fn shortest(
    system: &Sessions<'_>,
    graph: &Graph,
    rule: usize,
    broken: &dyn Fn(usize) -> bool,
) -> Option<Schedule> {
    if graph.broken() >> rule & 1 == 0 {
        return None;
    }
    let mut start = Vec::new();
    system.start(&mut start);
    let goal = Goal::rule(system, rule, broken);
    let turns = witness::shortest(system, graph, &start, None, &goal)?;
    Schedule::of(turns.iter().map(|turn| usize::from(turn.who)))
}

/// Counts the orders; `None` if not every state was seen, or some order has no end.
fn orders(system: &Sessions<'_>, graph: &Graph) -> Option<Orders> {
    let order = count::topological(graph)?;
    // The counter, and behind it a bit each: a number twice, one skipped, a deadlock.
    let class = |end: End| match end {
        End::At(id) => {
            let (counter, skips) = system.ended_at(graph.state(id));
            let label = graph.label(id);
            let bit = |rule: usize| label >> rule & 1;
            counter << 3 | bit(DUPLICATE) << 2 | u64::from(skips) << 1 | bit(DEADLOCK)
        }
        End::Fault => 0,
    };
    let counted = count::count(graph, &order, &|_| false, &class);
    let ends = &counted.by_end;
    let sum = |is: &dyn Fn(u64) -> bool| {
        let those = ends.iter().filter(|&(&class, _)| is(class));
        those.map(|(_, orders)| orders).sum()
    };
    let mut final_counters = BTreeMap::new();
    for (class, orders) in ends {
        *final_counters.entry(class >> 3).or_insert(BigUint::ZERO) += orders;
    }
    Some(Orders {
        all: counted.all(),
        clean: sum(&|class| class & 0b101 == 0),
        duplicate: sum(&|class| class >> 2 & 1 == 1),
        skipping: sum(&|class| class >> 1 & 1 == 1),
        deadlocked: sum(&|class| class & 1 == 1),
        final_counters,
        letters: counted.turns,
    })
}

/// Calls `visit` with each order, first in the alphabet first, until it returns `false`. For models with few
/// orders: there is no bound here.
pub fn each_order(model: &Model, visit: &mut dyn FnMut(&Schedule) -> bool) {
    let (common, sessions) = model.begin();
    let mut letters = Vec::new();
    descend(model, common, &sessions, &mut letters, visit);
}

fn descend(
    model: &Model,
    common: super::model::Common,
    sessions: &[super::model::Session],
    letters: &mut Vec<usize>,
    visit: &mut dyn FnMut(&Schedule) -> bool,
) -> bool {
    let waits_or_is_over = |session| model.is_over(session) || model.waits(session, &common);
    if sessions.iter().all(waits_or_is_over) {
        return Schedule::of(letters.iter().copied()).is_none_or(|schedule| visit(&schedule));
    }
    for number in 0..sessions.len() {
        if model.is_over(&sessions[number]) || model.waits(&sessions[number], &common) {
            continue;
        }
        let (mut common, mut sessions) = (common, sessions.to_vec());
        model.turn(&mut sessions[number], &mut common);
        letters.push(number);
        let goes_on = descend(model, common, &sessions, letters, visit);
        letters.pop();
        if !goes_on {
            return false;
        }
    }
    true
}
