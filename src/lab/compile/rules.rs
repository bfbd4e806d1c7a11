//! From a rule to what it asks of a state.

use super::super::error::Mistake;
use super::super::parse::odd;
use super::super::program::{Instr, Named, Program, Rule, What};
use super::super::syntax::{Binary, Ex, Expr, File, LockKind, Name, Place, Rule as Written};
use super::super::value::{Element, Value};
use super::names::{Names, Symbol};

/// How many rules there may be: a bit each, and one for what nobody writes.
const MAX_RULES: usize = 60;

/// Compiles the rules, and says which of them cannot fail.
pub fn compile(
    file: &File,
    names: &Names<'_>,
    source: &str,
    program: &mut Program,
) -> Result<(), Mistake> {
    if let Some(rule) = file.rules.get(MAX_RULES) {
        return Err(Mistake::new(
            &rule.span,
            format!("too many rules: at most {MAX_RULES}"),
        ));
    }
    for rule in &file.rules {
        let what = match &rule.it {
            Written::NeverDeadlock => What::NeverDeadlock,
            Written::NeverStarve(section) => What::NeverStarve(find(program, section)?),
            Written::NeverTogether(one, other) => {
                What::NeverTogether(find(program, one)?, find(program, other)?)
            }
            Written::Never(expr) => What::Never(value(names, program, expr)?),
            Written::Finally(expr) => What::Finally(value(names, program, expr)?),
        };
        if let Some(why) = cannot_fail(program, &what) {
            program.warnings.push(Mistake::new(
                &rule.span,
                format!("this rule cannot fail: {why}"),
            ));
        }
        let text = source
            .get(rule.span.clone())
            .unwrap_or("")
            .trim_end_matches(';');
        program.rules.push(Rule {
            text: text
                .split(odd::is_blank)
                .filter(|it| !it.is_empty())
                .collect::<Vec<_>>()
                .join(" "),
            span: rule.span.clone(),
            what,
        });
    }
    program.rules.push(Rule {
        text: "no runtime error".to_owned(),
        span: 0..0,
        what: What::NoFault,
    });
    Ok(())
}

fn find(program: &Program, section: &Name) -> Result<usize, Mistake> {
    let found = program.sections.iter().position(|it| *it == section.it);
    found.ok_or_else(|| {
        let known = program.sections.iter().map(|it| format!("`{it}`"));
        let known: Vec<_> = known.collect();
        let known = if known.is_empty() {
            "there is none yet: `section NAME { … }`".to_owned()
        } else {
            format!("there are {}", known.join(", "))
        };
        Mistake::new(
            &section.span,
            format!("no section is called `{}`; {known}", section.it),
        )
    })
}

/// Why a rule can hold only.
fn cannot_fail(program: &Program, what: &What) -> Option<String> {
    let steps = || program.codes.iter().flat_map(|code| &code.code);
    let asks = || steps().any(|it| matches!(it, Instr::Lock { act, .. } if act.asks()));
    let ends = program.codes.iter().all(super::super::warn::can_end);
    let in_section = |section: usize| {
        program
            .processes
            .iter()
            .enumerate()
            .filter(move |(_, it)| program.codes[it.code].sections >> section & 1 == 1)
            .map(|(who, _)| who)
    };
    match what {
        What::NeverDeadlock if !asks() => Some("nobody ever waits".to_owned()),
        What::NeverStarve(section) if in_section(*section).next().is_none() => Some(format!(
            "nobody is ever seen in `{}`",
            program.sections[*section]
        )),
        What::NeverTogether(one, other) => {
            let pair = in_section(*one).any(|a| in_section(*other).any(|b| a != b));
            (!pair).then(|| "no two processes have these sections".to_owned())
        }
        What::Never(value) if value.constant() == Some(0) => Some("it is always false".to_owned()),
        What::Finally(value) if value.constant().is_some_and(|it| it != 0) => {
            Some("it is always true".to_owned())
        }
        What::Finally(_) if !ends => Some("not every process ends".to_owned()),
        _ => None,
    }
}

