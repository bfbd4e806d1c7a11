//! The loot box beside Redis and beside a server that does nothing but answer: the same load, from one load
//! generator, in turn.
//!
//! `cargo bench --bench peers` prints the table; `-- --write` also puts it into `benches/README.md` and draws
//! `benches/clients.svg`. It takes about six minutes and at most eight, and needs `redis-server`
//! (`apt-get install redis-server`, `brew install redis`), which it starts itself, as it does every server: each
//! ends with it. Everybody listens on 127.0.0.1 only.
//!
//! A machine's absolute rates swing; what counts are ratios within one round. So every round measures everything, the
//! order of the servers is turned around each round, and the medians over the rounds are what is told.
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
use rows::{Row, Says};
use servers::{Lootbox, Peer, Redis};

/// So many rounds, unless the time is over before.
const ROUNDS: usize = 5;
/// No round begins that would take longer than this in all.
const TIME: Duration = Duration::from_mins(7);

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

    fn measure(&self, row: &Row, backwards: bool) -> io::Result<Round> {
        let (mut lootbox, mut echo, mut redis) = (None, None, None);
        let mut order = [0, 1, 2];
        if backwards {
            order.reverse();
        }
        for server in order {
            match server {
                0 => lootbox = Some(drawn(&self.lootbox, row)?),
                1 => {
                    let lines = row.echo_lines();
                    let peer = self.echoes.iter().find(|(it, _)| *it == lines);
                    let peer = peer.ok_or_else(|| io::Error::other("no such echo"))?;
                    echo = Some(load::run(peer.1.address, &row.load()).map_err(at("the echo"))?);
                }
                _ if row.has_redis() => {
                    if row.popped() > 0 {
                        self.redis.fill(row.popped()).map_err(at("filling Redis"))?;
                    }
                    redis =
                        Some(load::run(self.redis.0.address, &row.redis()).map_err(at("Redis"))?);
                }
                _ => {}
            }
        }
        let recording = if row.recording {
            let [on, off] = &self.recording;
            let both = if backwards {
                let off = drawn(off, row)?;
                [drawn(on, row)?, off]
            } else {
                [drawn(on, row)?, drawn(off, row)?]
            };
            Some(both)
        } else {
            None
        };
        let missing = || io::Error::other("a server was left out");
        Ok(Round {
            lootbox: lootbox.ok_or_else(missing)?,
            echo: echo.ok_or_else(missing)?,
            redis,
            recording,
        })
    }
}

/// A row at a loot box, in a new round.
fn drawn(server: &Lootbox, row: &Row) -> io::Result<Sample> {
    server.reset().map_err(at("a new round"))?;
    let request = matches!(row.says, Says::Request(_));
    let grain = if request { "request" } else { "number" };
    server.tell(&format!("{{\"do\":\"grain\",\"to\":\"{grain}\"}}"))?;
    load::run(server.peer.address, &row.load()).map_err(at("a loot box"))
}

/// Says where it went wrong.
fn at(place: &str) -> impl Fn(io::Error) -> io::Error {
    move |error| io::Error::other(format!("{place}: {error}"))
}

fn measure(write: bool) -> io::Result<()> {
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
    let rows = Row::all();
    let servers = Servers::start(&rows, directory.path())?;
    let mut rounds: Vec<Vec<Round>> = vec![Vec::new(); rows.len()];
    let mut lost = Vec::new();
    let mut longest = Duration::ZERO;
    for round in 0..ROUNDS {
        if begun.elapsed() + longest > TIME {
            break;
        }
        let round_begun = Instant::now();
        for (row, rounds) in rows.iter().zip(&mut rounds) {
            eprintln!("round {} of {ROUNDS}: {}", round + 1, row.name);
            rounds.push(servers.measure(row, round % 2 == 1)?);
        }
        lost.push(extras::lost_updates(&servers.recording)?);
        longest = longest.max(round_begun.elapsed());
    }
    drop(servers);
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
        _ if words.contains(&"--bench") => measure(words.contains(&"--write")),
        _ => {
            println!("cargo bench --bench peers [-- --write]");
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
