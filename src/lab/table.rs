//! The scoreboard: every problem, and what becomes of it.

use std::fmt;
use std::time::Duration;

use serde::Serialize;

use super::check::{self, Limits};
use super::compile::Settings;
use super::error::LabError;
use super::problems::Problem;
use super::program::{Program, What};
use super::report::{Outcome, Report, grouped};
use super::run;

/// The heading of the table, of 80 columns with what a real run adds.
#[must_use]
pub fn head(real: bool) -> String {
    let mut head = [
        format!(
            "{:26}{:5}{:17}{:6}{:>8}{:>6}",
            "", "dead", "starves", "rules", "", "check"
        ),
        format!(
            "{:26}{:5}{:17}{:6}{:>8}{:>6}",
            "problem", "lock", "outside", "broken", "states", "s"
        ),
    ];
    if real {
        head[0] += " turns wait,";
        head[1] += "    /s    ms";
    }
    head.join("\n")
}

/// One problem.
#[derive(Debug, Clone, Serialize)]
pub struct Row {
    /// Its name.
    pub problem: &'static str,
    /// Whether it can deadlock; `None` if no rule asks.
    pub deadlock: Option<bool>,
    /// The sections somebody can starve outside of; `None` if no rule asks.
    pub starves: Option<Vec<String>>,
    /// Whether that is only so by a deadlock.
    pub only_by_deadlock: bool,
    /// How many of the other rules are broken, of how many.
    pub broken: (usize, usize),
    /// How many states.
    pub states: usize,
    /// How long it took.
    pub seconds: f64,
    /// Turns a second of a run on real threads, and the longest wait in it.
    pub turns_per_second: Option<f64>,
    /// The longest wait in it, in seconds.
    pub longest_wait: Option<f64>,
    /// Whether it ran into a deadlock.
    pub deadlocked: bool,
}

/// Why there is no row.
#[derive(Debug, thiserror::Error)]
pub enum RowError {
    /// The problem is wrong.
    #[error(transparent)]
    Lab(#[from] LabError),
    /// It could not be run.
    #[error(transparent)]
    Run(#[from] run::RunError),
}

/// Checks a problem.
///
/// # Errors
/// If it is wrong, which the tests see to, or cannot be run.
pub fn row(
    problem: &Problem,
    settings: &Settings,
    real: Option<Duration>,
) -> Result<Row, RowError> {
    let program = super::load(problem.name, problem.source, settings)?;
    let report = check::check(&program, problem.source, Limits::default(), &mut |_| {});
    let mut row = summary(problem.name, &program, &report);
    if let Some(length) = real {
        let options = run::Options {
            times: std::collections::HashMap::new(),
            otherwise: (Duration::from_millis(1), Duration::from_millis(3)),
            seed: 1,
            length,
        };
        let report = run::run(&program, problem.source, &options)?;
        let turns: u64 = report.processes.iter().map(|it| it.turns).sum();
        #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
        let rate = turns as f64 / report.took.as_secs_f64();
        row.turns_per_second = (turns > 0).then_some(rate);
        row.longest_wait = report
            .processes
            .iter()
            .map(|it| it.longest)
            .max()
            .map(|it| it.as_secs_f64());
        row.deadlocked = !report.deadlock.is_empty();
    }
    Ok(row)
}

fn summary(name: &'static str, program: &Program, report: &Report) -> Row {
    let mut row = Row {
        problem: name,
        deadlock: None,
        starves: None,
        only_by_deadlock: false,
        broken: (0, 0),
        states: report.explored,
        seconds: report.took.as_secs_f64(),
        turns_per_second: None,
        longest_wait: None,
        deadlocked: false,
    };
    for (rule, it) in program.rules.iter().zip(&report.rules) {
        let broken = matches!(it.outcome, Outcome::Broken(_));
        match &rule.what {
            What::NeverDeadlock => row.deadlock = Some(broken),
            What::NeverStarve(section) => {
                let starves = row.starves.get_or_insert_default();
                if let Outcome::Broken(witness) = &it.outcome {
                    row.only_by_deadlock |= witness.only_by_deadlock;
                    starves.push(program.sections[*section].clone());
                }
            }
            _ => {
                row.broken.0 += usize::from(broken);
                row.broken.1 += 1;
            }
        }
    }
    row
}

impl Row {
    /// Whether it can deadlock, in a word.
    pub(super) fn deadlocks(&self) -> &'static str {
        match self.deadlock {
            None => "-",
            Some(true) => "yes",
            Some(false) => "no",
        }
    }

    /// Who can starve, in a few words.
    pub(super) fn starving(&self) -> String {
        match &self.starves {
            None => "-".to_owned(),
            Some(none) if none.is_empty() => "nobody".to_owned(),
            Some(_) if self.only_by_deadlock => "only by deadlock".to_owned(),
            Some(some) => some.join(", "),
        }
    }
}

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (deadlock, starves) = (self.deadlocks(), self.starving());
        let broken = match self.broken {
            (_, 0) => "-".to_owned(),
            (broken, of) => format!("{broken}/{of}"),
        };
        write!(
            f,
            "{:26}{deadlock:5}{starves:17}{broken:6}{:>8}{:>6.2}",
            self.problem,
            grouped(self.states as u128),
            self.seconds
        )?;
        match (self.longest_wait, self.turns_per_second) {
            (None, _) => Ok(()),
            (Some(_), _) if self.deadlocked => write!(f, "    deadlock"),
            (Some(wait), Some(turns)) => {
                let places = if wait < 0.1 { 2 } else { 0 };
                write!(f, "{turns:>6.0}{:>6.places$}", wait * 1e3)
            }
            (Some(_), None) => write!(f, "{:>6}{:>6}", "-", "-"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_fits_eighty_columns() {
        let row = |deadlocked, starves: &[&str], longest_wait, turns_per_second| Row {
            problem: "philosophers-both-or-none",
            deadlock: Some(deadlocked),
            starves: Some(starves.iter().map(|&it| it.to_owned()).collect()),
            only_by_deadlock: deadlocked,
            broken: (0, 2),
            states: 172_803,
            seconds: 12.345,
            turns_per_second,
            longest_wait,
            deadlocked,
        };
        let lines = [
            head(true),
            row(false, &["reading", "writing"], Some(1.666_9), Some(1_852.4)).to_string(),
            row(false, &[], Some(0.025_6), Some(565.0)).to_string(),
            row(false, &[], Some(0.0), None).to_string(),
            row(true, &["eating"], Some(1.0), Some(1.0)).to_string(),
            head(false),
            row(false, &["adding"], None, None).to_string(),
        ];
        let text = lines.join("\n");
        assert!(text.lines().all(|it| it.len() <= 80), "{text}");
        insta::assert_snapshot!(text);
    }
}
