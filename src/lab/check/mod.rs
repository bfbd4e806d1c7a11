//! Every order of a program, by the [engine](crate::orders), and what the rules come to.

mod asked;
pub mod live;
mod starve;

use std::time::{Duration, Instant};

use num_bigint::BigUint;

use super::lanes;
use super::machine::enabled;
use super::program::{Instr, Program, What};
use super::report::{Outcome, Replay, Report, RuleReport, Witness};
use super::rules;
use super::system::Processes;
use super::waiting;
use super::warn;
use crate::orders::count::{self, End};
use crate::orders::graph::Seen;
use crate::orders::witness::{self, Goal};
use crate::orders::{Bounds, Graph, Schedule, System};

/// How far to look.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// How many states at most.
    pub states: usize,
    /// How many bytes at most.
    pub bytes: usize,
    /// Look at everything, also when all rules that are written are broken already.
    pub all: bool,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            states: 20_000_000,
            bytes: 2 << 30,
            all: true,
        }
    }
}

/// So many states are looked at also where all rules are broken: it takes no time, and what nothing reaches is found.
const SMALL: usize = 10_000;
/// In how many orders a rule is broken is half of the lesson: where orders can be counted, so many.
const WORTH_COUNTING: usize = 1_000_000;

/// Looks at every order and says what each rule comes to.
///
/// `progress` is told now and then how far it has come.
#[must_use]
pub fn check(
    program: &Program,
    source: &str,
    limits: Limits,
    progress: &mut dyn FnMut(Seen),
) -> Report {
    let started = Instant::now();
    let system = Processes::new(program);
    let starving = |it: &super::program::Rule| matches!(it.what, What::NeverStarve(_));
    // A loop must be followed by each process as itself, so who starves is decided without folding.
    let fold = !program.rules.iter().any(starving);
    let ends = program.codes.iter().all(warn::can_end);
    let bounds = Bounds {
        states: limits.states,
        bytes: limits.bytes,
        enough: enough(program, ends).filter(|_| !limits.all),
    };
    let graph = Graph::walk(&system, fold, bounds, progress);
    let searching = started.elapsed();
    let counted = ends.then(|| orders(program, &graph)).flatten();
    let mut rules: Vec<_> = (0..program.rules.len())
        .map(|index| {
            let rule = &program.rules[index];
            let outcome = outcome(program, source, &system, &graph, index);
            let (outcome, why) = match outcome {
                Outcome::Holds => match asked::never(program, &system, &graph, &rule.what) {
                    Some(why) => (Outcome::NeverAsked, Some(why)),
                    None => (Outcome::Holds, None),
                },
                Outcome::NotDecided => {
                    let why = asked::not_decided(&graph, &rule.what);
                    (Outcome::NotDecided, Some(why.to_owned()))
                }
                broken @ (Outcome::Broken(_) | Outcome::NeverAsked) => (broken, None),
            };
            RuleReport {
                rule: rule.text.clone(),
                line: super::error::line_and_column(source, rule.span.start).0,
                outcome,
                why,
                broken_orders: counted.as_ref().map(|it| it.1[index].clone()),
                live: None,
            }
        })
        .collect();
    // Nobody wrote the last one; it is only worth a line when it was broken, or when an `assert` stands in the file.
    let mut instructions = program.codes.iter().flat_map(|it| &it.code);
    let asserts = instructions.any(|it| matches!(it, Instr::Assert(_)));
    if !asserts
        && !rules
            .last()
            .is_some_and(|it| matches!(it.outcome, Outcome::Broken(_)))
    {
        rules.pop();
    }
    Report {
        system: "lab",
        processes: program.processes.iter().map(|it| it.name.clone()).collect(),
        states: graph.unfolded(),
        folded: graph.folded(&system),
        exhaustive: graph.is_complete(),
        stopped: graph.stopped(),
        orders: counted.map(|it| it.0),
        rules,
        warnings: warnings(program, source, &system, &graph),
        explored: graph.len(),
        searching,
        took: started.elapsed().max(Duration::from_micros(1)),
    }
}

