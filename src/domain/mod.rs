//! Facts: pure code without files, sockets, clock or environment.

pub mod request;
pub mod retry;
pub mod schedule;
