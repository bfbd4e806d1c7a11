//! `lootbox explore`.
//!
//! - [`subject`]: what is explored
//! - [`prose`]: the findings for a student ([`one`]: one order), [`report`]: the same for scripts
//! - [`brief`]: the findings in a few lines
//! - [`live`]: real runs beside the orders
//! - [`predict`]: the guess before the number
//! - [`play`]: the order by hand

pub(crate) mod brief;
mod figures;
pub(crate) mod live;
pub(crate) mod one;
pub(crate) mod play;
pub(crate) mod predict;
pub(crate) mod prose;
pub(crate) mod report;
pub(crate) mod subject;

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, bail, ensure};
use clap::Args;
use num_bigint::BigUint;

use super::output::{Results, print};
use super::words::{gallery, modes};
use super::{COULD_NOT_RUN, FINE, FOUND, MAX_MEBIBYTES};
use crate::draw::Window;
use crate::draw::notation::check_program;
use crate::draws::explore::each_order;
use crate::draws::model::MAX_DRAWS;
use crate::draws::{Bounds, Findings, Run, Schedule, explore, replay};
use crate::lootbox::Setting;
use crate::lootbox::list::MAX_SIZE;
use crate::orders::schedule::{MAX_SESSIONS, letter};
use crate::progress::Progress;
use crate::terminal_kind::{ascii, is_ascii};
use crate::values::whole;
use prose::{Guesses, Report};
use subject::Subject;

/// `--all` lists at most so many orders, as JSON; as text, more than anybody reads.
const MAX_LISTED: u32 = 1_000_000;

const AFTER_HELP: &str = "\
A program is written in operations:
  load                the counter into the register
  store               register + 1 to the counter, whatever it has become
  fetch_add           both at once: what the counter was into the register, and 1 added to it
  add                 1 to the counter; the register stays
  lock, unlock        the mutex
  store_if_unchanged  store if the counter still is what was read, else begin again
  window              where time may pass; it takes no letter
The register at the end is the ticket, and the number is list[ticket].

Exit code 0: in no order is a number handed out twice, and in none does anybody wait for ever. 1: in
some order it is so. 2: bad input, or
the search stopped before it had seen everything and found none so far. With --play: 0, or 2 if
there is no terminal.

With --play the goal is a question, and the screen gives no answer before it is asked: ? counts the
orders that are left and says whether two clients still can, ? again shows a shortest way, esc hides
them. > goes on to the next task: the modes and the gallery, one after another.";

