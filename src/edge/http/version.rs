//! Whether a 304 speaks of the version that we hold, and what its validators are from then on.
//!
//! Invariant: a stored body never gets the validators of another one. A server that mixes up its
//! versions would otherwise never send us the new one.

use crate::domain::http_date;
use crate::domain::request::Validators;

/// What servers add to a tag where they compress, and leave out again in a 304.
const OF_CODING: [&str; 4] = ["--gzip", "-gzip", ";gzip", "+gzip"];

/// Whether a 304 with these validators can mean what is stored under those.
pub fn is_same(stored: &Validators, fresh: &Validators) -> bool {
    match (&stored.etag, &fresh.etag) {
        (Some(stored), Some(fresh)) => bare(stored) == bare(fresh),
        _ => !is_newer(fresh.last_modified.as_deref(), stored.last_modified.as_deref()),
    }
}

/// The stored validators, refreshed by those a 304 carries.
pub fn refreshed(stored: &Validators, fresh: Validators) -> Validators {
    Validators {
        etag: fresh.etag.or_else(|| stored.etag.clone()),
        last_modified: fresh.last_modified.or_else(|| stored.last_modified.clone()),
    }
}

/// A tag as it is compared: weak or not, in quotes or not, compressed or not.
fn bare(tag: &str) -> &str {
    let tag = tag.trim();
    let tag = tag.strip_prefix("W/").or_else(|| tag.strip_prefix("w/")).unwrap_or(tag);
    let tag = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).unwrap_or(tag);
    OF_CODING.iter().find_map(|ending| tag.strip_suffix(ending)).unwrap_or(tag)
}

/// Dates that cannot be read say nothing.
fn is_newer(fresh: Option<&str>, stored: Option<&str>) -> bool {
    let date = |text: Option<&str>| http_date::parse(text?);
    date(fresh).zip(date(stored)).is_some_and(|(fresh, stored)| fresh > stored)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(etag: &str, last_modified: &str) -> Validators {
        let some = |text: &str| (!text.is_empty()).then(|| text.to_string());
        Validators { etag: some(etag), last_modified: some(last_modified) }
    }

    #[test]
    fn a_304_refreshes_what_it_names() {
        let merged = refreshed(&of("a", "b"), of("c", ""));
        assert_eq!(merged, of("c", "b"));
        assert_eq!(refreshed(&merged, Validators::default()), merged);
    }

    #[test]
    fn another_tag_is_another_version() {
        let same = |stored, fresh| is_same(&of(stored, ""), &of(fresh, ""));
        for (stored, fresh) in [
            ("\"a\"", "\"a\""),
            ("W/\"a\"", "\"a\""),
            ("\"a\"", "W/\"a\""),
            ("a", "\"a\""),
            ("\"a-gzip\"", "\"a\""),
            ("\"a\"", ""),
            ("", "\"a\""),
        ] {
            assert!(same(stored, fresh), "{stored} {fresh}");
        }
        for (stored, fresh) in
            [("\"a\"", "\"b\""), ("W/\"a\"", "W/\"b\""), ("\"a\"", "\"A\""), ("\"a\"", "\"\"")]
        {
            assert!(!same(stored, fresh), "{stored} {fresh}");
        }
    }

    #[test]
    fn without_tags_a_later_date_is_another_version() {
        let (sunday, monday) = ("Sun, 06 Nov 1994 08:49:37 GMT", "Mon, 07 Nov 1994 08:49:37 GMT");
        let same = |stored, fresh| is_same(&of("", stored), &of("", fresh));
        assert!(!same(sunday, monday));
        assert!(same(monday, sunday) && same(monday, monday) && same(monday, "yesterday"));
        assert!(is_same(&of("a", sunday), &of("a", monday)), "the tag decides");
    }
}
