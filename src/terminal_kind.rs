//! What this terminal can show: which characters, and how many colours. Whoever draws asks here, so that no two
//! commands decide differently.
//!
//! Characters by the locale, as every program does: the first of `LC_ALL`, `LC_CTYPE` and `LANG` that says anything
//! says whether UTF-8 is spoken; if none does, it is not. Colours by `--color`, then `NO_COLOR`, then `COLORTERM` and `TERM`.

use std::ffi::OsString;
use std::sync::OnceLock;

/// What `--color` says: clap's own, which its help obeys too.
pub use clap::ColorChoice;

/// How many colours there are. Nothing here uses more than the sixteen that have names, so a terminal of 256 or of 16
/// million has no more to offer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Colors {
    /// None, or none are wanted.
    None,
    /// The eight of `TERM=linux`: no light ones beside the dark ones.
    Eight,
    /// The sixteen with names.
    #[default]
    Sixteen,
}

/// See the [module](self).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TerminalKind {
    /// Its colours.
    pub colors: Colors,
    /// Whether it shows more than ASCII.
    pub unicode: bool,
}

static CHOICE: OnceLock<ColorChoice> = OnceLock::new();

/// Takes what `--color` says, once, before anything is drawn. Unsaid it is `auto`.
pub fn choose_color(choice: ColorChoice) {
    _ = CHOICE.set(choice);
}

impl TerminalKind {
    /// This process's.
    #[must_use]
    pub fn here() -> Self {
        let choice = CHOICE.get().copied().unwrap_or(ColorChoice::Auto);
        Self::of(|name| std::env::var_os(name), choice)
    }

    /// Of an environment.
    #[must_use]
    pub fn of(variable: impl Fn(&str) -> Option<OsString>, choice: ColorChoice) -> Self {
        // Set to the empty text is as good as not set, to all these.
        let value = |name| {
            let value = variable(name).filter(|value| !value.is_empty())?;
            Some(value.to_string_lossy().to_ascii_lowercase())
        };
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(value);
        let unicode =
            locale.is_some_and(|locale| locale.contains("utf-8") || locale.contains("utf8"));
        let shown = colors(value("TERM").as_deref(), value("COLORTERM").is_some());
        let colors = match choice {
            ColorChoice::Never => Colors::None,
            ColorChoice::Always => shown.max(Colors::Eight),
            ColorChoice::Auto if value("NO_COLOR").is_some() => Colors::None,
            ColorChoice::Auto => shown,
        };
        Self { colors, unicode }
    }
}

/// By the name of the terminal: the few that have none, those known for sixteen and more, and for the others the eight
/// that all have.
fn colors(term: Option<&str>, more: bool) -> Colors {
    const MANY: [&str; 8] = [
        "256color",
        "16color",
        "88color",
        "direct",
        "truecolor",
        "kitty",
        "alacritty",
        "ghostty",
    ];
    let Some(term) = term else {
        return Colors::None;
    };
    let is_a_vt = term
        .strip_prefix("vt")
        .is_some_and(|model| model.starts_with(|digit: char| digit.is_ascii_digit()));
    let mono = term.ends_with("-mono") || term.ends_with("-m") || term == "xterm-old";
    if term == "dumb" || term == "unknown" || is_a_vt || mono {
        Colors::None
    } else if more || MANY.iter().any(|name| term.contains(name)) {
        Colors::Sixteen
    } else {
        Colors::Eight
    }
}

/// Whether only ASCII is to be drawn: because somebody `asked` for it, or because the locale has no more.
#[must_use]
pub fn is_ascii(asked: bool) -> bool {
    asked || !TerminalKind::here().unicode
}

/// The text as this terminal can show it: what is [drawn](plain) in ASCII if need be. What others have written, such
/// as the name of a file, stays.
#[must_use]
pub fn fitting(text: String) -> String {
    if is_ascii(false) && !text.is_ascii() {
        text.chars()
            .map(|glyph| plain(glyph).unwrap_or(glyph))
            .collect()
    } else {
        text
    }
}

/// The text in ASCII alone.
#[must_use]
pub fn ascii(text: &str) -> String {
    text.chars()
        .map(|glyph| plain(glyph).unwrap_or('?'))
        .collect()
}

/// What stands in a glyph's place in ASCII, as wide as it is; `None` for what we do not draw.
#[must_use]
pub fn plain(glyph: char) -> Option<char> {
    Some(match glyph {
        glyph if glyph.is_ascii() => glyph,
        '─' | '═' | '–' | '−' | '·' | '▁' | '▂' | '▃' => '-',
        '│' | '║' => '|',
        '┐' | '┘' | '┌' | '└' | '╔' | '╗' | '╚' | '╝' | '✓' | '±' => '+',
        '→' | '▸' => '>',
        '←' | '◀' => '<',
        '█' | '▉' | '▊' | '▋' | '▌' | '▍' | '▎' | '▏' | '▀' | '▄' | '▅' | '▆' | '▇' => {
            '#'
        }
        '░' => '.',
        '×' | '✗' => 'x',
        '○' => 'o',
        '…' => '~',
        '²' => '2',
        '³' => '3',
        'µ' => 'u',
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(set: &[(&str, &str)], choice: ColorChoice) -> TerminalKind {
        TerminalKind::of(
            |name| {
                let found = set.iter().find(|(set, _)| *set == name);
                found.map(|(_, value)| OsString::from(value))
            },
            choice,
        )
    }

    #[test]
    fn characters_are_by_the_first_of_three_variables_that_says_anything() {
        for (set, unicode) in [
            (&[][..], false),
            (&[("LANG", "C.UTF-8")], true),
            (&[("LANG", "en_US.utf8")], true),
            (&[("LANG", "de_DE@euro")], false),
            (&[("LC_CTYPE", "UTF-8")], true),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "C")], false),
            (&[("LANG", "C.UTF-8"), ("LC_ALL", "")], true),
            (&[("LANG", "C"), ("LC_CTYPE", "C.UTF-8")], true),
            (&[("LC_CTYPE", "C.UTF-8"), ("LC_ALL", "POSIX")], false),
        ] {
            assert_eq!(of(set, ColorChoice::Auto).unicode, unicode, "{set:?}");
        }
    }

    #[test]
    fn colours_are_those_that_the_terminal_has() {
        use Colors::{Eight, None, Sixteen};
        for (set, auto, always) in [
            (&[][..], None, Eight),
            (&[("TERM", "dumb")], None, Eight),
            (&[("TERM", "vt100")], None, Eight),
            (&[("TERM", "linux")], Eight, Eight),
            (&[("TERM", "xterm")], Eight, Eight),
            (&[("TERM", "xterm-256color")], Sixteen, Sixteen),
            (&[("TERM", "tmux-256color")], Sixteen, Sixteen),
            (
                &[("TERM", "xterm"), ("COLORTERM", "truecolor")],
                Sixteen,
                Sixteen,
            ),
            (&[("TERM", "linux"), ("NO_COLOR", "1")], None, Eight),
            (&[("TERM", "linux"), ("NO_COLOR", "")], Eight, Eight),
        ] {
            assert_eq!(of(set, ColorChoice::Auto).colors, auto, "{set:?}");
            assert_eq!(of(set, ColorChoice::Always).colors, always, "{set:?}");
            assert_eq!(of(set, ColorChoice::Never).colors, None, "{set:?}");
        }
    }
}
