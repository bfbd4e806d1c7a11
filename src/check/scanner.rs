//! Bytes → lines → draws, in whatever pieces the file comes.
//!
//! A line of ordinary length is kept until it is whole, because only then is it known what it is. A longer one can
//! only be a list, and of a list nothing is kept but the number being read: a Python list of 100 MB is one line.
//! Nothing depends on where one piece ends and the next begins.

use super::Why;
use super::line::{Line, List, content, is_note, judge};
use super::reading::Reading;
use super::table::{Row, Table};

/// A line up to here is kept whole.
const WHOLE: usize = 64 * 1024;
/// A line up to here may be too long to be read; after that somebody pours in something that is no output file.
const ENDLESS: u64 = 1024 * 1024;
/// How much of a line is kept to be shown.
const HEAD: usize = 256;

/// What a file holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found<'a> {
    /// A draw.
    Number(u64),
    /// A line on which no number is sure to be a draw; its beginning.
    NotUnderstood(&'a [u8], Why),
    /// A note, the head of a table, or an echo.
    PassedOver,
    /// A line, no list of numbers, that is longer than any output file has; its beginning.
    Endless(&'a [u8]),
}

/// What is done with the line that is being read.
#[derive(Debug, Clone, Copy)]
enum State {
    /// It is kept until it is whole.
    Kept,
    /// It is long, and a list.
    List(List),
    /// It is long, and what it is has been said: passed over until its end.
    Skipped { length: u64 },
}

/// Reads one file, piece by piece.
#[derive(Debug)]
pub(crate) struct Scanner<'a> {
    reading: &'a Reading,
    state: State,
    /// The line, or its beginning.
    kept: Vec<u8>,
    number: u64,
    /// Nothing but blank lines so far.
    first: bool,
    /// The bracket of a list was opened on a line before.
    open: bool,
    ended: bool,
    /// The lists of the file so far.
    table: Table,
}

impl<'a> Scanner<'a> {
    pub(crate) fn new(reading: &'a Reading) -> Self {
        Self {
            reading,
            state: State::Kept,
            kept: Vec::new(),
            number: 1,
            first: true,
            open: false,
            ended: true,
            table: Table::default(),
        }
    }

    /// Tells of every list when its line ends, for somebody who waits for numbers: the lines of a table are taken
    /// for draws.
    pub(crate) fn at_once(reading: &'a Reading) -> Self {
        Self {
            table: Table::never(),
            ..Self::new(reading)
        }
    }

    /// The line that is being read, from 1.
    pub(super) fn line(&self) -> u64 {
        self.number
    }

    /// Whether what was read ends with a line end, or there is nothing.
    pub(super) fn is_ended(&self) -> bool {
        self.ended
    }

    /// Reads a piece of the file, and calls `found` with everything in it that is complete, and its line.
    /// Ends early, with its error, when `found` fails.
    pub(crate) fn feed<E>(
        &mut self,
        bytes: &[u8],
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        // What a client writes: a number, a line end. Nothing is kept for that.
        let bare = matches!(self.reading, Reading::Plain | Reading::List);
        let mut rest = bytes;
        if let Some(last) = bytes.last() {
            self.ended = *last == b'\n';
        }
        while !rest.is_empty() {
            if bare
                && self.kept.is_empty()
                && matches!(self.state, State::Kept)
                && let Some((number, length)) = bare_number(rest)
            {
                rest = &rest[length..];
                self.no_table(found)?;
                found(Found::Number(number), self.number)?;
                self.first = false;
                self.number += 1;
                continue;
            }
            let Some(length) = memchr::memchr(b'\n', rest) else {
                return self.take(rest, found);
            };
            self.take(&rest[..length], found)?;
            self.end_line(found)?;
            self.number += 1;
            rest = &rest[length + 1..];
        }
        Ok(())
    }

