//! Lets operators in at the control socket: one thread that accepts, one thread a connection. Some threads are started
//! beforehand, so that there is one when clients have taken all others.

use std::io;
use std::os::fd::AsFd;
use std::os::unix::net::{UnixListener, UnixStream};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix::poll::{PollFd, PollFlags, PollTimeout, poll};

use super::Host;
use super::control::{self, Answer};
use super::hang_up::{Leaving, hang_up_gently};
use super::room::why_no_thread;
use super::seldom::Seldom;
use super::threads::{Counted, Threads};

/// How many may be connected at once.
const MAX_CONNECTIONS: usize = 32;
/// Threads that wait for the moment when there is no other.
const IN_RESERVE: usize = 2;
/// How many that were told "busy" may take a moment each to hang up.
const MAX_TURNED_AWAY: usize = 8;
/// How long accepting rests when there is no descriptor left, or too many are just being turned away.
const REST: Duration = Duration::from_millis(100);

/// Serves one connection to its end.
type Serve = dyn Fn(&UnixStream) + Send + Sync;

/// A connection, and its place among those that may be connected.
struct Connected {
    stream: Arc<UnixStream>,
    _place: Counted,
}

impl Connected {
    /// Serves it to its end, and has its place as long: a closure that names the stream only would let go of it.
    fn serve(self, serve: &Serve) {
        serve(&self.stream);
    }
}

/// Those who are connected to the control socket, and the threads that serve them.
pub(crate) struct Operators {
    threads: Box<dyn Threads>,
    serve: Arc<Serve>,
    connected: Arc<AtomicUsize>,
    reserve: Sender<Connected>,
    /// Threads of the reserve that wait.
    free: Arc<AtomicUsize>,
    leaving: Leaving<Arc<UnixStream>>,
    no_thread: Seldom,
    no_descriptor: Seldom,
}

impl Operators {
    /// For the control socket of this server.
    ///
    /// # Errors
    /// If the system has no threads for the reserve.
    pub(crate) fn of(host: &Arc<Host>, threads: Box<dyn Threads>) -> io::Result<Self> {
        let host = Arc::clone(host);
        Self::new(threads, move |stream| {
            // Whoever watches may leave at any time.
            if control::serve(stream, &host).is_ok() {
                hang_up_gently(stream);
            }
        })
    }

    fn new(
        threads: Box<dyn Threads>,
        serve: impl Fn(&UnixStream) + Send + Sync + 'static,
    ) -> io::Result<Self> {
        let serve: Arc<Serve> = Arc::new(serve);
        let free = Arc::new(AtomicUsize::new(IN_RESERVE));
        let (reserve, handed_over) = mpsc::channel();
        let handed_over = Arc::new(Mutex::new(handed_over));
        for _ in 0..IN_RESERVE {
            let (serve, free) = (Arc::clone(&serve), Arc::clone(&free));
            let handed_over = Arc::clone(&handed_over);
            threads.start(
                "control".into(),
                Box::new(move || wait_in_reserve(&handed_over, &free, &*serve)),
            )?;
        }
        Ok(Self {
            threads,
            serve,
            connected: Arc::default(),
            reserve,
            free,
            leaving: Leaving::new(MAX_TURNED_AWAY),
            no_thread: Seldom::default(),
            no_descriptor: Seldom::default(),
        })
    }

