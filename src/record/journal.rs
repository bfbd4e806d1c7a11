//! A session's journal: the tickets it drew, in its own order.
//!
//! One thread writes, any number read, and nobody waits: entries stand in chunks that never move,
//! each entry is one atomic word, and a chunk says how many of its entries are filled. A batch of
//! tickets becomes ranges, because without another session in between a session's tickets are
//! consecutive: `draw 1000` is one entry of 8 bytes, not a thousand.

use std::ops::Range;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, OnceLock};

use crossbeam_utils::CachePadded;

/// Entries in the first chunk, whole lines of them; each next one is twice as long, up to [`MAX_CHUNK_LEN`]. A client that
/// draws once costs little (half a KiB), one that draws for hours few allocations.
const FIRST: usize = 32;
const MAX_CHUNK_LEN: usize = 64 * 1024;

/// A range of consecutive tickets, `start` in the upper 32 bits, the length in the lower.
fn pack(range: &Range<u64>) -> u64 {
    (range.start << 32) | (range.end - range.start)
}

fn unpack(word: u64) -> Range<u64> {
    let start = word >> 32;
    start..start + (word & 0xffff_ffff)
}

/// Entries that stand in cache lines with no other session's. The memory of a server that has run for a while is full
/// of holes, and two sessions that write side by side would wait for each other's lines.
type Lines = Box<[CachePadded<[AtomicU64; A_LINE]>]>;
const A_LINE: usize = 16;

/// On a line of its own, for the same reason.
#[derive(Debug)]
#[repr(align(128))]
struct Chunk {
    lines: Lines,
    filled: AtomicUsize,
    next: OnceLock<Arc<Chunk>>,
}

impl Chunk {
    fn new(length: usize) -> Arc<Self> {
        Arc::new(Self {
            lines: (0..length / A_LINE)
                .map(|_| CachePadded::default())
                .collect(),
            filled: AtomicUsize::new(0),
            next: OnceLock::new(),
        })
    }

    fn length(&self) -> usize {
        self.lines.len() * A_LINE
    }

    fn entry(&self, index: usize) -> &AtomicU64 {
        &self.lines[index / A_LINE][index % A_LINE]
    }
}

/// A journal with nothing in it: the half that writes and the half that reads.
#[must_use]
pub fn journal() -> (Writer, Reader) {
    let chunk = Chunk::new(FIRST);
    let reader = Reader(Reading::Growing(Growing {
        chunk: Arc::clone(&chunk),
        entry: 0,
        seen: 0,
    }));
    (
        Writer {
            chunk,
            last: None,
            filled: 0,
        },
        reader,
    )
}

/// The half that writes: one session's.
#[derive(Debug)]
pub struct Writer {
    chunk: Arc<Chunk>,
    filled: usize,
    last: Option<Range<u64>>,
}

impl Writer {
    /// Records draws of consecutive tickets, after the session's last ones.
    pub fn push(&mut self, tickets: Range<u64>) {
        match &mut self.last {
            Some(last) if last.end == tickets.start => {
                last.end = tickets.end;
                // A reader sees the entry shorter or longer, never torn.
                self.chunk
                    .entry(self.filled - 1)
                    .store(pack(last), Ordering::Release);
            }
            _ => self.push_apart(tickets),
        }
    }

    /// The same, but kept apart from what stands before: one draw of a whole request is one entry.
    pub fn push_apart(&mut self, tickets: Range<u64>) {
        if self.filled == self.chunk.length() {
            let next = Chunk::new((2 * self.filled).min(MAX_CHUNK_LEN));
            self.chunk.next.get_or_init(|| Arc::clone(&next));
            self.chunk = next;
            self.filled = 0;
        }
        self.chunk
            .entry(self.filled)
            .store(pack(&tickets), Ordering::Relaxed);
        self.filled += 1;
        self.chunk.filled.store(self.filled, Ordering::Release);
        self.last = Some(tickets);
    }
}

/// The half that reads. It remembers how far it came; a copy made before it read anything begins at
/// the beginning.
#[derive(Clone, Debug)]
pub struct Reader(Reading);

#[derive(Clone, Debug)]
enum Reading {
    Growing(Growing),
    Whole { entries: Whole, entry: usize },
}

/// A journal that nobody writes any more, as short as it can be: the entries, and nothing around them.
#[derive(Clone, Debug)]
pub struct Whole(Arc<[u64]>);

impl Whole {
    /// All that a journal has, read from its beginning by `reader`: its session is gone.
    #[must_use]
    pub fn of(reader: Reader) -> Self {
        Self(reader.map(|tickets| pack(&tickets)).collect())
    }

    /// To read it from its beginning.
    #[must_use]
    pub fn reader(&self) -> Reader {
        Reader(Reading::Whole {
            entries: self.clone(),
            entry: 0,
        })
    }
}

