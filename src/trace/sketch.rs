//! A story without an order of the whole: for what cannot be replayed.
//!
//! Of each session a few draws around the ticket are taken, and put in an order in which every read finds the
//! counter as it was read. There always is one if the writes of sessions left out may stand in it too; among those
//! with the fewest of them it is one with the fewest switches between sessions.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::ops::Range;

use super::story::{Action, Step, Story, number};
use crate::draw::{Grain, Operation};
use crate::record::journal::Reader;

/// More lanes than this do not stand side by side on a screen of 80 columns.
const LANES: usize = 4;
/// Draws of one session before and after the ticket in question.
const BEFORE: usize = 1;
const AFTER: usize = 1;

/// How a draw moves the counter on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moves {
    /// It writes what it has read, and one more.
    Writes,
    /// It adds, so often.
    Adds(u64),
}

impl Moves {
    /// How a program does.
    pub(super) fn of(program: &[Operation]) -> Self {
        let writes = |operation: &Operation| {
            matches!(operation, Operation::Store | Operation::StoreIfUnchanged)
        };
        let adds = program
            .iter()
            .filter(|&&operation| operation == Operation::Add);
        match adds.count() as u64 {
            0 => Self::Writes,
            _ if program.iter().any(writes) => Self::Writes,
            adds => Self::Adds(adds),
        }
    }

    /// The counter after a draw has moved it on from `now`.
    fn after(self, draw: &Range<u64>, now: u64) -> u64 {
        match self {
            Self::Writes => draw.end,
            Self::Adds(times) => now + times * (draw.end - draw.start),
        }
    }
}

/// Tells the story of `ticket` from the journals of all sessions, by letter. `None` if nobody got the
/// ticket. `list` has the numbers.
pub(super) fn tell(
    ticket: u64,
    list: &[u32],
    grain: Grain,
    moves: Moves,
    journals: Vec<(String, Reader)>,
) -> Option<Story> {
    let mut lanes: Vec<(String, Vec<Range<u64>>, bool)> = journals
        .into_iter()
        .filter_map(|(letter, journal)| {
            let (draws, holds) = near(ticket, grain, journal)?;
            Some((letter, draws, holds))
        })
        .collect();
    // Those who got it first, in the order of the journals; then whoever could have moved the counter
    // back.
    lanes.sort_by_key(|(_, _, holds)| !holds);
    let holders = lanes.iter().filter(|(_, _, holds)| *holds).count();
    if holders == 0 {
        return None;
    }
    let left_out = holders.saturating_sub(LANES) as u64;
    lanes.truncate(LANES);
    let number = |ticket| number(list, ticket);
    let draws: Vec<_> = lanes.iter().map(|(_, draws, _)| draws.clone()).collect();
    let (begin, steps) = order(&draws, moves, number);
    let mut story = Story {
        ticket,
        number: number(ticket),
        sessions: lanes.into_iter().map(|(letter, _, _)| letter).collect(),
        left_out,
        begin,
        steps,
    };
    story.mark_stale();
    Some(story)
}

/// A session's draws around the ticket, without a gap between them, and whether it got the ticket.
fn near(ticket: u64, grain: Grain, journal: Reader) -> Option<(Vec<Range<u64>>, bool)> {
    let close = ticket.saturating_sub(1)..ticket + 3;
    // With their place in the session's own order.
    let mut found: Vec<(u64, Range<u64>)> = Vec::new();
    let mut index = 0;
    for entry in journal {
        let overlap = entry.start.max(close.start)..entry.end.min(close.end);
        match grain {
            Grain::Request => {
                if !overlap.is_empty() {
                    found.push((index, entry));
                }
                index += 1;
            }
            Grain::Number => {
                let first = index + overlap.start.saturating_sub(entry.start);
                index += entry.end - entry.start;
                found.extend((first..).zip(overlap.map(|ticket| ticket..ticket + 1)));
            }
        }
    }
    let place = found.iter().position(|(_, draw)| draw.contains(&ticket));
    // Not a holder: its draw of the ticket before may have moved the counter back.
    let middle = place.or_else(|| found.iter().position(|(_, draw)| draw.end == ticket))?;
    let mut draws = vec![found[middle].1.clone()];
    for step in 1..=BEFORE.min(middle) {
        let (index, draw) = &found[middle - step];
        if index + step as u64 != found[middle].0 {
            break;
        }
        draws.insert(0, draw.clone());
    }
    for (step, (index, draw)) in found[middle + 1..].iter().enumerate() {
        let again = draw.contains(&ticket) && step < BEFORE + AFTER;
        if *index != found[middle].0 + step as u64 + 1 || (step >= AFTER && !again) {
            break;
        }
        draws.push(draw.clone());
    }
    Some((draws, place.is_some()))
}

