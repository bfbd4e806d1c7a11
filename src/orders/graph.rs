//! The states of a system and which turn leads where, looked at breadth first: those that take the fewest turns come first.

use serde::Serialize;

use super::store::{MAX_STATES, Store, growth_of};
use super::system::{Label, Moves, System, Turn};

/// That turn cannot be taken there.
pub(crate) const NO_STATE: u32 = u32::MAX;
/// That turn goes wrong there, and leads to no state.
pub(crate) const FAULT: u32 = u32::MAX - 1;
/// How many states go by between two calls of `progress`.
const PROGRESS_EVERY: usize = 1 << 14;

/// How far a search may go.
#[derive(Clone, Copy, Debug)]
pub struct Bounds {
    /// How many states it may see.
    pub states: usize,
    /// How many bytes it may take, what is said of the states afterwards included.
    pub bytes: usize,
    /// Stop at the end of a level when all these rules are broken, a bit each, and more than so many states were seen.
    pub enough: Option<(u64, usize)>,
}

impl Default for Bounds {
    /// Ten million states, a gigabyte, to the end.
    fn default() -> Self {
        Self {
            states: 10_000_000,
            bytes: 1 << 30,
            enough: None,
        }
    }
}

/// What ended a search before every state was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Stopped {
    /// [`Bounds::states`].
    #[serde(rename = "max-states")]
    States,
    /// [`Bounds::bytes`], or that no more states can be numbered, which takes more than that.
    #[serde(rename = "max-memory")]
    Memory,
    /// [`Bounds::enough`].
    #[serde(rename = "all-rules-broken")]
    Enough,
}

/// How far a search has come.
#[derive(Clone, Copy, Debug)]
pub struct Seen {
    /// How many states were seen.
    pub states: usize,
    /// Which rules were seen broken, a bit each.
    pub broken: u64,
}

/// See the [module](self).
#[derive(Debug)]
pub struct Graph {
    store: Store,
    /// For each state and each turn, by actor and then by outcome, the state it leads to: [`NO_STATE`] or [`FAULT`] if none.
    targets: Vec<u32>,
    /// With folding, for each target the place at which the part of the one who moved stands there.
    lands: Vec<u8>,
    /// Which rules each state breaks: as many bytes a state as the rules take.
    labels: Vec<u8>,
    /// Where each level begins: the states that take so many turns at least.
    levels: Vec<usize>,
    fold: bool,
    actors: usize,
    outcomes: usize,
    label_bytes: usize,
    stopped: Option<Stopped>,
    unfolded: u128,
    broken: u64,
    ended: bool,
    stuck: bool,
}

impl Graph {
    /// Looks at every order of a system, as far as the bounds allow. `fold`: interchangeable processes are not told apart.
    /// `progress` is told now and then how far it has come.
    pub fn walk(
        system: &dyn System,
        fold: bool,
        bounds: Bounds,
        progress: &mut dyn FnMut(Seen),
    ) -> Self {
        let fold = fold && system.can_fold();
        let mut graph = Self {
            store: Store::new(system.width()),
            targets: Vec::new(),
            lands: Vec::new(),
            labels: Vec::new(),
            levels: vec![0],
            fold,
            actors: system.actors(),
            outcomes: system.outcomes(),
            label_bytes: system.rules().div_ceil(8),
            stopped: None,
            unfolded: 0,
            broken: 0,
            ended: false,
            stuck: false,
        };
        let mut start = Vec::new();
        if !system.start(&mut start) {
            graph.broken = system.fault_breaks();
            return graph;
        }
        if fold {
            system.canonical(&mut start);
        }
        let hash = graph.store.hash(&start);
        graph.insert(system, &start, hash);
        let mut moves = Moves::default();
        let mut hashes = Vec::new();
        let (mut id, mut level_end) = (0, 1);
        while id < graph.store.len() {
            if id % PROGRESS_EVERY == 0 {
                progress(Seen {
                    states: graph.store.len(),
                    broken: graph.broken,
                });
            }
            if id == level_end {
                if bounds.enough.is_some_and(|(rules, states)| {
                    graph.broken & rules == rules && graph.store.len() > states
                }) {
                    let reached = graph.store.len();
                    graph.stop(system, Stopped::Enough, id, level_end, reached);
                    return graph;
                }
                graph.levels.push(id);
                level_end = graph.store.len();
            }
            moves.clear();
            let label = system.expand(graph.store.get(id), fold, &mut moves);
            graph.note(&label, moves.all.is_empty());
            let reached = graph.store.len();
            if let Err(stopped) = graph.take(system, &moves, &mut hashes, bounds) {
                graph.stop(system, stopped, id, level_end, reached);
                return graph;
            }
            id += 1;
        }
        graph
    }

