//! Whole screens after literal keys, keys pressed in the real loop on a `TestBackend`, and what must hold after
//! any keys at all.

use std::sync::{Arc, mpsc};
use std::time::Duration;

use crate::testing::cases;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::game::Game;
use crate::command_line::{Explore, Numbers, Program};
use crate::dashboard::effect::{Effect, Exit};
use crate::dashboard::keys::Key;
use crate::dashboard::order::play::Game as _;
use crate::dashboard::order::play::Verdict;
use crate::dashboard::order::play::state::{self, Asked, update};
use crate::dashboard::order::play::status::schedule;
use crate::dashboard::order::view::view;
use crate::dashboard::run::{World, run};
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::draw::gallery::{GALLERY, Mutexes};
use crate::draw::{LOCK, Mode, Operation, UNSAFE_RACE};
use crate::draws::explore::each_order;
use crate::draws::{Ahead, Bounds, Model, replay};
use crate::lootbox::list::List;

type State = state::State<Game>;

fn game(name: &str, program: &[Operation], mutexes: Mutexes, draws: &[u64], states: usize) -> Game {
    let list = Arc::new(List::given("5,19,228,665,7,11").unwrap());
    let model = Model::new(program, mutexes, draws, 6, 0).unwrap();
    let bounds = Bounds {
        states,
        ..Bounds::default()
    };
    Game {
        name: name.into(),
        ahead: Ahead::look(&model, bounds, &mut |_| ()),
        model,
        list,
        command: Explore {
            program: Program::Named(name.into()),
            numbers: Numbers::Usual,
            counter: 0,
            draws: draws.to_vec(),
        },
        why: "The belief: \"It is one step.\" It is two, and somebody can come in between.".into(),
        next: Some("small-lock"),
    }
}

fn named(name: &str, draws: &[u64]) -> State {
    let (program, mutexes) = if let Ok(mode) = name.parse::<Mode>() {
        (mode.program(), Mutexes::Shared)
    } else {
        let answer = GALLERY.iter().find(|answer| answer.name == name).unwrap();
        (answer.program, answer.mutexes)
    };
    State::new(
        game(name, program, mutexes, draws, 100_000),
        Theme::default(),
    )
}

/// What keys do that ask for nothing outside.
fn press(state: &mut State, keys: &str) {
    for key in keys.chars() {
        let key = match key {
            '\n' => Key::Enter,
            key => Key::Char(key),
        };
        assert_eq!(update(state, Event::Key(key)), []);
    }
}

fn after(name: &str, draws: &[u64], keys: &str) -> State {
    let mut state = named(name, draws);
    press(&mut state, keys);
    state
}

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state)).unwrap();
    terminal.backend().to_string()
}

#[test]
fn screens() {
    let shown = |what: &str, state: &State| {
        insta::assert_snapshot!(format!("{what}_80x24"), screen(state, 80, 24));
        insta::assert_snapshot!(format!("{what}_60x16"), screen(state, 60, 16));
    };
    shown("start", &named("unsafe-race", &[4, 2]));
    shown("middle", &after("unsafe-race", &[4, 2], "aaaabaa"));
    shown("asked", &after("unsafe-race", &[4, 2], "aaaabaa?"));
    shown("asked_at_start", &after("lock", &[4, 2], "?"));
    shown("goal", &after("unsafe-race", &[4, 2], "aaaabaabaabb"));
    shown("out_of_reach", &after("unsafe-race", &[1, 1], "aab?"));
    shown("witness", &after("small-lock", &[1, 1], "aa??"));
    shown("lock_waiting", &after("lock", &[2, 1], "aab"));
    let mut clean = after("lock", &[1, 1], "aaaabbbb");
    shown("clean", &clean);
    press(&mut clean, "?");
    shown("clean_asked", &clean);
    let goal = after("unsafe-race", &[1, 1], "abba");
    insta::assert_snapshot!("goal_120x40", screen(&goal, 120, 40));
    let waiting = after("lock", &[1, 1, 1], "aa");
    insta::assert_snapshot!("lock_waiting_120x40", screen(&waiting, 120, 40));
    insta::assert_snapshot!("too_small", screen(&goal, 59, 16));
    let mut ascii = after("unsafe-race", &[4, 2], "aaaabaabaabb");
    ascii.theme.ascii = true;
    let text = screen(&ascii, 80, 24);
    assert!(text.is_ascii(), "{text}");
}

