//! The other half of the paradox: almost every order is wrong, and almost every run looks right.
//!
//! Real runs: a server in this process, a TCP connection a client, the same draws, nothing in the
//! gap. Who goes when is up to the operating system.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::Duration;

use anyhow::{Context, anyhow, bail};
use serde::Serialize;

use super::subject::Subject;
use crate::draw::{Mode, Window};
use crate::lootbox::Source;
use crate::server::{Config, Server};

/// A server that does not answer for so long never will.
const PATIENCE: Duration = Duration::from_secs(30);

/// What the real runs came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Live {
    /// How many there were.
    pub runs: u32,
    /// In how many some number was handed out twice.
    pub bad: u32,
    /// How many cores this process may use.
    pub cores: usize,
}

impl Live {
    /// The share of bad runs, 0 to 1.
    #[must_use]
    pub fn share(&self) -> f64 {
        f64::from(self.bad) / f64::from(self.runs.max(1))
    }

    /// Between what and what the share is with 95 % certainty: Wilson's interval, which is honest
    /// for few runs and for shares near 0, where the usual one claims to know that it is 0 [Wilson 1927;
    /// Brown, Cai and `DasGupta` 2001].
    #[must_use]
    pub fn interval(&self) -> (f64, f64) {
        const Z: f64 = 1.959_963_984_540_054;
        let runs = f64::from(self.runs.max(1));
        let share = self.share();
        let spread = Z * (share * (1.0 - share) / runs + Z * Z / (4.0 * runs * runs)).sqrt();
        let middle = share + Z * Z / (2.0 * runs);
        let whole = 1.0 + Z * Z / runs;
        // Exactly 0 and 1 at the ends, where rounding would leave a little.
        let low = if self.bad == 0 {
            0.0
        } else {
            (middle - spread) / whole
        };
        let high = if self.bad == self.runs {
            1.0
        } else {
            (middle + spread) / whole
        };
        (low, high)
    }
}

/// Runs so often, each time with a new server and new connections. `progress` is told how many runs are done.
///
/// # Errors
/// If a server does not start or does not answer.
pub fn run(
    subject: &Subject,
    mode: Mode,
    runs: u32,
    progress: &mut dyn FnMut(u32),
) -> anyhow::Result<Live> {
    let mut bad = 0;
    for done in 0..runs {
        progress(done);
        let numbers =
            one_run(subject, mode).with_context(|| format!("real run {} of {runs}", done + 1))?;
        let mut seen = HashSet::new();
        bad += u32::from(!numbers.into_iter().all(|number| seen.insert(number)));
    }
    Ok(Live {
        runs,
        bad,
        cores: thread::available_parallelism().map_or(1, usize::from),
    })
}

fn one_run(subject: &Subject, mode: Mode) -> anyhow::Result<Vec<u64>> {
    let mut server = Server::start(Config {
        mode,
        window: Some(Window::None),
        source: Source::Given(Arc::clone(&subject.list)),
        ..Config::default()
    })?;
    let address = server.address();
    if subject.model.counter() > 0 {
        // Somebody came before, and brought the counter to where it begins.
        Client::connect(address, "before")?.draw(subject.model.counter())?;
    }
    let clients = subject
        .model
        .draws()
        .iter()
        .enumerate()
        .map(|(number, &draws)| Ok((Client::connect(address, &number.to_string())?, draws)))
        .collect::<anyhow::Result<Vec<_>>>()?;
    let start = Barrier::new(clients.len());
    let numbers = thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|(mut client, draws)| {
                let start = &start;
                scope.spawn(move || {
                    start.wait();
                    client.draw(draws)
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

struct Client {
    answers: BufReader<TcpStream>,
}

impl Client {
    /// When this returns, the session is there: it has answered.
    fn connect(address: SocketAddr, name: &str) -> anyhow::Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        stream.set_read_timeout(Some(PATIENCE))?;
        let mut client = Self {
            answers: BufReader::new(stream),
        };
        client.say(&format!("name {name}\n"))?;
        match client.hear()?.as_deref() {
            Some("ok") => Ok(client),
            other => bail!("the server answered {other:?} to a name"),
        }
    }

    /// In one piece: two would be two packets.
    fn say(&mut self, line: &str) -> anyhow::Result<()> {
        Ok(self.answers.get_mut().write_all(line.as_bytes())?)
    }

    fn hear(&mut self) -> anyhow::Result<Option<String>> {
        let mut line = String::new();
        let read = self.answers.read_line(&mut line)?;
        Ok((read > 0).then(|| line.trim_end().to_owned()))
    }

    /// The numbers, fewer if it is sold out.
    fn draw(&mut self, draws: u64) -> anyhow::Result<Vec<u64>> {
        self.say(&format!("draw {draws}\n"))?;
        let mut numbers = Vec::new();
        while (numbers.len() as u64) < draws {
            match self.hear()? {
                Some(line) if line.starts_with("error: sold out") => break,
                Some(line) => match line.parse() {
                    Ok(number) => numbers.push(number),
                    Err(_) => bail!("the server answered {line:?}"),
                },
                None => bail!("the server closed the connection"),
            }
        }
        Ok(numbers)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Against the values of R's `prop.test(correct = FALSE)`.
    #[test]
    fn the_interval_is_wilsons() {
        for (bad, runs, low, high) in [
            (1, 30, 0.005_908, 0.166_704),
            (0, 30, 0.0, 0.113_513),
            (30, 30, 0.886_487, 1.0),
            (50, 100, 0.403_832, 0.596_168),
        ] {
            let live = Live {
                runs,
                bad,
                cores: 2,
            };
            let (l, h) = live.interval();
            assert!(
                (l - low).abs() < 1e-5 && (h - high).abs() < 1e-5,
                "{bad} of {runs}: {l} {h}"
            );
        }
    }
}
