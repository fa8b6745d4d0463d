//! Why an operation of a PostgreSQL store gave nothing.

use super::url::told;
use crate::domain::document::Malformed;
use std::time::Duration;
use tokio_postgres::error::{DbError, SqlState};

/// A value that is not what it should be.
pub(super) type Fault = Malformed;

/// Why an operation gave nothing.
pub(super) enum Lost {
    /// What the driver says: of the server, or of the way to it.
    Driver(tokio_postgres::Error),
    /// Nothing came within this time.
    Late(Duration),
    /// What came is not what was asked for.
    Odd(String),
}

impl From<tokio_postgres::Error> for Lost {
    fn from(error: tokio_postgres::Error) -> Lost {
        Lost::Driver(error)
    }
}

impl Lost {
    fn database(&self) -> Option<&DbError> {
        match self {
            Lost::Driver(error) => error.as_db_error(),
            _ => None,
        }
    }

    pub fn code(&self) -> Option<&SqlState> {
        self.database().map(DbError::code)
    }

    /// Whether the server has answered, so that its connection may be used again.
    pub fn is_answered(&self) -> bool {
        let goes = |error: &DbError| ["FATAL", "PANIC"].contains(&error.severity());
        self.database().is_some_and(|error| !goes(error))
    }

    /// Whether what was sent is never taken: a value out of bounds, against a rule, too large.
    pub fn is_for_good(&self) -> bool {
        const NEVER: [&str; 5] = ["22", "23", "42", "54", "P0"];
        self.code().is_some_and(|code| NEVER.iter().any(|class| code.code().starts_with(class)))
            && self.code() != Some(&SqlState::INSUFFICIENT_PRIVILEGE)
    }

    pub fn words(&self) -> String {
        match self {
            Lost::Driver(error) => match error.as_db_error() {
                Some(error) => {
                    let more = error.detail().map(|detail| format!(" ({detail})"));
                    format!("{}{}", error.message(), more.unwrap_or_default())
                }
                None => told(error),
            },
            Lost::Late(limit) => format!("nothing came within {} s", limit.as_secs_f64()),
            Lost::Odd(why) => why.clone(),
        }
    }
}
