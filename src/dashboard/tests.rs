//! Whole screens from literal snapshots, and keys pressed in the real loop on a `TestBackend`.

use std::sync::mpsc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::style::{Color, Modifier};

use super::app::{Dialog, Effect, Exit, Focus, Message, State, update};
use super::keys::Key;
use super::run::{World, run};
use super::theme::Theme;
use super::view::view;
use crate::draw::gallery::{Answer, Attempt};
use crate::draw::notation::write_program;
use crate::draw::{Grain, Mode, Window};
use crate::record::story::{Action, Step, Story};
use crate::record::{
    Dialect, Duplicate, OtherProgram, RecentDraw, SessionRow, Snapshot, State as Doing, Sums,
    letters,
};
use crate::schedule::export::{Told, Witness};
use crate::server::command::Command;

const SECOND: u64 = 1_000_000_000;

fn thread(index: u64, draws: u64, duplicates: u64, state: Doing) -> SessionRow {
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

fn clean() -> Snapshot {
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
    }
}

fn race() -> Snapshot {
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

fn story() -> Story {
    let read = |session, seen| Step {
        session: Some(session),
        action: Action::Read { seen },
        counter: seen,
    };
    let write = |session, ticket, number, stale| Step {
        session: Some(session),
        action: Action::Write {
            ticket,
            number,
            stale,
        },
        counter: ticket + 1,
    };
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

#[test]
fn a_story_with_what_replays_it() {
    let told = |schedule: &str| Told {
        witness: Some(Witness {
            ticket: 2,
            counter: 2,
            draws: vec![1, 1],
            sessions: vec!["B".into(), "A".into()],
            schedule: schedule.into(),
            command: format!(
                "lootbox explore --mode unsafe-race --size 100000 --seed 4294967295 --counter 2 --draws 1,1 --replay {schedule}"
            ),
        }),
        ..Told::from(story())
    };
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
    assert!(screen(&none, 80, 24).contains("no order was found"));
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
    state.dialog = Some(Dialog::Choose(
        vec![
            "/run/user/1/lootbox/7777.sock".into(),
            "/run/user/1/lootbox/7778.sock".into(),
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
            color: false,
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
    state.theme.color = false;
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
    _ = update(&mut state, seen(locked.clone()));
    locked.sums.draws += 500;
    locked.uptime_ns += 3 * SECOND;
    _ = update(&mut state, seen(locked));
    let text = screen(&state, 80, 24);
    assert!(
        text.contains("NO NEW DUPLICATES  in 500 draws with lock  ·  the 28 from before stay"),
        "{text}"
    );
}

/// The server runs this answer of the gallery.
fn answering(name: &str, sums: Sums) -> Snapshot {
    let attempt = Attempt::of(Answer::named(name).unwrap());
    Snapshot {
        mode: attempt.nearest_mode(),
        program: Some(OtherProgram {
            name: name.into(),
            operations: write_program(&attempt.program),
        }),
        window: attempt.default_window(),
        sums,
        ..clean()
    }
}

#[test]
fn the_gallery_has_a_key_of_its_own_and_m_leads_back_to_the_modes() {
    let to = |name| {
        vec![Effect::Command(Command::Gallery {
            to: Answer::named(name).unwrap(),
        })]
    };
    let mut state = after([seen(race())]);
    for name in [
        "late-atomic",
        "small-lock",
        "wrong-lock",
        "early-unlock",
        "cas",
        "late-atomic",
    ] {
        assert_eq!(update(&mut state, key('a')), to(name));
        let note = &state.note.as_ref().unwrap().0;
        assert!(note.starts_with(&format!("{name}: \"")), "{note}");
    }
    // From where the server is, not from where this dashboard was.
    let mut state = after([seen(answering("cas", clean().sums))]);
    assert_eq!(update(&mut state, key('a')), to("late-atomic"));
    let mut state = after([seen(answering("small-lock", clean().sums))]);
    let lock = Command::Mode { to: Mode::Lock };
    assert_eq!(update(&mut state, key('m')), [Effect::Command(lock)]);
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

#[test]
fn selections_survive_updates() {
    let mut state = after([seen(race())]);
    for _ in 0..2 {
        _ = update(&mut state, Message::Key(Key::Down));
    }
    let ticket = state.duplicate.unwrap();
    assert_eq!(state.duplicate_place(), Some(1));
    let mut more = race();
    more.uptime_ns += SECOND;
    more.duplicate_list.push(Duplicate {
        number: 999,
        ticket: 999,
        sessions: vec!["A".into(), "B".into()],
    });
    _ = update(&mut state, seen(more));
    assert_eq!(
        (state.duplicate, state.duplicate_place()),
        (Some(ticket), Some(2))
    );
    let effects = update(&mut state, Message::Key(Key::Enter));
    assert_eq!(effects, [Effect::Story(ticket)]);

    _ = update(&mut state, Message::Key(Key::Tab));
    assert_eq!(state.focus, Focus::Threads);
    _ = update(&mut state, Message::Key(Key::End));
    assert_eq!(state.thread, Some(3));
    _ = update(&mut state, key('s'));
    _ = update(&mut state, key('s'));
    assert_eq!(
        state.thread_place(),
        Some(2),
        "by duplicates C is still last"
    );
}

#[test]
fn the_filter_takes_keys_until_enter_and_escape_clears_it() {
    let mut state = after([seen(race()), key('/'), key('C')]);
    assert_eq!(state.rows, [2], "by letter");
    _ = update(&mut state, Message::Key(Key::Backspace));
    for character in "bot 2".chars() {
        assert_eq!(update(&mut state, key(character)), []);
    }
    assert_eq!(state.rows, [1]);
    assert!(screen(&state, 80, 24).contains("/bot 2_ · Threads 1 of 3"));
    _ = update(&mut state, Message::Key(Key::Enter));
    assert!(!state.filtering);
    _ = update(&mut state, Message::Key(Key::Escape));
    assert_eq!(state.rows.len(), 3);
}

#[test]
fn pressing_twice_before_an_answer_goes_two_steps() {
    let mut state = after([seen(clean())]);
    let mode = |to| vec![Effect::Command(Command::Mode { to })];
    assert_eq!(update(&mut state, key('m')), mode(Mode::Atomic));
    assert_eq!(update(&mut state, key('m')), mode(Mode::UnsafeRace));
    assert_eq!(update(&mut state, key('m')), mode(Mode::Lock));
    let bots = |to| {
        vec![Effect::Command(Command::Bots {
            to: Some(to),
            rate: None,
        })]
    };
    assert_eq!(update(&mut state, key('b')), bots(4));
    // An old snapshot comes before the answers, and changes nothing.
    _ = update(&mut state, seen(clean()));
    assert_eq!(update(&mut state, key('b')), bots(5));
    for _ in 0..5 {
        _ = update(&mut state, Message::Done);
    }
    _ = update(&mut state, seen(clean()));
    assert_eq!(update(&mut state, key('B')), bots(2));
    _ = update(&mut state, Message::Refused("no thread left".into()));
    assert!(screen(&state, 80, 24).contains("no thread left"));
    assert_eq!(update(&mut state, key('B')), bots(2));
}

#[test]
fn without_a_connection_nobody_is_told_anything() {
    let lost = Message::Lost {
        why: "gone".into(),
        attempt: 1,
        retry: Duration::ZERO,
    };
    let mut state = after([seen(clean()), lost]);
    for character in "mwgbBp+-".chars() {
        assert_eq!(update(&mut state, key(character)), []);
    }
}

/// Carries nothing out, and lets time pass.
#[derive(Default)]
struct Recorder {
    effects: Vec<Effect>,
    time: std::cell::Cell<u32>,
}

impl World for Recorder {
    fn now(&self) -> Duration {
        self.time.set(self.time.get() + 1);
        Duration::from_millis(10) * self.time.get()
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn carry_out(&mut self, effect: Effect) {
        self.effects.push(effect);
    }
}

/// The real loop, from keys to effects, on a backend that is no terminal.
#[test]
fn keys_in_the_loop_come_out_as_commands() {
    let (sender, messages) = mpsc::channel();
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut state = State {
        in_process: true,
        ..State::default()
    };
    let mut world = Recorder::default();
    sender.send(seen(race())).unwrap();
    for character in ['w', 'g', 'p', '+', 'r', 'n', 'r', 'y', 'q', 'n', 'q', 'y'] {
        sender.send(key(character)).unwrap();
    }
    let exit = run(
        &mut terminal,
        &mut state,
        &messages,
        &mut world,
        Duration::ZERO,
    )
    .unwrap();
    assert_eq!(exit, Exit::StopServer);
    assert_eq!(
        world.effects,
        [
            Effect::Command(Command::Window { to: Window::Yield }),
            Effect::Command(Command::Grain { to: Grain::Request }),
            Effect::Command(Command::Pause {}),
            Effect::Command(Command::Bots {
                to: None,
                rate: Some(50)
            }),
            Effect::Command(Command::Reset { seed: None }),
        ]
    );
}

#[test]
fn each_way_to_end() {
    for (message, exit) in [
        (Message::HangUp, Exit::HangUp),
        (Message::Terminate, Exit::Terminated),
        (Message::ServerEnded, Exit::ServerEnded),
        (key('q'), Exit::Quit),
        (Message::Key(Key::Control('c')), Exit::Quit),
    ] {
        let (sender, messages) = mpsc::channel();
        sender.send(message).unwrap();
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        let mut world = Recorder::default();
        let ended = run(
            &mut terminal,
            &mut State::default(),
            &messages,
            &mut world,
            Duration::ZERO,
        );
        assert_eq!(ended, Ok(exit));
    }
}

/// The pictures in docs/ are what this program draws now. After a change of the screen, make them anew:
/// `cargo run -- dashboard --cast docs`.
#[test]
fn the_pictures_in_the_documentation_are_of_this_dashboard() {
    let cast = super::cast::cast().unwrap();
    assert_eq!(cast, super::cast::cast().unwrap(), "the same each time");
    // Played on a terminal, it shows what the lecture shows.
    let size = |cells| std::num::NonZero::new(cells).unwrap();
    let mut terminal = vt100::Parser::new(size(24), size(80), 0);
    let acts = ["NO DRAWS YET", "RACE!", "LOST UPDATE", "NO NEW DUPLICATES"];
    let mut acts = acts.into_iter().peekable();
    for line in cast.cast.lines().skip(1) {
        let (_, _, bytes): (f64, String, String) = serde_json::from_str(line).unwrap();
        terminal.process(bytes.as_bytes());
        acts.next_if(|act| terminal.screen().contents().contains(act));
    }
    assert_eq!(acts.next(), None);
    let docs = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("docs");
    for (file, now) in [
        ("dashboard.cast", &cast.cast),
        ("dashboard.svg", &cast.still),
    ] {
        let there = std::fs::read_to_string(docs.join(file)).unwrap();
        // Not assert_eq: nobody wants to read two casts.
        assert!(
            there == *now,
            "{file} is of another dashboard: cargo run -- dashboard --cast docs"
        );
    }
}
