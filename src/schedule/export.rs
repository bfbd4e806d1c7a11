//! A duplicate that happened by itself, as an order that can be replayed: its witness.
//!
//! A free run keeps no order of its reads and writes, because a clock between them would hide the race. But a
//! draw's ticket *is* what it read, and each session's draws are kept in its own order. So what is exported is
//! some of the recorded draws, each session's in its own order, with the counter they began with and an order of
//! their operations in which **every draw gets the ticket that it got in the run**. Among those there are, it has few
//! draws: what the recording cannot tell apart is told in the shortest way. Two sessions that got one
//! ticket are two draws, and one session that got it twice takes whoever moved the counter back
//! (`back`). Where that search comes to its bound, an order of all draws from some ticket on is looked for (`whole`).
//!
//! Nothing here is believed: whatever was found is [replayed](super::replay()) on the model before it is given out.

mod back;
mod whole;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::explore::explore;
use super::model::Model;
use super::replay::{Run, replay};
use super::text::{MOST_SESSIONS, Schedule};
use crate::draw::gallery::Mutexes;
use crate::draw::{Grain, Operation};
use crate::lootbox::{Recorded, Round};
use crate::orders::Bounds;
use crate::record::Story;
use crate::record::journal::Reader;
use back::Turn;

/// Two draws by one program are few states.
const PAIR: Bounds = Bounds {
    enough: None,
    states: 20_000,
    bytes: 64 << 20,
};
/// Lists of more numbers are not written out.
const LISTED: usize = 12;
/// A program may move the counter so often before it reads its ticket.
const MOVES: u64 = 4;

/// An order that hands out one ticket twice, as it happened in the run.
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
    /// What replays it: a command line. Empty without a [round](of_round).
    pub command: String,
}

/// A duplicate's story, and the order that replays it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Told {
    /// Who read what, who wrote what.
    #[serde(flatten)]
    pub story: Story,
    /// The order.
    #[serde(default)]
    pub witness: Option<Witness>,
    /// Why there is none.
    #[serde(default)]
    pub no_witness: Option<String>,
}

impl From<Story> for Told {
    /// The story alone.
    fn from(story: Story) -> Self {
        Self {
            story,
            witness: None,
            no_witness: None,
        }
    }
}

/// Why there is no order to be replayed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum NoWitness {
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

/// The witness of a ticket in a round, with the command line that replays it there: the same program, the same
/// list where a command line can name it.
///
/// # Errors
/// See [`NoWitness`].
pub fn of_round(ticket: u64, recorded: Recorded) -> Result<Witness, NoWitness> {
    let Recorded {
        round,
        runs,
        since,
        certain,
        journals,
    } = recorded;
    if !certain {
        return Err(NoWitness::Changed(ticket));
    }
    if runs.grain == Grain::Request {
        return Err(NoWitness::Request(ticket));
    }
    let mut witness = export(
        ticket,
        Recording {
            program: runs.program(),
            mutexes: runs.mutexes(),
            size: round.list.size(),
            since,
            journals,
        },
    )?;
    let draws: Vec<_> = witness.draws.iter().map(u64::to_string).collect();
    witness.command = format!(
        "lootbox explore {} {} --counter {} --draws {} --replay {}",
        runs.option(),
        list_option(&round),
        witness.counter,
        draws.join(","),
        witness.schedule
    );
    Ok(witness)
}

/// A long list given by hand does not go on a command line: then the tickets are the same and the numbers are
/// not.
fn list_option(round: &Round) -> String {
    let numbers = round.list.numbers();
    match round.seed {
        Some(seed) => format!("--size {} --seed {seed}", numbers.len()),
        None if numbers.len() <= LISTED => {
            let numbers: Vec<_> = numbers.iter().map(u32::to_string).collect();
            format!("--list {}", numbers.join(","))
        }
        None => format!("--size {}", numbers.len()),
    }
}

/// A free run, as far as it was recorded: what to export from.
#[derive(Clone, Debug)]
pub struct Recording<'a> {
    /// What each draw did.
    pub program: &'a [Operation],
    /// Whose mutex that locks.
    pub mutexes: Mutexes,
    /// How many numbers the list has.
    pub size: u64,
    /// Draws of lower tickets ran something else.
    pub since: u64,
    /// All sessions, by letter.
    pub journals: Vec<(String, Reader)>,
}

