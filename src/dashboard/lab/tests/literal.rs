//! Literal snapshots.

use std::time::Duration;

use crate::lab::program::Act;
use crate::lab::run::live::{Does, ProcessNow, Snapshot, Values};
use crate::lab::syntax::{LockKind, Preference};
use crate::lab::waiting::Waiting;

pub(super) fn values(name: &str, numbers: &[i32]) -> Values {
    Values {
        name: name.into(),
        array: numbers.len() > 1,
        numbers: numbers.to_vec(),
    }
}

pub(super) const PLAIN: LockKind = LockKind::Semaphore { fifo: false };

pub(super) fn process(
    name: &str,
    does: Does,
    sections: &[&str],
    holds: &[&str],
    turns: u64,
    ms: u64,
) -> ProcessNow {
    let strings = |them: &[&str]| them.iter().map(|&it| it.to_owned()).collect();
    ProcessNow {
        name: name.into(),
        does,
        sections: strings(sections),
        holds: strings(holds),
        turns,
        longest: Duration::from_millis(ms),
    }
}

pub(super) fn waits(how: Act, what: &str) -> Does {
    Does::Waits {
        how,
        what: what.into(),
    }
}

pub(super) fn activity(what: &str) -> Does {
    Does::Activity(what.into())
}

/// Five at the table: one eats, one thinks, three wait.
pub(super) fn table() -> Snapshot {
    let chopstick = |nth: usize| format!("chopstick[{nth}]");
    Snapshot {
        broken: Vec::new(),
        elapsed: Duration::from_millis(3_400),
        processes: vec![
            process(
                "philosopher[0]",
                activity("eat"),
                &["eating"],
                &["chopstick[0]", "chopstick[1]"],
                120,
                31,
            ),
            process(
                "philosopher[1]",
                waits(Act::Wait, &chopstick(1)),
                &[],
                &[],
                118,
                44,
            ),
            process("philosopher[2]", activity("think"), &[], &[], 131, 12),
            process(
                "philosopher[3]",
                waits(Act::Wait, &chopstick(4)),
                &[],
                &["chopstick[3]"],
                119,
                7,
            ),
            process(
                "philosopher[4]",
                Does::Steps,
                &[],
                &["chopstick[4]"],
                122,
                0,
            ),
        ],
        locks: vec![(PLAIN, values("chopstick", &[0, 0, 1, 0, 0]))],
        shared: vec![],
        jain: Some(0.998),
        ..Snapshot::default()
    }
}

pub(super) fn dead(many: usize) -> Snapshot {
    let name = |who: usize| format!("philosopher[{}]", who % many);
    let chopstick = |who: usize| format!("chopstick[{}]", who % many);
    Snapshot {
        broken: Vec::new(),
        elapsed: Duration::from_millis(410),
        processes: (0..many)
            .map(|who| {
                let wants = waits(Act::Wait, &chopstick(who + 1));
                process(
                    &name(who),
                    wants,
                    &[],
                    &[&chopstick(who)],
                    2,
                    350 + 10 * who as u64,
                )
            })
            .collect(),
        locks: vec![(PLAIN, values("chopstick", &vec![0; many]))],
        shared: vec![],
        jain: Some(1.0),
        deadlock: (0..many)
            .map(|who| Waiting {
                ended: Vec::new(),
                who,
                process: name(who),
                what: chopstick(who + 1),
                on: vec![name(who + 1)],
                on_whom: vec![(who + 1) % many],
                held: true,
            })
            .collect(),
        cycle: (0..=many).map(name).collect(),
    }
}

/// Every kind of lock, two kinds of processes with the same initial, an end and a fault.
pub(super) fn mixed() -> Snapshot {
    Snapshot {
        broken: Vec::new(),
        elapsed: Duration::from_secs(61),
        processes: vec![
            process(
                "reader[0]",
                waits(Act::Read, "database"),
                &[],
                &[],
                12,
                1_234,
            ),
            process(
                "reader[1]",
                Does::Steps,
                &["reading"],
                &["database"],
                11,
                870,
            ),
            process(
                "remover",
                waits(Act::Write, "database"),
                &[],
                &["mutex"],
                3,
                61_000,
            ),
            process("writer", Does::Ended, &[], &[], 1, 0),
            process(
                "checker",
                Does::Failed("division by zero".into()),
                &[],
                &[],
                0,
                5,
            ),
        ],
        locks: vec![
            (
                LockKind::RwLock(Preference::Nobody),
                values("database", &[1]),
            ),
            (LockKind::Mutex { fifo: true }, values("mutex", &[0])),
            (PLAIN, values("empty", &[2])),
        ],
        shared: vec![values("pages", &[-7]), values("buffer", &[1, 0, 665])],
        jain: Some(0.5),
        ..Snapshot::default()
    }
}
