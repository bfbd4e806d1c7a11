//! The completion script of each shell.

use std::io::Write;
use std::process::Stdio;

use crate::common::*;
use crate::tools::tool;

fn script(shell: &str) -> Vec<u8> {
    let output = lootbox().args(["completions", shell]).output().unwrap();
    assert!(output.status.success(), "{shell}");
    output.stdout
}

#[test]
fn every_shell_has_a_script_that_knows_the_commands() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = String::from_utf8(script(shell)).unwrap();
        for word in [
            "serve",
            "explore",
            "compare",
            "unsafe-race",
            "small-lock",
            "semaphores",
        ] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn bash_can_read_its_script() {
    let Some(mut bash) = tool("bash") else { return };
    let mut child = bash
        .args(["-n", "/dev/stdin"])
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(&script("bash")).unwrap();
    drop(input);
    assert!(end_of(&mut child).success());
}
