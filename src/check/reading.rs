//! Bytes → numbers: what counts as a number, what is passed over, what is not understood.
//!
//! A machine with five states, fed whatever piece of the file there is. It holds no line, because a
//! Python list of 100 MB is one line, and its result does not depend on where one piece ends and the
//! next begins, because everything it knows is in its state.

/// Lines that begin so are notes, not draws. The byte order mark is here for files that were joined with
/// `cat`; it is no note, and the line begins after it.
const OPENINGS: [&[u8]; 4] = [b"error:", b"wrong command!", b"#", BYTE_ORDER_MARK];
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// How much of a word is kept, to show it: 41 characters of four bytes, and 40 are shown.
const HEAD: usize = 164;

/// What a word or a line of a file came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found<'a> {
    /// Decimal digits and nothing else, at most `u64::MAX`.
    Number(u64),
    /// Any other word; the beginning of it.
    NotUnderstood(&'a [u8]),
    /// A line that begins `error:`, `wrong command!` or `#`.
    PassedOver,
}

#[derive(Debug, Clone, Copy)]
enum State {
    /// Nothing but blanks since the line began.
    LineStart,
    /// The line has begun with the first `matched` bytes of an opening.
    Opening { which: usize, matched: usize },
    /// Between two words, and no longer at the start of the line.
    Between,
    /// In a word of digits so far.
    Digits,
    /// In a word that is no number.
    Word,
    /// In a line that is passed over.
    PassedOver,
}

/// Reads one file, piece by piece.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    line: u64,
    value: u64,
    /// The digits are more than a `u64` can hold.
    overflow: bool,
    /// The beginning of a word, as far as it is not in the present piece.
    head: Vec<u8>,
}

impl Scanner {
    pub(super) fn new() -> Self {
        let head = Vec::with_capacity(HEAD);
        Self {
            state: State::LineStart,
            line: 1,
            value: 0,
            overflow: false,
            head,
        }
    }

    /// The line that is being read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.line
    }

    /// Reads a piece of the file, and calls `found` with everything in it that is complete, and its line.
    /// Ends early, with its error, when `found` fails.
    pub(super) fn feed<E>(
        &mut self,
        bytes: &[u8],
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            match self.state {
                State::LineStart => match byte {
                    b'0'..=b'9' => self.begin_word(),
                    b' ' | b'\t' | b'\r' => at += 1,
                    _ => self.begin_line(byte),
                },
                State::Opening { which, matched } => {
                    let opening = OPENINGS[which];
                    if byte != opening[matched] {
                        self.no_opening(which, matched, found)?;
                        continue;
                    }
                    at += 1;
                    if matched + 1 < opening.len() {
                        self.state = State::Opening {
                            which,
                            matched: matched + 1,
                        };
                    } else if opening == BYTE_ORDER_MARK {
                        self.state = State::LineStart;
                    } else {
                        self.state = State::PassedOver;
                        found(Found::PassedOver, self.line)?;
                    }
                }
                State::Between => {
                    if ends_word(byte) {
                        at += 1;
                        self.part(byte);
                    } else {
                        self.begin_word();
                    }
                }
                State::Digits => {
                    let start = at;
                    at += self.digits(&bytes[at..]);
                    match bytes.get(at) {
                        // A number in range ends here nearly always, and then its text is not needed.
                        Some(&next) if ends_word(next) && !self.overflow => {
                            let line = self.line;
                            at += 1;
                            self.part(next);
                            found(Found::Number(self.value), line)?;
                        }
                        next => {
                            self.keep(&bytes[start..at]);
                            if next.is_some() {
                                self.state = State::Word;
                            }
                        }
                    }
                }
                State::Word => {
                    let start = at;
                    let rest = &bytes[at..];
                    at += rest
                        .iter()
                        .position(|&byte| ends_word(byte))
                        .unwrap_or(rest.len());
                    self.keep(&bytes[start..at]);
                    if at < bytes.len() {
                        self.state = State::Between;
                        found(Found::NotUnderstood(&self.head), self.line)?;
                    }
                }
                State::PassedOver => {
                    let rest = &bytes[at..];
                    match rest.iter().position(|&byte| byte == b'\n') {
                        Some(length) => {
                            at += length;
                            self.state = State::Between;
                        }
                        None => at = bytes.len(),
                    }
                }
            }
        }
        Ok(())
    }

    /// The file is at its end: completes a last line that has no line end.
    pub(super) fn end<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        if let State::Opening { which, matched } = self.state {
            self.no_opening(which, matched, found)?;
        }
        match self.state {
            State::Digits if !self.overflow => found(Found::Number(self.value), self.line),
            State::Digits | State::Word => found(Found::NotUnderstood(&self.head), self.line),
            _ => Ok(()),
        }
    }

    /// The first byte of a line that is neither blank nor digit: perhaps that of an opening.
    fn begin_line(&mut self, byte: u8) {
        let which = OPENINGS
            .iter()
            .position(|opening| opening.first() == Some(&byte));
        self.state = which.map_or(State::Between, |which| State::Opening { which, matched: 0 });
    }

    /// It was an ordinary line after all: reads again what had looked like the opening of a note.
    fn no_opening<E>(
        &mut self,
        which: usize,
        matched: usize,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        self.state = State::Between;
        self.feed(&OPENINGS[which][..matched], found)
    }

    fn begin_word(&mut self) {
        self.state = State::Digits;
        self.value = 0;
        self.overflow = false;
        self.head.clear();
    }

    /// Past a byte that parts words.
    #[inline]
    fn part(&mut self, byte: u8) {
        if byte == b'\n' {
            self.line += 1;
            self.state = State::LineStart;
        } else {
            self.state = State::Between;
        }
    }

    /// Reads the digits at the front of `bytes`, and returns how many there are.
    fn digits(&mut self, bytes: &[u8]) -> usize {
        let mut value = self.value;
        let mut length = 0;
        for byte in bytes {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                break;
            }
            length += 1;
            if value < u64::MAX / 10 {
                value = value * 10 + u64::from(digit);
                continue;
            }
            // The last digit that can fit, or one too many. Nothing but very large numbers comes here.
            match value
                .checked_mul(10)
                .and_then(|tens| tens.checked_add(digit.into()))
            {
                Some(more) => value = more,
                None => self.overflow = true,
            }
        }
        self.value = value;
        length
    }

    fn keep(&mut self, bytes: &[u8]) {
        let room = HEAD - self.head.len();
        self.head.extend_from_slice(&bytes[..bytes.len().min(room)]);
    }
}

