//! Draws among lines that are none: an expression that reads the draws, and names what it passes over.

use super::Sample;
use super::shape;
use crate::check::reading::Reading;

/// So many kinds of lines are passed over at most: more are a log, and only a person knows what is in it.
const KINDS: usize = 4;
/// A client that fell is not to be passed over.
const FELL: [&str; 12] = [
    "traceback",
    "error",
    "exception",
    "panic",
    "panicked",
    "fatal",
    "segmentation",
    "killed",
    "aborted",
    "thread",
    "terminate",
    "caused",
];

impl Sample {
    /// `^Number: (\d+)|^Connected|^Done`. `bare`: lines with a number and nothing else were understood, and are the
    /// draws; else the draws are the lines that most look like each other.
    pub(super) fn beside(&self, bare: bool) -> Vec<Reading> {
        let most = if bare { None } else { self.most_frequent() };
        if !bare && most.is_none() {
            return Vec::new();
        }
        let is_draw = |line: &[u8]| most.as_ref().is_some_and(|most| shape(line) == *most);
        let Some(kinds) = self.kinds(is_draw, most.as_deref().and_then(word)) else {
            return Vec::new();
        };
        let files = self.files.iter();
        let only = Self {
            files: files
                .map(|lines| lines.iter().filter(|line| is_draw(line)).cloned().collect())
                .collect(),
        };
        let draws = match only.lines().next() {
            None => vec![r"^(\d+)$".to_owned()],
            Some(first) => super::draws(only.picks(first))
                .into_iter()
                .filter_map(|reading| match reading {
                    Reading::Pick(pick) => Some(pick.text().to_owned()),
                    _ => None,
                })
                .collect(),
        };
        let all = |draw: String| [&[draw][..], &kinds[..]].concat().join("|");
        draws
            .into_iter()
            .filter_map(|draw| all(draw).parse().ok().map(Reading::Pick))
            .collect()
    }

    /// The shape of more lines than any other.
    fn most_frequent(&self) -> Option<Vec<u8>> {
        let mut shapes: Vec<(Vec<u8>, usize)> = Vec::new();
        for line in self.lines() {
            let shape = shape(line);
            match shapes.iter_mut().find(|(known, _)| *known == shape) {
                Some((_, count)) => *count += 1,
                None => shapes.push((shape, 1)),
            }
        }
        shapes.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
        match &shapes[..] {
            [(_, one), (_, other), ..] if one == other => None,
            _ => shapes.into_iter().next().map(|(shape, _)| shape),
        }
    }

    /// How the other lines begin: `^Done`. `None` if one of them could be a draw, or tells of a client that fell.
    fn kinds(&self, is_draw: impl Fn(&[u8]) -> bool, draw: Option<&str>) -> Option<Vec<String>> {
        let mut kinds = Vec::new();
        for line in self.files.iter().flatten().filter(|line| !is_draw(line)) {
            let Some(word) = word(line) else {
                // Without a digit it is passed over anyway.
                if line.iter().any(u8::is_ascii_digit) {
                    return None;
                }
                continue;
            };
            if draw == Some(word) || FELL.contains(&word.to_lowercase().as_str()) {
                return None;
            }
            let kind = format!("^{word}");
            if !kinds.contains(&kind) {
                kinds.push(kind);
            }
        }
        (kinds.len() <= KINDS).then_some(kinds)
    }
}

/// The word at the front.
fn word(line: &[u8]) -> Option<&str> {
    let text = line.utf8_chunks().next()?.valid();
    let end = text
        .find(|char: char| !char.is_alphabetic())
        .unwrap_or(text.len());
    (end > 1).then_some(&text[..end])
}
