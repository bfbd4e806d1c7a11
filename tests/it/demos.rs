//! Every demo, as CI and a lecturer in a hurry run it: with `--yes`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use crate::common::*;
use crate::tools::tool;

fn demos() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("demos")
}

/// All scripts of the lecture, in their order.
fn scripts() -> Vec<PathBuf> {
    let mut scripts: Vec<PathBuf> = fs::read_dir(demos())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| {
            let name = path.file_name().unwrap().to_str().unwrap();
            let script = path.extension().is_some_and(|ending| ending == "sh");
            script && name.starts_with(|c: char| c.is_ascii_digit())
        })
        .collect();
    scripts.sort();
    scripts
}

/// Runs a demo, pinned or not; it must come back by itself and leave nothing behind.
fn play(script: &Path, pin: &[&str]) -> (Output, String) {
    let temporary = tempfile::tempdir().unwrap();
    let mut words: Vec<_> = pin.to_vec();
    words.extend(["bash", script.to_str().unwrap(), "--yes"]);
    let mut command = Command::new(words[0]);
    command
        .args(&words[1..])
        .env("LOOTBOX", env!("CARGO_BIN_EXE_lootbox"))
        .env("LC_ALL", "C.UTF-8")
        .env("TMPDIR", temporary.path());
    let output = within_deadline(&script.display().to_string(), move || {
        command.output().unwrap()
    });
    let left: Vec<_> = fs::read_dir(temporary.path()).unwrap().collect();
    assert!(left.is_empty(), "{} left {left:?}", script.display());
    let shown = format!(
        "{}\n{}\n{}",
        script.display(),
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    (output, shown)
}

fn play_all(pin: &[&str]) {
    let scripts = scripts();
    assert!(scripts.len() >= 10, "{scripts:?}");
    for script in scripts {
        let (output, shown) = play(&script, pin);
        // In these a race has to show by itself, and a test may not depend on that.
        let luck = ["06-", "07-", "08-"].iter().any(|number| {
            script
                .file_name()
                .unwrap()
                .to_str()
                .unwrap()
                .starts_with(number)
        });
        let not_seen =
            String::from_utf8_lossy(&output.stderr).contains("Not seen this time: a duplicate");
        match output.status.code() {
            Some(0) => assert!(
                shown.contains("What was seen") && shown.contains("What it means"),
                "{shown}"
            ),
            Some(1) => assert!(luck && not_seen, "{shown}"),
            code => panic!("{code:?} {shown}"),
        }
    }
}

#[test]
fn every_demo_runs_by_itself() {
    if tool("bash").is_some() {
        play_all(&[]);
    }
}

#[test]
fn every_demo_runs_on_one_core() {
    if tool("bash").is_some() && tool("taskset").is_some() {
        let mut allowed = Command::new("taskset");
        allowed.args(["-cp", &std::process::id().to_string()]);
        let cores = String::from_utf8(allowed.output().unwrap().stdout).unwrap();
        let first = cores.rsplit(' ').next().unwrap().trim();
        let first: String = first.chars().take_while(char::is_ascii_digit).collect();
        play_all(&["taskset", "-c", &first]);
    }
}

#[test]
fn a_demo_asks_before_it_shows() {
    for script in scripts() {
        let text = fs::read_to_string(&script).unwrap();
        let question = text.find("\nquestion ").or(text.find("    question "));
        let shows = ["\nserve ", "\nrun ", "\nfound ", "\nboth\n", "\nseen "];
        let first = shows.iter().filter_map(|word| text.find(word)).min();
        assert!(question.unwrap() < first.unwrap(), "{script:?}");
        let name = script.file_name().unwrap().to_str().unwrap();
        let readme = fs::read_to_string(demos().join("README.md")).unwrap();
        assert!(readme.contains(name), "the README does not know {name}");
    }
}

#[test]
fn a_demo_without_lootbox_says_what_to_do() {
    if tool("bash").is_none() {
        return;
    }
    let output = Command::new("bash")
        .arg(&scripts()[0])
        .env("LOOTBOX", "/no/such/lootbox")
        .output()
        .unwrap();
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&output.stderr).contains("set LOOTBOX"));
}

#[test]
fn the_scripts_are_clean() {
    let Some(mut shellcheck) = tool("shellcheck") else {
        return;
    };
    let mut all = scripts();
    all.push(demos().join("lib.sh"));
    all.push(demos().join("ec2/user-data.sh"));
    let output = shellcheck
        .arg("-x")
        .args(all)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}
