//! What a PostgreSQL server or the way to it says, in words for people, each with its cure.

use super::Postgres;
use super::error::Lost;
use crate::edge::store::{Error, FULL};
use tokio_postgres::error::SqlState;

impl Postgres {
    /// Of a connection that could not be opened: nothing was done.
    pub(super) fn refusal(&self, lost: Lost) -> Error {
        match self.error(lost) {
            Error::Unknown { store, cause } => {
                let hint = way(&cause);
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
            SqlState::LOCK_NOT_AVAILABLE => {
                unreachable(cause, "somebody's transaction holds it; the next run tries again")
            }
            SqlState::TOO_MANY_CONNECTIONS | SqlState::CANNOT_CONNECT_NOW => {
                unreachable(cause, "nothing is lost: the next run goes on")
            }
            // The server has answered: it did nothing of what it was asked.
            _ if lost.is_for_good() => unreachable(cause, ""),
            _ => Error::Unknown { store, cause },
        }
    }

    fn right(&self) -> &'static str {
        match self.writes {
            true => {
                "may this role write there? docs/postgresql.md has the grants; what is missing \
                     its owner makes: summarizer store init"
            }
            false => "may this role read there? docs/postgresql.md has the grants",
        }
    }
}

/// What helps where nobody has let us in.
fn way(cause: &str) -> &'static str {
    match cause {
        _ if cause.contains("certificate") => {
            "its name and its authority must be right: sslrootcert=FILE; docs/postgresql.md"
        }
        _ if cause.contains("does not support TLS") => {
            "let it speak TLS; or sslmode=disable on a network that you trust"
        }
        _ if cause.contains("password missing") => "postgres://NAME:PASSWORD@HOST/DATABASE",
        _ => "does PostgreSQL run there? nothing is lost: the next run goes on",
    }
}
