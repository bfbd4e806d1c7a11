//! A report for people: plain text that reads well on a projector and in a mail.

use std::fmt;

use super::line::in_thousands;
use super::report::{Duplicate, NotUnderstood, OutOfRange, Place, Report, Why};
use crate::grouped::{counted, grouped};

impl fmt::Display for Report {
    /// Sums, then what is wrong and where, then one line with the verdict.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.sums(f)?;
        self.shown(f)?;
        if self.out_of_range.count > 0 {
            let lines = self
                .out_of_range
                .first
                .iter()
                .map(|one| (&one.place, one.number.to_string()));
            places(f, "out of range", lines, self.out_of_range.count)?;
        }
        if self.not_understood.count > 0 {
            let lines = self
                .not_understood
                .first
                .iter()
                .map(|one| (&one.place, format!("{}  ({})", one.text, one.why)));
            places(f, "not understood", lines, self.not_understood.count)?;
        }
        if !self.not_read.is_empty() {
            writeln!(f, "\n  not read: links that lead out of the directory")?;
            for link in &self.not_read {
                writeln!(f, "  {link}")?;
            }
        }
        write!(f, "\n{}", self.verdict_line())?;
        for line in self.notes() {
            write!(f, "\n{line}")?;
        }
        Ok(())
    }
}

impl Report {
    /// The verdict in one line, for example
    /// `duplicates: 37 numbers were handed out more than once (41 extras)`.
    #[must_use]
    pub fn verdict_line(&self) -> String {
        let mut parts = Vec::new();
        let duplicates = self.duplicates.len() as u64;
        if duplicates > 0 {
            let were = if duplicates == 1 { "was" } else { "were" };
            parts.push(format!(
                "duplicates: {} {were} handed out more than once ({})",
                counted(duplicates, "number"),
                counted(self.extras, "extra"),
            ));
        }
        if self.out_of_range.count > 0 {
            let numbers = counted(self.out_of_range.count, "number");
            parts.push(match self.size {
                Some(size) => format!("out of range: {numbers} not in 1..={}", grouped(size)),
                None => format!("out of range: {numbers} below 1"),
            });
        }
        let wrong = !parts.is_empty();
        parts.extend(self.doubts());
        let numbers = counted(self.numbers, "number");
        if parts.is_empty() && self.numbers > 0 {
            return format!("no duplicates in {numbers}");
        }
        let text = parts.join("; ");
        match (wrong, self.numbers) {
            (true, _) => text,
            (false, 0) if text.is_empty() => "unusable: not one number could be read".into(),
            (false, 0) => format!("unusable: not one number could be read; {text}"),
            (false, _) => format!("unusable: {text}; no duplicates in {numbers} beside"),
        }
    }

    /// What could not be read for sure, and the first place where.
    pub(crate) fn doubts(&self) -> Vec<String> {
        let mut doubts = Vec::new();
        if let Some(first) = self.not_understood.first.first() {
            let lines = counted(self.not_understood.count, "line");
            let the_first = if self.not_understood.count > 1 {
                "the first "
            } else {
                ""
            };
            let NotUnderstood { text, why, place } = first;
            doubts.push(format!(
                "not understood: {lines}, {the_first}{place} \"{text}\" ({why})"
            ));
        }
        if let Some(OutOfRange { number, place }) = &self.far_out {
            doubts.push(format!(
                "{place} {number} is far out of the range of the others: several numbers without a blank between \
                 them? --size N tells"
            ));
        }
        if let Some(link) = self.not_read.first() {
            let links = counted(self.not_read.len() as u64, "link");
            doubts.push(format!("not read: {links} out of the directory, {link}"));
        }
        doubts
    }

