//! The gate: how everybody stops drawing for a moment, without a lock on the way of each draw.
//!
//! A change of mode must happen when no draw is in flight. A reader–writer lock around each batch
//! would do, and all sessions would write to it: a shared update on the draw's path, which slows
//! the draws and keeps them from meeting. Instead each session has a [`Place`] of its own and says
//! there that it is inside; whoever closes the gate waits until all places are empty.
//!
//! Both sides write first and then look (a session: "I am inside", then "is it closed?"; the
//! closer: "closed", then "is anybody inside?"), in sequentially consistent order, so at least one
//! of them sees the other [Dekker's idea, as Dijkstra told it in 1965].

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU8, AtomicU64, Ordering::SeqCst};
use std::thread::{self, Thread};
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use parking_lot::{Condvar, Mutex};

const OPEN: u8 = 0;
const CLOSED: u8 = 1;
const STOPPED: u8 = 2;

/// How often one who waits for quiet looks again, in case somebody has to be cut short.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// Where a session says that it is inside: odd while it is, and 1 more with each coming and going.
#[derive(Debug, Default)]
pub struct Place {
    visits: CachePadded<AtomicU64>,
    thread: OnceLock<Thread>,
}

impl Place {
    /// How often the session went in and out; odd while it is inside.
    #[must_use]
    pub fn visits(&self) -> u64 {
        self.visits.load(SeqCst)
    }

    /// Whether the session is inside, with a batch of draws in flight.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.visits() % 2 == 1
    }
}

/// Why a session is not let in, and need not wait either.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shut {
    /// The gate is closed for good: the server is stopping.
    Stopped,
    /// The gate is closed, and behind it is nothing more for this session.
    Over,
}

/// See the [module](self).
#[derive(Debug, Default)]
pub struct Gate {
    /// Only read by sessions while they draw.
    state: CachePadded<AtomicU8>,
    mutex: Mutex<()>,
    changed: Condvar,
}

impl Gate {
    /// Goes inside, or waits while the gate is closed and `is_over` is not the case.
    ///
    /// # Errors
    /// See [`Shut`].
    #[inline]
    pub fn enter<'a>(
        &'a self,
        place: &'a Place,
        is_over: impl Fn() -> bool,
    ) -> Result<Inside<'a>, Shut> {
        loop {
            place.visits.fetch_add(1, SeqCst);
            let inside = Inside { gate: self, place };
            if self.state.load(SeqCst) == OPEN {
                return Ok(inside);
            }
            drop(inside);
            self.wait_until_open(&is_over)?;
        }
    }

    #[cold]
    fn wait_until_open(&self, is_over: &dyn Fn() -> bool) -> Result<(), Shut> {
        let mut guard = self.mutex.lock();
        loop {
            match self.state.load(SeqCst) {
                OPEN => return Ok(()),
                STOPPED => return Err(Shut::Stopped),
                _ if is_over() => return Err(Shut::Over),
                _ => self.changed.wait(&mut guard),
            }
        }
    }

    /// Whether somebody wants quiet: a window is cut short then.
    #[must_use]
    pub fn is_closed(&self) -> bool {
        self.state.load(SeqCst) != OPEN
    }

    /// Whether nobody will be let in any more.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.state.load(SeqCst) == STOPPED
    }

    /// Sleeps inside the gate, shorter if it closes.
    pub fn sleep(&self, place: &Place, time: Duration) {
        place.thread.get_or_init(thread::current);
        let begun = Instant::now();
        while let Some(left) = time
            .checked_sub(begun.elapsed())
            .filter(|left| !left.is_zero())
        {
            if self.is_closed() {
                return;
            }
            thread::park_timeout(left);
        }
    }

    /// Computes nothing inside the gate, shorter if it closes.
    pub fn spin(&self, time: Duration) {
        let begun = Instant::now();
        while begun.elapsed() < time && !self.is_closed() {
            std::hint::spin_loop();
        }
    }

    /// Lets nobody in any more.
    pub fn close(&self) {
        self.set(CLOSED);
    }

    /// Lets everybody in again.
    pub fn open(&self) {
        self.set(OPEN);
    }

    /// Lets nobody in any more, for good.
    pub fn stop(&self) {
        self.set(STOPPED);
    }

    fn set(&self, state: u8) {
        let _guard = self.mutex.lock();
        // Who has stopped does not begin again.
        if self.state.load(SeqCst) != STOPPED {
            self.state.store(state, SeqCst);
        }
        self.changed.notify_all();
    }

    /// Wakes one who sleeps in a window, after closing.
    pub fn wake(place: &Place) {
        if let Some(thread) = place.thread.get() {
            thread.unpark();
        }
    }

    /// Waits until `quiet`, which is asked again whenever a session goes out, and every 5 ms; it may
    /// cut short what takes too long.
    pub fn wait_until(&self, mut quiet: impl FnMut() -> bool) {
        let mut guard = self.mutex.lock();
        while !quiet() {
            self.changed.wait_for(&mut guard, POLL_INTERVAL);
        }
    }
}

/// A session is inside the gate as long as it has this; also a panic takes it out.
#[derive(Debug)]
pub struct Inside<'a> {
    gate: &'a Gate,
    place: &'a Place,
}

impl Drop for Inside<'_> {
    #[inline]
    fn drop(&mut self) {
        self.place.visits.fetch_add(1, SeqCst);
        if self.gate.is_closed() {
            self.gate.changed.notify_all();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;
    use std::sync::mpsc;

    #[test]
    fn nobody_is_inside_while_the_gate_is_closed() {
        const SESSIONS: usize = 4;
        let gate = Gate::default();
        let places: Vec<Place> = (0..SESSIONS).map(|_| Place::default()).collect();
        let quiet = AtomicBool::new(false);
        thread::scope(|threads| {
            for place in &places {
                threads.spawn(|| {
                    while let Ok(_inside) = gate.enter(place, || false) {
                        assert!(!quiet.load(SeqCst), "inside a closed gate");
                    }
                });
            }
            for _ in 0..2_000 {
                gate.close();
                gate.wait_until(|| !places.iter().any(Place::is_inside));
                quiet.store(true, SeqCst);
                std::hint::spin_loop();
                quiet.store(false, SeqCst);
                gate.open();
            }
            gate.stop();
        });
    }

    #[test]
    fn a_sleep_of_an_hour_ends_when_the_gate_closes() {
        let gate = Gate::default();
        let place = Place::default();
        let (inside, told) = mpsc::channel();
        thread::scope(|threads| {
            threads.spawn(|| {
                let entered = gate.enter(&place, || false);
                place.thread.get_or_init(thread::current);
                inside.send(()).unwrap();
                gate.sleep(&place, Duration::from_hours(1));
                drop(entered);
            });
            told.recv().unwrap();
            gate.close();
            Gate::wake(&place);
            gate.wait_until(|| !place.is_inside());
        });
    }

    #[test]
    fn a_stopped_gate_does_not_open_again() {
        let gate = Gate::default();
        gate.stop();
        gate.open();
        assert_eq!(
            gate.enter(&Place::default(), || false).err(),
            Some(Shut::Stopped)
        );
    }
}
