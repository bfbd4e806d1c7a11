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

#[cfg(test)]
mod tests {
    use super::grouped;

    #[test]
    fn every_three_digits_from_the_right_there_is_a_comma() {
        let texts = [0, 12, 999, 1_000, 12_870, 1_234_567].map(grouped);
        assert_eq!(texts, ["0", "12", "999", "1,000", "12,870", "1,234,567"]);
        assert_eq!(grouped(u128::MAX).len(), 39 + 12);
    }
}
