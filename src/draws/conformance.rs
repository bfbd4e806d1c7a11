//! The model and the real memory do the same: in every order that is looked at, real threads behind the
//! turnstile leave exactly the rows that the model predicts, and with them the tickets.

use std::thread;
use std::time::Duration;

use crate::testing::cases;
use parking_lot::Mutex;
use proptest::prelude::*;

use super::explore::each_order;
use super::replay::{Did, PassedOver};
use super::turnstile::{Ended, Rules, Turnstile};
use super::{Model, Run, Schedule, replay};
use crate::draw::gallery::{GALLERY, Mutexes, OwnMutex};
use crate::draw::notation::check_program;
use crate::draw::{
    ATOMIC, DrawProgram, LOCK, Memory, Mode, Operation, Shared, UNSAFE_RACE, Window,
};

/// Far longer than any test takes: no clock decides here.
const RULES: Rules = Rules {
    then_free: false,
    step_timeout: Duration::from_hours(1),
};

/// One order on the real memory. A thread a session works through all of them.
struct Stage {
    turnstile: Turnstile,
    shared: Shared,
    tickets: Vec<Mutex<Vec<u64>>>,
}

impl Stage {
    fn new(model: &Model, schedule: &Schedule, rules: Rules) -> Self {
        Self::standing(model, Turnstile::new(model, schedule, rules))
    }

    fn standing(model: &Model, turnstile: Turnstile) -> Self {
        let shared = Shared::new(model.size());
        shared.raise_counter_to(model.counter());
        Self {
            turnstile,
            shared,
            tickets: model.draws().iter().map(|_| Mutex::default()).collect(),
        }
    }

    fn play(&self, model: &Model, session: usize) -> Result<(), Ended> {
        let own = Mutex::new(());
        let access = self.shared.access(());
        let result = match model.mutexes() {
            Mutexes::Shared => self.draw_all(model, session, access),
            Mutexes::Own => self.draw_all(model, session, OwnMutex::new(access, &own)),
        };
        self.turnstile.close(session);
        result
    }

    fn draw_all(&self, model: &Model, session: usize, memory: impl Memory) -> Result<(), Ended> {
        let mut pass = self.turnstile.pass(session, memory);
        for _ in 0..model.draws()[session] {
            let Some(ticket) = pass.draw(1)? else {
                break;
            };
            self.tickets[session].lock().push(ticket);
        }
        Ok(())
    }
}

fn on_threads(model: &Model, schedules: &[Schedule], rules: Rules) -> Vec<Stage> {
    let stages: Vec<_> = schedules
        .iter()
        .map(|schedule| Stage::new(model, schedule, rules))
        .collect();
    thread::scope(|scope| {
        for session in 0..model.draws().len() {
            let stages = &stages;
            scope.spawn(move || {
                for stage in stages {
                    // Some schedules end before the draws do.
                    _ = stage.play(model, session);
                }
            });
        }
    });
    stages
}

fn tickets(run: &Run, session: usize) -> Vec<u64> {
    let columns = run.table().columns.into_iter();
    columns
        .filter(|column| column.session == session)
        .map(|column| column.ticket)
        .collect()
}

fn conforms(model: &Model, schedules: &[Schedule]) {
    for (schedule, stage) in schedules.iter().zip(on_threads(model, schedules, RULES)) {
        let (predicted, happened) = (replay(model, schedule), stage.turnstile.run());
        assert_eq!(happened.rows, predicted.rows, "{schedule}");
        assert_eq!(happened.table(), predicted.table(), "{schedule}");
        assert_eq!(stage.shared.counter(), predicted.counter(), "{schedule}");
        for session in 0..model.draws().len() {
            let got = stage.tickets[session].lock();
            assert_eq!(*got, tickets(&predicted, session), "{schedule}");
        }
    }
}

fn every_order(model: &Model) -> Vec<Schedule> {
    let mut orders = Vec::new();
    each_order(model, &mut |order| {
        orders.push(order.clone());
        true
    });
    orders
}

