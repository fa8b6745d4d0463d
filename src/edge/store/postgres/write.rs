//! What is written to a PostgreSQL store.

use super::open::execute;
use super::put::put;
use super::value::{At, string, text};
use super::{Done, Postgres, Value};
use crate::domain::ledger::Entry;
use crate::domain::name::SourceName;
use crate::domain::row::Kept;
use crate::domain::shape::Shape;
use crate::domain::side::Side;
use crate::domain::time::Instant;
use crate::edge::store::{Described, Error, Header, Reader, Result, Writer, keeper};
use std::borrow::Cow;
use std::collections::BTreeMap;
use tokio_postgres::types::Type;
use tokio_postgres::{Client, Transaction};

impl Writer for Postgres {
    fn put(&self, header: &Header, rows: &[Kept]) -> Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let refused =
            self.act("store.put", async |client| match tried(client, header, rows).await {
                Err(lost) if lost.is_for_good() => {
                    Ok(Some((first_refused(client, header, rows).await?, lost.words())))
                }
                other => other.map(|()| None),
            })?;
        match refused {
            None => Ok(()),
            Some((key, cause)) => Err(Error::Refused { store: self.address.clone(), key, cause }),
        }
    }

    fn append(&self, entry: &Entry) -> Result<bool> {
        let sql = "WITH read AS (INSERT INTO read_under VALUES ($1, $9) ON CONFLICT DO NOTHING) \
             INSERT INTO ledger VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT DO NOTHING";
        let number = i64::try_from(entry.number).unwrap_or(i64::MAX);
        let (source, day, kind) =
            (entry.source.as_str(), entry.day().to_string(), entry.kind.name());
        let doc = entry.doc().json();
        let values: [Value; 9] = [
            (&source, Type::TEXT),
            (&entry.keeper, Type::TEXT),
            (&day, Type::TEXT),
            (&number, Type::INT8),
            (&At(entry.hour.start()), Type::TIMESTAMPTZ),
            (&kind, Type::TEXT),
            (&entry.commit, Type::TEXT),
            (&text(&doc), Type::TEXT),
            (&entry.declaration, Type::TEXT),
        ];
        self.act("store.append", async |client| Ok(execute(client, sql, &values).await? == 1))
    }

    fn declare(&self, hash: &str, declaration: &str) -> Result<()> {
        let sql = "INSERT INTO declarations VALUES ($1, $2) ON CONFLICT DO NOTHING";
        let values: [Value; 2] = [(&hash, Type::TEXT), (&text(declaration), Type::TEXT)];
        self.act("store.declare", async |client| execute(client, sql, &values).await.map(drop))
    }

    fn name_series(&self, source: &SourceName, names: &BTreeMap<String, String>) -> Result<()> {
        let (series, labels): (Vec<Cow<str>>, Vec<Cow<str>>) =
            names.iter().map(|(series, label)| (text(series), text(label))).unzip();
        let feed = "INSERT INTO feeds (source) SELECT $1 WHERE NOT EXISTS \
                    (SELECT 1 FROM feeds WHERE source = $1) ON CONFLICT DO NOTHING";
        let sql = "INSERT INTO names (feed, name, label) \
             SELECT f.number, l.name, l.label FROM feeds f \
             CROSS JOIN unnest($2::text[], $3::text[]) AS l (name, label) \
             LEFT JOIN names n ON n.feed = f.number AND n.name = l.name COLLATE \"C\" \
             WHERE f.source = $1 AND n.label IS DISTINCT FROM l.label \
             ORDER BY l.name COLLATE \"C\" \
             ON CONFLICT (feed, name) DO UPDATE SET label = excluded.label";
        let source = source.as_str();
        let values: [Value; 3] =
            [(&source, Type::TEXT), (&series, Type::TEXT_ARRAY), (&labels, Type::TEXT_ARRAY)];
        self.act("store.name", async |client| {
            execute(client, feed, &values[..1]).await?;
            execute(client, sql, &values).await.map(drop)
        })
    }

    fn describe(&self, shape: &Shape) -> Result<Described> {
        self.shape(shape)
    }

    fn set_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        if sides.is_empty() { Ok(()) } else { self.keep_sides(source, sides) }
    }

    fn remove(&self, commits: &[String], old: Instant) -> Result<()> {
        self.act("store.remove", async |client| {
            let all = client.transaction().await?;
            remove(&all, commits, old).await?;
            Ok(all.commit().await?)
        })
    }

    fn raise(&self, source: &SourceName, home: &str, through: Instant) -> Result<()> {
        self.update_source("store.raise", source, home, "closed_through", through)
    }

    fn forget(&self, source: &SourceName, through: Instant) -> Result<()> {
        self.update_source("store.forget", source, "", "forgotten_through", through)?;
        let name = source.as_str();
        let sql = "SELECT commit_id FROM commits \
                   WHERE feed = (SELECT number FROM feeds WHERE source = $1)";
        let commits = self.all(sql, &[(&name, Type::TEXT)], |row| string(row, 0))?;
        self.act("store.forget", async |client| {
            let all = client.transaction().await?;
            let own: [Value; 1] = [(&name, Type::TEXT)];
            for table in ["ledger", "read_under"] {
                all.execute_typed(&format!("DELETE FROM {table} WHERE source = $1"), &own).await?;
            }
            remove(&all, &commits, Instant::MAX).await?;
            for table in ["names", "fields"] {
                let sql = format!(
                    "DELETE FROM {table} WHERE feed = (SELECT number FROM feeds WHERE source = $1)"
                );
                all.execute_typed(&sql, &own).await?;
            }
            all.execute_typed("DELETE FROM sides WHERE source = $1", &own).await?;
            Ok(all.commit().await?)
        })
    }

    fn claim(&self, source: &SourceName, home: &str) -> Result<()> {
        let sql = "INSERT INTO sources (source, keeper, home) VALUES ($1, $2, $3) \
                   ON CONFLICT (source, keeper) DO UPDATE SET home = excluded.home";
        let (name, keeper) = (source.as_str(), keeper(source, home));
        let values: [Value; 3] = [(&name, Type::TEXT), (&keeper, Type::TEXT), (&home, Type::TEXT)];
        self.act("store.claim", async |client| execute(client, sql, &values).await.map(drop))
    }

    fn take_id(&self, id: &str) -> Result<()> {
        let sql = "UPDATE store SET value = $1 WHERE key = 'id'";
        let values: [Value; 1] = [(&id, Type::TEXT)];
        self.act("store.name_itself", async |client| execute(client, sql, &values).await.map(drop))
    }

    fn as_reader(&self) -> &dyn Reader {
        self
    }
}

