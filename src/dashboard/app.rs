//! What the dashboard knows: all that a screen is made from, and what may come in.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

pub use super::effect::{Effect, Exit};
use super::keys::{Action, Key};
use super::source::Server;
use super::terminal::Event;
use super::theme::Theme;
use super::wanted::Wanted;
use crate::record::{SessionRow, Snapshot};
use crate::trace::Told;

/// The lists change no faster than this: nobody reads faster, and a line to a remote machine is
/// narrow. Sums, gauge and verdict change with every snapshot.
const DETAIL: Duration = Duration::from_secs(1);
/// A connection without a snapshot for this long is called stale.
pub const STALE: Duration = Duration::from_millis(1_500);
/// How long a note stands.
const NOTE: Duration = Duration::from_secs(6);
/// Duplicates count as new for this long.
const FRESH: u64 = 1_000_000_000;
/// How many rates the sparkline has.
const HISTORY: usize = 120;

/// What comes in.
#[derive(Clone, Debug)]
pub enum Message {
    /// Time has passed: how much since the beginning.
    Tick(Duration),
    /// A key.
    Key(Key),
    /// The terminal has another size.
    Resized,
    /// The server at this moment.
    Snapshot(Box<Snapshot>),
    /// The last command was carried out.
    Done,
    /// The last command was not carried out, and why.
    Refused(String),
    /// A story that was asked for.
    Story(Box<Told>),
    /// The connection is gone; the next try follows after a while.
    Lost {
        /// What went wrong.
        why: String,
        /// Which try follows.
        attempt: u32,
        /// After how long.
        retry: Duration,
    },
    /// The server has ended, and nobody will start it again.
    ServerEnded,
    /// A signal asks this process to end.
    Terminate,
    /// The terminal is gone.
    HangUp,
    /// A signal asks this process to stop for a while.
    Suspend,
    /// This process goes on after a stop.
    Continued,
    /// This process was to stop, and nobody could continue it.
    NoShell,
}

impl From<Event> for Message {
    fn from(event: Event) -> Self {
        match event {
            Event::Key(key) => Self::Key(key),
            Event::Resized => Self::Resized,
            Event::Terminate => Self::Terminate,
            Event::HangUp => Self::HangUp,
            Event::Suspend => Self::Suspend,
            Event::Continued => Self::Continued,
            Event::NoShell => Self::NoShell,
        }
    }
}

/// The panel that arrows move in.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Focus {
    Threads,
    #[default]
    Duplicates,
}

/// The order of the threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Sort {
    #[default]
    Letter,
    Draws,
    Duplicates,
}

/// What stands before the panels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Dialog {
    /// All keys and words, and which line is at the top.
    Help(usize),
    /// Whether to begin a new round.
    NewRound,
    /// Whether to steer a server that others may be watching, and with what.
    Steer(Action),
    /// Whether the server shall stop with the dashboard.
    Quit,
    /// One duplicate's story, and which step is at the top.
    Story(Box<Told>, usize),
    /// Which server, and the selected one.
    Choose(Vec<Server>, usize),
}

/// How it stands with the connection.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Link {
    /// Nothing has come yet.
    #[default]
    Waiting,
    /// Snapshots come.
    Up,
    /// See [`Message::Lost`].
    Lost {
        /// What went wrong.
        why: String,
        /// Which try follows.
        attempt: u32,
        /// When.
        retry_at: Duration,
    },
}

/// Everything a screen is made from.
#[derive(Clone, Debug, Default)]
#[allow(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub struct State {
    /// How it looks.
    pub theme: Theme,
    /// Whether the server runs in this process.
    pub in_process: bool,
    /// Whether to ask before the first key that changes something for all: the server is not this process's own.
    pub careful: bool,
    /// The time since the beginning.
    pub now: Duration,
    /// When the newest snapshot came.
    pub arrived: Duration,
    /// The connection.
    pub link: Link,
    /// The newest snapshot: what commands start from.
    pub live: Option<Arc<Snapshot>>,
    /// The snapshot that sums are shown of: the newest unless frozen.
    pub shown: Option<Arc<Snapshot>>,
    /// The snapshot that lists are shown of: a little older, so that they can be read.
    pub detail: Option<Arc<Snapshot>>,
    /// Whether the picture stands still.
    pub frozen: bool,
    /// Whether this is one picture with nobody to press a key, so that it names none.
    pub still: bool,
    /// Draws a second, oldest first.
    pub rates: VecDeque<u64>,
    /// Extras by uptime, over the last moments: whether there are new ones.
    pub(super) extras: VecDeque<(u64, u64)>,
    /// Extras of the last moments.
    pub fresh: u64,
    /// Where the arrows move.
    pub focus: Focus,
    /// The order of the threads.
    pub sort: Sort,
    /// Only threads that have this.
    pub filter: String,
    /// Whether keys go into the filter.
    pub filtering: bool,
    /// The threads shown: places in `detail.sessions`.
    pub rows: Vec<usize>,
    /// The selected thread, by its session's id.
    pub thread: Option<u64>,
    /// The selected duplicate, by its ticket.
    pub duplicate: Option<u64>,
    /// What stands before the panels.
    pub dialog: Option<Dialog>,
    /// What there is to say, and until when.
    pub note: Option<(String, Duration)>,
    /// Commands on their way, and what they will have changed.
    pub(super) wanted: Wanted,
}