#[test]
fn it_fits_any_screen_and_any_number_of_sessions() {
    for draws in [&[1][..], &[1; 4], &[1; 6], &[1; 26]] {
        for (name, program) in [("lock", LOCK), ("small-lock", GALLERY[1].program)] {
            let mut state = State::new(
                game(name, program, Mutexes::Shared, draws, 500),
                Theme::default(),
            );
            press(&mut state, "aab??");
            for (width, height) in [(1, 1), (20, 3), (60, 16), (80, 24), (120, 40), (200, 60)] {
                let text = screen(&state, width, height);
                if width >= 60 {
                    assert!(text.contains("leave"), "{text}");
                }
            }
        }
    }
}

#[test]
fn keys_that_cannot_do_anything_say_why() {
    for (name, keys, why) in [
        ("lock", "aab", "B waits for the lock: A holds it."),
        ("unsafe-race", "aaa", "A has no draw left."),
        ("unsafe-race", "c", "There is no session C: A to B."),
        ("unsafe-race", "u", "Nothing to undo"),
        ("unsafe-race", "\n", "Press ? until"),
        ("unsafe-race", "aa?\n", "Press ? until"),
        ("unsafe-race", "aa??\n", "No step leads there from here."),
    ] {
        let state = after(name, &[1, 1], keys);
        assert!(
            state.note.as_ref().unwrap().contains(why),
            "{:?}",
            state.note
        );
        assert!(screen(&state, 80, 24).contains(why));
    }
}

#[test]
fn the_witness_can_be_followed_to_the_goal() {
    for answer in GALLERY.iter().filter(|answer| !answer.right) {
        let mut state = named(answer.name, &[1, 1]);
        press(&mut state, "??");
        press(&mut state, &"\n".repeat(20));
        assert_eq!(
            Some(schedule(&state.letters).to_string().as_str()),
            answer.witness
        );
        let text = screen(&state, 80, 24);
        assert!(text.contains("GOAL REACHED"), "{text}");
    }
}

#[test]
fn beginning_again_by_a_slip_can_be_undone() {
    let mut state = after("unsafe-race", &[1, 1], "abr");
    assert!(state.letters.is_empty());
    press(&mut state, "u");
    assert_eq!(state.letters, [0, 1]);
    press(&mut state, "uu");
    assert!(state.letters.is_empty());
}

#[test]
fn orders_that_were_tried_are_counted() {
    let mut state = after("atomic", &[1, 1], "abrbauuab");
    assert_eq!(state.tried.len(), 2);
    let text = screen(&state, 80, 24);
    assert!(text.contains("Orders tried: 2."), "{text}");
    press(&mut state, "?");
    let text = screen(&state, 80, 24);
    assert!(text.contains("Tried 2 of 2."), "{text}");
}

#[test]
fn a_search_that_stopped_early_is_never_called_safe() {
    let mut state = State::new(
        game("lock", LOCK, Mutexes::Shared, &[3, 3], 20),
        Theme::default(),
    );
    press(&mut state, "?");
    let text = screen(&state, 80, 24);
    assert!(text.contains("NOT EXHAUSTIVE"), "{text}");
    assert!(text.contains("ORDERS LEFT  many"), "{text}");
    assert!(!text.contains("cannot"), "{text}");
}

