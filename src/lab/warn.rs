//! What is odd about a program, though not wrong: statements that nothing reaches.

use super::error::Mistake;
use super::program::{Code, Instr};

/// The instructions that can be reached. With `stepped`, from what was seen in every order: beyond a
/// step only if some process was seen before it and could take it.
fn reached(code: &Code, stepped: Option<&[bool]>) -> Vec<bool> {
    let mut reached = vec![false; code.code.len()];
    let mut todo = vec![0];
    while let Some(at) = todo.pop() {
        if at >= reached.len() || std::mem::replace(&mut reached[at], true) {
            continue;
        }
        match &code.code[at] {
            Instr::End => {}
            Instr::Jump(to) => todo.push(*to),
            Instr::Unless(value, to) => match value.constant() {
                Some(0) => todo.push(*to),
                Some(_) => todo.push(at + 1),
                None => todo.extend([at + 1, *to]),
            },
            instr if instr.is_step() && stepped.is_some_and(|it| !it[at]) => {}
            _ => todo.push(at + 1),
        }
    }
    reached
}

/// Whether a process may come to its end, as far as the text tells.
#[must_use]
pub fn can_end(code: &Code) -> bool {
    reached(code, None).last() == Some(&true)
}

/// The statements nobody ever comes to, the outermost and first ones only. `stepped` says for each step
/// whether it was taken in any order, if every order has been looked at.
#[must_use]
pub fn unreachable(code: &Code, stepped: Option<&[bool]>) -> Vec<Mistake> {
    let reached = reached(code, stepped);
    let mut dead: Vec<_> = code
        .statements
        .iter()
        .filter(|(range, _)| !reached[range.start])
        .collect();
    dead.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut found = Vec::new();
    let mut end = None;
    for (range, span) in dead {
        if end.is_none_or(|end| range.start > end) {
            found.push(Mistake::new(
                span,
                "nothing ever comes here: this statement is never done",
            ));
        }
        end = end.max(Some(range.end));
    }
    found
}
