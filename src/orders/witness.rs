//! The witness: of the shortest orders that break a rule the one with the fewest switches, and of those the first in the
//! alphabet.
//!
//! It is exact on a folded graph too, though that has forgotten which process moved. In a state each process has a *part* of its own, its
//! program counter and its variables, and the *places* of interchangeable processes hold their parts in order. Breadth first, the first level with what is
//! looked for fixes the fewest turns. From there back to the beginning, each state learns how few switches lead from it to the goal
//! *if the process at this place of it moved last*: what the next switch costs depends only on where the last mover stands, not on
//! who it is. If two places hold equal parts, swapping them changes nothing, so any place with an equal part will do: of three sessions of which two have read 0, it does not matter which of the
//! two has read last. A turn that goes wrong and with that breaks the rule is a goal of its own, one turn after the state it is taken in. Then one walk
//! forward, in states as they are and with real letters, takes the first turn that is as good as any.

use std::collections::VecDeque;

use super::graph::{FAULT, Graph, NO_STATE};
use super::system::{Moves, System, Turn};

/// The goal cannot be reached that way.
const NEVER: u32 = u32::MAX;

/// What a witness leads to.
pub(crate) struct Goal<'a> {
    /// Such a state.
    pub(crate) state: &'a dyn Fn(usize) -> bool,
    /// Or a turn that goes wrong.
    pub(crate) fault: bool,
}

impl<'a> Goal<'a> {
    /// A state that breaks this rule, or a turn that does by going wrong.
    pub(crate) fn rule(
        system: &dyn System,
        rule: usize,
        broken: &'a dyn Fn(usize) -> bool,
    ) -> Self {
        Self {
            state: broken,
            fault: system.fault_breaks() >> rule & 1 == 1,
        }
    }
}

/// Everything near enough to a state, by how many turns lead there.
struct Nearby {
    /// The states, level by level.
    states: Vec<u32>,
    /// Where each level begins, and the last ends.
    levels: Vec<usize>,
    /// For each state of the graph where it stands in `states`.
    index: Vec<u32>,
    /// The goal is reached by a turn that goes wrong from the last level, too.
    by_fault: bool,
}

/// Goes on from a state until a level has what is looked for. `None` if nothing has.
fn nearby(graph: &Graph, from: u32, goal: &Goal<'_>) -> Option<Nearby> {
    let mut index = vec![NO_STATE; graph.len()];
    index[from as usize] = 0;
    let mut states = vec![from];
    let mut levels = vec![0];
    loop {
        let (begin, end) = (*levels.last()?, states.len());
        if begin == end {
            return None;
        }
        levels.push(end);
        if states[begin..end]
            .iter()
            .any(|&id| (goal.state)(id as usize))
        {
            return Some(Nearby {
                states,
                levels,
                index,
                by_fault: false,
            });
        }
        let mut by_fault = false;
        for at in begin..end {
            for target in graph.targets(states[at] as usize) {
                if target == FAULT {
                    by_fault |= goal.fault;
                } else if index[target as usize] == NO_STATE {
                    index[target as usize] = u32::try_from(states.len()).unwrap_or(NO_STATE);
                    states.push(target);
                }
            }
        }
        if by_fault {
            // States of the same number of turns are as good.
            levels.push(states.len());
            return Some(Nearby {
                states,
                levels,
                index,
                by_fault: true,
            });
        }
    }
}