    /// What may be done about what was not understood.
    pub(super) fn notes(&self) -> Vec<String> {
        let unclear =
            |one: &NotUnderstood| matches!(one.why, Why::SeveralNumbers | Why::WordsBeside);
        let mut notes = Vec::new();
        let comma = |one: &NotUnderstood| in_thousands(one.text.as_bytes());
        match &self.hints[..] {
            [] if !self.not_understood.first.is_empty() && self.not_understood.first.iter().all(comma) => notes.push(
                "hint: commas within numbers? Have the numbers written without them: 12034, not 12,034".to_owned(),
            ),
            [] if self.not_understood.first.iter().any(unclear) => notes.push(
                "hint: say which number of a line is meant: --column N, --pick REGEX, or --list if all of them are"
                    .to_owned(),
            ),
            [] => {}
            [hint] => notes.push(format!("hint: this reads every line: {}", hint.command)),
            hints => {
                notes.push("hint: each of these reads every line; which number is a draw, only you know:".into());
                notes.extend(hints.iter().map(|hint| format!("  {}", hint.command)));
            }
        }
        if let (Some(OutOfRange { number, place }), None) = (&self.unended, &self.far_out) {
            notes.push(format!(
                "note: {number} is all of {}, and has no line end: several numbers in a row would look like that, too",
                place.file
            ));
        }
        notes
    }

    fn sums(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let up_to = match (self.size, self.range) {
            (Some(size), _) => format!("of 1..={}", grouped(size)),
            (None, Some((_, largest))) => format!("up to {}, the largest seen", grouped(largest)),
            (None, None) => String::new(),
        };
        let rows = [
            ("files", self.files as u64, ""),
            ("numbers", self.numbers, ""),
            ("distinct", self.distinct, ""),
            (
                "duplicates",
                self.duplicates.len() as u64,
                "numbers handed out more than once",
            ),
            ("extras", self.extras, "each handing-out after the first"),
            ("missing", self.missing, up_to.as_str()),
            ("out of range", self.out_of_range.count, ""),
            (
                "passed over",
                self.passed_over,
                "lines that are no draws: notes, echoes, a table's head",
            ),
            ("not understood", self.not_understood.count, ""),
        ];
        let width = rows
            .iter()
            .map(|(_, sum, _)| grouped(*sum).len())
            .max()
            .unwrap_or(0);
        for (word, sum, note) in rows {
            let note = if sum == 0 { "" } else { note };
            let row = format!("  {word:<14}  {:>width$}  {note}", grouped(sum));
            writeln!(f, "{}", row.trim_end())?;
        }
        Ok(())
    }

    fn shown(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some(largest) = self.shown.iter().map(|one| one.number).max() else {
            return Ok(());
        };
        let width = largest.to_string().len().max("duplicate".len());
        writeln!(f, "\n  {:>width$}  times  where", "duplicate")?;
        for Duplicate {
            number,
            count,
            places,
        } in &self.shown
        {
            let more = count - places.len() as u64;
            write!(
                f,
                "  {number:>width$}  {:>5}  {}",
                grouped(*count),
                joined(places)
            )?;
            match more {
                0 => writeln!(f)?,
                more => writeln!(f, " and {} more", grouped(more))?,
            }
        }
        match self.duplicates.len() - self.shown.len() {
            0 => Ok(()),
            more => writeln!(
                f,
                "  and {} (--all shows them)",
                counted(more as u64, "more duplicate")
            ),
        }
    }
}

/// The places of a duplicate; one that stands several times on a line, as in a Python list, is named once.
fn joined(places: &[Place]) -> String {
    places
        .chunk_by(|one, next| one == next)
        .map(|same| match same {
            [one] => one.to_string(),
            _ => format!("{} ({} times)", same[0], same.len()),
        })
        .collect::<Vec<_>>()
        .join(", ")
}

/// A heading, then place and text of each, then how many more there are.
fn places<'a>(
    f: &mut fmt::Formatter<'_>,
    heading: &str,
    lines: impl Iterator<Item = (&'a Place, String)>,
    count: u64,
) -> fmt::Result {
    let lines: Vec<_> = lines
        .map(|(place, text)| (place.to_string(), text))
        .collect();
    let width = lines
        .iter()
        .map(|(place, _)| place.chars().count())
        .max()
        .unwrap_or(0);
    writeln!(f, "\n  {heading}")?;
    for (place, text) in &lines {
        writeln!(f, "  {place:<width$}  {text}")?;
    }
    match count - lines.len() as u64 {
        0 => Ok(()),
        more => writeln!(f, "  and {} more", grouped(more)),
    }
}
