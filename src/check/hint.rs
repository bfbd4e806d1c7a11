//! How a run may be read that was not understood: the option, found in a sample and then tried on every line.

mod beside;

use std::io;
use std::num::NonZeroUsize;

use super::line::{Line, cells, content, in_thousands, judge, number, runs_of_digits};
use super::reading::Reading;
use super::scanner::Found;
use super::{Hint, Options, Report, Run, Why};
use crate::quoted::quoted;

/// So many lines of a file are looked at, of so many files.
const LINES: usize = 20;
const FILES: usize = 20;
/// No table has more columns than this.
const COLUMNS: usize = 16;
/// So many readings are told of.
const TOLD: usize = 3;

/// Commands that read every line of the run, each tried. Several, if only a person can say which number is meant.
pub(super) fn commands(run: &Run, report: &Report, options: &Options) -> Vec<Hint> {
    let plain = options.reading == Reading::Plain;
    let first = &report.not_understood.first;
    if !plain || first.is_empty() || first.iter().all(|one| one.why == Why::Glued) {
        return Vec::new();
    }
    let (Some(paths), Ok(sample)) = (run.typed(), Sample::of(run)) else {
        return Vec::new();
    };
    if sample.in_thousands() {
        return Vec::new();
    }
    let mut readings = sample.readings();
    // So many columns are a list.
    if readings.len() > TOLD {
        readings.retain(|reading| *reading == Reading::List);
    }
    // A table in brackets; only a person knows that it is none.
    if !readings.is_empty() && sample.lines().all(is_list) {
        readings.push(Reading::List);
    }
    readings.retain(|reading| reads_all(run, reading));
    if readings.is_empty() {
        readings.extend(sample.prompt().filter(|reading| reads_all(run, reading)));
    }
    if readings.is_empty() {
        readings.extend(sample.beside(report.numbers > 0));
        readings.truncate(TOLD);
        readings.retain(|reading| reads_all(run, reading));
    }
    let size = options
        .size
        .map_or_else(String::new, |size| format!(" --size {size}"));
    let paths: Vec<String> = paths.into_iter().map(quoted).collect();
    let paths = paths.join(" ");
    let hint = |reading: &Reading| Hint {
        option: reading.to_string(),
        command: format!("lootbox check {reading}{size} {paths}"),
    };
    readings.iter().map(hint).collect()
}

/// Whether every line is understood so, and there are numbers.
fn reads_all(run: &Run, reading: &Reading) -> bool {
    let mut numbers = 0_u64;
    let read = run.walk(reading, &mut |_, found, _| match found {
        Found::Number(_) => {
            numbers += 1;
            Ok(())
        }
        Found::PassedOver => Ok(()),
        Found::NotUnderstood(..) | Found::Endless(_) => Err(Stop),
    });
    read.is_ok() && numbers > 0
}

/// Nobody needs to know why.
struct Stop;

impl From<io::Error> for Stop {
    fn from(_: io::Error) -> Self {
        Self
    }
}

/// Lines that were not understood, file by file.
#[derive(Debug, Default)]
struct Sample {
    files: Vec<Vec<Vec<u8>>>,
}

impl Sample {
    fn of(run: &Run) -> Result<Self, Stop> {
        let mut sample = Self::default();
        let mut current = None;
        run.walk(&Reading::Plain, &mut |file, found, _| {
            let Found::NotUnderstood(line, _) = found else {
                return Ok(());
            };
            if current != Some(file) {
                current = Some(file);
                sample.files.push(Vec::new());
            }
            match (sample.files.len(), sample.files.last_mut()) {
                (..=FILES, Some(lines)) if lines.len() < LINES => lines.push(line.to_owned()),
                _ => {}
            }
            Ok::<(), Stop>(())
        })?;
        sample.files.truncate(FILES);
        Ok(sample)
    }

    /// Those with a digit: the head of a table has none.
    fn lines(&self) -> impl Iterator<Item = &[u8]> {
        let lines = self.files.iter().flatten().map(Vec::as_slice);
        lines.filter(|line| line.iter().any(u8::is_ascii_digit))
    }

    /// What might read them.
    fn readings(&self) -> Vec<Reading> {
        let Some(first) = self.lines().next() else {
            // The head of a table of one column.
            return NonZeroUsize::new(1)
                .map(Reading::Column)
                .into_iter()
                .collect();
        };
        let cells_of = |line: &[u8]| cells(content(line)).count();
        let table = self.lines().all(|line| cells_of(line) == cells_of(first));
        let columns = (1..=COLUMNS.min(cells_of(first))).filter_map(NonZeroUsize::new);
        let columns = columns.filter_map(|at| {
            let value = |line: &[u8]| cells(content(line)).nth(at.get() - 1).and_then(number);
            Some((Reading::Column(at), self.values(value)?))
        });
        let columns: Vec<_> = columns.filter(|_| table).collect();
        let all = columns.len();
        let mut found = draws(columns);
        if found.is_empty() {
            found = draws(self.picks(first));
        }
        // Not where one of the columns only counts the lines.
        if found.len() == all && self.lines().all(only_numbers) {
            found.insert(0, Reading::List);
        }
        found
    }

