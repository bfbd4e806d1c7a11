//! One thread a process, all of them over the same shared numbers.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicI32, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use parking_lot::{Condvar, Mutex};
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::super::error::line_and_column;
use super::super::machine::{self, enabled};
use super::super::program::{Act, HELD, Instr, PC, Program, RANK};
use super::super::value::Fault;
use super::super::waiting::{self, Waiting};
use super::gate::{Gate, Lock};
use super::live::Seen;
use super::stats::{Occupancy, ProcessStats, RunReport, jain};
use super::turnstile::Turnstile;
use super::{Clock, Live, Options};

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
    over: (Mutex<bool>, Condvar),
    turnstile: Option<Turnstile>,
}

/// How a thread ended.
struct Thread {
    pc: usize,
    slots: Vec<i32>,
    fault: Option<Fault>,
    ended: bool,
    turns: u64,
    waits: Vec<Duration>,
}

impl<'a> Table<'a> {
    fn new(program: &'a Program, clock: &'a Clock, turnstile: bool) -> Self {
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
            over: (Mutex::new(false), Condvar::new()),
            turnstile: turnstile.then(|| Turnstile::new(many)),
        }
    }

    pub(super) fn lock(&self, slot: usize) -> &Lock {
        &self.locks[slot - self.shared.len()]
    }

    fn is_over(&self) -> bool {
        *self.over.0.lock()
    }

    /// Sleeps, but not beyond the end of the run.
    fn sleep(&self, time: Duration) {
        let until = Instant::now() + time;
        let mut over = self.over.0.lock();
        while !*over && !self.over.1.wait_until(&mut over, until).timed_out() {}
    }

    /// Ends the run.
    fn end(&self) {
        *self.over.0.lock() = true;
        self.over.1.notify_all();
        for lock in &self.locks {
            lock.close();
        }
        if let Some(turnstile) = &self.turnstile {
            turnstile.end();
        }
    }

    /// Everything a process does, from its first step to its last.
    fn work(&self, who: usize, options: Option<&Options>) -> Thread {
        let process = &self.program.processes[who];
        let mut thread = Thread {
            pc: 0,
            slots: self.program.initial[process.slots..process.end].to_vec(),
            fault: None,
            ended: false,
            turns: 0,
            waits: Vec::new(),
        };
        let mut rng =
            StdRng::seed_from_u64(options.map_or(0, |it| it.seed).wrapping_add(who as u64));
        let outcome = self.steps(who, &mut thread, options, &mut rng);
        thread.fault = outcome.err();
        self.faults.lock()[who].clone_from(&thread.fault);
        self.at.lock()[who] = At::Ended;
        if let Some(turnstile) = &self.turnstile {
            turnstile.gone(who);
        }
        thread
    }

    fn steps(
        &self,
        who: usize,
        thread: &mut Thread,
        options: Option<&Options>,
        rng: &mut StdRng,
    ) -> Result<(), Fault> {
        let code = self.program.code_of(who);
        let seen = &self.seen[who];
        thread.pc = code.settle(0, &mut thread.slots)?;
        let mut pause = |name: &str, otherwise: Option<(Duration, Duration)>| {
            let time = options
                .and_then(|it| it.times.get(name).copied())
                .or(otherwise);
            if let Some((least, most)) = time {
                self.sleep(if least < most {
                    rng.random_range(least..=most)
                } else {
                    least
                });
            }
        };
        loop {
            seen.pc.store(thread.pc, Ordering::Relaxed);
            if matches!(code.code[thread.pc], Instr::End) {
                thread.ended = true;
                return Ok(());
            }
            if let Some(turnstile) = &self.turnstile {
                if !turnstile.arrive(who) {
                    return Ok(());
                }
            } else if self.is_over() {
                return Ok(());
            }
            pause("step", None);
            match &code.code[thread.pc] {
                Instr::Load { from, into } => {
                    thread.slots[*into] =
                        self.shared[from.at(&thread.slots)?].load(Ordering::Relaxed);
                }
                Instr::Store { to, value } => {
                    let value = value.of(&thread.slots)?;
                    self.shared[to.at(&thread.slots)?].store(value, Ordering::Relaxed);
                }
                Instr::Lock { act, which, .. } => {
                    let slot = which.at(&thread.slots)?;
                    if act.asks() {
                        if !self.ask(who, thread, *act, slot) {
                            return Ok(());
                        }
                    } else {
                        self.give(who, slot)
                            .map_err(|reason| Fault::new(&code.spans[thread.pc], reason))?;
                    }
                }
                Instr::Activity(which) => {
                    pause(
                        &self.program.activities[*which],
                        options.map(|it| it.otherwise),
                    );
                }
                _ => thread::yield_now(),
            }
            let before = code.inside[thread.pc];
            thread.pc = code.settle(thread.pc + 1, &mut thread.slots)?;
            if code.inside[thread.pc] & !before != 0 {
                thread.turns += 1;
                seen.turns.store(thread.turns, Ordering::Relaxed);
            }
        }
    }

    fn ask(&self, who: usize, thread: &mut Thread, act: Act, slot: usize) -> bool {
        let asked = self.clock.now();
        self.at.lock()[who] = At::Asks(act, slot, asked);
        let got = self.lock(slot).ask(who, act, || {
            if let Some(turnstile) = &self.turnstile {
                turnstile.queued(who);
            }
        });
        let waited = self.clock.now().saturating_sub(asked);
        thread.waits.push(waited);
        let nanoseconds = u64::try_from(waited.as_nanos()).unwrap_or(u64::MAX);
        self.seen[who]
            .longest
            .fetch_max(nanoseconds, Ordering::Relaxed);
        if got.is_ok() {
            self.at.lock()[who] = At::Work;
        }
        got.is_ok()
    }

    fn give(&self, who: usize, slot: usize) -> Result<(), String> {
        let lock = self.lock(slot);
        let given = lock.give(who, |let_in| {
            if let Some(turnstile) = &self.turnstile {
                turnstile.let_in(let_in);
            }
        });
        given.map_err(|_| {
            let holder = lock.look(|gate| gate.holders().next());
            let holder = holder.map_or("nobody", |it| &self.program.processes[it].name);
            let (me, name) = (
                &self.program.processes[who].name,
                self.program.lock_name(slot),
            );
            format!("{me} unlocks `{name}`, and {holder} holds it")
        })
    }

    /// Who waits for whom, if nobody can go on. Exact: a thread says what it asks for before it asks, and takes
    /// that back after it got it and before it does anything else. Nobody can say anything while this looks, so
    /// while all of them ask and each is seen waiting, nobody changes a lock.
    fn deadlock(&self) -> Vec<Waiting> {
        let at = self.at.lock();
        let mut asking = Vec::new();
        for (who, at) in at.iter().enumerate() {
            match at {
                At::Ended => {}
                At::Work => return Vec::new(),
                At::Asks(act, slot, _) => {
                    if !self.lock(*slot).look(|gate| gate.is_stuck(who, *act)) {
                        return Vec::new();
                    }
                    asking.push((who, *slot));
                }
            }
        }
        let live = |who: usize| !matches!(at[who], At::Ended);
        asking
            .into_iter()
            .map(|(who, slot)| {
                let holders = self.lock(slot).look(|gate| gate.holders().collect());
                waiting::one(self.program, who, slot, holders, &live)
            })
            .collect()
    }
}

