//! A bar for draws that take their time.

use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget};

use crate::terminal_kind::bar_style;

/// A draw that is done sooner gets no bar: it would only flicker.
const PATIENCE: Duration = Duration::from_secs(1);

/// How far a draw is, on standard error. Gone when dropped.
#[derive(Debug)]
pub(super) struct Progress {
    count: u64,
    /// `None`: no bar is wanted.
    started: Option<Instant>,
    bar: Option<ProgressBar>,
}

impl Progress {
    pub(super) fn new(wanted: bool, count: u64) -> Self {
        Self {
            count,
            started: wanted.then(Instant::now),
            bar: None,
        }
    }

    /// Shows that so many numbers have come.
    pub(super) fn at(&mut self, done: u64) {
        let Some(started) = self.started else { return };
        if self.bar.is_none() && started.elapsed() >= PATIENCE {
            let bar = ProgressBar::with_draw_target(
                Some(self.count),
                ProgressDrawTarget::stderr_with_hz(10),
            );
            // Without colours, so there is nothing that `NO_COLOR` could switch off.
            bar.set_style(bar_style("{wide_bar} {human_pos} of {human_len} numbers"));
            self.bar = Some(bar);
        }
        if let Some(bar) = &self.bar {
            bar.set_position(done);
        }
    }

    /// Writes something else to the terminal, with the bar out of the way.
    pub(super) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.bar {
            Some(bar) => bar.suspend(write),
            None => write(),
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
