//! What one client may cost the others.

use std::time::Duration;

/// Bounds on clients. The defaults suit a class of two hundred.
#[derive(Clone, Debug)]
pub struct Limits {
    /// How many clients may be connected at once, if the system's limits leave room for them; one more is told so and
    /// closed.
    pub max_clients: usize,
    /// How long a request line may take from its first byte to its end.
    pub line_timeout: Duration,
    /// How long a client may be silent between two requests. It is told so up to an eighth of that later, 10 s at most.
    pub idle_timeout: Duration,
    /// How long a client may take to receive 64 KiB of its answer, or the reply in a window.
    pub write_timeout: Duration,
}

impl Limits {
    /// How many clients there may be unless somebody says otherwise: a few hundred MB of memory.
    pub const USUAL_MAX_CLIENTS: usize = 4_096;
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_clients: Self::USUAL_MAX_CLIENTS,
            line_timeout: Duration::from_secs(10),
            idle_timeout: Duration::from_mins(10),
            write_timeout: Duration::from_secs(5),
        }
    }
}

/// Lets this process open as many files as the system allows it: one a client, two a bot.
pub fn raise_open_files() {
    use nix::sys::resource::{Resource, getrlimit, setrlimit};
    /// macOS refuses more than this, whatever its hard limit says.
    const ENOUGH: u64 = 10_240;
    if let Ok((soft, hard)) = getrlimit(Resource::RLIMIT_NOFILE) {
        let wanted = hard.min(ENOUGH.max(soft));
        if wanted > soft && setrlimit(Resource::RLIMIT_NOFILE, wanted, hard).is_err() {
            tracing::debug!(soft, hard, "could not raise the limit of open files");
        }
    }
}
