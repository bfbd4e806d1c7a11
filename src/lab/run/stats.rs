//! What a run comes to: who waited how long, who had how many turns.

use std::fmt;
use std::time::Duration;

use serde::{Serialize, Serializer};

use super::super::waiting::{self, Waiting};
use super::judge::Judged;
use super::live::Values;

/// What one process did.
#[derive(Debug, Clone, Serialize)]
pub struct ProcessStats {
    /// Its name.
    pub process: String,
    /// How often it came into a section.
    pub turns: u64,
    /// How often it asked for a lock.
    pub waits: usize,
    /// Half of its waits were no longer.
    #[serde(serialize_with = "seconds")]
    pub median: Duration,
    /// 99 of 100 were no longer.
    #[serde(serialize_with = "seconds")]
    pub p99: Duration,
    /// The longest wait, one still going on at the end included.
    #[serde(serialize_with = "seconds")]
    pub longest: Duration,
}

pub(super) fn seconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(duration.as_secs_f64())
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

/// How full a counting semaphore was.
#[derive(Debug, Clone, Serialize)]
pub struct Occupancy {
    /// Which.
    pub semaphore: String,
    /// The least that was seen.
    pub least: i32,
    /// On average.
    pub mean: f64,
    /// The most.
    pub most: i32,
}

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

impl ProcessStats {
    /// From the waits of a process, in any order.
    #[must_use]
    pub fn new(process: String, turns: u64, mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |part: usize| {
            // The nearest rank: the smallest wait that so many are not longer than.
            let rank = (waits.len() * part).div_ceil(100).max(1);
            waits.get(rank - 1).copied().unwrap_or_default()
        };
        Self {
            process,
            turns,
            waits: waits.len(),
            median: at(50),
            p99: at(99),
            longest: waits.last().copied().unwrap_or_default(),
        }
    }
}

/// Jain's index of fairness: the square of the sum by the sum of the squares, by how many there are. `None`
/// if nobody had a turn.
#[must_use]
#[expect(clippy::cast_precision_loss, reason = "an index between 0 and 1")]
pub fn jain(turns: &[u64]) -> Option<f64> {
    let sum: f64 = turns.iter().map(|&it| it as f64).sum();
    let squares: f64 = turns.iter().map(|&it| (it as f64).powi(2)).sum();
    (squares > 0.0).then(|| sum * sum / (squares * turns.len() as f64))
}

/// The index as it is shown.
#[must_use]
pub fn said(jain: Option<f64>) -> String {
    jain.map_or_else(|| "-".to_owned(), |jain| format!("{jain:.3}"))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn jains_index_is_one_for_equals_and_one_nth_for_one_alone() {
        assert_eq!(said(jain(&[7, 7, 7])), "1.000");
        assert_eq!(said(jain(&[9, 0, 0])), "0.333");
        assert_eq!(said(jain(&[0, 0])), "-");
    }

    #[test]
    fn the_median_is_one_that_was_seen() {
        let waits = (1..=100).map(Duration::from_millis).collect();
        let stats = ProcessStats::new("p".into(), 0, waits);
        assert_eq!(stats.median, Duration::from_millis(50));
        assert_eq!(stats.p99, Duration::from_millis(99));
        assert_eq!(stats.longest, Duration::from_millis(100));
    }
}
