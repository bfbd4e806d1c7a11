//! Both dialects, over real sockets.

use lootbox::draw::{Grain, Mode, Window};
use lootbox::lootbox::Source;
use lootbox::lootbox::list::List;
use lootbox::protocol::{HELP, Speak};
use lootbox::server::{Config, SoldOut};
use std::sync::Arc;

use crate::common::*;

/// The assignment's own list.
fn assignment(mode: Mode) -> Config {
    Config {
        program: mode.into(),
        source: Source::Given(Arc::new(List::given("5,19,228,665,7,11").unwrap())),
        ..Config::default()
    }
}

#[test]
fn the_assignments_first_table() {
    let server = serve(assignment(Mode::Lock));
    let (mut a, mut b) = (
        Peer::connect(server.address()),
        Peer::connect(server.address()),
    );
    assert_eq!(a.draw(3).0, [5, 19, 228]);
    assert_eq!(b.draw(1).0, [665]);
    assert_eq!(a.draw(1).0, [7]);
    assert_eq!(b.draw(1).0, [11]);
    let refused = a.ask("draw 1");
    assert!(refused.starts_with("error: sold out"), "{refused}");
}

#[test]
fn a_line_dialect_client_in_one_sitting() {
    let server = serve(assignment(Mode::Atomic));
    let mut peer = Peer::connect(server.address());
    assert_eq!(peer.ask("name Ada"), "ok");
    peer.send("help\n");
    let help: String = (0..HELP.lines().count())
        .map(|_| peer.line() + "\n")
        .collect();
    assert_eq!(help, HELP);
    peer.send("\n\r\n");
    assert_eq!(peer.ask("DRAW  1 "), "5");
    // Several requests in one packet, one request in several.
    peer.send("draw 1\ndr");
    assert_eq!(peer.line(), "19");
    peer.send("aw 2");
    peer.send("\r");
    peer.send("\n");
    assert_eq!((peer.line(), peer.line()), ("228".into(), "665".into()));
    peer.send("quit\n");
    assert_eq!(peer.rest(), "");
    let snapshot = server.host().snapshot();
    assert_eq!(snapshot.sessions[0].name.as_deref(), Some("Ada"));
    assert_eq!(
        (snapshot.sessions[0].letter.as_deref(), snapshot.sums.draws),
        (Some("A"), 4)
    );
}

#[test]
fn fewer_left_than_asked_for_are_handed_out_and_the_rest_refused() {
    for grain in [Grain::Number, Grain::Request] {
        for mode in Mode::ALL {
            let server = serve(Config {
                grain,
                // With `reply` the first client would have its numbers before they are counted.
                window: Some(Window::None),
                ..assignment(mode)
            });
            let (numbers, error) = Peer::connect(server.address()).draw(4);
            assert_eq!((numbers, error), (vec![5, 19, 228, 665], None));
            let (numbers, error) = Peer::connect(server.address()).draw(4);
            assert_eq!(numbers, [7, 11], "{mode} {grain}");
            assert!(error.unwrap().starts_with("error: sold out"));
            assert_eq!(server.host().snapshot().counter, 6, "never past the end");
        }
    }
}

#[test]
fn the_course_client_gets_one_number_a_message_and_never_hangs() {
    for window in [Window::None, Window::Reply] {
        let server = serve(Config {
            window: Some(window),
            ..assignment(Mode::Lock)
        });
        let mut peer = Peer::connect(server.address());
        assert_eq!(peer.draw_as_the_course_does(3), [5, 19, 228]);
        // Errors too, at once and without a line end.
        peer.send("draw 7");
        let error = peer.receive();
        assert!(
            error.starts_with("error: ") && !error.ends_with('\n'),
            "{error:?}"
        );
        peer.send("draw x");
        assert!(peer.receive().starts_with("error: "));
        assert_eq!(peer.draw_as_the_course_does(3), [665, 7, 11]);
        peer.send("draw 1");
        let sold_out = peer.receive();
        assert!(
            sold_out.starts_with("error: sold out") && !sold_out.ends_with('\n'),
            "{sold_out:?}"
        );
    }
}

#[test]
fn somebody_typing_slowly_through_a_raw_terminal_gets_the_rest_after_all() {
    let server = serve(assignment(Mode::Lock));
    let mut peer = Peer::connect(server.address());
    peer.send("draw 4");
    // It was taken for the course client's: one number came, and no line end.
    assert_eq!(peer.receive(), "5");
    peer.send("\r\n");
    assert_eq!(peer.line(), "");
    assert_eq!(
        [peer.line(), peer.line(), peer.line()],
        ["19", "228", "665"]
    );
    assert_eq!(peer.ask("draw 1"), "7");
}

