//! The turnstile: real threads on the real memory, let through one at a time, in the order of a
//! schedule.
//!
//! Its [`Pass`] is a [`Memory`] around another: each operation first waits for its letter. The draw itself is the
//! lesson's [`draw`](crate::draw::draw), unchanged. A window takes no letter: it runs at the end of the step before it, and the
//! next letter waits for it. A letter that cannot go is passed over, used up and reported: its session waits for a
//! held lock, is closed, or did not come in time.
//!
//! What happened is a [`Run`], the same as on the model, so that lanes and table are the same too.
//!
//! The letters may also come [one by one](hand), from a person.

pub mod hand;
mod pass;

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::model::{Model, Outcome};
use super::replay::{Did, PassedOver, Row, Run};
use crate::draw::gallery::Mutexes;
use crate::draw::{Memory, Operation};
pub use crate::lootbox::turns::NoMoreTurns as Ended;
use crate::lootbox::turns::Turns;
use crate::orders::schedule::Schedule;
pub use pass::Pass;

/// What the schedule does not say.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    /// After the last letter everybody runs on freely; else waiting requests end with [`Ended`].
    pub then_free: bool,
    /// How long a letter waits for its session's next request while somebody else waits for the letter.
    pub step_timeout: Duration,
}

impl Default for Rules {
    fn default() -> Self {
        Self {
            then_free: false,
            step_timeout: Duration::from_secs(10),
        }
    }
}

/// Where a session stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Not drawing.
    Away,
    /// Before the program's operation `next`; `locks`: it is to take the shared mutex.
    Waiting { next: usize, locks: bool },
    /// In its turn.
    Going,
    /// Gone for good.
    Closed,
}

#[derive(Debug)]
struct State {
    letters: Vec<usize>,
    position: usize,
    /// More letters may come.
    open: bool,
    then_free: bool,
    /// Since when the letter at `position` has waited for a session that is away.
    since: Option<Instant>,
    places: Vec<Place>,
    /// What each session's draw has read, until its next one begins.
    registers: Vec<Option<u64>>,
    holders: Vec<usize>,
    counter: u64,
    rows: Vec<Row>,
    stopped: bool,
}

impl State {
    /// Whether the last letter is used up and its turn has ended.
    fn has_ended(&self) -> bool {
        !self.open && self.position == self.letters.len() && !self.places.contains(&Place::Going)
    }

