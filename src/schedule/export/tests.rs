//! Every duplicate that some order makes is exported, and replays.

use crate::testing::cases;
use proptest::prelude::*;

use super::*;
use crate::draw::gallery::GALLERY;
use crate::draw::notation::parse_program;
use crate::draw::{LOCK, UNSAFE_RACE};
use crate::record::journal::journal;
use crate::record::letters;

const SIZE: u64 = 100;

/// The journals of an order, as the sessions would have written them.
fn recorded(run: &Run) -> Vec<(String, Reader)> {
    let journals = tickets(run).into_iter().zip(0..).map(|(drawn, session)| {
        let (mut writer, reader) = journal();
        for ticket in drawn {
            writer.push(ticket..ticket + 1);
        }
        (letters(session), reader)
    });
    journals.collect()
}

fn exported(
    ticket: u64,
    program: &[Operation],
    mutexes: Mutexes,
    journals: Vec<(String, Reader)>,
) -> Result<Witness, NoWitness> {
    let recording = Recording {
        program,
        mutexes,
        size: SIZE,
        since: 0,
        journals,
    };
    export(ticket, recording)
}

/// Whether what a person would replay hands the ticket out twice, each session drawing what it drew in the
/// run, in its own order.
fn replays(witness: &Witness, program: &[Operation], mutexes: Mutexes, run: &Run) {
    let model = Model::new(program, mutexes, &witness.draws, SIZE, witness.counter).unwrap();
    let again = replay(&model, &witness.schedule.parse().unwrap());
    assert!(
        again.table().duplicates.contains(&witness.ticket),
        "{witness:?}"
    );
    assert_eq!(again.left.iter().sum::<u64>(), 0, "{witness:?}");
    let in_the_run = tickets(run);
    for (drawn, letter) in tickets(&again).iter().zip(&witness.sessions) {
        let session = (0..in_the_run.len())
            .find(|&session| &letters(session as u64) == letter)
            .unwrap();
        let mut run = in_the_run[session].iter();
        assert!(
            drawn.iter().all(|ticket| run.any(|it| it == ticket)),
            "{letter} drew {drawn:?} in the witness and {:?} in the run",
            in_the_run[session]
        );
    }
}

fn every_duplicate_replays(
    program: &[Operation],
    mutexes: Mutexes,
    draws: &[u64],
    order: &[usize],
) {
    let model = Model::new(program, mutexes, draws, SIZE, 0).unwrap();
    // To its end: a draw in flight has written and is not recorded yet.
    let sessions = draws.len();
    let to_the_end = (0..sessions).cycle().take(sessions * 300);
    let order = order.iter().map(|session| session % sessions);
    let order = Schedule::of(order.chain(to_the_end)).unwrap();
    let run = replay(&model, &order);
    assert_eq!(run.left.iter().sum::<u64>(), 0);
    for ticket in run.table().duplicates {
        let witness = exported(ticket, program, mutexes, recorded(&run)).unwrap();
        replays(&witness, program, mutexes, &run);
    }
}

proptest! {
    #![proptest_config(cases(2_000))]

    #[test]
    fn of_the_race(
        draws in prop::collection::vec(1u64..9, 2..5),
        order in prop::collection::vec(0usize..12, 1..80),
    ) {
        every_duplicate_replays(UNSAFE_RACE, Mutexes::Shared, &draws, &order);
    }

    /// Long runs of one letter: a session that is far behind.
    #[test]
    fn of_a_session_that_was_held_up(
        draws in prop::collection::vec(4u64..30, 2..4),
        stretches in prop::collection::vec((0usize..12, 1usize..16), 1..20),
    ) {
        let order: Vec<_> = stretches.into_iter()
            .flat_map(|(session, letters)| std::iter::repeat_n(session, letters))
            .collect();
        every_duplicate_replays(UNSAFE_RACE, Mutexes::Shared, &draws, &order);
    }

    #[test]
    fn of_the_gallery_and_of_programs_of_ones_own(
        which in 0usize..8,
        order in prop::collection::vec(0usize..3, 1..80),
    ) {
        let own = ["load window store", "lock load window unlock store", "load add window"];
        if let Some(answer) = GALLERY.get(which) {
            every_duplicate_replays(answer.program, answer.mutexes, &[3, 3, 3], &order);
        } else {
            let program = parse_program(own[which - GALLERY.len()]).unwrap();
            every_duplicate_replays(&program, Mutexes::Shared, &[3, 3, 3], &order);
        }
    }
}

