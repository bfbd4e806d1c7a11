//! What is played: a model of sessions that draw, the orders that are left from any point of it, and the goal.

use std::sync::Arc;

use ratatui::layout::Size;
use ratatui::text::Line;

use super::{lane_lines, rows, table_lines};
use crate::columns::wrapped;
use crate::command_line::Explore;
use crate::dashboard::order::play::status::schedule;
use crate::dashboard::order::play::{self, Words};
use crate::dashboard::order::{Body, MOST_LANES, TALL, letters};
use crate::dashboard::theme::Theme;
use crate::draw::Operation;
use crate::draw::notation::check_waiting;
use crate::draws::model::{Common, Session};
use crate::draws::replay::Run;
use crate::draws::{Ahead, Model, replay};
use crate::lootbox::list::List;
use crate::orders::{Left, letter};

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Game {
    /// The name of the program.
    pub(crate) name: String,
    /// The sessions and what they run.
    pub(crate) model: Model,
    /// The numbers.
    pub(crate) list: Arc<List>,
    /// Every order there is.
    pub(crate) ahead: Ahead,
    /// The command that explores this model.
    pub(crate) command: Explore,
    /// The belief behind the program and what is wrong with it; shown when all is seen, where there is room.
    pub(crate) why: String,
    /// The task that comes after this one.
    pub(crate) next: Option<&'static str>,
}

/// One point of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Position {
    /// What the sessions share.
    pub(crate) common: Common,
    /// The sessions.
    pub(crate) sessions: Vec<Session>,
    /// How it came to this.
    pub(crate) run: Run,
}

impl Position {
    /// Who holds a lock that others wait for.
    pub(crate) fn holder(&self) -> Option<usize> {
        self.sessions.iter().position(|session| session.holds)
    }
}

impl Game {
    /// Whether nobody has anything left to do, or who has waits for ever.
    fn stands_still(&self, at: &Position) -> bool {
        let over = |it| self.model.is_over(it) || self.model.waits(it, &at.common);
        at.sessions.iter().all(over)
    }

    /// The number of a ticket.
    pub(crate) fn number(&self, ticket: u64) -> Option<u32> {
        let place = usize::try_from(ticket).ok()?;
        self.list.numbers().get(place).copied()
    }

    /// The counter, as far as there are numbers.
    pub(crate) fn counter(&self, at: &Position) -> u64 {
        at.common.counter.min(self.model.size())
    }

    /// Whether the session's register has been read into, in the draw that it is in.
    pub(crate) fn has_read(&self, session: &Session) -> bool {
        self.model.program()[..session.next]
            .iter()
            .any(|operation| matches!(operation, Operation::Load | Operation::FetchAdd))
    }
}

impl play::Game for Game {
    type At = Position;

    fn name(&self) -> String {
        self.name.clone()
    }

    fn cast(&self) -> String {
        let draws = self.model.draws();
        let who = draws.iter().zip(0..).take(MOST_LANES);
        let who: Vec<String> = who
            .map(|(draws, session)| format!("{} draws {draws}", letter(session)))
            .collect();
        let more = if draws.len() > MOST_LANES {
            ", …"
        } else {
            ""
        };
        format!("{}{more}", who.join(", "))
    }

    fn processes(&self) -> usize {
        self.model.draws().len()
    }

    fn words(&self) -> Words {
        let has_window = self.model.program().contains(&Operation::Window);
        let (goal, kept, broken) = if check_waiting(self.model.program()).is_ok() {
            (
                "can two clients get the same number?",
                "all numbers differ",
                "a number goes out twice",
            )
        } else {
            (
                "can two clients get the same number, or wait for ever?",
                "all numbers differ, and nobody waits for ever",
                "a number goes out twice, or somebody waits for ever",
            )
        };
        Words {
            goal,
            process: "session",
            step: "operation",
            kept,
            broken,
            as_always: "Each number once, as in every order.",
            aside: has_window.then_some("window"),
        }
    }

    fn at(&self, letters: &[usize]) -> Position {
        let schedule = schedule(letters);
        let (sessions, common) = self.model.after(&schedule);
        Position {
            common,
            sessions,
            run: replay(&self.model, &schedule),
        }
    }

