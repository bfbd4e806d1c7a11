//! `lootbox completions`.

use std::process::ExitCode;

use clap::Args;
use clap_complete::{Shell, generate};

use super::output::print;
use crate::cli;

/// Print a script that completes these commands and options in your shell
///
///   bash   in ~/.bashrc: source <(lootbox completions bash)
///   zsh    once: lootbox completions zsh > ~/.zfunc/_lootbox   (any directory of your $fpath)
///   fish   once: lootbox completions fish > ~/.config/fish/completions/lootbox.fish
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Options {
    /// Which shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Prints the script.
///
/// # Errors
/// If it cannot be written.
pub fn run(options: &Options) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(options.shell, &mut cli::command(), "lootbox", &mut script);
    print(script)?;
    Ok(super::FINE.into())
}
