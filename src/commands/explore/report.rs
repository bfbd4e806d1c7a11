//! The findings as JSON, for scripts. Counts are exact whole numbers, however large: who reads them into a
//! double may lose digits, and `duplicate_share` is there for that.

use anyhow::Context;
use num_bigint::BigUint;
use serde::Serialize;
use serde_json::value::RawValue;

use super::live::Live;
use super::prose::Report;
use super::subject::Subject;
use crate::draw::gallery::{Answer, Mutexes};
use crate::schedule::explore::{Stopped, each_order};
use crate::schedule::model::Outcome;
use crate::schedule::replay::{Did, PassedOver, Row, Run};
use crate::schedule::text::letter;
use crate::schedule::{Schedule, replay};

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    subject: SubjectJson<'a>,
    exhaustive: bool,
    /// The option or the bound that ended the search, if it was not exhaustive.
    stopped_by: Option<&'static str>,
    states: usize,
    states_up_to_swapping: Option<usize>,
    bytes: usize,
    orders: Option<OrdersJson>,
    witness: Option<WitnessJson>,
    /// So many interruptions are needed.
    preemptions: Option<usize>,
    one_preemption_suffices: Option<bool>,
    live: Option<LiveJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Listed>>,
}

#[derive(Serialize)]
struct SubjectJson<'a> {
    program: &'a str,
    operations: Vec<&'static str>,
    own_mutexes: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    belief: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<&'static str>,
    draws: &'a [u64],
    counter: u64,
    size: u64,
}

#[derive(Serialize)]
struct OrdersJson {
    all: Box<RawValue>,
    clean: Box<RawValue>,
    duplicate: Box<RawValue>,
    skipping: Box<RawValue>,
    duplicate_share: f64,
    final_counters: Vec<FinalJson>,
    fewest_letters: usize,
    most_letters: usize,
}

#[derive(Serialize)]
struct FinalJson {
    counter: u64,
    orders: Box<RawValue>,
}

#[derive(Serialize)]
struct WitnessJson {
    schedule: String,
    letters: usize,
    switches: usize,
}

#[derive(Serialize)]
struct LiveJson {
    #[serde(flatten)]
    live: Live,
    window: &'static str,
    share: f64,
    low: f64,
    high: f64,
}

#[derive(Serialize)]
struct Listed {
    schedule: String,
    table: Vec<ColumnJson>,
    duplicates: usize,
    skipped: Vec<u32>,
    final_counter: u64,
}

#[derive(Serialize)]
struct ColumnJson {
    counter: u64,
    session: String,
    number: u32,
    duplicate: bool,
}

#[derive(Serialize)]
struct One<'a> {
    #[serde(flatten)]
    subject: SubjectJson<'a>,
    #[serde(flatten)]
    listed: Listed,
    retries: usize,
    unfinished: Vec<u64>,
    steps: Vec<StepJson>,
}

#[derive(Serialize)]
struct StepJson {
    step: usize,
    session: String,
    operation: Option<&'static str>,
    register: Option<u64>,
    counter: u64,
    holders: Vec<String>,
    began_again: bool,
    number: Option<u32>,
    passed_over: Option<&'static str>,
}

/// All findings. `list` adds each order.
///
/// # Errors
/// None that can be made to happen.
pub fn json(report: &Report, list: bool) -> anyhow::Result<String> {
    let findings = report.findings;
    let orders = match &findings.orders {
        None => None,
        Some(orders) => Some(OrdersJson {
            all: exact(&orders.all)?,
            clean: exact(&orders.clean())?,
            duplicate: exact(&orders.duplicate)?,
            skipping: exact(&orders.skipping)?,
            duplicate_share: orders.share(),
            final_counters: orders
                .final_counters
                .iter()
                .map(|(&counter, orders)| {
                    Ok(FinalJson {
                        counter,
                        orders: exact(orders)?,
                    })
                })
                .collect::<anyhow::Result<_>>()?,
            fewest_letters: orders.letters.0,
            most_letters: orders.letters.1,
        }),
    };
    let all = list.then(|| {
        let mut all = Vec::new();
        each_order(&report.subject.model, &mut |schedule| {
            let run = replay(&report.subject.model, schedule);
            all.push(listed(report.subject, schedule, &run));
            true
        });
        all
    });
    let live = report.live.map(|live| LiveJson {
        live,
        window: "none",
        share: live.share(),
        low: live.interval().0,
        high: live.interval().1,
    });
    let witness = findings.witness.as_ref().map(|witness| WitnessJson {
        schedule: witness.to_string(),
        letters: witness.len(),
        switches: witness.switches(),
    });
    pretty(&Json {
        subject: subject_json(report.subject),
        exhaustive: findings.exhaustive,
        stopped_by: findings.stopped.map(|by| match by {
            Stopped::States => "max-states",
            Stopped::Memory => "memory",
        }),
        states: findings.states,
        states_up_to_swapping: findings.states_up_to_swapping,
        bytes: findings.bytes,
        orders,
        witness,
        preemptions: findings.preemptions,
        one_preemption_suffices: findings
            .preemptions
            .map(|preemptions| preemptions <= 1)
            .filter(|&suffices| suffices || findings.exhaustive),
        live,
        all,
    })
}

