//! lootbox
