//! What the written rules come to in one run. A run is one order of very many: it can break a rule, and it can never
//! show that one holds.

use std::fmt;
use std::sync::atomic::Ordering;
use std::time::Duration;

use serde::Serialize;

use super::super::error::line_and_column;
use super::super::program::{Program, What};
use super::super::value::Value;
use super::stats::{ProcessStats, seconds};
use super::watch::Watch;

/// A written rule, and what it comes to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Judged {
    /// The rule as written.
    pub rule: String,
    /// The line it stands in.
    pub line: usize,
    /// What it comes to.
    #[serde(flatten)]
    pub outcome: Outcome,
}

/// What a rule comes to in a run.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(tag = "outcome", rename_all = "snake_case")]
pub enum Outcome {
    /// A `finally` that was true when all had ended.
    Kept,
    /// It was broken.
    Broken {
        /// How often that was seen.
        times: u64,
        /// When first, in seconds from the beginning.
        #[serde(rename = "first_seconds", serialize_with = "seconds")]
        first: Duration,
        /// How.
        how: String,
    },
    /// It was asked, and not broken then.
    NotSeenBroken {
        /// How often it was asked.
        looks: u64,
        /// When that is.
        asked: Asked,
    },
    /// It was never asked.
    NotAsked {
        /// Why.
        why: String,
    },
    /// No run can tell.
    NotDecided {
        /// What is to be seen beside it.
        seen: String,
    },
}

/// When a rule is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Asked {
    /// Each time somebody comes into one of its sections: no two who are counted inside at once are missed.
    AtEveryEntry,
    /// Each time somebody writes the variable it speaks of: no value is missed.
    AtEveryWrite,
    /// Every few milliseconds, with all threads stopped: what comes and goes between two looks is missed.
    NowAndThen,
    /// All the time.
    Always,
}

/// How a run ended, as far as rules want to know.
pub(super) struct End<'a> {
    /// The numbers, if all have ended by themselves and nothing went wrong.
    pub state: Option<&'a [i32]>,
    pub took: Duration,
    pub deadlock: bool,
    pub fault: bool,
    pub processes: &'a [ProcessStats],
    /// How often each process came into each section.
    pub turns: &'a [Vec<u64>],
}

/// What each written rule comes to.
pub(super) fn judge(
    program: &Program,
    source: &str,
    watch: &Watch<'_>,
    end: &End<'_>,
) -> Vec<Judged> {
    let rules = program.rules.iter().enumerate();
    let written = rules.filter(|it| !matches!(it.1.what, What::NoFault));
    written
        .map(|(at, rule)| Judged {
            rule: rule.text.clone(),
            line: line_and_column(source, rule.span.start).0,
            outcome: match &rule.what {
                What::NeverDeadlock => never_deadlock(end),
                What::NeverStarve(section) => never_starve(program, end, *section),
                What::Finally(value) => finally(value, end),
                What::NeverTogether(one, other) => watched(watch, at, Asked::AtEveryEntry, || {
                    let names = [one, other].map(|it| program.sections[*it].as_str());
                    let of = if one == other {
                        names[0].to_owned()
                    } else {
                        names.join(" or ")
                    };
                    format!("nobody came into {of}")
                }),
                What::Never(_) | What::NoFault => {
                    let asked = if watch.sampled.contains(&at) {
                        Asked::NowAndThen
                    } else {
                        Asked::AtEveryWrite
                    };
                    watched(watch, at, asked, || {
                        "something went wrong at once".to_owned()
                    })
                }
            },
        })
        .collect()
}

fn watched(watch: &Watch<'_>, rule: usize, asked: Asked, why: impl FnOnce() -> String) -> Outcome {
    let seen = &watch.seen[rule];
    let looks = seen.looks.load(Ordering::SeqCst);
    match (&*seen.first.lock(), looks) {
        (Some((first, how)), _) => Outcome::Broken {
            times: seen.broken.load(Ordering::SeqCst),
            first: *first,
            how: how.clone(),
        },
        (None, 0) => Outcome::NotAsked { why: why() },
        (None, looks) => Outcome::NotSeenBroken { looks, asked },
    }
}