/// A moment in the search: how many reads and writes each session has done, and the counter.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
struct Moment {
    done: Vec<u8>,
    counter: Option<u64>,
    last: usize,
}

/// The search: see the [module](self). Small, because there are few draws.
fn order(lanes: &[Vec<Range<u64>>], moves: Moves, number: impl Fn(u64) -> u64) -> (u64, Vec<Step>) {
    type Cost = (u32, u32);
    let begin = Moment {
        done: vec![0; lanes.len()],
        counter: None,
        last: usize::MAX,
    };
    let mut best: HashMap<Moment, (Cost, Option<Moment>)> = HashMap::new();
    let mut open = BinaryHeap::from([Reverse(((0, 0), begin.clone()))]);
    best.insert(begin, ((0, 0), None));
    let mut end = None;
    while let Some(Reverse((cost, moment))) = open.pop() {
        if best.get(&moment).is_some_and(|(known, _)| *known < cost) {
            continue;
        }
        let over = |(done, lane): (&u8, &Vec<Range<u64>>)| usize::from(*done) == 2 * lane.len();
        if moment.done.iter().zip(lanes).all(over) {
            end = Some(moment);
            break;
        }
        for (session, lane) in lanes.iter().enumerate() {
            let done = usize::from(moment.done[session]);
            let Some(draw) = lane.get(done / 2) else {
                continue;
            };
            let mut next = moment.clone();
            next.done[session] += 1;
            next.last = session;
            let mut further = (cost.0, cost.1 + u32::from(moment.last != session));
            if done % 2 == 0 {
                // Who only adds never moves the counter back.
                if moves != Moves::Writes && moment.counter.is_some_and(|now| now > draw.start) {
                    continue;
                }
                // Somebody left out must have made the counter what this draw saw.
                further.0 += u32::from(moment.counter.is_some_and(|now| now != draw.start));
                next.counter = Some(draw.start);
            } else {
                next.counter = moment.counter.map(|now| moves.after(draw, now));
            }
            if best.get(&next).is_none_or(|(known, _)| further < *known) {
                best.insert(next.clone(), (further, Some(moment.clone())));
                open.push(Reverse((further, next)));
            }
        }
    }
    let mut path = Vec::new();
    while let Some(moment) = end {
        end = best.get(&moment).and_then(|(_, before)| before.clone());
        path.push(moment);
    }
    path.reverse();
    steps(&path, lanes, moves, number)
}

fn steps(
    path: &[Moment],
    lanes: &[Vec<Range<u64>>],
    moves: Moves,
    number: impl Fn(u64) -> u64,
) -> (u64, Vec<Step>) {
    let begin = path.get(1).and_then(|first| first.counter).unwrap_or(0);
    let mut steps = Vec::new();
    let mut counter = begin;
    for moment in path.iter().skip(1) {
        let session = moment.last;
        let done = usize::from(moment.done[session]);
        let draw = &lanes[session][(done - 1) / 2];
        let action = if done % 2 == 1 {
            if counter != draw.start {
                steps.push(Step {
                    session: None,
                    action: Action::Elsewhere,
                    counter: draw.start,
                    omitted: 0,
                });
            }
            counter = draw.start;
            Action::Read { seen: draw.start }
        } else {
            counter = moves.after(draw, counter);
            let (ticket, number) = (draw.start, number(draw.start));
            match moves {
                Moves::Writes => Action::Write {
                    ticket,
                    number,
                    stale: false,
                },
                Moves::Adds(_) => Action::Add { ticket, number },
            }
        };
        steps.push(Step {
            session: Some(session),
            action,
            counter,
            omitted: 0,
        });
    }
    (begin, steps)
}

#[cfg(test)]
// One range is a journal with one entry.
#[allow(clippy::single_range_in_vec_init)]
mod tests {
    use super::*;
    use crate::record::journal::journal;
    use crate::record::letters;

    const LIST: [u32; 6] = [5, 19, 228, 665, 7, 11];

