//! Known mistakes: what other languages and habits write, with what is written here. They are asked before
//! anything is said of what was expected.

use super::super::error::Mistake;
use super::super::syntax::Span;
use super::foreign::{DECLARATIONS, OPERATORS, STATEMENTS, among};
use super::odd;
use super::tokens::{Token, tokens};

/// The place where the grammar failed, among the words around it.
struct Place<'a> {
    tokens: &'a [Token<'a>],
    /// The first token that was not understood; one past the last at the end of the file.
    at: usize,
}

/// The known mistake at the place where the grammar failed, if it is one.
pub(super) fn known(source: &str, at: usize) -> Option<Mistake> {
    let all = tokens(source);
    let first = all
        .iter()
        .position(|it| it.span.end > at)
        .unwrap_or(all.len());
    let place = Place {
        tokens: &all,
        at: first,
    };
    let (span, message) = place
        .odd()
        .or_else(|| place.comment())
        .or_else(|| place.not_closed(source))
        .or_else(|| place.assigns_in_a_condition())
        .or_else(|| place.condition())
        .or_else(|| place.declaration())
        .or_else(|| place.statement())
        .or_else(|| place.operator())?;
    Some(Mistake::new(&span, message))
}

type Said = Option<(Span, String)>;

fn takes_a_condition(word: &str) -> bool {
    ["if", "while"]
        .iter()
        .any(|it| it.eq_ignore_ascii_case(word))
}

