//! The goal, how it stands with it, and the letters so far.

use std::fmt::Write;

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::super::game::{Verdict, schedule, who_got};
use super::super::state::{Asked, State};
use super::left::{ahead, counted};
use crate::dashboard::order;
use crate::dashboard::text::cut;
use crate::dashboard::view::row;
use crate::schedule::text::letter;

/// The goal, how it stands with it, what is left, and the letters so far.
pub(super) fn render(area: Rect, buffer: &mut Buffer, state: &State, verdict: &Verdict) {
    let theme = state.theme;
    let width = usize::from(area.width);
    let mut y = 0;
    // On a small screen the goal gives way to what became of it.
    if area.height > 3 || state.letters.is_empty() {
        // A question: which answer is right is for whoever plays to find out.
        let goal = "can two clients get the same number?";
        let line = order::headed(" GOAL  ", goal, Style::new(), width, theme);
        row(area, buffer, y, line);
        y += 1;
    }
    if area.height > 3 || y == 0 {
        let (word, style) = badge(state, verdict);
        let word = format!(" {word} ");
        let (said, look) = match &state.note {
            Some(note) => (note.clone(), theme.value()),
            None => (sentence(state, verdict), Style::new()),
        };
        let said = cut(&said, width.saturating_sub(word.len() + 1));
        let line = Line::from(vec![
            Span::styled(word, style),
            Span::raw(" "),
            Span::styled(said, look),
        ]);
        row(area, buffer, y, line);
        y += 1;
    }
    row(area, buffer, y, ahead(state, verdict, width));
    row(area, buffer, y + 1, so_far(state, verdict, width));
}

/// The word for how it stands, and how it looks.
pub(super) fn badge(state: &State, verdict: &Verdict) -> (&'static str, Style) {
    let theme = state.theme;
    match verdict {
        Verdict::Reached(_) => ("GOAL REACHED", theme.alarm()),
        Verdict::Missed | Verdict::Shown | Verdict::Clean if state.asked == Asked::Nothing => {
            ("NO DUPLICATE", theme.neutral())
        }
        _ if state.asked == Asked::Nothing => ("YOUR TURN", theme.neutral()),
        Verdict::InReach(_) => ("IN REACH", theme.neutral()),
        Verdict::OutOfReach(_) => ("OUT OF REACH", theme.notice()),
        Verdict::Missed => ("MISSED", theme.notice()),
        Verdict::Never(_) => ("CANNOT", theme.good()),
        Verdict::Shown => ("CLEAN", theme.good()),
        Verdict::Unknown | Verdict::Clean => ("NOT EXHAUSTIVE", theme.neutral()),
    }
}

/// How it stands, in a sentence.
fn sentence(state: &State, verdict: &Verdict) -> String {
    match verdict {
        Verdict::Reached(numbers) => {
            let first = numbers.first();
            let mut text = first.map_or_else(String::new, |(number, who)| who_got(*number, who));
            if numbers.len() > 1 {
                _ = write!(text, ", and {} more", numbers.len() - 1);
            }
            text.push('.');
            text
        }
        Verdict::Missed | Verdict::Shown | Verdict::Clean if state.asked == Asked::Nothing => {
            format!(
                "Each number went out once. Orders tried: {}.",
                state.tried.len()
            )
        }
        _ if state.asked == Asked::Nothing => {
            let window = if state.game.has_window() {
                " A window takes no letter."
            } else {
                ""
            };
            format!("Who goes next?{window}")
        }
        Verdict::InReach(left) if left.clean == 0 => {
            "Whatever comes next, a number goes out twice.".to_owned()
        }
        Verdict::InReach(_) => "You can still make it: who goes next?".to_owned(),
        Verdict::OutOfReach(_) => "Whatever comes, all numbers differ. u undoes.".to_owned(),
        Verdict::Missed => "Each number went out once. u undoes, r begins again.".to_owned(),
        Verdict::Never(_) => match state.tried.len() {
            0 => "However it goes on, all numbers differ.".to_owned(),
            tried => {
                let all = state.game.left(&[]).unwrap_or_default().all();
                format!(
                    "However it goes on, all numbers differ. You tried {tried} of {}.",
                    counted(all)
                )
            }
        },
        Verdict::Shown => {
            let all = state.game.left(&[]).unwrap_or_default().all();
            format!(
                "Each number once, as in every order. Tried {} of {}.",
                state.tried.len(),
                counted(all)
            )
        }
        Verdict::Unknown | Verdict::Clean => format!(
            "The search stopped after {} states: nobody knows.",
            counted(state.game.ahead.states() as u128)
        ),
    }
}

/// The newest letters that fit, or the witness, or the way to see it again.
fn so_far(state: &State, verdict: &Verdict, width: usize) -> Line<'static> {
    let (game, theme) = (&state.game, state.theme);
    let reached = matches!(verdict, Verdict::Reached(_));
    let spaced = |letters: &[usize]| schedule(letters).spaced();
    let line = |head, text: &str, look| order::headed(head, text, look, width, theme);
    if reached {
        let command = game.replay_command(&state.letters);
        let text = if command.chars().count() + 8 > width {
            format!("q prints it: --replay {}", schedule(&state.letters))
        } else {
            command
        };
        return line(" AGAIN  ", &text, theme.value());
    }
    if state.asked == Asked::Witness {
        let text = match game.witness(&state.letters) {
            Some(way) => format!("{}   enter takes its first step", spaced(&way)),
            None if game.is_impossible() => "there is none, in no order".to_owned(),
            None if !game.ahead.is_exhaustive() => "none was found from here".to_owned(),
            None => match game.witness(&[]) {
                Some(way) => format!("none from here; from the beginning {}", spaced(&way)),
                None => "none".to_owned(),
            },
        };
        return line(" WITNESS  ", &text, theme.neutral());
    }
    if state.letters.is_empty() {
        let last = letter(game.model.draws().len() - 1).to_ascii_lowercase();
        let keys = match last {
            'a' => "press a".to_owned(),
            'b' => "press a or b".to_owned(),
            last => format!("press a to {last}"),
        };
        let text = if game.has_window() {
            let step = if width < 80 {
                "a step"
            } else {
                "its next operation"
            };
            format!("{keys} for {step}; a window takes no letter")
        } else {
            format!("{keys}: that session takes its next operation")
        };
        return line(" SO FAR  ", &text, Style::new());
    }
    let text = spaced(&state.letters);
    let room = width.saturating_sub(10);
    let skip = text.len().saturating_sub(room);
    let text = if skip > 0 {
        format!("…{}", &text[skip + 1..])
    } else {
        text
    };
    line(" SO FAR  ", &text, Style::new())
}
