//! What the software promises, seen from outside: real sockets, real clients, the real binary.
//!
//! No sleep decides a result. Whoever waits here waits for something, with a deadline far away.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod check;
mod cli;
mod client;
mod common;
mod compare;
mod completions;
mod control;
mod demos;
mod ec2;
mod explore;
mod full_disk;
mod hard_cases;
mod lab;
mod modes;
mod readme;
mod schedule;
mod slides;
mod tools;
mod values;
mod wire;
mod witness;
