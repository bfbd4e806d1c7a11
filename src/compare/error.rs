//! Why a comparison did not take place.

use std::io;
use std::path::Path;

use thiserror::Error;

use crate::check::CheckError;
use crate::escaped::escaped_path;
use crate::server::StartError;

/// Why a comparison did not take place. What goes wrong with a client or with somebody's own server
/// is no such error but part of a [`Run`](super::result::Run).
#[derive(Debug, Error)]
pub enum CompareError {
    /// Our server.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The clients' files.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// Files are there already, and old and new ones would be checked together.
    #[error("{0} is there already: choose a new directory with --out, or move that one away")]
    NotEmpty(String),
    /// A directory or a file of ours.
    #[error("cannot write {path}: {source}: choose a place with --out where you may")]
    Write {
        /// Which.
        path: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file, a process, a thread.
    #[error("cannot run the comparison: {0}")]
    System(#[from] io::Error),
    /// Somebody pressed Ctrl-C.
    #[error("stopped: every server and client of the comparison has been ended")]
    Stopped,
}

impl CompareError {
    pub(super) fn write(path: &Path, source: io::Error) -> Self {
        Self::Write {
            path: escaped_path(path),
            source,
        }
    }
}
