//! From any point of an order on: how many orders are left, how many of them hand out a number twice, and the
//! shortest way to one that does. For whoever plays an order by hand and wants to know where it can lead.
//!
//! The graph is walked once and summed once, from its ends to its beginning; then each answer is looked up.

use super::count::topological;
use super::explore::{Bounds, Graph, NONE};
use super::model::Model;
use super::text::Schedule;

/// Further than any state is from another: there is no way.
const NEVER: u32 = u32::MAX;

/// A state of the graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place(u32);

/// Orders that are left, by how they end. Exact, unless it is [`u128::MAX`]: then there are at least as many.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Left {
    /// They hand out each number at most once.
    pub clean: u128,
    /// They hand out some number twice.
    pub bad: u128,
}

impl Left {
    /// All of them.
    #[must_use]
    pub const fn all(self) -> u128 {
        self.clean.saturating_add(self.bad)
    }
}

/// See the [module](self).
#[derive(Debug)]
pub struct Ahead {
    graph: Graph,
    /// By state; empty if not every state was seen.
    left: Vec<Left>,
    /// By state: how many letters it takes at least until some number was handed out twice.
    letters: Vec<u32>,
}

impl Ahead {
    /// Looks at every order, as far as the bounds allow. `progress` is told now and then how many states were seen.
    pub fn look(model: &Model, bounds: Bounds, progress: &mut dyn FnMut(usize)) -> Self {
        let graph = Graph::walk(model, bounds, progress);
        let mut letters = vec![NEVER; graph.len()];
        let mut left = Vec::new();
        if let Some(order) = topological(&graph) {
            if graph.is_complete() {
                left.resize(graph.len(), Left::default());
            }
            for &id in order.iter().rev() {
                let id = id as usize;
                let is_bad = graph.layout.has_duplicate(graph.state(id));
                let mut sum = Left::default();
                let mut is_end = true;
                let mut nearest = NEVER;
                for &next in graph.turns(id).iter().filter(|&&next| next != NONE) {
                    is_end = false;
                    nearest = nearest.min(letters[next as usize]);
                    if let Some(after) = left.get(next as usize) {
                        sum.clean = sum.clean.saturating_add(after.clean);
                        sum.bad = sum.bad.saturating_add(after.bad);
                    }
                }
                if is_end {
                    sum = Left {
                        clean: u128::from(!is_bad),
                        bad: u128::from(is_bad),
                    };
                }
                letters[id] = if is_bad { 0 } else { nearest.saturating_add(1) };
                if let Some(here) = left.get_mut(id) {
                    *here = sum;
                }
            }
        }
        Self {
            graph,
            left,
            letters,
        }
    }

    /// Whether every state was seen. If not, what was not found may still be there.
    #[must_use]
    pub fn is_exhaustive(&self) -> bool {
        !self.left.is_empty()
    }

    /// How many states were seen.
    #[must_use]
    pub fn states(&self) -> usize {
        self.graph.len()
    }

    /// Where these letters lead. `None` if one of them cannot go, or leads past what was seen.
    pub fn after(&self, letters: impl IntoIterator<Item = usize>) -> Option<Place> {
        let mut at = 0u32;
        for letter in letters {
            at = *self.graph.turns(at as usize).get(letter)?;
            if at == NONE {
                return None;
            }
        }
        Some(Place(at))
    }

    /// The orders that are left from there; `None` if not every state was seen.
    #[must_use]
    pub fn left(&self, place: Place) -> Option<Left> {
        self.left.get(place.0 as usize).copied()
    }

