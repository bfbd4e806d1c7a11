//! Expressions and places.

use pest::iterators::Pair;
use pest::pratt_parser::{Assoc, Op, PrattParser};

use super::super::error::Mistake;
use super::super::syntax::{Binary, Ex, Expr, Place, Unary};
use super::MAX_EXPR_LEN;
use super::grammar::Rule;
use super::reader::{Reader, is_punctuation, name, next, span};

/// What binds how tightly.
pub(super) fn operators() -> PrattParser<Rule> {
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

impl Reader<'_> {
    pub(super) fn in_brackets(&self, pair: Pair<'_, Rule>) -> Result<Expr, Mistake> {
        let whole = span(&pair);
        let mut inner = pair.into_inner().filter(|pair| !is_punctuation(pair));
        let expr = inner
            .next()
            .ok_or_else(|| Mistake::new(&whole, "expected an expression"))?;
        self.expr(expr)
    }

    pub(super) fn place(&self, pair: Pair<'_, Rule>) -> Result<Place, Mistake> {
        let whole = span(&pair);
        let mut inner = pair.into_inner();
        let named = name(&next(&mut inner, &whole)?);
        let index = match inner.next() {
            Some(size) => Some(Box::new(self.in_brackets(size)?)),
            None => None,
        };
        Ok(Place { name: named, index })
    }

    pub(super) fn expr(&self, pair: Pair<'_, Rule>) -> Result<Expr, Mistake> {
        let whole = span(&pair);
        let inner = pair.into_inner();
        if inner.len() > MAX_EXPR_LEN {
            return Err(Mistake::new(
                &whole,
                format!(
                    "this expression is too long: at most {MAX_EXPR_LEN} operators and operands"
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
