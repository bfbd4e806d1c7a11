//! A duplicate's story: time downward, a lane a thread, the shared counter between them, a bracket
//! over each gap in which somebody else wrote; and the assignment's table under it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::super::text::{cut, fitted};
use super::strip::table;
use super::{row, titled};
use crate::columns::wrapped;
use crate::orders::letter as letter_of;
use crate::record::RecentDraw;
use crate::trace::{Action, Step, Story, Told, Witness};

const COUNTER: usize = 10;
/// Lines that a command may take from the lanes.
const COMMAND: usize = 3;
/// Steps that are seen at once are worth more than a second command.
const LANES: u16 = 6;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, told: &Told, top: usize) {
    let story = &told.story;
    let title = format!(
        "How {} was handed out more than once · esc back",
        story.number
    );
    let area = titled(area, buffer, state.theme, &title, true);
    let room = usize::from(area.height.saturating_sub(3 + 1 + 1 + LANES)).max(COMMAND);
    let replays = replays(told, usize::from(area.width), room);
    let lines = u16::try_from(replays.len()).unwrap_or(0).max(1);
    let [lanes, said, below] = Layout::vertical([
        Constraint::Min(2),
        Constraint::Length(1 + lines),
        Constraint::Length(3),
    ])
    .areas(area);
    render_lanes(lanes, buffer, state, told, top);
    row(
        said,
        buffer,
        0,
        Line::styled(
            cut(&explanation(told), usize::from(said.width)),
            state.theme.danger(),
        ),
    );
    for (line, y) in replays.iter().zip(1..) {
        row(
            said,
            buffer,
            y,
            Line::raw(cut(line, usize::from(said.width))),
        );
    }
    table(below, buffer, state, &columns(story));
}

/// What replays it, as a command line in as few lines of `width` as it takes; or why nothing does. Where that is too long
/// to be typed, what is shorter is named as what it is, if it has a place in `room` lines.
fn replays(told: &Told, width: usize, room: usize) -> Vec<String> {
    let mut lines = if let Some(witness) = &told.witness {
        if let Some(lines) = command(witness, width) {
            return lines;
        }
        vec![format!(
            "{} letters replay it: ask the control socket for the story of ticket {}",
            witness.schedule.len(),
            witness.ticket
        )]
    } else {
        let why = told.no_witness.iter();
        why.flat_map(|why| wrapped(why, width, "", "    "))
            .collect()
    };
    if let Some(shorter) = told.shorter.as_ref().and_then(|it| command(it, width))
        && lines.len() + 1 + shorter.len() <= room
    {
        lines.push(
            "Another, shorter order with the same duplicate (it need not be how it was):"
                .to_owned(),
        );
        lines.extend(shorter);
    }
    lines
}

/// The command line, if it is one that is typed.
fn command(witness: &Witness, width: usize) -> Option<Vec<String>> {
    // A line ends between two options, and not between one and its value.
    let text = format!("$ {}", witness.command).replace(' ', "\u{a0}");
    let mut lines = wrapped(
        &text.replace("\u{a0}--", " --"),
        width.saturating_sub(2),
        "",
        "    ",
    );
    let last = lines.len().saturating_sub(1);
    for (index, line) in lines.iter_mut().enumerate() {
        *line = line.replace('\u{a0}', " ") + if index < last { " \\" } else { "" };
    }
    (lines.len() <= COMMAND && lines.iter().all(|line| line.len() <= width)).then_some(lines)
}

/// What happened, in a sentence: as an order that fits the recording has it, which may fit another one too.
fn explanation(told: &Told) -> String {
    let story = &told.story;
    let perhaps = match (&told.witness, &told.no_witness) {
        (Some(_), _) => "Likely ",
        (None, Some(_)) if story.sessions.len() > 1 => "Perhaps ",
        _ => "",
    };
    let mut readers: Vec<&str> = Vec::new();
    let mut back = None;
    let mut held_up = None;
    for step in &story.steps {
        let Some(who) = step.session.map(|session| &story.sessions[session][..]) else {
            continue;
        };
        match step.action {
            Action::Read { seen } if seen == story.ticket => {
                if held_up.is_some() {
                    back = held_up;
                }
                readers.push(who);
            }
            Action::Write { ticket, stale, .. } if stale && ticket < story.ticket => {
                held_up = Some((who, ticket + 1)).filter(|_| !readers.is_empty());
            }
            _ => {}
        }
    }
    let more = match story.left_out {
        0 => String::new(),
        more => format!("; {more} more got it"),
    };
    let (who, ticket) = (readers.join(", "), story.ticket);
    if let Some((late, back)) = back {
        let who = readers.join(", then ");
        format!(
            "{perhaps}{who} read {ticket}: {late}'s stale write moved the counter back to {back}{more}."
        )
    } else if written_in_between(story) {
        format!(
            "{perhaps}{who} read {ticket}: a stale write had moved the counter back to it{more}."
        )
    } else {
        let next = ticket + 1;
        format!("{perhaps}{who} read {ticket} before any of them had written {next}{more}.")
    }
}

