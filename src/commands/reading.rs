//! Which number of a line is meant: the options of every command that reads output files.

use std::num::NonZeroUsize;

use clap::Args;

use crate::check::{Pick, Reading};
use crate::values::whole;

/// At most one of them.
#[derive(Debug, Default, Clone, Args)]
pub struct ReadingOptions {
    /// The number is in this column: columns are parted by tabs, else by commas or semicolons, else by blanks
    #[arg(long, value_name = "N", value_parser = whole::<NonZeroUsize>(NonZeroUsize::MIN..=LAST), conflicts_with_all = ["pick", "list"])]
    pub column: Option<NonZeroUsize>,
    /// The number is what this regular expression finds, or its one group; a line that matches without the group
    /// is no draw
    #[arg(long, value_name = "REGEX", conflicts_with = "list")]
    pub pick: Option<Pick>,
    /// Every number of a line is a draw: lines are lists (in square brackets they are anyway)
    #[arg(long)]
    pub list: bool,
}

/// The last column that can be named.
const LAST: NonZeroUsize = NonZeroUsize::new(1_000).expect("1,000 is not zero");

impl ReadingOptions {
    /// What they say.
    #[must_use]
    pub fn reading(&self) -> Reading {
        match (self.column, &self.pick) {
            (Some(column), _) => Reading::Column(column),
            (None, Some(pick)) => Reading::Pick(pick.clone()),
            (None, None) if self.list => Reading::List,
            (None, None) => Reading::Plain,
        }
    }
}
