//! From any point of an order on: how many orders are left, how many of them break a rule, and the shortest way to one
//! that does. For whoever plays an order by hand and wants to know where it can lead.
//!
//! The graph is walked once and summed once, from its ends to its beginning; then each answer is looked up.

use super::count::topological;
use super::graph::{Bounds, FAULT, Graph, Seen};
use super::system::{Moves, System, Turn};
use super::witness::{self, Goal};

/// A point that an order has come to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    id: u32,
    state: Vec<u8>,
}

/// Orders that are left, by how they end. Exact, unless it is [`u128::MAX`]: then there are at least as many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// They break no rule.
    pub clean: u128,
    /// They break one, or have done so.
    pub bad: u128,
}

impl Left {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u128 {
        self.clean.saturating_add(self.bad)
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Lookahead {
    graph: Graph,
    /// Which rules count, a bit each.
    rules: u64,
    fault: bool,
    /// By state; empty if not every state was seen, or some order has no end.
    left: Vec<Left>,
}

impl Lookahead {
    /// Looks at every order, as far as the bounds allow. An order is bad that breaks one of these rules, a bit each.
    pub fn compute(
        system: &dyn System,
        rules: u64,
        bounds: Bounds,
        progress: &mut dyn FnMut(Seen),
    ) -> Self {
        let graph = Graph::walk(system, true, bounds, progress);
        let fault = system.fault_breaks() & rules != 0;
        let order = topological(&graph).unwrap_or_default();
        let mut left = vec![Left::default(); order.len()];
        for &id in order.iter().rev() {
            let id = id as usize;
            let mut sum = Left::default();
            let mut is_end = true;
            for target in graph.targets(id) {
                is_end = false;
                let after = match target {
                    FAULT => Left {
                        clean: u128::from(!fault),
                        bad: u128::from(fault),
                    },
                    target => left[target as usize],
                };
                sum.clean = sum.clean.saturating_add(after.clean);
                sum.bad = sum.bad.saturating_add(after.bad);
            }
            if is_end {
                sum.clean = 1;
            }
            // What is broken stays broken, however the order goes on.
            if graph.label(id) & rules != 0 {
                sum = Left {
                    clean: 0,
                    bad: sum.all(),
                };
            }
            left[id] = sum;
        }
        Self {
            graph,
            rules,
            fault,
            left,
        }
    }

    /// Whether every state was seen. If not, what was not found may still be there.
    #[must_use]
    pub const fn is_exhaustive(&self) -> bool {
        self.graph.is_complete()
    }

    /// How many states were seen.
    #[must_use]
    pub const fn states(&self) -> usize {
        self.graph.len()
    }

    /// Where these turns lead. `None` if one of them cannot be taken, or leads past what was seen.
    pub fn after(
        &self,
        system: &dyn System,
        turns: impl IntoIterator<Item = Turn>,
    ) -> Option<Place> {
        let mut state = Vec::new();
        if !system.start(&mut state) {
            return None;
        }
        let mut moves = Moves::default();
        for turn in turns {
            moves.clear();
            system.expand(&state, false, &mut moves);
            let nth = moves.all.iter().position(|it| it.turn == turn)?;
            if moves.all[nth].fault {
                return None;
            }
            state.clear();
            state.extend_from_slice(moves.state(nth));
        }
        let id = self.graph.find(system, &state)?;
        Some(Place { id, state })
    }

    /// The orders that are left from there; `None` if not every state was seen, or some order has no end.
    #[must_use]
    pub fn left(&self, place: &Place) -> Option<Left> {
        self.left.get(place.id as usize).copied()
    }

    /// A shortest way on from there until a rule is broken: fewest turns, then fewest switches, counting one from who had the
    /// turn that led there, then first in the alphabet. `None` if none was seen.
    #[must_use]
    pub fn witness(
        &self,
        system: &dyn System,
        place: &Place,
        came_by: Option<usize>,
    ) -> Option<Vec<Turn>> {
        let goal = Goal {
            state: &|id| self.graph.label(id) & self.rules != 0,
            fault: self.fault,
        };
        witness::shortest(system, &self.graph, &place.state, came_by, &goal)
    }
}
