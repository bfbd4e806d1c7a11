//! One session's way to draw.

use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering::{Relaxed, SeqCst};
use std::thread;

use parking_lot::Mutex;
use thiserror::Error;

use super::gate::{Gate, Place, Shut};
use super::list::List;
use super::turns::{NoMoreTurns, Turns};
use super::{Lootbox, Round, Setting};
use crate::draw::gallery::{Mutexes, OwnMutex};
use crate::draw::{Access, Around, DrawProgram, Grain, Memory, Window, draw};
use crate::record::journal::{Reader, Writer};
use crate::record::{SessionRecord, State, letters};

/// How many draws go by between two looks at whether something has changed. With a window it is one.
const BATCH: usize = 64;

/// Why a request ends before all its numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Refused {
    /// The counter has reached the end of the list.
    #[error("sold out")]
    SoldOut,
    /// Another round has begun since this session connected.
    #[error("new round")]
    NewRound,
    /// The server is stopping.
    #[error("the server is stopping")]
    Stopping,
    /// No turn is left for this draw.
    #[error(transparent)]
    NoMoreTurns(#[from] NoMoreTurns),
}

/// Why a session does not get the letter that it wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum NotThatLetter {
    /// It belongs to another.
    #[error("another session has that letter")]
    Taken,
    /// It has drawn, or asked for a letter before.
    #[error("this session is {} already, and keeps its letter", letters(*.0))]
    HasOne(u64),
}

/// What a batch of draws handed out.
#[derive(Debug)]
pub struct Drawn<'a> {
    /// The list of this round.
    pub list: &'a List,
    /// The tickets in the order drawn, consecutive ones in one range.
    pub tickets: &'a [Range<u64>],
    /// How many tickets these are.
    pub count: u64,
    /// Whether the numbers went out to the client in the window already.
    pub replied: bool,
}

/// See the [module](self). Dropping it says that the client is gone.
pub struct Seat {
    lootbox: Arc<Lootbox>,
    record: Arc<SessionRecord>,
    place: Arc<Place>,
    round: Arc<Round>,
    setting: Arc<Setting>,
    generation: u64,
    journal: Writer,
    /// Until the first draw, when the sums take it up.
    unread: Option<Reader>,
    /// For a program that locks a mutex of the session's own.
    own: Mutex<()>,
    tickets: [u64; BATCH],
    ranges: Vec<Range<u64>>,
}

impl Seat {
    pub(super) fn new(
        lootbox: Arc<Lootbox>,
        record: Arc<SessionRecord>,
        place: Arc<Place>,
        setting: Arc<Setting>,
        journal: Writer,
        reader: Reader,
    ) -> Self {
        Self {
            lootbox,
            record,
            place,
            round: Arc::clone(&setting.round),
            setting,
            // No generation yet: the first draw looks.
            generation: u64::MAX,
            journal,
            unread: Some(reader),
            own: Mutex::new(()),
            tickets: [0; BATCH],
            // At once as long as it gets: nothing of another session is on its cache lines then.
            ranges: Vec::with_capacity(BATCH),
        }
    }

    /// What everybody may know of this session.
    #[must_use]
    pub fn record(&self) -> &SessionRecord {
        &self.record
    }

    /// The list of this session's round.
    #[must_use]
    pub fn list(&self) -> &List {
        &self.round.list
    }

    /// Whether another round has begun since this session connected.
    #[must_use]
    pub fn is_over(&self) -> bool {
        !Arc::ptr_eq(&self.lootbox.setting().round, &self.round)
    }

    /// Whether the server is stopping.
    #[must_use]
    pub fn is_stopping(&self) -> bool {
        self.lootbox.gate.is_stopped()
    }

    /// Takes the session's letter, the first that is free, as its first draw does.
    pub fn take_letter(&mut self) {
        // Nobody has a letter that is in the way: one is wanted by none.
        _ = self.take(None);
    }

    /// Takes that letter, A being 0, if draws go by turns: who is to be A in a schedule says so before it draws.
    ///
    /// # Errors
    /// If another session has it, or this one has another.
    pub fn take_letter_for_turns(&mut self, wanted: u64) -> Result<(), NotThatLetter> {
        if self.lootbox.turns.is_none() {
            return Ok(());
        }
        self.take(Some(wanted))?;
        match self.record.place() {
            Some(has) if has as u64 != wanted => Err(NotThatLetter::HasOne(has as u64)),
            _ => Ok(()),
        }
    }

