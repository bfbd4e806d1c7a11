//! Whole screens from literal snapshots, messages in the real loop on a `TestBackend`, and real runs that are looked at.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc;
use std::time::Duration;

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::state::{State, update};
use super::view::view;
use super::{FRAME, Message, publish};
use crate::dashboard::effect::{Effect, Exit};
use crate::dashboard::keys::Key;
use crate::dashboard::run::{World, run};
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::lab;
use crate::lab::compile::Settings;
use crate::lab::program::Act;
use crate::lab::run::live::{Does, ProcessNow, Snapshot, Values};
use crate::lab::run::{Clock, Options, watched};
use crate::lab::syntax::{LockKind, Preference};
use crate::lab::waiting::Waiting;

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state)).unwrap();
    terminal.backend().to_string()
}

fn values(name: &str, numbers: &[i32]) -> Values {
    Values {
        name: name.into(),
        numbers: numbers.to_vec(),
    }
}

const PLAIN: LockKind = LockKind::Semaphore { fifo: false };

fn process(
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

fn waits(how: Act, what: &str) -> Does {
    Does::Waits {
        how,
        what: what.into(),
    }
}

fn activity(what: &str) -> Does {
    Does::Activity(what.into())
}

fn state(name: &str, shown: Snapshot) -> State {
    let mut state = State::new(name, Duration::from_secs(10), Theme::default());
    _ = update(&mut state, Message::Snapshot(Box::new(shown)));
    state
}

/// Five at the table: one eats, one thinks, three wait.
fn table() -> Snapshot {
    let chopstick = |nth: usize| format!("chopstick[{nth}]");
    Snapshot {
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

fn dead(many: usize) -> Snapshot {
    let name = |who: usize| format!("philosopher[{}]", who % many);
    let chopstick = |who: usize| format!("chopstick[{}]", who % many);
    Snapshot {
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
fn mixed() -> Snapshot {
    Snapshot {
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

fn over(mut state: State) -> State {
    assert_eq!(update(&mut state, Message::Over), []);
    state
}

#[test]
fn screens() {
    let sizes = [(80, 24), (120, 40), (60, 16)];
    let shown = |what: &str, state: &State| {
        for (width, height) in sizes {
            insta::assert_snapshot!(
                format!("{what}_{width}x{height}"),
                screen(state, width, height)
            );
        }
    };
    shown("table", &state("philosophers-odd-even", table()));
    shown("deadlock", &over(state("philosophers-naive", dead(5))));
    shown("mixed", &state("mixed", mixed()));
    let mut help = state("philosophers-odd-even", table());
    _ = update(&mut help, Message::Event(Event::Key(Key::Char('?'))));
    shown("help", &help);
    insta::assert_snapshot!(
        "deadlock_26_80x24",
        screen(&state("many", dead(26)), 80, 24)
    );
    insta::assert_snapshot!(
        "too_small",
        screen(&state("philosophers-naive", dead(5)), 59, 16)
    );
    insta::assert_snapshot!(
        "before",
        screen(&State::new("x", Duration::ZERO, Theme::default()), 80, 24)
    );
}

#[test]
fn ascii_is_ascii_and_without_colour_there_is_none() {
    for shown in [table(), dead(5), mixed()] {
        let mut state = state("philosophers-naive", shown);
        state.theme = Theme {
            color: false,
            ascii: true,
        };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| view(frame, &state)).unwrap();
        let buffer = terminal.backend().buffer();
        for cell in &buffer.content {
            assert!(cell.symbol().is_ascii(), "{}", terminal.backend());
            let plain = ratatui::style::Color::Reset;
            assert_eq!((cell.fg, cell.bg), (plain, plain));
        }
    }
}

#[test]
fn a_deadlock_is_named_in_the_textbooks_words() {
    let text = screen(&state("philosophers-naive", dead(5)), 80, 24);
    assert!(text.contains("DEADLOCK   P0→P1→P2→P3→P4→P0"), "{text}");
    let rows: Vec<_> = text.lines().collect();
    let at = rows
        .iter()
        .position(|it| it.contains("PHILOSOPHER  P0     P1     P2     P3     P4"))
        .unwrap();
    assert!(
        rows[at + 1].contains("holds        c0     c1     c2     c3     c4"),
        "{text}"
    );
    assert!(
        rows[at + 2].contains("waits for    c1     c2     c3     c4     c0"),
        "{text}"
    );
}

#[test]
fn the_bar_of_who_waits_longest_grows_and_the_scale_with_it() {
    let mut last = 0;
    for ms in [3, 4, 5] {
        let mut shown = table();
        for process in &mut shown.processes {
            process.longest = Duration::ZERO;
        }
        shown.processes[1].longest = Duration::from_millis(ms);
        let text = screen(&state("x", shown), 120, 40);
        assert!(text.contains("a full bar is 5 ms"), "{text}");
        let full = text.matches('█').count();
        assert!(full > last, "{text}");
        last = full;
    }
}

struct Nowhere;

impl World for Nowhere {
    fn now(&self) -> Duration {
        Duration::ZERO
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn carry_out(&mut self, effect: Effect) {
        assert_eq!(effect, Effect::Suspend);
    }
}

/// What the loop ends with, and the state it leaves.
fn after(messages: Vec<Message>) -> (Exit, State) {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut state = State::new("x", Duration::from_secs(10), Theme::default());
    let (sender, receiver) = mpsc::channel();
    for message in messages {
        sender.send(message).unwrap();
    }
    let exit = run(
        &mut terminal,
        &mut state,
        &receiver,
        &mut Nowhere,
        Duration::ZERO,
    );
    (exit.unwrap(), state)
}

fn key(key: char) -> Message {
    Message::Event(Event::Key(Key::Char(key)))
}

fn now(snapshot: Snapshot) -> Message {
    Message::Snapshot(Box::new(snapshot))
}

#[test]
fn a_run_that_is_over_leaves_unless_there_is_a_deadlock_or_a_fault_to_look_at() {
    assert_eq!(after(vec![now(table()), Message::Over]).0, Exit::Quit);
    for stays in [dead(5), mixed()] {
        let (exit, state) = after(vec![
            now(stays),
            Message::Over,
            Message::Event(Event::Resized),
            key('?'),
            key('?'),
            Message::Event(Event::Key(Key::Down)),
            key('x'),
        ]);
        assert_eq!(exit, Exit::Quit);
        assert!(state.over, "it ended before its key");
    }
}

#[test]
fn a_frozen_screen_stays_until_it_goes_on_or_the_run_is_over() {
    let (_, state) = after(vec![now(table()), key(' '), now(mixed()), key('q')]);
    assert_eq!(state.shown, table());
    assert!(screen(&state, 80, 24).contains("FROZEN"));
    let (_, state) = after(vec![
        now(table()),
        key(' '),
        now(mixed()),
        key(' '),
        key('q'),
    ]);
    assert_eq!(state.shown, mixed());
    let (_, state) = after(vec![
        now(table()),
        key(' '),
        now(dead(5)),
        Message::Over,
        key('q'),
    ]);
    assert_eq!(state.shown, dead(5));
    assert!(screen(&state, 80, 24).contains("DEADLOCK"));
}

#[test]
fn keys_and_signals_end_it_or_stop_it() {
    for (event, exit) in [
        (Event::Key(Key::Char('q')), Exit::Quit),
        (Event::Key(Key::Control('c')), Exit::Quit),
        (Event::Terminate, Exit::Terminated),
        (Event::HangUp, Exit::HangUp),
    ] {
        let stop = Message::Event(Event::Key(Key::Control('z')));
        let messages = vec![
            now(table()),
            stop,
            Message::Event(Event::Suspend),
            Message::Event(event),
        ];
        assert_eq!(after(messages).0, exit);
    }
}

#[test]
fn many_processes_are_scrolled_and_stay_in_range() {
    let mut state = state("many", dead(26));
    assert!(!screen(&state, 80, 24).contains("philosopher[25]"));
    for _ in 0..40 {
        _ = update(&mut state, Message::Event(Event::Key(Key::Down)));
    }
    let text = screen(&state, 80, 24);
    assert!(
        text.contains("philosopher[25]") && text.contains("to 26"),
        "{text}"
    );
    _ = update(&mut state, Message::Event(Event::Key(Key::Home)));
    assert!(screen(&state, 80, 24).contains("philosopher[0]"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, failure_persistence: None, ..ProptestConfig::default() })]

    /// No name, number or size of a screen hurts.
    #[test]
    fn it_fits_any_screen(width in 1u16..200, height in 1u16..60, name in "\\PC{0,40}", many in 1usize..27, number: i32, top in 0usize..40) {
        let mut shown = dead(many);
        shown.locks.push((PLAIN, values(&"s".repeat(usize::from(width)), &[number; 300])));
        shown.shared = (0..30).map(|_| values("shared_variable", &[number; 9])).collect();
        shown.processes[0].turns = u64::MAX / 64;
        shown.processes[0].longest = Duration::MAX;
        let mut state = state(&name, shown);
        state.top = top;
        _ = screen(&state, width, height);
    }
}

/// A run that is looked at until something is seen in it. It has an hour for that.
fn seen(
    source: &str,
    wanted: impl Fn(&Snapshot) -> bool,
) -> (Snapshot, lab::run::stats::RunReport) {
    let program = lab::load("test", source, &Settings::default()).unwrap();
    let options = Options {
        times: std::collections::HashMap::new(),
        otherwise: (Duration::from_millis(1), Duration::from_millis(1)),
        seed: 1,
        length: Duration::from_hours(1),
    };
    let mut last = None;
    let report = watched(&program, source, &options, &Clock::start(), &mut |live| {
        let snapshot = live.snapshot();
        if last.is_none() && (wanted(&snapshot) || live.is_over()) {
            last = Some(snapshot);
            return ControlFlow::Break(());
        }
        ControlFlow::Continue(())
    });
    (last.unwrap(), report)
}

#[test]
fn a_snapshot_of_a_deadlock_says_who_holds_what() {
    // Each signals only once it holds its own, so in every order both hold one and want the other's.
    let source = "semaphore a = 1, b = 1, have_a = 0, have_b = 0;
        process p { wait(a); signal(have_a); wait(have_b); wait(b); }
        process q { wait(b); signal(have_b); wait(have_a); wait(a); }";
    let (snapshot, report) = seen(source, |_| false);
    assert!(report.broken());
    assert_eq!(snapshot.cycle, ["p", "q", "p"]);
    assert_eq!(snapshot.processes[0].holds, ["a"], "have_b was a message");
    assert_eq!(snapshot.processes[1].holds, ["b"]);
    assert_eq!(snapshot.processes[0].does, waits(Act::Wait, "b"));
    let text = screen(&over(state("p-and-q", snapshot)), 80, 24);
    assert!(text.contains("DEADLOCK   P→Q→P"), "{text}");
}

#[test]
fn a_snapshot_of_a_run_says_who_is_where() {
    let source = "mutex m; shared x[2] = 7;
        process eater { lock(m); section eating { do { eat(); x[1]++; } while (TRUE); } unlock(m); }
        process waiter { while (x[1] == 7) look(); lock(m); }
        process done { }
        process wrong { local y = 0; rest(); y = 1 / y; }";
    let (snapshot, report) = seen(source, |now| {
        let does = |at: usize| &now.processes[at].does;
        matches!(does(1), Does::Waits { .. })
            && matches!(does(3), Does::Failed(_))
            && *does(0) == activity("eat")
            && *does(2) == Does::Ended
    });
    let eater = &snapshot.processes[0];
    assert_eq!(
        (eater.sections.as_slice(), eater.holds.as_slice()),
        (&["eating".to_owned()][..], &["m".to_owned()][..])
    );
    assert_eq!(eater.turns, 1);
    assert_eq!(snapshot.processes[1].does, waits(Act::Lock, "m"));
    assert_eq!(snapshot.shared[0].numbers[0], 7);
    assert_eq!(
        snapshot.locks[0],
        (LockKind::Mutex { fifo: false }, values("m", &[0]))
    );
    assert_eq!(report.faults.len(), 1);
    let shown = state("mixed", snapshot);
    assert_eq!(shown.fault(), Some(("wrong", "division by zero")));
}

#[test]
fn snapshots_are_sent_a_frame_apart_and_once_at_the_end() {
    let source = "process p { do { think(); } while (TRUE); }";
    let program = lab::load("test", source, &Settings::default()).unwrap();
    let options = Options {
        times: std::collections::HashMap::new(),
        otherwise: (Duration::from_millis(1), Duration::from_millis(1)),
        seed: 1,
        length: Duration::from_hours(1),
    };
    // It ends the run as soon as the flag is up: one call, and the one at the end.
    for (more, calls_then) in [(0, 2), (30, 32)] {
        let (sender, receiver) = mpsc::channel();
        let flag = AtomicBool::new(false);
        let clock = Clock::start();
        let (mut calls, mut publish) = (0, publish(&sender, &flag));
        _ = watched(&program, source, &options, &clock, &mut |live| {
            calls += 1;
            if calls > more {
                flag.store(true, Ordering::Relaxed);
            }
            publish(live)
        });
        assert_eq!(calls, calls_then);
        let sent = receiver.try_iter().count();
        let frames = clock.now().as_millis() / FRAME.as_millis();
        assert!(
            sent >= 2 && sent as u128 <= frames + 2,
            "{sent} in {frames} frames"
        );
    }
}
