//! What can keep a run from being checked.

use std::io;

/// What can keep a run from being checked. What stands *in* a file is never an error: it is counted, and
/// the [`Verdict`](super::Verdict) says what that means.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CheckError {
    /// A file is not there, or may not be read.
    #[error("cannot open {file}: {source}; check the name, and that you may read it")]
    Open {
        /// The file.
        file: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file broke off in the middle. Its numbers so far prove nothing, so there is no report.
    #[error(
        "cannot read {file} beyond line {line}: {source}; copy the file to a sound disk and check the copy"
    )]
    Read {
        /// The file.
        file: String,
        /// The line that was being read.
        line: u64,
        /// What the system said.
        source: io::Error,
    },
    /// A device, as `/dev/zero`, may have no end.
    #[error(
        "cannot check {file}: it is a device, and no file of numbers; to check what a program prints, \
         write PROGRAM | lootbox check -"
    )]
    Device {
        /// The file.
        file: String,
    },
    /// A line without end that is no list of numbers.
    #[error(
        "cannot check {file} any further than line {line}: that line does not end within 1 MiB, and it is no \
         list of numbers; it begins \"{begins}\""
    )]
    EndlessLine {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// How it begins, escaped.
        begins: String,
    },
    /// Nearly nothing is understood, and there is much of it.
    #[error(
        "cannot check {file} any further than line {line}: {count} lines are not understood, the first is \
         \"{first}\"; name the clients' output files"
    )]
    Hopeless {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// How many lines are not understood.
        count: u64,
        /// The first of them, escaped.
        first: String,
    },
    /// A directory cannot be listed.
    #[error("cannot list the directory {dir}: {source}; check the name, and that you may read it")]
    List {
        /// The directory.
        dir: String,
        /// What the system said.
        source: io::Error,
    },
    /// Nothing to read: a directory without output files.
    #[error(
        "cannot check {dir}: no *.txt file in it, nor in any directory below it; \
         name the directory the clients wrote into, or the files one by one"
    )]
    NoOutputFiles {
        /// The directory.
        dir: String,
    },
    /// `--each` was given a directory that holds no directories.
    #[error(
        "cannot check each run below {dir}: it holds no directories; name the directory above the \
         submissions, or check it as a run by itself"
    )]
    NoDirectories {
        /// The directory.
        dir: String,
    },
    /// The same file stands twice in a run, which would make a duplicate of every number in it.
    #[error(
        "cannot check {file}: it is the same file as {first}, and every number in it would count twice; \
         leave one of them out"
    )]
    SameFile {
        /// The file as it was named the second time.
        file: String,
        /// The file as it was named first.
        first: String,
    },
    /// More large numbers than the checker is willing to remember.
    #[error(
        "cannot check {file} any further than line {line}: with {number} there are more than {kept} different \
         numbers beyond {beyond}; give the size of the list (--size N), and what is beyond it counts as out of range"
    )]
    TooManyNumbers {
        /// The file.
        file: String,
        /// The line.
        line: u64,
        /// The number that was one too many.
        number: u64,
        /// How many such numbers are kept.
        kept: usize,
        /// Beyond which number.
        beyond: u64,
    },
}
