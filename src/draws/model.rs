//! The model: sessions that draw, as plain data that can be copied and compared.
//!
//! It is no second description of the modes. It implements [`Memory`], and each turn is one call of
//! [`step`], the function that draws on the server: what is explored is what is served. What stands here
//! besides is what [`draw`](crate::draw::draw) does around `step` (begin again, stop when sold out and give
//! the lock back), cut into turns so that another session can come in between.

use thiserror::Error;

use crate::draw::gallery::Mutexes;
use crate::draw::notation::{ProgramError, check_form};
use crate::draw::{Memory, Next, Operation, step};
use crate::orders::Schedule;
use crate::orders::schedule::MAX_SESSIONS;

/// More draws than this in all are refused: far more than any search comes to the end of.
pub const MAX_DRAWS: u64 = 100_000;

/// Why there is no such model.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ModelError {
    /// The program.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// No sessions, or more than there are letters.
    #[error("{0} sessions: give the draws of 1 to {MAX_SESSIONS} sessions, as in 4,2")]
    Sessions(usize),
    /// A session that does nothing, or far too much.
    #[error(
        "{0} draws: each session draws at least once, and all together at most {MAX_DRAWS} times"
    )]
    Draws(u64),
    /// Sold out before anything has begun.
    #[error("the counter is {counter} and the list has {size} numbers: nothing is left to draw")]
    SoldOut {
        /// Where the counter would begin.
        counter: u64,
        /// How many numbers there are.
        size: u64,
    },
}

/// What all orders have in common: the program, and who draws how often from what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Model {
    program: Vec<Operation>,
    mutexes: Mutexes,
    draws: Vec<u64>,
    size: u64,
    counter: u64,
}

/// One session between two turns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Session {
    /// Which operation comes next; the program's length when nothing is left to draw.
    pub next: usize,
    /// How many draws are not complete.
    pub left: u64,
    /// The register. It keeps the last ticket when all is drawn.
    pub register: u64,
    /// Whether this session holds its mutex.
    pub holds: bool,
}

/// What the sessions share.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Common {
    /// The counter; a `fetch_add` may have taken it past the end of the list.
    pub counter: u64,
    /// Whether somebody holds the shared mutex.
    pub held: bool,
}

/// How a turn ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// In the middle of a draw.
    GoesOn,
    /// The draw begins again: somebody else was faster.
    Again,
    /// The draw is complete, with this ticket.
    Drew(u64),
    /// Nothing is left: this session's request ends.
    SoldOut,
}

/// The model's memory, as one session reaches it during one turn.
struct Turn<'a> {
    size: u64,
    common: &'a mut Common,
    holds: &'a mut bool,
    mutexes: Mutexes,
}

impl Memory for Turn<'_> {
    fn size(&self) -> u64 {
        self.size
    }

    fn load(&mut self) -> u64 {
        self.common.counter
    }

    fn store(&mut self, value: u64) {
        self.common.counter = value;
    }

    fn fetch_add(&mut self, amount: u64) -> u64 {
        let before = self.common.counter;
        self.common.counter += amount;
        before
    }

    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool {
        let unchanged = self.common.counter == seen;
        if unchanged {
            self.common.counter = value;
        }
        unchanged
    }

    /// Who cannot lock has no turn: see [`Model::waits`].
    fn lock(&mut self) {
        *self.holds = true;
        if self.mutexes == Mutexes::Shared {
            self.common.held = true;
        }
    }

    fn unlock(&mut self) {
        *self.holds = false;
        if self.mutexes == Mutexes::Shared {
            self.common.held = false;
        }
    }

    /// Time passes between turns: a window is where another's letter may stand.
    fn window(&mut self, _register: u64) {}
}

impl Model {
    /// Sessions A, B, … that draw so many times each, from a list of `size` numbers with the counter at
    /// `counter`.
    ///
    /// # Errors
    /// If the program cannot run, or there is nothing to draw.
    pub fn new(
        program: &[Operation],
        mutexes: Mutexes,
        draws: &[u64],
        size: u64,
        counter: u64,
    ) -> Result<Self, ModelError> {
        check_form(program)?;
        if !(1..=MAX_SESSIONS).contains(&draws.len()) {
            return Err(ModelError::Sessions(draws.len()));
        }
        let all = draws
            .iter()
            .fold(0u64, |all, &draws| all.saturating_add(draws));
        if draws.contains(&0) || all > MAX_DRAWS {
            return Err(ModelError::Draws(if draws.contains(&0) { 0 } else { all }));
        }
        if counter >= size {
            return Err(ModelError::SoldOut { counter, size });
        }
        Ok(Self {
            program: program.to_vec(),
            mutexes,
            draws: draws.to_vec(),
            size,
            counter,
        })
    }

