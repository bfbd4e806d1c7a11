//! Who starves: stays outside a section for ever, though everybody takes steps; or in a deadlock.

use super::super::machine::{ended, pc};
use super::super::program::{Instr, Program};
use super::super::rules::inside;
use super::super::system::Processes;
use crate::orders::Graph;
use crate::orders::starve::{self, Loop, Stands};

/// Whether a process stands outside a section and has not ended.
fn outside(program: &Program, state: &[i32], who: usize, section: usize) -> bool {
    !inside(program, state, who, section) && !ended(program, state, who)
}

/// Finds a process that can starve outside a section, if one can. Whoever stays in one activity all along does not: it no
/// longer tries.
pub(super) fn starves(
    program: &Program,
    system: &Processes<'_>,
    graph: &Graph,
    section: usize,
) -> Option<Loop> {
    let everybody = u32::try_from((1u64 << program.processes.len()) - 1).unwrap_or(u32::MAX);
    let wants = |&who: &usize| {
        let code = program.code_of(who);
        // Of interchangeable processes one stands for all.
        let first = program.processes[who].index == 0;
        code.sections >> section & 1 == 1 && (first || !code.symmetric)
    };
    let processes = (0..program.processes.len()).filter(wants);
    starve::starves(graph, processes, everybody, &mut |who| {
        stands(program, system, graph, who, section)
    })
}

fn stands(
    program: &Program,
    system: &Processes<'_>,
    graph: &Graph,
    who: usize,
    section: usize,
) -> Vec<Stands> {
    let mut state = program.initial.clone();
    let process = &program.processes[who];
    let code = &program.codes[process.code].code;
    let stands = |id: usize| {
        system.unpack(graph.state(id), &mut state);
        if !outside(program, &state, who, section) {
            return Stands::Served;
        }
        let at = pc(&state, process);
        match code[at] {
            Instr::Activity(_) => Stands::Rests(u32::try_from(at).unwrap_or(u32::MAX)),
            _ => Stands::Trying,
        }
    };
    (0..graph.len()).map(stands).collect()
}

/// Somebody who is to come into the section, and stays outside it in this state.
pub(super) fn stuck(program: &Program, state: &[i32], section: usize) -> Option<usize> {
    (0..program.processes.len()).find(|&who| {
        program.code_of(who).sections >> section & 1 == 1 && outside(program, state, who, section)
    })
}
