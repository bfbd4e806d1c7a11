//! Real threads under a schedule: each takes its step when its letter comes.

use std::sync::atomic::Ordering;
use std::thread;

use super::super::machine::{self, enabled};
use super::super::program::{HELD, PC, Program, RANK};
use super::super::value::Fault;
use super::Clock;
use super::spawn::{self, RunError};
use super::table::Table;

/// What real threads came to under a schedule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replayed {
    /// The state they are in, as the machine would write it.
    pub state: Vec<i32>,
    /// What went wrong, by the process.
    pub fault: Option<(usize, Fault)>,
    /// The letters passed over, by their place in the schedule.
    pub passed_over: Vec<usize>,
}

/// Runs real threads through a schedule, a letter a step.
///
/// # Errors
/// If a thread cannot be started, or fails.
pub fn replay(program: &Program, schedule: &[usize]) -> Result<Replayed, RunError> {
    let clock = Clock::start();
    let table = Table::new(program, &clock, true);
    let mut passed_over = Vec::new();
    let mut state = program.initial.clone();
    let threads = thread::scope(|scope| {
        let _ending = spawn::Ending(&table);
        let threads = spawn::start(scope, &table, None)?;
        if let Some(turnstile) = &table.turnstile {
            turnstile.settle();
            // The machine goes along, to know who would wait at a plain semaphore.
            let mut model = machine::start(program).ok();
            for (at, &who) in schedule.iter().enumerate() {
                let able = model.as_ref().is_some_and(|it| enabled(program, it, who));
                if !able || !turnstile.call(who) {
                    passed_over.push(at);
                    continue;
                }
                if let Some(it) = &mut model
                    && machine::step(program, it, who).is_err()
                {
                    break;
                }
            }
        }
        for (at, lock) in table.locks.iter().enumerate() {
            lock.look(|gate| {
                state[program.shared_len() + at] = gate.value();
                for (who, process) in program.processes.iter().enumerate() {
                    state[process.base + RANK] += gate.rank(who);
                    if let Some(held) = program.lock_slots[at].held {
                        debug_assert!(held >= HELD);
                        state[process.base + held] = gate.held_by(who);
                    }
                }
            });
        }
        table.end();
        spawn::join(threads, &table)
    })?;
    for (slot, shared) in state.iter_mut().zip(&table.shared) {
        *slot = shared.load(Ordering::SeqCst);
    }
    for (process, own) in program.processes.iter().zip(&table.own) {
        let own = own.lock();
        state[process.base + PC] = i32::try_from(own.pc).unwrap_or(i32::MAX);
        state[process.slots..process.end].copy_from_slice(&own.slots);
    }
    machine::tidy(program, &mut state);
    let fault = threads.into_iter().enumerate();
    Ok(Replayed {
        state,
        fault: fault
            .into_iter()
            .find_map(|(who, it)| Some((who, it.fault?))),
        passed_over,
    })
}
