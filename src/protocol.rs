//! The wire: what clients say and what they are told, in both dialects. No sockets here: bytes in,
//! requests out.
//!
//! **Line dialect** (nc, telnet, socat, `lootbox client`): a request is a line, and so is each number.
//!
//! **Course dialect**: the assignment's own client.py sends `draw N` with *no line end*, receives once,
//! prints what it got, and does that N times in all. A server that waits for a line end hangs it for
//! ever; one that answers N numbers a message hands out N²; one that appends a line end makes it
//! print blank lines. So: one number a message, no line end.
//!
//! [`Decoder`] tells the two apart by itself.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::escaped::{LINE, excerpt};

/// A request line may have this many bytes, its end left out.
pub const MAX_LINE_LEN: usize = 1_024;
/// A name may have this many characters.
pub const MAX_NAME_LEN: usize = 64;
/// How long a first `draw N` without a line end waits for one before it is the course client's.
pub const QUIET: Duration = Duration::from_millis(100);

/// What `help` answers: ended by an empty line, so that a program knows where it ends.
pub const HELP: &str = "\
draw N    hands out the next N numbers, one a line; fewer and `error: sold out ...` at the end
name WHO  says who you are, for the dashboard; answered with `ok`
help      this text, up to an empty line
quit      the server closes the connection

";

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Request {
    /// The next so many numbers; 1..=size.
    Draw(u64),
    /// To be called so.
    Name(String),
    /// What can be asked for.
    Help,
    /// To be let go.
    Quit,
}

/// Why a line is no request. Its text is what the client is told after `error: `.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BadRequest {
    /// `draw` with something else than one number in range.
    #[error("\"{line}\": write draw N, where N is a whole number from 1 to {size}")]
    Draw {
        /// The line, escaped.
        line: String,
        /// The largest N.
        size: u64,
    },
    /// `name` with nothing behind it, too much, or characters that cannot be shown.
    #[error("\"{line}\": write name WHO, where WHO is 1 to {MAX_NAME_LEN} printable characters")]
    Name {
        /// The line, escaped.
        line: String,
    },
    /// Anything else.
    #[error("\"{line}\" is no request: write draw N (N from 1 to {size}), name WHO, help or quit")]
    Unknown {
        /// The line, escaped.
        line: String,
        /// The largest N.
        size: u64,
    },
    /// Over [`MAX_LINE_LEN`] bytes, or never an end.
    #[error("a line of over {MAX_LINE_LEN} bytes: end each request with a line end")]
    TooLong,
}

/// Reads one line, without its end. An empty one asks for nothing.
///
/// # Errors
/// [`BadRequest`], which says what would have been right.
pub fn parse(line: &[u8], size: u64) -> Result<Option<Request>, BadRequest> {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let Some(verb) = words.next() else {
        return Ok(None);
    };
    let argument = words.next();
    let more = words.next().is_some();
    let shown = || excerpt(line.trim_ascii(), LINE);
    // Compared where it stands: each request would else cost an allocation.
    let says = |word: &[u8]| verb.eq_ignore_ascii_case(word);
    if says(b"draw") {
        match argument.and_then(whole_number) {
            Some(count) if !more && (1..=size).contains(&count) => Ok(Some(Request::Draw(count))),
            _ => Err(BadRequest::Draw {
                line: shown(),
                size,
            }),
        }
    } else if says(b"name") {
        let who = line.trim_ascii()[verb.len()..].trim_ascii();
        match std::str::from_utf8(who) {
            Ok(who)
                if (1..=MAX_NAME_LEN).contains(&who.chars().count())
                    && !who.chars().any(char::is_control) =>
            {
                Ok(Some(Request::Name(who.to_owned())))
            }
            _ => Err(BadRequest::Name { line: shown() }),
        }
    } else if says(b"help") && argument.is_none() {
        Ok(Some(Request::Help))
    } else if says(b"quit") && argument.is_none() {
        Ok(Some(Request::Quit))
    } else {
        Err(BadRequest::Unknown {
            line: shown(),
            size,
        })
    }
}

/// Digits only: no sign, no exponent; `None` also when it does not fit.
fn whole_number(word: &[u8]) -> Option<u64> {
    if !word.iter().all(u8::is_ascii_digit) {
        return None;
    }
    std::str::from_utf8(word).ok()?.parse().ok()
}

/// Errors after which the server closes the connection: nothing more can be drawn on it. They begin so.
const LAST_WORDS: [&str; 6] = [
    "busy",
    "new round",
    "the server is stopping",
    "a line of over",
    "no line end within",
    "no request for",
];

