//! A schedule for real threads: each waits before every step until its letter comes.

use parking_lot::{Condvar, Mutex};

/// Where a thread is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    /// Somewhere between two steps.
    Moving,
    /// Before its next step.
    Waiting,
    /// It may take its step.
    Called,
    /// In the queue of a lock.
    Queued,
    /// It has ended, or failed.
    Gone,
}

/// The turnstile.
#[derive(Debug)]
pub struct Turnstile {
    threads: Mutex<(Vec<Where>, bool)>,
    changed: Condvar,
}

impl Turnstile {
    /// For so many threads.
    #[must_use]
    pub fn new(threads: usize) -> Self {
        Self {
            threads: Mutex::new((vec![Where::Moving; threads], false)),
            changed: Condvar::new(),
        }
    }

    fn set(&self, who: usize, to: Where) {
        self.threads.lock().0[who] = to;
        self.changed.notify_all();
    }

    /// A thread waits for its letter. False if there will be none.
    pub fn arrive(&self, who: usize) -> bool {
        let mut threads = self.threads.lock();
        threads.0[who] = Where::Waiting;
        self.changed.notify_all();
        while threads.0[who] != Where::Called && !threads.1 {
            self.changed.wait(&mut threads);
        }
        threads.0[who] = Where::Moving;
        !threads.1
    }

    /// A thread has queued up.
    pub fn queued(&self, who: usize) {
        self.set(who, Where::Queued);
    }

    /// Threads have been let in by another's step.
    pub fn let_in(&self, who: &[usize]) {
        for &who in who {
            self.set(who, Where::Moving);
        }
    }

    /// A thread has ended.
    pub fn gone(&self, who: usize) {
        self.set(who, Where::Gone);
    }

    /// Waits until nobody moves.
    pub fn settle(&self) {
        let mut threads = self.threads.lock();
        while threads
            .0
            .iter()
            .any(|it| matches!(it, Where::Moving | Where::Called))
        {
            self.changed.wait(&mut threads);
        }
    }

    /// Lets a thread take its step, if it stands before one, and waits until nobody moves any more.
    pub fn call(&self, who: usize) -> bool {
        let mut threads = self.threads.lock();
        if threads.0[who] != Where::Waiting {
            return false;
        }
        threads.0[who] = Where::Called;
        drop(threads);
        self.changed.notify_all();
        self.settle();
        true
    }

    /// No more letters.
    pub fn end(&self) {
        self.threads.lock().1 = true;
        self.changed.notify_all();
    }
}
