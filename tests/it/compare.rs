//! `lootbox compare`: our modes, clients of all kinds, and somebody's own server in every state of
//! repair.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::common::*;
use crate::tools::tool;

struct Outcome {
    code: i32,
    stdout: String,
    stderr: String,
}

impl Outcome {
    fn json(&self) -> Value {
        serde_json::from_str(&self.stdout)
            .unwrap_or_else(|_| panic!("no JSON: {} {}", self.stdout, self.stderr))
    }
}

fn compare(arguments: &[&str]) -> Outcome {
    outcome_of(lootbox().arg("compare").args(arguments))
}

fn outcome_of(command: &mut Command) -> Outcome {
    let output = command.output().unwrap();
    Outcome {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

fn mode<'a>(json: &'a Value, label: &str) -> &'a Value {
    json["modes"]
        .as_array()
        .unwrap()
        .iter()
        .find(|row| row["label"] == label)
        .unwrap_or_else(|| panic!("no {label} in {json}"))
}

/// A submission in Python, and the command that starts it.
fn submission(directory: &Path, body: &str) -> String {
    let path = directory.join("submission.py");
    let head = "import os, socket, sys, threading, time\n\
                port = int(sys.argv[1])\n\
                numbers = list(range(1, 100001))\n\
                counter = 0\n\
                def listen():\n\
                \x20   s = socket.socket()\n\
                \x20   s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)\n\
                \x20   s.bind(('127.0.0.1', port))\n\
                \x20   s.listen(64)\n\
                \x20   return s\n\
                def serve(handle):\n\
                \x20   s = listen()\n\
                \x20   while True:\n\
                \x20       c, _ = s.accept()\n\
                \x20       threading.Thread(target=handle, args=(c,), daemon=True).start()\n";
    fs::write(&path, format!("{head}{body}")).unwrap();
    format!("python3 {} {{port}}", path.display())
}

/// Runs a submission: 3 clients, 20 draws each.
fn judge(body: &str, more: &[&str]) -> Option<Outcome> {
    tool("python3")?;
    let directory = tempfile::tempdir().unwrap();
    let command = submission(directory.path(), body);
    let mut arguments = vec!["--server", &command, "--clients", "3", "--draws", "20"];
    arguments.extend(more);
    Some(compare(&arguments))
}

const RIGHT: &str = "lock = threading.Lock()
def handle(c):
    global counter
    while c.recv(1024):
        with lock:
            number = numbers[counter]
            counter += 1
        c.sendall(str(number).encode())
serve(handle)
";

/// Each of the three reads before any of them writes, in every draw: no luck is needed.
const RACY: &str = "gate = threading.Barrier(3)
def handle(c):
    global counter
    while c.recv(1024):
        seen = counter
        gate.wait()
        counter = seen + 1
        gate.wait()
        c.sendall(str(numbers[seen]).encode())
serve(handle)
";

