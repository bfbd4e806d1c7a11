//! Every order: a breadth-first search over the states, each looked at once, shortest orders first.

use std::ops::{ControlFlow, Range};

use super::super::machine::{self, enabled, ended, pc, step};
use super::super::program::{Program, What};
use super::super::value::{Fault, Value};
use super::store::{Codec, Store};

/// How far to look, and what to keep.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many states at most.
    pub states: usize,
    /// How many bytes at most, about.
    pub bytes: usize,
}

/// The states found and the steps between them.
pub struct Graph {
    pub store: Store,
    /// From which state each was found first.
    pub parents: Vec<u32>,
    /// Where the steps of each state begin in `targets`, if they were kept.
    pub starts: Vec<usize>,
    /// Where each step leads, [`FAULT`] if nowhere.
    pub targets: Vec<u32>,
    /// Whose step it is.
    pub by: Vec<u8>,
    /// Who can take a step in each state, a bit each; kept with the steps.
    pub enabled: Vec<u32>,
    /// Which rules each state breaks, a bit each; kept with the steps.
    pub broken: Vec<u64>,
    /// Whether every state was looked at.
    pub exhaustive: bool,
    /// How many states there are without folding, and with.
    pub unfolded: u128,
    pub folded: usize,
    /// For each kind of process, which of its steps were ever taken.
    pub taken: Vec<Vec<bool>>,
    /// Whether in some order all processes end.
    pub ended: bool,
    /// Whether some order stops before that: nobody can go on, or somebody goes wrong.
    pub stops: bool,
    /// The first time each rule was broken.
    pub found: Vec<Option<Found>>,
}

/// A step that leads nowhere: it went wrong, or the state was not kept.
pub const FAULT: u32 = u32::MAX;

/// How a rule was broken first.
#[derive(Debug, Clone)]
pub struct Found {
    /// In which state.
    pub state: u32,
    /// By which step out of it, and what went wrong there.
    pub fault: Option<(usize, Fault)>,
}

/// Which rules a state breaks, a bit each; not those about orders.
pub fn broken(program: &Program, state: &[i32], able: u32) -> (u64, Option<Fault>) {
    let mut bits = 0;
    let mut went_wrong = None;
    // An expression that cannot be computed breaks its rule, whatever the rule wants.
    let mut holds = |value: &Value, truth: i32| match value.of(state) {
        Ok(it) => i32::from(it != 0) == truth,
        Err(fault) => {
            went_wrong = Some(fault);
            true
        }
    };
    let all_ended = || (0..program.processes.len()).all(|who| ended(program, state, who));
    for (bit, rule) in program.rules.iter().enumerate() {
        let broken = match &rule.what {
            What::NeverDeadlock => able == 0 && !all_ended(),
            What::NeverTogether(one, other) => together(program, state, *one, *other),
            What::Never(value) => holds(value, 1),
            What::Finally(value) => able == 0 && all_ended() && holds(value, 0),
            What::NeverStarve(_) | What::NoFault => false,
        };
        bits |= u64::from(broken) << bit;
    }
    (bits, went_wrong)
}

/// Whether a process stands in a section: its next step does.
pub fn inside(program: &Program, state: &[i32], who: usize, section: usize) -> bool {
    let process = &program.processes[who];
    program.codes[process.code].inside[pc(state, process)] >> section & 1 == 1
}

fn together(program: &Program, state: &[i32], one: usize, other: usize) -> bool {
    let processes = 0..program.processes.len();
    processes.clone().any(|a| {
        inside(program, state, a, one)
            && processes
                .clone()
                .any(|b| a != b && inside(program, state, b, other))
    })
}

/// A step that can be taken, and the state it leads to.
struct Next {
    who: usize,
    /// Where that stands, packed.
    at: Range<usize>,
    hash: u64,
    /// How many states it stands for; [`WRONG`] if the step went wrong.
    orbit: u128,
}

const WRONG: u128 = 0;

