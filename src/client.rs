//! The client: what `lootbox client` runs, and what the server's own bots use.
//!
//! [`Client`] is one connection. It asks in either dialect and hands back the answer line by line,
//! as it comes. [`run`] is the program around it: commands in, numbers out.

mod inbox;
mod run;

use std::fmt;
use std::io::{self, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::Duration;

use thiserror::Error;

use crate::escaped::escaped;
use crate::protocol;
use inbox::Inbox;
pub use run::{Options, run};

/// How long one address may take to accept: a firewall that swallows the first packet would
/// otherwise cost minutes.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// No line that a server sends is longer.
const MAX_ANSWER_LEN: usize = 16 * 1_024;
/// No `help` has more lines.
const MAX_HELP_LEN: u64 = 1_000;

/// Why a client cannot go on.
#[derive(Debug, Error)]
pub enum ClientError {
    /// The host's name is unknown.
    #[error("cannot find {address}: look at how the host is spelt, or use its IP address")]
    Unknown {
        /// What was asked for.
        address: String,
        /// What the resolver says.
        source: io::Error,
    },
    /// There is no server, or no way to it.
    #[error("cannot connect to {address}: {mend}")]
    Connect {
        /// Where the server should be.
        address: String,
        /// What to do about it.
        mend: &'static str,
        /// What the operating system says.
        source: io::Error,
    },
    /// The connection ended before the answer did.
    #[error(
        "lost the server at {address} before its answer to \"{asked}\" was whole \
         (lines that came: {lines}{rest}): start it again if it has ended, then this client"
    )]
    Lost {
        /// Where the server was.
        address: String,
        /// The request.
        asked: String,
        /// How many lines of the answer came, whole.
        lines: u64,
        /// The beginning of a line that was cut off, in words, or nothing. Half a number is no
        /// number: it would look like a duplicate of another.
        rest: String,
        /// How the connection ended.
        source: io::Error,
    },
    /// The server has said why, and closed the connection: not everything asked for was drawn.
    #[error(
        "the server at {address} has closed the connection: connect again, with what is left to draw"
    )]
    Closed {
        /// Where the server is.
        address: String,
    },
    /// An answer that nobody could wait for.
    #[error("the server at {address} answers \"{asked}\" with {what}")]
    Endless {
        /// Where the server is.
        address: String,
        /// The request.
        asked: String,
        /// What has no end, and what to do about it.
        what: &'static str,
    },
    /// A request that the dialect has no words for.
    #[error(
        "cannot send a name to {address}: the course dialect has draw N only; use the line dialect"
    )]
    NoNames {
        /// Where the server is.
        address: String,
    },
    /// Commands cannot be read.
    #[error("cannot read commands from standard input: give it a file, a pipe or a terminal")]
    Input(#[source] io::Error),
    /// Numbers cannot be written, for another reason than a closed pipe.
    #[error("cannot write numbers to standard output: is the disk full?")]
    Output(#[source] io::Error),
}

/// How an answer ended, if the connection did not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// It is whole.
    Whole,
    /// `error: …` took the place of what is missing. This is the text behind it, fit to be shown.
    Error(String),
}

/// What the present answer still has to bring.
#[derive(Clone, Copy, Debug)]
enum Awaited {
    Nothing,
    /// So many lines, fewer if one of them is an error.
    Lines(u64),
    /// Lines up to an empty one; so many came.
    Help(u64),
    /// The course dialect: the request is to be sent so many times more.
    Messages(u64),
}

/// A connection to a server, seen from the client's side.
///
/// One request at a time: the answer to the last is read to its end before the next goes out, so
/// neither side ever waits with full buffers for the other.
#[derive(Debug)]
pub struct Client {
    stream: Arc<TcpStream>,
    address: String,
    course: bool,
    inbox: Inbox,
    /// The bytes that went out last.
    asked: Vec<u8>,
    awaited: Awaited,
    /// How many lines of the present answer came.
    lines: u64,
    /// Why the last request could not be sent. What the server said before it went may still be
    /// there to be read, so this is told only when that is done.
    unsent: Option<io::Error>,
}

