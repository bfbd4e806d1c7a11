//! Sessions that draw, on the screen of one order: what the [model](game) of them and the [real ones](super::served)
//! have alike. Lanes and table are the schedules' own.

pub(crate) mod game;
mod rows;
#[cfg(test)]
mod tests;

use std::fmt::Write;

use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::MOST_LANES;
use crate::dashboard::theme::Theme;
use crate::draw::Operation;
use crate::draw::gallery::Mutexes;
use crate::draws::lanes;
use crate::draws::replay::Run;
use crate::orders::letter;

/// Wider lanes are harder to follow with the eye.
const WIDEST: usize = 110;

/// What the sessions share: the counter, the number it stands at, and if there are mutexes, whose they are and who
/// holds one.
pub(crate) fn shared(
    counter: u64,
    number: Option<u32>,
    locks: Option<(Mutexes, &[usize])>,
) -> String {
    let mut text = format!(" COUNTER {counter}");
    match number {
        Some(number) => _ = write!(text, " (next number {number})"),
        None => text.push_str(" (sold out)"),
    }
    if let Some((mutexes, holders)) = locks {
        text.push_str(match (mutexes, holders.is_empty()) {
            (_, true) => "   LOCK free",
            (Mutexes::Shared, _) => "   LOCK held by ",
            (Mutexes::Own, _) => "   LOCKS OF THEIR OWN ",
        });
        let names: Vec<String> = holders.iter().map(|&one| letter(one).to_string()).collect();
        text.push_str(&names.join(", "));
    }
    text
}

/// What the next operation does, for a wide screen.
pub(crate) fn does(operation: Operation, register: u64, counter: u64) -> String {
    match operation {
        Operation::Load => format!("next reads the counter, {counter}"),
        Operation::Store => format!("next writes {} to the counter", register + 1),
        Operation::FetchAdd => format!("next reads {counter} and adds 1, in one"),
        Operation::Add => "next adds 1 to the counter".to_owned(),
        Operation::StoreIfUnchanged if register == counter => {
            format!("next writes {}: it is still {register}", register + 1)
        }
        Operation::StoreIfUnchanged => format!("next begins again: not {register} any more"),
        Operation::Lock => "next takes the lock".to_owned(),
        Operation::Unlock => "next gives the lock back".to_owned(),
        Operation::Window => String::new(),
    }
}

/// How many columns a whole program takes.
pub(crate) fn program_width(program: &[Operation]) -> usize {
    program
        .iter()
        .map(|operation| operation.name().len() + 2)
        .sum()
}

/// The program with its next operation in brackets, none if that is past its end; if it is too long for `room`
/// columns, the part around that. The words stay where they are while the brackets move.
pub(crate) fn program_spans(
    line: &mut Line<'static>,
    program: &[Operation],
    next: usize,
    room: usize,
    theme: Theme,
) {
    let width = |from: usize, to: usize| program_width(&program[from..to]);
    let shown = next.min(program.len().saturating_sub(1));
    let mut from = 0;
    while from < shown && width(from, (shown + 2).min(program.len())) > room {
        from += 1;
    }
    let mut to = program.len();
    while to > shown + 1 && width(from, to) > room {
        to -= 1;
    }
    for (index, operation) in program.iter().enumerate().take(to).skip(from) {
        let (before, after) = match index {
            index if index == next => ("[", "]"),
            index if index == from && from > 0 => ("…", " "),
            index if index + 1 == to && to < program.len() => (" ", "…"),
            _ => (" ", " "),
        };
        line.push_span(Span::raw(before));
        let look = match index {
            index if index == next => theme.selected().add_modifier(Modifier::BOLD),
            _ => Style::new(),
        };
        line.push_span(Span::styled(operation.name(), look));
        line.push_span(Span::raw(after));
    }
}

/// The lanes of `run`, their heads first.
pub(crate) fn lane_lines(
    run: &Run,
    numbers: &[u32],
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let at_least = match run.sessions {
        few @ ..=MOST_LANES => few,
        _ => 0,
    };
    let width = width.min(WIDEST).saturating_sub(1);
    let text = lanes::picture(run, numbers, width, at_least);
    text.lines().map(|line| marked(line, theme)).collect()
}

/// What is bad is told in its colour too.
fn marked(text: &str, theme: Theme) -> Line<'static> {
    const MARKS: [&str; 4] = ["LOST UPDATE", "SKIPPED", "┘", "!"];
    let mut line = Line::default();
    let mut rest = text;
    while let Some((at, mark)) = MARKS
        .iter()
        .filter_map(|mark| Some((rest.find(mark)?, *mark)))
        .min()
    {
        // A number with its mark.
        let from = if mark == "!" {
            rest[..at].rfind(' ').map_or(0, |blank| blank + 1)
        } else {
            at
        };
        line.push_span(Span::raw(rest[..from].to_owned()));
        let to = at + mark.len();
        line.push_span(Span::styled(rest[from..to].to_owned(), theme.danger()));
        rest = &rest[to..];
    }
    line.push_span(Span::raw(rest.to_owned()));
    line
}

/// The newest block of the assignment's table.
pub(crate) fn table_lines(
    run: &Run,
    numbers: &[u32],
    width: u16,
    theme: Theme,
) -> Vec<Line<'static>> {
    let table = run.table();
    if table.columns.is_empty() {
        let heads = [
            " Counter",
            " Thread",
            " Result   nothing was handed out yet",
        ];
        return heads.map(Line::from).to_vec();
    }
    let text = table.render(numbers, usize::from(width).min(lanes::WIDTH));
    let lines: Vec<&str> = text.lines().collect();
    let newest = if lines.len().is_multiple_of(3) { 3 } else { 4 };
    let from = lines.len().saturating_sub(newest);
    lines[from..]
        .iter()
        .map(|line| marked(line, theme))
        .collect()
}
