//! From the journals to the sums: one round's duplicates, lost updates and skipped numbers.
//!
//! This runs beside the draws, never in their way. Memory: 4 bytes a ticket up to the highest one
//! handed out, about 50 bytes a duplicated number, and the journals.

use std::collections::{BTreeSet, HashMap, VecDeque};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

use super::journal::Reader;
use super::member::Member;
pub(crate) use super::member::{row, shorten};
use super::session::SessionRecord;
use super::snapshot::{Duplicate, RecentDraw, SessionRow, Sums};

/// Draws a second are measured over this many samples.
const SAMPLES: usize = 5;

/// The sums of one round.
#[derive(Debug, Default)]
pub struct Tally {
    members: Vec<Member>,
    /// By ticket: nobody (0), or the first to get it, as 1 + index in `members`.
    first: Vec<u32>,
    /// By duplicated ticket: everybody who got it after the first.
    again: HashMap<u32, Vec<u32>>,
    /// The duplicated tickets, in the order in which they were noticed.
    duplicated: Vec<u32>,
    /// Tickets passed by the counter and handed out to nobody.
    skipped: BTreeSet<u32>,
    /// All draws of tickets below this have been read.
    settled: u64,
    sums: Sums,
    times: VecDeque<Duration>,
    samples: VecDeque<u64>,
}

/// A ticket as it is stored: lists have at most 2³² numbers.
fn small(ticket: u64) -> u32 {
    u32::try_from(ticket).unwrap_or(u32::MAX)
}

impl Tally {
    /// Takes up a session that is about to draw for the first time.
    pub fn join(&mut self, record: Arc<SessionRecord>, journal: Reader) {
        self.members.push(Member::new(record, journal));
    }

    /// Reads what the journals have gained.
    pub fn read(&mut self) {
        for index in 0..self.members.len() {
            while let Some(tickets) = self.members[index].next_tickets() {
                self.members[index].draws += tickets.end - tickets.start;
                self.hand_out(small(index as u64), tickets);
            }
        }
    }

    fn hand_out(&mut self, member: u32, tickets: Range<u64>) {
        self.sums.draws += tickets.end - tickets.start;
        let end = usize::try_from(tickets.end).unwrap_or(usize::MAX);
        if self.first.len() < end {
            self.first.resize(end, 0);
        }
        for ticket in tickets {
            let first = &mut self.first[small(ticket) as usize];
            if *first == 0 {
                *first = member + 1;
                self.sums.distinct += 1;
                if ticket < self.settled {
                    self.skipped.remove(&small(ticket));
                }
            } else {
                let first = *first - 1;
                self.hand_out_again(small(ticket), first, member);
            }
        }
    }

    fn hand_out_again(&mut self, ticket: u32, first: u32, member: u32) {
        let again = self.again.entry(ticket).or_default();
        if again.is_empty() {
            self.sums.duplicates += 1;
            self.duplicated.push(ticket);
            self.members[first as usize].duplicates += 1;
        }
        if member != first && !again.contains(&member) {
            self.members[member as usize].duplicates += 1;
        }
        again.push(member);
        self.sums.extras += 1;
    }

    /// One past the highest ticket handed out.
    #[must_use]
    pub fn one_past_highest(&self) -> u64 {
        self.first.len() as u64
    }

    /// Notes that the counter was moved up by hand.
    pub fn repair(&mut self, by: u64) {
        self.sums.repaired += by;
    }

    /// Notes that the counter has come to `counter` and that every draw that began before it did has
    /// been [read](Self::read): what is missing below was skipped.
    pub fn settle(&mut self, counter: u64) {
        for ticket in self.settled..counter {
            let handed_out = usize::try_from(ticket)
                .ok()
                .and_then(|ticket| self.first.get(ticket))
                .is_some_and(|&first| first != 0);
            if !handed_out {
                self.skipped.insert(small(ticket));
            }
        }
        self.settled = self.settled.max(counter);
    }

