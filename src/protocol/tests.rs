use super::*;
use crate::testing::cases;
use proptest::prelude::*;

const SIZE: u64 = 100_000;

fn line(bytes: &[u8]) -> Said {
    Said::Line(parse(bytes, SIZE).map(|request| request.expect("not an empty line")))
}

fn draw(count: u64) -> Said {
    Said::Line(Ok(Request::Draw(count)))
}

const MESSAGE: Said = Said::Message(Ok(()));

/// Feeds each piece as a read of its own, with no time between them, then ends the input.
fn said(speak: Speak, pieces: &[&[u8]]) -> Vec<Said> {
    let mut decoder = Decoder::new(SIZE, speak);
    let mut said = Vec::new();
    for piece in pieces {
        decoder.feed(piece);
        said.extend(decoder.by_ref());
    }
    decoder.end();
    said.extend(decoder.by_ref());
    said
}

#[test]
fn requests_in_any_case_and_spacing() {
    for (text, request) in [
        ("draw 4", Request::Draw(4)),
        ("  DRAW\t 4 ", Request::Draw(4)),
        ("Draw 100000", Request::Draw(100_000)),
        ("draw 007", Request::Draw(7)),
        ("name Ada", Request::Name("Ada".into())),
        (
            "NAME  Ada  Lovelace ",
            Request::Name("Ada  Lovelace".into()),
        ),
        ("name 阿達", Request::Name("阿達".into())),
        ("help", Request::Help),
        ("QUIT", Request::Quit),
    ] {
        assert_eq!(parse(text.as_bytes(), SIZE), Ok(Some(request)), "{text:?}");
    }
    for empty in ["", " ", "\t", "\r"] {
        assert_eq!(parse(empty.as_bytes(), SIZE), Ok(None));
    }
}

#[test]
fn what_is_no_request_is_told_what_would_be_right() {
    for text in [
        "draw 0",
        "draw -1",
        "draw +3",
        "draw 1e3",
        "draw 18446744073709551616",
        "draw",
        "draw 1 2",
        "draw 100001",
        "draw 1,2",
        "draw ４",
    ] {
        let error = parse(text.as_bytes(), SIZE).expect_err(text).to_string();
        assert!(
            error.contains("draw N") && error.contains("from 1 to 100000"),
            "{error}"
        );
    }
    for text in [
        "foo",
        "drawer 3",
        "GET / HTTP/1.1",
        "help me",
        "quit now",
        "\u{0}",
        "draw4",
    ] {
        let error = parse(text.as_bytes(), SIZE).expect_err(text).to_string();
        assert!(error.contains("name WHO, help or quit"), "{error}");
    }
    for text in [
        "name",
        "name  ",
        "name \u{1b}[2J",
        &format!("name {}", "x".repeat(65)),
    ] {
        let error = parse(text.as_bytes(), SIZE).expect_err(text).to_string();
        assert!(error.contains("write name WHO"), "{error}");
    }
}

#[test]
fn lines_end_with_lf_or_crlf_or_the_end_of_input() {
    assert_eq!(said(Speak::Auto, &[b"draw 2"]), [draw(2)]);
    assert_eq!(
        said(Speak::Auto, &[b"draw 2\r\ndraw 3\n\n\r\ndraw 4"]),
        [draw(2), draw(3), draw(4)]
    );
    assert_eq!(
        said(Speak::Auto, &[b"dr", b"aw ", b"2", b"\r", b"\n"]),
        [draw(2)]
    );
    assert_eq!(
        said(Speak::Auto, &[b"draw ", b"2", b"\r", b"\n", b"foo\n"]),
        [draw(2), line(b"foo")]
    );
}

#[test]
fn a_line_may_have_1024_bytes_and_not_one_more() {
    let fits = [b"draw 2".as_slice(), &[b' '; MAX_LINE_LEN - 6]].concat();
    let too_long = [fits.as_slice(), b" "].concat();
    for end in ["\n", "\r\n", ""] {
        assert_eq!(said(Speak::Auto, &[&fits, end.as_bytes()]), [draw(2)]);
        let refused = Said::Line(Err(BadRequest::TooLong));
        assert_eq!(said(Speak::Auto, &[&too_long, end.as_bytes()]), [refused]);
    }
    let mut endless = Decoder::new(SIZE, Speak::Auto);
    endless.feed(&[b'x'; 4096]);
    assert_eq!(endless.next(), Some(Said::Line(Err(BadRequest::TooLong))));
}

/// The assignment's client: `draw 2` without a line end, one answer, and again.
#[test]
fn the_course_client_is_found_out_by_its_silence() {
    let mut decoder = Decoder::new(SIZE, Speak::Auto);
    decoder.feed(b"draw 2");
    assert_eq!(decoder.next(), None);
    assert_eq!(decoder.waiting(), Waiting::Quiet);
    decoder.quiet();
    assert_eq!(decoder.next(), Some(MESSAGE));
    assert_eq!((decoder.next(), decoder.dialect()), (None, Dialect::Course));
    // From now on there is no such wait.
    decoder.feed(b"draw 2");
    assert_eq!(decoder.next(), Some(MESSAGE));
    assert_eq!(decoder.waiting(), Waiting::Request);
    decoder.feed(b"foo");
    assert!(matches!(
        decoder.next(),
        Some(Said::Message(Err(BadRequest::Unknown { .. })))
    ));
    decoder.feed(b"draw 100001");
    assert!(matches!(
        decoder.next(),
        Some(Said::Message(Err(BadRequest::Draw { .. })))
    ));
    decoder.end();
    assert_eq!(
        decoder.next(),
        None,
        "the end of the course client's input asks for nothing"
    );
}

