//! Expressions once every name is resolved: over a slice of numbers, with nothing shared left to read.

use super::error::Mistake;
use super::syntax::{Binary, Span, Unary};

/// Something went wrong while a process computed: a division by zero, an index out of range, a number
/// too large, a failed `assert`, a lock given back by somebody who does not hold it.
pub type Fault = Mistake;

/// A value to compute from a slice of numbers: a process's own, or in a rule the whole state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number.
    Number(i32),
    /// The number in a slot.
    Slot(usize),
    /// The number in a slot of an array.
    Element(Box<Element>),
    /// `!x`, `-x`
    Unary(Unary, Box<Value>, Span),
    /// `x + y`
    Binary(Binary, Box<(Value, Value)>, Span),
}

/// A place in an array.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element {
    /// The array's name.
    pub name: String,
    /// Where it begins.
    pub base: usize,
    /// How long it is.
    pub len: usize,
    /// Which of them; a single variable has none.
    pub index: Option<Value>,
    /// Where that is written.
    pub span: Span,
}

impl Element {
    /// Which slot it is.
    ///
    /// # Errors
    /// If the index is out of range or cannot be computed.
    #[inline]
    pub fn at(&self, slots: &[i32]) -> Result<usize, Fault> {
        let Some(index) = &self.index else {
            return Ok(self.base);
        };
        let index = index.of(slots)?;
        match usize::try_from(index) {
            Ok(index) if index < self.len => Ok(self.base + index),
            _ => Err(self.out_of_range(index)),
        }
    }

    /// Its name with the index it has now.
    #[must_use]
    pub fn called(&self, slots: &[i32]) -> String {
        match &self.index {
            None => self.name.clone(),
            Some(index) => match index.of(slots) {
                Ok(index) => format!("{}[{index}]", self.name),
                Err(_) => format!("{}[?]", self.name),
            },
        }
    }

    #[cold]
    fn out_of_range(&self, index: i32) -> Fault {
        let Self { name, len, .. } = self;
        Fault::new(
            &self.span,
            format!(
                "index out of range: {name}[{index}], and `{name}` has 0 to {}",
                len - 1
            ),
        )
    }
}

impl Value {
    /// What it comes to.
    ///
    /// # Errors
    /// On a division by zero, an index out of range, a number too large.
    #[inline]
    pub fn of(&self, slots: &[i32]) -> Result<i32, Fault> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Slot(slot) => Ok(slots[*slot]),
            Self::Element(element) => Ok(slots[element.at(slots)?]),
            Self::Unary(Unary::Not, value, _) => Ok(i32::from(value.of(slots)? == 0)),
            Self::Unary(Unary::Minus, value, span) => value
                .of(slots)?
                .checked_neg()
                .ok_or_else(|| too_large(span)),
            Self::Binary(Binary::And, both, _) => {
                Ok(i32::from(both.0.of(slots)? != 0 && both.1.of(slots)? != 0))
            }
            Self::Binary(Binary::Or, both, _) => {
                Ok(i32::from(both.0.of(slots)? != 0 || both.1.of(slots)? != 0))
            }
            Self::Binary(operator, both, span) => {
                compute(*operator, both.0.of(slots)?, both.1.of(slots)?, span)
            }
        }
    }

    /// The value, if it is the same everywhere.
    #[must_use]
    pub fn constant(&self) -> Option<i32> {
        match self {
            Self::Number(number) => Some(*number),
            _ => None,
        }
    }

    /// Computes what can be computed already.
    ///
    /// # Errors
    /// On a division of constants by zero, or a constant too large.
    pub fn folded(self) -> Result<Self, Mistake> {
        let known = match &self {
            Self::Unary(_, value, _) => value.constant().is_some(),
            Self::Binary(Binary::And, both, _) if both.0.constant() == Some(0) => true,
            Self::Binary(Binary::Or, both, _) if both.0.constant().is_some_and(|it| it != 0) => {
                true
            }
            Self::Binary(_, both, _) => both.0.constant().is_some() && both.1.constant().is_some(),
            _ => false,
        };
        if known {
            self.of(&[]).map(Self::Number)
        } else {
            Ok(self)
        }
    }
}

fn compute(operator: Binary, left: i32, right: i32, span: &Span) -> Result<i32, Fault> {
    let result = match operator {
        Binary::Or => Some(i32::from(left != 0 || right != 0)),
        Binary::And => Some(i32::from(left != 0 && right != 0)),
        Binary::Equal => Some(i32::from(left == right)),
        Binary::Unequal => Some(i32::from(left != right)),
        Binary::Less => Some(i32::from(left < right)),
        Binary::AtMost => Some(i32::from(left <= right)),
        Binary::More => Some(i32::from(left > right)),
        Binary::AtLeast => Some(i32::from(left >= right)),
        Binary::Plus => left.checked_add(right),
        Binary::Minus => left.checked_sub(right),
        Binary::Times => left.checked_mul(right),
        Binary::Divide | Binary::Modulo if right == 0 => {
            return Err(Fault::new(span, "division by zero"));
        }
        Binary::Divide => left.checked_div(right),
        Binary::Modulo => left.checked_rem(right),
    };
    result.ok_or_else(|| too_large(span))
}

#[cold]
fn too_large(span: &Span) -> Fault {
    Fault::new(
        span,
        format!("this number becomes too large: at most {}", i32::MAX),
    )
}
