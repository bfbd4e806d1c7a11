//! The loot box: a list, the counter's memory, the mode in force, and rounds.
//!
//! Sessions [join](Lootbox::join) it and draw through a [`Seat`]; what changes for all of them (mode,
//! window, grain, a new round, pause, stop) changes here, at a moment when no draw is in flight.
//!
//! - [`list`]: the shuffled numbers
//! - [`gate`]: how everybody stops for a moment, and [`change`] what is done then
//! - [`round`]: what the draws of a moment run on
//! - [`seat`]: one session's way to draw
//! - [`turns`]: who decides when, if not the operating system

pub(crate) mod change;
pub mod gate;
pub mod list;
pub(crate) mod round;
pub(crate) mod seat;
pub(crate) mod turns;

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::time::Instant;

use parking_lot::Mutex;

use crate::draw::{DrawProgram, Grain, Window};
use crate::record::journal::{Reader, journal};
use crate::record::{OtherProgram, SessionRecord, Snapshot, Sums, Tally, tally};
use gate::{Gate, Place};
use list::List;
use round::check_window;
pub use round::{ChangeError, Round, Runs, Setting, Source};
pub use seat::{NotThatLetter, Refused, Seat};
use turns::Turns;

/// A session's connection, as far as the loot box must act on it.
pub trait Line: Send + Sync {
    /// Ends waiting for the client's next request.
    fn stop_reading(&self);
    /// Ends everything: also a write that the client does not take.
    fn cut(&self);
}

struct Member {
    record: Arc<SessionRecord>,
    place: Arc<Place>,
    line: Box<dyn Line>,
}

/// What was recorded of a round, for one ticket.
#[derive(Debug)]
pub struct Recorded {
    /// The round.
    pub round: Arc<Round>,
    /// What ran when the ticket was drawn.
    pub runs: Runs,
    /// Draws of lower tickets may have run something else.
    pub since: u64,
    /// So may draws of this ticket and higher ones.
    pub until: u64,
    /// Whether all draws of the ticket ran that. If not, a change came in between.
    pub certain: bool,
    /// All draws from the beginning of the round, by session.
    pub journals: Vec<(String, Reader)>,
}

/// A moment at which all draws begun before the counter came to `counter` will be known to be over.
struct Cut {
    counter: u64,
    inside: Vec<(Arc<Place>, u64)>,
}

/// See the [module](self).
pub struct Lootbox {
    gate: Gate,
    /// Counts the changes of `setting`, so that a seat need not look at it before each batch.
    generation: AtomicU64,
    setting: Mutex<Arc<Setting>>,
    source: Mutex<Source>,
    /// Held through a change: one at a time. `true`: paused.
    changing: Mutex<bool>,
    paused: AtomicBool,
    members: Mutex<BTreeMap<u64, Member>>,
    connections: AtomicU64,
    tally: Mutex<Tally>,
    cut: Mutex<Option<Cut>>,
    /// The sums of the rounds before this one, but for `undelivered`.
    finished: Mutex<Sums>,
    undelivered: AtomicU64,
    recording: bool,
    /// Who decides when, if not the operating system.
    turns: Option<Arc<dyn Turns>>,
    begun: Instant,
}

impl Lootbox {
    /// A loot box in its first round, with nobody drawing.
    ///
    /// # Errors
    /// If the list cannot be made, or the program cannot have the window.
    pub fn new(
        source: Source,
        program: impl Into<DrawProgram>,
        window: Option<Window>,
        grain: Grain,
    ) -> Result<Self, ChangeError> {
        Self::with_recording(source, program.into(), window, grain, true)
    }

    /// The same without the recording of who drew what: to measure what the recording costs.
    ///
    /// # Errors
    /// As [`Lootbox::new`].
    pub fn without_recording(
        source: Source,
        program: impl Into<DrawProgram>,
        window: Option<Window>,
        grain: Grain,
    ) -> Result<Self, ChangeError> {
        Self::with_recording(source, program.into(), window, grain, false)
    }

    fn with_recording(
        source: Source,
        program: DrawProgram,
        window: Option<Window>,
        grain: Grain,
        recording: bool,
    ) -> Result<Self, ChangeError> {
        check_window(&program, window)?;
        let round = match &source {
            Source::Shuffled { size, seed } => {
                Round::new(1, Some(*seed), Arc::new(List::shuffled(*size, *seed)?))
            }
            Source::Given(list) => Round::new(1, None, Arc::clone(list)),
        };
        Ok(Self {
            gate: Gate::default(),
            generation: AtomicU64::new(0),
            setting: Mutex::new(Arc::new(Setting {
                round,
                runs: Runs {
                    program: Arc::new(program),
                    grain,
                },
                chosen_window: window,
            })),
            source: Mutex::new(source),
            changing: Mutex::new(false),
            paused: AtomicBool::new(false),
            members: Mutex::new(BTreeMap::new()),
            connections: AtomicU64::new(0),
            tally: Mutex::new(Tally::default()),
            cut: Mutex::new(None),
            finished: Mutex::new(Sums::default()),
            undelivered: AtomicU64::new(0),
            recording,
            turns: None,
            begun: Instant::now(),
        })
    }

    /// The same, with each operation of the draws in its turn.
    #[must_use]
    pub fn by_turns(mut self, turns: Arc<dyn Turns>) -> Self {
        self.turns = Some(turns);
        self
    }

    /// What is in force now.
    #[must_use]
    pub fn setting(&self) -> Arc<Setting> {
        Arc::clone(&self.setting.lock())
    }

