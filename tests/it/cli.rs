//! The command line's own promises.

use std::process::Stdio;

use crate::common::*;

#[test]
fn the_first_line_has_always_the_same_form() {
    let program = Program::serve(&[
        "--mode",
        "unsafe-race",
        "--window",
        "sleep:90s",
        "--seed",
        "42",
        "--size",
        "50",
    ]);
    let address = program.address();
    let expected = format!(
        "listening on {address} mode=unsafe-race window=sleep:1m30s grain=number size=50 seed=42\n"
    );
    assert_eq!(program.first_line, expected);
    let program = Program::serve(&["--list", "5,19,228", "--grain", "request"]);
    let line = format!(
        "listening on {} mode=lock window=none grain=request size=3 seed=none\n",
        program.address()
    );
    assert_eq!(program.first_line, line);
    // Without a seed one is drawn, and printed: it repeats the list.
    let program = Program::serve(&[]);
    let seed = program
        .first_line
        .trim()
        .rsplit_once("seed=")
        .unwrap()
        .1
        .to_owned();
    let numbers = Peer::connect(program.address()).draw(20).0;
    let again = Program::serve(&["--seed", &seed]);
    assert_eq!(Peer::connect(again.address()).draw(20).0, numbers);
}

#[test]
fn the_defaults_are_the_safe_ones() {
    let program = Program::serve(&[]);
    assert!(program.address().ip().is_loopback());
    assert!(
        program
            .first_line
            .contains(" mode=lock window=none grain=number size=100000 ")
    );
    let race = Program::serve(&["--mode", "unsafe-race"]);
    assert!(race.first_line.contains(" mode=unsafe-race window=reply "));
}

#[test]
fn the_final_summary_says_who_drew_what() {
    let program = Program::serve(&["--list", "5,19,228,665,7,11"]);
    let mut peer = Peer::connect(program.address());
    assert_eq!(peer.ask("name Ada"), "ok");
    assert_eq!(peer.draw(4).0, [5, 19, 228, 665]);
    program.signal("-INT");
    let (status, summary) = program.end();
    assert!(status.success());
    assert!(
        summary
            .contains("in the end mode lock, window none, grain number, round 1: counter 4 of 6"),
        "{summary}"
    );
    assert!(
        summary.contains("draws 4, distinct 4, duplicates 0, extras 0, lost updates 0"),
        "{summary}"
    );
    assert!(
        summary.contains("   A  draws 4") && summary.contains("Ada"),
        "{summary}"
    );
}

#[test]
fn a_closed_pipe_is_no_error() {
    let mut program = Program::serve(&[]);
    drop(std::mem::replace(
        &mut program.stdout,
        // Nobody reads its standard output any more.
        std::io::BufReader::new(
            lootbox()
                .arg("--version")
                .stdout(Stdio::piped())
                .spawn()
                .unwrap()
                .stdout
                .take()
                .unwrap(),
        ),
    ));
    program.signal("-TERM");
    assert_eq!(end_of(&mut program.child).code(), Some(0));
}

#[test]
fn help_is_on_standard_output_and_a_mistake_on_standard_error() {
    for help in [vec!["--help"], vec!["serve", "--help"], vec!["--version"]] {
        let output = lootbox().args(&help).output().unwrap();
        assert!(output.status.success() && output.stderr.is_empty() && !output.stdout.is_empty());
    }
    let output = lootbox().arg("draw").output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(String::from_utf8(output.stderr).unwrap().lines().count(), 1);
}

#[test]
fn whoever_names_no_command_is_shown_which_there_are() {
    for (words, among) in [(&[][..], "explore"), (&["lab"], "table")] {
        let output = lootbox().args(words).output().unwrap();
        assert_eq!(output.status.code(), Some(2));
        assert!(output.stdout.is_empty());
        let help = String::from_utf8(output.stderr).unwrap();
        assert!(
            help.contains("Usage: lootbox") && help.contains(among),
            "{help}"
        );
    }
}

#[test]
fn a_slip_is_told_what_was_meant_and_what_is_forgotten_where_it_belongs() {
    for (line, told) in [
        ("sevre", "'serve'"),
        ("lab chek", "'check'"),
        ("serve --mdoe lock", "'--mode'"),
        ("serve --mode smal-lock", "'small-lock'"),
        ("explore --mode smal-lock", "'small-lock'"),
        ("serve --window slep:5ms", "did you mean sleep:5ms?"),
        ("compare --window rply", "did you mean reply?"),
        (
            "lab check philosphers-naive",
            "did you mean philosophers-naive?",
        ),
        (
            "lab show philosphers-naive",
            "did you mean philosophers-naive?",
        ),
        ("completions bsh", "'bash'"),
        ("--color nver explore", "'never'"),
        ("client", "usage: lootbox client <HOST> [PORT]"),
        ("client localhost", "lootbox client localhost 7777"),
        ("check", "usage: lootbox check <FILE_OR_DIR>..."),
        ("lab check", "usage: lootbox lab check <FILE>"),
        ("lab show", "usage: lootbox lab show <NAME>"),
        ("completions", "usage: lootbox completions <SHELL>"),
        ("man", "usage: lootbox man <DIR>"),
        ("serve --bots", "see lootbox serve --help"),
        ("lab check --max-states", "see lootbox lab check --help"),
    ] {
        let output = lootbox().args(line.split(' ')).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {error}");
        assert_eq!(error.lines().count(), 1, "{line}: {error}");
        assert!(error.contains(told), "{line}: {error}");
    }
}

