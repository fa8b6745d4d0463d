//! A look through all of a SQLite file, on connections of its own: beside whatever else is read.

use super::open::{FREE, look};
use crate::edge::store::{Error, Result, sqlite};
use std::fs::metadata;

/// A larger file is looked through in two parts at once: its pages and most indexes, and the table
/// with the most of them.
const IN_PARTS: u64 = 64 << 20;

const WHOLE: &str = "PRAGMA integrity_check(20)";
const PAGES: &str = "PRAGMA quick_check(20)";

/// What is malformed in a file, in words.
pub(super) fn examine(path: &str, address: &str) -> Result<Vec<String>> {
    let told = match metadata(path) {
        Err(_) => Ok(Vec::new()),
        Ok(file) if file.len() <= IN_PARTS => told(path, &[FREE, WHOLE].map(str::to_string)),
        Ok(_) => in_parts(path),
    };
    let lost = |error: rusqlite::Error| {
        sqlite::refusal(address.into(), &error).unwrap_or_else(|| Error::Unreachable {
            store: address.into(),
            cause: error.to_string(),
            hint: String::new(),
        })
    };
    match told.map_err(lost) {
        Ok(mut told) => {
            told.retain(|line| line != "ok");
            told.dedup();
            Ok(told)
        }
        Err(Error::Damaged { cause, .. }) => Ok(vec![cause]),
        Err(error) => Err(error),
    }
}

fn in_parts(path: &str) -> rusqlite::Result<Vec<String>> {
    let (db, _) = look(path)?;
    // What has no index is looked through with the pages.
    let tables = "SELECT t.name, count(*) FROM sqlite_master t JOIN sqlite_master i \
                  ON i.type = 'index' AND i.tbl_name = t.name WHERE t.type = 'table' \
                  AND t.name NOT LIKE 'sqlite_%' GROUP BY t.name ORDER BY count(i.sql) DESC";
    let mut tables = db.prepare(tables)?;
    let checks = tables.query_map([], |row| {
        let name: String = row.get(0)?;
        Ok(format!("PRAGMA integrity_check({})", quoted(&name)))
    })?;
    let mut checks: Vec<String> = checks.collect::<rusqlite::Result<_>>()?;
    checks.insert(1.min(checks.len()), PAGES.into());
    checks.insert(0, FREE.into());
    let (first, rest) = checks.split_at(checks.len().min(2));
    let (first, rest) = rayon::join(|| told(path, first), || told(path, rest));
    Ok([first?, rest?].concat())
}

fn quoted(name: &str) -> String {
    format!("'{}'", name.replace('\'', "''"))
}

fn told(path: &str, checks: &[String]) -> rusqlite::Result<Vec<String>> {
    let (db, _) = look(path)?;
    let mut told = Vec::new();
    for check in checks {
        let mut lines = db.prepare(check)?;
        for line in lines.query_map([], |row| row.get(0))? {
            told.push(line?);
        }
    }
    Ok(told)
}
