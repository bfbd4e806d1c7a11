//! A row a process: what it does, what it holds, and a bar of its longest wait.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::{Modifier, Style};
use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use super::super::state::State;
use super::names::short_lock;
use super::nanoseconds;
use crate::dashboard::text::{fitted, short};
use crate::dashboard::theme::Theme;
use crate::dashboard::view::{row, titled};
use crate::lab::program::Act;
use crate::lab::run::live::{Does, ProcessNow, Snapshot};

/// The columns of the processes.
struct Columns {
    name: usize,
    does: usize,
    holds: usize,
    turns: usize,
    bar: usize,
}

/// `P10` and blanks around it.
const SHORT: usize = 5;
/// `12.3 ms` and a blank.
const TIME_WIDTH: usize = 8;

impl Columns {
    /// On a narrow screen the short name alone says who it is.
    fn of(width: usize) -> Self {
        let [name, does, holds, turns] = match width {
            ..80 => [0, 23, 9, 7],
            80..110 => [16, 23, 13, 7],
            _ => [20, 32, 28, 8],
        };
        Self {
            name,
            does,
            holds,
            turns,
            bar: width.saturating_sub(SHORT + name + does + holds + turns + 1 + TIME_WIDTH),
        }
    }
}

/// A text in exactly so many columns, the last of them blank.
fn cell(text: &str, width: usize) -> String {
    match width {
        0 => String::new(),
        _ => format!("{} ", fitted(text, width - 1)),
    }
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, names: &[String]) {
    let (now, theme) = (&state.shown, state.theme);
    let longest = now.processes.iter().map(|it| it.longest).max();
    let full = full_bar(longest.unwrap_or_default());
    let many = now.processes.len();
    let rows = usize::from(area.height).saturating_sub(2);
    let top = state.top.min(many.saturating_sub(rows));
    let mut title = format!("Processes {many}");
    if many > rows {
        _ = write!(title, ", {} to {}", top + 1, (top + rows).min(many));
    }
    let unit = match full.as_millis() {
        ms @ ..1_000 => format!("{ms} ms"),
        ms => format!("{} s", ms / 1_000),
    };
    _ = write!(title, " · longest wait: a full bar is {unit}");
    let area = titled(area, buffer, theme, &title, false);
    let columns = Columns::of(usize::from(area.width));
    let (name, does, holds, turns) = (columns.name, columns.does, columns.holds, columns.turns);
    let head = format!(
        " {}{}{}{}{:>turns$} longest wait",
        cell("who", SHORT - 1),
        cell("process", name),
        cell("does", does),
        cell("holds", holds),
        "turns",
    );
    let look = theme.value().add_modifier(Modifier::UNDERLINED);
    let width = usize::from(area.width);
    row(
        area,
        buffer,
        0,
        Line::styled(format!("{head:width$}"), look),
    );
    let locks: BTreeSet<_> = now.locks.iter().map(|it| it.1.name.as_str()).collect();
    let shown = now.processes.iter().zip(names).skip(top).take(rows);
    for ((process, short_name), y) in shown.zip(1..) {
        let (said, look) = doing(process, now, theme, &str::to_owned);
        let said = if said.width() < does {
            said
        } else {
            doing(process, now, theme, &|lock| short_lock(lock, &locks)).0
        };
        let mut held = process.holds.join(" ");
        if held.width() >= holds {
            let short: Vec<_> = process
                .holds
                .iter()
                .map(|it| short_lock(it, &locks))
                .collect();
            held = short.join(" ");
        }
        let waits = matches!(process.does, Does::Waits { .. });
        let bar = theme.gauge(nanoseconds(process.longest), nanoseconds(full), columns.bar);
        let line = vec![
            Span::styled(format!(" {}", cell(short_name, SHORT - 1)), theme.value()),
            Span::raw(cell(&process.name, name)),
            Span::styled(cell(&said, does), look),
            Span::raw(cell(&held, holds)),
            Span::raw(format!("{:>turns$}", short(process.turns))),
            Span::raw(format!(" {:TIME_WIDTH$}", time(process.longest))),
            Span::styled(bar, if waits { theme.neutral() } else { theme.bar() }),
        ];
        row(area, buffer, y, Line::from(line));
    }
}

/// What a process does, and how that looks. `called`: what its lock is called there.
fn doing(
    process: &ProcessNow,
    now: &Snapshot,
    theme: Theme,
    called: &dyn Fn(&str) -> String,
) -> (String, Style) {
    let inside = process.sections.join(" ");
    let dead = now.deadlock.iter().any(|it| it.process == process.name);
    match &process.does {
        Does::Waits { how, what } => {
            let how = match how {
                Act::Read => "to read",
                Act::Write => "to write",
                _ => "for",
            };
            let look = if dead {
                theme.danger()
            } else {
                theme.neutral()
            };
            (format!("waits {how} {}", called(what)), look)
        }
        Does::Activity(what) if inside.is_empty() => (format!("{what}()"), Style::new()),
        Does::Activity(what) => (format!("{inside}: {what}()"), theme.good()),
        Does::Steps if inside.is_empty() => ("runs".to_owned(), Style::new()),
        Does::Steps => (inside, theme.good()),
        Does::Ended => ("has ended".to_owned(), Style::new()),
        Does::Failed(_) => ("went wrong".to_owned(), theme.danger()),
    }
}

/// The length of a full bar: 1, 2 or 5 milliseconds, or that times ten, and so on; so that bars grow, and are not
/// all drawn anew with every new longest wait.
fn full_bar(longest: Duration) -> Duration {
    let steps = (0..).map(|nth: u32| {
        let ten_times = 10u64.saturating_pow(nth / 3);
        [1u64, 2, 5][(nth % 3) as usize].saturating_mul(ten_times)
    });
    steps
        .map(Duration::from_millis)
        .find(|it| *it >= longest || *it >= Duration::from_millis(u64::MAX))
        .unwrap_or(longest)
}

/// In at most seven columns: milliseconds, then seconds, then minutes.
fn time(time: Duration) -> String {
    if time.is_zero() {
        return "-".to_owned();
    }
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ..10.0 => format!("{ms:.2} ms"),
        ..100.0 => format!("{ms:.1} ms"),
        ..1_000.0 => format!("{ms:.0} ms"),
        ..10_000.0 => format!("{:.2} s", ms / 1e3),
        ..1_000_000.0 => format!("{:.0} s", ms / 1e3),
        _ => format!("{:.0} min", ms / 60e3),
    }
}
