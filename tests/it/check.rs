//! The checker: against a naive one, and on everything that stands in real output files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use lootbox::check::{
    CheckError, Checker, Options, Reading, Report, Shown, Verdict, check_paths, each, find_runs,
    write_csv,
};
use proptest::prelude::*;

const ALL: Options = Options {
    size: None,
    reading: Reading::Plain,
    places: usize::MAX,
    shown: Shown::All,
};

/// The report on these files, named `0`, `1`, ….
fn check<T: AsRef<[u8]>>(options: &Options, files: &[T]) -> Report {
    check_by(options, files, |bytes| Box::new(bytes))
}

fn check_by<'a, T: AsRef<[u8]>>(
    options: &Options,
    files: &'a [T],
    reader: impl Fn(&'a [u8]) -> Box<dyn Read + 'a>,
) -> Report {
    let mut checker = Checker::new(options.clone());
    for (name, file) in files.iter().enumerate() {
        checker
            .read(&name.to_string(), reader(file.as_ref()))
            .unwrap();
    }
    checker.finish()
}

/// The checker as one would write it first: all text and every place in memory.
#[derive(Debug, Default, PartialEq)]
struct Naive {
    places: BTreeMap<u64, Vec<(String, u64)>>,
    out_of_range: u64,
    not_understood: u64,
    passed_over: u64,
}

impl Naive {
    fn check(size: u64, files: &[String]) -> Self {
        let mut naive = Self::default();
        for (name, text) in files.iter().enumerate() {
            let mut open = false;
            for (line, text) in (1..).zip(text.split('\n')) {
                let mut text = text.trim_matches(|char: char| char.is_ascii_whitespace());
                while let Some(rest) = text.strip_prefix('\u{feff}') {
                    text = rest.trim_start_matches(|char: char| char.is_ascii_whitespace());
                }
                if ["error:", "wrong command!", "#"]
                    .iter()
                    .any(|note| text.starts_with(note))
                {
                    naive.passed_over += 1;
                    continue;
                }
                let (list, closed) = Self::list(text, open);
                let only = |word: &str| {
                    word.chars().all(|char| char.is_ascii_digit()) && word.parse::<u64>().is_ok()
                };
                let words: Vec<&str> = text
                    .split([
                        ' ', '\t', '\r', '\x0c', '\x0b', ',', ';', '"', '\'', '[', ']', '(', ')',
                        '{', '}',
                    ])
                    .filter(|word| !word.is_empty())
                    .collect();
                if words.is_empty() && !list {
                    continue;
                }
                if !list && (words.len() > 1 || !only(words[0])) {
                    naive.not_understood += 1;
                    open = false;
                    continue;
                }
                if list {
                    open = !closed;
                }
                for word in words {
                    match word.parse::<u64>() {
                        Ok(number) if (1..=size).contains(&number) => {
                            let places = naive.places.entry(number).or_default();
                            places.push((name.to_string(), line));
                        }
                        Ok(number) if size < 100 && several(number, size) => {
                            naive.not_understood += 1;
                        }
                        _ => naive.out_of_range += 1,
                    }
                }
            }
        }
        naive
    }

    /// Whether the line is a list in square brackets, or a part of one, and whether its bracket is closed.
    fn list(text: &str, open: bool) -> (bool, bool) {
        let inner = if open {
            Some(text)
        } else {
            text.strip_prefix('[')
        };
        let Some(inner) = inner else {
            return (false, false);
        };
        let (numbers, after, closed) = match inner.split_once(']') {
            Some((numbers, after)) => (numbers, after, true),
            None => (inner, "", false),
        };
        let parting = |char: char| char.is_ascii_whitespace() || ",;\"'\x0b".contains(char);
        let fits = |word: &str| {
            word.is_empty()
                || word.chars().all(|char| char.is_ascii_digit()) && word.parse::<u64>().is_ok()
        };
        (
            numbers.split(parting).all(fits) && after.chars().all(parting),
            closed,
        )
    }

    /// The same from a report that shows all places.
    fn of(report: &Report) -> Self {
        let places = |duplicate: &lootbox::check::Duplicate| {
            let places = duplicate.places.iter();
            places
                .map(|place| (place.file.to_string(), place.line))
                .collect()
        };
        Self {
            places: report
                .shown
                .iter()
                .map(|one| (one.number, places(one)))
                .collect(),
            out_of_range: report.out_of_range.count,
            not_understood: report.not_understood.count,
            passed_over: report.passed_over,
        }
    }
}

/// Whether a number with more digits than the size is several numbers of the list in a row, by trying every cut.
fn several(number: u64, size: u64) -> bool {
    fn cut(digits: &str, size: u64) -> bool {
        digits.is_empty()
            || (1..=digits.len()).any(|end| {
                let part = digits[..end].parse::<u64>();
                !digits.starts_with('0')
                    && part.is_ok_and(|part| part <= size)
                    && cut(&digits[end..], size)
            })
    }
    number.to_string().len() > size.to_string().len() && cut(&number.to_string(), size)
}

