//! `lootbox lab check`.

use std::io::Write;

use anyhow::bail;
use clap::Args;

use super::{Loaded, Source};
use crate::commands::output::json_line;
use crate::commands::{COULD_NOT_RUN, FINE, FOUND, MAX_MEBIBYTES};
use crate::lab::check::live::live;
use crate::lab::check::{self, Limits};
use crate::lab::program::{Program, What};
use crate::lab::{brief, lanes};
use crate::orders::{Schedule, letter};
use crate::progress::Progress;
use crate::terminal_kind::fitting;
use crate::values::whole;

#[derive(Debug, Args)]
pub(super) struct Check {
    #[command(flatten)]
    source: Source,
    /// Stop after this many states
    #[arg(long, value_name = "N", default_value_t = Limits::default().states, value_parser = whole::<usize>(1..=usize::MAX))]
    max_states: usize,
    /// Stop at about this much memory, in MiB
    #[arg(long, value_name = "MIB", default_value_t = Limits::default().bytes >> 20, value_parser = whole::<usize>(1..=MAX_MEBIBYTES))]
    max_memory: usize,
    /// Look at everything, also where every rule is broken already: a search without loops is counted to its end anyway, if
    /// that is not far
    #[arg(long)]
    all: bool,
    /// Beside the orders, so many runs on real threads, each of at most a second
    #[arg(long, value_name = "RUNS", conflicts_with = "replay", value_parser = whole::<u32>(1..=100_000))]
    live: Option<u32>,
    /// Show one order instead: a letter a step, A the first process
    #[arg(long, value_name = "SCHEDULE")]
    replay: Option<Schedule>,
    /// A few lines: the verdicts and who waits for whom, without the steps
    #[arg(long, conflicts_with_all = ["replay", "json"])]
    brief: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

/// That a schedule names no process that is not there.
pub(super) fn known(schedule: &Schedule, program: &Program) -> anyhow::Result<()> {
    let processes = program.processes.len();
    match schedule.sessions().find(|&who| who >= processes) {
        Some(who) => bail!(
            "the schedule has no process `{}`: expected letters A to {}",
            letter(who),
            letter(processes - 1)
        ),
        None => Ok(()),
    }
}

/// Looks at every order, or shows one.
pub(super) fn run(options: &Check, out: &mut dyn Write) -> anyhow::Result<u8> {
    let Loaded {
        name,
        text,
        program,
    } = options.source.load()?;
    if let Some(schedule) = &options.replay {
        known(schedule, &program)?;
        return replay(&program, &text, schedule, options.json, out);
    }
    let limits = Limits {
        states: options.max_states,
        bytes: options.max_memory.saturating_mul(1 << 20),
        all: options.all,
    };
    let mut progress = Progress::new("{spinner} {human_pos} states in {elapsed}", 0, "states");
    let mut said = 0u64;
    let mut report = check::check(&program, &text, limits, &mut |seen| {
        progress.at(seen.states as u64);
        // Nobody has to wait for the end of a long search to know that there is something to find.
        for (bit, rule) in program.rules.iter().enumerate() {
            let line = || fitting(format!("✗ {}: broken; the search goes on", rule.text));
            if (seen.broken & !said) >> bit & 1 == 1 && progress.say(line) {
                said |= 1 << bit;
            }
        }
    });
    progress.end();
    if let Some(runs) = options.live {
        let mut progress = Progress::new("{bar:30} {pos} of {len} runs", runs.into(), "runs");
        let live = live(&program, &text, runs, &mut |done| progress.at(done.into()))?;
        progress.end();
        let rules = report.rules.iter_mut().zip(&program.rules);
        for ((told, rule), live) in rules.zip(live) {
            // Who starves no run can tell: it ends.
            told.live = (!matches!(rule.what, What::NeverStarve(_))).then_some(live);
        }
    }
    if options.json {
        json_line(out, &report)?;
    } else if options.brief {
        write!(out, "{}", fitting(brief::check(&name, &report)))?;
    } else {
        write!(out, "{}", fitting(format!("{name}: {report}")))?;
    }
    Ok(if report.broken() {
        FOUND
    } else if report.decided() {
        FINE
    } else {
        COULD_NOT_RUN
    })
}

/// Shows one order. Exit code 1 if a rule is broken on the way.
pub(super) fn replay(
    program: &Program,
    text: &str,
    schedule: &Schedule,
    json: bool,
    out: &mut dyn Write,
) -> anyhow::Result<u8> {
    let replay = check::replay(program, text, schedule);
    if json {
        json_line(out, &replay)?;
    } else {
        let picture = lanes::picture(program, &replay.rows, None);
        write!(out, "{}", fitting(format!("{picture}{replay}")))?;
    }
    Ok(if replay.broken.is_empty() {
        FINE
    } else {
        FOUND
    })
}