#[test]
fn the_three_modes() {
    let out = tempfile::tempdir().unwrap();
    let run = |more: &[&str]| {
        let mut arguments = vec!["--clients", "3", "--draws", "50", "--window", "sleep:2ms"];
        arguments.extend(more);
        compare(&arguments)
    };
    let folder = out.path().join("files");
    let outcome = run(&["--json", "--runs", "2", "--out", folder.to_str().unwrap()]);
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    assert_eq!(outcome.stderr, "");
    let json = outcome.json();
    for label in ["lock", "atomic", "unsafe-race"] {
        let row = mode(&json, label);
        assert_eq!(row["draws"], 300, "{label}");
        assert_eq!(row["counts_agree"], true, "{label}");
        assert_eq!(row["complete_runs"], 2, "{label}");
        let race = label == "unsafe-race";
        // Three clients sleep in every gap: this cannot come out clean.
        assert_eq!(row["extras"].as_u64().unwrap() > 0, race, "{label}");
        assert_eq!(
            row["runs_with_duplicates"],
            if race { 2 } else { 0 },
            "{label}"
        );
        let window = if label == "atomic" {
            "none"
        } else {
            "sleep:2ms"
        };
        assert_eq!(
            row["window"], window,
            "one window for every mode that has a gap"
        );
        assert!(row["median_ns"].as_u64().unwrap() <= row["p99_ns"].as_u64().unwrap());
        assert!(row["draws_per_second"]["median"].as_f64().unwrap() > 0.0);
        for number in 1..=2 {
            let run = folder.join(format!("{label}/run-{number}"));
            for client in 1..=3 {
                let text = fs::read_to_string(run.join(format!("client-{client}.txt"))).unwrap();
                assert_eq!(text.lines().count(), 50, "{label}");
            }
            let record: Value =
                serde_json::from_slice(&fs::read(run.join("run.json")).unwrap()).unwrap();
            assert_eq!(record["seed"], number);
            assert!(record["cores"].as_u64().unwrap() >= 1 && record["version"].is_string());
        }
    }
    // The folder says the same again.
    let again = compare(&["--json", folder.to_str().unwrap()]);
    assert_eq!(again.code, 0, "{}", again.stderr);
    let again_json = again.json();
    for label in ["lock", "atomic", "unsafe-race"] {
        for figure in [
            "draws",
            "distinct",
            "duplicates",
            "lost_updates",
            "window",
            "seconds",
        ] {
            let (was, is) = (
                &mode(&json, label)[figure],
                &mode(&again_json, label)[figure],
            );
            assert_eq!(was, is, "{label} {figure}");
        }
    }
    // Old files are not mixed with new ones.
    let twice = run(&["--out", folder.to_str().unwrap()]);
    assert_eq!(twice.code, 2);
    assert!(
        twice.stderr.contains("is there already"),
        "{}",
        twice.stderr
    );
    let text = run(&[]).stdout;
    for words in [
        "none seen in 150 draws",
        "Again: lootbox compare",
        "unsafe-race",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    assert!(!text.contains("correct"), "{text}");
}

#[test]
fn a_folder_that_should_be_clean_and_is_not() {
    let top = tempfile::tempdir().unwrap();
    for (folder, code) in [("lock", 1), ("unsafe-race", 0), ("monday", 1)] {
        let folder = top.path().join(folder);
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join("a.txt"), "5\n19\n").unwrap();
        fs::write(folder.join("b.txt"), "19\n228\n").unwrap();
        let outcome = compare(&[folder.to_str().unwrap()]);
        assert_eq!(outcome.code, code, "{}", outcome.stdout);
        assert!(
            outcome
                .stdout
                .contains("the first: 19 in a.txt:2 and b.txt:1"),
            "{}",
            outcome.stdout
        );
    }
    let all = compare(&[top.path().to_str().unwrap()]);
    assert_eq!(all.code, 1, "{}", all.stdout);
    assert_eq!(compare(&["/no/such/folder"]).code, 2);
}

