//! What can be known about the EC2 folder without an account.

use std::path::Path;

use crate::tools::tool;

const UNIT: &str = include_str!("../../demos/ec2/lootbox.service");
const USER_DATA: &str = include_str!("../../demos/ec2/user-data.sh");

#[test]
fn the_unit_is_rated_two_or_better() {
    let Some(mut analyze) = tool("systemd-analyze") else {
        return;
    };
    let unit = Path::new(env!("CARGO_MANIFEST_DIR")).join("demos/ec2/lootbox.service");
    // Ten times the rating; above it the command fails.
    let output = analyze
        .args(["security", "--offline=true", "--no-pager", "--threshold=20"])
        .arg(unit)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
    assert!(text.contains("Overall exposure level"), "{text}");
}

#[test]
fn user_data_installs_this_very_unit() {
    let embedded = USER_DATA
        .split_once("<<'UNIT'\n")
        .and_then(|(_, rest)| rest.split_once("\nUNIT\n"))
        .map(|(unit, _)| format!("{unit}\n"));
    assert_eq!(embedded.as_deref(), Some(UNIT));
    // cloud-init takes no more.
    assert!(USER_DATA.len() < 16 * 1024);
}

#[test]
fn the_units_command_line_is_understood() {
    let command = UNIT
        .lines()
        .find_map(|line| line.strip_prefix("ExecStart=/usr/local/bin/lootbox "))
        .unwrap();
    let words = std::iter::once("lootbox").chain(command.split_whitespace());
    lootbox::cli::parse(words).unwrap();
}

fn limit(name: &str) -> usize {
    UNIT.lines()
        .find_map(|line| line.strip_prefix(name)?.strip_prefix('='))
        .and_then(|value| value.parse().ok())
        .unwrap()
}

/// A client is a thread and an open file, a bot is two of each, and 120 of either are kept back.
#[test]
fn the_unit_has_room_for_a_thousand_clients_beside_all_bots() {
    let bots = usize::try_from(lootbox::server::bots::MAX_BOTS).unwrap();
    for name in ["TasksMax", "LimitNOFILE"] {
        assert!(limit(name) >= 1_000 + 2 * bots + 120 + 64, "{name}");
    }
}

/// The measurement of 1,000 clients, with few: served or told busy, none reset.
#[test]
fn clients_beyond_the_limits_are_told_and_none_is_reset() {
    let (Some(mut python), Some(_)) = (tool("python3"), tool("prlimit")) else {
        return;
    };
    let output = python
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/busy"))
        .args(["--clients", "150", "--tasks", "100", "--files", "100"])
        .args(["--lootbox", env!("CARGO_BIN_EXE_lootbox")])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    let wrong = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{text}{wrong}");
    assert!(
        text.contains(" busy, ") && text.contains(" served"),
        "{text}"
    );
}

#[test]
fn the_very_command_that_opens_the_dashboard_is_said() {
    let page = include_str!("../../demos/ec2/README.md");
    assert!(page.contains("ssh -t ec2-user@ADDRESS lootbox dashboard"));
    let last = USER_DATA.lines().last().unwrap();
    assert!(last.contains("ssh -t ${login:-USER}@$address lootbox dashboard"));
}

#[test]
fn a_program_for_another_processor_is_not_installed() {
    let function = USER_DATA
        .split_once("\nfits() {")
        .and_then(|(_, rest)| rest.split_once("\n}\n"))
        .map(|(body, _)| format!("fits() {{{body}\n}}\n"))
        .unwrap();
    let directory = tempfile::tempdir().unwrap();
    let program = directory.path().join("program");
    for (machine, byte) in [("x86_64", 0x3e), ("aarch64", 0xb7), ("", 0)] {
        let mut header = vec![0; 20];
        header[18] = byte;
        std::fs::write(&program, &header).unwrap();
        for this in ["x86_64", "aarch64"] {
            let output = std::process::Command::new("bash")
                .args(["-c", &format!("{function}fits \"$@\""), "bash"])
                .arg(&program)
                .arg(this)
                .output()
                .unwrap();
            assert_eq!(
                output.status.success(),
                machine == this,
                "{machine} on {this}"
            );
            assert_eq!(output.stderr.is_empty(), machine == this);
        }
    }
}

#[test]
fn metadata_is_asked_with_a_token_only() {
    let asks = USER_DATA.matches("169.254.169.254").count();
    assert_eq!(asks, 1);
    assert!(USER_DATA.contains("X-aws-ec2-metadata-token: $token"));
}
