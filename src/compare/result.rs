//! What came out: run by run, and mode by mode.

use std::path::Path;

use serde::{Deserialize, Serialize};

use super::picture::Picture;
use super::run::cores;
use super::settings::{Settings, Subject};
use super::statistics::{Spread, percentile, wilson};
use crate::check::{Report, Verdict};
use crate::draw::{Grain, Mode, Window};
use crate::record::Sums;

/// How a client ended.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// It delivered every number it was asked for.
    Complete,
    /// The list was at its end before that, and the server said so.
    SoldOut,
    /// It could not connect.
    Refused {
        /// What the system said.
        why: String,
    },
    /// It delivered fewer, though nothing hung or crashed.
    Short {
        /// What ended it.
        why: String,
    },
    /// Nothing came any more, and it was ended.
    Hung,
    /// The client command failed.
    Died {
        /// Exit status or signal.
        how: String,
    },
}

impl End {
    /// Whether the client's part of the run is whole.
    #[must_use]
    pub fn is_complete(&self) -> bool {
        matches!(self, Self::Complete | Self::SoldOut)
    }

    pub(super) fn short(why: &impl ToString) -> Self {
        Self::Short {
            why: why.to_string(),
        }
    }
}

impl std::fmt::Display for End {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Complete => f.write_str("complete"),
            Self::SoldOut => f.write_str("sold out"),
            Self::Refused { why } => write!(f, "refused: {why}"),
            Self::Short { why } => write!(f, "too few: {why}"),
            Self::Hung => f.write_str("hung: nothing came any more, so it was ended"),
            Self::Died { how } => write!(f, "died: {how}"),
        }
    }
}

/// What one client delivered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivered {
    /// Its file in the run's folder.
    pub file: String,
    /// How many numbers came.
    pub numbers: u64,
    /// How it ended.
    #[serde(flatten)]
    pub end: End,
    /// The last line of its standard error, if it is not complete.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What was wrong with somebody's own server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "failure", rename_all = "kebab-case")]
pub enum Failure {
    /// It runs, and listens nowhere.
    NeverListened {
        /// Where it should.
        port: u16,
        /// The last line it printed.
        log: Option<String>,
    },
    /// It ended while it was needed.
    Crashed {
        /// Exit status or signal.
        how: String,
        /// The last line it printed.
        log: Option<String>,
    },
    /// It listens, and then refuses connections.
    Refused {
        /// How many clients.
        clients: u64,
    },
    /// It lives and answers no more.
    Hung {
        /// How many clients waited in vain.
        clients: u64,
    },
    /// It lives, and clients got fewer numbers than they asked for.
    Short {
        /// How many clients.
        clients: u64,
        /// What ended the first.
        why: String,
    },
}

impl Failure {
    /// What the clients' ends say about a server that is still there.
    pub(super) fn of_clients(clients: &[Delivered]) -> Option<Self> {
        let count = |is: fn(&End) -> bool| clients.iter().filter(|one| is(&one.end)).count() as u64;
        let hung = count(|end| matches!(end, End::Hung));
        let refused = count(|end| matches!(end, End::Refused { .. }));
        let short = count(|end| !end.is_complete());
        let first = clients.iter().find(|one| !one.end.is_complete());
        match (hung, refused, first) {
            (_, _, None) => None,
            (0, 0, Some(first)) => Some(Self::Short {
                clients: short,
                why: first.end.to_string(),
            }),
            (clients, 0, _) => Some(Self::Hung { clients }),
            // One that refuses some clients may well leave the others waiting.
            (_, clients, _) => Some(Self::Refused { clients }),
        }
    }
}

