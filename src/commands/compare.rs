//! `lootbox compare`.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::builder::TypedValueParser;
use clap::{Args, ValueHint};

use super::output::{Results, json_line};
use super::reading::ReadingOptions;
use super::signals;
use super::words::{grain, modes, window};
use crate::compare::{self, Comparison, Contender, Settings, folders, page};
use crate::draw::{Grain, Window};
use crate::lootbox::list::MAX_SIZE;
use crate::progress::Progress;
use crate::terminal_kind::fitting;
use crate::values::{at_least, whole};

/// How the built-in client asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Dialect {
    /// A request is a line, and so is each number.
    Line,
    /// As the assignment's own client.py.
    Course,
}

/// Run every mode under the same load, or somebody's own server, and compare.
///
/// For each mode a fresh server, clients that all draw at once, an output file each, and one table:
/// what the files say, what the server counted, and what it cost. Exit code 0: as it should be; 1: a
/// mode that should be clean is not, or counts disagree; 2: something did not run to its end.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lootbox compare                                     the three modes, 4 clients × 5,000 draws
  lootbox compare --runs 30 --window none --draws 100 how often does the race show?
  lootbox compare --client 'python3 client.py {host} {port}' --out files --html page.html
  lootbox compare --server 'python3 submission.py {port}'
  lootbox compare files/lock files/unsafe-race        folders that exist already")]
pub struct Options {
    /// Compare these folders of output files instead of running anything
    #[arg(value_name = "DIR", conflicts_with_all = ["modes", "server", "client", "clients", "draws", "request", "runs", "window", "grain", "seed", "dialect", "timeout", "out"])]
    pub folders: Vec<PathBuf>,
    /// Which modes, in this order; also the answers of the gallery
    #[arg(long, value_delimiter = ',', default_value = "lock,atomic,unsafe-race", value_parser = modes().try_map(|name| name.parse::<Contender>()))]
    pub modes: Vec<Contender>,
    /// How many clients at once
    #[arg(long, default_value_t = 4, value_name = "COUNT", value_parser = whole::<u64>(1..=500))]
    pub clients: u64,
    /// How many numbers each client draws
    #[arg(long, default_value_t = 5_000, value_name = "COUNT", value_parser = whole::<u64>(1..=MAX_SIZE))]
    pub draws: u64,
    /// How many of them it asks for at a time [default: all]
    #[arg(long, value_name = "COUNT", value_parser = whole::<u64>(1..=MAX_SIZE))]
    pub request: Option<u64>,
    /// How many runs of each mode
    #[arg(long, default_value_t = 1, value_name = "COUNT", value_parser = whole::<u64>(1..=10_000))]
    pub runs: u64,
    /// What happens between the read and the write, the same in every mode that has a gap: none,
    /// reply, yield, spin:DUR, sleep:DUR
    #[arg(long, default_value = "reply", conflicts_with = "server", value_parser = window(), hide_possible_values = true)]
    pub window: Window,
    /// How much one draw hands out: one number, or all that a request asks for
    #[arg(long, default_value = "number", conflicts_with = "server", value_parser = grain())]
    pub grain: Grain,
    /// How many numbers the list has [default: 100000, or as many as are drawn; unknown with --server]
    #[arg(long, value_parser = whole::<u64>(1..=MAX_SIZE))]
    pub size: Option<u64>,
    /// What the first run's list is shuffled from; each further run has the seed after it
    #[arg(long, default_value_t = 1, conflicts_with = "server", value_parser = whole::<u64>(0..=u64::MAX))]
    pub seed: u64,
    /// A client of your own: a shell command with {host} and {port} in it, fed with draw commands
    #[arg(long, value_name = "COMMAND", value_parser = with_port)]
    pub client: Option<String>,
    /// A server of your own instead of ours: a shell command with {port} in it
    #[arg(long, value_name = "COMMAND", value_parser = with_port, conflicts_with = "modes")]
    pub server: Option<String>,
    /// How the built-in client asks [default: course with --server, else line]
    #[arg(long, conflicts_with = "client")]
    pub dialect: Option<Dialect>,
    /// A run in which nothing comes for so long hangs, and is ended
    #[arg(long, default_value = "30s", value_name = "DUR", value_parser = at_least(Duration::from_millis(100)))]
    pub timeout: Duration,
    /// Which number of a line of a client's output, or of a server's answer, is meant
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Keep the files: DIR/MODE/run-R/client-K.txt, with run.json beside them
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub out: Option<PathBuf>,
    /// Write a page with the table and charts
    #[arg(long, value_name = "FILE")]
    pub html: Option<PathBuf>,
    /// A few lines of the table: how many duplicates, and how fast
    #[arg(long, conflicts_with = "json")]
    pub brief: bool,
    /// One JSON object
    #[arg(long)]
    pub json: bool,
}

