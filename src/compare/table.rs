//! The result as text, in 80 columns.

use std::fmt;

use super::result::{Comparison, Row, Run};
use crate::check::Verdict;
use crate::grouped::grouped;
use crate::statistics::Spread;

/// What stands where nothing is known.
const UNKNOWN: &str = "–";
/// The width that always fits.
const WIDTH: usize = 80;
/// How many runs that went wrong are told one by one.
const TOLD: usize = 10;

/// A time in the unit that suits it: `950 ns`, `38.2 µs`, `1.25 ms`, `3.50 s`.
#[must_use]
#[allow(clippy::cast_precision_loss)] // three digits are shown
pub fn time(nanoseconds: u64) -> String {
    let of = |unit: u64| nanoseconds as f64 / unit as f64;
    match nanoseconds {
        0..1_000 => format!("{nanoseconds} ns"),
        1_000..1_000_000 => format!("{:.1} µs", of(1_000)),
        1_000_000..1_000_000_000 => format!("{:.2} ms", of(1_000_000)),
        _ => format!("{:.2} s", of(1_000_000_000)),
    }
}

/// A number of seconds.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a time is positive and below 500 years
pub fn seconds(seconds: f64) -> String {
    time((seconds * 1e9) as u64)
}

/// A rate: no decimals, with commas.
#[must_use]
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // positive, and far below 2^64
pub fn rate(rate: f64) -> String {
    grouped(rate.round() as u64)
}

/// In how many runs there was a duplicate, and the interval: `3 of 30 (3.5–25.6 %)`.
#[must_use]
pub fn runs_with(row: &Row) -> String {
    let (low, high) = row.interval;
    format!(
        "{} of {} ({:.1}–{:.1} %)",
        row.runs_with_duplicates,
        row.runs,
        low * 100.0,
        high * 100.0
    )
}

/// With more rows than this, each gets a line, and only what its files say.
pub const MANY: usize = 6;
/// So many of them are told.
const MAX_ROWS: usize = 200;

/// The table's lines: what each is called, and how a mode's figure is written.
pub type Line = (&'static str, fn(&Row) -> String);

fn or_unknown<T>(value: Option<T>, text: impl Fn(T) -> String) -> String {
    value.map_or_else(|| UNKNOWN.to_owned(), text)
}

fn between(spread: &Spread) -> String {
    format!("{}–{}", rate(spread.least), rate(spread.most))
}

/// What is told of each of many folders.
pub const MANY_LINES: [Line; 6] = [
    ("verdict", |row| row.verdict.to_string()),
    ("draws", |row| grouped(row.files.draws)),
    ("distinct", |row| grouped(row.files.distinct)),
    ("duplicates", |row| grouped(row.files.duplicates)),
    ("extras", |row| grouped(row.files.extras)),
    ("not understood", |row| grouped(row.files.not_understood)),
];

/// The lines of the table; some only where there are several runs, and none that is empty.
#[must_use]
pub fn lines(several: bool, rows: &[&Row]) -> Vec<Line> {
    let mut lines = all_lines(several);
    lines.retain(|(_, text)| rows.iter().any(|row| text(row) != UNKNOWN));
    lines
}

fn all_lines(several: bool) -> Vec<Line> {
    let mut lines: Vec<Line> = vec![
        ("window", |row| or_unknown(row.window, |it| it.to_string())),
        ("grain", |row| or_unknown(row.grain, |it| it.to_string())),
        ("draws", |row| grouped(row.files.draws)),
        ("distinct", |row| grouped(row.files.distinct)),
        ("duplicates", |row| grouped(row.files.duplicates)),
        ("extras", |row| grouped(row.files.extras)),
        ("lost updates", |row| or_unknown(row.lost_updates, grouped)),
        ("skipped", |row| or_unknown(row.skipped, grouped)),
        ("time", |row| or_unknown(row.seconds, seconds)),
        ("draws a second", |row| {
            or_unknown(row.draws_per_second, |spread| rate(spread.median))
        }),
        ("median of a draw", |row| or_unknown(row.median_ns, time)),
        ("p99 of a draw", |row| or_unknown(row.p99_ns, time)),
        ("server's count", |row| {
            or_unknown(row.counts_agree, |agree| {
                if agree { "the same" } else { "NOT THE SAME" }.to_owned()
            })
        }),
    ];
    if several {
        lines.insert(
            10,
            ("  from–to", |row| {
                or_unknown(row.draws_per_second.as_ref(), between)
            }),
        );
        lines.extend([
            ("runs", (|row| grouped(row.runs)) as fn(&Row) -> String),
            ("  with duplicates", |row| {
                format!("{} of {}", row.runs_with_duplicates, row.runs)
            }),
            ("  95 % interval", |row| {
                let (low, high) = row.interval;
                format!("{:.1}–{:.1} %", low * 100.0, high * 100.0)
            }),
        ]);
    }
    lines
}

/// The lines that a slide has room for.
const BRIEF: [&str; 5] = [
    "window",
    "draws",
    "duplicates",
    "draws a second",
    "  with duplicates",
];

impl Comparison {
    /// The table in a few lines, and what did not go as it should.
    #[must_use]
    pub fn brief(&self) -> impl fmt::Display + '_ {
        fmt::from_fn(|f| {
            let rows: Vec<&Row> = self.modes.iter().collect();
            let mut lines = lines(several(&rows), &rows);
            lines.retain(|(name, _)| BRIEF.contains(name));
            table(&rows, &lines, f)?;
            troubles(&self.runs, f)
        })
    }
}

