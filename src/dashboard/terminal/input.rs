//! Keys from the terminal, and whether it is still there.

use std::fs::File;
use std::io::{self, ErrorKind, Read};
use std::os::fd::AsFd;
use std::os::unix::net::UnixStream;
use std::sync::mpsc::Sender;
use std::thread;

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::super::keys::decode;
use super::Event;

/// An escape byte with nothing after it for this long, in ms, is the escape key.
const ESCAPE: u8 = 60;

/// Reads keys until it is dropped or the terminal goes away.
#[derive(Debug)]
pub struct Input {
    /// Closing it ends the thread.
    _stop: UnixStream,
}

impl Input {
    /// Starts to read.
    ///
    /// # Errors
    /// If there is no thread left.
    pub fn start<M>(tty: File, messages: Sender<M>) -> io::Result<Self>
    where
        M: From<Event> + Send + 'static,
    {
        let (stop, stopping) = UnixStream::pair()?;
        thread::Builder::new()
            .name("dashboard".into())
            .spawn(move || read(&tty, &stopping, &messages))?;
        Ok(Self { _stop: stop })
    }
}

/// Whether the other end of the terminal is closed.
#[must_use]
pub fn is_gone(tty: &File) -> bool {
    let mut waiting = [PollFd::new(tty.as_fd(), PollFlags::empty())];
    poll(&mut waiting, PollTimeout::ZERO).is_ok_and(|count| count > 0)
}

fn read<M: From<Event>>(mut tty: &File, stop: &UnixStream, messages: &Sender<M>) {
    let gone = PollFlags::POLLHUP | PollFlags::POLLERR | PollFlags::POLLNVAL;
    let mut pending = Vec::new();
    let mut buffer = [0; 256];
    loop {
        let mut waiting = [
            PollFd::new(tty.as_fd(), PollFlags::POLLIN),
            PollFd::new(stop.as_fd(), PollFlags::POLLIN),
        ];
        let time = if pending.is_empty() {
            PollTimeout::NONE
        } else {
            PollTimeout::from(ESCAPE)
        };
        let ready = match poll(&mut waiting, time) {
            Ok(ready) => ready,
            Err(nix::errno::Errno::EINTR) => continue,
            Err(_) => break,
        };
        if waiting[1].any().unwrap_or(true) {
            return;
        }
        if waiting[0]
            .revents()
            .is_none_or(|events| events.intersects(gone))
        {
            break;
        }
        if ready > 0 {
            match tty.read(&mut buffer) {
                // The end of a terminal's input: it is gone.
                Ok(0) => break,
                Ok(count) => pending.extend_from_slice(&buffer[..count]),
                Err(error)
                    if matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::Interrupted) => {}
                Err(_) => break,
            }
        }
        for key in decode(&mut pending, ready == 0) {
            if messages.send(Event::Key(key).into()).is_err() {
                return;
            }
        }
    }
    _ = messages.send(Event::HangUp.into());
}
