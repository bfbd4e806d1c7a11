//! A list given by hand: `5,19,228`, or one number a line, with brackets around it if you like.
//!
//! It is looked at while it is read, and never kept as text: a file that is no list, such as `/dev/zero`, is refused
//! at its beginning and takes no memory.

use std::io::{BufRead, Read};

use super::{ListError, MAX_SIZE};

/// No list has more bytes: each number at most ten digits, a comma and a blank.
const MAX_BYTES: u64 = MAX_SIZE * 12;
/// Between two separators. Longer than any number, because blanks that are not ASCII do not separate yet.
const MAX_WORD_LEN: usize = 64 * 1_024;
/// A word that is no number is quoted up to here.
const MAX_QUOTED: usize = 40;
/// From here on repeated numbers are looked for whenever the list has doubled, not only at its end.
const FIRST_LOOK: usize = 1 << 10;

/// The numbers, each there once.
///
/// # Errors
/// If there are none, too many, one twice, or something else than numbers.
pub(super) fn numbers(input: impl BufRead) -> Result<Vec<u32>, ListError> {
    let mut list = Reading::default();
    let mut bytes = 0;
    for byte in input.take(MAX_BYTES).bytes() {
        list.take(byte.map_err(|error| ListError::Unreadable(error.to_string()))?)?;
        bytes += 1;
    }
    if bytes == MAX_BYTES {
        return Err(ListError::Endless(MAX_BYTES));
    }
    list.end()
}

#[derive(Default)]
struct Reading {
    numbers: Vec<u32>,
    word: Vec<u8>,
    /// A comma has come, and no number behind it yet.
    comma: bool,
    opened: bool,
    closed: bool,
}

impl Reading {
    fn take(&mut self, byte: u8) -> Result<(), ListError> {
        match byte {
            b',' => {
                self.end_word()?;
                if self.comma || self.numbers.is_empty() {
                    return Err(self.missing());
                }
                self.comma = true;
            }
            b'[' if !self.opened && self.word.is_empty() && self.numbers.is_empty() => {
                self.opened = true;
            }
            b']' if self.opened && !self.closed => {
                self.end_word()?;
                if self.comma {
                    return Err(self.missing());
                }
                self.closed = true;
            }
            _ if byte.is_ascii_whitespace() => self.end_word()?,
            _ => {
                self.word.push(byte);
                if self.word.len() > MAX_WORD_LEN {
                    let word = String::from_utf8_lossy(&self.word);
                    return Err(not_a_number(&word));
                }
            }
        }
        Ok(())
    }

    fn end(mut self) -> Result<Vec<u32>, ListError> {
        self.end_word()?;
        if self.comma {
            return Err(self.missing());
        }
        if self.numbers.is_empty() {
            return Err(ListError::Empty);
        }
        self.look_for_repeated()?;
        Ok(self.numbers)
    }

    fn missing(&self) -> ListError {
        ListError::Missing(self.numbers.len() + 1)
    }

    /// What stands between two separators: a number, or several with blanks from a document between them.
    fn end_word(&mut self) -> Result<(), ListError> {
        if self.word.is_empty() {
            return Ok(());
        }
        let word = std::mem::take(&mut self.word);
        // What an editor on Windows puts before a text.
        let word = match word.strip_prefix(b"\xef\xbb\xbf") {
            Some(rest) if self.numbers.is_empty() && !self.opened => rest,
            _ => &word[..],
        };
        for piece in String::from_utf8_lossy(word).split_whitespace() {
            match piece.parse() {
                Ok(number) if number > 0 && !piece.starts_with('+') && !self.closed => {
                    self.numbers.push(number);
                }
                _ => return Err(not_a_number(piece)),
            }
            self.comma = false;
            let many = self.numbers.len();
            if many as u64 > MAX_SIZE {
                return Err(ListError::Size(many as u64));
            }
            if many >= FIRST_LOOK && many.is_power_of_two() {
                self.look_for_repeated()?;
            }
        }
        Ok(())
    }

    fn look_for_repeated(&self) -> Result<(), ListError> {
        let mut sorted = self.numbers.clone();
        sorted.sort_unstable();
        match sorted.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(ListError::Repeated(pair[0])),
            None => Ok(()),
        }
    }
}

fn not_a_number(word: &str) -> ListError {
    ListError::NotANumber(word.chars().take(MAX_QUOTED).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::{BufReader, repeat};

    fn given(text: &str) -> Result<Vec<u32>, ListError> {
        numbers(text.as_bytes())
    }

    #[test]
    fn the_assignments_list_is_taken_as_it_is_written() {
        let right = [5, 19, 228, 665, 7, 11];
        for text in [
            "5,19,228,665,7,11",
            "[5,19,228,665,7, 11]\n",
            " [ 5 , 19,228 ,665,7,11 ] ",
            "5\n19\n228\n\n665\r\n7\r\n11",
            "5,\n19,\n228,\n665,\n7,\n11\n",
            "\u{feff}5,19,228,665,7,11",
            "5,\u{a0}19,228\u{2009}665,7,11",
        ] {
            assert_eq!(given(text).unwrap(), right, "{text:?}");
        }
    }

    #[test]
    fn a_list_that_cannot_be_used_says_why() {
        assert_eq!(given(""), Err(ListError::Empty));
        assert_eq!(given(" \n[ ]"), Err(ListError::Empty));
        assert_eq!(given("5,19,5"), Err(ListError::Repeated(5)));
        for (text, place) in [
            ("5,,6", 2),
            ("5, ,6", 2),
            (",5", 1),
            ("5,6,", 3),
            ("[5,6,]", 3),
            (" ,\n", 1),
        ] {
            assert_eq!(given(text), Err(ListError::Missing(place)), "{text}");
        }
        for word in ["0", "-1", "+3", "1e3", "4294967296", "x", "2]", "[2", "2\0"] {
            let told = given(&format!("1,{word}"));
            assert_eq!(told, Err(ListError::NotANumber(word.into())));
        }
        assert_eq!(given("[1,2] 3"), Err(ListError::NotANumber("3".into())));
    }

    #[test]
    fn what_has_no_end_is_refused_at_its_beginning() {
        let of = |byte| numbers(BufReader::new(repeat(byte)));
        assert_eq!(of(0), Err(ListError::NotANumber("\0".repeat(MAX_QUOTED))));
        assert_eq!(of(b'7'), Err(ListError::NotANumber("7".repeat(MAX_QUOTED))));
        let lines = b"5\n".repeat(2 * FIRST_LOOK);
        assert_eq!(
            numbers(BufReader::new(lines.chain(repeat(b' ')))),
            Err(ListError::Repeated(5))
        );
    }
}
