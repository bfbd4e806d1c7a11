//! The findings, for a student to read: pure functions to text, at most 80 columns wide.

use std::fmt::Write;

use num_bigint::BigUint;

use super::live::Live;
use super::subject::Subject;
use crate::draw::{Operation, gallery};
use crate::schedule::explore::{Orders, share};
use crate::schedule::lanes::{self, WIDTH};
use crate::schedule::replay::{Did, PassedOver, Run};
use crate::schedule::text::letter;
use crate::schedule::{Findings, Schedule, replay};

/// How long the bar is that stands for all.
const BAR: u32 = 20;

/// What was guessed before anything was shown, in percent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guesses {
    /// The share of orders that hand out a number twice.
    pub orders: Option<u8>,
    /// The share of real runs that do.
    pub runs: Option<u8>,
}

/// Everything that there is to say.
#[derive(Debug)]
pub struct Report<'a> {
    /// What was explored.
    pub subject: &'a Subject,
    /// What was found.
    pub findings: &'a Findings,
    /// What real runs came to.
    pub live: Option<Live>,
    /// What was guessed.
    pub guesses: Guesses,
}

/// All findings.
#[must_use]
pub fn orders(report: &Report) -> String {
    let Report {
        subject, findings, ..
    } = report;
    let mut text = head(subject);
    text.push('\n');
    bars(report, &mut text);
    match &findings.witness {
        Some(witness) if witness.len() <= 30 => {
            line(
                &mut text,
                &format!("shortest bad order: {}", witness.spaced()),
            );
        }
        Some(witness) => line(&mut text, &format!("shortest bad order: {witness}")),
        None => {}
    }
    text.push('\n');
    guessed(report, &mut text);
    match &findings.orders {
        Some(orders) => counted(subject, orders, &mut text),
        None => say(
            &mut text,
            &format!(
                "NOT EXHAUSTIVE: the search stopped after {} states, and there are more. What it has not found \
                 may still be there; orders are counted only when every state was seen. Give fewer draws, \
                 or more --max-states.",
                grouped(&findings.states.to_string())
            ),
        ),
    }
    if let Some(live) = &report.live {
        lived(live, &mut text);
    }
    if let Some(preemptions) = findings.preemptions {
        say(&mut text, &interrupted(preemptions, findings.exhaustive));
    }
    say(&mut text, &states(report));
    if let Some(witness) = &findings.witness {
        text.push('\n');
        line(&mut text, "The shortest bad order, step by step:");
        text.push('\n');
        let run = replay(&subject.model, witness);
        text.push_str(&lanes::render(&run, subject.list.numbers()));
    }
    explain(subject, &mut text);
    text
}

/// One order.
#[must_use]
pub fn one(subject: &Subject, run: &Run) -> String {
    let mut text = head(subject);
    text.push('\n');
    text.push_str(&lanes::render(run, subject.list.numbers()));
    let table = run.table();
    text.push('\n');
    let names = |tickets: &std::collections::BTreeSet<u64>| {
        let numbers: Vec<_> = tickets
            .iter()
            .take(20)
            .filter_map(|&ticket| subject.list.numbers().get(usize::try_from(ticket).ok()?))
            .map(u32::to_string)
            .collect();
        let more = if tickets.len() > 20 { ", …" } else { "" };
        format!("{}{more}", numbers.join(", "))
    };
    if !table.duplicates.is_empty() {
        say(
            &mut text,
            &format!("Handed out more than once: {}.", names(&table.duplicates)),
        );
    }
    if !table.skipped.is_empty() {
        say(
            &mut text,
            &format!(
                "Skipped, and so never handed out: {}.",
                names(&table.skipped)
            ),
        );
    }
    if table.duplicates.is_empty() && table.skipped.is_empty() && !table.columns.is_empty() {
        say(
            &mut text,
            "Each number was handed out once. So it went in this order; others may differ.",
        );
    }
    match run.retries() {
        0 => {}
        1 => say(
            &mut text,
            "Once a draw began again, because somebody else was faster.",
        ),
        retries => say(
            &mut text,
            &format!("{retries} times a draw began again, because somebody else was faster."),
        ),
    }
    for why in [
        PassedOver::Waits,
        PassedOver::Over,
        PassedOver::Nobody,
        PassedOver::Late,
    ] {
        passed_over(run, why, &mut text);
    }
    let left: Vec<_> = (0..run.sessions)
        .filter(|&session| run.left[session] > 0)
        .map(|session| format!("{} {}", letter(session), run.left[session]))
        .collect();
    if !left.is_empty() {
        say(
            &mut text,
            &format!(
                "The schedule has ended; draws not complete: {}.",
                left.join(", ")
            ),
        );
    }
    text
}

/// One order on one line: the schedule, what it hands out, and where the counter ends.
#[must_use]
pub fn one_line(schedule: &Schedule, run: &Run, list: &[u32]) -> String {
    let table = run.table();
    let mut text = format!("{schedule} ");
    for (column, extra) in table.columns.iter().zip(table.extras()) {
        let number = usize::try_from(column.ticket)
            .ok()
            .and_then(|t| list.get(t));
        _ = write!(text, " {}", number.copied().unwrap_or_default());
        if extra {
            text.push('!');
        }
    }
    _ = write!(
        text,
        "  counter {} duplicates {} skipped {}",
        run.counter(),
        table.duplicates.len(),
        table.skipped.len()
    );
    text
}

