//! All that was drawn around a ticket, as one order: who writes after whom.
//!
//! A run that did happen is itself such an order; which it was is not recorded. Each session draws what it drew, in its
//! own order and without gaps, every read finds the counter as it found it in the run, and a write makes it one more than
//! its draw read. A read changes nothing that others see, so whoever can read does: only who writes next is a
//! choice. The likely ones are followed first, and what cannot lead to the end is left at once: a counter to which
//! nobody can come back though a read is still to find it there. To find such an order is NP-hard in general [Cantin,
//! Lipasti and Smith 2005], so the search has a bound.
//!
//! Where the recording leaves a choice, a [guess](Guess) decides.

use std::collections::{HashMap, HashSet};

/// Draws of tickets in a range: each session's in its own order.
#[derive(Clone, Debug)]
pub(super) struct Drawn {
    /// The lowest ticket there may be. Draws of lower ones are left out.
    pub(super) lowest: u64,
    /// Whether what is left out may write, and so make the counter the lowest ticket again.
    pub(super) others: bool,
    /// By session.
    pub(super) tickets: Vec<Vec<u64>>,
}

/// One write: the draw of a session that comes next in its own order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Write {
    /// One past the last session for what is left out.
    pub(super) session: usize,
    pub(super) ticket: u64,
}

/// How a run went on where the recording leaves a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Guess {
    /// Who has read writes soon: those that drew the same had read it at once.
    AtOnce,
    /// Who was held up stays so until his write is needed; the others go on meanwhile.
    HeldUp,
}

/// Why no order was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stopped {
    /// There is none.
    NoOrder,
    /// More would have had to be looked at than [`WORK`].
    OutOfWork,
}

/// How many sessions one search looks at: some milliseconds.
const WORK: usize = 1_000_000;

/// The writes of an order up to the second draw of `ticket`; the counter begins at the lowest ticket.
pub(super) fn search(ticket: u64, drawn: &Drawn, guess: Guess) -> Result<Vec<Write>, Stopped> {
    let mut search = Search::new(ticket, drawn, guess);
    let mut path = vec![search.writers()];
    let mut undone = Vec::new();
    // A write is worth a look at each session, twice.
    let mut left = WORK / (2 * drawn.tickets.len()).max(1);
    while let Some(writers) = path.last_mut() {
        let Some(write) = writers.pop() else {
            path.pop();
            if let Some(undo) = undone.pop() {
                search.undo(undo);
            }
            continue;
        };
        left = left.checked_sub(1).ok_or(Stopped::OutOfWork)?;
        let undo = search.write(write);
        if search.times == 2 {
            return Ok(search.writes);
        }
        if search.is_dead(undo.counter) || !search.seen.insert(search.fingerprint) {
            search.undo(undo);
            continue;
        }
        path.push(search.writers());
        undone.push(undo);
    }
    Err(Stopped::NoOrder)
}

/// What was before a write.
struct Undo {
    counter: u64,
    last: Option<usize>,
    /// Who read after it.
    read: Vec<usize>,
}

struct Search<'a> {
    ticket: u64,
    drawn: &'a Drawn,
    guess: Guess,
    /// By session and place: the lowest ticket from there on.
    least: Vec<Vec<u64>>,
    counter: u64,
    /// By session: the place of the draw that is not written, and whether that has read.
    places: Vec<(usize, bool)>,
    /// Who wrote last.
    last: Option<usize>,
    /// By ticket from the lowest on: how many draws have not read, and not written.
    unread: Vec<u32>,
    unwritten: Vec<u32>,
    /// How many sessions are at a draw of it.
    at: Vec<u32>,
    /// Who draws it more than once, and where.
    again: Vec<Vec<(usize, Vec<usize>)>>,
    /// How often the ticket has been drawn.
    times: usize,
    writes: Vec<Write>,
    /// Of the moments that were reached, each told by a number that no other is likely to have.
    seen: HashSet<u64>,
    fingerprint: u64,
}

