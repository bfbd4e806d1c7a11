//! What pest says, in the words of the language.

use std::collections::BTreeSet;

use pest::error::{ErrorVariant, InputLocation};

use super::super::error::Mistake;
use super::grammar::Rule;
use super::mistakes::known;
use super::odd;

/// The mistake that a failure of the grammar is.
pub(super) fn explain(source: &str, error: &pest::error::Error<Rule>) -> Mistake {
    let mut at = match error.location {
        InputLocation::Pos(at) | InputLocation::Span((at, _)) => at,
    };
    let ErrorVariant::ParsingError { positives, .. } = &error.variant else {
        return Mistake::new(&(at..at + 1), error.variant.message().into_owned());
    };
    if let Some(mistake) = known(source, at) {
        return mistake;
    }
    let mut expected: BTreeSet<_> = positives.iter().filter_map(|&rule| called(rule)).collect();
    // Where a statement or a declaration can begin, the words it could begin with are too many to name.
    if positives.contains(&Rule::k_if) {
        expected.retain(|&one| !matches!(one, "`{`" | "`while`" | "`;`" | "a name"));
        expected.insert("a statement");
    }
    if positives.contains(&Rule::k_const) || positives.contains(&Rule::file) {
        expected.extend(["`process`", "a rule (`never`, `finally`)"]);
        expected.retain(|&one| !matches!(one, "`semaphore`" | "`mutex`"));
    }
    // A name that only an expression could go on with is not news beside what must come.
    if expected.contains("`;`") {
        expected.retain(|&one| !matches!(one, "an operator" | "`[`" | "`.`"));
        // What is missing is missing behind what stands there, not before the next line's first word.
        let before = source[..at].trim_end_matches(odd::is_blank).len();
        if source[before..at].contains(odd::ends_line) {
            at = before;
        }
    }
    let mut expected: Vec<_> = expected.into_iter().collect();
    let last = expected.pop().unwrap_or("the end of the file");
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
        (Some(c), 0) if odd::is_blank(c) => (String::new(), c.len_utf8()),
        (Some(c), 0) => (format!(", found `{}`", c.escape_debug()), c.len_utf8()),
        (Some(_), length) => (format!(", found `{word}`"), length),
    };
    Mistake::new(&(at..at + length), format!("expected {list}{found}"))
}

/// What a reader would call it.
fn called(rule: Rule) -> Option<&'static str> {
    Some(match rule {
        Rule::file
        | Rule::constant
        | Rule::shared
        | Rule::semaphore
        | Rule::mutex
        | Rule::rwlock
        | Rule::k_const
        | Rule::k_shared
        | Rule::k_fifo
        | Rule::k_rwlock => "a declaration (`const`, `shared`, `semaphore`, `mutex`, `rwlock`)",
        Rule::process | Rule::k_process => "`process`",
        Rule::never | Rule::finally | Rule::k_never | Rule::k_finally => {
            "a rule (`never`, `finally`)"
        }
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
        | Rule::k_local
        | Rule::k_if
        | Rule::k_do
        | Rule::k_section
        | Rule::k_assert
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
