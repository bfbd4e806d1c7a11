//! The order that replays a duplicate, and the command line that shows it.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::cut::{Turn, cut};
use super::holds;
use super::search::{Drawn, Guess, Stopped, search};
use crate::command_line::{Explore, Numbers};
use crate::draw::{Grain, Operation};
use crate::draws::explore::explore;
use crate::draws::{Model, Run, Schedule, replay};
use crate::lootbox::Recorded;
use crate::orders::Bounds;
use crate::orders::schedule::MAX_SESSIONS;

/// An order is to have a place for each draw whose ticket is at most so far from the duplicate's: the more draws, the surer it
/// is how it was. Where the counter came from further below, more are needed.
const WIDE: [u64; 3] = [64, 512, 4_096];
/// Where that is more than a search can do, fewer have to suffice.
const NARROW: [u64; 7] = [32, 16, 8, 4, 2, 1, 0];
/// Two draws by one program are few states.
const PAIR: Bounds = Bounds {
    enough: None,
    states: 20_000,
    bytes: 64 << 20,
};
/// A program may move the counter so often before it reads its ticket.
const MOVES: u64 = 4;

/// An order that hands out one ticket twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Witness {
    /// The ticket that is handed out twice.
    pub ticket: u64,
    /// Where the counter begins.
    pub counter: u64,
    /// How often each session draws: the first is A in `schedule`, the second B, …
    pub draws: Vec<u64>,
    /// The same sessions' letters in the run.
    pub sessions: Vec<String>,
    /// A letter an operation.
    pub schedule: String,
    /// What replays it: a command line.
    pub command: String,
    /// The lowest and the highest ticket of the draws among which the order was searched: each that comes before its last step
    /// has its place in it. `None`: only the draws in it were looked at.
    #[serde(default)]
    pub explains: Option<(u64, u64)>,
}

/// Why there is no order to be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub(super) enum NoWitness {
    /// Then there is nothing to show.
    #[error("ticket {0} was not handed out twice: ask for the ticket of a duplicate")]
    NoDuplicate(u64),
    /// A schedule is for draws of one number.
    #[error(
        "ticket {0} was drawn as part of a whole request (grain request), and a schedule orders draws of one number: use --grain number"
    )]
    Request(u64),
    /// It is known what ran before the change and after it, but not for this draw.
    #[error(
        "mode, program or grain changed while tickets around {0} were drawn, and it is not recorded which of them each draw ran: ask for another duplicate"
    )]
    Changed(u64),
    /// The search is bounded, and the recording may lack a draw that is in flight.
    #[error(
        "no order of the recorded draws was found in which ticket {0} is handed out twice: ask for another duplicate"
    )]
    NoOrder(u64),
}

/// An order that was replayed, and what that did.
pub(super) struct Found {
    pub(super) witness: Witness,
    pub(super) run: Run,
}

/// The order in which the ticket was handed out twice, as far as the recording tells.
///
/// # Errors
/// See [`NoWitness`].
pub(super) fn order(ticket: u64, recorded: &Recorded) -> Result<Found, NoWitness> {
    check(ticket, recorded)?;
    if !reads_and_then_writes(&recorded.runs.program.operations) {
        return pair(ticket, recorded).ok_or(NoWitness::NoOrder(ticket));
    }
    searched(ticket, recorded).ok_or(NoWitness::NoOrder(ticket))
}

fn searched(ticket: u64, recorded: &Recorded) -> Option<Found> {
    for reach in WIDE {
        match Around::of(ticket, reach, false, recorded).order(ticket, recorded) {
            Ok(found) => return Some(found),
            Err(Stopped::NoOrder) => {}
            Err(Stopped::OutOfWork) => break,
        }
    }
    NARROW.iter().find_map(|&reach| {
        let near = Around::of(ticket, reach, true, recorded);
        near.order(ticket, recorded).ok()
    })
}