impl State {
    /// Whether the picture is older than it should be.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.link == Link::Up && self.now.saturating_sub(self.arrived) > STALE
    }

    /// The threads in the order shown.
    #[must_use]
    pub fn threads(&self) -> impl ExactSizeIterator<Item = &SessionRow> {
        let sessions = self
            .detail
            .as_ref()
            .map_or(&[][..], |detail| &detail.sessions);
        self.rows.iter().map(move |&row| &sessions[row])
    }

    /// The place of the selected thread among those shown.
    #[must_use]
    pub fn thread_place(&self) -> Option<usize> {
        let selected = self.thread?;
        self.threads().position(|row| row.id == selected)
    }

    /// The place of the selected duplicate, newest first.
    #[must_use]
    pub fn duplicate_place(&self) -> Option<usize> {
        let list = &self.detail.as_ref()?.duplicate_list;
        let selected = self.duplicate?;
        list.iter()
            .rev()
            .position(|duplicate| duplicate.ticket == selected)
    }

    pub(super) fn say(&mut self, note: impl Into<String>) {
        self.note = Some((note.into(), self.now + NOTE));
    }

    /// Shows a snapshot: the sums at once, the lists if it is time for them.
    pub(super) fn show(&mut self, snapshot: Arc<Snapshot>) {
        let (uptime, extras) = (snapshot.uptime_ns, snapshot.sums.extras);
        let restarted = self
            .shown
            .as_ref()
            .is_some_and(|shown| shown.uptime_ns > uptime || shown.round != snapshot.round);
        if restarted {
            self.extras.clear();
            self.rates.clear();
        }
        self.extras.push_back((uptime, extras));
        while self
            .extras
            .front()
            .is_some_and(|(then, _)| then + FRESH < uptime)
        {
            self.extras.pop_front();
        }
        self.fresh = extras
            - self
                .extras
                .front()
                .map_or(extras, |(_, before)| extras.min(*before));
        let important = self.detail.as_ref().is_none_or(|detail| {
            let what = |of: &Snapshot| {
                (
                    of.runs().to_owned(),
                    of.round,
                    of.paused,
                    of.sold_out,
                    of.bots,
                    of.sums.extras > 0,
                )
            };
            what(detail) != what(&snapshot)
                || uptime < detail.uptime_ns
                || Duration::from_nanos(uptime - detail.uptime_ns) >= DETAIL
        });
        if important {
            self.rates.push_back(snapshot.draws_per_second);
            if self.rates.len() > HISTORY {
                self.rates.pop_front();
            }
            self.detail = Some(Arc::clone(&snapshot));
            self.arrange();
        }
        self.shown = Some(snapshot);
    }

    /// Filters and sorts the threads.
    pub(super) fn arrange(&mut self) {
        let Some(detail) = &self.detail else {
            return;
        };
        let filter = self.filter.to_lowercase();
        let has = |text: &str| text.to_lowercase().contains(&filter);
        let matches = |row: &SessionRow| {
            filter.is_empty()
                || row.letter.as_deref().is_some_and(has)
                || row.name.as_deref().is_some_and(has)
                || has(&row.address)
        };
        let mut rows: Vec<usize> = (0..detail.sessions.len())
            .filter(|&row| matches(&detail.sessions[row]))
            .collect();
        match self.sort {
            Sort::Letter => {}
            Sort::Draws => rows.sort_by_key(|&row| std::cmp::Reverse(detail.sessions[row].draws)),
            Sort::Duplicates => {
                rows.sort_by_key(|&row| std::cmp::Reverse(detail.sessions[row].duplicates));
            }
        }
        self.rows = rows;
    }
}