    /// Notes how many draws there are at `now`, for the draws a second. To be called at even
    /// intervals.
    pub fn sample(&mut self, now: Duration) {
        fn keep<T>(samples: &mut VecDeque<T>, sample: T) {
            if samples.len() == SAMPLES {
                samples.pop_front();
            }
            samples.push_back(sample);
        }
        keep(&mut self.times, now);
        keep(&mut self.samples, self.sums.draws);
        for member in &mut self.members {
            if member.is_let_go() {
                continue;
            }
            keep(&mut member.samples, member.draws);
            let still = member.samples.len() == SAMPLES
                && member.samples.iter().all(|&draws| draws == member.draws);
            member.let_go(still);
        }
    }

    fn per_second(&self, samples: &VecDeque<u64>) -> u64 {
        let span = match (
            self.times.back(),
            self.times.len().checked_sub(samples.len()),
        ) {
            (Some(&last), Some(offset)) if samples.len() > 1 => {
                last.saturating_sub(self.times[offset])
            }
            _ => return 0,
        };
        let draws = samples.back().unwrap_or(&0) - samples.front().unwrap_or(&0);
        let nanoseconds = span.as_nanos().max(1);
        u64::try_from(u128::from(draws) * 1_000_000_000 / nanoseconds).unwrap_or(u64::MAX)
    }

    /// Draws a second over the last samples.
    #[must_use]
    pub fn draws_per_second(&self) -> u64 {
        self.per_second(&self.samples)
    }

    /// The sums, when the counter has come to `counter`.
    #[must_use]
    pub fn sums(&self, counter: u64) -> Sums {
        let moved = counter.saturating_sub(self.sums.repaired);
        Sums {
            lost_updates: self.sums.draws.saturating_sub(moved),
            skipped: self.skipped.len() as u64,
            retries: self.members.iter().map(Member::retries).sum(),
            ..self.sums
        }
    }

    fn letter(&self, member: u32) -> String {
        self.members[member as usize].letter()
    }

    fn holders(&self, ticket: u32) -> impl Iterator<Item = u32> {
        let first = self.first.get(ticket as usize).copied().unwrap_or(0);
        first
            .checked_sub(1)
            .into_iter()
            .chain(self.again.get(&ticket).into_iter().flatten().copied())
    }

    /// The newest duplicates, newest last.
    #[must_use]
    pub fn newest_duplicates(&self, list: &[u32], most: usize) -> Vec<Duplicate> {
        let from = self.duplicated.len().saturating_sub(most);
        self.duplicated[from..]
            .iter()
            .map(|&ticket| Duplicate {
                number: u64::from(list[ticket as usize]),
                ticket: u64::from(ticket),
                sessions: self
                    .holders(ticket)
                    .map(|member| self.letter(member))
                    .collect(),
            })
            .collect()
    }

    /// The draws of the tickets just below `counter`, in the order of tickets.
    #[must_use]
    pub fn newest_draws(&self, list: &[u32], counter: u64, most: usize) -> Vec<RecentDraw> {
        let end = small(counter.min(self.one_past_highest()));
        let mut newest: Vec<_> = (0..end)
            .rev()
            .take(most)
            .flat_map(|ticket| {
                let mut holders: Vec<_> = self.holders(ticket).collect();
                holders.reverse();
                holders.into_iter().map(move |member| (ticket, member))
            })
            .take(most)
            .map(|(ticket, member)| RecentDraw {
                ticket: u64::from(ticket),
                session: self.letter(member),
                number: u64::from(list[ticket as usize]),
                duplicate: self.again.contains_key(&ticket),
            })
            .collect();
        newest.reverse();
        newest
    }

    /// All journals from their beginnings, by letter: what a story is told from, without holding up the sums
    /// meanwhile.
    #[must_use]
    pub fn journals(&self) -> Vec<(String, Reader)> {
        self.members
            .iter()
            .map(|member| (member.letter(), member.beginning()))
            .collect()
    }

