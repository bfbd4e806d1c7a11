//! What people type as a value: whole numbers and durations. The one place that reads them, for the command
//! line, the control socket and the lab alike: each within bounds, and whatever is refused is told what
//! would be right. Lists of numbers are read where the [list](crate::lootbox::list) is.

use std::ops::RangeInclusive;
use std::str::FromStr;
use std::time::Duration;

/// The longest duration that anybody may ask for. Far below what a clock can count, so that a duration can be
/// added to any instant: the standard library panics where it cannot.
pub const MAX_DURATION: Duration = Duration::from_hours(365 * 24);

/// What takes a whole number of this range, and says of every other word what would be right: the standard
/// library says "invalid digit found in string" and no more.
pub fn whole<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: FromStr + PartialOrd + std::fmt::Display + Clone + Send + Sync + 'static,
{
    move |word| match word.parse() {
        Ok(number) if range.contains(&number) => Ok(number),
        _ => Err(format!(
            "write a whole number, {}..={}",
            range.start(),
            range.end()
        )),
    }
}

/// A duration with its unit, as in `500us`, `5ms` or `1m 30s`, of at most [`MAX_DURATION`].
///
/// # Errors
/// What would be right.
pub fn duration(word: &str) -> Result<Duration, String> {
    at_least(Duration::ZERO)(word)
}

/// What takes a [`duration`] that is not shorter than this.
pub fn at_least(
    shortest: Duration,
) -> impl Fn(&str) -> Result<Duration, String> + Clone + Send + Sync + 'static {
    move |word| match humantime::parse_duration(word) {
        Ok(time) if (shortest..=MAX_DURATION).contains(&time) => Ok(time),
        _ => {
            let least = if shortest.is_zero() {
                String::new()
            } else {
                format!("at least {} and ", humantime::format_duration(shortest))
            };
            Err(format!(
                "write a duration with its unit, as in 500us, 5ms or 10s, {least}at most 365days"
            ))
        }
    }
}

/// A name and its value, as in `N=8`, with blanks around both if you like. `value` reads what stands behind the sign, and `form` is
/// what would be right, with an example.
///
/// # Errors
/// What would be right.
pub fn named<T>(
    word: &str,
    form: &str,
    value: impl Fn(&str) -> Result<T, String>,
) -> Result<(String, T), String> {
    let parts = word
        .split_once('=')
        .map(|(name, value)| (name.trim(), value.trim()));
    match parts {
        Some((name, text)) if !name.is_empty() => Ok((name.to_owned(), value(text)?)),
        _ => Err(format!("write {form}")),
    }
}

/// A duration, or from which to which: `5ms`, `5ms..20ms`.
///
/// # Errors
/// What would be right.
pub fn durations(word: &str) -> Result<RangeInclusive<Duration>, String> {
    let (least, most) = match word.split_once("..") {
        Some((least, most)) => (duration(least.trim())?, duration(most.trim())?),
        None => (duration(word)?, duration(word)?),
    };
    if least > most {
        return Err("write the shorter time first, as in 5ms..20ms".into());
    }
    Ok(least..=most)
}

/// The one of these words that may have been meant, if one is near.
pub fn similar<'a>(word: &str, words: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// As near as clap finds near enough for an option.
    const NEAR: f64 = 0.7;
    words
        .into_iter()
        .map(|known| (strsim::jaro(word, known), known))
        .filter(|&(near, _)| near > NEAR)
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .map(|(_, known)| known)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Instant, SystemTime};

    #[test]
    fn what_is_no_number_of_the_range_is_told_the_range() {
        let take = whole::<u64>(1..=100);
        assert_eq!(take("1"), Ok(1));
        assert_eq!(take("100"), Ok(100));
        for word in ["101", "-1", "1e2", "foo", "", "1.5", "99999999999999999999"] {
            assert_eq!(
                take(word).unwrap_err(),
                "write a whole number, 1..=100",
                "{word}"
            );
        }
    }

    /// `Instant + Duration` panics where a clock ends, and a thread dies of it.
    #[test]
    fn every_duration_that_is_taken_can_be_added_to_an_instant() {
        for word in ["0s", "500us", "1m 30s", "365days"] {
            let time = duration(word).unwrap();
            assert!(Instant::now().checked_add(time).is_some(), "{word}");
            assert!(SystemTime::now().checked_add(time).is_some(), "{word}");
        }
        for word in [
            "",
            "5",
            "-1s",
            "1e3s",
            "nap",
            "366days",
            "18446744073709551615s",
            "99999999999999999999999999y",
        ] {
            let told = duration(word).unwrap_err();
            assert!(
                told.contains("5ms") && told.contains("at most 365days"),
                "{word}: {told}"
            );
        }
    }

    #[test]
    fn what_is_too_short_is_told_the_least() {
        let take = at_least(Duration::from_millis(10));
        assert_eq!(take("10ms"), Ok(Duration::from_millis(10)));
        for word in ["9ms", "0s", "x"] {
            let told = take(word).unwrap_err();
            assert!(told.contains("at least 10ms"), "{told}");
        }
    }

    #[test]
    fn a_range_of_durations_has_the_shorter_one_first() {
        let ms = Duration::from_millis;
        assert_eq!(durations("5ms"), Ok(ms(5)..=ms(5)));
        assert_eq!(durations("5ms .. 20ms"), Ok(ms(5)..=ms(20)));
        assert!(durations("20ms..5ms").unwrap_err().contains("5ms..20ms"));
        for word in ["", "..", "5ms..", "..5ms", "5ms..18446744073709551615s"] {
            assert!(durations(word).is_err(), "{word}");
        }
    }

    #[test]
    fn a_slip_is_near_what_was_meant() {
        let names = ["philosophers-naive", "bounded-buffer", "rwlock"];
        assert_eq!(similar("philosphers-naive", names), Some(names[0]));
        assert_eq!(similar("bounded_buffer", names), Some(names[1]));
        assert_eq!(similar("zzz", names), None);
    }

    #[test]
    fn a_name_with_its_value() {
        let take = |word: &str| named(word, "NAME=VALUE, as in N=8", whole::<i32>(0..=9));
        assert_eq!(take("N=8"), Ok(("N".to_owned(), 8)));
        assert_eq!(take(" N = 8 "), Ok(("N".to_owned(), 8)));
        for (word, told) in [
            ("N", "as in N=8"),
            ("", "as in N=8"),
            ("=8", "as in N=8"),
            ("N=", "0..=9"),
            ("N=10", "0..=9"),
        ] {
            let error = take(word).unwrap_err();
            assert!(error.contains(told), "{word}: {error}");
        }
    }
}
