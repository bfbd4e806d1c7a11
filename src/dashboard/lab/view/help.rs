//! All keys, and the words of this screen.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::text::{Line, Span};

use crate::dashboard::text::cut;
use crate::dashboard::theme::Theme;
use crate::dashboard::view::{row, titled};

/// The keys, and the words of this screen.
const HELP: &[(&str, &str)] = &[
    ("q ctrl-c", "end the run; what it came to is printed"),
    ("space", "freeze the screen; the run goes on"),
    ("arrows", "other processes, where not all fit"),
    ("esc ?", "back"),
    ("", ""),
    ("waits", "has asked for a lock and is not let in"),
    ("holds", "has waited for it and not signalled since"),
    ("inside", "in a section"),
    ("turns", "how often it came into a section"),
    ("bar", "its longest wait, also one still going on"),
    ("Jain's index", "1 if all had as many turns, 1/n if one all"),
    ("deadlock", "nobody can go on, not everybody has ended"),
    ("broken", "a rule was, and how often; more at the end"),
];

pub(super) fn render(area: Rect, buffer: &mut Buffer, theme: Theme) {
    let width = usize::from(area.width);
    let area = titled(area, buffer, theme, "Keys and words · esc back", true);
    for ((word, meaning), y) in HELP.iter().zip(0..) {
        let line = vec![
            Span::styled(format!("{word:>13}  "), theme.value()),
            Span::raw(cut(meaning, width.saturating_sub(16))),
        ];
        row(area, buffer, y, Line::from(line));
    }
}
