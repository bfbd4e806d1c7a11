//! lootbox
pub mod client;
pub mod commands;
pub mod draw;
pub mod lootbox;
pub mod protocol;
pub mod record;