    /// Takes note of the turns of the next state: of those it leads to, too, if they were not seen before.
    fn take(
        &mut self,
        system: &dyn System,
        moves: &Moves,
        hashes: &mut Vec<u64>,
        bounds: Bounds,
    ) -> Result<(), Stopped> {
        let row = self.targets.len();
        let columns = self.columns();
        self.targets.resize(row + columns, NO_STATE);
        if self.fold {
            self.lands.resize(row + columns, 0);
        }
        // First all hashes, then all look-ups: those wait for memory, and wait together.
        hashes.clear();
        hashes.extend((0..moves.all.len()).map(|index| self.store.hash(moves.state(index))));
        let mut faults = false;
        for (index, (found, &hash)) in moves.all.iter().zip(&*hashes).enumerate() {
            let column = row + self.column(found.turn);
            if found.fault {
                self.targets[column] = FAULT;
                faults = true;
                continue;
            }
            let state = moves.state(index);
            let target = if let Some(target) = self.store.find(state, hash) {
                target
            } else if self.store.len() >= bounds.states {
                return Err(Stopped::States);
            } else if self.store.len() >= MAX_STATES || self.needs(state.len()) > bounds.bytes {
                return Err(Stopped::Memory);
            } else {
                self.insert(system, state, hash)
            };
            self.targets[column] = target;
            if self.fold {
                self.lands[column] = found.lands;
            }
        }
        if faults {
            self.broken |= system.fault_breaks();
            self.stuck = true;
        }
        Ok(())
    }

    fn insert(&mut self, system: &dyn System, state: &[u8], hash: u64) -> u32 {
        if self.fold {
            self.unfolded = self.unfolded.saturating_add(system.orbit(state));
        } else {
            self.unfolded += 1;
        }
        self.store.insert(state, hash)
    }

    /// Takes note of what the next state is.
    fn note(&mut self, label: &Label, is_end: bool) {
        self.broken |= label.broken;
        if is_end {
            self.ended |= label.ended;
            self.stuck |= !label.ended;
        }
        self.labels
            .extend_from_slice(&label.broken.to_le_bytes()[..self.label_bytes]);
    }

    /// Ends with the turns of the states before this one. Of those behind it that they have `reached` it is only told what
    /// they are; of what this one's own turns lead to nothing is said, for no turn that is kept leads there.
    fn stop(
        &mut self,
        system: &dyn System,
        stopped: Stopped,
        id: usize,
        level_end: usize,
        reached: usize,
    ) {
        self.stopped = Some(stopped);
        self.targets.truncate(id * self.columns());
        self.lands
            .truncate(if self.fold { id * self.columns() } else { 0 });
        let labelled = self.labels.len() / self.label_bytes.max(1);
        for id in labelled..reached {
            let label = system.label(self.store.get(id));
            self.note(&label, false);
        }
        // What has been reached from this level stands on the next.
        if level_end < self.len() {
            self.levels.push(level_end);
        }
    }

    /// The bytes that are taken once a state of this size is there, and what is said of all orders is worked out.
    fn needs(&self, state: usize) -> usize {
        let columns = self.columns();
        let growth = self.store.growth(state)
            + growth_of(&self.targets, columns)
            + growth_of(&self.lands, if self.fold { columns } else { 0 })
            + growth_of(&self.labels, self.label_bytes);
        // Counting: two numbers and two sums a state. A witness: two numbers, and one for each actor.
        let later = 40.max(8 + 4 * self.actors);
        self.allocated() + growth.max(later * (self.store.len() + 1))
    }

    /// The bytes that are allocated.
    #[must_use]
    pub fn allocated(&self) -> usize {
        self.store.allocated()
            + size_of::<u32>() * self.targets.capacity()
            + self.lands.capacity()
            + self.labels.capacity()
    }

    const fn columns(&self) -> usize {
        self.actors * self.outcomes
    }

    fn column(&self, turn: Turn) -> usize {
        usize::from(turn.who) * self.outcomes + usize::from(turn.outcome)
    }

