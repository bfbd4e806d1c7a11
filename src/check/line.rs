//! One line → the draws on it, or why there are none.

use super::Why;
use super::reading::{Picked, Reading};

/// Lines that begin so are notes, not draws.
const NOTES: [&[u8]; 3] = [b"error:", b"wrong command!", b"#"];
/// Files that were joined with `cat` have it in the middle.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// What a line came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Line {
    /// Nothing on it but blanks and brackets.
    Blank,
    /// A note, the head of a table, an echo of `draw N`.
    PassedOver,
    /// One number.
    Number(u64),
    /// A list: every number on it counts, and [`List`] reads them.
    List,
    NotUnderstood(Why),
}

/// Judges a whole line without its line end. `first`: nothing but blank lines stands before it in the file.
/// `open`: the bracket of a list was opened on a line before.
pub(super) fn judge(line: &[u8], reading: &Reading, first: bool, open: bool) -> Line {
    let line = content(line);
    if line.is_empty() {
        return Line::Blank;
    }
    let note = is_note(line);
    match reading {
        // Lines may be numbered with a #.
        Reading::Pick(pick) if !note || line.starts_with(b"#") => match pick.of(line) {
            Picked::Text(part) => {
                number(part).map_or(Line::NotUnderstood(Why::NotPicked), Line::Number)
            }
            Picked::NoDraw => Line::PassedOver,
            Picked::Nothing if note || !line.iter().any(u8::is_ascii_digit) => Line::PassedOver,
            Picked::Nothing => Line::NotUnderstood(Why::NotPicked),
        },
        _ if note => Line::PassedOver,
        Reading::Column(column) => {
            let cell = cells(line).nth(column.get() - 1).unwrap_or_default();
            match number(cell) {
                Some(number) => Line::Number(number),
                None if first && !cell.is_empty() && !cell.iter().any(u8::is_ascii_digit) => {
                    Line::PassedOver
                }
                None => Line::NotUnderstood(Why::NotPicked),
            }
        }
        Reading::Plain if open || line.starts_with(b"[") => {
            if List::beginning(reading, open).fits(line) {
                Line::List
            } else {
                plain(line)
            }
        }
        Reading::List if List::beginning(reading, false).fits(line) => Line::List,
        _ => plain(line),
    }
}

/// Of a line too long to be held, its beginning says whether it is a note.
pub(super) fn is_note(line: &[u8]) -> bool {
    let line = content(line);
    NOTES.iter().any(|note| line.starts_with(note)) || is_echo(line)
}

/// `draw 4`: what was typed on a terminal whose output was kept.
fn is_echo(line: &[u8]) -> bool {
    let mut words = line
        .split(u8::is_ascii_whitespace)
        .filter(|word| !word.is_empty());
    let draw = words
        .next()
        .is_some_and(|word| word.eq_ignore_ascii_case(b"draw"));
    draw && words
        .next()
        .is_some_and(|count| count.iter().all(u8::is_ascii_digit))
        && words.next().is_none()
}

/// Without blanks around it, and without byte order marks before it.
pub(super) fn content(line: &[u8]) -> &[u8] {
    let mut line = line.trim_ascii();
    while let Some(rest) = line.strip_prefix(BYTE_ORDER_MARK) {
        line = rest.trim_ascii_start();
    }
    line
}

/// A line of which only one number may be a draw.
fn plain(line: &[u8]) -> Line {
    let (mut numbers, mut others, mut last) = (0_u64, 0_u64, None);
    for word in line
        .split(|&byte| parts(byte))
        .filter(|word| !word.is_empty())
    {
        last = number(word);
        *(if last.is_some() {
            &mut numbers
        } else {
            &mut others
        }) += 1;
    }
    match (numbers, others) {
        (0, 0) => Line::Blank,
        (1, 0) => last.map_or(Line::NotUnderstood(Why::NoNumber), Line::Number),
        (_, 0) => Line::NotUnderstood(Why::SeveralNumbers),
        _ if numbers > 0 || runs_of_digits(line).count() > 0 && others > 1 => {
            Line::NotUnderstood(Why::WordsBeside)
        }
        _ => Line::NotUnderstood(Why::NoNumber),
    }
}

/// Where digits stand side by side.
pub(super) fn runs_of_digits(line: &[u8]) -> impl Iterator<Item = std::ops::Range<usize>> + '_ {
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + line[at..].iter().position(u8::is_ascii_digit)?;
        let rest = &line[start..];
        let length = rest
            .iter()
            .position(|byte| !byte.is_ascii_digit())
            .unwrap_or(rest.len());
        at = start + length;
        Some(start..at)
    })
}

