//! All keys, and the words.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use super::super::app::State;
use super::super::keys::BINDINGS;
use super::super::text::cut;
use super::{row, titled};

/// The words on the screen, each in a line.
const WORDS: &[(&str, &str)] = &[
    (
        "draw",
        "hands out a number: reads the counter, takes list[counter], writes counter + 1",
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
        "how far changes of mode moved the counter past what was handed out",
    ),
    ("window", "what happens between the read and the write"),
    (
        "grain",
        "what one draw hands out: a number or a whole request",
    ),
    ("round", "from one shuffle of the list to the next"),
];

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let keys: Vec<_> = BINDINGS
        .iter()
        .filter(|binding| !binding.shown.is_empty())
        .collect();
    let wide = area.width >= 110;
    let side = usize::from(area.width);
    let area = titled(area, buffer, theme, "Keys and words · esc back", true);
    let shown = |keys: &str, help: &str, left: usize, width: usize| {
        Line::from(vec![
            Span::styled(format!("{keys:>left$}  "), theme.value()),
            Span::raw(cut(help, width.saturating_sub(left + 3))),
        ])
    };
    if wide || usize::from(area.height) > keys.len() + WORDS.len() {
        for (binding, y) in keys.iter().zip(0..) {
            row(area, buffer, y, shown(binding.shown, binding.help, 7, side));
        }
        let below = u16::try_from(keys.len() + 1).unwrap_or(u16::MAX);
        for ((word, meaning), y) in WORDS.iter().zip(below..) {
            row(area, buffer, y, shown(word, meaning, 12, side));
        }
        return;
    }
    // Keys in two columns, for a small screen.
    let half = keys.len().div_ceil(2);
    let column = area.width / 2;
    for (index, binding) in keys.iter().enumerate() {
        let place = Rect {
            x: area.x + if index < half { 0 } else { column },
            width: column,
            ..area
        };
        let y = u16::try_from(index % half).unwrap_or(u16::MAX);
        row(
            place,
            buffer,
            y,
            shown(binding.shown, binding.help, 6, usize::from(column)),
        );
    }
    let below = u16::try_from(half + 1).unwrap_or(u16::MAX);
    for ((word, meaning), y) in WORDS.iter().zip(below..) {
        row(area, buffer, y, shown(word, meaning, 12, side));
    }
}
