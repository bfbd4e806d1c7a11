//! What pest says, in the words of the language.

use std::collections::BTreeSet;

use pest::error::{ErrorVariant, InputLocation};

use super::super::error::Mistake;
use super::grammar::Rule;

/// The mistake that a failure of the grammar is.
pub(super) fn explain(source: &str, error: &pest::error::Error<Rule>) -> Mistake {
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
