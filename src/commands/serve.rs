//! `lootbox serve`.

use std::fs;
use std::io::{self, IsTerminal, Read, Write};
use std::panic::{self, AssertUnwindSafe};
use std::path::PathBuf;
use std::process::{self, ExitCode};
use std::sync::atomic::{AtomicBool, Ordering::Relaxed};
use std::sync::{Arc, Once, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use clap::Args;
use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use tracing_subscriber::EnvFilter;

use super::{FINE, explore};
use crate::dashboard::app::Exit;
use crate::dashboard::{self, Look, Target, terminal};
use crate::draw::gallery::{Answer, Attempt, GALLERY};
use crate::draw::notation::parse_program;
use crate::draw::{Grain, Window};
use crate::lootbox::list::{LONGEST, List};
use crate::lootbox::{Setting, Source};
use crate::protocol::Speak;
use crate::record::{SessionRow, Snapshot, State};
use crate::schedule::{Rules, Schedule};
use crate::server::limits::Limits;
use crate::server::{Config, Control, Host, Scheduled, Server, SoldOut};

/// After a signal the process is gone by then, whatever a client, a terminal or a pipe does.
const LATEST_EXIT: Duration = Duration::from_millis(1_900);
/// Of so many duplicates one is looked for that can be replayed, in so few letters that it can be read.
const TRIED: usize = 3;
const READABLE: usize = 200;
/// Between two lines of the log when nobody watches.
const SPARSE: Duration = Duration::from_mins(1);

/// Run the server, with bots if you like.
///
/// Its first line on standard output says where it listens and everything needed to repeat the run.
/// Connect with `nc`, `telnet`, client.py or `lootbox client`, and say `draw 5`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Options {
    /// Where to listen: 0.0.0.0:7777 for the whole network, `[::1]:7777` for IPv6, port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:7777", value_name = "ADDRESS:PORT")]
    pub listen: String,
    /// What one draw does: lock, read, write, unlock; or one atomic add; or a read and then a write
    /// with nothing to keep others out. Or an answer that looks right: late-atomic, small-lock,
    /// wrong-lock, early-unlock, and one that is, cas (see lootbox explore)
    #[arg(
        long,
        default_value = "lock",
        value_name = "lock|atomic|unsafe-race|..."
    )]
    pub mode: String,
    /// A draw of your own, as in 'load window store'
    #[arg(long, conflicts_with = "mode", value_name = "OPERATIONS")]
    pub program: Option<String>,
    /// What happens between the read and the write: none, reply, yield, spin:DUR, sleep:DUR as in
    /// sleep:5ms [default: reply for unsafe-race and for wrong answers, else none]
    #[arg(long)]
    pub window: Option<Window>,
    /// Run the draws in this order: a letter is one operation of that client's draw, as in
    /// AAAABAABAABB. Who draws first is A, the next B; `name B` takes a letter before. At the end it is
    /// shown step by step
    #[arg(long, value_name = "SCHEDULE")]
    pub schedule: Option<Schedule>,
    /// After the last letter draws run on freely [default: they get an error]
    #[arg(long, requires = "schedule")]
    pub then_free: bool,
    /// How long a letter waits for its client's next request while another client waits
    #[arg(long, default_value = "10s", value_name = "DUR", requires = "schedule", value_parser = timeout)]
    pub step_timeout: Duration,
    /// How much one draw hands out, and with it how long the lock is held: one number, or all that a
    /// request asks for
    #[arg(long, default_value = "number")]
    pub grain: Grain,
    /// How many numbers the list has: 1..=SIZE, shuffled
    #[arg(long, default_value_t = 100_000, value_parser = clap::value_parser!(u64).range(1..=LONGEST))]
    pub size: u64,
    /// Shuffle the same list again [default: a new one each time, printed]
    #[arg(long)]
    pub seed: Option<u64>,
    /// Take this list instead: numbers with commas between them, or @FILE
    #[arg(long, conflicts_with_all = ["size", "seed"], value_name = "5,19,228|@FILE")]
    pub list: Option<String>,
    /// At the end of the list: stop handing out, or begin a new round (which closes all connections)
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    pub sold_out: SoldOut,
    /// Clients inside the server itself, over real loopback TCP
    #[arg(long, default_value_t = 0, value_name = "COUNT", value_parser = clap::value_parser!(u64).range(0..=crate::server::bots::MOST))]
    pub bots: u64,
    /// Numbers a second that each bot draws
    #[arg(long, default_value_t = 20, value_name = "RATE", value_parser = clap::value_parser!(u64).range(1..=crate::server::bots::FASTEST))]
    pub bot_rate: u64,
    /// How clients ask and are answered: found out for each, or the same for all
    #[arg(long, default_value = "auto")]
    pub dialect: Speak,
    /// How the dashboard looks.
    #[command(flatten)]
    pub look: super::dashboard::LookOptions,
    /// Go on serving when the dashboard's terminal goes away
    #[arg(long)]
    pub keep_serving: bool,
    /// No dashboard: a status line on a terminal, sparse log lines otherwise
    #[arg(long)]
    pub headless: bool,
    /// Where the control socket is [default: `$XDG_RUNTIME_DIR/lootbox/PORT.sock`, or a directory of
    /// your own under the temporary directory]
    #[arg(long, value_name = "PATH")]
    pub control: Option<PathBuf>,
    /// Let the members of this group use the control socket too
    #[arg(long, value_name = "NAME")]
    pub control_group: Option<String>,
    /// How many clients may be connected at once
    #[arg(long, default_value_t = 1_024, value_name = "COUNT", value_parser = clap::builder::RangedU64ValueParser::<usize>::new().range(1..=100_000))]
    pub max_clients: usize,
    /// How long a request line may take from its first byte to its end
    #[arg(long, default_value = "10s", value_name = "DUR", value_parser = timeout)]
    pub line_timeout: Duration,
    /// How long a client may be silent
    #[arg(long, default_value = "10m", value_name = "DUR", value_parser = timeout)]
    pub idle_timeout: Duration,
    /// How long a client may take to receive what is sent to it
    #[arg(long, default_value = "5s", value_name = "DUR", value_parser = timeout)]
    pub write_timeout: Duration,
    /// At the end, print the sums as JSON
    #[arg(long)]
    pub json: bool,
}

