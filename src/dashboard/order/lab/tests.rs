//! Whole screens after literal keys, and what must hold after any keys at all.

use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::Machine;
use crate::dashboard::effect::{Effect, Exit};
use crate::dashboard::keys::Key;
use crate::dashboard::order::play::state::{self, update};
use crate::dashboard::order::play::status::schedule;
use crate::dashboard::order::play::{Game as _, Verdict};
use crate::dashboard::order::view::view;
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::lab::ahead::Ahead;
use crate::lab::check::{self, Limits};
use crate::lab::compile::Settings;
use crate::lab::report::Outcome;
use crate::lab::{load, problems};
use crate::orders::Bounds;
use crate::testing::cases;

type State = state::State<Machine>;

fn game(name: &str, source: &str, states: usize) -> State {
    let program = load(name, source, &Settings::default()).unwrap();
    let bounds = Bounds {
        states,
        ..Bounds::default()
    };
    let machine = Machine {
        name: name.to_owned(),
        command: format!("lootbox lab check {name}"),
        ahead: Ahead::look(program, source.to_owned(), bounds, &mut |_| ()),
    };
    State::new(machine, Theme::default())
}

fn named(name: &str) -> State {
    game(name, problems::named(name).unwrap().source, 100_000)
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

fn after(name: &str, keys: &str) -> State {
    let mut state = named(name);
    press(&mut state, keys);
    state
}

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state)).unwrap();
    terminal.backend().to_string()
}

/// A queue, a section of two, and a signal that nobody gives.
const SIGNALS: &str = "fifo mutex m; semaphore done = 0; shared x;
process p { lock(m); x++; unlock(m); }
process q { lock(m); section cs { x++; } unlock(m); wait(done); }
never x == 2;";

#[test]
fn start() {
    let state = named("philosophers-naive");
    insta::assert_snapshot!("start_80x24", screen(&state, 80, 24));
    insta::assert_snapshot!("start_120x40", screen(&state, 120, 40));
}

#[test]
fn a_deadlock_and_its_circle() {
    let state = after("philosophers-naive", "abcde");
    insta::assert_snapshot!("deadlock_60x16", screen(&state, 60, 16));
    insta::assert_snapshot!("deadlock_80x24", screen(&state, 80, 24));
    insta::assert_snapshot!("deadlock_120x40", screen(&state, 120, 40));
    insta::assert_snapshot!("too_small", screen(&state, 59, 16));
}

/// B has one chopstick and will enter with the second: its row has the room of both columns.
#[test]
fn a_long_step_is_whole_where_nothing_stands_beside_it() {
    let text = screen(&after("philosophers-naive", "ab"), 80, 24);
    assert!(text.contains("wait(chopstick[2]), enters eating"), "{text}");
}

#[test]
fn a_broken_rule_an_order_that_keeps_it_and_the_counts() {
    let mut state = after("lootbox-race", "aa?");
    insta::assert_snapshot!("asked_80x24", screen(&state, 80, 24));
    press(&mut state, "bb?");
    press(&mut state, "?");
    insta::assert_snapshot!("kept_80x24", screen(&state, 80, 24));
    let state = after("lootbox-race", "abab");
    insta::assert_snapshot!("broken_80x24", screen(&state, 80, 24));
}

#[test]
fn a_queue_a_section_and_a_lost_signal() {
    let mut state = game("signals", SIGNALS, 100_000);
    press(&mut state, "ab");
    insta::assert_snapshot!("queue_120x40", screen(&state, 120, 40));
    press(&mut state, "aaabbb??");
    insta::assert_snapshot!("lost_signal_80x24", screen(&state, 80, 24));
}

#[test]
fn keys_that_cannot_do_anything_say_why() {
    for (name, keys, why) in [
        ("philosophers-naive", "z", "There is no process Z: A to E."),
        ("lootbox-race", "aaa", "A has ended."),
        ("lootbox-lock", "ab", "B waits for lid: A holds it."),
        ("lootbox-race", "u", "Nothing to undo"),
        ("lootbox-race", "\n", "Press ? until"),
        ("lootbox-race", "aa??\n", "No step leads there from here."),
    ] {
        let state = after(name, keys);
        let note = state.note.clone().unwrap_or_default();
        assert!(note.contains(why), "{name} {keys:?}: {note}");
        assert!(screen(&state, 80, 24).contains(why));
    }
}

/// The letters that lead to a rule which an order can break, as `lab check` has the shortest of all.
#[test]
fn the_witness_can_be_followed_to_a_broken_rule() {
    for problem in problems::ALL {
        let program = load(problem.name, problem.source, &Settings::default()).unwrap();
        let report = check::check(&program, problem.source, Limits::default(), &mut |_| ());
        let shortest = report.rules.iter().filter_map(|rule| match &rule.outcome {
            Outcome::Broken(witness) if witness.starves.is_none() => Some(witness.schedule.len()),
            _ => None,
        });
        let shortest = shortest.min();
        let mut state = game(problem.name, problem.source, 200_000);
        press(&mut state, "??");
        press(&mut state, &"\n".repeat(shortest.unwrap_or(1)));
        let reached = matches!(state.verdict, Verdict::Reached(_));
        assert_eq!(reached, shortest.is_some(), "{}", problem.name);
        assert_eq!(
            state.letters.len(),
            shortest.unwrap_or(0),
            "{}",
            problem.name
        );
        assert_eq!(
            state.is_impossible(),
            shortest.is_none(),
            "{}",
            problem.name
        );
    }
}

