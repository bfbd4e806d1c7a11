//! One run: a fresh server, clients that overlap, their files, and what the checker says of them.

use std::fs;
use std::io;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant, SystemTime};

use super::CompareError;
use super::clients::{self, Ready, Running, time_requests};
use super::picture::Picture;
use super::result::{Delivered, Failure, Latency, Run};
use super::settings::{Settings, Subject};
use super::subject::{Standing, last_line};
use crate::check::{self, Options as CheckOptions};
use crate::client::Client;
use crate::record::Snapshot;

/// How often somebody looks whether a run still lives.
const POLL_INTERVAL: Duration = Duration::from_millis(20);
/// How long clients may take to connect before they receive their input.
const CONNECT: Duration = Duration::from_secs(10);
/// As long as an interpreter takes to start.
const START: Duration = Duration::from_secs(2);
/// How long a client may stay after its last number.
const LEAVE: Duration = Duration::from_secs(2);
/// Latency is measured with so many requests a client, or for so long.
const REQUESTS: usize = 1_000;
const REQUESTING: Duration = Duration::from_millis(500);

/// Runs `subject` once and checks the files. They are in `out/SUBJECT/run-NUMBER`, and `run.json`
/// beside them.
///
/// # Errors
/// See [`CompareError`].
pub fn run(
    settings: &Settings,
    subject: &Subject,
    number: u64,
    out: &Path,
) -> Result<Run, CompareError> {
    let folder = out.join(Settings::folder(subject, number));
    make_folder(&folder)?;
    let seed = settings.seed.wrapping_add(number - 1);
    let mut run = Run::new(settings, subject, number, seed);
    run.began = humantime::format_rfc3339_seconds(SystemTime::now()).to_string();
    match subject.start(settings, seed, &folder)? {
        Ok(mut standing) => {
            let load = load(settings, &mut standing, &folder)?;
            run.seconds = load.time.map(|time| time.as_secs_f64());
            run.failure = load.failure;
            run.overlapped = match load.overlapped {
                Overlap::Whole => Some(true),
                Overlap::Partly => Some(false),
                Overlap::Late => None,
            };
            run.clients = load.clients;
            let mut latencies = load.latencies;
            let theirs = matches!(subject, Subject::Server(_));
            // On somebody's own server the same one has to do; ours gets a fresh one, because what is
            // drawn there is in no file.
            let measure = latencies.is_empty() && settings.client.is_none();
            if theirs && measure && run.failure.is_none() {
                latencies = latency(standing.address(), settings);
            }
            run.set_server(standing.end().as_ref());
            if !theirs
                && measure
                && let Ok(fresh) = subject.start(settings, seed, &folder)?
            {
                latencies = latency(fresh.address(), settings);
                fresh.end();
            }
            run.latency = Latency::of(latencies);
        }
        Err(failure) => run.failure = Some(failure),
    }
    if !run.clients.is_empty() {
        check_files(settings, &folder, &mut run)?;
    }
    let json = serde_json::to_string_pretty(&run).map_err(io::Error::other)?;
    let path = folder.join("run.json");
    fs::write(&path, json + "\n").map_err(|error| CompareError::write(&path, error))?;
    if settings.is_stopped() {
        return Err(CompareError::Stopped);
    }
    Ok(run)
}

fn make_folder(folder: &Path) -> Result<(), CompareError> {
    if let Some(above) = folder.parent() {
        fs::create_dir_all(above).map_err(|error| CompareError::write(above, error))?;
    }
    match fs::create_dir(folder) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            Err(CompareError::NotEmpty(folder.display().to_string()))
        }
        made => made.map_err(|error| CompareError::write(folder, error)),
    }
}

/// Whether the clients draw at the same time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overlap {
    /// All were connected before any of them received its input.
    Whole,
    /// Some were not.
    Partly,
    /// None was, though all ran: such a client connects only when it draws, and what it does is not seen.
    Late,
}

/// What comes of letting clients loose on a server.
struct Load {
    /// From the input to the last number of the last client.
    time: Option<Duration>,
    failure: Option<Failure>,
    overlapped: Overlap,
    clients: Vec<Delivered>,
    latencies: Vec<u64>,
}

