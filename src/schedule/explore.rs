//! The explorer: every order there is.
//!
//! It does not try the orders one by one: two that come to the same state go on alike, and there are far
//! fewer states than orders (3 sessions × 3 draws: 17,153,136 orders). So it walks the graph of states,
//! breadth first, and then lets sums run through the graph: see [`count`] and
//! [`witness`]. The technique is that of explicit-state model checkers (SPIN, stateright).
//!
//! What it says is true of *all* orders only if it has seen all states. When it stops early, for the
//! bound on states or on memory, it says so and never says "safe".

use hashbrown::{DefaultHashBuilder, HashTable};
use num_bigint::BigUint;
use std::collections::BTreeMap;
use std::hash::BuildHasher;

use super::count;
use super::model::{Model, Outcome};
use super::packed::Layout;
use super::text::Schedule;
use super::witness;

/// No state: that session has no turn there.
pub(super) const NONE: u32 = u32::MAX;
/// How many states go by between two calls of `progress`.
const BEAT: usize = 1 << 14;

/// How far a search may go.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many states it may see.
    pub states: usize,
    /// How many bytes they may take.
    pub bytes: usize,
}

impl Default for Bounds {
    /// Ten million states, a gigabyte.
    fn default() -> Self {
        Self {
            states: 10_000_000,
            bytes: 1 << 30,
        }
    }
}

/// What ended a search before every state was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stopped {
    /// [`Bounds::states`].
    States,
    /// [`Bounds::bytes`], or that no more states can be numbered, which takes more than that.
    Memory,
}

/// The states that were seen, in the order in which they were, and which turn leads where.
#[derive(Debug)]
pub struct Graph {
    pub(super) layout: Layout,
    states: Vec<u64>,
    /// For each state and session the state after its turn, or [`NONE`].
    turns: Vec<u32>,
    /// Where each level begins: the states first reached with so many letters.
    pub(super) levels: Vec<usize>,
    pub(super) sessions: usize,
    /// What ended the walk, unless every state's turns are there.
    pub(super) stopped: Option<Stopped>,
}

impl Graph {
    pub(super) fn len(&self) -> usize {
        self.states.len() / self.layout.words()
    }

    pub(super) fn state(&self, id: usize) -> &[u64] {
        let words = self.layout.words();
        &self.states[id * words..(id + 1) * words]
    }

    /// The state after each session's turn, [`NONE`] where it has none. Empty for a state whose turns
    /// were not looked at.
    pub(super) fn turns(&self, id: usize) -> &[u32] {
        self.turns
            .get(id * self.sessions..(id + 1) * self.sessions)
            .unwrap_or(&[])
    }

    /// Whether every state's turns are there.
    pub(super) const fn is_complete(&self) -> bool {
        self.stopped.is_none()
    }

    /// How many states there are whose turns were looked at.
    pub(super) fn looked_at(&self) -> usize {
        self.turns.len() / self.sessions
    }

    fn bytes(&self) -> usize {
        // The table keeps a number and a byte a place, and is at least half full.
        self.states.capacity() * 8 + self.turns.capacity() * 4 + self.len() * 10
    }