/// A line of an output file, and of anything else that ends up in one.
fn line() -> impl Strategy<Value = String> {
    let number = prop_oneof![
        20 => (1_u64..80).prop_map(|number| number.to_string()),
        1 => Just("0".to_owned()),
        1 => "0{1,30}[1-9]",
        1 => any::<u64>().prop_map(|number| number.to_string()),
        1 => "[0-9]{18,24}",
    ];
    prop_oneof![
        20 => number.clone(),
        2 => prop::collection::vec(number, 0..6).prop_map(|list| format!("[{}]", list.join(", "))),
        1 => Just("error: sold out, 0 left".to_owned()),
        1 => Just("wrong command!".to_owned()),
        1 => "# [a-z0-9 ]{0,10}",
        1 => "[ \t]{0,2}(error|error:|wrong|wrong comm|wrong command!|er)[ x5]{0,4}",
        1 => "[ ,\t]{0,4}",
        1 => r"[-+.0-9a-zé\[\](){},! ]{0,12}",
        1 => "[0-9\\[\\], ]{0,8}",
    ]
}

/// Lines, some with CRLF, and the last one perhaps without an end.
fn file() -> impl Strategy<Value = String> {
    let end = prop_oneof![4 => Just("\n"), 1 => Just("\r\n")];
    let ended = (line(), end).prop_map(|(line, end)| line + end);
    let last = prop_oneof![1 => line(), 2 => Just(String::new())];
    (prop::collection::vec(ended, 0..40), last).prop_map(|(lines, last)| lines.concat() + &last)
}

fn files() -> impl Strategy<Value = Vec<String>> {
    prop::collection::vec(file().prop_map(no_table), 1..5)
}

/// Lists at the front of a file may be the lines of a table, which the naive checker does not know: there a number
/// stands before them.
fn no_table(file: String) -> String {
    let bare = |line: &&str| !line.is_empty() && line.chars().all(|char| char.is_ascii_digit());
    let list = |line: &&str| line.contains('[');
    let mut lines = file.lines().map(str::trim);
    match lines.find(|line| list(line) || bare(line)) {
        Some(line) if list(&line) => format!("7\n{file}"),
        _ => file,
    }
}

proptest! {
    #[test]
    fn agrees_with_the_naive_checker(files in files(), size in prop_oneof![Just(None), (1_u64..100).prop_map(Some)]) {
        let report = check(&Options { size, ..ALL }, &files);
        let mut naive = Naive::check(size.unwrap_or(u64::MAX), &files);

        let numbers = naive.places.values().map(|places| places.len() as u64).sum::<u64>();
        let distinct = naive.places.len() as u64;
        let smallest = naive.places.keys().next().copied();
        let largest = naive.places.keys().next_back().copied();
        prop_assert_eq!(report.numbers, numbers);
        prop_assert_eq!(report.distinct, distinct);
        prop_assert_eq!(report.extras, numbers - distinct);
        prop_assert_eq!(report.range, smallest.zip(largest));
        prop_assert_eq!(report.missing, size.or(largest).unwrap_or(0) - distinct);

        naive.places.retain(|_, places| places.len() > 1);
        let counts: Vec<_> =
            naive.places.iter().map(|(number, places)| (*number, places.len() as u64)).collect();
        prop_assert_eq!(&report.duplicates, &counts);
        let few = Options { size, places: 2, shown: Shown::First(3), ..ALL };
        prop_assert_eq!(&check(&few, &files).duplicates, &counts);
        prop_assert_eq!(Naive::of(&report), naive);
    }

    /// Which file a number stands in, and in which order the files come, is nothing to the counts.
    #[test]
    fn joining_and_reordering_files_changes_no_count(mut files in files()) {
        let counts = |report: &Report| {
            let mut sums = report.clone();
            (sums.files, sums.shown) = (0, Vec::new());
            sums.out_of_range.first.clear();
            sums.not_understood.first.clear();
            (sums.far_out, sums.unended) = (None, None);
            sums
        };
        let report = check(&ALL, &files);
        // A bracket that is open at the end of one file is not closed in the next.
        let joined = files.join("\n]\n");
        prop_assert_eq!(counts(&check(&ALL, &[joined])), counts(&report));
        files.reverse();
        prop_assert_eq!(counts(&check(&ALL, &files)), counts(&report));
    }

    #[test]
    fn one_byte_at_a_time_reads_the_same(files in files()) {
        let slow = check_by(&ALL, &files, |bytes| Box::new(OneByte(bytes)));
        prop_assert_eq!(slow, check(&ALL, &files));
    }

    #[test]
    fn utf_16_and_byte_order_marks_read_the_same(files in files()) {
        let report = check(&ALL, &files);
        let marked: Vec<_> = files.iter().map(|text| format!("\u{feff}{text}")).collect();
        prop_assert_eq!(&check(&ALL, &marked), &report);
        for bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let wide: Vec<Vec<u8>> =
                marked.iter().map(|text| text.encode_utf16().flat_map(bytes).collect()).collect();
            prop_assert_eq!(&check(&ALL, &wide), &report);
            let slow = check_by(&ALL, &wide, |bytes| Box::new(OneByte(bytes)));
            prop_assert_eq!(&slow, &report);
        }
    }

    #[test]
    fn a_permutation_has_no_duplicates(
        (size, list) in (1_u64..2000).prop_flat_map(|size| (Just(size), Just((1..=size).collect::<Vec<_>>()).prop_shuffle())),
        clients in 1_usize..9,
    ) {
        let mut files = vec![String::new(); clients];
        for (ticket, number) in list.iter().enumerate() {
            writeln!(files[ticket % clients], "{number}").unwrap();
        }
        let report = check(&Options { size: Some(size), ..Options::default() }, &files);
        prop_assert_eq!((report.numbers, report.distinct), (size, size));
        prop_assert_eq!((report.missing, report.extras), (0, 0));
        prop_assert_eq!(report.verdict(), Verdict::Clean);
    }

    /// Whatever the bytes are, there is a report, and nothing in it moves the cursor.
    #[test]
    fn any_bytes_can_be_checked_and_shown(
        mark in prop_oneof![Just(&b""[..]), Just(&b"\xff\xfe"[..]), Just(&b"\xfe\xff"[..]), Just(&b"\xef\xbb\xbf"[..])],
        bytes in prop::collection::vec(any::<u8>(), 0..600),
        size in prop_oneof![Just(None), any::<u64>().prop_map(Some)],
    ) {
        let report = check(&Options { size, ..ALL }, &[[mark, &bytes].concat()]);
        let text = report.to_string();
        prop_assert!(text.chars().all(|char| char == '\n' || !char.is_control()), "{:?}", text);
        prop_assert!(serde_json::to_string(&report).is_ok());
        prop_assert_eq!(report.numbers, report.distinct + report.extras);
    }
}

