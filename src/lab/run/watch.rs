//! Whether a rule is broken while real threads run.
//!
//! Nothing here may accuse a program of what it did not do, and nothing that is claimed to be watched may be missed.
//! All of it is sequentially consistent: there is one order of all these operations that every thread agrees on.
//!
//! `never together`: who is in a section is a bit each. A thread raises its bit after the step that leads into the
//! section, and lowers it before its last step there takes effect (a read, which nobody else can notice, ends first).
//! So whoever is counted inside is inside by the meaning of the language, and two counted at once are a broken rule,
//! never a false alarm. And of two that are counted at once the later one sees the other: it raises, then looks.
//!
//! `never EXPRESSION` of one shared variable: whoever writes it looks at what it writes, so no value is missed. Other
//! expressions are asked in [`look`](super::look).

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use std::time::Duration;

use parking_lot::Mutex;

use super::super::program::{Program, What};
use super::super::value::Value;
use super::Clock;

/// What is watched.
pub(super) struct Watch<'a> {
    program: &'a Program,
    clock: &'a Clock,
    /// For each section, who is in it.
    inside: Vec<AtomicU32>,
    /// For each section, the rules about it, and the section nobody else may be in.
    together: Vec<Vec<(usize, usize)>>,
    /// For each shared number, the rules that ask for it alone.
    written: Vec<Vec<usize>>,
    /// The rules that ask for more than one shared number.
    pub sampled: Vec<usize>,
    /// For each process before a lock, which sections it leaves when it gets it.
    leaves: Vec<AtomicU64>,
    /// For each process, whether it got the lock it stands before and has not gone on yet.
    passed: Vec<AtomicBool>,
    /// For each rule, what was seen.
    pub seen: Vec<Seen>,
}

/// What was seen of a rule.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// How often it was asked.
    pub looks: AtomicU64,
    /// How often it was broken.
    pub broken: AtomicU64,
    /// The first time: when, and how.
    pub first: Mutex<Option<(Duration, String)>>,
}

impl<'a> Watch<'a> {
    pub fn new(program: &'a Program, clock: &'a Clock) -> Self {
        let many = program.processes.len();
        let sections = program.sections.len();
        let mut watch = Self {
            program,
            clock,
            inside: (0..sections).map(|_| AtomicU32::new(0)).collect(),
            together: vec![Vec::new(); sections],
            written: vec![Vec::new(); program.shared_len()],
            sampled: Vec::new(),
            leaves: (0..many).map(|_| AtomicU64::new(0)).collect(),
            passed: (0..many).map(|_| AtomicBool::new(false)).collect(),
            seen: program.rules.iter().map(|_| Seen::default()).collect(),
        };
        for (rule, it) in program.rules.iter().enumerate() {
            match &it.what {
                What::NeverTogether(one, other) => {
                    watch.together[*one].push((rule, *other));
                    if one != other {
                        watch.together[*other].push((rule, *one));
                    }
                }
                What::Never(value) => match alone(program, value) {
                    Some(slot) => watch.written[slot].push(rule),
                    None => watch.sampled.push(rule),
                },
                What::NeverDeadlock | What::NeverStarve(_) | What::Finally(_) | What::NoFault => {}
            }
        }
        watch
    }

    /// A process stands in these sections now, and did not before its step.
    pub fn enter(&self, who: usize, sections: u64) {
        let mine = 1 << who;
        // First all are raised, then others are looked for: whoever does so at the same time sees this one, or is seen.
        for section in bits(sections) {
            self.inside[section].fetch_or(mine, Ordering::SeqCst);
        }
        for section in bits(sections) {
            for &(rule, other) in &self.together[section] {
                let others = self.inside[other].load(Ordering::SeqCst) & !mine;
                self.asked(rule, others != 0, || {
                    let name = |it: usize| &self.program.processes[it].name;
                    let [here, there] = [section, other].map(|it| &self.program.sections[it]);
                    let them: Vec<_> = bits(others.into()).map(name).map(String::as_str).collect();
                    let was = if them.len() == 1 { "was" } else { "were" };
                    format!(
                        "{} came into {here} while {} {was} in {there}",
                        name(who),
                        them.join(", ")
                    )
                });
            }
        }
    }

