//! The keys of a declaration, each told once: for the reader, the schema and the page.

use super::key::Kind::{
    Above0, Either, Fields, Flag, Form, Line, List, Many, Named, Number, Scalar, Table, Text,
    Whole, Words,
};
use super::key::{Group, Key, Kind, NEEDED, Shared, group, key, names};
use super::key::{SPAN, URL};
use super::keys_budget::QUOTA;
use super::keys_clean::{ONE_STEP, STEP};
use super::keys_condition::{CONDITION, FILTER};
use super::keys_fetch::{CSV, FETCH, FILE, FORM, LIST_FILE, NUMBERS, RANGE, REDACTED, XML};
use super::keys_figures::FIGURE;
use super::keys_pages::PAGES;
use super::keys_request::{AUTH, GRAPHQL, TLS};
use super::keys_slices::{DIMENSION, NAMES, SLICES};
use super::keys_title::{TITLE, WORDING};
use super::keys_withdrawal::GONE;
use crate::domain::source::{Access, Reuse, Schema, Share, Token};

/// Each operation is a key of its own.
const OPERATIONS: &[&str] = &["sum", "mean", "min", "max", "count"];

/// All groups that have a table on the page.
pub(super) const GROUPS: [&Group; 29] = [
    &SOURCE, &ABOUT, &LICENCE, &FETCH, &QUOTA, &RANGE, &GRAPHQL, &AUTH, &TLS, &PAGES, &SLICES,
    &DIMENSION, &NAMES, &FILE, &REDACTED, &CSV, &XML, &NUMBERS, &SAMPLES, &RECORDS, &GONE, &FILTER,
    &PICK, &TIME, &FIELD, &STEP, &AGGREGATE, &FIGURE, &WORDING,
];
/// What is shared by several keys of the schema.
pub(super) const SHARED: [&Shared; 9] = [
    &TITLE,
    &LIST_FILE,
    &PICKS,
    &ONE_PICK,
    &MOMENT,
    &CONDITION,
    &ONE_FIELD,
    &ONE_AGGREGATE,
    &ONE_FIGURE,
];

pub(super) static SOURCE: Group = Group {
    one_of: &["samples", "records"],
    ..group(
        "top level",
        &[&[
            key("title", Kind::Shared(&TITLE), NEEDED, "what the source is called"),
            key(
                "topic",
                Form("^[a-z0-9-]+$"),
                NEEDED,
                "a word: lower case, digits, dashes; sources of one topic share a section",
            ),
            key(
                "keep",
                SPAN,
                "for ever",
                "a duration, `1d` to `36600d`: after so long an hour \
                 [expires](operations.md#how-long-data-is-kept)",
            ),
            key(
                "thin_after",
                SPAN,
                "never",
                "a duration, `32d` to `36600d`, shorter than `keep`: after so long an hour keeps \
                 its plain figures only; of samples and aggregates",
            ),
            key(
                "formerly",
                Many(&Form("^[a-z0-9-]+$")),
                "none",
                "names that the source had before; `fetcher rename` writes it: what landed under \
                 them is its past",
            ),
            key("about", Table(&ABOUT), NEEDED, "what people must know"),
            key("fetch", Table(&FETCH), NEEDED, "where it is asked, and how often"),
            key("samples", Table(&SAMPLES), "", "values of the world at the fetch"),
            key("records", Table(&RECORDS), "", "things with an identity of their own"),
            key("fields", Fields(&Kind::Shared(&ONE_FIELD)), NEEDED, "the values, by name"),
            key(
                "aggregates",
                Named(&Kind::Shared(&ONE_AGGREGATE)),
                "",
                "values over all items of an answer, by name",
            ),
            key("figures", Many(&Kind::Shared(&ONE_FIGURE)), "", "what the report shows"),
        ]],
    )
};

