//! What a page shows of one run's files, beyond the counts: a second reading of them.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;
use std::path::Path;

use crate::check::{Found, Reading, Report, Run};

/// How many duplicates are shown with what stands around them.
const LANES: usize = 3;
/// How many lines before a duplicate and after it.
const AROUND: u64 = 2;
/// So much of a line is shown.
const LONG: usize = 20;

/// One run's files, looked at again. What is kept grows with the duplicates, not with the files.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Picture {
    /// Each client's file, how many numbers it holds, and how many of them somebody else got too (or
    /// the same client again).
    pub shares: Vec<Share>,
    /// For each draw that got a duplicate: the how-manieth draw of its client it was, from 1.
    pub positions: Vec<u64>,
    /// The most draws that one client has.
    pub longest: u64,
    /// Some of the first duplicates, with what each client got before and after.
    pub lanes: Vec<Lanes>,
}

/// What one client got.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Share {
    /// Its file.
    pub file: String,
    /// How many numbers.
    pub numbers: u64,
    /// How many of them are duplicates.
    pub duplicates: u64,
}

/// A duplicate, and a lane for each place where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lanes {
    /// The number.
    pub number: u64,
    /// How often it was handed out.
    pub count: u64,
    /// Where, and what stands around it.
    pub each: Vec<Lane>,
}

/// A piece of one file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lane {
    /// The file.
    pub file: String,
    /// The line of the duplicate.
    pub line: u64,
    /// Line → what stands there, from two lines before it to two after.
    pub lines: BTreeMap<u64, String>,
}

impl Picture {
    /// Reads the files of a run again.
    ///
    /// # Errors
    /// If one cannot be read any more.
    pub fn take(
        files: &Run,
        report: &Report,
        folder: &Path,
        reading: &Reading,
    ) -> io::Result<Self> {
        let folder = format!("{}/", folder.display());
        let short = |name: &str| name.strip_prefix(&folder).unwrap_or(name).to_owned();
        let mut picture = Self::default();
        // Duplicates mostly come in rows. One that stands in the lanes of another already is passed over.
        for duplicate in &report.shown {
            if picture.lanes.len() == LANES {
                break;
            }
            let lane = |place: &crate::check::Place| Lane {
                file: short(&place.file),
                line: place.line,
                lines: BTreeMap::new(),
            };
            let lanes: Vec<Lane> = duplicate.places.iter().map(lane).collect();
            let near = |one: &Lane, other: &Lane| {
                one.file == other.file && one.line.abs_diff(other.line) <= AROUND
            };
            let mut before = picture.lanes.iter().flat_map(|lanes| &lanes.each);
            if !before.any(|other| lanes.iter().any(|one| near(one, other))) {
                picture.lanes.push(Lanes {
                    number: duplicate.number,
                    count: duplicate.count,
                    each: lanes,
                });
            }
        }
        picture.shares = files
            .files()
            .map(|(name, _)| Share {
                file: short(name),
                numbers: 0,
                duplicates: 0,
            })
            .collect();
        // The same reading as the report's, so that both mean the same draws.
        files.walk(reading, &mut |file, found, line| {
            if let Found::Number(number) = found {
                picture.see(file, number, line, report);
            }
            Ok::<(), io::Error>(())
        })?;
        picture.longest = picture
            .shares
            .iter()
            .map(|share| share.numbers)
            .max()
            .unwrap_or(0);
        Ok(picture)
    }

    /// A draw of the file with that index.
    fn see(&mut self, file: usize, number: u64, line: u64, report: &Report) {
        let share = &mut self.shares[file];
        share.numbers += 1;
        let again = |&(duplicate, _): &(u64, u64)| duplicate;
        if report
            .duplicates
            .binary_search_by_key(&number, again)
            .is_ok()
        {
            share.duplicates += 1;
            self.positions.push(share.numbers);
        }
        for lane in self.lanes.iter_mut().flat_map(|lanes| &mut lanes.each) {
            if lane.line.abs_diff(line) <= AROUND && lane.file == share.file {
                let text = lane.lines.entry(line).or_default();
                let part = if text.is_empty() { "" } else { ", " };
                // Of a list on one line the beginning will do.
                if text.len() < LONG {
                    _ = write!(text, "{part}{number}");
                }
            }
        }
    }

    /// How many draws with a duplicate fall into each of so many equal parts of the longest file.
    #[must_use]
    pub fn bins(&self, bins: usize) -> Vec<u64> {
        let mut counts = vec![0; bins];
        for position in &self.positions {
            let bin = (position - 1) * bins as u64 / self.longest.max(1);
            if let Some(count) = usize::try_from(bin)
                .ok()
                .and_then(|bin| counts.get_mut(bin))
            {
                *count += 1;
            }
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{Options, find_runs};

    #[test]
    fn shares_positions_and_lanes() {
        let folder = tempfile::tempdir().unwrap();
        let write =
            |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("client-1.txt", "5\n19\n228\n665\n7\n11\n");
        write("client-2.txt", "1\n228\n3\n");
        let runs = find_runs(&[folder.path().to_owned()]).unwrap();
        let report = runs[0].check(&Options::default(), &mut |_| {}).unwrap();
        let picture = Picture::take(&runs[0], &report, folder.path(), &Reading::Plain).unwrap();
        let shares: Vec<_> = picture
            .shares
            .iter()
            .map(|share| (share.file.as_str(), share.numbers, share.duplicates))
            .collect();
        assert_eq!(shares, [("client-1.txt", 6, 1), ("client-2.txt", 3, 1)]);
        assert_eq!(picture.positions, [3, 2]);
        assert_eq!(picture.bins(3), [1, 1, 0]);
        let [lanes] = &picture.lanes[..] else {
            panic!()
        };
        assert_eq!((lanes.number, lanes.count), (228, 2));
        let texts = |lane: &Lane| lane.lines.values().cloned().collect::<Vec<_>>();
        assert_eq!(texts(&lanes.each[0]), ["5", "19", "228", "665", "7"]);
        assert_eq!(texts(&lanes.each[1]), ["1", "228", "3"]);
    }
}