    /// Accepts connections until something comes through `stop`, or its other end is closed.
    pub(crate) fn accept(mut self, listener: &UnixListener, stop: &UnixStream) {
        let mut rests_until = None;
        loop {
            let now = Instant::now();
            self.leaving.look(now);
            rests_until = rests_until.filter(|&then| now < then);
            let accepts = rests_until.is_none() && self.leaving.has_room();
            let mut waiting = vec![PollFd::new(stop.as_fd(), PollFlags::POLLIN)];
            waiting.extend(self.leaving.polled());
            if accepts {
                waiting.push(PollFd::new(listener.as_fd(), PollFlags::POLLIN));
            }
            let timeout = if rests_until.is_some() || self.leaving.next_end().is_some() {
                PollTimeout::try_from(REST).unwrap_or(PollTimeout::ZERO)
            } else {
                PollTimeout::NONE
            };
            match poll(&mut waiting, timeout) {
                Ok(_) | Err(nix::errno::Errno::EINTR) => {}
                Err(error) => {
                    tracing::error!(%error, "cannot wait at the control socket any more");
                    return;
                }
            }
            let is_ready = |waiting: Option<&PollFd>| waiting.and_then(PollFd::any) != Some(false);
            if is_ready(waiting.first()) {
                return;
            }
            if !accepts || !is_ready(waiting.last()) {
                continue;
            }
            match listener.accept() {
                Ok((stream, _)) => self.let_in(Arc::new(stream)),
                Err(error) => {
                    // Out of descriptors: somebody has to leave first.
                    let now = Instant::now();
                    rests_until = Some(now + REST);
                    if self.no_descriptor.due(now).is_some() {
                        tracing::warn!("cannot take a control connection, trying again: {error}");
                    }
                }
            }
        }
    }

    fn let_in(&mut self, stream: Arc<UnixStream>) {
        let place = Counted::new(&self.connected);
        if self.connected.load(SeqCst) > MAX_CONNECTIONS {
            self.turn_away(
                stream,
                format!("busy: {MAX_CONNECTIONS} control connections are there, and no more may be: close one"),
            );
            return;
        }
        let connected = Connected {
            stream: Arc::clone(&stream),
            _place: place,
        };
        let serve = Arc::clone(&self.serve);
        let job = Box::new(move || connected.serve(&*serve));
        let Err(error) = self.threads.start("control".into(), job) else {
            return;
        };
        if let Some(times) = self.no_thread.due(Instant::now()) {
            tracing::warn!(
                "no thread for a control connection: {error}; {}; {times} times since this was said last",
                why_no_thread()
            );
        }
        // Only this thread takes from it.
        if self.free.load(SeqCst) > 0 {
            self.free.fetch_sub(1, SeqCst);
            let connected = Connected {
                _place: Counted::new(&self.connected),
                stream,
            };
            if self.reserve.send(connected).is_ok() {
                return;
            }
            tracing::error!("the control socket has lost the threads that it keeps in reserve");
            return;
        }
        self.turn_away(
            stream,
            "busy: the server has no thread for another control connection: close one".into(),
        );
    }

    fn turn_away(&mut self, stream: Arc<UnixStream>, why: String) {
        if let Ok(line) = control::line(&Answer::Error(why)) {
            self.leaving.tell(stream, &line, Instant::now());
        }
    }
}

