//! Real runs beside the orders: orders are counted alike, and a real machine does not try them alike.

use std::collections::HashMap;
use std::time::Duration;

use serde::Serialize;

use super::super::program::{Program, What};
use super::super::run::judge::Outcome;
use super::super::run::{self, Options, RunError};
use crate::statistics::wilson;

/// A run that has not ended by then is ended: many programs go on for ever.
pub const MAX_RUN: Duration = Duration::from_secs(1);
/// Activities take up to so long: long enough that another thread comes by, and short enough for many runs.
const ACTIVITIES: (Duration, Duration) = (Duration::ZERO, Duration::from_millis(1));

/// In how many real runs a rule was broken.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Live {
    /// How many there were.
    pub runs: u32,
    /// In how many it was broken.
    pub bad: u32,
    /// The share of these.
    pub share: f64,
    /// The share of all runs on this machine is at least this, with 95 % certainty,
    pub low: f64,
    /// and at most this.
    pub high: f64,
}

/// Runs a program on real threads so often, and says of each rule in how many runs it was seen broken. `progress` is told
/// how many runs are done.
///
/// # Errors
/// If a thread cannot be started, or fails.
pub fn live(
    program: &Program,
    source: &str,
    runs: u32,
    progress: &mut dyn FnMut(u32),
) -> Result<Vec<Live>, RunError> {
    let mut bad = vec![0; program.rules.len()];
    for run in 0..runs {
        progress(run);
        let options = Options {
            times: HashMap::new(),
            otherwise: ACTIVITIES,
            seed: run.into(),
            length: MAX_RUN,
        };
        let report = run::run(program, source, &options)?;
        let mut judged = report.rules.iter();
        for (rule, bad) in program.rules.iter().zip(&mut bad) {
            let broken = match rule.what {
                What::NoFault => !report.faults.is_empty(),
                _ => judged
                    .next()
                    .is_some_and(|it| matches!(it.outcome, Outcome::Broken { .. })),
            };
            *bad += u32::from(broken);
        }
    }
    progress(runs);
    let of = |bad: u32| {
        let (low, high) = wilson(bad.into(), runs.into());
        Live {
            runs,
            bad,
            share: f64::from(bad) / f64::from(runs.max(1)),
            low,
            high,
        }
    };
    Ok(bad.into_iter().map(of).collect())
}
