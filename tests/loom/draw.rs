//! The three programs on loom's memory: what the server runs, over every order that the memory
//! model allows, stale reads of relaxed atomics included.
//!
//! Nothing here is a copy of the draw. [`lootbox::draw::draw`] runs the very programs of the
//! server; only the counter and the mutex below it are loom's. Each test collects what came out of
//! *all* executions and compares it with all that may come out: so it shows that `lock` and
//! `atomic` are clean, and that `unsafe-race` is found not to be.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};

use loom::sync::atomic::{AtomicU64, Ordering::Relaxed};
use lootbox::draw::{ATOMIC, LOCK, Memory, Operation, UNSAFE_RACE, draw};

/// The read and the write of `cas`, a remedy without a lock.
const CAS: &[Operation] = &[Operation::Load, Operation::StoreIfUnchanged];
/// "Atomic too late": each step is indivisible, and the draw is not.
const ATOMIC_TOO_LATE: &[Operation] = &[Operation::Load, Operation::Window, Operation::Add];

/// What the sessions share.
struct Shared {
    size: u64,
    /// Every read comes by here first. Loom leaves out orders that it takes for equal, and of a
    /// thread that begins with a read it leaves out too many (tokio-rs/loom#166, #392: without
    /// this, the second session never draws before the first). No two additions to one counter
    /// are equal to it; `Relaxed`, they put nothing else in order.
    steps: AtomicU64,
    counter: AtomicU64,
    mutex: loom::sync::Mutex<()>,
}

/// One session's way to it.
struct Access<'a> {
    shared: &'a Shared,
    held: Option<loom::sync::MutexGuard<'a, ()>>,
}

impl Memory for Access<'_> {
    fn size(&self) -> u64 {
        self.shared.size
    }

    fn load(&mut self) -> u64 {
        self.shared.steps.fetch_add(1, Relaxed);
        self.shared.counter.load(Relaxed)
    }

    fn store(&mut self, value: u64) {
        self.shared.counter.store(value, Relaxed);
    }

    fn fetch_add(&mut self, amount: u64) -> u64 {
        self.shared.counter.fetch_add(amount, Relaxed)
    }

    fn store_if_unchanged(&mut self, seen: u64, value: u64) -> bool {
        self.shared
            .counter
            .compare_exchange(seen, value, Relaxed, Relaxed)
            .is_ok()
    }

    fn lock(&mut self) {
        self.held = Some(self.shared.mutex.lock().expect("nobody panicked"));
    }

    fn unlock(&mut self) {
        assert!(self.held.take().is_some(), "unlocks what it does not hold");
    }

    /// Loom comes in between by itself.
    fn window(&mut self, _register: u64) {}
}

/// How one execution came out: each session's tickets (`None`: sold out) in its own order, and
/// where the counter ended.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Outcome {
    tickets: Vec<Vec<Option<u64>>>,
    counter: u64,
}

impl Outcome {
    fn has_a_duplicate(&self) -> bool {
        let tickets: Vec<u64> = self.tickets.iter().flatten().flatten().copied().collect();
        tickets.iter().collect::<BTreeSet<_>>().len() < tickets.len()
    }
}

/// All outcomes over every order. `sessions` has one list for each session: how many numbers each
/// of its draws takes.
fn outcomes(
    program: &'static [Operation],
    size: u64,
    sessions: &'static [&'static [u64]],
) -> BTreeSet<Outcome> {
    explore(&loom::model::Builder::new(), program, size, sessions)
}