/// Whether the ticket was read again after a draw of it had written.
fn written_in_between(story: &Story) -> bool {
    let mut steps = story.steps.iter().skip_while(|step| {
        !matches!(step.action, Action::Write { ticket, .. } | Action::Add { ticket, .. } if ticket == story.ticket)
    });
    steps.any(|step| matches!(step.action, Action::Read { seen } if seen == story.ticket))
}

/// The assignment's table: the draws in the order in which they were complete.
fn columns(story: &Story) -> Vec<RecentDraw> {
    let columns = story
        .steps
        .iter()
        .filter_map(|step| match (step.action, step.session) {
            (
                Action::Write { ticket, number, .. } | Action::Add { ticket, number },
                Some(session),
            ) => Some(RecentDraw {
                ticket,
                session: story.sessions[session].clone(),
                number,
                duplicate: ticket == story.ticket,
            }),
            _ => None,
        });
    columns.collect()
}

/// One line of the lanes: a step by its place, or how many are left out.
#[derive(Clone, Copy)]
enum Shown {
    Step(usize),
    LeftOut { steps: u64, before: usize },
}

/// The lines, each with the number of its step in the whole order.
fn shown(story: &Story) -> Vec<(u64, Shown)> {
    let mut number = 0;
    let mut lines = Vec::with_capacity(story.lines());
    for (index, step) in story.steps.iter().enumerate() {
        if step.omitted > 0 {
            let (steps, before) = (step.omitted, index);
            lines.push((number + 1, Shown::LeftOut { steps, before }));
        }
        number += step.omitted + 1;
        lines.push((number, Shown::Step(index)));
    }
    lines
}

fn render_lanes(area: Rect, buffer: &mut Buffer, state: &State, told: &Told, top: usize) {
    let (theme, story) = (state.theme, &told.story);
    let lines = shown(story);
    let digits = lines.last().map_or(1, |(last, _)| last.to_string().len());
    let numbers = digits.max(2) + 2;
    let lanes = story.sessions.len().max(1);
    let lane = (usize::from(area.width).saturating_sub(numbers + COUNTER) / lanes).min(38);
    let brackets = brackets(story);
    let mut heading = Line::from(format!("{:<numbers$}", ""));
    for (index, letter) in story.sessions.iter().enumerate() {
        let letter = match below(told, letter) {
            Some(below) => format!("{letter} ({below} below)"),
            None => letter.clone(),
        };
        heading.push_span(Span::styled(fitted(&letter, lane), theme.value()));
        if index == 0 {
            heading.push_span(Span::styled(
                format!("{:^COUNTER$}", "COUNTER"),
                theme.value(),
            ));
        }
    }
    row(area, buffer, 0, heading);
    let height = usize::from(area.height.saturating_sub(1));
    let top = top.min(lines.len().saturating_sub(height));
    for (&(number, line), y) in lines.iter().skip(top).take(height).zip(1..) {
        let mut text = Line::from(match line {
            Shown::LeftOut { .. } => format!("{:>w$}  ", "…", w = numbers - 2),
            Shown::Step(_) => format!("{number:>w$}  ", w = numbers - 2),
        });
        render_line(&mut text, line, story, &brackets, lane, state);
        row(area, buffer, y, text);
        // There is more than fits, and arrows lead there.
        let mark = match usize::from(y) {
            1 if top > 0 => "^",
            last if last == height && top + height < lines.len() => "v",
            _ => "",
        };
        let x = area.x + u16::try_from(numbers - 2).unwrap_or(2);
        buffer.set_stringn(x, area.y + y, mark, 1, theme.value());
    }
}

/// The letter that a session has in the command, if it is another.
fn below(told: &Told, letter: &str) -> Option<char> {
    let sessions = &told.witness.as_ref()?.sessions;
    let there = sessions.iter().position(|it| it == letter)?;
    Some(letter_of(there)).filter(|there| !letter.chars().eq([*there]))
}

