//! Semaphores, mutexes and reader–writer locks for real threads.
//!
//! What a lock does is plain data, a [`Gate`], that knows no thread: who is in, who queues, who may come
//! in next. What makes threads wait is a [`Monitor`]: a mutex and a condition variable, `parking_lot`'s
//! here and loom's in the test that goes through every order of them. A [`Lock`] is the one around the
//! other, and says what the machine says in [`machine`](super::super::machine):
//!
//! - a plain semaphore only counts: whoever comes first takes it, also past those who wait (Dijkstra's P
//!   and V say no more);
//! - a fifo semaphore hands over: `signal` gives the count to the longest waiting, and nobody gets past.

use std::collections::VecDeque;

use parking_lot::{Condvar, Mutex};

use super::super::program::Act;
use super::super::syntax::{LockKind, Preference};
use super::super::waiting::Units;

/// Data that threads look at one at a time, and can wait for a change of.
pub trait Monitor<T> {
    /// Around the data.
    fn new(data: T) -> Self;
    /// Waits until the attempt succeeds, trying again after every change.
    fn when<R>(&self, attempt: impl FnMut(&mut T) -> Option<R>) -> R;
    /// Changes the data and wakes everybody who waits for that.
    fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R;
}

/// A monitor for threads of the operating system.
#[derive(Debug)]
pub struct Parked<T> {
    data: Mutex<T>,
    changed: Condvar,
}

impl<T> Monitor<T> for Parked<T> {
    fn new(data: T) -> Self {
        Self {
            data: Mutex::new(data),
            changed: Condvar::new(),
        }
    }

    fn when<R>(&self, mut attempt: impl FnMut(&mut T) -> Option<R>) -> R {
        let mut data = self.data.lock();
        loop {
            if let Some(result) = attempt(&mut data) {
                return result;
            }
            self.changed.wait(&mut data);
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.data.lock());
        self.changed.notify_all();
        result
    }
}

/// Who is in and who waits.
#[derive(Debug, Clone)]
pub struct Gate {
    kind: LockKind,
    value: i32,
    queue: VecDeque<(usize, Act)>,
    /// Who has asked for a lock without a queue and did not get it.
    refused: Vec<usize>,
    /// To whom it was handed over, and who has not noticed yet.
    handed: Vec<usize>,
    holders: Vec<Holder>,
    /// Of a semaphore, who has its units.
    units: Units,
    closed: bool,
}

/// Somebody who is in. A producer waits for a free place and never signals one, so how often is a
/// number: a list of each time would grow as long as the run lasts.
#[derive(Debug, Clone)]
struct Holder {
    who: usize,
    act: Act,
    times: u32,
}

impl Gate {
    /// A lock that begins with a count: of a semaphore; 1 for a mutex, 0 for a reader–writer lock.
    #[must_use]
    pub fn new(kind: LockKind, value: i32) -> Self {
        Self {
            kind,
            value,
            queue: VecDeque::new(),
            refused: Vec::new(),
            handed: Vec::new(),
            holders: Vec::new(),
            units: Units::default(),
            closed: false,
        }
    }

    fn queues(&self) -> bool {
        !matches!(
            self.kind,
            LockKind::Semaphore { fifo: false } | LockKind::Mutex { fifo: false }
        )
    }

    fn fits(&self, act: Act) -> bool {
        match act {
            Act::Read => self.value >= 0,
            Act::Write => self.value == 0,
            _ => self.value > 0,
        }
    }

    fn take(&mut self, who: usize, act: Act) {
        match act {
            Act::Read => self.value += 1,
            Act::Write => self.value = -1,
            _ => self.value -= 1,
        }
        if matches!(self.kind, LockKind::Semaphore { .. }) {
            return self.units.take(who);
        }
        let known = |it: &&mut Holder| it.who == who && it.act == act;
        match self.holders.iter_mut().find(known) {
            Some(holder) => holder.times = holder.times.saturating_add(1),
            None => self.holders.push(Holder { who, act, times: 1 }),
        }
    }

    /// Whether somebody who asks would come in at once.
    fn open_to(&self, act: Act) -> bool {
        let in_turn = match self.kind {
            LockKind::RwLock(Preference::Nobody) => self.queue.is_empty(),
            LockKind::RwLock(Preference::Writers) => {
                act == Act::Write || !self.queue.iter().any(|it| it.1 == Act::Write)
            }
            _ => true,
        };
        in_turn && self.fits(act)
    }

    /// Whether somebody waits here and can go on only by another's help. Not who has not asked yet, and not who
    /// has been let in, whether noticed or not.
    #[must_use]
    pub fn is_stuck(&self, who: usize, act: Act) -> bool {
        self.queue.iter().any(|it| it.0 == who)
            || (self.refused.contains(&who) && !self.open_to(act))
    }

    fn next(&self) -> Option<usize> {
        let first = |act| self.queue.iter().position(|it| it.1 == act);
        let at = match self.kind {
            LockKind::RwLock(Preference::Readers) => first(Act::Read).or_else(|| first(Act::Write)),
            LockKind::RwLock(Preference::Writers) => first(Act::Write).or_else(|| first(Act::Read)),
            _ => (!self.queue.is_empty()).then_some(0),
        }?;
        self.fits(self.queue[at].1).then_some(at)
    }