fn several(rows: &[&Row]) -> bool {
    rows.iter().any(|row| row.runs > 1)
}

impl fmt::Display for Comparison {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(headline) = headline(self) {
            writeln!(f, "{headline}\n")?;
        }
        let rows: Vec<&Row> = self.modes.iter().collect();
        if rows.len() > MANY {
            writeln!(f, "{}\n", verdict(self))?;
            many(&rows, f)?;
        } else {
            for row in &rows {
                self.one(row, f)?;
            }
            writeln!(f)?;
            table(&rows, &lines(several(&rows), &rows), f)?;
        }
        if self.runs.iter().any(|run| !trouble(run).is_empty()) {
            writeln!(f)?;
        }
        troubles(&self.runs, f)?;
        if self.runs.iter().any(|run| run.overlapped.is_none()) {
            writeln!(
                f,
                "\nThe client connects only when it draws: whether all of them drew at once is not known."
            )?;
        }
        if self.modes.iter().any(|row| row.median_ns.is_some()) {
            writeln!(f, "\n{}", how_timed(self))?;
        }
        if let Some(repeat) = &self.repeat {
            writeln!(f, "\nAgain: {repeat}")?;
        }
        Ok(())
    }
}

impl Comparison {
    /// A mode's verdict, and the first of its duplicates.
    fn one(&self, row: &Row, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}: {}", row.label, row.sentence())?;
        let mut runs = self.runs.iter().filter(|run| run.label == row.label);
        let Some((run, first)) = runs.find_map(|run| Some((run, run.first.first()?))) else {
            return Ok(());
        };
        let place = if row.runs > 1 {
            format!(" (run {})", run.nth)
        } else {
            String::new()
        };
        let places = first.places.join(" and ");
        writeln!(f, "  the first: {} in {places}{place}", first.number)
    }
}

/// All verdicts in one line.
#[must_use]
pub fn verdict(comparison: &Comparison) -> String {
    let of = |verdict: Verdict| -> Vec<&str> {
        let rows = comparison.modes.iter().filter(|row| row.verdict == verdict);
        rows.map(|row| row.label.as_str()).collect()
    };
    let parts = [
        ("handed out twice", Verdict::Wrong),
        ("not known", Verdict::Unusable),
        ("none seen twice", Verdict::Clean),
    ];
    let parts: Vec<String> = parts
        .iter()
        .filter_map(|&(words, verdict)| Some(format!("{words}: {}", named(&of(verdict))?)))
        .collect();
    let text = parts.join("; ");
    match text.chars().next() {
        Some(first) => first.to_uppercase().chain(text.chars().skip(1)).collect(),
        None => "Nothing to compare".into(),
    }
}

