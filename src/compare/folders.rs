//! Folders that exist already: from an earlier comparison, or output files of client.py that somebody
//! saved by hand on another machine.

use std::fs;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::CompareError;
use super::picture::Picture;
use super::result::{Comparison, Run};
use crate::check::{self, Options as CheckOptions, Reading};
use crate::escaped::{escaped, escaped_path};

/// Compares what lies in `folders`. Each directory that directly holds `*.txt` is a run; a `run.json`
/// beside them says how it came about. Without one, a directory called `lock`, `atomic` or
/// `unsafe-race` is a run of that mode, and so is `lock/run-1`. `size` is for runs that do not know
/// theirs.
///
/// # Errors
/// If something cannot be read.
pub fn compare(
    folders: &[PathBuf],
    size: Option<u64>,
    reading: &Reading,
    picture: bool,
) -> Result<Comparison, CompareError> {
    let mut runs = Vec::new();
    for files in check::find_runs(folders)? {
        // Single files have no folder, and so no run.json.
        let mut run = match files.dir() {
            Some(folder) => read_run(folder)?.unwrap_or_default(),
            None => Run::default(),
        };
        // How it is shown, as in the report: control characters are escaped.
        let folder = Path::new(&files.name);
        run.size = run.size.or(size);
        let options = CheckOptions {
            size: run.size,
            reading: reading.clone(),
            ..CheckOptions::default()
        };
        let report = files.check(&options, &mut |_| {})?;
        run.take_report(&report, folder);
        run.picture = picture
            .then(|| Picture::take(&files, &report, folder, reading))
            .transpose()?;
        let (label, mode) = name(folder);
        run.mode = run.mode.or_else(|| mode?.parse().ok());
        run.label = label;
        runs.push(run);
    }
    shorten(&mut runs);
    Ok(Comparison::new(None, runs))
}

fn read_run(folder: &Path) -> Result<Option<Run>, CompareError> {
    let path = folder.join("run.json");
    let text = match read_record(&path) {
        Ok(Some(text)) => text,
        Ok(None) => return Ok(None),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
            ) =>
        {
            return Ok(None);
        }
        Err(error) => return Err(error.into()),
    };
    let run = serde_json::from_slice(&text).and_then(|mut record| {
        escape(&mut record);
        serde_json::from_value(record)
    });
    run.map(Some).map_err(|error| {
        let name = escaped_path(&path);
        io::Error::other(format!(
            "{name} is not what lootbox compare writes ({error}): mend or remove it"
        ))
        .into()
    })
}

/// A `run.json`, if it is a file: no link out of the folder is followed, no pipe waited for.
fn read_record(path: &Path) -> io::Result<Option<Vec<u8>>> {
    /// Ours have some hundred bytes a client.
    const MAX_FILE_LEN: u64 = 16 * 1024 * 1024;
    if !fs::symlink_metadata(path)?.is_file() {
        return Ok(None);
    }
    let mut text = Vec::new();
    fs::File::open(path)?
        .take(MAX_FILE_LEN)
        .read_to_end(&mut text)?;
    Ok(Some(text))
}

/// A submission may bring a `run.json` of its own: its words must not move the cursor either.
fn escape(record: &mut serde_json::Value) {
    use serde_json::Value::{Array, Object, String};
    match record {
        String(text) if text.contains(|c: char| c.is_control()) => *text = escaped(&*text),
        Array(values) => values.iter_mut().for_each(escape),
        Object(fields) => fields.values_mut().for_each(escape),
        _ => {}
    }
}

/// What a folder is called, and the last part of that: `a/lock/run-3` is a run of `a/lock`.
fn name(folder: &Path) -> (String, Option<String>) {
    let last = |path: &Path| Some(path.file_name()?.to_string_lossy().into_owned());
    let is_run = last(folder).is_some_and(|name| name.starts_with("run-"));
    let folder = folder.parent().filter(|_| is_run).unwrap_or(folder);
    (folder.display().to_string(), last(folder))
}

/// Only as much of each path as tells them apart: `lock`, not `/tmp/out/lock`.
fn shorten(runs: &mut [Run]) {
    let last = |label: &str| label.rsplit('/').next().unwrap_or(label).to_owned();
    let clear = runs.iter().all(|run| {
        runs.iter()
            .all(|other| run.label == other.label || last(&run.label) != last(&other.label))
    });
    if clear {
        for run in runs {
            run.label = last(&run.label);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::Contender;

    fn labels(folders: &[&str]) -> Vec<(String, bool)> {
        let top = tempfile::tempdir().unwrap();
        for folder in folders {
            let folder = top.path().join(folder);
            fs::create_dir_all(&folder).unwrap();
            fs::write(folder.join("a.txt"), "1\n2\n").unwrap();
            fs::write(folder.join("b.txt"), "2\n3\n").unwrap();
        }
        let comparison = compare(&[top.path().to_owned()], None, &Reading::Plain, false).unwrap();
        let prefix = format!("{}/", top.path().display());
        let rows = comparison.modes.iter();
        rows.map(|row| (row.label.replace(&prefix, ""), row.should_be_clean))
            .collect()
    }

    #[test]
    fn a_folder_with_control_characters_in_its_name_has_its_run_json() {
        let top = tempfile::tempdir().unwrap();
        let folder = top.path().join("one\ttwo");
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.txt"), "1\n2\n").unwrap();
        let run = Run {
            mode: Some(Contender::Mode(crate::draw::Mode::Atomic)),
            ..Run::default()
        };
        fs::write(folder.join("run.json"), serde_json::to_vec(&run).unwrap()).unwrap();
        let comparison = compare(&[folder], None, &Reading::Plain, false).unwrap();
        assert_eq!(comparison.runs[0].mode, run.mode);
        assert!(comparison.runs[0].label.ends_with("one\\ttwo"));
    }

    #[test]
    fn folders_by_hand_have_names_and_perhaps_modes() {
        let named = |label: &str, clean| (label.to_owned(), clean);
        assert_eq!(
            labels(&["lock", "unsafe-race", "what"]),
            [
                named("lock", true),
                named("unsafe-race", false),
                named("what", true)
            ]
        );
        assert_eq!(labels(&["lock/run-1", "lock/run-2"]), [named("lock", true)]);
        assert_eq!(
            labels(&["monday/lock", "tuesday/lock"]),
            [named("monday/lock", true), named("tuesday/lock", true)]
        );
    }
}