/// The columns of a line: parted by tabs, else by commas or semicolons, else by blanks. What only wraps a number,
/// quotes and brackets, is left out.
pub(super) fn cells(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let table = |byte: u8| byte == b'\t';
    let list = |byte: u8| byte == b',' || byte == b';';
    let blanks = !line.iter().any(|&byte| table(byte) || list(byte));
    let tabs = line.contains(&b'\t');
    line.split(move |&byte| {
        if tabs {
            table(byte)
        } else {
            list(byte) || blanks && byte.is_ascii_whitespace()
        }
    })
    .filter(move |cell| !blanks || !cell.is_empty())
    .map(|cell| {
        let wraps = |byte: &u8| parts(*byte);
        let start = cell
            .iter()
            .position(|byte| !wraps(byte))
            .unwrap_or(cell.len());
        let end = cell
            .iter()
            .rposition(|byte| !wraps(byte))
            .map_or(start, |last| last + 1);
        &cell[start..end]
    })
}

/// One number written `12,034`, perhaps.
pub(super) fn in_thousands(line: &[u8]) -> bool {
    let mut groups = content(line).split(|&byte| byte == b',');
    let digits = |group: &[u8]| group.iter().all(u8::is_ascii_digit);
    let first = groups.next().unwrap_or_default();
    let mut rest = groups.peekable();
    (1..=3).contains(&first.len())
        && digits(first)
        && rest.peek().is_some()
        && rest.all(|group| group.len() == 3 && digits(group))
}

/// Decimal digits and nothing else, at most `u64::MAX`.
pub(super) fn number(word: &[u8]) -> Option<u64> {
    if word.is_empty() {
        return None;
    }
    word.iter().try_fold(0_u64, |value, byte| {
        let digit = byte.wrapping_sub(b'0');
        (digit <= 9).then_some(())?;
        value.checked_mul(10)?.checked_add(digit.into())
    })
}

/// Blanks, commas, semicolons, quotes and brackets part words.
fn parts(byte: u8) -> bool {
    byte.is_ascii_whitespace() || b"\x0b,;[](){}\"'".contains(&byte)
}

/// Reads a list byte by byte, however long it is.
#[derive(Debug, Clone, Copy)]
pub(super) struct List {
    /// Only what stands in one pair of square brackets counts.
    bracketed: bool,
    open: bool,
    closed: bool,
    value: Option<u64>,
}

impl List {
    /// At the beginning of a line. `open`: the bracket stands on a line before.
    pub(super) fn beginning(reading: &Reading, open: bool) -> Self {
        Self {
            bracketed: *reading == Reading::Plain,
            open,
            closed: false,
            value: None,
        }
    }

    /// Whether its bracket is still open at the end of the line.
    pub(super) fn is_open(&self) -> bool {
        self.bracketed && self.open && !self.closed
    }

    /// Takes one byte; the number that it ends, if it ends one.
    ///
    /// # Errors
    /// When this is no list.
    pub(super) fn step(&mut self, byte: u8) -> Result<Option<u64>, ()> {
        let outside = self.bracketed && (!self.open || self.closed);
        match byte {
            b'0'..=b'9' if !outside => {
                let tens = self.value.unwrap_or(0).checked_mul(10).ok_or(())?;
                self.value = Some(tens.checked_add((byte - b'0').into()).ok_or(())?);
                Ok(None)
            }
            b'[' if self.bracketed && !self.open => {
                self.open = true;
                Ok(None)
            }
            b']' if self.bracketed && !outside => {
                self.closed = true;
                Ok(self.value.take())
            }
            b'[' | b']' | b'(' | b')' | b'{' | b'}' if self.bracketed => Err(()),
            byte if parts(byte) => Ok(self.value.take()),
            _ => Err(()),
        }
    }

    /// The number that the end of the line ends.
    pub(super) fn end(&mut self) -> Option<u64> {
        self.value.take()
    }

