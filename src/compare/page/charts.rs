//! The charts, as SVG.
//!
//! Their colours are those of the light page. The style sheet finds them by these very values and
//! replaces them in the dark and in print, so a chart needs no script and no second copy.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::compare::picture::Share;
use crate::compare::result::Row;
use crate::compare::statistics::Spread;
use crate::compare::table::{count, rate};

const WIDTH: u32 = 900;
/// What a bar is filled with, and the part of it that is duplicates.
const BAR: RGBColor = RGBColor(0x2A, 0x6F, 0xB0);
const AGAIN: RGBColor = RGBColor(0xC2, 0x41, 0x0C);
const SPREAD: RGBColor = RGBColor(0x12, 0x29, 0x3F);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);
const FONT: (&str, u32) = ("sans-serif", 15);

type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// Draws into a string. In memory nothing fails that depends on the machine; should it, the page says
/// so in the chart's place.
fn svg(height: u32, draw: impl FnOnce(&Area) -> Drawn) -> String {
    let mut text = String::new();
    let drawn = {
        let area = SVGBackend::with_string(&mut text, (WIDTH, height)).into_drawing_area();
        draw(&area).and_then(|()| Ok(area.present()?))
    };
    match drawn {
        Ok(()) => text,
        Err(_) => "<p>(this chart could not be drawn)</p>".to_owned(),
    }
}

/// A bar for each mode that has a rate: the median of its runs, and a line from the slowest run to
/// the fastest.
pub(super) fn throughput(rows: &[(&Row, Spread)]) -> String {
    let most = rows
        .iter()
        .map(|(_, spread)| spread.most)
        .fold(1.0, f64::max);
    let bars = u32::try_from(rows.len()).unwrap_or(u32::MAX).clamp(1, 40);
    svg(56 + 44 * bars, |area| {
        let bars = i32::try_from(bars)?;
        let name = |place: &SegmentValue<i32>| match place {
            SegmentValue::CenterOf(bar) => usize::try_from(*bar)
                .ok()
                .and_then(|bar| rows.iter().rev().nth(bar))
                .map_or_else(String::new, |(row, _)| short(&row.label)),
            _ => String::new(),
        };
        let mut chart = ChartBuilder::on(area)
            .margin_right(90)
            .margin_top(4)
            .x_label_area_size(44)
            .y_label_area_size(150)
            .build_cartesian_2d(0.0..most * 1.02, (0..bars - 1).into_segmented())?;
        chart
            .configure_mesh()
            .disable_y_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .x_labels(6)
            .y_labels(rows.len() + 1)
            .x_label_formatter(&|value| rate(*value))
            .y_label_formatter(&name)
            .x_desc("draws a second")
            .label_style(FONT)
            .draw()?;
        // Segments count from below, and the first mode stands on top.
        for ((_, spread), bar) in rows.iter().rev().zip(0..bars) {
            let (low, middle) = (SegmentValue::Exact(bar), SegmentValue::CenterOf(bar));
            let high = SegmentValue::Exact(bar + 1);
            let mut shape = Rectangle::new([(0.0, low), (spread.median, high)], BAR.filled());
            shape.set_margin(8, 8, 0, 0);
            chart.draw_series([shape])?;
            if spread.most > spread.least {
                chart.draw_series([PathElement::new(
                    [
                        (spread.least, middle.clone()),
                        (spread.most, middle.clone()),
                    ],
                    SPREAD.stroke_width(3),
                )])?;
                for end in [spread.least, spread.most] {
                    chart.draw_series([EmptyElement::at((end, middle.clone()))
                        + PathElement::new([(0, -7), (0, 7)], SPREAD.stroke_width(3))])?;
                }
            }
            chart.draw_series([EmptyElement::at((spread.most, middle))
                + Text::new(rate(spread.median), (8, -8), FONT)])?;
        }
        Ok(())
    })
}

/// How many draws got a number that was handed out more than once, over the position of the draw in
/// its client's file.
pub(super) fn positions(bins: &[u64], longest: u64) -> String {
    let most = bins.iter().copied().max().unwrap_or(0).max(1);
    svg(200, |area| {
        let longest = longest.max(1);
        let mut chart = ChartBuilder::on(area)
            .margin_right(20)
            .margin_top(8)
            .x_label_area_size(44)
            .y_label_area_size(80)
            .build_cartesian_2d(0..longest, 0..most + most.div_ceil(20))?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .y_labels(5)
            .x_labels(8)
            .x_label_formatter(&|value| count(*value))
            .y_label_formatter(&|value| count(*value))
            .x_desc("draw of its client, from the first to the last")
            .label_style(FONT)
            .draw()?;
        let parts = bins.len() as u64;
        for (bin, &height) in (0..parts).zip(bins) {
            let (from, to) = (bin * longest / parts, (bin + 1) * longest / parts);
            let mut bar = Rectangle::new([(from, 0), (to, height)], AGAIN.filled());
            bar.set_margin(0, 0, 1, 1);
            chart.draw_series([bar])?;
        }
        Ok(())
    })
}

/// A bar for each client: all its numbers, and how many of them are duplicates.
pub(super) fn shares(shares: &[Share]) -> String {
    let most = shares
        .iter()
        .map(|share| share.numbers)
        .max()
        .unwrap_or(0)
        .max(1);
    svg(200, |area| {
        let clients = i32::try_from(shares.len())?.max(1);
        let name = |place: &SegmentValue<i32>| match place {
            SegmentValue::CenterOf(client) => usize::try_from(*client)
                .ok()
                .and_then(|client| shares.get(client))
                .map_or_else(String::new, |share| {
                    short(share.file.trim_end_matches(".txt"))
                }),
            _ => String::new(),
        };
        let mut chart = ChartBuilder::on(area)
            .margin_right(20)
            .margin_top(8)
            .x_label_area_size(26)
            .y_label_area_size(80)
            .build_cartesian_2d(
                (0..clients - 1).into_segmented(),
                0..most + most.div_ceil(20),
            )?;
        chart
            .configure_mesh()
            .disable_x_mesh()
            .light_line_style(TRANSPARENT)
            .bold_line_style(GRID)
            .y_labels(5)
            .x_labels(shares.len().min(8))
            .x_label_formatter(&name)
            .y_label_formatter(&|value| count(*value))
            .label_style(FONT)
            .draw()?;
        let margin = (300 / u32::try_from(clients)?).min(30);
        for (share, client) in shares.iter().zip(0..clients) {
            for (height, colour) in [(share.numbers, BAR), (share.duplicates, AGAIN)] {
                let (from, to) = (SegmentValue::Exact(client), SegmentValue::Exact(client + 1));
                let mut bar = Rectangle::new([(from, 0), (to, height)], colour.filled());
                bar.set_margin(0, 0, margin, margin);
                chart.draw_series([bar])?;
            }
        }
        Ok(())
    })
}

/// A name that fits beside a bar: the end of it, where folders differ.
fn short(name: &str) -> String {
    const LONGEST: usize = 18;
    let length = name.chars().count();
    if length <= LONGEST {
        return name.to_owned();
    }
    let end: String = name.chars().skip(length - LONGEST + 1).collect();
    format!("…{end}")
}
