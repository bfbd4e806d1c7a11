//! The loot box without sockets: the window is a closure here, so every order is chosen.

use std::ops::Range;
use std::sync::mpsc;
use std::thread;

use super::*;
use crate::draw::Memory;
use crate::draw::Mode;
use crate::record::{State, Sums};

struct NoLine;

impl Line for NoLine {
    fn stop_reading(&self) {}
    fn cut(&self) {}
}

fn lootbox(mode: Mode, size: u64) -> Arc<Lootbox> {
    let source = Source::Shuffled { size, seed: 1 };
    let window = mode.has_gap().then_some(Window::Reply);
    Arc::new(Lootbox::new(source, mode, window, Grain::Number).unwrap())
}

fn join(lootbox: &Arc<Lootbox>) -> Seat {
    lootbox.join("127.0.0.1:1".parse().unwrap(), Box::new(NoLine))
}

/// Draws one number, with nothing happening in the window.
fn draw(seat: &mut Seat) -> Result<Range<u64>, Refused> {
    seat.draw(1, &mut |_, _| {})
        .map(|drawn| drawn.tickets[0].clone())
}

/// A reads 0 and is held up; B draws five times; A writes 1.
fn stale_store(lootbox: &Arc<Lootbox>) {
    let (in_window, told) = mpsc::channel();
    let (release, released) = mpsc::channel::<()>();
    thread::scope(|threads| {
        let mut slow = join(lootbox);
        threads.spawn(move || {
            slow.draw(1, &mut |_, tickets| {
                in_window.send(tickets).unwrap();
                released.recv().unwrap();
            })
            .unwrap();
        });
        assert_eq!(told.recv().unwrap(), 0..1);
        let mut quick = join(lootbox);
        for ticket in 0..5 {
            assert_eq!(draw(&mut quick), Ok(ticket..ticket + 1));
        }
        release.send(()).unwrap();
    });
    assert_eq!(lootbox.snapshot().counter, 1);
}

#[test]
fn a_stale_store_moves_the_counter_back_and_a_change_of_mode_repairs_it() {
    for mode in [Mode::Lock, Mode::Atomic, Mode::UnsafeRace] {
        let lootbox = lootbox(Mode::UnsafeRace, 100);
        stale_store(&lootbox);
        let before = lootbox.snapshot();
        assert_eq!(
            (
                before.sums.draws,
                before.sums.duplicates,
                before.sums.lost_updates
            ),
            (6, 1, 5)
        );
        lootbox.set_program(mode).unwrap();
        let after = lootbox.snapshot();
        assert_eq!(
            (after.counter, after.sums.repaired, after.sums.lost_updates),
            (5, 4, 5)
        );
        assert_eq!(draw(&mut join(&lootbox)), Ok(5..6));
        assert_eq!(lootbox.snapshot().sums.extras, 1);
    }
}

/// A duplicate is told of with what ran when it was drawn, not with what runs now.
#[test]
fn what_ran_is_known_for_each_ticket() {
    let lootbox = lootbox(Mode::UnsafeRace, 100);
    stale_store(&lootbox);
    let runs = |ticket| {
        let recorded = lootbox.recorded(ticket);
        let Runs { program, grain } = recorded.runs;
        (
            program.nearest_mode(),
            grain,
            recorded.since,
            recorded.certain,
        )
    };
    lootbox.set_program(Mode::Lock).unwrap();
    lootbox.set_window(Window::None).unwrap();
    assert_eq!(draw(&mut join(&lootbox)), Ok(5..6));
    let race = (Mode::UnsafeRace, Grain::Number, 0, true);
    assert_eq!([runs(0), runs(4)], [race; 2]);
    assert_eq!(runs(5), (Mode::Lock, Grain::Number, 5, true));
    lootbox.set_program(Mode::UnsafeRace).unwrap();
    let mut seat = join(&lootbox);
    assert_eq!([draw(&mut seat), draw(&mut seat)], [Ok(6..7), Ok(7..8)]);
    // As a stale store leaves it when the grain changes: 7 may be drawn again.
    lootbox.setting().round.shared.access(()).store(7);
    lootbox.set_grain(Grain::Request).unwrap();
    assert_eq!(runs(3), race);
    assert_eq!(runs(6), (Mode::UnsafeRace, Grain::Number, 6, true));
    assert!(!runs(7).3);
    assert_eq!(runs(8), (Mode::UnsafeRace, Grain::Request, 8, true));
    lootbox.new_round(None).unwrap();
    assert_eq!(runs(0), (Mode::UnsafeRace, Grain::Request, 0, true));
}

