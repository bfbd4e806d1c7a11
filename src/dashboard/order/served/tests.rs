//! Whole screens from literal data, what each key asks for, and keys pressed in any order.

use std::sync::Arc;

use crate::testing::cases;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::state::{Dialog, Message, Setup, State, update};
use crate::dashboard::effect::{Effect, Exit, Turn};
use crate::dashboard::keys::Key;
use crate::dashboard::order::view::view;
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::draw::gallery::Mutexes;
use crate::draw::{Mode, Operation, Window};
use crate::draws::turnstile::hand::{Does, NotGranted, Stand, Standing};
use crate::draws::{Model, Schedule, replay};
use crate::lootbox::list::List;

const NOBODY: Standing = Standing {
    does: Does::Nothing,
    register: None,
};

fn waits(next: usize, register: Option<u64>) -> Standing {
    Standing {
        does: Does::Waits {
            next,
            locked_out: false,
        },
        register,
    }
}

fn setup(mode: Mode) -> Setup {
    Setup {
        name: mode.name().into(),
        mode: Some(mode),
        program: mode.program().to_vec(),
        mutexes: Mutexes::Shared,
        window: crate::draw::DrawProgram::from(mode).default_window(),
        list: Arc::new(List::given("5,19,228,665,7,11").unwrap()),
        address: "192.168.1.20:7777".into(),
    }
}

/// After these letters on the model, with the sessions as said.
fn after(mode: Mode, letters: &str, sessions: &[Standing], names: &[&str]) -> State {
    let model = Model::new(mode.program(), Mutexes::Shared, &[4, 2], 6, 0).unwrap();
    let schedule = letters.parse::<Schedule>().unwrap_or_default();
    let stand = Stand {
        run: replay(&model, &schedule),
        sessions: sessions.to_vec(),
        waiting: Vec::new(),
        ended: false,
    };
    let mut state = State::new(setup(mode), stand.clone(), Theme::default());
    let names = names.iter().map(|&name| name.to_owned()).collect();
    assert_eq!(
        update(&mut state, Message::Stand(Box::new(stand), names)),
        []
    );
    state
}

fn press(state: &mut State, key: Key) -> Vec<Effect> {
    update(state, Message::Event(Event::Key(key)))
}

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state)).unwrap();
    terminal.backend().to_string()
}

fn the_race() -> State {
    let sessions = [waits(0, Some(3)), waits(2, Some(4))];
    after(
        Mode::UnsafeRace,
        "AAAABAABAAB",
        &sessions,
        &["ada", "127.0.0.1:5"],
    )
}

#[test]
fn screens() {
    let shown = |what: &str, state: &State| {
        insta::assert_snapshot!(format!("{what}_80x24"), screen(state, 80, 24));
        insta::assert_snapshot!(format!("{what}_120x40"), screen(state, 120, 40));
        insta::assert_snapshot!(format!("{what}_60x16"), screen(state, 60, 16));
    };
    let start = after(Mode::UnsafeRace, "", &[NOBODY, NOBODY], &[]);
    shown("start", &start);
    shown("race", &the_race());
    let locked_out = Standing {
        does: Does::Waits {
            next: 0,
            locked_out: true,
        },
        register: None,
    };
    let names = ["ada", "bob"];
    let mut lock = after(Mode::Lock, "AAB", &[waits(3, Some(0)), locked_out], &names);
    shown("lock", &lock);

    // What stands before the lanes.
    press(&mut lock, Key::Char('?'));
    insta::assert_snapshot!("help_80x24", screen(&lock, 80, 24));
    insta::assert_snapshot!("help_60x16", screen(&lock, 60, 16));
    insta::assert_snapshot!("too_small", screen(&the_race(), 59, 16));
}

fn row(state: &State, number: usize) -> String {
    let text = screen(state, 80, 24);
    let row = text.lines().nth(number).unwrap();
    row.trim_matches('"').trim_end().to_owned()
}

