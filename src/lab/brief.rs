//! A check and the scoreboard in few lines, for a slide: what was decided, without steps and figures.

use super::report::{Outcome, Report};
use super::table::Row;
use crate::columns::{cut, wrapped};

/// The width that a slide has.
const WIDTH: usize = 76;

/// The verdicts, the schedules, and who waits for whom; no steps.
#[must_use]
pub fn check(name: &str, report: &Report) -> String {
    let mut report = report.clone();
    for rule in &mut report.rules {
        if let Outcome::Broken(witness) = &mut rule.outcome {
            witness.picture.clear();
        }
    }
    let text = format!("{name}: {}", report.verdict());
    // Of a deadlock those who wait say all, a line each.
    let lines = text
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with("  DEADLOCK  "));
    lines.map(narrow).collect()
}

/// A line broken between words; what goes on is indented, and a word that no line holds is cut.
fn narrow(line: &str) -> String {
    // No line ends within `A = reader`.
    let line = line
        .replace(" = ", "\u{a0}=\u{a0}")
        .replace(" == ", "\u{a0}==\u{a0}");
    let words = line.trim_start();
    let first = " ".repeat(line.len() - words.len());
    let further = format!("{first}    ");
    wrapped(words, WIDTH, &first, &further)
        .iter()
        .map(|line| cut(line, WIDTH).replace('\u{a0}', " ") + "\n")
        .collect()
}

/// The heading of the rows.
#[must_use]
pub fn head() -> String {
    columns("problem", "deadlock", "starves")
}

/// A row of the scoreboard: whether it deadlocks, and who starves.
#[must_use]
pub fn row(row: &Row) -> String {
    columns(row.problem, row.deadlocks(), &row.starving())
}

fn columns(problem: &str, deadlock: &str, starves: &str) -> String {
    format!("{problem:28}{deadlock:10}{starves}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_line_goes_on_below_and_keeps_its_end() {
        let rule = ["got[1] == 1"; 9].join(" && ");
        let text = narrow(&format!("✗ finally {rule}: broken"));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(text.lines().skip(1).all(|line| line.starts_with("    ")));
        assert!(text.ends_with(" broken\n"), "{text}");
        assert!(
            text.lines().all(|line| !line.trim_end().ends_with('=')),
            "{text}"
        );
    }

    #[test]
    fn a_word_that_no_line_holds_is_cut_and_says_so() {
        let text = narrow(&format!(
            "  shortest schedule, 99 steps: {}",
            "AB".repeat(50)
        ));
        assert!(text.lines().all(|line| line.chars().count() <= WIDTH));
        assert!(text.ends_with("…\n"), "{text}");
        assert!(narrow("  short").ends_with("  short\n"));
    }
}
