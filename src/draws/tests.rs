//! Golden numbers, and the counting against a listing of all orders.

use crate::testing::cases;
use num_bigint::BigUint;
use proptest::prelude::*;

use super::explore::{Findings, Orders, each_order, explore_folding};
use super::table::Table;
use super::{Bounds, Model, Run, Schedule, explore, replay};
use crate::draw::gallery::{Answer, GALLERY, LATE_ATOMIC, Mutexes};
use crate::draw::notation::{check_form, parse_program};
use crate::draw::{ATOMIC, LOCK, Operation, UNSAFE_RACE};
use crate::orders::Stopped;

const LIST: [u32; 6] = [5, 19, 228, 665, 7, 11];

fn model(program: &[Operation], draws: &[u64]) -> Model {
    let size = draws.iter().sum::<u64>().max(6);
    Model::new(program, Mutexes::Shared, draws, size, 0).unwrap()
}

fn all(model: &Model) -> (Findings, Orders) {
    let findings = explore(model, Bounds::default(), &mut |_| ());
    assert!(findings.exhaustive);
    let orders = findings.orders.clone().unwrap();
    (findings, orders)
}

fn run(program: &[Operation], schedule: &str) -> Run {
    replay(&model(program, &[4, 2]), &schedule.parse().unwrap())
}

fn threads(run: &Run) -> String {
    let columns = run.table().columns;
    columns
        .iter()
        .map(|c| crate::orders::schedule::letter(c.session))
        .collect()
}

#[test]
fn one_draw_each() {
    for (sessions, bad, orders) in [(2, 4u32, 6u32), (3, 84, 90), (4, 2_496, 2_520)] {
        let (_, found) = all(&model(UNSAFE_RACE, &vec![1; sessions]));
        assert_eq!((found.duplicate, found.all), (bad.into(), orders.into()));
        for right in [LOCK, ATOMIC] {
            let (findings, found) = all(&model(right, &vec![1; sessions]));
            assert_eq!(found.duplicate, BigUint::ZERO);
            assert_eq!((findings.witness, findings.preemptions), (None, None));
        }
    }
}

#[test]
fn the_assignments_draws() {
    let (findings, orders) = all(&model(UNSAFE_RACE, &[4, 2]));
    assert_eq!(
        (orders.all.clone(), orders.duplicate.clone()),
        (495u32.into(), 480u32.into())
    );
    assert_eq!(orders.clean, 15u32.into());
    assert_eq!(orders.skipping, BigUint::ZERO);
    assert_eq!(orders.letters, (12, 12));
    assert!((orders.share() - 480.0 / 495.0).abs() < 1e-8);
    assert_eq!(findings.witness.unwrap().to_string(), "ABBA");
    assert_eq!(findings.preemptions, Some(1));
    for (right, letters) in [(LOCK, 24), (ATOMIC, 6)] {
        let (_, orders) = all(&model(right, &[4, 2]));
        assert_eq!(
            (orders.all, orders.duplicate),
            (15u32.into(), BigUint::ZERO)
        );
        assert_eq!(orders.letters, (letters, letters));
        assert_eq!(orders.final_counters, [(6, 15u32.into())].into());
    }
    let (_, orders) = all(&model(Answer::named("cas").unwrap().program, &[4, 2]));
    assert_eq!(orders.duplicate, BigUint::ZERO);
    assert_eq!(orders.skipping, BigUint::ZERO);
    assert!(orders.all > 495u32.into() && orders.letters.0 == 12 && orders.letters.1 > 12);
}

/// As counted by stateright's increment example, which does the same by other means.
#[test]
fn two_sessions_have_13_states_and_8_up_to_swapping() {
    let (findings, _) = all(&model(UNSAFE_RACE, &[1, 1]));
    assert_eq!(
        (findings.states, findings.states_folded, findings.explored),
        (13, 8, 8)
    );
}

#[test]
fn two_times_four_increments_can_leave_the_counter_at_2() {
    let (_, orders) = all(&model(UNSAFE_RACE, &[4, 4]));
    assert_eq!(orders.all, 12_870u32.into());
    let (lowest, times) = orders.final_counters.first_key_value().unwrap();
    assert_eq!((*lowest, times.clone()), (2, 8u32.into()));
}

#[test]
fn the_assignments_tables() {
    let race = run(UNSAFE_RACE, "AAAABAABAABB");
    assert_eq!(race.table().numbers(&LIST), [5, 19, 228, 228, 665, 7]);
    assert_eq!(threads(&race), "AAABAB");
    let late = run(LATE_ATOMIC, "AAAABAABAABB");
    assert_eq!(late.table().numbers(&LIST), [5, 19, 228, 228, 7, 11]);
    assert_eq!(threads(&late), "AAABAB");
    assert_eq!(late.table().skipped, [3].into());
    let lock = run(LOCK, "AAAAAAAAAAAABBBBAAAABBBB");
    assert_eq!(lock.table().numbers(&LIST), LIST);
    assert_eq!(threads(&lock), "AAABAB");
    for run in [race, late, lock] {
        assert_eq!(run.left, [0, 0]);
    }
}