impl std::fmt::Display for Failure {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let last = |log: &Option<String>| {
            log.as_ref()
                .map_or_else(String::new, |log| format!("; its last line: {log}"))
        };
        match self {
            Self::NeverListened { port, log } => {
                write!(f, "hang: it never listened on port {port}{}", last(log))
            }
            Self::Crashed { how, log } => write!(f, "crash: it ended, {how}{}", last(log)),
            Self::Refused { clients } => {
                write!(
                    f,
                    "refused connection: {} could not connect",
                    some(*clients)
                )
            }
            Self::Hung { clients } => {
                write!(f, "hang: {} waited for numbers in vain", some(*clients))
            }
            Self::Short { clients, why } => write!(
                f,
                "short answers: {} got fewer numbers than asked for ({why})",
                some(*clients)
            ),
        }
    }
}

fn some(clients: u64) -> String {
    let s = if clients == 1 { "" } else { "s" };
    format!("{clients} client{s}")
}

/// What the files of a run say, in figures.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Numbers in the files.
    pub draws: u64,
    /// How many different ones.
    pub distinct: u64,
    /// How many stand there more than once.
    pub duplicates: u64,
    /// Each handing-out after the first.
    pub extras: u64,
    /// Numbers that no list of that size has.
    pub out_of_range: u64,
    /// Words that are no number.
    pub not_understood: u64,
}

impl Counts {
    /// The figures of a report.
    #[must_use]
    pub fn of(report: &Report) -> Self {
        Self {
            draws: report.numbers,
            distinct: report.distinct,
            duplicates: report.duplicates.len() as u64,
            extras: report.extras,
            out_of_range: report.out_of_range.count,
            not_understood: report.not_understood.count,
        }
    }

    fn add(&mut self, other: &Self) {
        self.draws += other.draws;
        self.distinct += other.distinct;
        self.duplicates += other.duplicates;
        self.extras += other.extras;
        self.out_of_range += other.out_of_range;
        self.not_understood += other.not_understood;
    }

    /// What they come to, as `lootbox check` says it.
    #[must_use]
    pub fn verdict(&self) -> Verdict {
        if self.extras > 0 || self.out_of_range > 0 {
            Verdict::Wrong
        } else if self.draws == 0 || self.not_understood > 0 {
            Verdict::Unusable
        } else {
            Verdict::Clean
        }
    }
}

/// One of the first duplicates of a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct First {
    /// The number.
    pub number: u64,
    /// How often it was handed out.
    pub count: u64,
    /// Where it stands, as `client-1.txt:12`.
    pub places: Vec<String>,
}

impl First {
    /// How many a run keeps.
    const KEPT: usize = 20;

    /// The first of a report, with names that begin in the run's folder.
    #[must_use]
    pub fn of(report: &Report, folder: &Path) -> Vec<Self> {
        let folder = format!("{}/", folder.display());
        let place = |place: &crate::check::Place| {
            let place = place.to_string();
            place.strip_prefix(&folder).unwrap_or(&place).to_owned()
        };
        let shown = report.shown.iter().take(Self::KEPT);
        shown
            .map(|duplicate| Self {
                number: duplicate.number,
                count: duplicate.count,
                places: duplicate.places.iter().map(place).collect(),
            })
            .collect()
    }
}

/// How long a request of one number takes, as its client sees it, with all clients asking at once.
///
/// In the course dialect each number has a request of its own, so these are the run's own. In the
/// line dialect a client asks for many at once, the server sends them in batches, and the time
/// between two lines says nothing about a draw. So it is measured apart: the same number of clients
/// send `draw 1` again and again, after the run, to a server of its own (somebody's own server: to
/// the same one), and what they draw is in no file and no count.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Latency {
    /// How many requests were timed.
    pub requests: u64,
    /// Half of them took no longer.
    pub median_ns: u64,
    /// 99 of 100 took no longer.
    pub p99_ns: u64,
}

