//! Every command of the README, in order, as somebody would type them.

use std::io::Read;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::common::*;
use crate::tools::tool;

const README: &str = include_str!("../../README.md");

/// The fenced blocks of shell commands, in order.
fn blocks() -> Vec<String> {
    let mut blocks = Vec::new();
    let mut block: Option<String> = None;
    for line in README.lines() {
        match (&mut block, line) {
            (None, "```sh") => block = Some(String::new()),
            (Some(_), "```") => blocks.extend(block.take()),
            (Some(text), line) => {
                text.push_str(line);
                text.push('\n');
            }
            (None, _) => {}
        }
    }
    blocks
}

/// A port that was free a moment ago: the README's own may be in use here.
fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

fn shell(block: &str, directory: &Path) {
    let binaries = Path::new(env!("CARGO_BIN_EXE_lootbox"))
        .parent()
        .unwrap()
        .to_owned();
    let path = format!("{}:{}", binaries.display(), std::env::var("PATH").unwrap());
    let mut child = Command::new("bash")
        .args(["-euo", "pipefail", "-c", block])
        .current_dir(directory)
        .env("PATH", path)
        .env("LC_ALL", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
    let text = within_deadline(block, move || {
        let mut text = String::new();
        out.read_to_string(&mut text).unwrap();
        err.read_to_string(&mut text).unwrap();
        text
    });
    assert!(child.wait().unwrap().success(), "{block}\nprinted:\n{text}");
}

#[test]
fn every_command_of_the_readme_does_what_it_says() {
    if ["bash", "nc", "python3"]
        .iter()
        .any(|name| tool(name).is_none())
    {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    std::os::unix::fs::symlink(root.join("demos"), directory.path().join("demos")).unwrap();
    let port = free_port().to_string();
    let mut server: Option<Program> = None;
    let mut run = 0;
    for block in blocks() {
        let block = block
            .replace("7777", &port)
            .replace("cargo run --release --", "lootbox");
        // The test command is what runs this.
        if block.trim() == "cargo test" {
            continue;
        }
        run += 1;
        let Some(options) = block.trim().strip_prefix("lootbox serve") else {
            shell(&block, directory.path());
            continue;
        };
        assert_eq!(block.lines().count(), 1, "a server stands alone: {block}");
        if let Some(server) = server.take() {
            server.signal("-INT");
            let (status, summary) = server.end();
            assert!(status.success() && summary.contains("draws "), "{summary}");
        }
        let mut options: Vec<_> = options.split_whitespace().collect();
        let listen = format!("127.0.0.1:{port}");
        options.extend(["--listen", &listen]);
        let mut command = lootbox();
        command.current_dir(directory.path());
        server = Some(Program::serve_by(command, &options));
        if options.contains(&"--bots") {
            let control = match options.iter().position(|&option| option == "--control") {
                Some(index) => directory.path().join(options[index + 1]),
                None => server.as_ref().unwrap().control(),
            };
            crate::control::Control::connect(&control)
                .wait_until("the bots draw", |it| it.sums.draws > 0);
        }
    }
    assert!(run > 8, "the blocks were found");
    // The files that its commands have left say what it promises.
    let check = |run: &str| {
        lootbox()
            .arg("check")
            .arg(directory.path().join(run))
            .output()
            .unwrap()
    };
    assert_eq!(check("race").status.code(), Some(1));
    assert_eq!(check("locked").status.code(), Some(0));
}

#[test]
fn what_the_readme_links_to_is_there() {
    let all = [README, include_str!("../../CONTRIBUTING.md")].concat();
    let links = all
        .split("](")
        .skip(1)
        .filter_map(|rest| rest.split(')').next());
    let mut seen = 0;
    for link in links.filter(|link| !link.starts_with("http")) {
        if let Some(anchor) = link.strip_prefix('#') {
            let headings = README.lines().filter_map(|line| line.strip_prefix("## "));
            let mut anchors = headings.map(|title| title.to_lowercase().replace(' ', "-"));
            assert!(anchors.any(|title| title == anchor), "{link}");
            continue;
        }
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(link).exists(),
            "{link}"
        );
        seen += 1;
    }
    assert!(seen > 0);
    assert!(include_str!("../../src/draw/program.rs").lines().count() < 100);
}

#[test]
fn what_contributors_are_sent_to_is_there() {
    let text = include_str!("../../CONTRIBUTING.md");
    let words = text.split('`').skip(1).step_by(2);
    let paths = words.filter(|word| {
        let rooms = ["src/", "tests/", "docs/", "demos/", "slides/"];
        rooms.iter().any(|room| word.starts_with(room)) && !word.contains(' ')
    });
    let mut seen = 0;
    // NN and NAME stand for what somebody will add.
    for path in paths.filter(|path| !path.contains("NN") && !path.contains("NAME")) {
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(path).exists(),
            "{path}"
        );
        seen += 1;
    }
    assert!(seen > 10, "{seen}");
}