#[test]
fn the_assignments_495_orders_and_those_of_the_other_modes() {
    for (mode, orders) in [
        (Mode::UnsafeRace, 495),
        (Mode::Lock, 15),
        (Mode::Atomic, 15),
    ] {
        let model = Model::new(mode.program(), Mutexes::Shared, &[4, 2], 6, 0).unwrap();
        let schedules = every_order(&model);
        assert_eq!(schedules.len(), orders);
        conforms(&model, &schedules);
    }
}

#[test]
fn the_gallery_in_all_its_orders() {
    for answer in &GALLERY {
        let model = Model::new(answer.program, answer.mutexes, &[2, 2], 6, 0).unwrap();
        let schedules = every_order(&model);
        assert!(
            schedules.len() >= 70,
            "{}: {}",
            answer.name,
            schedules.len()
        );
        conforms(&model, &schedules);
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// Any program that can run and any letters, also such as are passed over, end too early or find the list
    /// sold out.
    #[test]
    fn any_program_in_any_order(
        program in prop::collection::vec(prop::sample::select(&Operation::ALL[..]), 1..8)
            .prop_filter("it can run", |program| check_program(program).is_ok()),
        own: bool,
        draws in prop::collection::vec(1u64..4, 1..4),
        size in 2u64..7,
        letters in prop::collection::vec(0usize..4, 1..60),
    ) {
        let mutexes = if own { Mutexes::Own } else { Mutexes::Shared };
        let model = Model::new(&program, mutexes, &draws, size, 1).unwrap();
        conforms(&model, &[Schedule::of(letters).unwrap()]);
    }
}

#[test]
fn when_the_schedule_ends_a_waiting_draw_ends_too_and_gives_its_lock_back() {
    let model = Model::new(LOCK, Mutexes::Shared, &[1, 1], 6, 0).unwrap();
    let schedules = ["AA".parse().unwrap()];
    let stages = on_threads(&model, &schedules, RULES);
    assert!(
        stages[0]
            .tickets
            .iter()
            .all(|tickets| tickets.lock().is_empty())
    );
    assert_eq!(stages[0].shared.counter(), 0);
    // Whoever locks now does not wait.
    stages[0].shared.access(()).lock();
}

#[test]
fn a_stop_ends_every_wait() {
    let model = Model::new(ATOMIC, Mutexes::Shared, &[1, 1], 6, 0).unwrap();
    let stage = Stage::new(&model, &"BA".parse().unwrap(), RULES);
    thread::scope(|scope| {
        // B never comes, and nobody waits for it an hour.
        let a = scope.spawn(|| stage.play(&model, 0));
        stage.turnstile.stop();
        assert_eq!(a.join().unwrap(), Err(Ended));
    });
    assert_eq!(stage.shared.counter(), 0);
}

#[test]
fn a_session_that_nobody_expected_waits_in_vain() {
    let model = Model::new(ATOMIC, Mutexes::Shared, &[1], 6, 0).unwrap();
    let turnstile = Turnstile::new(&model, &"A".parse().unwrap(), RULES);
    let shared = Shared::new(6);
    assert_eq!(turnstile.pass(0, shared.access(())).draw(1), Ok(Some(0)));
    assert_eq!(turnstile.pass(7, shared.access(())).draw(1), Err(Ended));
    assert_eq!(shared.counter(), 1);
}

#[test]
fn then_free_lets_the_rest_run_on() {
    let rules = Rules {
        then_free: true,
        ..RULES
    };
    let model = Model::new(LOCK, Mutexes::Shared, &[3, 2], 6, 0).unwrap();
    let stages = on_threads(&model, &["AAB".parse().unwrap()], rules);
    let mut all: Vec<_> = stages[0]
        .tickets
        .iter()
        .flat_map(|t| t.lock().clone())
        .collect();
    all.sort_unstable();
    assert_eq!(all, [0, 1, 2, 3, 4]);
    assert_eq!(stages[0].turnstile.run().rows.len(), 3);
}

#[test]
fn a_letter_whose_session_does_not_come_is_passed_over() {
    // The timeout is nothing at all, so that no time has to pass: B never comes.
    let rules = Rules {
        step_timeout: Duration::ZERO,
        ..RULES
    };
    let model = Model::new(ATOMIC, Mutexes::Shared, &[1, 1], 6, 0).unwrap();
    let stage = Stage::new(&model, &"BA".parse().unwrap(), rules);
    assert_eq!(stage.play(&model, 0), Ok(()));
    let run = stage.turnstile.run();
    assert_eq!(run.rows[0].did, Did::PassedOver(PassedOver::Late));
    assert_eq!(tickets(&run, 0), [0]);
}

/// A window runs at the end of the step before it: nobody's step comes between.
#[test]
fn the_next_letter_waits_for_the_window() {
    use crate::draw::Around;
    struct Told<'a>(&'a Mutex<String>, char);
    impl Around for Told<'_> {
        fn window(&mut self, _register: u64, _locked: bool) {
            thread::yield_now();
            self.0.lock().push(self.1);
        }

        fn before_lock(&mut self) {}
    }
    assert_eq!(
        DrawProgram::from(Mode::UnsafeRace).default_window(),
        Window::Reply
    );
    let model = Model::new(UNSAFE_RACE, Mutexes::Shared, &[2, 2], 6, 0).unwrap();
    let turnstile = Turnstile::new(&model, &"ABBABABA".parse().unwrap(), RULES);
    let shared = Shared::new(6);
    let told = Mutex::new(String::new());
    thread::scope(|scope| {
        for (session, letter) in [(0, 'a'), (1, 'b')] {
            let (turnstile, shared, told) = (&turnstile, &shared, &told);
            scope.spawn(move || {
                let mut pass = turnstile.pass(session, shared.access(Told(told, letter)));
                for _ in 0..2 {
                    pass.draw(1).unwrap();
                }
                turnstile.close(session);
            });
        }
    });
    // A reads, B reads, B writes, A writes, B reads, A reads, …
    assert_eq!(*told.lock(), "abba");
}

