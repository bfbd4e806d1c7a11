//! From any point of an order of draws on: how many orders are left, how many of them hand out a number twice or end with
//! somebody waiting for ever, and the shortest way to one that does. See [`Lookahead`].

use super::model::Model;
use super::system::{DEADLOCK, DUPLICATE, Sessions};
use crate::orders::graph::Seen;
use crate::orders::lookahead::{Left, Lookahead, Place};
use crate::orders::{Bounds, Schedule, Turn};

/// See the [module](self).
#[derive(Debug)]
pub struct Ahead {
    model: Model,
    lookahead: Lookahead,
}

impl Ahead {
    /// Looks at every order, as far as the bounds allow. `progress` is told now and then how far it has come.
    pub fn look(model: &Model, bounds: Bounds, progress: &mut dyn FnMut(Seen)) -> Self {
        let bad = 1 << DUPLICATE | 1 << DEADLOCK;
        Self {
            model: model.clone(),
            lookahead: Lookahead::compute(&Sessions::new(model), bad, bounds, progress),
        }
    }

    /// Whether every state was seen. If not, what was not found may still be there.
    #[must_use]
    pub const fn is_exhaustive(&self) -> bool {
        self.lookahead.is_exhaustive()
    }

    /// How many states were seen.
    #[must_use]
    pub const fn states(&self) -> usize {
        self.lookahead.states()
    }

    /// Where these letters lead. `None` if one of them cannot go, or leads past what was seen.
    pub fn after(&self, letters: impl IntoIterator<Item = usize>) -> Option<Place> {
        let turns = letters.into_iter().map(Turn::of);
        self.lookahead.after(&Sessions::new(&self.model), turns)
    }

    /// The orders that are left from there; `None` if not every state was seen.
    #[must_use]
    pub fn left(&self, place: &Place) -> Option<Left> {
        self.lookahead.left(place)
    }

    /// A shortest way on from there until some number was handed out twice, or nobody can go on: fewest letters, then fewest switches,
    /// counting one from the letter that led there, then first in the alphabet. `None` if none was seen.
    #[must_use]
    pub fn witness(&self, place: &Place, came_by: Option<usize>) -> Option<Schedule> {
        let system = Sessions::new(&self.model);
        let turns = self.lookahead.witness(&system, place, came_by)?;
        Schedule::of(turns.iter().map(|turn| usize::from(turn.who)))
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::cases;
    use proptest::prelude::*;

    use super::*;
    use crate::draw::gallery::{GALLERY, Mutexes};
    use crate::draw::{ATOMIC, LOCK, UNSAFE_RACE};
    use crate::draws::explore::{each_order, explore};
    use crate::draws::replay;

    fn look(model: &Model) -> Ahead {
        Ahead::look(model, Bounds::default(), &mut |_| ())
    }

    #[test]
    fn golden_counts() {
        let left = |program, draws: &[u64], letters: &[usize]| {
            let model = Model::new(program, Mutexes::Shared, draws, 6, 0).unwrap();
            let ahead = look(&model);
            let left = ahead.left(&ahead.after(letters.iter().copied()).unwrap());
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
                assert_eq!(ahead.witness(&start, None), found, "{}", answer.name);
            }
        }
    }

    #[test]
    fn a_search_that_stops_early_says_nothing_of_all_orders() {
        let model = Model::new(UNSAFE_RACE, Mutexes::Shared, &[3, 3, 3], 20, 0).unwrap();
        let few = Bounds {
            states: 500,
            ..Bounds::default()
        };
        let ahead = Ahead::look(&model, few, &mut |_| ());
        assert!(!ahead.is_exhaustive());
        let start = ahead.after([]).unwrap();
        assert_eq!(ahead.left(&start), None);
        assert_eq!(ahead.witness(&start, None).unwrap().to_string(), "ABBA");
        // Past what was seen nothing is known.
        assert_eq!(ahead.after([0; 6].into_iter().chain([1; 6])), None);
    }

    #[test]
    fn more_orders_than_can_be_counted_are_not_counted_round() {
        let model = Model::new(ATOMIC, Mutexes::Shared, &[100, 100], 300, 0).unwrap();
        let ahead = look(&model);
        let left = ahead.left(&ahead.after([]).unwrap()).unwrap();
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
            prop_assert_eq!(ahead.left(&place), Some(left));
            let witness = ahead.witness(&place, begun.last().copied());
            let all = Schedule::of(begun.iter().copied()).unwrap().to_string();
            prop_assert_eq!(witness.map(|way| format!("{all}{way}")), shortest.map(|(_, _, text)| text));
        }
    }
}
