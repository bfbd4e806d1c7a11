//! The words and signs around a place where the grammar failed.

use super::super::syntax::Span;
use super::odd;

/// A word, a number or a sign, and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Token<'a> {
    pub(super) text: &'a str,
    pub(super) span: Span,
}

/// Signs of more than one character, the longer first; those of other languages are among them, so that
/// they can be named.
const SIGNS: &[&str] = &[
    "...", ":=", "==", "!=", "<=", ">=", "&&", "||", "++", "--", "+=", "-=", "*=", "/=", "<-",
    "->", "<>", "<<", ">>", "**",
];

/// All of a text, without white space and comments.
pub(super) fn tokens(source: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(first) = source[at..].chars().next() {
        let rest = &source[at..];
        let length = if odd::is_blank(first) {
            first.len_utf8()
        } else if let Some(comment) = odd::comment(rest) {
            comment
        } else {
            let is_word = |c: char| c.is_alphanumeric() || c == '_';
            let word: usize = rest
                .chars()
                .take_while(|&c| is_word(c))
                .map(char::len_utf8)
                .sum();
            let sign = SIGNS.iter().find(|sign| rest.starts_with(**sign));
            let length = match (word, sign) {
                (0, Some(sign)) => sign.len(),
                (0, None) => first.len_utf8(),
                (word, _) => word,
            };
            found.push(Token {
                text: &rest[..length],
                span: at..at + length,
            });
            length
        };
        at += length;
    }
    found
}
