//! Places and expressions: what is shared is read by steps of its own, the rest is computed from what was read.

use super::super::super::error::Mistake;
use super::super::super::program::{Instr, Named};
use super::super::super::syntax::{Binary, Ex, Expr, LockKind, Place, Span, Unary};
use super::super::super::value::{Element, Value};
use super::super::names::Symbol;
use super::Writer;

impl Writer<'_> {
    /// The place, and whether it is shared.
    pub(super) fn element(&mut self, place: &Place) -> Result<(Element, bool), Mistake> {
        let name = &place.name;
        let (named, shared) = if let Some((which, declared)) = self.locals.get(&name.it) {
            if declared.start > name.span.start {
                return Err(Mistake::new(
                    &name.span,
                    format!("`{}` is declared only further down", name.it),
                ));
            }
            if self.index.as_ref() == Some(&name.it) {
                self.code.symmetric = false;
            }
            (self.code.locals[*which].clone(), false)
        } else {
            match self.names.get(&name.it) {
                Some(Symbol::Shared(which)) => (self.program.shared[which].clone(), true),
                Some(Symbol::Lock(lock)) => {
                    let hint = match self.program.locks[lock].kind {
                        LockKind::Semaphore { .. } => "wait(…) and signal(…)",
                        LockKind::Mutex { .. } => "lock(…) and unlock(…)",
                        LockKind::RwLock(_) => "read(…), write(…) and unlock(…)",
                    };
                    return Err(Mistake::new(
                        &name.span,
                        format!(
                            "`{}` is not a variable: a process only uses {hint} on it",
                            name.it
                        ),
                    ));
                }
                Some(Symbol::Constant(_)) => {
                    return Err(Mistake::new(
                        &name.span,
                        format!("`{}` is a constant", name.it),
                    ));
                }
                Some(Symbol::Process(_)) => {
                    return Err(Mistake::new(
                        &name.span,
                        format!("`{}` is a process", name.it),
                    ));
                }
                None => {
                    return Err(self.names.unknown(name, self.locals.keys().cloned()));
                }
            }
        };
        let element = self.indexed(&named, place)?;
        Ok((element, shared))
    }

    /// Which one of an array.
    pub(super) fn indexed(&mut self, named: &Named, place: &Place) -> Result<Element, Mistake> {
        let span = match &place.index {
            Some(index) => place.name.span.start..index.span.end,
            None => place.name.span.clone(),
        };
        let name = place.name.it.clone();
        let index = match (&place.index, named.array) {
            (Some(index), true) => Some(self.value(index)?),
            (None, false) => None,
            (Some(_), false) => {
                return Err(Mistake::new(
                    &span,
                    format!("`{name}` is no array: it takes no index"),
                ));
            }
            (None, true) => {
                return Err(Mistake::new(
                    &span,
                    format!(
                        "`{name}` is an array: expected `{name}[…]`, 0 to {}",
                        named.len - 1
                    ),
                ));
            }
        };
        let mut element = Element {
            name,
            base: named.base,
            len: named.len,
            index,
            span,
        };
        // An index that is known is checked now.
        if let Some(index) = element.index.as_ref().and_then(Value::constant) {
            element.base = element.at(&[])?;
            element.len = 1;
            element.index = None;
            element.name = format!("{}[{index}]", element.name);
        }
        Ok(element)
    }

    /// Reads a place: a step if it is shared.
    pub(super) fn read(&mut self, from: Element, shared: bool, span: &Span) -> Value {
        if !shared {
            return if from.index.is_none() {
                Value::Slot(from.base)
            } else {
                Value::Element(Box::new(from))
            };
        }
        let into = self.locals_len + self.temps;
        self.emit(Instr::Load { from, into }, span);
        self.temps += 1;
        self.code.slots = self.code.slots.max(into + 1);
        Value::Slot(into)
    }

    /// The value of an expression, after the steps that read what it needs.
    pub(super) fn value(&mut self, expr: &Expr) -> Result<Value, Mistake> {
        let span = &expr.span;
        match &expr.it {
            Ex::Number(number) => Ok(Value::Number(*number)),
            Ex::OfProcess(..) => Err(Mistake::new(
                span,
                "only a rule may look into a process; what processes share is declared by `shared`",
            )),
            Ex::Place(place) => {
                if let (Some(Symbol::Constant(value)), None) =
                    (self.names.get(&place.name.it), &place.index)
                {
                    return Ok(Value::Number(value));
                }
                self.refuse_count(place)?;
                let before = self.temps;
                let (element, shared) = self.element(place)?;
                if shared {
                    // The index is used up by the read itself, so what was read may take its slot.
                    let live = self.temps;
                    self.temps = before;
                    let value = self.read(element, true, span);
                    let at = self.code.live.len() - 1;
                    self.code.live[at] = self.locals_len + live;
                    return Ok(value);
                }
                Ok(self.read(element, false, span))
            }
            Ex::Unary(operator, of) => {
                let of = self.value(of)?;
                Value::Unary(*operator, Box::new(of), span.clone()).folded()
            }
            Ex::Binary(operator @ (Binary::And | Binary::Or), left, right) => {
                self.either(*operator, left, right, span)
            }
            Ex::Binary(operator, left, right) => {
                let left = self.value(left)?;
                let right = self.value(right)?;
                Value::Binary(*operator, Box::new((left, right)), span.clone()).folded()
            }
        }
    }

    /// A count that was read would have changed before it could be used, so there is no reading it.
    fn refuse_count(&self, place: &Place) -> Result<(), Mistake> {
        let name = &place.name;
        let Some(Symbol::Lock(lock)) = self.names.get(&name.it) else {
            return Ok(());
        };
        let semaphore = matches!(self.program.locks[lock].kind, LockKind::Semaphore { .. });
        if !semaphore || self.locals.contains_key(&name.it) {
            return Ok(());
        }
        Err(Mistake::new(
            &name.span,
            format!(
                "a process cannot read a semaphore's count: keep a shared variable beside `{}`, and change both",
                name.it
            ),
        ))
    }

    /// `&&` and `||`: the right side is looked at only if the left side leaves it open.
    fn either(
        &mut self,
        operator: Binary,
        left: &Expr,
        right: &Expr,
        span: &Span,
    ) -> Result<Value, Mistake> {
        let before = self.temps;
        let left = self.value(left)?;
        if !self.reads_shared(right) {
            let right = self.value(right)?;
            return Value::Binary(operator, Box::new((left, right)), span.clone()).folded();
        }
        // The left side as 0 or 1 in a slot of its own, and the right side over it if it is needed.
        let slot = self.locals_len + before;
        let result = Element {
            name: String::new(),
            base: slot,
            len: 1,
            index: None,
            span: span.clone(),
        };
        let truth = |value, not| {
            let no = Value::Unary(Unary::Not, Box::new(value), span.clone());
            if not {
                no
            } else {
                Value::Unary(Unary::Not, Box::new(no), span.clone())
            }
        };
        self.temps = before + 1;
        self.emit(Instr::Set(result.clone(), truth(left, false)), span);
        let open = truth(Value::Slot(slot), operator == Binary::Or);
        let unless = self.emit(Instr::Unless(open, 0), span);
        let right = self.value(right)?;
        self.emit(Instr::Set(result, truth(right, false)), span);
        let end = self.here();
        self.land(unless, end);
        self.temps = before + 1;
        Ok(Value::Slot(slot))
    }

    pub(super) fn reads_shared(&self, expr: &Expr) -> bool {
        match &expr.it {
            Ex::Number(_) | Ex::OfProcess(..) => false,
            Ex::Place(place) => {
                !self.locals.contains_key(&place.name.it)
                    && matches!(self.names.get(&place.name.it), Some(Symbol::Shared(_)))
                    || place.index.as_ref().is_some_and(|it| self.reads_shared(it))
            }
            Ex::Unary(_, of) => self.reads_shared(of),
            Ex::Binary(_, left, right) => self.reads_shared(left) || self.reads_shared(right),
        }
    }
}