fn check(ticket: u64, recorded: &Recorded) -> Result<(), NoWitness> {
    if !recorded.certain {
        return Err(NoWitness::Changed(ticket));
    }
    if recorded.runs.grain == Grain::Request {
        return Err(NoWitness::Request(ticket));
    }
    let mut times = 0;
    for (_, journal) in &recorded.journals {
        let holds = journal.clone().filter(|draws| draws.contains(&ticket));
        times += holds.count();
    }
    if times < 2 {
        return Err(NoWitness::NoDuplicate(ticket));
    }
    Ok(())
}

/// Two sessions with one draw each, as the explorer orders them first: how it can be done, which need not be how it was. But
/// where draws only add to the counter it never comes back, so both have read before either added, and it is.
pub(super) fn pair(ticket: u64, recorded: &Recorded) -> Option<Found> {
    check(ticket, recorded).ok()?;
    let journals = recorded.journals.iter();
    let mut holders = journals.filter(|(_, journal)| holds(journal, ticket));
    let letters = vec![holders.next()?.0.clone(), holders.next()?.0.clone()];
    let drawn = [vec![ticket], vec![ticket]];
    let lowest = ticket.saturating_sub(MOVES);
    (lowest..=ticket).rev().find_map(|counter| {
        let order = Order::new(&drawn, counter, recorded)?;
        let schedule = explore(&order.model, PAIR, &mut |_| ()).witness?;
        order.replayed(ticket, &schedule, letters.clone(), None)
    })
}

/// What the sessions drew of tickets near the duplicate's.
struct Around {
    letters: Vec<String>,
    drawn: Drawn,
    highest: u64,
}

impl Around {
    fn of(ticket: u64, reach: u64, others: bool, recorded: &Recorded) -> Self {
        let lowest = recorded.since.max(ticket.saturating_sub(reach));
        let highest = ticket.saturating_add(reach).min(recorded.until - 1);
        let sessions = recorded.journals.iter().map(|(letter, journal)| {
            let near = |range: Range<u64>| range.start.max(lowest)..range.end.min(highest + 1);
            let drawn: Vec<u64> = journal.clone().flat_map(near).collect();
            (letter.clone(), drawn)
        });
        let (letters, tickets) = sessions.filter(|(_, drawn)| !drawn.is_empty()).unzip();
        Self {
            letters,
            drawn: Drawn {
                lowest,
                others: others && lowest > recorded.since,
                tickets,
            },
            highest,
        }
    }

    /// An order of these draws, by the likelier guess or else by the other one.
    fn order(&self, ticket: u64, recorded: &Recorded) -> Result<Found, Stopped> {
        let mut guesses = [Guess::AtOnce, Guess::HeldUp];
        if came_back(ticket, recorded) {
            guesses.reverse();
        }
        for guess in guesses {
            match search(ticket, &self.drawn, guess) {
                Ok(writes) => {
                    let turns = cut(ticket, self.drawn.lowest, &writes);
                    let found = turns.and_then(|turns| self.replayed(ticket, &turns, recorded));
                    // The letters or the lines went beyond what there is here.
                    return found.ok_or(Stopped::NoOrder);
                }
                Err(Stopped::NoOrder) => return Err(Stopped::NoOrder),
                Err(Stopped::OutOfWork) => {}
            }
        }
        Err(Stopped::OutOfWork)
    }

    /// Reads and writes as letters, replayed. `None` if the program's operations do not come to the same, because a lock keeps
    /// the others out, or if there are more sessions than letters.
    fn replayed(&self, ticket: u64, turns: &[Turn], recorded: &Recorded) -> Option<Found> {
        let (reading, writing) = letters_of_a_read_and_a_write(&recorded.runs.program.operations)?;
        let sessions: Vec<usize> = (0..self.letters.len())
            .filter(|&session| turns.iter().any(|turn| turn.session == session))
            .collect();
        if sessions.len() > MAX_SESSIONS {
            return None;
        }
        let mut drawn = vec![Vec::new(); sessions.len()];
        let mut letters = Vec::new();
        for turn in turns {
            let place = sessions.iter().position(|&it| it == turn.session)?;
            if turn.writes {
                drawn[place].push(turn.ticket);
            }
            let count = if turn.writes { writing } else { reading };
            letters.extend(std::iter::repeat_n(place, count));
        }
        let order = Order::new(&drawn, turns.first()?.ticket, recorded)?;
        let names = sessions.iter().map(|&it| self.letters[it].clone());
        let explains = Some((self.drawn.lowest, self.highest));
        order.replayed(ticket, &Schedule::of(letters)?, names.collect(), explains)
    }
}

