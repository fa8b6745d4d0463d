//! The keys of `[[figures]]`.

use super::key::Kind::{Line, Whole, Words};
use super::key::{Group, Kind, NEEDED, group, key, names};
use super::keys_title::TITLE;
use super::source_figures::{FIGURES, TABLE_ROWS};
use crate::domain::source::Rank;

pub(super) static FIGURE: Group = group(
    "[[figures]]",
    &[&[
        key(
            "kind",
            Words(|| FIGURES.iter().map(|(name, _)| *name).collect()),
            NEEDED,
            "what is drawn",
        ),
        key(
            "field",
            Line,
            "",
            "a field of numbers or an aggregate; of a table, and of a map of records, also of \
             texts; of bars of texts only; of `fill` none, else needed",
        ),
        key(
            "rows",
            Whole(1, TABLE_ROWS),
            "`10`; of `fill` all",
            "rows of a table, or charts of a set, or bars, those at most 100",
        ),
        key(
            "rank",
            Words(|| names(&Rank::ALL)),
            "`top`",
            "of bars: the most frequent, those in the middle, or the least frequent",
        ),
        key(
            "split",
            Line,
            "one text a record",
            "of bars: what stands between several texts of one record, such as `; `",
        ),
        key("title", Kind::Shared(&TITLE), "a sentence made from the data", "what stands above it"),
    ]],
);
