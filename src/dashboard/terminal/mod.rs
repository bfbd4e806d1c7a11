//! The terminal: taken over, watched, and given back as it was found.
//!
//! What goes wrong on real terminals, and what is done about it here:
//! - Output stalls: an [`output`] thread writes, nobody waits for it, and giving the terminal back throws
//!   away what is stuck.
//! - The terminal goes away: the [`input`] thread polls it for that, and reads no more.
//! - Signals: a thread turns them into messages, and if nobody acts on one it acts itself.
//! - A panic: a hook gives the terminal back before the message is printed.

pub mod backend;
pub mod input;
pub mod output;

use std::fs::{File, OpenOptions};
use std::io::{self, IsTerminal};
use std::os::unix::fs::OpenOptionsExt;
use std::panic;
use std::process;
use std::sync::Once;
use std::sync::mpsc::Sender;
use std::thread::{self, ThreadId};
use std::time::Duration;

use nix::fcntl::OFlag;
use nix::unistd::{getpgrp, getppid, getsid, ttyname};
use parking_lot::Mutex;
use signal_hook::consts::{SIGCONT, SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGTSTP, SIGWINCH};
use signal_hook::iterator::{Handle, Signals};
use thiserror::Error;

use super::keys::Key;
use output::Output;

/// Takes the screen over: the other screen, empty, no cursor, no mouse.
const ENTER: &[u8] =
    b"\x1b[?1049h\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[0m\x1b[2J\x1b[?25l";
/// Gives it back. The cursor is shown twice: some terminals keep it for each screen.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?1049l\x1b[?25h";
/// After a signal or a hang-up, the terminal is given back by then even if the dashboard hangs.
const LATEST_LEAVE: Duration = Duration::from_millis(400);
/// And the process is gone by then, if it is nothing but a dashboard.
const LATEST_EXIT: Duration = Duration::from_millis(1_500);

/// What the terminal and the system have to say: keys, and signals.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Event {
    /// A key.
    Key(Key),
    /// The terminal has another size.
    Resized,
    /// A signal asks this process to end.
    Terminate,
    /// The terminal is gone.
    HangUp,
    /// A signal asks this process to stop for a while.
    Suspend,
    /// This process goes on after a stop.
    Continued,
    /// This process was to stop, and nobody could continue it.
    NoShell,
}

/// Why there can be no dashboard here.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum NoTerminal {
    /// Over SSH without `-t`, in a pipe, from cron.
    #[error(
        "no terminal here: over SSH use ssh -t, as in ssh -t HOST lootbox dashboard; or lootbox dashboard --once for one picture as text"
    )]
    None,
    /// An editor's shell.
    #[error(
        "TERM=dumb: this terminal cannot show the dashboard: run the server with --headless, and look with lootbox dashboard --once"
    )]
    Dumb,
}

/// Whether a dashboard can be shown.
///
/// # Errors
/// Why not.
pub fn check() -> Result<(), NoTerminal> {
    if !io::stdin().is_terminal() || !io::stdout().is_terminal() {
        return Err(NoTerminal::None);
    }
    if std::env::var_os("TERM").is_some_and(|term| term == "dumb") {
        return Err(NoTerminal::Dumb);
    }
    Ok(())
}

/// The screen that is taken over now, for whoever has to give it back in a hurry.
static TAKEN: Mutex<Option<(Output, ThreadId)>> = Mutex::new(None);

/// The terminal, taken over until it is dropped.
#[derive(Debug)]
pub struct Screen {
    output: Output,
    tty: File,
    signals: Handle,
    input: Option<input::Input>,
}

impl Screen {
    /// Takes the terminal over. Keys and signals come as messages. `alone`: this process is nothing but
    /// a dashboard, so that it may be ended when it hangs.
    ///
    /// # Errors
    /// If the terminal cannot be opened.
    pub fn take<M>(messages: &Sender<M>, alone: bool) -> io::Result<Self>
    where
        M: From<Event> + Send + 'static,
    {
        let tty = open()?;
        let output = Output::start(tty.try_clone()?)?;
        let input = input::Input::start(tty.try_clone()?, messages.clone())?;
        let signals = listen(messages.clone(), alone)?;
        give_back_on_panic();
        let screen = Self {
            output,
            tty,
            signals,
            input: Some(input),
        };
        screen.enter()?;
        Ok(screen)
    }

