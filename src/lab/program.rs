//! The compiled program: what every process does, step by step, and what the numbers of a state are.

use super::syntax::{LockKind, Span};
use super::value::{Element, Fault, Value};

/// A program, ready to be run or to be checked.
#[derive(Debug, Clone)]
pub struct Program {
    /// The shared variables, at the front of a state.
    pub shared: Vec<Named>,
    /// The locks, behind them.
    pub locks: Vec<Lock>,
    /// For each slot of a lock: which lock it is, by [`Program::locks`], and where a process notes that it holds it.
    pub lock_slots: Vec<LockSlot>,
    /// The kinds of processes.
    pub codes: Vec<Code>,
    /// The processes, in the order of their letters.
    pub processes: Vec<Process>,
    /// The names of the sections, by their bit.
    pub sections: Vec<String>,
    /// The names of the activities.
    pub activities: Vec<String>,
    /// The rules, in the order of the file.
    pub rules: Vec<Rule>,
    /// The state before anybody has done anything.
    pub initial: Vec<i32>,
    /// What is odd about the program, though not wrong.
    pub warnings: Vec<super::error::Mistake>,
}

/// A variable, and which slots are its.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// Its first slot.
    pub base: usize,
    /// How many.
    pub len: usize,
    /// Whether it is written with an index.
    pub array: bool,
}

/// A semaphore, a mutex, a reader–writer lock, or an array of them.
#[derive(Debug, Clone)]
pub struct Lock {
    /// Its name and slots.
    pub named: Named,
    /// What it is.
    pub kind: LockKind,
}

/// One slot of a lock.
#[derive(Debug, Clone, Copy)]
pub struct LockSlot {
    /// Which lock.
    pub lock: usize,
    /// Where, from the beginning of a process, it notes that it holds this one. Semaphores have no holder.
    pub held: Option<usize>,
}

/// Where a process's program counter is, from the beginning of the process.
pub const PC: usize = 0;
/// Where its place in a queue is: 0 when it does not wait in one, 1 when it is the first.
pub const RANK: usize = 1;
/// Where what it holds begins.
pub const HELD: usize = 2;

/// One process.
#[derive(Debug, Clone)]
pub struct Process {
    /// What kind, by [`Program::codes`].
    pub code: usize,
    /// Its index among its kind.
    pub index: usize,
    /// `philosopher[3]`, or `writer` if there is only one.
    pub name: String,
    /// Where it begins in a state.
    pub base: usize,
    /// Where its own numbers begin.
    pub slots: usize,
    /// Where it ends.
    pub end: usize,
}

/// What a kind of process does.
#[derive(Debug, Clone, Default)]
pub struct Code {
    /// Its name.
    pub name: String,
    /// How many there are.
    pub count: usize,
    /// Whether they are interchangeable: none of them, and no rule, asks which one it is.
    pub symmetric: bool,
    /// What they do.
    pub code: Vec<Instr>,
    /// Where each instruction is written.
    pub spans: Vec<Span>,
    /// Which sections each instruction stands in, a bit each.
    pub inside: Vec<u64>,
    /// How many of the slots still matter before each instruction.
    pub live: Vec<usize>,
    /// Their own variables.
    pub locals: Vec<Named>,
    /// How many slots they need: their variables, then what they have read and not used yet.
    pub slots: usize,
    /// Which instructions each statement became, and where it is written.
    pub statements: Vec<(std::ops::Range<usize>, Span)>,
    /// The sections they can be in, a bit each.
    pub sections: u64,
    /// Which instructions each `section` that is written became, and its bit. One name may be written twice.
    pub parts: Vec<(std::ops::Range<usize>, usize)>,
}

/// An instruction. The first six are steps; the others touch nothing shared, and happen at the end of
/// the step before them.
#[derive(Debug, Clone)]
pub enum Instr {
    /// Reads something shared.
    Load {
        /// What.
        from: Element,
        /// Into which slot.
        into: usize,
    },
    /// Writes something shared.
    Store {
        /// What.
        to: Element,
        /// The new value.
        value: Value,
    },
    /// Asks for a lock or gives it back.
    Lock {
        /// What is done.
        act: Act,
        /// To which lock.
        lock: usize,
        /// Which of its slots.
        which: Element,
    },
    /// Is busy with something of its own: `think()`, `eat()`. The step ends it.
    Activity(usize),
    /// Goes round a loop in which nothing shared is touched.
    Around,
    /// Has ended.
    End,
    /// Sets an own variable.
    Set(Element, Value),
    /// Goes elsewhere.
    Jump(usize),
    /// Goes elsewhere if the value is 0.
    Unless(Value, usize),
    /// Fails if the value is 0.
    Assert(Value),
}

