//! One order, for a student to read.

use std::collections::BTreeSet;
use std::fmt::Write;

use super::figures::say;
use super::prose::{deadlock, head};
use super::subject::Subject;
use crate::draws::replay::{Did, PassedOver, Run};
use crate::draws::{Schedule, lanes};
use crate::orders::schedule::letter;

/// One order; `brief`: what it hands out, without its steps.
#[must_use]
pub fn one(subject: &Subject, run: &Run, brief: bool) -> String {
    if brief {
        let mut text = String::new();
        say(&mut text, &subject.what());
        text.push_str(&run.table().render(subject.list.numbers(), lanes::WIDTH));
        left_out(subject, run, &mut text);
        return text;
    }
    let mut text = head(subject);
    text.push('\n');
    text.push_str(&lanes::render(run, subject.list.numbers()));
    let table = run.table();
    text.push('\n');
    let names = |tickets: &BTreeSet<u64>| {
        let numbers: Vec<_> = tickets
            .iter()
            .take(20)
            .filter_map(|&ticket| subject.list.numbers().get(usize::try_from(ticket).ok()?))
            .map(u32::to_string)
            .collect();
        let more = if tickets.len() > 20 { ", …" } else { "" };
        format!("{}{more}", numbers.join(", "))
    };
    if !table.duplicates.is_empty() {
        say(
            &mut text,
            &format!("Handed out more than once: {}.", names(&table.duplicates)),
        );
    }
    if !table.skipped.is_empty() {
        say(
            &mut text,
            &format!(
                "Skipped, and so never handed out: {}.",
                names(&table.skipped)
            ),
        );
    }
    if table.duplicates.is_empty() && table.skipped.is_empty() && !table.columns.is_empty() {
        say(
            &mut text,
            "Each number was handed out once. So it went in this order; others may differ.",
        );
    }
    match run.retries() {
        0 => {}
        1 => say(
            &mut text,
            "Once a draw began again, because somebody else was faster.",
        ),
        retries => say(
            &mut text,
            &format!("{retries} times a draw began again, because somebody else was faster."),
        ),
    }
    left_out(subject, run, &mut text);
    text
}

/// The letters that were passed over, the draws that are not complete, and that they never will be.
fn left_out(subject: &Subject, run: &Run, text: &mut String) {
    for why in [
        PassedOver::Waits,
        PassedOver::Over,
        PassedOver::Nobody,
        PassedOver::Late,
    ] {
        passed_over(run, why, text);
    }
    let left: Vec<_> = (0..run.sessions)
        .filter(|&session| run.left[session] > 0)
        .map(|session| format!("{} {}", letter(session), run.left[session]))
        .collect();
    if !left.is_empty() {
        say(
            text,
            &format!(
                "The schedule has ended; draws not complete: {}.",
                left.join(", ")
            ),
        );
    }
    if let Some(said) = deadlock(subject, &letters_of(run)) {
        say(text, &said);
    }
}

/// The letters of an order that was run.
pub(super) fn letters_of(run: &Run) -> Schedule {
    Schedule::of(run.rows.iter().map(|row| row.session)).unwrap_or_default()
}

/// One order on one line: the schedule, what it hands out, and where the counter ends.
#[must_use]
pub fn one_line(schedule: &Schedule, run: &Run, list: &[u32]) -> String {
    let table = run.table();
    let mut text = format!("{schedule} ");
    for (column, extra) in table.columns.iter().zip(table.extras()) {
        let number = usize::try_from(column.ticket)
            .ok()
            .and_then(|t| list.get(t));
        _ = write!(text, " {}", number.copied().unwrap_or_default());
        if extra {
            text.push('!');
        }
    }
    _ = write!(
        text,
        "  counter {} duplicates {} skipped {}",
        run.counter(),
        table.duplicates.len(),
        table.skipped.len()
    );
    text
}

fn passed_over(run: &Run, why: PassedOver, text: &mut String) {
    let places: Vec<_> = run
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.did == Did::PassedOver(why))
        .map(|(index, row)| format!("{} at step {}", letter(row.session), index + 1))
        .collect();
    if places.is_empty() {
        return;
    }
    let reason = match why {
        PassedOver::Waits => "the lock is held",
        PassedOver::Over => "no draw is left",
        PassedOver::Nobody => "there is no such session",
        PassedOver::Late => "the session did not come",
    };
    let more = match places.len() {
        0..=8 => String::new(),
        all => format!(" and {} more", all - 8),
    };
    let places = &places[..places.len().min(8)];
    say(
        text,
        &format!(
            "Passed over, because {reason}: {}{more}.",
            places.join(", ")
        ),
    );
}
