//! What can go wrong with a store.

use crate::domain::address;
use crate::domain::secret::Redactor;

/// What can go wrong with a store; the variants are the branches of its callers.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It cannot be reached, or refuses us: nothing was done.
    #[error("cannot use the store {store}: {cause}{}", hinted(.hint))]
    Unreachable { store: String, cause: String, hint: String },
    /// The answer was lost: the operation may have been done.
    #[error("the store {store} did not answer: {cause}")]
    Unknown { store: String, cause: String },
    /// Its file is malformed: what it says cannot be trusted, and nothing may be added to it.
    #[error(
        "the store {store} is damaged: {cause}\nhint: nothing was taken out of data/; restore a \
         backup, or count again from the archive: docs/operations.md, \"A damaged store\""
    )]
    Damaged { store: String, cause: String },
    /// A row is one that it never takes, however often it is asked: too large, against a rule of
    /// somebody's. All else can be had without that row.
    #[error("the store {store} does not take the row {key:?}: {cause}")]
    Refused { store: String, key: String, cause: String },
    /// A row or an entry is not of the form that we write.
    #[error("the store {store} holds something else than Daybook wrote: {cause}")]
    Malformed { store: String, cause: String },
}

/// The cause in [`Error::Unreachable`] of a store whose disk is full.
pub(super) const FULL: &str = "the disk is full";

fn hinted(text: &str) -> String {
    if text.is_empty() { String::new() } else { format!("\nhint: {text}") }
}

impl Error {
    /// Whether the disk on which it lies is full.
    pub fn is_full(&self) -> bool {
        matches!(self, Error::Unreachable { cause, .. } if cause == FULL)
    }

    /// Without what is secret in the URL of the store: who parses it quotes it.
    pub(super) fn without(mut self, url: &str) -> Error {
        let secrets = address::store_secrets(url);
        let redactor = Redactor::new(secrets.iter().map(String::as_str));
        match &mut self {
            Error::Unreachable { cause, .. }
            | Error::Unknown { cause, .. }
            | Error::Damaged { cause, .. }
            | Error::Refused { cause, .. }
            | Error::Malformed { cause, .. } => *cause = redactor.redact(cause),
        }
        self
    }
}