    fn fits(mut self, line: &[u8]) -> bool {
        line.iter().all(|&byte| self.step(byte).is_ok())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain_line(text: &str) -> Line {
        judge(text.as_bytes(), &Reading::Plain, true, false)
    }

    #[test]
    fn digits_and_nothing_else_are_a_number() {
        for (text, number) in [
            ("007", 7),
            ("0", 0),
            (" 5,", 5),
            ("(7,)", 7),
            ("\"5\";", 5),
            ("18446744073709551615", u64::MAX),
        ] {
            assert_eq!(plain_line(text), Line::Number(number), "{text}");
        }
        for text in [
            "+3",
            "-1",
            "1e3",
            "3.0",
            "0x10",
            "५",
            "12a4",
            "18446744073709551616",
            "hello",
        ] {
            assert_eq!(
                plain_line(text),
                Line::NotUnderstood(Why::NoNumber),
                "{text}"
            );
        }
    }

    #[test]
    fn nothing_is_guessed() {
        for text in [
            "1\t5",
            "5 19 228",
            "(1, 5)",
            "1,234",
            "[1] 5",
            "[1, 5] [2, 19]",
            "[[1, 5]]",
        ] {
            assert_eq!(
                plain_line(text),
                Line::NotUnderstood(Why::SeveralNumbers),
                "{text}"
            );
        }
        for text in [
            "client 1 got 5",
            "> 5",
            "6 # 7",
            "{\"number\": 5}",
            "got number=5",
        ] {
            assert_eq!(
                plain_line(text),
                Line::NotUnderstood(Why::WordsBeside),
                "{text}"
            );
        }
    }

    #[test]
    fn notes_are_passed_over() {
        for text in [
            "error: sold out 5",
            "  wrong command! 6",
            "#7",
            "draw 4",
            "\u{feff}error: x",
            " DRAW  4\r",
        ] {
            assert_eq!(plain_line(text), Line::PassedOver, "{text}");
        }
        for text in [
            "error 5",
            "wrong comm 6",
            "err",
            "draw 4 5",
            "draw",
            "6 # 7",
        ] {
            assert!(matches!(plain_line(text), Line::NotUnderstood(_)), "{text}");
        }
        assert_eq!(plain_line("\u{feff}8"), Line::Number(8));
    }

    #[test]
    fn a_list_in_square_brackets_is_draws() {
        for text in [
            "[5, 19,\t228]",
            "[5 19 228]",
            "[5]",
            "[]",
            "[5, 19],",
            "[5, 19",
        ] {
            assert_eq!(plain_line(text), Line::List, "{text}");
        }
        assert_eq!(judge(b"228, 7]", &Reading::Plain, false, true), Line::List);
        assert_eq!(judge(b"5 19", &Reading::List, false, false), Line::List);
    }

    #[test]
    fn columns() {
        let column = |column: usize, text: &str| {
            let reading = Reading::Column(column.try_into().unwrap());
            judge(text.as_bytes(), &reading, false, false)
        };
        for text in [
            "     1\t5",
            "1,5",
            "1;5",
            "1, 5",
            "(1, 5)",
            "\"1\",\"5\"",
            "1    5",
            "got 5",
        ] {
            assert_eq!(column(2, text), Line::Number(5), "{text}");
        }
        assert_eq!(column(3, "1,,5"), Line::Number(5));
        assert_eq!(column(4, "client 1 got 5"), Line::Number(5));
        assert_eq!(column(3, "1,5"), Line::NotUnderstood(Why::NotPicked));
        assert_eq!(column(2, "i,number"), Line::NotUnderstood(Why::NotPicked));
        let first = judge(
            b"i,number",
            &Reading::Column(2.try_into().unwrap()),
            true,
            false,
        );
        assert_eq!(first, Line::PassedOver, "the head of a table");
    }

    #[test]
    fn a_picked_number() {
        let pick = |regex: &str, text: &str| {
            let reading = Reading::Pick(regex.parse().unwrap());
            judge(text.as_bytes(), &reading, true, false)
        };
        assert_eq!(pick("got ([0-9]+)", "client 1 got 5"), Line::Number(5));
        assert_eq!(pick(r"\d+", "client 1 got 5"), Line::Number(1));
        assert_eq!(
            pick("got (.*)", "got x"),
            Line::NotUnderstood(Why::NotPicked)
        );
        assert_eq!(
            pick(r"got (\d+)", "client 1 lost"),
            Line::NotUnderstood(Why::NotPicked)
        );
        assert_eq!(
            pick(r"got (\d+)", "hello"),
            Line::PassedOver,
            "no digit, so no draw"
        );
        assert_eq!(
            pick(r"port 7777|got (\d+)", "port 7777"),
            Line::PassedOver,
            "said to be none"
        );
        assert_eq!(pick(r"#\d+: (\d+)", "#1: 5"), Line::Number(5));
        assert_eq!(pick(r"(\d+)", "error: only 3 left"), Line::PassedOver);
    }
}