impl Client {
    /// Connects, and switches off the kernel's habit of holding back small packets (Nagle's
    /// algorithm): each request is one packet, and waits for nothing.
    ///
    /// `course` chooses the course dialect instead of the line dialect. The address can be a
    /// `SocketAddr` or a string like `localhost:7777`.
    ///
    /// # Errors
    /// [`ClientError::Unknown`] and [`ClientError::Connect`], each naming the address.
    pub fn connect(
        address: impl ToSocketAddrs + fmt::Display,
        course: bool,
    ) -> Result<Self, ClientError> {
        let name = address.to_string();
        let found = match address.to_socket_addrs() {
            Ok(found) => found,
            Err(source) => {
                return Err(ClientError::Unknown {
                    address: name,
                    source,
                });
            }
        };
        let mut failed = io::Error::new(io::ErrorKind::NotFound, "the name stands for no address");
        for socket_address in found {
            match connect_to(socket_address) {
                Ok(stream) => {
                    return Ok(Self {
                        stream: Arc::new(stream),
                        address: name,
                        course,
                        inbox: Inbox::new(MAX_ANSWER_LEN),
                        asked: Vec::new(),
                        awaited: Awaited::Nothing,
                        lines: 0,
                        unsent: None,
                    });
                }
                Err(error) => failed = error,
            }
        }
        Err(ClientError::Connect {
            address: name,
            mend: match failed.kind() {
                io::ErrorKind::ConnectionRefused => {
                    "no server listens there; start it first (lootbox serve), and compare the port"
                }
                io::ErrorKind::TimedOut => {
                    "nothing answers; a firewall (on EC2 the security group) may keep the port shut"
                }
                _ => "look at host and port",
            },
            source: failed,
        })
    }

    fn closed(&self) -> ClientError {
        ClientError::Closed {
            address: self.address.clone(),
        }
    }

    /// The socket. Another thread that shuts it down ends a request that waits, at once, with
    /// [`ClientError::Lost`].
    #[must_use]
    pub fn stream(&self) -> Arc<TcpStream> {
        Arc::clone(&self.stream)
    }

    /// Asks for `count` numbers and calls `each` with every one as it comes: its digits, without a
    /// line end. (A server that is none of ours may say other things in between; they come too.)
    ///
    /// # Errors
    /// [`ClientError::Lost`] if the connection ends first. An `error: …` from the server is none:
    /// that is [`Answer::Error`], and the connection lives on unless the server says otherwise.
    pub fn draw(&mut self, count: u64, each: &mut dyn FnMut(&[u8])) -> Result<Answer, ClientError> {
        self.ask_to_draw(count)?;
        self.answer(each)
    }

    /// Tells the server who this is, for its dashboard.
    ///
    /// # Errors
    /// [`ClientError::Lost`] as in [`draw`](Self::draw); [`ClientError::NoNames`] in the course
    /// dialect.
    pub fn name(&mut self, who: &str) -> Result<Answer, ClientError> {
        if self.course {
            return Err(ClientError::NoNames {
                address: self.address.clone(),
            });
        }
        let line = format!("name {who}");
        // A name with a line end in it would be two requests, and the second answer too many.
        if let Err(bad) = protocol::parse(line.as_bytes(), u64::MAX) {
            return Ok(Answer::Error(bad.to_string()));
        }
        self.ask(line.as_bytes(), Awaited::Lines(1))?;
        self.answer(&mut |_ok| {})
    }

    fn answer(&mut self, each: &mut dyn FnMut(&[u8])) -> Result<Answer, ClientError> {
        while let Some(line) = self.next_line()? {
            match error_text(line) {
                Some(text) => return Ok(Answer::Error(escaped(text.trim_ascii()))),
                None => each(line),
            }
        }
        Ok(Answer::Whole)
    }

    fn ask_to_draw(&mut self, count: u64) -> Result<(), ClientError> {
        // Of `draw 0` the server says what is wrong with it.
        let answers = count.max(1);
        let awaited = if self.course {
            Awaited::Messages(answers)
        } else {
            Awaited::Lines(answers)
        };
        self.ask(format!("draw {count}").as_bytes(), awaited)
    }

    /// Begins a request: one line, without its end. Its answer comes from
    /// [`next_line`](Self::next_line).
    fn ask(&mut self, request: &[u8], awaited: Awaited) -> Result<(), ClientError> {
        // What nobody took of the last answer is not the beginning of this one.
        while self.next_line()?.is_some() {}
        self.asked.clear();
        self.asked.extend_from_slice(request);
        self.awaited = awaited;
        self.lines = 0;
        if !self.course {
            self.asked.push(b'\n');
            self.send();
        }
        Ok(())
    }

    /// Says that nothing more will be asked. Whether it arrives is all the same.
    fn quit(&mut self) {
        if !self.course {
            self.asked.clear();
            self.asked.extend_from_slice(b"quit\n");
            self.send();
        }
    }

