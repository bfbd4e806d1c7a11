//! One line with the sums, on a screen too small for more: the most important first.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::Line;

use super::super::app::{Dialog, Link, State};
use super::super::text::{cut, short};
use super::row;

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let text = match (&state.dialog, &state.link, &state.shown) {
        (Some(Dialog::Quit), ..) => "stop the server too? y, k to keep it, n".to_owned(),
        (Some(Dialog::Steer(_)), ..) => "steer a shared server? y, n".to_owned(),
        (Some(Dialog::NewRound), ..) => "new round? y, n".to_owned(),
        (Some(Dialog::Choose(servers, at)), ..) => servers[*at].to_string(),
        (_, Link::Lost { .. }, _) => "disconnected".to_owned(),
        (_, _, None) => "connecting".to_owned(),
        (_, _, Some(shown)) => format!(
            "{} dup {} lost {} draws {}{}",
            shown.runs().to_uppercase(),
            short(shown.sums.duplicates),
            short(shown.sums.lost_updates),
            short(shown.sums.draws),
            if state.frozen { " FROZEN" } else { "" },
        ),
    };
    row(
        area,
        buffer,
        0,
        Line::from(cut(&text, usize::from(area.width))),
    );
}