fn never_deadlock(end: &End<'_>) -> Outcome {
    if end.deadlock {
        Outcome::Broken {
            times: 1,
            first: end.took,
            how: "nobody can go on".to_owned(),
        }
    } else {
        Outcome::NotSeenBroken {
            looks: 1,
            asked: Asked::Always,
        }
    }
}

fn finally(value: &Value, end: &End<'_>) -> Outcome {
    let broken = |how| Outcome::Broken {
        times: 1,
        first: end.took,
        how,
    };
    let why = match end.state {
        Some(state) => {
            return match value.of(state) {
                Ok(0) => broken("false when all had ended".to_owned()),
                Ok(_) => Outcome::Kept,
                Err(fault) => broken(fault.message),
            };
        }
        None if end.fault => "something went wrong before all had ended",
        None if end.deadlock => "nobody can go on, and not all have ended",
        None => "the run was over before all had ended",
    };
    Outcome::NotAsked {
        why: why.to_owned(),
    }
}

/// That somebody stays outside for ever is nothing that a run of some seconds can show.
fn never_starve(program: &Program, end: &End<'_>, section: usize) -> Outcome {
    let of = |who: &usize| program.code_of(*who).sections >> section & 1 == 1;
    let who: Vec<_> = (0..program.processes.len()).filter(of).collect();
    let least = who.iter().min_by_key(|&&it| end.turns[it][section]);
    let longest = who.iter().max_by_key(|&&it| end.processes[it].longest);
    let seen = match (least, longest) {
        (Some(&least), Some(&longest)) => format!(
            "fewest turns {} ({}), longest wait {:.3} ms ({})",
            end.turns[least][section],
            program.processes[least].name,
            end.processes[longest].longest.as_secs_f64() * 1e3,
            program.processes[longest].name
        ),
        _ => "nobody has such a section".to_owned(),
    };
    Outcome::NotDecided { seen }
}

/// Who had no turn in a section while all others who have it had so many: is worth a look.
const MANY_TURNS: u64 = 100;

/// What is to be said of who had no turn at all.
pub(super) fn starving(program: &Program, turns: &[Vec<u64>]) -> Vec<String> {
    let mut said = Vec::new();
    for (section, name) in program.sections.iter().enumerate() {
        let of = |who: &usize| program.code_of(*who).sections >> section & 1 == 1;
        let who: Vec<_> = (0..program.processes.len()).filter(of).collect();
        let most = who.iter().map(|&it| turns[it][section]).max().unwrap_or(0);
        if most < MANY_TURNS {
            continue;
        }
        let none = who.iter().filter(|&&it| turns[it][section] == 0);
        said.extend(none.map(|&it| {
            format!(
                "{} never came into {name}, while another did {most} times",
                program.processes[it].name
            )
        }));
    }
    said
}

impl Judged {
    /// Whether it was broken.
    #[must_use]
    pub fn broken(&self) -> bool {
        matches!(self.outcome, Outcome::Broken { .. })
    }
}

impl fmt::Display for Judged {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rule = &self.rule;
        match &self.outcome {
            Outcome::Kept => write!(f, "✓ {rule}: true when all had ended"),
            Outcome::Broken { times, first, how } => {
                write!(f, "✗ {rule}: broken")?;
                if *times > 1 {
                    write!(f, " {times} times, first")?;
                }
                write!(f, " after {:.3} s: {how}", first.as_secs_f64())
            }
            Outcome::NotSeenBroken { looks, asked } => {
                write!(f, "· {rule}: not seen broken")?;
                match asked {
                    Asked::AtEveryEntry => write!(f, " in {looks} entries"),
                    Asked::AtEveryWrite => write!(f, ", of {looks} values"),
                    Asked::NowAndThen => write!(f, " in {looks} looks (only sampled)"),
                    Asked::Always => Ok(()),
                }
            }
            Outcome::NotAsked { why } => write!(f, "– {rule}: not asked: {why}"),
            Outcome::NotDecided { seen } => write!(f, "? {rule}: not decided by a run; {seen}"),
        }
    }
}
