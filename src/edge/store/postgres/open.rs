//! Opening a PostgreSQL store: a reader asks and makes nothing; a writer makes what is missing, in
//! one transaction, so that it is there whole or not at all. Where all is there nothing is made: a
//! role that may not make anything is enough from then on.

use super::error::Lost;
use super::value::get;
use super::{Done, Postgres, Value};
use crate::domain::gate::Gate;
use crate::edge::store::{Error, Result, SCHEMA, newer};
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

const TABLES: &str = include_str!("tables.sql");
pub(super) const VIEWS: &str = include_str!("views.sql");

/// Who makes a store waits for others that do: the number is ours alone.
pub(super) const LOCK: &str = "SELECT pg_advisory_xact_lock(7238912045518)";

impl Postgres {
    /// Opens a database to read it; `None` where there is no store.
    pub fn reader(url: &str, gate: Gate) -> Result<Option<Postgres>> {
        let store = Postgres::connect(url, gate)?;
        match store.opened(|| store.version())? {
            0 => Ok(None),
            known if known != SCHEMA => Err(store.other(known)),
            _ => Ok(Some(store)),
        }
    }

    /// Opens a database, and makes what is missing.
    pub fn writer(url: &str, gate: Gate) -> Result<Postgres> {
        let mut store = Postgres::connect(url, gate)?;
        store.writes = true;
        let known = store.opened(|| store.version())?;
        store.is_in_unicode()?;
        match known {
            0 => store.build()?,
            known if known != SCHEMA => return Err(store.other(known)),
            _ => {}
        }
        store.check()?;
        Ok(store)
    }

    fn opened<T>(&self, open: impl FnOnce() -> Result<T>) -> Result<T> {
        let refused =
            |cause| Error::Unreachable { store: self.address.clone(), cause, hint: String::new() };
        self.gate.pass("store.open", refused, open)
    }

    fn other(&self, known: u32) -> Error {
        newer(self.address.clone(), known)
    }

    /// Version of a store: 0 where there is none.
    pub(super) fn version(&self) -> Result<u32> {
        let schema = self.schema().to_string();
        let sql = "SELECT to_regclass(quote_ident($1) || '.store') IS NOT NULL";
        let values: [Value; 1] = [(&schema, Type::TEXT)];
        if self.one(sql, &values, |row| get::<bool>(row, 0))? != Some(true) {
            return Ok(0);
        }
        let sql = "SELECT value FROM store WHERE key = 'schema'";
        let known = self.one(sql, &[], |row| get::<String>(row, 0))?;
        let number = known.map_or(Some(0), |known| known.parse().ok());
        number.ok_or_else(|| self.malformed("its version is no number"))
    }

    /// Makes all that a store has. Several may be at it: who comes second finds it made.
    pub(super) fn build(&self) -> Result<()> {
        let schema = self.schema();
        self.act("store.build", async |client| {
            let all = client.transaction().await?;
            make(&all, schema).await?;
            Ok(all.commit().await?)
        })
    }

    /// What is written is on the disk before it is acknowledged, or nothing is written.
    fn check(&self) -> Result<()> {
        let found = self.one("SHOW synchronous_commit", &[], |row| get::<String>(row, 0))?;
        match found.as_deref() {
            Some("on" | "remote_apply") => Ok(()),
            other => Err(Error::Unreachable {
                store: self.address.clone(),
                cause: format!("synchronous_commit is {}", other.unwrap_or("not known")),
                hint: "behind a pool of connections, give each session one of its own".into(),
            }),
        }
    }

    /// An error unless the database holds texts of any script, byte for byte.
    pub(super) fn is_in_unicode(&self) -> Result<()> {
        let found = self.one("SHOW server_encoding", &[], |row| get::<String>(row, 0))?;
        match found.as_deref() {
            Some("UTF8") => Ok(()),
            other => Err(Error::Unreachable {
                store: self.address.clone(),
                cause: format!("the database is encoded in {}, not in UTF8", other.unwrap_or("?")),
                hint: "give another one: createdb --encoding=UTF8 --template=template0 NAME".into(),
            }),
        }
    }

    /// An error unless there is nothing in the schema of this store.
    pub fn refuse_used(url: &str, gate: Gate) -> Result<()> {
        Postgres::connect(url, gate)?.refuse_full()
    }

    pub(super) fn refuse_full(&self) -> Result<()> {
        let schema = self.schema().to_string();
        let sql = "SELECT count(*) FROM pg_class WHERE relnamespace = to_regnamespace($1)::oid";
        let found = self.one(sql, &[(&schema, Type::TEXT)], |row| get::<i64>(row, 0))?;
        if found.unwrap_or(0) == 0 {
            return Ok(());
        }
        Err(Error::Unreachable {
            store: self.address.clone(),
            cause: format!("there is something in its schema {schema}, and it is not touched"),
            hint: "give an empty one: postgres://HOST/DATABASE?schema=NAME".into(),
        })
    }
}

/// Makes what is missing of a store, with an id of its own.
pub(super) async fn make(all: &Transaction<'_>, schema: &str) -> Done<()> {
    all.batch_execute(LOCK).await?;
    let known = "SELECT to_regnamespace($1) IS NOT NULL";
    let known = all.query_typed(known, &[(&schema, Type::TEXT)]).await?;
    if !known.first().is_some_and(|row| row.get(0)) {
        all.batch_execute(&format!("CREATE SCHEMA \"{schema}\"")).await?;
    }
    is_free(all, schema).await?;
    all.batch_execute(TABLES).await?;
    all.batch_execute(VIEWS).await?;
    let keep = "INSERT INTO store VALUES \
                ('id', substr(replace(gen_random_uuid()::text, '-', ''), 1, 16)), \
                ('schema', $1) ON CONFLICT DO NOTHING";
    all.execute_typed(keep, &[(&SCHEMA.to_string(), Type::TEXT)]).await?;
    Ok(())
}

/// An error where a schema without a store has something of somebody else's under one of our names.
async fn is_free(all: &Transaction<'_>, schema: &str) -> Done<()> {
    let ours: Vec<&str> = [TABLES, VIEWS].into_iter().flat_map(made).collect();
    let sql = "SELECT c.relname::text FROM pg_class c \
               JOIN pg_namespace n ON n.oid = c.relnamespace \
               WHERE n.nspname = $1 AND c.relname = ANY ($2) \
               AND to_regclass(quote_ident($1) || '.store') IS NULL ORDER BY 1 LIMIT 1";
    let values: [Value; 2] = [(&schema, Type::TEXT), (&ours, Type::TEXT_ARRAY)];
    match all.query_typed(sql, &values).await?.first() {
        Some(row) => {
            let name: String = row.try_get(0)?;
            Err(Lost::Odd(format!("its schema {schema} has a {name} that is not of a store")))
        }
        None => Ok(()),
    }
}

/// The tables and views that a script makes.
fn made(script: &'static str) -> impl Iterator<Item = &'static str> {
    let heads = ["CREATE TABLE IF NOT EXISTS ", "CREATE OR REPLACE VIEW "];
    let name = move |line: &'static str| {
        let rest = heads.iter().find_map(|head| line.strip_prefix(head))?;
        rest.split_whitespace().next()
    };
    script.lines().filter_map(name)
}

/// A statement in a transaction of its own, done at once.
pub(super) async fn execute(client: &Client, sql: &str, values: &[Value<'_>]) -> Done<u64> {
    let values: Vec<_> = values.iter().map(|(value, kind)| (*value, kind.clone())).collect();
    Ok(client.execute_typed(sql, &values).await?)
}