/// Blanks, line ends, commas and brackets part words: a Python list is numbers, too.
#[inline]
fn ends_word(byte: u8) -> bool {
    const PARTS: [bool; 256] = {
        let mut table = [false; 256];
        let parting = b" \t\r\n\x0b\x0c,[](){}";
        let mut at = 0;
        while at < parting.len() {
            table[parting[at] as usize] = true;
            at += 1;
        }
        table
    };
    PARTS[usize::from(byte)]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What was found, and on which line, when the text comes in these pieces.
    fn read<'a>(pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        let mut found = |found: Found<'_>, line| -> Result<(), ()> {
            let found = match found {
                Found::Number(number) => number.to_string(),
                Found::NotUnderstood(word) => format!("?{}", String::from_utf8_lossy(word)),
                Found::PassedOver => "-".into(),
            };
            all.push((found, line));
            Ok(())
        };
        let mut scanner = Scanner::new();
        for piece in pieces {
            scanner.feed(piece, &mut found).unwrap();
        }
        scanner.end(&mut found).unwrap();
        all
    }

    /// The same in short: `found@line`, parted by blanks.
    fn short(text: &str) -> String {
        let all = read([text.as_bytes()]);
        let all: Vec<_> = all
            .iter()
            .map(|(found, line)| format!("{found}@{line}"))
            .collect();
        all.join(" ")
    }

    #[test]
    fn one_number_a_line() {
        assert_eq!(short("5\n19\r\n\n 228 \n7"), "5@1 19@2 228@4 7@5");
        assert_eq!(short(""), "");
    }

    #[test]
    fn a_list_on_one_line() {
        assert_eq!(short("[5, 19,\t228]\n(7,)\n"), "5@1 19@1 228@1 7@2");
    }

    #[test]
    fn digits_and_nothing_else_are_a_number() {
        assert_eq!(
            short("+3 -1 1e3 3.0 0x10 ५ 12a4 007 0"),
            "?+3@1 ?-1@1 ?1e3@1 ?3.0@1 ?0x10@1 ?५@1 ?12a4@1 7@1 0@1"
        );
    }

    #[test]
    fn a_number_beyond_64_bits_is_not_understood() {
        assert_eq!(
            short("18446744073709551615 18446744073709551616 99999999999999999999"),
            "18446744073709551615@1 ?18446744073709551616@1 ?99999999999999999999@1"
        );
        assert_eq!(
            short("000000000000000000000000000000000007 18446744073709551616"),
            "7@1 ?18446744073709551616@1"
        );
    }

    #[test]
    fn notes_are_passed_over() {
        assert_eq!(
            short("error: sold out 5\n5\n  wrong command! 6\n#7\n6 # 7\n"),
            "-@1 5@2 -@3 -@4 6@5 ?#@5 7@5"
        );
    }

    #[test]
    fn what_only_begins_like_a_note_is_read() {
        assert_eq!(
            short("error 5\nwrong comm 6\nerr\n\twron\n\u{feff}8\n\u{feff}error: x\nwrong c"),
            "?error@1 5@1 ?wrong@2 ?comm@2 6@2 ?err@3 ?wron@4 8@5 -@6 ?wrong@7 ?c@7"
        );
    }

    #[test]
    fn of_a_word_without_end_only_the_beginning_is_kept() {
        let word = [b'x'; 10_000];
        let all = read(word.chunks(7).chain([&b" 5"[..]]));
        assert_eq!(all[0].0.len(), 1 + HEAD);
        assert_eq!(all[1], ("5".into(), 1));
    }

    proptest! {
        /// Text that is full of what the states turn on, cut anywhere.
        #[test]
        fn where_a_piece_ends_changes_nothing(
            text in r"(error:|wrong command!|wrong|#|\u{feff}|[0-9]{1,22}|[,\[\] \t\r]|\n|[a-z!é]){0,40}",
            cuts in prop::collection::vec(1_usize..6, 1..20),
        ) {
            let mut rest = text.as_bytes();
            let mut pieces = Vec::new();
            for cut in cuts.iter().cycle() {
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = after;
                if rest.is_empty() {
                    break;
                }
            }
            prop_assert_eq!(read(pieces), read([text.as_bytes()]));
        }
    }
}