impl Instr {
    /// Whether it is a step: something another process could notice, or that takes time.
    #[must_use]
    pub fn is_step(&self) -> bool {
        !matches!(
            self,
            Self::Set(..) | Self::Jump(_) | Self::Unless(..) | Self::Assert(_)
        )
    }
}

/// What can be done with a lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Act {
    /// `wait(semaphore)`
    Wait,
    /// `signal(semaphore)`
    Signal,
    /// `lock(mutex)`
    Lock,
    /// `unlock(mutex)`, `unlock(rwlock)`
    Unlock,
    /// `read(rwlock)`
    Read,
    /// `write(rwlock)`
    Write,
}

impl Act {
    /// How it is written.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Wait => "wait",
            Self::Signal => "signal",
            Self::Lock => "lock",
            Self::Unlock => "unlock",
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    /// Whether one can be made to wait.
    #[must_use]
    pub fn asks(self) -> bool {
        matches!(self, Self::Wait | Self::Lock | Self::Read | Self::Write)
    }
}

/// A rule, as written, and what it means.
#[derive(Debug, Clone)]
pub struct Rule {
    /// As written, without the semicolon.
    pub text: String,
    /// Where.
    pub span: Span,
    /// What must hold.
    pub what: What,
}

/// What a rule asks for.
#[derive(Debug, Clone)]
pub enum What {
    /// Some process can always go on, until all have ended.
    NeverDeadlock,
    /// Nobody stays outside this section for ever.
    NeverStarve(usize),
    /// No two processes in these sections at once.
    NeverTogether(usize, usize),
    /// False in every state.
    Never(Value),
    /// True whenever all have ended.
    Finally(Value),
    /// No division by zero, no index out of range, no failed `assert`: never written, always asked.
    NoFault,
}

impl Code {
    /// Lets a process go on as far as it can without touching anything shared: to its next step.
    ///
    /// # Errors
    /// If what it computes on the way cannot be computed, or an `assert` fails.
    #[inline]
    pub fn settle(&self, pc: usize, slots: &mut [i32]) -> Result<usize, Fault> {
        self.settle_over(pc, slots, &mut |_| {})
    }

    /// The same, and `over` is told every instruction on the way.
    ///
    /// # Errors
    /// As [`settle`](Self::settle).
    #[inline]
    pub fn settle_over(
        &self,
        mut pc: usize,
        slots: &mut [i32],
        over: &mut impl FnMut(usize),
    ) -> Result<usize, Fault> {
        loop {
            let at = pc;
            match &self.code[pc] {
                Instr::Set(place, value) => {
                    let value = value.of(slots)?;
                    let at = place.at(slots)?;
                    slots[at] = value;
                    pc += 1;
                }
                Instr::Jump(to) => pc = *to,
                Instr::Unless(value, to) => {
                    pc = if value.of(slots)? == 0 { *to } else { pc + 1 };
                }
                Instr::Assert(value) => {
                    if value.of(slots)? == 0 {
                        return Err(Fault::new(&self.spans[pc], "this assert fails"));
                    }
                    pc += 1;
                }
                _ => return Ok(pc),
            }
            over(at);
        }
    }
}

/// The letters of the processes: A to Z.
pub const MAX_PROCESSES: usize = 26;

impl Program {
    /// The name of a slot of a lock: `chopstick[3]`.
    #[must_use]
    pub fn lock_name(&self, slot: usize) -> String {
        let lock = self.shared_len();
        let named = &self.locks[self.lock_slots[slot - lock].lock].named;
        if named.array {
            format!("{}[{}]", named.name, slot - named.base)
        } else {
            named.name.clone()
        }
    }

    /// The name of a slot of a shared variable: `buffer[3]`.
    #[must_use]
    pub fn shared_name(&self, slot: usize) -> String {
        let of = |it: &&Named| (it.base..it.base + it.len).contains(&slot);
        match self.shared.iter().find(of) {
            Some(it) if it.array => format!("{}[{}]", it.name, slot - it.base),
            Some(it) => it.name.clone(),
            None => String::new(),
        }
    }

    /// How many slots the shared variables take.
    #[must_use]
    pub fn shared_len(&self) -> usize {
        self.shared.iter().map(|it| it.len).sum()
    }

    /// What a process does.
    #[must_use]
    pub fn code_of(&self, who: usize) -> &Code {
        &self.codes[self.processes[who].code]
    }
}
