//! The clients of one run: connected first, then all let go at once.

use std::fs::File;
use std::io::{self, BufWriter, Read, Write};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use super::group::{Group, in_words};
use super::result::End;
use super::settings::Settings;
use crate::check::{Found, Reading, Scanner, numbers_on};
use crate::client::{Answer, Client, ClientError};
use crate::escaped::{LINE, excerpt};

/// Lines beyond those asked for that a client may write: words of its own. One that writes without
/// end would never be silent.
const MORE_LINES: u64 = 10_000;

/// A client that waits to be let go.
pub(super) struct Ready {
    kind: Kind,
    output: File,
}

enum Kind {
    BuiltIn(Box<Client>),
    Command(Box<Group>),
    /// It could not even connect.
    Never(End),
}

/// What cuts a client short from outside.
enum Cut {
    Stream(Arc<TcpStream>),
    Group(Box<Group>),
    Nothing,
}

/// A client that was let go.
pub(super) struct Running {
    cut: Cut,
    /// Numbers that came.
    came: Arc<AtomicU64>,
    pub(super) done: Option<Done>,
}

/// What a client's thread says in the end.
pub(super) struct Done {
    pub(super) end: End,
    /// When it was let go: the barrier lets threads pass at once, but on few cores they run one after
    /// the other.
    pub(super) begun: Instant,
    /// When its last number came.
    pub(super) last: Option<Instant>,
    /// How long each request of one number took, in ns.
    pub(super) latencies: Vec<u64>,
}

impl Ready {
    /// The built-in client, connected.
    pub(super) fn built_in(address: SocketAddr, course: bool, output: File) -> Self {
        let kind = match Client::connect(address, course) {
            Ok(client) => Kind::BuiltIn(Box::new(client)),
            Err(error) => Kind::Never(connect_end(&error)),
        };
        Self { kind, output }
    }

    /// Any client command, started; it connects by itself.
    ///
    /// # Errors
    /// If there is no shell.
    pub(super) fn command(
        command: &str,
        address: SocketAddr,
        output: File,
        notes: File,
    ) -> io::Result<Self> {
        let command = command
            .replace("{host}", &address.ip().to_string())
            .replace("{port}", &address.port().to_string());
        let group = Group::start(&command, Stdio::piped(), Stdio::piped(), notes.into())?;
        Ok(Self {
            kind: Kind::Command(Box::new(group)),
            output,
        })
    }

    /// Whether it has ended before it was let go.
    pub(super) fn is_gone(&mut self) -> bool {
        match &mut self.kind {
            Kind::BuiltIn(_) => false,
            Kind::Command(group) => group.status().is_some(),
            Kind::Never(_) => true,
        }
    }

    /// Gives it a thread that waits at the barrier, then lets it draw. The thread says that it is
    /// `done` with the client's index.
    ///
    /// # Errors
    /// If there are no more threads.
    pub(super) fn let_go(
        self,
        settings: &Settings,
        index: usize,
        barrier: &Arc<Barrier>,
        done: &mpsc::Sender<(usize, Done)>,
    ) -> io::Result<Running> {
        let came = Arc::new(AtomicU64::new(0));
        let (counted, barrier, done) = (Arc::clone(&came), Arc::clone(barrier), done.clone());
        let work: Box<dyn FnOnce() -> Done + Send>;
        let cut;
        let output = self.output;
        match self.kind {
            Kind::BuiltIn(mut client) => {
                cut = Cut::Stream(client.stream());
                let plan = Plan::of(settings);
                work = Box::new(move || plan.draw(&mut client, output, &counted));
            }
            Kind::Command(mut group) => {
                let (stdin, stdout) = (group.child.stdin.take(), group.child.stdout.take());
                cut = Cut::Group(group);
                let input = settings.input();
                let most = settings.draws.saturating_add(MORE_LINES);
                let reading = settings.reading.clone();
                work = Box::new(move || {
                    let begun = Instant::now();
                    if let Some(mut stdin) = stdin {
                        // One that does not read its input says so by what it delivers.
                        _ = stdin.write_all(input.as_bytes());
                    }
                    let (last, end) = stdout.map_or((None, End::Complete), |from| {
                        match copy(from, output, &counted, most, &reading) {
                            Ok(last) => (last, End::Complete),
                            Err(error) => (None, End::short(&error)),
                        }
                    });
                    Done {
                        end,
                        begun,
                        last,
                        latencies: Vec::new(),
                    }
                });
            }
            Kind::Never(end) => {
                cut = Cut::Nothing;
                work = Box::new(move || Done {
                    end,
                    begun: Instant::now(),
                    last: None,
                    latencies: Vec::new(),
                });
            }
        }
        thread::Builder::new()
            .name(format!("client {}", index + 1))
            .spawn(move || {
                barrier.wait();
                // Nobody listens any more when the comparison was stopped.
                _ = done.send((index, work()));
            })?;
        Ok(Running {
            cut,
            came,
            done: None,
        })
    }
}

