//! A result that cannot be written is an error, of every command; one that nobody reads any more is none.

use std::fs::File;
use std::process::Stdio;

use lootbox::cli;

use crate::common::*;

/// Every command that prints a result, with what it needs for one. `IN` is a directory with output files.
const COMMANDS: &[&str] = &[
    "explore",
    "explore --mode lock",
    "explore --mode lock --json",
    "explore --mode lock --draws 1,1 --all",
    "explore --mode lock --draws 1,1 --all --json",
    "explore --replay ABBA",
    "check IN",
    "check IN --json",
    "check --each IN/..",
    "compare IN IN",
    "compare IN IN --json",
    "lab list",
    "lab list --json",
    "lab show lootbox-lock",
    "lab check lootbox-lock",
    "lab check lootbox-lock --json",
    "lab check lootbox-lock --replay AB",
    "lab run lootbox-lock --headless --for 10ms",
    "lab run lootbox-lock --json --for 10ms",
    "lab run lootbox-lock --schedule AB",
    "lab table --json",
    "completions bash",
    "--help",
    "explore --help",
    "--version",
];

/// Those that need a server beside them.
const WITH_A_SERVER: &[&str] = &["client", "dashboard --once", "dashboard --once --json"];

/// Of these the tests of their own say it, and one needs a terminal.
const ELSEWHERE: &[&str] = &["serve", "man", "lab play"];

fn full() -> Stdio {
    File::options()
        .write(true)
        .open("/dev/full")
        .unwrap()
        .into()
}

fn is_told(line: &str, mut command: std::process::Command) {
    let mut child = command
        .stdout(full())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let status = end_of(&mut child);
    let mut told = String::new();
    std::io::Read::read_to_string(child.stderr.as_mut().unwrap(), &mut told).unwrap();
    assert_eq!(status.code(), Some(2), "{line}: {told}");
    assert_eq!(told.lines().count(), 1, "{line}: {told}");
    assert!(
        told.contains("cannot write") && told.contains("No space left"),
        "{line}: {told}"
    );
}

#[test]
#[cfg(target_os = "linux")] // there is no /dev/full elsewhere
fn every_command_says_that_its_result_is_lost() {
    let dir = tempfile::tempdir().unwrap();
    let run = dir.path().join("run");
    std::fs::create_dir(&run).unwrap();
    std::fs::write(run.join("a.txt"), "1\n2\n").unwrap();
    for line in COMMANDS {
        let mut command = lootbox();
        command.args(line.replace("IN", run.to_str().unwrap()).split(' '));
        is_told(line, command);
    }
    let control = dir.path().join("c.sock");
    let control = control.to_str().unwrap();
    let server = Program::serve(&["--control", control]);
    for line in WITH_A_SERVER {
        let mut command = lootbox();
        command.args(line.split(' '));
        if *line == "client" {
            let address = server.address();
            command.args([address.ip().to_string(), address.port().to_string()]);
            let input = dir.path().join("commands");
            std::fs::write(&input, "draw 5\n").unwrap();
            command.stdin(File::open(input).unwrap());
        } else {
            command.args(["--connect", control]);
        }
        is_told(line, command);
    }
}

/// A command that is not in the lists above is not forgotten.
#[test]
fn every_command_is_tried_on_a_full_disk() {
    let mut all = Vec::new();
    for command in cli::command().get_subcommands() {
        let below: Vec<_> = command.get_subcommands().collect();
        if below.is_empty() {
            all.push(command.get_name().to_owned());
        }
        for sub in below {
            all.push(format!("{} {}", command.get_name(), sub.get_name()));
        }
    }
    let tried = [COMMANDS, WITH_A_SERVER, ELSEWHERE].concat();
    for command in all {
        let is_it = |line: &&str| **line == command || line.starts_with(&format!("{command} "));
        assert!(tried.iter().any(is_it), "{command}: add it to COMMANDS");
    }
}
