//! The scoreboard: every problem, and what becomes of it.

use std::fmt;

use serde::Serialize;

use super::check::{self, Limits};
use super::compile::Settings;
use super::error::LabError;
use super::problems::Problem;
use super::program::{Program, What};
use super::report::{Outcome, Report, grouped};

/// The heading of the table.
pub const HEAD: &str =
    "problem                    deadlock  starves              rules broken  states     time";

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
}

/// Checks a problem.
///
/// # Errors
/// If it is wrong, which the tests see to.
pub fn row(problem: &Problem, settings: &Settings) -> Result<Row, LabError> {
    let program = super::load(problem.name, problem.source, settings)?;
    let report = check::check(&program, problem.source, Limits::default(), &mut |_| {});
    Ok(summary(problem.name, &program, &report))
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

impl fmt::Display for Row {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let deadlock = match self.deadlock {
            None => "-",
            Some(true) => "yes",
            Some(false) => "no",
        };
        let starves = match &self.starves {
            None => "-".to_owned(),
            Some(none) if none.is_empty() => "nobody".to_owned(),
            Some(_) if self.only_by_deadlock => "only by deadlock".to_owned(),
            Some(some) => some.join(", "),
        };
        let broken = match self.broken {
            (_, 0) => "-".to_owned(),
            (broken, of) => format!("{broken} of {of}"),
        };
        write!(
            f,
            "{:27}{deadlock:10}{starves:21}{broken:14}{:>9}  {:.3} s",
            self.problem,
            grouped(self.states as u128),
            self.seconds
        )
    }
}