    /// Takes a new session into the current round.
    pub fn join(self: &Arc<Self>, peer: SocketAddr, line: Box<dyn Line>) -> Seat {
        let id = self.connections.fetch_add(1, Relaxed) + 1;
        let record = Arc::new(SessionRecord::new(id, peer));
        let place = Arc::new(Place::default());
        let member = Member {
            record: Arc::clone(&record),
            place: Arc::clone(&place),
            line,
        };
        // The round is read while the members are locked: a new round begins either before, and the
        // session is in it, or after, and finds this session in the list to be closed.
        let mut members = self.members.lock();
        let setting = self.setting();
        members.insert(id, member);
        drop(members);
        let (writer, reader) = journal();
        Seat::new(Arc::clone(self), record, place, setting, writer, reader)
    }

    fn leave(&self, id: u64) {
        let member = self.members.lock().remove(&id);
        if let Some(member) = member {
            member.record.close();
            if let (Some(turns), Some(session)) = (&self.turns, member.record.place()) {
                turns.close(session);
            }
        }
    }

    /// How many sessions are connected.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.members.lock().len()
    }

    /// Lets draws in flight end, and no new ones begin, for good; ends waiting for requests.
    pub fn stop(&self) {
        self.gate.stop();
        if let Some(turns) = &self.turns {
            turns.stop();
        }
        for member in self.members.lock().values() {
            Gate::wake(&member.place);
            member.line.stop_reading();
        }
    }

    /// Ends every connection, whatever it does.
    pub fn cut_all(&self) {
        for member in self.members.lock().values() {
            Gate::wake(&member.place);
            member.line.cut();
        }
    }

    /// Does the sums. To be called at even intervals, a few times a second.
    pub fn tick(&self) {
        let mut tally = self.tally.lock();
        let mut cut = self.cut.lock();
        if let Some(over) = cut.as_mut() {
            over.inside
                .retain(|(place, visits)| place.visits() == *visits);
        }
        let settled = match cut.take() {
            Some(over) if over.inside.is_empty() => Some(over.counter),
            waiting => {
                *cut = waiting;
                None
            }
        };
        tally.read();
        if let Some(counter) = settled {
            tally.settle(counter);
        }
        if cut.is_none() {
            let counter = self.setting().round.shared.counter();
            let inside = self
                .members
                .lock()
                .values()
                .map(|member| (Arc::clone(&member.place), member.place.visits()))
                .filter(|(_, visits)| visits % 2 == 1)
                .collect();
            *cut = Some(Cut { counter, inside });
        }
        tally.sample(self.begun.elapsed());
    }

    /// Whether the counter has reached the end of the list.
    #[must_use]
    pub fn is_sold_out(&self) -> bool {
        let round = &self.setting().round;
        round.shared.counter() >= round.list.size()
    }

    /// What was recorded of this round, and what ran when `ticket` was drawn.
    #[must_use]
    pub fn recorded(&self, ticket: u64) -> Recorded {
        // Under one lock: a new round empties the sums and changes the setting together.
        let tally = self.tally.lock();
        let setting = self.setting();
        let mut recorded = Recorded {
            round: Arc::clone(&setting.round),
            runs: setting.runs.clone(),
            since: 0,
            until: u64::MAX,
            certain: true,
            journals: tally.journals(),
        };
        for change in setting.round.changes.lock().iter() {
            if ticket < change.one_past_highest {
                recorded.certain = ticket < change.counter;
                recorded.until = change.counter;
                recorded.runs = change.before.clone();
                break;
            }
            recorded.since = change.one_past_highest;
        }
        recorded
    }

    /// The sums at this moment, and who is there. What only the server knows (address, bots) is left
    /// empty.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        let mut tally = self.tally.lock();
        let setting = self.setting();
        // The journals first: a draw that is recorded has moved the counter already.
        tally.read();
        let round = &setting.round;
        let counter = round.shared.counter();
        let undelivered = round.undelivered.load(Relaxed);
        let (mut rows, more) = tally.rows(Snapshot::SESSIONS);
        rows.extend(
            self.members
                .lock()
                .values()
                .filter(|member| !member.record.has_letter())
                .map(|member| tally::row(&member.record)),
        );
        let (sessions, left_out) = tally::shorten(rows);
        let finished_rounds = Sums {
            undelivered: self.undelivered.load(Relaxed).saturating_sub(undelivered),
            ..*self.finished.lock()
        };
        let list = round.list.numbers();
        let program = &setting.runs.program;
        // After the newest of those before which another program ran, the one in force does.
        let before_change = round
            .changes
            .lock()
            .iter()
            .rfind(|change| change.before.program != *program)
            .map(|change| change.sums)
            .unwrap_or_default();
        Snapshot {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            address: String::new(),
            cores: cores(),
            mode: program.nearest_mode(),
            program: program.mode.is_none().then(|| OtherProgram {
                name: program.name.to_owned(),
                operations: program.text(),
            }),
            window: setting.window(),
            grain: setting.runs.grain,
            size: round.list.size(),
            seed: round.seed,
            round: round.number,
            uptime_ns: u64::try_from(self.begun.elapsed().as_nanos()).unwrap_or(u64::MAX),
            paused: self.paused.load(Relaxed),
            sold_out: counter >= round.list.size(),
            bots: 0,
            bot_rate: 0,
            counter,
            sums: Sums {
                undelivered,
                ..tally.sums(counter)
            },
            draws_per_second: tally.draws_per_second(),
            duplicate_list: tally.newest_duplicates(list, Snapshot::DUPLICATES),
            recent: tally.newest_draws(list, counter, Snapshot::RECENT),
            sessions,
            sessions_left_out: more + left_out,
            before_change,
            finished_rounds,
        }
    }
}

/// How many cores this process may use.
pub(crate) fn cores() -> u64 {
    std::thread::available_parallelism().map_or(1, |cores| cores.get() as u64)
}

#[cfg(test)]
mod tests;
