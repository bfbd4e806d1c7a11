//! Whole screens from literal snapshots.

mod literal;
mod live;
mod messages;

use std::time::Duration;

use crate::testing::cases;
use proptest::prelude::*;
use ratatui::Terminal;
use ratatui::backend::TestBackend;

use super::Message;
use super::state::{State, update};
use super::view::view;
use crate::dashboard::keys::Key;
use crate::dashboard::terminal::Event;
use crate::dashboard::theme::Theme;
use crate::lab::run::live::Snapshot;
use crate::terminal_kind::Colors;
use literal::{PLAIN, dead, mixed, table, values};

fn screen(state: &State, width: u16, height: u16) -> String {
    let mut terminal = Terminal::new(TestBackend::new(width, height)).unwrap();
    terminal.draw(|frame| view(frame, state)).unwrap();
    terminal.backend().to_string()
}

fn state(name: &str, shown: Snapshot) -> State {
    let mut state = State::new(name, Duration::from_secs(10), Theme::default());
    _ = update(&mut state, Message::Snapshot(Box::new(shown)));
    state
}

fn over(mut state: State) -> State {
    assert_eq!(update(&mut state, Message::Over), []);
    state
}

#[test]
fn screens() {
    let sizes = [(80, 24), (120, 40), (60, 16)];
    let shown = |what: &str, state: &State| {
        for (width, height) in sizes {
            insta::assert_snapshot!(
                format!("{what}_{width}x{height}"),
                screen(state, width, height)
            );
        }
    };
    shown("table", &state("philosophers-odd-even", table()));
    shown("deadlock", &over(state("philosophers-naive", dead(5))));
    shown("mixed", &state("mixed", mixed()));
    let mut help = state("philosophers-odd-even", table());
    _ = update(&mut help, Message::Event(Event::Key(Key::Char('?'))));
    shown("help", &help);
    insta::assert_snapshot!(
        "deadlock_26_80x24",
        screen(&state("many", dead(26)), 80, 24)
    );
    insta::assert_snapshot!(
        "too_small",
        screen(&state("philosophers-naive", dead(5)), 59, 16)
    );
    insta::assert_snapshot!(
        "before",
        screen(&State::new("x", Duration::ZERO, Theme::default()), 80, 24)
    );
}

#[test]
fn ascii_is_ascii_and_without_colour_there_is_none() {
    for shown in [table(), dead(5), mixed()] {
        let mut state = state("philosophers-naive", shown);
        state.theme = Theme {
            colors: Colors::None,
            ascii: true,
        };
        let mut terminal = Terminal::new(TestBackend::new(80, 24)).unwrap();
        terminal.draw(|frame| view(frame, &state)).unwrap();
        let buffer = terminal.backend().buffer();
        for cell in &buffer.content {
            assert!(cell.symbol().is_ascii(), "{}", terminal.backend());
            let plain = ratatui::style::Color::Reset;
            assert_eq!((cell.fg, cell.bg), (plain, plain));
        }
    }
}

#[test]
fn a_deadlock_is_named_in_the_textbooks_words() {
    let text = screen(&state("philosophers-naive", dead(5)), 80, 24);
    assert!(text.contains("DEADLOCK   P0→P1→P2→P3→P4→P0"), "{text}");
    let rows: Vec<_> = text.lines().collect();
    let at = rows
        .iter()
        .position(|it| it.contains("PHILOSOPHER  P0     P1     P2     P3     P4"))
        .unwrap();
    assert!(
        rows[at + 1].contains("holds        c0     c1     c2     c3     c4"),
        "{text}"
    );
    assert!(
        rows[at + 2].contains("waits for    c1     c2     c3     c4     c0"),
        "{text}"
    );
}

#[test]
fn a_broken_rule_is_seen_while_it_runs() {
    let mut shown = table();
    shown.broken = vec![
        ("never together cs, cs".into(), 1),
        ("never x != y".into(), 1_234),
    ];
    let text = screen(&state("x", shown.clone()), 80, 24);
    let said = "BROKEN   never together cs, cs: once · never x != y: 1,234 times";
    assert!(text.contains(said), "{text}");
    shown.deadlock = dead(5).deadlock;
    shown.cycle = dead(5).cycle;
    let text = screen(&state("x", shown), 80, 24);
    assert!(text.contains("→P0 · never together cs, cs: once"), "{text}");
}

#[test]
fn the_bar_of_who_waits_longest_grows_and_the_scale_with_it() {
    let mut last = 0;
    for ms in [3, 4, 5] {
        let mut shown = table();
        for process in &mut shown.processes {
            process.longest = Duration::ZERO;
        }
        shown.processes[1].longest = Duration::from_millis(ms);
        let text = screen(&state("x", shown), 120, 40);
        assert!(text.contains("a full bar is 5 ms"), "{text}");
        let full = text.matches('█').count();
        assert!(full > last, "{text}");
        last = full;
    }
}

proptest! {
    #![proptest_config(cases(60))]

    /// No name, number or size of a screen hurts.
    #[test]
    fn it_fits_any_screen(width in 1u16..200, height in 1u16..60, name in "\\PC{0,40}", many in 1usize..27, number: i32, top in 0usize..40) {
        let mut shown = dead(many);
        shown.locks.push((PLAIN, values(&"s".repeat(usize::from(width)), &[number; 300])));
        shown.shared = (0..30).map(|_| values("shared_variable", &[number; 9])).collect();
        shown.processes[0].turns = u64::MAX / 64;
        shown.processes[0].longest = Duration::MAX;
        let mut state = state(&name, shown);
        state.top = top;
        _ = screen(&state, width, height);
    }
}
