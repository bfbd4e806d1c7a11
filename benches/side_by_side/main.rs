//! The loot box beside Redis and beside a server that does nothing but answer: the same load, from one load
//! generator, in turn.
//!
//! The script `benches/peers` runs this, and says how. It needs `redis-server`, which it starts itself, as it does
//! every server: each ends with it. Everybody listens on 127.0.0.1 only.
//!
//! A machine's absolute rates swing; what counts are ratios of samples next to each other. So in every round the servers
//! take turns in orders that the next round turns around, and the medians over all turns are what is told.
//!
//! - [`rows`]: what is asked
//! - [`servers`]: who is asked, [`echo`] being ours
//! - [`load`]: by whom
//! - [`draws`]: the draw itself, without any server
//! - [`extras`]: memory, start, what the recording does to the race
//! - [`table`], [`graph`]: what comes out

mod draws;
mod echo;
mod extras;
mod graph;
mod load;
mod rows;
mod servers;
mod table;

#[path = "../shared/by_hand.rs"]
mod by_hand;

use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use load::Sample;
use rows::Row;
use servers::{Lootbox, Peer, Redis};

/// So many rounds, half of them backwards, unless the time is over before.
const ROUNDS: usize = 6;
const USAGE: &str = "benches/peers [--write | ROW]: --write puts all rows into benches/README.md, ROW is a part of a row's name";
/// How often a round looks what the race loses: it varies more than a rate does.
const TURNS_OF_THE_RACE: usize = 3;
/// No round begins that would take longer than this in all.
const TIME: Duration = Duration::from_mins(12);

/// What one row came to in one round.
#[derive(Clone, Copy, Debug)]
pub struct Round {
    /// `lootbox serve`.
    pub lootbox: Sample,
    /// The thread-per-client echo.
    pub echo: Sample,
    /// Redis, where it has something like it.
    pub redis: Option<Sample>,
    /// The loot box with the recording of who drew what, and without.
    pub recording: Option<[Sample; 2]>,
}

/// Who is asked.
struct Servers {
    lootbox: Lootbox,
    redis: Redis,
    /// By how many lines they answer one line with.
    echoes: Vec<(usize, Peer)>,
    /// With the recording, and without.
    recording: [Lootbox; 2],
}

impl Servers {
    fn start(rows: &[Row], directory: &Path) -> io::Result<Self> {
        let mut lines: Vec<usize> = rows.iter().map(Row::echo_lines).collect();
        lines.sort_unstable();
        lines.dedup();
        let echoes = lines
            .into_iter()
            .map(|lines| Ok((lines, servers::echo(lines)?)))
            .collect::<io::Result<_>>()?;
        Ok(Self {
            lootbox: Lootbox::serve(directory)?,
            redis: Redis::serve(directory)?,
            echoes,
            recording: [
                Lootbox::with_recording(directory, true)?,
                Lootbox::with_recording(directory, false)?,
            ],
        })
    }

