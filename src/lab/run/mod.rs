//! The same program on real threads, with real locks.

mod clock;
mod freely;
pub mod gate;
pub(crate) mod judge;
pub(crate) mod live;
mod look;
mod replay;
pub(crate) mod report;
mod spawn;
pub(crate) mod stats;
mod table;
mod threads;
mod turnstile;
mod watch;
mod way;

use std::collections::HashMap;
use std::time::Duration;

pub use clock::Clock;
pub use freely::{run, watched};
pub use live::{Live, Snapshot};
pub use replay::replay;
pub use spawn::RunError;

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
