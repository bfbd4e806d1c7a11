//! Commands on their way to the server, and what they will have changed.

use crate::draw::gallery::Answer;
use crate::draw::{Grain, Mode, Window};
use crate::record::Snapshot;

/// What can be changed by a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub mode: Mode,
    /// What runs in place of the mode, if that stands in the gallery.
    pub answer: Option<&'static Answer>,
    /// Whether what runs has a place for a window.
    pub has_gap: bool,
    pub window: Window,
    pub grain: Grain,
    pub bots: u64,
    pub rate: u64,
    pub paused: bool,
}

impl Setting {
    /// As the server is.
    pub fn of(live: &Snapshot) -> Self {
        Self {
            mode: live.mode,
            answer: live
                .program
                .as_ref()
                .and_then(|program| Answer::named(&program.name)),
            has_gap: live.has_gap(),
            window: live.window,
            grain: live.grain,
            bots: live.bots,
            rate: live.bot_rate,
            paused: live.paused,
        }
    }
}

/// Commands on their way.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Wanted {
    unanswered: u32,
    /// What they will have changed.
    pub setting: Option<Setting>,
}

impl Wanted {
    /// Something was asked that will be answered.
    pub fn asked(&mut self) {
        self.unanswered += 1;
    }

    /// An answer has come.
    pub fn answered(&mut self) {
        self.unanswered = self.unanswered.saturating_sub(1);
    }

    /// An answer has come, and things are not as asked for.
    pub fn refused(&mut self) {
        self.answered();
        self.setting = None;
    }

    /// A snapshot has come: if everything is answered, it is as the server is.
    pub fn seen(&mut self) {
        if self.unanswered == 0 {
            self.setting = None;
        }
    }
}
