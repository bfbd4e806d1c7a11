//! A real pseudo-terminal with a program in it, and what it shows.

use std::io::{Read, Write};
use std::num::NonZero;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};

pub const BINARY: &str = env!("CARGO_BIN_EXE_lootbox");
pub const LONG: Duration = Duration::from_secs(30);

pub fn parser(rows: u16, cols: u16) -> vt100::Parser {
    vt100::Parser::new(NonZero::new(rows).unwrap(), NonZero::new(cols).unwrap(), 0)
}

/// A terminal with a program in it, and what it shows.
pub struct Terminal {
    pub master: Option<Box<dyn MasterPty + Send>>,
    pub keys: Option<Box<dyn Write + Send>>,
    pub child: Box<dyn Child + Send + Sync>,
    pub screen: Arc<Mutex<vt100::Parser>>,
    /// Everything that came.
    pub bytes: Arc<AtomicUsize>,
    pub raw: Arc<Mutex<Vec<u8>>>,
    /// While set, nobody takes what the program writes.
    pub stalled: Arc<AtomicBool>,
    /// The line discipline, as text: the pty's crate brings a nix of its own.
    pub before: String,
    /// Set to let go of the terminal's other end.
    pub gone: Arc<AtomicBool>,
    /// It is let go of.
    pub closed: Arc<AtomicBool>,
    /// Nothing more can come: nobody has the terminal open any longer, and all that was written is shown.
    pub drained: Arc<AtomicBool>,
    pub _directory: tempfile::TempDir,
}

impl Terminal {
    /// Runs the binary, by itself or within a shell that does `script` with it as `$0`.
    pub fn run(rows: u16, cols: u16, arguments: &[&str]) -> Self {
        Self::start(rows, cols, None, arguments)
    }

    pub fn start(rows: u16, cols: u16, runtime: Option<&Path>, arguments: &[&str]) -> Self {
        Self::start_in("C.UTF-8", rows, cols, runtime, arguments)
    }

    pub fn start_in(
        locale: &str,
        rows: u16,
        cols: u16,
        runtime: Option<&Path>,
        arguments: &[&str],
    ) -> Self {
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        let pair = native_pty_system().openpty(size).unwrap();
        let directory = tempfile::tempdir().unwrap();
        let mut command = CommandBuilder::new(arguments[0]);
        command.args(&arguments[1..]);
        command.env("TERM", "xterm-256color");
        command.env("LC_ALL", locale);
        command.env("XDG_RUNTIME_DIR", runtime.unwrap_or(directory.path()));
        command.env_remove("NO_COLOR");
        let before = format!("{:?}", pair.master.get_termios());
        let child = pair.slave.spawn_command(command).unwrap();
        drop(pair.slave);
        let screen = Arc::new(Mutex::new(parser(rows, cols)));
        let bytes = Arc::new(AtomicUsize::new(0));
        let raw = Arc::new(Mutex::new(Vec::new()));
        let stalled = Arc::new(AtomicBool::new(false));
        let gone = Arc::new(AtomicBool::new(false));
        let going = Arc::clone(&gone);
        let closed = Arc::new(AtomicBool::new(false));
        let closing = Arc::clone(&closed);
        let drained = Arc::new(AtomicBool::new(false));
        let draining = Arc::clone(&drained);
        let mut reader = pair.master.try_clone_reader().unwrap();
        let (showing, counting, keeping, stopping) = (
            Arc::clone(&screen),
            Arc::clone(&bytes),
            Arc::clone(&raw),
            Arc::clone(&stalled),
        );
        thread::spawn(move || {
            let mut buffer = [0; 4_096];
            loop {
                while stopping.load(SeqCst) {
                    thread::park_timeout(Duration::from_millis(1));
                }
                let Ok(count @ 1..) = reader.read(&mut buffer) else {
                    draining.store(true, SeqCst);
                    return;
                };
                showing.lock().unwrap().process(&buffer[..count]);
                keeping.lock().unwrap().extend_from_slice(&buffer[..count]);
                counting.fetch_add(count, SeqCst);
                if going.load(SeqCst) {
                    drop(reader);
                    closing.store(true, SeqCst);
                    return;
                }
            }
        });
        let keys = pair.master.take_writer().unwrap();
        Self {
            master: Some(pair.master),
            keys: Some(keys),
            child,
            screen,
            bytes,
            raw,
            stalled,
            before,
            gone,
            closed,
            drained,
            _directory: directory,
        }
    }

