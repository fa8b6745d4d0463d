//! What a SQLite store takes, and for how long a record lived: looked at before hours go.

use super::numbers::{KEEPERS, SHIFT};
use crate::domain::name::SourceName;
use crate::domain::time::Window;
use rusqlite::{Connection, params};
use std::collections::BTreeSet;
use std::ops::Range;

/// Those of some records of which there are rows in later hours. The newest rows come first: most
/// often the first one tells.
pub(super) fn seen_after(
    db: &Connection,
    source: &SourceName,
    ids: &[String],
    hour: Window,
) -> rusqlite::Result<BTreeSet<String>> {
    let sql = format!(
        "SELECT EXISTS (SELECT 1 FROM records r CROSS JOIN commits c ON c.number = r.id >> {SHIFT} \
         WHERE r.name = (SELECT number FROM names WHERE name = ?2 AND feed = \
         (SELECT number FROM feeds WHERE source = ?1)) AND c.hour > ?3 ORDER BY r.id DESC)"
    );
    let mut statement = db.prepare_cached(&sql)?;
    let mut seen = BTreeSet::new();
    for id in ids {
        let values = params![source.as_str(), id, hour.start().timestamp()];
        if statement.query_row(values, |row| row.get(0))? {
            seen.insert(id.clone());
        }
    }
    Ok(seen)
}

/// Per table, what its rows take but for what they hold, with their indexes, and what they hold.
const ROWS: [(&str, i64, &str); 3] = [
    ("summaries", 26, "length(rest)"),
    ("records", 75, "length(body)"),
    ("runs", 40, "length(run) + length(lines)"),
];

/// About what the rows and entries of some hours take. Measured beside files; pages are not full.
pub(super) fn weight(
    db: &Connection,
    source: &SourceName,
    hours: &Range<Window>,
) -> rusqlite::Result<u64> {
    let commits = "SELECT number FROM commits WHERE feed = \
                   (SELECT number FROM feeds WHERE source = ?1) AND hour >= ?2 AND hour < ?3";
    let (from, to) = (hours.start.start().timestamp(), hours.end.start().timestamp());
    let mut commits = db.prepare_cached(commits)?;
    let numbers = commits.query_map(params![source.as_str(), from, to], |row| row.get(0))?;
    let numbers: Vec<i64> = numbers.collect::<Result<_, _>>()?;
    let mut bytes = 0;
    for number in numbers {
        for (table, each, held) in ROWS {
            let sql = format!(
                "SELECT coalesce(sum({each} + {held}), 0) FROM {table} WHERE id >= ?1 AND id < ?2"
            );
            let rows = [number << SHIFT, (number + 1) << SHIFT];
            bytes += db.prepare_cached(&sql)?.query_row(rows, |row| row.get::<_, i64>(0))?;
        }
        let answers = "SELECT count(*) * 45 + 150 FROM answers WHERE commit_number = ?1";
        bytes += db.prepare_cached(answers)?.query_row([number], |row| row.get::<_, i64>(0))?;
    }
    let entries = format!(
        "{KEEPERS} SELECT coalesce(sum(length(l.entry) + 60), 0) FROM keepers k \
         CROSS JOIN ledger l ON l.source = ?1 AND l.keeper = k.keeper \
         AND l.day >= ?2 AND l.day <= ?3 WHERE json_extract(l.entry, '$.hour') >= ?4 \
         AND json_extract(l.entry, '$.hour') < ?5"
    );
    let iso = |hour: Window| crate::domain::time::iso(hour.start());
    let days = [hours.start, hours.end].map(|hour| hour.day().to_string());
    let values = params![source.as_str(), days[0], days[1], iso(hours.start), iso(hours.end)];
    bytes += db.prepare_cached(&entries)?.query_row(values, |row| row.get::<_, i64>(0))?;
    Ok(bytes.unsigned_abs())
}

/// What its file takes.
pub(super) fn size(db: &Connection) -> rusqlite::Result<u64> {
    let sql = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    db.query_row(sql, [], |row| row.get::<_, i64>(0)).map(i64::unsigned_abs)
}
