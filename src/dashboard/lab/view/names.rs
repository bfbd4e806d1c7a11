//! Short names of processes and locks, for narrow columns.

use std::collections::BTreeSet;

use crate::lab::run::live::{ProcessNow, Snapshot};
use crate::orders::letter;

/// A name without its index.
pub(super) fn base(name: &str) -> &str {
    name.split('[').next().unwrap_or(name)
}

fn initial(name: &str) -> char {
    name.chars().next().unwrap_or('?')
}

/// `P0` for `philosopher[0]`, `W` for the only writer; the letters of schedules if that says too little.
pub(super) fn short_names(now: &Snapshot) -> Vec<String> {
    let kinds: BTreeSet<_> = now.processes.iter().map(|it| base(&it.name)).collect();
    let initials: BTreeSet<_> = kinds
        .iter()
        .map(|it| initial(it).to_ascii_uppercase())
        .collect();
    let one = |(at, process): (usize, &ProcessNow)| {
        if initials.len() < kinds.len() {
            return letter(at).to_string();
        }
        let index = process.name.split(['[', ']']).nth(1).unwrap_or_default();
        format!("{}{index}", initial(&process.name).to_ascii_uppercase())
    };
    now.processes.iter().enumerate().map(one).collect()
}

/// `c0` for `chopstick[0]`, if no other lock begins so.
pub(super) fn short_lock(name: &str, locks: &BTreeSet<&str>) -> String {
    let first = initial(name);
    if locks.iter().filter(|it| initial(it) == first).count() > 1 {
        return name.to_owned();
    }
    let index = name.split(['[', ']']).nth(1).unwrap_or_default();
    format!("{first}{index}")
}
