//! The subcommands: each has its arguments and what it does with them.

pub mod client;
