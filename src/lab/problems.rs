//! The problems that come with it, from `demos/problems`, inside the binary.

/// A problem: its name and its program.
#[derive(Debug, Clone, Copy)]
pub struct Problem {
    /// Its name, as `lab check` takes it.
    pub name: &'static str,
    /// The program.
    pub source: &'static str,
}

macro_rules! problems {
    ($($name:literal),* $(,)?) => {
        &[$(Problem {
            name: $name,
            source: include_str!(concat!("../../demos/problems/", $name, ".sync")),
        }),*]
    };
}

/// All of them, in the order of the textbook.
pub const ALL: &[Problem] = problems![
    "bounded-buffer-racy",
    "bounded-buffer",
    "readers-writers-first",
    "readers-writers-second",
    "readers-writers-fair",
    "rwlock",
    "philosophers-naive",
    "philosophers-four-seats",
    "philosophers-both-or-none",
    "philosophers-odd-even",
    "philosophers-fair",
    "lootbox-race",
    "lootbox-lock",
];

/// The problem of a name.
#[must_use]
pub fn named(name: &str) -> Option<&'static Problem> {
    ALL.iter().find(|it| it.name == name)
}

/// With these a comment behind a rule begins: what becomes of it.
const VERDICTS: &[&str] = &["holds", "broken"];
/// With this a comment begins that gives the answer away.
const ANSWER: &str = "Answer:";

impl Problem {
    /// The program without its answers, for whoever is to find them: what becomes of each rule, and what else
    /// the file says of it. All lines of the program stand where they stood.
    #[must_use]
    pub fn asked(&self) -> String {
        let mut lines: Vec<_> = self.source.lines().map(without_answer).collect();
        // An answer at the end may take several lines.
        let last = self
            .source
            .lines()
            .position(|it| it.starts_with(&format!("// {ANSWER}")));
        lines.truncate(last.unwrap_or(lines.len()));
        lines.join("\n").trim_end().to_owned() + "\n"
    }

    /// The question it answers: its first line.
    #[must_use]
    pub fn question(&self) -> &'static str {
        let first = self.source.lines().next().unwrap_or("");
        first.trim_start_matches("//").trim()
    }
}

/// A line without the comment that gives an answer away, if it has one.
fn without_answer(line: &str) -> &str {
    let Some((code, comment)) = line.split_once("//") else {
        return line;
    };
    let comment = comment.trim();
    let gives_away =
        comment.starts_with(ANSWER) || VERDICTS.iter().any(|it| comment.starts_with(it));
    if gives_away { code.trim_end() } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lab::compile::Settings;

    #[test]
    fn what_is_asked_is_the_same_program_and_no_answer() {
        for problem in ALL {
            let asked = problem.asked();
            for word in [
                "holds;",
                "// holds",
                "broken",
                "Answer",
                "starve, ",
                "for ever.",
            ] {
                assert!(!asked.contains(word), "{}: {word}", problem.name);
            }
            assert!(
                !asked.lines().any(|it| it.ends_with(' ')),
                "{}",
                problem.name
            );
            let rules = |source: &str| {
                let program = crate::lab::load(problem.name, source, &Settings::default()).unwrap();
                let line = |at| crate::lab::error::line_and_column(source, at).0;
                let rules = program
                    .rules
                    .iter()
                    .map(|it| (it.text.clone(), line(it.span.start)));
                rules.collect::<Vec<_>>()
            };
            assert_eq!(rules(&asked), rules(problem.source), "{}", problem.name);
        }
    }
}