/// Whether the counter is known to have come back past the ticket: a session drew this one or a lower one after it had drawn
/// this one or a higher one. Of real runs in which each read and write was numbered, nearly all such duplicates were drawn
/// one after the other, and most of the others at once, where a client asks for one number at a time.
fn came_back(ticket: u64, recorded: &Recorded) -> bool {
    recorded.journals.iter().any(|(_, journal)| {
        let mut highest = 0;
        journal.clone().any(|draws| {
            let back = draws.start <= ticket && ticket < highest;
            highest = draws.end;
            back
        })
    })
}

/// Sessions that are to draw what they drew in the run.
struct Order<'a> {
    drawn: &'a [Vec<u64>],
    model: Model,
    recorded: &'a Recorded,
}

impl<'a> Order<'a> {
    fn new(drawn: &'a [Vec<u64>], counter: u64, recorded: &'a Recorded) -> Option<Self> {
        let Recorded { runs, round, .. } = recorded;
        let draws: Vec<u64> = drawn.iter().map(|drawn| drawn.len() as u64).collect();
        let size = round.list.size();
        let model = Model::new(
            &runs.program.operations,
            runs.program.mutexes,
            &draws,
            size,
            counter,
        )
        .ok()?;
        Some(Self {
            drawn,
            model,
            recorded,
        })
    }

    /// Nothing is believed: the schedule is replayed. `None` if that hands out anything else.
    fn replayed(
        self,
        ticket: u64,
        schedule: &Schedule,
        sessions: Vec<String>,
        explains: Option<(u64, u64)>,
    ) -> Option<Found> {
        let run = replay(&self.model, schedule);
        if tickets(&run) != self.drawn {
            return None;
        }
        let Recorded { runs, round, .. } = self.recorded;
        let command = Explore {
            program: (&*runs.program).into(),
            numbers: Numbers::of(round.list.numbers(), round.seed),
            counter: self.model.counter(),
            draws: self.model.draws().to_vec(),
        };
        let witness = Witness {
            ticket,
            counter: command.counter,
            draws: command.draws.clone(),
            sessions,
            schedule: schedule.to_string(),
            command: command.replay(schedule),
            explains,
        };
        Some(Found { witness, run })
    }
}

/// Each session's tickets, in its own order.
pub(super) fn tickets(run: &Run) -> Vec<Vec<u64>> {
    let mut tickets = vec![Vec::new(); run.sessions];
    for column in run.table().columns {
        tickets[column.session].push(column.ticket);
    }
    tickets
}

/// Whether a draw reads its ticket, and after that writes it and one more: nothing else moves the counter.
fn reads_and_then_writes(program: &[Operation]) -> bool {
    use Operation::{Add, FetchAdd, Load, Store, StoreIfUnchanged};
    let mut moves = program
        .iter()
        .filter(|operation| matches!(operation, Load | Store | StoreIfUnchanged | Add | FetchAdd))
        .skip_while(|&&operation| operation == Load)
        .peekable();
    program.contains(&Load)
        && moves.peek().is_some()
        && moves.all(|operation| matches!(operation, Store | StoreIfUnchanged))
}

/// How many letters of a draw belong to its read, and how many to its write: the read ends with the `unlock`s
/// after the last `load`, so that others can come in there.
fn letters_of_a_read_and_a_write(program: &[Operation]) -> Option<(usize, usize)> {
    let letters: Vec<_> = program
        .iter()
        .filter(|&&operation| operation != Operation::Window)
        .collect();
    let load = letters
        .iter()
        .rposition(|&&operation| operation == Operation::Load)?;
    let reading = letters[load + 1..]
        .iter()
        .position(|&&operation| operation != Operation::Unlock)?
        + load
        + 1;
    Some((reading, letters.len() - reading))
}
