//! The draw itself, without any server: ours beside the same written by hand.

use std::hint::black_box;
use std::time::Duration;

use lootbox::draw::{Mode, Shared, draw_batch};

use crate::by_hand::{ByHand, SIZE, race};

/// Threads, and how many draws each makes in a sample: enough that where the threads begin does not matter.
const THREADS: [(usize, u64); 2] = [(1, 80_000_000), (8, 10_000_000)];
const SAMPLES: usize = 9;

/// What one draw takes.
#[derive(Clone, Copy, Debug)]
pub struct Draws {
    pub mode: Mode,
    pub threads: usize,
    /// In ns, ours and by hand: how long all threads took, by the draws of all.
    pub ours: f64,
    pub by_hand: f64,
    /// Ours by the other's, within one sample.
    pub ratio: f64,
}

/// Each mode, by one thread and by eight.
pub fn measure() -> Vec<Draws> {
    let each = Mode::ALL.into_iter().flat_map(|mode| {
        THREADS.map(|(threads, draws)| {
            let samples: Vec<[f64; 2]> = (0..SAMPLES)
                .map(|sample| {
                    let (ours, by_hand) = if sample % 2 == 0 {
                        let ours = ours(mode, threads, draws);
                        (ours, hand(mode, threads, draws))
                    } else {
                        let by_hand = hand(mode, threads, draws);
                        (ours(mode, threads, draws), by_hand)
                    };
                    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^52")]
                    [ours, by_hand]
                        .map(|time| time.as_secs_f64() * 1e9 / (draws * threads as u64) as f64)
                })
                .collect();
            Draws {
                mode,
                threads,
                ours: median(samples.iter().map(|sample| sample[0])),
                by_hand: median(samples.iter().map(|sample| sample[1])),
                ratio: median(samples.iter().map(|sample| sample[0] / sample[1])),
            }
        })
    });
    each.collect()
}

fn ours(mode: Mode, threads: usize, draws: u64) -> Duration {
    let shared = Shared::new(SIZE);
    race(threads, draws, |tickets| {
        draw_batch(black_box(mode), 1, &mut shared.access(()), tickets);
    })
}

fn hand(mode: Mode, threads: usize, draws: u64) -> Duration {
    let by_hand = ByHand::default();
    race(threads, draws, |tickets| {
        by_hand.batch(black_box(mode), tickets);
    })
}

/// The one in the middle, or between the two that are; 0 of none.
pub fn median(of: impl Iterator<Item = f64>) -> f64 {
    let mut all: Vec<f64> = of.collect();
    all.sort_by(f64::total_cmp);
    match all.len() {
        0 => 0.0,
        odd if odd % 2 == 1 => all[odd / 2],
        even => f64::midpoint(all[even / 2 - 1], all[even / 2]),
    }
}
