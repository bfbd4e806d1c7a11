//! Starvation: an order that goes round for ever, in which everybody who always could take a step takes one, and yet
//! somebody stays outside.
//!
//! For each process the states are kept in which it stands outside. A loop through such states lies in one strongly connected
//! component of them, and going through the whole component is the fairest loop there is in it. It is *weakly fair* if for every
//! process there is a state in it in which that process cannot take a step, or a step of its own.
//!
//! A process does not starve that rests all along the loop: it no longer tries, as in `while (TRUE) think();`. A rest ends, so
//! whoever only passes through one, on the way to the next try, is not exempt. The graph must not be folded: a loop must be followed
//! by each process as itself.

use std::collections::VecDeque;

use hashbrown::HashMap;

use super::graph::{FAULT, Graph};

/// How a process stands in a state, as far as it matters to whether it starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stands {
    /// Where it wants to be, or it has ended.
    Served,
    /// Outside, and trying.
    Trying,
    /// Outside, at this rest.
    Rests(u32),
}

/// A loop in which a process starves.
#[derive(Debug, Clone)]
pub(crate) struct Loop {
    /// Who.
    pub(crate) who: usize,
    /// The state in which the loop begins.
    pub(crate) entry: u32,
    /// Its steps.
    pub(crate) turns: Vec<usize>,
}

/// Finds the process of these that can starve, if one can, with a loop that begins early and is short. `stands` says of a
/// process how it stands in each state.
pub(crate) fn starves(
    graph: &Graph,
    processes: impl Iterator<Item = usize>,
    everybody: u32,
    stands: &mut dyn FnMut(usize) -> Vec<Stands>,
) -> Option<Loop> {
    let mut best: Option<Loop> = None;
    for who in processes {
        let stands = stands(who);
        components(graph, &stands, &mut |component, of| {
            in_component(graph, who, &stands, everybody, component, of, &mut best);
        });
    }
    best
}

/// The best loop in one component, if it has one and that is better. `of`: the number of the component of each state.
fn in_component(
    graph: &Graph,
    who: usize,
    stands: &[Stands],
    everybody: u32,
    component: &mut [u32],
    of: &[u32],
    best: &mut Option<Loop>,
) {
    component.sort_unstable();
    let entry = component[0] as usize;
    let resting = matches!(stands[entry], Stands::Rests(_))
        && component
            .iter()
            .all(|&it| stands[it as usize] == stands[entry]);
    if resting {
        return;
    }
    let within = |target: u32| target != FAULT && of[target as usize] == of[entry];
    let (mut moved, mut stuck) = (0u32, 0u32);
    for &at in &*component {
        stuck |= !graph.able(at as usize);
        for (turn, target, _) in graph.turns(at as usize) {
            moved |= u32::from(within(target)) << turn.who;
        }
    }
    if moved == 0 || (moved | stuck) & everybody != everybody {
        return;
    }
    // Look at a few beginnings: the shorter loop is the better picture.
    for &entry in component.iter().take(40) {
        let most = best.as_ref().map_or(usize::MAX, |best| best.turns.len());
        let Some(turns) = tour(graph, stands, entry as usize, everybody, most, &within) else {
            continue;
        };
        let found = Loop { who, entry, turns };
        let better = best
            .as_ref()
            .is_none_or(|best| (found.turns.len(), found.entry) < (best.turns.len(), best.entry));
        if better {
            *best = Some(found);
        }
    }
}

/// Not found yet, or left out.
const NONE: u32 = u32::MAX;