fn states(report: &Report) -> String {
    let (all, apart) = (
        report.findings.states,
        report.findings.states_up_to_swapping,
    );
    let mut text = format!("States seen: {}", grouped(&all.to_string()));
    if apart != all {
        _ = write!(
            text,
            ", {} if sessions that draw equally often are not told apart",
            grouped(&apart.to_string())
        );
    }
    text.push('.');
    text
}

fn head(subject: &Subject) -> String {
    let mut text = String::new();
    say(&mut text, &subject.what());
    let counter = match subject.model.counter() {
        0 => String::new(),
        counter => format!(", the counter begins at {counter}"),
    };
    say(
        &mut text,
        &format!("{}; the list: {}{counter}", subject.who(), subject.list_is),
    );
    text
}

/// `ORDERS` and `LIVE`, one below the other on the same scale.
fn bars(report: &Report, text: &mut String) {
    let Some(orders) = &report.findings.orders else {
        return;
    };
    let head = format!(
        " ORDERS   clean {}   bad {}  ",
        number(&orders.clean()),
        number(&orders.duplicate)
    );
    let live = report.live.map(|live| {
        (
            live,
            format!(" LIVE     bad runs {} of {}  ", live.bad, live.runs),
        )
    });
    let column = head
        .len()
        .max(live.as_ref().map_or(0, |(_, head)| head.len()));
    let percent = percent(
        orders.share(),
        orders.duplicate == BigUint::ZERO,
        orders.duplicate == orders.all,
    );
    let note = |row: String, note: &str, text: &mut String| {
        if row.chars().count() + 3 + note.len() <= WIDTH {
            _ = writeln!(text, "{row}   {note}");
        } else {
            _ = writeln!(text, "{}\n{:column$}{note}", row.trim_end(), "");
        }
    };
    let row = |head: &str, share: f64, percent: &str| {
        let wide = BAR as usize;
        format!("{head:column$}{:wide$} {percent:>6}", bar(share))
    };
    let orders = row(&head, orders.share(), &percent);
    note(orders, &report.subject.who(), text);
    if let Some((live, head)) = live {
        let share = live.share();
        let percent = self::percent(share, live.bad == 0, live.bad == live.runs);
        note(
            row(&head, share, &percent),
            &format!("window none, cores {}", live.cores),
            text,
        );
    }
}

/// A share as a bar, in eighths of a column; something is always seen of what is not 0.
fn bar(share: f64) -> String {
    const PARTS: [&str; 8] = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];
    let eighths = (0..BAR * 8)
        .take_while(|&eighth| f64::from(eighth + 1) <= share * f64::from(BAR * 8))
        .count();
    let eighths = if share > 0.0 { eighths.max(1) } else { eighths };
    format!("{}{}", "█".repeat(eighths / 8), PARTS[eighths % 8])
}

/// One decimal, and never 0 % for what is there or 100 % for what is not all.
fn percent(share: f64, none: bool, all: bool) -> String {
    match share * 100.0 {
        share if share < 0.05 && !none => "< 0.1 %".to_owned(),
        share if share >= 99.95 && !all => "> 99.9 %".to_owned(),
        share => format!("{share:.1} %"),
    }
}

fn guessed(report: &Report, text: &mut String) {
    let orders = report.findings.orders.as_ref().map(Orders::share);
    let pairs = [
        (report.guesses.orders, orders, "orders"),
        (
            report.guesses.runs,
            report.live.map(|live| live.share()),
            "real runs",
        ),
    ];
    for (guess, share, of) in pairs {
        if let (Some(guess), Some(share)) = (guess, share) {
            say(
                text,
                &format!("You said {guess} of 100 {of}; it is {:.1}.", share * 100.0),
            );
        }
    }
}

fn counted(subject: &Subject, orders: &Orders, text: &mut String) {
    let zero = BigUint::ZERO;
    let mut prose = match orders.all {
        ref one if *one == 1u32.into() => "There is 1 order".to_owned(),
        ref all => format!("There are {} orders", number(all)),
    };
    prose.push_str(" in which these operations can follow one another. ");
    if orders.duplicate == zero {
        prose.push_str("In none of them is a number handed out twice");
    } else if orders.duplicate == orders.all {
        prose.push_str("In every one of them some number is handed out twice");
    } else {
        _ = write!(
            prose,
            "In {} of them ({}) some number is handed out twice",
            number(&orders.duplicate),
            percent(orders.share(), false, false)
        );
    }
    if orders.skipping == zero {
        prose.push_str(", and in none is one skipped.");
    } else if orders.skipping == orders.all {
        prose.push_str(", and in every one some number is skipped.");
    } else {
        _ = write!(
            prose,
            ", and in {} ({}) one is skipped.",
            number(&orders.skipping),
            percent(share(&orders.skipping, &orders.all), false, false)
        );
    }
    say(text, &prose);
    let mut finals = orders.final_counters.iter();
    if let (Some((lowest, times)), highest) = (finals.next(), finals.next_back()) {
        say(
            text,
            &match highest {
                None => format!("The counter always ends at {lowest}."),
                Some((highest, _)) => format!(
                    "The counter ends between {lowest} and {highest}: at {lowest} in {} of the {} orders.",
                    number(times),
                    number(&orders.all)
                ),
            },
        );
    }
    let (fewest, most) = orders.letters;
    if fewest != most {
        let why = if subject
            .model
            .program()
            .contains(&Operation::StoreIfUnchanged)
        {
            "a draw that begins again takes more"
        } else {
            "a draw that finds the list sold out takes fewer"
        };
        say(
            text,
            &format!("An order takes from {fewest} to {most} operations: {why}."),
        );
    }
}

