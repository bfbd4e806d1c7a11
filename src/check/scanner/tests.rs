//! Lines in pieces of any size.

use crate::testing::cases;
use proptest::prelude::*;

use super::*;

/// What was found, and on which line, when the text comes in these pieces.
fn read<'a>(reading: &Reading, pieces: impl IntoIterator<Item = &'a [u8]>) -> Vec<(String, u64)> {
    let mut all = Vec::new();
    let mut found = |found: Found<'_>, line| -> Result<(), ()> {
        let found = match found {
            Found::Number(number) => number.to_string(),
            Found::NotUnderstood(head, why) => format!("?{}:{why:?}", head.len()),
            Found::PassedOver => "-".into(),
            Found::Endless(head) => format!("endless:{}", head.len()),
        };
        all.push((found, line));
        Ok(())
    };
    let mut scanner = Scanner::new(reading);
    for piece in pieces {
        scanner.feed(piece, &mut found).unwrap();
    }
    scanner.end(&mut found).unwrap();
    all
}

/// The same in short: `found@line`, parted by blanks.
fn short(text: &str) -> String {
    let all = read(&Reading::Plain, [text.as_bytes()]);
    let all: Vec<_> = all
        .iter()
        .map(|(found, line)| format!("{found}@{line}"))
        .collect();
    all.join(" ")
}

#[test]
fn one_number_a_line() {
    assert_eq!(short("5\n19\r\n\n 228 \n7"), "5@1 19@2 228@4 7@5");
    assert_eq!(
        short("0000000000000000000007\n18446744073709551615\n"),
        "7@1 18446744073709551615@2"
    );
    assert_eq!(short("error: sold out\n5\n# x\n7"), "-@1 5@2 -@3 7@4");
    assert_eq!(short(""), "");
}

#[test]
fn a_list_on_one_line_and_on_several() {
    assert_eq!(short("[5, 19,\t228]\n(7,)\n"), "5@1 19@1 228@1 7@2");
    assert_eq!(
        short("[\n  5,\n  19 228\n]\n7 8"),
        "5@2 19@3 228@3 ?3:SeveralNumbers@5"
    );
    // What is not understood closes the bracket: the next lines are not taken for the rest of a list.
    assert_eq!(
        short("[5,\nhello\n1 2"),
        "5@1 ?5:NoNumber@2 ?3:SeveralNumbers@3"
    );
}

#[test]
fn a_list_may_be_longer_than_what_is_kept() {
    let list = |end: &str| format!("[{}{end}", "12345, ".repeat(WHOLE / 7 + 1_000));
    let all = read(&Reading::Plain, [list("7]\n8").as_bytes()]);
    assert_eq!(all.len(), WHOLE / 7 + 1_002);
    assert!(
        all[..WHOLE / 7 + 1_000]
            .iter()
            .all(|one| *one == ("12345".into(), 1))
    );
    assert_eq!(all.last().unwrap(), &("8".into(), 2));
    let all = read(&Reading::Plain, [list("x]\n8").as_bytes()]);
    let [.., (odd, 1), (next, 2)] = &all[..] else {
        panic!("{:?}", all.last())
    };
    assert_eq!((odd.as_str(), next.as_str()), ("?256:TooLong", "8"));
}

#[test]
fn of_a_line_without_end_only_the_beginning_is_kept() {
    let piece = vec![b'7'; 100_000];
    let reading = Reading::Plain;
    let mut scanner = Scanner::new(&reading);
    let mut all = Vec::new();
    let mut found = |found: Found<'_>, _| -> Result<(), ()> {
        all.push(matches!(found, Found::Endless(_)));
        Ok(())
    };
    for _ in 0..30 {
        scanner.feed(&piece, &mut found).unwrap();
        assert!(scanner.kept.len() <= WHOLE);
    }
    assert_eq!(all, [false, true], "not understood, then given up");
}

proptest! {
    #![proptest_config(cases(256))]

    /// Text that is full of what the states turn on, cut anywhere.
    #[test]
    fn where_a_piece_ends_changes_nothing(
        text in r"(error:|wrong command!|draw 4|#|\u{feff}|[0-9]{1,22}|[,\[\] \t\r]|\n|[a-z!é]){0,40}",
        cuts in prop::collection::vec(1_usize..6, 1..20),
        column in prop::option::of(1_usize..4),
    ) {
        let reading = column.map_or(Reading::Plain, |column| Reading::Column(column.try_into().unwrap()));
        let mut rest = text.as_bytes();
        let mut pieces = Vec::new();
        for cut in cuts.iter().cycle() {
            let (piece, after) = rest.split_at((*cut).min(rest.len()));
            pieces.push(piece);
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        prop_assert_eq!(read(&reading, pieces), read(&reading, [text.as_bytes()]));
    }

    #[test]
    fn where_a_piece_of_a_long_line_ends_changes_nothing(
        cut in WHOLE - 50..WHOLE + 50, start in "(\\[|\u{feff} \\[| |#|x)", end in "([0-9]\\]|x|, 8)\n7",
    ) {
        let text = format!("{start}{}{end}", "123, ".repeat(WHOLE / 5 + 20));
        let (one, other) = text.as_bytes().split_at(cut);
        for reading in [Reading::Plain, Reading::List] {
            prop_assert_eq!(read(&reading, [one, other]), read(&reading, [text.as_bytes()]));
        }
    }
}
