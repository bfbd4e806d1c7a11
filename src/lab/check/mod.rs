//! Every order of a program, and what the rules come to.

mod asked;
mod orders;
mod search;
mod starve;
mod store;
mod witness;

use std::time::{Duration, Instant};

use super::lanes;
use super::machine;
use super::program::{Program, What};
use super::report::{Outcome, Replay, Report, RuleReport, Witness};
use super::waiting;
use super::warn;
pub use search::Limits;
use search::{FAULT, Found, Graph};

impl Default for Limits {
    fn default() -> Self {
        Self {
            states: 20_000_000,
            bytes: 2 << 30,
        }
    }
}

/// Looks at every order and says what each rule comes to.
///
/// `progress` is told now and then how many states there are.
#[must_use]
pub fn check(
    program: &Program,
    source: &str,
    limits: Limits,
    progress: &mut dyn FnMut(usize),
) -> Report {
    let started = Instant::now();
    let starving = program
        .rules
        .iter()
        .any(|it| matches!(it.what, What::NeverStarve(_)));
    let ends = program.codes.iter().all(warn::can_end);
    // A loop must be followed by each process as itself, so who starves is decided without folding.
    let fold = !starving;
    let graph = search::search(program, limits, fold, starving || ends, progress);
    let explored = started.elapsed();
    let counted = if ends && graph.exhaustive && graph.store.len() > 0 {
        orders::count(program, &graph)
    } else {
        None
    };
    let mut rules: Vec<_> = program
        .rules
        .iter()
        .enumerate()
        .map(|(index, rule)| {
            let outcome = match (&rule.what, &graph.found[index]) {
                (_, Some(found)) => Outcome::Broken(Box::new(witness(
                    program, source, &graph, fold, index, found,
                ))),
                (What::NeverStarve(section), None) => starvation(program, source, &graph, *section),
                _ if graph.exhaustive => Outcome::Holds,
                _ => Outcome::NotDecided,
            };
            let why = match outcome {
                Outcome::Holds => asked::never(program, &graph, &rule.what),
                _ => None,
            };
            let outcome = if why.is_some() {
                Outcome::NeverAsked
            } else {
                outcome
            };
            RuleReport {
                why,
                rule: rule.text.clone(),
                line: super::error::line_and_column(source, rule.span.start).0,
                outcome,
                broken_orders: counted.as_ref().map(|it| it.1[index]),
            }
        })
        .collect();
    // Nobody wrote the last one; it is only worth a line when it was broken, or when an `assert` stands in the file.
    let asserts = program.codes.iter().flat_map(|it| &it.code);
    let asserts = asserts
        .into_iter()
        .any(|it| matches!(it, super::program::Instr::Assert(_)));
    if !asserts
        && !rules
            .last()
            .is_some_and(|it| matches!(it.outcome, Outcome::Broken(_)))
    {
        rules.pop();
    }
    let mut warnings: Vec<_> = program.warnings.clone();
    if graph.exhaustive {
        for (code, taken) in program.codes.iter().zip(&graph.taken) {
            warnings.extend(warn::unreachable(code, Some(taken)));
        }
    }
    let mut told = std::collections::BTreeSet::new();
    warnings.retain(|it| told.insert(it.span.start));
    Report {
        processes: program.processes.iter().map(|it| it.name.clone()).collect(),
        states: graph.unfolded,
        folded: graph.folded,
        exhaustive: graph.exhaustive,
        orders: counted.map(|it| it.0),
        rules,
        warnings: warnings
            .into_iter()
            .map(|it| {
                let line = super::error::line_and_column(source, it.span.start).0;
                (line, it.message)
            })
            .collect(),
        explored: graph.store.len(),
        searching: explored,
        took: started.elapsed().max(Duration::from_micros(1)),
        limits,
    }
}

/// Follows one order, and says which rules it breaks, and where.
#[must_use]
pub fn replay(program: &Program, source: &str, schedule: &[usize]) -> Replay {
    let followed = lanes::follow(program, source, schedule);
    let mut broken: Vec<(usize, String)> = Vec::new();
    for length in 0..=schedule.len() {
        let state = lanes::follow(program, source, &schedule[..length]).state;
        let bits = search::broken(program, &state, able(program, &state)).0;
        for (bit, rule) in program.rules.iter().enumerate() {
            if bits >> bit & 1 == 1 && !broken.iter().any(|it| it.1 == rule.text) {
                broken.push((length, rule.text.clone()));
            }
        }
    }
    if let Some((_, fault)) = &followed.fault {
        broken.push((followed.rows.len(), fault.message.clone()));
    }
    let ended =
        (0..program.processes.len()).all(|who| machine::ended(program, &followed.state, who));
    let not_asked = program.rules.iter().filter_map(|rule| {
        let why = match rule.what {
            What::Finally(_) if !ended => "not all processes have ended",
            What::NeverStarve(_) => "one order that stops cannot tell",
            _ => return None,
        };
        Some((rule.text.clone(), why.to_owned()))
    });
    let not_asked = not_asked.collect();
    let waiting = waiting::after(program, schedule);
    Replay {
        rows: followed.rows,
        broken,
        not_asked,
        cycle: waiting::cycle(&waiting),
        waiting,
    }
}

