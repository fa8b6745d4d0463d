//! What a PostgreSQL server or the way to it says, as errors of a store.

use super::postgres::Postgres;
use super::postgres_url::told;
use super::{Error, FULL};
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

impl Postgres {
    /// Of a connection that could not be opened: nothing was done.
    pub(super) fn refusal(&self, lost: Lost) -> Error {
        match self.error(lost) {
            Error::Unknown { store, cause } => {
                let hint = "does PostgreSQL run there? nothing is lost: the next run goes on";
                Error::Unreachable { store, cause, hint: hint.into() }
            }
            other => other,
        }
    }

    pub(super) fn error(&self, lost: Lost) -> Error {
        let (store, cause) = (self.address.clone(), lost.words());
        let unreachable = |cause: String, hint: &str| Error::Unreachable {
            store: store.clone(),
            cause,
            hint: hint.into(),
        };
        if let Lost::Odd(_) = lost {
            return Error::Malformed { store, cause };
        }
        let Some(code) = lost.code() else { return Error::Unknown { store, cause } };
        match code.clone() {
            SqlState::INVALID_PASSWORD | SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                unreachable(cause, "are name and password right?")
            }
            SqlState::INVALID_CATALOG_NAME => {
                unreachable(cause, "createdb makes it, or is its name another one?")
            }
            SqlState::INSUFFICIENT_PRIVILEGE | SqlState::READ_ONLY_SQL_TRANSACTION => {
                unreachable(cause, self.right())
            }
            SqlState::DISK_FULL => unreachable(
                FULL.into(),
                "that of the server; nothing is lost: the next run goes on",
            ),
            SqlState::TOO_MANY_CONNECTIONS | SqlState::CANNOT_CONNECT_NOW => {
                unreachable(cause, "nothing is lost: the next run goes on")
            }
            _ => Error::Unknown { store, cause },
        }
    }

    fn right(&self) -> &'static str {
        match self.writes {
            true => "may this role write there? `summarizer store init` makes what it needs",
            false => "may this role read there? docs/postgresql.md has the grants",
        }
    }
}
