//! Which number was seen before, and where: 8 bytes a number, however many files there are.

use std::collections::HashMap;

use super::{CheckError, Options};

/// Numbers of a page. A page is made when the first of its numbers is seen, so numbers far apart cost
/// 16 KiB each, and numbers side by side, as in a list, 8 bytes.
const PAGE: usize = 2048;

/// Numbers that wait to be looked up together.
const BATCH: usize = 256;

/// What is known of one number, in 8 bytes:
///
/// * 0: not seen yet;
/// * less than `AGAIN`: seen once, at this place;
/// * from `AGAIN`: a duplicate that is not shown; the rest is how often it was seen;
/// * from `SHOWN`: a duplicate that is shown; the rest is its index among them.
type Cell = u64;
const AGAIN: Cell = 1 << 63;
const SHOWN: Cell = AGAIN | 1 << 62;

/// How much may be remembered. Tests make it small.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Numbers up to here have a cell in the pages.
    pub dense: u64,
    /// So many numbers beyond the pages are kept in a map.
    pub sparse: usize,
}

impl Default for Limits {
    fn default() -> Self {
        // 1 GiB, which holds the 100 × 1,000,000 numbers of a large class, and more than the longest list; 200 MiB.
        Self {
            dense: 1 << 27,
            sparse: 1 << 22,
        }
    }
}

/// There are more large numbers than may be kept.
#[derive(Debug, Clone, Copy)]
pub(super) struct Full {
    /// Where the number stands that was one too many.
    pub place: u64,
    number: u64,
    limits: Limits,
}

impl Full {
    pub(super) fn error(self, file: String, line: u64) -> CheckError {
        CheckError::TooManyNumbers {
            file,
            line,
            number: self.number,
            kept: self.limits.sparse,
            beyond: self.limits.dense,
        }
    }
}

/// A duplicate that is to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Kept {
    pub number: u64,
    pub count: u64,
    pub places: Vec<u64>,
}

/// What has been seen of one run.
#[derive(Debug)]
pub(super) struct Seen {
    limits: Limits,
    pages: Vec<Option<Box<[Cell; PAGE]>>>,
    /// Cells of the numbers beyond the pages.
    sparse: HashMap<u64, Cell>,
    distinct: u64,
    range: Option<(u64, u64)>,
    /// The duplicates to be shown, in the order of detection.
    shown: Vec<Kept>,
    most_shown: usize,
    most_places: usize,
    /// Numbers and their places, not looked up yet.
    waiting: Vec<(u64, u64)>,
}

impl Seen {
    pub(super) fn new(options: &Options, limits: Limits) -> Self {
        Self {
            limits,
            pages: Vec::new(),
            sparse: HashMap::new(),
            distinct: 0,
            range: None,
            shown: Vec::new(),
            most_shown: options.shown.limit(),
            most_places: options.places,
            waiting: Vec::with_capacity(BATCH),
        }
    }

    /// How many different numbers were seen.
    pub(super) fn distinct(&self) -> u64 {
        self.distinct
    }

    /// The smallest number and the largest.
    pub(super) fn range(&self) -> Option<(u64, u64)> {
        self.range
    }

    /// `number` (at least 1, at most the size) stands at `place` (at least 1). It counts after [`settle`](Self::settle).
    #[inline]
    pub(super) fn see(&mut self, number: u64, place: u64) -> Result<(), Full> {
        self.waiting.push((number, place));
        if self.waiting.len() < BATCH {
            Ok(())
        } else {
            self.settle()
        }
    }

    /// Looks up the numbers that wait.
    ///
    /// They come in random order, so each of their cells is a wait for the memory of the machine. First all of
    /// them are read, and nothing is done with them: these reads do not depend on each other, and the
    /// processor waits for many at a time. After that the cells are in its cache. Measured with 100,000,000
    /// numbers: 3.0 s instead of 4.9 s.
    pub(super) fn settle(&mut self) -> Result<(), Full> {
        let waiting = std::mem::take(&mut self.waiting);
        let cells = waiting.iter().map(|(number, _)| self.peek(*number));
        std::hint::black_box(cells.fold(0, std::ops::BitXor::bitxor));
        let settled = waiting
            .iter()
            .try_for_each(|(number, place)| self.count(*number, *place));
        self.waiting = waiting;
        self.waiting.clear();
        settled
    }

    /// Every number that was seen, by number, and where it stood first, if that is still known.
    pub(super) fn ascending(&self) -> impl Iterator<Item = (u64, Option<u64>)> {
        self.cells().map(|(number, cell)| {
            let place = match cell {
                ..AGAIN => Some(cell),
                AGAIN..SHOWN => None,
                SHOWN.. => self.shown[index(cell & !SHOWN)].places.first().copied(),
            };
            (number, place)
        })
    }

    /// Every number that was seen, with its cell, by number.
    fn cells(&self) -> impl Iterator<Item = (u64, Cell)> {
        let pages = (0_u64..).step_by(PAGE).zip(&self.pages);
        let dense = pages.flat_map(|(page, cells)| {
            let cells = cells.iter().flat_map(|cells| cells.iter());
            (page..).zip(cells.copied())
        });
        let mut sparse: Vec<_> = self
            .sparse
            .iter()
            .map(|(number, cell)| (*number, *cell))
            .collect();
        sparse.sort_unstable();
        dense.chain(sparse).filter(|(_, cell)| *cell != 0)
    }

