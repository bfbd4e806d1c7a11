//! The result as a page of HTML: one file that needs nothing else, no network and no script.
//!
//! All text goes through maud, which escapes it: commands, file names and what a server printed are
//! other people's. What goes in as it is, is our own style sheet.

mod bars;
mod duplicates;

use maud::{DOCTYPE, Markup, PreEscaped, html};

use super::result::{Comparison, Row};
use super::settings::Settings;
use super::table::{MANY, MANY_LINES, headline, how_timed, lines, runs_with, trouble, verdict};
use crate::check::Verdict;
use crate::grouped::grouped;

const STYLE: &str = include_str!("style.css");
/// More bars than this are no picture.
const MAX_RATES: usize = 40;
/// How many runs that went wrong are told one by one.
const TOLD: usize = 50;

/// The whole page.
#[must_use]
pub fn page(comparison: &Comparison) -> String {
    let rows = worst_first(comparison);
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
                    p.soft { "Was any number handed out twice?" }
                    h1 { (verdict(comparison)) }
                    @if let Some(headline) = headline(comparison) { p.soft { (headline) } }
                }
                (verdicts(&rows))
                (troubles(comparison))
                (throughput(&rows))
                (figures(comparison, &rows))
                (duplicates::by_mode(comparison, &rows))
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

/// What is wrong stands first, on a narrow screen too; else the order is that of the comparison.
fn worst_first(comparison: &Comparison) -> Vec<&Row> {
    let mut rows: Vec<&Row> = comparison.modes.iter().collect();
    rows.sort_by_key(|row| match row.verdict {
        Verdict::Wrong => 0,
        Verdict::Unusable => 1,
        Verdict::Clean => 2,
    });
    rows
}

/// Of many folders those that are clean stand in the table only.
fn verdicts(rows: &[&Row]) -> Markup {
    let many = rows.len() > MANY;
    let clean = rows
        .iter()
        .filter(|row| row.verdict == Verdict::Clean)
        .count();
    html! {
        ul.verdicts {
            @for row in rows.iter().filter(|row| !(many && row.verdict == Verdict::Clean)) {
                li {
                    @match row.verdict {
                        Verdict::Wrong => span.mark.again { "✗" },
                        Verdict::Unusable => span.mark.unclear { "?" },
                        Verdict::Clean => span.mark.good { "○" },
                    }
                    strong { (row.label) } ": " (row.sentence())
                    @if row.runs > 1 { "; runs with a duplicate: " (runs_with(row)) }
                }
            }
            @if many && clean > 0 {
                li { span.mark.good { "○" } strong { (grouped(clean)) " others" } ": clean (no duplicate seen)" }
            }
        }
    }
}

fn troubles(comparison: &Comparison) -> Markup {
    let troubles: Vec<String> = comparison.runs.iter().flat_map(trouble).collect();
    html! {
        @if !troubles.is_empty() {
            h2 { "What did not go as it should" }
            ul {
                @for line in troubles.iter().take(TOLD) { li { (line.trim_start_matches("! ")) } }
                @if troubles.len() > TOLD { li { "and " (troubles.len() - TOLD) " more" } }
            }
        }
    }
}

fn figures(comparison: &Comparison, rows: &[&Row]) -> Markup {
    let several = rows.iter().any(|row| row.runs > 1);
    let lines = lines(several, rows);
    html! {
        h2 { "The figures" }
        @if rows.len() > MANY { (long_table(rows)) } @else { (wide_table(rows, &lines)) }
        @if several {
            p.soft {
                "Counts are those of all runs together. The interval is Wilson's: were it made of every "
                "comparison like this, 95 of 100 would hold the true share of runs with a duplicate."
            }
        }
        @if rows.iter().any(|row| row.median_ns.is_some()) {
            p.soft { (how_timed(comparison)) }
        }
    }
}

