//! One run: what it was, and what came out.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::{Counts, Delivered, Failure, First, Latency};
use crate::check::{Report, Verdict};
use crate::compare::contender::Contender;
use crate::compare::picture::Picture;
use crate::compare::settings::{Settings, Subject};
use crate::draw::{Grain, Window};
use crate::lootbox::cores;
use crate::record::Sums;

/// One run. This is `run.json`.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default)]
pub struct Run {
    /// The version of lootbox that wrote this.
    pub version: String,
    /// When it began.
    pub began: String,
    /// The cores the clients and our server may use.
    pub cores: u64,
    /// What it is called in the comparison: its mode, `server`, or its folder.
    pub label: String,
    /// What our own server ran.
    pub mode: Option<Contender>,
    /// The command of somebody's own.
    pub command: Option<String>,
    /// The window in force.
    pub window: Option<Window>,
    /// What one run of the program handed out.
    pub grain: Option<Grain>,
    /// Which run of how many, from 1.
    #[serde(rename = "run")]
    pub nth: u64,
    /// What the list was shuffled from.
    pub seed: Option<u64>,
    /// How many numbers the list had.
    pub size: Option<u64>,
    /// How many numbers each client was asked for.
    pub asked: Option<u64>,
    /// How many of them at a time.
    pub request: Option<u64>,
    /// The client command, if it was not the built-in one.
    pub client: Option<String>,
    /// Whether the built-in client spoke the course dialect.
    pub course: bool,
    /// From the input of the clients to the last number of the last.
    pub seconds: Option<f64>,
    /// What stands in the files.
    pub files: Counts,
    /// What our server counted itself.
    pub server: Option<Sums>,
    /// Whether the list came to its end.
    pub sold_out: bool,
    /// Whether all clients were connected before any received its input. Not known of clients that connect only when
    /// they draw.
    pub overlapped: Option<bool>,
    /// How long a draw takes.
    pub latency: Option<Latency>,
    /// The clients.
    pub clients: Vec<Delivered>,
    /// What was wrong with somebody's own server.
    pub failure: Option<Failure>,
    /// What in the files could not be read for sure, and the first place where.
    pub doubts: Vec<String>,
    /// Options that read every line.
    pub hints: Vec<String>,
    /// The first duplicates.
    pub first: Vec<First>,
    /// What a page shows.
    #[serde(skip)]
    pub picture: Option<Picture>,
}

impl Default for Run {
    /// Files, of which nothing more is known.
    fn default() -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION").to_owned(),
            began: String::new(),
            cores: cores(),
            label: String::new(),
            mode: None,
            command: None,
            window: None,
            grain: None,
            nth: 1,
            seed: None,
            size: None,
            asked: None,
            request: None,
            client: None,
            course: false,
            seconds: None,
            files: Counts::default(),
            server: None,
            sold_out: false,
            overlapped: Some(true),
            latency: None,
            clients: Vec::new(),
            failure: None,
            doubts: Vec::new(),
            hints: Vec::new(),
            first: Vec::new(),
            picture: None,
        }
    }
}

impl Run {
    pub(in crate::compare) fn new(
        settings: &Settings,
        subject: &Subject,
        number: u64,
        seed: u64,
    ) -> Self {
        let (mode, command) = match subject {
            Subject::Mode(mode) => (Some(*mode), None),
            Subject::Server(command) => (None, Some(command.clone())),
        };
        Self {
            label: subject.to_string(),
            mode,
            command,
            grain: mode.map(|_| settings.grain),
            nth: number,
            seed: mode.map(|_| seed),
            size: mode.map_or(settings.size, |_| Some(settings.list_size())),
            asked: Some(settings.draws),
            request: Some(settings.request),
            client: settings.client.clone(),
            course: settings.course,
            ..Self::default()
        }
    }

    /// Whether it should be without duplicates: everything but the modes and answers that are known to be wrong. Files
    /// of which nothing is known are judged as `lootbox check` judges them.
    #[must_use]
    pub fn should_be_clean(&self) -> bool {
        self.command.is_some() || self.mode.is_none_or(Contender::should_be_clean)
    }

    /// Whether every client delivered what it should and the server stood to the end.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        self.failure.is_none() && self.clients.iter().all(|client| client.end.is_complete())
    }

    /// Whether the server's count and the files' agree; `None` where there is only one of them, or
    /// where a client did not take all that was drawn for it.
    #[must_use]
    pub fn counts_agree(&self) -> Option<bool> {
        let server = self.server?;
        if !self.is_complete() || server.undelivered > 0 {
            return None;
        }
        let files = &self.files;
        Some(
            (
                server.draws,
                server.distinct,
                server.duplicates,
                server.extras,
            ) == (files.draws, files.distinct, files.duplicates, files.extras),
        )
    }

    /// What its files say, in the words of [`check`](crate::check).
    pub(in crate::compare) fn take_report(&mut self, report: &Report, folder: &Path) {
        self.files = Counts::of(report);
        self.first = First::of(report, folder);
        self.doubts = report.doubts();
        self.hints = report
            .hints
            .iter()
            .map(|hint| hint.option.clone())
            .collect();
    }

    /// What it comes to, whatever it should be: the word of [`check`](crate::check), but that a run whose clients did
    /// not get all their numbers proves nothing either.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        match self.files.verdict() {
            Verdict::Wrong => Verdict::Wrong,
            _ if self.counts_agree() == Some(false) => Verdict::Wrong,
            Verdict::Clean if self.is_complete() => Verdict::Clean,
            _ => Verdict::Unusable,
        }
    }

    /// Wrong: a mode that should be clean is not, or counts disagree. A race that shows is as it should
    /// be, and one that does not show, too.
    pub(super) fn judge(&self) -> Verdict {
        let files = self.files.verdict();
        if (self.should_be_clean() && files == Verdict::Wrong) || self.counts_agree() == Some(false)
        {
            Verdict::Wrong
        } else if !self.is_complete() || files == Verdict::Unusable {
            Verdict::Unusable
        } else {
            Verdict::Clean
        }
    }
}