impl Iterator for Reader {
    type Item = Range<u64>;

    /// The next tickets recorded, in the session's order. `None` means "nothing new yet": ask again.
    fn next(&mut self) -> Option<Range<u64>> {
        match &mut self.0 {
            Reading::Growing(growing) => growing.next(),
            Reading::Whole { entries, entry } => {
                let tickets = unpack(*entries.0.get(*entry)?);
                *entry += 1;
                Some(tickets)
            }
        }
    }
}

#[derive(Clone, Debug)]
struct Growing {
    chunk: Arc<Chunk>,
    entry: usize,
    /// How many tickets of the entry were read already: the last entry may still grow.
    seen: u64,
}

impl Growing {
    fn next(&mut self) -> Option<Range<u64>> {
        loop {
            // Read first: an entry that has another behind it does not grow any more.
            let filled = self.chunk.filled.load(Ordering::Acquire);
            if self.entry == self.chunk.length() {
                self.chunk = Arc::clone(self.chunk.next.get()?);
                self.entry = 0;
                continue;
            }
            if self.entry >= filled {
                return None;
            }
            let next_chunk_begun = self.chunk.next.get().is_some();
            let whole = unpack(self.chunk.entry(self.entry).load(Ordering::Acquire));
            let new = whole.start + self.seen..whole.end;
            let may_grow = self.entry + 1 == filled && !next_chunk_begun;
            if may_grow {
                self.seen = whole.end - whole.start;
            } else {
                self.entry += 1;
                self.seen = 0;
            }
            if !new.is_empty() {
                return Some(new);
            }
            if may_grow {
                return None;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::cases;
    use proptest::prelude::*;

    /// Flattens what a reader has now.
    fn tickets(reader: &mut Reader) -> Vec<u64> {
        reader.by_ref().flatten().collect()
    }

    #[test]
    fn consecutive_tickets_are_one_entry() {
        let (mut writer, reader) = journal();
        for ticket in 0..100_000 {
            writer.push(ticket..ticket + 1);
        }
        assert_eq!(reader.collect::<Vec<_>>(), vec![0..100_000; 1]);
    }

    #[test]
    fn whole_requests_stay_apart() {
        let (mut writer, reader) = journal();
        writer.push_apart(0..4);
        writer.push_apart(4..6);
        assert_eq!(reader.collect::<Vec<_>>(), [0..4, 4..6]);
    }

    #[test]
    fn the_greatest_ticket_and_the_longest_range_fit_in_an_entry() {
        let greatest = u64::from(u32::MAX);
        for range in [0..greatest, greatest - 1..greatest, greatest..greatest + 1] {
            assert_eq!(unpack(pack(&range)), range);
        }
    }

    proptest! {
        #![proptest_config(cases(256))]

        /// However writes and reads alternate, each ticket is read once and in order.
        #[test]
        fn nothing_is_lost_and_nothing_read_twice(
            steps in prop::collection::vec((0u64..50, 1u64..4, any::<bool>(), any::<bool>()), 0..300)
        ) {
            let (mut writer, mut reader) = journal();
            let from_the_beginning = reader.clone();
            let (mut written, mut read) = (Vec::new(), Vec::new());
            for (start, length, apart, look) in steps {
                let range = start..start + length;
                written.extend(range.clone());
                if apart { writer.push_apart(range) } else { writer.push(range) }
                if look {
                    read.extend(tickets(&mut reader));
                    prop_assert_eq!(&read, &written);
                }
            }
            read.extend(tickets(&mut reader));
            prop_assert_eq!(&read, &written);
            // The same when its session is gone, in the same entries.
            let entries: Vec<_> = from_the_beginning.clone().collect();
            let whole = Whole::of(from_the_beginning.clone());
            prop_assert_eq!(whole.reader().collect::<Vec<_>>(), entries);
            prop_assert_eq!(from_the_beginning.flatten().collect::<Vec<_>>(), written);
        }
    }

    #[test]
    fn a_reader_beside_the_writer_reads_everything_once() {
        const TICKETS: u64 = 300_000;
        let (mut writer, mut reader) = journal();
        let read = std::thread::scope(|threads| {
            threads.spawn(move || {
                for ticket in 0..TICKETS {
                    // Every third ticket is skipped over, so that ranges of two come out.
                    if ticket % 3 != 2 {
                        writer.push(ticket..ticket + 1);
                    }
                }
            });
            let mut read = Vec::new();
            while read.last() != Some(&(TICKETS - 2)) {
                read.extend(tickets(&mut reader));
            }
            read
        });
        assert!(read.iter().copied().eq((0..TICKETS).filter(|t| t % 3 != 2)));
    }
}
