//! Who decides when, if not the operating system: somebody who gives each operation of the draws its turn.
//!
//! The loot box knows no schedule. It hands each draw over, with the real memory, and is told how it ended.

use thiserror::Error;

use crate::draw::Memory;

/// There will be no turn any more for this draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the schedule has ended")]
pub struct NoMoreTurns;

/// See the [module](self).
pub trait Turns: Send + Sync {
    /// One draw by this session (A is 0), each operation on `memory` in its turn. `Ok(None)`: sold out.
    ///
    /// # Errors
    /// If the turns end before the draw does.
    fn draw(&self, session: usize, memory: &mut dyn Memory) -> Result<Option<u64>, NoMoreTurns>;

    /// Whether turns are left. Until then nothing may change.
    fn are_left(&self) -> bool;

    /// Whether draws now begin without waiting for a turn.
    fn are_over_and_all_run_on(&self) -> bool;

    /// The session is gone.
    fn close(&self, session: usize);

    /// Nobody gets a turn any more.
    fn stop(&self);
}
