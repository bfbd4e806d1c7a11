//! The engine of orders: every order in which processes can take their steps.
//!
//! It knows no counter, no lock and no list, and uses no other room. A *system* is what it looks at: a state is some
//! bytes, a *turn* leads from one state to another, and each turn has a letter. Sessions that draw are one system, the
//! lab's programs another. Two orders that come to the same state go on alike, and there are far fewer states than orders; so the
//! engine walks the graph of states breadth first, each state once, and lets sums run through the graph. The technique is that of
//! explicit-state model checkers (SPIN, stateright).
//!
//! - [`system`]: what a system has to say
//! - [`schedule`]: orders as text, `AAAABAABAABB`
//! - [`store`]: states, each once, in few bytes; [`graph`]: the states and which turn leads where
//! - [`count`]: how many orders there are, exactly, without listing them
//! - [`witness`]: the shortest order that breaks a rule
//! - [`lookahead`]: how many orders are left from some point of one, and where they lead
//! - [`starve`]: an order that goes round for ever and keeps one process out
//!
//! **Folding.** Where processes are interchangeable, states that differ only in which of them does what are taken as one:
//! the parts of those processes are sorted. Counts stay exact: each turn that can be taken is counted, also if two lead to what is one state
//! then, and what can still come is the same, letter for letter, from all states that are taken as one. Witnesses do, too: see [`witness`]. All that
//! holds only if no rule tells those processes apart; a system that says it [can fold](System::can_fold) promises that.
//!
//! What is said of all orders is true only if all states were seen. A search that stops early says so.

pub(crate) mod count;
pub(crate) mod graph;
pub(crate) mod lookahead;
pub(crate) mod schedule;
pub(crate) mod starve;
pub(crate) mod store;
pub(crate) mod system;
pub(crate) mod witness;

pub use graph::{Bounds, Graph, Stopped};
pub use lookahead::{Left, Lookahead, Place};
pub use schedule::{Schedule, ScheduleError, letter};
pub use system::{Label, Moves, System, Turn};