/// Try every order in which the operations of several clients' draws can follow one another.
///
/// The programs are those that the server runs. Says in how many orders a number is handed out
/// twice, and shows a shortest one.
#[derive(Clone, Debug, Args)]
#[command(after_help = AFTER_HELP)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    #[arg(long, help = format!("lock, atomic, unsafe-race, or one of the gallery: {}", gallery(&[false, true])), default_value = "unsafe-race", value_name = "MODE", value_parser = modes(), hide_possible_values = true)]
    pub mode: String,
    /// A draw of your own, as in 'load window store'
    #[arg(long, conflicts_with = "mode", value_name = "OPERATIONS")]
    pub program: Option<String>,
    /// How often each client draws: 4,2 is client A four times and client B twice
    #[arg(
        long,
        default_value = "4,2",
        value_delimiter = ',',
        value_name = "N,N,...",
        value_parser = draws
    )]
    pub draws: Vec<u64>,
    /// The list: numbers with commas between them, or @FILE [default: the assignment's six, or a longer
    /// one if those do not suffice]
    #[arg(long, value_name = "5,19,228|@FILE")]
    pub list: Option<String>,
    /// How many numbers the list has: 1..=SIZE, shuffled as a server with this seed does
    #[arg(long, conflicts_with = "list", value_name = "SIZE", value_parser = whole::<u64>(1..=MAX_SIZE))]
    pub size: Option<u64>,
    /// What a list of --size is shuffled from [default: 1]
    #[arg(long, requires = "size", value_parser = whole::<u64>(0..=u64::MAX))]
    pub seed: Option<u64>,
    /// Where the counter begins
    #[arg(long, default_value_t = 0, value_name = "K", value_parser = whole::<u64>(0..=u64::MAX))]
    pub counter: u64,
    /// Show one order: a letter is one operation of that client's draw
    #[arg(long, value_name = "SCHEDULE", conflicts_with_all = ["all", "live", "predict"])]
    pub replay: Option<Schedule>,
    /// You are the scheduler: a screen on which a key lets a session take its next operation. Can you
    /// make two clients get the same number?
    #[arg(long, conflicts_with_all = ["replay", "all", "json", "live", "predict"])]
    pub play: bool,
    /// With --play: count the orders that are left, and say whether you can, from the start
    #[arg(long, requires = "play")]
    pub answers: bool,
    /// List the orders, one a line: the schedule, and what it hands out
    #[arg(long)]
    pub all: bool,
    /// A few lines: the counts, without the steps and the reasons
    #[arg(long, conflicts_with_all = ["play", "all", "json"])]
    pub brief: bool,
    /// As JSON, for scripts
    #[arg(long)]
    pub json: bool,
    /// Stop after so many states, and say so
    #[arg(long, default_value_t = 10_000_000, value_name = "COUNT", value_parser = whole::<usize>(1..=4_000_000_000))]
    pub max_states: usize,
    /// Stop at so much memory, in MiB, and say so
    #[arg(long, default_value_t = Bounds::default().bytes >> 20, value_name = "MIB", value_parser = whole::<usize>(1..=MAX_MEBIBYTES))]
    pub max_memory: usize,
    /// Beside it, so many real runs over TCP with the same clients and draws, nothing in the gap
    #[arg(long, value_name = "RUNS", value_parser = whole::<u32>(1..=100_000))]
    pub live: Option<u32>,
    /// Ask for a guess before showing a number
    #[arg(long, conflicts_with = "json")]
    pub predict: bool,
    /// Draw lanes and bars with ASCII alone
    #[arg(long)]
    pub ascii: bool,
}

impl Options {
    /// How far a search may go.
    fn bounds(&self) -> Bounds {
        Bounds {
            states: self.max_states,
            bytes: self.max_memory << 20,
            ..Bounds::default()
        }
    }
}

fn draws(word: &str) -> Result<u64, String> {
    whole::<u64>(1..=MAX_DRAWS)(word).map_err(|right| {
        format!(
            "{right}: how often each of 1 to {MAX_SESSIONS} clients draws, with commas between, as in 4,2"
        )
    })
}

/// Explores, and says what was found.
///
/// # Errors
/// With bad input, or if the real runs cannot run.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    if options.play {
        return play::run(options.clone());
    }
    let subject = Subject::of(options)?;
    if let Some(schedule) = &options.replay {
        return show_one(&subject, schedule, options);
    }
    if options.live.is_some() {
        check_program(&subject.program.operations)
            .context("--live: no server runs this program")?;
    }
    let guesses = if options.predict {
        predict::ask(
            &subject,
            options.live,
            &mut io::stdin().lock(),
            &mut io::stderr(),
        )?
    } else {
        Guesses::default()
    };
    let bounds = options.bounds();
    let mut progress = Progress::new("{spinner} {human_pos} states in {elapsed}", 0, "states");
    let findings = explore(&subject.model, bounds, &mut |seen| {
        progress.at(seen.states as u64);
    });
    progress.end();
    let mut listed = 0;
    if options.all {
        let Some(orders) = &findings.orders else {
            bail!(
                "--all lists every order, and the search stopped after {} states. {}",
                findings.explored,
                prose::mend(&findings)
            );
        };
        ensure!(
            orders.all <= BigUint::from(MAX_LISTED),
            "--all lists at most {MAX_LISTED} orders, and here are {}: give fewer draws",
            figures::number(&orders.all)
        );
        let most_letters = orders.letters.1;
        ensure!(
            most_letters <= 1_000,
            "--all lists orders of at most 1000 letters, and these have {most_letters}: give fewer draws"
        );
        if !options.json {
            listed = list_orders(&subject)?;
        }
    }
    let live = match options.live {
        Some(runs) => {
            let mut progress =
                Progress::new("{bar:30} {pos} of {len} runs", u64::from(runs), "runs");
            let live = live::run(&subject, runs, &mut |done| {
                progress.at(u64::from(done));
            })?;
            progress.end();
            Some(live)
        }
        None => None,
    };
    let code = exit_code(&findings);
    let report = Report {
        subject: &subject,
        findings: &findings,
        live,
        guesses,
    };
    let text = if options.json {
        report::json(&report, options.all)?
    } else {
        let blank = if listed > 0 { "\n" } else { "" };
        let text = if options.brief {
            brief::orders(&report)
        } else {
            format!("{blank}{}", prose::orders(&report))
        };
        if is_ascii(options.ascii) {
            ascii(&text)
        } else {
            text
        }
    };
    print(text)?;
    Ok(code.into())
}

