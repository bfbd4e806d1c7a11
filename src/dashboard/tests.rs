//! Whole screens from literal snapshots.

mod cast;
mod keys;
mod literal;

use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use super::app::{Dialog, Message, State};
use super::keys::Key;
use super::source::Server;
use super::theme::Theme;
use super::update::update;
use super::view::view;
use crate::draw::{Mode, Window};
use crate::record::{Snapshot, State as Doing, Sums};
use crate::terminal_kind::Colors;
use crate::trace::{Told, Witness};
use literal::{SECOND, answering, clean, held_up, race, story, thread};

/// A state that has taken in the messages.
fn after(messages: impl IntoIterator<Item = Message>) -> State {
    let mut state = State::default();
    for message in messages {
        _ = update(&mut state, message);
    }
    state
}

fn seen(snapshot: Snapshot) -> Message {
    Message::Snapshot(Box::new(snapshot))
}

fn key(character: char) -> Message {
    Message::Key(Key::Char(character))
}

fn drawn(state: &State, width: u16, height: u16) -> Terminal<TestBackend> {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state)).unwrap();
    terminal
}

fn screen(state: &State, width: u16, height: u16) -> String {
    drawn(state, width, height).backend().to_string()
}

/// More extras than a moment ago.
fn race_now() -> State {
    let mut before = race();
    before.uptime_ns -= SECOND / 2;
    before.sums.extras = 20;
    after([seen(before), seen(race())])
}

#[test]
fn a_race_on_screens_of_all_sizes() {
    for (width, height) in [(80, 24), (120, 40), (60, 16)] {
        insta::assert_snapshot!(
            format!("race_{width}x{height}"),
            screen(&race_now(), width, height)
        );
    }
}

#[test]
fn no_race_on_screens_of_all_sizes() {
    for (width, height) in [(80, 24), (120, 40), (60, 16)] {
        let state = after([seen(clean())]);
        insta::assert_snapshot!(
            format!("clean_{width}x{height}"),
            screen(&state, width, height)
        );
    }
}

#[test]
fn too_small() {
    let screens: Vec<_> = [(59, 24), (80, 15), (30, 3), (5, 1)]
        .map(|(width, height)| {
            screen(&race_now(), width, height)
                .lines()
                .next()
                .unwrap_or("")
                .to_owned()
        })
        .into();
    insta::assert_snapshot!(screens.join("\n"));
}

#[test]
fn sold_out() {
    let mut snapshot = clean();
    snapshot.counter = 1_000;
    snapshot.sums.draws = 1_000;
    snapshot.sums.distinct = 1_000;
    snapshot.sold_out = true;
    insta::assert_snapshot!(screen(&after([seen(snapshot)]), 80, 24));
}

/// Whatever stands still, the screen says which key goes on, also where there is little room.
#[test]
fn every_state_that_stands_still_names_its_key() {
    let mut sold_out = race();
    sold_out.sold_out = true;
    sold_out.draws_per_second = 0;
    let mut clean_and_sold_out = clean();
    clean_and_sold_out.sold_out = true;
    let mut paused = race();
    paused.paused = true;
    let mut empty = race();
    empty.sessions.clear();
    for (width, height) in [(80, 24), (60, 16)] {
        for (snapshot, says) in [
            (&sold_out, "sold out: r begins a new round"),
            (&clean_and_sold_out, "sold out: r begins a new round"),
            (&paused, "paused: p resumes"),
            (&empty, "nobody is connected: b adds a bot"),
        ] {
            let state = after([seen(snapshot.clone())]);
            let screen = screen(&state, width, height);
            assert!(screen.contains(says), "{screen}");
        }
        let frozen = screen(&after([seen(race()), key(' ')]), width, height);
        assert!(frozen.contains("FROZEN: space"), "{frozen}");
        let waiting = screen(&after([]), width, height);
        assert!(waiting.contains("q quits"), "{waiting}");
    }
}

/// 80×24 is what the slides recommend for the hall.
#[test]
fn the_number_of_duplicates_is_large_wherever_there_is_room() {
    for (width, height) in [(80, 24), (100, 30), (80, 40), (120, 40)] {
        let screen = screen(&race_now(), width, height);
        for digits in ["▀▀█ █▀█", "█▀▀ █▀█", "▀▀▀ ▀▀▀"] {
            assert!(screen.contains(digits), "{width}x{height}\n{screen}");
        }
    }
    let mut many = race();
    many.sums.duplicates = 2_496;
    let narrow = screen(&after([seen(many.clone())]), 60, 16);
    assert!(narrow.contains("2,496 more than once"), "{narrow}");
}

