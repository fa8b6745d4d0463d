//! What a person should know of an answer that lands beside the one before: it is older, or it has
//! none of the many items that there were.

use crate::domain::extract::Plan;
use crate::domain::http_date;
use crate::domain::request::Response;
use crate::domain::source::Source;
use crate::edge::spool::{Remembered, Spool};
use std::path::{Path, PathBuf};

/// Whose body is not at most this part of the one before has not lost all of its items.
const FEW_OF: u64 = 2;
/// Items of which an answer that has none of them is told.
const MANY: u32 = 10;

/// The words, if there are any. `known` is the answer before, by its validators and its body.
pub fn odd(
    spool: &Spool,
    source: &Source,
    response: &Response,
    known: Option<&(Remembered, PathBuf)>,
) -> Option<String> {
    let (before, body) = known.filter(|_| !response.unchanged)?;
    older(before, response).or_else(|| emptied(spool, source, response, body))
}

fn older(before: &Remembered, response: &Response) -> Option<String> {
    let fresh = response.validators.as_ref()?.last_modified.as_deref()?;
    let before = before.last_modified.as_deref()?;
    (http_date::parse(fresh)? < http_date::parse(before)?).then(|| {
        format!("warning: it is older than the answer before: last modified {fresh}, then {before}")
    })
}

fn emptied(spool: &Spool, source: &Source, response: &Response, body: &Path) -> Option<String> {
    let (few, many) = (response.body.len() as u64, body.metadata().ok()?.len());
    if few > many / FEW_OF {
        return None;
    }
    let plan = Plan::new(source);
    let items = |bytes: &[u8]| plan.census(bytes, None).ok().map(|count| count.items);
    let none = items(&response.body)? == 0;
    let before = none.then(|| items(&spool.read(body).ok()?)).flatten()?;
    (before >= MANY)
        .then(|| format!("warning: it has no items, where the answer before had {before}"))
}
