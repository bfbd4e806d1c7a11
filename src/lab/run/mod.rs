//! The same program on real threads, with real locks.

mod clock;
pub mod gate;
pub mod live;
pub mod stats;
mod threads;
mod turnstile;

use std::collections::HashMap;
use std::time::Duration;

pub use clock::Clock;
pub use live::{Live, Snapshot};
pub use threads::{Replayed, replay, run, watched};

/// How a run goes.
#[derive(Debug, Clone)]
pub struct Options {
    /// How long activities take, by name; `step` is a pause before every step.
    pub times: HashMap<String, (Duration, Duration)>,
    /// How long the others take.
    pub otherwise: (Duration, Duration),
    /// What chooses between them.
    pub seed: u64,
    /// When to stop.
    pub length: Duration,
}