impl Running {
    /// How many numbers have come.
    pub(super) fn came(&self) -> u64 {
        self.came.load(Relaxed)
    }

    /// Ends it from outside: its thread is done soon.
    pub(super) fn cut(&mut self) {
        match &mut self.cut {
            Cut::Stream(stream) => _ = stream.shutdown(Shutdown::Both),
            Cut::Group(group) => group.kill(),
            Cut::Nothing => {}
        }
    }

    /// How it ended, all in all. What was delivered counts, not the exit status: a client whose input
    /// has ended may well leave with an error, as the assignment's own does.
    pub(super) fn end(&mut self, asked: u64, hung: bool, sold_out: bool) -> End {
        let came = self.came();
        if came >= asked {
            return End::Complete;
        }
        if let Some(Done { end, .. }) = &self.done
            && matches!(end, End::Refused { .. } | End::SoldOut)
        {
            return end.clone();
        }
        if sold_out {
            return End::SoldOut;
        }
        if hung {
            return End::Hung;
        }
        match (&mut self.cut, &self.done) {
            (Cut::Group(group), _) => {
                let patience = Duration::from_secs(1);
                match group.status_within(patience).or_else(|| {
                    group.end();
                    group.status()
                }) {
                    Some(status) if !status.success() => End::Died {
                        how: in_words(status),
                    },
                    _ => End::Short {
                        why: "it ended by itself".into(),
                    },
                }
            }
            (_, Some(done)) => done.end.clone(),
            (_, None) => End::Hung,
        }
    }
}

/// What the built-in client does.
struct Plan {
    draws: u64,
    request: u64,
    course: bool,
    reading: Reading,
}

impl Plan {
    fn of(settings: &Settings) -> Self {
        Self {
            draws: settings.draws,
            request: settings.request,
            course: settings.course,
            reading: settings.reading.clone(),
        }
    }

    fn draw(&self, client: &mut Client, output: File, came: &AtomicU64) -> Done {
        let begun = Instant::now();
        // Only then does each number have a request of its own, whose time can be told.
        let timed = self.course || self.request == 1;
        let mut output = BufWriter::new(output);
        let mut latencies = Vec::new();
        let mut last = None;
        let mut unwritten = None;
        let mut odd = None;
        let mut end = End::Complete;
        let mut left = self.draws;
        while left > 0 && matches!(end, End::Complete) {
            let count = left.min(self.request);
            left -= count;
            let mut asked = Instant::now();
            let answer = client.draw(count, &mut |number| {
                let now = Instant::now();
                if timed {
                    latencies.push(nanoseconds(now - asked));
                }
                let numbers = numbers_on(number, &self.reading);
                came.fetch_add(numbers, Relaxed);
                if numbers == 0 && odd.is_none() {
                    odd = Some(excerpt(number, LINE));
                }
                let written = output
                    .write_all(number)
                    .and_then(|()| output.write_all(b"\n"));
                unwritten = unwritten.take().or(written.err());
                last = Some(now);
                asked = Instant::now();
            });
            end = match answer {
                Ok(Answer::Whole) => End::Complete,
                Ok(Answer::Error(text)) if text.starts_with("sold out") => End::SoldOut,
                Ok(Answer::Error(text)) => End::Short {
                    why: format!("the server answered error: {text}"),
                },
                Err(error) => lost_end(&error),
            };
        }
        if let Some(error) = unwritten.or(output.flush().err()) {
            end = End::short(&error);
        } else if let Some(odd) = odd
            && matches!(end, End::Complete | End::Short { .. })
            && came.load(Relaxed) < self.draws
        {
            let why = match end {
                End::Short { why } => format!("; {why}"),
                _ => String::new(),
            };
            end = End::Short {
                why: format!("an answer that is no number, \"{odd}\"{why}"),
            };
        }
        Done {
            end,
            begun,
            last,
            latencies,
        }
    }
}

