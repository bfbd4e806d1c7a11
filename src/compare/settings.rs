//! What is compared, and how.

use std::fmt::{self, Write as _};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::time::Duration;

use serde::Serialize;

use super::contender::Contender;
use crate::check::Reading;
use crate::draw::{Grain, Mode, Window};
use crate::lootbox::list::MAX_SIZE;
use crate::quoted::quoted;

/// The list of the assignment, unless the clients ask for more.
pub const USUAL_SIZE: u64 = 100_000;

/// Everything a comparison is run with.
#[derive(Clone, Debug, Serialize)]
pub struct Settings {
    /// What our own server runs.
    pub modes: Vec<Contender>,
    /// Somebody's own server instead: a shell command with `{port}` in it.
    pub server: Option<String>,
    /// A client instead of the built-in one: a shell command with `{host}` and `{port}` in it.
    pub client: Option<String>,
    /// How many clients at once.
    pub clients: u64,
    /// How many numbers each of them draws.
    pub draws: u64,
    /// How many numbers they ask for at a time.
    pub request: u64,
    /// How many runs of each mode.
    pub runs: u64,
    /// The window of every mode that has a gap: one and the same, or a comparison would compare
    /// windows.
    pub window: Window,
    /// What one run of the program hands out.
    pub grain: Grain,
    /// How many numbers the list has; unknown for somebody's own server unless said.
    pub size: Option<u64>,
    /// What the list of the first run is shuffled from; each further run has the seed after it.
    pub seed: u64,
    /// Whether the built-in client speaks the course dialect.
    pub course: bool,
    /// A run in which nothing at all has come for so long hangs.
    #[serde(skip)]
    pub timeout: Duration,
    /// Which number of a line of a client's output, or of a server's answer, is meant.
    #[serde(skip)]
    pub reading: Reading,
    /// Set when a client command turned out to connect only when it draws.
    #[serde(skip)]
    pub connects_late: Arc<AtomicBool>,
    /// Keep what a page shows.
    #[serde(skip)]
    pub picture: bool,
    /// Set when somebody wants it all to end, as with Ctrl-C.
    #[serde(skip)]
    pub stop: Arc<AtomicBool>,
}

/// What is put under load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Our server in this mode.
    Mode(Contender),
    /// Somebody's own server.
    Server(String),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mode(mode) => mode.fmt(f),
            Self::Server(_) => f.pad("server"),
        }
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            modes: Mode::ALL.map(Contender::Mode).to_vec(),
            server: None,
            client: None,
            clients: 4,
            draws: 5_000,
            request: 5_000,
            runs: 1,
            window: Window::Reply,
            grain: Grain::Number,
            size: Some(USUAL_SIZE),
            seed: 1,
            course: false,
            timeout: Duration::from_secs(30),
            reading: Reading::Plain,
            connects_late: Arc::default(),
            picture: false,
            stop: Arc::default(),
        }
    }
}

impl Settings {
    /// What each run is about, in the order in which they take turns.
    #[must_use]
    pub fn subjects(&self) -> Vec<Subject> {
        match &self.server {
            Some(command) => vec![Subject::Server(command.clone())],
            None => self.modes.iter().copied().map(Subject::Mode).collect(),
        }
    }

    /// The size of our own list: room for all that is asked for, so that it is not sold out.
    #[must_use]
    pub fn list_size(&self) -> u64 {
        self.size
            .unwrap_or_else(|| Self::size_for(self.clients, self.draws))
    }

    /// The assignment's list, or as long a one as so many draws need.
    #[must_use]
    pub fn size_for(clients: u64, draws: u64) -> u64 {
        USUAL_SIZE.max(clients.saturating_mul(draws)).min(MAX_SIZE)
    }

    /// The input of a client: `draw N` lines.
    #[must_use]
    pub fn input(&self) -> String {
        let mut input = String::new();
        let mut left = self.draws;
        while left > 0 {
            let count = left.min(self.request);
            // A string takes all that is written to it.
            _ = writeln!(input, "draw {count}");
            left -= count;
        }
        input
    }

    /// Whether somebody wants it all to end.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.stop.load(Relaxed)
    }

    /// The command that repeats this comparison: the same lists and settings. The order in which
    /// threads run is the operating system's, so the counts of a race differ.
    #[must_use]
    pub fn repeat(&self) -> String {
        let mut command = "lootbox compare".to_owned();
        let mut option = |name: &str, value: &dyn fmt::Display| {
            _ = write!(command, " --{name} {}", quoted(&value.to_string()));
        };
        if let Some(server) = &self.server {
            option("server", server);
        } else {
            let modes: Vec<_> = self.modes.iter().map(|mode| mode.name()).collect();
            option("modes", &modes.join(","));
            option("window", &self.window);
            option("grain", &self.grain);
            option("seed", &self.seed);
        }
        option("clients", &self.clients);
        option("draws", &self.draws);
        if self.request < self.draws {
            option("request", &self.request);
        }
        option("runs", &self.runs);
        if let Some(size) = self.size {
            option("size", &size);
        }
        match &self.client {
            Some(client) => option("client", client),
            None => option("dialect", &if self.course { "course" } else { "line" }),
        }
        if self.reading != Reading::Plain {
            _ = write!(command, " {}", self.reading);
        }
        command
    }

    /// Where the files of a run go.
    #[must_use]
    pub fn folder(subject: &Subject, run: u64) -> PathBuf {
        PathBuf::from(subject.to_string()).join(format!("run-{run}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_repeats_it() {
        let settings = Settings {
            client: Some("python3 client.py {host} {port}".into()),
            ..Settings::default()
        };
        assert_eq!(
            settings.repeat(),
            "lootbox compare --modes lock,atomic,unsafe-race --window reply --grain number --seed 1 \
             --clients 4 --draws 5000 --runs 1 --size 100000 --client 'python3 client.py {host} {port}'"
        );
        let settings = Settings {
            server: Some("it's {port}".into()),
            request: 1,
            course: true,
            size: None,
            ..Settings::default()
        };
        assert_eq!(
            settings.repeat(),
            r"lootbox compare --server 'it'\''s {port}' --clients 4 --draws 5000 --request 1 --runs 1 --dialect course"
        );
    }

    #[test]
    fn the_input_asks_for_all_of_it() {
        let settings = |draws, request| Settings {
            draws,
            request,
            ..Settings::default()
        };
        assert_eq!(settings(5, 5).input(), "draw 5\n");
        assert_eq!(settings(5, 2).input(), "draw 2\ndraw 2\ndraw 1\n");
    }
}
