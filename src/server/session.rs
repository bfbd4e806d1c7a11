//! One client, one thread: reads its requests, draws, answers.

use std::io::{ErrorKind, Read};
use std::net::TcpStream;
use std::ops::Range;
use std::time::{Duration, Instant};

use super::connection::Connection;
use super::hang_up::hang_up_gently;
use super::limits::Limits;
use super::outbox::Outbox;
use crate::lootbox::{Refused, Seat};
use crate::protocol::{self, BadRequest, Decoder, Dialect, Request, Said, Speak, Waiting};
use crate::record::State;

/// How much is read at once; also how far a client can be ahead with its requests.
const READ: usize = 4_096;
/// So many numbers at once are sent without a copy: less is cheaper to put together with what else is to be sent.
const MANY: u64 = 256;

/// Why a session ends.
#[derive(Debug)]
enum End {
    /// The client hung up.
    ByClient,
    /// The client said `quit`.
    Quit,
    /// The client does not take what is sent, or its connection broke.
    Broken,
    /// It is told this and closed.
    Told(String),
}

impl From<Refused> for End {
    fn from(refused: Refused) -> Self {
        Self::Told(match refused {
            Refused::NewRound => format!("{refused}: connect again"),
            Refused::SoldOut | Refused::Stopping | Refused::NoMoreTurns(_) => refused.to_string(),
        })
    }
}

/// What reading brought.
enum Input {
    Bytes(usize),
    /// Nothing for a while that says something too: see [`Waiting::Quiet`].
    Quiet,
    /// The client, or the loot box, has ended it.
    End,
}

/// Serves one client to its end.
pub fn serve(connection: &Connection, seat: Seat, speak: Speak, limits: &Limits) {
    let stream = &connection.stream;
    let size = seat.list().size();
    let outbox = Outbox::new(stream, limits.write_timeout);
    let (Ok(()), Ok(outbox)) = (stream.set_nodelay(true), outbox) else {
        // The client is gone already.
        return;
    };
    let mut session = Session {
        connection,
        seat,
        outbox,
        decoder: Decoder::new(size, speak),
        told: Dialect::Unknown,
        limits,
        read_timeout: None,
        line_begun: None,
    };
    let end = session.run();
    if let End::Told(reason) = &end {
        session.error(reason);
    }
    session.flush();
    drop(session);
    tracing::debug!(?end, "session over");
    if matches!(end, End::Quit | End::Told(_)) {
        hang_up_gently(stream);
    }
}

struct Session<'a> {
    connection: &'a Connection,
    seat: Seat,
    outbox: Outbox<'a>,
    decoder: Decoder,
    /// The dialect that others know of.
    told: Dialect,
    limits: &'a Limits,
    /// What the stream has now: it is changed only when what is waited for changes. Between requests it has none.
    read_timeout: Option<Duration>,
    /// When the first byte of an unended line came.
    line_begun: Option<Instant>,
}

