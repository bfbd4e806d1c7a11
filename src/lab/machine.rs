//! The step machine: what one step of one process does to a state.
//!
//! A state is one row of numbers: the shared variables, the locks, then for each process its program
//! counter, its place in a queue, what it holds, and its own variables. A process always stands just
//! before a step; what it computes between two steps touches nothing shared, so nobody can tell when
//! it happens, and it happens at the end of the step before.

use super::program::{Act, Code, Instr, PC, Process, Program, RANK};
use super::syntax::{LockKind, Preference, Span};
use super::value::Fault;

/// Where a process stands: what it would do next.
#[inline]
#[must_use]
pub fn pc(state: &[i32], process: &Process) -> usize {
    usize::try_from(state[process.base + PC]).unwrap_or(0)
}

/// The state in which everybody stands before a first step.
///
/// # Errors
/// If what a process computes before its first step cannot be computed; with the process.
pub fn start(program: &Program) -> Result<Vec<i32>, (usize, Fault)> {
    let mut state = program.initial.clone();
    for (who, process) in program.processes.iter().enumerate() {
        settle(program, &mut state, process, 0).map_err(|fault| (who, fault))?;
    }
    Ok(state)
}

#[inline]
fn settle(program: &Program, state: &mut [i32], process: &Process, pc: usize) -> Result<(), Fault> {
    let code = &program.codes[process.code];
    let pc = code.settle(pc, &mut state[process.slots..process.end])?;
    state[process.base + PC] = i32::try_from(pc).unwrap_or(i32::MAX);
    Ok(())
}

/// Whether a process has ended.
#[inline]
#[must_use]
pub fn ended(program: &Program, state: &[i32], who: usize) -> bool {
    let process = &program.processes[who];
    pc(state, process) + 1 == program.codes[process.code].code.len()
}

/// Whether a process stands in a queue.
#[inline]
#[must_use]
pub fn queued(state: &[i32], process: &Process) -> bool {
    state[process.base + RANK] > 0
}

/// Whether a process can take a step now.
#[inline]
#[must_use]
pub fn enabled(program: &Program, state: &[i32], who: usize) -> bool {
    let process = &program.processes[who];
    if queued(state, process) {
        return false;
    }
    match &program.codes[process.code].code[pc(state, process)] {
        Instr::End => false,
        Instr::Lock { act, lock, which } if act.asks() => match program.locks[*lock].kind {
            LockKind::Semaphore { fifo: false } | LockKind::Mutex { fifo: false } => {
                // Nobody waits for an index out of range: it is a step, and fails.
                which
                    .at(&state[process.slots..process.end])
                    .map_or(true, |at| state[at] > 0)
            }
            // To take one's place in a queue is a step.
            _ => true,
        },
        _ => true,
    }
}

/// Whether the next step of a process can change no other process: it is at no lock with a queue.
#[inline]
#[must_use]
pub fn alone(program: &Program, state: &[i32], who: usize) -> bool {
    let process = &program.processes[who];
    match &program.codes[process.code].code[pc(state, process)] {
        Instr::Lock { lock, .. } => matches!(
            program.locks[*lock].kind,
            LockKind::Semaphore { fifo: false } | LockKind::Mutex { fifo: false }
        ),
        _ => true,
    }
}

/// Takes one step of an [`enabled`] process, and whatever it computes behind it.
///
/// # Errors
/// If it cannot be done or computed. The state is then as far as it came.
#[inline]
pub fn step(program: &Program, state: &mut [i32], who: usize) -> Result<(), Fault> {
    let process = &program.processes[who];
    let code: &Code = &program.codes[process.code];
    let at = pc(state, process);
    let own = process.slots..process.end;
    match &code.code[at] {
        Instr::Load { from, into } => {
            let from = from.at(&state[own])?;
            state[process.slots + into] = state[from];
        }
        Instr::Store { to, value } => {
            let value = value.of(&state[own.clone()])?;
            let to = to.at(&state[own])?;
            state[to] = value;
        }
        Instr::Lock { act, lock, which } => {
            let slot = which.at(&state[own])?;
            let kind = program.locks[*lock].kind;
            if act.asks() {
                if !ask(program, state, who, *act, kind, slot) {
                    return Ok(());
                }
            } else {
                give(program, state, who, kind, slot, &code.spans[at])?;
            }
        }
        Instr::End => return Ok(()),
        _ => {}
    }
    settle(program, state, process, at + 1)
}

/// What was read and is used no more is cleared, so that two states are equal if they look it.
pub fn tidy(program: &Program, state: &mut [i32]) {
    for process in &program.processes {
        let live = program.codes[process.code].live[pc(state, process)];
        state[process.slots + live..process.end].fill(0);
    }
}

/// Notes who holds a mutex (1), reads (1) or writes (2).
fn hold(program: &Program, state: &mut [i32], who: usize, slot: usize, how: i32) {
    if let Some(held) = program.lock_slots[slot - program.shared_len()].held {
        state[program.processes[who].base + held] = how;
    }
}

/// Whether a process holds a lock: 0, 1, or 2 for writing.
#[must_use]
pub fn held(program: &Program, state: &[i32], who: usize, slot: usize) -> i32 {
    let held = program.lock_slots[slot - program.shared_len()].held;
    held.map_or(0, |held| state[program.processes[who].base + held])
}