impl<'a> Search<'a> {
    fn new(ticket: u64, drawn: &'a Drawn, guess: Guess) -> Self {
        let highest = drawn.tickets.iter().flatten().max();
        let span = highest.map_or(1, |highest| index(highest + 2 - drawn.lowest));
        let (mut unread, mut again) = (vec![0; span], vec![Vec::new(); span]);
        for (session, tickets) in drawn.tickets.iter().enumerate() {
            let mut places: HashMap<u64, Vec<usize>> = HashMap::new();
            for (place, &ticket) in tickets.iter().enumerate() {
                unread[index(ticket - drawn.lowest)] += 1;
                places.entry(ticket).or_default().push(place);
            }
            for (ticket, places) in places.into_iter().filter(|(_, places)| places.len() > 1) {
                again[index(ticket - drawn.lowest)].push((session, places));
            }
        }
        let least = drawn.tickets.iter().map(|tickets| {
            let mut least = vec![u64::MAX; tickets.len() + 1];
            for (place, &ticket) in tickets.iter().enumerate().rev() {
                least[place] = ticket.min(least[place + 1]);
            }
            least
        });
        let mut search = Self {
            ticket,
            drawn,
            guess,
            least: least.collect(),
            counter: drawn.lowest,
            places: vec![(0, false); drawn.tickets.len()],
            last: None,
            unwritten: unread.clone(),
            at: vec![0; span],
            again,
            unread,
            times: 0,
            writes: Vec::new(),
            seen: HashSet::new(),
            fingerprint: 0,
        };
        for session in 0..drawn.tickets.len() {
            search.arrive(session);
        }
        search.read();
        search
    }

    /// The ticket of the session's draw that is not written, or of the `by`th after that.
    fn draw(&self, session: usize, by: usize) -> Option<u64> {
        let tickets = self.drawn.tickets.get(session)?;
        tickets.get(self.places[session].0 + by).copied()
    }

    fn index(&self, ticket: u64) -> usize {
        index(ticket - self.drawn.lowest)
    }

    /// Notes that the session is at its draw.
    fn arrive(&mut self, session: usize) {
        if let Some(ticket) = self.draw(session, 0) {
            let at = self.index(ticket);
            self.at[at] += 1;
        }
    }

    /// Notes that it is not.
    fn depart(&mut self, session: usize) {
        if let Some(ticket) = self.draw(session, 0) {
            let at = self.index(ticket);
            self.at[at] -= 1;
        }
    }

    fn move_to(&mut self, session: usize, place: usize, has_read: bool) {
        self.fingerprint ^= self.mark(session);
        self.places[session] = (place, has_read);
        self.fingerprint ^= self.mark(session);
    }

    fn count_to(&mut self, counter: u64) {
        self.fingerprint ^= mixed(self.counter) ^ mixed(counter);
        self.counter = counter;
    }

    /// Lets somebody write, and all read who then can.
    fn write(&mut self, write: Write) -> Undo {
        let Write { session, ticket } = write;
        let (counter, last) = (self.counter, self.last);
        self.writes.push(write);
        if session < self.places.len() {
            self.times += usize::from(ticket == self.ticket);
            let at = self.index(ticket);
            self.unwritten[at] -= 1;
            self.depart(session);
            self.move_to(session, self.places[session].0 + 1, false);
            self.arrive(session);
        }
        self.last = Some(session);
        self.count_to(ticket + 1);
        Undo {
            counter,
            last,
            read: self.read(),
        }
    }

    fn undo(&mut self, undo: Undo) {
        let Some(Write { session, ticket }) = self.writes.pop() else {
            return;
        };
        for session in undo.read {
            self.move_to(session, self.places[session].0, false);
            let at = self.index(self.counter);
            self.unread[at] += 1;
        }
        self.count_to(undo.counter);
        self.last = undo.last;
        if session < self.places.len() {
            self.times -= usize::from(ticket == self.ticket);
            let at = self.index(ticket);
            self.unwritten[at] += 1;
            self.depart(session);
            self.move_to(session, self.places[session].0 - 1, true);
            self.arrive(session);
        }
    }

    /// All who can read do. Returns them.
    fn read(&mut self) -> Vec<usize> {
        let readers: Vec<usize> = (0..self.places.len())
            .filter(|&session| self.can_read(session, self.counter))
            .collect();
        for &session in &readers {
            self.move_to(session, self.places[session].0, true);
            let at = self.index(self.counter);
            self.unread[at] -= 1;
        }
        readers
    }