    fn enter(&self) -> io::Result<()> {
        crossterm::terminal::enable_raw_mode()?;
        *TAKEN.lock() = Some((self.output.clone(), thread::current().id()));
        self.output.send(ENTER.to_vec());
        Ok(())
    }

    /// Where frames go.
    #[must_use]
    pub fn output(&self) -> Output {
        self.output.clone()
    }

    /// Gives the terminal back, stops this process, and takes the terminal again when it goes on. Whether that
    /// was possible: where no shell is, it would stop for ever.
    ///
    /// # Errors
    /// If the terminal is gone meanwhile.
    pub fn suspend(&self) -> io::Result<bool> {
        if !has_shell() {
            return Ok(false);
        }
        give_back();
        _ = signal_hook::low_level::emulate_default_handler(SIGTSTP);
        self.enter()?;
        Ok(true)
    }

    /// Whether the terminal is still there.
    #[must_use]
    pub fn is_there(&self) -> bool {
        !input::is_gone(&self.tty)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        give_back();
        self.signals.close();
        self.input.take();
    }
}

/// Whether somebody can continue this process after a stop: a shell with job control puts its jobs into process
/// groups of their own, in its session. In `ssh -t HOST lootbox dashboard` there is none, and the group is orphaned: a
/// stop would be for ever.
fn has_shell() -> bool {
    let session = getsid(None).ok();
    session.is_some() && session != Some(getpgrp()) && getsid(Some(getppid())).ok() == session
}

/// Gives the terminal back if it is taken. Takes at most about 0.7 s, and may be called by anybody.
fn give_back() {
    let Some((output, _)) = TAKEN.lock().take() else {
        return;
    };
    output.finish(LEAVE);
    _ = crossterm::terminal::disable_raw_mode();
}

/// This terminal, opened once more: non-blocking, without making anybody else's so.
fn open() -> io::Result<File> {
    let path = ttyname(io::stdout()).unwrap_or_else(|_| "/dev/tty".into());
    OpenOptions::new()
        .read(true)
        .write(true)
        .custom_flags((OFlag::O_NONBLOCK | OFlag::O_NOCTTY).bits())
        .open(path)
}

/// The terminal's size, and 80×24 if it does not say.
#[must_use]
pub fn size() -> (u16, u16) {
    match crossterm::terminal::window_size() {
        Ok(size) if size.columns > 0 && size.rows > 0 => (size.columns, size.rows),
        _ => (80, 24),
    }
}

/// Only for a panic of the dashboard itself: a session's panic ends that session and nothing else.
fn give_back_on_panic() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let print = panic::take_hook();
        panic::set_hook(Box::new(move |what| {
            let ours = TAKEN.lock().as_ref().map(|(_, thread)| *thread);
            match ours {
                Some(thread) if thread != thread::current().id() => {
                    tracing::error!("{what}");
                }
                _ => {
                    give_back();
                    print(what);
                }
            }
        }));
    });
}

fn listen<M>(messages: Sender<M>, alone: bool) -> io::Result<Handle>
where
    M: From<Event> + Send + 'static,
{
    let mut signals = Signals::new([SIGTERM, SIGINT, SIGQUIT, SIGHUP, SIGWINCH, SIGTSTP, SIGCONT])?;
    let handle = signals.handle();
    thread::Builder::new()
        .name("dashboard".into())
        .spawn(move || {
            for signal in &mut signals {
                let event = match signal {
                    SIGWINCH => Event::Resized,
                    SIGTSTP => Event::Suspend,
                    SIGCONT => Event::Continued,
                    SIGHUP => Event::HangUp,
                    _ => Event::Terminate,
                };
                let ends = matches!(event, Event::HangUp | Event::Terminate);
                _ = messages.send(event.into());
                if ends {
                    make_sure(alone);
                }
            }
        })?;
    Ok(handle)
}

/// The dashboard is about to end. If it does not, this does it.
pub(super) fn make_sure(alone: bool) {
    _ = thread::Builder::new()
        .name("dashboard".into())
        .spawn(move || {
            thread::sleep(LATEST_LEAVE);
            give_back();
            if alone {
                thread::sleep(LATEST_EXIT);
                process::exit(1);
            }
        });
}