#[test]
fn the_assignments_printed_table_cannot_happen() {
    for program in [UNSAFE_RACE, LATE_ATOMIC] {
        let model = model(program, &[4, 2]);
        let (mut orders, mut counters, mut results) = (0, 0, 0);
        each_order(&model, &mut |schedule| {
            orders += 1;
            let table = replay(&model, schedule).table();
            let tickets: Vec<_> = table.columns.iter().map(|column| column.ticket).collect();
            let counter_row = tickets == [0, 1, 2, 2, 4, 5];
            let result_row = table.numbers(&LIST) == [5, 19, 228, 228, 665, 7];
            assert!(!(counter_row && result_row), "{schedule}");
            counters += u32::from(counter_row);
            results += u32::from(result_row);
            true
        });
        assert_eq!(orders, 495);
        // A lost update gives the results and never the counters; a late add gives either, each in
        // orders of its own.
        assert_eq!((counters > 0, results > 0), (program == LATE_ATOMIC, true));
    }
}

#[test]
fn the_gallery_fails_as_it_says() {
    for answer in &GALLERY {
        let model = Model::new(answer.program, answer.mutexes, &[2, 2], 6, 0).unwrap();
        let (findings, orders) = all(&model);
        let witness = findings.witness.map(|witness| witness.to_string());
        assert_eq!(witness.as_deref(), answer.witness, "{}", answer.name);
        assert_eq!(
            orders.duplicate == BigUint::ZERO,
            answer.right,
            "{}",
            answer.name
        );
        if let Some(witness) = witness {
            let run = replay(&model, &witness.parse().unwrap());
            assert_eq!(run.table().duplicates.len(), 1, "{}", answer.name);
        }
    }
}

/// 3 sessions × 3 draws: 18! / 6!³ orders, and more than fit in 128 bits.
#[test]
fn many_orders_are_counted_exactly() {
    let (_, orders) = all(&model(UNSAFE_RACE, &[3, 3, 3]));
    assert_eq!(orders.all, 17_153_136u32.into());
    // 100 draws in a row each, in one operation: 200! / 100!².
    let (_, orders) = all(&model(ATOMIC, &[100, 100]));
    let expected = "90548514656103281165404177077484163874504589675413336841320";
    assert_eq!(orders.all, expected.parse().unwrap());
    assert_eq!(orders.duplicate, BigUint::ZERO);
}

#[test]
fn a_search_that_stops_early_says_so_and_still_shows_what_it_found() {
    let model = model(UNSAFE_RACE, &[3, 3, 3]);
    let few = Bounds {
        states: 2_000,
        ..Bounds::default()
    };
    let findings = explore(&model, few, &mut |_| ());
    assert!(!findings.exhaustive && findings.explored <= 2_000);
    assert_eq!(findings.stopped, Some(Stopped::States));
    assert_eq!(findings.orders, None);
    assert_eq!(findings.witness.unwrap().to_string(), "ABBA");
    let little = Bounds {
        bytes: 4_000,
        ..Bounds::default()
    };
    let findings = explore(&model, little, &mut |_| ());
    assert_eq!(findings.stopped, Some(Stopped::Memory));
    assert!(
        !findings.exhaustive && findings.bytes <= 4_000,
        "{}",
        findings.bytes
    );
}

#[test]
fn a_letter_that_cannot_go_is_passed_over_and_used_up() {
    use super::replay::{Did, PassedOver};
    let model = model(LOCK, &[1, 1]);
    let run = replay(&model, &"ABBACAAABBBBB".parse().unwrap());
    let passed: Vec<_> = run
        .rows
        .iter()
        .enumerate()
        .filter_map(|(index, row)| match row.did {
            Did::PassedOver(why) => Some((index, why)),
            Did::Ran { .. } => None,
        })
        .collect();
    let expected = [
        (1, PassedOver::Waits),
        (2, PassedOver::Waits),
        (4, PassedOver::Nobody),
        (7, PassedOver::Over),
        (12, PassedOver::Over),
    ];
    assert_eq!(passed, expected);
    assert_eq!(threads(&run), "AB");
}

#[test]
fn sold_out_ends_a_request_and_gives_the_lock_back() {
    let model = Model::new(LOCK, Mutexes::Shared, &[3, 1], 3, 1).unwrap();
    let run = replay(&model, &"AAAAAAAAAABBBB".parse().unwrap());
    assert_eq!(run.table().numbers(&[1, 2, 3]), [2, 3]);
    assert_eq!(run.left, [0, 0]);
    assert!(run.rows.last().unwrap().holders.is_empty());
    // A raw add goes past the end; what is shown does not.
    let model = Model::new(ATOMIC, Mutexes::Shared, &[2, 2], 3, 0).unwrap();
    let (_, orders) = all(&model);
    assert_eq!(orders.final_counters.into_keys().collect::<Vec<_>>(), [3]);
}