fn timeout(text: &str) -> Result<Duration, String> {
    match humantime::parse_duration(text) {
        Ok(time) if time >= Duration::from_millis(10) => Ok(time),
        Ok(_) => Err("at least 10ms".into()),
        Err(error) => Err(format!("{error}: write 500ms, 10s, 5m")),
    }
}

impl Options {
    fn config(self) -> anyhow::Result<Config> {
        if self.bots > self.max_clients as u64 {
            anyhow::bail!(
                "{} bots are more than --max-clients {}: bots are clients like any other",
                self.bots,
                self.max_clients
            );
        }
        if self.schedule.is_some() && self.sold_out == SoldOut::Again {
            anyhow::bail!("--schedule orders the draws of one round: leave --sold-out again");
        }
        let attempt = match &self.program {
            Some(text) => Some(Attempt::own(
                parse_program(text).context("this program cannot run")?,
            )),
            None => Answer::named(&self.mode).map(Attempt::of),
        };
        let mode = match &attempt {
            Some(attempt) => attempt.nearest_mode(),
            None => self.mode.parse().map_err(|error| {
                let names = GALLERY.each_ref().map(|answer| answer.name);
                anyhow::anyhow!("{error}, or of the gallery {}", names.join(", "))
            })?,
        };
        let source = match &self.list {
            Some(list) => {
                let text = match list.strip_prefix('@') {
                    Some(path) => read_list(path)
                        .with_context(|| format!("cannot read the list in {path}"))?,
                    None => list.clone(),
                };
                Source::Given(Arc::new(List::given(&text)?))
            }
            None => Source::Shuffled {
                size: self.size,
                // Short enough to be typed again.
                seed: self
                    .seed
                    .unwrap_or_else(|| u64::from(rand::random::<u32>())),
            },
        };
        Ok(Config {
            listen: self.listen,
            mode,
            attempt,
            window: self.window,
            grain: self.grain,
            source,
            sold_out: self.sold_out,
            bots: self.bots,
            bot_rate: self.bot_rate,
            speak: self.dialect,
            limits: Limits {
                max_clients: self.max_clients,
                line_timeout: self.line_timeout,
                idle_timeout: self.idle_timeout,
                write_timeout: self.write_timeout,
            },
            control: self.control.map_or(Control::Default, Control::At),
            control_group: self.control_group,
            recording: true,
            schedule: self.schedule.map(|schedule| Scheduled {
                schedule,
                rules: Rules {
                    then_free: self.then_free,
                    step_timeout: self.step_timeout,
                },
            }),
        })
    }
}