fn load(settings: &Settings, standing: &mut Standing, folder: &Path) -> Result<Load, CompareError> {
    let mut ready = get_ready(settings, standing.address(), folder)?;
    let overlapped = all_connected(settings, standing, &mut ready)?;
    let barrier = Arc::new(Barrier::new(ready.len() + 1));
    let (done, told) = mpsc::channel();
    // Should one fail to start, those before it wait at the barrier for ever; but then the machine
    // has no threads left, and the program ends.
    let mut running = ready
        .into_iter()
        .enumerate()
        .map(|(index, ready)| ready.let_go(settings, index, &barrier, &done))
        .collect::<io::Result<Vec<Running>>>()?;
    barrier.wait();
    let watched = watch(settings, standing, &mut running, &told);
    let sold_out = match standing {
        Standing::Ours(server) => server.host().snapshot().sold_out,
        Standing::Theirs(_) => false,
    };
    let mut load = Load {
        time: None,
        failure: watched.failure,
        overlapped,
        clients: Vec::new(),
        latencies: Vec::new(),
    };
    let (mut begun, mut last) = (None, None);
    for (index, client) in running.iter_mut().enumerate() {
        let end = client.end(settings.draws, watched.hung[index], sold_out);
        let name = format!("client-{}", index + 1);
        let note = if end.is_complete() {
            None
        } else {
            last_line(&folder.join(format!("{name}.log"))).unwrap_or_default()
        };
        load.clients.push(Delivered {
            file: format!("{name}.txt"),
            numbers: client.came(),
            end,
            note,
        });
        if let Some(done) = &mut client.done {
            begun = begun.into_iter().chain([done.begun]).min();
            last = last.max(done.last);
            load.latencies.append(&mut done.latencies);
        }
    }
    load.time = begun
        .zip(last)
        .map(|(begun, last)| last.saturating_duration_since(begun));
    // A server may fall with its last client, a moment after its connections.
    if load.failure.is_none() && load.clients.iter().any(|client| !client.end.is_complete()) {
        load.failure = crashed_soon(standing);
    }
    if load.failure.is_none() && matches!(standing, Standing::Theirs(_)) {
        load.failure = Failure::of_clients(&load.clients, standing.last_words());
    }
    Ok(load)
}

/// A process that breaks its connections is often not yet gone when that is noticed.
fn crashed_soon(standing: &mut Standing) -> Option<Failure> {
    if let Standing::Ours(_) = standing {
        return None;
    }
    let begun = Instant::now();
    loop {
        let failure = standing.crashed();
        if failure.is_some() || begun.elapsed() > Duration::from_millis(500) {
            return failure;
        }
        thread::sleep(POLL_INTERVAL);
    }
}

fn get_ready(
    settings: &Settings,
    address: SocketAddr,
    folder: &Path,
) -> Result<Vec<Ready>, CompareError> {
    (1..=settings.clients)
        .map(|client| {
            let file = |ending| {
                clients::file(folder, client, ending)
                    .map_err(|(path, error)| CompareError::write(&path, error))
            };
            let output = file("txt")?;
            match &settings.client {
                None => Ok(Ready::built_in(address, settings.course, output)),
                Some(command) => {
                    let notes = file("log")?;
                    Ok(Ready::command(command, address, output, notes)?)
                }
            }
        })
        .collect()
}

/// Waits until every client is connected, so that they overlap.
fn all_connected(
    settings: &Settings,
    standing: &mut Standing,
    ready: &mut [Ready],
) -> Result<Overlap, CompareError> {
    let begun = Instant::now();
    let patience = if settings.connects_late.load(Relaxed) {
        // Known from the run before.
        START
    } else {
        CONNECT.min(settings.timeout)
    };
    let all = |gone: usize| {
        if gone == 0 {
            Overlap::Whole
        } else {
            Overlap::Partly
        }
    };
    loop {
        if settings.is_stopped() {
            return Err(CompareError::Stopped);
        }
        let gone = ready
            .iter_mut()
            .filter_map(|one| one.is_gone().then_some(()))
            .count();
        let waited = begun.elapsed();
        match standing.connected() {
            Some(connected) if connected >= ready.len() => return Ok(Overlap::Whole),
            // A built-in client is connected when it says so.
            None if settings.client.is_none() => return Ok(all(gone)),
            // The system does not say.
            None if waited > START => return Ok(all(gone)),
            _ if gone > 0 && connected_but(standing, gone, ready.len()) => {
                return Ok(Overlap::Partly);
            }
            Some(0) if waited > patience && gone == 0 && settings.client.is_some() => {
                settings.connects_late.store(true, Relaxed);
                return Ok(Overlap::Late);
            }
            _ if waited > patience || standing.crashed().is_some() => return Ok(Overlap::Partly),
            _ => thread::sleep(Duration::from_millis(2)),
        }
    }
}

