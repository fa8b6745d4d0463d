//! The keys of `[fetch.slices]`.

use super::key::Kind::{Line, List, Many, Named, Table, Text, Whole};
use super::key::{Group, Kind, NEEDED, SPAN, URL, group, key};

/// Most items that a page may have in common with the one before it.
pub(super) const OVERLAP_MOST: u32 = 100;

pub(super) static SLICES: Group = group(
    "[fetch.slices]",
    &[&[
        key(
            "length",
            SPAN,
            "any",
            "a duration, `1s` to `3660d`: the longest window for which the publisher may be asked",
        ),
        key(
            "overlap",
            Whole(0, OVERLAP_MOST),
            "`5`",
            "of pages that are counted by items: how many a page has in common with the one before \
             it, by which it is known that none fell between them",
        ),
        key(
            "dimensions",
            Many(&A_DIMENSION),
            "none",
            "by what a slice is cut that time cannot cut any more, in this order: a list of \
             parameters with their values",
        ),
        key(
            "search_param",
            Line,
            "",
            "the name in the query that takes the words of `fetcher backfill --search`",
        ),
    ]],
);

static A_DIMENSION: Kind = Table(&DIMENSION);

pub(super) static DIMENSION: Group = group(
    "a dimension",
    &[&[
        key("param", Line, NEEDED, "the name in the query"),
        key("values", List(&Line), NEEDED, "what it may be: texts, each once"),
        key(
            "names",
            Table(&NAMES),
            "",
            "where the publisher says what these values are called: a backfill tells them",
        ),
        key(
            "labels",
            Named(&Text),
            "",
            "what you take them for: where the publisher says otherwise, a backfill warns",
        ),
    ]],
);

pub(super) static NAMES: Group = group(
    "names",
    &[&[
        key("url", URL, NEEDED, "of a JSON list of objects; it is asked as the source is"),
        key("code", Line, NEEDED, "the member that says a value"),
        key("name", Line, NEEDED, "the member that says what it is called"),
    ]],
);
