//! How many orders there are, exactly, without listing them: as many come to a state as come to the
//! states before it, each as often as a turn leads here. One pass through the graph, from its beginning to its ends.

use std::collections::BTreeMap;

use num_bigint::BigUint;

use super::explore::{Graph, NONE, Orders};

/// A sum that may not fit.
trait Sum: Clone {
    fn zero() -> Self;
    fn one() -> Self;
    /// Adds, or says that it does not fit.
    fn add(&mut self, other: &Self) -> Option<()>;
    fn whole(self) -> BigUint;
}

/// Fits most of what is explored, and is several times as quick.
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

/// Counts the orders; `None` if the graph is not complete.
pub(super) fn orders(graph: &Graph) -> Option<Orders> {
    if !graph.is_complete() {
        return None;
    }
    let order = topological(graph)?;
    sums::<u128>(graph, &order).or_else(|| sums::<BigUint>(graph, &order))
}

/// The states, each after all that lead to it. Level by level is not enough: a draw that begins again comes
/// back to a state that others reach with fewer letters. `None` if some order has no end, which no program
/// that [can run](crate::draw::notation::check_program) has: to begin again, somebody must have moved the counter.
pub(super) fn topological(graph: &Graph) -> Option<Vec<u32>> {
    let mut into = vec![0u32; graph.len()];
    for id in 0..graph.len() {
        for &next in graph.turns(id).iter().filter(|&&next| next != NONE) {
            into[next as usize] += 1;
        }
    }
    let mut order = Vec::with_capacity(graph.len());
    order.push(0u32);
    let mut index = 0;
    while let Some(&id) = order.get(index) {
        index += 1;
        for &next in graph
            .turns(id as usize)
            .iter()
            .filter(|&&next| next != NONE)
        {
            into[next as usize] -= 1;
            if into[next as usize] == 0 {
                order.push(next);
            }
        }
    }
    (order.len() == graph.len()).then_some(order)
}

fn sums<S: Sum>(graph: &Graph, order: &[u32]) -> Option<Orders> {
    let mut coming = vec![S::zero(); graph.len()];
    let mut longest = vec![0u32; graph.len()];
    coming[0] = S::one();
    let (mut all, mut duplicate, mut skipping) = (S::zero(), S::zero(), S::zero());
    let mut finals: BTreeMap<u64, S> = BTreeMap::new();
    let (mut fewest, mut most) = (usize::MAX, 0);
    for &id in order {
        let id = id as usize;
        let here = std::mem::replace(&mut coming[id], S::zero());
        let mut is_end = true;
        for &next in graph.turns(id).iter().filter(|&&next| next != NONE) {
            is_end = false;
            coming[next as usize].add(&here)?;
            longest[next as usize] = longest[next as usize].max(longest[id] + 1);
        }
        if is_end {
            let state = graph.state(id);
            all.add(&here)?;
            if graph.layout.has_duplicate(state) {
                duplicate.add(&here)?;
            }
            if graph.layout.skips(state) {
                skipping.add(&here)?;
            }
            finals
                .entry(graph.layout.shown_counter(state))
                .or_insert_with(S::zero)
                .add(&here)?;
            fewest = fewest.min(graph.levels.partition_point(|&start| start <= id) - 1);
            most = most.max(longest[id] as usize);
        }
    }
    Some(Orders {
        all: all.whole(),
        duplicate: duplicate.whole(),
        skipping: skipping.whole(),
        final_counters: finals
            .into_iter()
            .map(|(counter, orders)| (counter, orders.whole()))
            .collect(),
        letters: (fewest, most),
    })
}
