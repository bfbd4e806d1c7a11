//! From text to the syntax tree. The grammar is `grammar.pest`; here its matches become the tree, and its
//! failures a message that says what was expected.

use std::collections::BTreeSet;

use pest::Parser;
use pest::error::{ErrorVariant, InputLocation};
use pest::iterators::{Pair, Pairs};
use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::error::Mistake;
use super::syntax::{
    Binary, Ex, Expr, File, LockKind, Name, Place, Preference, Process, Rule as SyncRule, Span,
    Spanned, Statement, Stmt, Unary, Variable,
};

/// How long a file may be: a page of pseudo-code is two thousand bytes.
pub const LONGEST_FILE: usize = 64 * 1024;
/// How deep brackets may stand in brackets.
pub const DEEPEST: usize = 40;
/// How many operators and operands an expression may have.
pub const LONGEST_EXPR: usize = 200;

mod grammar {
    #![allow(missing_docs, clippy::pedantic, reason = "generated from grammar.pest")]
    #[derive(pest_derive::Parser)]
    #[grammar = "lab/grammar.pest"]
    pub struct Grammar;
}
use grammar::{Grammar, Rule};

/// Parses a file.
///
/// # Errors
/// The first mistake, with what was expected there.
pub fn parse(source: &str) -> Result<File, Mistake> {
    if source.len() > LONGEST_FILE {
        return Err(Mistake::new(
            &(LONGEST_FILE..LONGEST_FILE),
            format!("the file is too long: at most {LONGEST_FILE} bytes"),
        ));
    }
    check_depth(source)?;
    let mut pairs = Grammar::parse(Rule::file, source).map_err(|error| explain(source, &error))?;
    let mut file = File::default();
    let reader = Reader {
        pratt: &operators(),
    };
    for item in pairs.next().into_iter().flat_map(Pair::into_inner) {
        reader.item(item, &mut file)?;
    }
    Ok(file)
}

/// The parser descends once for each open bracket, so it must not be asked to descend far.
fn check_depth(source: &str) -> Result<(), Mistake> {
    let bytes = source.as_bytes();
    let (mut at, mut depth) = (0, 0usize);
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes.get(at + 1) == Some(&b'/') => {
                at += bytes[at..].iter().take_while(|&&b| b != b'\n').count();
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                let Some(length) = source.get(at + 2..).and_then(|rest| rest.find("*/")) else {
                    return Err(Mistake::new(
                        &(at..at + 2),
                        "this comment is not closed: expected `*/`",
                    ));
                };
                at += length + 4;
                continue;
            }
            b'(' | b'[' | b'{' => depth += 1,
            b')' | b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Err(Mistake::new(
                &(at..at + 1),
                format!("nested too deeply: at most {DEEPEST} brackets inside each other"),
            ));
        }
        at += 1;
    }
    Ok(())
}

/// What pest says, in the words of the language.
fn explain(source: &str, error: &pest::error::Error<Rule>) -> Mistake {
    let mut at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        return Mistake::new(&(at..at + 1), error.variant.message().into_owned());
    };
    let mut expected: BTreeSet<_> = positives.iter().filter_map(|&rule| called(rule)).collect();
    // A name that only an expression could go on with is not news beside what must come.
    if expected.contains("`;`") {
        expected.retain(|&one| one != "an operator" && one != "`[`");
        // What is missing is missing behind what stands there, not before the next line's first word.
        let before = source[..at].trim_end().len();
        if source[before..at].contains('\n') {
            at = before;
        }
    }
    let mut expected: Vec<_> = expected.into_iter().collect();
    let last = expected.pop().unwrap_or("something else");
    let list = if expected.is_empty() {
        last.to_owned()
    } else {
        format!("{} or {last}", expected.join(", "))
    };
    let word: String = source[at..]
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .take(40)
        .collect();
    let (found, length) = match (source[at..].chars().next(), word.len()) {
        (None, _) => (", found the end of the file".to_owned(), 0),
        (Some(c), 0) if c.is_whitespace() => (String::new(), 1),
        (Some(c), 0) => (format!(", found `{}`", c.escape_debug()), c.len_utf8()),
        (Some(_), length) => (format!(", found `{word}`"), length),
    };
    Mistake::new(&(at..at + length), format!("expected {list}{found}"))
}

/// What a reader would call it.
fn called(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::constant | Rule::shared | Rule::semaphore | Rule::mutex | Rule::rwlock => {
            "a declaration (`const`, `shared`, `semaphore`, `mutex`, `rwlock`)"
        }
        Rule::process => "`process`",
        Rule::never | Rule::finally => "a rule (`never`, `finally`)",
        Rule::k_semaphore => "`semaphore`",
        Rule::k_mutex => "`mutex`",
        Rule::preference => "`prefer`",
        Rule::k_readers | Rule::k_writers | Rule::k_nobody => "`readers`, `writers`, `nobody`",
        Rule::size | Rule::open_bracket => "`[`",
        Rule::block | Rule::open_brace => "`{`",
        Rule::local
        | Rule::if_else
        | Rule::do_while
        | Rule::while_do
        | Rule::section
        | Rule::assert
        | Rule::change
        | Rule::call
        | Rule::nothing => "a statement",
        Rule::own_index | Rule::name | Rule::variable | Rule::kind => "a name",
        Rule::deadlock => "`deadlock`",
        Rule::starve => "`starve`",
        Rule::together => "`together`",
        Rule::expr
        | Rule::number
        | Rule::truth
        | Rule::falsehood
        | Rule::place
        | Rule::of_process
        | Rule::in_parens
        | Rule::minus
        | Rule::not => "an expression",
        Rule::or
        | Rule::and
        | Rule::equal
        | Rule::unequal
        | Rule::at_most
        | Rule::at_least
        | Rule::less
        | Rule::more
        | Rule::plus
        | Rule::sub
        | Rule::times
        | Rule::divide
        | Rule::modulo => "an operator",
        Rule::semicolon => "`;`",
        Rule::comma => "`,`",
        Rule::dot => "`.`",
        Rule::equals | Rule::plus_equals | Rule::minus_equals => "`=`",
        Rule::plus_plus | Rule::minus_minus => "`++`",
        Rule::open_paren => "`(`",
        Rule::close_paren => "`)`",
        Rule::close_bracket => "`]`",
        Rule::close_brace => "`}`",
        Rule::k_else => "`else`",
        Rule::k_while => "`while`",
        _ => return None,
    })
}