/// Whether the server closes the connection after this line.
#[must_use]
pub fn is_last_word(line: &[u8]) -> bool {
    line.strip_prefix(b"error: ").is_some_and(|error| {
        LAST_WORDS
            .iter()
            .any(|words| error.starts_with(words.as_bytes()))
    })
}

/// Which of the two ways to ask and answer a session's client speaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[repr(u8)]
pub enum Dialect {
    /// Not known before the first request.
    #[default]
    Unknown,
    /// Requests and numbers are lines: nc, telnet, socat, `lootbox client`.
    Line,
    /// One number a message, no line end: the assignment's own client.py.
    Course,
}

impl Dialect {
    /// All of them, each at the place that is its number.
    pub const ALL: [Self; 3] = [Self::Unknown, Self::Line, Self::Course];
}

/// Which dialect the server is told to speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Speak {
    /// Each client's own, found out from its first message.
    #[default]
    Auto,
    /// The line dialect with everybody.
    Line,
    /// The course dialect with everybody.
    Course,
}

impl fmt::Display for Speak {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Auto => "auto",
            Self::Line => "line",
            Self::Course => "course",
        })
    }
}

/// What a client said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A line: answered with lines. After [`BadRequest::TooLong`] the connection closes.
    Line(Result<Request, BadRequest>),
    /// A message of the course dialect: answered with one number, whatever N was, or with an error;
    /// no line end in either.
    Message(Result<(), BadRequest>),
    /// A line end after a message: it was somebody typing slowly. Answered with a line end and as many
    /// more numbers, as lines.
    LineEndAfterAll(u64),
}

/// What a decoder waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waiting {
    /// A next request; none has begun.
    Request,
    /// The rest of a line that has begun.
    RestOfLine,
    /// The rest of a line that may be a whole message of the course dialect: call
    /// [`Decoder::quiet`] when nothing comes for [`QUIET`].
    Quiet,
}

/// Cuts a client's bytes into requests, and finds out its dialect.
#[derive(Debug)]
pub struct Decoder {
    size: u64,
    speak: Speak,
    dialect: Dialect,
    buffer: Vec<u8>,
    /// How much of the buffer is used up.
    used: usize,
    /// How much of the unused part is known to have no line end.
    searched: usize,
    ended: bool,
    /// The N of the last message, if nothing came after it yet.
    last_message: Option<u64>,
}

impl Decoder {
    /// For one connection to a list of `size` numbers.
    #[must_use]
    pub fn new(size: u64, speak: Speak) -> Self {
        Self {
            size,
            speak,
            dialect: match speak {
                Speak::Auto => Dialect::Unknown,
                Speak::Line => Dialect::Line,
                Speak::Course => Dialect::Course,
            },
            // Some requests, on cache lines with nothing of another session.
            buffer: Vec::with_capacity(512),
            used: 0,
            searched: 0,
            ended: false,
            last_message: None,
        }
    }

    /// The client's dialect, as far as it is known.
    #[must_use]
    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Takes what was read.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.buffer.drain(..self.used);
        self.used = 0;
        if self.dialect == Dialect::Unknown && self.buffer.is_empty() && !begins_a_draw(bytes) {
            self.dialect = Dialect::Line;
        }
        self.buffer.extend_from_slice(bytes);
    }

    /// Notes that nothing more will come: an unended line is ended by it.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// Notes that nothing came for [`QUIET`].
    pub fn quiet(&mut self) {
        if self.waiting() == Waiting::Quiet {
            self.dialect = Dialect::Course;
        }
    }

    /// What to wait for when there is nothing [`next`](Self::next).
    #[must_use]
    pub fn waiting(&self) -> Waiting {
        match (self.dialect, self.rest().is_empty()) {
            (_, true) => Waiting::Request,
            (Dialect::Unknown, false) => Waiting::Quiet,
            _ => Waiting::RestOfLine,
        }
    }

    fn rest(&self) -> &[u8] {
        &self.buffer[self.used..]
    }

    fn message(&mut self) -> Option<Said> {
        while let Some(length) = line_end(self.rest()) {
            self.used += length;
            let more = self.last_message.take().map_or(0, |count| count - 1);
            if self.speak == Speak::Auto {
                self.dialect = Dialect::Line;
                return Some(Said::LineEndAfterAll(more));
            }
        }
        let rest = self.rest();
        if rest.is_empty() {
            return None;
        }
        let (length, count) = leading_draw(rest);
        if length == 0 {
            if self.last_message.is_some() && !self.ended && is_beginning_of_draw(rest) {
                // A packet's border in the middle of a message that follows another.
                return None;
            }
            // One error for all that is not understood, up to a line end.
            let length = rest
                .iter()
                .position(|&byte| byte == b'\n' || byte == b'\r')
                .unwrap_or(rest.len());
            let error = match parse(&rest[..length], self.size) {
                Err(error) => error,
                Ok(_) => BadRequest::Unknown {
                    line: excerpt(&rest[..length], LINE),
                    size: self.size,
                },
            };
            self.used += length;
            self.last_message = None;
            return Some(Said::Message(Err(error)));
        }
        let line = excerpt(&rest[..length], LINE);
        self.used += length;
        match count {
            Some(count) if (1..=self.size).contains(&count) => {
                self.last_message = Some(count);
                Some(Said::Message(Ok(())))
            }
            _ => {
                self.last_message = None;
                Some(Said::Message(Err(BadRequest::Draw {
                    line,
                    size: self.size,
                })))
            }
        }
    }

    fn line(&mut self) -> Option<Said> {
        loop {
            let rest = self.rest();
            let end = rest[self.searched..].iter().position(|&byte| byte == b'\n');
            let (line, length) = match end {
                Some(offset) => {
                    let line = &rest[..self.searched + offset];
                    (line, line.len() + 1)
                }
                None if self.ended && !rest.is_empty() => (rest, rest.len()),
                // A CR may be half of a line end.
                None if rest.len() > MAX_LINE_LEN + 1 => (rest, rest.len()),
                None => {
                    self.searched = rest.len();
                    return None;
                }
            };
            let line = line.strip_suffix(b"\r").unwrap_or(line);
            let said = if line.len() > MAX_LINE_LEN {
                Err(BadRequest::TooLong)
            } else {
                parse(line, self.size)
            };
            self.used += length;
            self.searched = 0;
            match said {
                Ok(None) => {}
                Ok(Some(request)) => return Some(Said::Line(Ok(request))),
                Err(error) => return Some(Said::Line(Err(error))),
            }
        }
    }
}

