//! Every duplicate that some order makes is told, and what is told replays.

use std::ops::Range;
use std::sync::Arc;

use crate::testing::cases;
use proptest::prelude::*;

use super::witness::{NoWitness, tickets};
use super::*;
use crate::draw::gallery::{GALLERY, LATE_ATOMIC, Mutexes};
use crate::draw::notation::parse_program;
use crate::draw::{DrawProgram, Grain, LOCK, Operation, UNSAFE_RACE};
use crate::draws::replay::{Did, Row};
use crate::draws::{Model, Run, Schedule, replay};
use crate::lootbox::list::List;
use crate::lootbox::{Round, Runs};
use crate::record::journal::journal;
use crate::record::letters;

const SIZE: u64 = 100;

/// The recording of sessions that drew these tickets, each in its own order.
fn recorded(drawn: Vec<Vec<u64>>, program: &[Operation], mutexes: Mutexes) -> Recorded {
    let journals = drawn.into_iter().zip(0..).map(|(drawn, session)| {
        let (mut writer, reader) = journal();
        for ticket in drawn {
            writer.push(ticket..ticket + 1);
        }
        (letters(session), reader)
    });
    let program = DrawProgram {
        mutexes,
        ..DrawProgram::own(program.to_vec())
    };
    Recorded {
        round: Round::new(1, Some(1), Arc::new(List::shuffled(SIZE, 1).unwrap())),
        runs: Runs {
            program: Arc::new(program),
            grain: Grain::Number,
        },
        since: 0,
        until: u64::MAX,
        certain: true,
        journals: journals.collect(),
    }
}

fn race(drawn: Vec<Vec<u64>>) -> Recorded {
    recorded(drawn, UNSAFE_RACE, Mutexes::Shared)
}

/// The order that was found, and what is told of it.
fn told(ticket: u64, recorded: &Recorded) -> (Witness, Story) {
    let told = tell(ticket, recorded).unwrap();
    assert_eq!(told.no_witness, None);
    let witness = told.witness.unwrap();
    if let Some(shorter) = told.shorter {
        assert!(shorter.schedule.len() < witness.schedule.len());
    }
    (witness, told.story)
}

/// What a story says, in words.
fn words(story: &Story) -> String {
    let steps = story.steps.iter().map(|step| {
        let who = step.session.map_or("?", |who| &story.sessions[who]);
        let before = match step.omitted {
            0 => String::new(),
            steps => format!("({steps} steps) "),
        };
        let counter = step.counter;
        let does = match step.action {
            Action::Read { seen } => format!("reads {seen}"),
            Action::Write { stale: false, .. } => format!("writes {counter}"),
            Action::Write { stale: true, .. } => format!("writes {counter}!"),
            Action::Add { .. } => format!("adds to {counter}"),
            Action::Elsewhere => return format!("elsewhere {counter}"),
        };
        format!("{before}{who} {does}")
    });
    steps.collect::<Vec<_>>().join(", ")
}

/// Whether what a person would replay hands the ticket out twice, each session drawing what it drew in the
/// run, in its own order; and whether the story is what the replay does.
fn replays(witness: &Witness, story: &Story, recorded: &Recorded, in_the_run: &[Vec<u64>]) {
    let runs = &recorded.runs;
    let (draws, counter) = (&witness.draws, witness.counter);
    let model = Model::new(
        &runs.program.operations,
        runs.program.mutexes,
        draws,
        SIZE,
        counter,
    )
    .unwrap();
    let again = replay(&model, &witness.schedule.parse().unwrap());
    assert!(
        again.table().duplicates.contains(&witness.ticket),
        "{witness:?}"
    );
    assert_eq!(again.left.iter().sum::<u64>(), 0, "{witness:?}");
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
    assert!(story.sessions.len() <= 4, "{story:?}");
    let reads_and_writes: Vec<_> = again
        .rows
        .iter()
        .filter(|row| reads_or_writes(row))
        .collect();
    let mut place = 0;
    for step in &story.steps {
        place += usize::try_from(step.omitted).unwrap();
        let row = reads_and_writes[place];
        let session = &story.sessions[step.session.unwrap()];
        assert_eq!(session, &witness.sessions[row.session], "{story:?}");
        assert_eq!(step.counter, row.counter, "{story:?}");
        place += 1;
    }
    assert_eq!(place, reads_and_writes.len(), "{story:?}");
}