    /// Whether the next draw may wait for as long as somebody likes: for its turn, or for `resume`.
    #[must_use]
    pub fn may_wait_long(&self) -> bool {
        let turns = self.lootbox.turns.as_deref();
        turns.is_some_and(|turns| !turns.are_over_and_all_run_on())
            || self.lootbox.paused.load(Relaxed)
    }

    fn take(&mut self, wanted: Option<u64>) -> Result<(), NotThatLetter> {
        let Some(reader) = self.unread.take() else {
            return Ok(());
        };
        // Under the lock, so that the sums know the sessions in the order of their letters.
        let mut tally = self.lootbox.tally.lock();
        if !Arc::ptr_eq(&self.lootbox.setting().round, &self.round) {
            return Ok(());
        }
        let mut free = self.round.letters.lock();
        if wanted.is_some_and(|letter| !free.ask_for(letter)) {
            self.unread = Some(reader);
            return Err(NotThatLetter::Taken);
        }
        self.record
            .take_letter(|| wanted.unwrap_or_else(|| free.next()));
        tally.join(Arc::clone(&self.record), reader);
        Ok(())
    }

    /// Counts numbers that were drawn and could not be written to the client.
    pub fn add_undelivered(&self, numbers: u64) {
        if numbers > 0 {
            self.record.add_undelivered(numbers);
            self.round.undelivered.fetch_add(numbers, Relaxed);
            self.lootbox.undelivered.fetch_add(numbers, Relaxed);
        }
    }

    /// Draws once or several times, at most `want` numbers. `reply` sends numbers to the client in
    /// the window, if that is what the window is.
    ///
    /// # Errors
    /// If nothing can be drawn; see [`Refused`].
    pub fn draw(
        &mut self,
        want: u64,
        reply: &mut dyn FnMut(&List, Range<u64>),
    ) -> Result<Drawn<'_>, Refused> {
        self.take_letter();
        let Self {
            lootbox,
            place,
            round,
            ..
        } = self;
        let is_over = || !Arc::ptr_eq(&lootbox.setting().round, round);
        let inside = match lootbox.gate.enter(place, is_over) {
            Ok(inside) => inside,
            Err(Shut::Stopped) => return Err(Refused::Stopping),
            Err(Shut::Over) => return Err(Refused::NewRound),
        };
        let generation = lootbox.generation.load(SeqCst);
        if self.generation != generation {
            self.generation = generation;
            self.setting = lootbox.setting();
        }
        if !Arc::ptr_eq(&self.setting.round, &self.round) {
            return Err(Refused::NewRound);
        }
        let shared = &self.round.shared;
        let size = shared.size();
        let turns = lootbox.turns.as_deref();
        let turns = turns.filter(|turns| !turns.are_over_and_all_run_on());
        // Before an atomic add takes the counter further past the end. In its turn a draw sees for itself.
        if turns.is_none() && shared.counter() >= size {
            return Err(Refused::SoldOut);
        }

        let window = self.setting.window();
        let program = &*self.setting.runs.program;
        let one_by_one = turns.is_some() || program.mode.is_none();
        let (draws, take) = match self.setting.runs.grain {
            Grain::Request => (1, want),
            Grain::Number if one_by_one || window != Window::None => (1, 1),
            Grain::Number => (want.min(BATCH as u64), 1),
        };
        let places = &mut self.tickets[..usize::try_from(draws).unwrap_or(BATCH)];
        let around = Session {
            window,
            record: &self.record,
        };
        let mut sent = None;
        let mut reply = |list: &List, tickets: Range<u64>| {
            sent = Some(tickets.clone());
            reply(list, tickets);
        };
        let drawn = if !one_by_one && window == Window::None {
            program.draw_batch(take, &mut shared.access(around), places)
        } else {
            let gap = Gap {
                session: around,
                gate: &lootbox.gate,
                place,
                list: &self.round.list,
                take,
                reply: &mut reply,
            };
            let memory = shared.access(gap);
            if one_by_one {
                // Who came too late for a letter of this round has none.
                let session = self.record.place().ok_or(Refused::NewRound)?;
                let ticket = draw_otherwise(turns, session, program, take, memory, &self.own);
                let ticket = match ticket {
                    Ok(ticket) => ticket,
                    Err(ended) => {
                        // The client has the number, though the draw will never be complete.
                        if let Some(tickets) = sent.filter(|_| lootbox.recording) {
                            self.journal.push(tickets);
                        }
                        return Err(why_no_turn(&lootbox.gate, ended));
                    }
                };
                places[..usize::from(ticket.is_some())].fill(ticket.unwrap_or_default());
                usize::from(ticket.is_some())
            } else {
                program.draw_batch(take, &mut { memory }, places)
            }
        };