impl Iterator for Decoder {
    type Item = Said;

    /// What the client said next. `None` means "more is needed": see [`Decoder::waiting`].
    fn next(&mut self) -> Option<Said> {
        if self.dialect == Dialect::Unknown
            && (self.ended || self.rest().contains(&b'\n') || self.rest().len() > MAX_LINE_LEN)
        {
            self.dialect = Dialect::Line;
        }
        match self.dialect {
            Dialect::Unknown => None,
            Dialect::Line => self.line(),
            Dialect::Course => self.message(),
        }
    }
}

fn begins_a_draw(bytes: &[u8]) -> bool {
    bytes.len() >= 5 && bytes[..4].eq_ignore_ascii_case(b"draw") && bytes[4].is_ascii_whitespace()
}

/// Whether these bytes could go on to be `draw N`.
fn is_beginning_of_draw(bytes: &[u8]) -> bool {
    let verb = bytes.len().min(4);
    bytes[..verb].eq_ignore_ascii_case(&b"draw"[..verb])
        && bytes.len() <= MAX_LINE_LEN
        && bytes[verb..].iter().all(|&byte| byte == b' ')
}

/// The length of a `draw N` at the beginning (0: there is none) and its N (`None`: too large).
fn leading_draw(bytes: &[u8]) -> (usize, Option<u64>) {
    if !begins_a_draw(bytes) {
        return (0, None);
    }
    let spaces = bytes[4..].iter().take_while(|&&byte| byte == b' ').count();
    let from = 4 + spaces;
    let digits = bytes[from..]
        .iter()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    let end = from + digits;
    let follows_well = match bytes.get(end) {
        None | Some(b'\n' | b'\r') => true,
        Some(_) => {
            let next = &bytes[end..];
            next[..next.len().min(4)].eq_ignore_ascii_case(&b"draw"[..next.len().min(4)])
        }
    };
    if digits == 0 || !follows_well {
        return (0, None);
    }
    (end, whole_number(&bytes[from..end]))
}

fn line_end(bytes: &[u8]) -> Option<usize> {
    match bytes {
        [b'\r', b'\n', ..] => Some(2),
        [b'\r' | b'\n', ..] => Some(1),
        _ => None,
    }
}

/// How many of the numbers in `text` are not complete in its first `written` bytes. `text` holds
/// lines; those that begin with a digit are numbers.
#[must_use]
pub fn numbers_unwritten(text: &[u8], written: usize) -> u64 {
    // Nearly always everything is written: what went out is not read again for that.
    let last_line_end = text.iter().take(written).rposition(|&byte| byte == b'\n');
    let mut begin = last_line_end.map_or(0, |line_end| line_end + 1);
    let mut unwritten = 0;
    for line in text[begin..].split_inclusive(|&byte| byte == b'\n') {
        let end = begin + line.len();
        if end > written && line.first().is_some_and(u8::is_ascii_digit) {
            unwritten += 1;
        }
        begin = end;
    }
    unwritten
}

#[cfg(test)]
mod tests;