/// Hands out one byte a read, so every boundary there can be between two pieces is there.
struct OneByte<'a>(&'a [u8]);

impl Read for OneByte<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let length = buffer.len().min(1);
        self.0.read(&mut buffer[..length])
    }
}

/// Two clients that met a race, with all that may stand in their files.
fn raced() -> Report {
    let alice = "5\n19\n228\n665\nerror: sold out\n";
    let bob = "[228, 7, 7]\r\n7\n12a4\n0\n1001\n# end\n1 got 5\n";
    let mut checker = Checker::new(Options {
        size: Some(1000),
        ..Options::default()
    });
    checker.read("alice.txt", alice.as_bytes()).unwrap();
    checker.read("bob.txt", bob.as_bytes()).unwrap();
    checker.finish()
}

#[test]
fn the_text_is_for_a_student() {
    insta::assert_snapshot!(raced(), @r#"
      files             2
      numbers           8
      distinct          5
      duplicates        2  numbers handed out more than once
      extras            3  each handing-out after the first
      missing         995  of 1..=1,000
      out of range      2
      passed over       2  lines that are no draws: notes, echoes, a table's head
      not understood    2

      duplicate  times  where
            228      2  alice.txt:3, bob.txt:1
              7      3  bob.txt:1 (2 times), bob.txt:2

      out of range
      bob.txt:4  0
      bob.txt:5  1001

      not understood
      bob.txt:3  12a4  (no number)
      bob.txt:7  1 got 5  (words beside a number)

    duplicates: 2 numbers were handed out more than once (3 extras); out of range: 2 numbers not in 1..=1,000; not understood: 2 lines, the first bob.txt:3 "12a4" (no number)
    hint: say which number of a line is meant: --column N, --pick REGEX, or --list if all of them are
    "#);
}

#[test]
fn the_verdict_in_one_line() {
    let line = |text: &str| check(&Options::default(), &[text.replace(' ', "\n")]).verdict_line();
    assert_eq!(line("1 2 3"), "no duplicates in 3 numbers");
    assert_eq!(
        line("1 2 1"),
        "duplicates: 1 number was handed out more than once (1 extra)"
    );
    assert_eq!(
        line("1 1 2 2 2 x"),
        "duplicates: 2 numbers were handed out more than once (3 extras); not understood: 1 line, 0:6 \"x\" (no number)"
    );
    assert_eq!(line("1 0 0"), "out of range: 2 numbers below 1");
    assert_eq!(
        line("1 2 x y"),
        "unusable: not understood: 2 lines, the first 0:3 \"x\" (no number); no duplicates in 2 numbers beside"
    );
    assert_eq!(line("#"), "unusable: not one number could be read");
}

#[test]
fn the_exit_code_says_what_the_verdict_is() {
    let code = |size, text: &str| {
        check(
            &Options {
                size,
                ..Options::default()
            },
            &[text],
        )
        .verdict()
        .exit_code()
    };
    assert_eq!(code(None, "1\n2\n"), 0);
    assert_eq!(code(None, "1\n1\n"), 1);
    assert_eq!(code(Some(9), "10\n"), 1, "out of range");
    assert_eq!(code(None, "1\nx\n"), 2, "not understood");
    assert_eq!(code(None, "1\n1\nx\n"), 1, "a duplicate stays one");
    assert_eq!(code(None, ""), 2, "nothing to judge");
    assert_eq!(
        code(None, "1\n18446744073709551616\n"),
        2,
        "more than 64 bits"
    );
    assert_eq!(Verdict::of_all([]), Verdict::Unusable);
    assert_eq!(
        Verdict::of_all([Verdict::Clean, Verdict::Unusable]),
        Verdict::Unusable
    );
    assert_eq!(
        Verdict::of_all([Verdict::Unusable, Verdict::Wrong]),
        Verdict::Wrong
    );
}

#[test]
fn json_has_jepsens_names() {
    let json = serde_json::to_value(raced()).unwrap();
    assert_eq!(
        json,
        serde_json::json!({
            "valid?": false,
            "attempted-count": 12,
            "acknowledged-count": 8,
            "duplicated-count": 2,
            "duplicated": { "7": 3, "228": 2 },
            "range": [5, 665],
            "size": 1000,
            "files": 2,
            "numbers": 8,
            "distinct": 5,
            "extras": 3,
            "missing": 995,
            "passed-over": 2,
            "out-of-range": { "count": 2, "first": [
                { "number": 0, "file": "bob.txt", "line": 4 },
                { "number": 1001, "file": "bob.txt", "line": 5 },
            ]},
            "not-understood": { "count": 2, "first": [
                { "text": "12a4", "why": "no-number", "file": "bob.txt", "line": 3 },
                { "text": "1 got 5", "why": "words-beside", "file": "bob.txt", "line": 7 },
            ]},
            "far-out": null,
            "unended": null,
            "not-read": [],
            "hints": [],
            "shown": [
                { "number": 228, "count": 2, "places": [{ "file": "alice.txt", "line": 3 }, { "file": "bob.txt", "line": 1 }] },
                { "number": 7, "count": 3, "places": [
                    { "file": "bob.txt", "line": 1 }, { "file": "bob.txt", "line": 1 }, { "file": "bob.txt", "line": 2 },
                ]},
            ],
        })
    );
    let json = serde_json::to_value(check(&Options::default(), &["x"])).unwrap();
    assert_eq!(
        (&json["valid?"], &json["range"]),
        (&"unknown".into(), &serde_json::Value::Null)
    );
}

#[test]
fn much_is_counted_and_little_is_shown() {
    let text: String = (1..=30)
        .map(|number| format!("{number}\n").repeat(12) + "x\n0\n")
        .collect();
    let report = check(&Options::default(), &[text.as_str()]);
    assert_eq!(report.duplicates.len(), 30);
    assert_eq!(report.shown.len(), 20);
    assert_eq!(report.shown[0].places.len(), 10);
    assert_eq!(
        (
            report.not_understood.count,
            report.not_understood.first.len()
        ),
        (30, 20)
    );
    assert_eq!(
        (report.out_of_range.count, report.out_of_range.first.len()),
        (30, 20)
    );
    let text_of = report.to_string();
    assert!(text_of.contains("0:10 and 2 more\n"), "{text_of}");
    assert!(
        text_of.contains("and 10 more duplicates (--all shows them)"),
        "{text_of}"
    );

    let report = check(
        &Options {
            shown: Shown::All,
            ..Options::default()
        },
        &[text.as_str()],
    );
    assert_eq!(report.shown.len(), 30);
    assert!(!report.to_string().contains("--all"));
}

/// Writes a tree of files and returns where it is.
fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = dir.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    dir
}