fn lived(live: &Live, text: &mut String) {
    let (low, high) = live.interval();
    say(
        text,
        &format!(
            "In {} of {} real runs over TCP a number was handed out twice. So the share of bad runs on this machine lies \
             between {:.1} % and {:.1} % (with 95 % certainty). Orders are counted alike here; a real machine does \
             not try them alike.",
            live.bad,
            live.runs,
            low * 100.0,
            high * 100.0
        ),
    );
}

fn interrupted(preemptions: usize, exhaustive: bool) -> String {
    match preemptions {
        0 => "No preemption is needed: it happens even if no session is ever interrupted.".to_owned(),
        1 => "One preemption is enough: a single session interrupted once, between two of its operations."
            .to_owned(),
        more if exhaustive => {
            format!("It takes {more} preemptions: fewer interruptions never show it.")
        }
        more => format!("It takes at most {more} preemptions."),
    }
}

fn explain(subject: &Subject, text: &mut String) {
    if let Some(answer) = subject.answer {
        text.push('\n');
        say(text, &format!("The belief: \"{}\"", answer.belief));
        let head = if answer.right {
            "Why it is right"
        } else {
            "Why it fails"
        };
        say(text, &format!("{head}: {}", answer.why));
    } else if let Some(why) = gallery::why(subject.model.program()) {
        text.push('\n');
        say(text, why);
    }
}

fn passed_over(run: &Run, why: PassedOver, text: &mut String) {
    let places: Vec<_> = run
        .rows
        .iter()
        .enumerate()
        .filter(|(_, row)| row.did == Did::PassedOver(why))
        .map(|(index, row)| format!("{} at step {}", letter(row.session), index + 1))
        .collect();
    if places.is_empty() {
        return;
    }
    let reason = match why {
        PassedOver::Waits => "another holds the lock",
        PassedOver::Over => "no draw is left",
        PassedOver::Nobody => "there is no such session",
        PassedOver::Late => "the session did not come",
    };
    let more = match places.len() {
        0..=8 => String::new(),
        all => format!(" and {} more", all - 8),
    };
    let places = &places[..places.len().min(8)];
    say(
        text,
        &format!(
            "Passed over, because {reason}: {}{more}.",
            places.join(", ")
        ),
    );
}

/// A number with commas, as in 12,870; from 22 digits on how large it is.
fn number(number: &BigUint) -> String {
    let digits = number.to_string();
    match digits.len() {
        0..=21 => grouped(&digits),
        long => format!("{}.{} x 10^{}", &digits[..1], &digits[1..4], long - 1),
    }
}

fn grouped(digits: &str) -> String {
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn line(text: &mut String, line: &str) {
    _ = writeln!(text, " {line}");
}

/// A paragraph, broken into lines between words.
fn say(text: &mut String, paragraph: &str) {
    let mut column = 0;
    for word in paragraph.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width > WIDTH {
            text.push('\n');
            column = 0;
        }
        text.push(' ');
        text.push_str(word);
        column += 1 + width;
    }
    text.push('\n');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_show_eighths() {
        assert_eq!(bar(480.0 / 495.0), "███████████████████▍");
        assert_eq!(bar(0.0), "");
        assert_eq!(bar(1e-9), "▏");
        assert_eq!(bar(1.0), "█".repeat(20));
    }

    #[test]
    fn a_share_is_never_rounded_to_nothing_or_all() {
        assert_eq!(percent(0.0, true, false), "0.0 %");
        assert_eq!(percent(0.000_1, false, false), "< 0.1 %");
        assert_eq!(percent(0.999_9, false, false), "> 99.9 %");
        assert_eq!(percent(1.0, false, true), "100.0 %");
        assert_eq!(percent(480.0 / 495.0, false, false), "97.0 %");
    }

    #[test]
    fn numbers_are_grouped_and_the_largest_shortened() {
        let text = |digits: &str| number(&digits.parse().unwrap());
        assert_eq!(text("0"), "0");
        assert_eq!(text("495"), "495");
        assert_eq!(text("17153136"), "17,153,136");
        assert_eq!(text(&format!("9054{}", "0".repeat(55))), "9.054 x 10^58");
    }
}
