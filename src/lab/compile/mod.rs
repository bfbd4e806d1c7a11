//! From the syntax tree to a program: every name resolved, every process a list of steps.

mod names;
mod process;
mod rules;

use super::error::Mistake;
use super::program::{HELD, LockSlot, MAX_PROCESSES, Process, Program};
use super::syntax::{File, LockKind};
use names::Names;

/// How many numbers all the shared variables may have together, and all locks, and the variables of one process.
pub const MAX_SLOTS: usize = 256;
/// How many sections there may be: a bit each.
const MAX_SECTIONS: usize = 64;

/// What may be changed from outside, without touching the file.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Other values for constants.
    pub set: Vec<(String, i32)>,
    /// Whether all semaphores and mutexes hand over to the longest waiting, or none.
    pub fifo: Option<bool>,
}

/// Compiles a file.
///
/// # Errors
/// The first mistake.
pub fn compile(file: &File, source: &str, settings: &Settings) -> Result<Program, Mistake> {
    let mut program = Program {
        shared: Vec::new(),
        locks: Vec::new(),
        lock_slots: Vec::new(),
        codes: Vec::new(),
        processes: Vec::new(),
        sections: Vec::new(),
        activities: Vec::new(),
        rules: Vec::new(),
        initial: Vec::new(),
        warnings: Vec::new(),
    };
    let mut names = Names::new(source);
    names.constants(file, settings)?;
    names.shared(file, &mut program)?;
    names.locks(file, settings, &mut program)?;
    if file.processes.is_empty() {
        return Err(Mistake::new(
            &(source.len()..source.len()),
            "there is no process: expected `process NAME { … }`",
        ));
    }
    for process in &file.processes {
        names.process(process)?;
    }
    for process in &file.processes {
        let code = process::compile(process, &names, &mut program)?;
        program.codes.push(code);
    }
    place_processes(file, &mut program)?;
    rules::compile(file, &names, source, &mut program)?;
    // Processes that are interchangeable must look it.
    for process in &program.processes {
        let kind = &program.codes[process.code];
        if file.processes[process.code].index.is_some() && !kind.symmetric {
            program.initial[process.slots] = i32::try_from(process.index).unwrap_or(i32::MAX);
        }
    }
    for code in &program.codes {
        program
            .warnings
            .extend(super::warn::unreachable(code, None));
    }
    Ok(program)
}

/// Gives every process its letter and its part of the state.
fn place_processes(file: &File, program: &mut Program) -> Result<(), Mistake> {
    let held = program
        .lock_slots
        .iter()
        .filter(|it| it.held.is_some())
        .count();
    let mut base = program.initial.len();
    for (code, (kind, written)) in program.codes.iter().zip(&file.processes).enumerate() {
        for index in 0..kind.count {
            let slots = base + HELD + held;
            let end = slots + kind.slots;
            let name = if kind.count > 1 {
                format!("{}[{index}]", kind.name)
            } else {
                kind.name.clone()
            };
            if program.processes.len() == MAX_PROCESSES {
                let place = written
                    .count
                    .as_ref()
                    .map_or(&written.name.span, |it| &it.span);
                return Err(Mistake::new(
                    place,
                    format!(
                        "too many processes: at most {MAX_PROCESSES} in all, as there are letters"
                    ),
                ));
            }
            program.processes.push(Process {
                code,
                index,
                name,
                base,
                slots,
                end,
            });
            program.initial.resize(end, 0);
            base = end;
        }
    }
    Ok(())
}

/// The slots of a lock in the table of them all.
fn lock_slots(program: &mut Program, lock: usize, kind: LockKind, len: usize) {
    for _ in 0..len {
        let held = program
            .lock_slots
            .iter()
            .filter(|it| it.held.is_some())
            .count();
        let held = (!matches!(kind, LockKind::Semaphore { .. })).then_some(HELD + held);
        program.lock_slots.push(LockSlot { lock, held });
    }
}
