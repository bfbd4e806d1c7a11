//! An order as a picture: time goes down, every process has a lane, and every step stands in its own.

use std::fmt::Write;

use serde::Serialize;

use super::machine::{self, enabled, ended, pc, queued, step, waits_for};
use super::program::{Instr, Program};
use super::value::Fault;
use crate::orders::letter;

/// One step of an order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Whose.
    #[serde(skip)]
    pub who: usize,
    /// Its name.
    pub process: String,
    /// What it did, as `READ counter = 2`.
    pub text: String,
    /// The line of the file it stands in.
    pub line: usize,
}

/// An order followed to its end.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Its steps.
    pub rows: Vec<Row>,
    /// The state at its end.
    pub state: Vec<i32>,
    /// What went wrong in the last step.
    pub fault: Option<(usize, Fault)>,
}

/// Follows a schedule. A letter whose process cannot take a step is passed over, and the row says so.
#[must_use]
pub fn follow(program: &Program, source: &str, schedule: &[usize]) -> Followed {
    follow_each(program, source, schedule, &mut |_, _| {})
}

/// The same, and `visit` is shown each state with the number of letters that led there.
pub(crate) fn follow_each(
    program: &Program,
    source: &str,
    schedule: &[usize],
    visit: &mut dyn FnMut(usize, &[i32]),
) -> Followed {
    let mut rows = Vec::new();
    let mut state = match machine::start(program) {
        Ok(state) => state,
        Err((who, fault)) => {
            return Followed {
                rows,
                state: program.initial.clone(),
                fault: Some((who, fault)),
            };
        }
    };
    visit(0, &state);
    for &who in schedule {
        let process = &program.processes[who];
        let span = &program.code_of(who).spans[pc(&state, process)];
        let line = super::error::line_and_column(source, span.start).0;
        let row = |text| Row {
            who,
            process: process.name.clone(),
            text,
            line,
        };
        if !enabled(program, &state, who) {
            let why = if ended(program, &state, who) {
                "has ended"
            } else {
                "waits"
            };
            rows.push(row(format!("(passed over: {why})")));
            continue;
        }
        let mut after = state.clone();
        if let Err(fault) = step(program, &mut after, who) {
            let text = format!(
                "{}: {}",
                describe(program, &state, &after, who),
                fault.message
            );
            rows.push(row(text));
            return Followed {
                rows,
                state,
                fault: Some((who, fault)),
            };
        }
        rows.push(row(describe(program, &state, &after, who)));
        state = after;
        visit(rows.len(), &state);
    }
    Followed {
        rows,
        state,
        fault: None,
    }
}

/// What a process does in a step.
#[must_use]
pub fn describe(program: &Program, before: &[i32], after: &[i32], who: usize) -> String {
    let process = &program.processes[who];
    let code = program.code_of(who);
    let at = pc(before, process);
    let own = &before[process.slots..process.end];
    let mut text = match &code.code[at] {
        Instr::Load { from, .. } => match from.at(own) {
            Ok(slot) => format!("READ {} = {}", from.called(own), before[slot]),
            Err(_) => format!("READ {}", from.called(own)),
        },
        Instr::Store { to, .. } => match to.at(own) {
            Ok(slot) => format!("WRITE {} = {}", to.called(own), after[slot]),
            Err(_) => format!("WRITE {}", to.called(own)),
        },
        Instr::Lock { act, which, .. } => {
            let mut text = format!("{}({})", act.word(), which.called(own));
            if queued(after, process) {
                text += " queues up";
            }
            text
        }
        Instr::Activity(which) => format!("{}()", program.activities[*which]),
        Instr::Around => "goes round".to_owned(),
        _ => "has ended".to_owned(),
    };
    for (other, it) in program.processes.iter().enumerate() {
        if waits_for(program, before, other).is_some() && !queued(after, it) {
            _ = write!(text, " → {} goes on", letter(other));
        }
    }
    let now = pc(after, process);
    if !queued(after, process) && code.inside[now] != code.inside[at] {
        for (bit, name) in program.sections.iter().enumerate() {
            let (was, is) = (code.inside[at] >> bit & 1, code.inside[now] >> bit & 1);
            if was < is {
                _ = write!(text, ", enters {name}");
            } else if was > is {
                _ = write!(text, ", leaves {name}");
            }
        }
    }
    text
}

/// How wide the picture may be.
const WIDTH: usize = 80;

/// The picture; `repeat` marks the rows of a loop from there on.
#[must_use]
pub fn picture(program: &Program, rows: &[Row], repeat: Option<usize>) -> String {
    picture_within(program, rows, repeat, WIDTH, None)
}

/// The picture in so many columns. In an order that grows lanes stay where they are if all have room from the beginning, the
/// last one for so long a text.
#[must_use]
pub fn picture_within(
    program: &Program,
    rows: &[Row],
    repeat: Option<usize>,
    width: usize,
    all: Option<usize>,
) -> String {
    let lanes = program.processes.len();
    let longest = |who| {
        let of = rows.iter().filter(move |row| row.who == who);
        let longest = of.map(|row| row.text.chars().count()).max();
        longest.unwrap_or(1).max(all.unwrap_or(1))
    };
    // Each lane begins where the last row's text still fits.
    let last = (0..lanes)
        .rev()
        .find(|&who| all.is_some() || rows.iter().any(|row| row.who == who));
    let last = last.unwrap_or(0).max(1);
    let room = width.saturating_sub(8 + longest(last)) / last;
    let widest = (0..lanes).map(longest).max().unwrap_or(1) + 2;
    let names = program
        .processes
        .iter()
        .map(|it| it.name.len() + 3)
        .max()
        .unwrap_or(3);
    let lane = room.clamp(3, widest.max(names));
    let mut text = String::from(" step  ");
    for (who, process) in program.processes.iter().enumerate() {
        let head = if lane > names {
            format!("{} {}", letter(who), process.name)
        } else {
            letter(who).to_string()
        };
        _ = write!(text, "{head:lane$}");
    }
    text.truncate(text.trim_end().len());
    text.push('\n');
    for (nth, row) in rows.iter().enumerate() {
        if repeat == Some(nth) {
            text += "  ┌─   the loop: from here on, again and again\n";
        }
        let mark = if repeat.is_some_and(|from| nth >= from) {
            '│'
        } else {
            ' '
        };
        _ = write!(text, "  {mark}{:>3} ", nth + 1);
        for _ in 0..row.who {
            _ = write!(text, "{:lane$}", "·");
        }
        _ = writeln!(text, "{}", row.text);
    }
    if repeat.is_some() {
        text += "  └─\n";
    }
    text
}
