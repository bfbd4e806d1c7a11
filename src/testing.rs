//! What the property tests share.

use proptest::prelude::ProptestConfig;

/// So many cases; `LOOTBOX_CASES_TIMES=20` makes it twenty times as many. Inputs that failed once are kept in
/// `proptest-regressions/` and tried first: commit them.
pub(crate) fn cases(count: u32) -> ProptestConfig {
    let times = std::env::var("LOOTBOX_CASES_TIMES").map_or(1, |times| {
        times
            .parse()
            .expect("LOOTBOX_CASES_TIMES is a whole number, as in 20")
    });
    ProptestConfig {
        cases: count * times,
        // An input that does not suit is made anew: with more cases there are more of them.
        max_global_rejects: 100_000 * times,
        ..ProptestConfig::default()
    }
}
