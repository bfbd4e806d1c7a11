//! The draw itself: the same written by hand, and threads that race.

use std::hint::black_box;
use std::sync::Barrier;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::thread;
use std::time::{Duration, Instant};

use crossbeam_utils::CachePadded;
use lootbox::draw::Mode;
use parking_lot::Mutex;

const BATCH: usize = 64;
/// A list that does not end while this runs.
pub const SIZE: u64 = u64::MAX / 2;

/// The same three draws, as one would write them by hand.
#[derive(Default)]
pub struct ByHand {
    counter: CachePadded<AtomicU64>,
    mutex: CachePadded<Mutex<()>>,
}

impl ByHand {
    fn draw(&self, mode: Mode) -> Option<u64> {
        match mode {
            Mode::Lock => {
                let _held = self.mutex.lock();
                self.read_then_write()
            }
            Mode::Atomic => {
                let ticket = self.counter.fetch_add(1, Relaxed);
                (ticket < SIZE).then_some(ticket)
            }
            Mode::UnsafeRace => self.read_then_write(),
        }
    }

    fn read_then_write(&self) -> Option<u64> {
        let ticket = self.counter.load(Relaxed);
        if ticket >= SIZE {
            return None;
        }
        self.counter.store(ticket + 1, Relaxed);
        Some(ticket)
    }

    pub fn batch(&self, mode: Mode, tickets: &mut [u64]) {
        // Picked once a batch, like ours.
        match mode {
            Mode::Lock => self.each(Mode::Lock, tickets),
            Mode::Atomic => self.each(Mode::Atomic, tickets),
            Mode::UnsafeRace => self.each(Mode::UnsafeRace, tickets),
        }
    }

    #[inline(always)]
    fn each(&self, mode: Mode, tickets: &mut [u64]) {
        for place in tickets {
            *place = self.draw(mode).unwrap_or(0);
        }
    }
}

/// Lets each thread make `draws` draws, in batches; how long it took.
pub fn race(threads: usize, draws: u64, batch: impl Fn(&mut [u64]) + Sync) -> Duration {
    let start = Barrier::new(threads + 1);
    let batches = draws.div_ceil(BATCH as u64);
    thread::scope(|scope| {
        let workers: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut tickets = [0; BATCH];
                    start.wait();
                    for _ in 0..batches {
                        batch(&mut tickets);
                        black_box(&tickets);
                    }
                })
            })
            .collect();
        start.wait();
        let begun = Instant::now();
        for worker in workers {
            _ = worker.join();
        }
        begun.elapsed()
    })
}
