//! All keys, and what they do not say.

use ratatui::text::{Line, Span};

use crate::columns::{cut, wrapped};
use crate::dashboard::theme::Theme;

/// What each key does.
const KEYS: [(&str, &str); 9] = [
    (
        "a b c …",
        "that session takes its next operation; windows need none",
    ),
    ("Backspace", "take back the last letter that still waits"),
    (
        "Ctrl-F  :free",
        "end the order: draws run on freely, on the dashboard",
    ),
    (
        "Ctrl-E  :end",
        "end the order: draws that wait get an error",
    ),
    (
        "Ctrl-Y  :copy",
        "copy the order as a schedule, for --schedule and --replay",
    ),
    (
        "q, Ctrl-C  :quit",
        "stop the server; it prints the order and how to replay it",
    ),
    ("arrows, page up/down", "scroll the lanes"),
    ("Ctrl-Z", "to the shell; fg brings it back"),
    ("?", "these keys"),
];
/// What is not said by keys.
const WORDS: &str = "The clients are real. Who draws first is A, the next B; a client that says \
    `name B` takes that letter. Each of its operations waits for you. A letter for a session that \
    has not asked waits until it does. A session that waits for the lock another holds uses its \
    letter up by waiting: that shows in its lane. The small q ends, so Q is taken with the capital.";

pub(super) fn lines(width: usize, theme: Theme) -> Vec<Line<'static>> {
    let key = |(key, does): &(&str, &str)| {
        Line::from(vec![
            Span::styled(format!(" {key:<21}"), theme.value()),
            Span::raw(cut(does, width.saturating_sub(23))),
        ])
    };
    let words = wrapped(WORDS, width.min(90).saturating_sub(1), " ", " ");
    let mut lines = vec![Line::default()];
    lines.extend(KEYS.iter().map(key));
    lines.push(Line::default());
    lines.extend(words.into_iter().map(Line::from));
    lines
}