fn operators() -> PrattParser<Rule> {
    let left = |rule| Op::infix(rule, Assoc::Left);
    PrattParser::new()
        .op(left(Rule::or))
        .op(left(Rule::and))
        .op(left(Rule::equal) | left(Rule::unequal))
        .op(left(Rule::less) | left(Rule::at_most) | left(Rule::more) | left(Rule::at_least))
        .op(left(Rule::plus) | left(Rule::sub))
        .op(left(Rule::times) | left(Rule::divide) | left(Rule::modulo))
        .op(Op::prefix(Rule::not) | Op::prefix(Rule::minus))
}

fn span(pair: &Pair<'_, Rule>) -> Span {
    let span = pair.as_span();
    span.start()..span.end()
}

fn name(pair: &Pair<'_, Rule>) -> Name {
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
fn next<'a>(inner: &mut Pairs<'a, Rule>, of: &Span) -> Result<Pair<'a, Rule>, Mistake> {
    inner
        .next()
        .ok_or_else(|| Mistake::new(of, "this is not complete"))
}

/// Whether the pair is only there so that it can be missed.
fn is_punctuation(pair: &Pair<'_, Rule>) -> bool {
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

struct Reader<'a> {
    pratt: &'a PrattParser<Rule>,
}

impl Reader<'_> {
    fn item(&self, pair: Pair<'_, Rule>, file: &mut File) -> Result<(), Mistake> {
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

    fn in_brackets(&self, pair: Pair<'_, Rule>) -> Result<Expr, Mistake> {
        let whole = span(&pair);
        let mut inner = pair.into_inner().filter(|pair| !is_punctuation(pair));
        let expr = inner
            .next()
            .ok_or_else(|| Mistake::new(&whole, "expected an expression"))?;
        self.expr(expr)
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

    fn place(&self, pair: Pair<'_, Rule>) -> Result<Place, Mistake> {
        let whole = span(&pair);
        let mut inner = pair.into_inner();
        let named = name(&next(&mut inner, &whole)?);
        let index = match inner.next() {
            Some(size) => Some(Box::new(self.in_brackets(size)?)),
            None => None,
        };
        Ok(Place { name: named, index })
    }

    fn expr(&self, pair: Pair<'_, Rule>) -> Result<Expr, Mistake> {
        let whole = span(&pair);
        let inner = pair.into_inner();
        if inner.len() > LONGEST_EXPR {
            return Err(Mistake::new(
                &whole,
                format!(
                    "this expression is too long: at most {LONGEST_EXPR} operators and operands"
                ),
            ));
        }
        self.pratt
            .map_primary(|pair| self.operand(pair))
            .map_prefix(|sign, of| {
                let of = of?;
                let unary = if sign.as_rule() == Rule::not {
                    Unary::Not
                } else {
                    Unary::Minus
                };
                Ok(Expr {
                    span: span(&sign).start..of.span.end,
                    it: Ex::Unary(unary, Box::new(of)),
                })
            })
            .map_infix(|left, sign, right| {
                let (left, right) = (left?, right?);
                Ok(Expr {
                    span: left.span.start..right.span.end,
                    it: Ex::Binary(binary(sign.as_rule()), Box::new(left), Box::new(right)),
                })
            })
            .parse(inner)
    }

    fn operand(&self, pair: Pair<'_, Rule>) -> Result<Expr, Mistake> {
        let whole = span(&pair);
        let it = match pair.as_rule() {
            Rule::truth => Ex::Number(1),
            Rule::falsehood => Ex::Number(0),
            Rule::number => Ex::Number(pair.as_str().parse().map_err(|_| {
                Mistake::new(
                    &whole,
                    format!("this number is too large: at most {}", i32::MAX),
                )
            })?),
            Rule::in_parens => return self.in_brackets(pair),
            _ => {
                let mut places = pair
                    .into_inner()
                    .filter(|pair| pair.as_rule() == Rule::place);
                let first = places
                    .next()
                    .ok_or_else(|| Mistake::new(&whole, "expected a name"))?;
                let first = self.place(first)?;
                match places.next() {
                    Some(of) => Ex::OfProcess(first, self.place(of)?),
                    None => Ex::Place(first),
                }
            }
        };
        Ok(Expr { it, span: whole })
    }
}

fn binary(rule: Rule) -> Binary {
    match rule {
        Rule::or => Binary::Or,
        Rule::and => Binary::And,
        Rule::equal => Binary::Equal,
        Rule::unequal => Binary::Unequal,
        Rule::less => Binary::Less,
        Rule::at_most => Binary::AtMost,
        Rule::more => Binary::More,
        Rule::at_least => Binary::AtLeast,
        Rule::plus => Binary::Plus,
        Rule::sub => Binary::Minus,
        Rule::times => Binary::Times,
        Rule::divide => Binary::Divide,
        _ => Binary::Modulo,
    }
}