fn check_tree(dir: &Path, paths: &[&str]) -> Result<Vec<(String, Report)>, CheckError> {
    let paths: Vec<PathBuf> = paths.iter().map(|path| dir.join(path)).collect();
    let runs = check_paths(&paths, &Options::default(), &mut |_| ())?;
    let name = |run: &str| {
        run.replace(&dir.display().to_string(), "")
            .trim_matches('/')
            .to_owned()
    };
    Ok(runs
        .into_iter()
        .map(|run| (name(&run.run), run.report))
        .collect())
}

#[test]
fn files_and_directories_become_runs() {
    let dir = tree(&[
        ("a.txt", "1\n"),
        ("b.txt", "1\n2\n"),
        ("c.log", "1\n"),
        ("runs/lock/run-10/client-1.txt", "1\n"),
        ("runs/lock/run-9/client-1.txt", "1\n"),
        ("runs/lock/run-9/client-2.TXT", "2\n"),
        ("runs/lock/run-9/run.json", "{}"),
        ("runs/lock/run-9/._client-1.txt", "\0\x05\x16\x07"),
        ("runs/atomic/run-1/client-1.txt", "3\n"),
        ("runs/.git/x.txt", "?"),
    ]);
    let runs = check_tree(dir.path(), &["c.log", "runs", "a.txt", "b.txt"]).unwrap();
    let names: Vec<_> = runs
        .iter()
        .map(|(name, report)| (name.as_str(), report.files, report.extras))
        .collect();
    assert_eq!(
        names,
        [
            ("3 files", 3, 2),
            ("runs/atomic/run-1", 1, 0),
            ("runs/lock/run-9", 2, 0),
            ("runs/lock/run-10", 1, 0),
        ]
    );
    let runs = check_tree(dir.path(), &["."]).unwrap();
    assert_eq!(
        runs.len(),
        4,
        "files beside directories are a run of their own"
    );
    assert_eq!(check_tree(dir.path(), &["b.txt"]).unwrap()[0].0, "b.txt");
    assert_eq!(
        runs[0].1.shown[0].places[1].to_string(),
        "b.txt:1",
        "named below their directory"
    );
}

