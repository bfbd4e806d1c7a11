//! The findings as JSON, for scripts, with the names that docs/orders.md lists. Counts are exact whole numbers, however
//! large: who reads them into a double may lose digits, and `share` is there for that.

use anyhow::Context;
use num_bigint::BigUint;
use serde::Serialize;

use super::live::Live;
use super::prose::Report;
use super::subject::Subject;
use crate::draw::gallery::{Answer, Mutexes};
use crate::draws::explore::{each_order, share};
use crate::draws::model::Outcome;
use crate::draws::replay::{Did, PassedOver, Row, Run};
use crate::draws::{Schedule, replay};
use crate::grouped::{exact, exact_if};
use crate::orders::Stopped;
use crate::orders::schedule::letter;

#[derive(Serialize)]
struct Json<'a> {
    #[serde(flatten)]
    subject: SubjectJson<'a>,
    exhaustive: bool,
    /// The option that ended the search, if it was not exhaustive.
    stopped_by: Option<Stopped>,
    #[serde(serialize_with = "exact")]
    states: u128,
    states_folded: usize,
    bytes: usize,
    #[serde(serialize_with = "exact_if")]
    orders: Option<BigUint>,
    rules: [RuleJson; 2],
    #[serde(serialize_with = "exact_if")]
    skipping_orders: Option<BigUint>,
    final_counters: Option<Vec<FinalJson>>,
    fewest_steps: Option<usize>,
    most_steps: Option<usize>,
    live: Option<LiveJson>,
    #[serde(skip_serializing_if = "Option::is_none")]
    all: Option<Vec<Listed>>,
}

#[derive(Serialize)]
struct RuleJson {
    rule: &'static str,
    outcome: &'static str,
    #[serde(serialize_with = "exact_if")]
    broken_orders: Option<BigUint>,
    share: Option<f64>,
    witness: Option<WitnessJson>,
}

#[derive(Serialize)]
struct SubjectJson<'a> {
    system: &'static str,
    processes: Vec<String>,
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
struct FinalJson {
    counter: u64,
    #[serde(serialize_with = "exact")]
    orders: BigUint,
}

#[derive(Serialize)]
struct WitnessJson {
    schedule: String,
    switches: usize,
    /// Whether it is the one that is defined; a search that stopped early may have missed one with fewer switches.
    is_first: bool,
    /// So many interruptions are needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    preemptions: Option<usize>,
    steps: Vec<StepJson>,
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
    /// Whether nobody can go on, and somebody waits.
    deadlock: bool,
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
    let (subject, findings) = (report.subject, report.findings);
    let orders = findings.orders.as_ref();
    let witness = |schedule: &Schedule, is_first, preemptions| {
        let run = replay(&subject.model, schedule);
        WitnessJson {
            schedule: schedule.to_string(),
            switches: schedule.switches(),
            is_first,
            preemptions,
            steps: steps(subject, &run),
        }
    };
    let rule = |rule, broken: Option<&BigUint>, witness: Option<WitnessJson>| RuleJson {
        rule,
        outcome: match (&witness, findings.exhaustive) {
            (Some(_), _) => "broken",
            (None, true) => "holds",
            (None, false) => "not_decided",
        },
        broken_orders: broken.cloned(),
        share: broken.and_then(|broken| Some(share(broken, &orders?.all))),
        witness,
    };
    let duplicate = findings.witness.as_ref();
    let duplicate =
        duplicate.map(|it| witness(it, findings.witness_is_first, findings.preemptions));
    let deadlock = findings.deadlock.as_ref();
    let deadlock = deadlock.map(|it| witness(it, findings.exhaustive, None));
    let all = list.then(|| {
        let mut all = Vec::new();
        each_order(&subject.model, &mut |schedule| {
            let run = replay(&subject.model, schedule);
            all.push(listed(subject, schedule, &run));
            true
        });
        all
    });
    let final_counters = orders.map(|orders| {
        let finals = orders.final_counters.iter();
        let finals = finals.map(|(&counter, orders)| FinalJson {
            counter,
            orders: orders.clone(),
        });
        finals.collect()
    });
    let live = report.live.map(|live| LiveJson {
        live,
        window: "none",
        share: live.share(),
        low: live.interval().0,
        high: live.interval().1,
    });
    pretty(&Json {
        subject: subject_json(subject),
        exhaustive: findings.exhaustive,
        stopped_by: findings.stopped,
        states: findings.states,
        states_folded: findings.states_folded,
        bytes: findings.bytes,
        orders: orders.map(|orders| orders.all.clone()),
        rules: [
            rule("no number twice", orders.map(|it| &it.duplicate), duplicate),
            rule("never deadlock", orders.map(|it| &it.deadlocked), deadlock),
        ],
        skipping_orders: orders.map(|orders| orders.skipping.clone()),
        final_counters,
        fewest_steps: orders.map(|orders| orders.letters.0),
        most_steps: orders.map(|orders| orders.letters.1),
        live,
        all,
    })
}

fn steps(subject: &Subject, run: &Run) -> Vec<StepJson> {
    let rows = run.rows.iter().enumerate();
    rows.map(|(index, row)| step(subject, index, row)).collect()
}

/// One order.
///
/// # Errors
/// None that can be made to happen.
pub fn one(subject: &Subject, schedule: &Schedule, run: &Run) -> anyhow::Result<String> {
    pretty(&One {
        subject: subject_json(subject),
        listed: listed(subject, schedule, run),
        retries: run.retries(),
        unfinished: run.left.clone(),
        deadlock: super::prose::deadlock(subject, schedule).is_some(),
        steps: steps(subject, run),
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
        system: "draws",
        processes: (0..model.draws().len())
            .map(|it| letter(it).to_string())
            .collect(),
        program: subject.program.name,
        operations: model
            .program()
            .iter()
            .map(|operation| operation.name())
            .collect(),
        own_mutexes: model.mutexes() == Mutexes::Own,
        belief: subject.program.notes.map(|Answer { belief, .. }| *belief),
        why: subject.program.why(),
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

fn pretty(json: &impl Serialize) -> anyhow::Result<String> {
    let mut text = serde_json::to_string_pretty(json).context("the findings as JSON")?;
    text.push('\n');
    Ok(text)
}
