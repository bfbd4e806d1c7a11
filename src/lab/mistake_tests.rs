//! Mistakes that people make, each with the word that helps.

use super::compile::Settings;

/// What somebody types, and what the message must hold. Unless it declares its own, `shared x; semaphore s = 1;` and
/// `process p { }` stand around it.
const IN_A_PROCESS: &[(&str, &str)] = &[
    ("if (x = 1) x = 2;", "`=` assigns: to compare, write `==`"),
    ("while (x = 1) ;", "write `==`"),
    ("assert(x = 1);", "write `==`"),
    ("x == 1;", "`==` compares"),
    ("x := 1;", "`=` assigns"),
    ("x <- 1;", "`=` assigns"),
    ("x ← 1;", "write `=`"),
    ("if (x == 1 and x == 2) x = 1;", "`&&`"),
    ("if (x == 1 OR x == 2) x = 1;", "`||`"),
    ("if (not x) x = 1;", "`!`"),
    ("if (x ≠ 1) x = 1;", "`!=`"),
    ("if (x <> 1) x = 1;", "`!=`"),
    ("if (x ≤ 1) x = 1;", "`<=`"),
    ("if (x & 1) x = 1;", "`&&`"),
    ("if (x | 1) x = 1;", "`||`"),
    ("x = x mod 2;", "`%`"),
    ("x = x ? 1 : 2;", "write `if"),
    ("x *= 2;", "x * 2"),
    (
        "if (x == 1) { x = 2; } elif (x == 3) { x = 4; }",
        "`else if (…)`",
    ),
    ("if (x == 1) x = 2; else if x == 2 x = 3;", "`( )`"),
    ("if x == 1 then x = 2;", "no `then`"),
    ("if (x == 1) then x = 2;", "no `then`"),
    ("if (x == 1) then { x = 2; }", "no `then`"),
    ("while true { x = 1; }", "`( )`"),
    ("while (x) do x = 1;", "no `do`"),
    (
        "if (x == 1) if (x == 2) x = 3;",
        "put `{ }` around this `if`",
    ),
    ("while (x) if (x == 2) x = 3;", "put `{ }` around this `if`"),
    (
        "if (x) x = 1; else while (x) ;",
        "put `{ }` around this `while`",
    ),
    ("do x = 1; while (x < 2);", "`do { … } while (…);`"),
    ("for (i = 0; i < 3; i++) { x = i; }", "no `for`"),
    ("for (int i = 0; i < 3; i++) { x = i; }", "no `for`"),
    ("for i = 1 to 3 { x = i; }", "no `for`"),
    ("for (;;) { x = 1; }", "no `for`"),
    ("repeat { x = 1; } until (x == 1);", "`do { … } while (…);`"),
    ("loop { x = 1; }", "`while (TRUE) { … }`"),
    ("while (TRUE) { break; }", "in the condition"),
    ("while (TRUE) { if (x == 1) break; }", "in the condition"),
    ("while (TRUE) { continue; }", "in the condition"),
    ("return;", "no `return`"),
    ("return x;", "no `return`"),
    ("switch (x) { }", "no `switch`"),
    ("begin x = 1; end", "`{ … }`, not `begin … end`"),
    ("++x;", "`x++;`"),
    ("--x;", "`x--;`"),
    ("local y; y = x++;", "statement of its own"),
    ("int k = 0;", "`local x = 0;`"),
    ("char k;", "`local x = 0;`"),
    ("shared y;", "outside of processes"),
    ("semaphore t = 1;", "outside of processes"),
    ("mutex m;", "outside of processes"),
    ("atomic { x = 1; }", "`mutex m;`"),
    ("synchronized (s) { x = 1; }", "`mutex m;`"),
    ("await (x == 1);", "`while (!(…)) ;`"),
    ("s.wait();", "`wait(s);`"),
    ("s.signal();", "`signal(s);`"),
    ("wiat(s);", "did you mean `wait(s)`?"),
    ("sginal(s);", "did you mean `signal(s)`?"),
    ("P(s);", "did you mean `wait(s)`?"),
    ("V(s);", "did you mean `signal(s)`?"),
    ("sem_post(s);", "did you mean `signal(s)`?"),
    ("acquire(s);", "did you mean `wait(s)`?"),
    ("flurb(s);", "use wait and signal"),
    ("x = s;", "cannot read a semaphore's count"),
    ("if (s == 0) x = 1;", "cannot read a semaphore's count"),
    ("s = 1;", "is not a variable"),
    ("print(\"text\");", "no strings"),
    ("x = 'a';", "no strings"),
    ("x = “a”;", "U+201C"),
    ("x = ‘a’;", "U+2018"),
    ("x = 1.5;", "whole numbers"),
    ("x = 2 ** 3;", "no other arithmetic"),
    ("x = x − 1;", "write `-`"),
    ("x[1][2] = 1;", "one index"),
    ("-- a comment\nx = 1;", "`// …`"),
    ("# a comment\nx = 1;", "`// …`"),
    (". . .\nx = 1;", "activity"),
    ("…\nx = 1;", "activity"),
    ("zähler = 1;", "a to z"),
    ("co\u{ad}unter = 1;", "soft hyphen"),
    ("x = 1\nx = 2;", "expected `;`"),
    ("x = y\nx = 2;", "expected `;`"),
    ("x = 1;\n)", "a statement"),
    ("xx = 1;", "did you mean `x`?"),
];