fn reads_or_writes(row: &Row) -> bool {
    use Operation::{Add, FetchAdd, Load, Store, StoreIfUnchanged};
    match row.did {
        Did::Ran { operation, .. } => {
            matches!(operation, Load | Store | Add | FetchAdd | StoreIfUnchanged)
        }
        Did::PassedOver(_) => false,
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
    let recorded = recorded(tickets(&run), program, mutexes);
    for ticket in run.table().duplicates {
        let (witness, story) = told(ticket, &recorded);
        replays(&witness, &story, &recorded, &tickets(&run));
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

fn run_of(draws: &[u64], order: &str) -> Run {
    let model = Model::new(UNSAFE_RACE, Mutexes::Shared, draws, SIZE, 0).unwrap();
    replay(&model, &order.parse().unwrap())
}

/// As it happened: A writes before B does.
#[test]
fn two_sessions_that_read_the_same() {
    let run = run_of(&[4, 2], "AAAABAABAABB");
    let (witness, story) = told(2, &race(tickets(&run)));
    assert_eq!(
        witness,
        Witness {
            ticket: 2,
            counter: 2,
            draws: vec![1, 1],
            sessions: vec!["A".into(), "B".into()],
            schedule: "BAAB".into(),
            command: "lootbox explore --program 'load window store' --size 100 --seed 1 --counter 2 --draws 1,1 --replay BAAB".into(),
            explains: Some((0, 66)),
        }
    );
    assert_eq!(
        words(&story),
        "B reads 2, A reads 2, A writes 3, B writes 3!"
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
    let run = run_of(&[8, 1, 1], &order);
    assert_eq!(tickets(&run)[0], [1, 2, 3, 4, 2, 3, 4]);
    let recorded = race(tickets(&run));
    let (witness, story) = told(2, &recorded);
    assert_eq!((witness.counter, &witness.draws[..]), (1, &[3, 1][..]));
    assert_eq!(witness.sessions, ["A", "B"]);
    assert_eq!(witness.schedule, "BAAAABAA");
    assert_eq!(
        words(&story),
        "B reads 1, A reads 1, A writes 2, A reads 2, A writes 3, B writes 2!, A reads 2, A writes 3"
    );
    let (witness, story) = told(4, &recorded);
    // What A drew after its first 4 does not matter, all before does.
    assert_eq!((witness.counter, &witness.draws[..]), (1, &[7, 1][..]));
    replays(&witness, &story, &recorded, &tickets(&run));
    assert_eq!(
        words(&story),
        "B reads 1, A reads 1, A writes 2, (4 steps) A reads 4, A writes 5, B writes 2!, (4 steps) A reads 4, A writes 5"
    );
}

/// B had drawn 3 before it drew 2, so the counter had been past it: nobody reads it there at the same time as A, though
/// that would be shorter. The counter came back by C's write.
#[test]
fn what_a_session_drew_before_tells_that_the_counter_had_been_past_it() {
    let recorded = race(vec![vec![0, 1, 2], vec![3, 2], vec![1]]);
    let (witness, story) = told(2, &recorded);
    assert_eq!(
        words(&story),
        "C reads 1, A reads 1, A writes 2, A reads 2, A writes 3, C writes 2!, B reads 2, B writes 3"
    );
    assert_eq!(witness.schedule, "CAAAACBB");
    let shorter = tell(2, &recorded).unwrap().shorter.unwrap();
    assert_eq!((&shorter.schedule[..], shorter.counter), ("ABBA", 2));
    assert_eq!(shorter.explains, None);
}

/// Five read it before any of them writes: two are told of, as many as a duplicate takes.
#[test]
fn a_crowd_is_counted() {
    let recorded = race(vec![vec![0, 1], vec![1], vec![1], vec![1], vec![1]]);
    let (witness, story) = told(1, &recorded);
    assert_eq!((witness.schedule.len(), story.left_out), (4, 3));
    assert_eq!(story.sessions, witness.sessions);
}

#[test]
fn what_cannot_be_replayed_says_why() {
    let run = run_of(&[1, 1], "AABB");
    let why = |ticket, recorded: &Recorded| {
        let told = tell(ticket, recorded).unwrap();
        assert_eq!(told.witness, None);
        assert!(!told.story.steps.is_empty());
        told.no_witness.unwrap()
    };
    let no_duplicate = NoWitness::NoDuplicate(0).to_string();
    assert_eq!(why(0, &race(tickets(&run))), no_duplicate);
    assert_eq!(tell(7, &race(tickets(&run))), None);
    // Nobody could have moved the counter back; and a lock would have let nobody in.
    let lock = recorded(vec![vec![0], vec![0]], LOCK, Mutexes::Shared);
    assert_eq!(why(0, &lock), NoWitness::NoOrder(0).to_string());
    let alone = race(vec![vec![3, 3]]);
    assert_eq!(why(3, &alone), NoWitness::NoOrder(3).to_string());
    // A schedule orders draws of one number, by one program.
    let twice = || race(vec![vec![0], vec![0]]);
    let mut request = twice();
    request.runs.grain = Grain::Request;
    assert_eq!(why(0, &request), NoWitness::Request(0).to_string());
    let changed = Recorded {
        certain: false,
        ..twice()
    };
    assert_eq!(why(0, &changed), NoWitness::Changed(0).to_string());
}

/// What a sketch says of draws of these tickets by a program, each a whole request.
fn sketched(ticket: u64, program: &[Operation], drawn: &[&[Range<u64>]]) -> String {
    let journals = drawn.iter().zip(0..).map(|(drawn, session)| {
        let (mut writer, reader) = journal();
        for draw in *drawn {
            writer.push_apart(draw.clone());
        }
        (letters(session), reader)
    });
    let mut recorded = recorded(Vec::new(), program, Mutexes::Shared);
    recorded.journals = journals.collect();
    recorded.runs.grain = Grain::Request;
    let told = tell(ticket, &recorded).unwrap();
    assert_eq!((&told.witness, &told.shorter), (&None, &None));
    words(&told.story)
}

// One range is a journal with one entry.
#[allow(clippy::single_range_in_vec_init)]
#[test]
fn what_cannot_be_replayed_is_told_as_if_it_had_been_read_at_once() {
    let sketched = |drawn: &[&[Range<u64>]]| sketched(3, UNSAFE_RACE, drawn);
    assert_eq!(
        sketched(&[&[0..4], &[0..6]]),
        "A reads 0, B reads 0, B writes 6, A writes 4!"
    );
    assert_eq!(
        sketched(&[&[0..2], &[2..4, 4..6], &[0..6]]),
        "C reads 0, elsewhere 2, B reads 2, B writes 4, C writes 6!"
    );
    // Who got it twice takes somebody who moved the counter back.
    assert_eq!(
        sketched(&[&[3..4, 3..4]]),
        "A reads 3, A writes 4, elsewhere 3, A reads 3, A writes 4"
    );
}

#[allow(clippy::single_range_in_vec_init)]
#[test]
fn who_adds_too_late_moves_the_counter_past_numbers() {
    let late = LATE_ATOMIC;
    assert_eq!(
        sketched(1, late, &[&[0..2], &[0..3]]),
        "A reads 0, B reads 0, B adds to 3, A adds to 5"
    );
}

/// A goes from 1 to 600; B moves the counter back to 2; A goes to 600 again.
#[test]
fn a_long_way_back_is_told_in_few_steps() {
    let drawn = vec![(0..=600).chain(2..=600).collect(), vec![1]];
    let recorded = Recorded {
        round: Round::new(1, Some(1), Arc::new(List::shuffled(1_000, 1).unwrap())),
        ..race(drawn)
    };
    let (witness, story) = told(600, &recorded);
    assert_eq!(witness.counter, 1);
    assert_eq!(witness.draws, [600 + 599, 1]);
    assert_eq!(
        words(&story),
        "B reads 1, A reads 1, A writes 2, (1196 steps) A reads 600, A writes 601, B writes 2!, (1196 steps) A reads 600, A writes 601"
    );
}
