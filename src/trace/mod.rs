//! How a number came to be handed out more than once: the recorded reads and writes as one order, replayed.
//!
//! A free run keeps no order of its reads and writes, because a clock between them would hide the race. But a draw's
//! ticket *is* what it read, and each session's draws are kept in its own order. That says nearly everything: an
//! order is [searched](search) in which every draw of the tickets around the duplicate gets the ticket that it got. Of that order is
//! [kept](cut) what the duplicate takes, and this is the [witness]: it is replayed on the model before it is believed, and
//! a command line replays it once more. The [story] is what the replay did, so the two cannot differ.
//!
//! Of what cannot be replayed only the draws themselves are told, as a [sketch], and why.

mod cut;
mod search;
mod sketch;
mod story;
mod witness;

use serde::{Deserialize, Serialize};

use crate::lootbox::Recorded;
use crate::record::journal::Reader;
pub use story::{Action, Step, Story};
pub use witness::Witness;

/// A duplicate's story, and the order that replays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who read what, who wrote what.
    #[serde(flatten)]
    pub story: Story,
    /// The order: the story is what it does.
    #[serde(default)]
    pub witness: Option<Witness>,
    /// Why there is none; the story is a sketch then.
    #[serde(default)]
    pub no_witness: Option<String>,
    /// Another, shorter order with the same duplicate: how two draws alone can do it, which need not be how it was.
    #[serde(default)]
    pub shorter: Option<Witness>,
}

impl From<Story> for Told {
    /// The story alone.
    fn from(story: Story) -> Self {
        Self {
            story,
            witness: None,
            no_witness: None,
            shorter: None,
        }
    }
}

/// How the number of `ticket` came to be handed out, and for a duplicate the order that replays it. `None` if nobody has got
/// the ticket. Reads all journals, beside the draws and the sums.
#[must_use]
pub fn tell(ticket: u64, recorded: &Recorded) -> Option<Told> {
    let list = recorded.round.list.numbers();
    let pair = || witness::pair(ticket, recorded).map(|found| found.witness);
    match witness::order(ticket, recorded) {
        Ok(found) => {
            let holders = recorded
                .journals
                .iter()
                .filter(|(_, journal)| holds(journal, ticket));
            let (run, letters) = (&found.run, &found.witness.sessions);
            let story = Story::of(run, ticket, list, letters, holders.count() as u64);
            let is_shorter = |pair: &Witness| pair.schedule.len() < found.witness.schedule.len();
            Some(Told {
                shorter: pair().filter(is_shorter),
                witness: Some(found.witness),
                ..story.into()
            })
        }
        Err(why) => {
            let story = sketch::tell(ticket, recorded)?;
            Some(Told {
                no_witness: Some(why.to_string()),
                shorter: pair(),
                ..story.into()
            })
        }
    }
}

/// Whether the session got the ticket.
fn holds(journal: &Reader, ticket: u64) -> bool {
    journal.clone().any(|draws| draws.contains(&ticket))
}

#[cfg(test)]
mod tests;
