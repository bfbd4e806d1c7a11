//! `lootbox lab`.

mod check;
mod play;

use std::collections::HashMap;
use std::fs;
use std::io::{self, Read, Write};
use std::ops::ControlFlow;
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use anyhow::{Context, bail};
use clap::{Args, Subcommand, ValueEnum};

use super::output::{Results, json_line};
use super::signals;
use super::words::problem;
use crate::dashboard::lab::show;
use crate::dashboard::terminal;
use crate::lab::compile::Settings;
use crate::lab::problems::Problem;
use crate::lab::program::Program;
use crate::lab::run::{self as lab_run, Clock};
use crate::lab::{self, brief, lanes, problems, table};
use crate::orders::Schedule;
use crate::terminal_kind::fitting;
use crate::values::{self, duration, durations, named, whole};

/// The classical problems of synchronization, in the textbook's own pseudo-code.
///
/// A program is a .sync file, or the name of one that comes with lootbox: see lab list. The language is
/// described in docs/lab.md.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  lootbox lab check philosophers-naive                    the shortest way into the deadlock
  lootbox lab check readers-writers-first                 who can wait for ever?
  lootbox lab play lootbox-race                           take the steps yourself
  lootbox lab run philosophers-naive --time step=1ms..5ms on real threads, until they hang
  lootbox lab show bounded-buffer > mine.sync             begin one of your own
  lootbox lab show bounded-buffer --answers               with what becomes of its rules")]
pub struct Options {
    /// What to do
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Look at every order, and say for each rule whether it holds, or the shortest schedule that breaks it.
    ///
    /// Exit code 0: all rules hold; 1: one is broken; 2: the file is wrong, or nothing was decided: not every
    /// order was looked at and no rule was seen broken, or no order comes to where the rules are asked.
    /// A file without rules says that nothing was asked, and 0 then means that nothing went wrong in any order.
    Check(check::Check),
    /// Run it on real threads with real locks.
    ///
    /// On a terminal a screen shows who waits for what and who holds it, and a deadlock stays there until a key.
    /// Ends when the time is over, when all processes have ended, or when nobody can go on any more: then
    /// it says who waits for whom. At the end stand the shared variables and what each rule comes to; one that
    /// was not seen broken may still be (lab check). Exit code 0: no rule was seen broken; 1: one was, a deadlock,
    /// or something went wrong; 2: the file is wrong, or it could not run.
    Run(Run),
    /// Play it: you are the scheduler, and say who takes the next step.
    ///
    /// A letter lets that process take a step, u undoes one, r begins again. The screen shows the next step of each, what
    /// it waits for, and which rule has been broken; ? says how many orders are left from here and how many of them
    /// break a rule, ? again the shortest way to one that does, and enter takes its first step. At the end, q, stands the
    /// command that shows the order again. Small q, r and u are no processes: take their capitals. Exit code 0: it was
    /// played; 2: the file is wrong, or there is no terminal.
    Play(play::Play),
    /// The problems that come with it, and the question each answers.
    List {
        /// One JSON object a problem, a line each
        #[arg(long)]
        json: bool,
    },
    /// Print the program of a problem, without what becomes of its rules.
    Show {
        /// Its name
        #[arg(value_parser = problem(), hide_possible_values = true)]
        name: String,
        /// With the answers: behind each rule what becomes of it, and at the end why
        #[arg(long)]
        answers: bool,
    },
    /// The scoreboard: every problem, and what becomes of it.
    Table(Table),
}

/// A program and what may be changed in it from outside.
#[derive(Debug, Args)]
pub(super) struct Source {
    /// A .sync file, or the name of a problem; - is standard input
    #[arg(value_parser = problem(), hide_possible_values = true)]
    pub file: String,
    /// Another value for a constant: N=8
    #[arg(long, value_name = "NAME=VALUE", value_parser = assignment)]
    pub set: Vec<(String, i32)>,
    /// Take every semaphore and mutex as plain (anybody may be woken) or fifo (the longest waiting is),
    /// instead of as the file has it
    #[arg(long, value_name = "KIND")]
    pub semaphores: Option<Semaphores>,
}

/// Whom a signal wakes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Semaphores {
    /// A signal lets anybody in, whoever comes first.
    Plain,
    /// A signal lets in whoever has waited longest.
    Fifo,
}