/// An expression over the whole state: shared variables, semaphores, and the variables of a process.
fn value(names: &Names<'_>, program: &mut Program, expr: &Expr) -> Result<Value, Mistake> {
    let span = &expr.span;
    match &expr.it {
        Ex::Number(number) => Ok(Value::Number(*number)),
        Ex::Unary(operator, of) => Value::Unary(
            *operator,
            Box::new(value(names, program, of)?),
            span.clone(),
        )
        .folded(),
        Ex::Binary(operator, left, right) => {
            let both = (value(names, program, left)?, value(names, program, right)?);
            let value = Value::Binary(*operator, Box::new(both), span.clone());
            if matches!(operator, Binary::And | Binary::Or) {
                return Ok(value);
            }
            value.folded()
        }
        Ex::Place(place) => match names.get(&place.name.it) {
            Some(Symbol::Constant(number)) if place.index.is_none() => Ok(Value::Number(number)),
            Some(Symbol::Shared(which)) => {
                let named = program.shared[which].clone();
                element(names, program, &named, named.base, place)
            }
            Some(Symbol::Lock(lock)) => {
                let lock = &program.locks[lock];
                if !matches!(lock.kind, LockKind::Semaphore { .. }) {
                    return Err(Mistake::new(
                        span,
                        format!(
                            "a rule may ask for the count of a semaphore; `{}` has none",
                            place.name.it
                        ),
                    ));
                }
                let named = lock.named.clone();
                element(names, program, &named, named.base, place)
            }
            Some(Symbol::Process(_)) => Err(Mistake::new(
                span,
                format!(
                    "`{0}` is a process: expected `{0}[0].` and one of its variables",
                    place.name.it
                ),
            )),
            Some(Symbol::Constant(_)) => Err(Mistake::new(span, "a constant takes no index")),
            None => Err(names.unknown(&place.name, std::iter::empty())),
        },
        Ex::OfProcess(process, local) => of_process(names, program, process, local),
    }
}

fn element(
    names: &Names<'_>,
    program: &mut Program,
    named: &Named,
    base: usize,
    place: &Place,
) -> Result<Value, Mistake> {
    let span = place.name.span.start
        ..place
            .index
            .as_ref()
            .map_or(place.name.span.end, |it| it.span.end);
    match (&place.index, named.array) {
        (None, false) => Ok(Value::Slot(base)),
        (Some(index), true) => {
            let index = value(names, program, index)?;
            let known = index.constant().is_some();
            let element = Element {
                name: named.name.clone(),
                base,
                len: named.len,
                index: Some(index),
                span,
            };
            if known {
                return Ok(Value::Slot(element.at(&[])?));
            }
            Ok(Value::Element(Box::new(element)))
        }
        (None, true) => Err(Mistake::new(
            &span,
            format!(
                "`{0}` is an array: expected `{0}[…]`, 0 to {1}",
                named.name,
                named.len - 1
            ),
        )),
        (Some(_), false) => Err(Mistake::new(&span, format!("`{}` is no array", named.name))),
    }
}

fn of_process(
    names: &Names<'_>,
    program: &mut Program,
    process: &Place,
    local: &Place,
) -> Result<Value, Mistake> {
    let Some(Symbol::Process(code)) = names.get(&process.name.it) else {
        return Err(Mistake::new(
            &process.name.span,
            format!("no process is called `{}`", process.name.it),
        ));
    };
    let count = names.counts[code];
    let index = match &process.index {
        Some(index) => {
            let number = names.constant(index)?;
            usize::try_from(number)
                .ok()
                .filter(|&it| it < count)
                .ok_or_else(|| {
                    Mistake::new(
                        &index.span,
                        format!(
                            "there is no {}[{number}]: there are 0 to {}",
                            process.name.it,
                            count - 1
                        ),
                    )
                })?
        }
        None if count == 1 => 0,
        None => {
            return Err(Mistake::new(
                &process.name.span,
                format!(
                    "which `{0}`? expected `{0}[0].`, 0 to {1}",
                    process.name.it,
                    count - 1
                ),
            ));
        }
    };
    let named = program.codes[code]
        .locals
        .iter()
        .find(|it| it.name == local.name.it);
    let named = named.cloned().ok_or_else(|| {
        let known = program.codes[code]
            .locals
            .iter()
            .map(|it| format!("`{}`", it.name));
        let known = known.collect::<Vec<_>>().join(", ");
        Mistake::new(
            &local.name.span,
            format!(
                "`{}` has no variable `{}`; it has {}",
                process.name.it,
                local.name.it,
                if known.is_empty() { "none" } else { &known }
            ),
        )
    })?;
    // The rule tells one from another, so they are not interchangeable any more.
    if count > 1 {
        program.codes[code].symmetric = false;
    }
    let owner = program
        .processes
        .iter()
        .find(|it| it.code == code && it.index == index);
    let base = owner.map_or(0, |it| it.slots) + named.base;
    element(names, program, &named, base, local)
}
