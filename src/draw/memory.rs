//! What a draw acts on.

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use crossbeam_utils::CachePadded;
use parking_lot::{Mutex, MutexGuard};

/// What the operations of a draw act on. The same programs run on this process's memory
/// ([`Shared`]), on loom's in a test, behind a turnstile, and on a model of it all.
///
/// One value of this type belongs to one session: it knows whether *this* session holds the mutex.
pub trait Memory {
    /// How many numbers the list has; a ticket of `size` or more means sold out.
    fn size(&self) -> u64;
    /// The counter as it is now.
    fn load(&mut self) -> u64;
    /// Makes the counter `value`, whatever it was.
    fn store(&mut self, value: u64);
    /// Adds to the counter and returns what it was, in one step.
    fn fetch_add(&mut self, amount: u64) -> u64;
    /// Makes the counter `value` if it still is `seen`, in one step; says whether it did.
    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool;
    /// Waits for the mutex and takes it.
    fn lock(&mut self);
    /// Gives the mutex back.
    fn unlock(&mut self);
    /// Stands in the gap between the read and the write; `register` is what was read.
    fn window(&mut self, register: u64);
}

/// Lent for a draw, it is the same memory.
impl<M: Memory + ?Sized> Memory for &mut M {
    fn size(&self) -> u64 {
        (**self).size()
    }

    fn load(&mut self) -> u64 {
        (**self).load()
    }

    fn store(&mut self, value: u64) {
        (**self).store(value);
    }

    fn fetch_add(&mut self, amount: u64) -> u64 {
        (**self).fetch_add(amount)
    }

    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool {
        (**self).store_if_unchanged(seen, value)
    }

    fn lock(&mut self) {
        (**self).lock();
    }

    fn unlock(&mut self) {
        (**self).unlock();
    }

    fn window(&mut self, register: u64) {
        (**self).window(register);
    }
}

/// The counter and its mutex, as the clients of a real server share them.
///
/// Each stands on cache lines of its own. Two that share a line slow each other down, because
/// cores pass lines, not variables, back and forth (*false sharing*); the size beside them is only
/// read, and would be dragged along.
#[derive(Debug)]
pub struct Shared {
    size: u64,
    counter: CachePadded<AtomicU64>,
    mutex: CachePadded<Mutex<()>>,
}

impl Shared {
    /// A counter at 0 for a list of `size` numbers.
    #[must_use]
    pub fn new(size: u64) -> Self {
        Self {
            size,
            counter: CachePadded::new(AtomicU64::new(0)),
            mutex: CachePadded::new(Mutex::new(())),
        }
    }

    /// How many numbers the list has.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size
    }

    /// The index of the next number, at most the size: a `fetch_add` may have gone past the end,
    /// where there is nothing to hand out.
    #[must_use]
    pub fn counter(&self) -> u64 {
        self.counter.load(Relaxed).min(self.size)
    }

    /// Moves the counter up to `ticket` if it stands lower, and returns by how much. Only for a
    /// moment at which no draw is in flight: this is itself a read and then a write.
    pub fn raise_counter_to(&self, ticket: u64) -> u64 {
        let counter = self.counter();
        self.counter.store(counter.max(ticket), Relaxed);
        ticket.saturating_sub(counter)
    }

    /// One session's way to this memory.
    pub fn access<A: Around>(&self, around: A) -> Access<'_, A> {
        Access {
            shared: self,
            size: self.size,
            held: None,
            around,
        }
    }
}

/// What a session does besides the draw itself: stand in the window, and say that it waits.
/// `()` does nothing, and costs nothing.
pub trait Around {
    /// Called between the read and the write. `locked`: this session holds the mutex meanwhile.
    fn window(&mut self, register: u64, locked: bool);
    /// Called before the session waits for the mutex.
    fn before_lock(&mut self);
    /// Called when somebody else was faster, and the draw begins again.
    fn begins_again(&mut self) {}
}

impl Around for () {
    fn window(&mut self, _register: u64, _locked: bool) {}
    fn before_lock(&mut self) {}
}

/// One session's way to the [`Shared`] memory: the real operations.
///
/// All orderings are `Relaxed`. What a draw needs is that each access happens whole; under the
/// lock, the mutex itself orders one holder's accesses after the last one's.
#[derive(Debug)]
pub struct Access<'a, A> {
    shared: &'a Shared,
    /// A copy, or the compiled draw would read it again after each store.
    size: u64,
    held: Option<MutexGuard<'a, ()>>,
    around: A,
}

impl<A: Around> Memory for Access<'_, A> {
    #[inline(always)]
    fn size(&self) -> u64 {
        self.size
    }

    #[inline(always)]
    fn load(&mut self) -> u64 {
        self.shared.counter.load(Relaxed)
    }

    #[inline(always)]
    fn store(&mut self, value: u64) {
        self.shared.counter.store(value, Relaxed);
    }

    #[inline(always)]
    fn fetch_add(&mut self, amount: u64) -> u64 {
        self.shared.counter.fetch_add(amount, Relaxed)
    }

    #[inline(always)]
    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool {
        let unchanged = self
            .shared
            .counter
            .compare_exchange(seen, value, Relaxed, Relaxed)
            .is_ok();
        if !unchanged {
            self.around.begins_again();
        }
        unchanged
    }

    #[inline(always)]
    fn lock(&mut self) {
        self.around.before_lock();
        self.held = Some(self.shared.mutex.lock());
    }

    #[inline(always)]
    fn unlock(&mut self) {
        self.held = None;
    }

    #[inline(always)]
    fn window(&mut self, register: u64) {
        self.around.window(register, self.held.is_some());
    }
}
