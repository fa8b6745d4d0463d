//! What stands behind the writes of a PostgreSQL server, and what a store takes there.

use super::read::FEED;
use super::value::{At, get};
use super::{Postgres, Value};
use crate::domain::name::SourceName;
use crate::domain::time::Window;
use crate::edge::store::{Result, Standing};
use std::ops::Range;
use tokio_postgres::Row;
use tokio_postgres::types::Type;

/// Per table, what a row takes with its indexes beside its values.
const ROWS: [(&str, i64); 3] = [("summaries", 60), ("records", 100), ("runs", 40)];

impl Postgres {
    /// Our sessions wait for the disk, whatever the server's own default is; the rest is the
    /// server's.
    pub(super) fn behind_writes(&self) -> Result<Standing> {
        let sql = "SELECT current_setting('server_version'), current_setting('fsync'), \
                   current_setting('full_page_writes'), \
                   current_setting('synchronous_standby_names'), pg_is_in_recovery()";
        let read = |row: &Row| {
            let text = |place| get::<&str>(row, place).map(str::to_string);
            Ok(([text(0)?, text(1)?, text(2)?, text(3)?], get::<bool>(row, 4)?))
        };
        let found = self.one(sql, &[], read)?;
        let ([version, fsync, pages, standbys], follows) =
            found.ok_or_else(|| self.malformed("it tells nothing of itself"))?;
        let mut words = vec![format!("PostgreSQL {version}, synchronous_commit=on")];
        words.push(match standbys.is_empty() {
            true => "a write is in the log on its disk before it counts".into(),
            false => format!("a write is on the disks of {standbys} before it counts"),
        });
        let mut weak = Vec::new();
        let mut lacks = |is: bool, said: &str, cure| {
            if is {
                weak.push((said.to_string(), cure));
            }
        };
        lacks(fsync == "off", "its server does not sync its log (fsync=off)", "set fsync = on");
        lacks(
            pages == "off",
            "its server may lose pages that were half written (full_page_writes=off)",
            "set full_page_writes = on, unless its file system never writes half a page",
        );
        lacks(
            follows,
            "it is a standby, which takes no writes",
            "name the primary, or several hosts with target_session_attrs=read-write",
        );
        Ok(Standing { words: words.join("; "), weak })
    }

    /// About what the rows and entries of some hours take.
    pub(super) fn weighed(&self, source: &SourceName, hours: &Range<Window>) -> Result<u64> {
        let (name, from, to) = (source.as_str(), At(hours.start.start()), At(hours.end.start()));
        let values: [Value; 3] =
            [(&name, Type::TEXT), (&from, Type::TIMESTAMPTZ), (&to, Type::TIMESTAMPTZ)];
        let sum = |row: &Row| get::<i64>(row, 0).map(i64::unsigned_abs);
        let mut bytes = 0;
        for (table, each) in ROWS {
            let sql = format!(
                "SELECT coalesce(sum(pg_column_size(r.*) + {each}), 0)::bigint FROM {table} r \
                 WHERE r.commit_number = ANY (ARRAY(SELECT number FROM commits \
                 WHERE feed = {FEED} AND hour >= $2 AND hour < $3))"
            );
            bytes += self.one(&sql, &values, sum)?.unwrap_or(0);
        }
        let entries = "SELECT coalesce(sum(pg_column_size(l.*) + 60), 0)::bigint FROM ledger l \
                       WHERE source = $1 AND hour >= $2 AND hour < $3";
        Ok(bytes + self.one(entries, &values, sum)?.unwrap_or(0))
    }

    /// What its tables take, with their indexes.
    pub(super) fn taken(&self) -> Result<u64> {
        let schema = self.schema();
        let sql = "SELECT coalesce(sum(pg_total_relation_size(oid)), 0)::bigint FROM pg_class \
                   WHERE relkind = 'r' AND relnamespace = to_regnamespace($1)::oid";
        let sum = |row: &Row| get::<i64>(row, 0).map(i64::unsigned_abs);
        Ok(self.one(sql, &[(&schema, Type::TEXT)], sum)?.unwrap_or(0))
    }
}