/// The same word for the same files in `check` and in `compare`, on the terminal and on the page.
#[test]
fn there_is_one_verdict() {
    let top = tempfile::tempdir().unwrap();
    let write = |path: &str, text: &str| {
        let path = top.path().join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    for (folder, a, b) in [
        ("s01", "1\n2\n", "3\n4\n"),
        ("s02", "hello\n-1\n0x10\nworld\n5\n6\n7\n", "8\n9\n"),
        ("s03", "1\n2\n", "2\n3\n"),
        ("s04", "1\t5\n2\t19\n", "1\t6\n2\t20\n"),
        ("s05", "71238", "5\n"),
        ("s06", "", ""),
    ] {
        write(&format!("{folder}/a.txt"), a);
        write(&format!("{folder}/b.txt"), b);
    }
    let each = outcome_of(lootbox().args(["check", "--each"]).arg(top.path()));
    assert_eq!(each.code, 1, "{}", each.stderr);
    let of_check: Vec<(String, String)> = each
        .stdout
        .lines()
        .skip(1)
        .map(|line| {
            let mut cells = line.split(',').map(str::to_owned);
            (cells.next().unwrap(), cells.next().unwrap())
        })
        .collect();
    let words: Vec<&str> = of_check.iter().map(|(_, word)| word.as_str()).collect();
    assert_eq!(
        words,
        [
            "clean", "unusable", "wrong", "unusable", "unusable", "unusable"
        ]
    );
    let page = top.path().join("page.html");
    for (folder, word) in &of_check {
        let path = top.path().join(folder);
        let path = path.to_str().unwrap();
        let text = compare(&[path, "--html", page.to_str().unwrap()]);
        let first = text.stdout.lines().next().unwrap();
        assert!(first.starts_with(&format!("{folder}: {word} (")), "{first}");
        let json = compare(&[path, "--json"]).json();
        assert_eq!(json["modes"][0]["verdict"], word.as_str(), "{folder}");
        let check = outcome_of(lootbox().args(["check", path]));
        let first = check.stdout.lines().next().unwrap();
        assert!(first.ends_with(&format!("{folder}: {word}")), "{first}");
        let page = fs::read_to_string(&page).unwrap();
        assert_eq!(page.contains("mark good"), word == "clean", "{folder}");
    }
    let path = |folder: &str| top.path().join(folder).display().to_string();
    let text = compare(&[&path("s02")]).stdout;
    assert!(
        text.contains("4 lines, the first a.txt:1 \"hello\" (no number)"),
        "{text}"
    );
    let text = compare(&[&path("s04")]).stdout;
    assert!(text.contains("--column 2 reads every line"), "{text}");
    assert_eq!(compare(&[&path("s04"), "--column", "2"]).code, 0);
}

/// An option that reads a line with control characters shows none of them, and still reads it.
#[test]
fn a_hint_moves_no_cursor_either() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("one");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a.txt"), "\x1b]0;x\x07 got 5\u{a0}x\n").unwrap();
    let check = |arguments: &[&str]| outcome_of(lootbox().arg("check").args(arguments));
    let (top, folder) = (top.path().to_str().unwrap(), folder.to_str().unwrap());
    let option = r"^\x1b\]\d+;x\x07 got (\d+)";
    for outcome in [
        compare(&[folder]),
        check(&[folder]),
        check(&["--each", top]),
    ] {
        let text = outcome.stdout;
        assert!(text.contains(option), "{text}");
        assert!(!text.contains(['\x1b', '\x07', '\u{a0}']), "{text}");
    }
    assert_eq!(check(&[folder, "--pick", option]).code, 0);
}

#[test]
fn what_others_wrote_moves_no_cursor() {
    let top = tempfile::tempdir().unwrap();
    let folder = top.path().join("a\x1b[2Jb");
    fs::create_dir(&folder).unwrap();
    fs::write(folder.join("a\x1b[2J.txt"), "1\n\x1b[2J 7\n").unwrap();
    let record = r#"{"clients":[{"file":"\u001b[2J","numbers":1,"end":"short","why":"\u001b[2J"}],"failure":{"failure":"crashed","how":"\u001b[2J","log":"\u001b[2J"}}"#;
    fs::write(folder.join("run.json"), record).unwrap();
    std::os::unix::fs::symlink("/etc/passwd", folder.join("b.txt")).unwrap();
    let page = top.path().join("page.html");
    let outcome = compare(&[folder.to_str().unwrap(), "--html", page.to_str().unwrap()]);
    assert_eq!(outcome.code, 2, "{} {}", outcome.stdout, outcome.stderr);
    let page = fs::read_to_string(page).unwrap();
    for text in [&outcome.stdout, &page] {
        assert!(!text.contains('\x1b') && !text.contains("root:"), "{text}");
        assert!(
            text.contains("b.txt -") && text.contains("/etc/passwd"),
            "{text}"
        );
    }
}

