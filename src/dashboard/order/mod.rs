//! One order on a screen, a step at a time: what is the same whoever takes the steps, and whatever takes them.
//!
//! - [`Source`]: where a [`Picture`] comes from; [`view`]: the screen that is made of it
//! - [`play`]: a person takes the steps of a model by key, may go back, and may ask where an order can still lead
//!   - [`draws`]: sessions that draw; [`lab`]: processes of the lab, as its step machine has them
//! - [`served`]: a person grants the steps of real sessions, which may wait for them
//!
//! Terminal, loop, keys and theme are the dashboard's own.

pub(crate) mod draws;
pub(crate) mod lab;
pub(crate) mod play;
pub(crate) mod served;
pub(crate) mod view;

use std::time::Duration;

use ratatui::layout::Size;
use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::keys::Key;
use super::text::cut;
use super::theme::Theme;
use crate::orders::letter;

/// A screen that changes by steps alone need not be drawn more often.
pub(crate) const FRAME: Duration = Duration::from_millis(30);
/// On a lower screen there is less room for what is said besides.
pub(crate) const LOW: u16 = 20;
/// From this height on there is all the more.
pub(crate) const TALL: u16 = 34;
/// How many rows of the lanes a page is.
const PAGE: usize = 8;
/// Processes whose keys are all named, and that have a lane from the beginning.
pub(crate) const MOST_LANES: usize = 4;

/// One order, as far as it has come: what a screen of it is made from.
pub(crate) trait Source {
    /// How it looks.
    fn theme(&self) -> Theme;
    /// How it stands in a few words, for a screen that is too small for anything else.
    fn in_short(&self) -> String;
    /// Everything else, for a screen of this size.
    fn picture(&self, size: Size) -> Picture;
}

/// What is shown of an order, and which keys do what.
#[derive(Debug)]
pub(crate) struct Picture {
    /// In the first row: what the order is of, and how that looks; what one does here; and what stands at its end.
    pub(crate) header: (String, Style, String, String),
    /// The status lines: how it stands, what can be done, the letters so far.
    pub(crate) status: Vec<Line<'static>>,
    /// The processes, their steps, and what came of them.
    pub(crate) body: Body,
    /// Whose step was the last: its row is always shown.
    pub(crate) newest: usize,
    /// How many rows the lanes are scrolled back from the newest.
    pub(crate) back: usize,
    /// The keys that are no steps, and what they do.
    pub(crate) keys: Vec<(&'static str, &'static str)>,
    /// Small letters among them.
    pub(crate) taken: &'static str,
    /// What stands in place of status and body while help is asked for.
    pub(crate) help: Option<Vec<Line<'static>>>,
}

/// The processes of an order, their steps, and what came of them.
#[derive(Debug)]
pub(crate) struct Body {
    /// What the processes share, and the heads of their rows.
    pub(crate) shared: Vec<Line<'static>>,
    /// A row a process: its next step, and what it waits for.
    pub(crate) processes: Vec<Line<'static>>,
    /// The lanes: their heads, then a row a step.
    pub(crate) lanes: Vec<Line<'static>>,
    /// What came of the order so far.
    pub(crate) outcome: Vec<Line<'static>>,
}

/// Scrolls lanes of so many rows by this key.
pub(crate) fn scrolled(back: usize, rows: usize, key: Key) -> usize {
    let back = match key {
        Key::Up => back + 1,
        Key::PageUp => back + PAGE,
        Key::Down => back.saturating_sub(1),
        Key::PageDown => back.saturating_sub(PAGE),
        Key::Home => rows,
        Key::End => 0,
        _ => back,
    };
    back.min(rows)
}

/// Whose letter a key is, A being 0.
pub(crate) fn stepping(key: Key) -> Option<usize> {
    match key {
        Key::Char(character) if character.is_ascii_alphabetic() => {
            Some(character.to_ascii_uppercase() as usize - 'A' as usize)
        }
        _ => None,
    }
}

/// The keys by which so many processes take a step: each, or the first and the last. Where a small letter does something
/// else, capitals.
fn step_keys(many: usize, taken: &str) -> String {
    let key = |who: usize| letter(who).to_ascii_lowercase();
    match many {
        0..=MOST_LANES => {
            let keys: Vec<_> = (0..many).map(|who| key(who).to_string()).collect();
            keys.join(" ")
        }
        many if (0..many).any(|who| taken.contains(key(who))) => format!("A-{}", letter(many - 1)),
        many => format!("a-{}", key(many - 1)),
    }
}

/// `A, B and C`
pub(crate) fn letters(who: &[usize]) -> String {
    let letters: Vec<_> = who.iter().map(|&who| letter(who).to_string()).collect();
    match &letters[..] {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        all => all.concat(),
    }
}

/// A head in bold and a text after it, cut to `width` columns.
pub(crate) fn headed(
    head: &'static str,
    text: &str,
    look: Style,
    width: usize,
    theme: Theme,
) -> Line<'static> {
    Line::from(vec![
        Span::styled(head, theme.value()),
        Span::styled(cut(text, width.saturating_sub(head.chars().count())), look),
    ])
}

/// A word for how it stands, and what there is to say of it, cut to `width` columns.
pub(crate) fn badged(
    word: &str,
    badge: Style,
    text: &str,
    look: Style,
    width: usize,
) -> Line<'static> {
    let word = format!(" {word} ");
    let text = cut(text, width.saturating_sub(word.chars().count() + 1));
    Line::from(vec![
        Span::styled(word, badge),
        Span::raw(" "),
        Span::styled(text, look),
    ])
}

/// As much of the end of a schedule as fits.
pub(crate) fn newest_letters(text: String, room: usize) -> String {
    match text.len().checked_sub(room) {
        None | Some(0) => text,
        Some(over) => format!("…{}", &text[over + 1..]),
    }
}
