//! Who waited how long, who had how many turns.

use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::statistics::percentile;

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

impl ProcessStats {
    /// From the waits of a process, in any order.
    #[must_use]
    pub fn new(process: String, turns: u64, mut waits: Vec<Duration>) -> Self {
        waits.sort_unstable();
        let at = |percent| percentile(&waits, percent).unwrap_or_default();
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