/// Calls `visit` with each strongly connected component of the states that are not [`Stands::Served`], and the number of the component
/// of each state. Tarjan's algorithm [1972], with a stack of its own in place of recursion: orders are longer than stacks.
fn components(graph: &Graph, stands: &[Stands], visit: &mut dyn FnMut(&mut [u32], &[u32])) {
    let kept = |id: u32| id != FAULT && stands[id as usize] != Stands::Served;
    let mut number = vec![NONE; graph.len()];
    let mut lowest = vec![NONE; graph.len()];
    let mut component_of = vec![NONE; graph.len()];
    let (mut numbers, mut components) = (0, 0);
    let mut open: Vec<u32> = Vec::new();
    // Where the search has gone, and which column of turns is next there.
    let mut path: Vec<(u32, usize)> = Vec::new();
    for root in 0..graph.len() {
        let root = u32::try_from(root).unwrap_or(FAULT);
        if !kept(root) || number[root as usize] != NONE {
            continue;
        }
        path.push((root, 0));
        while let Some((id, column)) = path.last_mut() {
            let (id, at) = (*id, *id as usize);
            if number[at] == NONE {
                (number[at], lowest[at]) = (numbers, numbers);
                numbers += 1;
                open.push(id);
            }
            match graph.next_target(at, column) {
                Some(next) if !kept(next) => {}
                Some(next) if number[next as usize] == NONE => path.push((next, 0)),
                Some(next) => {
                    if component_of[next as usize] == NONE {
                        lowest[at] = lowest[at].min(number[next as usize]);
                    }
                }
                None => {
                    path.pop();
                    if let Some(&(before, _)) = path.last() {
                        let before = before as usize;
                        lowest[before] = lowest[before].min(lowest[at]);
                    }
                    if lowest[at] == number[at] {
                        let begin = open.iter().rposition(|&it| it == id).unwrap_or(0);
                        for &it in &open[begin..] {
                            component_of[it as usize] = components;
                        }
                        components += 1;
                        visit(&mut open[begin..], &component_of);
                        open.truncate(begin);
                    }
                }
            }
        }
    }
}

/// A walk through a component, back to where it began, on which everybody takes a step or cannot, and the one who
/// starves does not rest all along; `None` if it takes more steps than `most`.
fn tour(
    graph: &Graph,
    stands: &[Stands],
    entry: usize,
    everybody: u32,
    most: usize,
    within: &impl Fn(u32) -> bool,
) -> Option<Vec<usize>> {
    let mut turns = Vec::new();
    let mut at = entry;
    let mut needed = everybody & graph.able(at);
    let mut resting = matches!(stands[entry], Stands::Rests(_));
    while needed != 0 || resting {
        let left = most.checked_sub(turns.len())?;
        let walk = nearest(graph, at, left, within, &|target, by| {
            needed >> by & 1 == 1
                || needed & !graph.able(target) != 0
                || (resting && stands[target] != stands[entry])
        })?;
        for (target, by) in walk {
            needed &= graph.able(target) & !(1 << by);
            resting &= stands[target] == stands[entry];
            turns.push(by);
            at = target;
        }
    }
    if at != entry || turns.is_empty() {
        let left = most.checked_sub(turns.len())?;
        let home = nearest(graph, at, left, within, &|target, _| target == entry)?;
        turns.extend(home.into_iter().map(|(_, by)| by));
    }
    Some(turns)
}

/// The shortest walk that ends with a step as wanted, if it takes no more steps than `most`.
fn nearest(
    graph: &Graph,
    from: usize,
    most: usize,
    within: &impl Fn(u32) -> bool,
    wanted: &dyn Fn(usize, usize) -> bool,
) -> Option<Vec<(usize, usize)>> {
    let mut came: HashMap<usize, (usize, usize), foldhash::fast::FixedState> = HashMap::default();
    let mut todo = VecDeque::from([(from, 0)]);
    while let Some((at, steps)) = todo.pop_front() {
        if steps >= most {
            break;
        }
        for (turn, target, _) in graph.turns(at) {
            if !within(target) {
                continue;
            }
            let (target, by) = (target as usize, usize::from(turn.who));
            if wanted(target, by) {
                let mut walk = vec![(target, by)];
                let mut back = at;
                while back != from {
                    let &(before, by) = came.get(&back)?;
                    walk.push((back, by));
                    back = before;
                }
                walk.reverse();
                return Some(walk);
            }
            if target != from && !came.contains_key(&target) {
                came.insert(target, (at, by));
                todo.push_back((target, steps + 1));
            }
        }
    }
    None
}
