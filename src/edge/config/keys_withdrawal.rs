//! The keys of `gone`: how it is known that a record is withdrawn.

use super::key::Kind::Whole;
use super::key::{Group, NEEDED, URL, group, key};

pub(super) static GONE: Group = group(
    "gone",
    &[&[
        key("url", URL, NEEDED, "where a record is asked for by itself, with `{id}`"),
        key("status", Whole(204, 410), NEEDED, "204, 404 or 410: what says that there is none"),
    ]],
);
