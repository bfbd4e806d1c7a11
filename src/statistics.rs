//! Intervals and percentiles.

/// The quantile of the normal distribution that leaves 2.5 % on either side.
const Z: f64 = 1.959_963_984_540_054;

/// The 95 % interval for a proportion of which `hits` of `trials` were seen, as Wilson gave it.
///
/// It stays within 0 to 1 and is honest at the ends: 0 of 30 runs with a duplicate does not mean
/// never, but at most 11.4 %. The textbook's interval, p ± 1.96·√(p(1−p)/n), would have no width there.
///
/// Source: Edwin B. Wilson, *Probable Inference, the Law of Succession, and Statistical Inference*,
/// Journal of the American Statistical Association 22 (1927), 209–212.
///
/// Without any trial nothing is known: 0 to 1.
#[must_use]
#[allow(clippy::cast_precision_loss)] // no comparison has 2^52 runs
pub fn wilson(hits: u64, trials: u64) -> (f64, f64) {
    if trials == 0 {
        return (0.0, 1.0);
    }
    let trials_f = trials as f64;
    let share = hits.min(trials) as f64 / trials_f;
    let z2 = Z * Z;
    let middle = share + z2 / (2.0 * trials_f);
    let half = Z * (share * (1.0 - share) / trials_f + z2 / (4.0 * trials_f * trials_f)).sqrt();
    let below = 1.0 + z2 / trials_f;
    // At the ends the formula gives 0 and 1 but for rounding.
    let low = if hits == 0 {
        0.0
    } else {
        (middle - half) / below
    };
    let high = if hits >= trials {
        1.0
    } else {
        (middle + half) / below
    };
    (low.max(0.0), high.min(1.0))
}

/// The smallest value such that at least `percent` of all are no larger (the *nearest rank*): always
/// one of the values, never something between two. `values` are sorted; `None` if there are none.
#[must_use]
pub fn percentile<T: Copy>(values: &[T], percent: usize) -> Option<T> {
    let rank = (values.len() * percent.min(100)).div_ceil(100).max(1);
    values.get(rank - 1).copied()
}

/// The smallest, the middle and the largest of some figures.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Spread {
    /// The smallest.
    pub least: f64,
    /// The median.
    pub median: f64,
    /// The largest.
    pub most: f64,
}

impl Spread {
    /// Of these; `None` without any.
    #[must_use]
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_by(f64::total_cmp);
        Some(Self {
            least: *values.first()?,
            median: percentile(&values, 50)?,
            most: *values.last()?,
        })
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::cases;
    use proptest::prelude::*;

    use super::*;

    fn close(interval: (f64, f64), low: f64, high: f64) {
        assert!(
            (interval.0 - low).abs() < 0.000_05 && (interval.1 - high).abs() < 0.000_05,
            "{interval:?}"
        );
    }

    #[test]
    fn known_intervals() {
        close(wilson(0, 30), 0.0, 0.113_5);
        close(wilson(30, 30), 0.886_5, 1.0);
        close(wilson(1, 30), 0.005_9, 0.166_7);
        close(wilson(50, 100), 0.403_8, 0.596_2);
        // Newcombe 1998, table I: 81 of 263 and 15 of 148.
        close(wilson(81, 263), 0.255_3, 0.366_2);
        close(wilson(15, 148), 0.062_4, 0.160_5);
        assert_eq!(wilson(0, 0), (0.0, 1.0));
    }

    #[test]
    fn known_percentiles() {
        let values = [15, 20, 35, 40, 50];
        let of = |percent| percentile(&values, percent).unwrap();
        assert_eq!([5, 30, 40, 50, 99, 100].map(of), [15, 20, 20, 35, 50, 50]);
        assert_eq!(percentile::<u64>(&[], 50), None);
    }

    proptest! {
        #![proptest_config(cases(256))]

        #[test]
        fn an_interval_holds_its_share_and_narrows(trials in 1u64..100_000, hits in 0u64..100_000) {
            let hits = hits % (trials + 1);
            let (low, high) = wilson(hits, trials);
            #[allow(clippy::cast_precision_loss)]
            let share = hits as f64 / trials as f64;
            prop_assert!(0.0 <= low && low <= share && share <= high && high <= 1.0 && low < high);
            let (tighter_low, tighter_high) = wilson(hits * 4, trials * 4);
            prop_assert!(tighter_high - tighter_low < high - low);
            let (mirror_low, mirror_high) = wilson(trials - hits, trials);
            prop_assert!((1.0 - mirror_high - low).abs() < 1e-9 && (1.0 - mirror_low - high).abs() < 1e-9);
        }

        #[test]
        fn a_percentile_is_what_its_definition_says(mut values in prop::collection::vec(0u64..1_000, 1..200), percent in 0usize..=100) {
            values.sort_unstable();
            let found = percentile(&values, percent).unwrap();
            let no_larger = |bound: u64| values.iter().filter(|&&value| value <= bound).count();
            prop_assert!(no_larger(found) * 100 >= percent * values.len());
            // No smaller one of the values would do.
            for &value in values.iter().filter(|&&value| value < found) {
                prop_assert!(no_larger(value) * 100 < percent * values.len());
            }
        }
    }
}