    /// Where a session stands, also one that nobody expected.
    fn place(&mut self, session: usize) -> &mut Place {
        if session >= self.places.len() {
            self.places.resize(session + 1, Place::Away);
            self.registers.resize(session + 1, None);
        }
        &mut self.places[session]
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Turnstile {
    state: Mutex<State>,
    changed: Condvar,
    /// How long a letter waits for its session; without an end if a person can take it back.
    step_timeout: Option<Duration>,
    program: Vec<Operation>,
    shared_mutex: bool,
    start: u64,
    size: u64,
}

/// How a wait ended.
enum Entered {
    ByLetter,
    Freely,
    Never,
}

impl Turnstile {
    /// A turnstile for the sessions of `model`; nobody has drawn yet.
    #[must_use]
    pub fn new(model: &Model, schedule: &Schedule, rules: Rules) -> Self {
        let letters = schedule.sessions().collect();
        Self::with(model, letters, rules.then_free, Some(rules.step_timeout))
    }

    fn with(
        model: &Model,
        letters: Vec<usize>,
        then_free: bool,
        step_timeout: Option<Duration>,
    ) -> Self {
        let sessions = model.draws().len();
        Self {
            state: Mutex::new(State {
                letters,
                position: 0,
                open: step_timeout.is_none(),
                then_free,
                since: None,
                places: vec![Place::Away; sessions],
                registers: vec![None; sessions],
                holders: Vec::new(),
                counter: model.counter(),
                rows: Vec::new(),
                stopped: false,
            }),
            changed: Condvar::new(),
            step_timeout,
            program: model.program().to_vec(),
            shared_mutex: model.mutexes() == Mutexes::Shared,
            start: model.counter(),
            size: model.size(),
        }
    }

    /// One session's way through, to `memory`.
    pub fn pass<M: Memory>(&self, session: usize, memory: M) -> Pass<'_, M> {
        Pass::new(self, session, memory)
    }

    /// What it goes by; of letters that come one by one, those that were used up.
    #[must_use]
    pub fn schedule(&self) -> Schedule {
        let state = self.state.lock();
        let letters = match self.step_timeout {
            Some(_) => &state.letters[..],
            None => &state.letters[..state.position],
        };
        Schedule::of(letters.iter().copied()).unwrap_or_default()
    }

    /// Says that a session is gone: its letters are passed over from now on.
    pub fn close(&self, session: usize) {
        let mut state = self.state.lock();
        *state.place(session) = Place::Closed;
        self.advance(&mut state);
    }

    /// Lets nobody through any more, and ends every wait with [`Ended`]: for a server that stops.
    pub fn stop(&self) {
        self.state.lock().stopped = true;
        self.changed.notify_all();
    }

    /// Waits until the last letter is used up and its turn has ended, or until a [stop](Self::stop).
    pub fn wait_for_end(&self) {
        let mut state = self.state.lock();
        while !state.stopped && !state.has_ended() {
            self.changed.wait(&mut state);
        }
    }

    /// What has happened so far.
    #[must_use]
    pub fn run(&self) -> Run {
        self.run_of(&self.state.lock())
    }

    fn run_of(&self, state: &State) -> Run {
        Run {
            sessions: state.places.len(),
            locks: self.program.contains(&Operation::Lock),
            start: self.start,
            size: self.size,
            rows: state.rows.clone(),
            left: vec![0; state.places.len()],
        }
    }

    /// Goes on to the next letter that can go, if nobody is in a turn, and lets its session through.
    fn advance(&self, state: &mut State) {
        while !state.stopped && !state.places.contains(&Place::Going) {
            let Some(&session) = state.letters.get(state.position) else {
                break;
            };
            let over = match state.places.get(session) {
                None => PassedOver::Nobody,
                Some(Place::Closed) => PassedOver::Over,
                Some(Place::Waiting { locks: true, .. }) if !state.holders.is_empty() => {
                    PassedOver::Waits
                }
                Some(Place::Waiting { .. }) => {
                    state.places[session] = Place::Going;
                    state.position += 1;
                    state.since = None;
                    break;
                }
                Some(_) => {
                    let Some(timeout) = self.step_timeout else {
                        break;
                    };
                    let since = *state.since.get_or_insert_with(Instant::now);
                    if since.elapsed() < timeout {
                        break;
                    }
                    PassedOver::Late
                }
            };
            let row = Row {
                session,
                did: Did::PassedOver(over),
                before: state.counter,
                counter: state.counter,
                holders: state.holders.clone(),
            };
            state.rows.push(row);
            state.position += 1;
            state.since = None;
        }
        self.changed.notify_all();
    }

    /// Waits for this session's letter for operation `next`. Ends its turn before, if it is in one.
    fn enter(&self, session: usize, next: usize, locks: bool) -> Entered {
        let mut state = self.state.lock();
        *state.place(session) = Place::Waiting {
            next,
            locks: locks && self.shared_mutex,
        };
        let reads = |operation| matches!(operation, &Operation::Load | &Operation::FetchAdd);
        if !self.program[..next].iter().any(reads) {
            state.registers[session] = None;
        }
        self.advance(&mut state);
        loop {
            match state.places[session] {
                Place::Going => return Entered::ByLetter,
                Place::Closed => return Entered::Never,
                _ if state.stopped => {
                    state.places[session] = Place::Away;
                    return Entered::Never;
                }
                _ => {}
            }
            if state.has_ended() {
                state.places[session] = Place::Away;
                return if state.then_free {
                    Entered::Freely
                } else {
                    Entered::Never
                };
            }
            match (state.since, self.step_timeout) {
                (Some(since), Some(timeout)) => {
                    let late = self
                        .changed
                        .wait_until(&mut state, since + timeout)
                        .timed_out();
                    if late {
                        self.advance(&mut state);
                    }
                }
                _ => self.changed.wait(&mut state),
            }
        }
    }

    /// Ends the turn in which a draw ended.
    fn leave(&self, session: usize, ticket: Option<u64>) {
        let mut state = self.state.lock();
        if *state.place(session) == Place::Going {
            let outcome = ticket.map_or(Outcome::SoldOut, Outcome::Drew);
            if let Some(row) = state.rows.last_mut()
                && let Did::Ran { outcome: noted, .. } = &mut row.did
            {
                *noted = outcome;
            }
            state.places[session] = Place::Away;
        }
        self.advance(&mut state);
    }

    fn hold(&self, session: usize, holds: bool) {
        let mut state = self.state.lock();
        state.holders.retain(|&holder| holder != session);
        if holds {
            state.holders.push(session);
            state.holders.sort_unstable();
        }
    }
}

impl Turns for Turnstile {
    fn draw(&self, session: usize, memory: &mut dyn Memory) -> Result<Option<u64>, Ended> {
        self.pass(session, memory).draw(1)
    }

    fn are_left(&self) -> bool {
        !self.state.lock().has_ended()
    }

    fn are_over_and_all_run_on(&self) -> bool {
        let state = self.state.lock();
        state.then_free && state.has_ended()
    }

    fn close(&self, session: usize) {
        Turnstile::close(self, session);
    }

    fn stop(&self) {
        Turnstile::stop(self);
    }
}