/// Runs a program on real threads until its time is over, all have ended, or nobody can go on.
#[must_use]
pub fn run(program: &Program, source: &str, options: &Options) -> RunReport {
    watched(program, source, options, &Clock::start(), &mut |_| {
        ControlFlow::Continue(())
    })
}

/// The same, with somebody who looks on: `watch` is called every few milliseconds and once at the end, before
/// anybody is let go, and may end the run.
pub fn watched(
    program: &Program,
    source: &str,
    options: &Options,
    clock: &Clock,
    watch: &mut dyn FnMut(Live<'_>) -> ControlFlow<()>,
) -> RunReport {
    let table = Table::new(program, clock, false);
    let mut deadlock = Vec::new();
    let mut samples: Vec<Vec<i32>> = vec![Vec::new(); table.locks.len()];
    let threads: Vec<Thread> = thread::scope(|scope| {
        let threads: Vec<_> = (0..program.processes.len())
            .map(|who| {
                let table = &table;
                scope.spawn(move || table.work(who, Some(options)))
            })
            .collect();
        let live = |deadlock, over| Live {
            table: &table,
            deadlock,
            over,
        };
        while clock.now() < options.length
            && !threads.iter().all(thread::ScopedJoinHandle::is_finished)
        {
            thread::sleep(Duration::from_millis(5).min(options.length));
            for (samples, lock) in samples.iter_mut().zip(&table.locks) {
                samples.push(lock.look(Gate::value));
            }
            deadlock = table.deadlock();
            if !deadlock.is_empty() || watch(live(&[], false)).is_break() {
                break;
            }
        }
        _ = watch(live(&deadlock, true));
        table.end();
        threads
            .into_iter()
            .filter_map(|it| it.join().ok())
            .collect()
    });
    let mut report = report(program, options, clock.now(), &threads, deadlock, &samples);
    let faults = threads.iter().zip(&program.processes);
    report.faults = faults
        .filter_map(|(thread, process)| {
            let fault = thread.fault.as_ref()?;
            let line = line_and_column(source, fault.span.start).0;
            Some((
                process.name.clone(),
                format!("{} (line {line})", fault.message),
            ))
        })
        .collect();
    report
}

fn report(
    program: &Program,
    options: &Options,
    took: Duration,
    threads: &[Thread],
    deadlock: Vec<Waiting>,
    samples: &[Vec<i32>],
) -> RunReport {
    let names = program.processes.iter().map(|it| it.name.clone());
    let of = threads.iter().zip(names);
    let first = program.shared_len();
    let occupancy = samples.iter().enumerate().filter_map(|(at, samples)| {
        let slot = &program.locks[program.lock_slots[at].lock];
        let counts = matches!(slot.kind, super::super::syntax::LockKind::Semaphore { .. });
        let (least, most) = (*samples.iter().min()?, *samples.iter().max()?);
        let sum: f64 = samples.iter().map(|&it| f64::from(it)).sum();
        #[expect(clippy::cast_precision_loss, reason = "a mean for people")]
        let mean = sum / samples.len() as f64;
        (counts && (most > 1 || program.initial[first + at] > 1)).then(|| Occupancy {
            semaphore: program.lock_name(first + at),
            least,
            mean,
            most,
        })
    });
    RunReport {
        took,
        seed: options.seed,
        jain: jain(&threads.iter().map(|it| it.turns).collect::<Vec<_>>()),
        occupancy: occupancy.collect(),
        ended: threads.iter().all(|it| it.ended),
        cycle: waiting::cycle(&deadlock),
        deadlock,
        faults: Vec::new(),
        processes: of
            .map(|(it, name)| ProcessStats::new(name, it.turns, it.waits.clone()))
            .collect(),
    }
}

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
#[must_use]
pub fn replay(program: &Program, schedule: &[usize]) -> Replayed {
    let clock = Clock::start();
    let table = Table::new(program, &clock, true);
    let mut passed_over = Vec::new();
    let mut state = program.initial.clone();
    let threads: Vec<Thread> = thread::scope(|scope| {
        let threads: Vec<_> = (0..program.processes.len())
            .map(|who| {
                let table = &table;
                scope.spawn(move || table.work(who, None))
            })
            .collect();
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
        threads
            .into_iter()
            .filter_map(|it| it.join().ok())
            .collect()
    });
    for (slot, shared) in state.iter_mut().zip(&table.shared) {
        *slot = shared.load(Ordering::Relaxed);
    }
    for (process, thread) in program.processes.iter().zip(&threads) {
        state[process.base + PC] = i32::try_from(thread.pc).unwrap_or(i32::MAX);
        state[process.slots..process.end].copy_from_slice(&thread.slots);
    }
    machine::tidy(program, &mut state);
    let fault = threads.into_iter().enumerate();
    Replayed {
        state,
        fault: fault
            .into_iter()
            .find_map(|(who, it)| Some((who, it.fault?))),
        passed_over,
    }
}
