//! Words and signs of other languages, with what is written here.

/// Words, and what to say of them.
pub(super) type Table = &'static [(&'static [&'static str], &'static str)];

/// Words that begin a statement elsewhere, and how the same is said here.
pub(super) const STATEMENTS: Table = &[
    (
        &["for", "foreach", "forall"],
        "there is no `for`: write `local i = 0; while (i < n) { … i++; }`",
    ),
    (
        &["elif", "elseif", "elsif"],
        "write `else if (…)`: two words",
    ),
    (
        &["break", "continue", "goto", "exit"],
        "no statement leaves a loop: say it in the condition, as in `while (!done) { … done = TRUE; }`",
    ),
    (
        &["return"],
        "there is no `return`: a process ends at its last `}`",
    ),
    (
        &["repeat", "until", "loop"],
        "write `do { … } while (…);`, or `while (TRUE) { … }` without an end",
    ),
    (
        &["switch", "case"],
        "there is no `switch`: write `if (…) … else if (…) …`",
    ),
    (
        &["atomic", "synchronized", "d_step"],
        "nothing makes several steps one: `mutex m;`, and `lock(m); … unlock(m);` around them",
    ),
    (
        &["begin", "end", "endif", "endwhile", "done", "fi", "od"],
        "a body is written `{ … }`, not `begin … end`",
    ),
    (
        &["then"],
        "there is no `then`: the statement, or `{ … }`, stands right behind the condition",
    ),
    (
        &["cobegin", "coend", "parbegin", "parend"],
        "each process is `process a { … }`, and all of them begin together",
    ),
    (
        &[
            "int", "bool", "boolean", "char", "long", "unsigned", "float", "double", "var", "byte",
            "integer", "string",
        ],
        "inside a process write `local x = 0;`, outside `shared x = 0;`",
    ),
];

/// Words that begin a declaration elsewhere.
pub(super) const DECLARATIONS: Table = &[
    (
        &[
            "int", "bool", "boolean", "char", "long", "unsigned", "float", "double", "var", "byte",
            "integer", "string", "volatile", "static", "global",
        ],
        "what processes share is declared `shared x = 0;`, an array `shared flag[2];`",
    ),
    (
        &[
            "void",
            "procedure",
            "function",
            "def",
            "func",
            "thread",
            "task",
            "proctype",
            "active",
            "main",
            "cobegin",
            "parbegin",
            "begin",
        ],
        "there are only processes: each is `process a { … }`, and all of them begin together",
    ),
    (
        &[
            "monitor",
            "class",
            "condition",
            "cond",
            "event",
            "barrier",
            "channel",
            "chan",
            "atomic",
        ],
        "this is not in the language: write it with `semaphore`, `mutex` or `rwlock`",
    ),
    (
        &["local"],
        "`local` stands inside a process; what processes share is `shared x = 0;`",
    ),
    (
        &["let", "final", "define", "enum"],
        "a number known beforehand is `const N = 5;`",
    ),
    (
        &[
            "ensure",
            "require",
            "always",
            "invariant",
            "ltl",
            "check",
            "assert",
        ],
        "a rule is `never EXPRESSION;`, true in no state, or `finally EXPRESSION;`, true at the end",
    ),
];

/// What stands for an operator elsewhere.
pub(super) const OPERATORS: Table = &[
    (&[":=", "<-", "->"], "`=` assigns: write `x = 1;`"),
    (&["and", "&"], "did you mean `&&`?"),
    (&["or", "|"], "did you mean `||`?"),
    (&["not", "~"], "did you mean `!`?"),
    (&["<>"], "did you mean `!=`?"),
    (&["mod"], "did you mean `%`?"),
    (&["div"], "did you mean `/`?"),
    (&["?"], "there is no `? :`: write `if (…) … else …`"),
    (
        &["\"", "'"],
        "there are no strings: a `const` is a name for a number",
    ),
    (
        &["**", "^", "<<", ">>"],
        "there are `+ - * / %`, and no other arithmetic",
    ),
    (
        &["*=", "/="],
        "only `+=` and `-=` do both at once: write `x = x * 2;`",
    ),
    (&["@", "$", "\\"], "this sign is no part of the language"),
];

/// What a table says of a word, in any case.
pub(super) fn among(table: Table, word: &str) -> Option<&'static str> {
    let says = |words: &[&str]| words.iter().any(|it| it.eq_ignore_ascii_case(word));
    let row = table.iter().find(|(words, _)| says(words));
    row.map(|it| it.1)
}