/// Three sessions that draw 22, 25 and 26 numbers, in long stretches of one letter. The run is itself an order that
/// hands each of its duplicates out twice, so there is one for each.
#[test]
fn of_three_sessions_that_were_held_up_for_long() {
    let stretches = [
        (4, 6),
        (2, 15),
        (3, 5),
        (3, 8),
        (3, 6),
        (4, 12),
        (9, 6),
        (3, 10),
        (9, 2),
    ];
    let order: Vec<usize> = stretches
        .into_iter()
        .flat_map(|(session, letters)| std::iter::repeat_n(session, letters))
        .collect();
    every_duplicate_replays(UNSAFE_RACE, Mutexes::Shared, &[22, 25, 26], &order);
}

fn run_of(program: &[Operation], draws: &[u64], order: &str) -> Run {
    let model = Model::new(program, Mutexes::Shared, draws, SIZE, 0).unwrap();
    replay(&model, &order.parse().unwrap())
}

#[test]
fn two_sessions_that_read_the_same() {
    let run = run_of(UNSAFE_RACE, &[4, 2], "AAAABAABAABB");
    let witness = exported(2, UNSAFE_RACE, Mutexes::Shared, recorded(&run)).unwrap();
    assert_eq!(
        witness,
        Witness {
            ticket: 2,
            counter: 2,
            draws: vec![1, 1],
            sessions: vec!["A".into(), "B".into()],
            schedule: "ABBA".into(),
            command: String::new(),
        }
    );
}

/// B reads 1 and is held up; A goes on to 5; B writes 2, and A gets 2, 3 and 4 a second time. C has no
/// part in it.
#[test]
fn a_session_that_got_it_twice() {
    let order = format!(
        "CC{}{}{}",
        "B",
        "A".repeat(8),
        "B".to_owned() + &"A".repeat(6)
    );
    let run = run_of(UNSAFE_RACE, &[8, 1, 1], &order);
    assert_eq!(tickets(&run)[0], [1, 2, 3, 4, 2, 3, 4]);
    let of = |ticket| exported(ticket, UNSAFE_RACE, Mutexes::Shared, recorded(&run)).unwrap();
    let witness = of(2);
    assert_eq!((witness.counter, &witness.draws[..]), (1, &[3, 1][..]));
    assert_eq!(witness.sessions, ["A", "B"]);
    assert_eq!(witness.schedule, "BAAAABAA");
    let witness = of(4);
    // What A drew after its first 4 does not matter, all before does.
    assert_eq!((witness.counter, &witness.draws[..]), (1, &[7, 1][..]));
    replays(&witness, UNSAFE_RACE, Mutexes::Shared, &run);
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let run = run_of(UNSAFE_RACE, &[1, 1], "AABB");
    for ticket in [0, 7] {
        assert_eq!(
            exported(ticket, UNSAFE_RACE, Mutexes::Shared, recorded(&run)),
            Err(NoWitness::NoDuplicate(ticket))
        );
    }
    // Nobody could have moved the counter back; and a lock would have let nobody in.
    let run = run_of(UNSAFE_RACE, &[1, 1], "ABBA");
    for (program, journals) in [
        (LOCK, recorded(&run)),
        (UNSAFE_RACE, {
            let (mut writer, reader) = journal();
            writer.push(3..4);
            writer.push(3..4);
            vec![("A".into(), reader)]
        }),
    ] {
        let ticket = journals[0].1.clone().flatten().next().unwrap();
        let error = exported(ticket, program, Mutexes::Shared, journals).unwrap_err();
        assert_eq!(error, NoWitness::NoOrder(ticket));
    }
}

#[test]
fn a_long_way_back_is_bounded() {
    // A goes from 1 to 600; B moves the counter back to 2; A goes to 600 again.
    let (mut a, a_reader) = journal();
    let (mut b, b_reader) = journal();
    a.push(0..601);
    a.push(2..601);
    b.push(1..2);
    let journals = || {
        vec![
            ("A".into(), a_reader.clone()),
            ("B".into(), b_reader.clone()),
        ]
    };
    let recording = Recording {
        program: UNSAFE_RACE,
        mutexes: Mutexes::Shared,
        size: 1_000,
        since: 0,
        journals: journals(),
    };
    let witness = export(600, recording).unwrap();
    assert_eq!(witness.counter, 1);
    assert_eq!(witness.draws, [600 + 599, 1]);
}