/// Reads no more than the longest list can have: not all of `/dev/urandom`.
fn read_list(path: &str) -> io::Result<String> {
    let most = LONGEST * 12;
    let mut text = String::new();
    fs::File::open(path)?.take(most).read_to_string(&mut text)?;
    Ok(text)
}

/// Runs the server until a signal or a command stops it.
///
/// # Errors
/// If it cannot start.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let json = options.json;
    let ascii = options.look.ascii;
    let (look, keep_serving) = (options.look.into(), options.keep_serving);
    let schedule = options.schedule.clone();
    let dashboard = !options.headless && opens_dashboard()?;
    let config = options.config()?;
    let _log = log();
    // Before the first line: whoever waits for that may send a signal at once.
    let signals = Signals::new([SIGINT, SIGTERM]).context("cannot listen for signals")?;
    let started = Arc::new(OnceLock::new());
    stop_on_signals(signals, Arc::clone(&started));
    let mut server = Server::start(config)?;
    started.get_or_init(|| Arc::clone(server.host()));
    say_where(&server, schedule.as_ref());
    let order = Arc::new(Order {
        host: Arc::clone(server.host()),
        setting: server.host().setting(),
        json,
        ascii,
        shown: Once::new(),
    });
    if !dashboard && schedule.is_some() {
        let order = Arc::clone(&order);
        thread::Builder::new()
            .name("schedule".into())
            .spawn(move || order.show_at_its_end())
            .context("cannot start the thread that shows the schedule")?;
    }
    if dashboard {
        show_dashboard(&server, look, keep_serving)?;
    }
    let host = Arc::clone(server.host());
    thread::Builder::new()
        .name("status".into())
        .spawn(move || report(&host))
        .context("cannot start the status line")?;
    server.wait();
    let snapshot = server.stop();
    if io::stderr().is_terminal() {
        // The status line makes room for the summary.
        _ = io::stderr().write_all(CLEAR_LINE);
    }
    order.show();
    // Nobody may be reading any more, and that is no error.
    let mut out = io::stdout().lock();
    _ = summarize(&snapshot, json, &mut out);
    if !json && let Some(line) = replays(&snapshot, server.host()) {
        _ = writeln!(out, "{line}");
    }
    Ok(FINE.into())
}

/// What the schedule did, shown once: at its end, or at the server's if that is sooner or a dashboard has the
/// terminal.
struct Order {
    host: Arc<Host>,
    /// What was in force while it ran.
    setting: Arc<Setting>,
    json: bool,
    ascii: bool,
    shown: Once,
}

impl Order {
    fn show_at_its_end(&self) {
        if let Some(turnstile) = self.host.turnstile() {
            turnstile.wait_for_end();
            self.show();
        }
    }

    fn show(&self) {
        let Some(turnstile) = self.host.turnstile() else {
            return;
        };
        self.shown.call_once(|| {
            let text = explore::served(
                &self.setting,
                turnstile.schedule(),
                turnstile.run(),
                self.json,
                self.ascii,
            );
            let mut out = io::stdout().lock();
            // Nobody may be reading any more, and that is no error.
            _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
        });
    }
}

