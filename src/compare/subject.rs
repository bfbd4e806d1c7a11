//! The server under load: ours, or somebody's own.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use super::CompareError;
use super::contender::Contender;
use super::group::{Group, in_words};
use super::ports;
use super::result::Failure;
use super::settings::{Settings, Subject};
use crate::escaped::escaped;
use crate::lootbox::Source;
use crate::protocol::Speak;
use crate::record::{Snapshot, State};
use crate::server::limits::Limits;
use crate::server::{Config, Server};

/// How often somebody looks whether it listens.
const POLL_INTERVAL: Duration = Duration::from_millis(5);
/// How long a server of our own may leave a client waiting: longer than any comparison.
const LONG: Duration = Duration::from_hours(24);
/// Where the standard output and error of somebody's own server go.
const LOG: &str = "server.log";

/// A server that listens.
pub(super) enum Standing {
    Ours(Box<Server>),
    Theirs(Theirs),
}

pub(super) struct Theirs {
    group: Group,
    port: u16,
    log: PathBuf,
}

impl Standing {
    /// Our server in this mode, on a free port.
    ///
    /// # Errors
    /// If it does not start.
    pub(super) fn ours(
        settings: &Settings,
        contender: Contender,
        seed: u64,
    ) -> Result<Self, CompareError> {
        let config = Config {
            program: contender.program(),
            window: contender.window(settings.window),
            grain: settings.grain,
            source: Source::Shuffled {
                size: settings.list_size(),
                seed,
            },
            // A client of somebody's own may speak either. Of ours it is known, and nobody waits.
            speak: match (&settings.client, settings.course) {
                (Some(_), _) => Speak::Auto,
                (None, true) => Speak::Course,
                (None, false) => Speak::Line,
            },
            limits: Limits {
                // A client of somebody's own may connect more than once.
                max_clients: usize::try_from(settings.clients * 4).unwrap_or(usize::MAX),
                idle_timeout: LONG,
                write_timeout: settings.timeout,
                ..Limits::default()
            },
            ..Config::default()
        };
        Ok(Self::Ours(Box::new(Server::start(config)?)))
    }

    /// Somebody's own server, once it listens.
    ///
    /// # Errors
    /// [`Failure`] if it never does; that is a result, and its log is kept.
    pub(super) fn theirs(
        settings: &Settings,
        command: &str,
        folder: &Path,
    ) -> Result<Result<Self, Failure>, CompareError> {
        let port = ports::free()?;
        let log = folder.join(LOG);
        let notes = File::create(&log).map_err(|error| CompareError::write(&log, error))?;
        let group = Group::start(
            &command.replace("{port}", &port.to_string()),
            Stdio::null(),
            notes.try_clone()?.into(),
            notes.into(),
        )?;
        let mut theirs = Theirs { group, port, log };
        let begun = Instant::now();
        loop {
            if let Some(failure) = theirs.crashed() {
                return Ok(Err(failure));
            }
            if ports::somebody_listens(port) {
                return Ok(Ok(Self::Theirs(theirs)));
            }
            if begun.elapsed() > settings.timeout {
                let log = theirs.last_words();
                return Ok(Err(Failure::NeverListened { port, log }));
            }
            if settings.is_stopped() {
                return Err(CompareError::Stopped);
            }
            thread::sleep(POLL_INTERVAL);
        }
    }

    /// Where it listens.
    pub(super) fn address(&self) -> SocketAddr {
        match self {
            Self::Ours(server) => server.address(),
            Self::Theirs(theirs) => (Ipv4Addr::LOCALHOST, theirs.port).into(),
        }
    }

    /// How many clients are connected, if that can be known.
    pub(super) fn connected(&self) -> Option<usize> {
        match self {
            Self::Ours(server) => {
                let sessions = server.host().snapshot().sessions;
                let open =
                    |session: &&crate::record::snapshot::SessionRow| session.state != State::Closed;
                Some(sessions.iter().filter(open).count())
            }
            Self::Theirs(theirs) => ports::connected_to(theirs.port),
        }
    }

    /// How many draws it has counted itself: a sign of life.
    pub(super) fn draws(&self) -> u64 {
        match self {
            Self::Ours(server) => server.host().snapshot().sums.draws,
            Self::Theirs(_) => 0,
        }
    }

    /// How it ended, if it has ended by itself.
    pub(super) fn crashed(&mut self) -> Option<Failure> {
        match self {
            Self::Ours(_) => None,
            Self::Theirs(theirs) => theirs.crashed(),
        }
    }

    /// The last line that somebody's own server printed.
    pub(super) fn last_words(&self) -> Option<String> {
        match self {
            Self::Ours(_) => None,
            Self::Theirs(theirs) => theirs.last_words(),
        }
    }

    /// Ends it, with all its children. What ours was in the end.
    pub(super) fn end(self) -> Option<Snapshot> {
        match self {
            Self::Ours(mut server) => Some(server.stop()),
            Self::Theirs(mut theirs) => {
                theirs.group.end();
                None
            }
        }
    }
}

impl Theirs {
    fn crashed(&mut self) -> Option<Failure> {
        let how = in_words(self.group.status()?);
        // One that goes on in the background has not crashed: it is still in its group, and listens.
        if ports::somebody_listens(self.port) {
            return None;
        }
        Some(Failure::Crashed {
            how,
            log: self.last_words(),
        })
    }

    fn last_words(&self) -> Option<String> {
        last_line(&self.log).ok().flatten()
    }
}

impl Subject {
    /// Starts it.
    ///
    /// # Errors
    /// As [`Standing::ours`] and [`Standing::theirs`].
    pub(super) fn start(
        &self,
        settings: &Settings,
        seed: u64,
        folder: &Path,
    ) -> Result<Result<Standing, Failure>, CompareError> {
        match self {
            Self::Mode(mode) => Standing::ours(settings, *mode, seed).map(Ok),
            Self::Server(command) => Standing::theirs(settings, command, folder),
        }
    }
}

/// The last line with something in it, cut and escaped: usually what went wrong.
pub(super) fn last_line(path: &Path) -> io::Result<Option<String>> {
    const MAX_LINE_LEN: usize = 160;
    /// A log may be as long as somebody's server likes.
    const END: u64 = 16 * 1024;
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut text = Vec::new();
    file.take(END).read_to_end(&mut text)?;
    let text = String::from_utf8_lossy(&text);
    let last = text
        .lines()
        .rev()
        .map(str::trim)
        .find(|line| !line.is_empty());
    Ok(last.map(|line| escaped(line.chars().take(MAX_LINE_LEN).collect::<String>())))
}
