//! The time of a run.

use std::time::{Duration, Instant};

use parking_lot::RwLock;

/// The time since a run began, without the times for which this process was stopped: a wait over Ctrl-Z
/// is nobody's longest.
#[derive(Debug)]
pub struct Clock {
    begun: Instant,
    stopped: RwLock<Duration>,
}

impl Clock {
    /// Begins now.
    #[must_use]
    pub fn start() -> Self {
        Self {
            begun: Instant::now(),
            stopped: RwLock::new(Duration::ZERO),
        }
    }

    /// The time since the beginning.
    #[must_use]
    pub fn now(&self) -> Duration {
        let stopped = self.stopped.read();
        self.begun.elapsed().saturating_sub(*stopped)
    }

    /// Does what stops this process for a while. That while does not count, and nobody reads the clock in it.
    pub fn without<R>(&self, stop: impl FnOnce() -> R) -> R {
        let mut stopped = self.stopped.write();
        let from = Instant::now();
        let result = stop();
        *stopped += from.elapsed();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stop_does_not_count() {
        let clock = Clock::start();
        let stop = Duration::from_millis(2);
        clock.without(|| {
            let from = Instant::now();
            while from.elapsed() < stop {
                std::hint::spin_loop();
            }
        });
        let now = clock.now();
        assert!(now + stop <= clock.begun.elapsed(), "{now:?}");
    }
}
