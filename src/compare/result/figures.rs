//! One run in figures: what its files say, its first duplicates, how long a request takes.

use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::check::{Grounds, Report, Verdict};
use crate::statistics::percentile;

/// What the files of a run say, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Numbers in the files.
    pub draws: u64,
    /// How many different ones.
    pub distinct: u64,
    /// How many stand there more than once.
    pub duplicates: u64,
    /// Each handing-out after the first.
    pub extras: u64,
    /// Numbers that no list of that size has.
    pub out_of_range: u64,
    /// Lines on which no number is sure to be a draw.
    pub not_understood: u64,
    /// Those, and whatever else could not be read for sure.
    #[serde(default)]
    pub unclear: u64,
}

impl Counts {
    /// The figures of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            draws: report.numbers,
            distinct: report.distinct,
            duplicates: report.duplicates.len() as u64,
            extras: report.extras,
            out_of_range: report.out_of_range.count,
            not_understood: report.not_understood.count,
            unclear: report.unclear(),
        }
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.draws += other.draws;
        self.distinct += other.distinct;
        self.duplicates += other.duplicates;
        self.extras += other.extras;
        self.out_of_range += other.out_of_range;
        self.not_understood += other.not_understood;
        self.unclear += other.unclear;
    }

    /// What they come to, as `lootbox check` says it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        Grounds {
            numbers: self.draws,
            wrong: self.extras + self.out_of_range,
            unclear: self.unclear,
        }
        .verdict()
    }
}

/// One of the first duplicates of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    /// The number.
    pub number: u64,
    /// How often it was handed out.
    pub count: u64,
    /// Where it stands, as `client-1.txt:12`.
    pub places: Vec<String>,
}

impl First {
    /// How many a run keeps.
    const KEPT: usize = 20;

    /// The first of a report, with names that begin in the run's folder.
    #[must_use]
    pub fn of(report: &Report, folder: &Path) -> Vec<Self> {
        let folder = format!("{}/", folder.display());
        let place = |place: &crate::check::Place| {
            let place = place.to_string();
            place.strip_prefix(&folder).unwrap_or(&place).to_owned()
        };
        let shown = report.shown.iter().take(Self::KEPT);
        shown
            .map(|duplicate| Self {
                number: duplicate.number,
                count: duplicate.count,
                places: duplicate.places.iter().map(place).collect(),
            })
            .collect()
    }
}

/// How long a request of one number takes, as its client sees it, with all clients asking at once.
///
/// In the course dialect each number has a request of its own, so these are the run's own. In the
/// line dialect a client asks for many at once, the server sends them in batches, and the time
/// between two lines says nothing about a draw. So it is measured apart: the same number of clients
/// send `draw 1` again and again, after the run, to a server of its own (somebody's own server: to
/// the same one), and what they draw is in no file and no count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How many requests were timed.
    pub requests: u64,
    /// Half of them took no longer.
    pub median_ns: u64,
    /// 99 of 100 took no longer.
    pub p99_ns: u64,
}

impl Latency {
    pub(in crate::compare) fn of(mut nanoseconds: Vec<u64>) -> Option<Self> {
        nanoseconds.sort_unstable();
        Some(Self {
            requests: nanoseconds.len() as u64,
            median_ns: percentile(&nanoseconds, 50)?,
            p99_ns: percentile(&nanoseconds, 99)?,
        })
    }
}
