//! Messages in the real loop on a `TestBackend`, and keys.

use std::sync::mpsc;
use std::time::Duration;

use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::literal::{dead, mixed, table};
use super::{screen, state};
use crate::dashboard::effect::{Effect, Exit, NO_SHELL};
use crate::dashboard::keys::Key;
use crate::dashboard::lab::Message;
use crate::dashboard::lab::state::{State, update};
use crate::dashboard::run::{World, run};
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::lab::run::live::Snapshot;

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
            key(' '),
            Message::Event(Event::Key(Key::Escape)),
            now(table()),
            key('q'),
        ]);
        assert_eq!(exit, Exit::Quit);
        assert!(state.over, "it ended before its key");
        assert_eq!(state.shown, table(), "only q ends it");
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

/// As on every screen: `q` and Ctrl-C end, escape goes back and ends nothing, and the footer says so.
#[test]
fn q_and_ctrl_c_end_and_escape_never_does() {
    let running = || state("x", table());
    let stands = || {
        let mut state = state("x", dead(5));
        assert_eq!(update(&mut state, Message::Over), []);
        state
    };
    for state in [running(), stands()] {
        for help in [false, true] {
            let begun = || State {
                help,
                ..state.clone()
            };
            for quit in [Key::Char('q'), Key::Control('c')] {
                let quit = Message::Event(Event::Key(quit));
                assert_eq!(update(&mut begun(), quit), [Effect::Exit(Exit::Quit)]);
            }
            let text = screen(&begun(), 60, 16);
            assert!(text.contains(" q quit"), "{text}");
            assert_eq!(text.contains("esc back"), help, "{text}");
            let mut state = begun();
            let escape = Message::Event(Event::Key(Key::Escape));
            assert_eq!(update(&mut state, escape), []);
            assert!(!state.help);
        }
    }
}

#[test]
fn a_stop_that_no_shell_could_continue_is_answered_until_the_next_key() {
    let mut state = state("x", table());
    assert_eq!(update(&mut state, Message::Event(Event::NoShell)), []);
    assert!(screen(&state, 60, 16).contains(NO_SHELL));
    assert_eq!(update(&mut state, key('?')), []);
    assert!(!screen(&state, 60, 16).contains(NO_SHELL));
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
