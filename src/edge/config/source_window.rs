//! Windows of time: the range of a request, and what is done about slots that were missed.

use super::reader::Table;
use super::values::{PERIOD_MAX, SECOND, spans, within};
use crate::domain::schedule::CatchUp;
use crate::domain::source::Range;
use std::time::Duration;

pub(super) fn windows(table: &Table) -> (Option<Range>, CatchUp) {
    let range = range(table);
    let words = CatchUp::ALL.map(|(name, _)| name).join(", ");
    let catch_up = table.may("catch_up", &words, CatchUp::Latest, |v| {
        CatchUp::ALL.iter().find(|(name, _)| v.text() == Some(name)).map(|(_, one)| *one)
    });
    if catch_up == CatchUp::All && range.is_none() {
        table.clash("catch_up", "all beside range: without, each request would be the same");
    }
    (range, catch_up)
}

/// A duration, or a table.
fn range(table: &Table) -> Option<Range> {
    let value = table.get("range")?;
    let allowed = spans(SECOND, PERIOD_MAX, "1d");
    let Some(inner) = table.as_table("range", value) else {
        let allowed = allowed + ": how far before the slot {from} lies; or a table with a span";
        let span = table.may("range", &allowed, None, |v| within(v, SECOND, PERIOD_MAX).map(Some));
        return span.map(Range::of);
    };
    let span = inner.need("span", &allowed, |v| within(v, SECOND, PERIOD_MAX));
    let month = 31 * 86_400 * SECOND;
    let grid = |key, default: Duration, least: Duration| {
        let allowed = spans(least, month, "1h");
        inner.may(key, &allowed, default, |v| within(v, least, month))
    };
    let (granularity, lag) =
        (grid("granularity", SECOND, SECOND), grid("lag", Duration::ZERO, Duration::ZERO));
    let closed = |key| {
        inner.may(key, "closed, open", true, |v| match v.text()? {
            "closed" => Some(true),
            "open" => Some(false),
            _ => None,
        })
    };
    let (from_closed, to_closed) = (closed("range_start"), closed("range_end"));
    inner.unknown();
    Some(Range { span: span?, granularity, from_closed, to_closed, lag })
}
