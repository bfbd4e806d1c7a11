//! What each mode promises, and what the race does.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering::SeqCst};
use std::time::Duration;

use lootbox::draw::{Grain, Mode, Window};
use lootbox::record::{SessionRow, State};
use lootbox::server::command::Command;

use crate::common::*;

/// A window that is certain: whoever sleeps in it is met by everybody else.
#[test]
fn a_sleep_in_the_window_hands_the_same_number_to_everybody() {
    let window = Some(Window::Sleep(Duration::from_hours(1)));
    let server = serve(config(Mode::UnsafeRace, window, Grain::Number, 100));
    let mut peers: Vec<_> = (0..4).map(|_| Peer::connect(server.address())).collect();
    for peer in &mut peers {
        peer.send("draw 1\n");
    }
    let in_window = |state| state == lootbox::record::State::InWindow;
    wait_until("four sessions in the window", || {
        server
            .host()
            .snapshot()
            .sessions
            .iter()
            .filter(|row| in_window(row.state))
            .count()
            == 4
    });
    // Nothing is counted before it is written. A change of the window wakes them all.
    assert_eq!(server.host().snapshot().counter, 0);
    server
        .host()
        .command(Command::Window { to: Window::None })
        .unwrap();
    let numbers: Vec<_> = peers.iter_mut().map(Peer::line).collect();
    assert!(
        numbers.iter().all(|number| *number == numbers[0]),
        "{numbers:?}"
    );
    let sums = server.host().snapshot().sums;
    assert_eq!(
        (sums.draws, sums.duplicates, sums.extras, sums.lost_updates),
        (4, 1, 3, 3)
    );
}

#[test]
fn lock_and_atomic_hand_out_each_number_once_in_two_million_draws() {
    const SIZE: u64 = 200_000;
    for (mode, grain) in [
        (Mode::Lock, Grain::Number),
        (Mode::Atomic, Grain::Number),
        (Mode::Lock, Grain::Request),
        (Mode::Atomic, Grain::Request),
    ] {
        let server = serve(config(mode, None, grain, SIZE));
        for round in 1..=5 {
            let mut numbers = draw_at_once(server.address(), 64, SIZE, 997).concat();
            numbers.sort_unstable();
            assert!(
                numbers.into_iter().eq(1..=SIZE),
                "{mode} {grain}: not a permutation"
            );
            let snapshot = server.host().snapshot();
            assert_eq!((snapshot.round, snapshot.sold_out), (round, true));
            assert_eq!((snapshot.sums.draws, snapshot.sums.distinct), (SIZE, SIZE));
            assert_eq!(
                snapshot.sums.lost_updates + snapshot.sums.skipped + snapshot.sums.extras,
                0
            );
            server
                .host()
                .command(Command::Reset { seed: None })
                .unwrap();
        }
        assert_eq!(server.host().snapshot().all_rounds().draws, 5 * SIZE);
    }
}

#[test]
fn the_servers_count_is_what_the_clients_received_in_every_mode() {
    let windows = [
        Window::None,
        Window::Reply,
        Window::Yield,
        Window::Spin(Duration::from_micros(2)),
    ];
    for mode in Mode::ALL {
        for window in windows {
            for grain in [Grain::Number, Grain::Request] {
                if window != Window::None && !mode.has_gap() {
                    continue;
                }
                let server = serve(config(mode, Some(window), grain, 100_000));
                let numbers = draw_at_once(server.address(), 4, 1_000, 100);
                // With `reply` a client has its last number before that draw is over.
                wait_until("the end of the draws", || {
                    let idle = |row: &SessionRow| matches!(row.state, State::Idle | State::Closed);
                    server.host().snapshot().sessions.iter().all(idle)
                });
                let snapshot = server.host().snapshot();
                let (duplicates, extras) = duplicates(numbers.iter().flatten());
                let what = format!("{mode} {window} {grain}");
                assert_eq!(snapshot.sums.draws, 4_000, "{what}");
                assert_eq!(
                    (snapshot.sums.duplicates, snapshot.sums.extras),
                    (duplicates, extras),
                    "{what}"
                );
                assert_eq!(
                    snapshot.sums.lost_updates,
                    4_000 - snapshot.counter,
                    "{what}"
                );
                assert!(mode == Mode::UnsafeRace || extras == 0, "{what}");
                let mut by_session: Vec<_> =
                    snapshot.sessions.iter().map(|row| row.draws).collect();
                by_session.dedup();
                assert_eq!(by_session, [1_000], "{what}");
            }
        }
    }
}

