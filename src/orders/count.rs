//! How many orders there are, exactly, without listing them: as many come to a state as come to the states before
//! it, each as often as a turn leads here. One pass through the graph, from its beginning to its ends.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::graph::{FAULT, Graph};

/// A sum that may not fit.
trait Sum: Clone {
    fn zero() -> Self;
    fn one() -> Self;
    /// Adds, or says that it does not fit.
    fn add(&mut self, other: &Self) -> Option<()>;
    fn whole(self) -> BigUint;
}

/// Fits most of what is looked at, and is several times as quick.
impl Sum for u128 {
    fn zero() -> Self {
        0
    }

    fn one() -> Self {
        1
    }

    fn add(&mut self, other: &Self) -> Option<()> {
        *self = self.checked_add(*other)?;
        Some(())
    }

    fn whole(self) -> BigUint {
        self.into()
    }
}

impl Sum for BigUint {
    fn zero() -> Self {
        Self::ZERO
    }

    fn one() -> Self {
        1u32.into()
    }

    fn add(&mut self, other: &Self) -> Option<()> {
        *self += other;
        Some(())
    }

    fn whole(self) -> BigUint {
        self
    }
}

/// How an order ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum End {
    /// In this state, in which nobody has a turn.
    At(usize),
    /// By a turn that goes wrong.
    Fault,
}

/// The states, each after all that lead to it. Level by level is not enough: a loop that is left again comes back to a
/// state that others reach with fewer turns. `None` if not every state was looked at, or some order has no end.
#[must_use]
pub fn topological(graph: &Graph) -> Option<Vec<u32>> {
    if !graph.is_complete() || graph.is_empty() {
        return None;
    }
    let states = |id: usize| graph.targets(id).filter(|&target| target != FAULT);
    let all = || (0..graph.len()).map(|id| u32::try_from(id).unwrap_or(FAULT));
    // Where nothing is come back to, the order in which they were found will do, and is several times as quick.
    if all().all(|id| states(id as usize).all(|next| next > id)) {
        return Some(all().collect());
    }
    let mut into = vec![0u32; graph.len()];
    for id in 0..graph.len() {
        for next in states(id) {
            into[next as usize] += 1;
        }
    }
    if into[0] > 0 {
        return None;
    }
    let mut order = Vec::with_capacity(graph.len());
    order.push(0u32);
    let mut index = 0;
    while let Some(&id) = order.get(index) {
        index += 1;
        for next in states(id as usize) {
            into[next as usize] -= 1;
            if into[next as usize] == 0 {
                order.push(next);
            }
        }
    }
    (order.len() == graph.len()).then_some(order)
}

/// Orders, counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// How many there are, by the class of their end.
    pub by_end: BTreeMap<u64, BigUint>,
    /// How many turns the shortest has, and the longest.
    pub turns: (usize, usize),
}

impl Counted {
    /// How many there are in all.
    #[must_use]
    pub fn all(&self) -> BigUint {
        self.by_end.values().sum()
    }
}

/// Counts the orders that go through no state that is `spoilt`, by the class of their end. `order`: see [`topological`].
pub fn count(
    graph: &Graph,
    order: &[u32],
    spoilt: &dyn Fn(usize) -> bool,
    class: &dyn Fn(End) -> u64,
) -> Counted {
    sums::<u128>(graph, order, spoilt, class)
        .or_else(|| sums::<BigUint>(graph, order, spoilt, class))
        .unwrap_or_default()
}

fn sums<S: Sum>(
    graph: &Graph,
    order: &[u32],
    spoilt: &dyn Fn(usize) -> bool,
    class: &dyn Fn(End) -> u64,
) -> Option<Counted> {
    let mut coming = vec![S::zero(); graph.len()];
    let mut longest = vec![0u32; graph.len()];
    coming[0] = S::one();
    let mut sums: BTreeMap<u64, S> = BTreeMap::new();
    let (mut fewest, mut most) = (usize::MAX, 0);
    let mut ends = |end: End, sum: &S, level: usize, longest: u32| {
        fewest = fewest.min(level);
        most = most.max(longest as usize);
        let sums = sums.entry(class(end)).or_insert_with(S::zero);
        sums.add(sum)
    };
    for &id in order {
        let id = id as usize;
        let here = std::mem::replace(&mut coming[id], S::zero());
        if spoilt(id) {
            continue;
        }
        let far = longest[id];
        let mut is_end = true;
        for next in graph.targets(id) {
            is_end = false;
            if next == FAULT {
                ends(End::Fault, &here, graph.level(id) + 1, far + 1)?;
            } else {
                let next = next as usize;
                coming[next].add(&here)?;
                longest[next] = longest[next].max(far + 1);
            }
        }
        if is_end {
            ends(End::At(id), &here, graph.level(id), far)?;
        }
    }
    let whole = sums.into_iter().map(|(class, sum)| (class, sum.whole()));
    Some(Counted {
        by_end: whole.collect(),
        turns: (fewest, most),
    })
}
