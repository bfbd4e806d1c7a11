//! A report for programs.
//!
//! The names are those of Jepsen's checker for unique identifiers where they fit, because it asks the same
//! question (was anything handed out twice?), and our own words in the same style elsewhere.

use serde::ser::{Serialize, Serializer};

use super::report::{Duplicate, FirstOf, Hint, NotUnderstood, OutOfRange, Report, Verdict};

#[derive(serde::Serialize)]
#[serde(rename_all = "kebab-case")]
struct Json<'a> {
    #[serde(rename = "valid?")]
    valid: Valid,
    /// Everything that was handed out, whether or not it can be judged.
    attempted_count: u64,
    /// Numbers in range.
    acknowledged_count: u64,
    /// How many numbers are duplicates.
    duplicated_count: usize,
    /// Every one of them: number → how often it was handed out.
    duplicated: Counts<'a>,
    range: Option<(u64, u64)>,
    size: Option<u64>,
    files: usize,
    numbers: u64,
    distinct: u64,
    extras: u64,
    missing: u64,
    passed_over: u64,
    out_of_range: &'a FirstOf<OutOfRange>,
    not_understood: &'a FirstOf<NotUnderstood>,
    far_out: &'a Option<OutOfRange>,
    unended: &'a Option<OutOfRange>,
    not_read: &'a [String],
    hints: &'a [Hint],
    /// Those that are shown, with their places.
    shown: &'a [Duplicate],
}

/// The verdict as Jepsen puts it.
#[derive(serde::Serialize)]
#[serde(untagged)]
pub(super) enum Valid {
    Known(bool),
    /// `"unknown"`: not everything could be read.
    Unknown(&'static str),
}

impl From<Verdict> for Valid {
    fn from(verdict: Verdict) -> Self {
        match verdict {
            Verdict::Clean => Self::Known(true),
            Verdict::Wrong => Self::Known(false),
            Verdict::Unusable => Self::Unknown("unknown"),
        }
    }
}

struct Counts<'a>(&'a [(u64, u64)]);

impl Serialize for Counts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(number, count)| (number, count)))
    }
}

impl Serialize for Report {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Json {
            valid: self.verdict().into(),
            attempted_count: self.numbers + self.out_of_range.count + self.not_understood.count,
            acknowledged_count: self.numbers,
            duplicated_count: self.duplicates.len(),
            duplicated: Counts(&self.duplicates),
            range: self.range,
            size: self.size,
            files: self.files,
            numbers: self.numbers,
            distinct: self.distinct,
            extras: self.extras,
            missing: self.missing,
            passed_over: self.passed_over,
            out_of_range: &self.out_of_range,
            not_understood: &self.not_understood,
            far_out: &self.far_out,
            unended: &self.unended,
            not_read: &self.not_read,
            hints: &self.hints,
            shown: &self.shown,
        }
        .serialize(serializer)
    }
}
