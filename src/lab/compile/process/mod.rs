//! From the statements of a process to its steps.
//!
//! **Every read and every write of something shared becomes a step of its own**: `counter++` is a load
//! and a store. What has been read and is not used yet waits in slots behind the process's own
//! variables, and is forgotten as soon as it is used, so that it makes no difference between states.

mod call;
mod value;
mod words;

use std::collections::HashMap;

use super::super::error::Mistake;
use super::super::program::{Code, Instr, Named, Program};
use super::super::syntax::{Binary, Expr, Name, Place, Process, Span, Statement, Stmt, Variable};
use super::super::value::{Element, Value};
use super::names::Names;
use super::{MAX_SECTIONS, MAX_SLOTS};

/// Compiles what one kind of process does.
pub fn compile(
    process: &Process,
    names: &Names<'_>,
    program: &mut Program,
) -> Result<Code, Mistake> {
    let count = names.counts[program.codes.len()];
    let mut writer = Writer {
        names,
        program,
        index: process.index.as_ref().map(|it| it.it.clone()),
        locals: HashMap::new(),
        locals_len: 0,
        code: Code {
            name: process.name.it.clone(),
            count,
            symmetric: true,
            ..Code::default()
        },
        temps: 0,
        section: 0,
    };
    if let Some(index) = &process.index {
        writer.declare(index, 1, false)?;
    }
    writer.declare_all(&process.body)?;
    writer.code.slots = writer.locals_len;
    writer.statements(&process.body)?;
    writer.emit(Instr::End, &process.name.span);
    let mut code = writer.code;
    code.sections = code.inside.iter().fold(0, |all, one| all | one);
    Ok(code)
}

struct Writer<'a> {
    names: &'a Names<'a>,
    program: &'a mut Program,
    index: Option<String>,
    locals: HashMap<String, (usize, Span)>,
    locals_len: usize,
    code: Code,
    /// How many slots behind the locals are in use.
    temps: usize,
    section: u64,
}

