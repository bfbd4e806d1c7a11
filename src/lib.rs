//! `lootbox`: watch a race condition happen, understand why, and prove it gone.
//!
//! # The tour
//!
//! Read the rooms in this order, from the ground to the roof. A room uses only rooms above it in
//! this list, never one below.
//!
//! 1. [`draw`]: **the lesson**. What one draw is: a handful of operations over a shared counter, the
//!    three modes as data, and the one function that runs them.
//! 2. [`check`]: output files, from the outside: which numbers were handed out more than once.
//! 3. [`record`]: who drew what, exactly, without hiding the race: journals, and the sums made from them.
//! 4. [`protocol`]: what clients say and what they are told, as pure functions over bytes.
//! 5. [`lootbox`](mod@lootbox): the shuffled list, rounds, and how the mode changes while clients draw.
//! 6. [`server`]: real sockets, one thread a client, bots, the control socket.
//! 7. [`lab`]: the classical problems in the textbook's own pseudo-code: the language, every order of a
//!    program, and the same program on real threads. It uses no other room.
//! 8. [`cli`] and [`commands`]: the command line, and what each subcommand does.
//!
//! The draw knows no network and no screen. The recording never stands between a read and a write.

pub mod check;
pub mod cli;
pub mod commands;
pub mod draw;
pub mod lab;
pub mod lootbox;
pub mod protocol;
pub mod record;
pub mod server;
