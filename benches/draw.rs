//! What one draw costs, in ns: our three programs beside the same written by hand, by threads.
//!
//! Each figure is the time until all threads together have made that many draws, divided by how
//! many draws each of them made. Compare within one run: absolute times swing with the machine.

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use lootbox::draw::{Mode, Shared, draw_batch};

#[path = "shared/by_hand.rs"]
mod by_hand;

use by_hand::{ByHand, SIZE, race};

const THREADS: [usize; 3] = [1, 2, 8];

fn draws(criterion: &mut Criterion) {
    for mode in Mode::ALL {
        let mut group = criterion.benchmark_group(format!("draw/{mode}"));
        group
            .sample_size(20)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        for threads in THREADS {
            group.bench_function(BenchmarkId::new("ours", threads), |bencher| {
                bencher.iter_custom(|draws| {
                    let shared = Shared::new(SIZE);
                    race(threads, draws, |tickets| {
                        draw_batch(black_box(mode), 1, &mut shared.access(()), tickets);
                    })
                });
            });
            group.bench_function(BenchmarkId::new("by hand", threads), |bencher| {
                bencher.iter_custom(|draws| {
                    let by_hand = ByHand::default();
                    race(threads, draws, |tickets| {
                        by_hand.batch(black_box(mode), tickets);
                    })
                });
            });
        }
        group.finish();
    }
}

criterion_group!(benches, draws);
criterion_main!(benches);
