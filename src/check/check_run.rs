//! One run, from its files to its report.

use std::fs::File;
use std::io::{self, Read};

use super::runs::Input;
use super::{CheckError, Checker, Options, Report, Run, hint};
use crate::escaped::escaped_path;

impl Run {
    /// Reads the files. `progress` is called with the number of bytes after each piece.
    ///
    /// # Errors
    ///
    /// When a file cannot be opened or read, when it is no output file at all, or with more large numbers than can
    /// be remembered.
    pub fn check(
        &self,
        options: &Options,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Report, CheckError> {
        let mut checker = Checker::new(options.clone());
        for Input { name, path } in &self.files {
            let reader: Box<dyn Read> = match path {
                None => Box::new(io::stdin().lock()),
                Some(path) => Box::new(File::open(path).map_err(|source| {
                    let file = escaped_path(path);
                    CheckError::Open { file, source }
                })?),
            };
            checker.read(name, Told { reader, progress })?;
        }
        let mut report = checker.finish();
        report.not_read.clone_from(&self.not_read);
        report.hints = hint::commands(self, &report, options);
        Ok(report)
    }
}

/// A reader that tells how much was read.
struct Told<'a> {
    reader: Box<dyn Read>,
    progress: &'a mut dyn FnMut(u64),
}

impl Read for Told<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.reader.read(buffer)?;
        (self.progress)(length as u64);
        Ok(length)
    }
}
