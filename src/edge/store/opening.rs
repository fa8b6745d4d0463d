//! Which store a URL means, opened to read or to write.

use super::mongodb::MongoDb;
use super::postgres::Postgres;
use super::sqlite::Sqlite;
use super::{Error, Reader, Result, Writer, shown};
use crate::domain::address;
use crate::domain::gate::Gate;
use crate::domain::hash::Digest;
use std::path::Path;

/// Opens a store to read it, also one of an older version; it makes nothing and needs only the
/// right to read. `None` where there is no store.
pub fn reader(url: &str, gate: Gate) -> Result<Option<Box<dyn Reader>>> {
    Ok(rehearsal(url, gate)?.map(|store| store as Box<dyn Reader>))
}

/// The same, for a dry run of what would write: nobody writes to it.
pub fn rehearsal(url: &str, gate: Gate) -> Result<Option<Box<dyn Writer>>> {
    fn shared<T: Writer + 'static>(store: Option<T>) -> Option<Box<dyn Writer>> {
        store.map(|store| Box::new(store) as Box<dyn Writer>)
    }
    let opened = match kind(url)? {
        Kind::Sqlite(path) => Sqlite::reader(path, gate).map(shared),
        Kind::MongoDb => MongoDb::reader(url, gate).map(shared),
        Kind::Postgres => Postgres::reader(url, gate).map(shared),
    };
    opened.map_err(|error| error.without(url))
}

/// Stands for a store that is not there yet.
pub fn nothing(url: &str, gate: Gate) -> Result<Box<dyn Writer>> {
    Ok(Box::new(Sqlite::nothing(url, gate)?))
}

/// Opens a store to write to it: makes it where there is none, and brings one of an older version
/// to this one, which it tells.
pub fn writer(url: &str, gate: Gate, tell: &dyn Fn(&str)) -> Result<Box<dyn Writer>> {
    fn shared<T: Writer + 'static>(store: T) -> Box<dyn Writer> {
        Box::new(store)
    }
    let opened = match kind(url)? {
        Kind::Sqlite(path) => Sqlite::writer(path, gate, tell).map(shared),
        Kind::MongoDb => MongoDb::writer(url, gate, tell).map(shared),
        Kind::Postgres => Postgres::writer(url, gate).map(shared),
    };
    opened.map_err(|error| error.without(url))
}

/// An error unless a store that [`fill`] is to fill is empty.
pub fn refuse_used(url: &str, gate: Gate) -> Result<()> {
    let found = match kind(url)? {
        Kind::Sqlite(path) => Sqlite::refuse_used(path),
        Kind::MongoDb => MongoDb::refuse_used(url, gate),
        Kind::Postgres => Postgres::refuse_used(url, gate),
    };
    found.map_err(|error| error.without(url))
}

/// Fills an empty store from a copy that [`Reader::copy_to`] made. Killed on its way, it is done
/// again; `mark` tells that what was begun was this copy.
///
/// # Errors
///
/// Beside those of the store: there is something in it, or the copy is one of another kind.
pub fn fill(url: &str, gate: Gate, folder: &Path, mark: &str) -> Result<()> {
    let filled = match kind(url)? {
        Kind::Sqlite(path) => Sqlite::fill(path, gate, folder),
        Kind::MongoDb => MongoDb::fill(url, gate, folder, mark),
        Kind::Postgres => Postgres::fill(url, gate, folder),
    };
    filled.map_err(|error| error.without(url))
}

/// Where a store is, the same however its file is spelled; without secrets.
pub fn place(url: &str) -> String {
    let Ok(Kind::Sqlite(path)) = kind(url) else { return of_server(url) };
    let whole = std::path::absolute(path).unwrap_or_else(|_| path.into());
    let whole = std::fs::canonicalize(&whole).unwrap_or(whole);
    format!("sqlite:{}", whole.display())
}

/// What can be shown of the address of a server; where that is not all that tells it from others, a
/// digest stands behind it.
fn of_server(url: &str) -> String {
    const ELSEWHERE: [&str; 4] = ["host=", "hostaddr=", "port=", "dbname="];
    let place = shown(url);
    let place = place.strip_suffix("?schema=daybook").map(str::to_string).unwrap_or(place);
    let options = url.split_once('?').map_or("", |(_, options)| options);
    let is_elsewhere =
        options.split('&').any(|option| ELSEWHERE.iter().any(|key| option.starts_with(key)));
    match is_elsewhere || place.contains("***") {
        true => format!("{place} ({})", Digest::of(address::bare(url).as_bytes()).short(8)),
        false => place,
    }
}

/// A writer that tells nobody.
pub fn open(url: &str, gate: Gate) -> Result<Box<dyn Writer>> {
    writer(url, gate, &|_| {})
}

enum Kind<'a> {
    Sqlite(&'a str),
    MongoDb,
    Postgres,
}

/// The scheme of a URL picks the kind of store.
fn kind(url: &str) -> Result<Kind<'_>> {
    if url.contains("{secret:") {
        return Err(Error::Unreachable {
            store: shown(url),
            cause: "a secret of its address is not given".into(),
            hint: "secrets.toml of the home, readable by you alone, or DAYBOOK_SECRET_NAME".into(),
        });
    }
    match url.split_once(':') {
        Some(("sqlite", path)) => Ok(Kind::Sqlite(path)),
        Some(("mongodb" | "mongodb+srv", _)) => Ok(Kind::MongoDb),
        Some(("postgres" | "postgresql", _)) => Ok(Kind::Postgres),
        _ => Err(Error::Unreachable {
            store: shown(url),
            cause: "no store has this scheme".into(),
            hint: "sqlite:PATH, mongodb://HOST/DATABASE and postgres://HOST/DATABASE are known"
                .into(),
        }),
    }
}