#[test]
fn every_answer_of_the_gallery_can_be_compared() {
    let window = ["--window", "sleep:2ms", "--clients", "3", "--draws", "20"];
    let modes = "small-lock,wrong-lock,late-atomic,early-unlock,cas,lock";
    let outcome = compare(&[&["--json", "--modes", modes], &window[..]].concat());
    assert_eq!(
        outcome.code, 0,
        "wrong ones may be wrong: {}",
        outcome.stderr
    );
    let json = outcome.json();
    for label in modes.split(',') {
        let row = mode(&json, label);
        let right = matches!(label, "cas" | "lock");
        assert_eq!(row["should_be_clean"], right, "{label}");
        // Three clients sleep in every gap.
        assert_eq!(
            row["verdict"],
            if right { "clean" } else { "wrong" },
            "{label}"
        );
        assert_eq!(row["counts_agree"], true, "{label}");
    }
    let usual = compare(&["--json", "--modes", "cas", "--draws", "20"]);
    assert_eq!(
        usual.code, 0,
        "a reply does not fit there: {}",
        usual.stderr
    );
    assert_eq!(mode(&usual.json(), "cas")["window"], "none");
    let none = compare(&["--modes", "lock,small"]);
    assert_eq!(none.code, 2);
    assert!(none.stderr.contains("small-lock"), "{}", none.stderr);
}

#[test]
fn a_place_that_cannot_be_written_is_named() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let below = file.path().join("x");
    let outcome = compare(&["--out", below.to_str().unwrap(), "--draws", "10"]);
    assert_eq!(outcome.code, 2);
    assert!(
        outcome.stderr.contains(below.to_str().unwrap()),
        "{}",
        outcome.stderr
    );
}

/// It connects for each draw, so before it draws it is not connected, and nothing is wrong with that.
#[test]
fn a_client_that_connects_for_each_draw_is_no_trouble() {
    if tool("python3").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let client = directory.path().join("client.py");
    fs::write(
        &client,
        "import socket, sys\n\
         for line in sys.stdin:\n\
         \x20   for i in range(int(line.split()[1])):\n\
         \x20       s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n\
         \x20       s.sendall(b'draw 1\\n')\n\
         \x20       print(s.makefile().readline().strip())\n\
         \x20       s.close()\n",
    )
    .unwrap();
    let client = format!("python3 {} {{host}} {{port}}", client.display());
    let arguments = [
        "--modes",
        "lock",
        "--clients",
        "2",
        "--draws",
        "5",
        "--timeout",
        "1m",
    ];
    let outcome = compare(&[&arguments[..], &["--runs", "2", "--client", &client]].concat());
    assert_eq!(outcome.code, 0, "{} {}", outcome.stdout, outcome.stderr);
    assert!(
        !outcome.stdout.contains("not all clients"),
        "{}",
        outcome.stdout
    );
    assert_eq!(
        outcome
            .stdout
            .matches("connects only when it draws")
            .count(),
        1,
        "said once: {}",
        outcome.stdout
    );
}

#[test]
fn counts_that_disagree_are_found() {
    let out = tempfile::tempdir().unwrap();
    let folder = out.path().join("files");
    let arguments = [
        "--modes",
        "atomic",
        "--clients",
        "2",
        "--draws",
        "10",
        "--out",
    ];
    assert_eq!(
        compare(&[&arguments[..], &[folder.to_str().unwrap()]].concat()).code,
        0
    );
    // Somebody loses a line.
    let file = folder.join("atomic/run-1/client-1.txt");
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.split_once('\n').unwrap().1).unwrap();
    let outcome = compare(&[folder.to_str().unwrap()]);
    assert_eq!(outcome.code, 1, "{}", outcome.stdout);
    assert!(
        outcome.stdout.contains("NOT THE SAME")
            && outcome.stdout.contains("the server counted draws 20"),
        "{}",
        outcome.stdout
    );
}

