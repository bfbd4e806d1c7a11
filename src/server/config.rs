//! Everything a server is started with, and why it may not start.

use std::io;
use std::path::PathBuf;

use thiserror::Error;

use super::limits::Limits;
use super::socket::SocketError;
use crate::draw::{DrawProgram, Grain, Mode, Window};
use crate::draws::{ModelError, Rules, Schedule};
use crate::lootbox::{ChangeError, Source};
use crate::protocol::Speak;

/// What the server does when the list is sold out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum SoldOut {
    /// Answer every further draw with an error.
    Stop,
    /// Begin a new round.
    Again,
    /// Begin a new round some seconds later if all clients are bots, else stop.
    #[default]
    Bots,
}

/// Where the control socket is.
#[derive(Clone, Debug, Default)]
pub enum Control {
    /// At the default place; without one, if that cannot be.
    #[default]
    Default,
    /// Here, or the server does not start.
    At(PathBuf),
    /// Nowhere.
    None,
}

/// Everything a server is started with.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where to listen: `ADDRESS:PORT`, also `[::1]:PORT` and `localhost:PORT`; port 0 for a free one.
    pub listen: String,
    /// The program of a draw.
    pub program: DrawProgram,
    /// What happens between the read and the write; the program's own unless given.
    pub window: Option<Window>,
    /// What one run of the program hands out.
    pub grain: Grain,
    /// Where the list comes from.
    pub source: Source,
    /// What to do at its end.
    pub sold_out: SoldOut,
    /// Clients inside this process.
    pub bots: u64,
    /// Numbers a second that each of them draws.
    pub bot_rate: u64,
    /// The dialect to speak.
    pub speak: Speak,
    /// Bounds on clients.
    pub limits: Limits,
    /// The control socket.
    pub control: Control,
    /// Who may use it, besides this user.
    pub control_group: Option<String>,
    /// Whether it is recorded who drew what. Off only to measure what it costs.
    pub recording: bool,
    /// The order of the draws' operations, if not the operating system's. For grain `number`.
    pub schedule: Option<Scheduled>,
}

/// Who gives each operation its turn, if not the operating system.
#[derive(Clone, Debug)]
pub enum Scheduled {
    /// A schedule: a letter an operation.
    By {
        /// The letters.
        schedule: Schedule,
        /// How long a letter waits, and what comes after the last one.
        rules: Rules,
    },
    /// A person, letter by letter.
    ByHand,
}

impl Default for Config {
    /// A small server on a free port, for tests and programs: no control socket.
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:0".into(),
            program: Mode::Lock.into(),
            window: None,
            grain: Grain::Number,
            source: Source::Shuffled {
                size: 100_000,
                seed: 1,
            },
            sold_out: SoldOut::default(),
            bots: 0,
            bot_rate: super::bots::RATE,
            speak: Speak::Auto,
            limits: Limits::default(),
            control: Control::None,
            control_group: None,
            recording: true,
            schedule: None,
        }
    }
}

/// Why a server did not start.
#[derive(Debug, Error)]
pub enum StartError {
    /// The address.
    #[error("cannot listen on {address}: {}", mend(.error, .address))]
    Listen {
        /// The address.
        address: String,
        /// What the system said.
        error: io::Error,
    },
    /// The mode, the window or the list.
    #[error(transparent)]
    Setting(#[from] ChangeError),
    /// The schedule.
    #[error(transparent)]
    Model(#[from] ModelError),
    /// A letter is an operation of a draw, and a draw one number.
    #[error("a schedule orders draws of one number each: use grain number")]
    GrainOfSchedule,
    /// The control socket.
    #[error(transparent)]
    Control(#[from] SocketError),
    /// A thread, a pipe.
    #[error("cannot start the server's threads: {0}")]
    System(#[from] io::Error),
}

fn mend(error: &io::Error, address: &str) -> String {
    match error.kind() {
        io::ErrorKind::AddrInUse => format!(
            "the port is in use: stop the other server, or choose a free port with --listen {}",
            address
                .rsplit_once(':')
                .map_or_else(|| "127.0.0.1:0".to_owned(), |(host, _)| format!("{host}:0"))
        ),
        io::ErrorKind::InvalidInput => {
            "write ADDRESS:PORT with a port from 0 to 65535, as in localhost:7777 or [::1]:7777"
                .to_owned()
        }
        io::ErrorKind::PermissionDenied => {
            "ports below 1024 are the system's: choose another, as in --listen 127.0.0.1:7777"
                .to_owned()
        }
        io::ErrorKind::AddrNotAvailable => {
            "this machine does not have that address: 0.0.0.0 or [::] stand for all it has"
                .to_owned()
        }
        _ => format!("{error}: write ADDRESS:PORT, as in 127.0.0.1:7777 or [::1]:7777"),
    }
}
