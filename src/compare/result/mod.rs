//! What came out: run by run, and mode by mode.
//!
//! - `end.rs`: how clients ended, and what was wrong with a server
//! - `figures.rs`: what the files of a run say, and how long a request takes
//! - `one.rs`: one run; `row.rs`: all runs of a mode

mod end;
mod figures;
mod one;
mod row;

use serde::Serialize;

use super::settings::Settings;
use crate::check::Verdict;
use crate::lootbox::cores;

pub use end::{Delivered, End, Failure};
pub use figures::{Counts, First, Latency};
pub use one::Run;
pub use row::Row;

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