/// When a search need not go on: all rules that are written are broken. Who starves is only known at the end.
fn enough(program: &Program, ends: bool) -> Option<(u64, usize)> {
    let written = rules::no_fault(program) - 1;
    let starving = |it: &super::program::Rule| matches!(it.what, What::NeverStarve(_));
    let asked = written != 0 && !program.rules.iter().any(starving);
    asked.then_some((written, if ends { WORTH_COUNTING } else { SMALL }))
}

/// What a rule comes to, as far as was looked.
fn outcome(
    program: &Program,
    source: &str,
    system: &Processes<'_>,
    graph: &Graph,
    rule: usize,
) -> Outcome {
    if graph.broken() >> rule & 1 == 1 {
        let broken = |id: usize| graph.label(id) >> rule & 1 == 1;
        let goal = Goal::rule(system, rule, &broken);
        let schedule = shortest(system, graph, &goal);
        return Outcome::Broken(Box::new(describe(
            program,
            source,
            graph,
            &schedule,
            &[],
            None,
        )));
    }
    match &program.rules[rule].what {
        What::NeverStarve(section) if !graph.is_empty() => {
            starvation(program, source, system, graph, *section)
        }
        _ if graph.is_complete() => Outcome::Holds,
        _ => Outcome::NotDecided,
    }
}

/// The witness: the shortest schedule to a goal that was seen.
fn shortest(system: &Processes<'_>, graph: &Graph, goal: &Goal<'_>) -> Vec<usize> {
    let mut start = Vec::new();
    // Nobody comes to a first step: no letter is needed.
    if graph.is_empty() || !system.start(&mut start) {
        return Vec::new();
    }
    let turns = witness::shortest(system, graph, &start, None, goal).unwrap_or_default();
    turns.iter().map(|turn| usize::from(turn.who)).collect()
}

/// The number of orders, and of those that break each rule. `None` if not all were looked at, or some order never ends.
///
/// A state that breaks a rule spoils every order through it.
fn orders(program: &Program, graph: &Graph) -> Option<(BigUint, Vec<BigUint>)> {
    let order = count::topological(graph)?;
    let wrong = |end: End| u64::from(end == End::Fault);
    let total = count::count(graph, &order, &|_| false, &wrong).all();
    let broken = program.rules.iter().enumerate().map(|(rule, it)| {
        if graph.broken() >> rule & 1 == 0 {
            return BigUint::ZERO;
        }
        let spoilt = |id: usize| graph.label(id) >> rule & 1 == 1;
        let mut clean = count::count(graph, &order, &spoilt, &wrong);
        if matches!(it.what, What::NoFault) {
            clean.by_end.remove(&1);
        }
        &total - clean.all()
    });
    let broken = broken.collect();
    Some((total, broken))
}

/// What is odd about the program, each once: lines and words.
fn warnings(
    program: &Program,
    source: &str,
    system: &Processes<'_>,
    graph: &Graph,
) -> Vec<(usize, String)> {
    let mut warnings = program.warnings.clone();
    if graph.is_complete() {
        for (code, taken) in program.codes.iter().zip(system.taken()) {
            warnings.extend(warn::unreachable(code, Some(&taken)));
        }
    }
    let mut told = std::collections::BTreeSet::new();
    warnings.retain(|it| told.insert(it.span.start));
    let line = |it: &super::error::Mistake| super::error::line_and_column(source, it.span.start).0;
    let warnings = warnings.into_iter().map(|it| (line(&it), it.message));
    warnings.collect()
}

