//! The result as a page of HTML: one file that needs nothing else, no network and no script.
//!
//! All text goes through maud, which escapes it: commands, file names and what a server printed are
//! other people's. What goes in as it is, is our own style sheet and the charts, whose library
//! escapes their words.

mod charts;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::picture::{Lane, Lanes, Picture, Share};
use super::result::{Comparison, Row, Run};
use super::settings::Settings;
use super::table::{count, headline, how_timed, lines, runs_with, trouble};

const STYLE: &str = include_str!("style.css");
/// The parts into which the positions of draws fall.
const BINS: usize = 50;
/// No page shows charts of more modes than this; the table has them all.
const CHARTS: usize = 8;
/// How many of the first duplicates are listed.
const LISTED: usize = 10;
/// How many runs that went wrong are told one by one.
const TOLD: usize = 50;

/// The whole page.
#[must_use]
pub fn page(comparison: &Comparison) -> String {
    let began = comparison.runs.first().map_or("", |run| run.began.as_str());
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                title { "lootbox compare" }
                // No request for an icon either.
                link rel="icon" href="data:,";
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { "Was any number handed out twice?" }
                    @if let Some(headline) = headline(comparison) { p.soft { (headline) } }
                }
                (verdicts(comparison))
                (figures(comparison))
                (throughput(comparison))
                (by_mode(comparison))
                (settings(comparison))
                footer {
                    "Written by lootbox " (comparison.version)
                    @if !began.is_empty() { "; the first run began " (began) }
                    "."
                }
            }
        }
    }
    .into_string()
}

fn verdicts(comparison: &Comparison) -> Markup {
    let troubles: Vec<String> = comparison.runs.iter().flat_map(trouble).collect();
    html! {
        ul.verdicts {
            @for row in &comparison.modes {
                li {
                    @if row.files.extras > 0 { span.mark.again { "✗" } }
                    @else if row.files.draws == 0 { span.mark { "?" } }
                    @else { span.mark.good { "○" } }
                    strong { (row.label) } ": " (row.verdict())
                    @if row.runs > 1 { "; runs with a duplicate: " (runs_with(row)) }
                }
            }
        }
        @if !troubles.is_empty() {
            h2 { "What did not go as it should" }
            ul {
                @for line in troubles.iter().take(TOLD) { li { (line.trim_start_matches("! ")) } }
                @if troubles.len() > TOLD { li { "and " (troubles.len() - TOLD) " more" } }
            }
        }
    }
}

fn figures(comparison: &Comparison) -> Markup {
    let several = comparison.modes.iter().any(|row| row.runs > 1);
    let alarm = |name: &str, row: &Row, text: &str| {
        let counted = matches!(name, "duplicates" | "extras" | "lost updates");
        (counted && text.chars().any(|c| matches!(c, '1'..='9')))
            || (name == "server's count" && row.counts_agree == Some(false))
    };
    html! {
        h2 { "The figures" }
        div.wide { table.figures {
            thead { tr { th scope="col" {} @for row in &comparison.modes { th scope="col" { (row.label) } } } }
            tbody {
                @for (name, text) in lines(several) {
                    tr {
                        th scope="row" { (name.trim_start()) }
                        @for row in &comparison.modes {
                            @let text = text(row);
                            td.again[alarm(name, row, &text)] { (text) }
                        }
                    }
                }
            }
        } }
        @if several {
            p.soft {
                "Counts are those of all runs together. The interval is Wilson's: were it made of every "
                "comparison like this, 95 of 100 would hold the true share of runs with a duplicate."
            }
        }
        @if comparison.modes.iter().any(|row| row.median_ns.is_some()) {
            p.soft { (how_timed(comparison)) }
        }
    }
}

fn throughput(comparison: &Comparison) -> Markup {
    let rows: Vec<_> = comparison
        .modes
        .iter()
        .take(40)
        .filter_map(|row| Some((row, row.draws_per_second?)))
        .collect();
    let spread = rows.iter().any(|(_, spread)| spread.most > spread.least);
    html! {
        @if !rows.is_empty() {
            h2 { "Throughput" }
            figure.chart #throughput role="img" aria-label="draws a second by mode" {
                (PreEscaped(charts::throughput(&rows)))
                figcaption {
                    @if spread { "The median of the runs; the line goes from the slowest run to the fastest." }
                    @else { "One run of each mode, so there is no spread to show: --runs 10 gives one." }
                    " The window stands inside the lock: what is slow there, everybody waits for."
                }
            }
        }
    }
}