#[test]
fn colours_are_as_they_are_asked_for() {
    let help = |words: &[&str]| {
        let output = lootbox().args(words).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap().contains('\x1b')
    };
    assert!(!help(&[]), "a pipe has no colours");
    assert!(help(&["--color", "always"]) && help(&["explore", "--color=always"]));
    assert!(!help(&["--color", "never"]));
    let picture = |color: &str| {
        let output = lootbox()
            .args(["--help", "--color", color])
            .env("NO_COLOR", "1")
            .output()
            .unwrap();
        output.stdout.contains(&0x1b)
    };
    assert!(
        picture("always") && !picture("auto"),
        "what is asked for by hand comes first"
    );
}

#[test]
fn every_command_has_a_man_page() {
    fn pages(command: &clap::Command, name: &str, all: &mut Vec<String>) {
        all.push(format!("{name}.1"));
        for below in command.get_subcommands() {
            pages(below, &format!("{name}-{}", below.get_name()), all);
        }
    }
    let directory = tempfile::tempdir().unwrap();
    let made = directory.path().join("share/man1");
    let output = lootbox().arg("man").arg(&made).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let mut all = Vec::new();
    pages(&lootbox::cli::command(), "lootbox", &mut all);
    for page in &all {
        let text = std::fs::read_to_string(made.join(page)).unwrap();
        assert!(text.contains(".SH SYNOPSIS"), "{page}");
    }
    assert_eq!(std::fs::read_dir(&made).unwrap().count(), all.len());
    let page = std::fs::read_to_string(made.join("lootbox-lab-check.1")).unwrap();
    assert!(page.contains("max\\-states"), "{page}");
    // A directory that cannot be made is named.
    let output = lootbox().args(["man", "/dev/null/x"]).output().unwrap();
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(
        error.contains("/dev/null/x") && error.lines().count() == 1,
        "{error}"
    );
}

#[test]
fn log_lines_go_to_standard_error_and_name_the_control_socket() {
    let mut program = Program::serve(&[]);
    let mut stderr = program.stderr();
    program.signal("-TERM");
    let mut log = String::new();
    std::io::Read::read_to_string(&mut stderr, &mut log).unwrap();
    assert!(
        log.contains("control socket") && log.contains(".sock"),
        "{log}"
    );
}

/// Server, clients, files, checker: the main job, end to end.
#[test]
fn the_checker_finds_in_the_files_what_the_server_counted() {
    for mode in ["lock", "atomic", "unsafe-race"] {
        let program = Program::serve(&["--mode", mode, "--json"]);
        let directory = tempfile::tempdir().unwrap();
        for (index, numbers) in draw_at_once(program.address(), 4, 2_000, 500)
            .iter()
            .enumerate()
        {
            let text: String = numbers
                .iter()
                .fold(String::new(), |text, number| text + &format!("{number}\n"));
            std::fs::write(directory.path().join(format!("client-{index}.txt")), text).unwrap();
        }
        program.signal("-TERM");
        let server: serde_json::Value = serde_json::from_str(&program.end().1).unwrap();
        let check = lootbox()
            .args(["check", "--json", "--size", "100000"])
            .arg(directory.path())
            .output()
            .unwrap();
        let files: serde_json::Value = serde_json::from_slice(&check.stdout).unwrap();
        assert_eq!(files["numbers"], server["draws"], "{mode}");
        assert_eq!(files["duplicated-count"], server["duplicates"], "{mode}");
        assert_eq!(files["extras"], server["extras"], "{mode}");
        let found = u8::from(server["duplicates"] != 0);
        assert_eq!(check.status.code(), Some(found.into()), "{mode}");
        assert!(mode == "unsafe-race" || found == 0, "{mode}");
    }
}

#[test]
fn the_checkers_exit_code_says_what_it_found() {
    let directory = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = directory.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write("good/a.txt", "1\n2\n");
    write("good/b.txt", "3\n4\n");
    write("bad/a.txt", "1\n2\n");
    write("bad/b.txt", "2\n3\n");
    write("odd/a.txt", "1\nwhat?\n");
    let check = |arguments: &[&str]| {
        let output = lootbox()
            .arg("check")
            .args(arguments)
            .current_dir(directory.path())
            .output()
            .unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    assert_eq!(check(&["good"]).0, 0);
    let (code, stdout, _) = check(&["bad"]);
    assert!(
        code == 1
            && stdout.contains("a.txt:2, b.txt:1")
            && stdout.contains("1 number was handed out more than once"),
        "{stdout}"
    );
    assert_eq!(check(&["good", "--size", "3"]).0, 1, "4 is out of range");
    assert_eq!(check(&["odd"]).0, 2);
    let (code, csv, notes) = check(&["--each", "."]);
    assert_eq!((code, csv.lines().count()), (1, 4), "{csv}");
    assert_eq!(notes, "");
    // A submission that is a file and no directory is not passed over in silence.
    write("late.txt", "1\n");
    let (_, csv, notes) = check(&["--each", "."]);
    assert_eq!(csv.lines().count(), 4, "{csv}");
    assert!(notes.contains("1 output file beside"), "{notes}");
    let (code, _, stderr) = check(&["no-such-file.txt"]);
    assert!(
        code == 2 && stderr.lines().count() == 1 && stderr.contains("no-such-file.txt"),
        "{stderr}"
    );
    let (code, _, stderr) = check(&[]);
    assert!(code == 2 && stderr.contains("FILE_OR_DIR"), "{stderr}");
}
