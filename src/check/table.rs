//! Lists that may be the lines of a table, `[1, 57]`, `[2, 1]`: an index, and what was drawn. Nobody may be accused
//! of handing out 1 twice because every client counts from 1.
//!
//! So the first lists of a file wait until it is known what they are.

/// A table has so many columns at most.
const COLUMNS: usize = 16;
/// After so many lines it is decided.
const LINES: usize = 20;
/// By luck one of these is met by two lists, but not by so many.
const NO_LUCK: usize = 3;

/// A list on a line of its own.
#[derive(Debug)]
pub(super) struct Row {
    /// Where it stands.
    pub line: u64,
    /// Its beginning, to be shown.
    pub head: Vec<u8>,
    /// What it holds.
    pub numbers: Vec<u64>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Standing {
    #[default]
    Undecided,
    Lists,
    Table,
}

#[derive(Debug)]
struct Column {
    first: u64,
    last: u64,
    /// It counts up by one from line to line, or begins again.
    counts: bool,
    /// It is the same on all lines: who drew.
    same: bool,
}

/// What is known of the lists of a file.
#[derive(Debug, Default)]
pub(super) struct Table {
    standing: Standing,
    columns: Vec<Column>,
    waiting: Vec<Row>,
}

impl Table {
    /// All lists are draws, and none waits.
    pub(super) fn never() -> Self {
        Self {
            standing: Standing::Lists,
            ..Self::default()
        }
    }

    /// Whether a list has to be taken here first.
    pub(super) fn takes(&self) -> bool {
        self.standing != Standing::Lists
    }

    pub(super) fn is_undecided(&self) -> bool {
        self.standing == Standing::Undecided
    }

    /// Whether its lists are no draws.
    pub(super) fn is_table(&self) -> bool {
        self.standing == Standing::Table
    }

    /// Another list.
    pub(super) fn add(&mut self, row: Row) {
        if self.is_undecided() {
            self.compare(&row.numbers);
        }
        self.waiting.push(row);
        if self.is_undecided() && self.waiting.len() == LINES {
            self.standing = Standing::Table;
        }
    }

    /// There is a number beside the lists: they are draws, too, if nothing else was decided before.
    pub(super) fn no_table(&mut self) {
        if self.is_undecided() {
            self.standing = Standing::Lists;
        }
    }

    /// There are no more lines.
    pub(super) fn end(&mut self) {
        let rows = self.waiting.len();
        let is = |column: &Column| {
            (column.counts && rows > 1 && (column.first <= 1 || rows >= NO_LUCK))
                || (column.same && rows >= NO_LUCK)
        };
        if self.is_undecided() && self.columns.iter().any(is) {
            self.standing = Standing::Table;
        }
        self.no_table();
    }

    /// Those that waited, once it is decided.
    pub(super) fn decided(&mut self) -> Vec<Row> {
        if self.is_undecided() {
            return Vec::new();
        }
        std::mem::take(&mut self.waiting)
    }

    fn compare(&mut self, numbers: &[u64]) {
        if self.columns.is_empty() && (2..=COLUMNS).contains(&numbers.len()) {
            let column = |&number: &u64| Column {
                first: number,
                last: number,
                counts: true,
                same: true,
            };
            self.columns = numbers.iter().map(column).collect();
            return;
        }
        for (column, &number) in self.columns.iter_mut().zip(numbers) {
            let again = number <= 1 && column.first <= 1;
            column.counts &= number == column.last.saturating_add(1) || again;
            column.same &= number == column.last;
            column.last = number;
        }
        let alive = self.columns.iter().any(|one| one.counts || one.same);
        if numbers.len() != self.columns.len() || !alive {
            self.standing = Standing::Lists;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_table(rows: &[&[u64]]) -> bool {
        let mut table = Table::default();
        for (line, numbers) in (1..).zip(rows) {
            table.add(Row {
                line,
                head: Vec::new(),
                numbers: numbers.to_vec(),
            });
        }
        table.end();
        table.is_table()
    }

    #[test]
    fn an_index_makes_a_table() {
        assert!(is_table(&[&[1, 57], &[2, 1], &[3, 44]]));
        assert!(is_table(&[&[57, 0], &[1, 1]]));
        assert!(is_table(&[&[7, 57], &[8, 1], &[9, 44]]));
        assert!(is_table(&[&[2, 57], &[2, 1], &[2, 44]]), "who drew");
    }

    #[test]
    fn lists_of_draws_are_none() {
        assert!(!is_table(&[&[1, 57]]), "one line alone");
        assert!(!is_table(&[&[5, 19], &[6, 44]]), "by luck");
        assert!(!is_table(&[&[1], &[2], &[3]]));
        assert!(!is_table(&[&[1, 57], &[2, 1, 5], &[3, 44]]));
        assert!(!is_table(&[&[1, 57], &[12, 1], &[3, 44]]));
        assert!(!is_table(&[]));
    }
}