/// Follows one order, and says which rules it breaks, and where.
#[must_use]
pub fn replay(program: &Program, source: &str, schedule: &Schedule) -> Replay {
    let mut broken: Vec<(usize, String)> = Vec::new();
    let mut seen = 0u64;
    let letters: Vec<usize> = schedule.sessions().collect();
    let followed = lanes::follow_each(program, source, &letters, &mut |steps, state| {
        let able = able(program, state);
        let bits = rules::broken(program, state, able) & !seen;
        seen |= bits;
        let rules = program.rules.iter().enumerate();
        let new = rules.filter(|(bit, _)| bits >> bit & 1 == 1);
        broken.extend(new.map(|(_, rule)| (steps, rule.text.clone())));
    });
    if let Some((_, fault)) = &followed.fault {
        broken.push((followed.rows.len(), fault.message.clone()));
    }
    let ended = rules::all_ended(program, &followed.state);
    let not_asked = program.rules.iter().filter_map(|rule| {
        let why = match rule.what {
            What::Finally(_) if !ended => "not all processes have ended",
            What::NeverStarve(_) => "one order that stops cannot tell",
            _ => return None,
        };
        Some((rule.text.clone(), why.to_owned()))
    });
    let not_asked = not_asked.collect();
    let waiting = waiting::after(program, &letters);
    Replay {
        rows: followed.rows,
        broken,
        not_asked,
        cycle: waiting::cycle(&waiting),
        waiting,
    }
}

/// Whether somebody can take a step.
fn able(program: &Program, state: &[i32]) -> bool {
    (0..program.processes.len()).any(|who| enabled(program, state, who))
}

fn starvation(
    program: &Program,
    source: &str,
    system: &Processes<'_>,
    graph: &Graph,
    section: usize,
) -> Outcome {
    if let Some(found) = starve::starves(program, system, graph, section) {
        let goal = Goal {
            state: &|id| id == found.entry as usize,
            fault: false,
        };
        let lead_in = shortest(system, graph, &goal);
        let witness = describe(
            program,
            source,
            graph,
            &lead_in,
            &found.turns,
            Some(found.who),
        );
        return Outcome::Broken(Box::new(witness));
    }
    // Who is in a deadlock outside the section stays there for ever too.
    let stuck = |id: usize| {
        if graph.able(id) != 0 || id >= graph.looked_at() {
            return None;
        }
        let mut state = program.initial.clone();
        system.unpack(graph.state(id), &mut state);
        starve::stuck(program, &state, section)
    };
    if (0..graph.len()).any(|id| stuck(id).is_some()) {
        let goal = Goal {
            state: &|id| stuck(id).is_some(),
            fault: false,
        };
        let schedule = shortest(system, graph, &goal);
        let state = lanes::follow(program, source, &schedule).state;
        let who = starve::stuck(program, &state, section);
        let mut witness = describe(program, source, graph, &schedule, &[], who);
        witness.only_by_deadlock = graph.is_complete();
        return Outcome::Broken(Box::new(witness));
    }
    if graph.is_complete() {
        Outcome::Holds
    } else {
        Outcome::NotDecided
    }
}

/// Everything there is to say about a schedule that breaks a rule.
fn describe(
    program: &Program,
    source: &str,
    graph: &Graph,
    lead_in: &[usize],
    again: &[usize],
    starves: Option<usize>,
) -> Witness {
    let whole: Vec<_> = lead_in.iter().chain(again).copied().collect();
    let followed = lanes::follow(program, source, &whole);
    let waiting = if again.is_empty() {
        waiting::after(program, lead_in)
    } else {
        Vec::new()
    };
    let schedule = Schedule::of(lead_in.iter().copied()).unwrap_or_default();
    let nobody_can = !able(program, &followed.state);
    let waiting = if nobody_can { waiting } else { Vec::new() };
    Witness {
        cycle: waiting::cycle(&waiting),
        waiting,
        picture: lanes::picture(
            program,
            &followed.rows,
            (!again.is_empty()).then_some(lead_in.len()),
        ),
        rows: followed.rows,
        fault: followed.fault.map(|(who, fault)| {
            let (line, column) = super::error::line_and_column(source, fault.span.start);
            super::report::Wrong {
                process: program.processes[who].name.clone(),
                message: fault.message,
                line,
                column,
            }
        }),
        starves: starves.map(|who| program.processes[who].name.clone()),
        switches: schedule.switches(),
        is_first: graph.looked_at_all_before(schedule.len()),
        schedule,
        again: Schedule::of(again.iter().copied()).unwrap_or_default(),
        only_by_deadlock: false,
    }
}