#[test]
fn clients_of_ones_own() {
    if tool("python3").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let client = Path::new(env!("CARGO_MANIFEST_DIR")).join("demos/client.py");
    let line = format!("python3 {} {{host}} {{port}}", client.display());
    // As the assignment's own client: no line end, one receive a number, and an error at the end of
    // its input.
    let course = directory.path().join("course.py");
    fs::write(
        &course,
        "import socket, sys\n\
         s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n\
         while True:\n\
         \x20   command = input()\n\
         \x20   for i in range(int(command.split()[1])):\n\
         \x20       s.send(command.encode())\n\
         \x20       print(s.recv(1024).decode())\n",
    )
    .unwrap();
    let course = format!("python3 {} {{host}} {{port}}", course.display());
    for client in [line, course] {
        let outcome = compare(&[
            "--json",
            "--clients",
            "2",
            "--draws",
            "100",
            "--client",
            &client,
        ]);
        assert_eq!(
            outcome.code, 0,
            "{client} {} {}",
            outcome.stdout, outcome.stderr
        );
        let json = outcome.json();
        for label in ["lock", "atomic", "unsafe-race"] {
            let row = mode(&json, label);
            assert_eq!(
                (&row["draws"], &row["counts_agree"]),
                (&200.into(), &true.into())
            );
            assert!(label == "unsafe-race" || row["extras"] == 0);
        }
    }
}

#[test]
fn a_client_that_dies_or_hangs_is_named_and_its_file_kept() {
    if tool("python3").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let client = directory.path().join("client.py");
    fs::write(
        &client,
        "import os, socket, sys, time\n\
         s = socket.create_connection((sys.argv[1], int(sys.argv[2])))\n\
         input()\n\
         s.sendall(b'draw 3\\n')\n\
         print(s.makefile().read(2).strip(), flush=True)\n\
         if sys.argv[3] == 'die': sys.exit('no strength left')\n\
         while True: time.sleep(100)\n",
    )
    .unwrap();
    for (how, timeout, end, words) in [
        (
            "die",
            "1m",
            "died",
            "client-1.txt died: exit status 1 after 1 numbers (no strength left)",
        ),
        ("hang", "10s", "hung", "client-1.txt hung"),
    ] {
        let out = directory.path().join(how);
        let command = format!("python3 {} {{host}} {{port}} {how}", client.display());
        let arguments = [
            "--modes",
            "atomic",
            "--clients",
            "1",
            "--draws",
            "3",
            "--timeout",
            timeout,
            "--client",
            &command,
        ];
        let text = compare(&arguments);
        assert_eq!(text.code, 2, "{}", text.stdout);
        assert!(text.stdout.contains(words), "{}", text.stdout);
        let mut arguments = arguments.to_vec();
        arguments.extend(["--json", "--out", out.to_str().unwrap()]);
        let json = compare(&arguments).json();
        assert_eq!(json["runs"][0]["clients"][0]["end"], end);
        assert_eq!(mode(&json, "atomic")["complete_runs"], 0);
        let kept = fs::read_to_string(out.join("atomic/run-1/client-1.txt")).unwrap();
        assert_eq!(kept.lines().count(), 1);
    }
}

#[test]
fn a_submission_that_is_right() {
    let Some(outcome) = judge(RIGHT, &["--json"]) else {
        return;
    };
    assert_eq!(outcome.code, 0, "{} {}", outcome.stdout, outcome.stderr);
    let json = outcome.json();
    let row = mode(&json, "server");
    assert_eq!((&row["draws"], &row["extras"]), (&60.into(), &0.into()));
    assert!(row["median_ns"].as_u64().unwrap() > 0);
    assert_eq!(row["counts_agree"], Value::Null);
    let text = judge(RIGHT, &[]).unwrap().stdout;
    assert!(
        text.contains("none seen in 60 draws") && !text.contains("correct"),
        "{text}"
    );
}

#[test]
fn a_submission_that_races() {
    let Some(outcome) = judge(RACY, &["--json", "--runs", "2"]) else {
        return;
    };
    assert_eq!(outcome.code, 1, "{} {}", outcome.stdout, outcome.stderr);
    let json = outcome.json();
    let row = mode(&json, "server");
    assert_eq!(row["draws"], 120);
    assert_eq!(
        (&row["duplicates"], &row["extras"]),
        (&40.into(), &80.into())
    );
    assert_eq!(row["runs_with_duplicates"], 2);
}

