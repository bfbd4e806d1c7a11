//! Standard output, where results go. The one way of writing there: nobody reading any more is no error, and every
//! other failure is, with a sentence. A result that is lost in silence would look like a result of nothing.

use std::io::{self, BufWriter, ErrorKind, Stdout, Write};

/// Where a command writes its result. A closed pipe swallows what is written; every other error says what could not be
/// done. What is written counts as written when [`finish`](Self::finish) has returned.
#[derive(Debug)]
pub struct Results<W: Write = Stdout> {
    out: BufWriter<W>,
    closed: bool,
}

impl Results {
    /// Standard output, to be written until [`finish`](Self::finish).
    #[must_use]
    pub fn new() -> Self {
        Self::to(io::stdout())
    }
}

impl Default for Results {
    fn default() -> Self {
        Self::new()
    }
}

impl<W: Write> Results<W> {
    fn to(out: W) -> Self {
        Self {
            out: BufWriter::new(out),
            closed: false,
        }
    }

    /// Whether nobody reads any more: `lootbox explore --all | head` has seen what it wanted.
    #[must_use]
    pub const fn is_closed(&self) -> bool {
        self.closed
    }

    /// Writes what is still held back.
    ///
    /// # Errors
    /// If it cannot be written, for another reason than that nobody reads it.
    pub fn finish(mut self) -> io::Result<()> {
        self.flush()
    }

    fn told<T>(&mut self, result: io::Result<T>, swallowed: T) -> io::Result<T> {
        result.or_else(|error| match error.kind() {
            ErrorKind::BrokenPipe => {
                self.closed = true;
                Ok(swallowed)
            }
            ErrorKind::Interrupted => Err(error),
            kind => Err(io::Error::new(
                kind,
                format!("cannot write the result to standard output: {error}"),
            )),
        })
    }
}

impl<W: Write> Write for Results<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.closed {
            return Ok(bytes.len());
        }
        let result = self.out.write(bytes);
        self.told(result, bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.closed {
            return Ok(());
        }
        let result = self.out.flush();
        self.told(result, ())
    }
}

/// Writes a result that is there as a whole.
///
/// # Errors
/// If it cannot be written, for another reason than that nobody reads it.
pub fn print(text: impl AsRef<[u8]>) -> io::Result<()> {
    let mut out = Results::new();
    out.write_all(text.as_ref())?;
    out.finish()
}

/// Writes a value as JSON, on one line.
///
/// # Errors
/// If it cannot be written, for another reason than that nobody reads it.
pub fn json_line(out: &mut dyn Write, value: &impl serde::Serialize) -> io::Result<()> {
    serde_json::to_writer(&mut *out, value)?;
    writeln!(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A pipe or a disk that fails in this way.
    struct Fails(ErrorKind);

    impl Write for Fails {
        fn write(&mut self, _: &[u8]) -> io::Result<usize> {
            Err(self.0.into())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn nobody_reading_any_more_is_no_error_and_is_noticed() {
        let mut out = Results::to(Fails(ErrorKind::BrokenPipe));
        out.write_all(&vec![b'x'; 100_000]).unwrap();
        assert!(out.is_closed());
        json_line(&mut out, &5).unwrap();
        out.finish().unwrap();
    }

    #[test]
    fn every_other_error_says_what_could_not_be_done() {
        let mut out = Results::to(Fails(ErrorKind::StorageFull));
        json_line(&mut out, &5).unwrap();
        let told = out.finish().unwrap_err().to_string();
        assert!(told.contains("standard output"), "{told}");
    }
}
