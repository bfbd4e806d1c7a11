//! The assignment's table: counter, thread and result of each draw, in the order in which draws complete.
//!
//! # The assignment's second table cannot happen
//!
//! It is printed like this, for the list 5, 19, 228, 665, 7, 11:
//!
//! ```text
//! Counter   0    1    2    2    4    5
//! Thread    A    A    A    B    A    B
//! Result    5   19  228  228  665    7
//! ```
//!
//! With the counter at 4 the result is 7, not 665: `list[4]`. The two rows belong to two different bugs, as the
//! schedule `AAAABAABAABB` shows. A *lost update* (read, then write what was read + 1) gives the results:
//! B's stale write sets the counter to 3 once more, so that the next draw reads 3 and gets 665. An *atomic add
//! that comes too late* (read, then add 1) gives the counters: both adds count, so the counter moves past 3,
//! and 665 is skipped. Of the 495 orders in which A's four draws and B's two can interleave, none gives both
//! rows, under either bug: a test in this room looks at each.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::orders::schedule::letter;

/// One draw that is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Column {
    /// The counter that the draw read.
    pub ticket: u64,
    /// Who drew, A being 0.
    pub session: usize,
}

/// See the [module](self).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// The draws in the order in which they became complete.
    pub columns: Vec<Column>,
    /// Tickets handed out more than once.
    pub duplicates: BTreeSet<u64>,
    /// Tickets never handed out though the counter stands past them.
    pub skipped: BTreeSet<u64>,
}

impl Table {
    /// The table of these draws, with the counter at `start` before and at `end` after them.
    #[must_use]
    pub fn new(columns: Vec<Column>, start: u64, end: u64) -> Self {
        let mut handed_out = BTreeSet::new();
        let mut duplicates = BTreeSet::new();
        for column in &columns {
            if !handed_out.insert(column.ticket) {
                duplicates.insert(column.ticket);
            }
        }
        let skipped = (start..end)
            .filter(|ticket| !handed_out.contains(ticket))
            .collect();
        Self {
            columns,
            duplicates,
            skipped,
        }
    }

    /// The numbers handed out, in the order of the columns.
    #[must_use]
    pub fn numbers(&self, list: &[u32]) -> Vec<u32> {
        self.columns
            .iter()
            .filter_map(|column| number(list, column.ticket))
            .collect()
    }

    /// For each column, whether it hands out a number that an earlier one has handed out.
    #[must_use]
    pub fn extras(&self) -> Vec<bool> {
        let mut handed_out = BTreeSet::new();
        self.columns
            .iter()
            .map(|column| !handed_out.insert(column.ticket))
            .collect()
    }

    /// The table as text of at most `width` columns, each line ended. Many draws take several tables, one
    /// below the other.
    #[must_use]
    pub fn render(&self, list: &[u32], width: usize) -> String {
        let cells: Vec<[String; 3]> = self
            .columns
            .iter()
            .zip(self.extras())
            .map(|(column, extra)| {
                let number = number(list, column.ticket).map_or("-".into(), |n| n.to_string());
                let mark = if extra { '!' } else { ' ' };
                [
                    format!("{} ", column.ticket),
                    format!("{} ", letter(column.session)),
                    format!("{number}{mark}"),
                ]
            })
            .collect();
        let widest = cells
            .iter()
            .flatten()
            .map(String::len)
            .max()
            .unwrap_or(0)
            .max(4)
            + 1;
        let sums = format!(
            "duplicates {}   skipped {}",
            self.duplicates.len(),
            self.skipped.len()
        );
        let labels = [" Counter", " Thread ", " Result "];
        let a_line = (width.saturating_sub(labels[0].len()) / widest).max(1);
        let mut text = String::new();
        for block in cells.chunks(a_line) {
            for (row, label) in labels.iter().enumerate() {
                let mut line = (*label).to_owned();
                for cell in block {
                    // Writing to a String cannot fail.
                    _ = write!(line, "{:>widest$}", cell[row]);
                }
                text.push_str(line.trim_end());
                text.push('\n');
            }
        }
        // Beside the last row where there is room, as in the lecture; else below.
        let last = text.lines().last().map_or(0, str::len);
        let aligned = labels[0].len() + cells.len().min(a_line) * widest;
        let gap = aligned.saturating_sub(last) + 4;
        if !cells.is_empty() && last + gap + sums.len() <= width {
            text.pop();
            _ = writeln!(text, "{:gap$}{sums}", "");
        } else {
            _ = writeln!(text, " {sums}");
        }
        text
    }
}

fn number(list: &[u32], ticket: u64) -> Option<u32> {
    list.get(usize::try_from(ticket).ok()?).copied()
}
