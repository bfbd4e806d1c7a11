//! What the rules of a program say of a state.

use super::machine::{ended, pc};
use super::program::{Program, What};
use super::value::Value;

/// Which rules a state breaks, a bit each; not those about orders. `able`: whether somebody can take a step.
///
/// An expression that cannot be computed breaks its rule, whatever that wants, and the last one besides: that nothing goes wrong.
pub(crate) fn broken(program: &Program, state: &[i32], able: bool) -> u64 {
    let (mut bits, mut went_wrong) = (0, false);
    let mut is = |value: &Value, truth: bool| {
        let it = value.of(state);
        went_wrong |= it.is_err();
        it.map_or(true, |it| (it != 0) == truth)
    };
    let all_ended = || all_ended(program, state);
    for (bit, rule) in program.rules.iter().enumerate() {
        let broken = match &rule.what {
            What::NeverDeadlock => !able && !all_ended(),
            What::NeverTogether(one, other) => together(program, state, *one, *other),
            What::Never(value) => is(value, true),
            What::Finally(value) => !able && all_ended() && is(value, false),
            What::NeverStarve(_) | What::NoFault => false,
        };
        bits |= u64::from(broken) << bit;
    }
    if went_wrong {
        bits |= no_fault(program);
    }
    bits
}

/// The bit of the rule that nothing goes wrong: nobody writes it, and it is always asked, as the last.
pub(crate) fn no_fault(program: &Program) -> u64 {
    1 << (program.rules.len() - 1)
}

/// Whether all processes have ended.
pub(crate) fn all_ended(program: &Program, state: &[i32]) -> bool {
    (0..program.processes.len()).all(|who| ended(program, state, who))
}

/// Whether a process stands in a section: its next step does.
pub(crate) fn inside(program: &Program, state: &[i32], who: usize, section: usize) -> bool {
    let process = &program.processes[who];
    program.codes[process.code].inside[pc(state, process)] >> section & 1 == 1
}

fn together(program: &Program, state: &[i32], one: usize, other: usize) -> bool {
    let processes = 0..program.processes.len();
    processes.clone().any(|a| {
        inside(program, state, a, one)
            && processes
                .clone()
                .any(|b| a != b && inside(program, state, b, other))
    })
}
