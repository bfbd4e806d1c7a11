//! A program of the lab, played on the screen of one order: its processes as the step machine has them.

use std::fmt::Write;

use ratatui::layout::Size;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::play::status::schedule;
use super::play::{Game, Words};
use super::{Body, LOW, TALL, letters};
use crate::dashboard::lab::view::values;
use crate::dashboard::text::{cut, fitted};
use crate::dashboard::theme::Theme;
use crate::lab::ahead::{Ahead, Next, Position};
use crate::lab::lanes;
use crate::lab::program::What;
use crate::lab::run::live::values as values_of;
use crate::lab::waiting::{self, Waiting};
use crate::orders::{Left, letter};

#[cfg(test)]
mod tests;

/// From this width on the line of the file is shown too.
const WIDE: usize = 100;
/// Lanes leave so many columns to what stands in the last one.
const LAST_LANE: usize = 30;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Machine {
    /// What it is called.
    pub(crate) name: String,
    /// The command that looks at it, as it was set.
    pub(crate) command: String,
    /// The program, and every order of it.
    pub(crate) ahead: Ahead,
}

impl Game for Machine {
    type At = Position;

    fn name(&self) -> String {
        fitted(&self.name, 40).trim_end().to_owned()
    }

    fn cast(&self) -> String {
        match self.processes() {
            1 => "1 process".to_owned(),
            many => format!("{many} processes"),
        }
    }

    fn processes(&self) -> usize {
        self.ahead.program.processes.len()
    }

    fn words(&self) -> Words {
        let rules = &self.ahead.program.rules;
        // An order that is played has an end, and says nothing of who waits for ever.
        let starving = rules
            .iter()
            .any(|it| matches!(it.what, What::NeverStarve(_)));
        Words {
            goal: "can a rule be broken?",
            process: "process",
            step: "step",
            kept: if starving {
                "all rules are kept; starvation is not asked here"
            } else {
                "all rules are kept"
            },
            broken: "a rule is broken",
            as_always: "No rule is broken, as in every order.",
            aside: None,
        }
    }

    fn at(&self, letters: &[usize]) -> Position {
        self.ahead.at(letters)
    }

    fn refusal(&self, at: &Position, who: usize) -> Option<String> {
        let name = letter(who);
        if let Some(who) = at.fault {
            return Some(format!("The order has ended: {} went wrong.", letter(who)));
        }
        if self.ahead.has_ended(at, who) {
            return Some(format!("{name} has ended."));
        }
        let waiting = at.waiting(who)?;
        let whom = whom(waiting);
        Some(format!("{name} waits for {}: {whom}.", waiting.what))
    }

    fn is_over(&self, at: &Position) -> bool {
        self.ahead.is_over(at)
    }

    /// The rules that were broken, the last one first.
    fn reached(&self, at: &Position) -> Vec<String> {
        let broken = at.replay.broken.iter().rev();
        let said = broken.enumerate().map(|(nth, (after, rule))| {
            if let Some(who) = at.fault.filter(|_| nth == 0) {
                return format!("{}: {rule}", self.ahead.program.processes[who].name);
            }
            let of = |it: &&crate::lab::program::Rule| it.text == *rule;
            let rule_of = self.ahead.program.rules.iter().find(of);
            if rule_of.is_some_and(|it| matches!(it.what, What::NeverDeadlock)) {
                return format!("{rule}: {}", circle(at));
            }
            match at.replay.rows.get(after.wrapping_sub(1)) {
                Some(row) => format!("{rule}: broken by step {after}, {}'s", letter(row.who)),
                None => format!("{rule}: broken before any step"),
            }
        });
        let mut said: Vec<String> = said.collect();
        // Also where no rule forbids it.
        let forbids = |it: &What| matches!(it, What::NeverDeadlock);
        let mut rules = self.ahead.program.rules.iter();
        if !said.is_empty() && self.ahead.is_deadlock(at) && !rules.any(|it| forbids(&it.what)) {
            said.insert(0, circle(at));
        }
        said
    }

    fn left(&self, letters: &[usize]) -> Option<Left> {
        self.ahead.left(letters)
    }

    fn witness(&self, letters: &[usize]) -> Option<Vec<usize>> {
        self.ahead.witness(letters)
    }

    fn is_exhaustive(&self) -> bool {
        self.ahead.is_exhaustive()
    }

