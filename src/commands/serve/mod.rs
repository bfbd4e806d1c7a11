//! `lootbox serve`.

mod log;
mod options;
mod status;

use std::io::{self, IsTerminal, Write};
use std::panic::{self, AssertUnwindSafe};
use std::process::{self, ExitCode};
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::Duration;

use anyhow::Context;
use signal_hook::iterator::Signals;

use super::output::{self, Results};
use super::{FINE, explore, signals};
use crate::dashboard::app::Exit;
use crate::dashboard::{self, Look, Target, terminal};
use crate::draws::Schedule;
use crate::lootbox::Setting;
use crate::record::Snapshot;
use crate::server::{Host, Server};
use log::{CLEAR_LINE, QUIET};
pub use options::Options;
use status::{replays, report, summarize};

/// After a signal the process is gone by then, whatever a client, a terminal or a pipe does.
const LATEST_EXIT: Duration = Duration::from_millis(1_900);

/// Runs the server until a signal or a command stops it.
///
/// # Errors
/// If it cannot start.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    let json = options.json;
    let ascii = options.look.ascii;
    let (look, keep_serving) = (options.look.into(), options.keep_serving);
    let schedule = options.schedule.clone();
    let step = options.step;
    let dashboard = !options.headless && opens_dashboard()?;
    if step && !dashboard {
        anyhow::bail!(
            "--step is by hand and needs a terminal (over SSH: ssh -t): without one, --schedule AABB"
        );
    }
    // Once it is gone, it cannot be told any more that it was one.
    let on_a_terminal = io::stdout().is_terminal();
    let config = options.config()?;
    let _log = log::start();
    // Before the first line: whoever waits for that may send a signal at once.
    let signals = if dashboard {
        signals::listen_beside_a_screen()?
    } else {
        signals::listen()?
    };
    let started = Arc::new(OnceLock::new());
    stop_on_signals(signals, Arc::clone(&started));
    let mut server = Server::start(config)?;
    started.get_or_init(|| Arc::clone(server.host()));
    say_where(&server, schedule.as_ref())?;
    let order = Arc::new(Order {
        host: Arc::clone(server.host()),
        setting: server.host().setting(),
        json,
        ascii,
        by_hand: step,
        shown: OnceLock::new(),
    });
    if !dashboard && schedule.is_some() {
        let order = Arc::clone(&order);
        thread::Builder::new()
            .name("schedule".into())
            .spawn(move || order.show_at_its_end())
            .context("cannot start the thread that shows the schedule")?;
    }
    if dashboard {
        show_dashboard(&server, step, look, keep_serving)?;
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
    match say_the_end(&server, &snapshot, &order, json) {
        // A terminal that has gone away reads no summary, as nobody does behind a closed pipe.
        Err(_) if on_a_terminal => {}
        said => said?,
    }
    Ok(FINE.into())
}

fn say_the_end(server: &Server, snapshot: &Snapshot, order: &Order, json: bool) -> io::Result<()> {
    let mut out = Results::new();
    summarize(snapshot, json, &mut out)?;
    // An order says it better than a witness.
    if !json
        && server.host().turnstile().is_none()
        && let Some(line) = replays(snapshot, |ticket| server.host().story(ticket))
    {
        writeln!(out, "{line}")?;
    }
    out.finish()?;
    order.written()
}

/// What the schedule did, shown once: at its end, or at the server's if that is sooner or a dashboard has the
/// terminal.
struct Order {
    host: Arc<Host>,
    /// What was in force while it ran.
    setting: Arc<Setting>,
    json: bool,
    ascii: bool,
    /// Nobody knows the letters yet.
    by_hand: bool,
    /// How writing it went.
    shown: OnceLock<io::Result<()>>,
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
        self.shown.get_or_init(|| {
            let text = explore::served(
                &self.setting,
                &turnstile.schedule(),
                turnstile.run(),
                self.by_hand,
                self.json,
                self.ascii,
            );
            output::print(text)
        });
    }

    /// Whether it could be written, if it was to be.
    fn written(&self) -> io::Result<()> {
        match self.shown.get() {
            Some(Err(error)) => Err(io::Error::new(error.kind(), error.to_string())),
            Some(Ok(())) | None => Ok(()),
        }
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
fn show_dashboard(
    server: &Server,
    step: bool,
    look: Look,
    keep_serving: bool,
) -> anyhow::Result<()> {
    QUIET.store(true, Relaxed);
    let host = server.host();
    let turnstile = host.turnstile().filter(|_| step);
    let show = || {
        if let Some(turnstile) = turnstile {
            match dashboard::order::served::show(host, turnstile, look)? {
                // The steps are over, and the clients draw on.
                Exit::Quit => {}
                exit => return Ok(exit),
            }
        }
        dashboard::show(Target::Here(Arc::clone(host)), look)
    };
    // It has given the terminal back by then, and said what was wrong.
    let exit = panic::catch_unwind(AssertUnwindSafe(show));
    QUIET.store(false, Relaxed);
    // Nobody is left to grant a letter: whoever serves on serves freely.
    let serves_on = match &exit {
        Ok(Ok(exit)) => *exit == Exit::Quit || *exit == Exit::HangUp && keep_serving,
        Ok(Err(_)) => false,
        Err(_) => true,
    };
    if let Some(turnstile) = turnstile {
        turnstile.end(serves_on);
    }
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
fn say_where(server: &Server, schedule: Option<&Schedule>) -> io::Result<()> {
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
    output::print(format!(
        "listening on {} mode={} window={} grain={} size={} seed={seed}{program}{schedule}\n",
        snapshot.address,
        snapshot.runs().replace(' ', "-"),
        snapshot.window,
        snapshot.grain,
        snapshot.size,
    ))?;
    if let Some(path) = server.control() {
        tracing::info!(path = %path.display(), "control socket");
    }
    Ok(())
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
