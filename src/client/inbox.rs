//! What has come from the server and is not taken yet.

use std::io::{self, Read};
use std::ops::Range;

/// A buffer of fixed size between the socket and the lines in it: one read brings as many lines as
/// there are, and a line may come in any number of pieces.
#[derive(Debug)]
pub(super) struct Inbox {
    buffer: Vec<u8>,
    begin: usize,
    /// From `begin` to here there is no line end.
    searched: usize,
    end: usize,
}

impl Inbox {
    /// Room for `capacity` bytes, hence for no longer line.
    pub(super) fn new(capacity: usize) -> Self {
        Self {
            buffer: vec![0; capacity],
            begin: 0,
            searched: 0,
            end: 0,
        }
    }

    /// Reads once. `false`: the other side has closed.
    pub(super) fn fill(&mut self, from: &mut impl Read) -> io::Result<bool> {
        self.buffer.copy_within(self.begin..self.end, 0);
        self.end -= self.begin;
        self.searched -= self.begin;
        self.begin = 0;
        loop {
            match from.read(&mut self.buffer[self.end..]) {
                Ok(length) => {
                    self.end += length;
                    return Ok(length > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
    }

    /// Whether there is no room for more of a line that has no end yet.
    pub(super) fn is_full(&self) -> bool {
        self.end - self.begin == self.buffer.len()
    }

    /// Whether a whole line is there.
    pub(super) fn has_line(&mut self) -> bool {
        self.searched += self.buffer[self.searched..self.end]
            .iter()
            .position(|&byte| byte == b'\n')
            .unwrap_or(self.end - self.searched);
        self.searched < self.end
    }

    /// Takes a whole line: where it stands, without its end and without spaces before that. Good
    /// until the next [`fill`](Self::fill).
    pub(super) fn line(&mut self) -> Option<Range<usize>> {
        if !self.has_line() {
            return None;
        }
        let line = self.begin..self.searched;
        self.begin = self.searched + 1;
        self.searched = self.begin;
        Some(self.trimmed(line))
    }

    /// Whether a message of the course dialect is there.
    pub(super) fn has_message(&mut self) -> bool {
        while self.begin < self.end && self.buffer[self.begin].is_ascii_whitespace() {
            self.begin += 1;
        }
        self.searched = self.searched.max(self.begin);
        self.begin < self.end
    }

    /// Takes a message of the course dialect: all that came, for nothing in it marks its end. Only
    /// a number and an error that arrived together are told apart; and a server that does send line
    /// ends is understood.
    pub(super) fn message(&mut self) -> Option<Range<usize>> {
        if !self.has_message() {
            return None;
        }
        let rest = self.rest();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let length = if digits > 0 && rest[digits..].starts_with(b"error:") {
            digits
        } else {
            rest.iter()
                .position(|&byte| byte == b'\n' || byte == b'\r')
                .unwrap_or(rest.len())
        };
        let message = self.begin..self.begin + length;
        self.begin = message.end;
        self.searched = self.searched.max(self.begin);
        Some(self.trimmed(message))
    }

    /// What came of a line that is not whole.
    pub(super) fn rest(&self) -> &[u8] {
        &self.buffer[self.begin..self.end]
    }

    /// Takes that.
    pub(super) fn take_rest(&mut self) -> Range<usize> {
        let rest = self.begin..self.end;
        self.begin = self.end;
        self.searched = self.end;
        self.trimmed(rest)
    }

    /// The bytes of what was taken.
    pub(super) fn bytes(&self, taken: Range<usize>) -> &[u8] {
        &self.buffer[taken]
    }

    fn trimmed(&self, taken: Range<usize>) -> Range<usize> {
        let length = self.buffer[taken.clone()].trim_ascii_end().len();
        taken.start..taken.start + length
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each piece as a read of its own.
    struct Pieces(Vec<Vec<u8>>);

    impl Read for Pieces {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            if self.0.is_empty() {
                return Ok(0);
            }
            let piece = self.0.remove(0);
            buffer[..piece.len()].copy_from_slice(&piece);
            Ok(piece.len())
        }
    }

    fn pieces(pieces: &[&[u8]]) -> Pieces {
        Pieces(pieces.iter().map(|piece| piece.to_vec()).collect())
    }

    fn text(inbox: &Inbox, taken: Range<usize>) -> String {
        String::from_utf8(inbox.bytes(taken).to_vec()).unwrap()
    }

    fn lines(mut from: Pieces, capacity: usize) -> (Vec<String>, String) {
        let mut inbox = Inbox::new(capacity);
        let mut lines = Vec::new();
        loop {
            while let Some(line) = inbox.line() {
                lines.push(text(&inbox, line));
            }
            if inbox.is_full() || !inbox.fill(&mut from).unwrap() {
                let rest = inbox.take_rest();
                return (lines, text(&inbox, rest));
            }
        }
    }

    #[test]
    fn lines_come_out_whole_wherever_they_are_cut() {
        const ANSWER: &[u8] = b"5\r\n19\n\nerror: sold out\n22";
        let whole = (
            ["5", "19", "", "error: sold out"]
                .map(str::to_owned)
                .to_vec(),
            "22".to_owned(),
        );
        // A read of no bytes would be the end, so no piece is empty.
        for first in 1..ANSWER.len() - 1 {
            for second in first + 1..ANSWER.len() {
                let cut = pieces(&[&ANSWER[..first], &ANSWER[first..second], &ANSWER[second..]]);
                assert_eq!(lines(cut, 100), whole, "cut at {first} and {second}");
            }
        }
        let bytes: Vec<&[u8]> = ANSWER.chunks(1).collect();
        // The longest line and its end just fit.
        assert_eq!(lines(pieces(&bytes), 16), whole);
    }

    #[test]
    fn a_line_that_does_not_end_is_full_some_time() {
        let bytes = [b"1\n".as_slice(), &[b'x'; 4], &[b'x'; 4]];
        let (lines, rest) = lines(pieces(&bytes), 8);
        assert_eq!(lines, ["1"]);
        assert_eq!(rest, "xxxxxxxx");
    }

    #[test]
    fn a_message_is_what_came_together() {
        for (received, messages) in [
            (b"17".as_slice(), ["17"].as_slice()),
            (b"17\n", &["17"]),
            (b"17\r\n18\r\n", &["17", "18"]),
            (b" 17 ", &["17"]),
            (b"error: sold out", &["error: sold out"]),
            (b"17error: new round", &["17", "error: new round"]),
            (b"17 of 20", &["17 of 20"]),
            (b"\r\n", &[]),
        ] {
            let mut inbox = Inbox::new(100);
            assert!(inbox.fill(&mut pieces(&[received])).unwrap());
            let mut taken = Vec::new();
            while inbox.has_message() {
                let message = inbox.message().unwrap();
                taken.push(text(&inbox, message));
            }
            assert_eq!(taken, messages, "{received:?}");
            assert_eq!(inbox.message(), None);
            assert!(!inbox.fill(&mut pieces(&[])).unwrap());
        }
    }
}
