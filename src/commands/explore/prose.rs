//! The findings, for a student to read: pure functions to text, at most 80 columns wide.

use std::fmt::Write;

use num_bigint::BigUint;

use super::figures::{BAR, bar, grouped, line, number, percent, say};
use super::live::Live;
use super::subject::Subject;
use crate::draw::Operation;
use crate::draws::explore::{Orders, share};
use crate::draws::lanes::{self, WIDTH};
use crate::draws::model::Session;
use crate::draws::{Findings, Schedule, replay};
use crate::orders::Stopped;
use crate::orders::letter;

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
    // A search that was cut short may have missed one with fewer switches.
    let kind = if findings.witness_is_first {
        "shortest bad order"
    } else {
        "a bad order"
    };
    match &findings.witness {
        Some(witness) if witness.len() <= 30 => {
            line(&mut text, &format!("{kind}: {}", witness.spaced()));
        }
        Some(witness) => {
            let letters = witness.to_string().into_bytes();
            let tens: Vec<_> = letters.chunks(10).map(String::from_utf8_lossy).collect();
            say(&mut text, &format!("{kind}: {}", tens.join(" ")));
        }
        None => {}
    }
    text.push('\n');
    guessed(report, &mut text);
    match &findings.orders {
        Some(orders) => counted(subject, orders, &mut text),
        None => say(&mut text, &not_exhaustive(findings)),
    }
    if let Some(live) = &report.live {
        lived(live, findings.orders.as_ref(), &mut text);
    }
    if let Some(preemptions) = findings.preemptions {
        say(&mut text, &interrupted(preemptions, findings.exhaustive));
    }
    say(&mut text, &states(report));
    if let Some(witness) = &findings.witness {
        text.push('\n');
        let which = if findings.witness_is_first {
            "The shortest"
        } else {
            "This"
        };
        line(&mut text, &format!("{which} bad order, step by step:"));
        text.push('\n');
        let run = replay(&subject.model, witness);
        text.push_str(&lanes::render(&run, subject.list.numbers()));
    }
    if let Some(deadlock) = &findings.deadlock {
        text.push('\n');
        let which = if findings.exhaustive {
            "The shortest order"
        } else {
            "An order"
        };
        let head = format!("{which} after which somebody waits for ever:");
        line(&mut text, &head);
        text.push('\n');
        let run = replay(&subject.model, deadlock);
        text.push_str(&lanes::render(&run, subject.list.numbers()));
        if let Some(said) = self::deadlock(subject, deadlock) {
            say(&mut text, &said);
        }
    }
    explain(subject, &mut text);
    text
}

/// Who waits for whom after an order, if nobody can go on.
pub(super) fn deadlock(subject: &Subject, order: &Schedule) -> Option<String> {
    let (sessions, common) = subject.model.after(order);
    if !subject.model.is_deadlock(&sessions, &common) {
        return None;
    }
    let letters = |is: &dyn Fn(&Session) -> bool| {
        let who = (0..sessions.len()).filter(|&it| is(&sessions[it]));
        who.map(|it| letter(it).to_string()).collect::<Vec<_>>()
    };
    let waiting = letters(&|session| subject.model.waits(session, &common));
    let holding = letters(&|session| session.holds);
    let verb = if waiting.len() == 1 { "waits" } else { "wait" };
    Some(format!(
        "DEADLOCK: {} {verb} for the lock, held by {}, and nobody can go on.",
        waiting.join(", "),
        holding.join(", ")
    ))
}

/// What lets a search that stopped come to its end.
pub(super) fn mend(findings: &Findings) -> &'static str {
    match findings.stopped {
        Some(Stopped::States) => "Give fewer draws, or more --max-states.",
        _ => "Give fewer draws, or more --max-memory.",
    }
}

/// Why no order was counted.
pub(super) fn not_exhaustive(findings: &Findings) -> String {
    format!(
        "NOT EXHAUSTIVE: the search stopped after {} states, and there are more. What it has not found \
         may still be there; orders are counted only when every state was seen. {}",
        grouped(findings.explored),
        mend(findings)
    )
}

fn states(report: &Report) -> String {
    let findings = report.findings;
    let mut text = format!("States seen: {}", grouped(findings.states));
    if findings.states_folded as u128 != findings.states {
        _ = write!(
            text,
            ", {} if sessions that draw equally often are not told apart",
            grouped(findings.states_folded)
        );
    }
    text.push('.');
    text
}