    /// The first `most` of the sessions that have drawn: those that are connected, then those that have left, each in
    /// the order of their letters; and how many more there are.
    #[must_use]
    pub fn rows(&self, most: usize) -> (Vec<SessionRow>, u64) {
        let mut places: Vec<_> = (self.members.iter().map(Member::place).enumerate())
            .map(|(index, place)| (place, index))
            .collect();
        let left_out = places.len().saturating_sub(most);
        // Nobody looks at the others: there may be many.
        if left_out > 0 {
            places.select_nth_unstable(most);
            places.truncate(most);
        }
        places.sort_unstable();
        let rows = places.into_iter().map(|(_, index)| {
            let member = &self.members[index];
            member.row(self.per_second(&member.samples))
        });
        (rows.collect(), left_out as u64)
    }
}

#[cfg(test)]
mod tests {
    use super::super::journal::{Writer, journal};
    use super::*;

    const LIST: [u32; 6] = [5, 19, 228, 665, 7, 11];

    fn tally_of(letters: u64) -> (Tally, Vec<Writer>) {
        let mut tally = Tally::default();
        let writers = (0..letters)
            .map(|index| {
                let (writer, reader) = journal();
                let record = SessionRecord::new(index + 1, "127.0.0.1:1".parse().unwrap());
                record.take_letter(|| index);
                tally.join(Arc::new(record), reader);
                writer
            })
            .collect();
        (tally, writers)
    }

    /// `AAAABAABAABB` on unsafe-race, the assignment's second table as far as it can happen: A gets
    /// the tickets 0 1 2 3, B gets 2 and 4, and the counter ends at 5.
    #[test]
    fn the_assignments_lost_update() {
        let (mut tally, mut writers) = tally_of(2);
        writers[0].push(0..4);
        writers[1].push(2..3);
        writers[1].push(4..5);
        tally.read();
        tally.settle(5);
        let sums = tally.sums(5);
        assert_eq!(
            sums,
            Sums {
                draws: 6,
                distinct: 5,
                duplicates: 1,
                extras: 1,
                lost_updates: 1,
                ..Sums::default()
            }
        );
        let duplicate = Duplicate {
            number: 228,
            ticket: 2,
            sessions: vec!["A".into(), "B".into()],
        };
        assert_eq!(tally.newest_duplicates(&LIST, 9), [duplicate]);
        let strip: Vec<_> = tally
            .newest_draws(&LIST, 5, 9)
            .into_iter()
            .map(|draw| (draw.ticket, draw.session, draw.number, draw.duplicate))
            .collect();
        let column = |ticket, session: &str, number, duplicate| {
            (ticket, session.to_owned(), number, duplicate)
        };
        assert_eq!(
            strip,
            [
                column(0, "A", 5, false),
                column(1, "A", 19, false),
                column(2, "A", 228, true),
                column(2, "B", 228, true),
                column(3, "A", 665, false),
                column(4, "B", 7, false),
            ]
        );
        assert_eq!(
            tally
                .rows(9)
                .0
                .iter()
                .map(|row| (row.draws, row.duplicates))
                .collect::<Vec<_>>(),
            [(4, 1), (2, 1)]
        );
    }

    /// The same schedule with an atomic add that comes too late: 665 is passed and never handed out.
    #[test]
    fn a_number_that_the_counter_passed_is_skipped_once_it_is_settled() {
        let (mut tally, mut writers) = tally_of(2);
        writers[0].push(0..3);
        writers[1].push(2..3);
        writers[0].push(4..5);
        tally.read();
        assert_eq!(
            tally.sums(6).skipped,
            0,
            "B's second draw could still be in flight"
        );
        writers[1].push(5..6);
        tally.read();
        tally.settle(6);
        let sums = tally.sums(6);
        assert_eq!((sums.skipped, sums.lost_updates, sums.extras), (1, 0, 1));
        writers[1].push(3..4);
        tally.read();
        assert_eq!(tally.sums(6).skipped, 0, "handed out after all");
    }

