//! The keys of `[fetch.pages]`.

use super::key::Kind::{Form, Line, Whole, Words};
use super::key::{Group, NEEDED, group, key};

/// What leads from a page to the next one.
pub(super) const TYPES: [&str; 6] =
    ["header_link", "json_link", "cursor", "offset", "page_number", "range"];

/// Most items of one page.
pub(super) const LIMIT_MAX: u32 = 1_000_000;

pub(super) static PAGES: Group = group(
    "[fetch.pages]",
    &[&[
        key(
            "type",
            Words(|| TYPES.to_vec()),
            NEEDED,
            "what leads to the next page, see [below](#pages)",
        ),
        key(
            "links_next_key",
            Line,
            "`next`",
            "of `header_link`: the relation in the header `Link` under which the next page is",
        ),
        key("next_url_path", Line, "", "of `json_link`, needed: where the next address stands"),
        key("cursor_path", Line, "", "of `cursor`, needed: where the mark of the next page stands"),
        key("cursor_param", Line, "`cursor`", "of `cursor`: the name in the query that takes it"),
        key("cursor_body_path", Line, "", "the same in a body of JSON: `variables.after`"),
        key(
            "limit",
            Whole(1, LIMIT_MAX),
            "what the publisher gives",
            "of `offset`, and needed of `range`: how many items a page is to have",
        ),
        key("limit_param", Line, "`limit`", "of `offset`: the name in the query that takes it"),
        key("limit_body_path", Line, "", "the same in a body of JSON"),
        key(
            "offset_param",
            Line,
            "`offset`",
            "of `offset`: the name in the query that takes how many items were passed",
        ),
        key("offset_body_path", Line, "", "the same in a body of JSON"),
        key("base_page", Whole(0, 1), "`1`", "of `page_number`: the number of the first page"),
        key("page_param", Line, "`page`", "of `page_number`: the name in the query that takes it"),
        key("page_body_path", Line, "", "the same in a body of JSON"),
        key(
            "range_param",
            Line,
            "`range`",
            "of `range`: the name in the query that takes `0-149`, `150-299`, ...",
        ),
        key("range_body_path", Line, "", "the same in a body of JSON"),
        key(
            "total_path",
            Line,
            "",
            "of `offset`, where the number of all items stands; of `page_number`, that of all \
             pages",
        ),
        key(
            "has_more_path",
            Line,
            "",
            "of `cursor`, `offset`, `page_number`: where a flag stands that there are more pages",
        ),
        key(
            "maximum_offset",
            Whole(1, 1_000_000_000),
            "",
            "of `offset` and `range`: the publisher gives no page that begins there or beyond",
        ),
        key(
            "maximum_page",
            Whole(1, 100_000),
            "",
            "of `page_number`: the first number of which the publisher gives no page",
        ),
        key("max_pages", Whole(1, 1_000), "`100`", "more pages are a fault"),
        key(
            "max_bytes",
            Form("^[0-9]+(B|KiB|MiB|GiB)$"),
            "`256MiB`",
            "more bytes of all pages are a fault; a size up to `1GiB`",
        ),
    ]],
);
