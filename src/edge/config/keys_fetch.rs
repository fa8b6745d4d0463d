//! The keys of `[fetch]`, and of the lists that it shares with others.

use super::key::Kind::{
    Either, Flag, Form, Line, List, Many, Named, Scalar, Sign, Table, Text, Words,
};
use super::key::{Group, Key, Kind, NEEDED, SPAN, Shared, URL, group, key, names};
use super::keys_budget::BUDGET;
use super::keys_condition::CONDITION;
use super::keys_pages::PAGES;
use super::keys_request::REQUEST;
use super::keys_slices::SLICES;
use crate::domain::container::Pack;
use crate::domain::form::Format;
use crate::domain::schedule::CatchUp;

pub(super) const SIGNS: Kind = Words(|| vec![".", ","]);
pub(super) static FETCH: Group = group(
    "[fetch]",
    &[
        &[
            key("url", URL, NEEDED, "a [template](#templates-loops-and-secrets)"),
            key("every", SPAN, NEEDED, "a duration in whole seconds, `1m` to `366d`"),
            key(
                "format",
                Words(|| names(&Format::all())),
                NEEDED,
                "the form of the answer; `ndjson` is a JSON value a line",
            ),
            key("headers", Named(&Text), "none", "a table of texts, which are templates too"),
            key(
                "items",
                Either(&[
                    Kind::Shared(&LIST_FILE),
                    List(&Either(&[Form("^[A-Za-z0-9.-]{1,64}$"), Table(&ITEM)])),
                ]),
                "",
                "what a loop runs over: one request, one file for each",
            ),
            key(
                "range",
                Either(&[SPAN, Table(&RANGE)]),
                "",
                "a duration, `1s` to `3660d`: `{to}` is the slot, `{from}` lies so far before; \
                 or a table, see [below](#windows)",
            ),
            key(
                "catch_up",
                Words(|| names(&CatchUp::ALL)),
                "`latest`",
                "what is done about slots that were missed, see [below](#windows)",
            ),
            key(
                "unpack",
                Words(|| names(&Pack::ALL)),
                "nothing: it comes as it is",
                "what the answer is packed in, see [below](#containers)",
            ),
            key(
                "member",
                Line,
                "the only file",
                "a name with `*` and `?`: which file of an archive is meant, exactly one",
            ),
            key(
                "pages",
                Table(&PAGES),
                "the answer is one page",
                "how the pages of an answer are asked for, see [below](#pages)",
            ),
            key(
                "slices",
                Table(&SLICES),
                "the range is asked for as one",
                "how a range is walked that holds more than is given at once, see \
                 [below](#slices)",
            ),
            key("csv", Table(&CSV), "", "how a CSV answer is written, see [below](#csv)"),
            key("xml", Table(&XML), "", "what prefixes of an XML answer mean, see [below](#xml)"),
            key(
                "encoding",
                Line,
                "`utf-8`; of XML and HTML what they say of themselves",
                "how its letters are coded: `utf-8`, `iso-8859-1`, `iso-8859-15`, `windows-1252`, \
         `utf-16` and the others of the web",
            ),
            key(
                "numbers",
                Table(&NUMBERS),
                "",
                "how numbers in texts are written, see [below](#numbers-and-flags)",
            ),
            key(
                "fail",
                Many(&Kind::Shared(&CONDITION)),
                "none",
                "a list of conditions on an answer, by paths from its top: where one holds it is a \
                 failure, whatever its status, see [below](#success-that-is-none)",
            ),
            key(
                "redact",
                Many(&Either(&[Line, Table(&REDACTED)])),
                "none",
                "a list of paths from the top: these values become `null` before anything is \
                 written (JSON and NDJSON only), see [below](#redaction)",
            ),
            key("timeout", SPAN, "`20s`", "`1s` to `45s`, for the whole exchange"),
            key(
                "max_bytes",
                Form("^[0-9]+(B|KiB|MiB|GiB)$"),
                "`32MiB`",
                "a size up to `1GiB`, such as `512KiB`",
            ),
            key(
                "gzip_padding",
                Flag,
                "`false`",
                "`true`: zeros or line ends may follow a whole gzip",
            ),
        ],
        REQUEST,
        BUDGET,
    ],
);

/// One of a loop's items; its other columns are free.
pub(super) static ITEM: Group = Group {
    is_open: true,
    ..group("an item", &[&[key("key", Form("^[A-Za-z0-9.-]{1,64}$"), NEEDED, "its key")]])
};

pub(super) static FILE: Group = group(
    "a list in a file",
    &[&[
        key("file", Form("\\.csv$"), NEEDED, "the path of a CSV file beside the declarations"),
        key("key", Line, "`key`", "the name of the column of keys"),
    ]],
);

pub(super) static REDACTED: Group = group(
    "a path of redact",
    &[&[
        key("path", Line, NEEDED, "from the top of the answer"),
        key("optional", Flag, "`false`", "`true`: an answer may well have none of it"),
    ]],
);

pub(super) static RANGE: Group = group(
    "a range",
    &[&[
        key("span", SPAN, NEEDED, "a duration, `1s` to `3660d`: how long it is"),
        key(
            "granularity",
            SPAN,
            "`1s`",
            "a duration up to `31d`: what the publisher's clock tells apart; the ends are put on \
             its grid, in UTC, so that they take in more",
        ),
        key(
            "range_start",
            Words(|| vec!["closed", "open"]),
            "`closed`",
            "whether the publisher gives what happened at the very instant of `{from}`",
        ),
        key("range_end", Words(|| vec!["closed", "open"]), "`closed`", "the same of `{to}`"),
        key(
            "lag",
            SPAN,
            "`0s`",
            "a duration up to `31d`: how late data may come; it begins so much earlier",
        ),
    ]],
);

pub(super) static CSV: Group = group(
    "[fetch.csv]",
    &[&[
        key("delimiter", Sign, "`,`", "one character: `;`, `\\t`"),
        key("header", Flag, "`true`", "whether a row names the columns"),
        key("comment", Sign, "none", "one character: a line that begins with it is no row"),
        key("encoding", Line, "", "as in `[fetch]`, where it may stand as well"),
        key("decimal", SIGNS, "", "as in `[fetch.numbers]`, where it may stand as well"),
    ]],
);

pub(super) static XML: Group = group(
    "[fetch.xml]",
    &[&[key(
        "namespaces",
        Named(&Text),
        "none",
        "prefixes that stand in paths, and what they mean",
    )]],
);

pub(super) static NUMBERS: Group = group(
    "[fetch.numbers]",
    &[
        FORM,
        &[key(
            "missing",
            Many(&Scalar),
            "none",
            "a list of values that mean that there is none, for all fields of numbers",
        )],
    ],
);

pub(super) const FORM: &[Key] = &[
    key("decimal", SIGNS, "`.`", "the sign before the fraction"),
    key("thousands", Sign, "none", "a sign between groups of three digits: `,`, or a space"),
    key("suffix", Line, "none", "what may stand behind the number, such as `km/h`"),
];

pub(super) static LIST_FILE: Shared = Shared { name: "file", kind: Table(&FILE) };
