//! How it stands: a word and a sentence.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::state::State;
use crate::dashboard::text::{cut, grouped};
use crate::dashboard::view::row;
use crate::lab::run::live::{Does, ProcessNow, Snapshot};
use crate::lab::run::stats::said;
use crate::lab::waiting;

/// How it stands: a word, how that looks, and a sentence.
pub(super) fn standing(state: &State, names: &[String]) -> (&'static str, Style, String) {
    let (now, theme) = (&state.shown, state.theme);
    if !now.deadlock.is_empty() {
        let of = |name: &String| {
            let at = now.processes.iter().position(|it| it.name == *name);
            at.map_or_else(|| name.clone(), |at| names[at].clone())
        };
        let said = if now.cycle.is_empty() {
            waiting::summary(&now.deadlock, &now.cycle)
        } else {
            let cycle: Vec<_> = now.cycle.iter().map(of).collect();
            cycle.join(theme.glyph("→"))
        };
        let said = [said].into_iter().chain(broken(now)).collect::<Vec<_>>();
        let said = said.join(" · ");
        return ("DEADLOCK", theme.alarm(), said);
    }
    if let Some((who, why)) = state.fault() {
        return ("WENT WRONG", theme.alarm(), format!("{who}: {why}"));
    }
    let count =
        |wanted: &dyn Fn(&ProcessNow) -> bool| now.processes.iter().filter(|it| wanted(it)).count();
    let said = format!(
        "{} wait, {} inside · turns {} · Jain's index {}",
        count(&|it| matches!(it.does, Does::Waits { .. })),
        count(&|it| !it.sections.is_empty()),
        grouped(now.processes.iter().map(|it| it.turns).sum::<u64>()),
        said(now.jain),
    );
    let said = if now.processes.is_empty() {
        "it begins".to_owned()
    } else {
        said
    };
    if state.frozen {
        ("FROZEN", theme.notice(), said)
    } else if let Some(broken) = broken(now) {
        ("BROKEN", theme.alarm(), broken)
    } else {
        ("RUNS", theme.neutral(), said)
    }
}

/// The rules that were broken so far.
fn broken(now: &Snapshot) -> Option<String> {
    let rule = |(rule, times): &(String, u64)| match times {
        1 => format!("{rule}: once"),
        times => format!("{rule}: {} times", grouped(*times)),
    };
    let broken: Vec<_> = now.broken.iter().map(rule).collect();
    (!broken.is_empty()).then(|| broken.join(" · "))
}

pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, names: &[String]) {
    let (word, look, said) = standing(state, names);
    let said = cut(
        &said,
        usize::from(area.width).saturating_sub(word.len() + 4),
    );
    let line = vec![
        Span::styled(format!(" {word} "), look),
        Span::raw("  "),
        Span::styled(said, state.theme.value()),
    ];
    row(area, buffer, 0, Line::from(line));
}
