//! Who waits for whom.
//!
//! A semaphore has no holder. Its first count is so many units; whoever has waited for it has one of them until
//! somebody signals, the oldest if that is none who has one. One more signal than units is a message, which the next wait
//! takes; so a semaphore that begins at 0 is held by nobody. Who has ended holds no semaphore, nor does who never signals
//! it while others do. If nobody holds it, those count who could still signal it. That takes the whole schedule to know,
//! so the schedule is followed once more.

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
    /// Those of them who have ended, and so will never give it back.
    pub ended: Vec<String>,
}

/// Who has the units of a semaphore: never more than it began with.
#[derive(Debug, Clone, Default)]
pub struct Units {
    /// Who, and how many, the oldest first.
    taken: Vec<(usize, u32)>,
    /// Signals that gave no unit back: messages that nobody has taken yet.
    messages: u32,
}

impl Units {
    /// One has waited for it, and got it.
    pub fn take(&mut self, who: usize) {
        if self.messages > 0 {
            self.messages -= 1;
        } else if let Some(it) = self.taken.iter_mut().find(|it| it.0 == who) {
            it.1 = it.1.saturating_add(1);
        } else {
            self.taken.push((who, 1));
        }
    }

    /// One has signalled.
    pub fn give(&mut self, who: usize) {
        let own = self.taken.iter().position(|it| it.0 == who);
        if self.taken.is_empty() {
            self.messages = self.messages.saturating_add(1);
            return;
        }
        let at = own.unwrap_or(0);
        self.taken[at].1 -= 1;
        if self.taken[at].1 == 0 {
            self.taken.remove(at);
        }
    }

    /// Who has one.
    pub fn holders(&self) -> impl Iterator<Item = usize> + '_ {
        self.taken.iter().map(|it| it.0)
    }
}

/// Keeps account of who holds which semaphore while a schedule is followed.
#[derive(Debug, Clone)]
pub struct Holding {
    /// For each lock, by its slot.
    units: Vec<Units>,
}

impl Holding {
    /// Before anybody has done anything.
    #[must_use]
    pub fn new(program: &Program) -> Self {
        Self {
            units: vec![Units::default(); program.lock_slots.len()],
        }
    }

    /// Takes note of a step.
    pub fn note(&mut self, program: &Program, before: &[i32], after: &[i32], who: usize) {
        let first = program.shared_len();
        let process = &program.processes[who];
        let own = &before[process.slots..process.end];
        let code = program.code_of(who);
        if let Instr::Lock { act, which, .. } = &code.code[pc(before, process)]
            && let Ok(slot) = which.at(own)
        {
            match act {
                Act::Signal => self.units[slot - first].give(who),
                Act::Wait if !queued(after, process) => self.units[slot - first].take(who),
                _ => {}
            }
        }
        for (other, process) in program.processes.iter().enumerate() {
            if queued(before, process)
                && !queued(after, process)
                && let Some((Act::Wait, slot)) = asks_for(program, before, other)
            {
                self.units[slot - first].take(other);
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
        let stands =
            |who: usize| (!ended(program, state, who)).then(|| pc(state, &program.processes[who]));
        blocked
            .filter_map(|who| {
                let (_, slot) = asks_for(program, state, who)?;
                let locked = |it: &usize| held(program, state, *it, slot) > 0;
                let units = self.units[slot - program.shared_len()].holders();
                let holders = all.clone().filter(locked).chain(units).collect();
                Some(one(program, who, slot, holders, &stands))
            })
            .collect()
    }
}

/// One process that waits for a lock, with those who hold it; if nobody does, with those who could still signal it.
/// `stands`: before which instruction a process stands, `None` if it has ended.
#[must_use]
pub fn one(
    program: &Program,
    who: usize,
    slot: usize,
    mut holders: Vec<usize>,
    stands: &dyn Fn(usize) -> Option<usize>,
) -> Waiting {
    let lock = program.lock_slots[slot - program.shared_len()].lock;
    holders.retain(|&it| {
        let semaphore = matches!(program.locks[lock].kind, LockKind::Semaphore { .. });
        !semaphore || stands(it).is_some() && is_possession(program, it, lock)
    });
    let held = !holders.is_empty();
    let mut on_whom = holders;
    if !held {
        let could = |it: &usize| {
            let stands = stands(*it).filter(|_| *it != who);
            stands.is_some_and(|pc| can_signal(program.code_of(*it), pc, lock))
        };
        on_whom = (0..program.processes.len()).filter(could).collect();
    }
    let name = |it: &usize| program.processes[*it].name.clone();
    let gone = |it: &&usize| held && stands(**it).is_none();
    Waiting {
        who,
        process: program.processes[who].name.clone(),
        what: program.lock_name(slot),
        on: on_whom.iter().map(name).collect(),
        ended: on_whom.iter().filter(gone).map(name).collect(),
        on_whom,
        held,
    }
}

/// Whether one who has waited for a lock is said to hold it. Not if others signal it and it does not: then what it got
/// was a message, and what it has is nothing to give back.
#[must_use]
pub fn is_possession(program: &Program, who: usize, lock: usize) -> bool {
    let signals = |code: usize| signals(&program.codes[code], lock);
    !matches!(program.locks[lock].kind, LockKind::Semaphore { .. })
        || signals(program.processes[who].code)
        || !(0..program.codes.len()).any(signals)
}

/// Whether a process that stands here could still come to signal a semaphore.
fn can_signal(code: &Code, pc: usize, which: usize) -> bool {
    let mut seen = vec![false; code.code.len()];
    let mut todo = vec![pc];
    while let Some(at) = todo.pop() {
        if at >= seen.len() || std::mem::replace(&mut seen[at], true) {
            continue;
        }
        match &code.code[at] {
            Instr::Lock {
                act: Act::Signal,
                lock,
                ..
            } if *lock == which => return true,
            Instr::End => {}
            Instr::Jump(to) => todo.push(*to),
            Instr::Unless(_, to) => todo.extend([*to, at + 1]),
            _ => todo.push(at + 1),
        }
    }
    false
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
    let mut holding = Holding::new(program);
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

/// A deadlock in a line: its cycle; without one, what was lost.
#[must_use]
pub fn summary(waiting: &[Waiting], cycle: &[String]) -> String {
    if !cycle.is_empty() {
        return cycle.join(" → ");
    }
    match waiting.iter().find(|it| it.on.is_empty()) {
        Some(it) => it.lost(),
        None => "nobody can go on".to_owned(),
    }
}

impl Waiting {
    /// What is said if nobody can help.
    #[must_use]
    pub fn lost(&self) -> String {
        format!(
            "lost signal: nobody is left who could signal `{}`",
            self.what
        )
    }
}

#[cfg(test)]
mod tests;