pub(super) static ABOUT: Group = group(
    "[about]",
    &[&[
        key("content", Line, NEEDED, "a text: what the data says"),
        key("zone", Line, NEEDED, "a text: which part of the world it is about"),
        key(
            "period",
            SPAN,
            NEEDED,
            "a duration, `1s` to `3660d`: how often the publisher refreshes it",
        ),
        key("access", Words(|| names(&Access::ALL)), NEEDED, "how people have it"),
        key("token", Words(|| names(&Token::ALL)), NEEDED, "does the publisher want a key?"),
        key("licence", Table(&LICENCE), NEEDED, "under which terms"),
        key(
            "share",
            Words(|| names(&Share::ALL)),
            "`all`",
            "how much of it its terms let others see: nothing, figures over many items, or each \
             item; binds reports and exports",
        ),
        key(
            "caveat",
            Kind::Shared(&TITLE),
            "none",
            "a sentence for whoever reads its figures: stands beside them, and in exports",
        ),
        key("attribution", Line, NEEDED, "a text: the words that the publisher wants to see"),
        key("homepage", URL, NEEDED, "a URL for people"),
    ]],
);

static LICENCE: Group = group(
    "licence",
    &[&[
        key("name", Line, NEEDED, "a text: the licence's name"),
        key("url", URL, NEEDED, "where its text is"),
        key("reuse", Words(|| names(&Reuse::ALL)), NEEDED, "whether the data may be used again"),
    ]],
);

static ONE_CONDITION: Kind = Kind::Shared(&CONDITION);
static NAMED_OR_LISTED: [Kind; 2] = [Form("^[a-z0-9-]+$"), Kind::Shared(&LIST_FILE)];

const PLACE: &[Key] = &[
    key("at", Line, NEEDED, "[where the items are](#where-the-items-are)"),
    key(
        "skip",
        Whole(0, 1000),
        "`0`",
        "leading elements that are no data, such as a header row; of a CSV file with a header, \
         lines before and after it",
    ),
    key(
        "where",
        Many(&ONE_CONDITION),
        "none",
        "a list of conditions; an element that fails one is left out",
    ),
    key(
        "may_be_empty",
        Flag,
        "`false`",
        "`true` where `where` may well leave nothing of an answer; else that is \
         [told](#what-is-told)",
    ),
    key(
        "may_repeat",
        Flag,
        "`false`",
        "`true` where equal samples of one series in an answer are meant",
    ),
    key(
        "labels",
        Either(&NAMED_OR_LISTED),
        "none",
        "names and places of the series: a source of records with fields `name`, `lat`, `lon` \
         under the same key; or `{ file = \"lists/x.csv\", key = \"id\" }` with such columns",
    ),
];

pub(super) static SAMPLES: Group = group(
    "[samples]",
    &[
        PLACE,
        &[key(
            "series",
            Kind::Shared(&PICKS),
            NEEDED,
            "where, inside an item, is what it is about: a path or [alternatives](#alternatives)",
        )],
    ],
);

pub(super) static RECORDS: Group = group(
    "[records]",
    &[
        PLACE,
        &[
            key("id", Kind::Shared(&PICKS), "", "a path or [alternatives](#alternatives)"),
            key(
                "series",
                Kind::Shared(&PICKS),
                "",
                "in place of `id`: a measurement, whose id is its series and its `time`",
            ),
            key(
                "time",
                Kind::Shared(&MOMENT),
                "",
                "when it happened, see [times](#times); needed beside `series`",
            ),
            key(
                "updated",
                Kind::Shared(&MOMENT),
                "",
                "the same: when the publisher changed it; the latest version wins",
            ),
            key("complete", Flag, "`false`", "`true` where each answer lists all there are"),
            key("noun", Kind::Shared(&TITLE), "none", "what one is called: `earthquake`"),
            key("nouns", Kind::Shared(&TITLE), "the usual plural", "what several are called"),
            key(
                "schema",
                Words(|| names(&Schema::ALL)),
                "none",
                "what kind of things they are: their fields have the names of \
                 [that schema](#job-offers)",
            ),
            key(
                "withdrawable",
                Many(&Line),
                "none",
                "names of fields that go when a record is withdrawn, see \
                 [withdrawals](#withdrawals)",
            ),
            key(
                "raw_for",
                SPAN,
                "needed beside `withdrawable`",
                "a duration, `32d` to `366d`: how long raw answers are kept",
            ),
            key("gone", Table(&GONE), "", "how it is known that a record is withdrawn"),
        ],
    ],
);

static PICK: Group = group(
    "an alternative",
    &[&[
        key("path", Line, NEEDED, "a path inside an item, to one value"),
        key("capture", Line, "none", "a regular expression whose first group is the value"),
    ]],
);

