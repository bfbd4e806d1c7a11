//! Which files are a run: the numbers of one round stand in several files, and only together do
//! they say whether a number was handed out twice.

use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::os::unix::fs::FileTypeExt;
use std::path::{Path, PathBuf};

use encoding_rs_io::DecodeReaderBytesBuilder;

use super::listing::{Links, Listing, leads_out};
use super::scanner::{Found, Scanner};
use super::{CheckError, Reading};
use crate::escaped::{escaped, escaped_path};

/// The files of one run, found and not yet read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// What the run is called: its directory; its file, if it is only one; else how many there are.
    pub name: String,
    dir: Option<PathBuf>,
    pub(super) files: Vec<Input>,
    /// Links that lead out of the directory, and where to: they are named, not followed.
    pub(super) not_read: Vec<String>,
}

/// A file and what the report calls it. No path: standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Input {
    pub name: String,
    pub path: Option<PathBuf>,
}

/// A directory that should hold a run.
#[derive(Debug)]
pub struct Submission {
    /// The name of the directory.
    pub name: String,
    /// The run, or why there is none.
    pub run: Result<Run, CheckError>,
}

impl Run {
    /// The directory, if the run is one: [`name`](Run::name) is how it is shown, and need not be a path.
    #[must_use]
    pub fn dir(&self) -> Option<&Path> {
        self.dir.as_deref()
    }

    /// How many bytes there are to read, for a progress bar. Standard input and pipes do not tell, and
    /// count as 0.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let paths = self.files.iter().filter_map(|file| file.path.as_ref());
        paths
            .filter_map(|path| path.metadata().ok())
            .map(|metadata| metadata.len())
            .sum()
    }

    /// The files: what the report calls each, and where it is. Standard input is left out.
    pub fn files(&self) -> impl Iterator<Item = (&str, &Path)> {
        let files = self.files.iter();
        files.filter_map(|file| Some((file.name.as_str(), file.path.as_deref()?)))
    }

    /// What stands in the files once more, one by one: which file it is, what was found, and on which line.
    ///
    /// # Errors
    /// When a file cannot be read, and those of `found`.
    pub(crate) fn walk<E: From<io::Error>>(
        &self,
        reading: &Reading,
        found: &mut impl FnMut(usize, Found<'_>, u64) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut buffer = vec![0; 64 * 1024];
        for (index, (_, path)) in self.files().enumerate() {
            let mut reader = DecodeReaderBytesBuilder::new()
                .strip_bom(true)
                .build(File::open(path)?);
            let mut scanner = Scanner::new(reading);
            let mut found = |what: Found<'_>, line| found(index, what, line);
            loop {
                match reader.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(length) => scanner.feed(&buffer[..length], &mut found)?,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                    Err(error) => return Err(error.into()),
                }
            }
            scanner.end(&mut found)?;
        }
        Ok(())
    }

    /// The paths, if all of them can be read again, and typed: no standard input, no pipe, no odd name.
    pub(super) fn typed(&self) -> Option<Vec<&str>> {
        let plain = |path: &Path| path.to_str().is_some_and(|path| escaped(path) == path);
        let again = |path: &&Path| plain(path) && path.is_file();
        let files: Option<Vec<&str>> = (self.files.iter())
            .map(|file| file.path.as_deref().filter(again).and_then(Path::to_str))
            .collect();
        match self.dir.as_deref() {
            Some(dir) => files.and(dir.to_str().filter(|_| plain(dir)).map(|dir| vec![dir])),
            None => files,
        }
    }

    /// The same file named twice would make duplicates of all its numbers, by a slip of whoever checks.
    fn no_file_twice(&self) -> Result<(), CheckError> {
        let mut known = HashMap::new();
        for Input { name, path } in &self.files {
            // What has no such name, a pipe for one, goes by the name it was given.
            let real = path
                .as_ref()
                .map(|path| path.canonicalize().unwrap_or(path.clone()));
            if let Some(first) = known.insert(real, name) {
                let (file, first) = (name.clone(), first.clone());
                return Err(CheckError::SameFile { file, first });
            }
        }
        Ok(())
    }
}

/// Sorts `paths` into runs. A directory that directly holds `*.txt` is one run, and so is each such directory
/// below it; single files together are one run, and `-` is standard input, one of them.
///
/// # Errors
///
/// When a path is not there or cannot be listed, when a directory holds no output file, directly or below, and
/// when a run would hold the same file twice.
pub fn find_runs(paths: &[PathBuf]) -> Result<Vec<Run>, CheckError> {
    let mut runs: Vec<Run> = Vec::new();
    // Single files may stand between directories; their run takes the place of the first.
    let mut single = None;
    for path in paths {
        let input = if path.as_os_str() == "-" {
            Input {
                name: "standard input".into(),
                path: None,
            }
        } else if is_dir(path)? {
            let before = runs.len();
            runs_in(path, path, &mut runs)?;
            if runs.len() == before {
                return Err(CheckError::NoOutputFiles {
                    dir: escaped_path(path),
                });
            }
            continue;
        } else {
            Input {
                name: escaped_path(path),
                path: Some(path.clone()),
            }
        };
        let at = *single.get_or_insert(runs.len());
        if at == runs.len() {
            runs.push(Run {
                name: String::new(),
                dir: None,
                files: Vec::new(),
                not_read: Vec::new(),
            });
        }
        runs[at].files.push(input);
    }
    if let Some(at) = single {
        let Run { name, files, .. } = &mut runs[at];
        *name = match &files[..] {
            [file] => file.name.clone(),
            files => format!("{} files", files.len()),
        };
    }
    runs.iter().try_for_each(Run::no_file_twice)?;
    Ok(runs)
}

