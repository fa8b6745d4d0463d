//! The lines of runs in a SQLite store. What each of them repeats is kept once: a list begins with
//! the number of its source, and of the declaration that stands in the names of its snapshots.

use super::numbers::Numbers;
use crate::domain::document::{Doc, Malformed};
use rusqlite::{Connection, OptionalExtension};
use std::collections::HashMap;

/// Lists that are shorter tell a line as it is.
const SHORTEST: usize = 7;

/// Where the snapshots of a list stand, by its length: of a landing, and of one with its outcome.
fn place_of_ids(length: usize) -> Option<usize> {
    match length {
        7 | 8 => Some(6),
        13 | 14 => Some(12),
        _ => None,
    }
}

/// Where the outcome of a list stands, by its length.
fn place_of_outcome(length: usize) -> Option<usize> {
    match length {
        10 | 11 => Some(7),
        13 | 14 => Some(9),
        _ => None,
    }
}

/// What a line as it is tells, where that is an event and no more.
const EVENT: &str = "event";

/// The lines with numbers in place of names.
pub(super) fn numbered(
    db: &Connection,
    numbers: &mut Numbers,
    feed: i64,
    lines: &[Doc],
) -> rusqlite::Result<Doc> {
    let mut all = Vec::with_capacity(lines.len());
    for line in lines {
        all.push(match line {
            Doc::List(list) if list.len() >= SHORTEST => shortened(db, numbers, feed, list)?,
            Doc::List(list) => plain(list),
            _ => line.clone(),
        });
    }
    Ok(Doc::List(all))
}

/// A line that tells an event only, with its name for all values.
fn plain(list: &[Doc]) -> Doc {
    let [place, at, Doc::Map(values)] = list else { return Doc::List(list.to_vec()) };
    match &values[..] {
        [(key, event @ Doc::Text(_))] if key == EVENT => {
            Doc::List(vec![place.clone(), at.clone(), event.clone()])
        }
        _ => Doc::List(list.to_vec()),
    }
}

fn shortened(
    db: &Connection,
    numbers: &mut Numbers,
    feed: i64,
    list: &[Doc],
) -> rusqlite::Result<Doc> {
    let Some(Doc::Text(source)) = list.first() else { return Ok(Doc::List(list.to_vec())) };
    let place = place_of_ids(list.len());
    let ids = place.and_then(|place| short(list.get(place)?.as_text().ok()?));
    let name = match &ids {
        Some((declaration, _)) => format!("{source} {declaration}"),
        None => source.to_string(),
    };
    let number = numbers.name(db, feed, &name)?;
    let mut list = list.to_vec();
    if let Some(first) = list.first_mut() {
        *first = Doc::Int(number);
    }
    if let Some((place, (_, ids))) = place.zip(ids)
        && let Some(known) = list.get_mut(place)
    {
        *known = Doc::text(ids);
    }
    let outcome = place_of_outcome(list.len()).and_then(|place| list.get_mut(place));
    if let Some(outcome) = outcome
        && let Doc::Text(word) = &outcome
    {
        *outcome = Doc::Int(numbers.name(db, feed, word)?);
    }
    Ok(Doc::List(list))
}

/// The declaration that all of some snapshots were fetched by, and their names without it, and
/// without the ending that most have; `None` where they are of another form.
fn short(ids: &str) -> Option<(String, String)> {
    let part = |id: &str| -> Option<(String, String)> {
        let (head, hash) = id.rsplit_once('_').filter(|_| !id.starts_with('='))?;
        let (head, declaration) = head.rsplit_once('_')?;
        let hash = hash.strip_suffix(JSON).unwrap_or(hash);
        Some((declaration.to_string(), format!("{head}_{hash}")))
    };
    let parts: Vec<(String, String)> = ids.split(' ').map(part).collect::<Option<_>>()?;
    let declaration = parts.first()?.0.clone();
    let short: Vec<&str> = parts.iter().map(|(_, id)| id.as_str()).collect();
    let short = short.join(" ");
    (long(&declaration, &short).as_deref() == Some(ids)).then_some((declaration, short))
}

