//! The witness: of the shortest schedules that break a rule, the one with the fewest switches, and of
//! those the first in the alphabet.

use foldhash::fast::FixedState;
use hashbrown::{HashMap, HashSet};

use super::super::machine::{self, enabled, step};
use super::super::program::Program;
use super::store::Codec;

/// How many states, each with whoever stepped last, are looked at for it. Beyond that any shortest
/// schedule is the witness.
const MOST: usize = 100_000;

/// A schedule: who takes each step.
pub type Schedule = Vec<usize>;

/// For each state and whoever stepped last: the switches so far, and the schedule.
type Layer = HashMap<(Vec<u8>, usize), (usize, Schedule), FixedState>;

/// Whether a state, with the process about to go wrong in it if one does, is what is looked for.
pub type Goal<'a> = dyn Fn(&[i32], Option<usize>) -> bool + 'a;

/// The witness among the schedules of a length, if looking for it is not too long.
///
/// Layer by layer, for each state and whoever stepped last the best schedule there: what is best on
/// the way to the end was best on the way to every state it goes through.
pub fn best(program: &Program, length: usize, goal: &Goal<'_>) -> Option<Schedule> {
    let mut codec = Codec::new(program, false);
    let state = machine::start(program).ok()?;
    let mut packed = Vec::new();
    codec.pack(&state, &mut packed);
    let mut layer = Layer::default();
    // A shortest schedule never comes back to where a shorter one has been.
    let mut been: HashSet<Vec<u8>, FixedState> = HashSet::default();
    layer.insert((packed, usize::MAX), (0, Vec::new()));
    let mut state = program.initial.clone();
    for at in 0..length {
        been.extend(layer.keys().map(|it| it.0.clone()));
        let mut next = Layer::default();
        let mut found: Option<(usize, Schedule)> = None;
        for ((packed, last), (switches, schedule)) in &layer {
            codec.unpack(packed, &mut state);
            for who in 0..program.processes.len() {
                if !enabled(program, &state, who) {
                    continue;
                }
                let switches = switches + usize::from(*last != who && *last != usize::MAX);
                let mut after = state.clone();
                let wrong = step(program, &mut after, who).is_err();
                let arrived = at + 1 == length
                    && if wrong {
                        goal(&state, Some(who))
                    } else {
                        goal(&after, None)
                    };
                if wrong && !arrived {
                    continue;
                }
                let mut longer = schedule.clone();
                longer.push(who);
                let candidate = (switches, longer);
                if arrived {
                    if found.as_ref().is_none_or(|best| candidate < *best) {
                        found = Some(candidate);
                    }
                } else if at + 1 < length {
                    let mut packed = Vec::new();
                    codec.pack(&after, &mut packed);
                    if been.contains(&packed) {
                        continue;
                    }
                    let known = next
                        .entry((packed, who))
                        .or_insert_with(|| candidate.clone());
                    if candidate < *known {
                        *known = candidate;
                    }
                }
            }
        }
        if at + 1 == length {
            return found.map(|it| it.1);
        }
        if been.len() + next.len() > MOST {
            return None;
        }
        layer = next;
    }
    None
}
