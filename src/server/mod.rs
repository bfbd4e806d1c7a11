//! The server: real sockets, one thread a client.
//!
//! In the order of a client's life:
//! - [`config`]: what a server is started with
//! - [`accept`]: lets clients in, within [`limits`] and the `room` that the system's leave
//! - [`connection`]: what the server shares of it
//! - [`session`]: reads requests, draws, answers through an [`outbox`]
//! - [`idle`]: ends it when its client says nothing any more
//! - [`bots`]: clients inside this process, over real loopback TCP
//! - [`control`]: snapshots out and [`command`]s in, over a Unix [`socket`] in one of these [`places`], for `operators`

pub(crate) mod accept;
pub mod bots;
pub mod command;
pub(crate) mod config;
pub(crate) mod connection;
pub mod control;
pub(crate) mod hang_up;
pub(crate) mod idle;
pub mod limits;
mod operators;
pub(crate) mod outbox;
pub(crate) mod places;
mod room;
mod seldom;
pub(crate) mod session;
pub(crate) mod socket;
mod threads;

use std::io;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering::SeqCst;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use nix::sys::socket::Backlog;
use parking_lot::{Condvar, Mutex};

use crate::draw::Grain;
use crate::draws::{Model, ModelError, Turnstile};
use crate::lootbox::turns::Turns;
use crate::lootbox::{Lootbox, Setting};
use crate::record::{Snapshot, State};
use crate::trace::{self, Told};
use accept::Sessions;
use bots::Bots;
use command::Command;
pub use config::{Config, Control, Scheduled, SoldOut, StartError};
use idle::IdleClients;
use limits::Limits;
use operators::Operators;
use room::Room;
use socket::ControlSocket;
use threads::OfTheSystem;

/// How often the sums are done and a list that is sold out is noticed.
const TICK: Duration = Duration::from_millis(250);
/// For so many of these (5 s) bots alone leave a list sold out before a new round begins: its sums are to be read.
const SHOWN: u32 = 20;
/// How long a stop waits for sessions to end by themselves, and then for those that were cut.
const SESSIONS_END_TIMEOUT: Duration = Duration::from_millis(600);

/// A running server, as its control socket and its dashboard see it.
pub struct Host {
    /// Where it listens.
    pub address: SocketAddr,
    lootbox: Arc<Lootbox>,
    turnstile: Option<Arc<Turnstile>>,
    bots: Bots,
    sessions: Arc<Sessions>,
    sold_out: SoldOut,
    /// Set when somebody wants it to stop.
    stop: Mutex<bool>,
    stopped: Condvar,
}

impl Host {
    /// The server at this moment.
    #[must_use]
    pub fn snapshot(&self) -> Snapshot {
        Snapshot {
            address: self.address.to_string(),
            bots: self.bots.count(),
            bot_rate: self.bots.rate(),
            ..self.lootbox.snapshot()
        }
    }

    /// Carries out a command. When this returns, it is in force.
    ///
    /// # Errors
    /// Why it was not carried out, for a person to read.
    pub fn command(&self, command: Command) -> Result<(), String> {
        let change = match command {
            Command::Mode { to } => self.lootbox.set_program(to),
            Command::Gallery { to } => self.lootbox.set_program(to),
            Command::Window { to } => self.lootbox.set_window(to),
            Command::Grain { to } => self.lootbox.set_grain(to),
            Command::Reset { seed } => self.lootbox.new_round(seed),
            Command::Pause {} => self.lootbox.pause(),
            Command::Resume {} => {
                self.lootbox.resume();
                Ok(())
            }
            Command::Bots { to, rate } => return self.set_bots(to, rate),
            Command::Stop {} => {
                self.request_stop();
                Ok(())
            }
        };
        change.map_err(|error| error.to_string())?;
        if let Ok(command) = serde_json::to_string(&command) {
            tracing::info!("done: {command}");
        }
        Ok(())
    }

    /// Has so many bots, if the system's limits leave room for both ends of each.
    fn set_bots(&self, to: Option<u64>, rate: Option<u64>) -> Result<(), String> {
        let Some(to) = to else {
            return self.bots.set(to, rate);
        };
        let room = &self.sessions.room;
        let bots = usize::try_from(to).unwrap_or(usize::MAX);
        if bots.saturating_mul(2) > room.clients && to <= bots::MAX_BOTS {
            return Err(format!(
                "{to} bots are two threads and two open files each, and there is room for {} of either: the limit is {}",
                room.clients, room.limit
            ));
        }
        // Before they connect, and after the last one too many has gone.
        self.sessions.bots.fetch_max(bots, SeqCst);
        let result = self.bots.set(Some(to), rate);
        let now = usize::try_from(self.bots.count()).unwrap_or(usize::MAX);
        self.sessions.bots.store(now, SeqCst);
        result
    }

    /// What lets the draws' operations through one at a time, if there is a schedule.
    #[must_use]
    pub fn turnstile(&self) -> Option<&Arc<Turnstile>> {
        self.turnstile.as_ref()
    }