/// The charts of each mode: duplicates by position, shares, lanes.
fn by_mode(comparison: &Comparison) -> Markup {
    let of = |row: &Row| -> Vec<&Run> {
        let runs = comparison.runs.iter();
        runs.filter(|run| run.label == row.label && run.picture.is_some())
            .collect()
    };
    html! {
        @for row in comparison.modes.iter().take(CHARTS) {
            @let runs = of(row);
            @if row.files.draws > 0 && !runs.is_empty() {
                section { (one_mode(row, &runs)) }
            }
        }
        @if comparison.modes.len() > CHARTS {
            p.soft { "Charts are shown for the first " (CHARTS) " only." }
        }
    }
}

fn one_mode(row: &Row, runs: &[&Run]) -> Markup {
    let pictures = || runs.iter().filter_map(|run| run.picture.as_ref());
    let together = Picture {
        positions: pictures()
            .flat_map(|picture| picture.positions.clone())
            .collect(),
        longest: pictures().map(|picture| picture.longest).max().unwrap_or(0),
        shares: add_up(pictures()),
        lanes: Vec::new(),
    };
    // No part is smaller than one draw.
    let bins = usize::try_from(together.longest).map_or(BINS, |longest| longest.min(BINS));
    let first = runs.iter().find(|run| !run.first.is_empty());
    html! {
        h2 { "Who got what: " (row.label) }
        @if together.positions.is_empty() {
            p { "No draw got a number that another draw got too: none seen in " (count(row.files.draws)) " draws." }
        } @else {
            figure.chart role="img" aria-label={ "duplicates over the position of the draw, " (row.label) } {
                (PreEscaped(charts::positions(&together.bins(bins), together.longest)))
                figcaption {
                    "How many draws got a number that another draw got too, over the position of the draw in its client's file."
                }
            }
        }
        figure.chart role="img" aria-label={ "numbers of each client, " (row.label) } {
            (PreEscaped(charts::shares(&together.shares)))
            figcaption {
                "The numbers each client got"
                @if !together.positions.is_empty() { "; the lower part of a bar, in orange, are those handed out more than once" }
                "."
            }
        }
        @if let Some(run) = first {
            (lanes(run))
        }
    }
}

/// The same client's figures in all runs, added up.
fn add_up<'a>(pictures: impl Iterator<Item = &'a Picture>) -> Vec<Share> {
    let mut all: Vec<Share> = Vec::new();
    for share in pictures.flat_map(|picture| &picture.shares) {
        match all.iter_mut().find(|one| one.file == share.file) {
            Some(one) => {
                one.numbers += share.numbers;
                one.duplicates += share.duplicates;
            }
            None => all.push(share.clone()),
        }
    }
    all
}

fn lanes(run: &Run) -> Markup {
    let lanes = run
        .picture
        .as_ref()
        .map_or(&[][..], |picture| &picture.lanes);
    html! {
        h3 { "The first duplicates" @if run.run > 1 { " (run " (run.run) ")" } }
        @for one in lanes { (lane_table(one)) }
        p.soft {
            "Each column is a client's own file, from top to bottom; the rows are aligned at the duplicate. "
            "When the others' draws came, relative to these, files do not tell."
        }
        @let rest: Vec<_> = run
            .first
            .iter()
            .filter(|first| lanes.iter().all(|lanes| lanes.number != first.number))
            .take(LISTED)
            .collect();
        @if !rest.is_empty() {
            p {
                "Others: "
                @for (index, first) in rest.into_iter().enumerate() {
                    @if index > 0 { "; " }
                    strong { (first.number) } " in " (first.places.join(", "))
                }
                "."
            }
        }
    }
}

fn lane_table(lanes: &Lanes) -> Markup {
    let cell = |lane: &Lane, offset: i64| {
        let line = lane.line.checked_add_signed(offset)?;
        Some((line, lane.lines.get(&line)?.clone()))
    };
    html! {
        div.wide { table.lanes {
            caption.soft style="text-align:left" {
                strong { (lanes.number) } " was handed out " (lanes.count) " times"
                @if (lanes.lanes.len() as u64) < lanes.count { ", here the first " (lanes.lanes.len()) }
            }
            thead { tr { @for lane in &lanes.lanes { th scope="col" { (lane.file) } } } }
            tbody {
                @for offset in -2..=2 {
                    tr {
                        @for lane in &lanes.lanes {
                            td.again[offset == 0] {
                                @if let Some((line, text)) = cell(lane, offset) {
                                    span.line { (line) } (text) @if offset == 0 { " ◀" }
                                }
                            }
                        }
                    }
                }
            }
        } }
    }
}

