//! What a dashboard costs: draws a second of 64 clients that say `draw 1` flat out, with a dashboard and
//! without, in turns, in one run. At most 5 % is what it may cost.
//!
//! The dashboard is the real one but for its terminal: snapshots 8 times a second, update, view, diff,
//! and the bytes of each frame.

use std::io::{BufRead, BufReader, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, Instant};

use lootbox::dashboard::app::{Effect, Message, State};
use lootbox::dashboard::run::{World, run};
use lootbox::dashboard::source;
use lootbox::draw::Mode;
use lootbox::lootbox::Source;
use lootbox::server::{Config, Host, Server, SoldOut};
use ratatui::Terminal;
use ratatui::backend::TestBackend;

const CLIENTS: usize = 64;
const TURNS: usize = 10;
const TURN: Duration = Duration::from_secs(1);

struct Stage(Instant);

impl World for Stage {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }

    fn is_ready(&self) -> bool {
        true
    }

    fn carry_out(&mut self, _: Effect) {}
}

/// Shows the server for one turn.
fn watch(host: &Arc<Host>) {
    let (sender, messages) = mpsc::channel();
    let Ok(_asks) = source::local(Arc::clone(host), 8, sender.clone()) else {
        return;
    };
    thread::spawn(move || {
        thread::sleep(TURN);
        _ = sender.send(Message::Terminate);
    });
    let Ok(mut terminal) = Terminal::new(TestBackend::new(80, 24));
    let mut stage = Stage(Instant::now());
    let frame = Duration::from_millis(125);
    let Ok(_) = run(
        &mut terminal,
        &mut State::default(),
        &messages,
        &mut stage,
        frame,
    );
}

/// Draws one number after the other until it is over.
fn draw(address: SocketAddr, draws: &AtomicU64, over: &AtomicBool) -> std::io::Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut answers = BufReader::new(stream.try_clone()?);
    let mut line = String::new();
    while !over.load(Relaxed) {
        stream.write_all(b"draw 1\n")?;
        line.clear();
        if answers.read_line(&mut line)? == 0 {
            break;
        }
        draws.fetch_add(1, Relaxed);
    }
    Ok(())
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut server = Server::start(Config {
        program: Mode::UnsafeRace.into(),
        source: Source::Shuffled {
            size: 20_000_000,
            seed: 1,
        },
        sold_out: SoldOut::Stop,
        ..Config::default()
    })?;
    let (draws, over) = (
        Arc::new(AtomicU64::new(0)),
        Arc::new(AtomicBool::new(false)),
    );
    let address = server.address();
    let clients: Vec<_> = (0..CLIENTS)
        .map(|_| {
            let (draws, over) = (Arc::clone(&draws), Arc::clone(&over));
            thread::spawn(move || _ = draw(address, &draws, &over))
        })
        .collect();
    thread::sleep(TURN);
    let mut rates = [Vec::new(), Vec::new()];
    for turn in 0..2 * TURNS {
        let (begun, before) = (Instant::now(), draws.load(Relaxed));
        // With, without, without, with: a drift of the machine favours neither.
        let with = turn % 4 == 0 || turn % 4 == 3;
        if with {
            watch(server.host());
        } else {
            thread::sleep(TURN);
        }
        let drawn = draws.load(Relaxed) - before;
        rates[usize::from(with)]
            .push(u128::from(drawn) * 1_000_000_000 / begun.elapsed().as_nanos());
    }
    over.store(true, Relaxed);
    for client in clients {
        _ = client.join();
    }
    server.stop();
    let [without, with] = rates.map(|mut rates| {
        rates.sort_unstable();
        rates[TURNS / 2]
    });
    println!("draws a second of {CLIENTS} clients, `draw 1`, median of {TURNS} turns of {TURN:?}");
    println!("without a dashboard {without}");
    println!("with a dashboard    {with}");
    let cost = 1_000 - (1_000 * with / without.max(1)).min(1_000);
    println!("it costs            {}.{} %", cost / 10, cost % 10);
    Ok(())
}
