//! A run while it goes on, as a picture of one moment: what a screen is made from.

use std::sync::atomic::Ordering;
use std::time::Duration;

use super::super::program::{Act, Instr, Named};
use super::super::syntax::LockKind;
use super::super::waiting::{self, Waiting};
use super::stats::jain;
use super::table::{At, Table};

/// One moment of a run.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Snapshot {
    /// The time since the beginning.
    pub elapsed: Duration,
    /// The processes, in the order of their letters.
    pub processes: Vec<ProcessNow>,
    /// The semaphores and locks, with their counts.
    pub locks: Vec<(LockKind, Values)>,
    /// The shared variables.
    pub shared: Vec<Values>,
    /// The rules that were broken so far, and how often.
    pub broken: Vec<(String, u64)>,
    /// Jain's index of the turns: 1 if all had as many.
    pub jain: Option<f64>,
    /// Who waits for whom, if nobody can go on.
    pub deadlock: Vec<Waiting>,
    /// The cycle among them, the first one again at its end; empty if there is none.
    pub cycle: Vec<String>,
}

/// What one process is at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProcessNow {
    /// Its name.
    pub name: String,
    /// What it does.
    pub does: Does,
    /// The sections it is in.
    pub sections: Vec<String>,
    /// The locks it holds. A semaphore that it waited for is one of them, unless others signal it and it
    /// does not: that is no possession but a message.
    pub holds: Vec<String>,
    /// How often it came into a section.
    pub turns: u64,
    /// The longest time it has waited, one still going on included.
    pub longest: Duration,
}

/// What a process does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Does {
    /// Something of its own: `think`.
    Activity(String),
    /// It has asked for a lock and is not let in.
    Waits {
        /// How it asked.
        how: Act,
        /// Which lock: `chopstick[1]`.
        what: String,
    },
    /// Its steps, with no wait and no activity.
    Steps,
    /// It has ended.
    Ended,
    /// It went wrong, and why.
    Failed(String),
}

/// A lock or a shared variable, or an array of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Values {
    /// Its name.
    pub name: String,
    /// Whether it is written with an index.
    pub array: bool,
    /// Its counts or numbers. Of a reader-writer lock: how many read, -1 if somebody writes.
    pub numbers: Vec<i32>,
}

/// A run while it goes on.
#[derive(Clone, Copy)]
pub struct Live<'a> {
    pub(super) table: &'a Table<'a>,
    pub(super) deadlock: &'a [Waiting],
    pub(super) over: bool,
}

impl Live<'_> {
    /// The time since the beginning.
    #[must_use]
    pub fn elapsed(&self) -> Duration {
        self.table.clock.now()
    }

    /// Whether this is the end: there will be nothing more to see.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.over
    }

    /// This moment. The threads are not held up for it, so what it says of two of them may be a step apart;
    /// but not in a deadlock, in which nobody moves.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let table = self.table;
        let program = table.program;
        let elapsed = self.elapsed();
        let mut processes: Vec<_> = (0..program.processes.len())
            .map(|who| process(table, who, elapsed))
            .collect();
        let first = program.shared_len();
        for (at, lock) in table.locks.iter().enumerate() {
            let holders: Vec<_> = lock.look(|gate| gate.holders().collect());
            for who in holders {
                let lock = program.lock_slots[at].lock;
                let semaphore = matches!(program.locks[lock].kind, LockKind::Semaphore { .. });
                let gone = matches!(processes[who].does, Does::Ended | Does::Failed(_));
                if waiting::is_possession(program, who, lock) && !(semaphore && gone) {
                    processes[who].holds.push(program.lock_name(first + at));
                }
            }
        }
        let turns: Vec<_> = processes.iter().map(|it| it.turns).collect();
        Snapshot {
            elapsed,
            processes,
            locks: program
                .locks
                .iter()
                .map(|it| {
                    let count = |slot| table.lock(slot).look(super::gate::Gate::value);
                    (it.kind, values(&it.named, &count))
                })
                .collect(),
            shared: shared(table),
            broken: table.watch.broken(),
            jain: jain(&turns),
            deadlock: self.deadlock.to_vec(),
            cycle: waiting::cycle(self.deadlock),
        }
    }
}

/// The numbers of a variable or a lock.
pub(crate) fn values(named: &Named, number: &dyn Fn(usize) -> i32) -> Values {
    Values {
        name: named.name.clone(),
        array: named.array,
        numbers: (named.base..named.base + named.len).map(number).collect(),
    }
}

/// The shared variables.
pub(super) fn shared(table: &Table<'_>) -> Vec<Values> {
    let number = |slot: usize| table.shared[slot].load(Ordering::SeqCst);
    let shared = table.program.shared.iter();
    shared.map(|it| values(it, &number)).collect()
}

fn process(table: &Table<'_>, who: usize, elapsed: Duration) -> ProcessNow {
    let program = table.program;
    let seen = &table.seen[who];
    let code = program.code_of(who);
    let at = table.at.lock()[who];
    let pc = seen.pc.load(Ordering::Relaxed).min(code.code.len() - 1);
    let mut longest = Duration::from_nanos(seen.longest.load(Ordering::Relaxed));
    let does = match at {
        At::Ended => match &table.faults.lock()[who] {
            Some(fault) => Does::Failed(fault.message.clone()),
            None => Does::Ended,
        },
        At::Asks(how, slot, since) if table.lock(slot).look(|gate| gate.is_stuck(who, how)) => {
            longest = longest.max(elapsed.saturating_sub(since));
            Does::Waits {
                how,
                what: program.lock_name(slot),
            }
        }
        At::Asks(..) | At::Work => match &code.code[pc] {
            Instr::Activity(which) => Does::Activity(program.activities[*which].clone()),
            _ => Does::Steps,
        },
    };
    let inside = |&(bit, _): &(usize, &String)| code.inside[pc] >> bit & 1 == 1;
    let sections = program.sections.iter().enumerate().filter(inside);
    ProcessNow {
        name: program.processes[who].name.clone(),
        sections: match does {
            Does::Ended | Does::Failed(_) => Vec::new(),
            _ => sections.map(|it| it.1.clone()).collect(),
        },
        does,
        holds: Vec::new(),
        turns: seen.turns.load(Ordering::Relaxed),
        longest,
    }
}
