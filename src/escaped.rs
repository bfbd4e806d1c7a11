//! Other people's text, fit to be shown: a client's name, a line of a submission, the name of a file. None of it may
//! move a terminal's cursor, change its colours or the direction of writing, or pass for a line of ours.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::path::Path;

/// As much of a line as an error quotes.
pub(crate) const LINE: usize = 60;

/// The text with everything written out that a terminal could take for a command or that is not to be seen; bytes that
/// are no text as `\xff`. Quotation marks and backslashes stay: they are no danger to anybody.
pub(crate) fn escaped(text: impl AsRef<[u8]>) -> String {
    excerpt(text, usize::MAX)
}

/// The same of a path.
pub(crate) fn escaped_path(path: &Path) -> String {
    escaped(path.as_os_str().as_encoded_bytes())
}

/// The same, cut to so many characters.
pub(crate) fn excerpt(text: impl AsRef<[u8]>, most: usize) -> String {
    let mut shown = String::new();
    let mut length = 0;
    for chunk in text.as_ref().utf8_chunks() {
        let characters = chunk.valid().chars().map(Ok);
        let no_text = chunk.invalid().iter().map(Err);
        for piece in characters.chain(no_text) {
            let before = shown.len();
            match piece {
                Ok(character @ ('\'' | '"' | '\\')) => shown.push(character),
                Ok(character) => shown.extend(character.escape_debug()),
                Err(byte) => _ = write!(shown, "\\x{byte:02x}"),
            }
            length += shown[before..].chars().count();
            if length > most {
                shown.truncate(before);
                shown.push('…');
                return shown;
            }
        }
    }
    shown
}

/// Text of ours in which others' names may stand: its lines and tabs stay, other control characters are written out.
#[must_use]
pub fn harmless(text: &str) -> Cow<'_, str> {
    let is_command = |character: char| character.is_control() && !matches!(character, '\n' | '\t');
    if !text.contains(is_command) {
        return text.into();
    }
    let mut shown = String::new();
    for character in text.chars() {
        if is_command(character) {
            shown.extend(character.escape_debug());
        } else {
            shown.push(character);
        }
    }
    shown.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_cannot_reach_the_terminal() {
        assert_eq!(
            escaped(b"\x1b[2J12\xff\x00\r\n\t"),
            r"\u{1b}[2J12\xff\0\r\n\t"
        );
        assert_eq!(escaped("3\u{202e}x é"), "3\\u{202e}x é");
        assert_eq!(escaped("a\nb's \\.txt"), "a\\nb's \\.txt");
    }

    #[test]
    fn a_long_line_is_cut() {
        let word = "é".repeat(60);
        assert_eq!(excerpt(&word, LINE), word);
        assert_eq!(excerpt(format!("{word}é"), LINE), format!("{word}…"));
        assert!(excerpt([0x1b; 256], LINE).chars().count() <= LINE + 1);
    }

    #[test]
    fn a_name_in_a_line_of_ours_gives_the_terminal_no_commands() {
        let line = "INFO path=/tmp/\u{1b}[2J\u{9b}2J\r.sock, Ä and one\n";
        let shown = "INFO path=/tmp/\\u{1b}[2J\\u{9b}2J\\r.sock, Ä and one\n";
        assert_eq!(harmless(line), shown);
        assert_eq!(harmless("plain\n"), "plain\n");
    }
}