fn render_line(
    line: &mut Line<'static>,
    shown: Shown,
    story: &Story,
    brackets: &[Vec<Option<Bracket>>],
    lane: usize,
    state: &State,
) {
    let theme = state.theme;
    // What is left out stands before the next step, and a bracket goes on through it.
    let (Shown::Step(index) | Shown::LeftOut { before: index, .. }) = shown;
    let step = &story.steps[index];
    for (session, &bracket) in brackets[index].iter().enumerate() {
        let (text, style) = match (shown, step.session) {
            (Shown::LeftOut { steps, .. }, _) if session == 0 && lane >= 30 => {
                (format!("{steps} steps left out"), Style::new())
            }
            (Shown::LeftOut { steps, .. }, _) if session == 0 => {
                (format!("{steps} steps"), Style::new())
            }
            (Shown::Step(_), Some(who)) if who == session => said(step, lane, state),
            _ => (String::new(), Style::new()),
        };
        let bracket = match (shown, bracket) {
            (Shown::LeftOut { .. }, Some(Bracket::Begin) | None) => None,
            (Shown::LeftOut { .. }, Some(_)) => Some(Bracket::Middle),
            (Shown::Step(_), bracket) => bracket,
        };
        let words = match bracket {
            Some(Bracket::Begin) => theme.glyph("┐"),
            Some(Bracket::Middle) if lane >= 30 => "│ stale",
            Some(Bracket::Middle) => theme.glyph("│"),
            Some(Bracket::End) if lane >= 30 => "┘ LOST UPDATE",
            Some(Bracket::End) => "┘LOST",
            None => "",
        };
        let words = if theme.ascii {
            words.replace('┘', "'").replace('│', "|")
        } else {
            words.to_owned()
        };
        let room = if lane >= 30 { 13 } else { 6 };
        line.push_span(Span::styled(
            fitted(&text, lane.saturating_sub(room)),
            style,
        ));
        line.push_span(Span::styled(fitted(&words, room.min(lane)), theme.danger()));
        if session == 0 {
            let (counter, style) = match (shown, step.action) {
                (Shown::LeftOut { .. }, _) => (String::new(), Style::new()),
                (_, Action::Read { .. }) => (step.counter.to_string(), Style::new()),
                _ => (step.counter.to_string(), theme.value()),
            };
            line.push_span(Span::styled(format!("{counter:^COUNTER$}"), style));
        }
    }
    if step.session.is_none() {
        line.push_span(Span::raw(" written by another thread"));
    }
}

/// A step in words, as many as fit.
fn said(step: &Step, lane: usize, state: &State) -> (String, Style) {
    let theme = state.theme;
    match step.action {
        Action::Read { seen } if lane >= 30 => (format!("READ  seen={seen}"), Style::new()),
        Action::Read { seen } => (format!("R {seen}"), Style::new()),
        Action::Write { number, stale, .. } => {
            let style = if stale { theme.danger() } else { theme.value() };
            let text = if lane >= 30 {
                format!("WRITE {} {} {number}", step.counter, theme.glyph("→"))
            } else {
                format!("W {}{}{number}", step.counter, theme.glyph("→"))
            };
            (text, style)
        }
        Action::Add { number, .. } => {
            let word = if lane >= 30 { "ADD 1 " } else { "+1" };
            let arrow = theme.glyph("→");
            let gap = if lane >= 30 { " " } else { "" };
            (format!("{word}{arrow}{gap}{number}"), theme.value())
        }
        Action::Elsewhere => (String::new(), Style::new()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Bracket {
    Begin,
    Middle,
    End,
}

/// By step and session: the stale gaps.
fn brackets(story: &Story) -> Vec<Vec<Option<Bracket>>> {
    let mut brackets = vec![vec![None; story.sessions.len().max(1)]; story.steps.len()];
    for (end, step) in story.steps.iter().enumerate() {
        let (Action::Write { stale: true, .. }, Some(session)) = (step.action, step.session) else {
            continue;
        };
        let begin = (0..end)
            .rev()
            .find(|&index| story.steps[index].session == Some(session));
        let begin = begin.unwrap_or(0);
        for (index, row) in brackets.iter_mut().enumerate().take(end + 1).skip(begin) {
            row[session] = Some(match index {
                index if index == begin => Bracket::Begin,
                index if index == end => Bracket::End,
                _ => Bracket::Middle,
            });
        }
    }
    brackets
}