#[test]
fn what_cannot_be_checked_is_named() {
    let dir = tree(&[
        ("a.txt", "1\n"),
        ("empty/notes.md", "hello"),
        ("empty/deeper/x", ""),
    ]);
    let error = |paths: &[&str]| check_tree(dir.path(), paths).unwrap_err().to_string();
    let no_files = error(&["empty"]);
    assert!(
        no_files.contains("empty: no *.txt file in it, nor in any directory below"),
        "{no_files}"
    );
    assert!(
        error(&["a.txt", "b.txt"]).contains("b.txt: No such file"),
        "names what is missing"
    );
    assert!(
        error(&["a.txt", "./a.txt"]).contains("the same file as"),
        "would make duplicates"
    );
    let none = each(&dir.path().join("a.txt"), &ALL, &mut |_| ()).unwrap_err();
    assert!(
        none.to_string().starts_with("cannot list the directory"),
        "{none}"
    );
    let none = each(&dir.path().join("empty/deeper"), &ALL, &mut |_| ()).unwrap_err();
    assert!(
        none.to_string().contains("it holds no directories"),
        "{none}"
    );
    let twice = find_runs(&["-".into(), "-".into()]).unwrap_err();
    assert!(matches!(twice, CheckError::SameFile { .. }), "{twice}");
}

