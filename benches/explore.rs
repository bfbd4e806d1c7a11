//! How many states the explorer sees in a second, and how many bytes one takes.
//!
//! `cargo bench --bench explore`; the elements in a second are states. `explore` tells sessions apart, `folded` takes as one
//! what differs only in which of those that draw equally often is which, and finds the same.

use criterion::{BatchSize, BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use lootbox::draw::gallery::Mutexes;
use lootbox::draw::{LOCK, Operation, UNSAFE_RACE};
use lootbox::draws::Model;
use lootbox::draws::explore::explore_folding;
use lootbox::orders::Bounds;

fn search(criterion: &mut Criterion) {
    let searches: [(&str, bool, &[Operation], &[u64]); 7] = [
        ("unsafe-race 3,3,3", false, UNSAFE_RACE, &[3, 3, 3]),
        ("unsafe-race 5,5,5", false, UNSAFE_RACE, &[5, 5, 5]),
        ("unsafe-race 3,3,3,3", false, UNSAFE_RACE, &[3, 3, 3, 3]),
        ("lock 3,3,3,3", false, LOCK, &[3, 3, 3, 3]),
        ("unsafe-race 3,3,3,3", true, UNSAFE_RACE, &[3, 3, 3, 3]),
        ("unsafe-race 8 × 1", true, UNSAFE_RACE, &[1; 8]),
        ("unsafe-race 12 × 1", true, UNSAFE_RACE, &[1; 12]),
    ];
    for (name, fold, program, draws) in searches {
        let mut group = criterion.benchmark_group(if fold { "folded" } else { "explore" });
        group.sample_size(10);
        let Ok(model) = Model::new(program, Mutexes::Shared, draws, 100, 0) else {
            continue;
        };
        let run = |model: Model| explore_folding(&model, fold, Bounds::default(), &mut |_| ());
        let found = run(model.clone());
        println!(
            "{name}: {} states, {} looked at, {} bytes each",
            found.states,
            found.explored,
            found.bytes / found.explored
        );
        group.throughput(Throughput::Elements(found.explored as u64));
        group.bench_function(BenchmarkId::from_parameter(name), |bencher| {
            bencher.iter_batched(|| model.clone(), run, BatchSize::PerIteration);
        });
        group.finish();
    }
}

criterion_group!(benches, search);
criterion_main!(benches);
