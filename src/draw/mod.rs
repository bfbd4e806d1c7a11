//! **The lesson**: what one draw is.
//!
//! Read [`program`] first; it is short and everything else follows from it. A draw is a handful of
//! [`Operation`]s over one shared counter, the modes are three such [programs](mode::Mode), and one
//! function, [`draw`], runs them. What it runs *on* is a [`Memory`]; what happens between the read
//! and the write is a [`Window`]. Answers that look right and are not stand in the [`gallery`];
//! [`notation`] is for programs of one's own, and a [`DrawProgram`] is any of these.
//!
//! # Why is this hard in Rust?
//!
//! The naive version of the homework does not compile. Two threads that increment one plain
//! variable are a *data race*: undefined behaviour in C and C++, refused by Rust's borrow checker.
//!
//! ```compile_fail,E0499
//! let list = [5, 19, 228, 665, 7, 11];
//! let mut counter = 0;
//! std::thread::scope(|threads| {
//!     for _client in ["A", "B"] {
//!         threads.spawn(|| { // error[E0499]: cannot borrow `counter` as mutable more than once
//!             let number = list[counter];
//!             counter += 1;
//!             number
//!         });
//!     }
//! });
//! ```
//!
//! So is a program that Rust accepts free of races? No. Make every access atomic, and the compiler
//! has nothing left to refuse:
//!
//! ```
//! use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
//!
//! let list = [5, 19, 228, 665, 7, 11];
//! let counter = AtomicUsize::new(0);
//! std::thread::scope(|threads| {
//!     for _client in ["A", "B"] {
//!         threads.spawn(|| {
//!             let seen = counter.load(Relaxed);  // atomic
//!             let number = list[seen];
//!             counter.store(seen + 1, Relaxed);  // atomic
//!             number                             // and yet both may get 5
//!         });
//!     }
//! });
//! // Both read 0 before either wrote: the counter ends at 1 in such a run, else at 2.
//! assert!([1, 2].contains(&counter.into_inner()));
//! ```
//!
//! The *data race* is gone: each access happens whole, at some moment, and the behaviour is
//! defined. The *race condition* stays: between the two accesses another thread can take its own,
//! and the outcome depends on who came when. Atomic accesses make each step indivisible; only a
//! lock around both, or one operation that does both (`fetch_add`), makes the *draw* indivisible.
//! This is why `unsafe-race` mode is safe Rust, and still wrong.

mod draw_program;
pub mod gallery;
pub mod memory;
pub mod mode;
pub mod notation;
pub mod program;
pub mod window;

pub use draw_program::DrawProgram;
pub use memory::{Access, Around, Memory, Shared};
pub use mode::{Mode, draw_batch};
pub use program::{ATOMIC, LOCK, Next, Operation, UNSAFE_RACE, draw, step};
pub use window::{Grain, Window};