#[test]
fn a_question_goes_from_counts_to_a_witness_and_back() {
    let mut state = named("small-lock", &[1, 1]);
    let escape = Event::Key(Key::Escape);
    for asked in [Asked::Counts, Asked::Witness, Asked::Nothing, Asked::Counts] {
        press(&mut state, "?");
        assert_eq!(state.asked, asked);
    }
    press(&mut state, "?");
    for asked in [Asked::Counts, Asked::Nothing, Asked::Nothing] {
        assert_eq!(update(&mut state, escape), []);
        assert_eq!(state.asked, asked);
    }
}

#[test]
fn the_next_task_is_offered_and_the_last_says_that_it_is() {
    for (name, keys, next) in [
        ("unsafe-race", "abba", "> goes on to small-lock"),
        ("unsafe-race", "aabb", "> goes on to small-lock"),
        ("lock", "aaaabbbb?", "> goes on to small-lock"),
    ] {
        let mut state = after(name, &[1, 1], keys);
        for (width, height) in [(80, 24), (60, 16)] {
            let text = screen(&state, width, height);
            assert!(text.contains(next) && text.contains("> next"), "{text}");
        }
        let effects = update(&mut state, Event::Key(Key::Char('>')));
        assert_eq!(effects, [Effect::Exit(Exit::Quit)]);
        assert!(state.onward);
    }
    let mut last = named("unsafe-race", &[1, 1]);
    Arc::get_mut(&mut last.game).unwrap().next = None;
    press(&mut last, "abba");
    let text = screen(&last, 60, 16);
    assert!(text.contains("this was the last task"), "{text}");
    assert!(!text.contains("> next"), "{text}");
    press(&mut last, ">");
    assert!(!last.onward);
    assert!(screen(&last, 80, 24).contains("This was the last task."));
}

#[test]
fn brackets_are_the_next_operations_alone_and_a_window_takes_no_letter() {
    for (keys, row) in [
        ("", "[lock] load  unlock  window  lock  store  unlock "),
        ("a", " lock [load] unlock  window  lock  store  unlock "),
        ("aaa", " lock  load  unlock  window [lock] store  unlock "),
        ("aaaaa", " lock  load  unlock  window  lock  store [unlock]"),
    ] {
        let text = screen(&after("small-lock", &[1, 1], keys), 80, 24);
        assert!(text.contains(&format!(" A  {row}")), "{text}");
        for (width, height) in [(80, 24), (60, 16)] {
            let text = screen(&after("small-lock", &[1, 1], keys), width, height);
            assert!(text.contains("window takes no letter"), "{text}");
        }
    }
    let text = screen(&named("atomic", &[1, 1]), 80, 24);
    assert!(!text.contains("window"), "{text}");
}

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

#[test]
fn keys_in_the_real_loop() {
    let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
    let mut state = named("unsafe-race", &[1, 1]);
    let (sender, events) = mpsc::channel();
    for key in "abuubba".chars() {
        sender.send(Event::Key(Key::Char(key))).unwrap();
    }
    for event in [
        Event::Resized,
        Event::Suspend,
        Event::Key(Key::Control('z')),
        Event::Key(Key::Char('q')),
    ] {
        sender.send(event).unwrap();
    }
    let exit = run(
        &mut terminal,
        &mut state,
        &events,
        &mut Nowhere,
        Duration::ZERO,
    );
    assert_eq!(exit.unwrap(), Exit::Quit);
    assert_eq!(state.letters, [1, 1, 0]);
    for (event, end) in [
        (Event::HangUp, Exit::HangUp),
        (Event::Terminate, Exit::Terminated),
    ] {
        assert_eq!(update(&mut state, event), [Effect::Exit(end)]);
    }
}

/// What the explorer calls bad is bad here too.
#[test]
fn a_forgotten_unlock_is_a_goal_too() {
    let program = [Operation::Lock, Operation::Load, Operation::Store];
    let game = game("your program", &program, Mutexes::Shared, &[1, 1], 100_000);
    let mut state = State::new(game, Theme::default());
    press(&mut state, "?");
    let text = screen(&state, 80, 24);
    assert!(
        text.contains("get the same number, or wait for ever?"),
        "{text}"
    );
    assert!(text.contains("ORDERS LEFT  2   bad 2   clean 0"), "{text}");
    press(&mut state, "aaa");
    let text = screen(&state, 80, 24);
    assert!(text.contains("DEADLOCK"), "{text}");
    assert!(text.contains("B waits for the lock for ever."), "{text}");
}

