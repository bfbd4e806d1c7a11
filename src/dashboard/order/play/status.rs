//! The goal, how it stands with it, and the letters so far: what the screen shows of a game.

use std::fmt::Write;

use ratatui::layout::Size;
use ratatui::style::Style;
use ratatui::text::Line;

use super::left::{ahead, counted};
use super::state::{Asked, State};
use super::{Game, Verdict};
use crate::dashboard::order::{LOW, Picture, Source, badged, headed, newest_letters};
use crate::dashboard::text::cut;
use crate::dashboard::theme::Theme;
use crate::orders::{Schedule, letter};

/// The letters as a schedule. Only processes that have a letter are ever pressed.
pub(crate) fn schedule(letters: &[usize]) -> Schedule {
    Schedule::of(letters.iter().copied()).unwrap_or_default()
}

impl<G: Game> Source for State<G> {
    fn theme(&self) -> Theme {
        self.theme
    }

    fn in_short(&self) -> String {
        let (word, at) = (badge(self).0, self.game.in_short(&self.at));
        format!("{word} {at} {}", schedule(&self.letters))
    }

    fn picture(&self, size: Size) -> Picture {
        let (game, theme) = (&self.game, self.theme);
        let seen = match self.verdict {
            Verdict::Reached(_) => true,
            Verdict::Shown => self.asked > Asked::Nothing,
            _ => false,
        };
        Picture {
            header: (
                game.name().to_uppercase(),
                theme.title(true),
                "you are the scheduler".to_owned(),
                game.cast(),
            ),
            status: status(self, usize::from(size.width), size.height < LOW),
            body: game.body(&self.at, seen, size, theme),
            newest: self.letters.last().copied().unwrap_or(0),
            back: self.back,
            keys: keys(self),
            taken: "qru",
            help: None,
        }
    }
}

fn status<G: Game>(state: &State<G>, width: usize, brief: bool) -> Vec<Line<'static>> {
    let theme = state.theme;
    let (word, badge) = badge(state);
    let (said, look) = match &state.note {
        Some(note) => (note.clone(), theme.value()),
        None => (sentence(state), Style::new()),
    };
    let goal = headed(
        " GOAL  ",
        state.game.words().goal,
        Style::new(),
        width,
        theme,
    );
    let said = badged(word, badge, &said, look, width);
    let mut lines = vec![goal, said, ahead(state, width), so_far(state, width)];
    if brief {
        // On a small screen the goal gives way to what became of it.
        lines.remove(usize::from(state.letters.is_empty()));
    }
    lines
}

fn keys<G: Game>(state: &State<G>) -> Vec<(&'static str, &'static str)> {
    let ask = match state.asked {
        Asked::Nothing => ("?", "answers"),
        Asked::Counts => ("?", "witness"),
        Asked::Witness => ("enter", "follow"),
    };
    let mut keys = vec![("u", "undo"), ask, ("r", "again"), ("q", "leave")];
    if state.game.next().is_some() {
        keys.push((">", "next"));
    }
    if state.asked > Asked::Nothing {
        keys.push(("esc", "hide"));
    }
    keys.push(("arrows", "scroll"));
    keys
}

/// The word for how it stands, and how it looks.
fn badge<G: Game>(state: &State<G>) -> (&'static str, Style) {
    let theme = state.theme;
    match state.verdict {
        Verdict::Reached(_) => (state.game.reached_word(&state.at), theme.alarm()),
        Verdict::Missed | Verdict::Shown | Verdict::Clean if state.asked == Asked::Nothing => {
            (state.game.ended(&state.at).0, theme.neutral())
        }
        _ if state.asked == Asked::Nothing => ("YOUR TURN", theme.neutral()),
        Verdict::InReach => ("IN REACH", theme.neutral()),
        Verdict::OutOfReach => ("OUT OF REACH", theme.notice()),
        Verdict::Missed => ("MISSED", theme.notice()),
        Verdict::Never => ("CANNOT", theme.good()),
        Verdict::Shown => ("CLEAN", theme.good()),
        Verdict::Unknown | Verdict::Clean => ("NOT EXHAUSTIVE", theme.neutral()),
    }
}

