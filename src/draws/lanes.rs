//! One order as a picture: a lane a session, time downward, the shared counter between them.
//!
//! The table alone hides when each read happened. Lanes show it: a bracket spans the gap between a read and a
//! write in which another session has moved the counter, and the write at its end says what it did. Those
//! who drew an execution as lanes found the bug; those who ran the program again did not [Fleming et al.,
//! ICSE 2008]. A pure function from what happened to text, at most [`WIDTH`] columns wide; what a colour could
//! say, a mark says.

use std::fmt::Write;

use super::cells::{Cell, Words, cell, gaps, say};
use super::replay::{Row, Run};
use crate::orders::schedule::letter;

/// A terminal of the usual size.
pub const WIDTH: usize = 80;

/// The lanes of a run, then the assignment's table, each line ended. Who has no letter has no lane.
#[must_use]
pub fn render(run: &Run, list: &[u32]) -> String {
    picture(run, list, WIDTH, 2) + &run.table().render(list, WIDTH)
}

/// The lanes alone, of at most `width` columns if steps can be told in so few. The first `at_least` sessions have a
/// lane even if they have no letter.
#[must_use]
pub fn picture(run: &Run, list: &[u32], width: usize, at_least: usize) -> String {
    let gaps = gaps(run);
    let table = run.table();
    let mut shown: Vec<usize> = (0..run.sessions)
        .filter(|&session| {
            (at_least > 2 && session < at_least)
                || run.rows.iter().any(|row| row.session == session)
        })
        .collect();
    if shown.len() < 2 {
        shown = (0..run.sessions.min(2)).collect();
    }
    let pictured = |words: Words| -> Vec<(&Row, Vec<Cell>)> {
        let rows = run.rows.iter().enumerate();
        rows.map(|(index, row)| {
            let cell = |&session| cell(run, list, &gaps, &table.skipped, words, index, session);
            (row, shown.iter().map(cell).collect())
        })
        .collect()
    };
    let long = pictured(Words::Long);
    lanes(run, &shown, &long, Words::Long, width)
        .or_else(|| lanes(run, &shown, &pictured(Words::Short), Words::Short, width))
        .unwrap_or_else(|| one_lane(run, &shown, &long))
}

fn holders(row: &Row) -> String {
    if row.holders.is_empty() {
        "-".to_owned()
    } else {
        row.holders.iter().map(|&holder| letter(holder)).collect()
    }
}

/// The width of a text as a terminal shows it: every glyph here takes one column.
fn columns(text: &str) -> usize {
    text.chars().count()
}

/// A lane a session, with the counter after the first half of them. `None` if that is wider than `width`.
fn lanes(
    run: &Run,
    shown: &[usize],
    rows: &[(&Row, Vec<Cell>)],
    words: Words,
    width: usize,
) -> Option<String> {
    let widest = |lane: usize, of: &dyn Fn(&Cell) -> usize| {
        let cells = rows.iter().map(|(_, cells)| of(&cells[lane]));
        cells.max().unwrap_or(0)
    };
    let texts: Vec<usize> = (0..shown.len())
        .map(|lane| widest(lane, &|cell| columns(&cell.text)).max(6))
        .collect();
    // What stands behind a cell's text: the bracket, and in long words the mark.
    let behind = |cell: &Cell| match words {
        Words::Long => format!(" {} {}", cell.bracket, cell.mark)
            .trim_end()
            .to_owned(),
        Words::Short => format!(" {}", cell.bracket).trim_end().to_owned(),
    };
    let lanes: Vec<usize> = (0..shown.len())
        .map(|lane| texts[lane] + widest(lane, &|cell| columns(&behind(cell))))
        .collect();
    let middle = shown.len().div_ceil(2);
    let counter = if run.locks {
        "COUNTER  LOCK"
    } else {
        "COUNTER"
    };
    let line = |head: &str, lane: &dyn Fn(usize) -> String, centre: &str, end: &str| {
        let mut line = format!("{head:>5}   ");
        for (number, wide) in lanes.iter().enumerate() {
            if number == middle {
                _ = write!(line, "{centre}   ");
            }
            _ = write!(line, "{:wide$}  ", lane(number));
        }
        if lanes.len() == middle {
            line.push_str(centre);
        }
        line.push_str(end);
        line.trim_end().to_owned()
    };
    let head = |lane: usize| letter(shown[lane]).to_string();
    let mut lines = vec![line("step", &head, counter, "")];
    for (index, (row, cells)) in rows.iter().enumerate() {
        let mut centre = format!("{:^7}", row.counter);
        if run.locks {
            centre = format!("{centre}  {:^4}", holders(row));
        }
        let lane = |lane: usize| {
            let wide = texts[lane];
            format!("{:wide$}{}", cells[lane].text, behind(&cells[lane]))
        };
        // At the right stands what this step's own session has done.
        let own = shown.iter().position(|&session| session == row.session);
        let end = match (words, own) {
            (Words::Short, Some(own)) => cells[own].mark.as_str(),
            _ => "",
        };
        lines.push(line(&(index + 1).to_string(), &lane, &centre, end));
    }
    let fits = lines.iter().all(|line| columns(line) <= width);
    fits.then(|| lines.join("\n") + "\n")
}

