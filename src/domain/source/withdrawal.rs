//! What a licence asks of who keeps things that their publisher may withdraw.

use crate::domain::template::Template;
use std::time::Duration;

/// What goes when a record is withdrawn.
#[derive(Clone, PartialEq, Debug)]
pub struct Withdrawal {
    /// Fields that stand in side rows.
    pub fields: Vec<String>,
    /// How long raw answers are kept; then they go whole.
    pub raw_for: Duration,
    /// How it is known that a record is withdrawn which is in no answer any more.
    pub gone: Option<Gone>,
}

/// Where a record is asked for by itself, and the status that says that there is none.
#[derive(Clone, PartialEq, Debug)]
pub struct Gone {
    /// With `{id}`.
    pub url: Template,
    pub status: u16,
}