    /// How many states there are, as they were looked at.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.store.len()
    }

    /// Whether there is none: it goes wrong before anybody's first step.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many there are if interchangeable processes are told apart.
    #[must_use]
    pub const fn unfolded(&self) -> u128 {
        self.unfolded
    }

    /// How many there are if they are not.
    #[must_use]
    pub fn folded(&self, system: &dyn System) -> usize {
        if self.fold || !system.can_fold() {
            return self.len();
        }
        let is_canonical = |&id: &usize| system.is_canonical(self.state(id));
        (0..self.len()).filter(is_canonical).count()
    }

    /// What stopped the search before every state was looked at.
    #[must_use]
    pub const fn stopped(&self) -> Option<Stopped> {
        self.stopped
    }

    /// Whether every state was looked at.
    #[must_use]
    pub const fn is_complete(&self) -> bool {
        self.stopped.is_none()
    }

    /// Which rules are broken in some order, a bit each.
    #[must_use]
    pub const fn broken(&self) -> u64 {
        self.broken
    }

    /// Whether in some order all processes end.
    #[must_use]
    pub const fn ended(&self) -> bool {
        self.ended
    }

    /// Whether some order stops before that: nobody can go on, or somebody goes wrong.
    #[must_use]
    pub const fn stuck(&self) -> bool {
        self.stuck
    }

    /// A state.
    #[must_use]
    pub fn state(&self, id: usize) -> &[u8] {
        self.store.get(id)
    }

    /// Which rules a state breaks, a bit each; none if that is not known.
    #[must_use]
    pub fn label(&self, id: usize) -> u64 {
        let bytes = self
            .labels
            .get(id * self.label_bytes..(id + 1) * self.label_bytes);
        bytes
            .unwrap_or(&[])
            .iter()
            .rev()
            .fold(0, |label, &byte| label << 8 | u64::from(byte))
    }

    /// How many states there are whose turns were looked at: the first ones.
    #[must_use]
    pub const fn looked_at(&self) -> usize {
        self.targets.len() / self.columns()
    }

    /// The turns that can be taken in a state: whose, where they lead ([`FAULT`] if nowhere), and where the part of the one who moved
    /// stands there. None for a state whose turns were not looked at.
    #[inline]
    pub(crate) fn turns(&self, id: usize) -> impl Iterator<Item = (Turn, u32, usize)> + '_ {
        let row = id * self.columns()..(id + 1) * self.columns();
        let lands = self.lands.get(row.clone());
        let targets = self.targets.get(row).unwrap_or(&[]);
        let taken = targets.iter().enumerate();
        taken
            .filter(|&(_, &target)| target != NO_STATE)
            .map(move |(column, &target)| {
                let turn = self.turn(column);
                let lands = lands.map_or(usize::from(turn.who), |it| usize::from(it[column]));
                (turn, target, lands)
            })
    }

    /// The states that the turns in a state lead to.
    #[inline]
    pub(crate) fn targets(&self, id: usize) -> impl Iterator<Item = u32> + '_ {
        let row = id * self.columns()..(id + 1) * self.columns();
        let targets = self.targets.get(row).unwrap_or(&[]);
        targets.iter().copied().filter(|&it| it != NO_STATE)
    }

    /// The next of them, from a column on that is moved behind it.
    #[inline]
    pub(crate) fn next_target(&self, id: usize, column: &mut usize) -> Option<u32> {
        let row = self
            .targets
            .get(id * self.columns()..(id + 1) * self.columns())?;
        while let Some(&target) = row.get(*column) {
            *column += 1;
            if target != NO_STATE {
                return Some(target);
            }
        }
        None
    }

    #[expect(clippy::cast_possible_truncation, reason = "at most 26 actors")]
    fn turn(&self, column: usize) -> Turn {
        Turn {
            who: (column / self.outcomes) as u8,
            outcome: (column % self.outcomes) as u8,
        }
    }

    /// Who can have a turn in a state, a bit each.
    pub(crate) fn able(&self, id: usize) -> u32 {
        self.turns(id)
            .fold(0, |able, (turn, ..)| able | 1 << turn.who)
    }

    /// How many can have a turn.
    pub(crate) const fn actors(&self) -> usize {
        self.actors
    }

    /// How many turns a state takes at least.
    pub(crate) fn level(&self, id: usize) -> usize {
        self.levels.partition_point(|&start| start <= id) - 1
    }

    /// Whether all states were looked at that take fewer turns than this.
    #[must_use]
    pub fn looked_at_all_before(&self, turns: usize) -> bool {
        let begins = self.levels.get(turns).copied();
        self.is_complete() || begins.is_some_and(|begins| self.looked_at() >= begins)
    }

    /// The number of a state as it is, folded if the graph is.
    pub(crate) fn find(&self, system: &dyn System, state: &[u8]) -> Option<u32> {
        let mut canonical = state.to_vec();
        if self.fold {
            system.canonical(&mut canonical);
        }
        self.store.find(&canonical, self.store.hash(&canonical))
    }

    /// The place of a process in the state that stands for this one.
    pub(crate) fn place(&self, system: &dyn System, id: u32, state: &[u8], who: usize) -> usize {
        if self.fold && who < system.processes() {
            system.place(self.state(id as usize), state, who)
        } else {
            who
        }
    }
}
