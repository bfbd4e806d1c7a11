//! lootbox
pub mod draw;
pub mod lootbox;
pub mod record;
