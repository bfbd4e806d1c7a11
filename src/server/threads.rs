//! Where the server's threads come from. A system may have none left: then whoever wanted one keeps what it was for,
//! and says so, instead of dropping it with a closure that never ran.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::thread;

/// A session's thread needs little; what it does not touch costs nothing.
pub(crate) const STACK: usize = 256 * 1024;

/// What a thread does.
pub(crate) type Job = Box<dyn FnOnce() + Send>;

/// Starts threads.
pub(crate) trait Threads: Send + Sync {
    /// Starts one. It is not waited for.
    ///
    /// # Errors
    /// If there is none left; the job is dropped then, and nothing of it was done.
    fn start(&self, name: String, job: Job) -> io::Result<()>;
}

/// The operating system's.
pub(crate) struct OfTheSystem;

impl Threads for OfTheSystem {
    fn start(&self, name: String, job: Job) -> io::Result<()> {
        thread::Builder::new()
            .name(name)
            .stack_size(STACK)
            .spawn(job)
            .map(drop)
    }
}

/// Counts what it belongs to as long as that lives: also through a panic, and also when a thread that was to have it
/// never began.
pub(crate) struct Counted(Arc<AtomicUsize>);

impl Counted {
    pub(crate) fn new(count: &Arc<AtomicUsize>) -> Self {
        count.fetch_add(1, SeqCst);
        Self(Arc::clone(count))
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.fetch_sub(1, SeqCst);
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use std::sync::atomic::AtomicBool;

    /// Has threads, or has none, as it is told.
    #[derive(Default)]
    pub(crate) struct Scarce {
        pub(crate) none_left: AtomicBool,
    }

    impl Threads for Scarce {
        fn start(&self, name: String, job: Job) -> io::Result<()> {
            if self.none_left.load(SeqCst) {
                drop(job);
                // What the system says then, the same number as of a read that would have to wait.
                return Err(io::Error::from(nix::errno::Errno::EAGAIN));
            }
            OfTheSystem.start(name, job)
        }
    }

    #[test]
    fn a_count_is_given_back_by_a_thread_that_never_began_and_by_one_that_panics() {
        let count = Arc::new(AtomicUsize::new(0));
        let none = Scarce::default();
        none.none_left.store(true, SeqCst);
        let counted = Counted::new(&count);
        assert_eq!(count.load(SeqCst), 1);
        none.start("never".into(), Box::new(move || drop(counted)))
            .unwrap_err();
        assert_eq!(count.load(SeqCst), 0);
        let counted = Counted::new(&count);
        let panics = thread::spawn(move || {
            let _counted = counted;
            std::panic::resume_unwind(Box::new("on purpose"));
        });
        panics.join().unwrap_err();
        assert_eq!(count.load(SeqCst), 0);
    }
}