    /// The file is at its end: completes a last line that has no line end.
    pub(crate) fn end<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        self.end_line(found)?;
        self.table.end();
        self.release(found)
    }

    /// Here stands what is no line of a table.
    #[inline]
    fn no_table<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        if !self.table.is_undecided() {
            return Ok(());
        }
        self.table.no_table();
        self.release(found)
    }

    /// Tells of the lists that waited, if it is known what they are.
    fn release<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let table = self.table.is_table();
        for row in self.table.decided() {
            if table {
                found(
                    Found::NotUnderstood(&row.head, Why::SeveralNumbers),
                    row.line,
                )?;
                continue;
            }
            for number in row.numbers {
                found(Found::Number(number), row.line)?;
            }
        }
        Ok(())
    }

    /// The line, if it is a whole list, and may be one of a table.
    fn row(&self) -> Option<Row> {
        if *self.reading != Reading::Plain || self.open || !self.table.takes() {
            return None;
        }
        let text = content(&self.kept);
        let mut list = List::beginning(self.reading, false);
        let numbers = text
            .iter()
            .filter_map(|&byte| list.step(byte).ok().flatten());
        let numbers = numbers.collect();
        (!list.is_open()).then(|| Row {
            line: self.number,
            head: text[..text.len().min(HEAD)].to_owned(),
            numbers,
        })
    }

    fn take<E>(
        &mut self,
        bytes: &[u8],
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        if matches!(self.state, State::Kept) {
            let room = WHOLE - self.kept.len();
            let (fits, more) = bytes.split_at(bytes.len().min(room));
            self.kept.extend_from_slice(fits);
            if more.is_empty() {
                return Ok(());
            }
            self.too_long(found)?;
            return self.take(more, found);
        }
        if let State::List(_) = self.state {
            return self.list(bytes, found);
        }
        if let State::Skipped { length } = &mut self.state {
            let before = *length;
            *length += bytes.len() as u64;
            if before <= ENDLESS && *length > ENDLESS {
                return found(Found::Endless(&self.kept), self.number);
            }
        }
        Ok(())
    }

    /// The line will not be kept whole: what can it be?
    fn too_long<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let kept = std::mem::take(&mut self.kept);
        self.kept.extend_from_slice(&kept[..HEAD]);
        let may_be_list = match self.reading {
            Reading::Plain => self.open || content(&kept).starts_with(b"["),
            Reading::List => true,
            Reading::Column(_) | Reading::Pick(_) => false,
        };
        if is_note(&kept) {
            self.skip();
            found(Found::PassedOver, self.number)
        } else if may_be_list {
            self.no_table(found)?;
            self.state = State::List(List::beginning(self.reading, self.open));
            self.list(content_start(&kept), found)
        } else {
            self.skip();
            found(Found::NotUnderstood(&self.kept, Why::TooLong), self.number)
        }
    }

    fn list<E>(
        &mut self,
        bytes: &[u8],
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let State::List(mut list) = self.state else {
            return Ok(());
        };
        for &byte in bytes {
            match list.step(byte) {
                Ok(None) => {}
                Ok(Some(number)) => found(Found::Number(number), self.number)?,
                Err(()) => {
                    self.skip();
                    return found(Found::NotUnderstood(&self.kept, Why::TooLong), self.number);
                }
            }
        }
        self.state = State::List(list);
        Ok(())
    }

    fn skip(&mut self) {
        self.state = State::Skipped {
            length: WHOLE as u64,
        };
        self.open = false;
    }

    fn end_line<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let number = self.number;
        let result = match self.state {
            State::Kept => self.whole(found),
            State::List(mut list) => {
                self.open = list.is_open();
                list.end()
                    .map_or(Ok(()), |value| found(Found::Number(value), number))
            }
            State::Skipped { .. } => Ok(()),
        };
        self.state = State::Kept;
        self.kept.clear();
        result
    }

    /// The line is whole.
    fn whole<E>(
        &mut self,
        found: &mut impl FnMut(Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let line = judge(&self.kept, self.reading, self.first, self.open);
        self.first &= line == Line::Blank;
        match line {
            Line::Blank => Ok(()),
            Line::PassedOver => found(Found::PassedOver, self.number),
            Line::Number(number) => {
                self.no_table(found)?;
                found(Found::Number(number), self.number)
            }
            Line::NotUnderstood(why) => {
                self.open = false;
                let head = content(&self.kept);
                let head = &head[..head.len().min(HEAD)];
                found(Found::NotUnderstood(head, why), self.number)
            }
            Line::List => {
                if let Some(row) = self.row() {
                    self.table.add(row);
                    return self.release(found);
                }
                self.no_table(found)?;
                let mut list = List::beginning(self.reading, self.open);
                for &byte in content(&self.kept) {
                    // It was judged to be one.
                    if let Ok(Some(number)) = list.step(byte) {
                        found(Found::Number(number), self.number)?;
                    }
                }
                self.open = list.is_open();
                list.end()
                    .map_or(Ok(()), |number| found(Found::Number(number), self.number))
            }
        }
    }
}

/// How many draws there are on one line, as in the answer of a server.
pub(crate) fn numbers_on(line: &[u8], reading: &Reading) -> u64 {
    let mut scanner = Scanner::new(reading);
    let mut numbers = 0;
    let mut count = |found: Found<'_>, _| -> Result<(), std::convert::Infallible> {
        numbers += u64::from(matches!(found, Found::Number(_)));
        Ok(())
    };
    let Ok(()) = scanner.feed(line, &mut count);
    let Ok(()) = scanner.end(&mut count);
    numbers
}

/// Without blanks and byte order marks before it; its end may be in the middle of a number.
fn content_start(line: &[u8]) -> &[u8] {
    let length = content(line).len() + line.len() - line.trim_ascii_end().len();
    &line[line.len() - length..]
}

