//! Daybook: every minute a fetch, every hour a summary, every day a report.
//!
//! Read in this order: [`domain`] holds the facts, pure; [`edge`] the doors to the world, each
//! of which opens one foreign thing; [`tier`] the procedures of the three programs; and
//! [`command`] what the three binaries share: arguments, settings, messages, exit codes.

#![forbid(unsafe_code)]

pub mod command;
pub mod domain;
pub mod edge;
pub mod tier;
