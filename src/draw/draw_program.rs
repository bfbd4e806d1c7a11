//! What a draw runs, as one value: one of the three modes, an answer of the gallery, or a program of one's own.

use std::borrow::Cow;

use super::gallery::{Answer, GALLERY, Mutexes, why};
use super::memory::Memory;
use super::mode::{Mode, draw_batch, draw_each};
use super::notation::write_program;
use super::program::Operation::{self, FetchAdd, Load, StoreIfUnchanged, Window as Gap};
use super::window::Window;

/// See the [module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DrawProgram {
    /// What it is called: `unsafe-race`, `small-lock`; `your program` without a name.
    pub name: &'static str,
    /// What one draw does.
    pub operations: Cow<'static, [Operation]>,
    /// Whose mutex that locks.
    pub mutexes: Mutexes,
    /// What is known of it, if it stands in the gallery.
    pub notes: Option<&'static Answer>,
    /// The mode that it is, if it is one: those are compiled, so that a batch of draws costs what hand-written code costs.
    pub mode: Option<Mode>,
}

impl From<Mode> for DrawProgram {
    fn from(mode: Mode) -> Self {
        Self {
            name: mode.name(),
            operations: mode.program().into(),
            mutexes: Mutexes::Shared,
            notes: None,
            mode: Some(mode),
        }
    }
}

impl From<&'static Answer> for DrawProgram {
    fn from(answer: &'static Answer) -> Self {
        Self {
            name: answer.name,
            operations: answer.program.into(),
            mutexes: answer.mutexes,
            notes: Some(answer),
            mode: None,
        }
    }
}

impl DrawProgram {
    /// A program of one's own.
    #[must_use]
    pub fn own(operations: Vec<Operation>) -> Self {
        Self {
            name: "your program",
            operations: operations.into(),
            mutexes: Mutexes::Shared,
            notes: None,
            mode: None,
        }
    }

    /// Whether somebody wrote it, and it has no name.
    #[must_use]
    pub const fn is_own(&self) -> bool {
        self.mode.is_none() && self.notes.is_none()
    }

    /// The mode, or the answer of the gallery, that is called so.
    ///
    /// # Errors
    /// If none is, with the names that there are.
    pub fn named(name: &str) -> Result<Self, String> {
        let mode = name.parse::<Mode>().map(Self::from);
        mode.or_else(|error| {
            let answers = GALLERY.each_ref().map(|answer| answer.name).join(", ");
            let answer = Answer::named(name).map(Self::from);
            answer.ok_or_else(|| format!("{error}, or of the gallery {answers}"))
        })
    }

    /// The mode that comes nearest to it: `lock` for what is known to be right. What looks for a mode finds one.
    #[must_use]
    pub fn nearest_mode(&self) -> Mode {
        self.mode.unwrap_or(match self.notes {
            Some(answer) if answer.right => Mode::Lock,
            _ => Mode::UnsafeRace,
        })
    }

    /// Why it is right, or fails, if that is known.
    #[must_use]
    pub fn why(&self) -> Option<&'static str> {
        self.notes
            .map_or_else(|| why(&self.operations), |it| Some(it.why))
    }

    /// Whether there is a gap in which a window can stand.
    #[must_use]
    pub fn has_gap(&self) -> bool {
        self.operations.contains(&Gap)
    }

    /// Whether the number may go out in the window: only where no later operation changes the register,
    /// or the client would be told a number that the draw does not get.
    #[must_use]
    pub fn reply_fits(&self) -> bool {
        let mut after = self.operations.iter().skip_while(|&&it| it != Gap);
        after.next().is_some() && !after.any(|it| matches!(it, Load | FetchAdd | StoreIfUnchanged))
    }

    /// The window unless one is given: the reply where that fits (the typical submission answers before it writes), but for what is
    /// known to be right.
    #[must_use]
    pub fn default_window(&self) -> Window {
        let right = self.nearest_mode() != Mode::UnsafeRace;
        if right || !self.reply_fits() {
            Window::None
        } else {
            Window::Reply
        }
    }

    /// Why it cannot have that window, if it cannot.
    #[must_use]
    pub fn why_no_window(&self, window: Window) -> Option<&'static str> {
        match window {
            Window::None => None,
            _ if !self.has_gap() => Some("it has no gap for it"),
            Window::Reply if !self.reply_fits() => Some(
                "a later operation changes the register, and the client would be told a number that it does not get",
            ),
            _ => None,
        }
    }

    /// Its operations as text.
    #[must_use]
    pub fn text(&self) -> String {
        write_program(&self.operations)
    }

    /// Draws once for each place in `tickets`, and returns how many draws handed something out. See [`draw_batch`].
    #[inline]
    pub fn draw_batch(&self, take: u64, memory: &mut impl Memory, tickets: &mut [u64]) -> usize {
        match self.mode {
            Some(mode) => draw_batch(mode, take, memory, tickets),
            None => draw_each(&self.operations, take, memory, tickets),
        }
    }
}