impl Latency {
    pub(super) fn of(mut nanoseconds: Vec<u64>) -> Option<Self> {
        nanoseconds.sort_unstable();
        Some(Self {
            requests: nanoseconds.len() as u64,
            median_ns: percentile(&nanoseconds, 50)?,
            p99_ns: percentile(&nanoseconds, 99)?,
        })
    }
}

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
    /// The mode of our own server.
    pub mode: Option<Mode>,
    /// The command of somebody's own.
    pub command: Option<String>,
    /// The window in force.
    pub window: Option<Window>,
    /// What one run of the program handed out.
    pub grain: Option<Grain>,
    /// Which run of how many, from 1.
    pub run: u64,
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
    /// Whether all clients were connected before any received its input.
    pub overlapped: bool,
    /// How long a draw takes.
    pub latency: Option<Latency>,
    /// The clients.
    pub clients: Vec<Delivered>,
    /// What was wrong with somebody's own server.
    pub failure: Option<Failure>,
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
            run: 1,
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
            overlapped: true,
            latency: None,
            clients: Vec::new(),
            failure: None,
            first: Vec::new(),
            picture: None,
        }
    }
}

impl Run {
    pub(super) fn new(settings: &Settings, subject: &Subject, number: u64, seed: u64) -> Self {
        let (mode, command) = match subject {
            Subject::Mode(mode) => (Some(*mode), None),
            Subject::Server(command) => (None, Some(command.clone())),
        };
        Self {
            label: subject.to_string(),
            mode,
            command,
            grain: mode.map(|_| settings.grain),
            run: number,
            seed: mode.map(|_| seed),
            size: mode.map_or(settings.size, |_| Some(settings.list_size())),
            asked: Some(settings.draws),
            request: Some(settings.request),
            client: settings.client.clone(),
            course: settings.course,
            ..Self::default()
        }
    }