fn explore(
    loom: &loom::model::Builder,
    program: &'static [Operation],
    size: u64,
    sessions: &'static [&'static [u64]],
) -> BTreeSet<Outcome> {
    // Outside of the model, so that it outlives each execution.
    let all = Arc::new(Mutex::new(BTreeSet::new()));
    let collected = Arc::clone(&all);
    loom.check(move || {
        // Std's own, because loom's would put every clone and drop in every order, too.
        let shared = Arc::new(Shared {
            size,
            steps: AtomicU64::new(0),
            counter: AtomicU64::new(0),
            mutex: loom::sync::Mutex::new(()),
        });
        let run = |draws: &'static [u64]| {
            let shared = Arc::clone(&shared);
            move || {
                let mut memory = Access {
                    shared: &shared,
                    held: None,
                };
                draws
                    .iter()
                    .map(|&take| {
                        let ticket = draw(program, take, &mut memory);
                        // The guard would be dropped with `memory` at the latest: look before.
                        assert!(memory.held.is_none(), "a draw ended and kept the lock");
                        ticket
                    })
                    .collect::<Vec<_>>()
            }
        };
        let threads: Vec<_> = sessions
            .iter()
            .map(|draws| loom::thread::spawn(run(draws)))
            .collect();
        let tickets = threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect();
        let counter = shared.counter.load(Relaxed);
        collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(Outcome { tickets, counter });
    });
    std::mem::take(&mut *all.lock().unwrap_or_else(PoisonError::into_inner))
}

/// For sessions of one draw each: the tickets, and the counter at the end.
fn one_draw_each<const SESSIONS: usize>(
    rows: &[([Option<u64>; SESSIONS], u64)],
) -> BTreeSet<Outcome> {
    rows.iter()
        .map(|&(tickets, counter)| Outcome {
            tickets: tickets.iter().map(|&ticket| vec![ticket]).collect(),
            counter,
        })
        .collect()
}

const TWO: &[&[u64]] = &[&[1], &[1]];
const TWO_OF_TWO_DRAWS: &[&[u64]] = &[&[1, 1], &[1, 1]];
const THREE: &[&[u64]] = &[&[1], &[1], &[1]];

/// Every program that keeps others out of the middle of a draw.
const CLEAN: [&[Operation]; 3] = [LOCK, ATOMIC, CAS];

#[test]
fn two_sessions_get_two_tickets_from_lock_and_from_atomic() {
    let clean = one_draw_each(&[([Some(0), Some(1)], 2), ([Some(1), Some(0)], 2)]);
    for program in CLEAN {
        assert_eq!(outcomes(program, 10, TWO), clean, "{program:?}");
    }
}

#[test]
fn unsafe_race_is_found_to_hand_out_a_ticket_twice() {
    let both = one_draw_each(&[
        ([Some(0), Some(1)], 2),
        ([Some(1), Some(0)], 2),
        // Both read 0 before either wrote; one update of the counter is lost.
        ([Some(0), Some(0)], 1),
    ]);
    assert_eq!(outcomes(UNSAFE_RACE, 10, TWO), both);
}

#[test]
fn an_atomic_add_after_the_read_comes_too_late() {
    let both = one_draw_each(&[
        ([Some(0), Some(1)], 2),
        ([Some(1), Some(0)], 2),
        // No update is lost, and still both got ticket 0; ticket 1 is skipped.
        ([Some(0), Some(0)], 2),
    ]);
    assert_eq!(outcomes(ATOMIC_TOO_LATE, 10, TWO), both);
}

#[test]
fn no_ticket_twice_in_two_draws_of_two_sessions() {
    for program in [LOCK, ATOMIC] {
        let outcomes = outcomes(program, 10, TWO_OF_TWO_DRAWS);
        // C(4,2) ways to share out the tickets 0, 1, 2, 3, each in order.
        assert_eq!(outcomes.len(), 6, "{program:?}: {outcomes:?}");
        for outcome in outcomes {
            assert!(!outcome.has_a_duplicate(), "{program:?}: {outcome:?}");
            assert_eq!(outcome.counter, 4, "{program:?}: {outcome:?}");
        }
    }
}

#[test]
fn a_stale_store_of_unsafe_race_moves_the_counter_back() {
    let outcomes = outcomes(UNSAFE_RACE, 10, TWO_OF_TWO_DRAWS);
    assert!(outcomes.iter().any(Outcome::has_a_duplicate));
    assert!(outcomes.iter().any(|outcome| !outcome.has_a_duplicate()));
    // Four draws, and the counter can end at 2: whoever reads 0 may write 1 after all the others.
    let least = outcomes.iter().map(|outcome| outcome.counter).min();
    assert_eq!(least, Some(2));
}

