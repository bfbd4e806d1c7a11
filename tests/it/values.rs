//! Huge, negative and empty values: one clear line and exit code 2, for every option of every command, whichever
//! options there are.

use std::path::PathBuf;

use clap::error::ErrorKind;
use clap::{Arg, ArgAction, Command};
use lootbox::cli;

use crate::common::*;

/// No number, no duration, no word that any option knows.
const NONSENSE: [&str; 8] = [
    "",
    "-1",
    "-99999999999999999999",
    "99999999999999999999999999",
    "1e400",
    "0x10",
    "18446744073709551615s",
    "-1s",
];

/// Options that take any text: whoever uses it says whether it is right. Everything else refuses nonsense before anything
/// runs.
const ANY_TEXT: &[&str] = &[
    "serve --listen",
    "serve --program",
    "serve --list",
    "serve --control-group",
    "explore --program",
    "explore --list",
    "client HOST",
    "check --pick",
    "compare --pick",
    "lab check FILE",
    "lab check --replay",
    "lab play FILE",
    "lab run FILE",
    "lab run --schedule",
    "lab show NAME",
    "lab table NAME",
];

/// A command line for every command that lacks nothing.
fn words(path: &[&str]) -> Vec<String> {
    let mut words: Vec<String> = path.iter().map(|word| (*word).to_owned()).collect();
    words.extend(path.last().into_iter().flat_map(|last| match *last {
        "client" => ["localhost", "1"].map(String::from).to_vec(),
        "check" if path.len() == 2 => vec!["DIR".to_owned()],
        "check" | "play" | "run" | "show" | "table" => vec!["lootbox-race".to_owned()],
        "completions" => vec!["bash".to_owned()],
        "man" => vec!["DIR".to_owned()],
        _ => Vec::new(),
    }));
    words
}

/// What must be there as well.
fn with_what_it_needs(path: &[&str], option: &str) -> Vec<&'static str> {
    match (path.last(), option) {
        (Some(&"serve"), "step-timeout") => vec!["--schedule", "AB"],
        (Some(&"explore"), "seed") => vec!["--size", "10"],
        _ => Vec::new(),
    }
}

fn each_option(command: &Command, path: &[&str], visit: &mut dyn FnMut(&[&str], &Arg)) {
    for arg in command.get_arguments() {
        if matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) {
            visit(path, arg);
        }
    }
    for below in command.get_subcommands() {
        each_option(below, &[path, &[below.get_name()]].concat(), visit);
    }
}

fn is_path(arg: &Arg) -> bool {
    arg.get_value_parser().type_id() == std::any::TypeId::of::<PathBuf>()
}

#[test]
fn every_option_of_every_command_refuses_nonsense_with_what_would_be_right() {
    let (mut tried, mut any) = (0, Vec::new());
    each_option(&cli::command(), &["lootbox"], &mut |path, arg| {
        if is_path(arg) {
            return;
        }
        let name = arg.get_long().map_or_else(
            || arg.get_value_names().unwrap()[0].to_string(),
            |long| format!("--{long}"),
        );
        let called = format!("{} {name}", path[1..].join(" ")).trim().to_owned();
        if ANY_TEXT.contains(&&*called) {
            any.push(called);
            return;
        }
        for value in NONSENSE {
            let mut line = words(path);
            match arg.get_long() {
                Some(long) => {
                    line.extend(with_what_it_needs(path, long).into_iter().map(String::from));
                    line.extend([format!("--{long}"), value.to_owned()]);
                }
                // The value takes the place of a right one.
                None => *line.last_mut().unwrap() = value.to_owned(),
            }
            let Err(refused) = cli::parse(&line) else {
                panic!("{called} takes {value:?}: refuse it, or add it to ANY_TEXT");
            };
            let told = cli::in_one_line(&refused, "lootbox");
            assert_eq!(told.lines().count(), 1, "{told}");
            assert!(
                !told.contains("invalid digit") && !told.contains("too large to fit"),
                "{told}"
            );
            let kind = refused.kind();
            let known = [ErrorKind::ValueValidation, ErrorKind::InvalidValue];
            // An option without a number behind it still takes no word that begins with a sign.
            let sign = kind == ErrorKind::UnknownArgument && value.starts_with('-');
            assert!(known.contains(&kind) || sign, "{called} {value:?}: {told}");
            tried += 1;
        }
    });
    assert!(tried > 200, "{tried}");
    any.sort();
    let mut listed = ANY_TEXT.to_vec();
    listed.sort_unstable();
    assert_eq!(any, listed, "ANY_TEXT names what is there, and no more");
}

/// Nothing is begun before it is refused: neither a gigabyte nor a second.
#[test]
fn what_would_take_a_gigabyte_is_refused_before_it_is_there() {
    for (line, told) in [
        (
            "compare --draws 100000000 --clients 500",
            "the longest list has 100000000",
        ),
        ("lab check /dev/zero", "a program has at most"),
        ("lab run - < /dev/zero", "a program has at most"),
        ("explore --draws 100000000", "1..=100000"),
        ("explore --draws 100000,100000", "at most 100000 times"),
        ("explore --counter 18446744073709551615", "nothing is left"),
        ("explore --list @/dev/zero --draws 1", "/dev/zero"),
        ("serve --headless --list @/dev/zero", "/dev/zero"),
        ("explore --draws foo", "as in 4,2"),
        ("explore --draws=", "as in 4,2"),
        ("explore --draws 4,-1", "as in 4,2"),
        ("explore --list 5,,6", "place 2"),
        (
            "lab run bounded-buffer --for 1s --headless --time step=18446744073709551615s",
            "at most 365days",
        ),
        (
            "serve --schedule ABBA --step-timeout 18446744073709551615s",
            "at most 365days",
        ),
    ] {
        let output = lootbox_in_little_memory(line);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(2), "{line}: {stderr}");
        assert_eq!(stderr.lines().count(), 1, "{line}: {stderr}");
        assert!(stderr.contains(told), "{line}: {stderr}");
        assert!(output.stdout.is_empty(), "{line}");
    }
}

/// Half a gigabyte of addresses: what asks for more is told that there is none, and dies of it.
fn lootbox_in_little_memory(line: &str) -> std::process::Output {
    std::process::Command::new("sh")
        .args(["-c", &format!("ulimit -v 500000; exec \"$0\" {line}")])
        .arg(lootbox().get_program())
        .output()
        .unwrap()
}
