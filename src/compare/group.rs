//! A child process with all its children: they start together and end together.

use std::io;
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

/// How long a child may take to end itself when asked to.
const END_TIMEOUT: Duration = Duration::from_secs(1);
/// How often somebody looks whether it has.
const POLL_INTERVAL: Duration = Duration::from_millis(5);

/// A shell command in a process group of its own. Dropping it ends the whole group.
///
/// A process that moves itself into another group or session (a daemon) escapes; everything else,
/// grandchildren too, ends with it.
#[derive(Debug)]
pub(super) struct Group {
    pub(super) child: Child,
    id: Pid,
    status: Option<ExitStatus>,
}

impl Group {
    /// Starts `sh -c COMMAND`. A Ctrl-C on the terminal does not reach it: whoever started it ends it.
    ///
    /// # Errors
    /// If there is no shell, or no more processes may be started.
    pub(super) fn start(
        command: &str,
        stdin: Stdio,
        stdout: Stdio,
        stderr: Stdio,
    ) -> io::Result<Self> {
        let child = Command::new("sh")
            .args(["-c", command])
            .stdin(stdin)
            .stdout(stdout)
            .stderr(stderr)
            .process_group(0)
            .spawn()?;
        let id = Pid::from_raw(i32::try_from(child.id()).map_err(io::Error::other)?);
        Ok(Self {
            child,
            id,
            status: None,
        })
    }

    /// How the command ended, if it has.
    pub(super) fn status(&mut self) -> Option<ExitStatus> {
        if self.status.is_none() {
            self.status = self.child.try_wait().ok().flatten();
        }
        self.status
    }

    /// Waits that long for the command to end by itself.
    pub(super) fn status_within(&mut self, time: Duration) -> Option<ExitStatus> {
        let begun = Instant::now();
        while self.status().is_none() && begun.elapsed() < time {
            thread::sleep(POLL_INTERVAL);
        }
        self.status
    }

    /// Ends the group at once: what cannot be ignored.
    pub(super) fn kill(&mut self) {
        // The group outlives its first process as long as any other is in it. If there is none, the
        // number could only be another group's once the system had counted all the way round.
        _ = killpg(self.id, Signal::SIGKILL);
    }

    /// Asks the group to end, then ends it.
    pub(super) fn end(&mut self) {
        if self.status().is_none() {
            _ = killpg(self.id, Signal::SIGTERM);
            self.status_within(END_TIMEOUT);
        }
        self.kill();
        if self.status.is_none() {
            self.status = self.child.wait().ok();
        }
    }
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
        if self.status.is_none() {
            _ = self.child.wait();
        }
    }
}

/// An end in words: `exit status 2`, `signal 9`. A shell says 128 + n of a command that a signal ended.
pub(super) fn in_words(status: ExitStatus) -> String {
    match (status.code(), status.signal()) {
        (Some(code @ 129..=159), _) => format!("signal {}", code - 128),
        (Some(code), _) => format!("exit status {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "no exit status".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;

    #[test]
    fn a_group_ends_with_its_grandchildren() {
        let mut group = Group::start(
            "trap '' TERM; sh -c 'trap \"\" TERM; echo here; while :; do sleep 100; done' & wait; sleep 100",
            Stdio::null(),
            Stdio::piped(),
            Stdio::null(),
        )
        .unwrap();
        let mut stdout = group.child.stdout.take().unwrap();
        let mut here = [0; 5];
        stdout.read_exact(&mut here).unwrap();
        group.end();
        // The pipe ends when nobody is left who could write to it.
        assert_eq!(stdout.read_to_end(&mut Vec::new()).unwrap(), 0);
        assert_eq!(in_words(group.status().unwrap()), "signal 9");
    }

    #[test]
    fn ends_in_words() {
        for (command, words) in [
            ("exit 0", "exit status 0"),
            ("exit 3", "exit status 3"),
            ("kill -9 $$", "signal 9"),
            ("sh -c 'kill -15 $$'; exit $?", "signal 15"),
        ] {
            let mut group =
                Group::start(command, Stdio::null(), Stdio::null(), Stdio::null()).unwrap();
            let status = group.status_within(Duration::from_secs(30)).unwrap();
            assert_eq!(in_words(status), words, "{command}");
        }
    }
}