    /// The duplicates to be shown, and every duplicate with its count by number.
    pub(super) fn into_duplicates(self) -> (Vec<Kept>, Vec<(u64, u64)>) {
        let duplicates = self.cells().filter_map(|(number, cell)| match cell {
            ..AGAIN => None,
            AGAIN..SHOWN => Some((number, cell & !AGAIN)),
            SHOWN.. => Some((number, self.shown[index(cell & !SHOWN)].count)),
        });
        let duplicates = duplicates.collect();
        (self.shown, duplicates)
    }

    #[inline]
    fn count(&mut self, number: u64, place: u64) -> Result<(), Full> {
        let next = self.shown.len();
        let show = next < self.most_shown;
        let cell = self.cell(number, place)?;
        let before = *cell;
        if before == 0 {
            *cell = place;
            self.distinct += 1;
            let (low, high) = self.range.unwrap_or((number, number));
            self.range = Some((low.min(number), high.max(number)));
        } else if before < AGAIN {
            *cell = if show { SHOWN | next as u64 } else { AGAIN | 2 };
            if show {
                let places = [before, place].into_iter().take(self.most_places).collect();
                self.shown.push(Kept {
                    number,
                    count: 2,
                    places,
                });
            }
        } else if before < SHOWN {
            *cell += 1;
        } else {
            let Kept { count, places, .. } = &mut self.shown[index(before & !SHOWN)];
            *count += 1;
            let room = self.most_places - places.len();
            if room > 0 {
                // As a vector grows by itself, but never beyond what can be used.
                places.reserve_exact(places.len().min(room).max(1));
                places.push(place);
            }
        }
        Ok(())
    }

    #[inline]
    fn peek(&self, number: u64) -> Cell {
        if number > self.limits.dense {
            return 0;
        }
        let page = self
            .pages
            .get(index(number) / PAGE)
            .and_then(Option::as_ref);
        page.map_or(0, |cells| cells[index(number) % PAGE])
    }

    #[inline]
    fn cell(&mut self, number: u64, place: u64) -> Result<&mut Cell, Full> {
        let limits = self.limits;
        if number > limits.dense {
            if self.sparse.len() < limits.sparse || self.sparse.contains_key(&number) {
                return Ok(self.sparse.entry(number).or_default());
            }
            return Err(Full {
                place,
                number,
                limits,
            });
        }
        let page = index(number) / PAGE;
        if page >= self.pages.len() {
            self.pages.resize_with(page + 1, || None);
        }
        let cells = self.pages[page].get_or_insert_with(|| Box::new([0; PAGE]));
        Ok(&mut cells[index(number) % PAGE])
    }

    /// How many cells and places are held, for tests of what memory depends on.
    #[cfg(test)]
    pub(super) fn held(&self) -> (usize, usize) {
        let pages = self.pages.iter().flatten().count();
        let places = self.shown.iter().map(|kept| kept.places.len()).sum();
        (pages * PAGE + self.sparse.len(), places)
    }
}

/// A number of the pages, or the rest of a cell, as an index. Both are far below 2³² on a machine of 32 bits,
/// which could not hold that many, so nothing is lost.
#[inline]
fn index(number: u64) -> usize {
    #[expect(clippy::cast_possible_truncation, reason = "see above")]
    let index = number as usize;
    index
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Limits = Limits {
        dense: 100,
        sparse: 3,
    };

    fn seen(numbers: &[u64]) -> Result<Seen, Full> {
        let mut seen = Seen::new(&Options::default(), SMALL);
        for (place, number) in (1..).zip(numbers) {
            seen.see(*number, place)?;
        }
        seen.settle()?;
        Ok(seen)
    }

    fn places(shown: &[Kept]) -> Vec<(u64, &[u64])> {
        shown
            .iter()
            .map(|kept| (kept.number, &kept.places[..]))
            .collect()
    }

    #[test]
    fn a_duplicate_knows_its_places() {
        let seen = seen(&[7, 5, 7, 900, 5, 7, 900]).unwrap();
        assert_eq!((seen.distinct(), seen.range()), (3, Some((5, 900))));
        let (shown, duplicates) = seen.into_duplicates();
        assert_eq!(duplicates, [(5, 2), (7, 3), (900, 2)]);
        assert_eq!(
            places(&shown),
            [(7, &[1, 3, 6][..]), (5, &[2, 5]), (900, &[4, 7])]
        );
    }

    #[test]
    fn duplicates_come_by_number_also_beyond_the_pages() {
        for numbers in [[900, 300, 500], [500, 900, 300], [300, 500, 900]] {
            let seen = seen(&[numbers, numbers].concat()).unwrap();
            let (_, duplicates) = seen.into_duplicates();
            assert_eq!(duplicates, [(300, 2), (500, 2), (900, 2)]);
        }
    }

    #[test]
    fn too_many_numbers_beyond_the_pages_are_an_error_that_asks_for_the_size() {
        let full = seen(&[1, 200, 300, 400, 200, 500]).unwrap_err();
        assert_eq!(full.place, 6);
        let error = full.error("a.txt".into(), 6).to_string();
        assert_eq!(
            error,
            "cannot check a.txt any further than line 6: with 500 there are more than 3 different numbers \
             beyond 100; give the size of the list (--size N), and what is beyond it counts as out of range"
        );
    }
}
