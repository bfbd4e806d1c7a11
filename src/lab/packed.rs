//! States in few bytes: each number takes one byte if it is small, and what a process has read and used up takes none.

use super::machine::pc;
use super::program::{MAX_PROCESSES, Program};
use crate::orders::system::arrangements;

/// Packs states and unpacks them.
#[derive(Debug)]
pub(crate) struct Codec<'a> {
    program: &'a Program,
    /// How many numbers are shared, in front of those of the processes.
    common: usize,
    /// The groups of interchangeable processes, by their first and one past their last.
    groups: Vec<(usize, usize)>,
}

impl<'a> Codec<'a> {
    pub(crate) fn new(program: &'a Program) -> Self {
        let mut groups = Vec::new();
        let mut first = 0;
        for code in &program.codes {
            groups.push((first, first + code.count));
            first += code.count;
        }
        groups.retain(|&(from, to)| to > from + 1 && program.code_of(from).symmetric);
        Self {
            program,
            common: program.processes.first().map_or(0, |it| it.base),
            groups,
        }
    }

    /// Whether any processes are interchangeable.
    pub(crate) fn can_fold(&self) -> bool {
        !self.groups.is_empty()
    }

    /// The processes that are interchangeable with this one, itself among them.
    fn group_of(&self, who: usize) -> std::ops::Range<usize> {
        let of = |it: &&(usize, usize)| (it.0..it.1).contains(&who);
        let group = self.groups.iter().find(of);
        group.map_or(who..who + 1, |&(from, to)| from..to)
    }

    /// Packs a state, behind what is there.
    #[inline]
    pub(crate) fn pack(&self, state: &[i32], into: &mut Vec<u8>) {
        for &number in &state[..self.common] {
            push(into, number);
        }
        for who in 0..self.program.processes.len() {
            self.pack_process(state, who, into);
        }
    }

    /// Packs a state with interchangeable processes in order of what they look like. At which of their places one that looks
    /// like `mover` stands then.
    pub(crate) fn pack_folded(
        &self,
        state: &[i32],
        mover: usize,
        scratch: &mut Vec<u8>,
        into: &mut Vec<u8>,
    ) -> usize {
        for &number in &state[..self.common] {
            push(into, number);
        }
        let (mut who, mut lands) = (0, mover);
        while who < self.program.processes.len() {
            let group = self.group_of(who);
            who = group.end;
            if group.len() == 1 {
                self.pack_process(state, group.start, into);
                continue;
            }
            scratch.clear();
            let mut parts = [(0, 0); MAX_PROCESSES];
            for (part, who) in parts.iter_mut().zip(group.clone()) {
                let start = scratch.len();
                self.pack_process(state, who, scratch);
                *part = (start, scratch.len());
            }
            let moved = group.contains(&mover).then(|| parts[mover - group.start]);
            let parts = &mut parts[..group.len()];
            parts.sort_unstable_by(|a, b| scratch[a.0..a.1].cmp(&scratch[b.0..b.1]));
            for part in &*parts {
                into.extend_from_slice(&scratch[part.0..part.1]);
            }
            if let Some(moved) = moved {
                let at = parts.iter().position(|&part| part == moved);
                lands = group.start + at.unwrap_or(0);
            }
        }
        lands
    }

    /// A place in a folded state where a part stands that equals that of a process in a state as it is.
    pub(crate) fn place(&self, folded: &[u8], state: &[u8], who: usize) -> usize {
        let (parts, own) = (self.parts(folded), self.parts(state));
        let equal = |&at: &usize| folded[parts[at]..parts[at + 1]] == state[own[who]..own[who + 1]];
        self.group_of(who).find(equal).unwrap_or(who)
    }

    /// Whether the parts of interchangeable processes stand in order.
    pub(crate) fn is_folded(&self, packed: &[u8]) -> bool {
        let parts = self.parts(packed);
        let part = |at: usize| &packed[parts[at]..parts[at + 1]];
        let sorted =
            |&(from, to): &(usize, usize)| (from + 1..to).all(|at| part(at - 1) <= part(at));
        self.groups.iter().all(sorted)
    }