#[expect(
    clippy::too_many_lines,
    reason = "one loop, and its parts share everything"
)]
/// Searches. `fold` puts interchangeable processes together; `keep` keeps the steps too.
pub fn search(
    program: &Program,
    limits: Limits,
    fold: bool,
    keep: bool,
    progress: &mut dyn FnMut(usize),
) -> Graph {
    let mut graph = Graph {
        store: Store::new(),
        parents: Vec::new(),
        starts: Vec::new(),
        targets: Vec::new(),
        by: Vec::new(),
        enabled: Vec::new(),
        broken: Vec::new(),
        exhaustive: true,
        unfolded: 0,
        folded: 0,
        taken: program
            .codes
            .iter()
            .map(|it| vec![false; it.code.len()])
            .collect(),
        ended: false,
        stops: false,
        found: vec![None; program.rules.len()],
    };
    let mut codec = Codec::new(program, fold);
    let mut folder = Codec::new(program, true);
    let mut packed = Vec::new();
    let mut state = match machine::start(program) {
        Ok(state) => state,
        Err((who, fault)) => {
            // Not even the first state exists: it went wrong before anybody's first step.
            let at = program.rules.len() - 1;
            graph.found[at] = Some(Found {
                state: FAULT,
                fault: Some((who, fault)),
            });
            return graph;
        }
    };
    graph.unfolded = codec.pack(&state, &mut packed);
    let hash = graph.store.hash(&packed);
    graph.store.insert(&packed, hash);
    graph.parents.push(FAULT);
    let mut nexts: Vec<Next> = Vec::new();
    let mut after = state.clone();
    let mut canonical = Vec::new();
    let (mut marks, mut kept) = (Vec::new(), Vec::new());
    let common = program.processes.first().map_or(0, |it| it.base);
    let mut id = 0;
    while id < graph.store.len() {
        if id % 0x4000 == 0 {
            progress(graph.store.len());
        }
        marks.clear();
        codec.unpack_marking(graph.store.get(id), &mut state, &mut marks);
        if fold || !folder.foldable() {
            graph.folded += 1;
        } else {
            canonical.clear();
            folder.pack(&state, &mut canonical);
            graph.folded += usize::from(canonical == graph.store.get(id));
        }
        let able = (0..program.processes.len())
            .filter(|&who| enabled(program, &state, who))
            .fold(0u32, |bits, who| bits | 1 << who);
        look(program, &mut graph, id, &state, able, keep);
        // First all steps out of this state, then all look-ups: those wait for memory, and wait together.
        packed.clear();
        nexts.clear();
        for who in 0..program.processes.len() {
            if able >> who & 1 == 0 {
                continue;
            }
            let process = &program.processes[who];
            graph.taken[process.code][pc(&state, process)] = true;
            let begin = packed.len();
            // Most steps change only what is shared and the one who takes it: those are done in place.
            let alone = codec.keeps_places() && machine::alone(program, &state, who);
            let outcome = if alone {
                kept.clear();
                kept.extend_from_slice(&state[..common]);
                kept.extend_from_slice(&state[process.base..process.end]);
                let outcome = step(program, &mut state, who);
                codec.repack(graph.store.get(id), &marks, &state, who, &mut packed);
                state[..common].copy_from_slice(&kept[..common]);
                state[process.base..process.end].copy_from_slice(&kept[common..]);
                outcome.map(|()| 1)
            } else {
                after.copy_from_slice(&state);
                step(program, &mut after, who).map(|()| codec.pack(&after, &mut packed))
            };
            let orbit = outcome.unwrap_or_else(|fault| {
                graph.stops = true;
                let at = program.rules.len() - 1;
                graph.found[at].get_or_insert_with(|| Found {
                    state: number(id),
                    fault: Some((who, fault)),
                });
                WRONG
            });
            nexts.push(Next {
                who,
                at: begin..packed.len(),
                hash: graph.store.hash(&packed[begin..]),
                orbit,
            });
        }
        for next in &nexts {
            let state = &packed[next.at.clone()];
            let target = if next.orbit == WRONG {
                FAULT
            } else if let Some(target) = graph.store.find(state, next.hash) {
                target
            } else if graph.store.len() >= limits.states || graph.memory() > limits.bytes {
                graph.exhaustive = false;
                FAULT
            } else {
                graph.unfolded += next.orbit;
                graph.parents.push(number(id));
                graph.store.insert(state, next.hash).unwrap_or(FAULT)
            };
            graph.edge(target, next.who, keep);
        }
        id += 1;
    }
    if keep {
        graph.starts.push(graph.targets.len());
    }
    graph
}

fn number(id: usize) -> u32 {
    u32::try_from(id).unwrap_or(FAULT)
}

/// Looks at a state: which rules does it break for the first time?
fn look(program: &Program, graph: &mut Graph, id: usize, state: &[i32], able: u32, keep: bool) {
    let (bits, fault) = broken(program, state, able);
    if able == 0 {
        let all = (0..program.processes.len()).all(|who| ended(program, state, who));
        graph.ended |= all;
        graph.stops |= !all;
    }
    if bits != 0 {
        for (rule, found) in graph.found.iter_mut().enumerate() {
            if bits >> rule & 1 == 1 && found.is_none() {
                *found = Some(Found {
                    state: number(id),
                    fault: None,
                });
            }
        }
    }
    if let Some(fault) = fault {
        let at = program.rules.len() - 1;
        graph.found[at].get_or_insert(Found {
            state: number(id),
            fault: Some((usize::MAX, fault)),
        });
    }
    if keep {
        graph.starts.push(graph.targets.len());
        graph.enabled.push(able);
        graph.broken.push(bits);
    }
}

impl Graph {
    fn edge(&mut self, target: u32, who: usize, keep: bool) {
        if keep {
            self.targets.push(target);
            self.by.push(u8::try_from(who).unwrap_or(u8::MAX));
        }
    }

    fn memory(&self) -> usize {
        self.store.memory()
            + self.parents.capacity() * 4
            + self.targets.capacity() * 5
            + self.starts.capacity() * 24
    }

    /// The steps out of a state: where to, and whose.
    pub fn steps(&self, id: usize) -> impl Iterator<Item = (u32, usize)> + '_ {
        let range = self.starts[id]..self.starts[id + 1];
        range.map(|at| (self.targets[at], usize::from(self.by[at])))
    }

    /// A shortest schedule from the start to a state, in letters of processes as they are, not as folded.
    pub fn path(&self, program: &Program, fold: bool, to: u32) -> Vec<usize> {
        let mut states = vec![to];
        let mut at = to;
        while at != FAULT && self.parents[at as usize] != FAULT {
            at = self.parents[at as usize];
            states.push(at);
        }
        let mut codec = Codec::new(program, fold);
        let mut packed = Vec::new();
        let Ok(mut state) = machine::start(program) else {
            return Vec::new();
        };
        let mut schedule = Vec::new();
        for &next in states.iter().rev().skip(1) {
            let found = (0..program.processes.len()).try_for_each(|who| {
                if enabled(program, &state, who) {
                    let mut after = state.clone();
                    if step(program, &mut after, who).is_ok() {
                        packed.clear();
                        codec.pack(&after, &mut packed);
                        if packed == self.store.get(next as usize) {
                            return ControlFlow::Break((who, after));
                        }
                    }
                }
                ControlFlow::Continue(())
            });
            let ControlFlow::Break((who, after)) = found else {
                break;
            };
            state = after;
            schedule.push(who);
        }
        schedule
    }
}
