//! Several numbers printed without a blank between them look like one large number.

use super::seen::Seen;

/// So many times larger than the largest of the others is far out.
const FAR: u64 = 10;
/// When so many lie below it: of six numbers of a shuffled list the five smallest are all within a tenth of the
/// largest by luck once in 100,000 runs.
const ENOUGH: u64 = 5;

/// A number out of range, with more digits than the largest one there is, that could be several in a row.
/// One too many at the end of the list has no more digits (or ends in zeros), and is an honest fault.
pub(super) fn may_be_several(number: u64, size: u64) -> bool {
    let digits = |number: u64| number.checked_ilog10().map_or(1, |log| log + 1);
    digits(number) > digits(size) && parts(&number.to_string(), size)
}

/// Whether the digits fall into numbers of the list. As many as fit are taken each time, but for the zeros that
/// would begin the next.
fn parts(digits: &str, size: u64) -> bool {
    let bytes = digits.as_bytes();
    // ends[i]: the first i digits fall into such numbers.
    let mut ends = vec![false; bytes.len() + 1];
    ends[0] = true;
    for start in 0..bytes.len() {
        if !ends[start] || bytes[start] == b'0' {
            continue;
        }
        for end in start + 1..=bytes.len() {
            match digits[start..end].parse::<u64>() {
                Ok(number) if number <= size => ends[end] = true,
                _ => break,
            }
        }
    }
    ends[bytes.len()]
}

/// A number, and its place, that is far out of the range of the others: of those that are all that their file
/// holds, without a line end, one other number is enough to compare it with.
pub(super) fn far_out(seen: &Seen, unended: &[(u64, u64)]) -> Option<(u64, u64)> {
    let (_, largest) = seen.range()?;
    let mut ascending = seen.ascending();
    let (mut below, mut before) = (0, 0);
    let gap = ascending.find(|&(number, _)| {
        let far = below >= ENOUGH && number / FAR >= before;
        (below, before) = (below + 1, number);
        far
    });
    if let Some((number, Some(place))) = gap {
        return Some((number, place));
    }
    let (suspect, place) = *unended.iter().find(|(number, _)| *number == largest)?;
    let others = seen.ascending().filter(|(number, _)| *number != suspect);
    let next = others.map(|(number, _)| number).max()?;
    (suspect / FAR >= next).then_some((suspect, place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_be_several() {
        for (number, size) in [
            (71_238, 1_000),
            (512, 10),
            (5_192_286_657, 1_000),
            (10_010, 100),
        ] {
            assert!(may_be_several(number, size), "{number} of 1..={size}");
        }
        for (number, size) in [
            (1_001, 1_000),
            (10, 9),
            (100, 99),
            (1_000, 99),
            (0, 9),
            (7, u64::MAX),
        ] {
            assert!(!may_be_several(number, size), "{number} of 1..={size}");
        }
    }
}
