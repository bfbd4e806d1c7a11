//! All threads at one moment: stopped, each of them between two of its steps.

use std::sync::atomic::Ordering;

use super::gate::{Gate, Lock};
use super::table::Table;

/// Stops all threads between two steps, and asks the rules that only such a moment can answer.
///
/// A thread takes a step with its own numbers locked, so whoever has locked them all has stopped everybody. Only who
/// waits for a lock does not hold its own: what it waits for cannot change either, since all locks are held.
pub(super) fn look(table: &Table<'_>) {
    let watch = &table.watch;
    if watch.sampled.is_empty() || table.faults.lock().iter().any(Option::is_some) {
        // Behind a runtime error nothing is asked any more, as in a check.
        return;
    }
    if let Some(state) = state(table) {
        for &rule in &watch.sampled {
            watch.asked_of(rule, &state, || "seen with all threads stopped".to_owned());
        }
    }
}

/// The state they are in. `None` if one of them is about to go wrong.
pub(super) fn state(table: &Table<'_>) -> Option<Vec<i32>> {
    let program = table.program;
    let own: Vec<_> = table.own.iter().map(|it| it.lock()).collect();
    held(&table.locks, &mut Vec::new(), &mut |counts| {
        let mut state = program.initial.clone();
        for (slot, shared) in state.iter_mut().zip(&table.shared) {
            *slot = shared.load(Ordering::SeqCst);
        }
        let first = program.shared_len();
        state[first..first + counts.len()].copy_from_slice(counts);
        for (who, own) in own.iter().enumerate() {
            let mut numbers = own.slots.clone();
            if table.watch.has_passed(who) {
                // It got its lock, and has not been woken up yet: where it stands is behind that.
                program.code_of(who).settle(own.pc + 1, &mut numbers).ok()?;
            }
            let process = &program.processes[who];
            state[process.slots..process.end].copy_from_slice(&numbers);
        }
        Some(state)
    })
}

/// Holds all locks at once, one inside the other, and says their counts.
fn held<R>(locks: &[Lock], counts: &mut Vec<i32>, then: &mut dyn FnMut(&[i32]) -> R) -> R {
    match locks.split_first() {
        None => then(counts),
        Some((first, rest)) => first.look(|gate: &Gate| {
            counts.push(gate.value());
            held(rest, counts, then)
        }),
    }
}
