//! One order on a screen, as the schedules' own [`lanes`] and table show it: what every screen has on which
//! somebody takes steps.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};

use super::text::cut;
use super::theme::Theme;
use super::view::footer::keys;
use super::view::row;
use crate::draw::Operation;
use crate::draw::gallery::Mutexes;
use crate::schedule::lanes;
use crate::schedule::replay::Run;
use crate::schedule::text::letter;

/// Sessions that have a lane and a row from the beginning.
pub const MOST_LANES: usize = 4;
/// Wider lanes are harder to follow with the eye.
const WIDEST: usize = 110;

/// What the sessions share: the counter, the number it stands at, and if there are mutexes, whose they are and who
/// holds one.
#[must_use]
pub fn shared(counter: u64, number: Option<u32>, locks: Option<(Mutexes, &[usize])>) -> String {
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
#[must_use]
pub fn does(operation: Operation, register: u64, counter: u64) -> String {
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
#[must_use]
pub fn program_width(program: &[Operation]) -> usize {
    program
        .iter()
        .map(|operation| operation.name().len() + 2)
        .sum()
}

/// The program with its next operation in brackets, none if that is past its end; if it is too long for `room`
/// columns, the part around that. The words stay where they are while the brackets move.
pub fn program_spans(
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

/// The lanes of `run`, the newest row last and marked, scrolled back by `back` rows.
pub fn render_lanes(
    area: Rect,
    buffer: &mut Buffer,
    run: &Run,
    numbers: &[u32],
    back: usize,
    theme: Theme,
) {
    let at_least = match run.sessions {
        few @ ..=MOST_LANES => few,
        _ => 0,
    };
    let width = usize::from(area.width).min(WIDEST).saturating_sub(1);
    let text = lanes::picture(run, numbers, width, at_least);
    let mut lines = text.lines();
    let head = lines.next().unwrap_or_default().to_owned();
    row(area, buffer, 0, Line::styled(head, theme.value()));
    let lines: Vec<&str> = lines.collect();
    let rows = usize::from(area.height).saturating_sub(1);
    let end = lines.len().saturating_sub(back).max(rows.min(lines.len()));
    let begin = end.saturating_sub(rows);
    for ((index, text), y) in lines[begin..end].iter().enumerate().zip(1..) {
        let mut line = marked(text, theme);
        if begin + index + 1 == lines.len() {
            line = line.patch_style(theme.value());
        }
        row(area, buffer, y, line);
        let mark = match index {
            _ if begin + index + 1 == lines.len() => theme.glyph("▸"),
            0 if begin > 0 => "^",
            _ => "",
        };
        let y = area.y + y;
        buffer.set_stringn(area.x, y, mark, 1, theme.value());
    }
}

/// What is bad is told in its colour too.
#[must_use]
pub fn marked(text: &str, theme: Theme) -> Line<'static> {
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
#[must_use]
pub fn table_lines(run: &Run, numbers: &[u32], width: u16) -> Vec<String> {
    let table = run.table();
    let width = usize::from(width).min(lanes::WIDTH);
    let text = table.render(numbers, width);
    if table.columns.is_empty() {
        let heads = [
            " Counter",
            " Thread",
            " Result   nothing was handed out yet",
        ];
        return heads.map(str::to_owned).to_vec();
    }
    let lines: Vec<&str> = text.lines().collect();
    let newest = if lines.len().is_multiple_of(3) { 3 } else { 4 };
    let from = lines.len().saturating_sub(newest);
    lines[from..]
        .iter()
        .map(|line| (*line).to_owned())
        .collect()
}

/// A paragraph as lines of at most `width` columns, each begun with a blank.
#[must_use]
pub fn paragraph(text: &str, width: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split_whitespace() {
        if line.chars().count() + 1 + word.chars().count() > width {
            lines.push(std::mem::take(&mut line));
        }
        line.push(' ');
        line.push_str(word);
    }
    lines.push(line);
    lines
}

/// A head in bold and a text after it, cut to `width` columns.
#[must_use]
pub fn headed(
    head: &'static str,
    text: &str,
    look: Style,
    width: usize,
    theme: Theme,
) -> Line<'static> {
    Line::from(vec![
        Span::styled(head, theme.value()),
        Span::styled(cut(text, width.saturating_sub(head.chars().count())), look),
    ])
}

/// The keys by which so many sessions take a step: each, or the first and the last.
#[must_use]
pub fn step_keys(sessions: usize) -> String {
    let key = |session: usize| letter(session).to_ascii_lowercase().to_string();
    match sessions {
        0..=MOST_LANES => (0..sessions).map(key).collect::<Vec<_>>().join(" "),
        more => format!("a-{}", key(more - 1)),
    }
}

/// The last row: the keys of the sessions, and the other ones, as many as fit.
pub fn render_keys(
    area: Rect,
    buffer: &mut Buffer,
    steps: &str,
    others: &[(&str, &str)],
    theme: Theme,
) {
    let all = [(steps, "step")].into_iter().chain(others.iter().copied());
    let line = keys(" ", all, usize::from(area.width), theme);
    row(area, buffer, 0, line);
}