/// Every directory directly below `dir`, by name, as a run of all `*.txt` in it and below it.
///
/// # Errors
///
/// When `dir` cannot be listed or holds no directories. What is wrong with one of them is in its [`Submission`].
pub fn find_submissions(dir: &Path) -> Result<Vec<Submission>, CheckError> {
    let submissions: Vec<_> = list(dir, Links::Followed)?
        .dirs
        .into_iter()
        .map(|name| Submission {
            name: escaped_path(name.as_ref()),
            run: all_below(&dir.join(name)),
        })
        .collect();
    if submissions.is_empty() {
        return Err(CheckError::NoDirectories {
            dir: escaped_path(dir),
        });
    }
    Ok(submissions)
}

/// How many output files lie beside those directories: they are of no submission.
///
/// # Errors
///
/// When `dir` cannot be listed.
pub fn files_of_nobody(dir: &Path) -> Result<usize, CheckError> {
    Ok(list(dir, Links::Followed)?.files.len())
}

/// One run of all output files in `dir` and below.
fn all_below(dir: &Path) -> Result<Run, CheckError> {
    fn collect(run: &mut Run, top: &Path, below: &Path) -> Result<(), CheckError> {
        let listing = list(&top.join(below), Links::PassedOver)?;
        for name in &listing.files {
            run.take(
                top,
                top.join(below).join(name),
                escaped_path(&below.join(name)),
            );
        }
        let mut dirs = listing.dirs.iter();
        dirs.try_for_each(|name| collect(run, top, &below.join(name)))
    }
    let mut run = Run::of_dir(dir);
    collect(&mut run, dir, Path::new(""))?;
    if run.is_empty() {
        return Err(CheckError::NoOutputFiles {
            dir: escaped_path(dir),
        });
    }
    run.no_file_twice()?;
    Ok(run)
}

/// A run for `dir`, if it directly holds output files, and for each such directory below it. No link is followed
/// out of `top`.
fn runs_in(top: &Path, dir: &Path, runs: &mut Vec<Run>) -> Result<(), CheckError> {
    let Listing { files, dirs } = list(dir, Links::PassedOver)?;
    let mut run = Run::of_dir(dir);
    for name in &files {
        run.take(top, dir.join(name), escaped_path(name.as_ref()));
    }
    if !run.is_empty() {
        runs.push(run);
    }
    dirs.iter()
        .try_for_each(|name| runs_in(top, &dir.join(name), runs))
}

impl Run {
    fn of_dir(dir: &Path) -> Self {
        Self {
            name: escaped_path(dir),
            dir: Some(dir.to_owned()),
            files: Vec::new(),
            not_read: Vec::new(),
        }
    }

    fn is_empty(&self) -> bool {
        self.files.is_empty() && self.not_read.is_empty()
    }

    /// A file that was found in a directory: one that is a link out of `top` is somebody else's.
    fn take(&mut self, top: &Path, path: PathBuf, name: String) {
        match leads_out(&path, top) {
            Some(target) => self
                .not_read
                .push(format!("{name} -> {}", escaped_path(&target))),
            None => self.files.push(Input {
                name,
                path: Some(path),
            }),
        }
    }
}

/// Whether it is a directory.
///
/// # Errors
/// If it is not there, or is a device: that may have no end.
fn is_dir(path: &Path) -> Result<bool, CheckError> {
    let file = || escaped_path(path);
    let kind = fs::metadata(path)
        .map_err(|source| CheckError::Open {
            file: file(),
            source,
        })?
        .file_type();
    // What the shell gives as a name for a pipe, or for the terminal, is read to its end.
    if kind.is_block_device() || kind.is_char_device() && !is_standard_input(path) {
        return Err(CheckError::Device { file: file() });
    }
    Ok(kind.is_dir())
}

fn is_standard_input(path: &Path) -> bool {
    ["/dev/stdin", "/dev/fd/0", "/dev/tty", "/proc/self/fd/0"]
        .iter()
        .any(|name| path == Path::new(name))
}

fn list(dir: &Path, links: Links) -> Result<Listing, CheckError> {
    Listing::of(dir, links).map_err(|source| {
        let dir = escaped_path(dir);
        CheckError::List { dir, source }
    })
}
