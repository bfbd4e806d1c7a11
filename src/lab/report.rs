//! What a check says: for people, and as JSON.

use std::fmt;
use std::time::Duration;

use num_bigint::BigUint;
use serde::{Serialize, Serializer};

use super::check::live::Live;
use super::lanes::Row;
use super::waiting::{self, Waiting};
pub use crate::grouped::grouped;
use crate::grouped::{counted, exact, exact_if, large};
use crate::orders::{Schedule, Stopped, letter};

/// The result of a check.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    /// What the engine of orders looked at: always `lab`.
    pub system: &'static str,
    /// The processes, in the order of their letters.
    pub processes: Vec<String>,
    /// How many states there are, each process counted as itself.
    #[serde(serialize_with = "exact")]
    pub states: u128,
    /// How many there are when interchangeable processes are folded.
    #[serde(rename = "states_folded")]
    pub folded: usize,
    /// Whether every order was looked at.
    pub exhaustive: bool,
    /// What ended the search before that.
    #[serde(rename = "stopped_by")]
    pub stopped: Option<Stopped>,
    /// How many orders there are, if every order ends.
    #[serde(serialize_with = "exact_if")]
    pub orders: Option<BigUint>,
    /// What each rule comes to.
    pub rules: Vec<RuleReport>,
    /// What is odd about the program: lines and words.
    pub warnings: Vec<(usize, String)>,
    /// How many states were stored.
    pub explored: usize,
    /// How long the search took.
    #[serde(rename = "search_seconds", serialize_with = "seconds")]
    pub searching: Duration,
    /// How long everything took.
    #[serde(rename = "seconds", serialize_with = "seconds")]
    pub took: Duration,
}

fn seconds<S: Serializer>(duration: &Duration, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_f64(duration.as_secs_f64())
}

/// What a rule comes to.
#[derive(Debug, Clone, Serialize)]
pub struct RuleReport {
    /// The rule as written.
    pub rule: String,
    /// The line it stands in.
    pub line: usize,
    /// What it comes to.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Why it was never asked, or is not decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// How many orders break it, if every order ends.
    #[serde(serialize_with = "exact_if")]
    pub broken_orders: Option<BigUint>,
    /// In how many real runs it was broken, if there were any.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub live: Option<Live>,
}

/// What a rule comes to.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "outcome", content = "witness", rename_all = "snake_case")]
pub enum Outcome {
    /// It holds in every order.
    Holds,
    /// It does not.
    Broken(Box<Witness>),
    /// Not every order was looked at, and it held in those that were.
    NotDecided,
    /// Every order was looked at, and none comes to where it is asked: it has neither held nor been broken.
    NeverAsked,
}

/// A schedule that breaks a rule.
#[derive(Debug, Clone, Serialize)]
pub struct Witness {
    /// Who takes each step.
    pub schedule: Schedule,
    /// The steps that can be repeated for ever behind it.
    #[serde(rename = "loop")]
    pub again: Schedule,
    /// How often the next step of the schedule is another's.
    pub switches: usize,
    /// Whether it is the one that is defined: a search that stopped early may have missed one with fewer switches.
    pub is_first: bool,
    /// Who starves.
    pub starves: Option<String>,
    /// Whether there is no such loop, and only the deadlock keeps it outside for ever.
    pub only_by_deadlock: bool,
    /// What each step does.
    #[serde(rename = "steps")]
    pub rows: Vec<Row>,
    /// Who waits for whom at the end, if nobody can go on.
    pub waiting: Vec<Waiting>,
    /// The cycle among them.
    pub cycle: Vec<String>,
    /// What went wrong in the last step.
    pub fault: Option<Wrong>,
    /// The lanes.
    #[serde(skip)]
    pub picture: String,
}

/// What went wrong, and where.
#[derive(Debug, Clone, Serialize)]
pub struct Wrong {
    /// Whose step it was.
    pub process: String,
    /// What.
    pub message: String,
    /// In which line.
    pub line: usize,
    /// In which column.
    pub column: usize,
}

