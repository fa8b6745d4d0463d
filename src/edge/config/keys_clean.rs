//! The keys of a step of cleaning.

use super::key::Kind::{Either, Flag, Line, Named, Table, Text, Words};
use super::key::{Group, Kind, group, key};
use super::source_clean::WORDS;
use crate::domain::salary::Part;

pub(super) static ONE_STEP: Kind =
    Either(&[Words(|| WORDS.iter().map(|(name, _)| *name).collect()), Table(&STEP)]);

pub(super) static STEP: Group = Group {
    one_of: &["capture", "replace", "map", "date", "salary"],
    ..group(
        "a step of cleaning",
        &[&[
            key(
                "capture",
                Line,
                "",
                "a regular expression whose first group is what is left; nothing where it does \
                 not match",
            ),
            key("replace", Line, "", "a regular expression: what matches is replaced"),
            key("with", Text, "nothing", "beside `replace`: by what; `$1` is the first group"),
            key(
                "map",
                Named(&Text),
                "",
                "a table of texts that become others: `{ permanent = \"CDI\" }`; an empty one is \
                 nothing",
            ),
            key("only", Flag, "`false`", "beside `map`: `true`: what is not listed is nothing"),
            key("date", Line, "", "a form of strftime: a date of it becomes one of ISO 8601"),
            key(
                "salary",
                Words(|| Part::ALL.iter().map(|(name, _)| *name).collect()),
                "",
                "a part of what is said of a [salary](job-market.md#salaries)",
            ),
        ]],
    )
};
