//! How many states the explorer sees in a second, and how many bytes one takes.
//!
//! `cargo bench --bench explore`; the elements in a second are states. Measured on one core of a cloud machine that
//! others were using: 3 clients × 3 draws are 18,753 states, 0.7 MB, and take 3.8 ms, 4.9 million states a second;
//! 3 × 5 are 513,622 states, 17 MB, 0.36 s to 0.43 s, 1.2 million a second. On the quiet machine 4 × 3 draws, 1,680,153
//! states, 67 MB (82 MB for the whole process), take 0.7 s, 2.5 million states a second; ten million states 1.3 million
//! a second, because they no longer fit in any cache.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lootbox::draw::gallery::Mutexes;
use lootbox::draw::{LOCK, Operation, UNSAFE_RACE};
use lootbox::schedule::{Bounds, Model, explore};

fn search(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("explore");
    group.sample_size(10);
    let searches: [(&str, &[Operation], &[u64]); 4] = [
        ("unsafe-race 3,3,3", UNSAFE_RACE, &[3, 3, 3]),
        ("unsafe-race 5,5,5", UNSAFE_RACE, &[5, 5, 5]),
        ("unsafe-race 3,3,3,3", UNSAFE_RACE, &[3, 3, 3, 3]),
        ("lock 3,3,3,3", LOCK, &[3, 3, 3, 3]),
    ];
    for (name, program, draws) in searches {
        let Ok(model) = Model::new(program, Mutexes::Shared, draws, 100, 0) else {
            continue;
        };
        let run = |model: Model| explore(&model, Bounds::default(), &mut |_| ());
        let found = run(model.clone());
        println!(
            "{name}: {} states, {} bytes each",
            found.states,
            found.bytes / found.states
        );
        group.throughput(Throughput::Elements(found.states as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_batched(|| model.clone(), run, BatchSize::PerIteration);
        });
    }
    group.finish();
}

criterion_group!(benches, search);
criterion_main!(benches);
