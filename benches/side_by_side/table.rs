//! The table, as Markdown.

use std::fmt::{self, Write as _};
use std::io;
use std::path::Path;
use std::process::Command;
use std::thread;
use std::time::{Duration, SystemTime};

use lootbox::draw::Mode;

use crate::Round;
use crate::draws::{Draws, median};
use crate::extras::Extras;
use crate::load::Sample;
use crate::rows::{Row, Says, grouped};

/// Between these lines of the file stands what was measured; the rest is written by hand.
const BEGIN: &str = "<!-- measured: benches/peers --write -->";
const END: &str = "<!-- end of what was measured -->";

/// Everything, with what it was measured on.
pub fn text(
    rows: &[Row],
    rounds: &[Vec<Round>],
    draws: &[Draws],
    extras: &Extras,
    redis: &str,
) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    _ = writeln!(
        text,
        "{}, {} cores ({}), {}; lootbox {} ({}, {}), redis {redis}; medians of the samples; ratios are of samples next to each other, in brackets the middle half of them.\n",
        humantime::format_rfc3339_seconds(SystemTime::now())
            .to_string()
            .split('T')
            .next()
            .unwrap_or_default(),
        thread::available_parallelism().map_or(1, usize::from),
        processor(),
        said_by("uname", &["-sr"]),
        env!("CARGO_PKG_VERSION"),
        said_by("git", &["describe", "--always", "--dirty"]),
        said_by("rustc", &["-V"]),
    );
    _ = writeln!(
        text,
        "| work | samples | lootbox | echo | redis | of the echo | of redis | with recording, of without | work a request: lootbox · echo · redis | p99 lootbox · echo · redis | failures | mark | |\n|---|---|---|---|---|---|---|---|---|---|---|---|---|"
    );
    for (row, rounds) in rows.iter().zip(rounds) {
        line(&mut text, row, rounds);
    }
    text.push_str("\nRates are requests a second; where a request is for many numbers, the draws a second stand in brackets.\n\n");
    draw_lines(&mut text, draws);
    extra_lines(&mut text, extras);
    text
}

fn line(text: &mut String, row: &Row, rounds: &[Round]) {
    let all = |of: &dyn Fn(&Round) -> Option<f64>| rounds.iter().filter_map(of).collect::<Vec<_>>();
    let each = |of: &dyn Fn(&Round) -> Option<f64>| {
        let all = all(of);
        (!all.is_empty()).then(|| median(all.into_iter()))
    };
    let rate = |sample: &Sample| sample.per_second;
    let of_echo = Ratio::of(all(&|round| Some(rate(&round.lootbox) / rate(&round.echo))));
    let of_redis = Ratio::of(all(&|round| {
        Some(rate(&round.lootbox) / rate(round.redis.as_ref()?))
    }));
    let recording = Ratio::of(all(&|round| {
        round.recording.map(|[on, off]| rate(&on) / rate(&off))
    }));
    let asked: [fn(&Round) -> Option<Sample>; 3] = [
        |round| Some(round.lootbox),
        |round| Some(round.echo),
        |round| round.redis,
    ];
    let times = |of: &dyn Fn(Sample) -> Option<Duration>| {
        asked
            .map(|asked| {
                let time = each(&|round| Some(of(asked(round)?)?.as_secs_f64()));
                time.map_or_else(|| "–".to_owned(), duration)
            })
            .join(" · ")
    };
    let failures: usize = rounds
        .iter()
        .map(|round| {
            let recording = round.recording.iter().flatten();
            let others = round.redis.iter().chain(recording);
            let failures = others.map(|it| it.failures).sum::<usize>();
            round.lootbox.failures + round.echo.failures + failures
        })
        .sum();
    let ratio = |ratio: &Option<Ratio>| {
        let ratio = ratio.as_ref();
        ratio.map_or_else(|| "–".to_owned(), ToString::to_string)
    };
    let mut marks = Vec::new();
    let mut missed = Vec::new();
    for (mark, got, what) in [
        (row.of_echo, &of_echo, "× echo"),
        (row.of_redis, &of_redis, "× redis"),
        (Some(0.9), &recording, "with recording"),
    ] {
        if let (Some(mark), Some(got)) = (mark, got) {
            marks.push(format!("≥ {mark} {what}"));
            if got.median < mark {
                missed.push(what);
            }
        }
    }
    if failures > 0 {
        missed.push("failures");
    }
    let shown = |rate: Option<f64>| rate.map_or_else(|| "–".to_owned(), |rate| requests(row, rate));
    let at_once = match row.says {
        Says::One(at_once) => u32::try_from(at_once).unwrap_or(u32::MAX),
        Says::Many(_) | Says::Request(_) => 1,
    };
    _ = writeln!(
        text,
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} | {} | {failures} | {} | {} |",
        row.name,
        rounds.len(),
        shown(each(&|round| Some(rate(&round.lootbox)))),
        shown(each(&|round| Some(rate(&round.echo)))),
        shown(each(&|round| round.redis.as_ref().map(rate))),
        ratio(&of_echo),
        ratio(&of_redis),
        ratio(&recording),
        times(&|sample| sample.work.map(|work| work / at_once)),
        times(&|sample| Some(sample.p99)),
        if marks.is_empty() {
            "–".to_owned()
        } else {
            marks.join(", ")
        },
        if missed.is_empty() {
            "reached".to_owned()
        } else {
            format!("**missed**: {}", missed.join(", "))
        },
    );
}

