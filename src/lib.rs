//! lootbox
pub mod draw;
pub mod record;