/// Whatever the race has left behind: after the answer to the change, not one draw repeats a number.
#[test]
fn after_the_change_to_lock_no_draw_repeats_a_number() {
    for (window, to, many) in [
        (Window::None, Mode::Lock, 50_000),
        (Window::Reply, Mode::Lock, 2_000),
        (Window::Yield, Mode::Atomic, 50_000),
        (Window::Sleep(Duration::from_millis(1)), Mode::Lock, 50),
    ] {
        let server = serve(config(
            Mode::UnsafeRace,
            Some(window),
            Grain::Number,
            5_000_000,
        ));
        let host = Arc::clone(server.host());
        let enough = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&enough);
        let drawing = std::thread::spawn({
            let address = server.address();
            move || {
                at_once(address, 64, move |peer| {
                    let mut numbers = Vec::new();
                    while !stop.load(SeqCst) {
                        numbers.extend(peer.draw(16).0);
                    }
                    numbers
                })
            }
        });
        for _ in 0..5 {
            let extras = host.snapshot().sums.extras;
            // Without a window the race may well show nothing: that is no matter here.
            if window != Window::None {
                wait_until("duplicates", || host.snapshot().sums.extras > extras);
            }
            host.command(Command::Mode { to }).unwrap();
            let changed = host.snapshot().sums;
            wait_until("draws in the new mode", || {
                host.snapshot().sums.draws > changed.draws + many
            });
            let later = host.snapshot().sums;
            assert_eq!(
                later.extras, changed.extras,
                "a duplicate after the change to {to} from {window}"
            );
            host.command(Command::Mode {
                to: Mode::UnsafeRace,
            })
            .unwrap();
        }
        host.command(Command::Mode { to: Mode::Lock }).unwrap();
        enough.store(true, SeqCst);
        let numbers = drawing.join().unwrap();
        let received = numbers.iter().flatten().count() as u64;
        // With the reply in the window a client has its last number before the draw is over.
        wait_until("the last draw's end", || {
            host.snapshot().sums.draws >= received
        });
        let snapshot = host.snapshot();
        assert_eq!(snapshot.sums.draws, received);
        assert_eq!(
            (snapshot.sums.duplicates, snapshot.sums.extras),
            duplicates(numbers.iter().flatten())
        );
        let moved = snapshot.counter - snapshot.sums.repaired;
        assert_eq!(snapshot.sums.lost_updates, snapshot.sums.draws - moved);
        assert_eq!(snapshot.sums.skipped, 0);
    }
}

#[test]
fn sold_out_is_said_at_once_every_time_and_each_number_was_handed_out_once() {
    for mode in [Mode::Lock, Mode::Atomic] {
        let server = serve(config(mode, None, Grain::Number, 1_000));
        let numbers = at_once(server.address(), 8, |peer| {
            let (numbers, error) = peer.draw(1_000);
            let error = error.unwrap_or_else(|| peer.ask("draw 1"));
            assert!(error.starts_with("error: sold out"), "{error}");
            for _ in 0..100 {
                assert!(peer.ask("draw 3").starts_with("error: sold out"));
            }
            numbers
        });
        let mut numbers = numbers.concat();
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=1_000));
        assert_eq!(server.host().snapshot().counter, 1_000);
    }
}

#[test]
fn paused_draws_wait_and_go_on() {
    let server = serve(config(Mode::Lock, None, Grain::Number, 1_000));
    let mut peer = Peer::connect(server.address());
    assert_eq!(peer.draw(5).0.len(), 5);
    server.host().command(Command::Pause {}).unwrap();
    peer.send("draw 5\n");
    wait_until("the request is there", || {
        server.host().snapshot().sessions[0].state == lootbox::record::State::Drawing
    });
    assert_eq!(server.host().snapshot().sums.draws, 5);
    // The mode changes while they wait, and it stays a pause.
    server
        .host()
        .command(Command::Mode { to: Mode::Atomic })
        .unwrap();
    assert!(server.host().snapshot().paused);
    assert_eq!(server.host().snapshot().sums.draws, 5);
    server.host().command(Command::Resume {}).unwrap();
    assert_eq!(
        (0..5)
            .map(|_| peer.line())
            .filter(|line| line.parse::<u64>().is_ok())
            .count(),
        5
    );
    // A new round does not wait for the end of a pause.
    server.host().command(Command::Pause {}).unwrap();
    peer.send("draw 5\n");
    server
        .host()
        .command(Command::Reset { seed: None })
        .unwrap();
    assert_eq!(peer.rest(), "error: new round: connect again\n");
}
