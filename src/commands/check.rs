//! `lootbox check`.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueHint};

use super::output::{Results, json_line};
use super::reading::ReadingOptions;
use crate::check::{self, Options as CheckOptions, Run, Shown, Verdict};
use crate::lootbox::list::MAX_SIZE;
use crate::progress::Progress;
use crate::terminal_kind::fitting;
use crate::values::whole;

/// Find numbers that were handed out more than once in clients' output files.
///
/// A directory that directly holds *.txt files is one run; single files together are one run. A line holds one
/// number; on any other it has to be said which one is meant. Exit code 0: none; 1: duplicates, or numbers out of
/// range; 2: something could not be read.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lootbox check a.txt b.txt                        did two clients get the same number?
  lootbox check --column 2 files                   lines as 1,5: the second number is what was drawn
  lootbox check --pick 'got ([0-9]+)' files        lines as: client 1 got 5
  lootbox check --each submissions > verdicts.csv")]
pub struct Options {
    /// Output files, one number a line, or directories of them; - is standard input
    #[arg(
        required_unless_present = "each",
        conflicts_with = "each",
        value_name = "FILE_OR_DIR",
        value_hint = ValueHint::AnyPath
    )]
    pub paths: Vec<PathBuf>,
    /// Take every directory in DIR as a run of its own, a submission say, and print a CSV row for each
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub each: Option<PathBuf>,
    /// How many numbers the list has: more is out of range, and what is missing is known
    #[arg(long, value_parser = whole::<u64>(1..=MAX_SIZE))]
    pub size: Option<u64>,
    /// Which number of a line is meant
    #[command(flatten)]
    pub reading: ReadingOptions,
    /// Show all duplicates with their places, not only the first 20
    #[arg(long)]
    pub all: bool,
    /// One JSON object a run, a line each
    #[arg(long)]
    pub json: bool,
}

const BAR: &str = "{bar:40} {bytes} of {total_bytes}, {eta} left";

/// Checks the files and prints what they say.
///
/// # Errors
/// If something cannot be read.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let shown = if options.all {
        Shown::All
    } else {
        CheckOptions::default().shown
    };
    let settings = CheckOptions {
        size: options.size,
        shown,
        reading: options.reading.reading(),
        ..CheckOptions::default()
    };
    let mut out = Results::new();
    let verdict = if let Some(dir) = &options.each {
        let submissions = check::find_submissions(dir)?;
        let readable = submissions.iter().filter_map(|one| one.run.as_ref().ok());
        let mut bar = Progress::bar(BAR, readable.map(Run::bytes).sum());
        drop(submissions);
        let rows = check::each(dir, &settings, &mut |bytes| bar.add(bytes))?;
        bar.end();
        let files = check::files_of_nobody(dir)?;
        if files > 0 {
            let files = format!("{files} output file{}", if files == 1 { "" } else { "s" });
            _ = writeln!(
                io::stderr(),
                "note: {files} beside the directories not looked at: give each submission a directory of its own"
            );
        }
        if options.json {
            rows.iter().try_for_each(|row| json_line(&mut out, row))?;
        } else {
            check::write_csv(&rows, &mut out)?;
        }
        Verdict::of_all(rows.iter().map(check::Row::verdict))
    } else {
        let runs = check::find_runs(&options.paths)?;
        let mut bar = Progress::bar(BAR, runs.iter().map(Run::bytes).sum());
        drop(runs);
        let runs = check::check_paths(&options.paths, &settings, &mut |bytes| bar.add(bytes))?;
        bar.end();
        for (index, run) in runs.iter().enumerate() {
            if options.json {
                json_line(&mut out, run)?;
            } else {
                let between = if index > 0 { "\n" } else { "" };
                writeln!(out, "{between}{}", fitting(run.to_string()))?;
            }
        }
        Verdict::of_all(runs.iter().map(|run| run.report.verdict()))
    };
    out.finish()?;
    Ok(verdict.exit_code().into())
}
