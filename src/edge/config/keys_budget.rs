//! The keys of what a source may take of its publisher.

use super::key::Kind::{Flag, Line, Many, Table, Whole, Words};
use super::key::{Group, Key, Kind, NEEDED, SPAN, group, key, names};
use crate::domain::quota::Per;

/// What stands in `[fetch]` of it.
pub(super) const BUDGET: &[Key] = &[
    key(
        "robots",
        Flag,
        "`true` of HTML, else `false`",
        "whether the host's robots.txt must allow it; `false` only where the publisher permits it",
    ),
    key(
        "quota",
        Many(&A_QUOTA),
        "none",
        "a list of what the publisher grants, see [below](#quotas-and-freshness)",
    ),
    key(
        "max_fresh",
        SPAN,
        "`1d`",
        "a duration, `0s` to `8d`: how long an answer is believed to hold at most, whatever \
         `Cache-Control` and `Expires` say; with `0s` it is asked in every slot",
    ),
];

static A_QUOTA: Kind = Table(&QUOTA);

pub(super) static QUOTA: Group = group(
    "a quota",
    &[&[
        key("requests", Whole(1, 1_000_000_000), NEEDED, "how many there are in that time"),
        key("per", Words(|| names(&Per::ALL)), NEEDED, "the time, of the calendar in UTC"),
        key("key", Line, "the source's name", "a word: sources that name the same share it"),
        key("cost", Whole(1, 1_000_000), "`1`", "how many of them one request takes"),
    ]],
);
