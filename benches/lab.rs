//! How many states of the classical problems the lab looks at in a second.
//!
//! `cargo bench --bench lab`; the elements in a second are states. `search` is the search alone, `check` everything
//! that `lootbox lab check` does, the loops of starvation included. At the end the remedies run a minute on real threads, without a
//! deadlock (`-- minute` for that alone). Measured on a quiet machine of two
//! cores: 5 philosophers (2,163 states) 2.0 million states a second, 7 (46,707) 1.0, 8 (216,993) 1.0, because they no longer fit
//! in the nearer caches; with half a core taken by others 0.7 and less. The whole check takes 2.7 ms for 5 and 1.4 s for 8,
//! nearly all of it for starvation.

use std::env;
use std::process::{Command, Stdio};
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group};
use lootbox::lab::check::{Limits, check};
use lootbox::lab::compile::Settings;
use lootbox::lab::program::Program;
use lootbox::lab::{load, problems};

fn philosophers(problem: &str, many: i32) -> Option<(&'static str, Program)> {
    let source = problems::named(problem)?.source;
    let settings = Settings {
        set: vec![("N".to_owned(), many)],
        fifo: None,
    };
    Some((source, load(problem, source, &settings).ok()?))
}

fn states(criterion: &mut Criterion) {
    for (problem, many) in [
        ("philosophers-naive", 5),
        ("philosophers-odd-even", 5),
        ("philosophers-naive", 7),
        ("philosophers-naive", 8),
    ] {
        let Some((source, program)) = philosophers(problem, many) else {
            continue;
        };
        let run = || check(&program, source, Limits::default(), &mut |_| ());
        let report = run();
        println!(
            "{problem}, {many}: {} states, {:?} of which search {:?}",
            report.explored, report.took, report.searching
        );
        for (group, whole) in [("search", false), ("check", true)] {
            let mut group = criterion.benchmark_group(group);
            group.sample_size(10);
            group.sampling_mode(SamplingMode::Flat);
            group.throughput(Throughput::Elements(report.explored as u64));
            let name = BenchmarkId::new(problem, many);
            group.bench_function(name, |bencher| {
                bencher.iter_custom(|times| {
                    let reports = (0..times).map(|_| run());
                    let of = reports.map(|it| if whole { it.took } else { it.searching });
                    of.sum::<Duration>()
                });
            });
            group.finish();
        }
    }
}

/// The remedies on real threads, a minute each and all at once, with activities as short as they can be: whether one of
/// them deadlocks after all, and how often each philosopher eats.
fn a_minute() {
    let remedies = ["four-seats", "both-or-none", "odd-even", "fair"];
    let runs = remedies.map(|remedy| {
        Command::new(env!("CARGO_BIN_EXE_lootbox"))
            .args(["lab", "run", &format!("philosophers-{remedy}"), "--json"])
            .args(["--for", "1m", "--time", "eat=0ms..1ms"])
            .args(["--time", "think=0ms..1ms"])
            .stdout(Stdio::piped())
            .spawn()
            .expect("the program that was built for this")
    });
    for (remedy, run) in remedies.into_iter().zip(runs) {
        let output = run.wait_with_output().expect("its output");
        assert!(output.status.success(), "{remedy}: {output:?}");
        let report: serde_json::Value =
            serde_json::from_slice(&output.stdout).expect("a report in JSON");
        let processes = report["processes"].as_array().expect("its processes");
        let turns: Vec<_> = processes.iter().map(|it| it["turns"].as_u64()).collect();
        assert!(turns.iter().all(|&it| it > Some(0)), "{remedy}: {turns:?}");
        let turns: Vec<_> = turns.into_iter().flatten().collect();
        println!(
            "{remedy}: {} s without a deadlock, turns {turns:?}, Jain's index {}",
            report["seconds"], report["jain"]
        );
    }
}

criterion_group!(benches, states);

/// `cargo bench --bench lab -- minute` runs that alone, and any other filter leaves it out.
fn main() {
    let filter = env::args().skip(1).find(|it| !it.starts_with('-'));
    if filter.as_deref() != Some("minute") {
        benches();
        Criterion::default().configure_from_args().final_summary();
    }
    if filter.is_none_or(|it| it == "minute") {
        a_minute();
    }
}