impl Place<'_> {
    /// The text of a token, so many behind the place or, if negative, before it; empty if there is none.
    fn text(&self, from: isize) -> &str {
        self.token(from).map_or("", |it| it.text)
    }

    fn token(&self, from: isize) -> Option<&Token<'_>> {
        self.tokens.get(self.at.checked_add_signed(from)?)
    }

    fn span(&self, from: isize) -> Span {
        let end = self.tokens.last().map_or(0, |it| it.span.end);
        self.token(from).map_or(end..end, |it| it.span.clone())
    }

    #[expect(
        clippy::unnecessary_wraps,
        reason = "what each of the questions below answers with"
    )]
    fn say(&self, from: isize, message: impl Into<String>) -> Said {
        Some((self.span(from), message.into()))
    }

    /// The braces that are open before the place.
    fn open(&self) -> Vec<usize> {
        let mut open = Vec::new();
        for (nth, token) in self.tokens[..self.at].iter().enumerate() {
            match token.text {
                "{" => open.push(nth),
                "}" => _ = open.pop(),
                _ => {}
            }
        }
        open
    }

    /// Whether a statement or a declaration could begin at this token.
    fn begins(&self, from: isize) -> bool {
        match self.text(from - 1) {
            "" | ";" | "{" | "}" | "else" | "do" => true,
            ")" => {
                let there = Place {
                    tokens: self.tokens,
                    at: self.at.saturating_add_signed(from),
                };
                let head = there.behind_parens_of().map(|it| there.text(it));
                head.is_some_and(|it| takes_a_condition(it) || among(STATEMENTS, it).is_some())
            }
            _ => false,
        }
    }

    /// The word before the parenthesis that is open here, and the first token inside.
    fn in_parens_of(&self) -> Option<isize> {
        let mut closed = 0usize;
        for from in (1..=self.at).filter_map(|it| isize::try_from(it).ok()) {
            match self.text(-from) {
                ")" => closed += 1,
                "(" if closed == 0 => return Some(-from - 1),
                "(" => closed -= 1,
                ";" | "{" | "}" => return None,
                _ => {}
            }
        }
        None
    }

    /// The word before the parentheses that close right before the place.
    fn behind_parens_of(&self) -> Option<isize> {
        if self.text(-1) != ")" {
            return None;
        }
        let before = Place {
            tokens: self.tokens,
            at: self.at - 1,
        };
        before.in_parens_of().map(|it| it - 1)
    }

    fn odd(&self) -> Said {
        let found = self.text(0);
        let c = found
            .chars()
            .find(|c| !c.is_ascii() || c.is_ascii_control())?;
        let start = self.span(0).start + found.find(c)?;
        Some((start..start + c.len_utf8(), odd::named(c)?))
    }

    fn comment(&self) -> Said {
        let comments = "comments are `// …` and `/* … */`";
        match (self.text(0), self.text(1)) {
            ("#", "define") => self.say(0, "a number known beforehand is `const N = 5;`"),
            ("#", "include") => self.say(0, "nothing is included: take the line out"),
            ("#", _) => self.say(0, comments),
            ("--", _) if self.begins(0) && self.text(2) != ";" => self.say(0, comments),
            ("--" | "++", _) if self.begins(0) => {
                let sign = self.text(0);
                self.say(
                    0,
                    format!("the sign stands behind: `{}{sign};`", self.text(1)),
                )
            }
            ("++" | "--", _) => {
                let sign = self.text(0);
                self.say(
                    0,
                    format!("`x{sign};` is a statement of its own, and no value"),
                )
            }
            ("(", "*") if self.begins(0) => self.say(0, comments),
            _ => None,
        }
    }

    /// A brace that is not closed: the file ends, or what stands outside of processes begins.
    fn not_closed(&self, source: &str) -> Said {
        let open = self.open();
        let found = self.text(0).to_ascii_lowercase();
        if found == "}" && open.is_empty() {
            return self.say(0, "this `}` closes nothing");
        }
        let declares = matches!(found.as_str(), "process" | "never" | "finally");
        if open.is_empty() || !(found.is_empty() || declares) {
            return None;
        }
        if self.text(-1) != "}" && self.text(-1) != ";" && self.text(-1) != "{" {
            return None; // Something else is missing here, too.
        }
        let lines = Lines::of(source);
        // The one at fault is the first whose `}` stands less deep than its line; else the innermost.
        let mut stack = Vec::new();
        let mut fault = None;
        for token in &self.tokens[..self.at] {
            match token.text {
                "{" => stack.push(token),
                "}" => {
                    let opened = stack.pop();
                    let (line, indent) = lines.at(token.span.start);
                    if let Some(opened) = opened
                        && fault.is_none()
                        && lines.begins(token.span.start)
                        && indent < lines.at(opened.span.start).1
                    {
                        fault = Some((opened, Some(line)));
                    }
                }
                _ => {}
            }
        }
        let (brace, closes) = fault.or_else(|| stack.last().map(|it| (*it, None)))?;
        let (line, _) = lines.at(brace.span.start);
        let behind = match closes {
            Some(closes) => format!("; the first line indented less than it is line {closes}"),
            None if declares => {
                let before = lines.at(self.span(0).start).0;
                format!(" before `{found}` in line {before}")
            }
            None => String::new(),
        };
        let message = format!("the `{{` of line {line} is not closed{behind}");
        Some((brace.span.clone(), message))
    }

    fn assigns_in_a_condition(&self) -> Said {
        let compares = "`=` assigns: to compare, write `==`";
        match self.text(0) {
            "=" => {
                let head = self
                    .in_parens_of()
                    .map(|it| self.text(it).to_ascii_lowercase());
                let condition =
                    matches!(head.as_deref(), Some("if" | "while" | "assert" | "until"));
                (condition || self.in_a_rule()).then(|| (self.span(0), compares.to_owned()))
            }
            "==" if self.begins(-1) => self.say(0, "`==` compares: to assign, write `=`"),
            _ => None,
        }
    }

    fn in_a_rule(&self) -> bool {
        let before = self.tokens[..self.at].iter().rev();
        let first = before
            .take_while(|it| !matches!(it.text, ";" | "{" | "}"))
            .last();
        first.is_some_and(|it| {
            it.text.eq_ignore_ascii_case("never") || it.text.eq_ignore_ascii_case("finally")
        })
    }

    fn condition(&self) -> Said {
        let before = self.text(-1).to_ascii_lowercase();
        let found = self.text(0).to_ascii_lowercase();
        if matches!(before.as_str(), "if" | "while" | "assert") && found != "(" {
            return self.say(
                0,
                "a condition stands in `( )`, and there is no `then` and no `do` behind it",
            );
        }
        if before == "do" && found != "{" {
            return self.say(0, "write `do { … } while (…);`, with the braces");
        }
        let body = before == "else" && found != "if"
            || self
                .behind_parens_of()
                .is_some_and(|it| takes_a_condition(self.text(it)));
        let word = match found.as_str() {
            "do" if self.text(1) != "{" => "then",
            word => word,
        };
        if matches!(word, "then" | "begin") && body {
            return self.say(0, format!("there is no `{found}` here: the statement, or `{{ … }}`, stands right behind the condition"));
        }
        if body && matches!(word, "if" | "while" | "do" | "section" | "local") {
            return self.say(
                0,
                format!(
                    "a body is one simple statement or `{{ … }}`: put `{{ }}` around this `{word}`"
                ),
            );
        }
        None
    }

    fn declaration(&self) -> Said {
        if !self.open().is_empty() {
            let declares = |from: isize, words: &[&str]| {
                words
                    .iter()
                    .any(|it| it.eq_ignore_ascii_case(self.text(from)))
                    && self.begins(from)
            };
            let from = if declares(0, &["shared", "const"]) {
                0
            } else if declares(-1, &["semaphore", "mutex", "rwlock", "fifo"]) && self.text(0) != "="
            {
                -1
            } else {
                return None;
            };
            let word = self.text(from);
            return self.say(from, format!("`{word}` stands outside of processes; a process's own numbers are `local x = 0;`"));
        }
        let locks = ["semaphore", "mutex", "rwlock"];
        let lock = |from| locks.contains(&self.text(from).to_ascii_lowercase().as_str());
        if lock(-2) && matches!(self.text(0), "(" | ":") || self.text(-1) == "new" && lock(0) {
            return self.say(
                0,
                "a semaphore and its count are written `semaphore s = 1;`, a mutex `mutex m;`",
            );
        }
        for from in [0, -1] {
            if self.begins(from)
                && let Some(right) = among(DECLARATIONS, self.text(from))
            {
                // `int main(` and `int f(` are no variables.
                let function = self.text(from + 2) == "(";
                let right = if function {
                    among(DECLARATIONS, "void").unwrap_or(right)
                } else {
                    right
                };
                return self.say(from, right);
            }
        }
        None
    }

    fn statement(&self) -> Said {
        let word = |from: isize| {
            among(STATEMENTS, self.text(from)).map(|it| (self.span(from), it.to_owned()))
        };
        // `elif (x == 1) {` and `for (i = 0; …` read like calls until something does not fit.
        for head in [self.in_parens_of(), self.behind_parens_of()]
            .into_iter()
            .flatten()
        {
            if self.begins(head)
                && let Some(said) = word(head)
            {
                return Some(said);
            }
        }
        if let Some(head) = self.loop_of() {
            return word(head);
        }
        let (method, of) = (self.text(1), self.text(-1));
        if self.text(0) == "." && self.text(2) == "(" && self.begins(-1) {
            return self.say(0, format!("what is called stands first: `{method}({of});`"));
        }
        for from in [0, -1] {
            if self.begins(from)
                && let Some(said) = word(from)
            {
                return Some(said);
            }
        }
        // `process p begin` takes the word for the name of an index.
        let index = self.text(-1).eq_ignore_ascii_case("begin");
        if index { word(-1) } else { None }
    }

    /// `for (i = 0; i < n; i++)`: the failure may stand behind the first `;`.
    fn loop_of(&self) -> Option<isize> {
        (-6..0).find(|&from| {
            self.text(from).eq_ignore_ascii_case("for")
                && self.begins(from)
                && self.text(from + 1) == "("
        })
    }

    fn operator(&self) -> Said {
        let (before, found) = (self.text(-1), self.text(0));
        if found == "[" && before == "]" {
            return self.say(0, "an array has one index: `a[2 * i + j]`");
        }
        let number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if found == "." && number(before) {
            return self.say(0, "there are whole numbers only");
        }
        // `:` and `=` of `:=` with a blank between.
        if found == ":" && self.text(1) == "=" {
            return self.say(0, "`=` assigns: write `x = 1;`");
        }
        if matches!(found, "." | "...") && self.begins(0) {
            return self.say(0, "what is left out can be an activity, as in `think();`");
        }
        if before.eq_ignore_ascii_case("not") {
            return among(OPERATORS, "not").map(|it| (self.span(-1), it.to_owned()));
        }
        among(OPERATORS, found).map(|it| (self.span(0), it.to_owned()))
    }
}

/// The lines of a text: where each begins, where its first character that is no blank stands, and how many
/// blanks stand before that.
struct Lines(Vec<(usize, usize, usize)>);

impl Lines {
    fn of(source: &str) -> Self {
        let mut start = 0;
        let lines = source.split_inclusive('\n').map(|text| {
            let blanks = text.chars().take_while(|&c| odd::is_blank(c));
            let (bytes, indent) =
                blanks.fold((0, 0), |(bytes, many), c| (bytes + c.len_utf8(), many + 1));
            let line = (start, start + bytes, indent);
            start += text.len();
            line
        });
        Self(lines.collect())
    }

    /// Which line a byte stands in, from 1, and how far that is indented.
    fn at(&self, byte: usize) -> (usize, usize) {
        let line = self.0.partition_point(|it| it.0 <= byte);
        let indent = line.checked_sub(1).and_then(|it| self.0.get(it));
        (line, indent.map_or(0, |it| it.2))
    }

    /// Whether a byte is the first of its line that is no blank.
    fn begins(&self, byte: usize) -> bool {
        let line = self.at(byte).0;
        line > 0 && self.0[line - 1].1 == byte
    }
}
