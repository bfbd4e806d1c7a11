//! Whole numbers: the one place where they get their commas for a lecture hall, and stay exact for a script.

use std::fmt::Display;

use num_bigint::BigUint;
use serde::ser::Error;
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

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

/// A number with commas, as in 12,870; from 22 digits on how large it is.
#[must_use]
pub fn large(number: &BigUint) -> String {
    let digits = number.to_string();
    match digits.len() {
        0..=21 => grouped(digits),
        long => format!("{}.{} x 10^{}", &digits[..1], &digits[1..4], long - 1),
    }
}

/// As a number in JSON, with all its digits, however many: who reads it into a double may lose some.
///
/// # Errors
/// None that can be made to happen.
pub fn exact<S: Serializer>(number: &impl Display, to: S) -> Result<S::Ok, S::Error> {
    let number = RawValue::from_string(number.to_string());
    number.map_err(S::Error::custom)?.serialize(to)
}

/// The same, `null` for none.
///
/// # Errors
/// None that can be made to happen.
#[expect(clippy::ref_option, reason = "serde's signature")]
pub fn exact_if<S: Serializer>(number: &Option<BigUint>, to: S) -> Result<S::Ok, S::Error> {
    match number {
        Some(number) => exact(number, to),
        None => to.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{counted, grouped, large};

    #[test]
    fn numbers_are_grouped_and_the_largest_shortened() {
        let text = |digits: &str| large(&digits.parse().unwrap());
        assert_eq!(text("0"), "0");
        assert_eq!(text("495"), "495");
        assert_eq!(text("17153136"), "17,153,136");
        assert_eq!(text(&format!("9054{}", "0".repeat(55))), "9.054 x 10^58");
    }

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
