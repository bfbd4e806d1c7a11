//! The lab.

pub mod error;
pub mod parse;
pub mod syntax;