/// Nothing loads here, so a session finds out that the list is at its end only when its next draw is complete. The packed
/// counter was too narrow for that, and wrapped in silence.
#[test]
fn a_counter_that_passes_the_end_keeps_its_value() {
    let program = parse_program("fetch_add add add add").unwrap();
    let model = Model::new(&program, Mutexes::Shared, &[2, 2], 2, 0).unwrap();
    let (_, orders) = all(&model);
    assert_eq!(orders.all, BigUint::from(7_284u32));
    assert_eq!(orders.final_counters.into_keys().collect::<Vec<_>>(), [2]);
}

fn programs() -> impl Strategy<Value = Vec<Operation>> {
    prop::collection::vec(prop::sample::select(&Operation::ALL[..]), 1..6)
        .prop_filter("it means something", |program| check_form(program).is_ok())
}

/// The first by the rule: fewest letters, then fewest switches, then alphabet.
fn first(schedules: impl Iterator<Item = Schedule>) -> Option<Schedule> {
    schedules.min_by_key(|order| (order.len(), order.switches(), order.to_string()))
}

proptest! {
    #![proptest_config(cases(200))]

    /// Counted through the graph, and by listing: the same, for any program that means something, folded or not.
    #[test]
    fn counting_agrees_with_listing(
        program in programs(), own: bool, a in 1u64..3, b in 1u64..3, c in 0u64..2, size in 2u64..7,
    ) {
        let mut draws = vec![a, b];
        if c > 0 && program.len() < 4 && a + b < 4 {
            draws.push(c);
        }
        let mutexes = if own { Mutexes::Own } else { Mutexes::Shared };
        let model = Model::new(&program, mutexes, &draws, size, 1).unwrap();
        let mut listed = Vec::new();
        each_order(&model, &mut |order| {
            listed.push(order.clone());
            listed.len() < 30_000
        });
        prop_assume!(listed.len() < 30_000);
        let runs: Vec<Run> = listed.iter().map(|order| replay(&model, order)).collect();
        let (findings, orders) = all(&model);
        let count = |is: &dyn Fn(&Run) -> bool| BigUint::from(runs.iter().filter(|run| is(run)).count());
        prop_assert_eq!(&orders.all, &count(&|_| true));
        prop_assert_eq!(&orders.duplicate, &count(&|run| !run.table().duplicates.is_empty()));
        // What was read by somebody who waits for ever is handed out to nobody.
        let skips = |run: &Run| !Table::new(run.table().columns, run.start, run.counter()).skipped.is_empty();
        prop_assert_eq!(&orders.skipping, &count(&skips));
        let waits = |run: &Run| run.left.iter().any(|&left| left > 0);
        prop_assert_eq!(&orders.deadlocked, &count(&waits));
        prop_assert_eq!(&orders.clean, &count(&|run| !waits(run) && run.table().duplicates.is_empty()));
        for (&counter, orders) in &orders.final_counters {
            prop_assert_eq!(orders, &count(&|run| run.counter() == counter));
        }
        let lengths = || listed.iter().map(Schedule::len);
        prop_assert_eq!(Some(orders.letters.0), lengths().min());
        prop_assert_eq!(Some(orders.letters.1), lengths().max());
        // The witness: of all beginnings of orders that show a duplicate, the first by the rule.
        let both = || listed.iter().zip(&runs);
        let witnesses = both().filter_map(|(order, run)| {
            let shown = (1..=run.rows.len()).find(|&letters| {
                let part = Run { rows: run.rows[..letters].to_vec(), ..run.clone() };
                !part.table().duplicates.is_empty()
            })?;
            Schedule::of(order.sessions().take(shown))
        });
        prop_assert_eq!(&findings.witness, &first(witnesses));
        let deadlocks = both().filter(|(_, run)| waits(run)).map(|(order, _)| order.clone());
        prop_assert_eq!(&findings.deadlock, &first(deadlocks));
        let flat = explore_folding(&model, false, Bounds::default(), &mut |_| ());
        prop_assert_eq!(flat.explored as u128, findings.states);
        let as_if = Findings { explored: flat.explored, bytes: flat.bytes, ..findings };
        prop_assert_eq!(as_if, flat);
    }
}

#[test]
fn a_students_own_program() {
    let program = parse_program("fetch_add store").unwrap();
    let (findings, _) = all(&model(&program, &[1, 1, 1]));
    assert!(findings.witness.is_some());
}
