//! The clients that people have: nc, telnet, socat, ncat, Python.

use std::io::{Read, Write};
use std::process::{Command, Stdio};

use crate::common::*;

/// The tool, or a word about what is missing. In CI (`LOOTBOX_REQUIRE_TOOLS`) it must be there.
pub fn tool(name: &str) -> Option<Command> {
    let there = std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())
        .any(|directory| directory.join(name).is_file());
    if there {
        return Some(Command::new(name));
    }
    assert!(
        std::env::var_os("LOOTBOX_REQUIRE_TOOLS").is_none(),
        "{name} is not on this machine"
    );
    eprintln!("passed over: {name} is not on this machine");
    None
}

/// Runs a client with this input; what it printed when it ended.
fn run(mut client: Command, input: &str) -> String {
    let mut child = client
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(input.as_bytes())
        .unwrap();
    let mut stdout = child.stdout.take().unwrap();
    let output = within_deadline("a client", move || {
        let mut output = String::new();
        stdout.read_to_string(&mut output).unwrap();
        output
    });
    _ = child.wait();
    output
}

fn numbers(output: &str) -> Vec<u64> {
    output
        .lines()
        .filter_map(|line| line.trim().parse().ok())
        .collect()
}

fn server() -> (Program, String, String) {
    let program = Program::serve(&["--list", "5,19,228,665,7,11"]);
    let (host, port) = (
        program.address().ip().to_string(),
        program.address().port().to_string(),
    );
    (program, host, port)
}

#[test]
fn nc_ends_its_line_by_ending_its_input() {
    let Some(mut nc) = tool("nc") else { return };
    let (_program, host, port) = server();
    nc.args(["-N", &host, &port]);
    assert_eq!(run(nc, "draw 2"), "5\n19\n");
}

#[test]
fn nc_with_crlf() {
    let Some(mut nc) = tool("nc") else { return };
    let (_program, host, port) = server();
    nc.args(["-C", "-N", &host, &port]);
    assert_eq!(run(nc, "draw 2\ndraw 1\n"), "5\n19\n228\n");
}

#[test]
fn telnet() {
    let Some(mut telnet) = tool("telnet") else {
        return;
    };
    let (_program, host, port) = server();
    telnet.args([&host, &port]);
    // telnet leaves when its input ends, before the answer: `quit` has the server close first.
    let mut child = telnet
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write_all(b"draw 2\nquit\n").unwrap();
    let mut output = String::new();
    child
        .stdout
        .take()
        .unwrap()
        .read_to_string(&mut output)
        .unwrap();
    assert_eq!(numbers(&output), [5, 19], "{output}");
    drop(stdin);
    _ = child.wait();
}

#[test]
fn socat() {
    let Some(mut socat) = tool("socat") else {
        return;
    };
    let (_program, host, port) = server();
    socat.args(["-t", "20", "-", &format!("TCP:{host}:{port}")]);
    assert_eq!(run(socat, "draw 2\n"), "5\n19\n");
}

#[test]
fn ncat() {
    let Some(mut ncat) = tool("ncat") else { return };
    let (_program, host, port) = server();
    ncat.args([&host, &port]);
    assert_eq!(run(ncat, "draw 2\nquit\n"), "5\n19\n");
}
