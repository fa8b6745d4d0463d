//! What a PostgreSQL server or the way to it says, in words for people, each with its cure.

use super::postgres::Postgres;
use super::postgres_error::Lost;
use super::{Error, FULL};
use tokio_postgres::error::SqlState;

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
