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

#[test]
fn metadata_is_asked_with_a_token_only() {
    let asks = USER_DATA.matches("169.254.169.254").count();
    assert_eq!(asks, 1);
    assert!(USER_DATA.contains("X-aws-ec2-metadata-token: $token"));
}
