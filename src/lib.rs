//! `lootbox`: watch a race condition happen, understand why, and prove it gone.
//!
//! # The tour
//!
//! Read the rooms in this order. A room uses only rooms that stand earlier in this list.
//!
//! 0. [`orders`]: the engine: every order of any system of processes. It stands first because it uses no other
//!    room; to read, it comes after what it is used by.
//! 1. [`draw`]: **the lesson**. What one draw is: a handful of operations over a shared counter, the
//!    three modes as data, and the one function that runs them.
//! 2. [`check`]: output files, from the outside: which numbers were handed out more than once.
//! 3. [`protocol`]: what clients say and what they are told, as pure functions over bytes.
//! 4. [`record`]: who drew what, exactly, without hiding the race: journals, and the sums made from them.
//! 5. [`client`]: one connection, and the program around it.
//! 6. [`lootbox`](mod@lootbox): the shuffled list, rounds, one client's way to draw, and how the mode changes meanwhile.
//! 7. [`draws`]: sessions that draw, as a system of the engine: in a chosen order, and in every order there is.
//! 8. [`trace`]: a duplicate that happened by itself, as an order that can be replayed, and its story.
//! 9. [`server`]: real sockets, one thread a client, bots, the control socket.
//! 10. [`lab`]: the classical problems in the textbook's own pseudo-code: the language, every order of a
//!     program, and the same program on real threads. It is the engine's other system.
//! 11. [`dashboard`]: the race as a picture, on this terminal or over SSH; a run of the lab, and an order whose steps a
//!     person takes.
//! 12. [`compare`]: every mode, or somebody's own server, under the same load, side by side.
//! 13. [`cli`] and [`commands`]: the command line, and what each subcommand does.
//!
//! Beside them stands what every room may use: [`grouped`](mod@grouped), where numbers get their commas,
//! [`quoted`](mod@quoted), where printed commands get their quotes, `command_line`, which writes every
//! `lootbox explore …` that is printed, [`escaped`](mod@escaped), which makes other
//! people's text fit to be shown, [`values`], which reads the numbers and durations that people type,
//! [`terminal_kind`], which says what this terminal can show, `progress`, which says that something is under way,
//! `columns`, where text is cut and broken into lines, and `statistics`: intervals and percentiles.
//!
//! The draw knows no network, no screen and no command line. The recording never stands between a read and a write.

// The tours are for who reads the code: what is inside a room is named there too.
#![allow(rustdoc::private_intra_doc_links)]

pub mod check;
pub mod cli;
pub mod client;
mod columns;
mod command_line;
pub mod commands;
mod compare;
pub mod dashboard;
pub mod draw;
pub mod draws;
pub mod escaped;
mod grouped;
pub mod lab;
pub mod lootbox;
pub mod orders;
mod progress;
pub mod protocol;
mod quoted;
pub mod record;

pub mod server;
mod statistics;
mod terminal_kind;
#[cfg(test)]
mod testing;
pub mod trace;
mod values;
