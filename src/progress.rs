//! That something which takes a while is under way, on standard error: a bar on a terminal; a line now and then where
//! there is none, for whoever reads a log.

use std::io::{self, IsTerminal, Write};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use crate::grouped::grouped;
use crate::terminal_kind::is_ascii;

/// What is done sooner shows no bar: it would only flicker.
const SOON: Duration = Duration::from_secs(1);
/// What takes longer says so in a line, if there is no terminal. The next comes when twice the time has passed.
const FIRST_LINE: Duration = Duration::from_secs(5);

/// Something under way. What it shows is gone when it is dropped.
pub(crate) struct Progress {
    begun: Instant,
    length: u64,
    position: u64,
    shows: Shows,
}

enum Shows {
    Nothing,
    Bar { bar: ProgressBar, hidden: bool },
    Lines(Lines),
}

/// Lines that say what is counted, and when the next is due.
struct Lines {
    what: &'static str,
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
    /// Counts what it is told, up to `length` if that is not 0: `template` is the bar's, and where there is no terminal
    /// lines say how many of `what` there were.
    pub(crate) fn new(template: &'static str, length: u64, what: &'static str) -> Self {
        let next = FIRST_LINE;
        Self::bar_or(Shows::Lines(Lines { what, next }), template, length)
    }

    /// The same without lines: where there is no terminal it shows nothing.
    pub(crate) fn bar(template: &'static str, length: u64) -> Self {
        Self::bar_or(Shows::Nothing, template, length)
    }

    /// Where nobody wants to see any.
    pub(crate) fn none() -> Self {
        Self::showing(Shows::Nothing, 0)
    }

    fn bar_or(otherwise: Shows, template: &'static str, length: u64) -> Self {
        if !io::stderr().is_terminal() {
            return Self::showing(otherwise, length);
        }
        // It counts from the beginning, so that what it says of the time that is left is right when it is shown.
        let bar = match length {
            0 => ProgressBar::new_spinner(),
            length => ProgressBar::new(length),
        };
        bar.set_draw_target(ProgressDrawTarget::hidden());
        let bar = bar.with_style(style(template, is_ascii(false)));
        Self::showing(Shows::Bar { bar, hidden: true }, length)
    }

    fn showing(shows: Shows, length: u64) -> Self {
        Self {
            begun: Instant::now(),
            length,
            position: 0,
            shows,
        }
    }

    /// Says that it has come so far.
    pub(crate) fn at(&mut self, position: u64) {
        self.position = position;
        match &mut self.shows {
            Shows::Nothing => {}
            Shows::Bar { bar, hidden } => {
                if self.begun.elapsed() >= SOON {
                    reveal(bar, hidden);
                }
                bar.set_position(position);
            }
            Shows::Lines(lines) => {
                let elapsed = self.begun.elapsed();
                // What is done says so itself.
                let done = self.length > 0 && position >= self.length;
                if !done && lines.is_due(elapsed) {
                    let (count, what) = (grouped(position), lines.what);
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

    /// Says that it has come so much further.
    pub(crate) fn add(&mut self, more: u64) {
        self.at(self.position + more);
    }

    /// Says that something begins which may take long: on a terminal that is shown at once.
    pub(crate) fn begins(&mut self, what: String, position: u64) {
        if let Shows::Bar { bar, hidden } = &mut self.shows {
            reveal(bar, hidden);
            bar.set_message(what);
        }
        self.at(position);
    }

    /// Says something above the bar. `false` if there is none: it is no terminal, or too soon.
    pub(crate) fn say(&self, line: impl Fn() -> String) -> bool {
        match &self.shows {
            Shows::Bar { bar, hidden: false } => {
                bar.println(line());
                true
            }
            _ => false,
        }
    }

    /// Writes something else to the terminal, with the bar out of the way.
    pub(crate) fn aside<T>(&self, write: impl FnOnce() -> T) -> T {
        match &self.shows {
            Shows::Bar { bar, .. } => bar.suspend(write),
            _ => write(),
        }
    }

    /// It is done.
    pub(crate) fn end(self) {
        drop(self);
    }
}

/// How a bar of this template is drawn: in blocks, or in ASCII alone.
fn style(template: &str, ascii: bool) -> ProgressStyle {
    // The templates are ours, and right.
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    if ascii {
        style.progress_chars("#>-").tick_chars("|/-\\ ")
    } else {
        style
    }
}

fn reveal(bar: &ProgressBar, hidden: &mut bool) {
    if std::mem::take(hidden) {
        bar.set_draw_target(ProgressDrawTarget::stderr());
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Shows::Bar { bar, .. } = &self.shows {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spinner_turns_in_ascii_where_there_is_no_more() {
        for tick in 0..10 {
            assert!(style("{spinner}", true).get_tick_str(tick).is_ascii());
            assert!(!style("{spinner}", false).get_tick_str(tick).is_ascii());
        }
    }

    #[test]
    fn lines_come_at_longer_and_longer_intervals() {
        let lines = || Lines {
            what: "states",
            next: FIRST_LINE,
        };
        let seconds = Duration::from_secs;
        let mut on_time = lines();
        let due: Vec<u64> = (0..100)
            .filter(|&second| on_time.is_due(seconds(second)))
            .collect();
        assert_eq!(due, [5, 10, 20, 40, 80]);
        let mut late = lines();
        assert!(late.is_due(seconds(33)) && !late.is_due(seconds(39)) && late.is_due(seconds(40)));
    }
}