    /// Whether it should be without duplicates: `lock`, `atomic`, and everybody's own server.
    #[must_use]
    pub fn should_be_clean(&self) -> bool {
        self.command.is_some() || matches!(self.mode, Some(Mode::Lock | Mode::Atomic))
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

    /// Wrong: a mode that should be clean is not, or counts disagree. A race that shows is as it should
    /// be, and one that does not show, too.
    fn judge(&self) -> Verdict {
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

/// A mode in the comparison, all its runs together.
#[derive(Clone, Debug, Serialize)]
pub struct Row {
    /// Its name.
    pub label: String,
    /// The window in force.
    pub window: Option<Window>,
    /// What one run of the program handed out.
    pub grain: Option<Grain>,
    /// How many runs.
    pub runs: u64,
    /// The figures of all runs together, from the files.
    #[serde(flatten)]
    pub files: Counts,
    /// From our server, all runs together.
    pub lost_updates: Option<u64>,
    /// From our server, all runs together.
    pub skipped: Option<u64>,
    /// All runs together.
    pub seconds: Option<f64>,
    /// Over the runs.
    pub draws_per_second: Option<Spread>,
    /// The median of the runs' medians.
    pub median_ns: Option<u64>,
    /// The median of the runs' p99.
    pub p99_ns: Option<u64>,
    /// In how many runs there was a duplicate.
    pub runs_with_duplicates: u64,
    /// The share of runs with a duplicate: its 95 % interval [Wilson 1927].
    pub interval: (f64, f64),
    /// Whether the server's counts and the files' agree in every run where both are known.
    pub counts_agree: Option<bool>,
    /// How many runs are whole.
    pub complete_runs: u64,
    /// Whether it should be without duplicates.
    pub should_be_clean: bool,
}

impl Row {
    #[allow(clippy::cast_precision_loss)] // draws and runs are far below 2^52
    fn of(label: &str, runs: &[&Run]) -> Self {
        let mut files = Counts::default();
        for run in runs {
            files.add(&run.files);
        }
        let sum = |of: fn(&crate::record::Sums) -> u64| {
            runs.iter().map(|run| run.server.as_ref().map(of)).sum()
        };
        let middle = |of: fn(&Latency) -> u64| {
            let mut all: Vec<u64> = runs
                .iter()
                .filter_map(|run| run.latency.as_ref().map(of))
                .collect();
            all.sort_unstable();
            percentile(&all, 50)
        };
        let rate = |run: &&Run| {
            let seconds = run.seconds.filter(|&seconds| seconds > 0.0)?;
            Some(run.files.draws as f64 / seconds)
        };
        let with = runs.iter().filter(|run| run.files.duplicates > 0).count() as u64;
        // A run without any number says nothing about duplicates.
        let told = runs.iter().filter(|run| run.files.draws > 0).count() as u64;
        let agree: Vec<bool> = runs.iter().filter_map(|run| run.counts_agree()).collect();
        Self {
            label: label.to_owned(),
            window: runs.first().and_then(|run| run.window),
            grain: runs.first().and_then(|run| run.grain),
            runs: runs.len() as u64,
            lost_updates: sum(|sums| sums.lost_updates),
            skipped: sum(|sums| sums.skipped),
            seconds: runs.iter().map(|run| run.seconds).sum(),
            draws_per_second: Spread::of(runs.iter().filter_map(rate)),
            median_ns: middle(|latency| latency.median_ns),
            p99_ns: middle(|latency| latency.p99_ns),
            runs_with_duplicates: with,
            interval: wilson(with, told),
            counts_agree: (!agree.is_empty()).then(|| agree.iter().all(|&agree| agree)),
            complete_runs: runs.iter().filter(|run| run.is_complete()).count() as u64,
            should_be_clean: runs.iter().any(|run| run.should_be_clean()),
            files,
        }
    }

    /// The verdict, in words that do not claim more than was seen.
    #[must_use]
    pub fn verdict(&self) -> String {
        use super::table::count;
        let Counts {
            draws,
            duplicates,
            extras,
            out_of_range,
            ..
        } = self.files;
        let among = format!("in {} draws", count(draws));
        let verdict = match (draws, duplicates, extras) {
            (0, ..) => "no number was drawn, so nothing is known".to_owned(),
            (_, 0, _) => format!("no duplicate: none seen {among}"),
            (_, 1, 1) => format!("1 number was handed out twice, {among}"),
            (_, 1, _) => format!("1 number was handed out {} times, {among}", extras + 1),
            _ => format!(
                "{} numbers were handed out more than once, {among}",
                count(duplicates)
            ),
        };
        if out_of_range == 0 {
            return verdict;
        }
        format!("{verdict}; {} are in no such list", count(out_of_range))
    }
}

/// Everything that was compared.
#[derive(Clone, Debug, Serialize)]
pub struct Comparison {
    /// The version of lootbox that wrote this.
    pub version: &'static str,
    /// What it was run with; null for folders that existed already.
    pub settings: Option<Settings>,
    /// The command that repeats it.
    pub repeat: Option<String>,
    /// The cores that were there.
    pub cores: u64,
    /// Mode by mode.
    pub modes: Vec<Row>,
    /// Run by run.
    pub runs: Vec<Run>,
}

impl Comparison {
    /// Puts runs with the same label together, in the order in which they first come.
    #[must_use]
    pub fn new(settings: Option<Settings>, runs: Vec<Run>) -> Self {
        let mut labels: Vec<&str> = Vec::new();
        for run in &runs {
            if !labels.contains(&run.label.as_str()) {
                labels.push(&run.label);
            }
        }
        let row = |label: &&str| {
            let same: Vec<&Run> = runs.iter().filter(|run| run.label == *label).collect();
            Row::of(label, &same)
        };
        Self {
            version: env!("CARGO_PKG_VERSION"),
            repeat: settings.as_ref().map(Settings::repeat),
            modes: labels.iter().map(row).collect(),
            cores: runs.first().map_or_else(cores, |run| run.cores),
            settings,
            runs,
        }
    }

    /// 1 if a mode that should be clean is not, or counts disagree; else 2 if something did not run
    /// to its end or could not be read; else 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        Verdict::of_all(self.runs.iter().map(Run::judge)).exit_code()
    }
}
