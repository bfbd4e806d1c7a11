//! What every name outside a process stands for.

use std::collections::HashMap;

use super::super::error::{Mistake, line_and_column};
use super::super::program::{Lock, MAX_PROCESSES, Named, Program};
use super::super::syntax::{Ex, Expr, File, LockKind, Name, Process, Span, Variable};
use super::super::value::Value;
use super::{MAX_SLOTS, Settings, lock_slots};
use crate::values::similar;

/// What a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Symbol {
    /// A constant.
    Constant(i32),
    /// A shared variable.
    Shared(usize),
    /// A lock.
    Lock(usize),
    /// A kind of process.
    Process(usize),
}

/// The names declared outside processes.
pub struct Names<'a> {
    source: &'a str,
    known: HashMap<String, (Symbol, Span)>,
    /// How many there are of each kind of process.
    pub counts: Vec<usize>,
}

impl<'a> Names<'a> {
    pub fn new(source: &'a str) -> Self {
        Self {
            source,
            known: HashMap::new(),
            counts: Vec::new(),
        }
    }

    /// What a name stands for.
    pub fn get(&self, name: &str) -> Option<Symbol> {
        self.known.get(name).map(|it| it.0)
    }

    /// Says that nothing has this name, and which name is nearly it.
    pub fn unknown(&self, name: &Name, more: impl Iterator<Item = String>) -> Mistake {
        let mut known: Vec<_> = self.known.keys().cloned().chain(more).collect();
        known.sort();
        let same = known.iter().find(|it| it.eq_ignore_ascii_case(&name.it));
        let like = same
            .map(String::as_str)
            .or_else(|| similar(&name.it, known.iter().map(String::as_str)));
        let hint = like.map_or(String::new(), |like| format!("; did you mean `{like}`?"));
        Mistake::new(
            &name.span,
            format!("nothing is called `{}` here{hint}", name.it),
        )
    }

    /// Refuses a name that is taken.
    pub fn refuse_taken(&self, name: &Name) -> Result<(), Mistake> {
        match self.known.get(&name.it) {
            Some((_, span)) => Err(self.taken(name, span)),
            None => Ok(()),
        }
    }

    /// Says where a name is taken.
    pub fn taken(&self, name: &Name, by: &Span) -> Mistake {
        let line = line_and_column(self.source, by.start).0;
        Mistake::new(
            &name.span,
            format!("`{}` is declared already, in line {line}", name.it),
        )
    }

    fn add(&mut self, name: &Name, symbol: Symbol) -> Result<(), Mistake> {
        self.refuse_taken(name)?;
        self.known
            .insert(name.it.clone(), (symbol, name.span.clone()));
        Ok(())
    }

    pub fn constants(&mut self, file: &File, settings: &Settings) -> Result<(), Mistake> {
        for (name, value) in &file.constants {
            let set = settings.set.iter().rev().find(|(set, _)| *set == name.it);
            let value = match set {
                Some((_, value)) => *value,
                None => self.constant(value)?,
            };
            self.add(name, Symbol::Constant(value))?;
        }
        for (name, _) in &settings.set {
            if !matches!(self.get(name), Some(Symbol::Constant(_))) {
                let place = file.constants.first().map_or(0..0, |it| it.0.span.clone());
                return Err(Mistake::new(
                    &place,
                    format!("no `const {name}` in this file, so it cannot be set"),
                ));
            }
        }
        Ok(())
    }

    /// The value of an expression that must be known before anything runs.
    pub fn constant(&self, expr: &Expr) -> Result<i32, Mistake> {
        let value = self.constant_value(expr)?;
        value.constant().ok_or_else(|| {
            Mistake::new(
                &expr.span,
                "expected a constant: numbers, and names declared by `const`",
            )
        })
    }

    fn constant_value(&self, expr: &Expr) -> Result<Value, Mistake> {
        match &expr.it {
            Ex::Number(number) => Ok(Value::Number(*number)),
            Ex::Place(place) if place.index.is_none() => match self.get(&place.name.it) {
                Some(Symbol::Constant(value)) => Ok(Value::Number(value)),
                Some(_) => Err(Mistake::new(
                    &expr.span,
                    format!("expected a constant, and `{}` is none", place.name.it),
                )),
                None => Err(self.unknown(&place.name, std::iter::empty())),
            },
            Ex::Place(_) | Ex::OfProcess(..) => Err(Mistake::new(
                &expr.span,
                "expected a constant: numbers, and names declared by `const`",
            )),
            Ex::Unary(operator, of) => Value::Unary(
                *operator,
                Box::new(self.constant_value(of)?),
                expr.span.clone(),
            )
            .folded(),
            Ex::Binary(operator, left, right) => Value::Binary(
                *operator,
                Box::new((self.constant_value(left)?, self.constant_value(right)?)),
                expr.span.clone(),
            )
            .folded(),
        }
    }