#[derive(Debug, Args)]
struct Run {
    #[command(flatten)]
    source: Source,
    /// How long to run
    #[arg(long = "for", value_name = "DURATION", default_value = "10s", value_parser = duration)]
    length: Duration,
    /// How long an activity takes: eat=5ms, eat=5ms..20ms; step is a pause before every step, and those not
    /// named take 1ms..3ms
    #[arg(long, value_name = "NAME=TIME", value_parser = time)]
    time: Vec<(String, (Duration, Duration))>,
    /// What chooses the times; without it, another each time, shown at the end
    #[arg(long, value_parser = whole::<u64>(0..=u64::MAX))]
    seed: Option<u64>,
    /// Let the threads take their steps in this order, a letter a step, and stop
    #[arg(long, value_name = "SCHEDULE", conflicts_with_all = ["length", "time", "seed"])]
    schedule: Option<Schedule>,
    /// No screen, only what it came to; so it is too with --json, with --schedule and without a terminal
    #[arg(long)]
    headless: bool,
    /// Draw the screen with ASCII characters only
    #[arg(long)]
    ascii: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Args)]
struct Table {
    /// Only the problems whose names begin so
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// Take every semaphore and mutex as plain or fifo, instead of as each problem has it
    #[arg(long, value_name = "KIND")]
    semaphores: Option<Semaphores>,
    /// Run each of them on real threads too, for so long, and show the turns a second and the longest wait
    #[arg(long = "for", value_name = "DURATION", value_parser = duration)]
    length: Option<Duration>,
    /// A few columns: whether it deadlocks and who starves
    #[arg(long, conflicts_with_all = ["length", "json"])]
    brief: bool,
    /// One JSON object a problem, a line each
    #[arg(long)]
    json: bool,
}

fn assignment(text: &str) -> Result<(String, i32), String> {
    let number = whole::<i32>(i32::MIN..=i32::MAX);
    named(text, "NAME=VALUE, as in N=8", number)
}

/// `eat=5ms..20ms`
fn time(text: &str) -> Result<(String, (Duration, Duration)), String> {
    let form = "NAME=TIME or NAME=FROM..TO, as in eat=5ms..20ms";
    let (name, times) = named(text, form, durations)?;
    Ok((name, times.into_inner()))
}

/// A program as it was read.
pub(super) struct Loaded {
    pub name: String,
    pub text: String,
    pub program: Program,
}

impl Source {
    pub(super) fn load(&self) -> anyhow::Result<Loaded> {
        let (name, text) = if let Some(problem) = problems::named(&self.file) {
            (format!("{}.sync", problem.name), problem.source.to_owned())
        } else if self.file == "-" {
            let text = program_text(io::stdin(), "standard input")?;
            ("-".to_owned(), text)
        } else {
            let text = read(&self.file)?;
            (self.file.clone(), text)
        };
        let settings = Settings {
            set: self.set.clone(),
            fifo: self.semaphores.map(|it| it == Semaphores::Fifo),
        };
        let program = lab::load(&name, &text, &settings)?;
        Ok(Loaded {
            name,
            text,
            program,
        })
    }
}

fn read(file: &str) -> anyhow::Result<String> {
    let mend = if file.contains(['/', '.']) {
        "name a .sync file that is there".to_owned()
    } else {
        format!(
            "name a .sync file, or a problem of lootbox lab list{}",
            meant(file)
        )
    };
    let from = fs::File::open(file).with_context(|| format!("cannot read {file}; {mend}"))?;
    program_text(from, file)
}

/// The text of a program, of which no more is read than a program may have.
fn program_text(from: impl Read, name: &str) -> anyhow::Result<String> {
    let most = lab::parse::MAX_FILE_LEN;
    let mut bytes = Vec::new();
    from.take(most as u64 + 1)
        .read_to_end(&mut bytes)
        .with_context(|| format!("cannot read {name}"))?;
    if bytes.len() > most {
        bail!("cannot read {name}: it is too long, a program has at most {most} bytes");
    }
    String::from_utf8(bytes).map_err(|error| {
        let at = error.utf8_error().valid_up_to();
        anyhow::anyhow!("cannot read {name}: it is not UTF-8 text from byte {at} on")
    })
}

/// What may have been meant by the name of a problem that is none.
fn meant(name: &str) -> String {
    values::similar(name, problems::ALL.iter().map(|it| it.name))
        .map_or_else(String::new, |problem| format!("; did you mean {problem}?"))
}

