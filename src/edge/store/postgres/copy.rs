//! A PostgreSQL store as a copy, and a store filled from one: a file of `COPY` in text form for
//! each table, which `psql` reads too.

use super::error::Lost;
use super::open::make;
use super::{Done, Postgres};
use crate::domain::gate::Gate;
use crate::edge::store::{Error, Reader, Result};
use futures_util::{SinkExt, TryStreamExt};
use std::fs::File;
use std::io::{BufReader, BufWriter, Read, Write};
use std::path::Path;
use std::pin::pin;
use tokio_postgres::Transaction;
use tokio_postgres::types::private::BytesMut;

/// Tables with what is copied of each. The values of side rows stay behind: what is withdrawn later
/// is in no copy.
const TABLES: [(&str, &str); 14] = [
    ("store", "*"),
    ("declarations", "*"),
    ("sources", "*"),
    ("feeds", "*"),
    ("names", "*"),
    ("fields", "*"),
    ("commits", "*"),
    ("summaries", "*"),
    ("records", "*"),
    ("runs", "*"),
    ("sides", "source, id, updated_at, fetched_at, hash, NULL AS body, withdrawn_at"),
    ("read_under", "*"),
    // The views of a store that was filled are made anew, with the columns that they had.
    ("described_columns", "*"),
    ("ledger", "*"),
];

/// Tables whose numbers go on behind those that were given.
const NUMBERED: [&str; 4] = ["feeds", "names", "fields", "commits"];

/// How much is sent at once.
const PIECE: usize = 64 << 10;

impl Postgres {
    /// One reading transaction: writers go on meanwhile, and are not in the copy.
    pub(super) fn copy(&self, folder: &Path) -> Result<()> {
        self.act_at_length("?store.read", async |client| {
            client.batch_execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY").await?;
            for (table, columns) in TABLES {
                let sql = format!("COPY (SELECT {columns} FROM {table}) TO STDOUT");
                let mut pieces = pin!(client.copy_out(&sql).await?);
                let path = folder.join(format!("{table}.copy"));
                let mut out = BufWriter::new(File::create(path).map_err(odd)?);
                while let Some(piece) = pieces.try_next().await? {
                    out.write_all(&piece).map_err(odd)?;
                }
                out.flush().and_then(|()| out.get_ref().sync_all()).map_err(odd)?;
            }
            Ok(client.batch_execute("COMMIT").await?)
        })?;
        let synced = File::open(folder).and_then(|folder| folder.sync_all());
        synced.map_err(|error| self.malformed(error))
    }

    /// Fills an empty schema, in one transaction: it is there whole, or not at all.
    pub fn fill(url: &str, gate: Gate, folder: &Path) -> Result<()> {
        let mut store = Postgres::connect(url, gate)?;
        store.writes = true;
        if !folder.join("ledger.copy").exists() {
            return Err(store.unfit("the backup holds no PostgreSQL store", "give --store"));
        }
        if store.version()? != 0 {
            return if store.is_this(folder)? { Ok(()) } else { store.refuse_full() };
        }
        store.refuse_full()?;
        store.is_in_unicode()?;
        let schema = store.schema();
        store.act_at_length("store.fill", async |client| {
            let all = client.transaction().await?;
            make(&all, schema).await?;
            for (table, _) in TABLES {
                all.batch_execute(&format!("DELETE FROM {table}")).await?;
                send(&all, table, folder).await?;
            }
            for table in NUMBERED {
                let sql = format!(
                    "SELECT setval(pg_get_serial_sequence('{table}', 'number'), \
                     greatest((SELECT max(number) FROM {table}), 1))"
                );
                all.batch_execute(&sql).await?;
            }
            Ok(all.commit().await?)
        })
    }

    /// Whether the store is the one of a copy.
    fn is_this(&self, folder: &Path) -> Result<bool> {
        let kept = std::fs::read_to_string(folder.join("store.copy"));
        let kept = kept.map_err(|error| self.malformed(error))?;
        let id = format!("id\t{}", self.id()?);
        Ok(kept.lines().any(|line| line == id))
    }

    fn unfit(&self, cause: &str, hint: &str) -> Error {
        let (store, cause) = (self.address.clone(), cause.to_string());
        Error::Unreachable { store, cause, hint: hint.into() }
    }
}

async fn send(all: &Transaction<'_>, table: &str, folder: &Path) -> Done<()> {
    let path = folder.join(format!("{table}.copy"));
    let mut file = BufReader::new(File::open(path).map_err(odd)?);
    let mut sink = pin!(all.copy_in(&format!("COPY {table} FROM STDIN")).await?);
    loop {
        let mut piece = BytesMut::zeroed(PIECE);
        let read = file.read(&mut piece).map_err(odd)?;
        if read == 0 {
            break;
        }
        piece.truncate(read);
        sink.send(piece.freeze()).await?;
    }
    sink.finish().await?;
    Ok(())
}

fn odd(error: std::io::Error) -> Lost {
    Lost::Odd(error.to_string())
}