/// The witness from a state on, a switch from the turn that led there counted. `from` is that state as it is.
/// `None` if the goal was not seen from there.
pub(crate) fn shortest(
    system: &dyn System,
    graph: &Graph,
    from: &[u8],
    came_by: Option<usize>,
    goal: &Goal<'_>,
) -> Option<Vec<Turn>> {
    let near = nearby(graph, graph.find(system, from)?, goal)?;
    let turns = near.levels.len() - 2;
    let actors = graph.actors();
    let cost = costs(graph, &near, goal);
    let mut state = from.to_vec();
    let mut last = came_by;
    let mut way = Vec::with_capacity(turns);
    let mut moves = Moves::default();
    for level in 0..turns {
        moves.clear();
        system.expand(&state, false, &mut moves);
        let next = near.levels[level + 1]..near.levels[level + 2];
        let mut best: Option<(u32, usize)> = None;
        for (nth, found) in moves.all.iter().enumerate() {
            let who = usize::from(found.turn.who);
            let left = if found.fault {
                let is_last = near.by_fault && level + 1 == turns;
                if is_last { 0 } else { NEVER }
            } else {
                let state = moves.state(nth);
                let id = graph.find(system, state)?;
                let index = near.index[id as usize] as usize;
                if next.contains(&index) {
                    cost[index * actors + graph.place(system, id, state, who)]
                } else {
                    NEVER
                }
            };
            if left == NEVER {
                continue;
            }
            let all = left + u32::from(last.is_some_and(|last| last != who));
            if best.is_none_or(|(least, _)| all < least) {
                best = Some((all, nth));
            }
        }
        let (_, nth) = best?;
        let turn = moves.all[nth].turn;
        way.push(turn);
        last = Some(usize::from(turn.who));
        state.clear();
        state.extend_from_slice(moves.state(nth));
    }
    Some(way)
}

/// For each state nearby and each place in it: how many switches lead to the goal at least, if who stands at that place moved last.
fn costs(graph: &Graph, near: &Nearby, goal: &Goal<'_>) -> Vec<u32> {
    let actors = graph.actors();
    let turns = near.levels.len() - 2;
    let mut cost = vec![NEVER; near.states.len() * actors];
    let mut by = vec![NEVER; actors];
    for level in (0..=turns).rev() {
        for index in near.levels[level]..near.levels[level + 1] {
            let id = near.states[index] as usize;
            let here = index * actors..(index + 1) * actors;
            if level == turns {
                if (goal.state)(id) {
                    cost[here].fill(0);
                }
                continue;
            }
            by.fill(NEVER);
            let next = near.levels[level + 1]..near.levels[level + 2];
            for (turn, target, lands) in graph.turns(id) {
                let left = if target == FAULT {
                    let is_last = near.by_fault && level + 1 == turns;
                    if is_last { 0 } else { NEVER }
                } else {
                    let index = near.index[target as usize] as usize;
                    if next.contains(&index) {
                        cost[index * actors + lands]
                    } else {
                        NEVER
                    }
                };
                let by = &mut by[usize::from(turn.who)];
                *by = left.min(*by);
            }
            let switching = by.iter().min().map_or(NEVER, |&it| it.saturating_add(1));
            for (cost, &staying) in cost[here].iter_mut().zip(&by) {
                *cost = staying.min(switching);
            }
        }
    }
    cost
}

/// How often at least a process has to be interrupted though it could go on, until such a state is reached. A switch
/// away from one that cannot go on is none [Musuvathi and Qadeer 2007: most bugs need very few].
pub(crate) fn fewest_preemptions(graph: &Graph, goal: &dyn Fn(usize) -> bool) -> Option<usize> {
    let places = graph.actors() + 1;
    let nobody = graph.actors();
    let mut seen = vec![false; graph.len() * places];
    let mut queue = VecDeque::from([(0usize, nobody, 0usize)]);
    while let Some((id, last, preemptions)) = queue.pop_front() {
        if std::mem::replace(seen.get_mut(id * places + last)?, true) {
            continue;
        }
        if goal(id) {
            return Some(preemptions);
        }
        let could_go_on = last != nobody && graph.able(id) >> last & 1 == 1;
        for (turn, target, lands) in graph.turns(id) {
            if target == FAULT {
                continue;
            }
            if could_go_on && usize::from(turn.who) != last {
                queue.push_back((target as usize, lands, preemptions + 1));
            } else {
                queue.push_front((target as usize, lands, preemptions));
            }
        }
    }
    None
}
