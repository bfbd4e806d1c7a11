//! Numbers a lecture hall can read: the one place where they get their commas.

use std::fmt::Display;

/// A whole number with commas: `1234567` as `1,234,567`.
#[must_use]
pub fn grouped(number: impl Display) -> String {
    let digits = number.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// So many of a thing, which takes an s unless it is one: `1 order`, `1,234 orders`.
#[must_use]
pub fn counted(number: impl Display, what: &str) -> String {
    let number = grouped(number);
    let s = if number == "1" { "" } else { "s" };
    format!("{number} {what}{s}")
}

#[cfg(test)]
mod tests {
    use super::{counted, grouped};

    #[test]
    fn one_thing_takes_no_s() {
        let texts = [0, 1, 2, 1_001].map(|number| counted(number, "order"));
        assert_eq!(texts, ["0 orders", "1 order", "2 orders", "1,001 orders"]);
    }

    #[test]
    fn every_three_digits_from_the_right_there_is_a_comma() {
        let texts = [0, 12, 999, 1_000, 12_870, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "12", "999", "1,000", "12,870", "1,234,567"]);
        assert_eq!(grouped(u128::MAX).len(), 39 + 12);
    }
}
