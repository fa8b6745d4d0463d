//! Side rows in a SQLite store. What goes is overwritten in the file, and not only forgotten.

use super::Sqlite;
use super::put::has_sides;
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::record::{Scalar, Version};
use crate::domain::side::Side;
use crate::domain::time::{Instant, from_millis};
use crate::edge::store::Result;
use rusqlite::{Connection, OptionalExtension, Row, TransactionBehavior, params};
use std::collections::BTreeSet;

const TABLE: &str = "CREATE TABLE IF NOT EXISTS sides (
  source TEXT NOT NULL, id TEXT NOT NULL, updated_ms INTEGER, instant_ms INTEGER NOT NULL,
  hash BLOB NOT NULL, body TEXT, withdrawn_ms INTEGER, PRIMARY KEY (source, id)
) WITHOUT ROWID";

const COLUMNS: &str = "id, updated_ms, instant_ms, hash, body, withdrawn_ms";

impl Sqlite {
    pub(super) fn sides_of(
        &self,
        source: &SourceName,
        ids: Option<&BTreeSet<String>>,
        each: &mut dyn FnMut(Side),
    ) -> Result<()> {
        self.read(|db| {
            if !has_sides(db)? {
                return Ok(());
            }
            let all = format!("SELECT {COLUMNS} FROM sides WHERE source = ?1");
            let Some(ids) = ids else {
                let mut find = db.prepare(&format!("{all} ORDER BY id"))?;
                let mut rows = find.query([source.as_str()])?;
                while let Some(row) = rows.next()? {
                    each(side(row)?);
                }
                return Ok(());
            };
            let mut find = db.prepare(&format!("{all} AND id = ?2"))?;
            for id in ids {
                let found = find.query_row(params![source.as_str(), id], side).optional()?;
                found.into_iter().for_each(&mut *each);
            }
            Ok(())
        })
    }

    pub(super) fn keep_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        self.act("store.side", |db| {
            db.pragma_update(None, "secure_delete", "ON")?;
            let all = db.transaction_with_behavior(TransactionBehavior::Immediate)?;
            all.execute(TABLE, [])?;
            let sql = "INSERT OR REPLACE INTO sides VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";
            for side in sides {
                let Version { updated, instant, hash } = &side.version;
                let values = params![
                    source.as_str(),
                    side.id,
                    updated.map(Instant::millis),
                    instant.millis(),
                    hash.bytes(),
                    side.values.as_ref().map(|values| body(values).json()),
                    side.withdrawn.map(Instant::millis),
                ];
                all.prepare_cached(sql)?.execute(values)?;
            }
            all.commit()
        })
    }
}

/// Of a copy of a store: their values stay behind, so that what is withdrawn later is in no copy.
pub(super) fn leave_behind(copy: &Connection) -> rusqlite::Result<()> {
    if has_sides(copy)? {
        copy.pragma_update(None, "secure_delete", "ON")?;
        copy.execute("UPDATE sides SET body = NULL", [])?;
        // Pages were split while it was written: what moved may stand twice.
        copy.execute_batch("VACUUM")?;
    }
    Ok(())
}

/// Values as they are kept.
fn body(values: &[(String, Scalar)]) -> Doc {
    let value = |value: &Scalar| match value {
        Scalar::Number(value) => Doc::number(*value),
        Scalar::Text(text) => Doc::text(&**text),
    };
    Doc::Map(values.iter().map(|(name, v)| (name.clone().into(), value(v))).collect())
}

fn side(row: &Row) -> rusqlite::Result<Side> {
    let at = |place| -> rusqlite::Result<Option<Instant>> {
        Ok(row.get::<_, Option<i64>>(place)?.map(from_millis))
    };
    let odd = |place: usize| {
        let kind = rusqlite::types::Type::Text;
        rusqlite::Error::InvalidColumnType(place, "sides".into(), kind)
    };
    let hash: Vec<u8> = row.get(3)?;
    let hash = <[u8; 32]>::try_from(hash.as_slice()).map_err(|_| odd(3))?;
    let body: Option<String> = row.get(4)?;
    let body = body.map(|text| Doc::parse(text.as_bytes())).transpose().map_err(|_| odd(4))?;
    let value = |(name, value): &(_, Doc)| {
        let name: &str = AsRef::<str>::as_ref(name);
        Some((name.to_string(), Scalar::read(value).ok()?))
    };
    let values = body.map(|body| body.pairs().iter().map(value).collect::<Option<Vec<_>>>());
    Ok(Side {
        id: row.get(0)?,
        version: Version {
            updated: at(1)?,
            instant: from_millis(row.get(2)?),
            hash: Digest::from_bytes(hash),
        },
        values: values.map(|values| values.ok_or_else(|| odd(4))).transpose()?,
        withdrawn: at(5)?,
    })
}
