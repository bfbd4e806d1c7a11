//! Figures and paragraphs as text.

use std::fmt::Write;

use crate::columns::wrapped;
use crate::draws::lanes::WIDTH;
pub(super) use crate::grouped::{grouped, large as number};

/// How long the bar is that stands for all.
pub(super) const BAR: u32 = 20;

/// A share as a bar, in eighths of a column; something is always seen of what is not 0.
pub(super) fn bar(share: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (0..BAR * 8)
        .take_while(|&eighth| f64::from(eighth + 1) <= share * f64::from(BAR * 8))
        .count();
    let eighths = if share > 0.0 { eighths.max(1) } else { eighths };
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

/// One decimal, and never 0 % for what is there or 100 % for what is not all.
pub(super) fn percent(share: f64, none: bool, all: bool) -> String {
    match share * 100.0 {
        share if share < 0.05 && !none => "< 0.1 %".to_owned(),
        share if share >= 99.95 && !all => "> 99.9 %".to_owned(),
        share => format!("{share:.1} %"),
    }
}

pub(super) fn line(text: &mut String, line: &str) {
    _ = writeln!(text, " {line}");
}

/// A paragraph, broken into lines between words.
pub(super) fn say(text: &mut String, paragraph: &str) {
    let words: Vec<_> = paragraph.split_whitespace().collect();
    for line in wrapped(&words.join(" "), WIDTH, " ", " ") {
        _ = writeln!(text, "{line}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_eighths() {
        assert_eq!(bar(480.0 / 495.0), "███████████████████▍");
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1e-9), "▏");
        assert_eq!(bar(1.0), "█".repeat(20));
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_all() {
        assert_eq!(percent(0.0, true, false), "0.0 %");
        assert_eq!(percent(0.000_1, false, false), "< 0.1 %");
        assert_eq!(percent(0.999_9, false, false), "> 99.9 %");
        assert_eq!(percent(1.0, false, true), "100.0 %");
        assert_eq!(percent(480.0 / 495.0, false, false), "97.0 %");
    }
}
