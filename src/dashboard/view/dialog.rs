//! Questions, in a box in the middle.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::Line;
use ratatui::widgets::{Block, BorderType, Clear, Widget};

use super::super::app::{Dialog, State};
use super::super::text::cut;
use super::row;
use super::threads::first_row;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let plain = |lines: &[&str]| {
        lines
            .iter()
            .map(|line| Line::from((*line).to_owned()))
            .collect()
    };
    let (title, lines): (_, Vec<Line>) = match &state.dialog {
        Some(Dialog::Quit) => (
            "Quit",
            plain(&[
                "Stop the server too?",
                "",
                "y  stop it (as q or ctrl-c again)",
                "k  keep it serving, without a dashboard",
                "n  back",
            ]),
        ),
        Some(Dialog::Steer(_)) => (
            "A shared server",
            plain(&[
                "This server is not this dashboard's own:",
                "others may be watching, and clients draw.",
                "",
                "y  steer it (asked once)",
                "n  back",
            ]),
        ),
        Some(Dialog::NewRound) => (
            "New round",
            plain(&[
                "Begin a new round?",
                "A new list, the counter at 0,",
                "and every connection is closed.",
                "",
                "y  new round",
                "n  back",
            ]),
        ),
        Some(Dialog::Choose(servers, at)) => {
            let height = usize::from(area.height).saturating_sub(6);
            let first = first_row(Some(*at), servers.len(), height);
            let lines =
                servers
                    .iter()
                    .enumerate()
                    .skip(first)
                    .take(height)
                    .map(|(index, server)| {
                        let mark = if index == *at { "▸" } else { " " };
                        let style = if index == *at {
                            theme.selected()
                        } else {
                            Style::new()
                        };
                        Line::styled(format!("{mark} {server}"), style)
                    });
            ("Which server? arrows, enter; q quits", lines.collect())
        }
        _ => return,
    };
    render_box(area, buffer, state, title, lines);
}

fn render_box(area: Rect, buffer: &mut Buffer, state: &State, title: &str, lines: Vec<Line>) {
    let theme = state.theme;
    let inner = lines
        .iter()
        .map(Line::width)
        .max()
        .unwrap_or(0)
        .max(title.len())
        + 4;
    let width = u16::try_from(inner).unwrap_or(u16::MAX).min(area.width);
    let height = u16::try_from(lines.len() + 4)
        .unwrap_or(u16::MAX)
        .min(area.height);
    let place = Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    };
    Clear.render(place, buffer);
    let block = Block::bordered()
        .border_type(BorderType::Double)
        .border_style(theme.neutral())
        .title(Line::styled(format!(" {title} "), theme.value()));
    let body = block.inner(place);
    block.render(place, buffer);
    let body = Rect {
        x: body.x + 1,
        y: body.y + 1,
        width: body.width.saturating_sub(2),
        height: body.height.saturating_sub(1),
    };
    for (line, y) in lines.into_iter().zip(0..) {
        let style = line.style;
        let text: String = line
            .spans
            .iter()
            .map(|span| span.content.as_ref())
            .collect();
        row(
            body,
            buffer,
            y,
            Line::styled(cut(&text, usize::from(body.width)), style),
        );
    }
}