/// One order.
///
/// # Errors
/// None that can be made to happen.
pub fn one(subject: &Subject, schedule: &Schedule, run: &Run) -> anyhow::Result<String> {
    let steps = run.rows.iter().enumerate();
    pretty(&One {
        subject: subject_json(subject),
        listed: listed(subject, schedule, run),
        retries: run.retries(),
        unfinished: run.left.clone(),
        steps: steps
            .map(|(index, row)| step(subject, index, row))
            .collect(),
    })
}

fn step(subject: &Subject, index: usize, row: &Row) -> StepJson {
    let mut json = StepJson {
        step: index + 1,
        session: letter(row.session).to_string(),
        operation: None,
        register: None,
        counter: row.counter,
        holders: row.holders.iter().map(|&s| letter(s).to_string()).collect(),
        began_again: false,
        number: None,
        passed_over: None,
    };
    match row.did {
        Did::Ran {
            operation,
            register,
            outcome,
        } => {
            json.operation = Some(operation.name());
            json.register = Some(register);
            json.began_again = outcome == Outcome::Again;
            json.number = match outcome {
                Outcome::Drew(ticket) => number(subject, ticket),
                _ => None,
            };
        }
        Did::PassedOver(why) => {
            json.passed_over = Some(match why {
                PassedOver::Waits => "waits-for-the-lock",
                PassedOver::Over => "no-draw-left",
                PassedOver::Nobody => "no-such-session",
                PassedOver::Late => "did-not-come",
            });
        }
    }
    json
}

fn listed(subject: &Subject, schedule: &Schedule, run: &Run) -> Listed {
    let table = run.table();
    Listed {
        schedule: schedule.to_string(),
        table: table
            .columns
            .iter()
            .zip(table.extras())
            .map(|(column, duplicate)| ColumnJson {
                counter: column.ticket,
                session: letter(column.session).to_string(),
                number: number(subject, column.ticket).unwrap_or_default(),
                duplicate,
            })
            .collect(),
        duplicates: table.duplicates.len(),
        skipped: table
            .skipped
            .iter()
            .filter_map(|&ticket| number(subject, ticket))
            .collect(),
        final_counter: run.counter(),
    }
}

fn subject_json(subject: &Subject) -> SubjectJson<'_> {
    let model = &subject.model;
    SubjectJson {
        program: subject.name,
        operations: model
            .program()
            .iter()
            .map(|operation| operation.name())
            .collect(),
        own_mutexes: model.mutexes() == Mutexes::Own,
        belief: subject.answer.map(|Answer { belief, .. }| *belief),
        why: subject.answer.map(|Answer { why, .. }| *why),
        draws: model.draws(),
        counter: model.counter(),
        size: model.size(),
    }
}

fn number(subject: &Subject, ticket: u64) -> Option<u32> {
    subject
        .list
        .numbers()
        .get(usize::try_from(ticket).ok()?)
        .copied()
}

fn exact(number: &BigUint) -> anyhow::Result<Box<RawValue>> {
    RawValue::from_string(number.to_string()).context("a count as JSON")
}

fn pretty(json: &impl Serialize) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(json).context("the findings as JSON")?;
    text.push('\n');
    Ok(text)
}