    /// What one draw does.
    #[must_use]
    pub fn program(&self) -> &[Operation] {
        &self.program
    }

    /// Whose mutex the program locks.
    #[must_use]
    pub const fn mutexes(&self) -> Mutexes {
        self.mutexes
    }

    /// How often each session draws.
    #[must_use]
    pub fn draws(&self) -> &[u64] {
        &self.draws
    }

    /// How many numbers the list has.
    #[must_use]
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Where the counter begins.
    #[must_use]
    pub const fn counter(&self) -> u64 {
        self.counter
    }

    /// The counter can come to this and no further. A draw moves it by at most one an operation, unless it
    /// may begin again after it has moved it: then the end of the list is what stops it. Each session may pass
    /// that by what two runs of the program add: one that began before the end, and, where nothing loads, one that
    /// finds out only when it is complete.
    #[must_use]
    pub fn highest_counter(&self) -> u64 {
        use Operation::{Add, FetchAdd, Store, StoreIfUnchanged};
        let moves = |program: &[Operation]| {
            let moving = program
                .iter()
                .filter(|operation| matches!(operation, Store | FetchAdd | Add | StoreIfUnchanged));
            moving.count() as u64
        };
        let again = self
            .program
            .iter()
            .rposition(|&operation| operation == StoreIfUnchanged);
        let all = moves(&self.program);
        let past_the_end = self.size + 2 * all * self.draws.len() as u64;
        if again.is_some_and(|last| moves(&self.program[..last]) > 0) {
            past_the_end
        } else {
            past_the_end.min(self.counter + all * self.draws.iter().sum::<u64>())
        }
    }

    /// Before anybody has drawn.
    #[must_use]
    pub fn begin(&self) -> (Common, Vec<Session>) {
        let common = Common {
            counter: self.counter,
            held: false,
        };
        let sessions = self.draws.iter().map(|&left| Session {
            next: self.after_windows(0),
            left,
            register: self.counter,
            holds: false,
        });
        (common, sessions.collect())
    }

    /// The sessions and what they share after these letters; one that cannot go is passed over.
    #[must_use]
    pub fn after(&self, schedule: &Schedule) -> (Vec<Session>, Common) {
        let (mut common, mut sessions) = self.begin();
        for letter in schedule.sessions() {
            if let Some(session) = sessions.get_mut(letter)
                && !self.is_over(session)
                && !self.waits(session, &common)
            {
                self.turn(session, &mut common);
            }
        }
        (sessions, common)
    }

    /// Whether somebody waits there, and everybody who has not drawn all does: for ever.
    #[must_use]
    pub fn is_deadlock(&self, sessions: &[Session], common: &Common) -> bool {
        let waits = |session: &Session| self.waits(session, common);
        sessions.iter().any(waits) && sessions.iter().all(|it| waits(it) || self.is_over(it))
    }

    fn after_windows(&self, next: usize) -> usize {
        let windows = self.program[next..]
            .iter()
            .take_while(|&&operation| operation == Operation::Window);
        next + windows.count()
    }

    /// Whether this session has nothing left to do.
    #[must_use]
    pub fn is_over(&self, session: &Session) -> bool {
        session.next == self.program.len()
    }

    /// Whether this session waits for a mutex that another holds.
    #[inline]
    #[must_use]
    pub fn waits(&self, session: &Session, common: &Common) -> bool {
        common.held && self.program.get(session.next) == Some(&Operation::Lock)
    }

    /// One turn: the session's next operation, and the windows after it. Call it only for a session
    /// that is not [over](Self::is_over) and does not [wait](Self::waits).
    #[inline]
    pub fn turn(&self, session: &mut Session, common: &mut Common) -> Outcome {
        let Session {
            next,
            left,
            register,
            holds,
        } = session;
        let mut memory = Turn {
            size: self.size,
            common,
            holds,
            mutexes: self.mutexes,
        };
        loop {
            match step(self.program[*next], register, 1, &mut memory) {
                Next::Operation => *next += 1,
                Next::Again => {
                    *next = self.after_windows(0);
                    *register = self.counter;
                    return Outcome::Again;
                }
                Next::SoldOut => {
                    if *memory.holds {
                        memory.unlock();
                    }
                    *next = self.program.len();
                    *left = 0;
                    return Outcome::SoldOut;
                }
            }
            match self.program.get(*next) {
                Some(Operation::Window) => {}
                Some(_) => return Outcome::GoesOn,
                None => break,
            }
        }
        let ticket = *register;
        if ticket >= self.size {
            *left = 0;
            return Outcome::SoldOut;
        }
        *left -= 1;
        if *left > 0 {
            *next = self.after_windows(0);
            *register = self.counter;
        }
        Outcome::Drew(ticket)
    }
}
