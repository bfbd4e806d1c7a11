//! Bytes to the terminal, through a thread of their own, because a terminal may stop taking them: a
//! stalled SSH connection, a suspended terminal program. One frame is on its way at a time; while
//! it is, no other is drawn.

use std::fs::File;
use std::io::{self, ErrorKind, Write};
use std::os::fd::AsFd;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::termios::{FlushArg, tcflush};
use parking_lot::{Condvar, Mutex};

/// How long the last frame may take before what is on its way is thrown away.
const LAST_FRAME: Duration = Duration::from_millis(300);
/// How long the last bytes may take.
const LAST_BYTES: Duration = Duration::from_millis(300);

#[derive(Debug, Default)]
struct Slot {
    frame: Option<Vec<u8>>,
    /// The thread is writing.
    busy: bool,
    /// What is being written is not wanted any more.
    abandon: bool,
}

#[derive(Debug)]
struct Shared {
    /// Its own open file, so that nobody else's becomes non-blocking.
    tty: File,
    slot: Mutex<Slot>,
    changed: Condvar,
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub struct Output(Arc<Shared>);

impl Output {
    /// Starts the thread that writes to `tty`, which must be non-blocking.
    ///
    /// # Errors
    /// If there is no thread left.
    pub fn start(tty: File) -> io::Result<Self> {
        let shared = Arc::new(Shared {
            tty,
            slot: Mutex::default(),
            changed: Condvar::new(),
        });
        let writing = Arc::clone(&shared);
        thread::Builder::new()
            .name("dashboard".into())
            .spawn(move || writing.write_frames())?;
        Ok(Self(shared))
    }

    /// Whether the last frame is out.
    #[must_use]
    pub fn is_idle(&self) -> bool {
        let slot = self.0.slot.lock();
        slot.frame.is_none() && !slot.busy
    }

    /// Hands over a frame. It goes out in time, after what is before it.
    pub fn send(&self, bytes: Vec<u8>) {
        let mut slot = self.0.slot.lock();
        match &mut slot.frame {
            Some(frame) => frame.extend(bytes),
            None => slot.frame = Some(bytes),
        }
        self.0.changed.notify_all();
    }

    /// Sends the last bytes, and returns when they are out or cannot be got out. Takes at most about
    /// 0.7 s: what is stalled is thrown away, also what lies in the system's buffer, for otherwise
    /// there would be no room for these.
    pub fn finish(&self, bytes: &[u8]) {
        let mut slot = self.0.slot.lock();
        let begun = Instant::now();
        while (slot.busy || slot.frame.is_some()) && begun.elapsed() < LAST_FRAME {
            self.0.changed.wait_for(&mut slot, LAST_FRAME);
        }
        let stalled = slot.busy || slot.frame.take().is_some();
        slot.abandon = slot.busy;
        if stalled {
            _ = tcflush(&self.0.tty, FlushArg::TCOFLUSH);
            while slot.busy && begun.elapsed() < 2 * LAST_FRAME {
                self.0
                    .changed
                    .wait_for(&mut slot, Duration::from_millis(20));
            }
            // Ends an escape sequence that was cut in two.
            _ = self
                .0
                .write_until(b"\x18", Instant::now() + LAST_BYTES, || false);
        }
        _ = self
            .0
            .write_until(bytes, Instant::now() + LAST_BYTES, || false);
    }
}

impl Shared {
    fn write_frames(&self) {
        loop {
            let mut slot = self.slot.lock();
            slot.busy = false;
            slot.abandon = false;
            self.changed.notify_all();
            let frame = loop {
                if let Some(frame) = slot.frame.take() {
                    break frame;
                }
                self.changed.wait(&mut slot);
            };
            slot.busy = true;
            drop(slot);
            let far = Instant::now() + Duration::from_hours(1);
            if let Err(error) = self.write_until(&frame, far, || self.slot.lock().abandon)
                && error.kind() != ErrorKind::TimedOut
            {
                // The terminal is gone, and the watchdog says so. Nothing can be shown any more.
                self.slot.lock().busy = false;
                self.changed.notify_all();
                return;
            }
        }
    }

    fn write_until(
        &self,
        mut bytes: &[u8],
        deadline: Instant,
        abandoned: impl Fn() -> bool,
    ) -> io::Result<()> {
        while !bytes.is_empty() {
            match (&self.tty).write(bytes) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(count) => bytes = &bytes[count..],
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if error.kind() == ErrorKind::WouldBlock => {
                    if abandoned() || Instant::now() >= deadline {
                        return Err(ErrorKind::TimedOut.into());
                    }
                    let mut waiting = [PollFd::new(self.tty.as_fd(), PollFlags::POLLOUT)];
                    _ = poll(&mut waiting, PollTimeout::from(20u8));
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}