/// An order that hands out `ticket` twice, from a free run in which it was.
///
/// # Errors
/// If it was not, or no order is found: see [`NoWitness`].
pub fn export(ticket: u64, recording: Recording<'_>) -> Result<Witness, NoWitness> {
    let Recording {
        program,
        mutexes,
        size,
        since,
        journals,
    } = recording;
    let subject = Subject {
        program,
        mutexes,
        size,
        ticket,
    };
    let lowest = since.max(ticket.saturating_sub(back::FARTHEST));
    let (letters, histories): (Vec<_>, Vec<_>) = journals
        .into_iter()
        .map(|(letter, journal)| (letter, between(lowest, ticket, journal)))
        .filter(|(_, history)| !history.is_empty())
        .unzip();
    let times = |history: &Vec<u64>| history.iter().filter(|&&drawn| drawn == ticket).count();
    let holders: Vec<usize> = (0..histories.len())
        .filter(|&session| times(&histories[session]) > 0)
        .collect();
    if histories.iter().map(times).sum::<usize>() < 2 {
        return Err(NoWitness::NoDuplicate(ticket));
    }
    let pair = match holders[..] {
        [first, second, ..] => subject.pair().map(|found| (found, vec![first, second])),
        _ => None,
    };
    let found = pair
        .or_else(|| {
            let turns = back::search(ticket, lowest, &histories)?;
            subject.realise(&turns, &histories)
        })
        .or_else(|| {
            let turns = whole::search(ticket, lowest, &histories)?;
            subject.realise(&turns, &histories)
        });
    let ((model, schedule), sessions) = found.ok_or(NoWitness::NoOrder(ticket))?;
    Ok(Witness {
        ticket,
        counter: model.counter(),
        draws: model.draws().to_vec(),
        sessions: sessions
            .into_iter()
            .map(|session| letters[session].clone())
            .collect(),
        schedule: schedule.to_string(),
        command: String::new(),
    })
}

/// A session's draws of tickets from `lowest` to `highest`, in its own order.
fn between(lowest: u64, highest: u64, journal: Reader) -> Vec<u64> {
    journal
        .flat_map(|range| range.start.max(lowest)..range.end.min(highest + 1))
        .collect()
}

type Found = (Model, Schedule);

/// What is looked for, and with what.
struct Subject<'a> {
    program: &'a [Operation],
    mutexes: Mutexes,
    size: u64,
    ticket: u64,
}

impl Subject<'_> {
    /// Two sessions with one draw each: the explorer knows the shortest order.
    fn pair(&self) -> Option<Found> {
        let lowest = self.ticket.saturating_sub(MOVES);
        (lowest..=self.ticket).rev().find_map(|counter| {
            let model = Model::new(self.program, self.mutexes, &[1, 1], self.size, counter).ok()?;
            let schedule = explore(&model, PAIR, &mut |_| ()).witness?;
            let run = replay(&model, &schedule);
            let both = vec![vec![self.ticket]; 2];
            (tickets(&run) == both).then_some((model, schedule))
        })
    }

    /// Reads and writes as letters, with the sessions that they are of. `None` if the program's operations do not
    /// come to the same: a lock keeps the others out, or the draw reads more than once.
    fn realise(&self, turns: &[Turn], histories: &[Vec<u64>]) -> Option<(Found, Vec<usize>)> {
        let (reading, writing) = letters_of_a_read_and_a_write(self.program)?;
        let sessions: Vec<usize> = (0..histories.len())
            .filter(|&session| turns.iter().any(|turn| turn.session == session))
            .collect();
        if sessions.len() > MOST_SESSIONS {
            return None;
        }
        let mut drawn = vec![Vec::new(); sessions.len()];
        let mut letters = Vec::new();
        for turn in turns {
            let place = sessions
                .iter()
                .position(|&session| session == turn.session)?;
            if turn.writes {
                drawn[place].push(turn.ticket);
            }
            let count = if turn.writes { writing } else { reading };
            letters.extend(std::iter::repeat_n(place, count));
        }
        let draws: Vec<u64> = drawn.iter().map(|drawn| drawn.len() as u64).collect();
        let counter = turns.first()?.ticket;
        let model = Model::new(self.program, self.mutexes, &draws, self.size, counter).ok()?;
        let schedule = Schedule::of(letters)?;
        let run = replay(&model, &schedule);
        (tickets(&run) == drawn).then_some(((model, schedule), sessions))
    }
}

/// Each session's tickets, in its own order.
fn tickets(run: &Run) -> Vec<Vec<u64>> {
    let mut tickets = vec![Vec::new(); run.sessions];
    for column in run.table().columns {
        tickets[column.session].push(column.ticket);
    }
    tickets
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

#[cfg(test)]
mod tests;
