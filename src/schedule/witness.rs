//! The shortest schedule that shows the bug, and how few interruptions it takes.

use std::collections::{HashSet, VecDeque};

use super::explore::{Graph, NONE};
use super::text::Schedule;

/// Cannot be reached that way.
const NEVER: u16 = u16::MAX;

/// A witness: fewest letters, then fewest switches, then first in the alphabet. `None` if no state was seen in which a
/// number has been handed out twice.
///
/// The first such state in the graph is on the level of the fewest letters. From that level back to the
/// beginning, each state learns how few switches lead from it to the bug; then one walk forward takes
/// the first letter that is as good as any.
pub(super) fn shortest(graph: &Graph) -> Option<Schedule> {
    let is_bug = |id: usize| graph.layout.has_duplicate(graph.state(id));
    let first = (0..graph.len()).find(|&id| is_bug(id))?;
    let bounds: Vec<usize> = graph.levels.iter().copied().chain([graph.len()]).collect();
    let goal = graph.levels.partition_point(|&start| start <= first) - 1;
    let end = bounds[goal + 1];
    let sessions = graph.sessions;
    // From each state, having come by each letter: how many switches are left at least.
    let mut switches = vec![NEVER; end * sessions];
    let next_by = |switches: &[u16], id: usize, level: usize, letter: usize| {
        let next = *graph.turns(id).get(letter)?;
        let there = next as usize;
        (next != NONE && (bounds[level + 1]..bounds[level + 2]).contains(&there))
            .then(|| (there, switches[there * sessions + letter]))
            .filter(|&(_, left)| left != NEVER)
    };
    for level in (0..=goal).rev() {
        for id in bounds[level]..bounds[level + 1] {
            if level == goal {
                if is_bug(id) {
                    switches[id * sessions..(id + 1) * sessions].fill(0);
                }
                continue;
            }
            for came_by in 0..sessions {
                let best = (0..sessions)
                    .filter_map(|letter| {
                        let (_, left) = next_by(&switches, id, level, letter)?;
                        Some(left.saturating_add(u16::from(letter != came_by)))
                    })
                    .min();
                switches[id * sessions + came_by] = best.unwrap_or(NEVER);
            }
        }
    }
    let (mut id, mut came_by) = (0, None);
    let mut letters = Vec::with_capacity(goal);
    for level in 0..goal {
        let (_, letter, there) = (0..sessions)
            .filter_map(|letter| {
                let (there, left) = next_by(&switches, id, level, letter)?;
                let switch = came_by.is_some_and(|came_by| came_by != letter);
                Some((left.saturating_add(u16::from(switch)), letter, there))
            })
            .min()?;
        letters.push(letter);
        (id, came_by) = (there, Some(letter));
    }
    Schedule::of(letters)
}

/// Whether every state was looked at from which a turn might lead to a witness as short as this one.
pub(super) fn is_first(graph: &Graph, witness: &Schedule) -> bool {
    let goal = graph.levels.get(witness.len()).copied();
    graph.is_complete() || goal.is_some_and(|goal| graph.looked_at() >= goal)
}

/// How often at least a session has to be interrupted though it could go on, until a number has been
/// handed out twice. A switch away from a session that waits or is done is none [Musuvathi and Qadeer 2007:
/// most bugs need very few].
pub(super) fn fewest_preemptions(graph: &Graph) -> Option<usize> {
    let mut seen = HashSet::new();
    let mut queue = VecDeque::from([(0usize, None, 0usize)]);
    while let Some((id, last, preemptions)) = queue.pop_front() {
        if !seen.insert((id, last)) {
            continue;
        }
        if graph.layout.has_duplicate(graph.state(id)) {
            return Some(preemptions);
        }
        let turns = graph.turns(id);
        for (letter, &next) in turns.iter().enumerate() {
            if next == NONE {
                continue;
            }
            match last {
                Some(last) if last != letter && turns[last] != NONE => {
                    queue.push_back((next as usize, Some(letter), preemptions + 1));
                }
                _ => queue.push_front((next as usize, Some(letter), preemptions)),
            }
        }
    }
    None
}