#[test]
fn three_sessions() {
    for program in [LOCK, ATOMIC] {
        let outcomes = outcomes(program, 10, THREE);
        // 3! orders to get 0, 1, 2 in.
        assert_eq!(outcomes.len(), 6, "{program:?}: {outcomes:?}");
        for outcome in outcomes {
            assert!(!outcome.has_a_duplicate(), "{program:?}: {outcome:?}");
            assert_eq!(outcome.counter, 3, "{program:?}: {outcome:?}");
        }
    }
    // Three racing sessions have too many orders for a test; interrupting twice is enough.
    let mut loom = loom::model::Builder::new();
    loom.preemption_bound = Some(2);
    let outcomes = explore(&loom, UNSAFE_RACE, 10, THREE);
    assert!(outcomes.iter().any(|outcome| !outcome.has_a_duplicate()));
    let all_the_same = vec![vec![Some(0)]; 3];
    assert!(
        outcomes
            .iter()
            .any(|outcome| outcome.tickets == all_the_same)
    );
}

/// `grain request`: `draw 2` and `draw 3` are one draw each.
const REQUESTS: &[&[u64]] = &[&[2], &[3]];

#[test]
fn whole_requests_do_not_overlap() {
    let clean = one_draw_each(&[([Some(0), Some(2)], 5), ([Some(3), Some(0)], 5)]);
    for program in CLEAN {
        assert_eq!(outcomes(program, 10, REQUESTS), clean, "{program:?}");
    }
}

#[test]
fn whole_requests_of_unsafe_race_are_found_to_overlap() {
    let both = one_draw_each(&[
        ([Some(0), Some(2)], 5),
        ([Some(3), Some(0)], 5),
        // Both read 0; whoever writes last decides where the next one goes on.
        ([Some(0), Some(0)], 2),
        ([Some(0), Some(0)], 3),
    ]);
    assert_eq!(outcomes(UNSAFE_RACE, 10, REQUESTS), both);
}

#[test]
fn a_request_past_the_end_gets_what_is_left() {
    // Of 4 numbers, `draw 2` and `draw 3`: the second gets what there is from its ticket on.
    let clean = one_draw_each(&[([Some(0), Some(2)], 4), ([Some(3), Some(0)], 4)]);
    for program in [LOCK, CAS] {
        assert_eq!(outcomes(program, 4, REQUESTS), clean, "{program:?}");
    }
    // A raw `fetch_add` passes the end; the counter shown is min(raw, size).
    let passed = one_draw_each(&[([Some(0), Some(2)], 5), ([Some(3), Some(0)], 5)]);
    assert_eq!(outcomes(ATOMIC, 4, REQUESTS), passed);
}

#[test]
fn the_last_number_goes_to_one_session_and_the_lock_is_released() {
    // That the draw gave the lock back when it stopped at the end is asserted in `outcomes`; if it
    // had not, the other session would wait for ever, which loom reports as a deadlock.
    let clean = one_draw_each(&[([Some(0), None], 1), ([None, Some(0)], 1)]);
    for program in [LOCK, CAS] {
        assert_eq!(outcomes(program, 1, TWO), clean, "{program:?}");
    }
    let passed = one_draw_each(&[([Some(0), None], 2), ([None, Some(0)], 2)]);
    assert_eq!(outcomes(ATOMIC, 1, TWO), passed);
}

#[test]
fn the_last_number_goes_to_both_sessions_of_unsafe_race() {
    let both = one_draw_each(&[
        ([Some(0), None], 1),
        ([None, Some(0)], 1),
        ([Some(0), Some(0)], 1),
    ]);
    assert_eq!(outcomes(UNSAFE_RACE, 1, TWO), both);
}

#[test]
fn sold_out_of_unsafe_race_may_end_again() {
    // Of 2 numbers, four draws. A reads 0, B draws both numbers, A writes 1: A's second draw gets
    // ticket 1 although the list was sold out.
    let outcomes = outcomes(UNSAFE_RACE, 2, TWO_OF_TWO_DRAWS);
    assert!(outcomes.contains(&Outcome {
        tickets: vec![vec![Some(0), Some(1)], vec![Some(0), Some(1)]],
        counter: 2,
    }));
    assert!(outcomes.contains(&Outcome {
        tickets: vec![vec![Some(0), Some(1)], vec![None, None]],
        counter: 2,
    }));
}
