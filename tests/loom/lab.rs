//! The lab's locks under loom: every order in which the threads of a small program can run.

use loom::sync::atomic::{AtomicUsize, Ordering};
use loom::sync::{Arc, Condvar, Mutex};
use loom::thread;
use lootbox::lab::program::Act;
use lootbox::lab::run::gate::{Gate, Lock, Monitor};
use lootbox::lab::syntax::{LockKind, Preference};

/// What `Parked` is, made of loom's parts.
struct Loomed<T> {
    data: Mutex<T>,
    changed: Condvar,
}

impl<T> Monitor<T> for Loomed<T> {
    fn new(data: T) -> Self {
        Self {
            data: Mutex::new(data),
            changed: Condvar::new(),
        }
    }

    fn when<R>(&self, mut attempt: impl FnMut(&mut T) -> Option<R>) -> R {
        let mut data = self.data.lock().unwrap();
        loop {
            if let Some(result) = attempt(&mut data) {
                return result;
            }
            data = self.changed.wait(data).unwrap();
        }
    }

    fn change<R>(&self, change: impl FnOnce(&mut T) -> R) -> R {
        let result = change(&mut self.data.lock().unwrap());
        self.changed.notify_all();
        result
    }
}

fn one_at_a_time(kind: LockKind, ask: Act, begins: i32) {
    loom::model(move || {
        let lock = Arc::new(Lock::<Loomed<Gate>>::new(Gate::new(kind, begins)));
        let inside = Arc::new(AtomicUsize::new(0));
        let work = move |who: usize, lock: &Lock<Loomed<Gate>>, inside: &AtomicUsize| {
            lock.ask(who, ask, || {}, || {}).unwrap();
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two are inside");
            inside.fetch_sub(1, Ordering::SeqCst);
            lock.give(who, |_| {}).unwrap();
        };
        let other = {
            let (lock, inside) = (lock.clone(), inside.clone());
            thread::spawn(move || work(1, &lock, &inside))
        };
        work(0, &lock, &inside);
        other.join().unwrap();
        // Nothing was lost or made up: it is as it was.
        lock.look(|gate| {
            assert_eq!(gate.value(), begins);
            assert_eq!(gate.holders().count(), 0);
        });
    });
}

#[test]
fn one_at_a_time_and_nobody_waits_for_ever() {
    for fifo in [false, true] {
        one_at_a_time(LockKind::Semaphore { fifo }, Act::Wait, 1);
        one_at_a_time(LockKind::Mutex { fifo }, Act::Lock, 1);
    }
    for preference in [Preference::Readers, Preference::Writers, Preference::Nobody] {
        one_at_a_time(LockKind::RwLock(preference), Act::Write, 0);
    }
}

/// A signal that comes before the wait, while it queues, or after it, is never lost.
#[test]
fn a_signal_wakes_the_one_who_waits_whenever_it_comes() {
    for fifo in [false, true] {
        loom::model(move || {
            let gate = Gate::new(LockKind::Semaphore { fifo }, 0);
            let lock = Arc::new(Lock::<Loomed<Gate>>::new(gate));
            let waits = {
                let lock = lock.clone();
                thread::spawn(move || lock.ask(1, Act::Wait, || {}, || {}))
            };
            lock.give(0, |_| {}).unwrap();
            assert!(waits.join().unwrap().is_ok());
            assert_eq!(lock.look(Gate::value), 0);
        });
    }
}

/// What is handed over stays with whom it was handed to: one who comes later does not get past.
#[test]
fn a_fifo_semaphore_hands_over() {
    loom::model(|| {
        let gate = Gate::new(LockKind::Semaphore { fifo: true }, 1);
        let lock = Arc::new(Lock::<Loomed<Gate>>::new(gate));
        lock.ask(0, Act::Wait, || {}, || {}).unwrap();
        let queued = Arc::new(AtomicUsize::new(0));
        let waits = {
            let (lock, queued) = (lock.clone(), queued.clone());
            thread::spawn(move || {
                lock.ask(1, Act::Wait, || queued.store(1, Ordering::SeqCst), || {})
                    .unwrap();
                lock.give(1, |_| {}).unwrap();
            })
        };
        let was_queued = queued.load(Ordering::SeqCst) == 1;
        let mut handed = Vec::new();
        lock.give(0, |to| handed.extend_from_slice(to)).unwrap();
        if was_queued {
            assert_eq!(handed, [1]);
        }
        lock.ask(0, Act::Wait, || {}, || {}).unwrap();
        lock.give(0, |_| {}).unwrap();
        waits.join().unwrap();
        assert_eq!(lock.look(Gate::value), 1);
    });
}
