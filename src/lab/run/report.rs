//! What a run comes to.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::super::waiting::{self, Waiting};
use super::judge::Judged;
use super::live::Values;
use super::stats::{Occupancy, ProcessStats, said, seconds};

/// What a run comes to.
#[derive(Debug, Clone, Serialize)]
pub struct RunReport {
    /// How long it took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
    /// What chose the times.
    pub seed: u64,
    /// The processes.
    pub processes: Vec<ProcessStats>,
    /// How evenly the turns are spread: 1 if all had as many, 1/n if one had them all.
    pub jain: Option<f64>,
    /// The semaphores that count more than 0 and 1.
    pub occupancy: Vec<Occupancy>,
    /// Whether all processes ended by themselves.
    pub ended: bool,
    /// The shared variables at the end.
    #[serde(serialize_with = "by_name")]
    pub shared: Vec<Values>,
    /// What each written rule comes to.
    pub rules: Vec<Judged>,
    /// What is odd about the run, though it breaks no rule.
    pub warnings: Vec<String>,
    /// Who waited for whom when nobody could go on; empty if somebody always could.
    pub deadlock: Vec<Waiting>,
    /// The cycle among them.
    pub cycle: Vec<String>,
    /// What went wrong, and where.
    pub faults: Vec<(String, String)>,
}

/// `{"counter": 2, "flag": [0, 1]}`
fn by_name<S: Serializer>(values: &[Values], to: S) -> Result<S::Ok, S::Error> {
    to.collect_map(values.iter().map(|it| {
        let numbers = match it.numbers[..] {
            [number] if !it.array => Numbers::One(number),
            _ => Numbers::Many(&it.numbers),
        };
        (&it.name, numbers)
    }))
}

/// A variable is a number, and an array a list of them.
#[derive(Serialize)]
#[serde(untagged)]
enum Numbers<'a> {
    One(i32),
    Many(&'a [i32]),
}

impl RunReport {
    /// Whether what was looked for was found: a broken rule, a deadlock, or something that went wrong.
    #[must_use]
    pub fn broken(&self) -> bool {
        let rules = self.rules.iter().any(Judged::broken);
        rules || !self.deadlock.is_empty() || !self.faults.is_empty()
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = |it: Duration| format!("{:.3}", it.as_secs_f64() * 1e3);
        writeln!(
            f,
            "{:18}{:>8}{:>9}{:>13}{:>12}{:>12}",
            "process", "turns", "waits", "median ms", "p99 ms", "longest ms"
        )?;
        for it in &self.processes {
            let (median, p99, longest) = (ms(it.median), ms(it.p99), ms(it.longest));
            writeln!(
                f,
                "{:18}{:>8}{:>9}{median:>13}{p99:>12}{longest:>12}",
                it.process, it.turns, it.waits
            )?;
        }
        writeln!(
            f,
            "{:.1} s, Jain's index of the turns {}, seed {}",
            self.took.as_secs_f64(),
            said(self.jain),
            self.seed
        )?;
        for it in &self.occupancy {
            writeln!(
                f,
                "semaphore {}: {} to {}, {:.1} on average",
                it.semaphore, it.least, it.most, it.mean
            )?;
        }
        for it in &self.shared {
            let numbers: Vec<_> = it.numbers.iter().map(i32::to_string).collect();
            writeln!(f, "{} = {}", it.name, numbers.join(" "))?;
        }
        for (process, fault) in &self.faults {
            writeln!(f, "✗ {process}: {fault}")?;
        }
        for waiting in &self.deadlock {
            writeln!(f, "{waiting}")?;
        }
        if !self.deadlock.is_empty() {
            let summary = waiting::summary(&self.deadlock, &self.cycle);
            writeln!(f, "DEADLOCK  {summary}")?;
        }
        for rule in &self.rules {
            writeln!(f, "{rule}")?;
        }
        for warning in &self.warnings {
            writeln!(f, "warning: {warning}")?;
        }
        Ok(())
    }
}