mod by_hand {
    use super::super::turnstile::hand::{Does, NotGranted, Stand};
    use super::*;

    /// The sessions draw on threads of their own while `person` grants letters.
    fn draws_of(model: &Model, person: impl FnOnce(&Turnstile)) -> (Stage, Vec<Result<(), Ended>>) {
        let stage = Stage::standing(model, Turnstile::by_hand(model));
        let ends = thread::scope(|scope| {
            let draws = (0..model.draws().len()).map(|session| {
                let stage = &stage;
                scope.spawn(move || stage.play(model, session))
            });
            let draws: Vec<_> = draws.collect();
            person(&stage.turnstile);
            draws.into_iter().map(|draw| draw.join().unwrap()).collect()
        });
        (stage, ends)
    }

    fn wait_until(turnstile: &Turnstile, wanted: impl Fn(&Stand) -> bool) -> Stand {
        let mut stand = turnstile.stand(None, Duration::ZERO);
        while !wanted(&stand) {
            stand = turnstile.stand(Some(&stand), Duration::from_secs(10));
        }
        stand
    }

    /// The letters may be granted long before their sessions come: what happens is what the same schedule does.
    #[test]
    fn the_same_happens_as_by_the_schedule() {
        for (mode, draws) in [(Mode::UnsafeRace, [4, 2]), (Mode::Lock, [2, 2])] {
            let model = Model::new(mode.program(), Mutexes::Shared, &draws, 6, 0).unwrap();
            for schedule in every_order(&model) {
                let (stage, ends) = draws_of(&model, |turnstile| {
                    for session in schedule.sessions() {
                        assert_eq!(turnstile.grant(session), Ok(()));
                    }
                });
                assert_eq!(ends, [Ok(()), Ok(())]);
                let happened = stage.turnstile.run();
                assert_eq!(happened.rows, replay(&model, &schedule).rows, "{schedule}");
                assert_eq!(stage.turnstile.schedule(), schedule);
            }
        }
    }