static TIME: Group = Group {
    one_of: &["unit", "format"],
    ..group(
        "a time",
        &[&[
            key(
                "path",
                Either(&[Line, List(&Text)]),
                NEEDED,
                "a path inside an item; of a list of them the texts are joined by blanks",
            ),
            key(
                "unit",
                Words(|| vec!["s", "ms", "us", "ns", "iso", "date"]),
                "",
                "since 1970, or ISO 8601, or `2026-11-22`",
            ),
            key("format", Line, "", "a form of strftime such as `%d %B %Y` or `%Y%m%d%H`"),
            key("zone", Line, "UTC", "of a civil time without an offset, such as `Europe/Paris`"),
            key("missing", Many(&Scalar), "none", "a list of values that mean that there is none"),
        ]],
    )
};

static FIELD: Group = group(
    "[fields.NAME]",
    &[
        &[
            key(
                "path",
                Kind::Shared(&PICKS),
                NEEDED,
                "a path inside an item, to one value; or [alternatives](#alternatives)",
            ),
            key("capture", Line, "none", "a regular expression whose first group is the value"),
            key("kind", Words(|| vec!["number", "text"]), "`number`", "what its values are"),
            key(
                "missing",
                Many(&Scalar),
                "none",
                "a list of values that mean that there is none: `[\"ND\", -9999]`",
            ),
            key(
                "scale",
                Number,
                "`1`",
                "a number by which the value is multiplied: `0.001` for millimetres in metres; \
                 unit and resolution are those after it",
            ),
            key("offset", Number, "`0`", "a number that is added then: `-273.15` for kelvin in °C"),
            key(
                "steps",
                Many(&ONE_STEP),
                "none",
                "what is done with its text, in this order, before it is read, see \
                 [cleaning](#cleaning)",
            ),
            key(
                "join",
                Text,
                "one value only",
                "what stands between several values of it: `\"; \"` for a list of skills",
            ),
            key("required", Flag, "`false`", "`true`: an item without it cannot be read"),
            key(
                "optional",
                Flag,
                "`false`",
                "`true`: an answer without it in any item is as it should be; else that is \
         [told](#what-is-told)",
            ),
        ],
        MEASURE,
        FORM,
    ],
);

const MEASURE: &[Key] = &[
    key(
        "unit",
        Line,
        "none",
        "a text, shown as it stands behind numbers; a plain word for what is counted (`bike`) is \
         not printed: the title says it; values of different units never mix",
    ),
    key("title", Kind::Shared(&TITLE), "the name with spaces", "what it is called"),
    key(
        "resolution",
        Above0,
        "none",
        "for numbers: the grid on which all values lie (`1`, `0.1`); then quantiles are exact, \
         else they are within 1 %; a value off the grid is told",
    ),
    key(
        "trace",
        SPAN,
        "none",
        "for numbers: a step that divides the hour (`1m`, `5m`, `10m`, `15m`); then a report draws \
         the day at that step instead of by the hour",
    ),
];

static AGGREGATE: Group = Group {
    one_of: OPERATIONS,
    ..group(
        "[aggregates.NAME]",
        &[
            &[
                key("sum", Line, "", "the name of a field of numbers: all of it"),
                key("mean", Line, "", "the same: its mean"),
                key("min", Line, "", "the same: its least value"),
                key("max", Line, "", "the same: its greatest value"),
                key("count", Line, "", "the same: how many have it"),
                key("equals", Number, "", "at most one of the three: only such values are taken"),
                key("below", Number, "", "the same: only values below"),
                key("above", Number, "", "the same: only values above"),
            ],
            MEASURE,
        ],
    )
};

static PICKS: Shared = Shared {
    name: "picks",
    kind: Either(&[Kind::Shared(&ONE_PICK), List(&Kind::Shared(&ONE_PICK))]),
};
static ONE_PICK: Shared = Shared { name: "pick", kind: Either(&[Text, Table(&PICK)]) };
static MOMENT: Shared = Shared { name: "time", kind: Table(&TIME) };
static ONE_FIELD: Shared = Shared { name: "field", kind: Table(&FIELD) };
static ONE_AGGREGATE: Shared = Shared { name: "aggregate", kind: Table(&AGGREGATE) };
static ONE_FIGURE: Shared = Shared { name: "figure", kind: Table(&FIGURE) };

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::source::Operation;

    #[test]
    fn each_operation_is_a_key() {
        assert_eq!(OPERATIONS, names(&Operation::ALL));
    }
}
