//! What is known this minute: the store, and what waits in the spool, counted in memory and seen
//! through one reader. Nothing here writes.

pub mod desk;
mod glance;
mod health;
mod line;
mod list;
mod lists;
mod rows;
pub mod scene;
pub mod waiting;
pub mod whole;
