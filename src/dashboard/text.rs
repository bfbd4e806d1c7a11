//! Text that fits: numbers a lecture hall can read, and clients' text cut to columns.

use unicode_width::UnicodeWidthStr;

pub(crate) use crate::columns::cut;
use crate::escaped::escaped;
pub use crate::grouped::grouped;

/// A number in at most 7 columns: `999,999`, then `1.23M`.
#[must_use]
pub fn short(number: u64) -> String {
    if number < 1_000_000 {
        return grouped(number);
    }
    let mut unit = 1_000_000;
    for name in ["M", "G", "T", "P"] {
        if number / unit < 1_000 {
            let (whole, hundredths) = (number / unit, number % unit / (unit / 100));
            return match whole {
                0..10 => format!("{whole}.{hundredths:02}{name}"),
                10..100 => format!("{whole}.{}{name}", hundredths / 10),
                _ => format!("{whole}{name}"),
            };
        }
        unit = unit.saturating_mul(1_000);
    }
    "many".to_owned()
}

/// A client's text, harmless, in exactly `width` columns: cut with an ellipsis, or filled up.
#[must_use]
pub fn fitted(text: &str, width: usize) -> String {
    let mut shown = cut(&escaped(text), width);
    let used = shown.width();
    shown.extend(std::iter::repeat_n(' ', width.saturating_sub(used)));
    shown
}

/// A time as `1:02:03` or `2:03`.
#[must_use]
pub fn clock(nanoseconds: u64) -> String {
    let seconds = nanoseconds / 1_000_000_000;
    let (hours, minutes, seconds) = (seconds / 3_600, seconds / 60 % 60, seconds % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}")
    } else {
        format!("{minutes}:{seconds:02}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_in_seven_columns() {
        for (number, text) in [
            (0, "0"),
            (999, "999"),
            (1_000, "1,000"),
            (999_999, "999,999"),
            (1_000_000, "1.00M"),
            (12_345_678, "12.3M"),
            (999_999_999, "999M"),
            (4_294_967_296, "4.29G"),
        ] {
            assert_eq!(short(number), text);
        }
        assert!(short(u64::MAX).len() <= 7);
    }

    #[test]
    fn clients_text_has_exactly_the_width_it_is_given() {
        for text in [
            "",
            "bot 1",
            "山田太郎さん",
            "\u{1b}[2J\u{7}",
            "e\u{301}\u{202e}x",
            "😀😀😀😀",
        ] {
            for width in 0..12 {
                let shown = fitted(text, width);
                assert_eq!(shown.width(), width, "{text:?} {shown:?}");
                assert!(!shown.contains(char::is_control));
            }
        }
    }

    #[test]
    fn times() {
        assert_eq!(clock(59_000_000_000), "0:59");
        assert_eq!(clock(3_723_000_000_000), "1:02:03");
    }
}