    /// What the draws run on now.
    #[must_use]
    pub fn setting(&self) -> Arc<Setting> {
        self.lootbox.setting()
    }

    /// How the number of `ticket` came to be handed out in this round, and for a duplicate the order that replays
    /// it.
    ///
    /// # Errors
    /// If nobody has got the ticket, for a person to read.
    pub fn story(&self, ticket: u64) -> Result<Told, String> {
        trace::tell(ticket, &self.lootbox.recorded(ticket))
            .ok_or_else(|| format!("nobody has got ticket {ticket} in this round"))
    }

    /// Asks the server to stop; [`Server::wait`] returns.
    pub fn request_stop(&self) {
        *self.stop.lock() = true;
        self.stopped.notify_all();
    }

    /// Whether the server is stopping.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        *self.stop.lock()
    }

    /// Waits that long, or until the server is asked to stop; says whether it is.
    pub fn wait_for_stop(&self, time: Duration) -> bool {
        let mut stop = self.stop.lock();
        if !*stop {
            self.stopped.wait_for(&mut stop, time);
        }
        *stop
    }

    fn do_the_sums(&self) {
        let mut sold_out = 0;
        while !self.wait_for_stop(TICK) {
            self.lootbox.tick();
            sold_out = if self.lootbox.is_sold_out() {
                sold_out + 1
            } else {
                0
            };
            let again = match self.sold_out {
                SoldOut::Stop => false,
                SoldOut::Again => sold_out > 0,
                SoldOut::Bots => sold_out > SHOWN && self.has_bots_alone(),
            };
            if again {
                let round = self.lootbox.setting().round.number;
                let sums = self.lootbox.snapshot().sums;
                tracing::info!("round {round} is sold out: {sums}; a new one begins");
                if let Err(error) = self.lootbox.new_round(None) {
                    tracing::error!(%error, "no new round");
                }
            }
        }
    }

    /// Whether there are clients, and all of them are bots.
    fn has_bots_alone(&self) -> bool {
        let snapshot = self.lootbox.snapshot();
        // The connected ones stand first.
        let connected = snapshot
            .sessions
            .iter()
            .take_while(|session| session.state != State::Closed);
        let count = connected.clone().count();
        let all_listed = count < snapshot.sessions.len() || snapshot.sessions_left_out == 0;
        count > 0 && all_listed && { connected }.all(|session| self.bots.has(&session.address))
    }

    fn end_idle_clients(&self, clients: &IdleClients) {
        while !self.wait_for_stop(clients.interval()) {
            clients.look(Instant::now());
        }
    }
}

/// The turnstile before this loot box's memory, for the sessions that are expected.
fn turnstile(lootbox: &Lootbox, scheduled: &Scheduled) -> Result<Turnstile, ModelError> {
    let setting = lootbox.setting();
    let sessions = match scheduled {
        Scheduled::By { schedule, .. } => {
            schedule.sessions().max().map_or(1, |highest| highest + 1)
        }
        // A race takes two; more may come.
        Scheduled::ByHand => 2,
    };
    let program = &setting.runs.program;
    let model = Model::new(
        &program.operations,
        program.mutexes,
        // How often each draws is up to it.
        &vec![1; sessions],
        setting.round.list.size(),
        0,
    )?;
    Ok(match scheduled {
        Scheduled::By { schedule, rules } => Turnstile::new(&model, schedule, *rules),
        Scheduled::ByHand => Turnstile::by_hand(&model),
    })
}

/// Says for how many clients there is room, and what decided it.
fn say_how_many(sessions: &Sessions, asked: usize) {
    let most = sessions.most();
    let limit = &sessions.room.limit;
    if most < asked && asked != Limits::USUAL_MAX_CLIENTS {
        tracing::warn!("at most {most} clients at once, not {asked}: there are {limit}");
    } else if most == asked {
        tracing::info!("at most {most} clients at once");
    } else {
        tracing::info!("at most {most} clients at once: there are {limit}");
    }
}

/// A running server. Dropping it stops it.
pub struct Server {
    host: Arc<Host>,
    control: Option<ControlSocket>,
    /// Closing it ends the accepting threads.
    stop: Option<[UnixStream; 2]>,
    threads: Vec<JoinHandle<()>>,
    sessions: Arc<Sessions>,
    final_snapshot: Option<Snapshot>,
}