proptest! {
    #![proptest_config(cases(60))]

    /// After any keys, a step and its undo change nothing; and undo leads all the way back.
    #[test]
    fn undo_returns_to_the_state_before(which in 0usize..5, keys in "[abcABur?]{0,30}", step in "[ab]") {
        let mut state = named(GALLERY[which].name, &[2, 1]);
        let fresh = state.game.at(&[]);
        press(&mut state, &keys);
        let (letters, at) = (state.letters.clone(), state.game.at(&state.letters));
        press(&mut state, &step);
        if state.letters.len() > letters.len() {
            press(&mut state, "u");
        }
        prop_assert_eq!(&state.letters, &letters);
        prop_assert_eq!(state.game.at(&state.letters), at);
        for _ in 0..letters.len() {
            press(&mut state, "u");
        }
        prop_assert_eq!(state.game.at(&state.letters), fresh);
    }

    /// Before it is asked, the screen is the same whether every order was looked at or none: it cannot tell.
    #[test]
    fn nothing_is_answered_before_it_is_asked(which in 0usize..7, keys in "[abur]{0,14}", size in 0usize..4) {
        let (program, mutexes) = match which {
            5 => (UNSAFE_RACE, Mutexes::Shared),
            6 => (LOCK, Mutexes::Shared),
            which => (GALLERY[which].program, GALLERY[which].mutexes),
        };
        let mut shown = [100_000, 1].map(|states| {
            State::new(game("task", program, mutexes, &[1, 1], states), Theme::default())
        });
        let (width, height) = [(20, 3), (60, 16), (80, 24), (120, 40)][size];
        let [known, unknown] = shown.each_mut().map(|state| {
            press(state, &keys);
            screen(state, width, height)
        });
        prop_assert_eq!(&known, &unknown);
        let [known, unknown] = shown.each_mut().map(|state| {
            press(state, "?");
            screen(state, width, height)
        });
        let reached = known.contains("GOAL REACHED");
        prop_assert!(reached || known != unknown, "{}", known);
    }

    /// What stands on the screen agrees with a list of all orders that begin so.
    #[test]
    fn what_is_said_is_true_of_a_list_of_all_orders(which in 0usize..6, keys in "[ab]{0,12}") {
        let mut state = match which {
            5 => State::new(game("unsafe-race", UNSAFE_RACE, Mutexes::Shared, &[2, 1], 9_999), Theme::default()),
            which => named(GALLERY[which].name, &[1, 1]),
        };
        press(&mut state, &keys);
        let begun = schedule(&state.letters).to_string();
        let (mut all, mut bad) = (0u128, 0u128);
        each_order(&state.game.model, &mut |order| {
            if order.to_string().starts_with(&begun) {
                all += 1;
                bad += u128::from(!replay(&state.game.model, order).table().duplicates.is_empty());
            }
            true
        });
        let left = state.game.left(&state.letters).unwrap();
        prop_assert_eq!((left.all(), left.bad), (all, bad));
        match state.verdict {
            Verdict::Reached(_) => prop_assert_eq!(all, bad),
            Verdict::InReach => prop_assert!(bad > 0),
            Verdict::OutOfReach | Verdict::Never => prop_assert!(bad == 0 && all > 0),
            Verdict::Missed | Verdict::Shown | Verdict::Clean => prop_assert_eq!((all, bad), (1, 0)),
            Verdict::Unknown => prop_assert!(false),
        }
        press(&mut state, "?");
        let text = screen(&state, 80, 24);
        let ended = state.game.is_over(&state.at) || text.contains("GOAL REACHED");
        prop_assert!(ended || text.contains(&format!("ORDERS LEFT  {all}   bad {bad}")), "{}", text);
    }
}