/// Whether all but those that are gone are connected.
fn connected_but(standing: &Standing, gone: usize, all: usize) -> bool {
    standing
        .connected()
        .is_some_and(|connected| connected + gone >= all)
}

/// How a run went, seen from outside.
struct Watched {
    failure: Option<Failure>,
    /// Which clients were cut because nothing came any more.
    hung: Vec<bool>,
}

/// Waits until all clients are done. When nothing at all has come for the time allowed, or the server
/// has crashed, those that are left are cut.
fn watch(
    settings: &Settings,
    standing: &mut Standing,
    running: &mut [Running],
    told: &mpsc::Receiver<(usize, clients::Done)>,
) -> Watched {
    let mut watched = Watched {
        failure: None,
        hung: vec![false; running.len()],
    };
    let mut sign = ((0, 0), Instant::now());
    let mut delivered: Vec<Option<Instant>> = vec![None; running.len()];
    let mut cut_at = None;
    while running.iter().any(|client| client.done.is_none()) {
        if let Ok((index, done)) = told.recv_timeout(POLL_INTERVAL) {
            running[index].done = Some(done);
            continue;
        }
        let now = Instant::now();
        let came = running.iter().map(Running::came).sum::<u64>();
        // The server is asked only when no client brings anything: a question costs it time. (Python
        // keeps back some thousand numbers before it writes any to a file.)
        let life = if came == sign.0.0 {
            (came, standing.draws())
        } else {
            (came, sign.0.1)
        };
        if life != sign.0 {
            sign = (life, now);
        }
        for (client, delivered) in running.iter_mut().zip(&mut delivered) {
            // It has all it was asked for, and does not leave by itself.
            if client.done.is_none() && client.came() >= settings.draws {
                let since = *delivered.get_or_insert(now);
                if now.duration_since(since) > LEAVE {
                    client.cut();
                }
            }
        }
        if let Some(cut_at) = cut_at {
            if now.duration_since(cut_at) > CONNECT {
                // A process that cannot be killed: it stays behind, named as hung.
                break;
            }
            continue;
        }
        let crashed = standing.crashed();
        let silent = now.duration_since(sign.1) > settings.timeout;
        if silent || crashed.is_some() || settings.is_stopped() {
            cut_at = Some(now);
            for (client, hung) in running.iter_mut().zip(&mut watched.hung) {
                if client.done.is_none() {
                    *hung = silent && crashed.is_none();
                    client.cut();
                }
            }
            watched.failure = crashed;
        }
    }
    watched
}

/// How long a request of one number takes, all clients asking at once.
fn latency(address: SocketAddr, settings: &Settings) -> Vec<u64> {
    let clients: Result<Vec<Client>, _> = (0..settings.clients)
        .map(|_| Client::connect(address, settings.course))
        .collect();
    // A server that takes no more clients: then there is no such figure.
    let Ok(clients) = clients else {
        return Vec::new();
    };
    let streams: Vec<_> = clients.iter().map(Client::stream).collect();
    for stream in &streams {
        // No answer at all must not hold up the comparison.
        _ = stream.set_read_timeout(Some(settings.timeout));
    }
    let barrier = Barrier::new(clients.len());
    thread::scope(|scope| {
        let threads: Vec<_> = clients
            .into_iter()
            .map(|mut client| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    time_requests(&mut client, REQUESTS, REQUESTING)
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap_or_default())
            .collect()
    })
}

fn check_files(settings: &Settings, folder: &Path, run: &mut Run) -> Result<(), CompareError> {
    let options = CheckOptions {
        size: run.size,
        reading: settings.reading.clone(),
        ..CheckOptions::default()
    };
    let found = check::find_runs(&[PathBuf::from(folder)])?;
    for files in found {
        let report = files.check(&options, &mut |_| {})?;
        run.take_report(&report, folder);
        if settings.picture {
            run.picture = Some(Picture::take(&files, &report, folder, &settings.reading)?);
        }
    }
    Ok(())
}

impl Run {
    /// Takes over what our own server counted.
    pub(super) fn set_server(&mut self, snapshot: Option<&Snapshot>) {
        if let Some(snapshot) = snapshot {
            self.server = Some(snapshot.sums);
            self.window = Some(snapshot.window);
            self.sold_out = snapshot.sold_out;
        }
    }
}