fn settings(comparison: &Comparison) -> Markup {
    html! {
        h2 { "Settings" }
        @if let Some(settings) = &comparison.settings { (set(settings)) }
        table.settings {
            tr { th scope="row" { "cores" } td { (comparison.cores) } }
            tr { th scope="row" { "lootbox" } td { (comparison.version) } }
        }
        @if let Some(repeat) = &comparison.repeat {
            h3 { "Again" }
            pre { (repeat) }
            p.soft { "The lists are the same each time. The order in which threads run is the operating system's, so the counts of a race are not." }
        }
    }
}

fn set(settings: &Settings) -> Markup {
    let modes: Vec<_> = settings.modes.iter().map(|mode| mode.name()).collect();
    let mut all = match &settings.server {
        Some(server) => vec![("server", server.clone())],
        None => vec![
            ("modes", modes.join(", ")),
            ("window", settings.window.to_string()),
            ("grain", settings.grain.to_string()),
            ("seed of the first run", settings.seed.to_string()),
        ],
    };
    let built_in = format!(
        "built in, {} dialect",
        if settings.course { "course" } else { "line" }
    );
    all.extend([
        ("list", settings.size.map_or("unknown".into(), count)),
        ("clients", count(settings.clients)),
        ("draws of each", count(settings.draws)),
        ("numbers a request", count(settings.request)),
        ("runs", count(settings.runs)),
        ("client", settings.client.clone().unwrap_or(built_in)),
    ]);
    html! {
        table.settings {
            @for (name, value) in all { tr { th scope="row" { (name) } td { (value) } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::compare::result::{Delivered, End, Failure, First};

    const HOSTILE: &str = "<script>alert('&\"')</script>";

    fn hostile() -> Comparison {
        let run = Run {
            label: HOSTILE.into(),
            command: Some(HOSTILE.into()),
            seconds: Some(1.0),
            files: crate::compare::result::Counts {
                draws: 10,
                distinct: 9,
                duplicates: 1,
                extras: 1,
                ..Default::default()
            },
            failure: Some(Failure::Crashed {
                how: "exit status 1".into(),
                log: Some(HOSTILE.into()),
            }),
            clients: vec![Delivered {
                file: HOSTILE.into(),
                numbers: 3,
                end: End::Short {
                    why: HOSTILE.into(),
                },
                note: Some(HOSTILE.into()),
            }],
            first: vec![First {
                number: 5,
                count: 2,
                places: vec![HOSTILE.into()],
            }],
            picture: Some(Picture {
                shares: vec![Share {
                    file: HOSTILE.into(),
                    numbers: 10,
                    duplicates: 2,
                }],
                positions: vec![1, 10],
                longest: 10,
                lanes: vec![Lanes {
                    number: 5,
                    count: 2,
                    lanes: vec![Lane {
                        file: HOSTILE.into(),
                        line: 1,
                        lines: [(1, HOSTILE.into())].into(),
                    }],
                }],
            }),
            ..Run::default()
        };
        let settings = Settings {
            server: Some(HOSTILE.into()),
            client: Some(HOSTILE.into()),
            ..Settings::default()
        };
        Comparison::new(Some(settings), vec![run])
    }

    #[test]
    fn other_peoples_words_stay_words() {
        let page = page(&hostile());
        assert!(!page.contains("<script"), "{page}");
        assert!(page.matches("&lt;script&gt;").count() >= 9);
    }

    #[test]
    fn the_page_needs_nothing_else() {
        let page = page(&hostile());
        // The name of SVG's grammar is no address to be fetched.
        let rest = page.replace("http://www.w3.org/2000/svg", "");
        for word in ["http:", "https:", "url(", "@import", "src="] {
            assert!(!rest.contains(word), "{word}");
        }
        assert_eq!(page.matches("<svg").count(), 3);
        assert!(!page.contains("could not be drawn"));
    }

    #[test]
    fn a_page_of_nothing_is_a_page() {
        for runs in [vec![], vec![Run::default()]] {
            let page = page(&Comparison::new(None, runs));
            assert!(page.ends_with("</html>") && !page.contains("could not be drawn"));
        }
    }
}