#[test]
fn what_waits_is_told_in_words() {
    let mut state = after(Mode::UnsafeRace, "AA", &[NOBODY, NOBODY], &["ada", ""]);
    assert_eq!(
        row(&state, 2),
        " NEXT  Nobody asks for a draw: type draw 1 in a client."
    );
    state.stand.sessions[0] = waits(0, Some(0));
    assert_eq!(
        row(&state, 2),
        " NEXT  Press a: it takes its next operation."
    );
    state.stand.waiting = vec![1, 0];
    assert_eq!(
        row(&state, 2),
        " NEXT  B is to go, and has not asked: draw 1 in B's client, or Backspace."
    );
    assert_eq!(row(&state, 3), " SO FAR  A A   waiting: B A");
    state.stand.sessions[0].does = Does::Goes;
    state.stand.waiting.clear();
    assert_eq!(row(&state, 2), " NEXT  A has its window open.");
    state.stand.ended = true;
    assert!(row(&state, 2).contains("The order has ended"));
    press(&mut state, Key::Char(':'));
    press(&mut state, Key::Char('f'));
    assert_eq!(row(&state, 2), " :f_   free  end  copy  help  quit");
    press(&mut state, Key::Control('q'));
    assert!(row(&state, 2).starts_with(" QUIT  y stops the server"));
}

/// With the reply in the window both have the number before either has written.
#[test]
fn what_was_sent_in_the_window_is_told_before_the_draw_is_complete() {
    let reads = [waits(2, Some(0)), waits(0, None)];
    let mut state = after(Mode::UnsafeRace, "A", &reads, &["ada", "bob"]);
    assert_eq!(
        row(&state, 1),
        " CLEAN  5 went to A already, in the window."
    );
    state.stand.sessions[1] = waits(2, Some(0));
    assert_eq!(
        row(&state, 1),
        " DUPLICATE  5 went to A and B already, in the window."
    );
    let mut setup = (*state.setup).clone();
    setup.window = Window::None;
    state.setup = Arc::new(setup);
    assert_eq!(row(&state, 1), " CLEAN  No number was handed out yet.");
}

#[test]
fn a_letter_is_a_session_whatever_the_letter() {
    for letter in 'a'..='z' {
        for key in [letter, letter.to_ascii_uppercase()] {
            let mut state = the_race();
            let session = letter as usize - 'a' as usize;
            if key == 'q' {
                // As on every screen: it ends, and asks before.
                assert_eq!(press(&mut state, Key::Char(key)), []);
                assert_eq!(state.dialog, Some(Dialog::Quit));
                continue;
            }
            assert_eq!(
                press(&mut state, Key::Char(key)),
                [Effect::Turn(Turn::Grant(session))]
            );
        }
    }
}

/// As in every question: y is yes, no letter, and neither is anything else.
#[test]
fn y_means_yes_where_it_is_asked_whether_to_stop() {
    for yes in [Key::Char('y'), Key::Char('Y'), Key::Enter] {
        let mut state = the_race();
        assert_eq!(press(&mut state, Key::Char('q')), []);
        assert_eq!(press(&mut state, yes), [Effect::Exit(Exit::StopServer)]);
    }
    for no in [Key::Char('n'), Key::Char('a'), Key::Escape] {
        let mut state = the_race();
        assert_eq!(press(&mut state, Key::Char('q')), []);
        assert_eq!(press(&mut state, no), []);
        assert_eq!(state.dialog, None);
    }
}

#[test]
fn commands_take_control_or_a_colon() {
    let free = [
        Effect::Turn(Turn::End { then_free: true }),
        Effect::Exit(Exit::Quit),
    ];
    let end = [Effect::Turn(Turn::End { then_free: false })];
    let copy = [Effect::Turn(Turn::Copy("AAAABAABAAB".parse().unwrap()))];
    let stop = [Effect::Exit(Exit::StopServer)];
    for (control, word, effects) in [
        ('f', "free", &free[..]),
        ('e', "end", &end),
        ('y', "copy", &copy),
        ('q', "quit", &stop),
    ] {
        let mut state = the_race();
        let mut pressed = press(&mut state, Key::Control(control));
        if control == 'q' {
            assert_eq!(pressed, []);
            pressed = press(&mut state, Key::Enter);
        }
        assert_eq!(pressed, effects, "Ctrl-{control}");

        let mut state = the_race();
        for key in format!(":{word}").chars() {
            assert_eq!(press(&mut state, Key::Char(key)), []);
        }
        assert_eq!(press(&mut state, Key::Enter), effects, ":{word}");
    }
    let mut state = the_race();
    for key in ":nonsense".chars() {
        press(&mut state, Key::Char(key));
    }
    assert_eq!(press(&mut state, Key::Enter), []);
    assert!(state.note.unwrap().contains("nonsense"));
}