#[test]
fn the_dialect_can_be_settled_by_hand() {
    let server = serve(Config {
        speak: Speak::Course,
        ..assignment(Mode::Lock)
    });
    let mut peer = Peer::connect(server.address());
    peer.send("draw 4\n");
    assert_eq!(peer.receive(), "5");
    peer.send("draw 4\n");
    assert_eq!(peer.receive(), "19");

    let server = serve(Config {
        speak: Speak::Line,
        ..assignment(Mode::Lock)
    });
    let mut peer = Peer::connect(server.address());
    peer.send("draw 2");
    peer.stream.shutdown(std::net::Shutdown::Write).unwrap();
    assert_eq!(peer.rest(), "5\n19\n");
}

#[test]
fn a_new_round_closes_every_connection_and_says_why() {
    let server = serve(config(Mode::Lock, None, Grain::Number, 1_000));
    let (mut line, mut course) = (
        Peer::connect(server.address()),
        Peer::connect(server.address()),
    );
    let mut silent = Peer::connect(server.address());
    assert_eq!(line.draw(10).0.len(), 10);
    assert_eq!(course.draw_as_the_course_does(2).len(), 2);
    let command = lootbox::server::command::Command::Reset { seed: Some(7) };
    server.host().command(command).unwrap();
    assert_eq!(line.rest(), "error: new round: connect again\n");
    assert_eq!(course.rest(), "error: new round: connect again");
    assert_eq!(silent.rest(), "error: new round: connect again\n");
    let snapshot = server.host().snapshot();
    assert_eq!(
        (snapshot.round, snapshot.seed, snapshot.counter),
        (2, Some(7), 0)
    );
    assert_eq!(
        (snapshot.sums.draws, snapshot.finished_rounds.draws),
        (0, 12)
    );
    let list = List::shuffled(1_000, 7).unwrap();
    let numbers = Peer::connect(server.address()).draw(5).0;
    assert!(
        numbers
            .iter()
            .zip(list.numbers())
            .all(|(&drawn, &listed)| drawn == u64::from(listed))
    );
}

#[test]
fn bots_alone_begin_a_new_round_of_a_list_that_is_sold_out() {
    let server = serve(Config {
        bots: 2,
        ..config(Mode::Atomic, None, Grain::Number, 50)
    });
    wait_until("a third round", || server.host().snapshot().round >= 3);
}

#[test]
fn sold_out_again_begins_a_new_round_by_itself() {
    let config = config(Mode::Atomic, None, Grain::Number, 50);
    let server = serve(Config {
        sold_out: SoldOut::Again,
        ..config
    });
    for round in 1..=3 {
        wait_until("the round", || server.host().snapshot().round == round);
        let mut peer = Peer::connect(server.address());
        let (mut numbers, _) = peer.draw(50);
        numbers.sort_unstable();
        assert!(numbers.into_iter().eq(1..=50));
        assert_eq!(peer.rest(), "error: new round: connect again\n");
    }
}

#[test]
fn bots_are_clients_like_any_other() {
    let config = config(Mode::Lock, None, Grain::Number, 100_000);
    let server = serve(Config {
        bots: 3,
        bot_rate: 1_000,
        ..config
    });
    wait_until("draws of three bots", || {
        let snapshot = server.host().snapshot();
        snapshot
            .sessions
            .iter()
            .filter(|session| session.draws > 0)
            .count()
            == 3
    });
    let snapshot = server.host().snapshot();
    assert_eq!((snapshot.bots, snapshot.bot_rate), (3, 1_000));
    assert!(snapshot.sessions.iter().all(|session| {
        session
            .name
            .as_deref()
            .is_some_and(|name| name.starts_with("bot "))
    }));
    let fewer = lootbox::server::command::Command::Bots {
        to: Some(1),
        rate: None,
    };
    server.host().command(fewer).unwrap();
    wait_until("one bot left", || {
        let sessions = server.host().snapshot().sessions;
        sessions
            .iter()
            .filter(|session| session.state != lootbox::record::State::Closed)
            .count()
            == 1
    });
    // After a new round they connect again.
    server
        .host()
        .command(lootbox::server::command::Command::Reset { seed: None })
        .unwrap();
    wait_until("draws in the new round", || {
        server.host().snapshot().sums.draws > 0
    });
}

#[test]
fn ipv6_is_served_where_there_is_any() {
    if std::net::TcpListener::bind("[::1]:0").is_err() {
        eprintln!("passed over: this machine has no IPv6");
        return;
    }
    let server = serve(Config {
        listen: "[::1]:0".into(),
        bots: 1,
        ..assignment(Mode::Lock)
    });
    wait_until("a bot's draws", || server.host().snapshot().sums.draws > 0);
    assert!(
        Peer::connect(server.address())
            .ask("name six")
            .starts_with("ok")
    );
}