/// Runs a subcommand of the lab.
///
/// # Errors
/// If the program cannot be read, with the place.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut out = Results::new();
    let code = match &options.what {
        What::Check(options) => check::run(options, &mut out)?,
        What::List { json } => {
            for it in problems::ALL {
                if *json {
                    let (name, question) = (it.name, it.question());
                    let line = serde_json::json!({ "name": name, "question": question });
                    json_line(&mut out, &line)?;
                } else {
                    writeln!(out, "{:27}{}", it.name, it.question())?;
                }
            }
            super::FINE
        }
        What::Show { name, answers } => {
            let problem = problems::named(name).with_context(|| {
                format!(
                    "no problem is called {name}: lootbox lab list says which there are{}",
                    meant(name)
                )
            })?;
            let text = if *answers {
                problem.source.to_owned()
            } else {
                problem.asked()
            };
            out.write_all(text.as_bytes())?;
            super::FINE
        }
        What::Play(options) => play::run(options)?,
        What::Run(options) => run_threads(options, &mut out)?,
        What::Table(options) => table(options, &mut out)?,
    };
    out.finish()?;
    Ok(code.into())
}

fn run_threads(options: &Run, out: &mut dyn Write) -> anyhow::Result<u8> {
    let Loaded {
        name,
        text,
        program,
    } = options.source.load()?;
    if let Some(schedule) = &options.schedule {
        check::known(schedule, &program)?;
        let letters: Vec<usize> = schedule.sessions().collect();
        let real = lab_run::replay(&program, &letters)?;
        let kept: Vec<_> = (0..letters.len())
            .filter(|at| real.passed_over.binary_search(at).is_err())
            .map(|at| letters[at])
            .collect();
        let code = check::replay(&program, &text, schedule, options.json, out)?;
        // What is shown is the machine's order; say so if the threads did anything else.
        let machine = lanes::follow(&program, &text, &kept);
        let mut state = machine.state;
        crate::lab::machine::tidy(&program, &mut state);
        let same = if machine.fault.is_some() {
            real.fault == machine.fault
        } else {
            real.fault.is_none() && real.state == state
        };
        if !same {
            bail!(
                "the threads did something else than the machine under this schedule: please report this"
            );
        }
        return Ok(code);
    }
    let mut settings = lab_run::Options {
        times: HashMap::new(),
        otherwise: (Duration::from_millis(1), Duration::from_millis(3)),
        seed: options.seed.unwrap_or_else(rand::random),
        length: options.length,
    };
    for (name, time) in &options.time {
        if name != "step" && !program.activities.contains(name) {
            let known = match program.activities.as_slice() {
                [] => "none, only step".to_owned(),
                known => format!("{}; or step", known.join(", ")),
            };
            bail!("no activity is called {name}: this program has {known}");
        }
        settings.times.insert(name.clone(), *time);
    }
    let screen = !options.headless && !options.json && terminal::check().is_ok();
    let report = if screen {
        let name = name.trim_end_matches(".sync");
        let shown = show(name, &program, &text, &settings, options.ascii);
        // Whoever has ended it, a hang-up as well: what it came to is said, if anybody is left to read it.
        shown.context("cannot show the run: try --headless")??
    } else {
        let stop = Arc::default();
        signals::raise(&stop)?;
        lab_run::watched(&program, &text, &settings, &Clock::start(), &mut |_| {
            if stop.load(Ordering::Relaxed) {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        })?
    };
    if options.json {
        json_line(out, &report)?;
    } else {
        write!(out, "{}", fitting(report.to_string()))?;
    }
    Ok(if report.broken() {
        super::FOUND
    } else {
        super::FINE
    })
}

fn table(options: &Table, out: &mut dyn Write) -> anyhow::Result<u8> {
    let settings = Settings {
        set: Vec::new(),
        fifo: options.semaphores.map(|it| it == Semaphores::Fifo),
    };
    let chosen = chosen(&options.names)?;
    if !options.json {
        let head = if options.brief {
            brief::head()
        } else {
            table::head(options.length.is_some())
        };
        writeln!(out, "{head}")?;
    }
    for problem in chosen {
        let row = table::row(problem, &settings, options.length)?;
        if options.json {
            json_line(out, &row)?;
        } else if options.brief {
            writeln!(out, "{}", brief::row(&row))?;
        } else {
            writeln!(out, "{row}")?;
        }
        out.flush()?;
    }
    Ok(super::FINE)
}

/// The problems whose names begin with one of these; without any, all.
fn chosen(names: &[String]) -> anyhow::Result<Vec<&'static Problem>> {
    let called = |name: &str| problems::ALL.iter().any(|it| it.name.starts_with(name));
    if let Some(name) = names.iter().find(|name| !called(name)) {
        bail!("no problem is called {name}, or begins so: lootbox lab list says which there are");
    }
    let all = problems::ALL.iter();
    let chosen = all.filter(|it| {
        names.is_empty() || names.iter().any(|name| it.name.starts_with(name.as_str()))
    });
    Ok(chosen.collect())
}
