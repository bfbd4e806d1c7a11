//! The one line that says what is going on, for the back row of the hall: a race or none, and what
//! that proves. On a tall screen the sums in big digits stand under it.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::app::{Link, State};
use super::super::text::{cut, grouped};
use super::row;
use crate::draw::Mode;
use crate::record::{Duplicate, Snapshot};

/// One row, and three more on a tall screen.
pub(super) fn height(area: Rect) -> u16 {
    if area.height >= 34 && area.width >= 100 {
        6
    } else {
        1
    }
}

/// The newest duplicate in words.
fn who_got(duplicate: &Duplicate) -> String {
    let mut who: Vec<&str> = Vec::new();
    for session in &duplicate.sessions {
        if !who.contains(&session.as_str()) {
            who.push(session);
        }
    }
    let who = match who.as_slice() {
        [one] => format!("{one} twice"),
        [first, second] => format!("{first} and {second}"),
        [first, second, third] => format!("{first}, {second} and {third}"),
        [first, second, rest @ ..] => format!("{first}, {second} and {} more", rest.len()),
        [] => "nobody".to_owned(),
    };
    format!("number {} went to {who}", duplicate.number)
}

/// The word in the badge, what follows it, and how both look.
fn verdict(state: &State, shown: &Snapshot) -> (&'static str, String, Style, Style) {
    let theme = state.theme;
    let sums = &shown.sums;
    let since = state
        .since
        .as_ref()
        .filter(|since| since.runs == shown.runs() && since.round == shown.round);
    let (draws, extras) = since.map_or((sums.draws, sums.extras), |since| {
        (
            sums.draws.saturating_sub(since.draws),
            sums.extras.saturating_sub(since.extras),
        )
    });
    let runs = shown.runs();
    let proven = theme.runs(shown.mode, shown.program.is_some());
    let newest = state
        .detail
        .as_ref()
        .and_then(|detail| detail.duplicate_list.last());
    if sums.draws == 0 {
        let (host, port) = shown
            .address
            .rsplit_once(':')
            .unwrap_or((&shown.address, ""));
        let text =
            format!("connect with  nc {host} {port}  and say  draw 5;  or press b for a bot");
        return ("NO DRAWS YET", text, theme.notice(), theme.value());
    }
    if extras > 0 && shown.mode == Mode::UnsafeRace {
        let who = newest.map_or(String::new(), |newest| format!("{}  ·  ", who_got(newest)));
        let text = format!(
            "{who}{} handed out more than once",
            grouped(sums.duplicates)
        );
        // Reversed while it happens, so that the eye goes there.
        let now = state.fresh > 0;
        let style = if now { theme.alarm() } else { theme.danger() };
        return (
            if now { "RACE!" } else { "RACE" },
            text,
            theme.alarm(),
            style,
        );
    }
    if shown.mode == Mode::UnsafeRace {
        let text = format!("in {} draws of {runs}: luck, and no proof", grouped(draws));
        return ("NO DUPLICATE YET", text, theme.notice(), theme.neutral());
    }
    if extras > 0 {
        let text = format!("{} in {runs}: this must not be", grouped(extras));
        return ("DUPLICATES", text, theme.alarm(), theme.alarm());
    }
    let before = match sums.duplicates {
        0 => String::new(),
        before => format!("  ·  the {} from before stay", grouped(before)),
    };
    let text = format!("in {} draws with {runs}{before}", grouped(draws));
    (
        if sums.duplicates == 0 {
            "NO DUPLICATES"
        } else {
            "NO NEW DUPLICATES"
        },
        text,
        proven,
        theme.good(),
    )
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State) {
    let theme = state.theme;
    let width = usize::from(area.width);
    if let Link::Lost {
        why,
        attempt,
        retry_at,
    } = &state.link
    {
        let left = retry_at.saturating_sub(state.now).as_secs();
        let text =
            format!("{why}; try {attempt} in {left} s. The picture is the last one that came.");
        return row(
            area,
            buffer,
            0,
            Line::styled(cut(&format!(" {text}"), width), theme.notice()),
        );
    }
    let Some(shown) = &state.shown else {
        return row(area, buffer, 0, Line::from(" waiting for the server"));
    };
    let (badge, text, badge_style, style) = verdict(state, shown);
    let badge = format!(" {badge} ");
    let text = format!(" {} ", cut(&text, width.saturating_sub(badge.width() + 2)));
    let mut line = Line::from(vec![
        Span::styled(badge, badge_style),
        Span::styled(text, style),
    ]);
    if style == theme.alarm() {
        // All the row is red: seen from the last bench.
        let rest = width.saturating_sub(line.width());
        line.push_span(Span::styled(" ".repeat(rest), style));
    }
    row(area, buffer, 0, line);
    if area.height >= 6 {
        big_sums(area, buffer, state, shown);
    }
}

/// 3 columns and 3 rows a digit, two half rows a row.
const DIGITS: [[&str; 3]; 11] = [
    ["█▀█", "█ █", "▀▀▀"],
    ["▀█ ", " █ ", "▀▀▀"],
    ["▀▀█", "█▀▀", "▀▀▀"],
    ["▀▀█", " ▀█", "▀▀▀"],
    ["█ █", "▀▀█", "  ▀"],
    ["█▀▀", "▀▀█", "▀▀▀"],
    ["█▀▀", "█▀█", "▀▀▀"],
    ["▀▀█", "  █", "  ▀"],
    ["█▀█", "█▀█", "▀▀▀"],
    ["█▀█", "▀▀█", "▀▀▀"],
    ["   ", "   ", " ▄ "],
];

fn big_sums(area: Rect, buffer: &mut Buffer, state: &State, shown: &Snapshot) {
    let theme = state.theme;
    let sums = &shown.sums;
    let bad = if sums.duplicates == 0 {
        theme.good()
    } else if state.fresh > 0 {
        theme.danger()
    } else {
        theme.neutral()
    };
    let columns = [
        ("DRAWS", sums.draws, theme.value()),
        ("DUPLICATES", sums.duplicates, bad),
        ("LOST UPDATES", sums.lost_updates, bad),
    ];
    let each = area.width / 3;
    for ((name, value, style), column) in columns.into_iter().zip(0..) {
        let x = area.x + column * each + 1;
        buffer.set_stringn(x, area.y + 1, name, usize::from(each), theme.value());
        if theme.ascii {
            buffer.set_stringn(x, area.y + 3, grouped(value), usize::from(each), style);
            continue;
        }
        for (line, y) in (0..3).zip(area.y + 2..) {
            let text: Vec<_> = value
                .to_string()
                .bytes()
                .map(|digit| DIGITS[usize::from(digit - b'0').min(10)][line])
                .collect();
            buffer.set_stringn(
                x,
                y,
                text.join(" "),
                usize::from(each).saturating_sub(1),
                style,
            );
        }
    }
}