    pub fn contents(&self) -> String {
        self.screen.lock().unwrap().screen().contents()
    }

    /// Waits until the screen is as wanted.
    pub fn wait(&self, what: &str, wanted: impl Fn(&str) -> bool) -> String {
        let begun = Instant::now();
        loop {
            let contents = self.contents();
            if wanted(&contents) {
                return contents;
            }
            assert!(begun.elapsed() < LONG, "no {what} on screen:\n{contents}");
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    pub fn wait_for(&self, text: &str) -> String {
        self.wait(text, |screen| screen.contains(text))
    }

    pub fn press(&mut self, keys: &str) {
        let writer = self.keys.as_mut().unwrap();
        writer.write_all(keys.as_bytes()).unwrap();
        writer.flush().unwrap();
    }

    pub fn resize(&self, rows: u16, cols: u16) {
        self.screen
            .lock()
            .unwrap()
            .screen_mut()
            .set_size(NonZero::new(rows).unwrap(), NonZero::new(cols).unwrap());
        let size = PtySize {
            rows,
            cols,
            pixel_width: 0,
            pixel_height: 0,
        };
        self.master.as_ref().unwrap().resize(size).unwrap();
    }

    /// Takes nothing more from the program, and has it write until nothing more goes.
    pub fn stall(&mut self) {
        self.stalled.store(true, SeqCst);
        // The help covers the screen and uncovers it: each time some thousand bytes, in all far more than
        // a system keeps for a terminal (64 KiB on Linux).
        for _ in 0..80 {
            self.press("?");
            thread::park_timeout(Duration::from_millis(40));
        }
    }

    pub fn signal(&self, signal: Signal) {
        kill(self.pid(), signal).unwrap();
    }

    pub fn pid(&self) -> Pid {
        Pid::from_raw(self.child.process_id().unwrap().try_into().unwrap())
    }

    /// Waits for the end and says how long it took.
    pub fn end(&mut self) -> (u32, Duration) {
        let begun = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                let took = begun.elapsed();
                self.drain();
                return (status.exit_code(), took);
            }
            assert!(
                begun.elapsed() < LONG,
                "it does not end:\n{}",
                self.contents()
            );
            thread::park_timeout(Duration::from_millis(5));
        }
    }

    /// Waits until all is shown that was written, unless somebody else has the terminal open still.
    fn drain(&self) {
        let begun = Instant::now();
        let done =
            || self.drained.load(SeqCst) || self.closed.load(SeqCst) || self.stalled.load(SeqCst);
        while !done() && begun.elapsed() < Duration::from_secs(5) {
            thread::park_timeout(Duration::from_millis(2));
        }
    }

    /// The terminal is as it was before.
    pub fn assert_as_it_was(&self) {
        let begun = Instant::now();
        loop {
            let parser = self.screen.lock().unwrap();
            let screen = parser.screen();
            if !screen.alternate_screen() && !screen.hide_cursor() {
                break;
            }
            assert!(
                begun.elapsed() < LONG,
                "other screen {}, cursor hidden {}",
                screen.alternate_screen(),
                screen.hide_cursor()
            );
            drop(parser);
            thread::park_timeout(Duration::from_millis(5));
        }
        let after = format!("{:?}", self.master.as_ref().unwrap().get_termios());
        assert_eq!(self.before, after, "the line discipline");
    }

    /// The address of the server in it, from its first line.
    pub fn address(&self) -> String {
        let raw = self.raw.lock().unwrap();
        let text = String::from_utf8_lossy(&raw);
        let address = text.split("listening on ").nth(1).unwrap();
        address.split_whitespace().next().unwrap().to_owned()
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.stalled.store(false, SeqCst);
        // Only ours, and only if it is still there.
        if matches!(self.child.try_wait(), Ok(None)) {
            _ = self.child.kill();
            _ = self.child.wait();
        }
    }
}