impl Postgres {
    /// Raises an instant of a source, which never falls.
    fn update_source(
        &self,
        step: &str,
        source: &SourceName,
        home: &str,
        what: &str,
        through: Instant,
    ) -> Result<()> {
        let sql = format!(
            "INSERT INTO sources AS s (source, keeper, {what}) VALUES ($1, $2, $3) \
             ON CONFLICT (source, keeper) \
             DO UPDATE SET {what} = greatest(s.{what}, excluded.{what})"
        );
        let (name, keeper) = (source.as_str(), keeper(source, home));
        let values: [Value; 3] =
            [(&name, Type::TEXT), (&keeper, Type::TEXT), (&At(through), Type::TIMESTAMPTZ)];
        self.act(step, async |client| execute(client, &sql, &values).await.map(drop))
    }
}

async fn tried(client: &mut Client, header: &Header, rows: &[Kept]) -> Done<()> {
    let all = client.transaction().await?;
    put(&all, header, rows).await?;
    Ok(all.commit().await?)
}

/// The key of the first row that is refused for good: by halves, none of which stays.
async fn first_refused(client: &mut Client, header: &Header, rows: &[Kept]) -> Done<String> {
    let (mut taken, mut refused) = (0, rows.len());
    while refused - taken > 1 {
        let middle = taken + (refused - taken) / 2;
        let all = client.transaction().await?;
        let done = put(&all, header, &rows[..middle]).await;
        all.rollback().await?;
        match done {
            Ok(()) => taken = middle,
            Err(lost) if lost.is_for_good() => refused = middle,
            Err(lost) => return Err(lost),
        }
    }
    Ok(rows.get(taken).map(|row| row.key().to_string()).unwrap_or_default())
}

/// Removes the rows of commits. Of those that were written before, what is told of them goes, too:
/// rows that are still on their way are found by it.
async fn remove(all: &Transaction<'_>, commits: &[String], old: Instant) -> Done<()> {
    let own: Value = (&commits, Type::TEXT_ARRAY);
    for table in ["summaries", "records", "runs"] {
        let sql = format!(
            "DELETE FROM {table} WHERE commit_number = ANY \
             (ARRAY(SELECT number FROM commits WHERE commit_id = ANY ($1)))"
        );
        all.execute_typed(&sql, std::slice::from_ref(&own)).await?;
    }
    let sql = "DELETE FROM commits WHERE commit_id = ANY ($1) AND written_at < $2";
    all.execute_typed(sql, &[own, (&At(old), Type::TIMESTAMPTZ)]).await?;
    Ok(())
}