const JSON: &str = ".json";

fn long(declaration: &str, ids: &str) -> Option<String> {
    let id = |id: &str| {
        let (head, hash) = id.rsplit_once('_')?;
        let end = if hash.contains('.') { "" } else { JSON };
        Some(format!("{head}_{declaration}_{hash}{end}"))
    };
    let ids: Vec<String> = ids.split(' ').map(id).collect::<Option<_>>()?;
    Some(ids.join(" "))
}

/// The names behind numbers, as they were read.
pub(super) type Names = HashMap<i64, Option<String>>;

/// The lines with names in place of numbers.
pub(super) fn named(
    db: &Connection,
    names: &mut Names,
    lines: &[Doc],
) -> Result<Vec<Doc>, Malformed> {
    let line = |line: &Doc| match line {
        Doc::List(list) if list.len() >= SHORTEST => lengthened(db, names, list),
        Doc::List(list) => Ok(whole(list)),
        _ => Ok(line.clone()),
    };
    lines.iter().map(line).collect()
}

fn whole(list: &[Doc]) -> Doc {
    match list {
        [place, at, event @ Doc::Text(_)] => {
            Doc::List(vec![place.clone(), at.clone(), Doc::map([(EVENT, event.clone())])])
        }
        _ => Doc::List(list.to_vec()),
    }
}

fn lengthened(db: &Connection, names: &mut Names, list: &[Doc]) -> Result<Doc, Malformed> {
    let mut list = list.to_vec();
    if let Some(Doc::Int(number)) = list.first() {
        let name = name(db, names, *number)?;
        let (source, declaration) = match name.split_once(' ') {
            Some((source, declaration)) => (source, Some(declaration)),
            None => (&*name, None),
        };
        list[0] = Doc::text(source);
        if let Some((place, declaration)) = place_of_ids(list.len()).zip(declaration) {
            let ids = list[place].as_text()?;
            let ids =
                long(declaration, ids).ok_or_else(|| Malformed(format!("no names: {ids}")))?;
            list[place] = Doc::text(ids);
        }
    }
    if let Some(place) = place_of_outcome(list.len())
        && let Doc::Int(number) = list[place]
    {
        list[place] = Doc::text(name(db, names, number)?);
    }
    Ok(Doc::List(list))
}

fn name(db: &Connection, names: &mut Names, number: i64) -> Result<String, Malformed> {
    let known = names.entry(number).or_insert_with(|| {
        let found = db.prepare_cached("SELECT name FROM names WHERE number = ?1");
        found.and_then(|mut found| found.query_row([number], |row| row.get(0)).optional()).ok()?
    });
    known.clone().ok_or_else(|| Malformed(format!("no name {number}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_snapshots_are_told_without_what_they_share() {
        let told = [
            ("3_35f5892f40e7_655fa3f0.json", Some("3_655fa3f0")),
            ("3_35f5892f40e7_655fa3f0.csv", Some("3_655fa3f0.csv")),
            (
                "3_i-a.b_p1of2_ab12cd_65.json 3_i-a.b_p2of2_ab12cd_66.xml",
                Some("3_i-a.b_p1of2_65 3_i-a.b_p2of2_66.xml"),
            ),
            ("3_aaaaaa_65.json 3_bbbbbb_66.json", None),
            ("=other_name_of.json", None),
            ("3_aaaaaa_65.json =x_y_z.json", None),
            ("3_aaaaaa_65", None),
            ("_.json", None),
            ("", None),
        ];
        for (ids, wanted) in told {
            let found = short(ids);
            assert_eq!(found.as_ref().map(|(_, short)| short.as_str()), wanted, "{ids}");
            if let Some((declaration, short)) = found {
                assert_eq!(long(&declaration, &short).as_deref(), Some(ids));
            }
        }
    }
}
