//! What a source may take of its publisher: quotas.

use super::reader::Table;
use super::values::{SECOND, line, spans, whole, within, word};
use crate::domain::limits::HOLDS_DEFAULT;
use crate::domain::quota::{Per, Quota};
use std::time::Duration;

pub(super) fn quotas(fetch: &Table) -> Vec<Quota> {
    let quotas: Vec<Quota> = fetch.tables("quota").iter().filter_map(quota).collect();
    let twice =
        |one: &Quota| quotas.iter().filter(|q| (&q.key, q.per) == (&one.key, one.per)).count() > 1;
    if quotas.iter().any(twice) {
        fetch.clash("quota", "one for each key and time");
    }
    quotas
}

/// How long an answer is believed to hold at most.
pub(super) fn max_fresh(table: &Table) -> Duration {
    let most = 8 * 24 * 3_600 * SECOND;
    let allowed = spans(Duration::ZERO, most, "1h");
    table.may("max_fresh", &allowed, HOLDS_DEFAULT, |v| within(v, Duration::ZERO, most))
}

fn quota(table: &Table) -> Option<Quota> {
    let requests = table.need("requests", "a whole number above 0", |v| whole(v, 1, 1_000_000_000));
    let per = word(table, "per", &Per::ALL);
    let key = table.may("key", "a word", String::new(), line);
    let cost = table.may("cost", "a whole number above 0", 1, |v| whole(v, 1, 1_000_000));
    table.unknown();
    let quota = Quota { key, requests: requests?, per: per?, cost };
    if quota.cost > quota.requests {
        table.clash("cost", "not more than there are in that time");
    }
    Some(quota)
}
