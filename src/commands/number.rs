//! Whole numbers on the command line.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

/// What takes a whole number of this range, and says of every other word what would be right: the standard
/// library says "invalid digit found in string" and no more.
pub fn whole<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr<Err: Display> + PartialOrd + Display + Clone + Send + Sync + 'static,
{
    move |word| {
        let right = format!("write a whole number, {}..={}", range.start(), range.end());
        match word.parse() {
            Ok(number) if range.contains(&number) => Ok(number),
            Ok(_) => Err(right),
            Err(error) => Err(format!("{error}: {right}")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_number_of_the_range_is_told_the_range() {
        let take = whole::<u64>(1..=100);
        assert_eq!(take("1"), Ok(1));
        assert_eq!(take("100"), Ok(100));
        let right = "write a whole number, 1..=100";
        assert_eq!(take("101"), Err(right.to_owned()));
        for word in ["-1", "1e2", "foo", "", "1.5", "99999999999999999999"] {
            let error = take(word).unwrap_err();
            assert!(error.ends_with(right), "{error}");
        }
    }
}
