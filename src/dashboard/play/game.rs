//! What is played: a model, the orders that are left from any point of it, and the goal.

use std::fmt::Write;
use std::sync::Arc;

use crate::draw::Operation;
use crate::lootbox::list::List;
use crate::orders::Left;
use crate::schedule::model::{Common, Session};
use crate::schedule::replay::Run;
use crate::schedule::text::letter;
use crate::schedule::{Ahead, Model, Schedule, replay};

/// See the [module](self).
#[derive(Debug)]
pub struct Game {
    /// The name of the program.
    pub name: String,
    /// The sessions and what they run.
    pub model: Model,
    /// The numbers.
    pub list: Arc<List>,
    /// Every order there is.
    pub ahead: Ahead,
    /// The command that shows one order of this model, without the schedule.
    pub command: String,
    /// The belief behind the program and what is wrong with it; shown when all is seen, where there is room.
    pub why: String,
    /// The task that comes after this one.
    pub next: Option<&'static str>,
}

/// One point of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Position {
    /// What the sessions share.
    pub common: Common,
    /// The sessions.
    pub sessions: Vec<Session>,
    /// How it came to this.
    pub run: Run,
}

/// How it stands with the goal.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Some number was handed out twice: each with who got it, in order.
    Reached(Vec<(u32, Vec<usize>)>),
    /// It can still be reached: so many orders do, of those that are left.
    InReach(Left),
    /// It could be reached once, and cannot from here.
    OutOfReach(Left),
    /// Nothing is left to do, and each number was handed out once at most; another order reaches it.
    Missed,
    /// The same, and whether another order reaches it is not known.
    Clean,
    /// No order at all reaches it.
    Never(Left),
    /// No order at all reaches it, and this one is at its end.
    Shown,
    /// Not every order was looked at.
    Unknown,
}

impl Game {
    /// Where these letters lead.
    #[must_use]
    pub fn at(&self, letters: &[usize]) -> Position {
        let schedule = schedule(letters);
        let (sessions, common) = self.model.after(&schedule);
        Position {
            common,
            sessions,
            run: replay(&self.model, &schedule),
        }
    }

    /// How it stands after these letters.
    #[must_use]
    pub fn verdict(&self, letters: &[usize], at: &Position) -> Verdict {
        let table = at.run.table();
        if !table.duplicates.is_empty() {
            let who = table.duplicates.iter().map(|&ticket| {
                let columns = table
                    .columns
                    .iter()
                    .filter(|column| column.ticket == ticket);
                let number = self.number(ticket).unwrap_or_default();
                (number, columns.map(|column| column.session).collect())
            });
            return Verdict::Reached(who.collect());
        }
        let over = self.stands_still(at);
        let left = self.left(letters);
        match (left, over) {
            (_, true) if self.is_impossible() => Verdict::Shown,
            // Missed is only what is there.
            (_, true) if self.witness(&[]).is_some() => Verdict::Missed,
            (_, true) => Verdict::Clean,
            (None, false) => Verdict::Unknown,
            (Some(left), false) if self.is_impossible() => Verdict::Never(left),
            (Some(left), false) if left.bad == 0 => Verdict::OutOfReach(left),
            (Some(left), false) => Verdict::InReach(left),
        }
    }

    /// Whether nothing is left to do after these letters.
    #[must_use]
    pub fn is_over(&self, letters: &[usize]) -> bool {
        self.stands_still(&self.at(letters))
    }

    /// Whether nobody has anything left to do, or who has waits for ever.
    fn stands_still(&self, at: &Position) -> bool {
        let over = |it| self.model.is_over(it) || self.model.waits(it, &at.common);
        at.sessions.iter().all(over)
    }

    /// The orders that are left after these letters, if every order was looked at.
    #[must_use]
    pub fn left(&self, letters: &[usize]) -> Option<Left> {
        let place = self.ahead.after(letters.iter().copied())?;
        self.ahead.left(&place)
    }

    /// Whether a draw has a window, which takes no letter.
    #[must_use]
    pub fn has_window(&self) -> bool {
        self.model.program().contains(&Operation::Window)
    }

    /// Whether every order was looked at, and none hands out a number twice.
    #[must_use]
    pub fn is_impossible(&self) -> bool {
        self.left(&[]).is_some_and(|left| left.bad == 0)
    }

    /// A shortest way from there to a number handed out twice.
    #[must_use]
    pub fn witness(&self, letters: &[usize]) -> Option<Vec<usize>> {
        let place = self.ahead.after(letters.iter().copied())?;
        let way = self.ahead.witness(&place, letters.last().copied())?;
        Some(way.sessions().collect())
    }

    /// The number of a ticket.
    #[must_use]
    pub fn number(&self, ticket: u64) -> Option<u32> {
        let place = usize::try_from(ticket).ok()?;
        self.list.numbers().get(place).copied()
    }

    /// Who holds a lock that others wait for.
    #[must_use]
    pub fn holder(&self, at: &Position) -> Option<usize> {
        at.sessions.iter().position(|session| session.holds)
    }

    /// Whether the session's register has been read into, in the draw that it is in.
    #[must_use]
    pub fn has_read(&self, session: &Session) -> bool {
        self.model.program()[..session.next]
            .iter()
            .any(|operation| matches!(operation, Operation::Load | Operation::FetchAdd))
    }

    /// What to type to see these letters once more.
    #[must_use]
    pub fn replay_command(&self, letters: &[usize]) -> String {
        format!("{} --replay {}", self.command, schedule(letters))
    }
}

/// `5 went to A and B`, or `19 went to A twice`.
#[must_use]
pub fn who_got(number: u32, sessions: &[usize]) -> String {
    let mut text = format!("{number} went to ");
    match sessions {
        [one, rest @ ..] if rest.iter().all(|other| other == one) => {
            let times = match sessions.len() {
                1 => String::new(),
                2 => " twice".to_owned(),
                times => format!(" {times} times"),
            };
            _ = write!(text, "{}{times}", letter(*one));
        }
        [many @ .., last] => {
            let many: Vec<String> = many.iter().map(|&one| letter(one).to_string()).collect();
            _ = write!(text, "{} and {}", many.join(", "), letter(*last));
        }
        [] => {}
    }
    text
}

/// The letters as a schedule. Only sessions that have a letter are ever pressed.
#[must_use]
pub fn schedule(letters: &[usize]) -> Schedule {
    Schedule::of(letters.iter().copied()).unwrap_or_default()
}
