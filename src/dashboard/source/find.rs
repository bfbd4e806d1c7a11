//! The servers on this machine, found by their control sockets.

use std::collections::HashSet;
use std::fmt;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::Duration;

use nix::unistd::getuid;

use super::talk::{READABLE, within};
use crate::escaped::{escaped_path, excerpt};
use crate::server::places::{Place, Places};

/// A server that does not say by then what it is, is shown without.
const SOON: Duration = Duration::from_secs(2);
/// Nobody chooses among more.
const MAX_SERVERS: usize = 64;

/// A server whose control socket takes connections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// Its control socket.
    pub path: PathBuf,
    /// Its mode and where it listens, if it says so.
    pub what: Option<String>,
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let path = escaped_path(&self.path);
        match &self.what {
            Some(what) => write!(f, "{}  {path}", excerpt(what, READABLE)),
            None => write!(f, "does not answer  {path}"),
        }
    }
}

/// What there is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The servers.
    pub servers: Vec<Server>,
    /// Where was looked.
    pub looked: Vec<PathBuf>,
    /// What was left alone, and why.
    pub left_alone: Vec<String>,
}

/// Looks wherever a server may have put its socket.
#[must_use]
pub fn find() -> Found {
    let mut found = Found::default();
    let mut sockets = HashSet::new();
    for place in Places::here().all() {
        look(&place, &mut found, &mut sockets);
    }
    // With one there is nothing to choose.
    if found.servers.len() > 1 {
        say_what(&mut found.servers);
    }
    found
}

fn look(place: &Place, found: &mut Found, sockets: &mut HashSet<(u64, u64)>) {
    found.looked.push(place.path.clone());
    let listed = place.owner().and_then(|owner| match owner {
        Some(owner) => place.sockets().map(|sockets| Some((owner, sockets))),
        None => Ok(None),
    });
    let (owner, listed) = match listed {
        Ok(Some(listed)) => listed,
        Ok(None) => return,
        Err(why) => return found.left_alone.push(why),
    };
    for path in listed {
        if found.servers.len() >= MAX_SERVERS {
            return;
        }
        match answers(&path, owner) {
            Ok(true) => {}
            Ok(false) => continue,
            Err(why) => {
                found.left_alone.push(why);
                continue;
            }
        }
        // The same directory may have two names.
        let file = fs::metadata(&path).map(|file| (file.dev(), file.ino()));
        if file.is_ok_and(|file| sockets.insert(file)) {
            found.servers.push(Server { path, what: None });
        }
    }
}

/// Whether somebody answers who may: this user, root, or the owner of the directory.
fn answers(path: &Path, owner: u32) -> Result<bool, String> {
    let shown = || escaped_path(path);
    let stream = match UnixStream::connect(path) {
        Ok(stream) => stream,
        Err(error) if error.kind() == io::ErrorKind::PermissionDenied => {
            return Err(format!(
                "{}: you may not connect; its group may (id -nG says which are yours)",
                shown()
            ));
        }
        Err(_) => return Ok(false),
    };
    match peer(&stream) {
        Ok(peer) if peer == getuid().as_raw() || peer == 0 || peer == owner => Ok(true),
        Ok(peer) => Err(format!(
            "{}: who answers is another user ({peer}), and is left alone",
            shown()
        )),
        Err(error) => Err(format!("{}: {error}", shown())),
    }
}

/// Which user is at the other end.
#[cfg(any(target_os = "linux", target_os = "android"))]
fn peer(stream: &UnixStream) -> nix::Result<u32> {
    use nix::sys::socket::{getsockopt, sockopt::PeerCredentials};
    getsockopt(stream, PeerCredentials).map(|peer| peer.uid())
}

/// Which user is at the other end.
#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn peer(stream: &UnixStream) -> nix::Result<u32> {
    nix::unistd::getpeereid(stream).map(|(user, _)| user.as_raw())
}

/// Asks all at once: none waits for another that does not answer.
fn say_what(servers: &mut [Server]) {
    let asked: Vec<_> = servers
        .iter()
        .map(|server| {
            let path = server.path.clone();
            thread::spawn(move || {
                let snapshot = within(&path, SOON).ok()?;
                Some(format!("{}  {}", snapshot.runs(), snapshot.address))
            })
        })
        .collect();
    for (server, asked) in servers.iter_mut().zip(asked) {
        server.what = asked.join().ok().flatten();
    }
}
