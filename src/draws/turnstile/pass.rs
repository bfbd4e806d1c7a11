//! One session's way through the turnstile: a memory whose every operation waits for its letter.

use super::{Did, Ended, Entered, Outcome, Row, Turnstile};
use crate::draw::{Memory, Operation, draw};

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

impl<'a, M: Memory> Pass<'a, M> {
    pub(super) fn new(turnstile: &'a Turnstile, session: usize, memory: M) -> Self {
        Pass {
            turnstile,
            session,
            memory,
            next: 0,
            register: turnstile.start,
            sold_out: false,
            holds: false,
            mood: Mood::Scheduled,
        }
    }

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
            self.skip_windows();
            match self.turnstile.enter(self.session, self.next, locks) {
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

    /// A window is told apart from the operations that are waited for: it takes no letter.
    fn skip_windows(&mut self) {
        while self.turnstile.program.get(self.next) == Some(&Operation::Window) {
            self.next += 1;
        }
    }

    /// Notes what was done in this turn. `read` is what the counter was, for an operation that says so.
    fn note(&mut self, read: Option<u64>, outcome: Outcome) {
        self.skip_windows();
        let program = &self.turnstile.program;
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
        if let (Some(_), Some(register)) = (read, state.registers.get_mut(self.session)) {
            *register = Some(self.register);
        }
        // A window may follow, and whoever watches wants to see this before it ends.
        self.turnstile.changed.notify_all();
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