/// What is explored.
pub(super) fn head(subject: &Subject) -> String {
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
        number(&orders.clean),
        number(&orders.bad())
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
        orders.clean == orders.all,
        orders.clean == BigUint::ZERO,
    );
    let note = |row: String, note: &str, text: &mut String| {
        if row.chars().count() + 3 + note.len() <= WIDTH {
            _ = writeln!(text, "{row}   {note}");
        } else if column + note.len() <= WIDTH {
            _ = writeln!(text, "{}\n{:column$}{note}", row.trim_end(), "");
        } else {
            // The head has said it.
            _ = writeln!(text, "{}", row.trim_end());
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

pub(super) fn guessed(report: &Report, text: &mut String) {
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

const fn in_all(only_one: bool) -> &'static str {
    if only_one {
        "In it"
    } else {
        "In every one of them"
    }
}

fn counted(subject: &Subject, orders: &Orders, text: &mut String) {
    let zero = BigUint::ZERO;
    let only_one = orders.all == 1u32.into();
    let there = if only_one {
        "is 1 order".to_owned()
    } else {
        format!("are {} orders", number(&orders.all))
    };
    let mut prose = format!("There {there} in which these operations can follow one another. ");
    if orders.duplicate == zero {
        prose.push_str(if only_one {
            "In it no number is handed out twice"
        } else {
            "In none of them is a number handed out twice"
        });
    } else if orders.duplicate == orders.all {
        prose.push_str(in_all(only_one));
        prose.push_str(" some number is handed out twice");
    } else {
        _ = write!(
            prose,
            "In {} of them ({}) some number is handed out twice",
            number(&orders.duplicate),
            percent(share(&orders.duplicate, &orders.all), false, false)
        );
    }
    if orders.skipping == zero {
        prose.push_str(if only_one {
            ", and none is skipped."
        } else {
            ", and in none is one skipped."
        });
    } else if orders.skipping == orders.all {
        prose.push_str(if only_one {
            ", and one is skipped."
        } else {
            ", and in every one some number is skipped."
        });
    } else {
        _ = write!(
            prose,
            ", and in {} ({}) one is skipped.",
            number(&orders.skipping),
            percent(share(&orders.skipping, &orders.all), false, false)
        );
    }
    say(text, &prose);
    if orders.deadlocked != zero {
        let some = format!("In {} of them", number(&orders.deadlocked));
        let of = if orders.deadlocked == orders.all {
            in_all(only_one)
        } else {
            &some
        };
        say(text, &format!("{of} somebody waits for the lock for ever."));
    }
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

fn lived(live: &Live, orders: Option<&Orders>, text: &mut String) {
    let (low, high) = live.interval();
    let mut prose = format!(
        "In {} of {} real runs over TCP a number was handed out twice",
        live.bad, live.runs
    );
    if orders.is_some_and(|orders| orders.duplicate == BigUint::ZERO) {
        // What no order does, no run does: there is nothing to estimate.
        prose.push_str(", as in no order.");
    } else {
        _ = write!(
            prose,
            ". So the share of bad runs on this machine lies between {:.1} % and {:.1} % (with 95 % certainty). \
             Orders are counted alike here; a real machine does not try them alike.",
            low * 100.0,
            high * 100.0
        );
    }
    say(text, &prose);
}

fn interrupted(preemptions: usize, exhaustive: bool) -> String {
    match preemptions {
        0 => "No preemption is needed: it happens even if no session is ever interrupted.".to_owned(),
        1 => "One preemption is enough: a single session interrupted once, between two of its operations."
            .to_owned(),
        more if exhaustive => {
            format!("It takes {more} preemptions: fewer interruptions never show it.")
        }
        more => format!("{more} preemptions are enough; fewer may be, in what was not looked at."),
    }
}

fn explain(subject: &Subject, text: &mut String) {
    if let Some(answer) = subject.program.notes {
        text.push('\n');
        say(text, &format!("The belief: \"{}\"", answer.belief));
        let head = if answer.right {
            "Why it is right"
        } else {
            "Why it fails"
        };
        say(text, &format!("{head}: {}", answer.why));
    } else if subject.draws.len() > 1
        && let Some(why) = subject.program.why()
    {
        text.push('\n');
        say(text, why);
    }
}