    /// How many slots a variable has.
    pub fn size(&self, variable: &Variable) -> Result<usize, Mistake> {
        let Some(size) = &variable.size else {
            return Ok(1);
        };
        let value = self.constant(size)?;
        usize::try_from(value)
            .ok()
            .filter(|size| (1..=MAX_SLOTS).contains(size))
            .ok_or_else(|| {
                Mistake::new(
                    &size.span,
                    format!("the size of an array is 1 to {MAX_SLOTS}, not {value}"),
                )
            })
    }

    fn initial(
        &self,
        variable: &Variable,
        len: usize,
        values: &mut Vec<i32>,
    ) -> Result<(), Mistake> {
        if variable.braced {
            if variable.size.is_none() || variable.initial.len() != len {
                return Err(Mistake::new(
                    &variable.name.span,
                    format!(
                        "`{}` has room for {len}, and {} values are given",
                        variable.name.it,
                        variable.initial.len()
                    ),
                ));
            }
            for value in &variable.initial {
                values.push(self.constant(value)?);
            }
        } else {
            let value = match variable.initial.first() {
                Some(value) => self.constant(value)?,
                None => 0,
            };
            values.resize(values.len() + len, value);
        }
        Ok(())
    }

    pub fn shared(&mut self, file: &File, program: &mut Program) -> Result<(), Mistake> {
        for variable in &file.shared {
            self.add(&variable.name, Symbol::Shared(program.shared.len()))?;
            let named = self.place(variable, program)?;
            program.shared.push(named);
        }
        Ok(())
    }

    fn place(&self, variable: &Variable, program: &mut Program) -> Result<Named, Mistake> {
        let len = self.size(variable)?;
        let base = program.initial.len();
        if base + len > 2 * MAX_SLOTS {
            return Err(Mistake::new(
                &variable.name.span,
                format!(
                    "too much is shared: at most {} numbers in all",
                    2 * MAX_SLOTS
                ),
            ));
        }
        self.initial(variable, len, &mut program.initial)?;
        Ok(Named {
            name: variable.name.it.clone(),
            base,
            len,
            array: variable.size.is_some(),
        })
    }

    pub fn locks(
        &mut self,
        file: &File,
        settings: &Settings,
        program: &mut Program,
    ) -> Result<(), Mistake> {
        for (kind, variable) in &file.locks {
            let kind = match (*kind, settings.fifo) {
                (LockKind::Semaphore { .. }, Some(fifo)) => LockKind::Semaphore { fifo },
                (LockKind::Mutex { .. }, Some(fifo)) => LockKind::Mutex { fifo },
                (kind, _) => kind,
            };
            let lock = program.locks.len();
            self.add(&variable.name, Symbol::Lock(lock))?;
            let named = self.place(variable, program)?;
            let slots = named.base..named.base + named.len;
            if let LockKind::Semaphore { .. } = kind {
                if let Some(value) = program.initial[slots].iter().find(|&&it| it < 0) {
                    let at = variable
                        .initial
                        .first()
                        .map_or(&variable.name.span, |it| &it.span);
                    return Err(Mistake::new(
                        at,
                        format!(
                            "a semaphore cannot be negative, and `{}` begins with {value}",
                            variable.name.it
                        ),
                    ));
                }
                if variable.initial.is_empty() {
                    return Err(Mistake::new(
                        &variable.name.span,
                        format!(
                            "what does `{0}` begin with? expected `{0} = 1`, or another count",
                            variable.name.it
                        ),
                    ));
                }
            } else {
                // TRUE means unlocked, as the textbook initializes its mutexes with 1; there is no other beginning.
                if let Some(initial) = variable.initial.first()
                    && (matches!(kind, LockKind::RwLock(_)) || self.constant(initial)? != 1)
                {
                    return Err(Mistake::new(
                        &initial.span,
                        "this lock begins unlocked: leave the value out",
                    ));
                }
                let free = i32::from(matches!(kind, LockKind::Mutex { .. }));
                program.initial[slots].fill(free);
            }
            lock_slots(program, lock, kind, named.len);
            program.locks.push(Lock { named, kind });
        }
        Ok(())
    }

    pub fn process(&mut self, process: &Process) -> Result<(), Mistake> {
        self.add(&process.name, Symbol::Process(self.counts.len()))?;
        let count = match &process.count {
            None => 1,
            Some(count) => {
                let value = self.constant(count).map_err(|mistake| match &count.it {
                    Ex::Place(place) if self.get(&place.name.it).is_none() => Mistake::new(
                        &count.span,
                        format!(
                            "in brackets stands how many there are, and the name of the index before them: `process {} {} [2]`",
                            process.name.it, place.name.it
                        ),
                    ),
                    _ => mistake,
                })?;
                usize::try_from(value)
                    .ok()
                    .filter(|count| (1..=MAX_PROCESSES).contains(count))
                    .ok_or_else(|| {
                        Mistake::new(
                            &count.span,
                            format!("there can be 1 to {MAX_PROCESSES} processes, not {value}"),
                        )
                    })?
            }
        };
        self.counts.push(count);
        Ok(())
    }
}