    /// Whether [`next_line`](Self::next_line) has something without waiting for the server.
    fn at_hand(&mut self) -> bool {
        match self.awaited {
            Awaited::Nothing => true,
            Awaited::Messages(left) => left == 0 || self.inbox.has_message(),
            Awaited::Lines(_) | Awaited::Help(_) => self.inbox.has_line(),
        }
    }

    /// The next line of the answer, without its end; `None` after the last. An error is the last.
    fn next_line(&mut self) -> Result<Option<&[u8]>, ClientError> {
        let line = loop {
            match self.awaited {
                Awaited::Nothing | Awaited::Lines(0) => {
                    self.awaited = Awaited::Nothing;
                    return Ok(None);
                }
                Awaited::Lines(left) => {
                    if let Some(line) = self.line()? {
                        self.awaited = Awaited::Lines(left - 1);
                        break line;
                    }
                }
                Awaited::Help(MAX_HELP_LEN) => {
                    return Err(self.endless("a text that does not end: is it a lootbox server?"));
                }
                Awaited::Help(lines) => {
                    if let Some(line) = self.line()? {
                        if line.is_empty() {
                            self.awaited = Awaited::Nothing;
                            return Ok(None);
                        }
                        self.awaited = Awaited::Help(lines + 1);
                        break line;
                    }
                }
                Awaited::Messages(left) => {
                    if let Some(message) = self.inbox.message() {
                        break message;
                    }
                    if left == 0 {
                        self.awaited = Awaited::Nothing;
                        return Ok(None);
                    }
                    self.awaited = Awaited::Messages(left - 1);
                    self.send();
                    self.receive()?;
                }
            }
        };
        self.lines += 1;
        let line = self.inbox.bytes(line);
        if error_text(line).is_some() {
            self.awaited = Awaited::Nothing;
        }
        Ok(Some(line))
    }

    /// A line, or `None` after waiting once for more of it.
    fn line(&mut self) -> Result<Option<std::ops::Range<usize>>, ClientError> {
        if let Some(line) = self.inbox.line() {
            return Ok(Some(line));
        }
        if self.inbox.is_full() {
            return Err(self.endless(
                "a line that does not end: if it speaks the course dialect, add --course",
            ));
        }
        match self.receive() {
            Ok(()) => Ok(None),
            // A last word may come without a line end: the server knew no dialect yet, or was cut.
            Err(_) if error_text(self.inbox.rest()).is_some() => Ok(Some(self.inbox.take_rest())),
            Err(lost) => Err(lost),
        }
    }

    fn send(&mut self) {
        if let Err(error) = (&*self.stream).write_all(&self.asked) {
            self.unsent = Some(error);
        }
    }

    /// Waits for the server's next bytes.
    fn receive(&mut self) -> Result<(), ClientError> {
        let source = match self.inbox.fill(&mut &*self.stream) {
            Ok(true) => return Ok(()),
            Ok(false) => self.unsent.take().unwrap_or_else(|| {
                io::Error::new(
                    io::ErrorKind::UnexpectedEof,
                    "the server closed the connection",
                )
            }),
            Err(error) => error,
        };
        let rest = self.inbox.rest();
        Err(ClientError::Lost {
            address: self.address.clone(),
            asked: escaped(self.asked.trim_ascii_end()),
            lines: self.lines,
            rest: if rest.is_empty() {
                String::new()
            } else {
                format!(", and \"{}\" of the next", escaped(rest))
            },
            source,
        })
    }

    fn endless(&self, what: &'static str) -> ClientError {
        ClientError::Endless {
            address: self.address.clone(),
            asked: escaped(self.asked.trim_ascii_end()),
            what,
        }
    }
}

fn connect_to(address: SocketAddr) -> io::Result<TcpStream> {
    let stream = TcpStream::connect_timeout(&address, CONNECT_TIMEOUT)?;
    // Whoever tries a local port that nobody listens on can be given that very port as its own, and
    // is then connected to itself.
    if stream.local_addr()? == stream.peer_addr()? {
        return Err(io::ErrorKind::ConnectionRefused.into());
    }
    stream.set_nodelay(true)?;
    Ok(stream)
}

/// What stands behind `error:`, if the line begins so.
fn error_text(line: &[u8]) -> Option<&[u8]> {
    line.strip_prefix(b"error:")
}

/// Digits only.
fn is_number(line: &[u8]) -> bool {
    !line.is_empty() && line.iter().all(u8::is_ascii_digit)
}
