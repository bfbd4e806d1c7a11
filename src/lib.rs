//! lootbox
pub mod check;