        collect(&places[..drawn], take, size, &mut self.ranges);
        if lootbox.recording {
            for tickets in &self.ranges {
                match self.setting.runs.grain {
                    Grain::Number => self.journal.push(tickets.clone()),
                    Grain::Request => self.journal.push_apart(tickets.clone()),
                }
            }
        }
        drop(inside);
        if drawn == 0 {
            return Err(Refused::SoldOut);
        }
        Ok(Drawn {
            list: &self.round.list,
            tickets: &self.ranges,
            count: self
                .ranges
                .iter()
                .map(|range| range.end - range.start)
                .sum(),
            replied: window == Window::Reply,
        })
    }
}

/// What a batch handed out, `take` numbers a ticket, consecutive ones in one range.
fn collect(tickets: &[u64], take: u64, size: u64, ranges: &mut Vec<Range<u64>>) {
    ranges.clear();
    for &ticket in tickets {
        let numbers = ticket..(ticket + take).min(size);
        match ranges.last_mut() {
            Some(last) if last.end == numbers.start => last.end = numbers.end,
            _ => ranges.push(numbers),
        }
    }
}

/// The turns end for all when the server stops.
fn why_no_turn(gate: &Gate, ended: NoMoreTurns) -> Refused {
    if gate.is_stopped() {
        Refused::Stopping
    } else {
        ended.into()
    }
}

/// One draw that is none of a batch: in its turns, by another program than a mode's, or both.
fn draw_otherwise(
    turns: Option<&dyn Turns>,
    session: usize,
    program: &DrawProgram,
    take: u64,
    mut memory: Access<'_, impl Around>,
    own: &Mutex<()>,
) -> Result<Option<u64>, NoMoreTurns> {
    let once = |mut memory: &mut dyn Memory| match turns {
        Some(turns) => turns.draw(session, memory),
        None => Ok(draw(&program.operations, take, &mut memory)),
    };
    match program.mutexes {
        Mutexes::Own => once(&mut OwnMutex::new(memory, own)),
        Mutexes::Shared => once(&mut memory),
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        self.lootbox.leave(self.record.id);
    }
}

/// A session around a draw without a window: it says that it waits.
struct Session<'a> {
    window: Window,
    record: &'a SessionRecord,
}

impl Around for Session<'_> {
    #[inline(always)]
    fn window(&mut self, _register: u64, _locked: bool) {}

    #[inline(always)]
    fn before_lock(&mut self) {
        self.record.set_state(State::WaitingForLock);
    }

    fn begins_again(&mut self) {
        self.record.add_retry();
    }
}

/// A session around a draw with a window.
struct Gap<'a> {
    session: Session<'a>,
    gate: &'a Gate,
    place: &'a Place,
    list: &'a List,
    take: u64,
    reply: &'a mut dyn FnMut(&List, Range<u64>),
}

impl Around for Gap<'_> {
    fn window(&mut self, register: u64, locked: bool) {
        self.session.record.set_state(if locked {
            State::HoldingLock
        } else {
            State::InWindow
        });
        match self.session.window {
            Window::None => {}
            Window::Reply => (self.reply)(self.list, register..register + self.take),
            Window::Yield => thread::yield_now(),
            Window::Spin(time) => self.gate.spin(time),
            Window::Sleep(time) => self.gate.sleep(self.place, time),
        }
    }

    fn before_lock(&mut self) {
        self.session.before_lock();
    }

    fn begins_again(&mut self) {
        self.session.begins_again();
    }
}