/// Asks for one number at a time, and says how long each took, until there are enough or the time is
/// over.
pub(super) fn time_requests(client: &mut Client, most: usize, time: Duration) -> Vec<u64> {
    let begun = Instant::now();
    let mut latencies = Vec::with_capacity(most);
    while latencies.len() < most && begun.elapsed() < time {
        let asked = Instant::now();
        match client.draw(1, &mut |_| {}) {
            Ok(Answer::Whole) => latencies.push(nanoseconds(asked.elapsed())),
            _ => break,
        }
    }
    latencies
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

fn connect_end(error: &ClientError) -> End {
    let why = match error {
        ClientError::Connect { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    End::Refused { why }
}

fn lost_end(error: &ClientError) -> End {
    let why = match error {
        ClientError::Lost { source, .. } => source.to_string(),
        other => other.to_string(),
    };
    End::Short { why }
}

/// Copies a client's output into its file as it comes, and counts the numbers in it. Says when the
/// last piece came.
fn copy(
    mut from: impl Read,
    mut to: File,
    came: &AtomicU64,
    most_lines: u64,
    reading: &Reading,
) -> io::Result<Option<Instant>> {
    let mut buffer = vec![0; 64 * 1024];
    let (mut last, mut lines) = (None, 0);
    let mut scanner = Scanner::at_once(reading);
    let mut count = |found: Found<'_>, _| match found {
        Found::Number(_) => {
            came.fetch_add(1, Relaxed);
            Ok(())
        }
        Found::Endless(_) => Err(io::Error::other("it writes a line without end")),
        Found::NotUnderstood(..) | Found::PassedOver => Ok(()),
    };
    loop {
        let length = match from.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => length,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        last = Some(Instant::now());
        to.write_all(&buffer[..length])?;
        scanner.feed(&buffer[..length], &mut count)?;
        lines += memchr::memchr_iter(b'\n', &buffer[..length]).count() as u64;
        if lines > most_lines {
            break;
        }
    }
    scanner.end(&mut count)?;
    Ok(last)
}

/// Creates `client-K.txt`, or its notes.
///
/// # Errors
/// With its path.
pub(super) fn file(folder: &Path, client: u64, ending: &str) -> Result<File, (PathBuf, io::Error)> {
    let path = folder.join(format!("client-{client}.{ending}"));
    File::create(&path).map_err(|error| (path, error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_counted_however_they_come() {
        struct Bytes<'a>(&'a [u8], usize);
        impl Read for Bytes<'_> {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                let length = self.1.min(self.0.len()).min(buffer.len());
                buffer[..length].copy_from_slice(&self.0[..length]);
                self.0 = &self.0[length..];
                Ok(length)
            }
        }
        let text = b"> 5\n19\r\n[228, 7]\nerror: 7a\n665";
        for piece in 1..=text.len() {
            let file = tempfile::tempfile().unwrap();
            let came = AtomicU64::new(0);
            let last = copy(Bytes(text, piece), file, &came, 100, &Reading::Plain).unwrap();
            assert!(last.is_some());
            assert_eq!(came.load(Relaxed), 4, "in pieces of {piece}");
        }
    }

    #[test]
    fn output_without_end_ends() {
        let came = AtomicU64::new(0);
        let file = tempfile::tempfile().unwrap();
        copy(io::repeat(b'\n'), file, &came, 1_000, &Reading::Plain).unwrap();
    }
}
