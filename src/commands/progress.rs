//! That something which takes a while is under way: a bar on a terminal, a line now and then where there is none, for
//! whoever reads a log.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::ProgressBar;

use crate::grouped::grouped;
use crate::terminal_kind::bar_style;

/// What takes longer shows a bar.
const SOON: Duration = Duration::from_secs(1);
/// What takes longer says so in a line, if there is no terminal. The next comes when twice the time has passed.
const FIRST_LINE: Duration = Duration::from_secs(5);

/// Something under way, on standard error.
pub(crate) struct Progress {
    begun: Instant,
    template: &'static str,
    length: u64,
    what: &'static str,
    shows: Shows,
}

enum Shows {
    Bar(Option<ProgressBar>),
    Lines(Lines),
}

/// When the next line is due.
struct Lines {
    next: Duration,
}

impl Lines {
    fn is_due(&mut self, elapsed: Duration) -> bool {
        let due = elapsed >= self.next;
        while elapsed >= self.next {
            self.next *= 2;
        }
        due
    }
}

impl Progress {
    /// Counts what it is told, up to `length` if that is not 0: `what` says what is counted, `template` is
    /// the bar's.
    pub(crate) fn new(template: &'static str, length: u64, what: &'static str) -> Self {
        let shows = if io::stderr().is_terminal() {
            Shows::Bar(None)
        } else {
            Shows::Lines(Lines { next: FIRST_LINE })
        };
        Self {
            begun: Instant::now(),
            template,
            length,
            what,
            shows,
        }
    }

    pub(crate) fn at(&mut self, position: u64) {
        let elapsed = self.begun.elapsed();
        match &mut self.shows {
            Shows::Bar(_) if elapsed < SOON => {}
            Shows::Bar(bar) => {
                let (length, template) = (self.length, self.template);
                bar.get_or_insert_with(|| new_bar(length, template, elapsed))
                    .set_position(position);
            }
            Shows::Lines(lines) => {
                if lines.is_due(elapsed) {
                    let (count, what) = (grouped(position), self.what);
                    let of = match self.length {
                        0 => String::new(),
                        length => format!(" of {}", grouped(length)),
                    };
                    // Nobody may see standard error, and that is no error.
                    _ = writeln!(
                        io::stderr(),
                        "lootbox: {count}{of} {what} in {} s, going on",
                        elapsed.as_secs()
                    );
                }
            }
        }
    }

    /// Says something above the bar. `false` if there is none: it is no terminal, or too soon.
    pub(crate) fn say(&self, line: impl Fn() -> String) -> bool {
        match &self.shows {
            Shows::Bar(Some(bar)) => {
                bar.println(line());
                true
            }
            _ => false,
        }
    }

    pub(crate) fn end(self) {
        if let Shows::Bar(Some(bar)) = self.shows {
            bar.finish_and_clear();
        }
    }
}

fn new_bar(length: u64, template: &str, elapsed: Duration) -> ProgressBar {
    let bar = if length == 0 {
        ProgressBar::new_spinner()
    } else {
        ProgressBar::new(length)
    };
    bar.with_style(bar_style(template)).with_elapsed(elapsed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_at_longer_and_longer_intervals() {
        let mut lines = Lines { next: FIRST_LINE };
        let seconds = Duration::from_secs;
        let due: Vec<u64> = (0..100)
            .filter(|&second| lines.is_due(seconds(second)))
            .collect();
        assert_eq!(due, [5, 10, 20, 40, 80]);
        let mut late = Lines { next: FIRST_LINE };
        assert!(late.is_due(seconds(33)) && !late.is_due(seconds(39)) && late.is_due(seconds(40)));
    }
}