/// The shortest schedule that breaks a rule, with what there is to say about its end.
fn witness(
    program: &Program,
    source: &str,
    graph: &Graph,
    fold: bool,
    rule: usize,
    found: &Found,
) -> Witness {
    let mut schedule = if found.state == FAULT {
        Vec::new()
    } else {
        graph.path(program, fold, found.state)
    };
    if let Some((who, _)) = &found.fault
        && *who < program.processes.len()
        && found.state != FAULT
    {
        // Under folding the one that goes wrong may have another letter: whoever goes wrong here.
        let state = lanes::follow(program, source, &schedule).state;
        let wrong = |&who: &usize| {
            machine::enabled(program, &state, who)
                && machine::step(program, &mut state.clone(), who).is_err()
        };
        let who = (0..program.processes.len()).find(wrong).unwrap_or(*who);
        schedule.push(who);
    }
    let goal = |state: &[i32], wrong: Option<usize>| match (&found.fault, wrong) {
        (Some((who, _)), None) if *who == usize::MAX => {
            search::broken(program, state, able(program, state))
                .1
                .is_some()
        }
        (Some(_), wrong) => wrong.is_some(),
        (None, Some(_)) => false,
        (None, None) => search::broken(program, state, able(program, state)).0 >> rule & 1 == 1,
    };
    if let Some(best) = witness::best(program, schedule.len(), &goal) {
        schedule = best;
    }
    describe(program, source, schedule, Vec::new(), None)
}

fn able(program: &Program, state: &[i32]) -> u32 {
    let all = 0..program.processes.len();
    all.filter(|&who| machine::enabled(program, state, who))
        .fold(0, |bits, who| bits | 1 << who)
}

fn starvation(program: &Program, source: &str, graph: &Graph, section: usize) -> Outcome {
    if let Some(found) = starve::starves(program, graph, section) {
        let lead_in = graph.path(program, false, found.entry);
        let witness = describe(program, source, lead_in, found.schedule, Some(found.who));
        return Outcome::Broken(Box::new(witness));
    }
    // Who is in a deadlock outside the section stays there for ever too.
    let dead = (0..graph.store.len()).find(|&id| {
        graph.enabled[id] == 0 && {
            let mut state = program.initial.clone();
            store::Codec::new(program, false).unpack(graph.store.get(id), &mut state);
            stuck(program, &state, section).is_some()
        }
    });
    if let Some(id) = dead {
        let schedule = graph.path(program, false, u32::try_from(id).unwrap_or(FAULT));
        let goal = |state: &[i32], _: Option<usize>| {
            able(program, state) == 0 && stuck(program, state, section).is_some()
        };
        let schedule = witness::best(program, schedule.len(), &goal).unwrap_or(schedule);
        let state = lanes::follow(program, source, &schedule).state;
        let who = stuck(program, &state, section);
        let mut witness = describe(program, source, schedule, Vec::new(), who);
        witness.only_by_deadlock = graph.exhaustive;
        return Outcome::Broken(Box::new(witness));
    }
    if graph.exhaustive {
        Outcome::Holds
    } else {
        Outcome::NotDecided
    }
}

/// Somebody who is to come into the section, and stays outside it in this state.
fn stuck(program: &Program, state: &[i32], section: usize) -> Option<usize> {
    (0..program.processes.len()).find(|&who| {
        program.code_of(who).sections >> section & 1 == 1
            && starve::outside(program, state, who, section)
    })
}

/// Everything there is to say about a schedule that breaks a rule.
fn describe(
    program: &Program,
    source: &str,
    lead_in: Vec<usize>,
    again: Vec<usize>,
    starves: Option<usize>,
) -> Witness {
    let whole: Vec<_> = lead_in.iter().chain(&again).copied().collect();
    let followed = lanes::follow(program, source, &whole);
    let waiting = if again.is_empty() {
        waiting::after(program, &lead_in)
    } else {
        Vec::new()
    };
    let nobody_can = able(program, &followed.state) == 0;
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
        schedule: lead_in,
        again,
        only_by_deadlock: false,
    }
}
