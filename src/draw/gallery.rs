//! The gallery: answers to the homework that look right. Each is a program like the three modes', each
//! passes a run or two, and all but the last are wrong.
//!
//! Naming the race is not what beginners find hard; mending it is. About half of those who find the
//! cause fail at the fix, mostly with a lock that is not tied to the data [Strömbäck et al.]. So every entry
//! says which belief it comes from, why that belief is false, and a shortest order that shows it.

use parking_lot::{Mutex, MutexGuard};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::memory::Memory;
use super::mode::Mode;
use super::program::Operation::{
    self, Add, Load, Lock, Store, StoreIfUnchanged, Unlock, Window as Gap,
};
use super::program::{ATOMIC, LOCK, UNSAFE_RACE};

/// Whose mutex `lock` and `unlock` mean.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Mutexes {
    /// There is one, for everybody.
    #[default]
    Shared,
    /// Each session has one of its own, and nobody else ever waits for it.
    Own,
}

/// One answer to the homework.
#[derive(Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its name on the command line.
    pub name: &'static str,
    /// What one draw does.
    pub program: &'static [Operation],
    /// Whose mutex that locks.
    pub mutexes: Mutexes,
    /// Whether it is right.
    pub right: bool,
    /// What whoever wrote it believes.
    pub belief: &'static str,
    /// Why it fails, or why it does not.
    pub why: &'static str,
    /// A shortest schedule of two sessions that hands out a number twice: fewest letters, then fewest
    /// switches, then first in the alphabet. None for a right answer.
    pub witness: Option<&'static str>,
}

/// Read the counter, then add to it in one step.
pub const LATE_ATOMIC: &[Operation] = &[Load, Gap, Add];
/// Lock to read, and lock again to write.
pub const SMALL_LOCK: &[Operation] = &[Lock, Load, Unlock, Gap, Lock, Store, Unlock];
/// Lock to read, and write without.
pub const EARLY_UNLOCK: &[Operation] = &[Lock, Load, Unlock, Gap, Store];
/// Write only if nobody has written since the read, else begin again: compare and swap.
pub const CAS: &[Operation] = &[Load, Gap, StoreIfUnchanged];

/// The wrong answers, and then a right one that needs no lock.
pub const GALLERY: [Answer; 5] = [
    Answer {
        name: "late-atomic",
        program: LATE_ATOMIC,
        mutexes: Mutexes::Shared,
        right: false,
        belief: "Make every access to the counter atomic, and there is no race.",
        why: "The add loses no update: afterwards the counter is right. But the ticket was read before it, in \
              another step. Two sessions that read before either adds get the same ticket, and then both add, so \
              the counter moves past a number that nobody ever gets: one is handed out twice, and one is skipped.",
        witness: Some("ABBA"),
    },
    Answer {
        name: "small-lock",
        program: SMALL_LOCK,
        mutexes: Mutexes::Shared,
        right: false,
        belief: "Every access to the counter must be under the lock, and the shorter it is held the better.",
        why: "Every access is under the lock, and still another session can take it between the read and the write. \
              What must not be divided is not the access but the draw: the lock has to be held from the read to \
              the write.",
        witness: Some("AAABBBBBBAAA"),
    },
    Answer {
        name: "wrong-lock",
        program: LOCK,
        mutexes: Mutexes::Own,
        right: false,
        belief: "I took a lock, so I am alone.",
        why: "Each session locks a mutex of its own (a lock made in the function that serves one client does just \
              that). A mutex keeps out only those who take the same one, and here nobody ever does. A lock belongs \
              to the data, one for all who touch it, not to whoever takes it.",
        witness: Some("AABBBBAA"),
    },
    Answer {
        name: "early-unlock",
        program: EARLY_UNLOCK,
        mutexes: Mutexes::Shared,
        right: false,
        belief: "The list is read under the lock; only the update comes after it.",
        why: "With the lock given back after the read, the next session reads the same counter before it has moved. \
              The write belongs to the draw as much as the read: unlock after it.",
        witness: Some("AAABBBBA"),
    },
    Answer {
        name: "cas",
        program: CAS,
        mutexes: Mutexes::Shared,
        right: true,
        belief: "Without a lock it can only be wrong.",
        why: "It reads, and writes only if the counter is still what was read; otherwise it begins again. A draw that \
              others got in between of is not completed but repeated, so no ticket is handed out twice. Some session \
              always gets ahead (another's retry is this one's success), but a single one may have to begin again \
              and again.",
        witness: None,
    },
];

