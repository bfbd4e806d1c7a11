//! Where control sockets are: a server puts its own into one of these directories, and whoever looks for servers looks
//! into all of them. One list for both, so that what is written is found.

use std::ffi::OsString;
use std::fs::{self, Metadata};
use std::io::{self, ErrorKind};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use nix::unistd::getuid;

/// The service's, as `demos/ec2` installs it.
const SYSTEM: &str = "/run/lootbox";

/// What is known of the place of things on this machine.
#[derive(Clone, Debug)]
pub struct Places {
    /// `XDG_RUNTIME_DIR`, if it says anything.
    runtime: Option<PathBuf>,
    /// Where this user's temporary files go.
    temporary: PathBuf,
    /// This user.
    user: u32,
}

/// A directory in which there may be control sockets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// Where.
    pub path: PathBuf,
    /// Below `/run`, where only root puts anything: whose it is, root has said.
    by_root: bool,
}

impl Places {
    /// This process's.
    #[must_use]
    pub fn here() -> Self {
        Self::of(
            |name| std::env::var_os(name),
            std::env::temp_dir(),
            getuid().as_raw(),
        )
    }

    /// By these variables, for this user.
    fn of(variable: impl Fn(&str) -> Option<OsString>, temporary: PathBuf, user: u32) -> Self {
        let runtime = variable("XDG_RUNTIME_DIR").filter(|value| !value.is_empty());
        Self {
            runtime: runtime.map(PathBuf::from),
            temporary,
            user,
        }
    }

    fn below_temporary(&self, directory: &Path) -> PathBuf {
        directory.join(format!("lootbox-{}", self.user))
    }

    /// Where a server of this user puts its socket, `PORT.sock`, if it is not told a path: `$XDG_RUNTIME_DIR/lootbox`,
    /// else `lootbox-UID` under the temporary directory.
    #[must_use]
    pub fn own(&self) -> PathBuf {
        match &self.runtime {
            Some(runtime) => runtime.join("lootbox"),
            None => self.below_temporary(&self.temporary),
        }
    }

    /// Where servers are looked for: wherever one of this user may have put its socket, also one that was started with
    /// other variables than these, from cron or over SSH; and where the system's service has its own.
    #[must_use]
    pub fn all(&self) -> Vec<Place> {
        let own = [
            self.own(),
            PathBuf::from(format!("/run/user/{}/lootbox", self.user)),
            self.below_temporary(&self.temporary),
            self.below_temporary(Path::new("/tmp")),
        ];
        let mut places: Vec<Place> = Vec::new();
        for path in own {
            if places.iter().all(|place| place.path != path) {
                places.push(Place {
                    path,
                    by_root: false,
                });
            }
        }
        places.push(Place {
            path: PathBuf::from(SYSTEM),
            by_root: true,
        });
        places
    }
}

impl Place {
    /// Sees that what is in there was put there by this user or the system, and says whose it is: `/tmp` belongs to
    /// everybody, so somebody else may have made the directory before. `None` if there is none.
    ///
    /// # Errors
    /// Why it is not to be trusted, or that it cannot be looked at.
    pub fn owner(&self) -> Result<Option<u32>, String> {
        self.owner_for(getuid().as_raw())
    }

    fn owner_for(&self, user: u32) -> Result<Option<u32>, String> {
        let found: io::Result<Metadata> = if self.by_root {
            fs::metadata(&self.path)
        } else {
            // A link would lead somewhere else after this look.
            fs::symlink_metadata(&self.path)
        };
        let path = self.path.display();
        let found = match found {
            Ok(found) => found,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(format!("{path}: {error}")),
        };
        let owner = found.uid();
        if !found.is_dir() {
            Err(format!("{path} is no directory"))
        } else if !self.by_root && owner != user && owner != 0 {
            Err(format!(
                "{path} belongs to another user ({owner}), so it is left alone"
            ))
        } else if found.permissions().mode() & 0o002 != 0 {
            Err(format!(
                "{path} can be written by everybody, so it is left alone"
            ))
        } else {
            Ok(Some(owner))
        }
    }

    /// The control sockets in it, in the order of their ports.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn sockets(&self) -> Result<Vec<PathBuf>, String> {
        let entries = fs::read_dir(&self.path)
            .map_err(|error| format!("{}: {error}", self.path.display()))?;
        let mut sockets: Vec<_> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| path.extension().is_some_and(|ending| ending == "sock"))
            .collect();
        sockets.sort_by_key(|path| (path.as_os_str().len(), path.clone()));
        Ok(sockets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::Permissions;

    fn with(runtime: Option<&str>, temporary: &str) -> Places {
        Places::of(
            |name| {
                assert_eq!(name, "XDG_RUNTIME_DIR");
                runtime.map(OsString::from)
            },
            temporary.into(),
            1000,
        )
    }

    /// Also by somebody whose variables are others than the server's were: from cron, over SSH, as a service.
    #[test]
    fn every_place_that_a_server_may_choose_is_looked_into() {
        let usual = [
            with(Some("/run/user/1000"), "/tmp"),
            with(None, "/tmp"),
            with(Some(""), "/tmp"),
        ];
        for server in &usual {
            for reader in usual.iter().chain(&[
                with(Some("/somewhere/else"), "/tmp"),
                with(None, "/home/ada/tmp"),
            ]) {
                let places = reader.all();
                let found = places.iter().any(|place| place.path == server.own());
                assert!(found, "{server:?} {reader:?}");
            }
        }
        for same in [
            with(Some("/somewhere/else"), "/tmp"),
            with(None, "/home/ada/tmp"),
        ] {
            assert_eq!(same.all()[0].path, same.own());
        }
        let unit = include_str!("../../demos/ec2/lootbox.service");
        let mut service = unit
            .split_whitespace()
            .skip_while(|word| *word != "--control");
        let service = Path::new(service.nth(1).unwrap());
        for reader in &usual {
            let places = reader.all();
            assert!(
                places
                    .iter()
                    .any(|place| Some(place.path.as_path()) == service.parent())
            );
        }
    }

    #[test]
    fn a_directory_of_somebody_else_is_not_trusted() {
        let directory = tempfile::tempdir().unwrap();
        let me = getuid().as_raw();
        let own = Place {
            path: directory.path().join("own"),
            by_root: false,
        };
        assert_eq!(own.owner(), Ok(None));
        fs::create_dir(&own.path).unwrap();
        fs::set_permissions(&own.path, Permissions::from_mode(0o755)).unwrap();
        assert_eq!(own.owner(), Ok(Some(me)));
        if me == 0 {
            std::os::unix::fs::chown(&own.path, Some(1234), None).unwrap();
        }
        let refused = own.owner_for(4321).unwrap_err();
        assert!(refused.contains("another user"), "{refused}");
        let by_root = Place {
            by_root: true,
            ..own.clone()
        };
        assert!(by_root.owner_for(4321).unwrap().is_some());
        if me == 0 {
            std::os::unix::fs::chown(&own.path, Some(0), None).unwrap();
        }
        fs::set_permissions(&own.path, Permissions::from_mode(0o777)).unwrap();
        let refused = own.owner().unwrap_err();
        assert!(refused.contains("by everybody"), "{refused}");
        fs::set_permissions(&own.path, Permissions::from_mode(0o700)).unwrap();
        let link = Place {
            path: directory.path().join("link"),
            by_root: false,
        };
        std::os::unix::fs::symlink(&own.path, &link.path).unwrap();
        assert!(link.owner().unwrap_err().contains("no directory"));
    }
}
