//! The control socket: who may use it. [`places`](super::places) says where it is.

use std::fs::{self, DirBuilder, Permissions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt, chown};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};

use nix::sys::stat::{Mode, umask};
use nix::unistd::{Group, getuid};
use thiserror::Error;

use super::places::Places;

/// Why there is no control socket.
#[derive(Debug, Error)]
pub enum SocketError {
    /// The system refused it.
    #[error("cannot {what} {path}: {error}", path = path.display())]
    Io {
        /// What was tried.
        what: &'static str,
        /// On what.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// Another server answers there.
    #[error("{path}: another server listens on this control socket: stop it, or choose another with --control", path = .0.display())]
    InUse(PathBuf),
    /// There is something else.
    #[error("{path} is there and is no socket: choose another path with --control", path = .0.display())]
    NoSocket(PathBuf),
    /// `/tmp` belongs to everybody.
    #[error("{path} belongs to somebody else: choose a path of your own with --control", path = .0.display())]
    NotOurs(PathBuf),
    /// `--control-group`.
    #[error("no group {0:?} on this system: see `getent group` for those there are")]
    NoGroup(String),
    /// Only its members may give a file to a group.
    #[error("cannot give {path} to the group {group}: {error}: --control-group wants a group that this user is in (see `id`)", path = path.display())]
    Group {
        /// Its name.
        group: String,
        /// What was to be given.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
}

fn failed(what: &'static str, path: &Path) -> impl FnOnce(io::Error) -> SocketError {
    let path = path.to_owned();
    move |error| SocketError::Io { what, path, error }
}

/// Makes [the directory](Places::own), or sees that it is this user's: in the temporary directory
/// somebody else could have made it before.
fn own_directory(group: Option<&Group>) -> Result<PathBuf, SocketError> {
    let path = Places::here().own();
    let mode = if group.is_some() { 0o710 } else { 0o700 };
    match DirBuilder::new().mode(mode).create(&path) {
        Ok(()) => {}
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(failed("make the directory", &path)(error)),
    }
    let found = fs::symlink_metadata(&path).map_err(failed("look at", &path))?;
    if !found.is_dir() || found.uid() != getuid().as_raw() {
        return Err(SocketError::NotOurs(path));
    }
    if let Some(group) = group
        && let Err(error) = give(&path, group, mode)
    {
        // Nothing is left of what failed; a directory that others use stays.
        _ = fs::remove_dir(&path);
        return Err(error);
    }
    Ok(path)
}

/// Gives a file or directory to a group, with this mode.
fn give(path: &Path, group: &Group, mode: u32) -> Result<(), SocketError> {
    chown(path, None, Some(group.gid.as_raw())).map_err(|error| SocketError::Group {
        group: group.name.clone(),
        path: path.to_owned(),
        error,
    })?;
    fs::set_permissions(path, Permissions::from_mode(mode))
        .map_err(failed("set the permissions of", path))
}

/// A control socket; the file goes away with it.
#[derive(Debug)]
pub struct ControlSocket {
    /// Where it is.
    pub path: PathBuf,
    /// What accepts.
    pub listener: UnixListener,
    /// Which file it is: another server may have put its own there since.
    file: (u64, u64),
}

impl ControlSocket {
    /// Listens at `path`, or at the default place for a server on `port`. Only this user can
    /// connect, and the members of `group` if one is named.
    ///
    /// # Errors
    /// See [`SocketError`].
    pub fn bind(path: Option<&Path>, port: u16, group: Option<&str>) -> Result<Self, SocketError> {
        let group = match group {
            Some(name) => match Group::from_name(name) {
                Ok(Some(group)) => Some(group),
                _ => return Err(SocketError::NoGroup(name.to_owned())),
            },
            None => None,
        };
        let path = match path {
            Some(path) => path.to_owned(),
            None => own_directory(group.as_ref())?.join(format!("{port}.sock")),
        };
        remove_if_dead(&path)?;
        // From its first moment nobody else may connect. No other thread makes files meanwhile.
        let old = umask(Mode::from_bits_truncate(0o177));
        let bound = UnixListener::bind(&path);
        umask(old);
        let listener = bound.map_err(failed("listen on the control socket", &path))?;
        let found = fs::symlink_metadata(&path).map_err(failed("look at", &path))?;
        // From here on the file goes away with this, also if the group cannot be given.
        let socket = Self {
            path,
            listener,
            file: (found.dev(), found.ino()),
        };
        if let Some(group) = &group {
            give(&socket.path, group, 0o660)?;
        }
        Ok(socket)
    }
}

impl Drop for ControlSocket {
    fn drop(&mut self) {
        if fs::symlink_metadata(&self.path).is_ok_and(|file| (file.dev(), file.ino()) == self.file)
        {
            _ = fs::remove_file(&self.path);
        }
    }
}

/// A server that was killed leaves its socket behind.
fn remove_if_dead(path: &Path) -> Result<(), SocketError> {
    use std::os::unix::fs::FileTypeExt;
    let Ok(found) = fs::symlink_metadata(path) else {
        return Ok(());
    };
    if !found.file_type().is_socket() {
        return Err(SocketError::NoSocket(path.to_owned()));
    }
    match UnixStream::connect(path) {
        Ok(_) => Err(SocketError::InUse(path.to_owned())),
        Err(error) if error.kind() == ErrorKind::ConnectionRefused => {
            fs::remove_file(path).map_err(failed("remove the dead control socket", path))
        }
        Err(error) => Err(failed("look whether a server listens on", path)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mode(path: &Path) -> u32 {
        fs::metadata(path).unwrap().permissions().mode() & 0o777
    }

    #[test]
    fn only_the_user_may_connect_and_the_file_goes_away() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.sock");
        let socket = ControlSocket::bind(Some(&path), 1, None).unwrap();
        assert_eq!(mode(&path), 0o600);
        assert!(matches!(
            ControlSocket::bind(Some(&path), 1, None),
            Err(SocketError::InUse(_))
        ));
        drop(socket);
        assert!(!path.exists());
    }

    #[test]
    fn a_group_may_connect_if_it_is_named() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.sock");
        let ours = Group::from_gid(nix::unistd::getgid()).unwrap().unwrap();
        let _socket = ControlSocket::bind(Some(&path), 1, Some(&ours.name)).unwrap();
        assert_eq!(mode(&path), 0o660);
        let nobody = ControlSocket::bind(Some(&path), 1, Some("no such group"));
        assert!(matches!(nobody, Err(SocketError::NoGroup(_))));
    }

    #[test]
    fn the_socket_of_a_killed_server_is_replaced_and_nothing_else_is() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.sock");
        // std's listener leaves its file behind, like a server that was killed.
        drop(UnixListener::bind(&path).unwrap());
        assert!(path.exists());
        drop(ControlSocket::bind(Some(&path), 1, None).unwrap());
        fs::write(&path, "a student's homework").unwrap();
        assert!(matches!(
            ControlSocket::bind(Some(&path), 1, None),
            Err(SocketError::NoSocket(_))
        ));
        assert_eq!(fs::read(&path).unwrap(), b"a student's homework");
    }

    #[test]
    fn a_socket_that_is_no_longer_ours_is_left_alone() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("c.sock");
        let first = ControlSocket::bind(Some(&path), 1, None).unwrap();
        fs::remove_file(&path).unwrap();
        let _second = ControlSocket::bind(Some(&path), 1, None).unwrap();
        drop(first);
        assert!(path.exists());
    }
}
