//! `lootbox dashboard`.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{anyhow, bail};
use clap::Args;

use super::FINE;
use super::output::print;
use crate::dashboard::app::Exit;
use crate::dashboard::{self, Look, Target, source, terminal};
use crate::server::socket;
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
    /// Write the picture of the README, from a scripted run, into this directory
    #[arg(long, hide = true, value_name = "DIR", conflicts_with_all = ["once", "connect"])]
    pub cast: Option<PathBuf>,
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
    if let Some(directory) = options.cast {
        let cast = dashboard::cast::cast()?;
        fs::write(directory.join("dashboard.cast"), cast.cast)?;
        fs::write(directory.join("dashboard.svg"), cast.still)?;
        return Ok(FINE.into());
    }
    let servers = match options.connect {
        Some(path) => vec![path],
        None => source::servers(),
    };
    if options.once {
        return once(&servers, options.json, options.look.ascii);
    }
    terminal::check()?;
    let target = match servers.len() {
        0 => return Err(no_server()),
        1 => Target::Socket(servers.into_iter().next().unwrap_or_default()),
        _ => Target::OneOf(servers),
    };
    match dashboard::show(target, options.look.into())? {
        Exit::HangUp => bail!("the terminal is gone"),
        _ => Ok(FINE.into()),
    }
}

fn no_server() -> anyhow::Error {
    anyhow!(
        "no server of yours runs here (none in {}): start one with lootbox serve, or say where its control socket is with --connect PATH",
        socket::directory().display()
    )
}

fn once(servers: &[PathBuf], json: bool, ascii: bool) -> anyhow::Result<ExitCode> {
    let path = match servers {
        [] => return Err(no_server()),
        [one] => one,
        several => {
            let several: Vec<_> = several
                .iter()
                .map(|path| path.display().to_string())
                .collect();
            bail!(
                "several servers run here: choose one with --connect, of {}",
                several.join(", ")
            );
        }
    };
    let snapshot = source::once(path).map_err(|error| anyhow!("{error}"))?;
    let text = if json {
        serde_json::to_string(&snapshot)? + "\n"
    } else {
        dashboard::picture(snapshot, ascii, 80, 24)
    };
    print(text)?;
    Ok(FINE.into())
}