#[test]
fn frozen() {
    let state = after([seen(race()), key(' '), seen(clean())]);
    insta::assert_snapshot!(screen(&state, 80, 24));
}

#[test]
fn disconnected() {
    let lost = Message::Lost {
        why: "the server has closed the connection".into(),
        attempt: 3,
        retry: Duration::from_secs(2),
    };
    insta::assert_snapshot!(screen(&after([seen(race()), lost]), 80, 24));
}

#[test]
fn before_anything_has_come_and_before_anybody_draws() {
    let mut snapshot = clean();
    snapshot.sums = Sums::default();
    snapshot.counter = 0;
    snapshot.recent.clear();
    snapshot.sessions.clear();
    snapshot.bots = 0;
    insta::assert_snapshot!("nothing_yet", screen(&after([]), 80, 24));
    insta::assert_snapshot!("no_draws_yet", screen(&after([seen(snapshot)]), 80, 24));
}

fn told(schedule: &str) -> Told {
    Told {
        witness: Some(Witness {
            ticket: 2,
            counter: 2,
            draws: vec![1, 1],
            sessions: vec!["B".into(), "A".into()],
            schedule: schedule.into(),
            command: format!(
                "lootbox explore --mode unsafe-race --size 100000 --seed 4294967295 --counter 2 --draws 1,1 --replay {schedule}"
            ),
            explains: Some((0, 66)),
        }),
        ..Told::from(story())
    }
}

#[test]
fn a_story_with_what_replays_it() {
    let shown = |told| after([seen(race()), Message::Story(Box::new(told))]);
    let short = shown(told("ABBA"));
    insta::assert_snapshot!("story_replay_80x24", screen(&short, 80, 24));
    insta::assert_snapshot!("story_replay_60x16", screen(&short, 60, 16));
    let long = shown(told(&"AB".repeat(200)));
    assert!(screen(&long, 80, 24).contains("400 letters replay it"));
    let none = shown(Told {
        no_witness: Some("no order was found".into()),
        ..Told::from(story())
    });
    let screen = screen(&none, 80, 24);
    assert!(screen.contains("no order was found"), "{screen}");
    assert!(screen.contains("Perhaps B, A read 2 before"), "{screen}");
}

/// What was held up for long takes an order that is too long to be typed: it is told in few steps, and what is
/// shorter is named as what it is.
#[test]
fn a_story_of_a_long_order() {
    let told = Told {
        story: held_up(),
        shorter: told("ABBA").witness,
        ..told(&"CAAAABBB".repeat(30))
    };
    let state = after([seen(race()), Message::Story(Box::new(told))]);
    insta::assert_snapshot!("story_long_80x24", screen(&state, 80, 24));
    insta::assert_snapshot!("story_long_120x40", screen(&state, 120, 40));
    insta::assert_snapshot!("story_long_60x16", screen(&state, 60, 16));
}

#[test]
fn a_story() {
    let state = after([seen(race()), Message::Story(Box::new(story().into()))]);
    insta::assert_snapshot!("story_80x24", screen(&state, 80, 24));
    insta::assert_snapshot!("story_60x16", screen(&state, 60, 16));
    let mut crowd = story();
    crowd.sessions = ["A", "B", "C", "D"].map(String::from).into();
    crowd.left_out = 4;
    let state = after([seen(race()), Message::Story(Box::new(crowd.into()))]);
    insta::assert_snapshot!("story_of_a_crowd", screen(&state, 80, 24));
}

#[test]
fn help_and_questions() {
    for (name, character, width, height) in [
        ("help_80x24", '?', 80, 24),
        ("help_120x40", '?', 120, 40),
        ("new_round", 'r', 80, 24),
    ] {
        insta::assert_snapshot!(
            name,
            screen(&after([seen(race()), key(character)]), width, height)
        );
    }
    let mut state = after([seen(race())]);
    state.in_process = true;
    _ = update(&mut state, key('q'));
    insta::assert_snapshot!("quit", screen(&state, 80, 24));
    let mut state = after([]);
    let server = |path: &str, what: Option<&str>| Server {
        path: path.into(),
        what: what.map(str::to_owned),
    };
    state.dialog = Some(Dialog::Choose(
        vec![
            server(
                "/run/user/1/lootbox/7777.sock",
                Some("lock  127.0.0.1:7777"),
            ),
            server("/run/lootbox/control.sock", None),
        ],
        1,
    ));
    insta::assert_snapshot!("choose", screen(&state, 80, 24));
}

