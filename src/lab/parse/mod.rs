//! From text to the syntax tree. The grammar is `grammar.pest`; its matches become the tree in `reader` and
//! `expr`. Its failures become a known mistake, by the words around them (`mistakes`, `foreign`, `tokens`, `odd`), or else a message that says
//! what was expected (`explain`).

mod explain;
mod expr;
mod foreign;
mod mistakes;
pub(super) mod odd;
mod reader;
mod tokens;

use pest::Parser;
use pest::iterators::Pair;

use super::error::Mistake;
use super::syntax::File;
use explain::explain;
use reader::Reader;

/// How long a file may be: a page of pseudo-code is two thousand bytes.
pub const MAX_FILE_LEN: usize = 64 * 1024;
/// How deep brackets may stand in brackets.
pub const DEEPEST: usize = 40;
/// How many operators and operands an expression may have.
pub const MAX_EXPR_LEN: usize = 200;

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
    if source.len() > MAX_FILE_LEN {
        return Err(Mistake::new(
            &(MAX_FILE_LEN..MAX_FILE_LEN),
            format!("the file is too long: at most {MAX_FILE_LEN} bytes"),
        ));
    }
    check_depth(source)?;
    let mut pairs = Grammar::parse(Rule::file, source).map_err(|error| explain(source, &error))?;
    let mut file = File::default();
    let pratt = expr::operators();
    let reader = Reader { pratt: &pratt };
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
                at += source.get(at..).and_then(odd::comment).unwrap_or(2);
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
