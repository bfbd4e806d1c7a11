//! The other half of the paradox: almost every order is wrong, and almost every run looks right.
//!
//! Real runs: a server in this process, a TCP connection a client, the same draws, nothing in the
//! gap. Who goes when is up to the operating system.

use std::collections::HashSet;
use std::net::SocketAddr;
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::Serialize;

use super::subject::Subject;
use crate::client::{Answer, Client};
use crate::draw::Window;
use crate::lootbox::{Source, cores};
use crate::server::{Config, Server};
use crate::statistics::wilson;

/// A server that does not answer for so long never will.
const READ_TIMEOUT: Duration = Duration::from_secs(30);

/// What the real runs came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Live {
    /// How many there were.
    pub runs: u32,
    /// In how many some number was handed out twice.
    pub bad: u32,
    /// How many cores this process may use.
    pub cores: u64,
}

impl Live {
    /// The share of bad runs, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        f64::from(self.bad) / f64::from(self.runs.max(1))
    }

    /// Between what and what the share is with 95 % certainty.
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        wilson(self.bad.into(), self.runs.into())
    }
}

/// Runs so often, each time with a new server and new connections. `progress` is told how many runs are done.
///
/// # Errors
/// If a server does not start or does not answer.
pub fn run(subject: &Subject, runs: u32, progress: &mut dyn FnMut(u32)) -> anyhow::Result<Live> {
    let mut bad = 0;
    for done in 0..runs {
        progress(done);
        let numbers =
            one_run(subject).with_context(|| format!("real run {} of {runs}", done + 1))?;
        let mut seen = HashSet::new();
        bad += u32::from(!numbers.into_iter().all(|number| seen.insert(number)));
    }
    Ok(Live {
        runs,
        bad,
        cores: cores(),
    })
}

fn one_run(subject: &Subject) -> anyhow::Result<Vec<u64>> {
    let mut server = Server::start(Config {
        program: subject.program.clone(),
        window: Some(Window::None),
        source: Source::Given(Arc::clone(&subject.list)),
        ..Config::default()
    })?;
    let address = server.address();
    if subject.model.counter() > 0 {
        // Somebody came before, and brought the counter to where it begins.
        draw(&mut connect(address, "before")?, subject.model.counter())?;
    }
    let clients = subject
        .model
        .draws()
        .iter()
        .enumerate()
        .map(|(number, &draws)| Ok((connect(address, &number.to_string())?, draws)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let start = Barrier::new(clients.len());
    let numbers = thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|(mut client, draws)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    draw(&mut client, draws)
                })
            })
            .collect();
        let mut numbers = Vec::new();
        for thread in threads {
            let drawn = thread.join().map_err(|_| anyhow!("a client panicked"))?;
            numbers.extend(drawn?);
        }
        anyhow::Ok(numbers)
    })?;
    server.stop();
    Ok(numbers)
}

/// When this returns, the session is there: it has answered.
fn connect(address: SocketAddr, name: &str) -> anyhow::Result<Client> {
    let mut client = Client::connect(address, false)?;
    client.stream().set_read_timeout(Some(READ_TIMEOUT))?;
    match client.name(name)? {
        Answer::Whole => Ok(client),
        Answer::Error(error) => bail!("the server answered {error:?} to a name"),
    }
}

/// The numbers, fewer if it is sold out.
fn draw(client: &mut Client, draws: u64) -> anyhow::Result<Vec<u64>> {
    let mut numbers = Vec::new();
    let answer = client.draw(draws, &mut |line| {
        numbers.push(String::from_utf8_lossy(line).parse());
    })?;
    match answer {
        Answer::Error(error) if !error.starts_with("sold out") => {
            bail!("the server answered {error:?}")
        }
        _ => numbers
            .into_iter()
            .collect::<Result<_, _>>()
            .context("the server answered something else than a number"),
    }
}
