//! What changes for everybody: mode, window, grain, a new round, a pause. Each at a moment when no draw is in
//! flight.

use std::sync::Arc;
use std::sync::atomic::{Ordering::Relaxed, Ordering::SeqCst};
use std::time::{Duration, Instant};

use super::Lootbox;
use super::gate::Gate;
use super::list::List;
use super::round::{Change, ChangeError, Round, Runs, Setting, Source, check_window};
use crate::draw::{DrawProgram, Grain, Window};
use crate::record::{State, Sums, Tally};

/// How long a change waits for draws in flight before it cuts short what blocks them: a client that
/// does not take its number. Windows are cut short at once.
const CUT_TIMEOUT: Duration = Duration::from_millis(250);

impl Lootbox {
    /// Changes what a draw runs, a mode or another program, between two draws. Afterwards the counter stands past every
    /// number handed out: a stale store may have left it behind, and a lock does not repair the past. With the
    /// return of this, draws of the old program are over.
    ///
    /// # Errors
    /// If the window that was chosen by hand does not go with it, or the server is stopping.
    pub fn set_program(&self, program: impl Into<DrawProgram>) -> Result<(), ChangeError> {
        let program = Arc::new(program.into());
        self.change(|old, tally| {
            // What is no mode may have no place for the window that stays.
            if program.mode.is_none() {
                check_window(&program, old.chosen_window)?;
            }
            let shared = &old.round.shared;
            tally.settle(shared.counter());
            tally.repair(shared.raise_counter_to(tally.one_past_highest()));
            Ok(Setting {
                runs: Runs {
                    program,
                    grain: old.runs.grain,
                },
                ..old.clone()
            })
        })
    }

    /// Changes the window between two draws.
    ///
    /// # Errors
    /// If the program has no gap for it, or the server is stopping.
    pub fn set_window(&self, window: Window) -> Result<(), ChangeError> {
        self.change(|old, _| {
            check_window(&old.runs.program, Some(window))?;
            Ok(Setting {
                chosen_window: Some(window),
                ..old.clone()
            })
        })
    }

    /// Changes the grain between two draws.
    ///
    /// # Errors
    /// If the server is stopping.
    pub fn set_grain(&self, grain: Grain) -> Result<(), ChangeError> {
        self.change(|old, _| {
            Ok(Setting {
                runs: Runs {
                    program: Arc::clone(&old.runs.program),
                    grain,
                },
                ..old.clone()
            })
        })
    }

    /// Begins a new round: a new list, the counter at 0, and every session of the old round ends, so
    /// that no output file spans two rounds. Without a seed the new list is shuffled from the old
    /// one's seed + 1.
    ///
    /// # Errors
    /// If the server is stopping.
    pub fn new_round(&self, seed: Option<u64>) -> Result<(), ChangeError> {
        self.check_turns()?;
        // Shuffled before the draws are stopped: that may take a while.
        let old = self.setting();
        let number = old.round.number + 1;
        let round = match &mut *self.source.lock() {
            Source::Shuffled { size, seed: last } => {
                let seed = seed.unwrap_or(last.wrapping_add(1));
                let list = Arc::new(List::shuffled(*size, seed)?);
                *last = seed;
                Round::new(number, Some(seed), list)
            }
            Source::Given(list) => Round::new(number, None, Arc::clone(list)),
        };
        self.change(|old, tally| {
            *self.finished.lock() += Sums {
                undelivered: 0,
                ..tally.sums(old.round.shared.counter())
            };
            *tally = Tally::default();
            *self.cut.lock() = None;
            Ok(Setting {
                round,
                ..old.clone()
            })
        })?;
        for member in self.members.lock().values() {
            member.line.stop_reading();
        }
        Ok(())
    }

    /// Makes all draws wait, until [`resume`](Self::resume).
    ///
    /// # Errors
    /// If a schedule runs.
    pub fn pause(&self) -> Result<(), ChangeError> {
        self.check_turns()?;
        let mut paused = self.changing.lock();
        *paused = true;
        self.paused.store(true, Relaxed);
        self.gate.close();
        self.wait_until_quiet();
        Ok(())
    }

    /// Lets the draws go on.
    pub fn resume(&self) {
        let mut paused = self.changing.lock();
        *paused = false;
        self.paused.store(false, Relaxed);
        self.gate.open();
    }

    /// Refuses what cannot be while a schedule runs.
    fn check_turns(&self) -> Result<(), ChangeError> {
        match &self.turns {
            Some(turns) if turns.are_left() => Err(ChangeError::Scheduled),
            _ => Ok(()),
        }
    }

    fn change(
        &self,
        new: impl FnOnce(&Setting, &mut Tally) -> Result<Setting, ChangeError>,
    ) -> Result<(), ChangeError> {
        self.check_turns()?;
        let paused = self.changing.lock();
        if self.gate.is_stopped() {
            return Err(ChangeError::Stopping);
        }
        self.gate.close();
        self.wait_until_quiet();
        let result = {
            let mut tally = self.tally.lock();
            tally.read();
            let old = self.setting();
            new(&old, &mut tally).map(|new| {
                if new.runs != old.runs {
                    new.round.changes.lock().push(Change {
                        before: old.runs.clone(),
                        counter: new.round.shared.counter(),
                        one_past_highest: tally.one_past_highest(),
                        sums: tally.sums(new.round.shared.counter()),
                    });
                }
                *self.setting.lock() = Arc::new(new);
                self.generation.fetch_add(1, SeqCst);
            })
        };
        if *paused {
            // Those who wait look whether their round is over.
            self.gate.close();
        } else {
            self.gate.open();
        }
        result
    }

    /// Waits until no draw is in flight. Whoever keeps one open by not taking its number is cut.
    fn wait_until_quiet(&self) {
        let begun = Instant::now();
        self.gate.wait_until(|| {
            let members = self.members.lock();
            let mut quiet = true;
            for member in members.values().filter(|member| member.place.is_inside()) {
                quiet = false;
                Gate::wake(&member.place);
                let in_window =
                    matches!(member.record.state(), State::InWindow | State::HoldingLock);
                if in_window && begun.elapsed() > CUT_TIMEOUT {
                    member.line.cut();
                }
            }
            quiet
        });
    }
}
