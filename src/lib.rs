//! Daybook: every minute a fetch, every hour a summary, every day a report.
//!
//! Read in this order: [`domain`] holds the facts, pure; [`edge`] the doors to the world; each
//! opens one foreign thing; [`tier`] the procedures of the three programs.

pub mod domain;
