//! `lootbox man`.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context;
use clap::{Args, Command, ValueHint};

/// Write man pages, one for every command
///
///   lootbox man ~/.local/share/man/man1
///   man lootbox-explore
#[derive(Debug, Args)]
#[command(verbatim_doc_comment)]
pub struct Options {
    /// The directory for them, made if it is not there
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub directory: PathBuf,
}

/// Writes the pages of this command line.
///
/// # Errors
/// If one cannot be written.
pub fn run(options: &Options, command: Command) -> anyhow::Result<ExitCode> {
    let directory = &options.directory;
    fs::create_dir_all(directory)
        .with_context(|| format!("cannot make the directory {}", directory.display()))?;
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let count = write(&command, directory)?;
    // Nobody may see standard error, and that is no error.
    _ = writeln!(
        io::stderr(),
        "{count} pages in {}: begin with man {}",
        directory.display(),
        directory.join("lootbox.1").display()
    );
    Ok(super::FINE.into())
}

/// Writes the page of this command and those of the commands below it, and returns how many there are.
fn write(command: &Command, directory: &Path) -> anyhow::Result<usize> {
    let page = clap_mangen::Man::new(command.clone());
    let path = directory.join(page.get_filename());
    let mut text = Vec::new();
    page.render(&mut text)?;
    fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))?;
    let mut count = 1;
    for below in command.get_subcommands().filter(|it| !it.is_hide_set()) {
        count += write(below, directory)?;
    }
    Ok(count)
}