#[test]
fn each_submission_is_a_row() {
    let dir = tree(&[
        ("anna/client-1.txt", "1\n2\n"),
        ("anna/second/client-2.txt", "2\n3\n"),
        ("ben, \"b\"/out.txt", "1\n2\n"),
        ("cleo/readme.md", "later"),
        ("dan/out.txt", "Traceback\n"),
        ("overview.csv", ""),
    ]);
    let mut bytes = 0;
    let rows = each(dir.path(), &Options::default(), &mut |more| bytes += more).unwrap();
    assert_eq!(bytes, 4 + 4 + 4 + 10);
    let codes: Vec<_> = rows.iter().map(|row| row.verdict().exit_code()).collect();
    assert_eq!(codes, [1, 0, 2, 2]);

    let mut csv = Vec::new();
    write_csv(&rows, &mut csv).unwrap();
    let csv = String::from_utf8(csv)
        .unwrap()
        .replace(&dir.path().display().to_string(), "DIR");
    insta::assert_snapshot!(csv, @r#"
    run,verdict,files,numbers,distinct,duplicates,extras,missing,out-of-range,passed-over,not-understood,note
    anna,wrong,2,4,3,1,1,0,0,0,0,duplicates: 1 number was handed out more than once (1 extra)
    "ben, ""b""",clean,1,2,2,0,0,0,0,0,0,no duplicates in 2 numbers
    cleo,unusable,,,,,,,,,,"cannot check DIR/cleo: no *.txt file in it, nor in any directory below it; name the directory the clients wrote into, or the files one by one"
    dan,unusable,1,0,0,0,0,0,0,0,1,"unusable: not one number could be read; not understood: 1 line, out.txt:1 ""Traceback"" (no number)"
    "#);

    let json = serde_json::to_value(&rows).unwrap();
    assert_eq!(
        (&json[0]["run"], &json[0]["extras"]),
        (&"anna".into(), &1.into())
    );
    assert_eq!(
        (&json[2]["run"], &json[2]["valid?"]),
        (&"cleo".into(), &"unknown".into())
    );
    assert!(json[2]["error"].as_str().unwrap().contains("no *.txt file"));
}

#[cfg(unix)]
#[test]
fn links_and_pipes_do_no_harm() {
    use std::os::unix::fs::symlink;
    let dir = tree(&[("anna/client-1.txt", "1\n"), ("ben/client-1.txt", "1\n")]);
    let at = |name: &str| dir.path().join(name);
    symlink("..", at("anna/round")).unwrap();
    symlink("client-1.txt", at("ben/latest.txt")).unwrap();
    symlink("anna", at("cleo")).unwrap();
    symlink("/dev/zero", at("anna/zero.txt")).unwrap();
    symlink("/etc/passwd", at("anna/b.txt")).unwrap();
    symlink("../ben/client-1.txt", at("anna/c.txt")).unwrap();
    symlink("nowhere", at("anna/d.txt")).unwrap();
    let rows = each(dir.path(), &Options::default(), &mut |_| ()).unwrap();
    let outcomes: Vec<_> = rows
        .iter()
        .map(|row| row.outcome.as_ref().map(|report| report.numbers))
        .collect();
    assert!(
        matches!(
            outcomes[..],
            [Ok(1), Err(CheckError::SameFile { .. }), Ok(1)]
        ),
        "{outcomes:?}"
    );
    let anna = rows[0].outcome.as_ref().unwrap();
    assert_eq!(
        anna.not_read,
        [
            "b.txt -> /etc/passwd",
            "c.txt -> ../ben/client-1.txt",
            "d.txt -> nowhere",
            "zero.txt -> /dev/zero"
        ],
        "named, not read"
    );
    assert_eq!(anna.verdict(), Verdict::Unusable, "part of it was not read");
    assert!(!anna.to_string().contains("root"), "{anna}");
    // What is named by hand is meant.
    assert_eq!(
        check_tree(dir.path(), &["anna/c.txt"]).unwrap()[0]
            .1
            .numbers,
        1
    );
}

/// A submission must not move the cursor of whoever judges it.
#[cfg(unix)]
#[test]
fn names_are_escaped() {
    let dir = tree(&[("a\x1b[2J/b\nc.txt", "1\n1\n")]);
    let runs = check_paths(&[dir.path().into()], &Options::default(), &mut |_| ()).unwrap();
    assert!(runs[0].run.ends_with("a\\u{1b}[2J"));
    assert_eq!(runs[0].report.shown[0].places[0].to_string(), "b\\nc.txt:1");
}

/// A spreadsheet must not compute what a submission is called.
#[test]
fn no_cell_is_a_formula() {
    let dir = tree(&[
        ("=cmd|calc/a.txt", "1\n"),
        ("@x/a.txt", "1\n"),
        ("-1+2/a.txt", "1\n"),
    ]);
    let rows = each(dir.path(), &Options::default(), &mut |_| ()).unwrap();
    let mut csv = Vec::new();
    write_csv(&rows, &mut csv).unwrap();
    let csv = String::from_utf8(csv).unwrap();
    for name in ["'=cmd|calc,clean", "'@x,clean", "'-1+2,clean"] {
        assert!(csv.contains(name), "{csv}");
    }
}

/// One shape of output: what two clients wrote, and what comes of it.
struct Shape {
    what: &'static str,
    a: &'static str,
    b: &'static str,
    code: u8,
    /// The options of the hints, and the exit code with the first of them.
    hints: &'static [&'static str],
    then: u8,
}

const fn shape(
    what: &'static str,
    a: &'static str,
    b: &'static str,
    code: u8,
    hints: &'static [&'static str],
    then: u8,
) -> Shape {
    Shape {
        what,
        a,
        b,
        code,
        hints,
        then,
    }
}

