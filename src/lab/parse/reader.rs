//! Declarations, processes, rules and statements.

use pest::iterators::{Pair, Pairs};
use pest::pratt_parser::PrattParser;

use super::super::error::Mistake;
use super::super::syntax::{
    Binary, Ex, Expr, File, LockKind, Name, Preference, Process, Rule as SyncRule, Span, Spanned,
    Statement, Stmt, Variable,
};
use super::grammar::Rule;

pub(super) fn span(pair: &Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    span.start()..span.end()
}

pub(super) fn name(pair: &Pair<'_, Rule>) -> Name {
    Spanned {
        it: pair.as_str().to_owned(),
        span: span(pair),
    }
}

fn is(inner: &mut Pairs<'_, Rule>, rule: Rule) -> bool {
    next_if(inner, rule).is_some()
}

fn next_if<'a>(inner: &mut Pairs<'a, Rule>, rule: Rule) -> Option<Pair<'a, Rule>> {
    if inner.peek()?.as_rule() == rule {
        inner.next()
    } else {
        None
    }
}

/// The grammar has seen to it that there is a next one.
pub(super) fn next<'a>(inner: &mut Pairs<'a, Rule>, of: &Span) -> Result<Pair<'a, Rule>, Mistake> {
    inner
        .next()
        .ok_or_else(|| Mistake::new(of, "this is not complete"))
}

/// Whether the pair is only there so that it can be missed.
pub(super) fn is_punctuation(pair: &Pair<'_, Rule>) -> bool {
    matches!(
        pair.as_rule(),
        Rule::semicolon
            | Rule::comma
            | Rule::dot
            | Rule::open_paren
            | Rule::close_paren
            | Rule::open_bracket
            | Rule::close_bracket
            | Rule::open_brace
            | Rule::close_brace
            | Rule::kind
    )
}

/// What turns matches of the grammar into the tree.
pub(super) struct Reader<'a> {
    pub(super) pratt: &'a PrattParser<Rule>,
}

