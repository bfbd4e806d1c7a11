//! One order on a screen, a step at a time: what is the same whoever takes the steps, and whatever takes them.
//!
//! - [`Source`]: what there is to show; [`view`]: the screen that is made of it
//! - [`play`]: a person takes the steps of a model by key, may go back, and may ask where an order can still lead
//! - [`draws`]: sessions that draw, as a model; [`lab`]: processes of the lab, as its step machine has them; [`served`]: real ones, whose steps a person grants
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
/// How many rows of the lanes a page is.
const PAGE: usize = 8;
/// Processes whose keys are all named, and that have a lane from the beginning.
pub(crate) const MOST_LANES: usize = 4;

/// One order, as far as it has come: what a screen of it is made from.
pub(crate) trait Source {
    /// How it looks.
    fn theme(&self) -> Theme;
    /// The first row.
    fn header(&self) -> Header;
    /// How it stands in a few words, for a screen that is too small for anything else.
    fn in_short(&self) -> String;
    /// The status lines: how it stands, what can be done, the letters so far. `brief`: one less, if there is one to spare.
    fn status(&self, width: usize, brief: bool) -> Vec<Line<'static>>;
    /// What the processes share, and the heads of their rows.
    fn shared(&self, size: Size) -> Vec<Line<'static>>;
    /// How many processes there are.
    fn processes(&self) -> usize;
    /// Whose step was the last: its row is always shown.
    fn newest(&self) -> usize;
    /// A process: its next step, and what it waits for.
    fn process(&self, who: usize, width: usize) -> Line<'static>;
    /// The lanes: their heads, then a row a step.
    fn lanes(&self, width: usize) -> Vec<Line<'static>>;
    /// How many rows the lanes are scrolled back from the newest.
    fn back(&self) -> usize;
    /// What came of the order so far.
    fn outcome(&self, size: Size) -> Vec<Line<'static>>;
    /// The other keys, and what they do.
    fn keys(&self) -> Vec<(&'static str, &'static str)>;
    /// Small letters that are no steps, because they do something else.
    fn taken(&self) -> &'static str;
    /// What stands in place of the order while help is asked for.
    fn help(&self, _width: usize) -> Option<Vec<Line<'static>>> {
        None
    }
}

/// The first row of the screen.
#[derive(Clone, Debug)]
pub(crate) struct Header {
    /// What the order is of.
    pub(crate) badge: String,
    /// How that looks.
    pub(crate) look: Style,
    /// What one does here.
    pub(crate) title: String,
    /// At the right end.
    pub(crate) right: String,
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

/// A head in bold and a text after it, cut to `width` columns.
#[must_use]
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
#[must_use]
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
#[must_use]
pub(crate) fn newest_letters(text: String, room: usize) -> String {
    match text.len().checked_sub(room) {
        None | Some(0) => text,
        Some(over) => format!("…{}", &text[over + 1..]),
    }
}
