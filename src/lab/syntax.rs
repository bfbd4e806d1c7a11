//! The syntax tree: what was written, with the place of everything, and nothing yet about what it means.

use std::ops::Range;

/// A place in the source: bytes from, up to.
pub type Span = Range<usize>;

/// Something written at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spanned<T> {
    /// What.
    pub it: T,
    /// Where.
    pub span: Span,
}

/// A name, as written.
pub type Name = Spanned<String>;

/// A whole file.
#[derive(Debug, Clone, Default)]
pub struct File {
    /// `const NAME = EXPR;`
    pub constants: Vec<(Name, Expr)>,
    /// `shared …;`
    pub shared: Vec<Variable>,
    /// Semaphores, mutexes and reader–writer locks.
    pub locks: Vec<(LockKind, Variable)>,
    /// `process …`
    pub processes: Vec<Process>,
    /// The rules.
    pub rules: Vec<Spanned<Rule>>,
}

/// What there is to wait for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LockKind {
    /// Counts; `fifo` hands over to whoever waits longest.
    Semaphore {
        /// Whether it hands over.
        fifo: bool,
    },
    /// One holder, who alone may unlock.
    Mutex {
        /// Whether it hands over to whoever waits longest.
        fifo: bool,
    },
    /// Many readers or one writer.
    RwLock(Preference),
}

/// Whom a reader–writer lock lets in first.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Preference {
    /// A reader waits only while a writer writes: the first readers–writers problem.
    Readers,
    /// A reader waits while a writer writes or waits: the second.
    Writers,
    /// One queue for both, in order of arrival.
    Nobody,
}

/// A declared variable, with its size if it is an array, and what it starts with.
#[derive(Debug, Clone)]
pub struct Variable {
    /// Its name.
    pub name: Name,
    /// `[EXPR]`
    pub size: Option<Expr>,
    /// `= EXPR` or `= { EXPR, … }`
    pub initial: Vec<Expr>,
    /// Whether the initial values stood in braces.
    pub braced: bool,
}

/// `process NAME [COUNT] { … }`
#[derive(Debug, Clone)]
pub struct Process {
    /// Its name.
    pub name: Name,
    /// What it calls its own index.
    pub index: Option<Name>,
    /// How many there are.
    pub count: Option<Expr>,
    /// What each does.
    pub body: Vec<Statement>,
}

/// A statement and where it stands.
pub type Statement = Spanned<Stmt>;

/// A statement.
#[derive(Debug, Clone)]
pub enum Stmt {
    /// `local …;`
    Local(Vec<Variable>),
    /// `if (…) … else if (…) … else …`
    If {
        /// Conditions and what follows each.
        arms: Vec<(Expr, Vec<Statement>)>,
        /// The last `else`.
        otherwise: Vec<Statement>,
    },
    /// `while (…) …`
    While(Expr, Vec<Statement>),
    /// `do { … } while (…);`
    DoWhile(Vec<Statement>, Expr),
    /// `section NAME { … }`
    Section(Name, Vec<Statement>),
    /// `assert (…);`
    Assert(Expr),
    /// `place = expr;`, `+=`, `-=`, `++`, `--`
    Assign {
        /// What is written.
        place: Place,
        /// `+=`, `++` read it first, and so do `-=`, `--`.
        operator: Option<Binary>,
        /// The value.
        value: Expr,
    },
    /// `name(…);`: an operation on a lock, or an activity.
    Call(Name, Vec<Expr>),
    /// `{ … }`
    Block(Vec<Statement>),
    /// `;`
    Nothing,
}

/// `name` or `name[expr]`
#[derive(Debug, Clone)]
pub struct Place {
    /// The name.
    pub name: Name,
    /// The index.
    pub index: Option<Box<Expr>>,
}

/// An expression and where it stands.
pub type Expr = Spanned<Ex>;

/// An expression.
#[derive(Debug, Clone)]
pub enum Ex {
    /// A number; TRUE is 1 and FALSE is 0.
    Number(i32),
    /// A variable, a constant, the index of the process.
    Place(Place),
    /// `process[0].local`, in rules.
    OfProcess(Place, Place),
    /// `!x`, `-x`
    Unary(Unary, Box<Expr>),
    /// `x + y`
    Binary(Binary, Box<Expr>, Box<Expr>),
}

/// Operators before one operand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unary {
    /// `!`
    Not,
    /// `-`
    Minus,
}

/// Operators between two, as in C. `/` and `%` round towards zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binary {
    /// `||`
    Or,
    /// `&&`
    And,
    /// `==`
    Equal,
    /// `!=`
    Unequal,
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    More,
    /// `>=`
    AtLeast,
    /// `+`
    Plus,
    /// `-`
    Minus,
    /// `*`
    Times,
    /// `/`
    Divide,
    /// `%`
    Modulo,
}

/// What must hold in every order.
#[derive(Debug, Clone)]
pub enum Rule {
    /// `never deadlock`
    NeverDeadlock,
    /// `never starve SECTION`
    NeverStarve(Name),
    /// `never together SECTION, SECTION`
    NeverTogether(Name, Name),
    /// `never EXPR`
    Never(Expr),
    /// `finally EXPR`
    Finally(Expr),
}