/// Asks for a lock. Whether it was got; else the process is in the queue now.
fn ask(
    program: &Program,
    state: &mut [i32],
    who: usize,
    act: Act,
    kind: LockKind,
    slot: usize,
) -> bool {
    let granted = match kind {
        LockKind::Semaphore { .. } | LockKind::Mutex { .. } => state[slot] > 0,
        LockKind::RwLock(preference) => {
            let waiting = |act| first(program, state, slot, Some(act)).is_some();
            let in_turn = match preference {
                Preference::Readers => true,
                Preference::Writers => act == Act::Write || !waiting(Act::Write),
                Preference::Nobody => first(program, state, slot, None).is_none(),
            };
            in_turn && fits(act, state[slot])
        }
    };
    if granted {
        take(program, state, who, act, slot);
    } else {
        let last = program.processes.iter().enumerate();
        let last = last
            .filter(|&(other, _)| waits_for(program, state, other).map(|it| it.1) == Some(slot))
            .map(|(_, process)| state[process.base + RANK])
            .max();
        state[program.processes[who].base + RANK] = last.unwrap_or(0) + 1;
    }
    granted
}

/// Whether a reader or a writer may come in, by who is in.
fn fits(act: Act, inside: i32) -> bool {
    if act == Act::Write {
        inside == 0
    } else {
        inside >= 0
    }
}

fn take(program: &Program, state: &mut [i32], who: usize, act: Act, slot: usize) {
    match act {
        Act::Read => state[slot] += 1,
        Act::Write => state[slot] = -1,
        _ => state[slot] -= 1,
    }
    hold(program, state, who, slot, 1 + i32::from(act == Act::Write));
}

/// What a process in a queue waits for: how, and which slot.
#[must_use]
pub fn waits_for(program: &Program, state: &[i32], who: usize) -> Option<(Act, usize)> {
    let process = &program.processes[who];
    if !queued(state, process) {
        return None;
    }
    asks_for(program, state, who)
}

/// What a process standing before a `wait`, `lock`, `read` or `write` asks for.
#[must_use]
pub fn asks_for(program: &Program, state: &[i32], who: usize) -> Option<(Act, usize)> {
    let process = &program.processes[who];
    match &program.codes[process.code].code[pc(state, process)] {
        Instr::Lock { act, which, .. } if act.asks() => {
            let slot = which.at(&state[process.slots..process.end]).ok()?;
            Some((*act, slot))
        }
        _ => None,
    }
}

/// Who is first in the queue of a lock, of those who ask so.
fn first(program: &Program, state: &[i32], slot: usize, how: Option<Act>) -> Option<(usize, Act)> {
    (0..program.processes.len())
        .filter_map(|who| {
            let (act, at) = waits_for(program, state, who)?;
            (at == slot && how.is_none_or(|how| how == act)).then_some((who, act))
        })
        .min_by_key(|&(who, _)| state[program.processes[who].base + RANK])
}

/// Gives a lock back, and hands it over to whoever waits for it in a queue.
fn give(
    program: &Program,
    state: &mut [i32],
    who: usize,
    kind: LockKind,
    slot: usize,
    span: &Span,
) -> Result<(), Fault> {
    if !matches!(kind, LockKind::Semaphore { .. }) {
        let how = held(program, state, who, slot);
        if how == 0 {
            let name = program.lock_name(slot);
            let others = 0..program.processes.len();
            let holder = others
                .into_iter()
                .find(|&it| held(program, state, it, slot) > 0);
            let holder = holder.map_or("nobody", |it| &program.processes[it].name);
            return Err(Fault::new(
                span,
                format!(
                    "{} unlocks `{name}`, and {holder} holds it",
                    program.processes[who].name
                ),
            ));
        }
        hold(program, state, who, slot, 0);
    }
    let fifo = match kind {
        LockKind::Semaphore { fifo } | LockKind::Mutex { fifo } => {
            let more = state[slot].checked_add(1);
            state[slot] = more.ok_or_else(|| Fault::new(span, "this semaphore counts too far"))?;
            fifo
        }
        LockKind::RwLock(_) => {
            state[slot] = (state[slot] - 1).max(0);
            true
        }
    };
    if !fifo {
        return Ok(());
    }
    while let Some((next, act)) = next_in(program, state, kind, slot) {
        take(program, state, next, act, slot);
        leave_queue(program, state, next, slot);
        let process = &program.processes[next];
        let at = pc(state, process);
        settle(program, state, process, at + 1)?;
    }
    Ok(())
}

/// Who gets the lock now, if anybody can.
fn next_in(program: &Program, state: &[i32], kind: LockKind, slot: usize) -> Option<(usize, Act)> {
    let inside = state[slot];
    let first = |how| first(program, state, slot, how);
    match kind {
        LockKind::Semaphore { .. } | LockKind::Mutex { .. } => first(None).filter(|_| inside > 0),
        LockKind::RwLock(preference) => match preference {
            Preference::Readers => first(Some(Act::Read)).or_else(|| first(Some(Act::Write))),
            Preference::Writers => first(Some(Act::Write)).or_else(|| first(Some(Act::Read))),
            Preference::Nobody => first(None),
        }
        .filter(|&(_, act)| fits(act, inside)),
    }
}

fn leave_queue(program: &Program, state: &mut [i32], who: usize, slot: usize) {
    let rank = state[program.processes[who].base + RANK];
    for other in 0..program.processes.len() {
        let behind = waits_for(program, state, other).map(|it| it.1) == Some(slot);
        let base = program.processes[other].base;
        if behind && state[base + RANK] > rank {
            state[base + RANK] -= 1;
        }
    }
    state[program.processes[who].base + RANK] = 0;
}
