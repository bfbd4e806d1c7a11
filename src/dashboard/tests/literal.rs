//! Literal snapshots, and the story of a duplicate.

use crate::draw::DrawProgram;
use crate::draw::{Grain, Mode, Window};
use crate::protocol::Dialect;
use crate::record::{
    Duplicate, OtherProgram, RecentDraw, SessionRow, Snapshot, State as Doing, Sums, letters,
};
use crate::trace::{Action, Step, Story};

pub(super) const SECOND: u64 = 1_000_000_000;

pub(super) fn thread(index: u64, draws: u64, duplicates: u64, state: Doing) -> SessionRow {
    SessionRow {
        id: index + 1,
        letter: Some(letters(index)),
        name: Some(format!("bot {}", index + 1)),
        address: format!("127.0.0.1:{}", 50_000 + index),
        dialect: Dialect::Line,
        draws,
        draws_per_second: draws / 10,
        duplicates,
        undelivered: 0,
        state,
    }
}

pub(super) fn clean() -> Snapshot {
    let recent = (0..30).map(|index| RecentDraw {
        ticket: 900 + index,
        session: letters(index % 3),
        number: (index + 1) * 31 % 1_000,
        duplicate: false,
    });
    Snapshot {
        version: "0.1.0".into(),
        address: "127.0.0.1:7777".into(),
        cores: 2,
        mode: Mode::Lock,
        program: None,
        window: Window::None,
        grain: Grain::Number,
        size: 1_000,
        seed: Some(42),
        round: 1,
        uptime_ns: 59 * SECOND,
        paused: false,
        sold_out: false,
        bots: 3,
        bot_rate: 20,
        counter: 930,
        sums: Sums {
            draws: 930,
            distinct: 930,
            ..Sums::default()
        },
        draws_per_second: 60,
        duplicate_list: Vec::new(),
        recent: recent.collect(),
        sessions: vec![
            thread(0, 400, 0, Doing::HoldingLock),
            thread(1, 300, 0, Doing::WaitingForLock),
            thread(2, 230, 0, Doing::Idle),
        ],
        sessions_left_out: 0,
        finished_rounds: Sums::default(),
        before_change: Sums::default(),
    }
}

pub(super) fn race() -> Snapshot {
    let mut snapshot = clean();
    snapshot.mode = Mode::UnsafeRace;
    snapshot.window = Window::Reply;
    snapshot.sums = Sums {
        draws: 930,
        distinct: 900,
        duplicates: 28,
        extras: 30,
        lost_updates: 30,
        repaired: 0,
        skipped: 0,
        undelivered: 0,
        retries: 0,
    };
    snapshot.counter = 900;
    snapshot.duplicate_list = (0..28)
        .map(|index| Duplicate {
            number: index * 37 % 1_000,
            ticket: index * 30 + 2,
            sessions: vec!["A".into(), letters(1 + index % 2)],
        })
        .collect();
    snapshot.recent[27].duplicate = true;
    snapshot.recent[28].duplicate = true;
    snapshot.sessions[0] = thread(0, 400, 28, Doing::InWindow);
    snapshot.sessions[1] = thread(1, 300, 14, Doing::Writing);
    snapshot.sessions[2].name = Some("山田太郎さんのとても長い名前\u{1b}[31m".into());
    snapshot
}

/// The server runs this answer of the gallery.
pub(super) fn answering(name: &str, sums: Sums) -> Snapshot {
    let program = DrawProgram::named(name).unwrap();
    Snapshot {
        mode: program.nearest_mode(),
        program: Some(OtherProgram {
            name: name.into(),
            operations: program.text(),
        }),
        window: program.default_window(),
        sums,
        ..clean()
    }
}

fn read(session: usize, seen: u64) -> Step {
    Step {
        session: Some(session),
        action: Action::Read { seen },
        counter: seen,
        omitted: 0,
    }
}

fn write(session: usize, ticket: u64, number: u64, stale: bool) -> Step {
    let action = Action::Write {
        ticket,
        number,
        stale,
    };
    Step {
        session: Some(session),
        action,
        counter: ticket + 1,
        omitted: 0,
    }
}

pub(super) fn story() -> Story {
    Story {
        ticket: 2,
        number: 228,
        sessions: vec!["A".into(), "B".into()],
        left_out: 0,
        begin: 2,
        steps: vec![
            read(1, 2),
            read(0, 2),
            write(0, 2, 228, false),
            write(1, 2, 228, true),
            read(0, 3),
            write(0, 3, 665, false),
        ],
    }
}

/// C was held up while the counter went from 2 to 62.
pub(super) fn held_up() -> Story {
    let after = |omitted, step| Step { omitted, ..step };
    Story {
        ticket: 61,
        number: 228,
        sessions: vec!["A".into(), "B".into(), "C".into()],
        left_out: 1,
        begin: 2,
        steps: vec![
            read(2, 2),
            read(0, 2),
            write(0, 2, 7, false),
            after(116, read(0, 61)),
            write(0, 61, 228, false),
            write(2, 2, 7, true),
            after(116, read(1, 61)),
            write(1, 61, 228, false),
        ],
    }
}
