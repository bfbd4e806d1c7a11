//! lootbox
pub mod client;
pub mod draw;
pub mod lootbox;
pub mod protocol;
pub mod record;
