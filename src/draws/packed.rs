//! States in few bits: millions of them have to stand in memory at once.
//!
//! A state is the counter, each session ([`Session`]), and what was handed out so far (a bit a ticket, and
//! one for "some ticket twice"). The last belongs to it because two orders that leave the same counter and the
//! same registers may still differ in what they handed out.

use super::model::{Common, Model, Session};
use crate::draw::Operation;
use crate::draw::gallery::Mutexes;

/// Where some bits stand: never across two words.
#[derive(Clone, Copy, Debug)]
struct Field {
    word: usize,
    shift: u32,
    mask: u64,
}

impl Field {
    #[inline]
    fn get(self, words: &[u64]) -> u64 {
        (words[self.word] >> self.shift) & self.mask
    }

    #[inline]
    fn set(self, words: &mut [u64], value: u64) {
        debug_assert!(value <= self.mask, "{value} does not fit into {self:?}");
        let word = &mut words[self.word];
        *word = *word & !(self.mask << self.shift) | ((value & self.mask) << self.shift);
    }
}

/// How wide each part of a session is.
#[derive(Clone, Copy, Debug)]
struct Widths {
    next: u32,
    left: u32,
    register: u32,
}

/// How the states of one model are packed into words.
#[derive(Clone, Debug)]
pub struct Layout {
    counter: Field,
    duplicate: Field,
    sessions: Vec<Field>,
    widths: Widths,
    /// The word at which the tickets handed out begin.
    tickets: usize,
    words: usize,
    start: u64,
    size: u64,
    shared_mutex: bool,
}

const fn bits(largest: u64) -> u32 {
    u64::BITS - largest.leading_zeros()
}

const fn ones(width: u32) -> u64 {
    if width == 0 {
        0
    } else {
        u64::MAX >> (u64::BITS - width)
    }
}

impl Layout {
    /// The layout for a model.
    #[must_use]
    pub fn new(model: &Model) -> Self {
        let highest = model.highest_counter() - model.counter();
        let widths = Widths {
            next: bits(model.program().len() as u64),
            left: bits(model.draws().iter().copied().max().unwrap_or(1)),
            register: bits(highest),
        };
        let (mut word, mut used) = (0, 0);
        let mut field = |width: u32| {
            if used + width > u64::BITS {
                word += 1;
                used = 0;
            }
            used += width;
            Field {
                word,
                shift: used - width,
                mask: ones(width),
            }
        };
        let duplicate = field(1);
        let counter = field(bits(highest));
        // At most 7 + 17 + 28 + 1 bits: it always fits in a word.
        let session = widths.next + widths.left + widths.register + 1;
        let sessions = model.draws().iter().map(|_| field(session)).collect();
        // The tickets go on where the rest ends, if they fit into that word; else they begin one.
        let tickets = highest.min(model.size() - model.counter());
        let in_words = usize::try_from(tickets.div_ceil(64)).unwrap_or(usize::MAX / 64);
        let (first, words) = if u64::from(used) + tickets <= 64 {
            (word * 64 + used as usize, word + 1)
        } else {
            ((word + 1) * 64, word + 1 + in_words)
        };
        Self {
            counter,
            duplicate,
            sessions,
            widths,
            tickets: first,
            words,
            start: model.counter(),
            size: model.size(),
            shared_mutex: model.mutexes() == Mutexes::Shared
                && model.program().contains(&Operation::Lock),
        }
    }

    /// How many words a state takes.
    #[must_use]
    pub const fn words(&self) -> usize {
        self.words
    }

    /// The state before anybody has drawn.
    #[must_use]
    pub fn begin(&self, model: &Model) -> Vec<u64> {
        let mut state = vec![0; self.words];
        let (common, sessions) = model.begin();
        self.set_counter(&mut state, common.counter);
        for (number, session) in sessions.iter().enumerate() {
            self.set_session(&mut state, number, session);
        }
        state
    }

    /// What the sessions share.
    #[inline]
    #[must_use]
    pub fn common(&self, state: &[u64]) -> Common {
        Common {
            counter: self.counter.get(state) + self.start,
            held: self.shared_mutex && self.sessions.iter().any(|field| field.get(state) & 1 == 1),
        }
    }

    /// Writes the counter.
    #[inline]
    pub fn set_counter(&self, state: &mut [u64], counter: u64) {
        self.counter.set(state, counter - self.start);
    }