    /// Walks the graph from its beginning, breadth first.
    pub(super) fn walk(model: &Model, bounds: Bounds, progress: &mut dyn FnMut(usize)) -> Self {
        let layout = Layout::new(model);
        let (words, sessions) = (layout.words(), model.draws().len());
        // What counting will take is left free: a number a state, and two indices.
        let a_state = words * 8 + sessions * 4 + 10 + 16 + 8;
        // A vector that grows is there twice for a moment.
        let memory = (bounds.bytes / 3 * 2 / a_state).min(NONE as usize - 1);
        let (most, stops) = if bounds.states <= memory {
            (bounds.states, Stopped::States)
        } else {
            (memory, Stopped::Memory)
        };
        let hasher = DefaultHashBuilder::default();
        let mut known: HashTable<u32> = HashTable::new();
        let mut graph = Self {
            states: layout.begin(model),
            layout,
            turns: Vec::new(),
            levels: vec![0],
            sessions,
            stopped: None,
        };
        known.insert_unique(hasher.hash_one(&graph.states[..]), 0, |_| 0);
        let mut after = vec![0; words];
        let mut level_end = 1;
        let mut id = 0;
        while id < graph.len() {
            if id == level_end {
                graph.levels.push(id);
                level_end = graph.len();
            }
            if id % BEAT == 0 {
                progress(graph.len());
            }
            for number in 0..sessions {
                after.copy_from_slice(graph.state(id));
                let mut common = graph.layout.common(&after);
                let mut session = graph.layout.session(&after, number);
                if model.is_over(&session) || model.waits(&session, &common) {
                    graph.turns.push(NONE);
                    continue;
                }
                let outcome = model.turn(&mut session, &mut common);
                graph.layout.set_counter(&mut after, common.counter);
                graph.layout.set_session(&mut after, number, &session);
                if let Outcome::Drew(ticket) = outcome {
                    graph.layout.hand_out(&mut after, ticket);
                }
                let states = &graph.states;
                let state = |id: u32| &states[id as usize * words..(id as usize + 1) * words];
                let hash = hasher.hash_one(&after[..]);
                let found = known.find(hash, |&id| state(id) == &after[..]).copied();
                let next = if let Some(next) = found {
                    next
                } else {
                    if graph.len() >= most {
                        graph.stop(stops, id, level_end);
                        return graph;
                    }
                    let next = u32::try_from(states.len() / words).unwrap_or(NONE);
                    known.insert_unique(hash, next, |&id| hasher.hash_one(state(id)));
                    graph.states.extend_from_slice(&after);
                    next
                };
                graph.turns.push(next);
            }
            id += 1;
        }
        graph
    }

    /// Leaves it as it is, but for the turns of this state, which are not all there.
    fn stop(&mut self, stopped: Stopped, id: usize, level_end: usize) {
        self.stopped = Some(stopped);
        self.turns.truncate(id * self.sessions);
        // What has been reached from this level stands on the next.
        if level_end < self.len() {
            self.levels.push(level_end);
        }
    }
}

/// All orders, counted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Orders {
    /// How many there are.
    pub all: BigUint,
    /// How many hand out some number twice.
    pub duplicate: BigUint,
    /// How many skip a number.
    pub skipping: BigUint,
    /// How many end with the counter at which value.
    pub final_counters: BTreeMap<u64, BigUint>,
    /// How many letters the shortest has, and the longest: they differ where draws begin again or are sold
    /// out.
    pub letters: (usize, usize),
}

impl Orders {
    /// How many hand out each number once.
    #[must_use]
    pub fn clean(&self) -> BigUint {
        &self.all - &self.duplicate
    }

    /// The share of orders that hand out a number twice, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        share(&self.duplicate, &self.all)
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
    /// How many states were seen.
    pub states: usize,
    /// The same, with those taken as one that differ only in which of several sessions that draw
    /// equally often is which; `None` if not every state was seen.
    pub states_up_to_swapping: Option<usize>,
    /// How many bytes the states took.
    pub bytes: usize,
    /// The orders, counted; `None` if not every state was seen.
    pub orders: Option<Orders>,
    /// A shortest schedule that hands out a number twice.
    pub witness: Option<Schedule>,
    /// Whether all schedules of so many letters were looked at, so that it is the one that is defined: of the
    /// shortest the one with the fewest switches, and of these the first in the alphabet.
    pub witness_is_first: bool,
    /// How often at least a session must be interrupted though it could go on, until a number is handed out
    /// twice. If not every state was seen, fewer may do.
    pub preemptions: Option<usize>,
}

/// Looks at every order, as far as the bounds allow. `progress` is told now and then how many states were seen.
pub fn explore(model: &Model, bounds: Bounds, progress: &mut dyn FnMut(usize)) -> Findings {
    let graph = Graph::walk(model, bounds, progress);
    let witness = witness::shortest(&graph);
    let in_order = (0..graph.len())
        .filter(|&id| graph.layout.is_in_order(graph.state(id), model.draws()))
        .count();
    Findings {
        exhaustive: graph.is_complete(),
        stopped: graph.stopped,
        states: graph.len(),
        states_up_to_swapping: graph.is_complete().then_some(in_order),
        bytes: graph.bytes(),
        orders: count::orders(&graph),
        preemptions: witness
            .as_ref()
            .and_then(|_| witness::fewest_preemptions(&graph)),
        witness_is_first: witness
            .as_ref()
            .is_some_and(|witness| witness::is_first(&graph, witness)),
        witness,
    }
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
    if sessions.iter().all(|session| model.is_over(session)) {
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