    /// `12,034` on every line, and what stands before the commas is no index: a column of that would be no draw.
    fn in_thousands(&self) -> bool {
        let lead = |line: &[u8]| cells(content(line)).next().and_then(number);
        self.lines().next().is_some()
            && self.lines().all(in_thousands)
            && !(self.values(lead)).is_some_and(|files| files.iter().all(|file| counts(file)))
    }

    /// Some lines begin with the client's prompt.
    fn prompt(&self) -> Option<Reading> {
        let pick = r"(\d+)$".parse().ok().map(Reading::Pick);
        pick.filter(|_| self.lines().next().is_some() && self.lines().all(is_prompt))
    }

    /// The lines have one shape, words that are always the same around digits: an expression for each place
    /// where digits stand.
    fn picks(&self, first: &[u8]) -> Vec<(Reading, Vec<Vec<u64>>)> {
        if !self.lines().all(|line| shape(line) == shape(first)) {
            return Vec::new();
        }
        let Ok(text) = std::str::from_utf8(first) else {
            return Vec::new();
        };
        let mut picks = Vec::new();
        let mut before = String::from("^");
        let mut at = 0;
        for (index, digits) in runs_of_digits(first).enumerate() {
            before += &regex::escape(&text[at..digits.start]);
            at = digits.end;
            let pick = format!(r"{before}(\d+)").parse().ok().map(Reading::Pick);
            before += r"\d+";
            let value = |line: &[u8]| {
                runs_of_digits(line)
                    .nth(index)
                    .and_then(|run| number(&line[run]))
            };
            picks.extend(pick.zip(self.values(value)));
        }
        picks
    }

    /// What a reading finds on every line; `None` if there is a line on which it finds nothing.
    fn values(&self, of: impl Fn(&[u8]) -> Option<u64>) -> Option<Vec<Vec<u64>>> {
        let digits = |line: &&Vec<u8>| line.iter().any(u8::is_ascii_digit);
        let file =
            |lines: &Vec<Vec<u8>>| lines.iter().filter(digits).map(|line| of(line)).collect();
        self.files.iter().map(file).collect()
    }
}

/// Without what counts the lines, and what is the same on all lines of a file of several: neither is what was drawn.
/// If nothing else is left, all of them: only a person can say.
fn draws(candidates: Vec<(Reading, Vec<Vec<u64>>)>) -> Vec<Reading> {
    let all_files =
        |values: &[Vec<u64>], is: fn(&[u64]) -> bool| values.iter().all(|file| is(file));
    let is_draw = |values: &[Vec<u64>]| {
        let same = values.iter().flatten().count() > 1
            && (all_files(values, |file| {
                file.len() > 1 && file.windows(2).all(|two| two[0] == two[1])
            }) || values
                .iter()
                .flatten()
                .all(|value| Some(value) == values.iter().flatten().next()));
        !same && !all_files(values, counts)
    };
    let some = candidates.iter().any(|(_, values)| is_draw(values));
    candidates
        .into_iter()
        .filter(|(_, values)| !some || is_draw(values))
        .map(|(reading, _)| reading)
        .collect()
}

/// Counts the lines of a file, as an index does.
fn counts(file: &[u64]) -> bool {
    file.windows(2)
        .all(|two| two[1] == two[0].saturating_add(1) || two[1] <= 1)
        && file.first().is_none_or(|first| *first <= 1)
}

/// The line with each number in it written as one digit.
fn shape(line: &[u8]) -> Vec<u8> {
    let mut shape = Vec::new();
    for byte in line {
        match (byte.is_ascii_digit(), shape.last()) {
            (true, Some(b'0')) => {}
            (true, _) => shape.push(b'0'),
            (false, _) => shape.push(*byte),
        }
    }
    shape
}

/// As `[1, 57]`.
fn is_list(line: &[u8]) -> bool {
    judge(line, &Reading::Plain, false, false) == Line::List
}

fn only_numbers(line: &[u8]) -> bool {
    let rest =
        |byte: &u8| byte.is_ascii_digit() || byte.is_ascii_whitespace() || b",;".contains(byte);
    line.iter().all(rest)
}

/// `> 5`: signs, no words, before one number.
fn is_prompt(line: &[u8]) -> bool {
    let mut runs = runs_of_digits(line);
    runs.next().is_some_and(|run| {
        run.end == line.len() && !line[..run.start].iter().any(u8::is_ascii_alphanumeric)
    })
}
