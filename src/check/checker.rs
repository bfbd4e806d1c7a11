//! Files in, report out.

use std::io::{self, Read};
use std::sync::Arc;

use encoding_rs_io::DecodeReaderBytesBuilder;

use super::scanner::{Found, Scanner};
use super::seen::{Full, Limits, Seen};
use super::{
    CheckError, Duplicate, FirstOf, NotUnderstood, Options, OutOfRange, Place, Report, Why, glued,
};
use crate::escaped::{LINE, escaped, excerpt};

/// How many numbers out of range, and how many lines not understood, are kept with their place.
const KEPT: usize = 20;

/// When so many lines more are not understood than numbers are, there is no use in going on.
const HOPELESS: u64 = 1_000_000;

/// How much is read at once. Large enough that the call into the system costs nothing, small enough to
/// stay in the cache of one core.
const CHUNK: usize = 128 * 1024;

/// Reads the output files of one run, one after the other, and remembers which number stood where.
///
/// Each input is read once, from front to end, so a pipe will do. The order of the files changes
/// no count; it only decides which place of a duplicate is named first.
///
/// ```
/// use lootbox::check::{Checker, Options};
///
/// let mut checker = Checker::new(Options::default());
/// checker.read("alice.txt", "5\n19\n228\n".as_bytes())?;
/// checker.read("bob.txt", "228\n665\n".as_bytes())?;
/// let report = checker.finish();
///
/// assert_eq!(report.extras, 1);
/// assert_eq!(report.duplicates, [(228, 2)]);
/// assert_eq!(report.shown[0].places[1].to_string(), "bob.txt:1");
/// assert_eq!(report.verdict().exit_code(), 1);
/// # Ok::<(), lootbox::check::CheckError>(())
/// ```
#[derive(Debug)]
pub struct Checker {
    options: Options,
    seen: Seen,
    /// Every file, with the number of lines before it: a place is one running line number, and this
    /// finds its file again. It keeps a place to 8 bytes.
    files: Vec<(Arc<str>, u64)>,
    /// Lines of all files before the present one.
    lines: u64,
    tally: Tally,
    buffer: Vec<u8>,
}

/// What is counted on the way, beside the numbers in range.
#[derive(Debug, Default)]
struct Tally {
    numbers: u64,
    passed_over: u64,
    out_of_range: u64,
    first_out_of_range: Vec<(u64, u64)>,
    not_understood: u64,
    first_not_understood: Vec<(String, Why, u64)>,
    /// Numbers that are the whole file and have no line end, with their places.
    unended: Vec<(u64, u64)>,
}

/// Why a file is not read to its end.
enum Stop {
    Full(Full),
    Endless(String, u64),
    Hopeless(u64),
}

impl From<Full> for Stop {
    fn from(full: Full) -> Self {
        Self::Full(full)
    }
}

impl Stop {
    /// `before`: the lines of all files before this one.
    fn error(self, file: String, before: u64, tally: &Tally) -> CheckError {
        match self {
            Self::Full(full) => full.error(file, full.place - before),
            Self::Endless(begins, place) => CheckError::EndlessLine {
                file,
                line: place - before,
                begins,
            },
            Self::Hopeless(place) => CheckError::Hopeless {
                file,
                line: place - before,
                count: tally.not_understood,
                first: tally
                    .first_not_understood
                    .first()
                    .map(|(text, ..)| text.clone())
                    .unwrap_or_default(),
            },
        }
    }
}