    fn states(&self) -> usize {
        self.ahead.states()
    }

    fn replay_command(&self, letters: &[usize]) -> String {
        let mut text = self.command.clone();
        if !letters.is_empty() {
            _ = write!(text, " --replay {}", schedule(letters));
        }
        text
    }

    fn reached_word(&self, at: &Position) -> &'static str {
        if at.fault.is_some() {
            "WENT WRONG"
        } else if self.ahead.is_deadlock(at) {
            "DEADLOCK"
        } else {
            "RULE BROKEN"
        }
    }

    fn ended(&self, at: &Position) -> (&'static str, String) {
        if self.ahead.is_deadlock(at) {
            ("DEADLOCK", format!("{}.", circle(at)))
        } else {
            ("ALL ENDED", "All have ended, no rule is broken.".to_owned())
        }
    }

    fn afterwards(&self) -> String {
        "u undoes, r begins again, q prints how to see it again".to_owned()
    }

    fn in_short(&self, at: &Position) -> String {
        format!("step {}", at.replay.rows.len())
    }

    fn body(&self, at: &Position, _seen: bool, size: Size, theme: Theme) -> Body {
        let width = usize::from(size.width);
        let processes = 0..self.processes();
        Body {
            shared: self.shared(at, size, theme),
            processes: processes
                .map(|who| self.process(at, who, width, theme))
                .collect(),
            lanes: self.lanes(at, width, theme),
            outcome: self.outcome(at, size, theme),
        }
    }
}

/// How wide the columns of the rows are, each with a blank behind it; the letter and the line are before and between.
struct Columns {
    name: usize,
    written: usize,
    does: usize,
}

