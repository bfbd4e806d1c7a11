//! What can be wrong with a file, with the place of it.

use std::fmt;

use super::parse::odd;
use super::syntax::Span;

/// A mistake in a `.sync` file: what is wrong, where, and what would be right.
///
/// `Display` shows the line with a caret under the place:
///
/// ```text
/// buffer.sync:12:17: expected `;`
///    |
/// 12 |     wait(empty)
///    |                ^
/// ```
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub struct LabError {
    /// The file as it was named.
    pub file: String,
    /// The line, from 1.
    pub line: usize,
    /// The column, from 1, in characters.
    pub column: usize,
    /// What is wrong and what would be right.
    pub message: String,
    /// The line itself, cut if it is very long.
    text: String,
    /// How many carets.
    width: usize,
}

/// A mistake while its file's name and text are not at hand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mistake {
    /// What is wrong and what would be right.
    pub message: String,
    /// Where.
    pub span: Span,
}

impl Mistake {
    /// A mistake.
    pub fn new(span: &Span, message: impl Into<String>) -> Self {
        Self {
            message: message.into(),
            span: span.clone(),
        }
    }

    /// The mistake with the line it stands in.
    #[must_use]
    pub fn in_file(self, file: &str, source: &str) -> LabError {
        let (line, column) = line_and_column(source, self.span.start);
        let text = source.lines().nth(line - 1).unwrap_or("");
        let rest = text.chars().count().saturating_sub(column - 1);
        let wide = source.get(self.span.clone()).map_or(1, |marked| {
            marked.chars().take_while(|&c| c != '\n').count()
        });
        LabError {
            file: file.to_owned(),
            line,
            column,
            message: self.message,
            text: text
                .chars()
                .take(200)
                .map(|c| if odd::is_invisible(c) { ' ' } else { c })
                .collect(),
            width: wide.min(rest).max(1),
        }
    }
}

/// The line and the column of a byte, both from 1, the column in characters.
#[must_use]
pub fn line_and_column(source: &str, at: usize) -> (usize, usize) {
    let mut at = at.min(source.len());
    while !source.is_char_boundary(at) {
        at -= 1;
    }
    let before = &source[..at];
    let line = before.matches('\n').count() + 1;
    let column = before
        .rsplit('\n')
        .next()
        .map_or(0, |text| text.chars().count());
    (line, column + 1)
}

impl fmt::Display for LabError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            file,
            line,
            column,
            message,
            text,
            width,
        } = self;
        writeln!(f, "{file}:{line}:{column}: {message}")?;
        let margin = line.to_string().len();
        writeln!(f, "{:margin$} |", "")?;
        writeln!(f, "{line} | {text}")?;
        if *column > 200 {
            return write!(f, "{:margin$} | (column {column})", "");
        }
        let carets = (*width).min(201 - column);
        write!(
            f,
            "{:margin$} | {:before$}{}",
            "",
            "",
            "^".repeat(carets),
            before = column - 1
        )
    }
}