/// Whether there is a terminal for a dashboard. One that cannot show it is an error, so that nobody
/// waits for a picture that does not come.
fn opens_dashboard() -> anyhow::Result<bool> {
    match terminal::check() {
        Ok(()) => Ok(true),
        Err(terminal::NoTerminal::None) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Shows the dashboard. When this returns, the server goes on without one, or has been asked to stop.
fn show_dashboard(server: &Server, look: Look, keep_serving: bool) -> anyhow::Result<()> {
    QUIET.store(true, Relaxed);
    let target = Target::Here(Arc::clone(server.host()));
    // It has given the terminal back by then, and said what was wrong.
    let exit = panic::catch_unwind(AssertUnwindSafe(|| dashboard::show(target, look)));
    QUIET.store(false, Relaxed);
    let Ok(exit) = exit else {
        tracing::error!("the dashboard has failed: serving on without it, to be ended with Ctrl-C");
        return Ok(());
    };
    match exit.context("cannot show the dashboard: try --headless")? {
        Exit::Quit => {}
        Exit::HangUp if keep_serving => tracing::info!("the terminal is gone: serving on"),
        Exit::HangUp | Exit::StopServer | Exit::Terminated | Exit::ServerEnded => {
            server.host().request_stop();
        }
    }
    Ok(())
}

/// The first line, always in the same form: scripts wait for it.
fn say_where(server: &Server, schedule: Option<&Schedule>) {
    let snapshot = server.host().snapshot();
    let seed = snapshot
        .seed
        .map_or_else(|| "none".to_owned(), |seed| seed.to_string());
    let program = snapshot
        .program
        .as_ref()
        .map_or_else(String::new, |program| {
            format!(" program={}", program.operations.replace(' ', ","))
        });
    let schedule = schedule.map_or_else(String::new, |order| format!(" schedule={order}"));
    let mut stdout = io::stdout().lock();
    _ = writeln!(
        stdout,
        "listening on {} mode={} window={} grain={} size={} seed={seed}{program}{schedule}",
        snapshot.address,
        snapshot.runs().replace(' ', "-"),
        snapshot.window,
        snapshot.grain,
        snapshot.size,
    );
    _ = stdout.flush();
    if let Some(path) = server.control() {
        tracing::info!(path = %path.display(), "control socket");
    }
}

/// Log lines go to standard error through a thread of their own: a terminal that is stopped with
/// Ctrl-S stops nobody who draws. Lines that do not fit in the queue are dropped.
fn log() -> tracing_appender::non_blocking::WorkerGuard {
    let (writer, guard) = tracing_appender::non_blocking(StandardError {
        terminal: io::stderr().is_terminal(),
    });
    let filter = EnvFilter::try_from_env("LOOTBOX_LOG").unwrap_or_else(|_| EnvFilter::new("info"));
    // A program that runs two servers has one log.
    _ = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(writer)
        .with_ansi(false)
        .with_target(false)
        .try_init();
    guard
}

/// While the dashboard has the terminal, log lines would destroy its picture: they are left out, as
/// the status line is.
static QUIET: AtomicBool = AtomicBool::new(false);

const CLEAR_LINE: &[u8] = b"\r\x1b[K";

/// Standard error, on which a status line may stand.
struct StandardError {
    terminal: bool,
}

impl Write for StandardError {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.terminal && QUIET.load(Relaxed) {
            return Ok(bytes.len());
        }
        let mut stderr = io::stderr().lock();
        if self.terminal {
            stderr.write_all(CLEAR_LINE)?;
        }
        stderr.write_all(bytes)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

/// Stops the server on a signal; before there is one, just leaves: a long list takes a while to shuffle.
fn stop_on_signals(mut signals: Signals, server: Arc<OnceLock<Arc<Host>>>) {
    thread::spawn(move || {
        if signals.forever().next().is_some() {
            if let Some(host) = server.get() {
                host.request_stop();
                thread::sleep(LATEST_EXIT);
            }
            // A summary that nobody takes, a log that is stuck.
            process::exit(FINE.into());
        }
    });
}

/// A status line a second on a terminal, else a log line now and then.
fn report(host: &Host) {
    let terminal = io::stderr().is_terminal();
    let every = if terminal {
        Duration::from_secs(1)
    } else {
        SPARSE
    };
    let mut last = None;
    while !host.wait_for_stop(every) {
        let snapshot = host.snapshot();
        let fields = status(&snapshot);
        if terminal {
            let width = crossterm::terminal::size().map_or(80, |(columns, _)| usize::from(columns));
            // Room for the ^C that the terminal echoes.
            let line = fitting(&fields, width.saturating_sub(4));
            let mut stderr = io::stderr().lock();
            _ = stderr.write_all(CLEAR_LINE);
            _ = stderr.write_all(line.as_bytes());
            _ = stderr.flush();
        } else if last.as_ref() != Some(&snapshot.sums) {
            tracing::info!("{}", fields.join("  "));
            last = Some(snapshot.sums);
        }
    }
}

/// What the status line says, the most important first.
fn status(snapshot: &Snapshot) -> Vec<String> {
    let sums = &snapshot.sums;
    let closed = |session: &&SessionRow| session.state == State::Closed;
    let gone = snapshot.sessions.iter().filter(closed).count();
    let mut fields = vec![
        snapshot.runs().to_uppercase(),
        format!("duplicates {}", sums.duplicates),
        format!("draws {}", sums.draws),
        format!("counter {}/{}", snapshot.counter, snapshot.size),
        format!("lost {}", sums.lost_updates),
        format!("{} draws/s", snapshot.draws_per_second),
        format!("clients {}", snapshot.sessions.len() - gone),
        format!("window {}", snapshot.window),
    ];
    if snapshot.paused {
        fields.insert(1, "PAUSED".into());
    }
    if snapshot.round > 1 {
        fields.push(format!("round {}", snapshot.round));
    }
    fields
}

/// As many whole fields as fit: half a number would be a wrong one.
fn fitting(fields: &[String], width: usize) -> String {
    let mut line = String::new();
    for field in fields {
        let gap = if line.is_empty() { 0 } else { 2 };
        if line.len() + gap + field.len() > width {
            break;
        }
        line.extend(std::iter::repeat_n(' ', gap));
        line += field;
    }
    line
}

/// How the newest duplicate that can be is replayed, in one line.
fn replays(snapshot: &Snapshot, host: &Host) -> Option<String> {
    let mut newest = snapshot.duplicate_list.iter().rev().take(TRIED);
    newest.find_map(|duplicate| {
        let witness = host.witness(duplicate.ticket).ok()?;
        let fits = witness.schedule.len() <= READABLE;
        fits.then(|| format!("witness of {}: {}", duplicate.number, witness.command))
    })
}

fn summarize(snapshot: &Snapshot, json: bool, out: &mut dyn Write) -> io::Result<()> {
    if json {
        serde_json::to_writer(&mut *out, snapshot)?;
        return writeln!(out);
    }
    writeln!(
        out,
        "in the end mode {}, window {}, grain {}, round {}: counter {} of {}",
        snapshot.runs(),
        snapshot.window,
        snapshot.grain,
        snapshot.round,
        snapshot.counter,
        snapshot.size
    )?;
    writeln!(out, "{}", snapshot.sums)?;
    if snapshot.round > 1 {
        writeln!(
            out,
            "all {} rounds: {}",
            snapshot.round,
            snapshot.all_rounds()
        )?;
    }
    for row in snapshot.sessions.iter().filter(|row| row.draws > 0) {
        let name = row.name.as_ref().map_or(String::new(), |name| {
            format!("  {}", crate::protocol::escaped(name.as_bytes()))
        });
        writeln!(
            out,
            "{:>4}  draws {:<8} in {} duplicates  {}{name}",
            row.letter.as_deref().unwrap_or(""),
            row.draws,
            row.duplicates,
            row.address,
        )?;
    }
    if snapshot.sessions_left_out > 0 {
        writeln!(
            out,
            "      and {} more sessions",
            snapshot.sessions_left_out
        )?;
    }
    Ok(())
}