const OUTSIDE: &[(&str, &str)] = &[
    ("int x = 0; process p { }", "`shared x = 0;`"),
    ("boolean flag[2]; process p { }", "`shared flag[2];`"),
    ("var x = 0; process p { }", "`shared x = 0;`"),
    ("local x = 0; process p { }", "`shared x = 0;`"),
    ("#define N 5\nprocess p { }", "`const N = 5;`"),
    ("#include <stdio.h>\nprocess p { }", "nothing is included"),
    ("# a comment\nprocess p { }", "`// …`"),
    ("-- a comment\nprocess p { }", "`// …`"),
    ("monitor m { } process p { }", "not in the language"),
    ("cond c; process p { }", "not in the language"),
    ("channel c; process p { }", "not in the language"),
    ("shared x; void p() { x = 1; }", "`process a { … }`"),
    ("int main() { }", "`process a { … }`"),
    ("procedure p { }", "`process a { … }`"),
    ("thread p { }", "`process a { … }`"),
    ("process p { } cobegin p(); coend", "begin together"),
    (
        "shared x; process p begin x = 1; end",
        "`{ … }`, not `begin … end`",
    ),
    ("shared x; process P[i] { x = 1; }", "`process P i [2]`"),
    ("shared a[2][2]; process p { }", "one index"),
    ("semaphore s(1); process p { }", "`semaphore s = 1;`"),
    ("semaphore s := 1; process p { }", "`=` assigns"),
    (
        "Semaphore s = new Semaphore(1); process p { }",
        "`semaphore s = 1;`",
    ),
    ("shared x; process p { x = 1; } never x = 2;", "write `==`"),
    (
        "shared x; process p { x = 1; } finally x = 2;",
        "write `==`",
    ),
    ("process p { } invariant TRUE;", "`never EXPRESSION;`"),
    ("process p { } }", "closes nothing"),
    ("proces p { }", "or a rule (`never`, `finally`), found"),
    ("const N = 5; what", "or a rule (`never`, `finally`), found"),
    (
        "shared x;\nprocess p {\n    while (TRUE) {\n        if (x == 1) {\n            x = 2;\n        x = 3;\n    }\n}\n",
        "the `{` of line 4 is not closed; the first line indented less than it is line 7",
    ),
    (
        "shared x;\nprocess p {\n    while (TRUE) {\n        x = 3;\n}\nprocess q {\n    x = 1;\n}\n",
        "the `{` of line 3 is not closed; the first line indented less than it is line 5",
    ),
    (
        "shared x;\nprocess p {\n    x = 3;\n\nprocess q { x = 1; }\n",
        "the `{` of line 2 is not closed before `process` in line 5",
    ),
    (
        "shared x; process p { x = 3;",
        "the `{` of line 1 is not closed",
    ),
];

#[test]
fn a_known_mistake_is_told_what_is_right() {
    let inside = IN_A_PROCESS.iter().map(|(typed, word)| {
        let text = format!("shared x; semaphore s = 1;\nprocess p {{\n{typed}\n}}\n");
        (text, *word)
    });
    let outside = OUTSIDE
        .iter()
        .map(|(typed, word)| ((*typed).to_owned(), *word));
    let mut poor = Vec::new();
    for (text, word) in inside.chain(outside) {
        let said = match super::load("f.sync", &text, &Settings::default()) {
            Ok(_) => "accepted".to_owned(),
            Err(error) => error.message,
        };
        if !said.contains(word) {
            poor.push(format!("{text}\n  says: {said}\n  wants: {word}"));
        }
    }
    assert!(poor.is_empty(), "{}", poor.join("\n\n"));
}

/// It is read as an activity, and does nothing of what its name promises.
#[test]
fn a_wait_for_nothing_is_warned_about() {
    for word in [
        "P", "V", "acquire", "release", "notify", "await", "up", "down", "sem_wait",
    ] {
        let text = format!("process p {{ {word}(); }} never deadlock;");
        let program = super::load("f.sync", &text, &Settings::default()).unwrap();
        let said: Vec<_> = program.warnings.iter().map(|it| &it.message).collect();
        let names = format!("`{word}()` names no semaphore, so it is an activity: nobody");
        assert!(said.iter().any(|it| it.starts_with(&names)), "{said:?}");
    }
    for word in ["enter", "leave", "think", "p", "eat", "produce"] {
        let text = format!("process p {{ {word}(); }}");
        if let Ok(program) = super::load("f.sync", &text, &Settings::default()) {
            assert!(
                program.warnings.is_empty(),
                "{word}: {:?}",
                program.warnings
            );
        }
    }
}

/// What was pasted is shown without what would turn the line around or hide a part of it.
#[test]
fn the_line_shown_holds_nothing_unseen() {
    let text = "shared x;\nprocess p {\u{a0}\u{200b}x = \u{202e}1; }\n";
    let error = super::load("f.sync", text, &Settings::default()).unwrap_err();
    assert_eq!((error.line, error.column), (2, 18));
    let shown = error.to_string();
    assert!(shown.contains("U+202E"), "{shown}");
    assert!(
        !shown.contains(['\u{a0}', '\u{200b}', '\u{202e}']),
        "{shown}"
    );
    assert!(shown.ends_with("\n  |                  ^"), "{shown}");
}
