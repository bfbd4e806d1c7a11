//! Of an order what one duplicate takes: two lines of draws, from where they part to the two draws of its ticket.
//!
//! A draw of ticket 8 read what a draw of 7 had written, and that read what a draw of 6 had, and so on. The two draws of a
//! duplicate have such a line each. Going back along both, there come two draws that had both read before either wrote:
//! there the lines part. What else was drawn meanwhile can be left out, for no read on these lines found what
//! it wrote. So the cut is part of the order, not another one.
//!
//! Often the two part at once: both draws of the ticket had read it before either wrote. Else a draw that was held up
//! since they parted has moved the counter back.

use std::cmp::Reverse;

use super::search::Write;

/// A read or a write of one draw.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Turn {
    pub(super) session: usize,
    pub(super) ticket: u64,
    pub(super) writes: bool,
}

/// What the draws of `ticket` take, of an order of `writes` that ends with the second of them and begins with the counter at
/// `lowest`. `None` if it is no such order.
pub(super) fn cut(ticket: u64, lowest: u64, writes: &[Write]) -> Option<Vec<Turn>> {
    let mut two = (0..writes.len()).filter(|&it| writes[it].ticket == ticket);
    let (mut one, mut other) = (two.next()?, two.next()?);
    let mut kept = Vec::new();
    loop {
        let (read, other_read) = (
            read_at(one, lowest, writes)?,
            read_at(other, lowest, writes)?,
        );
        let latest = read.max(other_read);
        if latest <= one.min(other) {
            // Which of them read first is not known.
            kept.extend([(one, latest), (other, latest)]);
            break;
        }
        kept.extend([(one, read), (other, other_read)]);
        // Each has read what the write just before wrote.
        (one, other) = (read.checked_sub(1)?, other_read.checked_sub(1)?);
    }
    // A read comes before the write that ends its time; who writes first of all that read then has read last.
    let mut turns: Vec<_> = kept
        .iter()
        .flat_map(|&(write, read)| [(read, false, Reverse(write)), (write, true, Reverse(write))])
        .collect();
    turns.sort_unstable();
    let turns = turns.into_iter().map(|(_, is_write, Reverse(write))| Turn {
        session: writes[write].session,
        ticket: writes[write].ticket,
        writes: is_write,
    });
    Some(turns.collect())
}

/// After how many writes the draw of that write has read. As soon as it could: time passes between the read and the write, for
/// there the window is, and hardly any between two draws.
fn read_at(write: usize, lowest: u64, writes: &[Write]) -> Option<usize> {
    let Write { session, ticket } = writes[write];
    let before = |at: usize| match at.checked_sub(1) {
        Some(at) => writes[at].ticket + 1,
        None => lowest,
    };
    let own = writes[..write].iter().rposition(|it| it.session == session);
    let first = own.map_or(0, |own| own + 1);
    (first..=write).find(|&at| before(at) == ticket)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(lowest: u64, ticket: u64, writes: &[(usize, u64)]) -> String {
        let writes: Vec<_> = writes
            .iter()
            .map(|&(session, ticket)| Write { session, ticket })
            .collect();
        let turns = cut(ticket, lowest, &writes).unwrap();
        let words = turns.iter().map(|turn| {
            let who = ["A", "B", "C"][turn.session];
            let does = if turn.writes { "writes" } else { "reads" };
            let what = turn.ticket + u64::from(turn.writes);
            format!("{who} {does} {what}")
        });
        words.collect::<Vec<_>>().join(", ")
    }

    #[test]
    fn both_read_at_once_and_what_was_written_meanwhile_is_left_out() {
        assert_eq!(
            turns(0, 1, &[(0, 0), (0, 1), (2, 2), (2, 3), (1, 1)]),
            "B reads 1, A reads 1, A writes 2, B writes 2"
        );
    }

    #[test]
    fn a_stale_write_moves_the_counter_back() {
        assert_eq!(
            turns(0, 2, &[(0, 0), (0, 1), (0, 2), (2, 3), (1, 1), (2, 2)]),
            "B reads 1, A reads 1, A writes 2, A reads 2, A writes 3, B writes 2, C reads 2, C writes 3"
        );
    }
}
