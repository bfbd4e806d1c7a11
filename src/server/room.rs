//! How many clients the limits of this process leave room for: a client takes a thread and a descriptor.
//!
//! Some of both are kept back, so that whoever is turned away can be told so, and the operator at the control socket is
//! never locked out by clients.

use std::fs;
use std::path::{Path, PathBuf};

use nix::sys::resource::{RLIM_INFINITY, Resource, getrlimit};
use nix::unistd::geteuid;

/// Kept back of either, or a quarter where there are few.
const KEPT_BACK: usize = 120;
/// How many clients that were told "busy" may take a moment each to hang up.
const MAX_TURNED_AWAY: usize = 64;

/// What is left for clients, and what decided that.
#[derive(Clone, Debug)]
pub(crate) struct Room {
    /// For so many clients there is a thread and a descriptor.
    pub(crate) clients: usize,
    /// So many more may be told that there is none, at the same time.
    pub(crate) turned_away: usize,
    /// The limit that decided it.
    pub(crate) limit: String,
}

impl Room {
    /// Of `left` of something that every client takes one of.
    fn of(left: usize, limit: String) -> Self {
        let kept_back = (left / 4).min(KEPT_BACK);
        Self {
            clients: (left - kept_back).max(1),
            turned_away: (kept_back / 2).clamp(1, MAX_TURNED_AWAY),
            limit,
        }
    }

    /// As much as there is: for tests.
    #[cfg(test)]
    pub(crate) fn plenty() -> Self {
        Self::of(1_000_000, "none".into())
    }

    /// What there is now.
    pub(crate) fn now() -> Self {
        let mut rooms: Vec<_> = [descriptors(), threads_of_the_user()]
            .into_iter()
            .flatten()
            .chain(
                Cgroups::of_this_process()
                    .tightest()
                    .map(|tasks| Self::of(tasks.left(), tasks.to_string())),
            )
            .collect();
        rooms.sort_by_key(|room| room.clients);
        rooms
            .into_iter()
            .next()
            .unwrap_or_else(|| Self::of(usize::MAX / 2, "no limit".into()))
    }
}

/// What is left of a limit for each process, a soft one.
fn limit_of(resource: Resource) -> Option<u64> {
    match getrlimit(resource) {
        Ok((soft, _)) if soft != RLIM_INFINITY => Some(soft),
        _ => None,
    }
}

/// How many entries a directory of the system's has: open files, threads.
fn entries(directory: &str) -> usize {
    /// Where it cannot be seen: what a server that has just started has, with some to spare.
    const AT_A_GUESS: usize = 32;
    fs::read_dir(directory).map_or(AT_A_GUESS, Iterator::count)
}

fn descriptors() -> Option<Room> {
    let limit = limit_of(Resource::RLIMIT_NOFILE)?;
    let left = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_sub(entries("/dev/fd"));
    Some(Room::of(
        left,
        format!("{limit} open files (ulimit -n; LimitNOFILE= in a systemd unit)"),
    ))
}

/// The limit of a user's threads. It does not bind root, and other processes of the user's take their part.
fn threads_of_the_user() -> Option<Room> {
    let limit = most_threads_of_the_user()?;
    let left = usize::try_from(limit)
        .unwrap_or(usize::MAX)
        .saturating_sub(entries("/proc/self/task"));
    Some(Room::of(left, user_threads(limit)))
}

fn most_threads_of_the_user() -> Option<u64> {
    if geteuid().is_root() {
        return None;
    }
    limit_of(Resource::RLIMIT_NPROC)
}

fn user_threads(limit: u64) -> String {
    format!("{limit} threads of this user (ulimit -u; LimitNPROC= in a systemd unit)")
}

/// Which limit it is that leaves no thread, as far as can be told.
pub(crate) fn why_no_thread() -> String {
    let tasks = Cgroups::of_this_process().tightest();
    let user = most_threads_of_the_user();
    match (tasks, user) {
        (Some(tasks), _) if tasks.left() == 0 => format!("the limit is {tasks}"),
        (_, Some(limit)) => format!("the limit is {}", user_threads(limit)),
        (Some(tasks), None) => format!(
            "neither {tasks} is reached nor a limit of the user's: see kernel.threads-max, and the memory"
        ),
        (None, None) => "see kernel.threads-max, and the memory".into(),
    }
}