/// The names of all that a server can run, the three modes first.
pub fn names() -> impl Iterator<Item = &'static str> {
    let modes = Mode::ALL.map(Mode::name);
    modes
        .into_iter()
        .chain(GALLERY.each_ref().map(|answer| answer.name))
}

impl Answer {
    /// The entry of that name.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        GALLERY.iter().find(|answer| answer.name == name)
    }
}

impl Serialize for &'static Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name)
    }
}

impl<'de> Deserialize<'de> for &'static Answer {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let name = String::deserialize(deserializer)?;
        Answer::named(&name).ok_or_else(|| {
            let names = GALLERY.each_ref().map(|answer| answer.name).join(", ");
            serde::de::Error::custom(format!("no answer {name:?} in the gallery: use {names}"))
        })
    }
}

/// What is known of one of the three modes' programs, in the words of the gallery.
#[must_use]
pub fn why(program: &[Operation]) -> Option<&'static str> {
    match program {
        UNSAFE_RACE => Some(
            "A draw is two steps, a read and a write. Another session can read between them, and sees the same \
             counter: both hand out the same number.",
        ),
        LOCK => Some(
            "It is the race plus two operations. Whoever reads holds the lock until it has written, so nobody else's read \
             can come between.",
        ),
        ATOMIC => Some("The read and the write are one step: there is no between."),
        _ => None,
    }
}

/// A [`Memory`] whose mutex is this session's own: the wrong lock. Everything else goes to the memory
/// inside, which all share.
pub struct OwnMutex<'a, M> {
    shared: M,
    own: &'a Mutex<()>,
    held: Option<MutexGuard<'a, ()>>,
}

impl<'a, M> OwnMutex<'a, M> {
    /// One session's way to `shared`, with `own` beside it, which is nobody else's.
    pub const fn new(shared: M, own: &'a Mutex<()>) -> Self {
        Self {
            shared,
            own,
            held: None,
        }
    }
}

impl<M: Memory> Memory for OwnMutex<'_, M> {
    fn size(&self) -> u64 {
        self.shared.size()
    }

    fn load(&mut self) -> u64 {
        self.shared.load()
    }

    fn store(&mut self, value: u64) {
        self.shared.store(value);
    }

    fn fetch_add(&mut self, amount: u64) -> u64 {
        self.shared.fetch_add(amount)
    }

    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool {
        self.shared.store_if_unchanged(seen, value)
    }

    fn lock(&mut self) {
        self.held = Some(self.own.lock());
    }

    fn unlock(&mut self) {
        self.held = None;
    }

    fn window(&mut self, register: u64) {
        self.shared.window(register);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::notation::check_program;
    use crate::draw::{DrawProgram, Shared, draw};

    #[test]
    fn every_answer_can_run_and_passes_when_it_runs_alone() {
        for answer in &GALLERY {
            assert_eq!(check_program(answer.program), Ok(()), "{}", answer.name);
            let shared = Shared::new(3);
            let own = Mutex::new(());
            let mut memory = OwnMutex::new(shared.access(()), &own);
            let tickets: Vec<_> = (0..4)
                .map(|_| draw(answer.program, 1, &mut memory))
                .collect();
            assert_eq!(
                tickets,
                [Some(0), Some(1), Some(2), None],
                "{}",
                answer.name
            );
            assert!(own.try_lock().is_some(), "{} keeps its lock", answer.name);
        }
    }

    #[test]
    fn a_mutex_of_ones_own_keeps_nobody_out() {
        let shared = Shared::new(9);
        let (one, two) = (Mutex::new(()), Mutex::new(()));
        let mut a = OwnMutex::new(shared.access(()), &one);
        let mut b = OwnMutex::new(shared.access(()), &two);
        a.lock();
        // With the shared mutex this would wait for ever.
        b.lock();
        assert_eq!((a.load(), b.load()), (0, 0));
    }

    #[test]
    fn names_are_one_kind_and_the_reply_fits_the_wrong_ones() {
        for answer in &GALLERY {
            assert_eq!(Answer::named(answer.name), Some(answer));
            assert!(answer.name.parse::<Mode>().is_err());
            assert_eq!(answer.right, answer.witness.is_none());
            let fits = DrawProgram::from(answer).reply_fits();
            assert_eq!(fits, !answer.right, "{}", answer.name);
        }
        assert_eq!(Answer::named("lock"), None);
        let fits = Mode::ALL.map(|mode| DrawProgram::from(mode).reply_fits());
        assert_eq!(fits, [true, false, true]);
    }
}
