//! A duplicate's story: time downward, a lane a thread, the shared counter between them, a bracket
//! over each gap in which somebody else wrote; and the assignment's table under it.

use ratatui::buffer::Buffer;
use ratatui::layout::{Constraint, Layout, Rect};
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::super::text::{cut, fitted, wrapped};
use super::strip::table;
use super::{row, titled};
use crate::record::RecentDraw;
use crate::record::story::{Action, Step, Story};
use crate::schedule::export::Told;

const STEP: usize = 4;
const COUNTER: usize = 10;
/// Lines that a command may take from the lanes.
const COMMAND: usize = 3;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, told: &Told, top: usize) {
    let story = &told.story;
    let title = format!(
        "How {} was handed out more than once · esc back",
        story.number
    );
    let area = titled(area, buffer, state.theme, &title, true);
    let replays = replays(told, usize::from(area.width));
    let lines = u16::try_from(replays.len()).unwrap_or(0).max(1);
    let [lanes, said, below] = Layout::vertical([
        Constraint::Min(2),
        Constraint::Length(1 + lines),
        Constraint::Length(3),
    ])
    .areas(area);
    render_lanes(lanes, buffer, state, story, top);
    row(
        said,
        buffer,
        0,
        Line::styled(
            cut(&explanation(story), usize::from(said.width)),
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

/// What replays it, as a command line in as few lines of `width` as it takes; or why nothing does.
fn replays(told: &Told, width: usize) -> Vec<String> {
    let Some(witness) = &told.witness else {
        let why = told.no_witness.iter();
        return why.flat_map(|why| wrapped(why, " ", "", width)).collect();
    };
    let lines = wrapped(&format!("$ {}", witness.command), " --", " \\", width);
    if lines.len() <= COMMAND && lines.iter().all(|line| line.len() <= width) {
        return lines;
    }
    vec![format!(
        "{} letters replay it: ask the control socket for the story of ticket {}",
        witness.schedule.len(),
        witness.ticket
    )]
}

/// What happened, in a sentence.
fn explanation(story: &Story) -> String {
    let mut readers: Vec<&str> = Vec::new();
    let mut again = false;
    let mut written = false;
    for step in &story.steps {
        match (step.action, step.session) {
            (Action::Read { seen }, Some(session)) if seen == story.ticket => {
                again |= written;
                readers.push(&story.sessions[session]);
            }
            (Action::Write { ticket, .. } | Action::Add { ticket, .. }, _)
                if ticket == story.ticket =>
            {
                written = true;
            }
            _ => {}
        }
    }
    let more = match story.left_out {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let (who, ticket) = (readers.join(", "), story.ticket);
    if again {
        format!("{who}{more} read {ticket}: a stale write had moved the counter back to it.")
    } else {
        format!(
            "{who}{more} read {ticket} before any of them had written {}.",
            ticket + 1
        )
    }
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

fn render_lanes(area: Rect, buffer: &mut Buffer, state: &State, story: &Story, top: usize) {
    let theme = state.theme;
    let lanes = story.sessions.len().max(1);
    let lane = (usize::from(area.width).saturating_sub(STEP + COUNTER) / lanes).min(38);
    let brackets = brackets(story);
    let mut heading = Line::from(format!("{:<STEP$}", ""));
    for (index, letter) in story.sessions.iter().enumerate() {
        heading.push_span(Span::styled(fitted(letter, lane), theme.value()));
        if index == 0 {
            heading.push_span(Span::styled(
                format!("{:^COUNTER$}", "COUNTER"),
                theme.value(),
            ));
        }
    }
    row(area, buffer, 0, heading);
    let height = usize::from(area.height.saturating_sub(1));
    let top = top.min(story.steps.len().saturating_sub(height));
    for ((index, step), y) in story
        .steps
        .iter()
        .enumerate()
        .skip(top)
        .take(height)
        .zip(1..)
    {
        let mut line = Line::from(format!("{:>2}  ", index + 1));
        for (session, &bracket) in brackets[index].iter().enumerate() {
            let (text, style) = match step.session {
                Some(who) if who == session => said(step, lane, state),
                _ => (String::new(), Style::new()),
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
                let style = if matches!(step.action, Action::Read { .. }) {
                    Style::new()
                } else {
                    theme.value()
                };
                line.push_span(Span::styled(format!("{:^COUNTER$}", step.counter), style));
            }
        }
        if step.session.is_none() {
            line.push_span(Span::raw(" written by another thread"));
        }
        row(area, buffer, y, line);
        // There is more than fits, and arrows lead there.
        let mark = match usize::from(y) {
            1 if top > 0 => "^",
            last if last == height && top + height < story.steps.len() => "v",
            _ => "",
        };
        buffer.set_stringn(area.x + 2, area.y + y, mark, 1, theme.value());
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
