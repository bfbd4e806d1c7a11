//! A warning once a while, however often there is a reason for it.

use std::time::{Duration, Instant};

/// Between two warnings of the same.
const PAUSE: Duration = Duration::from_mins(1);

/// Counts reasons for one warning; see the [module](self).
#[derive(Debug, Default)]
pub(crate) struct Seldom {
    last: Option<Instant>,
    since: u64,
}

impl Seldom {
    /// Counts one more reason, and says, if it is time to warn, how many there were since the last warning.
    pub(crate) fn due(&mut self, now: Instant) -> Option<u64> {
        self.since += 1;
        if self
            .last
            .is_some_and(|last| now.saturating_duration_since(last) < PAUSE)
        {
            return None;
        }
        self.last = Some(now);
        Some(std::mem::take(&mut self.since))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_once_and_then_once_a_while_and_nothing_is_left_uncounted() {
        let mut seldom = Seldom::default();
        let begun = Instant::now();
        assert_eq!(seldom.due(begun), Some(1));
        for seconds in 1..60 {
            assert_eq!(seldom.due(begun + Duration::from_secs(seconds)), None);
        }
        assert_eq!(seldom.due(begun + PAUSE), Some(60));
    }
}