/// A column for each mode.
fn wide_table(rows: &[&Row], lines: &[super::table::Line]) -> Markup {
    let alarm = |name: &str, row: &Row, text: &str| {
        let counted = matches!(name, "duplicates" | "extras" | "lost updates");
        (counted && text.chars().any(|c| matches!(c, '1'..='9')))
            || (name == "server's count" && row.counts_agree == Some(false))
    };
    html! {
        div.wide { table.figures {
            thead { tr { th scope="col" {} @for row in rows { th scope="col" { (row.label) } } } }
            tbody {
                @for (name, text) in lines {
                    tr {
                        th scope="row" { (name.trim_start()) }
                        @for row in rows {
                            @let text = text(row);
                            td.again[alarm(name, row, &text)] { (text) }
                        }
                    }
                }
            }
        } }
    }
}

/// A line for each of many folders.
fn long_table(rows: &[&Row]) -> Markup {
    html! {
        div.wide { table.figures {
            thead { tr { th scope="col" {} @for (name, _) in MANY_LINES { th scope="col" { (name) } } } }
            tbody {
                @for row in rows {
                    tr {
                        th scope="row" { (row.label) }
                        @for (_, text) in MANY_LINES { td.again[row.verdict == Verdict::Wrong] { (text(row)) } }
                    }
                }
            }
        } }
    }
}

fn throughput(rows: &[&Row]) -> Markup {
    let rows: Vec<_> = rows
        .iter()
        .filter_map(|row| Some((*row, row.draws_per_second?)))
        .take(MAX_RATES)
        .collect();
    let spread = rows.iter().any(|(_, spread)| spread.most > spread.least);
    html! {
        // One bar alone is beside nothing.
        @if rows.len() > 1 {
            h2 { "Draws a second" }
            figure.chart #throughput {
                (bars::rates(&rows))
                figcaption {
                    @if spread { "The median of the runs; in brackets the slowest run and the fastest. " }
                    "The window stands inside the lock: what is slow there, everybody waits for."
                }
            }
        }
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
        ("list", settings.size.map_or("unknown".into(), grouped)),
        ("clients", grouped(settings.clients)),
        ("draws of each", grouped(settings.draws)),
        ("numbers a request", grouped(settings.request)),
        ("runs", grouped(settings.runs)),
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
    use crate::compare::picture::{Lane, Lanes, Picture, Share};
    use crate::compare::result::Run;
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
                    each: vec![Lane {
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
        for word in ["http:", "https:", "url(", "@import", "src="] {
            assert!(!page.contains(word), "{word}");
        }
        assert_eq!(page.matches("<figure").count(), 1);
    }

    #[test]
    fn a_page_of_nothing_is_a_page() {
        for runs in [vec![], vec![Run::default()]] {
            let page = page(&Comparison::new(None, runs));
            assert!(page.ends_with("</html>"));
        }
    }

    #[test]
    fn what_is_wrong_stands_first_and_what_is_unclear_is_not_green() {
        let run = |label: &str, extras, not_understood| Run {
            label: label.into(),
            files: crate::compare::result::Counts {
                draws: 10,
                distinct: 10 - extras,
                duplicates: extras,
                extras,
                not_understood,
                unclear: not_understood,
                ..Default::default()
            },
            ..Run::default()
        };
        let few = vec![run("first", 0, 0), run("second", 0, 3), run("third", 1, 0)];
        let page = page(&Comparison::new(None, few.clone()));
        let body = &page[page.find("<body").unwrap()..];
        let h1 = &body[body.find("<h1>").unwrap()..body.find("</h1>").unwrap()];
        assert!(
            h1.ends_with("Handed out twice: third; not known: second; none seen twice: first"),
            "{h1}"
        );
        let table = &body[body.find("<thead>").unwrap()..body.find("</thead>").unwrap()];
        let at = |label| table.find(label).unwrap();
        assert!(
            at("third") < at("second") && at("second") < at("first"),
            "{table}"
        );
        assert_eq!(body.matches("mark good").count(), 1);
        assert!(!body.contains("lost updates"), "nobody knows them");
        let many = (0..80)
            .map(|index| run(&format!("s{index}"), 0, 0))
            .chain(few);
        let page = super::page(&Comparison::new(None, many.collect()));
        assert_eq!(
            page.matches("<li>").count(),
            2 + 1,
            "the others in one line"
        );
    }
}