impl Checker {
    /// A checker for one run, before the first file.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let seen = Seen::new(&options, Limits::default());
        Self::with(options, seen)
    }

    fn with(options: Options, seen: Seen) -> Self {
        Self {
            options,
            seen,
            files: Vec::new(),
            lines: 0,
            tally: Tally::default(),
            buffer: vec![0; CHUNK],
        }
    }

    /// Reads one file to its end. `name` is what the report calls it.
    ///
    /// A file that begins with a byte order mark is taken as the UTF-8 or UTF-16 it says (`>` in
    /// `PowerShell` writes UTF-16); any other is taken as bytes, of which only ASCII means anything.
    ///
    /// # Errors
    ///
    /// [`CheckError::Read`] when the reader fails, [`CheckError::TooManyNumbers`] when there are more large
    /// numbers than can be remembered, [`CheckError::EndlessLine`] and [`CheckError::Hopeless`] when this is no
    /// output file. Part of the file has been counted then: drop the checker.
    pub fn read(&mut self, name: &str, reader: impl Read) -> Result<(), CheckError> {
        let mut reader = DecodeReaderBytesBuilder::new()
            .strip_bom(true)
            .build(reader);
        let before = self.lines;
        self.files.push((escaped(name).into(), before));

        let Self {
            options,
            seen,
            tally,
            buffer,
            ..
        } = self;
        let mut scanner = Scanner::new(&options.reading);
        let size = options.size.unwrap_or(u64::MAX);
        let numbers_before = tally.numbers;
        let mut last = 0;
        let read = {
            let mut take = |found: Found<'_>, line: u64| {
                if let Found::Number(number) = found {
                    last = number;
                }
                take(found, before + line, size, seen, tally)
            };
            loop {
                match reader.read(buffer) {
                    Ok(0) => break scanner.end(&mut take),
                    Ok(length) => {
                        if let Err(stop) = scanner.feed(&buffer[..length], &mut take) {
                            break Err(stop);
                        }
                    }
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(source) => {
                        let (file, line) = (escaped(name), scanner.line());
                        return Err(CheckError::Read { file, line, source });
                    }
                }
            }
        };
        // Before the next file, so that an error names this one.
        read.and_then(|()| Ok(seen.settle()?))
            .map_err(|stop: Stop| stop.error(escaped(name), before, tally))?;
        if !scanner.is_ended() && tally.numbers == numbers_before + 1 && tally.unended.len() < KEPT
        {
            tally.unended.push((last, before + scanner.line()));
        }
        self.lines += scanner.line();
        Ok(())
    }

    /// The result, after the last file.
    #[must_use]
    pub fn finish(self) -> Report {
        let Self {
            options,
            seen,
            files,
            tally,
            ..
        } = self;
        let place = |line: u64| {
            let index = files
                .partition_point(|(_, before)| *before < line)
                .saturating_sub(1);
            let (file, before) = &files[index];
            Place {
                file: Arc::clone(file),
                line: line - before,
            }
        };
        let far_out = (options.size.is_none())
            .then(|| glued::far_out(&seen, &tally.unended))
            .flatten();
        let out = |(number, line): (u64, u64)| OutOfRange {
            number,
            place: place(line),
        };
        let range = seen.range();
        let distinct = seen.distinct();
        let most = options
            .size
            .or(range.map(|(_, largest)| largest))
            .unwrap_or(0);
        let (shown, duplicates) = seen.into_duplicates();
        let shown = shown.into_iter().map(|kept| Duplicate {
            number: kept.number,
            count: kept.count,
            places: kept.places.into_iter().map(place).collect(),
        });
        Report {
            size: options.size,
            files: files.len(),
            numbers: tally.numbers,
            distinct,
            extras: tally.numbers - distinct,
            missing: most - distinct,
            range,
            passed_over: tally.passed_over,
            out_of_range: FirstOf {
                count: tally.out_of_range,
                first: tally.first_out_of_range.into_iter().map(out).collect(),
            },
            not_understood: FirstOf {
                count: tally.not_understood,
                first: (tally.first_not_understood.into_iter())
                    .map(|(text, why, line)| NotUnderstood {
                        text,
                        why,
                        place: place(line),
                    })
                    .collect(),
            },
            far_out: far_out.map(out),
            unended: tally.unended.first().copied().map(out),
            not_read: Vec::new(),
            hints: Vec::new(),
            duplicates,
            shown: shown.collect(),
        }
    }
}

