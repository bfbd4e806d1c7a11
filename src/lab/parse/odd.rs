//! Characters that a document brings along and a keyboard does not: blanks, marks nobody sees, and signs that
//! only look like the right one.

use unicode_width::UnicodeWidthChar;

/// Whether a character is white space in a program: as in `grammar.pest`, by `WHITESPACE`.
pub(in crate::lab) fn is_blank(c: char) -> bool {
    matches!(
        c,
        ' ' | '\t' | '\r' | '\n' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{a0}' | '\u{1680}' | '\u{2000}'
            ..='\u{200b}'
                | '\u{2028}'
                | '\u{2029}'
                | '\u{202f}'
                | '\u{205f}'
                | '\u{2060}'
                | '\u{3000}'
                | '\u{feff}'
    )
}

/// Whether a character ends a line, and with it a `//` comment.
pub(in crate::lab) fn ends_line(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Whether nothing is to be seen of a character, or less than its place.
pub(in crate::lab) fn is_invisible(c: char) -> bool {
    c != ' ' && (is_blank(c) || c.is_control() || c.width().unwrap_or(0) == 0)
}

/// How long the comment is with which a text begins, if it does. One that is not closed has no end.
pub(super) fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find(ends_line).unwrap_or(text.len()));
    }
    let inner = text.strip_prefix("/*")?;
    Some(inner.find("*/").map_or(text.len(), |end| end + 4))
}

/// What an odd character is, with its code point, and what would be right: `None` for one of the language's own.
pub(super) fn named(c: char) -> Option<String> {
    if c.is_ascii() && !c.is_ascii_control() {
        return None;
    }
    let code = format!("U+{:04X}", u32::from(c));
    if let Some((what, right)) = looks_like(c) {
        return Some(format!("`{c}` is {code}, {what}: {right}"));
    }
    Some(match unseen(c) {
        Some(what) => format!("{code} stands here, {what}, which does not show: take it out"),
        None if is_invisible(c) => format!("{code} stands here, which does not show: take it out"),
        None if c.is_alphabetic() => {
            format!("`{c}` is {code}: a name is made of the letters a to z, digits and _")
        }
        None => format!("`{c}` is {code}, which is no part of the language: take it out"),
    })
}

/// Marks that do not show.
fn unseen(c: char) -> Option<&'static str> {
    Some(match c {
        '\u{ad}' => "a soft hyphen",
        '\u{200c}' | '\u{200d}' => "a joiner",
        '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            "a mark of the direction of writing"
        }
        '\u{fe00}'..='\u{fe0f}' => "a mark of how the character before is drawn",
        '\0' => "a zero byte",
        '\u{1b}' => "an escape",
        _ => return None,
    })
}

/// Signs that look like one of the language, or mean one: what they are, and what is written here.
fn looks_like(c: char) -> Option<(&'static str, &'static str)> {
    Some(match c {
        '“' | '”' | '„' | '‘' | '’' | '‚' | '«' | '»' => (
            "a curly quote",
            "there are no strings; a `const` is a name for a number",
        ),
        '–' | '—' | '−' | '‐' | '‑' => ("a dash", "write `-`"),
        '≠' => ("not equal", "write `!=`"),
        '≤' | '⩽' => ("at most", "write `<=`"),
        '≥' | '⩾' => ("at least", "write `>=`"),
        '←' | '≔' => ("an assignment", "write `=`"),
        '∧' => ("and", "write `&&`"),
        '∨' => ("or", "write `||`"),
        '¬' => ("not", "write `!`"),
        '×' | '·' => ("times", "write `*`"),
        '÷' => ("divided by", "write `/`"),
        '；' => ("a wide semicolon", "write `;`"),
        '，' => ("a wide comma", "write `,`"),
        '（' | '）' => ("a wide parenthesis", "write `(` and `)`"),
        '｛' | '｝' => ("a wide brace", "write `{` and `}`"),
        '＝' => ("a wide equals sign", "write `=`"),
        '…' => ("three dots", "write an activity, as in `think();`"),
        '\u{fb00}'..='\u{fb06}' => ("letters drawn as one", "write them one by one"),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::parse::parse;

    #[test]
    fn what_a_document_has_between_words_is_white_space() {
        for c in (0..=0x10_ffff).filter_map(char::from_u32) {
            let text = format!("shared x;{c}process{c}p {{{c}x{c}={c}1; }}");
            if is_blank(c) {
                assert!(parse(&text).is_ok(), "U+{:04X}", u32::from(c));
            } else if c.is_whitespace() {
                panic!("U+{:04X} is white space elsewhere", u32::from(c));
            }
        }
    }

    #[test]
    fn a_comment_ends_where_its_line_does() {
        for end in ["\n", "\r\n", "\r", "\u{2028}", "\u{2029}", "\u{c}"] {
            let text = format!("shared x; // a comment{end}process p {{ x = 1; }}");
            assert_eq!(parse(&text).unwrap().processes.len(), 1, "{end:?}");
        }
    }

    #[test]
    fn any_other_odd_character_is_named() {
        for (c, word) in [
            ('\u{ad}', "soft hyphen"),
            ('\u{200e}', "does not show"),
            ('\u{200d}', "does not show"),
            ('\u{7f}', "does not show"),
            ('\u{e0001}', "does not show"),
            ('“', "strings"),
            ('≠', "`!=`"),
            ('−', "`-`"),
            ('；', "`;`"),
            ('é', "a to z"),
            ('☃', "no part"),
        ] {
            let code = format!("U+{:04X}", u32::from(c));
            for text in [
                format!("shared x; process p {{ x {c}= 1; }}"),
                format!("shared x; process p {{ {c}x = 1; }}"),
                format!("shared x; {c} process p {{ x = 1; }}"),
                format!("shared x; process p {{ x = 1; }} {c}"),
            ] {
                let said = parse(&text).unwrap_err().message;
                assert!(said.contains(&code) && said.contains(word), "{said}");
            }
        }
    }
}