/// One rate by another, over all samples.
struct Ratio {
    median: f64,
    /// Where the middle half of them lies.
    half: [f64; 2],
}

impl Ratio {
    fn of(mut all: Vec<f64>) -> Option<Self> {
        all.sort_unstable_by(f64::total_cmp);
        let quarter = all.len() / 4;
        let half = [*all.get(quarter)?, *all.iter().rev().nth(quarter)?];
        Some(Self {
            median: median(all.into_iter()),
            half,
        })
    }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [from, to] = self.half;
        write!(f, "{:.3} × ({from:.2}–{to:.2})", self.median)
    }
}

fn said(reached: bool) -> &'static str {
    if reached { "reached" } else { "**missed**" }
}

/// Requests a second, and draws a second if that is another number.
fn requests(row: &Row, messages: f64) -> String {
    let whole = |number: f64| {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a rate"
        )]
        grouped(number.round() as usize)
    };
    #[expect(clippy::cast_precision_loss, reason = "few lines")]
    let draws = messages * row.lines() as f64;
    match row.says {
        Says::One(_) => whole(draws),
        Says::Many(_) | Says::Request(_) => format!("{} ({:.1} M)", whole(messages), draws / 1e6),
    }
}

fn duration(seconds: f64) -> String {
    if seconds < 0.000_01 {
        format!("{:.2} µs", seconds * 1e6)
    } else if seconds < 0.000_1 {
        format!("{:.1} µs", seconds * 1e6)
    } else if seconds < 0.001 {
        format!("{:.0} µs", seconds * 1e6)
    } else {
        format!("{:.1} ms", seconds * 1e3)
    }
}

fn draw_lines(text: &mut String, draws: &[Draws]) {
    _ = writeln!(
        text,
        "| the draw itself | threads | ours | by hand | ratio | mark | |\n|---|---|---|---|---|---|---|"
    );
    for it in draws {
        let mark = match (it.mode, it.threads) {
            (Mode::Atomic, 8) => Some(17.0),
            (Mode::Lock, 8) => Some(27.0),
            _ => None,
        };
        let reached = it.ratio <= 1.1 && mark.is_none_or(|mark| it.ours <= mark);
        let mark = mark.map_or_else(String::new, |mark| format!(", ≤ {mark} ns"));
        _ = writeln!(
            text,
            "| {} | {} | {:.1} ns | {:.1} ns | {:.2} × | ≤ 1.1 × by hand{mark} | {} |",
            it.mode,
            it.threads,
            it.ours,
            it.by_hand,
            it.ratio,
            said(reached),
        );
    }
    text.push('\n');
}

fn extra_lines(text: &mut String, extras: &Extras) {
    let [[least, with, most], [least_without, without, most_without]] = extras.lost;
    // Each median among what the other came to.
    let alike = (least..=most).contains(&without) && (least_without..=most_without).contains(&with);
    let [with, without] = extras.lost.map(|shares| {
        let [least, median, most] = shares.map(|share| share * 100.0);
        format!("{median:.2} % ({least:.2} to {most:.2})")
    });
    let start = extras.start.as_secs_f64() * 1e3;
    _ = writeln!(text, "| besides | | mark | |\n|---|---|---|---|");
    _ = writeln!(
        text,
        "| memory a client (1,000 that have drawn) | {:.1} KiB | ≤ 32 KiB | {} |",
        extras.a_client,
        said(extras.a_client <= 32.0)
    );
    _ = writeln!(
        text,
        "| start to listening, default list | {start:.0} ms | < 50 ms | {} |",
        said(start < 50.0)
    );
    _ = writeln!(
        text,
        "| updates lost to the race, window none, `draw 1000`, 8 clients: with the recording · without, medians and extremes | {with} · {without} | within its noise | {} |",
        said(alike)
    );
}

/// Puts the text between the two lines of the file, and leaves the rest of it.
pub fn write(path: &Path, text: &str) -> io::Result<()> {
    let old = std::fs::read_to_string(path)?;
    let place = old.find(BEGIN).zip(old.find(END));
    let Some((begin, end)) = place.filter(|(begin, end)| begin < end) else {
        return Err(io::Error::other(format!(
            "{}: no lines {BEGIN} and {END}, between which the figures go",
            path.display()
        )));
    };
    let new = format!("{}{BEGIN}\n\n{text}\n{}", &old[..begin], &old[end..]);
    std::fs::write(path, new)
}

fn said_by(command: &str, words: &[&str]) -> String {
    let output = Command::new(command).args(words).output();
    output.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    )
}

fn processor() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = text.lines().find(|line| line.starts_with("model name"));
    model.and_then(|line| line.split_once(':')).map_or_else(
        || "processor unknown".to_owned(),
        |(_, name)| name.trim().to_owned(),
    )
}