    /// How many states a folded one stands for.
    pub(crate) fn orbit(&self, folded: &[u8]) -> u128 {
        let parts = self.parts(folded);
        let of = |&(from, to): &(usize, usize)| {
            arrangements((from..to).map(|at| &folded[parts[at]..parts[at + 1]]))
        };
        self.groups.iter().map(of).product()
    }

    /// Where the part of each process begins in a packed state, and the last one ends.
    fn parts(&self, packed: &[u8]) -> Vec<usize> {
        let mut state = self.program.initial.clone();
        let mut parts = Vec::with_capacity(self.program.processes.len() + 1);
        self.unpack_marking(packed, &mut state, &mut parts);
        parts
    }

    fn pack_process(&self, state: &[i32], who: usize, into: &mut Vec<u8>) {
        let process = &self.program.processes[who];
        let live = self.program.codes[process.code].live[pc(state, process)];
        for &number in &state[process.base..process.slots + live] {
            push(into, number);
        }
    }

    /// Packs a state that differs from a packed one only in what is shared and in one process, behind what is there.
    #[inline]
    pub(crate) fn repack(
        &self,
        old: &[u8],
        marks: &[usize],
        state: &[i32],
        who: usize,
        into: &mut Vec<u8>,
    ) {
        for &number in &state[..self.common] {
            push(into, number);
        }
        into.extend_from_slice(&old[marks[0]..marks[who]]);
        self.pack_process(state, who, into);
        into.extend_from_slice(&old[marks[who + 1]..]);
    }

    /// Unpacks a state, and notes where each process begins and the last one ends.
    pub(crate) fn unpack_marking(&self, packed: &[u8], state: &mut [i32], marks: &mut Vec<usize>) {
        self.unpack_with(packed, state, &mut |left| marks.push(packed.len() - left));
        marks.push(packed.len());
    }

    /// Unpacks a state.
    pub(crate) fn unpack(&self, packed: &[u8], state: &mut [i32]) {
        self.unpack_with(packed, state, &mut |_| {});
    }

    #[inline]
    fn unpack_with(&self, mut packed: &[u8], state: &mut [i32], mark: &mut impl FnMut(usize)) {
        for number in &mut state[..self.common] {
            *number = pull(&mut packed);
        }
        for process in &self.program.processes {
            mark(packed.len());
            state[process.base] = pull(&mut packed);
            let live = self.program.codes[process.code].live[pc(state, process)];
            for number in &mut state[process.base + 1..process.slots + live] {
                *number = pull(&mut packed);
            }
            state[process.slots + live..process.end].fill(0);
        }
    }
}

/// One byte for -64 to 63, as in LEB128 over zigzag.
#[inline]
#[expect(
    clippy::cast_sign_loss,
    clippy::cast_possible_truncation,
    reason = "taking the number apart bit by bit"
)]
fn push(into: &mut Vec<u8>, number: i32) {
    let mut rest = ((number << 1) ^ (number >> 31)) as u32;
    while rest >= 0x80 {
        into.push(rest as u8 | 0x80);
        rest >>= 7;
    }
    into.push(rest as u8);
}

#[inline]
#[expect(clippy::cast_possible_wrap, reason = "putting it together again")]
fn pull(from: &mut &[u8]) -> i32 {
    let (mut rest, mut shift) = (0u32, 0);
    while let [byte, more @ ..] = from {
        *from = more;
        rest |= u32::from(byte & 0x7f) << shift;
        if byte & 0x80 == 0 {
            break;
        }
        shift += 7;
    }
    ((rest >> 1) as i32) ^ -((rest & 1) as i32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_comes_back() {
        for number in [0, 1, -1, 63, -64, 64, 127, 128, 100_000, i32::MAX, i32::MIN] {
            let mut bytes = Vec::new();
            push(&mut bytes, number);
            assert_eq!(bytes.len() == 1, (-64..64).contains(&number), "{number}");
            assert_eq!(pull(&mut bytes.as_slice()), number);
        }
    }
}
