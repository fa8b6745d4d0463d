//! The table `[fetch.pages]`: how an answer that comes in pages is walked through.

use super::keys_pages::{LIMIT_MAX, TYPES};
use super::reader::{Table, Value};
use super::values::{line, only_beside, size, whole};
use crate::domain::form::Format;
use crate::domain::limits::{BODY_MOST, PAGES, PAGES_BYTES, PAGES_DEFAULT};
use crate::domain::path::{Path, Start, Step};
use crate::domain::redact::Redaction;
use crate::domain::source::{By, End, Pages, Param};

/// Which keys go with which types; those that are not here go with all.
const OWN: [(&str, &[&str]); 19] = [
    ("cursor_body_path", &["cursor"]),
    ("limit_body_path", &["offset"]),
    ("offset_body_path", &["offset"]),
    ("page_body_path", &["page_number"]),
    ("range_body_path", &["range"]),
    ("links_next_key", &["header_link"]),
    ("next_url_path", &["json_link"]),
    ("cursor_path", &["cursor"]),
    ("cursor_param", &["cursor"]),
    ("limit", &["offset", "range"]),
    ("limit_param", &["offset"]),
    ("offset_param", &["offset"]),
    ("base_page", &["page_number"]),
    ("page_param", &["page_number"]),
    ("range_param", &["range"]),
    ("total_path", &["offset", "page_number"]),
    ("has_more_path", &["cursor", "offset", "page_number"]),
    ("maximum_offset", &["offset", "range"]),
    ("maximum_page", &["page_number"]),
];

const PATH: &str = "a path from the top of the answer, such as \"meta.next\"";

/// What leads to the next page must be there.
pub(super) fn check_redact(fetch: &Table, pages: &Pages, redact: &[Redaction]) {
    let hits = |redaction: &Redaction| {
        let steps = redaction.path.steps();
        pages.paths().iter().any(|path| {
            let same = |(a, b): (&Step, &Step)| {
                a == b || matches!(a, Step::Each | Step::Values) && !matches!(b, Step::Own)
            };
            path.steps().len() >= steps.len() && steps.iter().zip(path.steps()).all(same)
        })
    };
    if redact.iter().any(hits) {
        fetch.clash("redact", "nothing that leads to the next page");
    }
}

pub(super) fn pages(fetch: &Table, format: Option<&Format>) -> Option<Pages> {
    let table = fetch.table("pages")?;
    let word = table.need("type", &TYPES.join(", "), |v| {
        TYPES.iter().copied().find(|word| v.text() == Some(word))
    });
    only_beside(&table, word, &OWN);
    let by = word.and_then(|word| by(&table, word, format));
    if let Some(By::Offset { to, limit: Some((limit, _)), .. }) = &by
        && to == limit
    {
        table.clash("limit_param", "another one than for the offset");
    }
    let allowed = "a whole number from 1 to 1000";
    let max_pages =
        table.may("max_pages", allowed, PAGES_DEFAULT, |v| whole(v, 1, u64::from(PAGES)));
    let max_bytes = table.may("max_bytes", "a size up to 1GiB", PAGES_BYTES, |v| {
        size(v).filter(|bytes| (1..=BODY_MOST).contains(bytes))
    });
    table.unknown();
    let pages = Pages { by: by?, max_pages, max_bytes };
    if let Some(format) = format.filter(|format| format.each().is_some())
        && let Some(key) = ["next_url_path", "cursor_path", "total_path", "has_more_path"]
            .into_iter()
            .find(|key| table.has(key))
    {
        table.clash(key, &format!("only beside a format with paths; {} has none", format.name));
    }
    let in_body: Vec<_> =
        OWN.iter().map(|(key, _)| *key).filter(|k| k.ends_with("body_path")).collect();
    if let Some(key) = in_body.into_iter().find(|key| table.has(key))
        && !["body", "graphql"].iter().any(|body| fetch.has(body))
    {
        table.clash(key, "it only beside a body of JSON");
    }
    Some(pages)
}

fn by(table: &Table, word: &str, format: Option<&Format>) -> Option<By> {
    let path = |v| path_of(v, format);
    Some(match word {
        "header_link" => {
            let rel = table.may("links_next_key", "a relation, such as next", "next".into(), line);
            By::HeaderLink { rel }
        }
        "json_link" => By::JsonLink { path: table.need("next_url_path", PATH, path)? },
        "cursor" => By::Cursor {
            path: table.need("cursor_path", PATH, path)?,
            to: param(table, "cursor_param", "cursor_body_path", "cursor"),
            more: optional(table, "has_more_path", format),
        },
        "offset" => By::Offset {
            to: param(table, "offset_param", "offset_body_path", "offset"),
            limit: limit(table)
                .map(|limit| (param(table, "limit_param", "limit_body_path", "limit"), limit)),
            end: end(table, "maximum_offset", format),
        },
        "page_number" => By::PageNumber {
            to: param(table, "page_param", "page_body_path", "page"),
            base: table.may("base_page", "0 or 1", 1, |v| whole(v, 0, 1)),
            end: end(table, "maximum_page", format),
        },
        _ => {
            if !table.has("limit") {
                table.missing("limit", "how many items a page is to have");
            }
            By::Range {
                to: param(table, "range_param", "range_body_path", "range"),
                limit: limit(table)?,
                most: most(table, "maximum_offset"),
            }
        }
    })
}

fn end(table: &Table, key: &'static str, format: Option<&Format>) -> End {
    let optional = |key| optional(table, key, format);
    let (total, more) = (optional("total_path"), optional("has_more_path"));
    End { total, more, most: most(table, key) }
}

fn most(table: &Table, key: &'static str) -> Option<u64> {
    table.may(key, "a whole number above 0", None, |v| whole(v, 1, 1_000_000_000).map(Some))
}

fn limit(table: &Table) -> Option<u32> {
    let allowed = format!("a whole number from 1 to {LIMIT_MAX}");
    table.may("limit", &allowed, None, |v| whole(v, 1, LIMIT_MAX.into()).map(Some))
}

/// A name in the query, or a path in the body.
fn param(table: &Table, key: &'static str, body: &'static str, default: &str) -> Param {
    let plain = |v: Value| line(v).filter(|name| !name.contains(['{', '}']));
    let name = Param::Query(table.may(key, "a name in the query", default.to_string(), plain));
    let allowed = "keys of the body, such as \"variables.after\"";
    let path = table.may(body, allowed, None, |v| {
        let question = Step::Key("query".into());
        let keys = |path: &Path| {
            let all = path.steps().iter().all(|step| matches!(step, Step::Key(_)));
            all && path.steps() != [question.clone()]
        };
        path_of(v, None).filter(keys).map(Some)
    });
    if path.is_some() && table.has(key) {
        table.clash(body, &format!("one of {key} and {body}"));
    }
    path.map_or(name, Param::Body)
}

fn optional(table: &Table, key: &'static str, format: Option<&Format>) -> Option<Path> {
    table.may(key, PATH, None, |v| path_of(v, format).map(Some))
}

fn path_of(value: Value, format: Option<&Format>) -> Option<Path> {
    let page = format.is_some_and(|format| format.is_page);
    let parse = if page { Path::in_page } else { Path::parse };
    let path = parse(value.text()?).ok()?;
    (path.start() == Start::Here && path.fans() == 0 && !path.is_own()).then_some(path)
}