    /// Gives it back. Who has been let in by that; `None` if `who` did not hold it.
    fn give(&mut self, who: usize) -> Option<Vec<usize>> {
        let held = self.holders.iter().position(|it| it.who == who);
        match self.kind {
            LockKind::Semaphore { .. } => {
                self.value = self.value.saturating_add(1);
                self.units.give(who);
            }
            LockKind::Mutex { .. } => self.value += i32::from(held.is_some()),
            LockKind::RwLock(_) => self.value = (self.value - 1).max(0),
        }
        match held {
            Some(at) if self.holders[at].times > 1 => self.holders[at].times -= 1,
            Some(at) => _ = self.holders.remove(at),
            None if matches!(self.kind, LockKind::Semaphore { .. }) => {}
            None => return None,
        }
        let mut let_in = Vec::new();
        while self.queues()
            && let Some((next, act)) = self.next().and_then(|at| self.queue.remove(at))
        {
            self.take(next, act);
            self.handed.push(next);
            let_in.push(next);
        }
        Some(let_in)
    }

    /// Who holds it; of a semaphore, who has a unit of it.
    pub fn holders(&self) -> impl Iterator<Item = usize> + '_ {
        self.units
            .holders()
            .chain(self.holders.iter().map(|it| it.who))
    }

    /// How somebody holds it: 0 not, 1, or 2 for writing.
    #[must_use]
    pub fn held_by(&self, who: usize) -> i32 {
        let held = self.holders.iter().find(|it| it.who == who);
        held.map_or(0, |it| 1 + i32::from(it.act == Act::Write))
    }

    /// The place of somebody in the queue, from 1; 0 if he is in none.
    #[must_use]
    pub fn rank(&self, who: usize) -> i32 {
        let at = self.queue.iter().position(|it| it.0 == who);
        at.and_then(|at| i32::try_from(at + 1).ok()).unwrap_or(0)
    }

    /// The count.
    #[must_use]
    pub fn value(&self) -> i32 {
        self.value
    }
}

/// The run has ended while one waited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// A gate that threads can wait at.
#[derive(Debug)]
pub struct Lock<M = Parked<Gate>>(M);

impl<M: Monitor<Gate>> Lock<M> {
    /// A lock.
    #[must_use]
    pub fn new(gate: Gate) -> Self {
        Self(M::new(gate))
    }

    /// Asks, and waits. `queued` is called if one has to queue up, once one has; `got` if one comes in without, before
    /// anybody can know. Who is let in from the queue is told to whoever [gives](Self::give).
    ///
    /// # Errors
    /// If the run ended meanwhile.
    pub fn ask(
        &self,
        who: usize,
        act: Act,
        queued: impl FnOnce(),
        got: impl FnOnce(),
    ) -> Result<(), Closed> {
        let (mut queued, mut got) = (Some(queued), Some(got));
        let mut in_queue = false;
        self.0.when(|gate| {
            if gate.closed {
                return Some(Err(Closed));
            }
            if in_queue {
                let at = gate.handed.iter().position(|it| *it == who)?;
                gate.handed.swap_remove(at);
                return Some(Ok(()));
            }
            if gate.open_to(act) {
                gate.refused.retain(|it| *it != who);
                gate.take(who, act);
                if let Some(got) = got.take() {
                    got();
                }
                return Some(Ok(()));
            }
            if gate.queues() {
                gate.queue.push_back((who, act));
                in_queue = true;
                if let Some(queued) = queued.take() {
                    queued();
                }
            } else if !gate.refused.contains(&who) {
                gate.refused.push(who);
            }
            None
        })
    }

    /// Gives back, and hands over. `let_in` is told who has been let in by that, before they can know.
    ///
    /// # Errors
    /// If `who` does not hold it.
    pub fn give(&self, who: usize, let_in: impl FnOnce(&[usize])) -> Result<(), NotHeld> {
        self.0.change(|gate| {
            let next = gate.give(who).ok_or(NotHeld)?;
            let_in(&next);
            Ok(())
        })
    }

    /// Lets everybody go who waits: the run is over.
    pub fn close(&self) {
        self.0.change(|gate| gate.closed = true);
    }

    /// Looks at it.
    pub fn look<R>(&self, look: impl FnOnce(&Gate) -> R) -> R {
        let mut look = Some(look);
        self.0.when(|gate| look.take().map(|look| look(gate)))
    }
}

/// One gave back what one does not hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotHeld;

#[cfg(test)]
mod tests {
    use super::*;

    /// Between being let in and saying so, a process stands before a lock that lets nobody in. It is not stuck: a
    /// program without a deadlock was said to have one, once in some seconds.
    #[test]
    fn who_was_let_in_is_not_stuck_before_it_has_said_so() {
        for fifo in [false, true] {
            let lock = Lock::<Parked<Gate>>::new(Gate::new(LockKind::Semaphore { fifo }, 1));
            let stuck = |who| lock.look(|gate| gate.is_stuck(who, Act::Wait));
            assert!(!stuck(0), "it has not asked yet");
            assert_eq!(lock.ask(0, Act::Wait, || {}, || {}), Ok(()));
            assert!(!stuck(0), "it got it");
            std::thread::scope(|scope| {
                let waiting = scope.spawn(|| lock.ask(1, Act::Wait, || {}, || {}));
                while !stuck(1) {
                    std::thread::yield_now();
                }
                assert_eq!(lock.give(0, |_| {}), Ok(()));
                assert!(!stuck(1), "it will get it or has got it");
                assert_eq!(waiting.join().ok(), Some(Ok(())));
                assert!(!stuck(1), "it has got it");
            });
        }
    }

    #[test]
    fn a_semaphore_has_never_more_holders_than_it_began_with() {
        for first in 0..3 {
            let mut gate = Gate::new(LockKind::Semaphore { fifo: false }, first);
            let taken = usize::try_from(first).unwrap();
            for who in 0..taken {
                gate.take(who, Act::Wait);
            }
            // A producer waits and never signals, a consumer signals and never waits: a unit each, however long.
            for _ in 0..3 {
                gate.give(9);
                gate.take(8, Act::Wait);
                assert!(gate.holders().count() <= taken, "{first}");
            }
        }
    }
}
