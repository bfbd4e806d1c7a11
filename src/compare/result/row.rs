//! A mode in the comparison, all its runs together.

use serde::Serialize;

use super::{Counts, Latency, Run};
use crate::check::Verdict;
use crate::draw::{Grain, Window};
use crate::grouped::grouped;
use crate::statistics::{Spread, percentile, wilson};

/// A mode in the comparison, all its runs together.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub label: String,
    /// What all its runs come to.
    pub verdict: Verdict,
    /// The window in force.
    pub window: Option<Window>,
    /// What one run of the program handed out.
    pub grain: Option<Grain>,
    /// How many runs.
    pub runs: u64,
    /// The figures of all runs together, from the files.
    #[serde(flatten)]
    pub files: Counts,
    /// From our server, all runs together.
    pub lost_updates: Option<u64>,
    /// From our server, all runs together.
    pub skipped: Option<u64>,
    /// All runs together.
    pub seconds: Option<f64>,
    /// Over the runs.
    pub draws_per_second: Option<Spread>,
    /// The median of the runs' medians.
    pub median_ns: Option<u64>,
    /// The median of the runs' p99.
    pub p99_ns: Option<u64>,
    /// In how many runs there was a duplicate.
    pub runs_with_duplicates: u64,
    /// The share of runs with a duplicate: its 95 % interval [Wilson 1927].
    pub interval: (f64, f64),
    /// Whether the server's counts and the files' agree in every run where both are known.
    pub counts_agree: Option<bool>,
    /// How many runs are whole.
    pub complete_runs: u64,
    /// Whether it should be without duplicates.
    pub should_be_clean: bool,
}

impl Row {
    #[allow(clippy::cast_precision_loss)] // draws and runs are far below 2^52
    pub(super) fn of(label: &str, runs: &[&Run]) -> Self {
        let mut files = Counts::default();
        for run in runs {
            files.add(&run.files);
        }
        let sum = |of: fn(&crate::record::Sums) -> u64| {
            runs.iter().map(|run| run.server.as_ref().map(of)).sum()
        };
        let middle = |of: fn(&Latency) -> u64| {
            let mut all: Vec<u64> = runs
                .iter()
                .filter_map(|run| run.latency.as_ref().map(of))
                .collect();
            all.sort_unstable();
            percentile(&all, 50)
        };
        let rate = |run: &&Run| {
            let seconds = run.seconds.filter(|&seconds| seconds > 0.0)?;
            Some(run.files.draws as f64 / seconds)
        };
        let with = runs.iter().filter(|run| run.files.duplicates > 0).count() as u64;
        // A run without any number says nothing about duplicates.
        let told = runs.iter().filter(|run| run.files.draws > 0).count() as u64;
        let agree: Vec<bool> = runs.iter().filter_map(|run| run.counts_agree()).collect();
        Self {
            label: label.to_owned(),
            verdict: Verdict::of_all(runs.iter().map(|run| run.verdict())),
            window: runs.first().and_then(|run| run.window),
            grain: runs.first().and_then(|run| run.grain),
            runs: runs.len() as u64,
            lost_updates: sum(|sums| sums.lost_updates),
            skipped: sum(|sums| sums.skipped),
            seconds: runs.iter().map(|run| run.seconds).sum(),
            draws_per_second: Spread::of(runs.iter().filter_map(rate)),
            median_ns: middle(|latency| latency.median_ns),
            p99_ns: middle(|latency| latency.p99_ns),
            runs_with_duplicates: with,
            interval: wilson(with, told),
            counts_agree: (!agree.is_empty()).then(|| agree.iter().all(|&agree| agree)),
            complete_runs: runs.iter().filter(|run| run.is_complete()).count() as u64,
            should_be_clean: runs.iter().any(|run| run.should_be_clean()),
            files,
        }
    }

    /// The verdict with its reason, in words that do not claim more than was seen.
    #[must_use]
    pub fn sentence(&self) -> String {
        format!("{} ({})", self.verdict, self.reason())
    }

    fn reason(&self) -> String {
        let Counts {
            draws,
            duplicates,
            extras,
            out_of_range,
            not_understood,
            unclear,
            ..
        } = self.files;
        let among = format!("in {} draws", grouped(draws));
        let verdict = match (draws, duplicates, extras) {
            (0, ..) => "no number was drawn, so nothing is known".to_owned(),
            (_, 0, _) => format!("no duplicate: none seen {among}"),
            (_, 1, 1) => format!("1 number was handed out twice, {among}"),
            (_, 1, _) => format!("1 number was handed out {} times, {among}", extras + 1),
            _ => format!(
                "{} numbers were handed out more than once, {among}",
                grouped(duplicates)
            ),
        };
        let mut parts = Vec::new();
        if not_understood > 0 {
            let lines = if not_understood == 1 { "line" } else { "lines" };
            parts.push(format!(
                "{} {lines} not understood",
                grouped(not_understood)
            ));
        }
        if unclear > not_understood {
            parts.push("not all of it could be read for sure".to_owned());
        }
        if self.complete_runs < self.runs {
            let runs = if self.runs == 1 {
                "it"
            } else {
                "not every run"
            };
            let did = if self.runs == 1 { "did not run" } else { "ran" };
            parts.push(format!("{runs} {did} to its end"));
        }
        if self.counts_agree == Some(false) {
            parts.push("the server counted something else".to_owned());
        }
        if out_of_range > 0 {
            parts.insert(0, format!("{} are in no such list", grouped(out_of_range)));
        }
        // First the reason of the word that stands before it.
        let at = if extras > 0 || parts.is_empty() {
            0
        } else {
            parts.len()
        };
        parts.insert(at, verdict);
        parts.join("; ")
    }
}
