//! What the threads of a run share, and what others may see of them.

use std::sync::atomic::{AtomicBool, AtomicI32, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use parking_lot::{Condvar, Mutex};

use super::super::program::{Act, Program};
use super::super::value::Fault;
use super::Clock;
use super::gate::{Gate, Lock};
use super::turnstile::Turnstile;
use super::watch::Watch;

/// What a thread writes for others to see. Each has its own, so that no two threads meet because of it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// The step it stands before.
    pub pc: AtomicUsize,
    /// How often it came into a section.
    pub turns: AtomicU64,
    /// The longest wait so far, in nanoseconds.
    pub longest: AtomicU64,
}

/// What a thread is at, as far as others need to know.
#[derive(Debug, Clone, Copy)]
pub(super) enum At {
    Work,
    /// It has asked for a lock, and when.
    Asks(Act, usize, Duration),
    Ended,
}

/// What the threads share.
pub(super) struct Table<'a> {
    pub(super) program: &'a Program,
    pub(super) clock: &'a Clock,
    pub(super) shared: Vec<AtomicI32>,
    pub(super) locks: Vec<Lock>,
    pub(super) at: Mutex<Vec<At>>,
    pub(super) seen: Vec<CachePadded<Seen>>,
    pub(super) faults: Mutex<Vec<Option<Fault>>>,
    /// What each process has of its own. It is locked while a step is taken, and only then.
    pub(super) own: Vec<CachePadded<Mutex<Own>>>,
    pub(super) watch: Watch<'a>,
    pub(super) failed: AtomicBool,
    over: (Mutex<bool>, Condvar),
    pub(super) turnstile: Option<Turnstile>,
}

/// What a process has of its own.
#[derive(Debug)]
pub(super) struct Own {
    /// The step it stands before.
    pub pc: usize,
    /// Its numbers.
    pub slots: Vec<i32>,
    /// How often it came into each section.
    pub turns: Vec<u64>,
    /// Room for the rules that ask what it writes.
    pub scratch: Vec<i32>,
}

impl<'a> Table<'a> {
    pub(super) fn new(program: &'a Program, clock: &'a Clock, turnstile: bool) -> Self {
        let many = program.processes.len();
        let first = program.shared_len();
        let locks = program.lock_slots.iter().enumerate();
        let locks = locks.map(|(at, slot)| {
            let value = program.initial[first + at];
            Lock::new(Gate::new(program.locks[slot.lock].kind, value))
        });
        Self {
            program,
            clock,
            shared: program.initial[..first]
                .iter()
                .map(|&it| AtomicI32::new(it))
                .collect(),
            locks: locks.collect(),
            at: Mutex::new(vec![At::Work; many]),
            seen: (0..many).map(|_| CachePadded::default()).collect(),
            faults: Mutex::new(vec![None; many]),
            own: program
                .processes
                .iter()
                .map(|it| {
                    CachePadded::new(Mutex::new(Own {
                        pc: 0,
                        slots: program.initial[it.slots..it.end].to_vec(),
                        turns: vec![0; program.sections.len()],
                        scratch: vec![0; first],
                    }))
                })
                .collect(),
            watch: Watch::new(program, clock),
            failed: AtomicBool::new(false),
            over: (Mutex::new(false), Condvar::new()),
            turnstile: turnstile.then(|| Turnstile::new(many)),
        }
    }

    pub(super) fn lock(&self, slot: usize) -> &Lock {
        &self.locks[slot - self.shared.len()]
    }

    pub(super) fn is_over(&self) -> bool {
        *self.over.0.lock()
    }

    /// Sleeps, but not beyond the end of the run.
    pub(super) fn sleep(&self, time: Duration) {
        let until = Instant::now().checked_add(time);
        let mut over = self.over.0.lock();
        while !*over {
            match until {
                Some(until) if self.over.1.wait_until(&mut over, until).timed_out() => return,
                Some(_) => {}
                None => self.over.1.wait(&mut over),
            }
        }
    }

    /// Ends the run.
    pub(super) fn end(&self) {
        *self.over.0.lock() = true;
        self.over.1.notify_all();
        for lock in &self.locks {
            lock.close();
        }
        if let Some(turnstile) = &self.turnstile {
            turnstile.end();
        }
    }

    /// Whether a thread has panicked.
    pub(super) fn has_failed(&self) -> bool {
        self.failed.load(Ordering::SeqCst)
    }
}
