//! One draw is one small program: operations, the three programs, and the function that runs them.

use super::memory::Memory;
use Operation::{Add, FetchAdd, Load, Lock, Store, StoreIfUnchanged, Unlock, Window};

/// One step of a draw. Each session has a *register* of its own; the counter and the mutex are shared.
/// (Where it says 1, a draw of a whole request has as many as it takes, and stores stop at the end of the list.)
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    /// Read the counter into the register.
    Load,
    /// Let time pass between the read and the write: see [`Window`](super::Window).
    Window,
    /// Write register + 1 to the counter, whatever it has become meanwhile.
    Store,
    /// Read the counter into the register and add 1 to it, in one step that nobody can split.
    FetchAdd,
    /// Add 1 to the counter in one step; the register stays as it is. For programs of one's own.
    Add,
    /// Write register + 1 if the counter still equals the register, else begin again. For one's own, too.
    StoreIfUnchanged,
    /// Wait until nobody holds the mutex, and take it.
    Lock,
    /// Give the mutex back.
    Unlock,
}

/// Read, then write: the deliberate race. Another thread can come in between.
pub const UNSAFE_RACE: &[Operation] = &[Load, Window, Store];
/// The race plus two operations: whoever reads holds the lock until it has written.
pub const LOCK: &[Operation] = &[Lock, Load, Window, Store, Unlock];
/// Read and write in one: there is no between.
pub const ATOMIC: &[Operation] = &[FetchAdd];

/// How a draw goes on after one operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// With the next operation, or it is complete after the last.
    Operation,
    /// From the first operation again: somebody else was faster.
    Again,
    /// Not at all: the counter has reached the end of the list.
    SoldOut,
}

/// Runs one operation. `take` is how many numbers this draw hands out: 1, unless a whole request is one draw.
#[inline(always)]
pub fn step(operation: Operation, register: &mut u64, take: u64, memory: &mut impl Memory) -> Next {
    match operation {
        Load => {
            *register = memory.load();
            if *register >= memory.size() {
                return Next::SoldOut;
            }
        }
        Window => memory.window(*register),
        Store => memory.store((*register + take).min(memory.size())),
        FetchAdd => *register = memory.fetch_add(take),
        Add => _ = memory.fetch_add(take),
        StoreIfUnchanged => {
            if !memory.store_if_unchanged(*register, (*register + take).min(memory.size())) {
                return Next::Again;
            }
        }
        Lock => memory.lock(),
        Unlock => memory.unlock(),
    }
    Next::Operation
}

/// Runs one draw to its end. **The ticket is the register at the end**, and its number is `list[ticket]`.
/// `None`: sold out, nothing is handed out.
#[inline(always)]
pub fn draw(program: &[Operation], take: u64, memory: &mut impl Memory) -> Option<u64> {
    'again: loop {
        let mut register = 0;
        let mut locked = false;
        for &operation in program {
            match step(operation, &mut register, take, memory) {
                Next::Operation => locked = (locked || operation == Lock) && operation != Unlock,
                Next::Again => continue 'again,
                Next::SoldOut => {
                    if locked {
                        memory.unlock();
                    }
                    return None;
                }
            }
        }
        return (register < memory.size()).then_some(register);
    }
}