impl Reader<'_> {
    pub(super) fn item(&self, pair: Pair<'_, Rule>, file: &mut File) -> Result<(), Mistake> {
        let whole = span(&pair);
        let rule = pair.as_rule();
        let mut inner = pair.into_inner();
        let fifo = is(&mut inner, Rule::k_fifo);
        match rule {
            Rule::constant => {
                let parts: Vec<_> = inner.collect();
                let named = parts.iter().find(|part| part.as_rule() == Rule::name);
                let value = parts.iter().find(|part| part.as_rule() == Rule::expr);
                if let (Some(named), Some(value)) = (named, value) {
                    file.constants
                        .push((name(named), self.expr(value.clone())?));
                }
            }
            Rule::shared => file.shared.extend(self.variables(inner)?),
            Rule::semaphore | Rule::mutex => {
                let kind = if rule == Rule::semaphore {
                    LockKind::Semaphore { fifo }
                } else {
                    LockKind::Mutex { fifo }
                };
                let variables = self.variables(inner)?;
                file.locks
                    .extend(variables.into_iter().map(|variable| (kind, variable)));
            }
            Rule::rwlock => {
                let mut preference = Preference::Nobody;
                for part in inner.clone() {
                    if part.as_rule() == Rule::preference {
                        preference = match part.into_inner().last().map(|it| it.as_rule()) {
                            Some(Rule::k_readers) => Preference::Readers,
                            Some(Rule::k_writers) => Preference::Writers,
                            _ => Preference::Nobody,
                        };
                    }
                }
                for variable in self.variables(inner)? {
                    file.locks.push((LockKind::RwLock(preference), variable));
                }
            }
            Rule::process => {
                next(&mut inner, &whole)?; // the word `process`
                let process_name = name(&next(&mut inner, &whole)?);
                let index = next_if(&mut inner, Rule::own_index).map(|pair| name(&pair));
                let count = match next_if(&mut inner, Rule::size) {
                    Some(size) => Some(self.in_brackets(size)?),
                    None => None,
                };
                let body = self.statements(next(&mut inner, &whole)?)?;
                file.processes.push(Process {
                    name: process_name,
                    index,
                    count,
                    body,
                });
            }
            Rule::never | Rule::finally => {
                next(&mut inner, &whole)?; // the word
                let what = next(&mut inner, &whole)?;
                let it = self.rule(rule, what)?;
                file.rules.push(Spanned { it, span: whole });
            }
            _ => {}
        }
        Ok(())
    }

    fn rule(&self, rule: Rule, what: Pair<'_, Rule>) -> Result<SyncRule, Mistake> {
        let names = |pair: Pair<'_, Rule>| {
            let names = pair.into_inner().filter(|it| it.as_rule() == Rule::name);
            names.map(|it| name(&it)).collect::<Vec<_>>()
        };
        let place = span(&what);
        Ok(match what.as_rule() {
            Rule::deadlock => SyncRule::NeverDeadlock,
            Rule::starve | Rule::together => match names(what).as_slice() {
                [one] => SyncRule::NeverStarve(one.clone()),
                [one, other] => SyncRule::NeverTogether(one.clone(), other.clone()),
                _ => return Err(Mistake::new(&place, "expected the name of a section")),
            },
            _ if rule == Rule::finally => SyncRule::Finally(self.expr(what)?),
            _ => SyncRule::Never(self.expr(what)?),
        })
    }

    fn variables(&self, inner: Pairs<'_, Rule>) -> Result<Vec<Variable>, Mistake> {
        inner
            .filter(|pair| pair.as_rule() == Rule::variable)
            .map(|pair| {
                let whole = span(&pair);
                let mut inner = pair.into_inner();
                let named = name(&next(&mut inner, &whole)?);
                let size = match next_if(&mut inner, Rule::size) {
                    Some(size) => Some(self.in_brackets(size)?),
                    None => None,
                };
                let (mut initial, mut braced) = (Vec::new(), false);
                for part in inner {
                    match part.as_rule() {
                        Rule::expr => initial.push(self.expr(part)?),
                        Rule::values => {
                            braced = true;
                            for value in part.into_inner() {
                                if value.as_rule() == Rule::expr {
                                    initial.push(self.expr(value)?);
                                }
                            }
                        }
                        _ => {}
                    }
                }
                Ok(Variable {
                    name: named,
                    size,
                    initial,
                    braced,
                })
            })
            .collect()
    }

    /// A block's statements, or the one statement that stands in its place.
    fn statements(&self, pair: Pair<'_, Rule>) -> Result<Vec<Statement>, Mistake> {
        if pair.as_rule() != Rule::block {
            return Ok(vec![self.statement(pair)?]);
        }
        pair.into_inner()
            .filter(|pair| !is_punctuation(pair))
            .map(|pair| self.statement(pair))
            .collect()
    }

    fn statement(&self, pair: Pair<'_, Rule>) -> Result<Statement, Mistake> {
        let whole = span(&pair);
        let it = match pair.as_rule() {
            Rule::block => Stmt::Block(self.statements(pair)?),
            Rule::nothing => Stmt::Nothing,
            Rule::local => Stmt::Local(self.variables(pair.into_inner())?),
            rule => {
                let parts: Vec<_> = pair
                    .into_inner()
                    .filter(|pair| !is_punctuation(pair))
                    .collect();
                self.compound(rule, &whole, parts)?
            }
        };
        Ok(Spanned { it, span: whole })
    }

    fn compound(
        &self,
        rule: Rule,
        whole: &Span,
        parts: Vec<Pair<'_, Rule>>,
    ) -> Result<Stmt, Mistake> {
        let mut parts = parts.into_iter();
        let mut next = || {
            parts
                .next()
                .ok_or_else(|| Mistake::new(whole, "this statement is not complete"))
        };
        Ok(match rule {
            Rule::while_do => {
                next()?;
                Stmt::While(self.expr(next()?)?, self.statements(next()?)?)
            }
            Rule::do_while => {
                next()?;
                let body = self.statements(next()?)?;
                next()?;
                Stmt::DoWhile(body, self.expr(next()?)?)
            }
            Rule::section => {
                next()?;
                Stmt::Section(name(&next()?), self.statements(next()?)?)
            }
            Rule::assert => {
                next()?;
                Stmt::Assert(self.expr(next()?)?)
            }
            Rule::call => {
                let called = name(&next()?);
                let arguments = parts
                    .map(|pair| self.expr(pair))
                    .collect::<Result<_, _>>()?;
                Stmt::Call(called, arguments)
            }
            Rule::change => {
                let place = self.place(next()?)?;
                let sign = next()?;
                let one = |span: Span| Expr {
                    it: Ex::Number(1),
                    span,
                };
                let (operator, value) = match sign.as_rule() {
                    Rule::plus_plus => (Some(Binary::Plus), one(span(&sign))),
                    Rule::minus_minus => (Some(Binary::Minus), one(span(&sign))),
                    Rule::plus_equals => (Some(Binary::Plus), self.expr(next()?)?),
                    Rule::minus_equals => (Some(Binary::Minus), self.expr(next()?)?),
                    _ => (None, self.expr(next()?)?),
                };
                Stmt::Assign {
                    place,
                    operator,
                    value,
                }
            }
            _ => {
                let mut arms = Vec::new();
                let mut otherwise = Vec::new();
                while let Some(word) = parts.next() {
                    let mut next = || {
                        parts
                            .next()
                            .ok_or_else(|| Mistake::new(whole, "this `if` is not complete"))
                    };
                    let mut first = next()?;
                    if word.as_rule() == Rule::k_else {
                        if first.as_rule() != Rule::k_if {
                            otherwise = self.statements(first)?;
                            break;
                        }
                        first = next()?;
                    }
                    arms.push((self.expr(first)?, self.statements(next()?)?));
                }
                Stmt::If { arms, otherwise }
            }
        })
    }
}