    fn refusal(&self, at: &Position, who: usize) -> Option<String> {
        let (name, one) = (letter(who), at.sessions.get(who)?);
        if self.model.is_over(one) {
            return Some(format!("{name} has no draw left."));
        }
        let holder = at.holder().map_or('?', letter);
        let waits = self.model.waits(one, &at.common);
        waits.then(|| format!("{name} waits for the lock: {holder} holds it."))
    }

    fn is_over(&self, at: &Position) -> bool {
        self.stands_still(at)
    }

    /// Each number that was handed out twice, with who got it, in order.
    fn reached(&self, at: &Position) -> Vec<String> {
        let table = at.run.table();
        let twice = table.duplicates.iter().map(|&ticket| {
            let columns = table.columns.iter();
            let who = columns.filter(|column| column.ticket == ticket);
            let who: Vec<_> = who.map(|column| column.session).collect();
            who_got(self.number(ticket).unwrap_or_default(), &who)
        });
        let stuck = at.sessions.iter().zip(0..).filter_map(|(session, who)| {
            let waits = self.model.waits(session, &at.common);
            waits.then(|| format!("{} waits for the lock for ever", letter(who)))
        });
        let deadlock = self.model.is_deadlock(&at.sessions, &at.common);
        twice.chain(stuck.filter(|_| deadlock)).collect()
    }

    fn reached_word(&self, at: &Position) -> &'static str {
        if self.model.is_deadlock(&at.sessions, &at.common) {
            "DEADLOCK"
        } else {
            "GOAL REACHED"
        }
    }

    fn left(&self, letters: &[usize]) -> Option<Left> {
        let place = self.ahead.after(letters.iter().copied())?;
        self.ahead.left(&place)
    }

    fn witness(&self, letters: &[usize]) -> Option<Vec<usize>> {
        let place = self.ahead.after(letters.iter().copied())?;
        let way = self.ahead.witness(&place, letters.last().copied())?;
        Some(way.sessions().collect())
    }

    fn is_exhaustive(&self) -> bool {
        self.ahead.is_exhaustive()
    }

    fn states(&self) -> usize {
        self.ahead.states()
    }

    fn replay_command(&self, letters: &[usize]) -> String {
        self.command.replay(&schedule(letters))
    }

    fn ended(&self, _at: &Position) -> (&'static str, String) {
        ("NO DUPLICATE", "Each number went out once.".to_owned())
    }

    fn afterwards(&self) -> String {
        match self.next {
            Some(next) => format!("> goes on to {next}"),
            None => "nothing: this was the last task".to_owned(),
        }
    }

    fn next(&self) -> Option<&'static str> {
        self.next
    }

    fn in_short(&self, at: &Position) -> String {
        format!("counter {}", self.counter(at))
    }

    /// Below stands the assignment's table; and why it is so, when all is seen and where there is room.
    fn body(&self, at: &Position, seen: bool, size: Size, theme: Theme) -> Body {
        let (width, numbers) = (usize::from(size.width), self.list.numbers());
        let (shared, processes) = rows::rows(self, at, width, theme);
        let mut outcome = table_lines(&at.run, numbers, size.width, theme);
        if seen && size.height >= TALL && !self.why.is_empty() {
            outcome.push(Line::default());
            let why = wrapped(&self.why, width.min(100) - 2, " ", " ");
            outcome.extend(why.into_iter().map(Line::from));
        }
        Body {
            shared: vec![shared],
            processes,
            lanes: lane_lines(&at.run, numbers, width, theme),
            outcome,
        }
    }
}

/// `5 went to A and B`, or `19 went to A twice`.
pub(crate) fn who_got(number: u32, sessions: &[usize]) -> String {
    match sessions {
        [one, rest @ ..] if rest.iter().all(|other| other == one) => {
            let times = match sessions.len() {
                1 => String::new(),
                2 => " twice".to_owned(),
                times => format!(" {times} times"),
            };
            format!("{number} went to {}{times}", letter(*one))
        }
        several => format!("{number} went to {}", letters(several)),
    }
}