    #[test]
    fn a_session_that_gets_a_number_twice_is_in_one_duplicate() {
        let (mut tally, mut writers) = tally_of(2);
        writers[0].push(3..4);
        writers[0].push(3..4);
        writers[1].push(3..4);
        writers[1].push(3..4);
        tally.read();
        let sums = tally.sums(4);
        assert_eq!((sums.duplicates, sums.extras), (1, 3));
        assert!(tally.rows(9).0.iter().all(|row| row.duplicates == 1));
    }

    #[test]
    fn a_repair_is_no_progress_of_the_counter() {
        let (mut tally, mut writers) = tally_of(1);
        writers[0].push(0..10);
        tally.read();
        // A stale store left the counter at 4; a change of mode moved it to 10.
        assert_eq!(tally.sums(4).lost_updates, 6);
        tally.repair(6);
        assert_eq!(tally.sums(10).lost_updates, 6);
        assert_eq!(tally.sums(10).repaired, 6);
    }

    #[test]
    fn draws_a_second_are_measured_over_the_last_samples() {
        let (mut tally, mut writers) = tally_of(1);
        for quarter in 0..20u64 {
            writers[0].push(quarter * 25..(quarter + 1) * 25);
            tally.read();
            tally.sample(Duration::from_millis(250 * quarter));
        }
        assert_eq!(tally.draws_per_second(), 100);
        assert_eq!(tally.rows(9).0[0].draws_per_second, 100);
    }

    /// Nothing that is shown of a round changes when a session that is gone is let go.
    #[test]
    fn a_session_that_is_gone_is_kept_in_less_and_told_the_same() {
        let mut tally = Tally::default();
        let mut writers = Vec::new();
        let mut records = Vec::new();
        for index in 0..3 {
            let (writer, reader) = journal();
            let record = Arc::new(SessionRecord::new(
                index + 1,
                "127.0.0.1:1".parse().unwrap(),
            ));
            record.take_letter(|| index);
            tally.join(Arc::clone(&record), reader);
            writers.push(writer);
            records.push(record);
        }
        records[0].set_name("Ada".into());
        records[0].add_undelivered(2);
        records[0].add_retry();
        writers[0].push(0..4);
        writers[0].push_apart(4..5);
        writers[1].push(2..3);
        records[0].close();
        tally.read();
        let all = |tally: &Tally| {
            let journals: Vec<(String, Vec<_>)> = tally
                .journals()
                .into_iter()
                .map(|(letter, journal)| (letter, journal.collect()))
                .collect();
            (
                tally.sums(5),
                tally.rows(9),
                tally.newest_duplicates(&LIST, 9),
                tally.newest_draws(&LIST, 5, 9),
                journals,
            )
        };
        let before = all(&tally);
        for quarter in 0..SAMPLES as u64 {
            assert!(!tally.members[0].is_let_go());
            tally.read();
            tally.sample(Duration::from_millis(250 * quarter));
        }
        let let_go: Vec<_> = tally.members.iter().map(Member::is_let_go).collect();
        assert_eq!(let_go, [true, false, false], "the others are connected");
        assert_eq!(all(&tally), before);
        // Those who left stand last, and are left out first.
        let (rows, left_out) = tally.rows(2);
        let letters: Vec<_> = rows.into_iter().filter_map(|row| row.letter).collect();
        assert_eq!((letters, left_out), (vec!["B".into(), "C".into()], 1));
        // A ticket of its may still go out again.
        writers[2].push(0..1);
        tally.read();
        assert_eq!(tally.newest_duplicates(&LIST, 1)[0].sessions, ["A", "C"]);
        assert_eq!(tally.rows(9).0[2].duplicates, 2);
    }
}