    fn told(ticket: u64, grain: Grain, journals: &[(&str, &[Range<u64>])]) -> Option<String> {
        told_of(Moves::Writes, ticket, grain, journals)
    }

    fn told_of(
        moves: Moves,
        ticket: u64,
        grain: Grain,
        journals: &[(&str, &[Range<u64>])],
    ) -> Option<String> {
        let journals = journals
            .iter()
            .map(|(letter, entries)| {
                let (mut writer, reader) = journal();
                for entry in *entries {
                    match grain {
                        Grain::Number => writer.push(entry.clone()),
                        Grain::Request => writer.push_apart(entry.clone()),
                    }
                }
                ((*letter).to_owned(), reader)
            })
            .collect();
        let story = tell(ticket, &LIST, grain, moves, journals)?;
        let steps = story.steps.iter().map(|step| {
            let who = step.session.map_or("?", |who| &story.sessions[who]);
            match step.action {
                Action::Read { seen } => format!("{who} reads {seen}"),
                Action::Write { stale, number, .. } => format!(
                    "{who} writes {}{} {number}",
                    step.counter,
                    if stale { "!" } else { "" }
                ),
                Action::Add { number, .. } => format!("{who} adds to {} {number}", step.counter),
                Action::Elsewhere => format!("elsewhere {}", step.counter),
            }
        });
        Some(steps.collect::<Vec<_>>().join(", "))
    }

    /// The assignment's lost update, `AAAABAABAABB`.
    #[test]
    fn two_sessions_read_the_same_counter() {
        let told = told(2, Grain::Number, &[("A", &[0..4]), ("B", &[2..3, 4..5])]);
        assert_eq!(
            told.unwrap(),
            "A reads 1, A writes 2 19, A reads 2, B reads 2, B writes 3 228, A writes 3! 228, A reads 3, A writes 4 665, B reads 4, B writes 5 7"
        );
    }

    /// `late-atomic`: both adds count, the counter never goes back, and 3 is skipped.
    #[test]
    fn who_adds_too_late_moves_the_counter_past_a_number() {
        let late = Moves::of(&[Operation::Load, Operation::Window, Operation::Add]);
        assert_eq!(late, Moves::Adds(1));
        let journals: &[(&str, &[Range<u64>])] = &[("A", &[1..3, 4..5]), ("B", &[2..3])];
        assert_eq!(
            told_of(late, 2, Grain::Number, journals).unwrap(),
            "A reads 1, A adds to 2 19, A reads 2, B reads 2, B adds to 3 228, A adds to 4 228, A reads 4, A adds to 5 7"
        );
    }

    #[test]
    fn whole_requests_are_told_as_one_read_and_one_write() {
        let told = told(3, Grain::Request, &[("A", &[0..4]), ("B", &[0..6])]);
        assert_eq!(
            told.unwrap(),
            "A reads 0, B reads 0, B writes 6 5, A writes 4! 5"
        );
    }

    /// C reads 1 and writes 2 when A is past it already: C and nobody else then gets 2 again.
    #[test]
    fn a_stale_write_moves_the_counter_back() {
        let told = told(2, Grain::Number, &[("A", &[1..3]), ("C", &[1..3])]);
        assert_eq!(
            told.unwrap(),
            "A reads 1, C reads 1, C writes 2 19, C reads 2, C writes 3 228, A writes 2! 19, A reads 2, A writes 3 228"
        );
    }

    #[test]
    fn a_session_that_is_left_out_is_said_to_have_written() {
        let told = told(2, Grain::Number, &[("A", &[2..3, 2..3])]);
        assert_eq!(
            told.unwrap(),
            "A reads 2, A writes 3 228, elsewhere 2, A reads 2, A writes 3 228"
        );
    }

    #[test]
    fn nobody_got_it() {
        assert_eq!(told(5, Grain::Number, &[("A", &[0..2])]), None);
    }

    #[test]
    fn a_crowd_is_cut_to_what_a_screen_holds() {
        let letters: Vec<_> = (0..9).map(letters).collect();
        let journals = letters.iter().map(|letter| {
            let (mut writer, reader) = journal();
            writer.push(0..1);
            (letter.clone(), reader)
        });
        let story = tell(0, &LIST, Grain::Number, Moves::Writes, journals.collect()).unwrap();
        assert_eq!((story.sessions.len(), story.left_out), (LANES, 5));
    }
}