fn with_port(command: &str) -> Result<String, String> {
    if command.contains("{port}") {
        Ok(command.to_owned())
    } else {
        Err("write {port} where the port goes, as in 'python3 program.py {port}'".into())
    }
}

impl Options {
    fn settings(&self) -> Settings {
        let mut modes = Vec::new();
        for &mode in &self.modes {
            if !modes.contains(&mode) {
                modes.push(mode);
            }
        }
        let course = match self.dialect {
            Some(dialect) => dialect == Dialect::Course,
            // A submission is written for the assignment's client.
            None => self.server.is_some() && self.client.is_none(),
        };
        let ours = self.server.is_none();
        Settings {
            modes,
            server: self.server.clone(),
            client: self.client.clone(),
            clients: self.clients,
            draws: self.draws,
            request: self.request.unwrap_or(self.draws).min(self.draws),
            runs: self.runs,
            window: self.window,
            grain: self.grain,
            size: self
                .size
                .or_else(|| ours.then(|| Settings::size_for(self.clients, self.draws))),
            seed: self.seed,
            course,
            timeout: self.timeout,
            reading: self.reading.reading(),
            connects_late: Arc::default(),
            picture: self.html.is_some(),
            stop: Arc::default(),
        }
    }
}

/// Runs the comparison and prints it.
///
/// # Errors
/// If it could not take place.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if let Some(folder) = options.html.as_deref().and_then(Path::parent)
        && !folder.as_os_str().is_empty()
        && !folder.is_dir()
    {
        // Better now than after a comparison of ten minutes.
        bail!("there is no directory {} for the page", folder.display());
    }
    let comparison = if options.folders.is_empty() {
        run_all(options)?
    } else {
        folders::compare(
            &options.folders,
            options.size,
            &options.reading.reading(),
            options.html.is_some(),
        )?
    };
    if let Some(path) = &options.html {
        fs::write(path, page::page(&comparison))
            .with_context(|| format!("cannot write the page {}", path.display()))?;
    }
    let mut out = Results::new();
    if options.json {
        json_line(&mut out, &comparison)?;
    } else if options.brief {
        write!(out, "{}", comparison.brief())?;
    } else {
        write!(out, "{}", fitting(comparison.to_string()))?;
    }
    out.finish()?;
    Ok(comparison.exit_code().into())
}

fn run_all(options: &Options) -> anyhow::Result<Comparison> {
    let settings = options.settings();
    let all = settings.clients.saturating_mul(settings.draws);
    if settings.server.is_none() && options.size.is_none() && all > MAX_SIZE {
        bail!(
            "{} clients × {} draws are {all} numbers, and the longest list has {MAX_SIZE}: give fewer --draws",
            settings.clients,
            settings.draws
        );
    }
    // The first signal ends every child and server in order.
    signals::raise(&settings.stop)?;
    let temporary;
    let out = if let Some(out) = &options.out {
        out.as_path()
    } else {
        temporary = tempfile::tempdir().context("cannot make a temporary directory")?;
        temporary.path()
    };
    let runs = settings.runs * settings.subjects().len() as u64;
    let mut bar = Progress::bar("{bar:30} {pos} of {len}  {msg}", runs);
    Ok(compare::compare(&settings, out, &mut |what, done| {
        bar.begins(fitting(what.to_owned()), done);
    })?)
}