impl Machine {
    /// Locks and variables, and the heads of the rows.
    fn shared(&self, at: &Position, size: Size, theme: Theme) -> Vec<Line<'static>> {
        let (program, width) = (&self.ahead.program, usize::from(size.width));
        let number = |slot: usize| at.state[slot];
        let locks = program.locks.iter();
        let locks: Vec<_> = locks
            .map(|it| (it.kind, values_of(&it.named, &number)))
            .collect();
        let shared = program.shared.iter();
        let shared: Vec<_> = shared.map(|it| values_of(it, &number)).collect();
        let most = if size.height < LOW { 1 } else { 3 };
        let mut lines = values::lines(&locks, &shared, most, width, theme);
        let columns = self.columns(width);
        let mut heads = format!(" who {}line ", fitted("process", columns.name));
        if columns.written > 0 {
            heads += &fitted("written", columns.written);
        }
        heads += &fitted("next step", columns.does);
        heads += "stands";
        let look = theme.value().add_modifier(Modifier::UNDERLINED);
        lines.push(Line::styled(cut(&format!("{heads:width$}"), width), look));
        lines
    }

    fn process(&self, at: &Position, who: usize, width: usize, theme: Theme) -> Line<'static> {
        let columns = self.columns(width);
        let Next {
            line,
            written,
            does,
        } = self.ahead.next(at, who);
        let name = fitted(&self.ahead.program.processes[who].name, columns.name - 1);
        let mut row = Line::from(Span::styled(format!(" {}   ", letter(who)), theme.value()));
        row.push_span(Span::raw(format!("{name} ")));
        let (stands, look) = self.stands(at, who, theme);
        if does.is_empty() {
            let blank = 5 + columns.written + columns.does;
            row.push_span(Span::raw(format!("{:blank$}", "")));
        } else {
            row.push_span(Span::raw(format!("{line:>4} ")));
            if columns.written > 0 {
                let written = fitted(&written, columns.written - 2);
                row.push_span(Span::raw(format!("{written}  ")));
            }
            // Where nothing stands beside it, a step has the room of both.
            let room = if stands.is_empty() {
                width.saturating_sub(row.width())
            } else {
                columns.does
            };
            let does = fitted(does.trim_end_matches(" queues up"), room.saturating_sub(1));
            row.push_span(Span::styled(does, theme.value()));
            row.push_span(Span::raw(" "));
        }
        let room = width.saturating_sub(row.width());
        row.push_span(Span::styled(cut(&stands, room), look));
        row
    }

    fn lanes(&self, at: &Position, width: usize, theme: Theme) -> Vec<Line<'static>> {
        let rows = &at.replay.rows;
        let picture =
            lanes::picture_within(&self.ahead.program, rows, None, width, Some(LAST_LANE));
        let lines = picture.lines().enumerate().map(|(nth, text)| {
            let mut line = Line::from(text.to_owned());
            let here = at.replay.broken.iter();
            for (_, rule) in here.filter(|(after, _)| nth > 0 && *after == nth) {
                let mark = format!("  ✗ {rule}");
                let fits = line.width() + mark.chars().count() <= width;
                let mark = if fits { mark } else { "  ✗".to_owned() };
                line.push_span(Span::styled(mark, theme.danger()));
            }
            line
        });
        lines.collect()
    }

    /// What became of each rule so far, the broken ones first.
    fn outcome(&self, at: &Position, size: Size, theme: Theme) -> Vec<Line<'static>> {
        let width = usize::from(size.width);
        let kept = if self.is_over(at) {
            "kept in this order"
        } else {
            "kept so far"
        };
        let said = self.ahead.rules(at).map(|(rule, broken)| {
            let text = &rule.text;
            let why = at.replay.not_asked.iter().find(|it| it.0 == *text);
            match (broken, why) {
                (Some(after), _) => (0, format!(" ✗ {text}: broken after step {after}")),
                (None, Some((_, why))) => (2, format!(" – {text}: not asked, {why}")),
                (None, None) => (1, format!(" · {text}: {kept}")),
            }
        });
        let mut said: Vec<_> = said.collect();
        said.sort_by_key(|it| it.0);
        let most = match size.height {
            ..LOW => 2,
            LOW..TALL => 3,
            TALL.. => 8,
        };
        let more = said.len().saturating_sub(most);
        let lines = said.into_iter().take(most).enumerate();
        let lines = lines.map(|(nth, (rank, mut text))| {
            if more > 0 && nth + 1 == most {
                _ = write!(text, "   and {more} more");
            }
            let look = if rank == 0 {
                theme.danger()
            } else {
                Style::new()
            };
            Line::styled(cut(&text, width), look)
        });
        lines.collect()
    }

    fn columns(&self, width: usize) -> Columns {
        let names = self.ahead.program.processes.iter();
        let name = names.map(|it| it.name.chars().count()).max().unwrap_or(0);
        let most = if width < 80 { 8 } else { width / 5 };
        let name = name.max(7).min(most) + 1;
        let room = width.saturating_sub(10 + name);
        let written = if width >= WIDE { room / 3 } else { 0 };
        Columns {
            name,
            written,
            does: (room - written) / 2,
        }
    }

    /// In which section a process is, what it waits for or how it ended, and how that looks.
    fn stands(&self, at: &Position, who: usize, theme: Theme) -> (String, Style) {
        if at.fault == Some(who) {
            return ("went wrong".to_owned(), theme.danger());
        }
        if self.ahead.has_ended(at, who) {
            return ("has ended".to_owned(), Style::new());
        }
        let inside = self.ahead.sections(at, who).join(", ");
        match at.waiting(who) {
            Some(waiting) => {
                let look = if self.ahead.is_deadlock(at) {
                    theme.danger()
                } else {
                    theme.neutral()
                };
                let gap = if inside.is_empty() { "" } else { ", " };
                (format!("{inside}{gap}waits: {}", whom(waiting)), look)
            }
            None => (inside, theme.good()),
        }
    }
}

/// For whom one waits.
fn whom(waiting: &Waiting) -> String {
    let who = letters(&waiting.on_whom);
    match (waiting.held, waiting.on_whom.len()) {
        (true, 1) if !waiting.ended.is_empty() => format!("{who} holds it, and has ended"),
        (true, 1) => format!("{who} holds it"),
        (true, _) => format!("{who} hold it"),
        (false, 0) => "nobody could signal".to_owned(),
        (false, _) => format!("{who} could signal"),
    }
}

/// The circle in which those wait who cannot go on, by their letters; without one, what was lost.
fn circle(at: &Position) -> String {
    let replay = &at.replay;
    if replay.cycle.is_empty() {
        return waiting::summary(&replay.waiting, &replay.cycle);
    }
    let of = |name: &String| {
        let one = replay.waiting.iter().find(|it| it.process == *name);
        one.map_or('?', |it| letter(it.who)).to_string()
    };
    let names: Vec<_> = replay.cycle.iter().map(of).collect();
    names.join(" → ")
}
