//! Bars, as plain HTML: their words are text, and stay as large as text on any screen and on paper.

use maud::{Markup, html};

use crate::compare::picture::Share;
use crate::compare::result::Row;
use crate::compare::table::rate;
use crate::grouped::grouped;
use crate::statistics::Spread;

/// Rates that differ by more than this are drawn on a logarithmic axis: on a linear one the small ones are nothing.
const LINEAR: f64 = 20.0;

/// How long bars are, in percent of the room.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Axis {
    /// From 0 to this.
    Linear(f64),
    /// From one power of ten to another: their exponents.
    Powers(f64, f64),
}

impl Axis {
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone) -> Self {
        let least = values.clone().fold(f64::MAX, f64::min).max(1.0);
        let most = values.fold(1.0, f64::max);
        if most / least <= LINEAR {
            Self::Linear(most)
        } else {
            // One power below the least, so that its bar is seen.
            Self::Powers(least.log10().floor() - 1.0, most.log10().ceil())
        }
    }

    pub(super) fn length(self, value: f64) -> f64 {
        let share = match self {
            Self::Linear(most) => value / most,
            Self::Powers(low, high) => (value.max(1.0).log10() - low) / (high - low),
        };
        100.0 * share.clamp(0.0, 1.0)
    }

    /// Where the powers of ten stand.
    fn marks(self) -> Vec<f64> {
        let Self::Powers(low, high) = self else {
            return Vec::new();
        };
        let mut marks = Vec::new();
        let mut power = low + 1.0;
        while power < high {
            marks.push(100.0 * (power - low) / (high - low));
            power += 1.0;
        }
        marks
    }
}

/// A bar for each mode that has a rate, its figure beside it.
pub(super) fn rates(rows: &[(&Row, Spread)]) -> Markup {
    let axis = Axis::of(rows.iter().map(|(_, spread)| spread.median));
    let marks = axis.marks();
    html! {
        div.bars {
            @for (row, spread) in rows {
                div.row {
                    div.name { (row.label) }
                    div.track {
                        div.bar.again[row.files.extras > 0] style={ "width:" (percent(axis.length(spread.median))) } {}
                        @for mark in &marks { div.mark-line style={ "left:" (percent(*mark)) } {} }
                    }
                    div.value {
                        (rate(spread.median)) " a second"
                        @if spread.most > spread.least {
                            // On a narrow screen on a line of its own, or no room is left for the name.
                            " " span.range { "(" (rate(spread.least)) "–" (rate(spread.most)) ")" }
                        }
                    }
                }
            }
        }
        @if !marks.is_empty() {
            p.soft { "The axis is logarithmic: from each line to the next it is ten times as many." }
        }
    }
}

/// How many draws got a number that was handed out more than once, over the position of the draw in its client's
/// file.
pub(super) fn positions(bins: &[u64], longest: u64) -> Markup {
    let most = bins.iter().copied().max().unwrap_or(0).max(1);
    html! {
        div.columns {
            @for &height in bins { div style={ "height:" (share(height, most)) } {} }
        }
        div.scale { span { "draw 1" } span { "most in one part: " (grouped(most)) } span { "draw " (grouped(longest)) } }
    }
}

/// What each client got, and how much of it others got too.
pub(super) fn shares(shares: &[Share]) -> Markup {
    let most = shares
        .iter()
        .map(|share| share.numbers)
        .max()
        .unwrap_or(0)
        .max(1);
    html! {
        div.bars {
            @for one in shares {
                div.row {
                    div.name { (one.file.trim_end_matches(".txt")) }
                    div.track {
                        div.bar style={ "width:" (share(one.numbers, most)) } {}
                        div.bar.again.over style={ "width:" (share(one.duplicates, most)) } {}
                    }
                    div.value { (grouped(one.duplicates)) " of " (grouped(one.numbers)) }
                }
            }
        }
    }
}

#[allow(clippy::cast_precision_loss)] // a width on a screen
fn share(part: u64, whole: u64) -> String {
    percent(100.0 * part as f64 / whole as f64)
}

fn percent(share: f64) -> String {
    format!("{share:.2}%")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_range_leaves_the_name_its_room() {
        let run = |seconds| crate::compare::result::Run {
            seconds: Some(seconds),
            files: crate::compare::result::Counts {
                draws: 1_000,
                distinct: 1_000,
                ..Default::default()
            },
            ..Default::default()
        };
        let comparison = crate::compare::result::Comparison::new(None, vec![run(1.0), run(0.5)]);
        let row = &comparison.modes[0];
        let bars = rates(&[(row, row.draws_per_second.unwrap())]).into_string();
        assert!(
            bars.contains("<span class=\"range\">(1,000–2,000)</span>"),
            "{bars}"
        );
        let style = include_str!("style.css");
        let narrow = &style[style.find("@media (max-width").unwrap()..];
        assert!(narrow.contains(".bars .range { display: block; }"));
        assert!(
            narrow.contains("minmax(0, 1fr)"),
            "no word makes the page wider"
        );
    }

    #[test]
    fn a_small_rate_beside_a_large_one_is_seen() {
        let rates = [168_946.0, 201_683.0, 10_462_046.0];
        let axis = Axis::of(rates.into_iter());
        assert_eq!(axis, Axis::Powers(4.0, 8.0));
        let lengths = rates.map(|rate| axis.length(rate));
        assert!(
            lengths[0] > 25.0 && lengths[1] > lengths[0] && lengths[2] > lengths[1],
            "{lengths:?}"
        );
        assert_eq!(axis.marks(), [25.0, 50.0, 75.0]);
        assert_eq!(
            percent(Axis::of([100.0, 400.0].into_iter()).length(100.0)),
            "25.00%"
        );
        assert_eq!(Axis::of(std::iter::empty()), Axis::Linear(1.0));
    }
}