/// The tasks that a cgroup allows, and has.
#[derive(Debug, PartialEq, Eq)]
struct Tasks {
    most: usize,
    now: usize,
}

impl Tasks {
    fn left(&self) -> usize {
        self.most.saturating_sub(self.now)
    }
}

impl std::fmt::Display for Tasks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(
            f,
            "{} tasks of the cgroup (pids.max; TasksMax= in a systemd unit)",
            self.most
        )
    }
}

/// The cgroups that bound this process: its own, and all above.
struct Cgroups(Vec<PathBuf>);

impl Cgroups {
    fn of_this_process() -> Self {
        let memberships = fs::read_to_string("/proc/self/cgroup").unwrap_or_default();
        Self::of(&memberships, Path::new("/sys/fs/cgroup"))
    }

    /// From the text of `/proc/PID/cgroup`: version 2 has one hierarchy, version 1 one for each controller, and a
    /// system may have both. In a container the path may be the host's: then only the top is found.
    fn of(memberships: &str, mount: &Path) -> Self {
        let mut directories = Vec::new();
        for line in memberships.lines() {
            let mut parts = line.splitn(3, ':');
            let (Some(_), Some(controllers), Some(path)) =
                (parts.next(), parts.next(), parts.next())
            else {
                continue;
            };
            let tops = match controllers {
                "" => vec![mount.to_owned(), mount.join("unified")],
                _ if controllers.split(',').any(|name| name == "pids") => vec![mount.join("pids")],
                _ => continue,
            };
            let path = Path::new(path.trim_start_matches('/'));
            for top in tops {
                directories.extend(path.ancestors().map(|path| top.join(path)));
            }
        }
        Self(directories)
    }

    /// The one with the least left.
    fn tightest(&self) -> Option<Tasks> {
        let number = |directory: &Path, file: &str| {
            let text = fs::read_to_string(directory.join(file)).ok()?;
            // `max` is no bound.
            text.trim().parse().ok()
        };
        self.0
            .iter()
            .filter_map(|directory| {
                Some(Tasks {
                    most: number(directory, "pids.max")?,
                    now: number(directory, "pids.current")?,
                })
            })
            .min_by_key(Tasks::left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn some_is_kept_back_of_much_and_of_little() {
        for (left, clients) in [(0, 1), (1, 1), (40, 30), (480, 360), (4_000, 3_880)] {
            let room = Room::of(left, String::new());
            assert_eq!(room.clients, clients, "of {left}");
            assert!(left < 8 || room.turned_away < left - clients, "of {left}");
        }
    }

    fn cgroup(mount: &Path, path: &str, most: &str, now: &str) {
        let directory = mount.join(path);
        fs::create_dir_all(&directory).unwrap();
        fs::write(directory.join("pids.max"), most).unwrap();
        fs::write(directory.join("pids.current"), now).unwrap();
    }

    #[test]
    fn the_tightest_of_all_cgroups_above_binds_in_either_version() {
        let mount = tempfile::tempdir().unwrap();
        let mount = mount.path();
        let of = |text| Cgroups::of(text, mount).tightest();
        assert_eq!(of("0::/system.slice/lootbox.service\n"), None);
        cgroup(mount, "system.slice/lootbox.service", "1200\n", "20\n");
        cgroup(mount, "system.slice", "max\n", "80\n");
        let tasks = |most, now| Some(Tasks { most, now });
        assert_eq!(of("0::/system.slice/lootbox.service\n"), tasks(1_200, 20));
        cgroup(mount, "system.slice", "100\n", "80\n");
        assert_eq!(of("0::/system.slice/lootbox.service\n"), tasks(100, 80));
        // Version 1, where a colon may stand in a path.
        cgroup(mount, "pids/a:b", "50", "1");
        assert_eq!(of("9:name=systemd:/x\n8:cpu,pids:/a:b\n"), tasks(50, 1));
        // A container's file names a path of the host's.
        cgroup(mount, "pids", "30", "1");
        assert_eq!(of("8:pids:/docker/0123\n"), tasks(30, 1));
        assert_eq!(of("nonsense\n\n"), None);
    }
}