/// How it stands, in a sentence.
fn sentence<G: Game>(state: &State<G>) -> String {
    let (game, words, tried) = (&state.game, state.game.words(), state.tried.len());
    let (kept, broken) = (words.kept, words.broken);
    let all = || match game.left(&[]) {
        Some(left) => format!(" of {}", counted(left.all())),
        None => String::new(),
    };
    match &state.verdict {
        Verdict::Reached(ways) => {
            let mut text = ways.first().cloned().unwrap_or_default();
            if ways.len() > 1 {
                _ = write!(text, ", and {} more", ways.len() - 1);
            }
            text.push('.');
            text
        }
        Verdict::Missed | Verdict::Shown | Verdict::Clean if state.asked == Asked::Nothing => {
            format!("{} Orders tried: {tried}.", game.ended(&state.at).1)
        }
        _ if state.asked == Asked::Nothing => {
            let aside = words
                .aside
                .map_or_else(String::new, |aside| format!(" A {aside} takes no letter."));
            format!("Who goes next?{aside}")
        }
        Verdict::InReach if game.left(&state.letters).is_some_and(|it| it.clean == 0) => {
            format!("Whatever comes next, {broken}.")
        }
        Verdict::InReach => "You can still make it: who goes next?".to_owned(),
        Verdict::OutOfReach => format!("Whatever comes, {kept}. u undoes."),
        Verdict::Missed => format!("{} u undoes, r begins again.", game.ended(&state.at).1),
        Verdict::Never if tried == 0 => format!("However it goes on, {kept}."),
        Verdict::Never => format!("However it goes on, {kept}. You tried {tried}{}.", all()),
        Verdict::Shown => format!("{} Tried {tried}{}.", words.as_always, all()),
        Verdict::Unknown | Verdict::Clean => format!(
            "The search stopped after {} states: nobody knows.",
            counted(game.states() as u128)
        ),
    }
}

/// The newest letters that fit, or the witness, or the way to see it again.
fn so_far<G: Game>(state: &State<G>, width: usize) -> Line<'static> {
    let (game, theme) = (&state.game, state.theme);
    let spaced = |letters: &[usize]| schedule(letters).spaced();
    let line = |head, text: &str, look| headed(head, text, look, width, theme);
    if matches!(state.verdict, Verdict::Reached(_)) {
        let command = game.replay_command(&state.letters);
        let text = if command.chars().count() + 8 > width {
            format!("q prints it: --replay {}", schedule(&state.letters))
        } else {
            command
        };
        return line(" AGAIN  ", &text, theme.value());
    }
    if state.asked == Asked::Witness {
        let text = match (&state.way, &state.witness) {
            (Some(way), _) => {
                let then = "   enter takes its first step";
                let room = width.saturating_sub(11 + then.len());
                cut(&spaced(way), room) + then
            }
            _ if state.is_impossible() => "there is none, in no order".to_owned(),
            _ if !game.is_exhaustive() => "none was found from here".to_owned(),
            (None, Some(way)) => format!("none from here; from the beginning {}", spaced(way)),
            (None, None) => "none".to_owned(),
        };
        return line(" WITNESS  ", &text, theme.neutral());
    }
    if state.letters.is_empty() {
        return line(" SO FAR  ", &first_step(game.as_ref(), width), Style::new());
    }
    let text = newest_letters(spaced(&state.letters), width.saturating_sub(10));
    line(" SO FAR  ", &text, Style::new())
}

/// How the first step is taken.
fn first_step<G: Game>(game: &G, width: usize) -> String {
    let words = game.words();
    let keys = match game.processes() {
        0 | 1 => "press a".to_owned(),
        2 => "press a or b".to_owned(),
        more => format!("press a to {}", letter(more - 1).to_ascii_lowercase()),
    };
    match words.aside {
        Some(aside) if width < 80 => format!("{keys} for a step; a {aside} takes no letter"),
        Some(aside) => format!(
            "{keys} for its next {}; a {aside} takes no letter",
            words.step
        ),
        None => format!(
            "{keys}: that {} takes its next {}",
            words.process, words.step
        ),
    }
}
