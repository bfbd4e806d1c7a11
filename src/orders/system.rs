//! What a system has to say of itself, so that every order of it can be looked at.

/// Whose turn it is, and which of its outcomes it has.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Turn {
    /// Whose, A being 0. From [`System::processes`] on: a turn that is no process's.
    pub who: u8,
    /// Which outcome, the first being 0. Most steps have one.
    pub outcome: u8,
}

impl Turn {
    /// The turn of a process whose steps have one outcome.
    #[must_use]
    pub fn of(who: usize) -> Self {
        Self {
            who: u8::try_from(who).unwrap_or(u8::MAX),
            outcome: 0,
        }
    }
}

/// One turn that can be taken in a state.
#[derive(Clone, Copy, Debug)]
pub struct Move {
    /// Whose, and how it comes out.
    pub turn: Turn,
    /// With folding: at which place of the next state the part of the one who moved stands.
    pub lands: u8,
    /// Where the bytes of the next state end; they begin where those of the move before end.
    pub end: u32,
    /// It goes wrong, and there is no next state.
    pub fault: bool,
}

/// All turns that can be taken in a state, with the states they lead to. Kept and filled again, for speed.
#[derive(Debug, Default)]
pub struct Moves {
    /// The next states, one behind the other.
    pub bytes: Vec<u8>,
    /// The turns, by their letters.
    pub all: Vec<Move>,
}

impl Moves {
    /// None.
    pub fn clear(&mut self) {
        self.bytes.clear();
        self.all.clear();
    }

    /// Adds a turn, once the bytes of the next state stand behind [`bytes`](Self::bytes).
    pub fn push(&mut self, turn: Turn, lands: usize) {
        self.add(turn, lands, false);
    }

    /// Adds a turn that goes wrong. What of the next state stands there already is dropped.
    pub fn push_fault(&mut self, turn: Turn) {
        self.bytes.truncate(self.end());
        self.add(turn, 0, true);
    }

    fn add(&mut self, turn: Turn, lands: usize, fault: bool) {
        self.all.push(Move {
            turn,
            lands: u8::try_from(lands).unwrap_or(u8::MAX),
            end: u32::try_from(self.bytes.len()).unwrap_or(u32::MAX),
            fault,
        });
    }

    fn end(&self) -> usize {
        self.all.last().map_or(0, |last| last.end as usize)
    }

    /// The bytes of the state that a move leads to; none for one that goes wrong.
    #[must_use]
    pub fn state(&self, index: usize) -> &[u8] {
        let begin = match index {
            0 => 0,
            _ => self.all[index - 1].end as usize,
        };
        &self.bytes[begin..self.all[index].end as usize]
    }
}

/// What is to be known of a state.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Which rules it breaks, a bit each.
    pub broken: u64,
    /// Whether all processes have ended.
    pub ended: bool,
}

/// Processes that take turns. A state is bytes in which each process has a part of its own, and all share the rest.
pub trait System {
    /// How many processes there are: at most 26, one a letter.
    fn processes(&self) -> usize;

    /// How many can have a turn: the processes, and behind them what else happens by itself.
    fn actors(&self) -> usize {
        self.processes()
    }

    /// In how many ways a step can come out at most.
    fn outcomes(&self) -> usize {
        1
    }

    /// How many rules there are: at most 64.
    fn rules(&self) -> usize;

    /// Which rules a turn that goes wrong breaks, a bit each.
    fn fault_breaks(&self) -> u64 {
        0
    }

    /// The size of a state in bytes, if all have the same.
    fn width(&self) -> Option<usize> {
        None
    }

    /// Appends the state in which nobody has done anything. `false` if there is none: it goes wrong before.
    fn start(&self, state: &mut Vec<u8>) -> bool;

    /// All turns that can be taken in a state, ordered by their letters. With `fold` the states they lead to are [canonical](Self::canonical).
    fn expand(&self, state: &[u8], fold: bool, moves: &mut Moves) -> Label;

    /// The label that [`expand`](Self::expand) gives.
    fn label(&self, state: &[u8]) -> Label {
        self.expand(state, false, &mut Moves::default())
    }

    /// Whether some processes are interchangeable. No rule may tell those apart.
    fn can_fold(&self) -> bool {
        false
    }

    /// Sorts the parts of interchangeable processes.
    fn canonical(&self, _state: &mut Vec<u8>) {}

    /// Whether they are sorted.
    fn is_canonical(&self, _state: &[u8]) -> bool {
        true
    }

    /// A place in `canonical` where a part stands that equals the part of process `who` in `state`.
    fn place(&self, _canonical: &[u8], _state: &[u8], who: usize) -> usize {
        who
    }

    /// How many states a canonical one stands for: for each kind of interchangeable processes the factorial of how many there
    /// are, divided by the factorials of how many are alike.
    fn orbit(&self, _canonical: &[u8]) -> u128 {
        1
    }
}

/// In how many orders things can be put of which some are alike: `n! / (a! b! …)`. They come sorted.
pub(crate) fn arrangements<T: PartialEq>(sorted: impl Iterator<Item = T>) -> u128 {
    let (mut all, mut alike) = (1u128, 0u64);
    let mut last = None;
    for (nth, part) in (1u128..).zip(sorted) {
        alike = if last.as_ref() == Some(&part) {
            alike + 1
        } else {
            1
        };
        // Step by step it is always whole. Most are small, and those are divided far quicker.
        all = match u64::try_from(all * nth) {
            Ok(small) => u128::from(small / alike),
            Err(_) => all * nth / u128::from(alike),
        };
        last = Some(part);
    }
    all
}
