//! Every mode under the same load, side by side; or somebody's own server in the place of ours.
//!
//! For each run a fresh server on a free port, and N clients that are all connected before any of
//! them receives its input, so that they overlap. Each writes its own file; [`check`](crate::check)
//! judges the files from outside, and the server's own count stands beside.
//!
//! In reading order:
//! - [`settings`]: what is compared, and how
//! - [`run`]: one run, from the start of the server to the checked files
//! - [`contender`]: the modes and answers of ours
//! - `subject.rs`, `clients.rs`, `group.rs`, `ports.rs`: the server under load, the clients, child
//!   processes that end with all their children, and who listens and is connected
//! - [`error`]: why none took place
//! - [`result`]: what came out, run by run and mode by mode
//! - [`folders`]: the same from files that exist already
//! - [`table`]: the result as text; [`page`]: as a page of HTML

mod clients;
pub mod contender;
pub mod error;
pub mod folders;
mod group;
pub mod page;
pub mod picture;
mod ports;
pub mod result;
pub mod run;
pub mod settings;
mod subject;
pub mod table;

use std::path::Path;

pub use contender::Contender;
pub use error::CompareError;
pub use result::Comparison;
pub use settings::Settings;

/// Runs everything that the settings ask for. The files go below `out`. `told` is called before each
/// run with what is about to run and how many runs are done.
///
/// # Errors
/// If a run could not take place at all. What goes wrong *in* a run is part of its result.
pub fn compare(
    settings: &Settings,
    out: &Path,
    told: &mut dyn FnMut(&str, u64),
) -> Result<Comparison, CompareError> {
    let subjects = settings.subjects();
    let mut runs = Vec::new();
    // The modes take turns, so that whatever else the machine does meets them all alike.
    for number in 1..=settings.runs {
        for subject in &subjects {
            told(
                &format!("{subject}, run {number} of {}", settings.runs),
                runs.len() as u64,
            );
            runs.push(run::run(settings, subject, number, out)?);
        }
    }
    Ok(Comparison::new(Some(settings.clone()), runs))
}