    /// A row, once or several times in turn.
    fn measure(&self, row: &Row, round: usize) -> io::Result<Vec<Round>> {
        let mut at_it = vec![&self.lootbox];
        if row.recording {
            at_it.extend(&self.recording);
        }
        let new_round = || -> io::Result<()> {
            let mut each = at_it.iter();
            each.try_for_each(|lootbox| lootbox.prepare(row).map_err(at("a new round")))
        };
        if row.popped() > 0 && row.has_redis() {
            self.redis.fill(row.popped()).map_err(at("filling Redis"))?;
        }
        let echo = self.echoes.iter().find(|(it, _)| *it == row.echo_lines());
        let (_, echo) = echo.ok_or_else(|| io::Error::other("no such echo"))?;
        let one = |turn: usize| {
            if turn == 0 || row.uses_the_list_up() {
                new_round()?;
            }
            // The loot box stands between the two it is compared with, and the two with and without recording beside
            // each other.
            let mut asked = vec![(echo, row.load()), (&self.lootbox.peer, row.load())];
            if row.has_redis() {
                asked.push((&self.redis.0, row.redis()));
            }
            if row.recording {
                asked.extend(self.recording.iter().map(|it| (&it.peer, row.load())));
            }
            let mut order: Vec<usize> = (0..asked.len()).collect();
            // Not always the same, or a server keeps step with what else happens at intervals; and each of them
            // forwards and, in the next round, backwards.
            let first = asked.len() - if row.recording { 2 } else { 0 };
            let (three, two) = order.split_at_mut(first);
            if turn % 2 == 1 {
                three.reverse();
            }
            if turn % 4 > 1 {
                two.reverse();
            }
            if turn.is_multiple_of(3) {
                order.rotate_left(first);
            }
            if round % 2 == 1 {
                order.reverse();
            }
            let mut samples = vec![None; asked.len()];
            for place in order {
                let (peer, load) = &asked[place];
                samples[place] = Some(load::run(peer, load).map_err(at("a sample"))?);
            }
            let mut samples = samples.into_iter().flatten();
            let mut next = || samples.next();
            let missing = || io::Error::other("a server was left out");
            Ok(Round {
                echo: next().ok_or_else(missing)?,
                lootbox: next().ok_or_else(missing)?,
                redis: if row.has_redis() { next() } else { None },
                recording: next().zip(next()).map(|(on, off)| [on, off]),
            })
        };
        (0..row.turns()).map(one).collect()
    }
}

/// Says where it went wrong.
fn at(place: &str) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::other(format!("{place}: {error}"))
}

fn measure(write: bool, only: Option<&str>) -> io::Result<()> {
    let begun = Instant::now();
    lootbox::server::limits::raise_open_files();
    servers::end_with_this_process()?;
    let redis = Redis::version().map_err(|error| {
        io::Error::other(format!(
            "redis-server does not start ({error}): install it, apt-get install redis-server or brew install redis"
        ))
    })?;
    let directory = tempfile::tempdir()?;
    let draws = draws::measure();
    let rows: Vec<Row> = Row::all()
        .into_iter()
        .filter(|row| only.is_none_or(|only| row.name.contains(only)))
        .collect();
    if rows.is_empty() {
        return Err(io::Error::other("no row has that in its name"));
    }
    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); rows.len()];
    let mut lost = Vec::new();
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS {
        if begun.elapsed() + longest > TIME {
            break;
        }
        let round_begun = Instant::now();
        // Anew: two processes of the same program differ for as long as they live.
        let servers = Servers::start(&rows, directory.path())?;
        for (row, rounds) in rows.iter().zip(&mut rounds) {
            eprintln!("round {} of {ROUNDS}: {}", round + 1, row.name);
            rounds.extend(servers.measure(row, round)?);
        }
        for turn in 0..TURNS_OF_THE_RACE {
            let backwards = (round + turn) % 2 == 1;
            lost.push(extras::lost_updates(&servers.recording, backwards)?);
        }
        longest = longest.max(round_begun.elapsed());
    }
    let extras = extras::measure(directory.path(), &lost)?;
    let text = table::text(&rows, &rounds, &draws, &extras, &redis);
    println!("{text}");
    eprintln!("took {:?}", begun.elapsed());
    if write {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
        table::write(&folder.join("README.md"), &text)?;
        let svg =
            graph::svg(&rows, &rounds).map_err(|error| io::Error::other(error.to_string()))?;
        std::fs::write(folder.join("clients.svg"), svg)?;
    }
    Ok(())
}

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        // What this program starts of itself.
        ["echo", lines] => lines
            .parse()
            .map_err(io::Error::other)
            .and_then(echo::serve),
        ["lootbox", recording, control] => servers::serve_lootbox(recording == "true", control),
        // Cargo says --bench, and nothing when it only wants to know whether this starts.
        _ if words.contains(&"--bench") => {
            let told: Vec<&str> = words.into_iter().filter(|&it| it != "--bench").collect();
            match told[..] {
                [] => measure(false, None),
                ["--write"] => measure(true, None),
                [row] if !row.starts_with('-') => measure(false, Some(row)),
                _ => Err(io::Error::other(USAGE)),
            }
        }
        _ => {
            println!("{USAGE}");
            Ok(())
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::from(2)
        }
    }
}
