//! PostgreSQL, the warehouse: ordinary tables in a schema of their own. Durable means
//! `synchronous_commit` on, which each connection sets and checks; a row counts only once an entry
//! of the ledger names its commit, so that nothing rests on long transactions.

mod columns;
mod copy;
mod error;
mod open;
mod put;
mod read;
mod refusal;
mod rows;
mod shape;
mod sides;
mod standing;
mod tls;
mod url;
mod value;
mod write;

use self::error::{Fault, Lost};
use self::tls::tls;
use self::url::Target;
use super::{Error, Result};
use crate::domain::gate::Gate;
use futures_util::TryStreamExt;
use std::cell::RefCell;
use std::pin::pin;
use tokio::runtime::Runtime;
use tokio_postgres::types::{ToSql, Type};
use tokio_postgres::{Client, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

/// Commits of one query.
const CHUNK: usize = 1_000;

/// A value of a statement, with what it is there.
type Value<'a> = (&'a (dyn ToSql + Sync), Type);

/// What an operation gave, or why nothing.
type Done<T> = std::result::Result<T, Lost>;

pub struct Postgres {
    runtime: Runtime,
    url: String,
    target: Target,
    tls: MakeRustlsConnect,
    address: String,
    gate: Gate,
    /// Whether it was opened to write.
    writes: bool,
    /// Connections that nobody uses now: while rows are read from one, another may be asked.
    idle: RefCell<Vec<Client>>,
}

impl Postgres {
    /// Finds its way to the server; nothing is asked of it yet.
    fn connect(url: &str, gate: Gate) -> Result<Postgres> {
        let address = super::shown(url);
        let unreachable = |cause: String, hint: &str| Error::Unreachable {
            store: address.clone(),
            cause,
            hint: hint.into(),
        };
        let target = Target::parse(url).map_err(|(why, hint)| unreachable(why, hint))?;
        let tls = tls(&target).map_err(|why| unreachable(why, "sslrootcert=FILE, in PEM"))?;
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .map_err(|error| unreachable(error.to_string(), ""))?;
        let (url, idle) = (url.to_string(), RefCell::default());
        Ok(Postgres { runtime, url, target, tls, address, gate, writes: false, idle })
    }

    fn url(&self) -> &str {
        &self.url
    }

    fn schema(&self) -> &str {
        &self.target.schema
    }

    /// A connection that nobody uses.
    fn client(&self) -> Result<Client> {
        while let Some(client) = self.idle.borrow_mut().pop() {
            if !client.is_closed() {
                return Ok(client);
            }
        }
        let opened = self.within(async {
            let (client, connection) = self.target.config.connect(self.tls.clone()).await?;
            // It ends with the client.
            tokio::spawn(connection);
            client.batch_execute(&self.manners()).await?;
            Ok(client)
        });
        opened.map_err(|lost| self.refusal(lost))
    }

    /// What each connection sets, whatever its role or its database says: what is durable, how long
    /// anything may take, and how values are read and written as text.
    fn manners(&self) -> String {
        format!(
            "SET synchronous_commit = on; SET search_path = \"{}\", pg_catalog; \
             SET timezone = 'UTC'; SET statement_timeout = {}; SET client_min_messages = warning; \
             SET idle_in_transaction_session_timeout = {}; SET lock_timeout = 0; \
             SET default_transaction_isolation = 'read committed'; \
             SET default_transaction_read_only = off; SET extra_float_digits = 3; \
             SET datestyle = 'ISO, YMD'; SET intervalstyle = 'postgres'; SET bytea_output = 'hex'; \
             SET standard_conforming_strings = on; SET transform_null_equals = off; \
             SET row_security = off; \
             SELECT set_config(name, '0', false) FROM pg_settings \
             WHERE name IN ('idle_session_timeout', 'transaction_timeout')",
            self.schema(),
            self.target.limit.as_millis(),
            self.target.limit.as_millis(),
        )
    }

    /// Runs one operation within its time.
    fn within<T>(&self, operation: impl Future<Output = Done<T>>) -> Done<T> {
        let limit = self.target.limit;
        self.runtime.block_on(async {
            tokio::time::timeout(limit, operation).await.unwrap_or(Err(Lost::Late(limit)))
        })
    }

    /// An operation behind the gate.
    fn act<T>(&self, name: &str, operation: impl AsyncFnOnce(&mut Client) -> Done<T>) -> Result<T> {
        self.gated(name, || {
            let mut client = self.client()?;
            let done = self.within(operation(&mut client));
            if done.as_ref().err().is_none_or(Lost::is_answered) {
                self.idle.borrow_mut().push(client);
            }
            done.map_err(|lost| self.error(lost))
        })
    }

    /// One that takes as long as it takes, on a connection of its own.
    fn act_at_length<T>(
        &self,
        name: &str,
        operation: impl AsyncFnOnce(&mut Client) -> Done<T>,
    ) -> Result<T> {
        self.gated(name, || {
            let mut client = self.client()?;
            let done = self.runtime.block_on(async {
                client.batch_execute("SET statement_timeout = 0").await?;
                operation(&mut client).await
            });
            done.map_err(|lost| self.error(lost))
        })
    }

    fn gated<T>(&self, name: &str, act: impl FnOnce() -> Result<T>) -> Result<T> {
        let lost = |cause| Error::Unknown { store: self.address.clone(), cause };
        self.gate.pass(name, lost, act)
    }

    /// Gives the rows of a question, one by one.
    fn each(&self, sql: &str, values: &[Value], each: &mut dyn FnMut(&Row)) -> Result<()> {
        let (client, rows) = self.gated("?store.read", || {
            let client = self.client()?;
            let values = values.iter().map(|(value, kind)| (*value, kind.clone()));
            let asked = async { Ok(client.query_typed_raw(sql, values).await?) };
            let rows = self.within(asked).map_err(|lost| self.error(lost))?;
            Ok((client, rows))
        })?;
        let mut rows = pin!(rows);
        let mut next = || self.within(async { Ok(rows.try_next().await?) });
        while let Some(row) = next().map_err(|lost| self.error(lost))? {
            each(&row);
        }
        self.idle.borrow_mut().push(client);
        Ok(())
    }

    /// The only row of a question, if there is one.
    fn one<T>(
        &self,
        sql: &str,
        values: &[Value],
        read: impl Fn(&Row) -> std::result::Result<T, Fault>,
    ) -> Result<Option<T>> {
        let mut found = None;
        self.each(sql, values, &mut |row| found = Some(read(row)))?;
        found.transpose().map_err(|why| self.malformed(why.to_string()))
    }

    fn malformed(&self, cause: impl ToString) -> Error {
        Error::Malformed { store: self.address.clone(), cause: cause.to_string() }
    }
}
