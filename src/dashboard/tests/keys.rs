//! Keys and messages: what they change, and what comes out of the real loop on a `TestBackend`.

use std::sync::mpsc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::literal::{SECOND, answering, clean, race, story};
use super::{after, key, screen, seen};
use crate::dashboard::app::{Dialog, Effect, Exit, Focus, Message, State};
use crate::dashboard::keys::Key;
use crate::dashboard::run::{World, run};
use crate::dashboard::update::update;
use crate::draw::gallery::{Answer, GALLERY};
use crate::draw::{Grain, Mode, Window};
use crate::record::Duplicate;
use crate::server::command::Command;

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

/// The picture stands still, so it is said in the last row what a key, anybody's, has changed.
#[test]
fn what_changes_while_the_picture_is_frozen_is_said() {
    let said = |state: &State| {
        screen(state, 80, 24)
            .lines()
            .rev()
            .nth(1)
            .unwrap()
            .to_owned()
    };
    let mut state = after([seen(race()), key(' ')]);
    let mut now = race();
    now.mode = Mode::Lock;
    now.sums.draws += 1_000;
    _ = update(&mut state, key('m'));
    _ = update(&mut state, Message::Done);
    _ = update(&mut state, seen(now.clone()));
    let says = "mode is now lock; space shows it";
    assert!(said(&state).contains(says), "{}", said(&state));
    now.round += 1;
    now.paused = !now.paused;
    _ = update(&mut state, seen(now.clone()));
    let says = format!("round {} has begun, now paused; space", now.round);
    assert!(said(&state).contains(&says), "{}", said(&state));
    // What goes on by itself is no news, and what is not frozen shows itself.
    state.note = None;
    now.sums.draws += 1_000;
    _ = update(&mut state, seen(now.clone()));
    assert_eq!(state.note, None);
    _ = update(&mut state, key(' '));
    now.mode = Mode::Atomic;
    _ = update(&mut state, seen(now));
    assert_eq!(state.note, None);
}

/// A belief is longer than a row, and is to be read with the keys still there, at every width.
#[test]
fn a_note_is_whole_and_leaves_the_keys() {
    for (width, height) in [(60, 16), (80, 24), (120, 40)] {
        let mut state = after([seen(race())]);
        for answer in &GALLERY {
            _ = update(&mut state, key('a'));
            let text = screen(&state, width, height);
            let words: Vec<_> = text
                .split(|it: char| it.is_whitespace() || it == '"')
                .filter(|word| !word.is_empty())
                .collect();
            let says = answer.belief.split(' ').collect::<Vec<_>>().join(" ");
            assert!(words.join(" ").contains(&says), "{width}: {says}\n{text}");
            let keys = text.lines().last().unwrap();
            assert!(keys.contains("q quit"), "{text}");
        }
    }
    let mut state = after([seen(race())]);
    _ = update(&mut state, key('a'));
    _ = update(&mut state, key('a'));
    insta::assert_snapshot!("a_belief_80x24", screen(&state, 80, 24));
    // Whatever a server says, the rest of the screen stays.
    _ = update(&mut state, Message::Refused("word ".repeat(200)));
    let text = screen(&state, 60, 16);
    assert!(
        text.contains("q quit") && text.contains("Threads"),
        "{text}"
    );
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

/// On every screen and before every question: `q` and Ctrl-C end, escape goes back and ends nothing.
#[test]
fn q_and_ctrl_c_end_and_escape_never_does() {
    let told = || Message::Story(Box::new(story().into()));
    let opened = |messages: Vec<Message>| after([seen(race())].into_iter().chain(messages));
    for ways in [vec![], vec![key('?')], vec![told()], vec![key('r')]] {
        for quit in [key('q'), Message::Key(Key::Control('c'))] {
            let mut state = opened(ways.clone());
            assert_eq!(update(&mut state, quit.clone()), [Effect::Exit(Exit::Quit)]);
            // The server of this process is asked after, and the same key again means it.
            let mut state = opened(ways.clone());
            state.in_process = true;
            assert_eq!(update(&mut state, quit.clone()), []);
            assert_eq!(state.dialog, Some(Dialog::Quit));
            assert_eq!(update(&mut state, quit), [Effect::Exit(Exit::StopServer)]);
        }
        let mut state = opened(ways);
        assert_eq!(update(&mut state, Message::Key(Key::Escape)), []);
        assert_eq!(state.dialog, None);
    }
}

/// On a server that others may be watching the first key that changes something asks, and no other.
#[test]
fn a_shared_server_is_steered_after_a_question() {
    let mut state = after([seen(race())]);
    state.careful = true;
    assert_eq!(update(&mut state, key('m')), []);
    assert!(matches!(state.dialog, Some(Dialog::Steer(_))));
    assert_eq!(update(&mut state, key('n')), []);
    assert_eq!(update(&mut state, key('b')), []);
    assert_eq!(update(&mut state, key('y')).len(), 1);
    assert_eq!(update(&mut state, key('m')).len(), 1);
}
