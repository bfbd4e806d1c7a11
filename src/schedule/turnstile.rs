//! The turnstile: real threads on the real memory, let through one at a time, in the order of a
//! schedule.
//!
//! It is a [`Memory`] around another: each operation first waits for its letter. The draw itself is the
//! lesson's [`draw`], unchanged. A window takes no letter: it runs at the end of the step before it, and the
//! next letter waits for it. A letter that cannot go is passed over, used up and reported: its session waits for a
//! held lock, is closed, or did not come in time.
//!
//! What happened is a [`Run`], the same as on the model, so that lanes and table are the same too.

use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use thiserror::Error;

use super::model::{Model, Outcome};
use super::replay::{Did, PassedOver, Row, Run};
use super::text::Schedule;
use crate::draw::gallery::Mutexes;
use crate::draw::{Memory, Operation, draw};

/// What a request gets that waits when no letter is left.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the schedule has ended")]
pub struct Ended;

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
}

/// See the [module](self).
#[derive(Debug)]
pub struct Turnstile {
    state: Mutex<State>,
    changed: Condvar,
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
            }),
            changed: Condvar::new(),
            rules,
            program: model.program().to_vec(),
            shared_mutex: model.mutexes() == Mutexes::Shared,
            start: model.counter(),
            size: model.size(),
        }
    }

    /// One session's way through, to `memory`. The session must be one of the model's.
    pub fn pass<M: Memory>(&self, session: usize, memory: M) -> Pass<'_, M> {
        Pass {
            turnstile: self,
            session,
            memory,
            next: 0,
            register: self.start,
            sold_out: false,
            holds: false,
            mood: Mood::Scheduled,
        }
    }

    /// Says that a session is gone: its letters are passed over from now on.
    pub fn close(&self, session: usize) {
        let mut state = self.state.lock();
        state.places[session] = Place::Closed;
        self.advance(&mut state);
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
        while !state.places.contains(&Place::Going) {
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
        state.places[session] = Place::Waiting {
            locks: locks && self.shared_mutex,
        };
        self.advance(&mut state);
        loop {
            match state.places[session] {
                Place::Going => return Entered::ByLetter,
                Place::Closed => return Entered::Never,
                _ => {}
            }
            if state.position == state.letters.len() && !state.places.contains(&Place::Going) {
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
        if state.places[session] == Place::Going {
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

/// How a draw's operations go through.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mood {
    /// Each with its letter.
    Scheduled,
    /// The schedule has ended, and everybody runs on.
    Free,
    /// The schedule has ended, and so does this draw: its other operations do nothing.
    Ended,
}

/// One session's way through a [`Turnstile`] to the memory behind it.
pub struct Pass<'a, M: Memory> {
    turnstile: &'a Turnstile,
    session: usize,
    memory: M,
    /// Which operation of the program comes next: a memory is told what to do, and not why (`fetch_add`
    /// and `add` are one to it).
    next: usize,
    /// What the draw's register is.
    register: u64,
    /// The draw has read that nothing is left: what it does now belongs to that step.
    sold_out: bool,
    holds: bool,
    mood: Mood,
}

impl<M: Memory> Pass<'_, M> {
    /// One draw, each operation with its letter. `Ok(None)`: sold out.
    ///
    /// # Errors
    /// If the schedule ends before the draw does.
    pub fn draw(&mut self, take: u64) -> Result<Option<u64>, Ended> {
        self.begin();
        self.sold_out = false;
        let turnstile = self.turnstile;
        let ticket = draw(&turnstile.program, take, self);
        if self.mood == Mood::Ended {
            return Err(Ended);
        }
        self.turnstile.leave(self.session, ticket);
        Ok(ticket)
    }

    fn begin(&mut self) {
        self.next = 0;
        self.register = self.turnstile.start;
    }

    /// Waits for the letter; `false` if there will be none and nothing is to be done.
    fn enter(&mut self, locks: bool) -> bool {
        if self.mood == Mood::Scheduled {
            match self.turnstile.enter(self.session, locks) {
                Entered::ByLetter => {}
                Entered::Freely => self.mood = Mood::Free,
                Entered::Never => {
                    self.mood = Mood::Ended;
                    self.give_back();
                }
            }
        }
        self.mood != Mood::Ended
    }

    fn give_back(&mut self) {
        if self.holds {
            self.holds = false;
            self.memory.unlock();
            self.turnstile.hold(self.session, false);
        }
    }

    /// Notes what was done in this turn. `read` is what the counter was, for an operation that says so.
    fn note(&mut self, read: Option<u64>, outcome: Outcome) {
        let program = &self.turnstile.program;
        while program.get(self.next) == Some(&Operation::Window) {
            self.next += 1;
        }
        let operation = program.get(self.next).copied().unwrap_or(Operation::Window);
        self.next += 1;
        if let (Some(read), Operation::Load | Operation::FetchAdd) = (read, operation) {
            self.register = read;
        }
        if self.mood != Mood::Scheduled {
            return;
        }
        let counter = self.memory.load().min(self.memory.size());
        let mut state = self.turnstile.state.lock();
        let row = Row {
            session: self.session,
            did: Did::Ran {
                operation,
                register: self.register,
                outcome,
            },
            before: state.counter,
            counter,
            holders: state.holders.clone(),
        };
        state.rows.push(row);
        state.counter = counter;
    }
}

impl<M: Memory> Memory for Pass<'_, M> {
    fn size(&self) -> u64 {
        self.memory.size()
    }

    fn load(&mut self) -> u64 {
        if !self.enter(false) {
            // Ends the draw; `draw` above says why.
            return self.memory.size();
        }
        let counter = self.memory.load();
        self.sold_out = counter >= self.memory.size();
        self.note(Some(counter), Outcome::GoesOn);
        counter
    }

    fn store(&mut self, value: u64) {
        if self.enter(false) {
            self.memory.store(value);
            self.note(None, Outcome::GoesOn);
        }
    }

    fn fetch_add(&mut self, amount: u64) -> u64 {
        if !self.enter(false) {
            return self.memory.size();
        }
        let before = self.memory.fetch_add(amount);
        self.note(Some(before), Outcome::GoesOn);
        before
    }

    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool {
        if !self.enter(false) {
            return true;
        }
        let unchanged = self.memory.store_if_unchanged(seen, value);
        if unchanged {
            self.note(None, Outcome::GoesOn);
        } else {
            self.note(None, Outcome::Again);
            self.begin();
        }
        unchanged
    }

    fn lock(&mut self) {
        if self.enter(true) {
            self.memory.lock();
            self.holds = true;
            self.turnstile.hold(self.session, true);
            self.note(None, Outcome::GoesOn);
        }
    }

    fn unlock(&mut self) {
        if self.sold_out {
            self.give_back();
            // Who holds the lock after this step is nobody.
            let mut state = self.turnstile.state.lock();
            let holders = state.holders.clone();
            if let Some(row) = state.rows.last_mut() {
                row.holders = holders;
            }
        } else if self.enter(false) {
            self.give_back();
            self.note(None, Outcome::GoesOn);
        }
    }

    fn window(&mut self, register: u64) {
        if self.mood != Mood::Ended {
            self.memory.window(register);
        }
    }
}
