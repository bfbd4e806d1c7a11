//! Two rows: the mode as a badge and its program, and where and what the server is.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::app::{Link, State};
use super::super::text::{clock, cut};
use super::row;
use crate::draw::notation::parse_program;
use crate::draw::{Operation, Window};
use crate::record::Snapshot;

/// What one draw does, as words with arrows: the lesson in a line.
fn program(snapshot: &Snapshot, arrow: &str) -> String {
    let other = snapshot.program.as_ref();
    let other = other.and_then(|other| parse_program(&other.operations).ok());
    let operations = other.as_deref().unwrap_or(snapshot.mode.program());
    let words = operations.iter().filter_map(|operation| {
        Some(match operation {
            Operation::Load => "read".to_owned(),
            Operation::Store => "write".to_owned(),
            Operation::FetchAdd => "read and add in one".to_owned(),
            Operation::Add => "add".to_owned(),
            Operation::StoreIfUnchanged => "write if unchanged".to_owned(),
            Operation::Lock => "lock".to_owned(),
            Operation::Unlock => "unlock".to_owned(),
            Operation::Window if snapshot.window == Window::None => return None,
            Operation::Window => format!("window {}", snapshot.window),
        })
    });
    let program = words.collect::<Vec<_>>().join(&format!(" {arrow} "));
    if snapshot.window == Window::None {
        format!("{program}   window none")
    } else {
        program
    }
}

/// What there is to say about the picture itself, most important first.
fn tags(state: &State) -> Vec<String> {
    let mut tags = Vec::new();
    match &state.link {
        Link::Waiting => tags.push("CONNECTING".to_owned()),
        Link::Lost { .. } => tags.push("DISCONNECTED".to_owned()),
        Link::Up if state.is_stale() => {
            let age = state.now.saturating_sub(state.arrived).as_secs();
            tags.push(format!("STALE {age} s"));
        }
        Link::Up => {}
    }
    if state.frozen {
        tags.push("FROZEN: space".to_owned());
    }
    if let Some(shown) = &state.shown {
        if shown.paused {
            tags.push("PAUSED".to_owned());
        }
        if shown.sold_out {
            tags.push("SOLD OUT".to_owned());
        }
    }
    tags
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let tags = tags(state);
    let mut right: Vec<Span> = Vec::new();
    for tag in &tags {
        right.push(Span::styled(format!(" {tag} "), theme.notice()));
        right.push(Span::raw(" "));
    }
    right.pop();
    if tags.is_empty() {
        right.push(Span::styled("LIVE", theme.value()));
    }
    let right = Line::from(right);
    let taken = right.width();
    if let Some(shown) = &state.shown {
        let badge = format!(" {} ", shown.runs().to_uppercase());
        let room = width.saturating_sub(badge.len() + taken + 3);
        let program = cut(&program(shown, theme.glyph("→")), room);
        row(
            area,
            buffer,
            0,
            Line::from(vec![
                Span::styled(badge, theme.runs(shown.mode, shown.program.is_some())),
                Span::raw("  "),
                Span::styled(program, theme.value()),
            ]),
        );
        row(
            area,
            buffer,
            1,
            Line::styled(cut(&place(shown), width), Style::new()),
        );
    } else {
        row(area, buffer, 0, Line::styled(" LOOTBOX ", theme.notice()));
    }
    let taken = u16::try_from(taken).unwrap_or(area.width).min(area.width);
    let corner = Rect {
        x: area.right() - taken,
        width: taken,
        ..area
    };
    row(corner, buffer, 0, right);
}

fn place(shown: &Snapshot) -> String {
    let seed = shown
        .seed
        .map_or_else(|| "none".to_owned(), |seed| seed.to_string());
    let parts = [
        shown.address.clone(),
        format!("grain {}", shown.grain),
        format!("cores {}", shown.cores),
        format!("seed {seed}"),
        format!("round {}", shown.round),
        format!("up {}", clock(shown.uptime_ns)),
    ];
    parts.join("  ")
}