#[test]
fn a_submission_that_fails_and_how() {
    let never = "time.sleep(1000)\n";
    let at_once = "sys.exit('no such module')\n";
    let mute = "def handle(c):\n    while True: c.recv(1024)\nserve(handle)\n";
    let falls = "def handle(c):\n    c.recv(1024)\n    c.sendall(b'7')\n    c.recv(1024)\n    \
                 sys.stderr.write('IndexError: far out\\n'); sys.stderr.flush(); os._exit(3)\nserve(handle)\n";
    // It listens, but elsewhere: on the first loopback address nobody is.
    let refuses = "s = socket.socket(); s.bind(('127.0.0.2', port)); s.listen()\n\
                   while True: time.sleep(100)\n";
    let reason = "def handle(c):\n    c.recv(1024)\n    sys.stderr.write('no numbers before ten\\n'); sys.stderr.flush()\n    c.close()\nserve(handle)\n";
    let in_words =
        "def handle(c):\n    while c.recv(1024): c.sendall(b'received')\nserve(handle)\n";
    let short = "def handle(c):\n    c.recv(1024)\n    c.sendall(b'%d' % c.fileno())\n    c.close()\nserve(handle)\n";
    for (name, body, failure, words) in [
        (
            "never listens",
            never,
            "never-listened",
            "hang: it never listened",
        ),
        (
            "ends at once",
            at_once,
            "crashed",
            "crash: it ended, exit status 1; its last line: no such module",
        ),
        (
            "answers nothing",
            mute,
            "hung",
            "hang: 3 clients waited for numbers in vain",
        ),
        (
            "crashes",
            falls,
            "crashed",
            "crash: it ended, exit status 3; its last line: IndexError: far out",
        ),
        ("refuses", refuses, "refused", "refused connection: "),
        (
            "answers short",
            short,
            "short",
            "short answers: 3 clients got fewer numbers",
        ),
        (
            "closes with a reason",
            reason,
            "short",
            "; its last line: no numbers before ten",
        ),
        (
            "answers in words",
            in_words,
            "short",
            "an answer that is no number, \"received\"",
        ),
    ] {
        if failure == "refused" && !cfg!(target_os = "linux") {
            // Elsewhere there is no second loopback address.
            continue;
        }
        // What shall be waited for in vain is waited for; all else comes in its own time, on a busy machine too.
        let timeout = match failure {
            "never-listened" => "2s",
            "hung" => "10s",
            _ => "1m",
        };
        let Some(outcome) = judge(body, &["--timeout", timeout]) else {
            return;
        };
        let shown = format!("{name}: {} {}", outcome.stdout, outcome.stderr);
        assert_ne!(outcome.code, 0, "{shown}");
        assert!(outcome.stdout.contains(words), "{shown}");
        let json = judge(body, &["--timeout", timeout, "--json"])
            .unwrap()
            .json();
        assert_eq!(
            json["runs"][0]["failure"]["failure"], failure,
            "{name}: {json}"
        );
    }
}

#[test]
fn a_submission_ends_with_all_its_children() {
    if tool("python3").is_none() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    // A child that holds on to a second port and ignores being asked to end.
    let body = format!(
        "if os.fork() == 0:\n\
         \x20   import signal\n\
         \x20   signal.signal(signal.SIGTERM, signal.SIG_IGN)\n\
         \x20   s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()\n\
         \x20   open({:?}, 'w').write(str(s.getsockname()[1]))\n\
         \x20   while True: time.sleep(100)\n\
         while not os.path.exists({0:?}) or not open({0:?}).read(): time.sleep(0.01)\n{RIGHT}",
        directory.path().join("port").display().to_string()
    );
    let command = submission(directory.path(), &body);
    let outcome = compare(&["--server", &command, "--clients", "2", "--draws", "5"]);
    assert_eq!(outcome.code, 0, "{} {}", outcome.stdout, outcome.stderr);
    let port: u16 = fs::read_to_string(directory.path().join("port"))
        .unwrap()
        .parse()
        .unwrap();
    wait_until("the end of the submission's child", || {
        std::net::TcpStream::connect(("127.0.0.1", port)).is_err()
    });
}

