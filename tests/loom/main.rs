//! Under loom: every order in which the threads of a small program can run.

#![allow(clippy::unwrap_used)] // a test fails by panicking

mod draw;
mod lab;
