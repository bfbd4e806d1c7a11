//! A program of the lab as a system of the [engine](crate::orders): its steps are the [machine]'s, its states packed.

use std::cell::RefCell;

use super::machine::{self, enabled, pc, step};
use super::packed::Codec;
use super::program::Program;
use super::rules;
use crate::orders::{Label, Moves, System, Turn};

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Processes<'a> {
    program: &'a Program,
    codec: Codec<'a>,
    work: RefCell<Work>,
}

/// What a step works on: kept, for speed.
#[derive(Debug)]
struct Work {
    state: Vec<i32>,
    after: Vec<i32>,
    kept: Vec<i32>,
    marks: Vec<usize>,
    scratch: Vec<u8>,
    /// For each kind of process, which of its steps were ever taken.
    taken: Vec<Vec<bool>>,
}

impl<'a> Processes<'a> {
    pub(crate) fn new(program: &'a Program) -> Self {
        let steps = |it: &super::program::Code| vec![false; it.code.len()];
        Self {
            program,
            codec: Codec::new(program),
            work: RefCell::new(Work {
                state: program.initial.clone(),
                after: program.initial.clone(),
                kept: Vec::new(),
                marks: Vec::new(),
                scratch: Vec::new(),
                taken: program.codes.iter().map(steps).collect(),
            }),
        }
    }

    /// For each kind of process, which of its steps were taken in any state that was looked at.
    pub(crate) fn taken(&self) -> Vec<Vec<bool>> {
        self.work.borrow().taken.clone()
    }

    /// A state as the machine has it.
    pub(crate) fn unpack(&self, packed: &[u8], state: &mut [i32]) {
        self.codec.unpack(packed, state);
    }
}

impl System for Processes<'_> {
    fn processes(&self) -> usize {
        self.program.processes.len()
    }

    fn rules(&self) -> usize {
        self.program.rules.len()
    }

    fn fault_breaks(&self) -> u64 {
        rules::no_fault(self.program)
    }

    fn start(&self, packed: &mut Vec<u8>) -> bool {
        let start = machine::start(self.program);
        if let Ok(state) = &start {
            self.codec.pack(state, packed);
        }
        start.is_ok()
    }

    fn expand(&self, packed: &[u8], fold: bool, moves: &mut Moves) -> Label {
        let program = self.program;
        let Work {
            state,
            after,
            kept,
            marks,
            scratch,
            taken,
        } = &mut *self.work.borrow_mut();
        marks.clear();
        self.codec.unpack_marking(packed, state, marks);
        let common = program.processes.first().map_or(0, |it| it.base);
        let mut able = false;
        for (who, process) in program.processes.iter().enumerate() {
            if !enabled(program, state, who) {
                continue;
            }
            able = true;
            taken[process.code][pc(state, process)] = true;
            let mut lands = who;
            // Most steps change only what is shared and the one who takes it: those are done in place.
            let outcome = if !fold && machine::alone(program, state, who) {
                kept.clear();
                kept.extend_from_slice(&state[..common]);
                kept.extend_from_slice(&state[process.base..process.end]);
                let outcome = step(program, state, who);
                if outcome.is_ok() {
                    self.codec
                        .repack(packed, marks, state, who, &mut moves.bytes);
                }
                state[..common].copy_from_slice(&kept[..common]);
                state[process.base..process.end].copy_from_slice(&kept[common..]);
                outcome
            } else {
                after.copy_from_slice(state);
                step(program, after, who).map(|()| {
                    if fold {
                        lands = self
                            .codec
                            .pack_folded(after, who, scratch, &mut moves.bytes);
                    } else {
                        self.codec.pack(after, &mut moves.bytes);
                    }
                })
            };
            match outcome {
                Ok(()) => moves.push(Turn::of(who), lands),
                Err(_) => moves.push_fault(Turn::of(who)),
            }
        }
        Label {
            broken: rules::broken(program, state, able),
            ended: !able && rules::all_ended(program, state),
        }
    }

    fn can_fold(&self) -> bool {
        self.codec.can_fold()
    }

    fn canonical(&self, packed: &mut Vec<u8>) {
        let Work { state, scratch, .. } = &mut *self.work.borrow_mut();
        self.codec.unpack(packed, state);
        packed.clear();
        self.codec.pack_folded(state, 0, scratch, packed);
    }

    fn is_canonical(&self, packed: &[u8]) -> bool {
        self.codec.is_folded(packed)
    }

    fn place(&self, canonical: &[u8], packed: &[u8], who: usize) -> usize {
        self.codec.place(canonical, packed, who)
    }

    fn orbit(&self, canonical: &[u8]) -> u128 {
        self.codec.orbit(canonical)
    }
}
