//! The witness: of the shortest schedules that break a rule, the one with the fewest switches, and of
//! those the first in the alphabet.

use hashbrown::HashMap;

use super::super::machine::{self, enabled, step};
use super::super::program::Program;
use super::store::Codec;

/// How many states, each with whoever stepped last, are looked at for it. Beyond that any shortest
/// schedule is the witness.
const MOST: usize = 200_000;

/// A schedule: who takes each step.
pub type Schedule = Vec<usize>;

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
    let mut layer: HashMap<(Vec<u8>, usize), (usize, Schedule)> = HashMap::new();
    layer.insert((packed, usize::MAX), (0, Vec::new()));
    let mut state = program.initial.clone();
    let mut seen = 0;
    for at in 0..length {
        let mut next: HashMap<(Vec<u8>, usize), (usize, Schedule)> = HashMap::new();
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
                    let known = next.entry((packed, who)).or_insert_with(|| candidate.clone());
                    if candidate < *known {
                        *known = candidate;
                    }
                }
            }
        }
        if at + 1 == length {
            return found.map(|it| it.1);
        }
        seen += next.len();
        if seen > MOST {
            return None;
        }
        layer = next;
    }
    None
}