/// What clients write, and whoever keeps what they wrote.
const SHAPES: &[Shape] = &[
    shape("a number a line", "5\n19\n", "6\n20\n", 0, &[], 0),
    shape("and one twice", "5\n19\n", "5\n20\n", 1, &[], 0),
    shape(
        "at the end of the list",
        "5\n19\nerror: sold out, 0 left\n",
        "6\nwrong command!\n",
        0,
        &[],
        0,
    ),
    shape("no line end", "5\n19", "6\n20", 0, &[], 0),
    shape("one number, no line end", "5", "6", 0, &[], 0),
    shape(
        "CRLF, blanks, empty lines",
        "5\r\n\r\n 19 \r\n",
        "6\n\n",
        0,
        &[],
        0,
    ),
    shape("a byte order mark", "\u{feff}5\n19\n", "6\n", 0, &[], 0),
    shape(
        "an echo of the command",
        "draw 2\n5\n19\n",
        "draw 2\n6\n20\n",
        0,
        &[],
        0,
    ),
    shape("a Python list", "[5, 19, 228]\n", "[6, 20]\n", 0, &[], 0),
    shape(
        "a Python list with a duplicate",
        "[5, 19, 228]\n",
        "[6, 19]\n",
        1,
        &[],
        0,
    ),
    shape(
        "a JSON list over lines",
        "[\n  5,\n  19\n]\n",
        "[\n  6\n]\n",
        0,
        &[],
        0,
    ),
    shape(
        "numpy's list over lines",
        "[ 5 19\n 228]\n",
        "[ 6 20]\n",
        0,
        &[],
        0,
    ),
    shape("quotes and commas", "\"5\",\n'19';\n", "6,\n", 0, &[], 0),
    shape(
        "cat -n",
        "     1\t5\n     2\t19\n",
        "     1\t6\n     2\t20\n",
        2,
        &["--column 2"],
        0,
    ),
    shape(
        "cat -n, and one twice",
        "1\t5\n2\t19\n",
        "1\t6\n2\t5\n",
        2,
        &["--column 2"],
        1,
    ),
    shape(
        "an index and a blank",
        "0 5\n1 19\n",
        "0 6\n1 20\n",
        2,
        &["--column 2"],
        0,
    ),
    shape(
        "a sentence",
        "client 1 got 5\n",
        "client 1 got 6\n",
        2,
        &["--column 4"],
        0,
    ),
    shape(
        "who and what",
        "client 1 got 5\nclient 1 got 19\n",
        "client 2 got 6\nclient 2 got 20\n",
        2,
        &["--column 4"],
        0,
    ),
    shape(
        "CSV with a head",
        "i,number\n1,5\n2,19\n",
        "i,number\n1,6\n2,5\n",
        2,
        &["--column 2"],
        1,
    ),
    shape(
        "CSV without",
        "1,5\n2,19\n",
        "1,6\n2,20\n",
        2,
        &["--column 2"],
        0,
    ),
    shape(
        "a head and one column",
        "number\n5\n19\n",
        "number\n6\n",
        2,
        &["--column 1"],
        0,
    ),
    shape(
        "a tuple",
        "(1, 5)\n(2, 19)\n",
        "(1, 6)\n(2, 20)\n",
        2,
        &["--column 2"],
        0,
    ),
    shape(
        "a label",
        "You got: 5\nYou got: 19\n",
        "You got: 6\n",
        2,
        &["--column 3"],
        0,
    ),
    shape(
        "a sign, no blank",
        "number=5\nnumber=19\n",
        "number=6\n",
        2,
        &[r"--pick '^number=(\d+)'"],
        0,
    ),
    shape(
        "JSON objects",
        "{\"i\":1,\"n\":5}\n{\"i\":2,\"n\":19}\n",
        "{\"i\":1,\"n\":6}\n{\"i\":2,\"n\":20}\n",
        2,
        &[r#"--pick '^\{"i":\d+,"n":(\d+)'"#],
        0,
    ),
    shape(
        "a log",
        "12:00:01.5 INFO drew 5\n12:00:02.5 INFO drew 19\n",
        "12:00:01.7 INFO drew 6\n",
        2,
        &["--column 4"],
        0,
    ),
    shape(
        "a prompt",
        "> 5\n19\n",
        "> 6\n20\n",
        2,
        &[r"--pick '(\d+)$'"],
        0,
    ),
    shape(
        "lists without brackets",
        "5 19 228 665\n",
        "7 11\n",
        2,
        &["--list"],
        0,
    ),
    shape(
        "pairs that may be anything",
        "5 7\n19 8\n",
        "6 11\n20 3\n",
        2,
        &["--list", "--column 1", "--column 2"],
        0,
    ),
    shape(
        "an index in brackets",
        "[1] 5\n[2] 19\n",
        "[1] 6\n[2] 20\n",
        2,
        &["--column 2"],
        0,
    ),
    shape(
        "a thousand with a comma",
        "12,034\n12,057\n999\n",
        "13,034\n2,235\n",
        2,
        &[],
        0,
    ),
    shape(
        "a banner with a number",
        "connected to port 7777\n5\n",
        "connected to port 7777\n6\n",
        2,
        &[r"--pick '^(\d+)$|^connected'"],
        0,
    ),
    shape(
        "a greeting, a label and a word at the end",
        "Connected to 127.0.0.1:7777\nNumber: 5\nNumber: 19\nDone.\n",
        "Connected to 127.0.0.1:7777\nNumber: 6\nNumber: 20\nDone.\n",
        2,
        &[r"--pick '^Number: (\d+)|^Connected|^Done'"],
        0,
    ),
    shape(
        "a word at the end",
        "5\n7\nbye\n",
        "6\n8\nbye\n",
        2,
        &[r"--pick '^(\d+)$|^bye'"],
        0,
    ),
    shape(
        "two kinds of labels",
        "Number: 5\nNumber of draws: 1\nNumber: 7\n",
        "Number: 6\n",
        2,
        &[],
        0,
    ),
    shape(
        "an index in lists",
        "[1, 57]\n[2, 1]\n[3, 44]\n",
        "[1, 58]\n[2, 2]\n",
        2,
        &["--column 2", "--list"],
        0,
    ),
    shape(
        "an index in lists, and one twice",
        "[1, 57]\n[2, 1]\n[3, 44]\n",
        "[1, 57]\n[2, 2]\n",
        2,
        &["--column 2", "--list"],
        1,
    ),
    shape(
        "lists of two draws, and one twice",
        "[11, 57]\n[32, 5]\n",
        "[19, 44]\n[57, 8]\n",
        1,
        &[],
        0,
    ),
    shape(
        "a client that fell",
        "5\nTraceback (most recent call last):\n  line 12\n",
        "6\n",
        2,
        &[],
        0,
    ),
    shape("hello", "hello\n-1\n0x10\n5\n", "6\n", 2, &[], 0),
    shape("nothing", "", "", 2, &[], 0),
    shape("glued together", "71238", "5\n", 2, &[], 0),
    shape(
        "glued among others",
        "5\n19\n7\n11\n3\n",
        "8\n2286657\n",
        2,
        &[],
        0,
    ),
];

#[test]
fn no_clean_file_is_accused_and_no_line_is_guessed() {
    for Shape {
        what,
        a,
        b,
        code,
        hints,
        then,
    } in SHAPES
    {
        let dir = tree(&[("a.txt", a), ("b.txt", b)]);
        let report = |reading: Reading| {
            let options = Options {
                reading,
                ..Options::default()
            };
            let runs = check_paths(&[dir.path().into()], &options, &mut |_| ()).unwrap();
            runs[0].report.clone()
        };
        let plain = report(Reading::Plain);
        assert_eq!(plain.verdict().exit_code(), *code, "{what}: {plain}");
        let options: Vec<_> = plain
            .hints
            .iter()
            .map(|hint| hint.option.as_str())
            .collect();
        assert_eq!(options, *hints, "{what}: {plain}");
        if *code == 2 && !a.is_empty() {
            let line = plain.verdict_line();
            assert!(
                line.contains("a.txt:") || line.contains("b.txt:"),
                "the first is quoted: {line}"
            );
        }
        let Some(hint) = plain.hints.first() else {
            continue;
        };
        // The hint is a command that can be pasted: what it leaves with is what was promised.
        let program = Path::new(env!("CARGO_BIN_EXE_lootbox")).parent().unwrap();
        let path = std::env::join_paths([program].into_iter().map(Path::to_owned).chain(
            std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default()),
        ));
        let output = std::process::Command::new("sh")
            .args(["-c", &hint.command])
            .env("PATH", path.unwrap())
            .output()
            .unwrap();
        assert_eq!(
            output.status.code(),
            Some((*then).into()),
            "{what}: {} {output:?}",
            hint.command
        );
    }
}