    #[test]
    fn a_letter_that_waits_can_be_taken_back_and_what_has_happened_cannot() {
        let model = Model::new(UNSAFE_RACE, Mutexes::Shared, &[1, 1], 6, 0).unwrap();
        let turnstile = Turnstile::by_hand(&model);
        // Nobody is there yet.
        assert_eq!(turnstile.grant(1), Ok(()));
        assert_eq!(turnstile.grant(0), Ok(()));
        assert_eq!(turnstile.stand(None, Duration::ZERO).waiting, [1, 0]);
        assert_eq!(turnstile.withdraw(), Some(0));
        assert_eq!(turnstile.withdraw(), Some(1));
        assert_eq!(turnstile.withdraw(), None);
        assert!(turnstile.schedule().is_empty());

        let (stage, ends) = draws_of(&model, |turnstile| {
            turnstile.grant(0).unwrap();
            wait_until(turnstile, |stand| stand.run.rows.len() == 1);
            assert_eq!(turnstile.withdraw(), None);
            for session in [1, 1, 0] {
                turnstile.grant(session).unwrap();
            }
        });
        assert_eq!(ends, [Ok(()), Ok(())]);
        assert_eq!(stage.turnstile.schedule().to_string(), "ABBA");
    }

    #[test]
    fn letters_that_could_never_go_are_refused_and_not_used_up() {
        let model = Model::new(ATOMIC, Mutexes::Shared, &[1, 1], 6, 0).unwrap();
        let turnstile = Turnstile::by_hand(&model);
        assert_eq!(turnstile.grant(2), Err(NotGranted::Nobody));
        turnstile.close(1);
        assert_eq!(turnstile.grant(1), Err(NotGranted::Closed));
        while turnstile.grant(0).is_ok() {}
        assert_eq!(turnstile.grant(0), Err(NotGranted::Full));
        turnstile.end(false);
        assert_eq!(turnstile.grant(0), Err(NotGranted::Ended));
        assert!(turnstile.schedule().is_empty());
        // And a schedule takes no letters by hand.
        let turnstile = Turnstile::new(&model, &"AB".parse().unwrap(), RULES);
        assert_eq!(turnstile.grant(0), Err(NotGranted::Ended));
    }

    #[test]
    fn at_the_end_draws_that_wait_get_an_error_or_run_on() {
        let model = Model::new(LOCK, Mutexes::Shared, &[3, 2], 6, 0).unwrap();
        let (stage, ends) = draws_of(&model, |turnstile| {
            turnstile.grant(0).unwrap();
            wait_until(turnstile, |stand| stand.run.rows.len() == 1);
            turnstile.end(false);
        });
        assert_eq!(ends, [Err(Ended), Err(Ended)]);
        // A has given the lock back.
        stage.shared.access(()).lock();

        let (stage, ends) = draws_of(&model, |turnstile| {
            turnstile.grant(0).unwrap();
            wait_until(turnstile, |stand| stand.run.rows.len() == 1);
            turnstile.end(true);
        });
        assert_eq!(ends, [Ok(()), Ok(())]);
        assert_eq!(stage.shared.counter(), 5);
        assert_eq!(stage.turnstile.run().rows.len(), 1);
    }

    /// What the screen says of a session is what it does.
    #[test]
    fn how_it_stands() {
        let model = Model::new(LOCK, Mutexes::Shared, &[1, 1], 6, 0).unwrap();
        let waits = |next, locked_out| Does::Waits { next, locked_out };
        draws_of(&model, |turnstile| {
            let both_wait = |stand: &Stand| {
                let waits = |does| matches!(does, Does::Waits { .. });
                stand.sessions.iter().all(|session| waits(session.does))
            };
            let stand = wait_until(turnstile, both_wait);
            assert_eq!(stand.sessions[0].does, waits(0, false));
            turnstile.grant(0).unwrap();
            turnstile.grant(0).unwrap();
            let stand = wait_until(turnstile, |stand| {
                stand.run.rows.len() == 2 && both_wait(stand)
            });
            // Past the window, which takes no letter.
            assert_eq!(stand.sessions[0].does, waits(3, false));
            assert_eq!(stand.sessions[0].register, Some(0));
            assert_eq!(stand.sessions[1].does, waits(0, true));
            assert_eq!(stand.sessions[1].register, None);
            turnstile.grant(1).unwrap();
            let stand = wait_until(turnstile, |stand| stand.run.rows.len() == 3);
            assert_eq!(stand.run.rows[2].did, Did::PassedOver(PassedOver::Waits));
            turnstile.end(true);
        });
    }
}