    fn can_read(&self, session: usize, counter: u64) -> bool {
        !self.places[session].1 && self.draw(session, 0) == Some(counter)
    }

    /// Whether a read is to find the counter where it cannot be again, now that it was `before`.
    fn is_dead(&self, before: u64) -> bool {
        let leaves = before != self.counter && self.unread[self.index(before)] > 0;
        (leaves && self.comes_back_to(before) == 0)
            || self.needed() > self.comes_back_to(self.counter)
            || (!self.drawn.others && self.is_past_a_read())
    }

    /// How often the counter can become this by a write.
    fn comes_back_to(&self, counter: u64) -> u32 {
        match self.index(counter).checked_sub(1) {
            Some(before) => self.unwritten[before],
            None if self.drawn.others => u32::MAX,
            None => 0,
        }
    }

    /// How often the counter must become at least once more what it is: each session reads it once a time.
    fn needed(&self) -> u32 {
        let now = self.index(self.counter);
        let again = self.again[now].iter().map(|(session, places)| {
            let (place, has_read) = self.places[*session];
            let read = places.partition_point(|&it| it < place + usize::from(has_read));
            u32::try_from(places.len() - read).unwrap_or(u32::MAX)
        });
        again
            .max()
            .unwrap_or(0)
            .max(u32::from(self.unread[now] > 0))
    }

    /// Whether a read is to find the counter lower than it can ever be again: than it is, and than those who have read
    /// will write it.
    fn is_past_a_read(&self) -> bool {
        let mut lowest = self.counter;
        let mut wanted = u64::MAX;
        for (session, &(place, has_read)) in self.places.iter().enumerate() {
            if has_read && let Some(ticket) = self.draw(session, 0) {
                lowest = lowest.min(ticket + 1);
            }
            wanted = wanted.min(self.least[session][place + usize::from(has_read)]);
        }
        wanted < lowest
    }

    /// Who may write next, the likeliest last. Whose write is read by somebody comes before all others; of those, by the
    /// guess, whoever has read what the counter still is, or is not any more.
    fn writers(&self) -> Vec<Write> {
        let pending = (0..self.places.len()).filter(|&session| self.places[session].1);
        let mut writers: Vec<_> = pending
            .filter_map(|session| {
                let ticket = self.draw(session, 0)?;
                let is_read = self.at[self.index(ticket + 1)] > 0
                    || self.draw(session, 1) == Some(ticket + 1);
                let is_stale = ticket != self.counter;
                let goes_on = self.last == Some(session);
                let guessed = is_stale == (self.guess == Guess::AtOnce);
                Some((is_read, guessed, goes_on, ticket, session))
            })
            .collect();
        writers.sort_unstable_by(|one, other| other.cmp(one));
        // Those that will not draw again are all alike.
        let is_last = |session: usize| self.draw(session, 1).is_none();
        writers.dedup_by(|one, other| one.3 == other.3 && is_last(one.4) && is_last(other.4));
        let lowest = self.drawn.lowest;
        let is_wanted = |session: usize| self.can_read(session, lowest);
        let others = lowest.checked_sub(1).filter(|_| {
            let can = self.drawn.others && self.counter != lowest;
            can && (0..self.places.len()).any(is_wanted)
        });
        let others = others.map(|ticket| Write {
            session: self.places.len(),
            ticket,
        });
        let writes = writers.into_iter().rev();
        others
            .into_iter()
            .chain(writes.map(|(.., ticket, session)| Write { session, ticket }))
            .collect()
    }

    /// What a session adds to the fingerprint of a moment.
    fn mark(&self, session: usize) -> u64 {
        let (place, has_read) = self.places[session];
        let place = (place as u64) << 1 | u64::from(has_read);
        mixed((session as u64 + 1) << 32 ^ place)
    }
}

/// Ranges of tickets are far shorter than any memory.
fn index(ticket: u64) -> usize {
    usize::try_from(ticket).unwrap_or(usize::MAX)
}

/// `SplitMix64`: near numbers come to be far apart.
const fn mixed(number: u64) -> u64 {
    let mut mixed = number.wrapping_add(0x9e37_79b9_7f4a_7c15);
    mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    mixed ^ (mixed >> 31)
}