impl Server {
    /// Starts a server: when this returns, it listens.
    ///
    /// # Errors
    /// See [`StartError`].
    pub fn start(config: Config) -> Result<Self, StartError> {
        let Config {
            program,
            window,
            grain,
            source,
            ..
        } = config;
        let lootbox = if config.recording {
            Lootbox::new(source, program, window, grain)
        } else {
            Lootbox::without_recording(source, program, window, grain)
        };
        let mut lootbox = lootbox?;
        let turnstile = match &config.schedule {
            None => None,
            Some(_) if grain == Grain::Request => return Err(StartError::GrainOfSchedule),
            Some(scheduled) => Some(Arc::new(turnstile(&lootbox, scheduled)?)),
        };
        if let Some(turnstile) = &turnstile {
            lootbox = lootbox.by_turns(Arc::clone(turnstile) as Arc<dyn Turns>);
        }
        let lootbox = Arc::new(lootbox);
        limits::raise_open_files();
        let listener = TcpListener::bind(&config.listen).map_err(|error| StartError::Listen {
            address: config.listen.clone(),
            error,
        })?;
        // A client that is gone before it is accepted must not block the accepting thread.
        listener.set_nonblocking(true)?;
        // A class presses Enter together: with the standard library's 128 in the queue the others would try again a
        // second later.
        nix::sys::socket::listen(&listener, Backlog::MAXCONN).map_err(io::Error::from)?;
        let address = listener.local_addr()?;
        let group = config.control_group.as_deref();
        let control = match &config.control {
            Control::None => None,
            Control::At(path) => Some(ControlSocket::bind(Some(path), address.port(), group)?),
            Control::Default => match ControlSocket::bind(None, address.port(), group) {
                Ok(socket) => Some(socket),
                // Whoever asks for a group asks for a control socket.
                Err(error) if group.is_some() => return Err(error.into()),
                Err(error) => {
                    tracing::warn!(%error, "no control socket: no dashboard can attach");
                    None
                }
            },
        };
        let room = Room::now();
        let asked = config.limits.max_clients;
        let sessions = Arc::new(Sessions::new(
            Arc::clone(&lootbox),
            config.limits,
            config.speak,
            room,
            Box::new(OfTheSystem),
        ));
        say_how_many(&sessions, asked);
        let host = Arc::new(Host {
            address,
            bots: Bots::new(address, config.bot_rate),
            sessions: Arc::clone(&sessions),
            sold_out: config.sold_out,
            stop: Mutex::new(false),
            stopped: Condvar::new(),
            lootbox,
            turnstile,
        });
        let mut server = Self {
            host,
            control,
            stop: None,
            threads: Vec::new(),
            sessions,
            final_snapshot: None,
        };
        server.start_threads(listener)?;
        server
            .host
            .set_bots(Some(config.bots), None)
            .map_err(|error| StartError::System(io::Error::other(error)))?;
        Ok(server)
    }

    fn start_threads(&mut self, listener: TcpListener) -> Result<(), StartError> {
        let (stop, stop_accepting) = UnixStream::pair()?;
        let (stop_control, stop_controlling) = UnixStream::pair()?;
        self.stop = Some([stop, stop_control]);
        let host = Arc::clone(&self.host);
        self.threads.push(
            thread::Builder::new()
                .name("sums".into())
                .spawn(move || host.do_the_sums())?,
        );
        let host = Arc::clone(&self.host);
        let sessions = Arc::clone(&self.sessions);
        self.threads.push(
            thread::Builder::new()
                .name("idle".into())
                .spawn(move || host.end_idle_clients(&sessions.idle))?,
        );
        // The operator's threads first: clients may come the moment they can.
        if let Some(control) = &self.control {
            let listener = control.listener.try_clone()?;
            let operators = Operators::of(&self.host, Box::new(OfTheSystem))?;
            self.threads.push(
                thread::Builder::new()
                    .name("control".into())
                    .spawn(move || operators.accept(&listener, &stop_controlling))?,
            );
        }
        let sessions = Arc::clone(&self.sessions);
        self.threads.push(
            thread::Builder::new()
                .name("accept".into())
                .spawn(move || accept::accept(&listener, &stop_accepting, &sessions))?,
        );
        Ok(())
    }

    /// The running server, as others see it.
    #[must_use]
    pub fn host(&self) -> &Arc<Host> {
        &self.host
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.host.address
    }

    /// Where its control socket is.
    #[must_use]
    pub fn control(&self) -> Option<&Path> {
        self.control.as_ref().map(|control| control.path.as_path())
    }

    /// Waits until somebody wants it to stop.
    pub fn wait(&self) {
        while !self.host.wait_for_stop(Duration::from_hours(1)) {}
    }

    /// Stops: no new clients, draws in flight end, every connection ends, within 2 s. Returns what it
    /// was in the end.
    pub fn stop(&mut self) -> Snapshot {
        if let Some(snapshot) = &self.final_snapshot {
            return snapshot.clone();
        }
        self.host.request_stop();
        self.host.lootbox.stop();
        self.host.bots.stop();
        drop(self.stop.take());
        for thread in self.threads.drain(..) {
            // A thread that panicked has said so.
            _ = thread.join();
        }
        if !self.sessions_end_within(SESSIONS_END_TIMEOUT) {
            self.host.lootbox.cut_all();
            if !self.sessions_end_within(SESSIONS_END_TIMEOUT) {
                tracing::warn!("some sessions did not end in time");
            }
        }
        self.control = None;
        let snapshot = self.host.snapshot();
        self.final_snapshot = Some(snapshot.clone());
        snapshot
    }

    fn sessions_end_within(&self, time: Duration) -> bool {
        let begun = Instant::now();
        while self.sessions.alive.load(SeqCst) > 0 {
            if begun.elapsed() > time {
                return false;
            }
            thread::park_timeout(Duration::from_millis(2));
        }
        true
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.stop();
    }
}
