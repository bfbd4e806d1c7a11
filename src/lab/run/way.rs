//! The way of a process from one step to the next, and the sections it comes into on it.

use std::ops::Range;

use super::super::program::Code;
use super::super::value::Fault;

/// Where a process has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Way {
    /// The step it stands before now.
    pub pc: usize,
    /// Every instruction it has come over, the step before included, lies in here. `None` at the beginning.
    over: Option<Range<usize>>,
}

impl Way {
    /// Goes on from `pc` to the next step. `from` is the step just taken, if there was one.
    pub fn of(
        code: &Code,
        from: Option<usize>,
        pc: usize,
        slots: &mut [i32],
    ) -> Result<Self, Fault> {
        let mut over = from.map(|it| it..it + 1);
        let pc = code.settle_over(pc, slots, &mut |at| {
            if let Some(over) = &mut over {
                *over = over.start.min(at)..over.end.max(at + 1);
            }
        })?;
        Ok(Self { pc, over })
    }

    /// The sections it has come into: it stands in them now, and was outside on the way, if only for an instruction that
    /// is no step. Asking in which sections it stands before and after a step would miss who leaves and comes back
    /// between the two.
    pub fn entered<'a>(&'a self, code: &'a Code) -> impl Iterator<Item = usize> + 'a {
        let stayed = |part: &Range<usize>| {
            let over = self.over.as_ref();
            over.is_some_and(|over| part.start <= over.start && over.end <= part.end)
        };
        let parts = code.parts.iter();
        parts
            .filter(move |(part, _)| part.contains(&self.pc) && !stayed(part))
            .map(|it| it.1)
    }
}
