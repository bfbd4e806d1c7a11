//! Requests a second and the slowest of a hundred answers, over the number of clients.

use std::error::Error;

use plotters::coord::Shift;
use plotters::prelude::*;

use crate::Round;
use crate::draws::median;
use crate::load::Sample;
use crate::rows::{Row, Says, grouped};

const SIZE: (u32, u32) = (1_000, 420);
const FONT: (&str, u32) = ("sans-serif", 15);
const GRID: RGBColor = RGBColor(0xDD, 0xDD, 0xDD);

type Of = fn(&Round) -> Option<Sample>;
type Area<'a> = DrawingArea<SVGBackend<'a>, Shift>;
type Drawn = Result<(), Box<dyn Error>>;

/// Who, and in which colour.
const SERVERS: [(&str, RGBColor, Of); 3] = [
    ("lootbox serve", RGBColor(0xC2, 0x41, 0x0C), |round| {
        Some(round.lootbox)
    }),
    ("redis-server, INCR", RGBColor(0x2A, 0x6F, 0xB0), |round| {
        round.redis
    }),
    (
        "thread-per-client echo",
        RGBColor(0x55, 0x55, 0x55),
        |round| Some(round.echo),
    ),
];

/// Both graphs side by side, of the rows that ask for one number at a time.
pub fn svg(rows: &[Row], rounds: &[Vec<Round>]) -> Result<String, Box<dyn Error>> {
    let rows: Vec<(f64, &[Round])> = rows
        .iter()
        .zip(rounds)
        .filter(|(row, _)| row.says == Says::One(1))
        .map(|(row, rounds)| Ok((f64::from(u32::try_from(row.clients)?), &rounds[..])))
        .collect::<Result<_, Box<dyn Error>>>()?;
    let mut text = String::new();
    {
        let area = SVGBackend::with_string(&mut text, SIZE).into_drawing_area();
        area.fill(&WHITE)?;
        let (left, right) = area.split_horizontally(500);
        let rate = |sample: Sample| sample.per_second / 1_000.0;
        panel(&left, "thousand requests a second", &rows, &rate, false)?;
        let p99 = |sample: Sample| sample.p99.as_secs_f64() * 1_000.0;
        panel(&right, "p99 in ms", &rows, &p99, true)?;
        area.present()?;
    }
    Ok(text)
}

fn panel(
    area: &Area,
    caption: &str,
    rows: &[(f64, &[Round])],
    of: &dyn Fn(Sample) -> f64,
    steep: bool,
) -> Drawn {
    let lines = SERVERS.map(|(name, colour, sample)| {
        let points: Vec<(f64, f64)> = rows
            .iter()
            .map(|(clients, rounds)| (*clients, median(rounds.iter().filter_map(sample).map(of))))
            .collect();
        (name, colour, points)
    });
    let values = || {
        lines
            .iter()
            .flat_map(|(_, _, points)| points.iter().map(|point| point.1))
    };
    let most = values().fold(f64::MIN_POSITIVE, f64::max);
    let least = values().fold(f64::MAX, f64::min);
    let last = rows.last().map_or(2.0, |(clients, _)| *clients);
    let mut builder = ChartBuilder::on(area);
    builder
        .caption(caption, ("sans-serif", 18))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(56);
    let clients = (1.0..last * 1.1).log_scale();
    // A straight line where rates stand; powers where times do, which go from microseconds to a second.
    macro_rules! draw {
        ($scale:expr) => {{
            let mut chart = builder.build_cartesian_2d(clients, $scale)?;
            chart
                .configure_mesh()
                .light_line_style(TRANSPARENT)
                .bold_line_style(GRID)
                .x_desc("clients, one request in flight each")
                .x_label_formatter(&|clients| whole(*clients))
                .y_label_formatter(&|value| format!("{value}"))
                .label_style(FONT)
                .draw()?;
            for (name, colour, points) in lines {
                let style = colour.stroke_width(2);
                chart
                    .draw_series([PathElement::new(points.clone(), style)])?
                    .label(name)
                    .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], style));
                chart.draw_series(
                    points
                        .iter()
                        .map(|point| Circle::new(*point, 3, colour.filled())),
                )?;
            }
            let corner = if steep {
                SeriesLabelPosition::UpperLeft
            } else {
                SeriesLabelPosition::LowerRight
            };
            chart
                .configure_series_labels()
                .position(corner)
                .background_style(WHITE)
                .border_style(GRID)
                .label_font(FONT)
                .draw()?;
        }};
    }
    if steep {
        draw!((least * 0.7..most * 1.5).log_scale());
    } else {
        draw!(0.0..most * 1.15);
    }
    Ok(())
}

fn whole(number: f64) -> String {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "few clients"
    )]
    grouped(number.round() as usize)
}
