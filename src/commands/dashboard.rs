//! `lootbox dashboard`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Args;

use super::FINE;
use super::output::print;
use crate::dashboard::app::Exit;
use crate::dashboard::source::Found;
use crate::dashboard::{self, Look, Target, source, terminal};
use crate::values::whole;

/// Watch and steer a running server, also over SSH.
///
/// It finds the server by its control socket, on the same machine; of another machine: ssh -t HOST
/// lootbox dashboard. The server never waits for it. The keys are shown by `?`; q leaves, and the
/// server goes on.
#[derive(Debug, Args)]
pub struct Options {
    /// The server's control socket [default: the one server of yours that runs here, or a list to
    /// choose from]
    #[arg(long, value_name = "PATH")]
    pub connect: Option<PathBuf>,
    /// Print one picture as plain text, and end
    #[arg(long)]
    pub once: bool,
    /// With --once: print the snapshot as JSON
    #[arg(long, requires = "once")]
    pub json: bool,
    /// How it looks.
    #[command(flatten)]
    pub look: LookOptions,
}

/// Options of the dashboard, in `serve` too.
#[derive(Clone, Copy, Debug, Args)]
pub struct LookOptions {
    /// Pictures a second of the dashboard
    #[arg(long, default_value_t = 8, value_name = "COUNT", value_parser = whole::<u32>(1..=60))]
    pub fps: u32,
    /// Draw the dashboard with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

impl From<LookOptions> for Look {
    fn from(LookOptions { fps, ascii }: LookOptions) -> Self {
        Self { fps, ascii }
    }
}

/// Shows the dashboard, or prints one picture.
///
/// # Errors
/// If there is no server, or no terminal.
pub fn run(options: Options) -> anyhow::Result<ExitCode> {
    if let Some(path) = &options.connect {
        source::check(path).map_err(anyhow::Error::msg)?;
    }
    if options.once {
        let path = match options.connect {
            Some(path) => path,
            None => only_one(&source::find())?,
        };
        return once(&path, options.json, options.look.ascii);
    }
    terminal::check()?;
    let target = match options.connect {
        Some(path) => Target::Socket(path),
        None => one_of(source::find())?,
    };
    match dashboard::show(target, options.look.into())? {
        Exit::HangUp => bail!("the terminal is gone"),
        _ => Ok(FINE.into()),
    }
}

/// The server that is there, or those there are to choose from on the screen.
fn one_of(found: Found) -> anyhow::Result<Target> {
    Ok(match found.servers.len() {
        0 => return Err(no_server(&found)),
        1 => Target::Socket(only_one(&found)?),
        _ => Target::OneOf(found.servers),
    })
}

/// The server that is there.
fn only_one(found: &Found) -> anyhow::Result<PathBuf> {
    match found.servers.as_slice() {
        [] => Err(no_server(found)),
        [one] => Ok(one.path.clone()),
        several => {
            let several: Vec<_> = several.iter().map(ToString::to_string).collect();
            bail!(
                "several servers run here: choose one with --connect PATH, of {}",
                several.join(", ")
            );
        }
    }
}

fn no_server(found: &Found) -> anyhow::Error {
    let looked: Vec<_> = found
        .looked
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let mut text = format!(
        "no server of yours runs here (none in {}): start one with lootbox serve, or say where its control socket is with --connect PATH",
        looked.join(", ")
    );
    for why in &found.left_alone {
        text.push_str("; ");
        text.push_str(why);
    }
    anyhow!(text)
}

fn once(path: &Path, json: bool, ascii: bool) -> anyhow::Result<ExitCode> {
    let snapshot = source::once(path).map_err(anyhow::Error::msg)?;
    let text = if json {
        serde_json::to_string(&snapshot)? + "\n"
    } else {
        dashboard::picture(snapshot, ascii, 80, 24)
    };
    print(text)?;
    Ok(FINE.into())
}
