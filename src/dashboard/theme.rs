//! Colours and glyphs.
//!
//! The sixteen colours with names, or the eight that a terminal [has](crate::terminal_kind), on the terminal's own
//! background. Red and green are never told apart by colour: danger is red and reversed, safety is cyan, and each stands
//! beside a word or a glyph that says the same. Without colour the modifiers remain.

use ratatui::style::{Color, Modifier, Style};

use crate::draw::Mode;
use crate::terminal_kind::{Colors, TerminalKind};

/// How things look.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Theme {
    /// The colours that there are.
    pub colors: Colors,
    /// Only ASCII characters.
    pub ascii: bool,
}

impl Theme {
    /// As this terminal shows things; in ASCII also if that is asked for.
    #[must_use]
    pub fn here(ascii: bool) -> Self {
        let TerminalKind { colors, unicode } = TerminalKind::here();
        Self {
            colors,
            ascii: ascii || !unicode,
        }
    }

    /// Where there are no light colours, their dark twins.
    fn color(self, color: Color) -> Color {
        match (self.colors, color) {
            (Colors::Eight, Color::LightRed) => Color::Red,
            (Colors::Eight, Color::LightBlue) => Color::Blue,
            (Colors::Eight, Color::White) => Color::Gray,
            _ => color,
        }
    }

    fn colored(self, color: Color) -> Style {
        match self.colors {
            Colors::None => Style::new(),
            _ => Style::new().fg(self.color(color)),
        }
    }

    fn filled(self, ink: Color, paper: Color) -> Style {
        let style = Style::new().add_modifier(Modifier::BOLD);
        match self.colors {
            Colors::None => style.add_modifier(Modifier::REVERSED),
            // Bold black is grey on many of these, and hard to read on a colour.
            Colors::Eight if ink == Color::Black => Style::new().fg(ink).bg(paper),
            _ => style.fg(self.color(ink)).bg(self.color(paper)),
        }
    }

    /// The badge of a mode.
    #[must_use]
    pub fn mode(self, mode: Mode) -> Style {
        match mode {
            Mode::Lock => self.filled(Color::Black, Color::Cyan),
            Mode::Atomic if self.colors == Colors::Eight => self.filled(Color::White, Color::Blue),
            Mode::Atomic => self.filled(Color::Black, Color::LightBlue),
            Mode::UnsafeRace => self.filled(Color::White, Color::Red),
        }
    }

    /// The badge of what runs: the mode's, or a doubtful one for what looks right and is not known to be.
    #[must_use]
    pub fn runs(self, mode: Mode, in_its_place: bool) -> Style {
        if in_its_place && mode == Mode::UnsafeRace {
            self.notice()
        } else {
            self.mode(mode)
        }
    }

    /// Duplicates, right now.
    #[must_use]
    pub fn alarm(self) -> Style {
        self.mode(Mode::UnsafeRace)
    }

    /// Duplicates, before.
    #[must_use]
    pub fn danger(self) -> Style {
        self.colored(Color::LightRed).add_modifier(Modifier::BOLD)
    }