#[test]
fn quitting_asks_and_ctrl_c_twice_is_an_answer() {
    let mut state = the_race();
    assert_eq!(press(&mut state, Key::Control('c')), []);
    // A slip of a letter grants nothing, and goes back.
    assert_eq!(press(&mut state, Key::Char('a')), []);
    assert_eq!(state.dialog, None);
    assert_eq!(press(&mut state, Key::Control('c')), []);
    let stop = [Effect::Exit(Exit::StopServer)];
    assert_eq!(press(&mut state, Key::Control('c')), stop);
}

#[test]
fn what_comes_back_is_told() {
    let mut state = the_race();
    for (message, note) in [
        (
            Message::Refused(2, NotGranted::Nobody),
            "C: nobody with this letter has asked for a draw yet.",
        ),
        (Message::TakenBack(Some(1)), "B's letter is taken back."),
        (
            Message::TakenBack(None),
            "No letter waits: what has happened stays.",
        ),
    ] {
        assert_eq!(update(&mut state, message), []);
        assert_eq!(state.note.as_deref(), Some(note));
    }
    let mut nothing = after(Mode::UnsafeRace, "", &[NOBODY, NOBODY], &[]);
    assert_eq!(press(&mut nothing, Key::Control('y')), []);
    assert!(nothing.note.unwrap().starts_with("Nothing to copy"));
}

#[test]
fn a_new_step_is_shown_also_to_who_has_scrolled_back() {
    let mut state = the_race();
    press(&mut state, Key::PageUp);
    assert_eq!(state.back, 8);
    let mut stand = state.stand.clone();
    let names = state.names.clone();
    let same = Message::Stand(Box::new(stand.clone()), names.clone());
    assert_eq!(update(&mut state, same), []);
    assert_eq!(state.back, 8);
    stand.run.rows.pop();
    let other = Message::Stand(Box::new(stand), names);
    assert_eq!(update(&mut state, other), []);
    assert_eq!(state.back, 0);
}

#[test]
fn ascii_is_ascii_and_a_clients_name_is_harmless() {
    let mut state = the_race();
    state.theme.ascii = true;
    state.names[0] = "\x1b]0;gotcha\x07 Zoë 漢字".into();
    let text = screen(&state, 80, 24);
    assert!(text.is_ascii(), "{text}");
    assert!(!text.contains('\x1b'), "{text}");
}

#[test]
fn any_program_and_any_number_of_sessions_fit() {
    let long: Vec<Operation> = [Operation::Load, Operation::Store].repeat(20);
    for count in [1, 2, 3, 6, 26] {
        let mut state = the_race();
        let mut setup = (*state.setup).clone();
        setup.program.clone_from(&long);
        state.setup = Arc::new(setup);
        state.stand.run.sessions = count;
        state.stand.run.rows.retain(|row| row.session < count);
        state.stand.sessions = vec![waits(38, Some(3)); count];
        for (width, height) in [(1, 1), (20, 3), (60, 16), (80, 24), (200, 60)] {
            screen(&state, width, height);
        }
        assert!(screen(&state, 60, 16).contains("step"), "{count}");
    }
}

proptest! {
    #![proptest_config(cases(256))]

    /// Whatever is pressed, nothing but a letter with no question before it grants anything, and the screen is drawn.
    #[test]
    fn any_keys(keys in prop::collection::vec(prop_oneof![
        any::<char>().prop_map(Key::Char),
        prop::sample::select(vec!['a', 'b', ':', '?', 'f', 'q']).prop_map(Key::Char),
        prop::sample::select(vec!['c', 'e', 'f', 'q', 'y', 'z']).prop_map(Key::Control),
        prop::sample::select(vec![Key::Enter, Key::Escape, Key::Backspace, Key::Up, Key::Home, Key::PageDown]),
    ], 0..30)) {
        let mut state = the_race();
        for key in keys {
            let asked = matches!(state.dialog, Some(Dialog::Quit | Dialog::Command(_) | Dialog::Help));
            let effects = press(&mut state, key);
            let grants = effects.iter().any(|effect| matches!(effect, Effect::Turn(Turn::Grant(_))));
            let letter = matches!(key, Key::Char(letter) if letter.is_ascii_alphabetic() && letter != 'q');
            prop_assert_eq!(grants, letter && !asked);
            screen(&state, 60, 16);
        }
    }
}