fn exit_code(findings: &Findings) -> u8 {
    match (&findings.witness, &findings.deadlock) {
        (None, None) if findings.exhaustive => FINE,
        // Not "safe": nobody knows.
        (None, None) => COULD_NOT_RUN,
        _ => FOUND,
    }
}

fn show_one(subject: &Subject, schedule: &Schedule, options: &Options) -> anyhow::Result<ExitCode> {
    let sessions = subject.draws.len();
    if let Some(nobody) = schedule.sessions().find(|&session| session >= sessions) {
        bail!(
            "the schedule names {}, and there are {} ({}): give more --draws, or only letters up to {}",
            letter(nobody),
            if sessions == 1 {
                "1 client".to_owned()
            } else {
                format!("{sessions} clients")
            },
            subject.who(),
            letter(sessions - 1)
        );
    }
    let run = replay(&subject.model, schedule);
    let text = if options.json {
        report::one(subject, schedule, &run)?
    } else {
        let text = one::one(subject, &run, options.brief);
        if is_ascii(options.ascii) {
            ascii(&text)
        } else {
            text
        }
    };
    print(text)?;
    let found = !run.table().duplicates.is_empty() || prose::deadlock(subject, schedule).is_some();
    Ok(if found { FOUND } else { FINE }.into())
}

/// What a server did by a schedule, in the same form as `--replay` shows an order; `by_hand`: with the command that
/// does so, for a person has chosen the letters.
#[must_use]
pub fn served(
    setting: &Setting,
    schedule: &Schedule,
    mut run: Run,
    by_hand: bool,
    json: bool,
    plain: bool,
) -> String {
    let subject = Subject::served(setting, &mut run).map_err(anyhow::Error::from);
    let text = subject.and_then(|subject| {
        if json {
            report::one(&subject, schedule, &run)
        } else {
            let mut text = one::one(&subject, &run, false);
            if setting.window() == Window::Reply && run.in_flight().next().is_some() {
                let sent =
                    "The numbers of draws that had read went out in the window: they count below.";
                figures::say(&mut text, sent);
            }
            if by_hand && !schedule.is_empty() {
                let again = format!("\nagain: {}\n\n", subject.command().replay(schedule));
                text.push_str(&again);
            }
            Ok(if is_ascii(plain) { ascii(&text) } else { text })
        }
    });
    text.unwrap_or_else(|error| format!("{error}\n"))
}

/// Lists the orders until nobody reads any more, and returns how many.
fn list_orders(subject: &Subject) -> io::Result<u64> {
    let mut out = Results::new();
    let mut listed = 0;
    let mut result = Ok(());
    each_order(&subject.model, &mut |schedule| {
        listed += 1;
        let run = replay(&subject.model, schedule);
        let line = one::one_line(schedule, &run, subject.list.numbers());
        result = writeln!(out, "{line}");
        result.is_ok() && !out.is_closed()
    });
    result?;
    out.finish()?;
    Ok(listed)
}