#[test]
fn several_messages_in_one_read_are_one_number_each() {
    let mut decoder = Decoder::new(SIZE, Speak::Course);
    decoder.feed(b"draw 2draw 2draw 2");
    assert_eq!(
        decoder.by_ref().collect::<Vec<_>>(),
        [MESSAGE, MESSAGE, MESSAGE]
    );
    decoder.feed(b"draw 2dr");
    assert_eq!(decoder.by_ref().collect::<Vec<_>>(), [MESSAGE]);
    decoder.feed(b"aw 2");
    assert_eq!(decoder.by_ref().collect::<Vec<_>>(), [MESSAGE]);
}

#[test]
fn a_late_line_end_turns_the_course_dialect_into_lines() {
    for end in [b"\n".as_slice(), b"\r\n", b"\r"] {
        let mut decoder = Decoder::new(SIZE, Speak::Auto);
        decoder.feed(b"draw 4");
        decoder.quiet();
        assert_eq!(decoder.next(), Some(MESSAGE));
        decoder.feed(end);
        assert_eq!(decoder.next(), Some(Said::LineEndAfterAll(3)));
        decoder.feed(b"draw 2\n");
        assert_eq!(decoder.next(), Some(draw(2)));
    }
    // With --dialect course it stays one number a message.
    assert_eq!(
        said(Speak::Course, &[b"draw 4\n", b"draw 4\n"]),
        [MESSAGE, MESSAGE]
    );
    // With --dialect line a line end is waited for.
    let mut decoder = Decoder::new(SIZE, Speak::Line);
    decoder.feed(b"draw 4");
    decoder.quiet();
    assert_eq!(
        (decoder.next(), decoder.waiting()),
        (None, Waiting::RestOfLine)
    );
}

#[test]
fn typing_letter_by_letter_is_the_line_dialect() {
    let mut decoder = Decoder::new(SIZE, Speak::Auto);
    for letter in b"draw 4" {
        decoder.feed(&[*letter]);
        decoder.quiet();
        assert_eq!(decoder.next(), None);
    }
    decoder.feed(b"\n");
    assert_eq!(decoder.next(), Some(draw(4)));
}

#[test]
fn numbers_that_were_not_written_whole_are_counted() {
    let text = b"5\n19\nerror: x\n228\n";
    let unwritten: Vec<_> = (0..=text.len())
        .map(|written| numbers_unwritten(text, written))
        .collect();
    assert_eq!(unwritten[..6], [3, 3, 2, 2, 2, 1]);
    assert_eq!(unwritten[17], 1);
    assert_eq!(unwritten[18], 0);
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn a_number_is_unwritten_if_its_line_ends_after_what_was_written(
        text in "([0-9]{1,3}\n|error: [a-z]\n){0,9}[0-9]{0,2}", written in 0usize..40
    ) {
        let mut end = 0;
        let unwritten = text.split_inclusive('\n').filter(|line| {
            end += line.len();
            end > written && !line.starts_with('e')
        });
        let expected = unwritten.count() as u64;
        prop_assert_eq!(numbers_unwritten(text.as_bytes(), written), expected);
    }
}

/// The lines of `input`, parsed one by one: what the decoder must find, however it is cut up.
fn naively(input: &[u8]) -> Vec<Said> {
    let mut said = Vec::new();
    let mut lines: Vec<_> = input.split(|&byte| byte == b'\n').collect();
    if lines.last().is_some_and(|last| last.is_empty()) {
        lines.pop();
    }
    for text in lines {
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.len() > MAX_LINE_LEN {
            said.push(Said::Line(Err(BadRequest::TooLong)));
            break;
        }
        match parse(text, SIZE) {
            Ok(None) => {}
            Ok(Some(request)) => said.push(Said::Line(Ok(request))),
            Err(error) => said.push(Said::Line(Err(error))),
        }
    }
    said
}

fn some_lines() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(b"draw 4\n".to_vec()),
        Just(b"draw 2\r\n".to_vec()),
        Just(b"name x\n".to_vec()),
        Just(b"\n".to_vec()),
        Just(b"draw ".to_vec()),
        Just(vec![b'y'; 600]),
        prop::collection::vec(any::<u8>(), 0..20),
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(cases(256))]

    #[test]
    fn where_packets_end_does_not_matter(input in some_lines(), cuts in prop::collection::vec(1usize..40, 0..60)) {
        let mut pieces = Vec::new();
        let mut rest = input.as_slice();
        for cut in cuts {
            let (piece, others) = rest.split_at(cut.min(rest.len()));
            if !piece.is_empty() { pieces.push(piece); }
            rest = others;
        }
        if !rest.is_empty() { pieces.push(rest); }
        let mut found = said(Speak::Auto, &pieces);
        // After a line that is too long the connection closes; what came behind it is nobody's.
        if let Some(end) = found.iter().position(|said| *said == Said::Line(Err(BadRequest::TooLong))) {
            found.truncate(end + 1);
        }
        prop_assert_eq!(found, naively(&input));
    }

    #[test]
    fn no_bytes_and_no_silence_make_it_panic_or_hoard(
        steps in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..2_000), any::<bool>()), 0..8),
        course: bool,
    ) {
        let mut decoder = Decoder::new(SIZE, if course { Speak::Course } else { Speak::Auto });
        for (bytes, silence) in steps {
            decoder.feed(&bytes);
            if silence { decoder.quiet(); }
            decoder.by_ref().for_each(drop);
            prop_assert!(decoder.rest().len() <= MAX_LINE_LEN + 1);
        }
        decoder.end();
        decoder.by_ref().for_each(drop);
        prop_assert!(decoder.rest().is_empty());
    }
}
