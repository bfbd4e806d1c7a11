//! The turnstile: real threads on the real memory, let through one at a time, in the order of a
//! schedule.
//!
//! Its [`Pass`] is a [`Memory`] around another: each operation first waits for its letter. The draw itself is the
//! lesson's [`draw`](crate::draw::draw), unchanged. A window takes no letter: it runs at the end of the step before it, and the
//! next letter waits for it. A letter that cannot go is passed over, used up and reported: its session waits for a
//! held lock, is closed, or did not come in time.
//!
//! What happened is a [`Run`], the same as on the model, so that lanes and table are the same too.

mod pass;

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};

use super::model::{Model, Outcome};
use super::replay::{Did, PassedOver, Row, Run};
use super::text::Schedule;
use crate::draw::gallery::Mutexes;
use crate::draw::{Memory, Operation};
pub use crate::lootbox::turns::NoMoreTurns as Ended;
use crate::lootbox::turns::Turns;
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
    /// Before an operation; `locks`: it is to take the shared mutex.
    Waiting { locks: bool },
    /// In its turn.
    Going,
    /// Gone for good.
    Closed,
}

#[derive(Debug)]
struct State {
    letters: Vec<usize>,
    position: usize,
    /// Since when the letter at `position` has waited for a session that is away.
    since: Option<Instant>,
    places: Vec<Place>,
    holders: Vec<usize>,
    counter: u64,
    rows: Vec<Row>,
    stopped: bool,
}

impl State {
    /// Whether the last letter is used up and its turn has ended.
    fn has_ended(&self) -> bool {
        self.position == self.letters.len() && !self.places.contains(&Place::Going)
    }

    /// Where a session stands, also one that nobody expected.
    fn place(&mut self, session: usize) -> &mut Place {
        if session >= self.places.len() {
            self.places.resize(session + 1, Place::Away);
        }
        &mut self.places[session]
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Turnstile {
    state: Mutex<State>,
    changed: Condvar,
    schedule: Schedule,
    rules: Rules,
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
        Self {
            state: Mutex::new(State {
                letters: schedule.sessions().collect(),
                position: 0,
                since: None,
                places: vec![Place::Away; model.draws().len()],
                holders: Vec::new(),
                counter: model.counter(),
                rows: Vec::new(),
                stopped: false,
            }),
            changed: Condvar::new(),
            schedule: schedule.clone(),
            rules,
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

    /// What it goes by.
    #[must_use]
    pub fn schedule(&self) -> &Schedule {
        &self.schedule
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
        let state = self.state.lock();
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
                Some(Place::Waiting { locks: true }) if !state.holders.is_empty() => {
                    PassedOver::Waits
                }
                Some(Place::Waiting { .. }) => {
                    state.places[session] = Place::Going;
                    state.position += 1;
                    state.since = None;
                    break;
                }
                Some(_) => {
                    let since = *state.since.get_or_insert_with(Instant::now);
                    if since.elapsed() < self.rules.step_timeout {
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

    /// Waits for this session's letter. Ends its turn before, if it is in one.
    fn enter(&self, session: usize, locks: bool) -> Entered {
        let mut state = self.state.lock();
        *state.place(session) = Place::Waiting {
            locks: locks && self.shared_mutex,
        };
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
                return if self.rules.then_free {
                    Entered::Freely
                } else {
                    Entered::Never
                };
            }
            match state.since {
                Some(since) => {
                    let late = self
                        .changed
                        .wait_until(&mut state, since + self.rules.step_timeout)
                        .timed_out();
                    if late {
                        self.advance(&mut state);
                    }
                }
                None => self.changed.wait(&mut state),
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
        self.rules.then_free && self.state.lock().has_ended()
    }

    fn close(&self, session: usize) {
        Turnstile::close(self, session);
    }

    fn stop(&self) {
        Turnstile::stop(self);
    }
}