impl Writer<'_> {
    fn declare(&mut self, name: &Name, len: usize, array: bool) -> Result<(), Mistake> {
        self.names.refuse_taken(name)?;
        if let Some((_, span)) = self.locals.get(&name.it) {
            return Err(self.names.taken(name, span));
        }
        if self.locals_len + len > MAX_SLOTS {
            return Err(Mistake::new(
                &name.span,
                format!("too many variables: a process has at most {MAX_SLOTS} numbers of its own"),
            ));
        }
        self.locals
            .insert(name.it.clone(), (self.code.locals.len(), name.span.clone()));
        self.code.locals.push(Named {
            name: name.it.clone(),
            base: self.locals_len,
            len,
            array,
        });
        self.locals_len += len;
        Ok(())
    }

    /// Finds the variables first, so that what is read on the way can be kept behind them.
    fn declare_all(&mut self, statements: &[Statement]) -> Result<(), Mistake> {
        for statement in statements {
            match &statement.it {
                Stmt::Local(variables) => {
                    for variable in variables {
                        let len = self.names.size(variable)?;
                        self.declare(&variable.name, len, variable.size.is_some())?;
                    }
                }
                Stmt::If { arms, otherwise } => {
                    for (_, body) in arms {
                        self.declare_all(body)?;
                    }
                    self.declare_all(otherwise)?;
                }
                Stmt::While(_, body)
                | Stmt::DoWhile(body, _)
                | Stmt::Section(_, body)
                | Stmt::Block(body) => self.declare_all(body)?,
                Stmt::Assert(_) | Stmt::Assign { .. } | Stmt::Call(..) | Stmt::Nothing => {}
            }
        }
        Ok(())
    }

    fn emit(&mut self, instr: Instr, span: &Span) -> usize {
        self.code.code.push(instr);
        self.code.spans.push(span.clone());
        self.code.inside.push(self.section);
        self.code.live.push(self.locals_len + self.temps);
        self.code.slots = self.code.slots.max(self.locals_len + self.temps);
        self.code.code.len() - 1
    }

    fn here(&self) -> usize {
        self.code.code.len()
    }

    fn land(&mut self, at: usize, to: usize) {
        match &mut self.code.code[at] {
            Instr::Jump(target) | Instr::Unless(_, target) => *target = to,
            _ => {}
        }
    }

    fn statements(&mut self, statements: &[Statement]) -> Result<(), Mistake> {
        for statement in statements {
            let start = self.here();
            self.temps = 0;
            self.statement(statement)?;
            self.temps = 0;
            let range = start..self.here();
            if !range.is_empty() && !matches!(statement.it, Stmt::Block(_)) {
                self.code.statements.push((range, statement.span.clone()));
            }
        }
        Ok(())
    }

    fn statement(&mut self, statement: &Statement) -> Result<(), Mistake> {
        let span = &statement.span;
        match &statement.it {
            Stmt::Nothing => {}
            Stmt::Block(body) => self.statements(body)?,
            Stmt::Local(variables) => {
                for variable in variables {
                    self.temps = 0;
                    self.local(variable)?;
                }
            }
            Stmt::Assert(what) => {
                let value = self.value(what)?;
                self.emit(Instr::Assert(value), span);
            }
            Stmt::Section(name, body) => self.in_section(name, body)?,
            Stmt::Assign {
                place,
                operator,
                value,
            } => self.assign(place, *operator, value, span)?,
            Stmt::Call(name, arguments) => self.call(name, arguments, span)?,
            Stmt::If { arms, otherwise } => {
                let mut ends = Vec::new();
                for (condition, body) in arms {
                    self.temps = 0;
                    let value = self.value(condition)?;
                    let unless = self.emit(Instr::Unless(value, 0), &condition.span);
                    self.statements(body)?;
                    ends.push(self.emit(Instr::Jump(0), span));
                    let next = self.here();
                    self.land(unless, next);
                }
                self.statements(otherwise)?;
                let end = self.here();
                for at in ends {
                    self.land(at, end);
                }
            }
            Stmt::While(condition, body) => {
                let head = self.here();
                let unless = self.unless(condition)?;
                self.statements(body)?;
                self.around(head, span);
                let end = self.here();
                self.land_if(unless, end);
            }
            Stmt::DoWhile(body, condition) => {
                let head = self.here();
                self.statements(body)?;
                self.temps = 0;
                let unless = self.unless(condition)?;
                self.temps = 0;
                self.around(head, span);
                let end = self.here();
                self.land_if(unless, end);
            }
        }
        Ok(())
    }

    fn local(&mut self, variable: &Variable) -> Result<(), Mistake> {
        let Some((which, _)) = self.locals.get(&variable.name.it) else {
            return Ok(());
        };
        let named = self.code.locals[*which].clone();
        if variable.braced && variable.initial.len() != named.len {
            return Err(Mistake::new(
                &variable.name.span,
                format!(
                    "`{}` has room for {}, and {} values are given",
                    named.name,
                    named.len,
                    variable.initial.len()
                ),
            ));
        }
        for at in 0..named.len {
            let initial = if variable.braced {
                variable.initial.get(at)
            } else {
                variable.initial.first()
            };
            self.temps = 0;
            let value = match initial {
                Some(expr) => self.value(expr)?,
                None => Value::Number(0),
            };
            let place = Element {
                name: named.name.clone(),
                base: named.base + at,
                len: 1,
                index: None,
                span: variable.name.span.clone(),
            };
            self.emit(Instr::Set(place, value), &variable.name.span);
        }
        Ok(())
    }

    fn in_section(&mut self, name: &Name, body: &[Statement]) -> Result<(), Mistake> {
        let known = self.program.sections.iter().position(|it| *it == name.it);
        let section = known.unwrap_or_else(|| {
            self.program.sections.push(name.it.clone());
            self.program.sections.len() - 1
        });
        if section >= MAX_SECTIONS {
            return Err(Mistake::new(
                &name.span,
                format!("too many sections: at most {MAX_SECTIONS}"),
            ));
        }
        let outside = self.section;
        self.section |= 1 << section;
        let start = self.here();
        self.statements(body)?;
        self.section = outside;
        self.code.parts.push((start..self.here(), section));
        if !self.code.code[start..].iter().any(Instr::is_step) {
            self.program.warnings.push(Mistake::new(
                &name.span,
                format!(
                    "nobody is ever seen in section `{}`: it holds no step, so nothing can come in between",
                    name.it
                ),
            ));
        }
        Ok(())
    }

    /// Leaves the loop unless the condition holds; a condition that always holds needs no asking.
    fn unless(&mut self, condition: &Expr) -> Result<Option<usize>, Mistake> {
        let value = self.value(condition)?;
        if value.constant().is_some_and(|it| it != 0) {
            return Ok(None);
        }
        Ok(Some(self.emit(Instr::Unless(value, 0), &condition.span)))
    }

    fn land_if(&mut self, at: Option<usize>, to: usize) {
        if let Some(at) = at {
            self.land(at, to);
        }
    }

    /// Goes back to the head of a loop. If one can get round it without a step, going round is one:
    /// a step must come to an end.
    fn around(&mut self, head: usize, span: &Span) {
        self.temps = 0;
        let back = self.here();
        let mut seen = vec![false; back + 1];
        let mut todo = vec![head];
        while let Some(at) = todo.pop() {
            if at > back || std::mem::replace(&mut seen[at], true) || at == back {
                continue;
            }
            match &self.code.code[at] {
                Instr::Jump(to) => todo.push(*to),
                Instr::Unless(_, to) => todo.extend([*to, at + 1]),
                instr if !instr.is_step() => todo.push(at + 1),
                _ => {}
            }
        }
        // A jump that has not landed yet leaves the loop; it points at 0, which is seen only if it is the head.
        if seen[back] {
            self.emit(Instr::Around, span);
        }
        self.emit(Instr::Jump(head), span);
    }

    fn assign(
        &mut self,
        place: &Place,
        operator: Option<Binary>,
        value: &Expr,
        span: &Span,
    ) -> Result<(), Mistake> {
        let (element, shared) = self.element(place)?;
        if !shared && self.index.as_ref() == Some(&place.name.it) {
            return Err(Mistake::new(
                &place.name.span,
                format!(
                    "`{}` says which process this is, and stays what it is",
                    place.name.it
                ),
            ));
        }
        let before = operator.map(|_| self.read(element.clone(), shared, &place.name.span));
        let value = self.value(value)?;
        let value = match (operator, before) {
            (Some(operator), Some(before)) => {
                Value::Binary(operator, Box::new((before, value)), span.clone())
            }
            _ => value,
        };
        let instr = if shared {
            Instr::Store { to: element, value }
        } else {
            Instr::Set(element, value)
        };
        self.emit(instr, span);
        Ok(())
    }
}