    /// A process is about to take its last step in these sections.
    pub fn leave(&self, who: usize, sections: u64) {
        for section in bits(sections) {
            self.inside[section].fetch_and(!(1 << who), Ordering::SeqCst);
        }
    }

    /// A process has gone wrong, and is nowhere any more.
    pub fn leave_all(&self, who: usize) {
        for inside in &self.inside {
            inside.fetch_and(!(1 << who), Ordering::SeqCst);
        }
    }

    /// A process asks for a lock, and leaves these sections by getting it.
    pub fn asks(&self, who: usize, leaves: u64) {
        self.leaves[who].store(leaves, Ordering::SeqCst);
    }

    /// A process got the lock it asked for: said while nobody else can do anything to that lock.
    pub fn passes(&self, who: usize) {
        self.leave(who, self.leaves[who].swap(0, Ordering::SeqCst));
        self.passed[who].store(true, Ordering::SeqCst);
    }

    /// A process has gone on to its next step.
    pub fn goes_on(&self, who: usize) {
        self.passed[who].store(false, Ordering::SeqCst);
    }

    /// Whether a process has got the lock it stands before.
    pub fn has_passed(&self, who: usize) -> bool {
        self.passed[who].load(Ordering::SeqCst)
    }

    /// A process writes a shared number. `scratch` has room for all of them.
    pub fn writes(&self, who: usize, slot: usize, value: i32, scratch: &mut [i32]) {
        for &rule in &self.written[slot] {
            scratch[slot] = value;
            self.asked_of(rule, scratch, || {
                format!(
                    "{} wrote {} = {value}",
                    self.program.processes[who].name,
                    self.program.shared_name(slot)
                )
            });
        }
    }

    /// Asks a rule about numbers in a state.
    pub fn asked_of(&self, rule: usize, state: &[i32], how: impl FnOnce() -> String) {
        let What::Never(value) = &self.program.rules[rule].what else {
            return;
        };
        match value.of(state) {
            Ok(it) => self.asked(rule, it != 0, how),
            // As in a check: what cannot be computed breaks the rule.
            Err(fault) => self.asked(rule, true, || format!("{}: {}", how(), fault.message)),
        }
    }

    /// Asks every `never EXPRESSION` about a whole state.
    pub fn asked_of_all(&self, state: &[i32], how: &str) {
        let never = self.program.rules.iter().enumerate();
        for (rule, _) in never.filter(|it| matches!(it.1.what, What::Never(_))) {
            self.asked_of(rule, state, || how.to_owned());
        }
    }

    fn asked(&self, rule: usize, broken: bool, how: impl FnOnce() -> String) {
        let seen = &self.seen[rule];
        seen.looks.fetch_add(1, Ordering::Relaxed);
        if broken {
            seen.broken.fetch_add(1, Ordering::Relaxed);
            let mut first = seen.first.lock();
            if first.is_none() {
                *first = Some((self.clock.now(), how()));
            }
        }
    }

    /// The rules that were broken so far, and how often.
    pub fn broken(&self) -> Vec<(String, u64)> {
        let rules = self.program.rules.iter().zip(&self.seen);
        let counted = rules.map(|(rule, seen)| (&rule.text, seen.broken.load(Ordering::Relaxed)));
        let broken = counted.filter(|it| it.1 > 0);
        broken.map(|(rule, times)| (rule.clone(), times)).collect()
    }
}

/// The places of the bits that are set.
pub(super) fn bits(of: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |bit| of >> bit & 1 == 1)
}

/// The only number an expression asks for, if it is a shared one.
fn alone(program: &Program, value: &Value) -> Option<usize> {
    let mut slots = Vec::new();
    if !single(value, &mut slots) {
        return None;
    }
    slots.sort_unstable();
    slots.dedup();
    match slots[..] {
        [slot] if slot < program.shared_len() => Some(slot),
        _ => None,
    }
}

/// Which numbers an expression asks for; false if that depends on a number.
fn single(value: &Value, slots: &mut Vec<usize>) -> bool {
    match value {
        Value::Number(_) => true,
        Value::Slot(slot) => {
            slots.push(*slot);
            true
        }
        Value::Element(_) => false,
        Value::Unary(_, of, _) => single(of, slots),
        Value::Binary(_, both, _) => single(&both.0, slots) && single(&both.1, slots),
    }
}
