//! Side rows in a PostgreSQL store. What is replaced there is on its disk until a vacuum.

use super::value::{At, Read, at, body, get, hash, may_at, read_body, string, text};
use super::{Postgres, Value};
use crate::domain::name::SourceName;
use crate::domain::record::Version;
use crate::domain::side::Side;
use crate::edge::store::{Ids, Result};
use tokio_postgres::Row;
use tokio_postgres::types::Type;

const ALL: &str = "SELECT id, updated_at, fetched_at, hash, body, withdrawn_at FROM sides \
                   WHERE source = $1";

impl Postgres {
    pub(super) fn sides_of(
        &self,
        source: &SourceName,
        ids: Ids,
        each: &mut dyn FnMut(Side),
    ) -> Result<()> {
        let source = source.as_str();
        let ids: Option<Vec<_>> = ids.map(|ids| ids.iter().map(|id| text(id)).collect());
        let mut values: Vec<Value> = vec![(&source, Type::TEXT)];
        values.extend(ids.iter().map(|ids| -> Value { (ids, Type::TEXT_ARRAY) }));
        let own = if ids.is_some() { " AND id = ANY ($2)" } else { "" };
        let mut odd = None;
        self.each(&format!("{ALL}{own} ORDER BY id"), &values, &mut |row| match side(row) {
            Ok(side) => each(side),
            Err(why) => drop(odd.get_or_insert(why)),
        })?;
        odd.map_or(Ok(()), |why| Err(self.malformed(why.to_string())))
    }

    pub(super) fn keep_sides(&self, source: &SourceName, sides: &[Side]) -> Result<()> {
        let sql = "INSERT INTO sides VALUES ($1, $2, $3, $4, $5, $6, $7) \
             ON CONFLICT (source, id) DO UPDATE SET updated_at = excluded.updated_at, \
             fetched_at = excluded.fetched_at, hash = excluded.hash, body = excluded.body, \
             withdrawn_at = excluded.withdrawn_at";
        let mut sides: Vec<&Side> = sides.iter().collect();
        sides.sort_by(|a, b| a.id.cmp(&b.id));
        let source = source.as_str();
        self.act("store.side", async |client| {
            let all = client.transaction().await?;
            let keep = all.prepare(sql).await?;
            for side in sides {
                let Version { updated, instant, hash } = &side.version;
                let body = side.values.as_ref().map(|values| body(values));
                all.execute(
                    &keep,
                    &[
                        &source,
                        &text(&side.id),
                        &updated.map(At),
                        &At(*instant),
                        &hash.bytes().as_slice(),
                        &body,
                        &side.withdrawn.map(At),
                    ],
                )
                .await?;
            }
            Ok(all.commit().await?)
        })
    }
}

fn side(row: &Row) -> Read<Side> {
    let values = get::<Option<&str>>(row, 4)?.map(read_body).transpose()?;
    Ok(Side {
        id: string(row, 0)?,
        version: Version { updated: may_at(row, 1)?, instant: at(row, 2)?, hash: hash(row, 3)? },
        values,
        withdrawn: may_at(row, 5)?,
    })
}
