//! The set of states: each once, in the order in which they were found, and found again by their bytes.

use foldhash::fast::FixedState;
use hashbrown::HashTable;
use std::hash::BuildHasher;

/// More states than this cannot be numbered; the numbers above mean something else.
pub(crate) const MAX_STATES: usize = u32::MAX as usize - 2;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Store {
    bytes: Vec<u8>,
    sizes: Sizes,
    table: HashTable<u32>,
    hasher: FixedState,
    len: usize,
}

/// Where each state stands in the bytes.
#[derive(Debug)]
enum Sizes {
    /// All have the same size.
    Same(usize),
    /// Where each ends.
    Ends(Vec<usize>),
}

impl Sizes {
    #[inline]
    fn range(&self, id: usize) -> std::ops::Range<usize> {
        match self {
            Self::Same(width) => id * width..(id + 1) * width,
            Self::Ends(ends) => (if id == 0 { 0 } else { ends[id - 1] })..ends[id],
        }
    }
}

impl Store {
    pub(crate) fn new(width: Option<usize>) -> Self {
        Self {
            bytes: Vec::new(),
            sizes: width.map_or_else(|| Sizes::Ends(Vec::new()), Sizes::Same),
            table: HashTable::new(),
            hasher: FixedState::default(),
            len: 0,
        }
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) fn get(&self, id: usize) -> &[u8] {
        &self.bytes[self.sizes.range(id)]
    }

    #[inline]
    pub(crate) fn hash(&self, state: &[u8]) -> u64 {
        self.hasher.hash_one(state)
    }

    /// The number of a state, if it is there.
    #[inline]
    pub(crate) fn find(&self, state: &[u8], hash: u64) -> Option<u32> {
        // Most states of draws are one word, and comparing words takes no call.
        if let (Sizes::Same(8), Ok(word)) = (&self.sizes, <[u8; 8]>::try_from(state)) {
            let is = |&id: &u32| self.bytes.as_chunks().0[id as usize] == word;
            return self.table.find(hash, is).copied();
        }
        let is = |&id: &u32| self.get(id as usize) == state;
        self.table.find(hash, is).copied()
    }

    /// Adds a state that is not there yet, and gives it the next number.
    pub(crate) fn insert(&mut self, state: &[u8], hash: u64) -> u32 {
        let id = u32::try_from(self.len).unwrap_or(u32::MAX);
        self.bytes.extend_from_slice(state);
        if let Sizes::Ends(ends) = &mut self.sizes {
            ends.push(self.bytes.len());
        }
        self.len += 1;
        let Self {
            bytes,
            sizes,
            table,
            hasher,
            ..
        } = self;
        table.insert_unique(hash, id, |&id| {
            hasher.hash_one(&bytes[sizes.range(id as usize)])
        });
        id
    }

    /// The bytes that are allocated.
    pub(crate) fn allocated(&self) -> usize {
        let ends = match &self.sizes {
            Sizes::Same(_) => 0,
            Sizes::Ends(ends) => size_of::<usize>() * ends.capacity(),
        };
        self.bytes.capacity() + ends + self.table.allocation_size()
    }

    /// The bytes that a state of this size would be allocated for besides, while what is full is copied.
    pub(crate) fn growth(&self, state: usize) -> usize {
        let bytes = growth_of(&self.bytes, state);
        let ends = match &self.sizes {
            Sizes::Same(_) => 0,
            Sizes::Ends(ends) => growth_of(ends, 1),
        };
        let table = if self.table.len() == self.table.capacity() {
            2 * self.table.allocation_size()
        } else {
            0
        };
        bytes + ends + table
    }
}

/// What a vector allocates for so many more elements: twice what it has, if they do not fit.
pub(crate) fn growth_of<T>(vector: &Vec<T>, more: usize) -> usize {
    if vector.len() + more > vector.capacity() {
        2 * size_of::<T>() * vector.capacity().max(more)
    } else {
        0
    }
}