/// Counts what was found in a file. `place` is its running line number.
#[inline]
fn take(
    found: Found<'_>,
    place: u64,
    size: u64,
    seen: &mut Seen,
    tally: &mut Tally,
) -> Result<(), Stop> {
    match found {
        Found::Number(number) if (1..=size).contains(&number) => {
            tally.numbers += 1;
            return Ok(seen.see(number, place)?);
        }
        Found::Number(number) if glued::may_be_several(number, size) => {
            tally.do_not_understand(number.to_string(), Why::Glued, place);
        }
        Found::Number(number) => {
            tally.out_of_range += 1;
            if tally.first_out_of_range.len() < KEPT {
                tally.first_out_of_range.push((number, place));
            }
        }
        Found::NotUnderstood(line, why) => {
            tally.do_not_understand(excerpt(line, LINE), why, place);
            if tally.not_understood > tally.numbers + HOPELESS {
                return Err(Stop::Hopeless(place));
            }
        }
        Found::PassedOver => tally.passed_over += 1,
        Found::Endless(line) => return Err(Stop::Endless(excerpt(line, LINE), place)),
    }
    Ok(())
}

impl Tally {
    fn do_not_understand(&mut self, text: String, why: Why, place: u64) {
        self.not_understood += 1;
        if self.first_not_understood.len() < KEPT {
            self.first_not_understood.push((text, why, place));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `1..=numbers`, one a line, each made when the one before is read: there is nothing to look back at.
    struct Numbers {
        number: u64,
        last: u64,
        line: io::Cursor<String>,
    }

    impl Numbers {
        fn up_to(last: u64) -> Self {
            Self {
                number: 0,
                last,
                line: io::Cursor::default(),
            }
        }
    }

    impl Read for Numbers {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let length = self.line.read(buffer)?;
            if length > 0 || self.number == self.last {
                return Ok(length);
            }
            self.number += 1;
            self.line = io::Cursor::new(format!("{}\n", self.number));
            self.line.read(buffer)
        }
    }

    #[test]
    fn what_is_held_depends_on_the_range_and_not_on_the_files() {
        const NUMBERS: u64 = 5_000;
        let mut checker = Checker::new(Options::default());
        for client in 1..=100 {
            let name = format!("client-{client}.txt");
            checker.read(&name, Numbers::up_to(NUMBERS)).unwrap();
            let (cells, places) = checker.seen.held();
            assert!(cells <= 3 * 2048, "{cells} cells for 5,000 numbers");
            assert!(places <= 20 * 10, "{places} places for 20 duplicates");
            assert_eq!(checker.buffer.len(), CHUNK);
        }
        let report = checker.finish();
        assert_eq!(report.numbers, 100 * NUMBERS);
        assert_eq!(report.extras, 99 * NUMBERS);
        assert!(report.duplicates.iter().all(|(_, count)| *count == 100));
    }

    #[test]
    fn a_reader_that_breaks_off_names_file_and_line() {
        struct Broken;
        impl Read for Broken {
            fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
                Err(io::Error::other("the disk is gone"))
            }
        }
        let mut checker = Checker::new(Options::default());
        let broken = b"5\n19\n".chain(Broken);
        let error = checker.read("a.txt", broken).unwrap_err();
        let text = "cannot read a.txt beyond line 3: the disk is gone";
        assert!(error.to_string().starts_with(text), "{error}");
    }

    #[test]
    fn an_interrupted_read_is_tried_again() {
        struct Interrupted(bool);
        impl Read for Interrupted {
            fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
                self.0 = !self.0;
                if self.0 {
                    return Err(io::ErrorKind::Interrupted.into());
                }
                b"".as_slice().read(buffer)
            }
        }
        let mut checker = Checker::new(Options::default());
        let reader = b"500\n600\n".chain(Interrupted(false)).chain(&b"7"[..]);
        checker.read("a.txt", reader).unwrap();
        assert_eq!(checker.finish().numbers, 3);
    }
}
