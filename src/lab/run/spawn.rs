//! The threads of a run: started all together, or none; and what they came to.

use std::io;
use std::thread::{Builder, Scope, ScopedJoinHandle};

use super::Options;
use super::table::Table;
use super::threads::Thread;

/// A run that did not come to its end, and why.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// There is no thread for a process.
    #[error("cannot start a thread for {0}: {1}; end other programs, or let fewer processes run")]
    NoThread(String, io::Error),
    /// A thread panicked, and nothing that the run says would be worth anything.
    #[error("the thread of {0} has failed, and the run with it: please report this")]
    Panicked(String),
}

/// A thread while it runs.
pub(super) type Running<'scope> = ScopedJoinHandle<'scope, Option<Thread>>;

/// Ends a run also if whoever leads it panics: its threads would be waited for, for ever.
pub(super) struct Ending<'a>(pub &'a Table<'a>);

impl Drop for Ending<'_> {
    fn drop(&mut self) {
        self.0.end();
    }
}

/// Starts a thread for each process.
pub(super) fn start<'scope, 'env>(
    scope: &'scope Scope<'scope, 'env>,
    table: &'env Table<'_>,
    options: Option<&'env Options>,
) -> Result<Vec<Running<'scope>>, RunError> {
    let processes = table.program.processes.iter().enumerate();
    processes
        .map(|(who, process)| {
            let work = move || table.work(who, options);
            Builder::new().spawn_scoped(scope, work).map_err(|error| {
                // Those that run already are not to wait for it.
                table.end();
                RunError::NoThread(process.name.clone(), error)
            })
        })
        .collect()
}

/// Waits for the threads to end.
pub(super) fn join(threads: Vec<Running<'_>>, table: &Table<'_>) -> Result<Vec<Thread>, RunError> {
    let processes = table.program.processes.iter();
    threads
        .into_iter()
        .zip(processes)
        .map(|(thread, process)| {
            let failed = || RunError::Panicked(process.name.clone());
            thread.join().ok().flatten().ok_or_else(failed)
        })
        .collect()
}
