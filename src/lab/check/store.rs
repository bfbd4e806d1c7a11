//! The set of states, packed: a few bytes a state, each state once.
//!
//! Each number takes one byte if it is small, and what a process has read and used up takes none.
//! With folding, interchangeable processes are put in order first, so that states which differ only in
//! which of them does what are one.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

use super::super::machine::pc;
use super::super::program::Program;

/// States by number, in the order they were found.
pub struct Store {
    bytes: Vec<u8>,
    ends: Vec<usize>,
    table: HashTable<Entry>,
    hasher: FixedState,
}

/// A state in the table: its number, and where it is, so that one look decides.
struct Entry {
    id: u32,
    hash: u32,
    at: usize,
}

impl Store {
    pub fn new() -> Self {
        Self {
            bytes: Vec::new(),
            ends: vec![0],
            table: HashTable::new(),
            hasher: FixedState::default(),
        }
    }

    /// How many states there are.
    pub fn len(&self) -> usize {
        self.ends.len() - 1
    }

    /// About how many bytes they take.
    pub fn memory(&self) -> usize {
        self.bytes.capacity() + self.ends.capacity() * 8 + self.table.capacity() * 17
    }

    pub fn get(&self, id: usize) -> &[u8] {
        &self.bytes[self.ends[id]..self.ends[id + 1]]
    }

    #[inline]
    pub fn hash(&self, packed: &[u8]) -> u64 {
        self.hasher.hash_one(packed)
    }

    /// The number of a state, if it is there.
    #[inline]
    pub fn find(&self, packed: &[u8], hash: u64) -> Option<u32> {
        let found = self.table.find(hash, |entry| {
            // Packed states are prefix-free, so the length need not be compared.
            entry.hash == upper(hash) && self.bytes[entry.at..].starts_with(packed)
        });
        found.map(|it| it.id)
    }

    /// Adds a state that is not there yet. Its number; `None` if there are too many to number.
    pub fn insert(&mut self, packed: &[u8], hash: u64) -> Option<u32> {
        let id = u32::try_from(self.len()).ok()?;
        let at = self.bytes.len();
        self.bytes.extend_from_slice(packed);
        self.ends.push(self.bytes.len());
        let Self {
            bytes,
            ends,
            table,
            hasher,
        } = self;
        let entry = Entry {
            id,
            hash: upper(hash),
            at,
        };
        table.insert_unique(hash, entry, |it| {
            let id = it.id as usize;
            hasher.hash_one(&bytes[ends[id]..ends[id + 1]])
        });
        Some(id)
    }
}

/// The upper half of a hash: the table goes by the lower one.
#[expect(
    clippy::cast_possible_truncation,
    reason = "half of it is what is wanted"
)]
fn upper(hash: u64) -> u32 {
    (hash >> 24) as u32
}

/// Packs states and unpacks them.
pub struct Codec<'a> {
    program: &'a Program,
    common: usize,
    fold: bool,
    /// The groups of interchangeable processes, by their first and one past their last.
    groups: Vec<(usize, usize)>,
    scratch: Vec<u8>,
}

impl<'a> Codec<'a> {
    pub fn new(program: &'a Program, fold: bool) -> Self {
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
            fold,
            groups,
            scratch: Vec::new(),
        }
    }

    /// Whether any processes are interchangeable.
    pub fn foldable(&self) -> bool {
        !self.groups.is_empty()
    }

    /// Packs a state, behind what is there. With folding, also how many states this one stands for.
    #[inline]
    pub fn pack(&mut self, state: &[i32], into: &mut Vec<u8>) -> u128 {
        for &number in &state[..self.common] {
            push(into, number);
        }
        if !self.fold || self.groups.is_empty() {
            for who in 0..self.program.processes.len() {
                self.pack_process(state, who, into);
            }
            return 1;
        }
        let (mut who, mut orbit) = (0, 1);
        while who < self.program.processes.len() {
            let Some(&(from, to)) = self.groups.iter().find(|it| it.0 == who) else {
                self.pack_process(state, who, into);
                who += 1;
                continue;
            };
            orbit *= self.pack_group(state, from, to, into);
            who = to;
        }
        orbit
    }

    /// Packs interchangeable processes in order of what they look like.
    fn pack_group(&mut self, state: &[i32], from: usize, to: usize, into: &mut Vec<u8>) -> u128 {
        let mut scratch = std::mem::take(&mut self.scratch);
        scratch.clear();
        let mut parts = [(0, 0); super::super::program::MOST_PROCESSES];
        for (part, who) in parts.iter_mut().zip(from..to) {
            let start = scratch.len();
            self.pack_process(state, who, &mut scratch);
            *part = (start, scratch.len());
        }
        let parts = &mut parts[..to - from];
        parts.sort_unstable_by(|a, b| scratch[a.0..a.1].cmp(&scratch[b.0..b.1]));
        let (mut orbit, mut same) = (1u128, 0u128);
        for (nth, part) in parts.iter().enumerate() {
            let again = nth > 0 && {
                let before = parts[nth - 1];
                scratch[before.0..before.1] == scratch[part.0..part.1]
            };
            same = if again { same + 1 } else { 1 };
            // n! divided by the factorial of each number of equals, step by step; always whole.
            orbit = orbit * (nth as u128 + 1) / same;
            into.extend_from_slice(&scratch[part.0..part.1]);
        }
        self.scratch = scratch;
        orbit
    }

    fn pack_process(&self, state: &[i32], who: usize, into: &mut Vec<u8>) {
        let process = &self.program.processes[who];
        let live = self.program.codes[process.code].live[pc(state, process)];
        for &number in &state[process.base..process.slots + live] {
            push(into, number);
        }
    }

    /// Whether [`Codec::repack`] may be used: nothing has to be put in order.
    pub fn keeps_places(&self) -> bool {
        !self.fold || self.groups.is_empty()
    }

    /// Packs a state that differs from a packed one only in what is shared and in one process, behind what is there.
    #[inline]
    pub fn repack(
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
    pub fn unpack_marking(&self, packed: &[u8], state: &mut [i32], marks: &mut Vec<usize>) {
        self.unpack_with(packed, state, &mut |left| marks.push(packed.len() - left));
        marks.push(packed.len());
    }

    /// Unpacks a state.
    pub fn unpack(&self, packed: &[u8], state: &mut [i32]) {
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
