//! How many orders are left, in figures that fit a line; and before that is asked, and after it, what can be done.

use std::fmt::Write;

use ratatui::style::Style;
use ratatui::text::{Line, Span};

use super::state::{Asked, State};
use super::{Game, Verdict};
use crate::dashboard::order::headed;
use crate::grouped::grouped;
use crate::orders::Left;

/// What can be asked; how many orders are left, once that is asked; and what comes next, when an order has shown
/// what it shows.
pub(super) fn ahead<G: Game>(state: &State<G>, width: usize) -> Line<'static> {
    let line = |head, text: &str| headed(head, text, Style::new(), width, state.theme);
    match state.verdict {
        Verdict::Reached(_) | Verdict::Missed | Verdict::Shown | Verdict::Clean => {
            line(" NEXT  ", &state.game.afterwards())
        }
        _ if state.asked == Asked::Nothing => {
            line(" ORDERS LEFT  ", "? counts them, and says whether you can")
        }
        _ => orders_left(state, width),
    }
}

/// How many orders are left, and a bar of how many of them are bad.
fn orders_left<G: Game>(state: &State<G>, width: usize) -> Line<'static> {
    let theme = state.theme;
    let head = Span::styled(" ORDERS LEFT  ", theme.value());
    let Some(left) = state.game.left(&state.letters) else {
        let text = if state.game.is_exhaustive() {
            "without number: an order need not come to an end"
        } else {
            "many: more than were looked at"
        };
        return Line::from(vec![head, Span::raw(text)]);
    };
    let mut text = counted(left.all());
    _ = write!(
        text,
        "   bad {}   clean {}   ",
        counted(left.bad),
        counted(left.clean)
    );
    let percent = format!(" {} bad", percent(left));
    let room = width.saturating_sub(14 + text.chars().count() + percent.len() + 1);
    let bar = if room >= 8 { room.min(24) } else { 0 };
    let (part, whole) = in_little(left);
    Line::from(vec![
        head,
        Span::raw(text),
        Span::styled(theme.gauge(part, whole, bar), theme.danger()),
        Span::styled(percent, theme.value()),
    ])
}

/// Bad orders and all of them as two numbers in the same relation that fit a bar.
fn in_little(left: Left) -> (u64, u64) {
    let shift = (128 - left.all().leading_zeros()).saturating_sub(60);
    let little = |count: u128| u64::try_from(count >> shift).unwrap_or(u64::MAX);
    (little(left.bad), little(left.all()))
}

/// Never rounded to none or all unless it is.
fn percent(left: Left) -> String {
    let (part, whole) = in_little(left);
    let tenths = u128::from(part) * 1_000 / u128::from(whole.max(1));
    let nearest = (u128::from(part) * 2_000 / u128::from(whole.max(1))).div_ceil(2);
    match (left.bad, left.clean) {
        (0, _) => "0 %".to_owned(),
        (_, 0) => "100 %".to_owned(),
        _ if tenths == 0 => "< 0.1 %".to_owned(),
        _ if nearest >= 1_000 => "> 99.9 %".to_owned(),
        _ => format!("{}.{} %", nearest / 10, nearest % 10),
    }
}

/// With commas; what is too long for a line, by its length.
pub(super) fn counted(count: u128) -> String {
    if count == u128::MAX {
        return "over 10^38".to_owned();
    }
    let digits = count.to_string();
    if digits.len() > 15 {
        return format!(
            "{}.{} x 10^{}",
            &digits[..1],
            &digits[1..3],
            digits.len() - 1
        );
    }
    grouped(digits)
}