    /// No duplicates where there can be none.
    #[must_use]
    pub fn good(self) -> Style {
        self.colored(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    /// What wants to be noticed and is no danger: frozen, paused, sold out, disconnected.
    #[must_use]
    pub fn notice(self) -> Style {
        self.filled(Color::Black, Color::Yellow)
    }

    /// Neither good nor bad.
    #[must_use]
    pub fn neutral(self) -> Style {
        self.colored(Color::Yellow).add_modifier(Modifier::BOLD)
    }

    /// Values.
    #[must_use]
    pub fn value(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    /// Titles of panels; the focused one stands out.
    #[must_use]
    pub fn title(self, focused: bool) -> Style {
        if focused {
            Style::new().add_modifier(Modifier::BOLD | Modifier::REVERSED)
        } else {
            Style::new().add_modifier(Modifier::BOLD)
        }
    }

    /// The selected row.
    #[must_use]
    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    /// Bars.
    #[must_use]
    pub fn bar(self) -> Style {
        self.colored(Color::Cyan)
    }

    /// What stands in a glyph's place in ASCII where that is to be another than on paper; the others
    /// [become ASCII](crate::terminal_kind::plain) on the screen that is there.
    #[must_use]
    pub fn glyph(self, glyph: &'static str) -> &'static str {
        match glyph {
            "→" if self.ascii => "->",
            "┐" if self.ascii => ".",
            glyph => glyph,
        }
    }

    /// A bar of `width` columns that is `part` of `whole` full, by eighths.
    #[must_use]
    pub fn gauge(self, part: u64, whole: u64, width: usize) -> String {
        const EIGHTHS: [char; 8] = ['█', '▏', '▎', '▍', '▌', '▋', '▊', '▉'];
        let (part, whole) = (u128::from(part.min(whole)), u128::from(whole.max(1)));
        let steps = if self.ascii { 1 } else { 8 };
        let filled = usize::try_from(part * (width as u128) * steps / whole).unwrap_or(0);
        let steps = usize::try_from(steps).unwrap_or(1);
        let (full, rest) = (filled / steps, filled % steps);
        let mut bar: String =
            std::iter::repeat_n(if self.ascii { '#' } else { '█' }, full).collect();
        if rest > 0 {
            bar.push(EIGHTHS[rest]);
        }
        let used = full + usize::from(rest > 0);
        bar.extend(std::iter::repeat_n(
            if self.ascii { '.' } else { '░' },
            width.saturating_sub(used),
        ));
        bar
    }

    /// A line of little bars, the newest at the right, for at most `width` columns.
    #[must_use]
    pub fn sparkline(self, history: impl DoubleEndedIterator<Item = u64>, width: usize) -> String {
        const BARS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        const ASCII: [char; 8] = ['_', '.', '.', '-', '-', '=', '=', '#'];
        let bars = if self.ascii { ASCII } else { BARS };
        let mut newest: Vec<_> = history.rev().take(width).collect();
        newest.reverse();
        let most = newest.iter().copied().max().unwrap_or(0).max(1);
        newest
            .into_iter()
            .map(|rate| {
                let height = u128::from(rate) * 7 / u128::from(most);
                bars[usize::try_from(height).unwrap_or(7).min(7)]
            })
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gauge_has_its_width_and_is_full_only_at_the_end() {
        let theme = Theme::default();
        for (part, bar) in [
            (0, "░░░░"),
            (1, "▍░░░"),
            (5, "██░░"),
            (10, "████"),
            (99, "████"),
        ] {
            assert_eq!(theme.gauge(part, 10, 4), bar, "{part}");
        }
        let ascii = Theme {
            ascii: true,
            ..theme
        };
        assert_eq!(ascii.gauge(5, 10, 4), "##..");
        assert_eq!(theme.gauge(0, 0, 2), "░░");
    }

    #[test]
    fn a_sparkline_is_as_high_as_its_highest() {
        let theme = Theme::default();
        assert_eq!(theme.sparkline([0, 5, 10].into_iter(), 9), "▁▄█");
        assert_eq!(theme.sparkline([1, 2, 3].into_iter(), 2), "▅█");
        assert_eq!(theme.sparkline([0, 0].into_iter(), 2), "▁▁");
    }

    fn styles(theme: Theme) -> [Style; 9] {
        [
            theme.mode(Mode::UnsafeRace),
            theme.mode(Mode::Lock),
            theme.mode(Mode::Atomic),
            theme.alarm(),
            theme.danger(),
            theme.good(),
            theme.notice(),
            theme.neutral(),
            theme.bar(),
        ]
    }

    #[test]
    fn without_colour_nothing_has_one() {
        let theme = Theme {
            colors: Colors::None,
            ascii: false,
        };
        for style in styles(theme) {
            assert_eq!((style.fg, style.bg), (None, None));
        }
    }

    #[test]
    fn with_eight_colours_nothing_has_a_light_one() {
        let theme = Theme {
            colors: Colors::Eight,
            ascii: false,
        };
        let dark = [
            Color::Black,
            Color::Red,
            Color::Yellow,
            Color::Blue,
            Color::Cyan,
            Color::Gray,
        ];
        for style in styles(theme) {
            for color in [style.fg, style.bg].into_iter().flatten() {
                assert!(dark.contains(&color), "{style:?}");
            }
        }
    }
}
