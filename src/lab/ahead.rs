//! One order of a program, a step at a time, for whoever plays it by hand: what there is to say at each point, and where it
//! can still lead.

use super::check;
use super::error::line_and_column;
use super::lanes::{self, describe};
use super::machine::{enabled, ended, pc, step};
use super::program::{Program, Rule, What};
use super::report::Replay;
use super::rules;
use super::system::Processes;
use super::waiting::Waiting;
use crate::orders::graph::Seen;
use crate::orders::{Bounds, Left, Lookahead, Place, Schedule, Turn};

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Ahead {
    /// The program.
    pub(crate) program: Program,
    source: String,
    lookahead: Lookahead,
}

/// One point of an order.
#[derive(Debug, Clone)]
pub(crate) struct Position {
    /// How it came to this: the steps, the rules broken on the way, and who waits.
    pub(crate) replay: Replay,
    /// The state as the machine has it.
    pub(crate) state: Vec<i32>,
    /// Who went wrong, if the last step did.
    pub(crate) fault: Option<usize>,
}

/// The next step of a process.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Next {
    /// In which line of the file it stands.
    pub(crate) line: usize,
    /// That line.
    pub(crate) written: String,
    /// What it does, as in the lanes.
    pub(crate) does: String,
}

impl Ahead {
    /// Looks at every order, as far as the bounds allow. `progress` is told now and then how far it has come.
    pub(crate) fn look(
        program: Program,
        source: String,
        bounds: Bounds,
        progress: &mut dyn FnMut(Seen),
    ) -> Self {
        // Those about orders without end mark no state.
        let rules = rules::no_fault(&program) * 2 - 1;
        let lookahead = Lookahead::compute(&Processes::new(&program), rules, bounds, progress);
        Self {
            program,
            source,
            lookahead,
        }
    }

    /// Whether every state was seen. If not, what was not found may still be there.
    pub(crate) const fn is_exhaustive(&self) -> bool {
        self.lookahead.is_exhaustive()
    }

    /// How many states were seen.
    pub(crate) const fn states(&self) -> usize {
        self.lookahead.states()
    }

    fn place(&self, letters: &[usize]) -> Option<Place> {
        let turns = letters.iter().copied().map(Turn::of);
        self.lookahead.after(&Processes::new(&self.program), turns)
    }

    /// The orders that are left after these letters; `None` if not every state was seen, or some order has no end.
    pub(crate) fn left(&self, letters: &[usize]) -> Option<Left> {
        self.lookahead.left(&self.place(letters)?)
    }

    /// A shortest way on from there until a rule is broken: fewest letters, then fewest switches, counting one from the
    /// letter that led there, then first in the alphabet. `None` if none was seen.
    pub(crate) fn witness(&self, letters: &[usize]) -> Option<Vec<usize>> {
        let system = Processes::new(&self.program);
        let came_by = letters.last().copied();
        let way = self
            .lookahead
            .witness(&system, &self.place(letters)?, came_by)?;
        Some(way.iter().map(|turn| usize::from(turn.who)).collect())
    }

    /// Where these letters lead.
    pub(crate) fn at(&self, letters: &[usize]) -> Position {
        let schedule = Schedule::of(letters.iter().copied()).unwrap_or_default();
        let followed = lanes::follow(&self.program, &self.source, letters);
        Position {
            replay: check::replay(&self.program, &self.source, &schedule),
            state: followed.state,
            fault: followed.fault.map(|(who, _)| who),
        }
    }

    /// Whether nobody can take a step there.
    pub(crate) fn is_over(&self, at: &Position) -> bool {
        let mut all = 0..self.program.processes.len();
        at.fault.is_some() || !all.any(|who| enabled(&self.program, &at.state, who))
    }

    /// Whether nobody can go on there though not all have ended.
    pub(crate) fn is_deadlock(&self, at: &Position) -> bool {
        at.fault.is_none() && self.is_over(at) && !rules::all_ended(&self.program, &at.state)
    }

    /// Whether a process has ended there.
    pub(crate) fn has_ended(&self, at: &Position, who: usize) -> bool {
        ended(&self.program, &at.state, who)
    }

    /// The sections that a process is in there.
    pub(crate) fn sections(&self, at: &Position, who: usize) -> Vec<&str> {
        let names = self.program.sections.iter().enumerate();
        let inside = names.filter(|&(bit, _)| rules::inside(&self.program, &at.state, who, bit));
        inside.map(|(_, name)| name.as_str()).collect()
    }

    /// What a process would do next there.
    pub(crate) fn next(&self, at: &Position, who: usize) -> Next {
        let (program, process) = (&self.program, &self.program.processes[who]);
        let code = program.code_of(who);
        let here = pc(&at.state, process);
        let line = line_and_column(&self.source, code.spans[here].start).0;
        let mut after = at.state.clone();
        if enabled(program, &at.state, who) {
            // One that goes wrong says so when it is taken.
            _ = step(program, &mut after, who);
        }
        let does = if code.code[here].is_step() && !self.has_ended(at, who) {
            describe(program, &at.state, &after, who)
        } else {
            String::new()
        };
        let written = self.source.lines().nth(line - 1).unwrap_or_default();
        let written = written.split("//").next().unwrap_or_default();
        Next {
            line,
            written: written.trim().to_owned(),
            does,
        }
    }

    /// The rules that are written, each with the number of steps after which this order broke it, if it did.
    pub(crate) fn rules<'a>(
        &'a self,
        at: &'a Position,
    ) -> impl Iterator<Item = (&'a Rule, Option<usize>)> + 'a {
        let written = self.program.rules.iter();
        let written = written.filter(|rule| !matches!(rule.what, What::NoFault));
        written.map(|rule| {
            let broken = at.replay.broken.iter().find(|it| it.1 == rule.text);
            (rule, broken.map(|it| it.0))
        })
    }
}

impl Position {
    /// For whom a process waits there, and for what.
    pub(crate) fn waiting(&self, who: usize) -> Option<&Waiting> {
        self.replay.waiting.iter().find(|it| it.who == who)
    }
}