#[test]
fn what_is_left_is_counted_as_in_a_check() {
    for (keys, bad, all) in [("", 4, 6), ("a", 2, 3), ("aa", 0, 1), ("ab", 2, 2)] {
        let mut state = after("lootbox-race", keys);
        let left = state.game.left(&state.letters).unwrap();
        assert_eq!((left.bad, left.all()), (bad, all), "{keys}");
        press(&mut state, "?");
        let said = format!("ORDERS LEFT  {all}   bad {bad}   clean {}", all - bad);
        assert!(screen(&state, 80, 24).contains(&said));
    }
    // No order of these need end, so there is nothing to count; and the deadlock is found all the same.
    let endless = screen(&after("philosophers-naive", "?"), 80, 24);
    assert!(endless.contains("ORDERS LEFT  without number"), "{endless}");
    assert!(endless.contains("IN REACH"), "{endless}");
}

#[test]
fn what_goes_wrong_ends_the_order_also_before_a_first_step() {
    let mut state = game(
        "wrong",
        "shared x; process p { x = 1 / x; } process q { x = 1; }",
        99,
    );
    press(&mut state, "aa");
    let text = screen(&state, 80, 24);
    assert!(text.contains("WENT WRONG  p: division by zero."), "{text}");
    assert!(text.contains("lab check wrong --replay AA"), "{text}");
    press(&mut state, "b");
    assert_eq!(
        state.note.as_deref(),
        Some("The order has ended: A went wrong.")
    );
    let mut state = game(
        "at-once",
        "process p { local a[1]; a[a[0] - 1] = 1; wake(); }",
        99,
    );
    let text = screen(&state, 80, 24);
    assert!(
        text.contains("WENT WRONG") && !text.contains("--replay"),
        "{text}"
    );
    press(&mut state, "a??\n");
    assert!(state.letters.is_empty());
}

#[test]
fn a_search_that_stopped_early_is_never_called_safe() {
    let source = problems::named("lootbox-lock").unwrap().source;
    let mut state = game("lootbox-lock", source, 3);
    press(&mut state, "?");
    let text = screen(&state, 80, 24);
    assert!(text.contains("NOT EXHAUSTIVE"), "{text}");
    assert!(text.contains("ORDERS LEFT  many"), "{text}");
}

#[test]
fn it_fits_any_screen_and_any_number_of_processes() {
    for many in [1, 4, 26] {
        let source = format!("shared x; process p [{many}] {{ x++; }} never x > 30;");
        let mut state = game("\x1b]0;gotcha\x07 Zoë 漢字", &source, 500);
        state.theme.ascii = true;
        press(&mut state, "aab??");
        for (width, height) in [(1, 1), (20, 3), (60, 16), (80, 24), (120, 40), (200, 60)] {
            let text = screen(&state, width, height);
            assert!(text.is_ascii() && !text.contains('\x1b'), "{text}");
            assert!(width < 60 || text.contains("leave"), "{text}");
        }
    }
}

#[test]
fn q_ends_it_and_the_order_is_told_by_its_letters() {
    let again = |state: &State| state.game.replay_command(&state.letters);
    let mut state = after("philosophers-naive", "abQcr");
    assert_eq!(again(&state), "lootbox lab check philosophers-naive");
    press(&mut state, "u");
    let whole = "lootbox lab check philosophers-naive --replay ABC";
    assert_eq!(again(&state), whole);
    let effects = update(&mut state, Event::Key(Key::Char('q')));
    assert_eq!(effects, [Effect::Exit(Exit::Quit)]);
}

proptest! {
    #![proptest_config(cases(60))]

    /// After any keys, a step and its undo change nothing that is shown but the note.
    #[test]
    fn undo_returns_to_the_screen_before(which in 0usize..13, keys in "[abcABu?]{0,30}", step in "[ab]") {
        let problem = &problems::ALL[which];
        let mut state = game(problem.name, problem.source, 500);
        press(&mut state, &keys);
        state.note = None;
        let (letters, before) = (state.letters.clone(), screen(&state, 80, 24));
        press(&mut state, &step);
        if state.letters.len() > letters.len() && state.tried.is_empty() {
            press(&mut state, "u");
            prop_assert_eq!(screen(&state, 80, 24), before);
            prop_assert_eq!(&state.letters, &letters);
        }
    }

    /// Before it is asked, the screen is the same whether every order was looked at or none: it cannot tell.
    #[test]
    fn nothing_is_answered_before_it_is_asked(which in 0usize..13, keys in "[abcur]{0,14}", size in 0usize..4) {
        let problem = &problems::ALL[which];
        let (width, height) = [(20, 3), (60, 16), (80, 24), (120, 40)][size];
        let [known, unknown] = [1_500, 1].map(|states| {
            let mut state = game(problem.name, problem.source, states);
            press(&mut state, &keys);
            screen(&state, width, height)
        });
        prop_assert_eq!(known, unknown);
    }

    /// What the screen says of an order is what `lab check --replay` says of it.
    #[test]
    fn what_is_shown_is_what_a_replay_says(which in 0usize..13, keys in "[abc]{0,20}") {
        let problem = &problems::ALL[which];
        let mut state = game(problem.name, problem.source, 1);
        press(&mut state, &keys);
        let program = load(problem.name, problem.source, &Settings::default()).unwrap();
        let replay = check::replay(&program, problem.source, &schedule(&state.letters));
        prop_assert_eq!(replay.rows.len(), state.letters.len());
        prop_assert!(replay.rows.iter().all(|row| !row.text.contains("passed over")));
        let reached = matches!(state.verdict, Verdict::Reached(_));
        prop_assert_eq!(reached, !replay.broken.is_empty());
    }
}
