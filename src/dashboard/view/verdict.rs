//! The one line that says what is going on, for the back row of the hall: a race or none, and what
//! that proves. The sums in big digits stand under it wherever there is room for them.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::app::{Link, State};
use super::super::text::{cut, grouped};
use super::row;
use crate::draw::Mode;
use crate::record::{Duplicate, Snapshot, State as Doing};

/// One row, and three of big digits on a screen of the usual size; more on a tall one.
pub(super) fn height(area: Rect) -> u16 {
    match (area.width, area.height) {
        (100.., 34..) => 6,
        (80.., 24..) => 4,
        _ => 1,
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

/// A state in which nothing goes on by itself, and what a key does about it.
fn waits_for(shown: &Snapshot) -> Option<(&'static str, &'static str)> {
    let draws = |state| state != Doing::Closed;
    if shown.paused {
        Some(("paused", "p resumes"))
    } else if shown.sold_out {
        Some(("sold out", "r begins a new round"))
    } else if shown.sessions_left_out == 0 && !shown.sessions.iter().any(|row| draws(row.state)) {
        Some(("nobody is connected", "b adds a bot"))
    } else {
        None
    }
}

/// The word in the badge, what follows it, the longest form first, and how both look.
fn verdict(state: &State, shown: &Snapshot) -> (&'static str, Vec<String>, Style, Style) {
    let theme = state.theme;
    let sums = &shown.sums;
    // What came before another program ran is not its fault.
    let before = &shown.before_change;
    let draws = sums.draws.saturating_sub(before.draws);
    let extras = sums.extras.saturating_sub(before.extras);
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
        let text = match waits_for(shown).filter(|_| shown.paused) {
            Some((what, _)) if state.still => vec![what.to_owned()],
            Some((what, key)) => vec![format!("{what}: {key}")],
            None if state.still => vec![format!("connect with  nc {host} {port}  and say  draw 5")],
            None => vec![
                format!("connect with  nc {host} {port}  and say  draw 5;  or press b for a bot"),
                format!("nc {host} {port}, say draw 5; or b: a bot"),
                "press b for a bot".to_owned(),
            ],
        };
        return ("NO DRAWS YET", text, theme.notice(), theme.value());
    }
    if extras > 0 && shown.mode == Mode::UnsafeRace {
        let count = grouped(sums.duplicates);
        let many = format!("{count} handed out more than once");
        let mut text = Vec::new();
        if let Some(newest) = newest {
            let who = who_got(newest);
            let short = who.trim_start_matches("number ");
            text.push(format!("{who}  ·  {many}"));
            text.push(format!("{count} more than once  ·  {short}"));
        }
        text.extend([many, format!("{count} duplicates")]);
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
        let draws = grouped(draws);
        let text = vec![
            format!("in {draws} draws of {runs}: luck, and no proof"),
            format!("in {draws} draws: luck, no proof"),
        ];
        return ("NO DUPLICATE YET", text, theme.notice(), theme.neutral());
    }
    if extras > 0 {
        let text = vec![format!("{} in {runs}: this must not be", grouped(extras))];
        return ("DUPLICATES", text, theme.alarm(), theme.alarm());
    }
    let now = format!("in {} draws with {runs}", grouped(draws));
    let text = match sums.duplicates {
        0 => vec![now],
        before => vec![
            format!("{now}  ·  the {} from before stay", grouped(before)),
            now,
        ],
    };
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
        let text = format!(
            "{why}; try {attempt} in {left} s; q quits. The picture is the last one that came."
        );
        return row(
            area,
            buffer,
            0,
            Line::styled(cut(&format!(" {text}"), width), theme.notice()),
        );
    }
    let Some(shown) = &state.shown else {
        return row(
            area,
            buffer,
            0,
            Line::from(" waiting for the server; q quits"),
        );
    };
    let (badge, text, badge_style, style) = verdict(state, shown);
    let badge = format!(" {badge} ");
    let room = width.saturating_sub(badge.width() + 2);
    let mut forms = text;
    if let Some((what, key)) = waits_for(shown).filter(|_| shown.sums.draws > 0) {
        if state.still {
            for form in &mut forms {
                *form = format!("{form}  ·  {what}");
            }
        } else {
            // What is to be done comes first, and with as much of the rest as fits.
            let waits = format!("{what}: {key}");
            for form in &mut forms {
                *form = format!("{waits}  ·  {form}");
            }
            forms.push(waits);
        }
    }
    let fits = forms.iter().find(|form| form.width() <= room);
    let text = fits.or(forms.last()).map_or("", String::as_str);
    let text = format!(" {} ", cut(text, room));
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
    match area.height {
        6.. => tall_sums(area, buffer, state, shown),
        4.. => wide_sums(area, buffer, state, shown),
        _ => {}
    }
}

/// 3 columns and 3 rows a digit, two half rows a row.
const DIGITS: [[&str; 3]; 10] = [
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
];

/// How a sum of duplicates looks.
fn bad(state: &State, shown: &Snapshot) -> Style {
    let theme = state.theme;
    match shown.sums.duplicates {
        0 => theme.good(),
        _ if state.fresh > 0 => theme.danger(),
        _ => theme.neutral(),
    }
}

/// Writes a number in big digits, and in ASCII as it is, in the middle row.
fn write_big(
    buffer: &mut Buffer,
    (x, y): (u16, u16),
    value: u64,
    width: u16,
    look: Style,
    ascii: bool,
) {
    let width = usize::from(width);
    if ascii {
        buffer.set_stringn(x, y + 1, grouped(value), width, look);
        return;
    }
    for (line, y) in (0..3).zip(y..) {
        let text: Vec<_> = value
            .to_string()
            .bytes()
            .map(|digit| DIGITS[usize::from(digit - b'0').min(9)][line])
            .collect();
        buffer.set_stringn(x, y, text.join(" "), width, look);
    }
}

/// Names above their numbers, where there is height.
fn tall_sums(area: Rect, buffer: &mut Buffer, state: &State, shown: &Snapshot) {
    let theme = state.theme;
    let sums = &shown.sums;
    let bad = bad(state, shown);
    let columns = [
        ("DRAWS", sums.draws, theme.value()),
        ("DUPLICATES", sums.duplicates, bad),
        ("LOST UPDATES", sums.lost_updates, bad),
    ];
    let each = area.width / 3;
    for ((name, value, style), column) in columns.into_iter().zip(0..) {
        let x = area.x + column * each + 1;
        buffer.set_stringn(x, area.y + 1, name, usize::from(each), theme.value());
        let place = (x, area.y + 2);
        write_big(
            buffer,
            place,
            value,
            each.saturating_sub(1),
            style,
            theme.ascii,
        );
    }
}

/// The duplicates alone, the name beside the number: there is no height for more, and each big digit that changes
/// with every frame costs a narrow line to a remote machine.
fn wide_sums(area: Rect, buffer: &mut Buffer, state: &State, shown: &Snapshot) {
    const NAME: &str = " DUPLICATES ";
    let theme = state.theme;
    buffer.set_string(area.x, area.y + 2, NAME, theme.value());
    let named = u16::try_from(NAME.len()).unwrap_or(u16::MAX);
    write_big(
        buffer,
        (area.x + named, area.y + 1),
        shown.sums.duplicates,
        area.width.saturating_sub(named),
        bad(state, shown),
        theme.ascii,
    );
}