/// Whoever looks later, too, knows what a program is not to blame for.
#[test]
fn what_came_before_a_program_is_known_of_each_snapshot() {
    let lootbox = lootbox(Mode::UnsafeRace, 100);
    let before = || lootbox.snapshot().before_change;
    stale_store(&lootbox);
    assert_eq!(before(), Sums::default(), "it ran from the beginning");
    let race = lootbox.snapshot().sums;
    assert_eq!(race.extras, 1);
    lootbox.set_program(Mode::Lock).unwrap();
    draw(&mut join(&lootbox)).unwrap();
    let counted = |sums: Sums| (sums.draws, sums.duplicates, sums.extras);
    assert_eq!(counted(before()), counted(race));
    // The same program by another grain is the same program.
    lootbox.set_grain(Grain::Request).unwrap();
    assert_eq!(counted(before()), counted(race));
    lootbox.set_program(Mode::Atomic).unwrap();
    assert_eq!(before().draws, race.draws + 1);
    lootbox.new_round(None).unwrap();
    assert_eq!(before(), Sums::default());
}

/// Only a change of mode repairs: sold out may end again, because that is what a race does.
#[test]
fn sold_out_may_end_again_in_a_race() {
    let lootbox = lootbox(Mode::UnsafeRace, 5);
    stale_store(&lootbox);
    let mut seat = join(&lootbox);
    for ticket in 1..5 {
        assert_eq!(draw(&mut seat), Ok(ticket..ticket + 1));
    }
    assert_eq!(draw(&mut seat), Err(Refused::SoldOut));
    let sums = lootbox.snapshot().sums;
    assert_eq!(
        (sums.draws, sums.distinct, sums.duplicates, sums.extras),
        (10, 5, 5, 5)
    );
}

#[test]
fn a_panic_in_a_draw_leaves_neither_the_lock_held_nor_the_gate_blocked() {
    let lootbox = lootbox(Mode::Lock, 100);
    let mut unlucky = join(&lootbox);
    let result = thread::spawn(move || {
        _ = unlucky.draw(1, &mut |_, _| panic!("on purpose, under the lock"));
    })
    .join();
    assert!(result.is_err());
    assert_eq!(draw(&mut join(&lootbox)), Ok(0..1));
    lootbox.set_program(Mode::Atomic).unwrap();
    assert_eq!(lootbox.connected(), 0);
}

#[test]
fn letters_go_to_those_who_draw_in_the_order_in_which_they_do() {
    let lootbox = lootbox(Mode::Lock, 100);
    let (mut first, mut second, silent) = (join(&lootbox), join(&lootbox), join(&lootbox));
    draw(&mut second).unwrap();
    draw(&mut first).unwrap();
    assert_eq!(second.record().letter().as_deref(), Some("A"));
    assert_eq!(first.record().letter().as_deref(), Some("B"));
    assert_eq!(silent.record().letter(), None);
    let rows = lootbox.snapshot().sessions;
    assert_eq!(
        rows.iter()
            .map(|row| (row.letter.as_deref(), row.draws))
            .collect::<Vec<_>>(),
        [(Some("A"), 1), (Some("B"), 1), (None, 0)]
    );
    drop((silent, first));
    // Who drew stays; who did not is forgotten.
    let rows = lootbox.snapshot().sessions;
    let closed: Vec<_> = rows.iter().map(|row| row.state == State::Closed).collect();
    assert_eq!(closed, [false, true]);
}

#[test]
fn a_window_stays_from_mode_to_mode_and_has_no_place_in_atomic() {
    let lootbox = lootbox(Mode::UnsafeRace, 100);
    lootbox.set_window(Window::Yield).unwrap();
    lootbox.set_program(Mode::Atomic).unwrap();
    assert_eq!(lootbox.snapshot().window, Window::None);
    let refused = lootbox.set_window(Window::Yield);
    assert_eq!(
        refused,
        Err(ChangeError::NoGap {
            mode: Mode::Atomic,
            window: Window::Yield
        })
    );
    lootbox.set_window(Window::None).unwrap();
    lootbox.set_window(Window::None).unwrap();
    lootbox.set_program(Mode::Lock).unwrap();
    assert_eq!(lootbox.snapshot().window, Window::None);
}

#[test]
fn after_the_stop_nothing_is_drawn_and_nothing_changes() {
    let lootbox = lootbox(Mode::Lock, 100);
    let mut seat = join(&lootbox);
    draw(&mut seat).unwrap();
    lootbox.stop();
    assert_eq!(draw(&mut seat), Err(Refused::Stopping));
    assert_eq!(
        lootbox.set_program(Mode::Atomic),
        Err(ChangeError::Stopping)
    );
    assert_eq!(lootbox.snapshot().sums.draws, 1);
}

/// A hole that a draw in flight has left is no skipped number, and none of the three modes skips.
#[test]
fn what_is_just_being_drawn_is_not_skipped() {
    let lootbox = lootbox(Mode::Lock, 100);
    let mut seat = join(&lootbox);
    for _ in 0..10 {
        draw(&mut seat).unwrap();
        lootbox.tick();
        assert_eq!(lootbox.snapshot().sums.skipped, 0);
    }
    // A counter moved up by somebody else's hand: three numbers are skipped once that is settled.
    lootbox.setting().round.shared.raise_counter_to(13);
    lootbox.tick();
    lootbox.tick();
    assert_eq!(lootbox.snapshot().sums.skipped, 3);
}
