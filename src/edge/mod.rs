//! Doors: one foreign thing each.

pub mod http;