/// Serves one connection after the other, when there is no other thread for them.
fn wait_in_reserve(handed_over: &Mutex<Receiver<Connected>>, free: &AtomicUsize, serve: &Serve) {
    loop {
        let next = handed_over
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .recv();
        let Ok(connected) = next else {
            return;
        };
        // It has said what was wrong, and the next one wants to be served.
        _ = catch_unwind(AssertUnwindSafe(|| connected.serve(serve)));
        free.fetch_add(1, SeqCst);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::server::threads::Job;
    use crate::server::threads::tests::Scarce;
    use std::io::{BufRead, BufReader, Read, Write};
    use std::path::Path;
    use std::thread;

    struct Shared(Arc<Scarce>);

    impl Threads for Shared {
        fn start(&self, name: String, job: Job) -> io::Result<()> {
            self.0.start(name, job)
        }
    }

    /// Answers each line; `panic` as its words say.
    fn echo(stream: &UnixStream) {
        for line in BufReader::new(stream).lines() {
            let Ok(line) = line else { return };
            assert_ne!(line, "panic", "on purpose");
            let mut writing = stream;
            if writeln!(writing, "{line}").is_err() {
                return;
            }
        }
    }

    fn beside(threads: &Arc<Scarce>, play: impl FnOnce(&Path, &AtomicUsize)) {
        let operators = Operators::new(Box::new(Shared(Arc::clone(threads))), echo).unwrap();
        let connected = Arc::clone(&operators.connected);
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.sock");
        let listener = UnixListener::bind(&path).unwrap();
        let (stop, stopped) = UnixStream::pair().unwrap();
        thread::scope(|threads| {
            threads.spawn(|| operators.accept(&listener, &stopped));
            // Dropped by a panic, too.
            let stop = stop;
            play(&path, &connected);
            drop(stop);
        });
    }

    fn operator(path: &Path) -> UnixStream {
        let stream = UnixStream::connect(path).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream
    }

    fn ask(mut stream: &UnixStream, line: &str) -> String {
        writeln!(stream, "{line}").unwrap();
        let mut answer = String::new();
        BufReader::new(stream).read_line(&mut answer).unwrap();
        answer
    }

    fn wait_until_nobody_is_there(connected: &AtomicUsize) {
        let begun = Instant::now();
        while connected.load(SeqCst) > 0 {
            assert!(begun.elapsed() < Duration::from_secs(30));
            thread::park_timeout(Duration::from_millis(1));
        }
    }

    #[test]
    fn without_a_thread_operators_are_served_by_the_reserve_and_no_place_is_lost() {
        let threads = Arc::new(Scarce::default());
        beside(&threads, |path, connected| {
            threads.none_left.store(true, SeqCst);
            let served: Vec<_> = (0..IN_RESERVE).map(|_| operator(path)).collect();
            for stream in &served {
                assert_eq!(ask(stream, "here"), "here\n");
            }
            // More than there are places, one after the other.
            for _ in 0..=MAX_CONNECTIONS {
                let mut told = String::new();
                let mut unlucky = operator(path);
                unlucky.write_all(b"a command\n").unwrap();
                unlucky.read_to_string(&mut told).unwrap();
                assert!(told.starts_with(r#"{"error":"busy: the server has no thread"#));
            }
            assert_eq!(connected.load(SeqCst), IN_RESERVE);
            drop(served);
            wait_until_nobody_is_there(connected);
            assert_eq!(ask(&operator(path), "again"), "again\n");
            threads.none_left.store(false, SeqCst);
            let many: Vec<_> = (0..MAX_CONNECTIONS / 2).map(|_| operator(path)).collect();
            for stream in &many {
                assert_eq!(ask(stream, "room"), "room\n");
            }
        });
    }

    #[test]
    fn a_panic_gives_the_place_back_and_the_reserve_serves_on() {
        let threads = Arc::new(Scarce::default());
        beside(&threads, |path, connected| {
            for none_left in [false, true] {
                threads.none_left.store(none_left, SeqCst);
                for _ in 0..2 * MAX_CONNECTIONS {
                    assert_eq!(ask(&operator(path), "panic"), "");
                    wait_until_nobody_is_there(connected);
                }
                assert_eq!(ask(&operator(path), "here"), "here\n");
                wait_until_nobody_is_there(connected);
            }
        });
    }

    /// Whoever wrote a command before it was turned away reads why.
    #[test]
    fn one_too_many_reads_that_it_is() {
        beside(&Arc::default(), |path, _| {
            let many: Vec<_> = (0..MAX_CONNECTIONS).map(|_| operator(path)).collect();
            for stream in &many {
                assert_eq!(ask(stream, "here"), "here\n");
            }
            let mut told = String::new();
            let mut unlucky = operator(path);
            unlucky.write_all(b"a command\n").unwrap();
            unlucky.read_to_string(&mut told).unwrap();
            assert!(told.starts_with(r#"{"error":"busy: 32 control"#), "{told}");
            // A broken pipe if it was closed.
            unlucky.write_all(b"and another\n").unwrap();
        });
    }
}
