//! Requests a second over loopback, with the recording of who drew what and without it.
//!
//! Each client has one request in flight. Criterion's "elements" are requests of all clients together.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lootbox::draw::{Grain, Mode};
use lootbox::lootbox::Source;
use lootbox::server::command::Command;
use lootbox::server::{Config, Server};

const SIZE: u64 = 2_000_000;

/// One client: `requests` times `draw COUNT`, waiting for all its lines.
fn play(stream: &mut TcpStream, requests: u64, count: u64) {
    let request = format!("draw {count}\n");
    let mut buffer = vec![0; 64 * 1024];
    for _ in 0..requests {
        if stream.write_all(request.as_bytes()).is_err() {
            return;
        }
        let mut lines = 0;
        while lines < count {
            match stream.read(&mut buffer) {
                Ok(bytes) if bytes > 0 => {
                    let ends = buffer[..bytes].split(|&byte| byte == b'\n').count() - 1;
                    lines += ends as u64;
                }
                _ => return,
            }
        }
    }
}

fn load(address: SocketAddr, clients: u64, requests: u64, count: u64) -> Duration {
    let start = Barrier::new(usize::try_from(clients).unwrap_or(1) + 1);
    thread::scope(|scope| {
        let threads: Vec<_> = (0..clients)
            .map(|client| {
                let (start, share) = (
                    &start,
                    requests / clients + u64::from(client < requests % clients),
                );
                scope.spawn(move || {
                    let stream = TcpStream::connect(address).and_then(|stream| {
                        stream.set_nodelay(true)?;
                        Ok(stream)
                    });
                    start.wait();
                    if let Ok(mut stream) = stream {
                        play(&mut stream, share, count);
                    }
                })
            })
            .collect();
        start.wait();
        let begun = Instant::now();
        for thread in threads {
            _ = thread.join();
        }
        begun.elapsed()
    })
}

fn requests(criterion: &mut Criterion) {
    for (mode, clients, count) in [
        (Mode::Lock, 1, 1),
        (Mode::Lock, 16, 1),
        (Mode::UnsafeRace, 16, 1),
        (Mode::Lock, 8, 1_000),
        (Mode::Atomic, 8, 1_000),
    ] {
        let name = format!("{clients} clients, draw {count}, {mode}");
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .warm_up_time(Duration::from_millis(500))
            .measurement_time(Duration::from_secs(3))
            .throughput(Throughput::Elements(1));
        for recording in [true, false] {
            let server = Server::start(Config {
                program: mode.into(),
                window: Some(lootbox::draw::Window::None),
                grain: Grain::Number,
                source: Source::Shuffled {
                    size: SIZE,
                    seed: 1,
                },
                recording,
                ..Config::default()
            });
            let Ok(server) = server else {
                eprintln!("no server");
                return;
            };
            let name = if recording {
                "recording"
            } else {
                "no recording"
            };
            group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
                bencher.iter_custom(|requests| {
                    // A fresh list each time, so that none is sold out on the way.
                    let mut left = requests;
                    let mut time = Duration::ZERO;
                    while left > 0 {
                        let now = left.min(SIZE / count);
                        _ = server.host().command(Command::Reset { seed: Some(1) });
                        time += load(server.address(), clients, now, count);
                        left -= now;
                    }
                    time
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, requests);
criterion_main!(benches);
