//! Who waits for whom.
//!
//! A semaphore has no holder, so the one who has waited for it and not signalled it since counts as
//! holding it; if there is none, those who could signal it. That takes the whole schedule to know, so
//! the schedule is followed once more.

use serde::Serialize;

use super::machine::{self, asks_for, enabled, ended, held, pc, queued, step};
use super::program::{Act, Code, Instr, Program};
use super::syntax::LockKind;

/// One process that waits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiting {
    /// Who, by its place among the processes.
    #[serde(skip)]
    pub who: usize,
    /// Its name.
    pub process: String,
    /// What it waits for: `chopstick[1]`.
    #[serde(rename = "for")]
    pub what: String,
    /// Who holds it; or if nobody does, who could signal it.
    pub on: Vec<String>,
    /// The same by their places.
    #[serde(skip)]
    pub on_whom: Vec<usize>,
    /// Whether they hold it.
    pub held: bool,
}

/// Keeps account of who holds which semaphore while a schedule is followed.
#[derive(Debug, Clone, Default)]
pub struct Holding {
    semaphores: Vec<(usize, usize)>,
}

impl Holding {
    /// Takes note of a step.
    pub fn note(&mut self, program: &Program, before: &[i32], after: &[i32], who: usize) {
        let process = &program.processes[who];
        let own = &before[process.slots..process.end];
        let code = program.code_of(who);
        if let Instr::Lock { act, lock, which } = &code.code[pc(before, process)]
            && let LockKind::Semaphore { .. } = program.locks[*lock].kind
            && let Ok(slot) = which.at(own)
        {
            if *act == Act::Signal {
                if let Some(at) = self.semaphores.iter().position(|it| *it == (who, slot)) {
                    self.semaphores.remove(at);
                }
            } else if !queued(after, process) {
                self.semaphores.push((who, slot));
            }
        }
        for (other, process) in program.processes.iter().enumerate() {
            if queued(before, process)
                && !queued(after, process)
                && let Some((Act::Wait, slot)) = asks_for(program, before, other)
            {
                self.semaphores.push((other, slot));
            }
        }
    }

    /// Who waits in a state, and for whom.
    #[must_use]
    pub fn waiting(&self, program: &Program, state: &[i32]) -> Vec<Waiting> {
        let all = 0..program.processes.len();
        let blocked = all
            .clone()
            .filter(|&who| !ended(program, state, who) && !enabled(program, state, who));
        blocked
            .filter_map(|who| {
                let (_, slot) = asks_for(program, state, who)?;
                let holds = |it: &usize| {
                    held(program, state, *it, slot) > 0 || self.semaphores.contains(&(*it, slot))
                };
                let live = |it: usize| !ended(program, state, it);
                Some(one(
                    program,
                    who,
                    slot,
                    all.clone().filter(holds).collect(),
                    &live,
                ))
            })
            .collect()
    }
}

/// One process that waits for a lock, with those who hold it; if nobody does, with those who could signal it.
#[must_use]
pub fn one(
    program: &Program,
    who: usize,
    slot: usize,
    holders: Vec<usize>,
    live: &dyn Fn(usize) -> bool,
) -> Waiting {
    let held = !holders.is_empty();
    let mut on_whom = holders;
    if !held {
        let lock = program.lock_slots[slot - program.shared_len()].lock;
        let could = |it: &usize| *it != who && live(*it) && signals(program.code_of(*it), lock);
        on_whom = (0..program.processes.len()).filter(could).collect();
    }
    Waiting {
        who,
        process: program.processes[who].name.clone(),
        what: program.lock_name(slot),
        on: on_whom
            .iter()
            .map(|&it| program.processes[it].name.clone())
            .collect(),
        on_whom,
        held,
    }
}

/// Whether a process that does this could signal a semaphore.
#[must_use]
pub fn signals(code: &Code, which: usize) -> bool {
    code.code
        .iter()
        .any(|it| matches!(it, Instr::Lock { act: Act::Signal, lock, .. } if *lock == which))
}

/// Who waits for whom after a schedule.
#[must_use]
pub fn after(program: &Program, schedule: &[usize]) -> Vec<Waiting> {
    let mut holding = Holding::default();
    let Ok(mut state) = machine::start(program) else {
        return Vec::new();
    };
    for &who in schedule {
        let before = state.clone();
        if step(program, &mut state, who).is_err() {
            break;
        }
        holding.note(program, &before, &state, who);
    }
    holding.waiting(program, &state)
}

/// A cycle of the wait-for graph, as names, the first one again at its end; empty if there is none.
#[must_use]
pub fn cycle(waiting: &[Waiting]) -> Vec<String> {
    let of = |who: usize| waiting.iter().find(|it| it.who == who);
    // Those who are held up by a holder first: that is the deadlock as the textbook draws it.
    for only_held in [true, false] {
        for first in waiting {
            let mut path = vec![first];
            let mut tried = vec![0usize];
            while let (Some(&at), Some(next)) = (path.last(), tried.last_mut()) {
                let nth = *next;
                *next += 1;
                match at.on_whom.get(nth) {
                    Some(_) if only_held && !at.held => {
                        path.pop();
                        tried.pop();
                    }
                    Some(&who) if who == first.who => {
                        let mut names: Vec<_> = path.iter().map(|it| it.process.clone()).collect();
                        names.push(first.process.clone());
                        return names;
                    }
                    Some(&who) => {
                        if let Some(it) = of(who)
                            && !path.iter().any(|seen| seen.who == who)
                        {
                            path.push(it);
                            tried.push(0);
                        }
                    }
                    None => {
                        path.pop();
                        tried.pop();
                    }
                }
            }
        }
    }
    Vec::new()
}
