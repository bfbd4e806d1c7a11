//! How many states of the classical problems the lab looks at in a second.
//!
//! `cargo bench --bench lab`; the elements in a second are states. `search` is the search alone, `check` everything
//! that `lootbox lab check` does, the loops of starvation included. Measured on a shared cloud machine of two cores that
//! had five others' work to do: the search takes 1.1 ms for 5 philosophers (2,163 states, 1.9 million a second), 0.07 s
//! for 7 (46,707, 0.4 to 1.0 million a second) and 0.35 s for 8 (216,993, 0.5 to 0.8 million a second, because they no
//! longer fit in the nearer caches); the whole check 7 ms for 5 and 4 s for 8, nearly all of it for starvation.

use std::time::Duration;

use criterion::{
    BenchmarkId, Criterion, SamplingMode, Throughput, criterion_group, criterion_main,
};
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

criterion_group!(benches, states);
criterion_main!(benches);