/// The number that stands at the front, if its line holds nothing else, and how long the line is.
#[inline]
fn bare_number(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0_u64;
    let mut length = 0;
    // So many digits fit whatever they are.
    while length < 19
        && let Some(digit) = bytes.get(length).map(|byte| byte.wrapping_sub(b'0'))
        && digit <= 9
    {
        value = value * 10 + u64::from(digit);
        length += 1;
    }
    match (length, bytes.get(length)?) {
        (0, _) => None,
        (_, b'\n') => Some((value, length + 1)),
        (_, b'\r') => (bytes.get(length + 1) == Some(&b'\n')).then_some((value, length + 2)),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::cases;
    use proptest::prelude::*;

    use super::*;

    /// What was found, and on which line, when the text comes in these pieces.
    fn read<'a>(
        reading: &Reading,
        pieces: impl IntoIterator<Item = &'a [u8]>,
    ) -> Vec<(String, u64)> {
        let mut all = Vec::new();
        let mut found = |found: Found<'_>, line| -> Result<(), ()> {
            let found = match found {
                Found::Number(number) => number.to_string(),
                Found::NotUnderstood(head, why) => format!("?{}:{why:?}", head.len()),
                Found::PassedOver => "-".into(),
                Found::Endless(head) => format!("endless:{}", head.len()),
            };
            all.push((found, line));
            Ok(())
        };
        let mut scanner = Scanner::new(reading);
        for piece in pieces {
            scanner.feed(piece, &mut found).unwrap();
        }
        scanner.end(&mut found).unwrap();
        all
    }

    /// The same in short: `found@line`, parted by blanks.
    fn short(text: &str) -> String {
        let all = read(&Reading::Plain, [text.as_bytes()]);
        let all: Vec<_> = all
            .iter()
            .map(|(found, line)| format!("{found}@{line}"))
            .collect();
        all.join(" ")
    }

    #[test]
    fn one_number_a_line() {
        assert_eq!(short("5\n19\r\n\n 228 \n7"), "5@1 19@2 228@4 7@5");
        assert_eq!(
            short("0000000000000000000007\n18446744073709551615\n"),
            "7@1 18446744073709551615@2"
        );
        assert_eq!(short("error: sold out\n5\n# x\n7"), "-@1 5@2 -@3 7@4");
        assert_eq!(short(""), "");
    }

    #[test]
    fn a_list_on_one_line_and_on_several() {
        assert_eq!(short("[5, 19,\t228]\n(7,)\n"), "5@1 19@1 228@1 7@2");
        assert_eq!(
            short("[\n  5,\n  19 228\n]\n7 8"),
            "5@2 19@3 228@3 ?3:SeveralNumbers@5"
        );
        // What is not understood closes the bracket: the next lines are not taken for the rest of a list.
        assert_eq!(
            short("[5,\nhello\n1 2"),
            "5@1 ?5:NoNumber@2 ?3:SeveralNumbers@3"
        );
    }

    #[test]
    fn a_list_may_be_longer_than_what_is_kept() {
        let list = |end: &str| format!("[{}{end}", "12345, ".repeat(WHOLE / 7 + 1_000));
        let all = read(&Reading::Plain, [list("7]\n8").as_bytes()]);
        assert_eq!(all.len(), WHOLE / 7 + 1_002);
        assert!(
            all[..WHOLE / 7 + 1_000]
                .iter()
                .all(|one| *one == ("12345".into(), 1))
        );
        assert_eq!(all.last().unwrap(), &("8".into(), 2));
        let all = read(&Reading::Plain, [list("x]\n8").as_bytes()]);
        let [.., (odd, 1), (next, 2)] = &all[..] else {
            panic!("{:?}", all.last())
        };
        assert_eq!((odd.as_str(), next.as_str()), ("?256:TooLong", "8"));
    }

    #[test]
    fn of_a_line_without_end_only_the_beginning_is_kept() {
        let piece = vec![b'7'; 100_000];
        let reading = Reading::Plain;
        let mut scanner = Scanner::new(&reading);
        let mut all = Vec::new();
        let mut found = |found: Found<'_>, _| -> Result<(), ()> {
            all.push(matches!(found, Found::Endless(_)));
            Ok(())
        };
        for _ in 0..30 {
            scanner.feed(&piece, &mut found).unwrap();
            assert!(scanner.kept.len() <= WHOLE);
        }
        assert_eq!(all, [false, true], "not understood, then given up");
    }

    proptest! {
        #![proptest_config(cases(256))]

        /// Text that is full of what the states turn on, cut anywhere.
        #[test]
        fn where_a_piece_ends_changes_nothing(
            text in r"(error:|wrong command!|draw 4|#|\u{feff}|[0-9]{1,22}|[,\[\] \t\r]|\n|[a-z!é]){0,40}",
            cuts in prop::collection::vec(1_usize..6, 1..20),
            column in prop::option::of(1_usize..4),
        ) {
            let reading = column.map_or(Reading::Plain, |column| Reading::Column(column.try_into().unwrap()));
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
            prop_assert_eq!(read(&reading, pieces), read(&reading, [text.as_bytes()]));
        }

        #[test]
        fn where_a_piece_of_a_long_line_ends_changes_nothing(
            cut in WHOLE - 50..WHOLE + 50, start in "(\\[|\u{feff} \\[| |#|x)", end in "([0-9]\\]|x|, 8)\n7",
        ) {
            let text = format!("{start}{}{end}", "123, ".repeat(WHOLE / 5 + 20));
            let (one, other) = text.as_bytes().split_at(cut);
            for reading in [Reading::Plain, Reading::List] {
                prop_assert_eq!(read(&reading, [one, other]), read(&reading, [text.as_bytes()]));
            }
        }
    }
}