    /// One session.
    #[inline]
    #[must_use]
    pub fn session(&self, state: &[u64], number: usize) -> Session {
        let Widths {
            next,
            left,
            register,
        } = self.widths;
        let mut packed = self.sessions[number].get(state);
        let mut take = |width: u32| {
            let part = packed & ones(width);
            packed >>= width;
            part
        };
        Session {
            holds: take(1) == 1,
            next: usize::try_from(take(next)).unwrap_or(0),
            left: take(left),
            register: take(register) + self.start,
        }
    }

    /// Writes one session.
    #[inline]
    pub fn set_session(&self, state: &mut [u64], number: usize, session: &Session) {
        let Widths { next, left, .. } = self.widths;
        let mut packed = session.register - self.start;
        packed = packed << left | session.left;
        packed = packed << next | session.next as u64;
        packed = packed << 1 | u64::from(session.holds);
        self.sessions[number].set(state, packed);
    }

    /// Notes that a ticket was handed out.
    #[inline]
    pub fn hand_out(&self, state: &mut [u64], ticket: u64) {
        let (word, bit) = self.ticket(ticket);
        if state[word] >> bit & 1 == 1 {
            self.duplicate.set(state, 1);
        }
        state[word] |= 1 << bit;
    }

    #[inline]
    fn ticket(&self, ticket: u64) -> (usize, usize) {
        let place = self.tickets + usize::try_from(ticket - self.start).unwrap_or(0);
        (place / 64, place % 64)
    }

    /// Whether some ticket was handed out twice.
    #[inline]
    #[must_use]
    pub fn has_duplicate(&self, state: &[u64]) -> bool {
        self.duplicate.get(state) == 1
    }

    /// The counter as it is shown: at most the size of the list.
    #[must_use]
    pub fn shown_counter(&self, state: &[u64]) -> u64 {
        self.common(state).counter.min(self.size)
    }

    /// Whether a ticket below the counter was handed out to nobody.
    #[must_use]
    pub fn skips(&self, state: &[u64]) -> bool {
        (self.start..self.shown_counter(state)).any(|ticket| {
            let (word, bit) = self.ticket(ticket);
            state[word] >> bit & 1 == 0
        })
    }

    /// What a state says of one session, as one number.
    #[inline]
    pub(crate) fn part(&self, state: &[u64], number: usize) -> u64 {
        self.sessions[number].get(state)
    }

    /// Writes what a state says of one session.
    #[inline]
    pub(crate) fn set_part(&self, state: &mut [u64], number: usize, part: u64) {
        self.sessions[number].set(state, part);
    }

    /// Writes what a state says of one session to where it stands for another.
    #[inline]
    pub(crate) fn copy_part(&self, state: &mut [u64], from: usize, to: usize) {
        self.set_part(state, to, self.part(state, from));
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::draw::LOCK;
    use crate::testing::cases;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn a_state_unpacks_as_it_was_packed(
            sessions in 1usize..26, draws in 1u64..200, start in 0u64..1_000, pick: u64,
        ) {
            let draws = vec![draws; sessions];
            let model = Model::new(LOCK, Mutexes::Shared, &draws, start + 5_000, start).unwrap();
            let layout = Layout::new(&model);
            let mut state = layout.begin(&model);
            let highest = model.highest_counter();
            let written: Vec<Session> = (0..sessions as u64).map(|n| Session {
                next: usize::try_from((pick + n) % 6).unwrap(),
                left: (pick ^ n) % (draws[0] + 1),
                register: start + pick.rotate_left(u32::try_from(n).unwrap()) % (highest - start + 1),
                holds: n == pick % 30,
            }).collect();
            for (number, session) in written.iter().enumerate() {
                layout.set_session(&mut state, number, session);
            }
            layout.set_counter(&mut state, highest);
            // The first ticket and the last, which is the same where there is one draw.
            for ticket in BTreeSet::from([start, highest - 1]) {
                layout.hand_out(&mut state, ticket);
            }
            prop_assert!(!layout.has_duplicate(&state));
            for (number, session) in written.iter().enumerate() {
                prop_assert_eq!(&layout.session(&state, number), session);
            }
            prop_assert_eq!(layout.common(&state).counter, highest);
            prop_assert_eq!(layout.common(&state).held, written.iter().any(|session| session.holds));
            prop_assert_eq!(layout.skips(&state), highest - start > 2);
            layout.hand_out(&mut state, start);
            prop_assert!(layout.has_duplicate(&state));
        }
    }
}
