//! What lies in a directory.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};
use std::{fs, io};

/// What to do with a link to a directory. Below a run it is passed over, because it may lead in a circle.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Links {
    Followed,
    PassedOver,
}

/// The output files of a directory and the directories in it, by name.
///
/// As for the shell, names that begin with a dot do not count, nor does what is neither file nor directory:
/// an archive made on a Mac holds `._client-1.txt` beside `client-1.txt`, and it is no text.
pub(super) struct Listing {
    pub files: Vec<OsString>,
    pub dirs: Vec<OsString>,
}

impl Listing {
    pub(super) fn of(dir: &Path, links: Links) -> io::Result<Self> {
        let (mut files, mut dirs) = (Vec::new(), Vec::new());
        for entry in fs::read_dir(dir)? {
            let entry = entry?;
            let name = entry.file_name();
            if name.as_encoded_bytes().starts_with(b".") {
                continue;
            }
            let link = entry.file_type()?.is_symlink();
            match fs::metadata(entry.path()) {
                Ok(it) if it.is_dir() && link && links == Links::PassedOver => {}
                Ok(it) if it.is_dir() => dirs.push(name),
                // A link that leads nowhere is kept, to be named.
                Ok(it) if !it.is_file() && !link => {}
                _ if is_output(&name) => files.push(name),
                _ => {}
            }
        }
        files.sort_by_cached_key(|name| natural(name));
        dirs.sort_by_cached_key(|name| natural(name));
        Ok(Self { files, dirs })
    }
}

/// Where the link `path` leads, if that is not below `top`: a submission must not have other people's files read, and
/// quoted. One that leads nowhere does not stay below either.
pub(super) fn leads_out(path: &Path, top: &Path) -> Option<PathBuf> {
    let target = fs::read_link(path).ok()?;
    let inside = path.canonicalize().ok().zip(top.canonicalize().ok());
    match inside {
        Some((real, top)) if real.starts_with(&top) => None,
        _ => Some(target),
    }
}

/// `*.txt`, also written `*.TXT`.
fn is_output(name: &OsStr) -> bool {
    Path::new(name)
        .extension()
        .is_some_and(|ending| ending.eq_ignore_ascii_case("txt"))
}

/// A key that sorts `client-2.txt` before `client-10.txt`: every whole number filled up with zeros.
fn natural(name: &OsStr) -> (String, OsString) {
    let text = name.to_string_lossy();
    let mut key = String::new();
    let is_digit = |char: char| char.is_ascii_digit();
    let mut rest: &str = &text;
    while let Some(at) = rest.find(is_digit) {
        let (before, from) = rest.split_at(at);
        let (digits, after) =
            from.split_at(from.find(|char| !is_digit(char)).unwrap_or(from.len()));
        key += before;
        key.extend(std::iter::repeat_n(
            '0',
            20usize.saturating_sub(digits.len()),
        ));
        key += digits;
        rest = after;
    }
    (key + rest, name.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_sort_by_their_numbers() {
        let mut names = ["run-10", "run-9", "run-09", "a", "run-1b", "run"].map(OsString::from);
        names.sort_by_cached_key(|name| natural(name));
        assert_eq!(names, ["a", "run", "run-1b", "run-09", "run-9", "run-10"]);
    }

    #[test]
    fn only_text_files_are_output() {
        let is = ["a.txt", "A.TXT", "txt", "a.txt.gz", "a"].map(|name| is_output(name.as_ref()));
        assert_eq!(is, [true, true, false, false, false]);
    }
}
