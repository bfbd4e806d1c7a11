//! Sessions that draw, as a system of the [engine](crate::orders): a [`Model`], its states [packed](Layout).

use std::cell::RefCell;

use super::model::{Model, Outcome};
use super::packed::Layout;
use crate::orders::system::arrangements;
use crate::orders::{Label, Moves, System, Turn};

/// The rules: some number is handed out twice,
pub(crate) const DUPLICATE: usize = 0;
/// and everybody who has not drawn all waits for ever.
pub(crate) const DEADLOCK: usize = 1;

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Sessions<'a> {
    model: &'a Model,
    layout: Layout,
    /// Sessions that draw equally often are interchangeable: at least two each, ascending.
    alike: Vec<Vec<usize>>,
    /// For each session which of those it belongs to.
    group: Vec<Option<usize>>,
    work: RefCell<Work>,
}

/// States, unpacked from bytes to words: kept, for speed.
#[derive(Debug, Default)]
struct Work {
    before: Vec<u64>,
    after: Vec<u64>,
}

impl<'a> Sessions<'a> {
    pub(crate) fn new(model: &'a Model) -> Self {
        let draws = model.draws();
        let firsts = (0..draws.len()).filter(|&it| !draws[..it].contains(&draws[it]));
        let alike = firsts.map(|first| {
            let same = |&it: &usize| draws[it] == draws[first];
            (first..draws.len()).filter(same).collect::<Vec<_>>()
        });
        let alike: Vec<_> = alike.filter(|it| it.len() > 1).collect();
        let group = |who: usize| alike.iter().position(|it| it.contains(&who));
        Self {
            model,
            layout: Layout::new(model),
            group: (0..draws.len()).map(group).collect(),
            alike,
            work: RefCell::default(),
        }
    }

    /// The counter as it is shown, at most the size of the list, and whether a ticket below it was handed out to nobody.
    pub(crate) fn ended_at(&self, state: &[u8]) -> (u64, bool) {
        let words = &mut self.work.borrow_mut().before;
        unpack(state, words);
        (self.layout.shown_counter(words), self.layout.skips(words))
    }

    fn label_of(&self, state: &[u64], somebody_can: bool) -> Label {
        let over = |it| self.model.is_over(&self.layout.session(state, it));
        let ended = !somebody_can && (0..self.model.draws().len()).all(over);
        Label {
            broken: u64::from(self.layout.has_duplicate(state)) << DUPLICATE
                | u64::from(!somebody_can && !ended) << DEADLOCK,
            ended,
        }
    }

    /// Those that draw as often as this one, if there are others.
    fn alike(&self, who: usize) -> Option<&[usize]> {
        self.group[who].map(|group| &self.alike[group][..])
    }

    /// Lets the part of one session, the only one that has changed, sink or rise to its place. Where that is.
    fn settle(&self, state: &mut [u64], who: usize) -> usize {
        let Some(alike) = self.alike(who) else {
            return who;
        };
        let part = self.layout.part(state, who);
        let mut at = alike.iter().position(|&it| it == who).unwrap_or(0);
        while at > 0 && self.layout.part(state, alike[at - 1]) > part {
            self.layout.copy_part(state, alike[at - 1], alike[at]);
            at -= 1;
        }
        while at + 1 < alike.len() && self.layout.part(state, alike[at + 1]) < part {
            self.layout.copy_part(state, alike[at + 1], alike[at]);
            at += 1;
        }
        self.layout.set_part(state, alike[at], part);
        alike[at]
    }
}

fn words(bytes: &[u8]) -> Vec<u64> {
    let mut words = Vec::new();
    unpack(bytes, &mut words);
    words
}

fn unpack(bytes: &[u8], words: &mut Vec<u64>) {
    words.clear();
    let (eights, _) = bytes.as_chunks();
    words.extend(eights.iter().map(|&word| u64::from_le_bytes(word)));
}

fn pack(words: &[u64], bytes: &mut Vec<u8>) {
    for word in words {
        bytes.extend_from_slice(&word.to_le_bytes());
    }
}

impl System for Sessions<'_> {
    fn processes(&self) -> usize {
        self.model.draws().len()
    }

    fn rules(&self) -> usize {
        2
    }

    fn width(&self) -> Option<usize> {
        Some(self.layout.words() * 8)
    }

    fn start(&self, state: &mut Vec<u8>) -> bool {
        pack(&self.layout.begin(self.model), state);
        true
    }

    fn expand(&self, state: &[u8], fold: bool, moves: &mut Moves) -> Label {
        let Work { before, after } = &mut *self.work.borrow_mut();
        unpack(state, before);
        let common = self.layout.common(before);
        for who in 0..self.model.draws().len() {
            let (mut session, mut common) = (self.layout.session(before, who), common);
            if self.model.is_over(&session) || self.model.waits(&session, &common) {
                continue;
            }
            after.clone_from(before);
            let outcome = self.model.turn(&mut session, &mut common);
            self.layout.set_counter(after, common.counter);
            self.layout.set_session(after, who, &session);
            if let Outcome::Drew(ticket) = outcome {
                self.layout.hand_out(after, ticket);
            }
            let lands = if fold { self.settle(after, who) } else { who };
            pack(after, &mut moves.bytes);
            moves.push(Turn::of(who), lands);
        }
        self.label_of(before, !moves.all.is_empty())
    }

    fn can_fold(&self) -> bool {
        !self.alike.is_empty()
    }

    fn canonical(&self, state: &mut Vec<u8>) {
        let mut words = words(state);
        for alike in &self.alike {
            let mut parts: Vec<u64> = alike
                .iter()
                .map(|&it| self.layout.part(&words, it))
                .collect();
            parts.sort_unstable();
            for (&it, &part) in alike.iter().zip(&parts) {
                self.layout.set_part(&mut words, it, part);
            }
        }
        state.clear();
        pack(&words, state);
    }

    fn is_canonical(&self, state: &[u8]) -> bool {
        let words = &mut self.work.borrow_mut().before;
        unpack(state, words);
        let part = |it: usize| self.layout.part(words, it);
        let sorted =
            |alike: &Vec<usize>| alike.windows(2).all(|pair| part(pair[0]) <= part(pair[1]));
        self.alike.iter().all(sorted)
    }

    fn place(&self, canonical: &[u8], state: &[u8], who: usize) -> usize {
        let (canonical, part) = (words(canonical), self.layout.part(&words(state), who));
        let alike = self.alike(who).unwrap_or(&[]).iter();
        let equal = |&&it: &&usize| self.layout.part(&canonical, it) == part;
        alike.copied().find(|it| equal(&it)).unwrap_or(who)
    }

    fn orbit(&self, canonical: &[u8]) -> u128 {
        let words = words(canonical);
        let of =
            |alike: &Vec<usize>| arrangements(alike.iter().map(|&it| self.layout.part(&words, it)));
        self.alike.iter().map(of).product()
    }
}