#[test]
fn what_cannot_be_asked_for() {
    for (arguments, words) in [
        (&["--server", "python3 submission.py"][..], "{port}"),
        (&["--modes", "locked"], "lock"),
        (&["--clients", "0"], "1..=500"),
        (&["--server", "x {port}", "--modes", "lock"], "--modes"),
        (&["--window", "sometimes"], "no window"),
    ] {
        let outcome = compare(arguments);
        assert_eq!(outcome.code, 2, "{arguments:?}");
        assert_eq!(outcome.stderr.lines().count(), 1, "{}", outcome.stderr);
        assert!(outcome.stderr.contains(words), "{}", outcome.stderr);
    }
}

#[test]
fn a_signal_ends_everything() {
    if tool("python3").is_none() {
        return;
    }
    for signal in ["-INT", "-TERM", "-HUP"] {
        if signal != "-HUP" || heeds_hang_up() {
            ends_on(signal);
        }
    }
}

fn ends_on(signal: &str) {
    let directory = tempfile::tempdir().unwrap();
    let told = directory.path().join("told");
    let body = format!(
        "def handle(c):\n    c.recv(1024)\n    open({:?}, 'w').write('x')\n    time.sleep(1000)\nserve(handle)\n",
        told.display().to_string()
    );
    let command = submission(directory.path(), &body);
    let mut child = lootbox()
        .args(["compare", "--server", &command])
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    wait_until("the load", || told.exists());
    let pid = child.id().to_string();
    assert!(
        Command::new("kill")
            .args([signal, &pid])
            .status()
            .unwrap()
            .success()
    );
    assert_eq!(end_of(&mut child).code(), Some(2));
}

/// A browser, where one is installed: the page is also tested without.
fn browser() -> Option<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "chrome"];
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path)
        .flat_map(|directory| names.map(|name| directory.join(name)))
        .find(|path| path.is_file())
}

#[test]
fn the_page_opens_in_a_browser_without_complaint() {
    let directory = tempfile::tempdir().unwrap();
    let page = directory.path().join("page.html");
    let arguments = [
        "--clients",
        "3",
        "--draws",
        "30",
        "--window",
        "sleep:1ms",
        "--html",
    ];
    let outcome = compare(&[&arguments[..], &[page.to_str().unwrap()]].concat());
    assert_eq!(outcome.code, 0, "{}", outcome.stderr);
    let text = fs::read_to_string(&page).unwrap();
    assert!(text.contains("lootbox compare --modes lock,atomic,unsafe-race --window sleep:1ms"));
    let Some(browser) = browser() else {
        assert!(
            std::env::var_os("LOOTBOX_REQUIRE_TOOLS").is_none(),
            "no Chromium on this machine"
        );
        eprintln!("passed over: no Chromium on this machine");
        return;
    };
    let mut command = Command::new("timeout");
    command
        .arg("120")
        .arg(browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
        ])
        .args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ])
        .args(["--enable-logging=stderr", "--dump-dom"])
        .arg(format!(
            "--user-data-dir={}",
            directory.path().join("profile").display()
        ))
        .arg(format!("file://{}", page.display()));
    let seen = outcome_of(&mut command);
    // The rates; who got what, and where the duplicates are, in the one mode that has them.
    assert_eq!(
        seen.stdout.matches("<figure").count(),
        1 + 2,
        "{}",
        seen.stdout
    );
    // The first duplicates stand in lanes.
    assert!(seen.stdout.contains("class=\"lanes\""));
    assert!(!seen.stderr.contains("CONSOLE"), "{}", seen.stderr);
}

#[test]
fn a_page_that_cannot_be_written_is_told_before_the_work() {
    let outcome = compare(&["--html", "/no/such/directory/page.html"]);
    assert_eq!((outcome.code, outcome.stdout.as_str()), (2, ""));
    assert!(
        outcome.stderr.contains("/no/such/directory"),
        "{}",
        outcome.stderr
    );
}
