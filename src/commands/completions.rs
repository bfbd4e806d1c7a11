//! `lootbox completions`.

use std::process::ExitCode;

use clap::{Args, Command};
use clap_complete::{Shell, generate};

use super::output::print;
use crate::lab::problems;

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

/// Prints the script for this command line.
///
/// # Errors
/// If it cannot be written.
pub fn run(options: &Options, mut command: Command) -> anyhow::Result<ExitCode> {
    let mut script = Vec::new();
    generate(options.shell, &mut command, "lootbox", &mut script);
    let script = with_problems(options.shell, String::from_utf8(script)?);
    print(script)?;
    Ok(super::FINE.into())
}

/// clap's scripts complete a place either from words or from files, and in fish no place at all; `lab check` takes
/// the name of a problem or a file.
fn with_problems(shell: Shell, script: String) -> String {
    let names: Vec<_> = problems::ALL.iter().map(|problem| problem.name).collect();
    let names = names.join(" ");
    match shell {
        Shell::Zsh => script.replace(
            &format!("is standard input:({names})"),
            &format!("is standard input:{{compadd -- {names}; _files}}"),
        ),
        Shell::Fish => {
            let place = |commands: &str, files: &str| {
                format!(
                    "complete -c lootbox -n \"__fish_lootbox_using_subcommand lab; and \
                     __fish_seen_subcommand_from {commands}\"{files} -a \"{names}\"\n"
                )
            };
            script + &place("check run", "") + &place("show", " -f")
        }
        _ => script,
    }
}