    /// A shortest way on from there until some number was handed out twice: fewest letters, then fewest switches,
    /// counting one from the letter that led there, then first in the alphabet. `None` if none was seen.
    #[must_use]
    pub fn witness(&self, place: Place, came_by: Option<usize>) -> Option<Schedule> {
        let far = *self.letters.get(place.0 as usize)?;
        if far == NEVER {
            return None;
        }
        let sessions = self.graph.sessions;
        let nearer = |id: u32, letter: usize| {
            let next = *self.graph.turns(id as usize).get(letter)?;
            (next != NONE
                && self.letters[next as usize].checked_add(1) == Some(self.letters[id as usize]))
            .then_some(next)
        };
        // The states on the shortest ways, by how many letters lead there.
        let mut levels = vec![vec![place.0]];
        for level in 0..far as usize {
            let mut next: Vec<u32> = levels[level]
                .iter()
                .flat_map(|&id| (0..sessions).filter_map(move |letter| nearer(id, letter)))
                .collect();
            next.sort_unstable();
            next.dedup();
            levels.push(next);
        }
        // From each, having come by each letter: how many switches are left at least.
        let mut switches: Vec<Vec<u32>> = levels
            .iter()
            .map(|level| vec![0; level.len() * sessions])
            .collect();
        let best = |switches: &[Vec<u32>], level: usize, id: u32, came_by: Option<usize>| {
            (0..sessions)
                .filter_map(|letter| {
                    let next = nearer(id, letter)?;
                    let there = levels[level + 1].binary_search(&next).ok()?;
                    let left = switches[level + 1][there * sessions + letter];
                    let switch = came_by.is_some_and(|came_by| came_by != letter);
                    Some((left + u32::from(switch), letter, next))
                })
                .min()
        };
        for level in (0..far as usize).rev() {
            for (index, &id) in levels[level].iter().enumerate() {
                for came_by in 0..sessions {
                    let left = best(&switches, level, id, Some(came_by));
                    switches[level][index * sessions + came_by] = left.map_or(NEVER, |left| left.0);
                }
            }
        }
        let (mut id, mut came_by) = (place.0, came_by);
        let mut letters = Vec::new();
        for level in 0..far as usize {
            let (_, letter, next) = best(&switches, level, id, came_by)?;
            letters.push(letter);
            (id, came_by) = (next, Some(letter));
        }
        Schedule::of(letters)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::cases;
    use proptest::prelude::*;

    use super::*;
    use crate::draw::gallery::{GALLERY, Mutexes};
    use crate::draw::{ATOMIC, LOCK, UNSAFE_RACE};
    use crate::schedule::explore::{each_order, explore};
    use crate::schedule::replay;

    fn look(model: &Model) -> Ahead {
        Ahead::look(model, Bounds::default(), &mut |_| ())
    }

    #[test]
    fn golden_counts() {
        let left = |program, draws: &[u64], letters: &[usize]| {
            let model = Model::new(program, Mutexes::Shared, draws, 6, 0).unwrap();
            let ahead = look(&model);
            let left = ahead.left(ahead.after(letters.iter().copied()).unwrap());
            left.map(|left| (left.bad, left.all())).unwrap()
        };
        assert_eq!(left(UNSAFE_RACE, &[1, 1], &[]), (4, 6));
        assert_eq!(left(UNSAFE_RACE, &[1, 1], &[0]), (2, 3));
        assert_eq!(left(UNSAFE_RACE, &[1, 1], &[0, 0]), (0, 1));
        assert_eq!(left(UNSAFE_RACE, &[1, 1], &[0, 1]), (2, 2));
        assert_eq!(left(UNSAFE_RACE, &[4, 2], &[]), (480, 495));
        assert_eq!(left(LOCK, &[4, 2], &[]), (0, 15));
        assert_eq!(left(ATOMIC, &[4, 2], &[]), (0, 15));
    }

    #[test]
    fn from_the_beginning_it_is_the_explorers_witness() {
        for answer in &GALLERY {
            for draws in [&[1, 1][..], &[2, 1], &[1, 1, 1]] {
                let model = Model::new(answer.program, answer.mutexes, draws, 6, 0).unwrap();
                let ahead = look(&model);
                let found = explore(&model, Bounds::default(), &mut |_| ()).witness;
                let start = ahead.after([]).unwrap();
                assert_eq!(ahead.witness(start, None), found, "{}", answer.name);
            }
        }
    }

    #[test]
    fn a_search_that_stops_early_says_nothing_of_all_orders() {
        let model = Model::new(UNSAFE_RACE, Mutexes::Shared, &[3, 3, 3], 20, 0).unwrap();
        let few = Bounds {
            states: 2_000,
            ..Bounds::default()
        };
        let ahead = Ahead::look(&model, few, &mut |_| ());
        assert!(!ahead.is_exhaustive());
        let start = ahead.after([]).unwrap();
        assert_eq!(ahead.left(start), None);
        assert_eq!(ahead.witness(start, None).unwrap().to_string(), "ABBA");
        // Past what was seen nothing is known.
        assert_eq!(ahead.after([0; 6].into_iter().chain([1; 6])), None);
    }

    #[test]
    fn more_orders_than_can_be_counted_are_not_counted_round() {
        let model = Model::new(ATOMIC, Mutexes::Shared, &[100, 100], 300, 0).unwrap();
        let ahead = look(&model);
        let left = ahead.left(ahead.after([]).unwrap()).unwrap();
        assert_eq!((left.clean, left.bad), (u128::MAX, 0));
    }

    proptest! {
        #![proptest_config(cases(60))]

        /// From wherever an order has come: as many as a list of all orders has with this beginning, and the
        /// first of the shortest bad ones.
        #[test]
        fn what_is_left_agrees_with_listing(
            which in 0usize..8, a in 1u64..3, size in 2u64..5, picks in prop::collection::vec(0usize..2, 0..9),
        ) {
            let (program, mutexes) = match which {
                0 => (UNSAFE_RACE, Mutexes::Shared),
                1 => (LOCK, Mutexes::Shared),
                2 => (ATOMIC, Mutexes::Shared),
                _ => (GALLERY[which - 3].program, GALLERY[which - 3].mutexes),
            };
            let model = Model::new(program, mutexes, &[a, 1], size, 0).unwrap();
            let ahead = look(&model);
            let mut begun = Vec::new();
            for pick in picks {
                begun.push(pick);
                if ahead.after(begun.iter().copied()).is_none() {
                    begun.pop();
                }
            }
            let place = ahead.after(begun.iter().copied()).unwrap();
            let mut left = Left::default();
            let mut shortest: Option<(usize, usize, String)> = None;
            each_order(&model, &mut |order| {
                let letters: Vec<usize> = order.sessions().collect();
                if letters.starts_with(&begun) {
                    let bad = (begun.len()..=letters.len()).find_map(|end| {
                        let part = Schedule::of(letters[..end].iter().copied()).unwrap();
                        let bad = !replay(&model, &part).table().duplicates.is_empty();
                        bad.then(|| (end, part.switches(), part.to_string()))
                    });
                    if bad.is_some() { left.bad += 1 } else { left.clean += 1 }
                    shortest = shortest.iter().cloned().chain(bad).min();
                }
                true
            });
            prop_assert_eq!(ahead.left(place), Some(left));
            let witness = ahead.witness(place, begun.last().copied());
            let all = Schedule::of(begun.iter().copied()).unwrap().to_string();
            prop_assert_eq!(witness.map(|way| format!("{all}{way}")), shortest.map(|(_, _, text)| text));
        }
    }
}
