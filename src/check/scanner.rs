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
mod tests;
