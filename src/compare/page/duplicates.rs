//! Who got what twice: the first duplicates in the clients' own files, and where the others are.

use maud::{Markup, html};

use super::bars;
use crate::compare::picture::{Lane, Lanes, Picture, Share};
use crate::compare::result::{Comparison, Row, Run};

/// The parts into which the positions of draws fall.
const BINS: usize = 50;
/// More bars than this are no picture.
const CLIENTS: usize = 40;
/// With so many duplicates, where they are is no matter of a chart.
const FEW: usize = 10;
/// No page shows charts of more modes than this; the table has them all.
const CHARTS: usize = 8;
/// How many of the first duplicates are listed.
const LISTED: usize = 10;

/// Where the duplicates are, in each mode that has some.
pub(super) fn by_mode(comparison: &Comparison, rows: &[&Row]) -> Markup {
    let of = |row: &Row| -> Vec<&Run> {
        let runs = comparison.runs.iter();
        runs.filter(|run| run.label == row.label && run.picture.is_some())
            .collect()
    };
    let with = || rows.iter().filter(|row| row.files.extras > 0);
    html! {
        @for row in with().take(CHARTS) {
            @let runs = of(row);
            @if !runs.is_empty() { section { (one_mode(row, &runs)) } }
        }
        @if with().count() > CHARTS {
            p.soft { "Where the duplicates are is shown for the first " (CHARTS) " only." }
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
        h2 { "Who got what twice: " (row.label) }
        @if let Some(run) = first {
            (lanes(run))
        }
        figure.chart {
            (bars::shares(&together.shares[..together.shares.len().min(CLIENTS)]))
            figcaption {
                "The numbers each client got; the orange part of a bar are those handed out more than once."
                @if together.shares.len() > CLIENTS { " The first " (CLIENTS) " clients." }
            }
        }
        // Of a few draws a chart says no more than the table above.
        @if together.positions.len() > FEW {
            figure.chart {
                (bars::positions(&together.bins(bins), together.longest))
                figcaption {
                    "How many draws got a number that another draw got too, over the position of the draw in its client's file."
                }
            }
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
        h3 { "The first duplicates" @if run.nth > 1 { " (run " (run.nth) ")" } }
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
                @if (lanes.each.len() as u64) < lanes.count { ", here the first " (lanes.each.len()) }
            }
            thead { tr { @for lane in &lanes.each { th scope="col" { (lane.file) } } } }
            tbody {
                @for offset in -2..=2 {
                    tr {
                        @for lane in &lanes.each {
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