/// The first names, and how many more there are.
fn named(names: &[&str]) -> Option<String> {
    const NAMED: usize = 3;
    let first = names
        .iter()
        .take(NAMED)
        .copied()
        .collect::<Vec<_>>()
        .join(", ");
    match names.len() {
        0 => None,
        1..=NAMED => Some(first),
        all => Some(format!("{first} and {} more", all - NAMED)),
    }
}

/// A line for each of many folders.
fn many(rows: &[&Row], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let told = &rows[..rows.len().min(MAX_ROWS)];
    let width = |text: &str| text.chars().count();
    let labels = told.iter().map(|row| width(&row.label)).max().unwrap_or(0);
    let widths = MANY_LINES.map(|(name, text)| {
        let cells = told.iter().map(|row| width(&text(row)));
        cells.chain([width(name)]).max().unwrap_or(0)
    });
    write!(f, "{:labels$}", "")?;
    for ((name, _), width) in MANY_LINES.iter().zip(widths) {
        write!(f, "  {name:>width$}")?;
    }
    writeln!(f)?;
    for row in told {
        write!(f, "{:labels$}", row.label)?;
        for ((_, text), width) in MANY_LINES.iter().zip(widths) {
            write!(f, "  {:>width$}", text(row))?;
        }
        writeln!(f)?;
    }
    match rows.len() - told.len() {
        0 => Ok(()),
        more => writeln!(f, "… and {more} more: --json and --html have them all"),
    }
}

/// Who drew how much from what.
#[must_use]
pub fn headline(comparison: &Comparison) -> Option<String> {
    let settings = comparison.settings.as_ref()?;
    let times = |number: u64, what: &str| {
        format!(
            "{} {what}{}",
            grouped(number),
            if number == 1 { "" } else { "s" }
        )
    };
    let list = match (&settings.server, settings.size) {
        (None, _) => format!(", a list of {}", grouped(settings.list_size())),
        (Some(_), Some(size)) => format!(", a list of {}", grouped(size)),
        (Some(_), None) => String::new(),
    };
    Some(format!(
        "{}, {} each; {} a mode{list}; {}",
        times(settings.clients, "client"),
        times(settings.draws, "draw"),
        times(settings.runs, "run"),
        times(comparison.cores, "core"),
    ))
}

/// What the figures of a draw's time are, and are not.
#[must_use]
pub fn how_timed(comparison: &Comparison) -> &'static str {
    let own = |run: &Run| run.course || run.request == Some(1);
    if comparison.runs.iter().all(own) {
        "Median and p99 of a draw: from the request to its number, as the client saw it."
    } else {
        "Median and p99 of a draw: each client sends draw 1 again and again, all at once,\n\
         after the run; those draws are in no file and no count."
    }
}

/// Modes side by side, as many as fit; the others below.
fn table(rows: &[&Row], lines: &[Line], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let width = |text: &str| text.chars().count();
    let names = lines.iter().map(|(name, _)| width(name)).max().unwrap_or(0);
    let mut rest = rows;
    while !rest.is_empty() {
        let mut used = names;
        let mut columns: Vec<(usize, Vec<String>)> = Vec::new();
        for row in rest {
            let mut cells = vec![row.label.clone()];
            cells.extend(lines.iter().map(|(_, text)| text(row)));
            let widest = cells.iter().map(|cell| width(cell)).max().unwrap_or(0);
            if !columns.is_empty() && used + 2 + widest > WIDTH {
                break;
            }
            used += 2 + widest;
            columns.push((widest, cells));
        }
        if rest.len() < rows.len() {
            writeln!(f)?;
        }
        for index in 0..=lines.len() {
            let name = index.checked_sub(1).map_or("", |line| lines[line].0);
            write!(f, "{name:<names$}")?;
            for (widest, cells) in &columns {
                write!(f, "  {:>widest$}", cells[index])?;
            }
            writeln!(f)?;
        }
        rest = &rest[columns.len()..];
    }
    Ok(())
}

