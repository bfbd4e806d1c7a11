//! What is called: a lock is asked for or given back, or time is taken.

use super::super::super::error::Mistake;
use super::super::super::program::{Act, Instr};
use super::super::super::syntax::{Ex, Expr, LockKind, Name, Span};
use super::super::names::Symbol;
use super::{Writer, words};

impl Writer<'_> {
    pub(super) fn call(
        &mut self,
        name: &Name,
        arguments: &[Expr],
        span: &Span,
    ) -> Result<(), Mistake> {
        let act = match name.it.to_ascii_lowercase().as_str() {
            "wait" => Act::Wait,
            "signal" => Act::Signal,
            "lock" => Act::Lock,
            "unlock" => Act::Unlock,
            "read" => Act::Read,
            "write" => Act::Write,
            _ => return self.activity(name, arguments, span),
        };
        let word = act.word();
        let takes = match act {
            Act::Wait | Act::Signal => "a semaphore",
            Act::Lock => "a mutex",
            Act::Unlock => "a mutex or an rwlock",
            Act::Read | Act::Write => "an rwlock",
        };
        let [argument] = arguments else {
            return Err(Mistake::new(
                span,
                format!("`{word}` takes one thing: {takes}"),
            ));
        };
        let wrong = |is: &str| {
            Mistake::new(
                &argument.span,
                format!("`{word}` takes {takes}, and this is {is}"),
            )
        };
        let Ex::Place(place) = &argument.it else {
            return Err(wrong("an expression"));
        };
        if self.locals.contains_key(&place.name.it) {
            return Err(wrong("a variable"));
        }
        let lock = match self.names.get(&place.name.it) {
            Some(Symbol::Lock(lock)) => lock,
            Some(_) => return Err(wrong("none")),
            None => return Err(self.names.unknown(&place.name, std::iter::empty())),
        };
        match (act, self.program.locks[lock].kind) {
            (Act::Wait | Act::Signal, LockKind::Semaphore { .. })
            | (Act::Lock | Act::Unlock, LockKind::Mutex { .. })
            | (Act::Unlock | Act::Read | Act::Write, LockKind::RwLock(_)) => {}
            (_, LockKind::Semaphore { .. }) => {
                return Err(wrong("a semaphore: use wait and signal"));
            }
            (_, LockKind::Mutex { .. }) => return Err(wrong("a mutex: use lock and unlock")),
            (_, LockKind::RwLock(_)) => return Err(wrong("an rwlock: use read, write and unlock")),
        }
        let named = self.program.locks[lock].named.clone();
        let which = self.indexed(&named, place)?;
        self.emit(Instr::Lock { act, lock, which }, span);
        Ok(())
    }

    /// An activity does nothing with a lock: it was meant to be another word, or misspelt.
    fn refuse_lock(&self, name: &Name, argument: &Expr) -> Result<(), Mistake> {
        let Ex::Place(place) = &argument.it else {
            return Ok(());
        };
        let Some(Symbol::Lock(lock)) = self.names.get(&place.name.it) else {
            return Ok(());
        };
        if self.locals.contains_key(&place.name.it) {
            return Ok(());
        }
        let kind = self.program.locks[lock].kind;
        let mend = words::meant(&name.it, kind).map_or_else(
            || match kind {
                LockKind::Semaphore { .. } => "use wait and signal".to_owned(),
                LockKind::Mutex { .. } => "use lock and unlock".to_owned(),
                LockKind::RwLock(_) => "use read, write and unlock".to_owned(),
            },
            |act| format!("did you mean `{}({})`?", act.word(), place.name.it),
        );
        Err(Mistake::new(
            &name.span,
            format!("nothing is called `{}`; {mend}", name.it),
        ))
    }

    /// `produce(item)`: takes time and touches nothing shared, so its arguments are only names of its own.
    fn activity(&mut self, name: &Name, arguments: &[Expr], span: &Span) -> Result<(), Mistake> {
        if self.names.get(&name.it).is_some() || self.locals.contains_key(&name.it) {
            return Err(Mistake::new(
                &name.span,
                format!("`{}` is declared, and is no activity", name.it),
            ));
        }
        if arguments.is_empty()
            && let Some(idle) = words::idle(&name.it)
        {
            self.program.warnings.push(Mistake::new(span, idle));
        }
        for argument in arguments {
            self.refuse_lock(name, argument)?;
            if name.it.eq_ignore_ascii_case("await") {
                return Err(Mistake::new(
                    span,
                    "there is no `await`: `while (!(…)) ;` waits, and reads again and again",
                ));
            }
            if self.reads_shared(argument) {
                return Err(Mistake::new(
                    &argument.span,
                    "an activity touches nothing shared: read it into a local first",
                ));
            }
            self.value(argument)?;
        }
        let known = self.program.activities.iter().position(|it| *it == name.it);
        let activity = known.unwrap_or_else(|| {
            self.program.activities.push(name.it.clone());
            self.program.activities.len() - 1
        });
        self.emit(Instr::Activity(activity), span);
        Ok(())
    }
}
