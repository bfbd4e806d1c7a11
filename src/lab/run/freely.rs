//! A run in which the operating system decides who goes on.

use std::ops::ControlFlow;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use super::super::error::line_and_column;
use super::super::machine;
use super::super::program::{Instr, Program};
use super::super::syntax::LockKind;
use super::super::waiting::{self, Waiting};
use super::gate::Gate;
use super::judge::{self, End};
use super::live::shared;
use super::look;
use super::report::RunReport;
use super::spawn::{self, RunError};
use super::stats::{Occupancy, ProcessStats, jain};
use super::table::{At, Table};
use super::threads::Thread;
use super::{Clock, Live, Options};

/// Runs a program on real threads until its time is over, all have ended, or nobody can go on.
///
/// # Errors
/// If a thread cannot be started, or fails.
pub fn run(program: &Program, source: &str, options: &Options) -> Result<RunReport, RunError> {
    watched(program, source, options, &Clock::start(), &mut |_| {
        ControlFlow::Continue(())
    })
}

/// The same, with somebody who looks on: `watch` is called every few milliseconds and once at the end, before
/// anybody is let go, and may end the run.
///
/// # Errors
/// As [`run`].
pub fn watched(
    program: &Program,
    source: &str,
    options: &Options,
    clock: &Clock,
    watch: &mut dyn FnMut(Live<'_>) -> ControlFlow<()>,
) -> Result<RunReport, RunError> {
    let table = Table::new(program, clock, false);
    let mut deadlock = Vec::new();
    let mut samples: Vec<Vec<i32>> = vec![Vec::new(); table.locks.len()];
    let mut quiet = Quiet::default();
    if let Ok(state) = machine::start(program) {
        table.watch.asked_of_all(&state, "at the beginning");
    }
    let threads = thread::scope(|scope| {
        let _ending = spawn::Ending(&table);
        let threads = spawn::start(scope, &table, Some(options))?;
        let live = |deadlock, over| Live {
            table: &table,
            deadlock,
            over,
        };
        while clock.now() < options.length
            && !table.has_failed()
            && !threads.iter().all(thread::ScopedJoinHandle::is_finished)
        {
            thread::sleep(Duration::from_millis(5).min(options.length));
            for (samples, lock) in samples.iter_mut().zip(&table.locks) {
                samples.push(lock.look(Gate::value));
            }
            deadlock = table.deadlock();
            look::look(&table);
            quiet.note(&table);
            if !deadlock.is_empty() || watch(live(&[], false)).is_break() {
                break;
            }
        }
        _ = watch(live(&deadlock, true));
        table.end();
        spawn::join(threads, &table)
    })?;
    look::look(&table);
    let took = clock.now();
    let mut report = report(&table, options, took, &threads, deadlock, &samples);
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
    let turns: Vec<_> = table.own.iter().map(|it| it.lock().turns.clone()).collect();
    let end = report.ended && report.faults.is_empty();
    let state = end.then(|| look::state(&table)).flatten();
    let end = End {
        state: state.as_deref(),
        took,
        deadlock: !report.deadlock.is_empty(),
        fault: !report.faults.is_empty(),
        processes: &report.processes,
        turns: &turns,
    };
    report.rules = judge::judge(program, source, &table.watch, &end);
    report.warnings = judge::starving(program, &turns);
    if !report.ended && report.deadlock.is_empty() && !options.times.contains_key("step") {
        report.warnings.extend(quiet.said(program, took));
    }
    Ok(report)
}

/// Since when nobody came into a section though nobody was in an activity: all spin, or wait for who does.
#[derive(Debug, Default)]
struct Quiet {
    turns: u64,
    since: Duration,
}

/// From then on it is worth a word.
const LONG: Duration = Duration::from_secs(1);

impl Quiet {
    fn note(&mut self, table: &Table<'_>) {
        let turns = table.seen.iter().map(|it| it.turns.load(Ordering::Relaxed));
        let turns = turns.sum();
        let at = table.at.lock().clone();
        let busy = at.iter().enumerate().any(|(who, at)| {
            let pc = table.seen[who].pc.load(Ordering::Relaxed);
            let code = &table.program.code_of(who).code;
            matches!(at, At::Work) && matches!(code.get(pc), Some(Instr::Activity(_)))
        });
        if busy || turns != self.turns {
            self.turns = turns;
            self.since = table.clock.now();
        }
    }

    fn said(&self, program: &Program, now: Duration) -> Option<String> {
        let long = now.saturating_sub(self.since);
        (long >= LONG && !program.sections.is_empty()).then(|| {
            format!(
                "nobody gets on: for the last {:.1} s nobody came into a section, though not all wait",
                long.as_secs_f64()
            )
        })
    }
}

fn report(
    table: &Table<'_>,
    options: &Options,
    took: Duration,
    threads: &[Thread],
    deadlock: Vec<Waiting>,
    samples: &[Vec<i32>],
) -> RunReport {
    let program = table.program;
    let first = program.shared_len();
    let occupancy = samples.iter().enumerate().filter_map(|(at, samples)| {
        let slot = &program.locks[program.lock_slots[at].lock];
        let counts = matches!(slot.kind, LockKind::Semaphore { .. });
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
    let turns: Vec<_> = table
        .seen
        .iter()
        .map(|it| it.turns.load(Ordering::Relaxed))
        .collect();
    let processes = threads.iter().zip(&program.processes).zip(&turns);
    RunReport {
        took,
        seed: options.seed,
        jain: jain(&turns),
        occupancy: occupancy.collect(),
        ended: threads.iter().all(|it| it.ended),
        shared: shared(table),
        cycle: waiting::cycle(&deadlock),
        deadlock,
        faults: Vec::new(),
        rules: Vec::new(),
        warnings: Vec::new(),
        processes: processes
            .map(|((it, process), &turns)| {
                ProcessStats::new(process.name.clone(), turns, it.waits.clone())
            })
            .collect(),
    }
}

#[cfg(test)]
mod tests;
