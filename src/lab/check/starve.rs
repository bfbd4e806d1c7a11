//! Starvation: a loop that can go on for ever, in which everybody who always could take a step takes
//! one, and yet somebody stays outside a section.
//!
//! For each process and section the states are kept in which that process stands outside and has not
//! ended. A loop through such states lies in one strongly connected component of them, and going
//! through the whole component is the fairest loop there is in it. It is *weakly fair* if for every
//! process there is a state in it in which that process cannot take a step, or a step of its own.
//!
//! A process does not starve that stays in one activity, at one place of the program, all along the
//! loop: it no longer tries, as in `while (TRUE) think();`. An activity ends, so whoever only passes
//! through one, on the way to the next try, is not exempt.

use std::collections::VecDeque;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::NodeFiltered;

use super::super::machine::{ended, pc};
use super::super::program::{Instr, Program};
use super::search::{FAULT, Graph, inside};
use super::store::Codec;

/// A loop in which a process starves.
#[derive(Debug, Clone)]
pub struct Loop {
    /// Who.
    pub who: usize,
    /// The state in which the loop begins.
    pub entry: u32,
    /// Its steps.
    pub schedule: Vec<usize>,
}

/// Whether a process stands outside a section and has not ended.
pub fn outside(program: &Program, state: &[i32], who: usize, section: usize) -> bool {
    !inside(program, state, who, section) && !ended(program, state, who)
}

/// Where a process stands in a state, as far as it matters to whether it starves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stands {
    /// In the section, or it has ended.
    NotOutside,
    /// Outside, and before something else than the end of an activity.
    Trying,
    /// Outside, in the activity at this place of its program.
    Busy(u32),
}

/// Finds a process that can starve outside a section, if one can, with a loop that begins early and is short.
pub fn starves(program: &Program, graph: &Graph, section: usize) -> Option<Loop> {
    let steps = petgraph(graph);
    let mut best: Option<Loop> = None;
    for who in 0..program.processes.len() {
        let code = program.code_of(who);
        // Of interchangeable processes one stands for all.
        let first = program.processes[who].index == 0;
        if code.sections >> section & 1 == 0 || (code.symmetric && !first) {
            continue;
        }
        let stands = stands(program, graph, who, section);
        let kept = |id: usize| stands[id] != Stands::NotOutside;
        let filtered = NodeFiltered::from_fn(&steps, |node: NodeIndex| kept(node.index()));
        let everybody = everybody(program);
        let mut component_of = vec![0u32; graph.store.len()];
        let components = kosaraju_scc(&filtered);
        for (number, component) in components.iter().enumerate() {
            for node in component {
                component_of[node.index()] = u32::try_from(number + 1).unwrap_or(u32::MAX);
            }
        }
        for component in &components {
            let Some(entry) = component.iter().map(|it| it.index()).min() else {
                continue;
            };
            let at_entry = stands[entry];
            let resting = matches!(at_entry, Stands::Busy(_))
                && component.iter().all(|it| stands[it.index()] == at_entry);
            if !kept(entry) || resting {
                continue;
            }
            let number = component_of[entry];
            let within = |target: u32| {
                target != FAULT && component_of[target as usize] == number && kept(target as usize)
            };
            let (mut moved, mut stuck) = (0u32, 0u32);
            for node in component {
                let at = node.index();
                stuck |= !graph.enabled[at];
                for (target, by) in graph.steps(at) {
                    moved |= u32::from(within(target)) << by;
                }
            }
            if moved == 0 || (moved | stuck) & everybody != everybody {
                continue;
            }
            // Look at a few beginnings: the shorter loop is the better picture.
            let mut entries: Vec<_> = component.iter().map(|it| it.index()).collect();
            entries.sort_unstable();
            for &entry in entries.iter().take(40) {
                let most = best.as_ref().map_or(usize::MAX, |best| best.schedule.len());
                let Some(schedule) = tour(graph, &stands, entry, everybody, most, &within) else {
                    continue;
                };
                let found = Loop {
                    who,
                    entry: u32::try_from(entry).unwrap_or(FAULT),
                    schedule,
                };
                let better = best.as_ref().is_none_or(|best| {
                    (found.schedule.len(), found.entry) < (best.schedule.len(), best.entry)
                });
                if better {
                    best = Some(found);
                }
            }
        }
    }
    best
}

fn everybody(program: &Program) -> u32 {
    u32::try_from((1u64 << program.processes.len()) - 1).unwrap_or(u32::MAX)
}

fn petgraph(graph: &Graph) -> DiGraph<(), (), u32> {
    let mut steps = DiGraph::with_capacity(graph.store.len(), graph.targets.len());
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
    steps
}

fn stands(program: &Program, graph: &Graph, who: usize, section: usize) -> Vec<Stands> {
    let codec = Codec::new(program, false);
    let mut state = program.initial.clone();
    let process = &program.processes[who];
    let code = &program.codes[process.code].code;
    (0..graph.store.len())
        .map(|id| {
            codec.unpack(graph.store.get(id), &mut state);
            if !outside(program, &state, who, section) {
                return Stands::NotOutside;
            }
            let at = pc(&state, process);
            match code[at] {
                Instr::Activity(_) => Stands::Busy(u32::try_from(at).unwrap_or(u32::MAX)),
                _ => Stands::Trying,
            }
        })
        .collect()
}

/// A walk through a component, back to where it began, on which everybody takes a step or cannot, and the one who
/// starves does not stay in one activity; `None` if it takes more steps than `most`.
fn tour(
    graph: &Graph,
    stands: &[Stands],
    entry: usize,
    everybody: u32,
    most: usize,
    within: &impl Fn(u32) -> bool,
) -> Option<Vec<usize>> {
    let mut schedule = Vec::new();
    let mut at = entry;
    let mut needed = everybody & graph.enabled[at];
    let mut resting = matches!(stands[entry], Stands::Busy(_));
    while needed != 0 || resting {
        let left = most.checked_sub(schedule.len())?;
        let walk = nearest(graph, at, left, within, &|target, by| {
            needed >> by & 1 == 1
                || needed & !graph.enabled[target] != 0
                || (resting && stands[target] != stands[entry])
        })?;
        for (target, by) in walk {
            needed &= graph.enabled[target] & !(1 << by);
            resting &= stands[target] == stands[entry];
            schedule.push(by);
            at = target;
        }
    }
    if at != entry || schedule.is_empty() {
        let left = most.checked_sub(schedule.len())?;
        let home = nearest(graph, at, left, within, &|target, _| target == entry)?;
        schedule.extend(home.into_iter().map(|(_, by)| by));
    }
    Some(schedule)
}

/// The shortest walk that ends with a step as wanted, if it takes no more steps than `most`.
fn nearest(
    graph: &Graph,
    from: usize,
    most: usize,
    within: &impl Fn(u32) -> bool,
    wanted: &dyn Fn(usize, usize) -> bool,
) -> Option<Vec<(usize, usize)>> {
    let mut came: hashbrown::HashMap<usize, (usize, usize), foldhash::fast::FixedState> =
        hashbrown::HashMap::default();
    let mut todo = VecDeque::from([(from, 0)]);
    while let Some((at, steps)) = todo.pop_front() {
        if steps >= most {
            break;
        }
        for (target, by) in graph.steps(at) {
            if !within(target) {
                continue;
            }
            let target = target as usize;
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