/// What did not go as it should, run by run.
fn troubles(runs: &[Run], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut all = runs.iter().flat_map(trouble);
    for line in all.by_ref().take(TOLD) {
        writeln!(f, "{line}")?;
    }
    match all.count() {
        0 => Ok(()),
        more => writeln!(
            f,
            "… and {more} more like these: all of them stand in run.json of each run, which --out DIR keeps"
        ),
    }
}

/// What did not go as it should in one run, a line each.
#[must_use]
pub fn trouble(run: &Run) -> Vec<String> {
    let name = format!("! {}, run {}", run.label, run.nth);
    let mut lines = Vec::new();
    if let Some(failure) = &run.failure {
        lines.push(format!("{name}: {failure}"));
    }
    for client in run.clients.iter().filter(|one| !one.end.is_complete()) {
        let note = client
            .note
            .as_ref()
            .map_or_else(String::new, |note| format!(" ({note})"));
        lines.push(format!(
            "{name}: {} {} after {} numbers{note}",
            client.file,
            client.end,
            grouped(client.numbers)
        ));
    }
    if run.overlapped == Some(false) {
        lines.push(format!(
            "{name}: not all clients were connected when the first began, so they overlap less"
        ));
    }
    if run.counts_agree() == Some(false) {
        let server = run.server.unwrap_or_default();
        lines.push(format!(
            "{name}: the server counted {server}; the files hold {} draws, {} distinct",
            run.files.draws, run.files.distinct
        ));
    }
    lines.extend(run.doubts.iter().map(|doubt| format!("{name}: {doubt}")));
    if let Some(hint) = run.hints.first() {
        let or = run.hints.iter().skip(1).map(|hint| format!(", or {hint}"));
        let others: String = or.collect();
        lines.push(format!("{name}: {hint}{others} reads every line"));
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures() {
        assert_eq!(
            [950, 38_200, 1_250_000, 3_500_000_000].map(time),
            ["950 ns", "38.2 µs", "1.25 ms", "3.50 s"]
        );
        assert_eq!(seconds(0.25), "250.00 ms");
    }

    #[test]
    fn a_few_lines_leave_out_no_trouble() {
        let run = Run {
            label: "lock".into(),
            nth: 1,
            overlapped: Some(false),
            ..Run::default()
        };
        let text = Comparison::new(None, vec![run]).brief().to_string();
        let names: Vec<_> = text.lines().filter_map(|line| line.get(..14)).collect();
        assert_eq!(names[1].trim(), "draws", "{text}");
        assert!(text.contains("duplicates"), "{text}");
        assert!(!text.contains("median"), "{text}");
        assert!(text.contains("! lock, run 1: not all clients"), "{text}");
    }

    fn comparison(labels: impl Iterator<Item = String>) -> Comparison {
        let run = |label| Run {
            label,
            window: Some(crate::draw::Window::None),
            ..Run::default()
        };
        Comparison::new(None, labels.map(run).collect())
    }

    #[test]
    fn modes_that_do_not_fit_stand_below_each_other() {
        let labels = (0..6).map(|index| format!("submission-by-number-{index}"));
        let text = comparison(labels).to_string();
        let table: Vec<&str> = text.lines().skip_while(|line| !line.is_empty()).collect();
        assert!(
            table.iter().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        assert_eq!(text.matches("distinct").count(), 3, "{text}");
        assert!(!text.contains("lost updates"), "nobody knows them: {text}");
    }

    #[test]
    fn eighty_folders_are_eighty_lines() {
        let text = comparison((0..80).map(|index| format!("s{index:02}"))).to_string();
        assert!(
            text.starts_with("Not known: s00, s01, s02 and 77 more\n"),
            "{text}"
        );
        assert!(text.lines().count() < 90, "{text}");
        assert!(
            text.lines().all(|line| line.chars().count() <= WIDTH),
            "{text}"
        );
        let text = comparison((0..5_000).map(|index| format!("s{index}"))).to_string();
        assert!(
            text.lines().count() < 230 && text.contains("4800 more"),
            "{text}"
        );
    }
}
