//! Sessions that draw, as a system of the [engine of orders](crate::orders): in a chosen order, and in every order there is.
//!
//! The programs and the function that runs them are the [lesson's](crate::draw). What changes here is who decides
//! when: not the operating system but a string of letters, or the explorer, which tries them all.
//!
//! - [`model`]: sessions that draw, as data; it runs the server's own `step`
//! - [`replay`](mod@replay): one order, step by step
//! - [`table`]: that order as the assignment's table (and why the printed one cannot happen)
//! - [`lanes`]: that order as a picture
//! - [`turnstile`]: that order on real threads and the real memory
//! - [`explore`](mod@explore): every order, by the [engine](crate::orders), over [`packed`] states
//! - [`ahead`]: the same from any point of an order on, for whoever plays one by hand

pub mod ahead;
mod cells;
pub mod explore;
pub mod lanes;
pub mod model;
pub mod packed;
pub mod replay;
mod system;
pub mod table;
pub mod turnstile;

#[cfg(test)]
mod conformance;
#[cfg(test)]
mod tests;

pub use crate::orders::{Bounds, Schedule, ScheduleError};
pub use ahead::Ahead;
pub use explore::{Findings, explore};
pub use model::{Model, ModelError};
pub use replay::{Run, replay};
pub use turnstile::{Rules, Turnstile};