#[test]
fn in_ascii_everything_is() {
    for theme in [true, false] {
        let mut state = race_now();
        state.theme = Theme {
            colors: Colors::None,
            ascii: theme,
        };
        let buffer = drawn(&state, 120, 40).backend().buffer().clone();
        assert_eq!(
            buffer.content.iter().all(|cell| cell.symbol().is_ascii()),
            theme
        );
        assert!(
            buffer
                .content
                .iter()
                .all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset))
        );
    }
    let mut state = after([seen(race()), Message::Story(Box::new(story().into()))]);
    state.theme.ascii = true;
    insta::assert_snapshot!("story_ascii", screen(&state, 80, 24));
}

/// The alarm is red, and reversed where there is no colour, and a word in both.
#[test]
fn the_alarm_shows_while_duplicates_are_made_and_not_after() {
    let mut state = race_now();
    let alarmed = |state: &State| {
        let cell = drawn(state, 80, 24).backend().buffer()[(79, 2)].clone();
        cell.bg == Color::Red || cell.modifier.contains(Modifier::REVERSED)
    };
    assert!(alarmed(&state));
    assert!(screen(&state, 80, 24).contains("RACE!"));
    state.theme.colors = Colors::None;
    assert!(alarmed(&state));
    let mut later = race();
    later.uptime_ns += 5 * SECOND;
    _ = update(&mut state, seen(later));
    assert!(!alarmed(&state));
    assert!(screen(&state, 80, 24).contains(" RACE  number"));
}

/// What the lecturer does: the race, then `m`, and the duplicates stop.
#[test]
fn after_a_change_of_mode_the_old_duplicates_are_told_from_new_ones() {
    let mut state = race_now();
    let mut locked = race();
    locked.mode = Mode::Lock;
    locked.window = Window::None;
    locked.before_change = locked.sums;
    _ = update(&mut state, seen(locked.clone()));
    locked.sums.draws += 500;
    locked.uptime_ns += 3 * SECOND;
    _ = update(&mut state, seen(locked.clone()));
    // And whoever looks only now sees the same.
    let once = crate::dashboard::picture(locked, false, 80, 24);
    for text in [screen(&state, 80, 24), once] {
        assert!(
            text.contains("NO NEW DUPLICATES  in 500 draws with lock  ·  the 28 from before stay"),
            "{text}"
        );
    }
}

#[test]
fn an_answer_that_looks_right_is_not_said_to_be() {
    let looks_right = after([seen(answering("small-lock", clean().sums))]);
    insta::assert_snapshot!("gallery_80x24", screen(&looks_right, 80, 24));
    let text = screen(&looks_right, 80, 24);
    let said = "NO DUPLICATE YET  in 930 draws of small-lock: luck, and no proof";
    assert!(text.contains(said), "{text}");

    let caught = after([seen(answering("wrong-lock", race().sums))]);
    let text = screen(&caught, 80, 24);
    assert!(
        text.contains("WRONG-LOCK") && text.contains(" RACE"),
        "{text}"
    );

    let retries = Sums {
        retries: 12,
        ..clean().sums
    };
    let right = after([seen(answering("cas", retries))]);
    let text = screen(&right, 80, 24);
    assert!(
        text.contains("NO DUPLICATES  in 930 draws with cas"),
        "{text}"
    );
    assert!(
        text.contains("retries") && !text.contains("repaired"),
        "{text}"
    );
}

#[test]
fn a_thousand_threads_and_any_size_are_no_trouble() {
    let mut snapshot = race();
    snapshot.sessions = (0..1_000)
        .map(|index| thread(index, index, 1, Doing::Idle))
        .collect();
    snapshot.sums.draws = u64::MAX;
    snapshot.sums.duplicates = u64::MAX;
    snapshot.size = u64::MAX;
    for text in ["", "?", "r", "b"] {
        let mut state = after([seen(snapshot.clone())]);
        for character in text.chars() {
            _ = update(&mut state, key(character));
        }
        for width in (1..=200).step_by(7) {
            for height in (1..=60).step_by(5) {
                screen(&state, width, height);
            }
        }
    }
    let state = after([seen(snapshot), Message::Story(Box::new(story().into()))]);
    for size in 1..90 {
        screen(&state, size, size);
    }
}
