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
            "color",
        ] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
}

#[test]
fn the_names_of_problems_complete_where_a_place_does() {
    for shell in ["bash", "zsh", "fish"] {
        let script = String::from_utf8(script(shell)).unwrap();
        let names = script.matches("philosophers-naive").count();
        // Beside files for check and run, alone for show.
        assert!(names >= 2, "{shell}");
    }
    let zsh = String::from_utf8(script("zsh")).unwrap();
    assert!(zsh.contains("; _files}") && zsh.contains("sleep\\:5ms"));
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

/// What bash offers for the last of these words.
fn bash_offers(words: &[&str]) -> Option<Vec<String>> {
    let mut bash = tool("bash")?;
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("script");
    std::fs::write(&path, script("bash")).unwrap();
    let program = r#"source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
        _lootbox lootbox "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"; printf '%s\n' "${COMPREPLY[@]}""#;
    bash.args(["-c", program, "bash"]).arg(path).args(words);
    let output = bash.output().unwrap();
    assert!(output.status.success(), "{output:?}");
    let offers = String::from_utf8(output.stdout).unwrap();
    Some(offers.lines().map(str::to_owned).collect())
}

#[test]
fn names_complete() {
    for (words, offered) in [
        (
            &["lootbox", "lab", "check", "philosophers-n"][..],
            "philosophers-naive",
        ),
        (
            &["lootbox", "lab", "run", "bounded-buffer-r"],
            "bounded-buffer-racy",
        ),
        (&["lootbox", "lab", "show", "rw"], "rwlock"),
        (&["lootbox", "serve", "--mode", "sm"], "small-lock"),
        (&["lootbox", "explore", "--mode", "ea"], "early-unlock"),
        (&["lootbox", "serve", "--window", "sl"], "sleep:5ms"),
        (&["lootbox", "compare", "--window", "rep"], "reply"),
        (&["lootbox", "serve", "--grain", "req"], "request"),
        (&["lootbox", "--color", "ne"], "never"),
    ] {
        let Some(offers) = bash_offers(words) else {
            return;
        };
        assert_eq!(offers, [offered], "{words:?}");
    }
}
