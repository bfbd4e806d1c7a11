//! How many orders there are in all, and how many of them break a rule: for programs that always end.

use petgraph::algo::toposort;
use petgraph::graph::{DiGraph, NodeIndex};

use super::super::program::{Program, What};
use super::search::{FAULT, Graph};

/// The number of orders, and of those that break each rule. `None` if some order never ends.
///
/// From the last states back: the orders that go on from a state are those that go on from where its
/// steps lead, together. A state that breaks a rule spoils every order through it.
pub fn count(program: &Program, graph: &Graph) -> Option<(u128, Vec<u128>)> {
    let mut steps = DiGraph::<(), (), u32>::with_capacity(graph.store.len(), graph.targets.len());
    for _ in 0..graph.store.len() {
        steps.add_node(());
    }
    for id in 0..graph.store.len() {
        for (target, _) in graph.steps(id) {
            if target != FAULT {
                steps.add_edge(NodeIndex::new(id), NodeIndex::new(target as usize), ());
            }
        }
    }
    let order = toposort(&steps, None).ok()?;
    let total = spread(graph, &order, 1, &|_| false);
    let broken = program.rules.iter().enumerate().map(|(rule, it)| {
        let lone = u128::from(!matches!(it.what, What::NoFault));
        let clean = spread(graph, &order, lone, &|id| graph.broken[id] >> rule & 1 == 1);
        total.saturating_sub(clean)
    });
    Some((total, broken.collect()))
}

fn spread(graph: &Graph, order: &[NodeIndex], lone: u128, spoilt: &dyn Fn(usize) -> bool) -> u128 {
    let mut orders = vec![0u128; graph.store.len()];
    for node in order.iter().rev() {
        let id = node.index();
        if spoilt(id) {
            continue;
        }
        let mut sum = 0u128;
        let mut last = true;
        for (target, _) in graph.steps(id) {
            last = false;
            sum = sum.saturating_add(if target == FAULT {
                lone
            } else {
                orders[target as usize]
            });
        }
        orders[id] = if last { 1 } else { sum };
    }
    orders.first().copied().unwrap_or(0)
}
