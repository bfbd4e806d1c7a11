//! Counts and shared variables.

use ratatui::text::{Line, Span};
use unicode_width::UnicodeWidthStr;

use crate::dashboard::text::cut;
use crate::dashboard::theme::Theme;
use crate::lab::run::live::Values;
use crate::lab::syntax::LockKind;

/// Counts and shared variables, as many to a line as fit; where not all fit in `most` lines, the last says so.
pub(crate) fn lines(
    locks: &[(LockKind, Values)],
    shared: &[Values],
    most: usize,
    width: usize,
    theme: Theme,
) -> Vec<Line<'static>> {
    let locks = locks.iter().map(|(kind, it)| lock_text(*kind, it));
    let shared = shared.iter().map(|it| (it.name.clone(), numbers(it)));
    let mut lines: Vec<Line> = Vec::new();
    let mut used = 0;
    for (name, numbers) in locks.chain(shared) {
        let numbers = cut(&numbers, width.saturating_sub(name.width() + 3));
        let needed = name.width() + numbers.width() + 4;
        if lines.is_empty() || used + needed > width {
            if lines.len() == most {
                if let Some(last) = lines.last_mut() {
                    last.push_span(Span::raw("…"));
                }
                break;
            }
            lines.push(Line::from(" "));
            used = 1;
        }
        used += needed;
        if let Some(line) = lines.last_mut() {
            line.push_span(Span::styled(name, theme.value()));
            line.push_span(Span::raw(format!(" {numbers}   ")));
        }
    }
    lines
}

fn numbers(values: &Values) -> String {
    let numbers: Vec<_> = values.numbers.iter().map(i32::to_string).collect();
    numbers.join(" ")
}

/// A semaphore by its count; who is in a lock in words.
fn lock_text(kind: LockKind, values: &Values) -> (String, String) {
    let word = |&count: &i32| match (kind, count) {
        (LockKind::Semaphore { .. }, count) => count.to_string(),
        (LockKind::Mutex { .. }, 1) | (LockKind::RwLock(_), 0) => "free".to_owned(),
        (LockKind::Mutex { .. }, _) => "locked".to_owned(),
        (LockKind::RwLock(_), -1) => "written".to_owned(),
        (LockKind::RwLock(_), readers) => format!("read by {readers}"),
    };
    let words: Vec<_> = values.numbers.iter().map(word).collect();
    (values.name.clone(), words.join(" "))
}