#[test]
fn a_number_out_of_range_may_be_several() {
    let check = |text: &str| {
        check(
            &Options {
                size: Some(1_000),
                ..Options::default()
            },
            &[text],
        )
    };
    assert_eq!(check("5\n71238\n").verdict(), Verdict::Unusable);
    assert!(
        check("5\n71238")
            .verdict_line()
            .contains("without a blank between")
    );
    assert_eq!(
        check("5\n1001\n").verdict(),
        Verdict::Wrong,
        "one too many is no accident"
    );
}

/// What has no end is not read to its end.
#[cfg(target_os = "linux")]
#[test]
fn endless_input_is_told_in_one_line() {
    for device in ["/dev/zero", "/dev/urandom", "/dev/full"] {
        let error = check_paths(&[device.into()], &ALL, &mut |_| ()).unwrap_err();
        assert!(error.to_string().contains(device), "{error}");
        assert!(matches!(error, CheckError::Device { .. }), "{error}");
    }
    let mut checker = Checker::new(ALL);
    let error = checker.read("a", std::io::repeat(b'7')).unwrap_err();
    assert!(
        matches!(error, CheckError::EndlessLine { line: 1, .. }),
        "{error}"
    );
    let mut checker = Checker::new(ALL);
    let error = checker.read("a", Again(b"?\n", 0)).unwrap_err();
    assert!(matches!(error, CheckError::Hopeless { .. }), "{error}");
    assert!(error.to_string().contains("the first is \"?\""), "{error}");
}

/// The same bytes for ever.
struct Again(&'static [u8], usize);

impl Read for Again {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        for byte in buffer.iter_mut() {
            *byte = self.0[self.1 % self.0.len()];
            self.1 += 1;
        }
        Ok(buffer.len())
    }
}