/// Everybody in one lane, for more sessions than fit side by side.
fn one_lane(run: &Run, shown: &[usize], rows: &[(&Row, Vec<Cell>)]) -> String {
    let mut text = String::from(" step   COUNTER");
    text.push_str(if run.locks {
        "  LOCK   who\n"
    } else {
        "   who\n"
    });
    for (index, (row, cells)) in rows.iter().enumerate() {
        _ = write!(text, "{:>5}   {:^7}", index + 1, row.counter);
        if run.locks {
            _ = write!(text, "  {:^4}", holders(row));
        }
        let own = shown.iter().position(|&session| session == row.session);
        let cell = own.and_then(|own| cells.get(own));
        let said = cell.map_or_else(|| say(run, &[], row), |cell| cell.text.clone());
        _ = write!(text, "   {} {said}", letter(row.session));
        if let Some(cell) = cell
            && !cell.mark.is_empty()
        {
            _ = write!(text, "   {}", cell.mark);
        }
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::draw::gallery::Mutexes;
    use crate::draw::notation::parse_program;
    use crate::draws::{Model, replay};

    const LIST: [u32; 6] = [5, 19, 228, 665, 7, 11];

    fn drawn(program: &str, mutexes: Mutexes, draws: &[u64], schedule: &str) -> String {
        let program = parse_program(program).unwrap();
        let model = Model::new(&program, mutexes, draws, 6, 0).unwrap();
        let text = render(&replay(&model, &schedule.parse().unwrap()), &LIST);
        for line in text.lines() {
            assert!(columns(line) <= WIDTH, "{line}");
            assert_eq!(line, line.trim_end());
        }
        assert!(crate::terminal_kind::ascii(&text).is_ascii());
        text
    }

    #[test]
    fn a_lost_update() {
        let text = drawn(
            "load window store",
            Mutexes::Shared,
            &[4, 2],
            "AAAABAABAABB",
        );
        insta::assert_snapshot!(text);
        insta::assert_snapshot!("a_lost_update_in_ascii", crate::terminal_kind::ascii(&text));
    }

    #[test]
    fn a_skipped_number() {
        insta::assert_snapshot!(drawn(
            "load window add",
            Mutexes::Shared,
            &[4, 2],
            "AAAABAABAABB"
        ));
    }

    #[test]
    fn a_lock_and_who_waits_for_it() {
        let program = "lock load window store unlock";
        insta::assert_snapshot!(drawn(program, Mutexes::Shared, &[1, 1], "AABAABBBBBC"));
    }

    #[test]
    fn a_lock_of_ones_own() {
        let program = "lock load window store unlock";
        insta::assert_snapshot!(drawn(program, Mutexes::Own, &[1, 1], "AABBBBAA"));
    }

    #[test]
    fn a_draw_that_begins_again() {
        let program = "load window store_if_unchanged";
        insta::assert_snapshot!(drawn(program, Mutexes::Shared, &[1, 1], "ABBAAA"));
    }

    #[test]
    fn three_sessions_and_six() {
        insta::assert_snapshot!(drawn("fetch_add", Mutexes::Shared, &[1, 2, 1], "ABCB"));
        let text = drawn(
            "load window store",
            Mutexes::Shared,
            &[1; 6],
            "ABCDEFFEDCBA",
        );
        insta::assert_snapshot!("six_sessions", text);
        let text = drawn("load window store", Mutexes::Shared, &[1, 1, 2], "ABCABCCC");
        insta::assert_snapshot!("three_sessions_in_short", text);
        // Who has no letter has no lane.
        let text = drawn("load window store", Mutexes::Shared, &[1; 6], "BFFB");
        insta::assert_snapshot!("two_of_six_sessions", text);
    }

    #[test]
    fn sold_out() {
        insta::assert_snapshot!(drawn(
            "load store",
            Mutexes::Shared,
            &[5, 3],
            "AAAAAAAAAABBBBB"
        ));
    }
}