impl Session<'_> {
    fn run(&mut self) -> End {
        let mut buffer = [0; READ];
        loop {
            if let Err(end) = self.answer_all() {
                return end;
            }
            let input = match self.read(&mut buffer) {
                Ok(input) => input,
                Err(end) => return end,
            };
            match input {
                Input::Bytes(count) => self.decoder.feed(&buffer[..count]),
                Input::Quiet => self.decoder.quiet(),
                Input::End if self.seat.is_over() => return Refused::NewRound.into(),
                Input::End if self.seat.is_stopping() => return Refused::Stopping.into(),
                Input::End if self.connection.was_idle() => return self.too_idle(),
                Input::End => {
                    self.decoder.end();
                    return self.answer_all().err().unwrap_or(End::ByClient);
                }
            }
        }
    }

    /// Answers everything that was said so far, with one write where possible.
    fn answer_all(&mut self) -> Result<(), End> {
        while let Some(said) = self.decoder.next() {
            self.line_begun = None;
            self.tell_dialect();
            self.seat.record().set_state(State::Drawing);
            self.answer(said)?;
        }
        if !self.outbox.is_empty() {
            self.flush();
        }
        self.seat.record().set_state(State::Idle);
        if self.outbox.is_broken() {
            return Err(End::Broken);
        }
        Ok(())
    }

    /// Only when it changes: what others see of a session has a cache line of its own, and of thousands of sessions
    /// none is in the cache when its request comes.
    fn tell_dialect(&mut self) {
        let dialect = self.decoder.dialect();
        if self.told != dialect {
            self.told = dialect;
            self.seat.record().set_dialect(dialect);
        }
    }

    fn answer(&mut self, said: Said) -> Result<(), End> {
        match said {
            Said::Line(Ok(Request::Draw(count))) => return self.draw_lines(count),
            Said::Line(Ok(Request::Name(name))) => self.name(name),
            Said::Line(Ok(Request::Help)) => self.outbox.push(protocol::HELP.as_bytes()),
            Said::Line(Ok(Request::Quit)) => return Err(End::Quit),
            Said::Line(Err(error @ BadRequest::TooLong)) => {
                return Err(End::Told(error.to_string()));
            }
            Said::Line(Err(error)) | Said::Message(Err(error)) => self.error(&error.to_string()),
            Said::Message(Ok(())) => return self.draw_message(),
            Said::LineEndAfterAll(more) => {
                self.outbox.push(b"\n");
                return self.draw_lines(more);
            }
        }
        Ok(())
    }

    /// Under a schedule a name of one letter is the letter that the session wants.
    fn name(&mut self, name: String) {
        let letter = match name.as_bytes() {
            [letter] if letter.is_ascii_alphabetic() => {
                Some(u64::from(letter.to_ascii_uppercase() - b'A'))
            }
            _ => None,
        };
        if let Some(letter) = letter
            && let Err(not_that) = self.seat.take_letter_for_turns(letter)
        {
            self.error(&format!("{not_that}: say another name"));
            return;
        }
        self.seat.record().set_name(name);
        self.outbox.push(b"ok\n");
    }

    fn draw_lines(&mut self, count: u64) -> Result<(), End> {
        let mut left = count;
        while left > 0 {
            // What was said before is not held back meanwhile.
            if !self.outbox.is_empty() && self.seat.may_wait_long() {
                self.flush();
                self.seat.record().set_state(State::Drawing);
            }
            let Self { seat, outbox, .. } = self;
            let drawn = seat.draw(left, &mut |list, tickets| {
                outbox.push(list.lines(tickets));
                outbox.flush_at_once();
            });
            match drawn {
                // All of a request at once: one slice of the list's text.
                Ok(drawn) if drawn.count >= MANY && !drawn.replied && drawn.tickets.len() == 1 => {
                    left -= drawn.count;
                    let tickets = drawn.tickets[0].clone();
                    self.send_as_they_stand(tickets);
                }
                Ok(drawn) => {
                    left -= drawn.count;
                    if !drawn.replied {
                        for tickets in drawn.tickets {
                            outbox.push(drawn.list.lines(tickets.clone()));
                        }
                    }
                }
                Err(Refused::SoldOut) => {
                    self.sold_out();
                    return Ok(());
                }
                Err(Refused::NoMoreTurns(ended)) => {
                    self.error(&ended.to_string());
                    return Ok(());
                }
                Err(refused) => return Err(refused.into()),
            }
            if self.outbox.is_full() {
                self.flush();
                self.seat.record().set_state(State::Drawing);
            }
            if self.outbox.is_broken() {
                return Err(End::Broken);
            }
        }
        Ok(())
    }

    fn send_as_they_stand(&mut self, tickets: Range<u64>) {
        let Self { seat, outbox, .. } = self;
        seat.record().set_state(State::Writing);
        outbox.send_as_they_stand(seat.list().lines(tickets));
        seat.add_undelivered(outbox.take_undelivered());
        seat.record().set_state(State::Drawing);
    }

    /// One number, whatever N was, without a line end: the course dialect.
    fn draw_message(&mut self) -> Result<(), End> {
        // A number is a message of its own, also after an error.
        self.flush();
        let Self { seat, outbox, .. } = self;
        let drawn = seat.draw(1, &mut |list, tickets| {
            outbox.send_message(list.lines(tickets));
        });
        match drawn {
            Ok(drawn) if drawn.replied => Ok(()),
            Ok(drawn) => {
                for tickets in drawn.tickets {
                    outbox.send_message(drawn.list.lines(tickets.clone()));
                }
                Ok(())
            }
            Err(Refused::SoldOut) => {
                self.sold_out();
                Ok(())
            }
            Err(Refused::NoMoreTurns(ended)) => {
                self.error(&ended.to_string());
                Ok(())
            }
            Err(refused) => Err(refused.into()),
        }
    }

    fn sold_out(&mut self) {
        let size = self.seat.list().size();
        self.error(&format!(
            "{}: the counter has reached the end of the list of {size}",
            Refused::SoldOut
        ));
    }

    /// Tells the client an error, in its dialect.
    fn error(&mut self, what: &str) {
        self.outbox.push(b"error: ");
        self.outbox.push(what.as_bytes());
        if self.decoder.dialect() != Dialect::Course {
            self.outbox.push(b"\n");
        }
    }

    fn flush(&mut self) {
        self.seat.record().set_state(State::Writing);
        self.outbox.flush();
        self.seat.add_undelivered(self.outbox.take_undelivered());
    }

    /// Reads what the client sends next, or waits until it may not be waited for any more.
    fn read(&mut self, buffer: &mut [u8]) -> Result<Input, End> {
        loop {
            let waiting = self.decoder.waiting();
            let timeout = self.time_to_wait(waiting)?;
            let stream = &self.connection.stream;
            if self.read_timeout != timeout {
                stream.set_read_timeout(timeout).map_err(|_| End::Broken)?;
                self.read_timeout = timeout;
            }
            let mut read = |mut stream: &TcpStream| stream.read(buffer);
            let input = match waiting {
                Waiting::Request => self.connection.waiting(read),
                Waiting::Quiet | Waiting::RestOfLine => read(stream),
            };
            match input {
                Ok(0) => return Ok(Input::End),
                Ok(count) => return Ok(Input::Bytes(count)),
                Err(error) => match (error.kind(), waiting) {
                    (ErrorKind::Interrupted, _) => {}
                    (ErrorKind::WouldBlock | ErrorKind::TimedOut, Waiting::Quiet) => {
                        return Ok(Input::Quiet);
                    }
                    (ErrorKind::WouldBlock | ErrorKind::TimedOut, Waiting::RestOfLine) => {
                        return Err(self.too_slow());
                    }
                    _ => return Err(End::Broken),
                },
            }
        }
    }

    /// The whole of a line has one deadline: a byte a second does not extend it. A next request is waited for
    /// until the [idle timeout](super::idle) ends it.
    fn time_to_wait(&mut self, waiting: Waiting) -> Result<Option<Duration>, End> {
        if waiting == Waiting::Request {
            return Ok(None);
        }
        let begun = *self.line_begun.get_or_insert_with(Instant::now);
        let left = self.limits.line_timeout.saturating_sub(begun.elapsed());
        if left.is_zero() {
            return Err(self.too_slow());
        }
        Ok(Some(match waiting {
            Waiting::Quiet => left.min(protocol::QUIET),
            Waiting::Request | Waiting::RestOfLine => left,
        }))
    }

    fn too_idle(&self) -> End {
        let limit = humantime::format_duration(self.limits.idle_timeout);
        End::Told(format!("no request for {limit}: connect again"))
    }

    fn too_slow(&self) -> End {
        let limit = humantime::format_duration(self.limits.line_timeout);
        End::Told(format!(
            "no line end within {limit}: end each request with a line end"
        ))
    }
}
