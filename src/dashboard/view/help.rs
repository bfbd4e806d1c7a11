//! All keys, and the words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::super::keys::BINDINGS;
use super::{row, titled};
use crate::columns::wrapped;

/// The words on the screen, each in a line.
const WORDS: &[(&str, &str)] = &[
    (
        "draw",
        "hands out list[counter], and moves the counter on by one",
    ),
    (
        "counter",
        "the index of the next number of the shuffled list",
    ),
    ("duplicate", "a number handed out more than once"),
    ("extra", "each handing-out of a number after its first"),
    ("lost updates", "draws minus how far the counter moved"),
    (
        "skipped",
        "a number never handed out though the counter passed it",
    ),
    (
        "repaired",
        "how far a change of mode moved the counter up again",
    ),
    ("window", "what happens between the read and the write"),
    (
        "grain",
        "what one draw hands out: a number or a whole request",
    ),
    ("round", "from one shuffle of the list to the next"),
];

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, top: usize) {
    let theme = state.theme;
    let keys: Vec<_> = BINDINGS
        .iter()
        .filter(|binding| !binding.shown.is_empty())
        .collect();
    let area = titled(area, buffer, theme, "Keys and words · esc back", true);
    let shown = |keys: &str, help: &str, left: usize| {
        Line::from(vec![
            Span::styled(format!("{keys:>left$}  "), theme.value()),
            Span::raw(help.to_owned()),
        ])
    };
    let half = keys.len().div_ceil(2);
    if area.width >= 76 && usize::from(area.height) >= half + WORDS.len() && area.width < 110 {
        // Keys in two columns, for a screen of the usual size.
        let column = area.width / 2;
        for (index, binding) in keys.iter().enumerate() {
            let place = Rect {
                x: area.x + if index < half { 0 } else { column },
                width: column,
                ..area
            };
            let y = u16::try_from(index % half).unwrap_or(u16::MAX);
            row(place, buffer, y, shown(binding.shown, binding.help, 6));
        }
        let blank = usize::from(usize::from(area.height) > half + WORDS.len());
        let below = u16::try_from(half + blank).unwrap_or(u16::MAX);
        for ((word, meaning), y) in WORDS.iter().zip(below..) {
            row(area, buffer, y, shown(word, meaning, 12));
        }
        return;
    }
    // One below the other, and as many as fit from where the arrows have moved.
    let mut lines: Vec<Line> = keys
        .iter()
        .map(|binding| shown(binding.shown, binding.help, 7))
        .collect();
    lines.push(Line::default());
    let room = usize::from(area.width).saturating_sub(15);
    for (word, meaning) in WORDS {
        let parts = wrapped(meaning, room, "", "");
        for (index, part) in parts.iter().enumerate() {
            let word = if index == 0 { word } else { "" };
            lines.push(shown(word, part, 12));
        }
    }
    let height = usize::from(area.height);
    let more = lines.len() > height;
    let rows = if more {
        height.saturating_sub(1)
    } else {
        height
    };
    let top = top.min(lines.len().saturating_sub(rows));
    for (line, y) in lines.into_iter().skip(top).take(rows).zip(0..) {
        row(area, buffer, y, line);
    }
    if more {
        let last = area.height.saturating_sub(1);
        row(
            area,
            buffer,
            last,
            Line::styled(" arrows: more", theme.value()),
        );
    }
}
