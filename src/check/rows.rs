//! Several runs at once: one after the other, or one line each.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use serde::{Serialize, Serializer};

use super::json::Valid;
use super::{CheckError, Options, Report, Verdict, find_runs, find_submissions};

/// A run and its report. `Display` puts name and verdict above the report, and in JSON it is one object.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Checked {
    /// The name of the run.
    pub run: String,
    /// What its files say.
    #[serde(flatten)]
    pub report: Report,
}

impl fmt::Display for Checked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}: {}\n{}",
            self.run,
            self.report.verdict(),
            self.report
        )
    }
}

/// One run of many: one that cannot be checked does not keep the others from it.
#[derive(Debug)]
pub struct Row {
    /// The name of the run.
    pub run: String,
    /// What its files say, or why they say nothing.
    pub outcome: Result<Report, CheckError>,
}

impl Row {
    /// What it comes to: unusable, if it could not be checked.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        self.outcome
            .as_ref()
            .map_or(Verdict::Unusable, Report::verdict)
    }
}

/// A row is the same object as [`Checked`], or the error in place of its report.
#[derive(Serialize)]
#[serde(untagged)]
enum JsonRow<'a> {
    Checked {
        run: &'a str,
        #[serde(flatten)]
        report: &'a Report,
    },
    Failed {
        run: &'a str,
        #[serde(rename = "valid?")]
        valid: Valid,
        error: String,
    },
}

impl Serialize for Row {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let (run, valid) = (self.run.as_str(), self.verdict().into());
        match &self.outcome {
            Ok(report) => JsonRow::Checked { run, report },
            Err(error) => JsonRow::Failed {
                run,
                valid,
                error: error.to_string(),
            },
        }
        .serialize(serializer)
    }
}

/// Finds the runs that `paths` name, and checks them one after the other. `progress` is called with the number
/// of bytes after each piece that is read; [`find_runs`] and [`Run::bytes`](super::Run::bytes) say of how many.
///
/// # Errors
///
/// Those of [`find_runs`] and [`Run::check`](super::Run::check), at the first run that has one.
pub fn check_paths(
    paths: &[PathBuf],
    options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Checked>, CheckError> {
    find_runs(paths)?
        .into_iter()
        .map(|run| {
            Ok(Checked {
                report: run.check(options, progress)?,
                run: run.name,
            })
        })
        .collect()
}

/// Takes every directory directly below `dir` as a run of its own, a submission say, with all `*.txt` in it and
/// below it, and checks them one after the other.
///
/// # Errors
///
/// Those of [`find_submissions`]. What is wrong with one run is in its [`Row`].
pub fn each(
    dir: &Path,
    options: &Options,
    progress: &mut dyn FnMut(u64),
) -> Result<Vec<Row>, CheckError> {
    let rows = find_submissions(dir)?.into_iter().map(|submission| Row {
        run: submission.name,
        outcome: submission.run.and_then(|run| run.check(options, progress)),
    });
    Ok(rows.collect())
}

/// A line of names, then a line for each row. A run that could not be checked has no sums; its note says why.
///
/// # Errors
///
/// Those of `out`.
pub fn write_csv(rows: &[Row], out: impl Write) -> io::Result<()> {
    let mut csv = csv::Writer::from_writer(out);
    csv.write_record(NAMES).map_err(io_error)?;
    for row in rows {
        let verdict = row.verdict().to_string();
        let (sums, note) = match &row.outcome {
            Ok(report) => {
                let lines = [vec![report.verdict_line()], report.notes()].concat();
                (sums(report), lines.join("; "))
            }
            Err(error) => (Default::default(), error.to_string()),
        };
        let (run, note) = (no_formula(&row.run), no_formula(&note));
        let sums = sums.iter().map(String::as_str);
        let record = [run.as_ref(), verdict.as_str()]
            .into_iter()
            .chain(sums)
            .chain([note.as_ref()]);
        csv.write_record(record).map_err(io_error)?;
    }
    csv.flush()
}

/// A cell that a spreadsheet would take for a formula gets a quote before it: names are other people's.
fn no_formula(cell: &str) -> Cow<'_, str> {
    if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}").into()
    } else {
        cell.into()
    }
}

const NAMES: [&str; 12] = [
    "run",
    "verdict",
    "files",
    "numbers",
    "distinct",
    "duplicates",
    "extras",
    "missing",
    "out-of-range",
    "passed-over",
    "not-understood",
    "note",
];

fn sums(report: &Report) -> [String; 9] {
    [
        report.files as u64,
        report.numbers,
        report.distinct,
        report.duplicates.len() as u64,
        report.extras,
        report.missing,
        report.out_of_range.count,
        report.passed_over,
        report.not_understood.count,
    ]
    .map(|sum| sum.to_string())
}

/// The error of the writer itself, so that a closed pipe is still known as one.
fn io_error(error: csv::Error) -> io::Error {
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        other => io::Error::other(format!("{other:?}")),
    }
}
