//! The findings in a few lines, for a slide, and for several programs one below the other.

use std::fmt::Write;

use num_bigint::BigUint;

use super::figures::{BAR, bar, number, percent, say};
use super::prose::{Report, guessed, not_exhaustive};
use crate::draws::explore::Orders;

/// A longer witness is told by its length.
const MAX_LETTERS: usize = 16;
/// Where the bars begin.
const INDENT: usize = 24;

/// In how many orders it goes wrong, and how soon.
#[must_use]
pub fn orders(report: &Report) -> String {
    let (subject, findings) = (report.subject, report.findings);
    let mut text = String::new();
    let program = &subject.program;
    // The name of a program of one's own is its operations, and they take a line.
    let name = if program.is_own() {
        _ = writeln!(text, " {}", program.text());
        ""
    } else {
        program.name
    };
    if let Some(orders) = &findings.orders {
        let share = percent(
            orders.share(),
            orders.clean == orders.all,
            orders.clean == BigUint::ZERO,
        );
        let (bad, all) = (number(&orders.bad()), number(&orders.all));
        let s = if all == "1" { "" } else { "s" };
        let of = format!("{bad} of {all} order{s} bad");
        row(&mut text, name, &share, orders.share(), &of);
    } else {
        if !name.is_empty() {
            say(&mut text, name);
        }
        say(&mut text, &not_exhaustive(findings));
    }
    if let Some(live) = &report.live {
        let share = percent(live.share(), live.bad == 0, live.bad == live.runs);
        let of = format!("{} of {} runs bad", live.bad, live.runs);
        row(&mut text, "real runs", &share, live.share(), &of);
    }
    let mut facts = Vec::new();
    if let Some(witness) = &findings.witness {
        // A search that was cut short may have missed one with fewer switches.
        let kind = if findings.witness_is_first {
            "shortest"
        } else {
            "a bad order"
        };
        facts.push(match witness.len() {
            0..=MAX_LETTERS => format!("{kind}: {witness}"),
            letters => format!("{kind}: {letters} letters"),
        });
    }
    if let Some(deadlock) = &findings.deadlock {
        facts.push(match deadlock.len() {
            0..=MAX_LETTERS => format!("deadlock: {deadlock}"),
            letters => format!("deadlock after {letters} letters"),
        });
    }
    facts.extend(findings.orders.as_ref().and_then(counter));
    if !facts.is_empty() {
        _ = writeln!(text, "{:INDENT$}{}", "", facts.join("; "));
    }
    guessed(report, &mut text);
    text
}

/// A share, as a figure, as a bar and in words.
fn row(text: &mut String, name: &str, percent: &str, share: f64, of: &str) {
    let (bar, wide) = (bar(share), BAR as usize);
    _ = writeln!(text, " {name:13}{percent:>8}  {bar:wide$}  {of}");
}

fn counter(orders: &Orders) -> Option<String> {
    let mut finals = orders.final_counters.keys();
    let lowest = finals.next()?;
    Some(match finals.next_back() {
        None => format!("counter ends at {lowest}"),
        Some(highest) => format!("counter ends at {lowest} to {highest}"),
    })
}