fn so_many_orders(orders: &BigUint) -> String {
    let s = if *orders == 1u32.into() { "" } else { "s" };
    format!("{} order{s}", large(orders))
}

impl Report {
    /// Whether a rule is broken.
    #[must_use]
    pub fn broken(&self) -> bool {
        self.rules
            .iter()
            .any(|it| matches!(it.outcome, Outcome::Broken(_)))
    }

    /// Whether anything is known: a rule holds or is broken, or there is none but that nothing goes wrong.
    #[must_use]
    pub fn decided(&self) -> bool {
        let known = |it: &RuleReport| matches!(it.outcome, Outcome::Holds | Outcome::Broken(_));
        self.broken() || self.exhaustive && (self.rules.is_empty() || self.rules.iter().any(known))
    }

    /// The report without how long it took: what is the same every time.
    #[must_use]
    pub fn verdict(&self) -> String {
        let mut text = String::new();
        _ = self.write(&mut text, false);
        text
    }

    fn write(&self, f: &mut dyn fmt::Write, timed: bool) -> fmt::Result {
        let states = counted(self.states, "state");
        let folded = if self.states == self.folded as u128 {
            String::new()
        } else {
            format!(
                " ({} when interchangeable processes are folded)",
                grouped(self.folded as u128)
            )
        };
        let stopped = counted(self.explored, "state");
        match self.stopped {
            None => write!(f, "every order: {states}{folded}")?,
            Some(Stopped::Enough) => write!(
                f,
                "stopped at {stopped}, for every rule is broken; everything with --all"
            )?,
            Some(Stopped::States) => write!(
                f,
                "not exhaustive: stopped at {stopped}; more with --max-states and --max-memory"
            )?,
            Some(Stopped::Memory) => write!(
                f,
                "not exhaustive: stopped at {stopped}, for memory; more with --max-states and --max-memory"
            )?,
        }
        if let Some(orders) = &self.orders {
            write!(f, ", {}", so_many_orders(orders))?;
        }
        if timed {
            write!(f, ", {:.3} s", self.took.as_secs_f64())?;
            if self.searching > Duration::from_millis(50) {
                #[expect(clippy::cast_precision_loss, reason = "a rate for people")]
                let rate = self.explored as f64 / self.searching.as_secs_f64() / 1e6;
                write!(f, " ({rate:.2} million states a second)")?;
            }
        }
        writeln!(f)?;
        for (who, name) in self.processes.iter().enumerate() {
            write!(
                f,
                "{}{} = {name}",
                if who > 0 { ", " } else { "" },
                letter(who)
            )?;
        }
        writeln!(f, "\n")?;
        for rule in &self.rules {
            rule.write(f, self.orders.as_ref())?;
        }
        if self.rules.is_empty() {
            writeln!(
                f,
                "nothing was asked: end the file with rules, as in  never deadlock;  finally x == 2;"
            )?;
        }
        for (line, warning) in &self.warnings {
            writeln!(f, "warning: line {line}: {warning}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.write(f, true)
    }
}

impl RuleReport {
    fn write(&self, f: &mut dyn fmt::Write, orders: Option<&BigUint>) -> fmt::Result {
        let rule = &self.rule;
        match &self.outcome {
            Outcome::Holds => {
                writeln!(f, "✓ {rule}: holds")?;
                self.write_live(f)
            }
            Outcome::NotDecided => {
                let why = self.why.as_deref().unwrap_or("not all was looked at");
                writeln!(f, "? {rule}: not decided: {why}")?;
                self.write_live(f)
            }
            Outcome::NeverAsked => {
                let why = self.why.as_deref().unwrap_or("no order comes to it");
                writeln!(f, "– {rule}: never asked, {why}")?;
                self.write_live(f)
            }
            Outcome::Broken(witness) => {
                write!(f, "✗ {rule}: broken")?;
                if let (Some(bad), Some(orders)) = (&self.broken_orders, orders) {
                    write!(f, " in {} of {}", large(bad), so_many_orders(orders))?;
                }
                writeln!(f)?;
                self.write_live(f)?;
                witness.write(f)
            }
        }
    }

    fn write_live(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let Some(live) = &self.live else {
            return Ok(());
        };
        let (bad, runs) = (live.bad, counted(live.runs, "run"));
        write!(f, "  broken in {bad} of {runs} on real threads")?;
        // What no order does, no run does: there is nothing to estimate.
        if !matches!(self.outcome, Outcome::Holds | Outcome::NeverAsked) {
            let (low, high) = (live.low * 100.0, live.high * 100.0);
            write!(
                f,
                ", so in {low:.1} % to {high:.1} % of all runs here (with 95 % certainty)"
            )?;
        }
        writeln!(f)
    }
}

impl Witness {
    fn write(&self, f: &mut dyn fmt::Write) -> fmt::Result {
        let lead = self.schedule.to_string();
        match (&self.starves, self.again.is_empty()) {
            (Some(who), false) => {
                let after = if lead.is_empty() {
                    "at once".to_owned()
                } else {
                    format!("after {lead}")
                };
                writeln!(f, "  {who} starves: {after}, {} for ever", self.again)?;
            }
            (Some(who), true) if self.only_by_deadlock => {
                writeln!(f, "  {who} starves, only by deadlock: {lead}")?;
            }
            (Some(who), true) => writeln!(f, "  {who} starves, by deadlock: {lead}")?,
            (None, _) if lead.is_empty() => writeln!(f, "  before anybody's first step")?,
            (None, _) => {
                let steps = self.schedule.len();
                let many = if steps == 1 { "step" } else { "steps" };
                let kind = if self.is_first { "" } else { "a " };
                writeln!(f, "  {kind}shortest schedule, {steps} {many}: {lead}")?;
            }
        }
        for line in self.picture.lines() {
            writeln!(f, "  {line}")?;
        }
        if let Some(wrong) = &self.fault {
            let Wrong {
                process,
                message,
                line,
                column,
            } = wrong;
            writeln!(f, "  {process}: {message} (line {line}, column {column})")?;
        }
        for waiting in &self.waiting {
            writeln!(f, "  {waiting}")?;
        }
        if !self.waiting.is_empty() {
            let summary = waiting::summary(&self.waiting, &self.cycle);
            writeln!(f, "  DEADLOCK  {summary}")?;
        }
        Ok(())
    }
}

impl fmt::Display for Waiting {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let on = match (self.on.as_slice(), self.held) {
            ([], _) => self.lost(),
            (on, true) => {
                let who = |it: &String| {
                    let ended = self.ended.contains(it);
                    format!("{it}{}", if ended { ", which has ended" } else { "" })
                };
                let on: Vec<_> = on.iter().map(who).collect();
                format!("held by {}", on.join(", "))
            }
            (on, false) => format!("which only {} could signal", on.join(", ")),
        };
        write!(f, "{} waits for {}, {on}", self.process, self.what)
    }
}

/// One order, followed.
#[derive(Debug, Clone, Serialize)]
pub struct Replay {
    /// Its steps.
    #[serde(rename = "steps")]
    pub rows: Vec<Row>,
    /// The rules it breaks, each with the number of steps after which it is broken.
    pub broken: Vec<(usize, String)>,
    /// The rules that this order says nothing of, each with the reason.
    pub not_asked: Vec<(String, String)>,
    /// Who waits at its end.
    pub waiting: Vec<Waiting>,
    /// The cycle among them.
    pub cycle: Vec<String>,
}

impl fmt::Display for Replay {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for waiting in &self.waiting {
            writeln!(f, "{waiting}")?;
        }
        for (after, rule) in &self.broken {
            writeln!(f, "✗ {rule}: broken after step {after}")?;
        }
        if self.broken.is_empty() {
            writeln!(f, "no rule is broken in this order")?;
        }
        for (rule, why) in &self.not_asked {
            writeln!(f, "– {rule}: not asked, {why}")?;
        }
        Ok(())
    }
}
