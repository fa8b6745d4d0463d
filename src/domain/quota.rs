//! Quotas: how many requests a publisher grants in an hour, a day, a month, and how many of them
//! are spent.

use super::time::Instant;
use chrono::{DateTime, Datelike, TimeZone, Timelike, Utc};
use std::collections::BTreeMap;
use std::time::Duration;

/// What a publisher grants.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Quota {
    /// What of it is shared: sources that name the same key share one.
    pub key: String,
    pub requests: u64,
    pub per: Per,
    /// What one request takes of it.
    pub cost: u64,
}

/// A span of the calendar, in UTC.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Per {
    Hour,
    Day,
    Month,
}

/// What is spent, by key and span.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spent(pub BTreeMap<String, (Instant, u64)>);

impl Per {
    pub const ALL: [(&'static str, Per); 3] =
        [("hour", Per::Hour), ("day", Per::Day), ("month", Per::Month)];

    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, per)| *per == self).map_or("", |(name, _)| name)
    }

    /// The span that holds an instant: its start, and its end.
    pub fn around(self, now: Instant) -> (Instant, Instant) {
        let utc: DateTime<Utc> = *now;
        let midnight = |year, month, day| Utc.with_ymd_and_hms(year, month, day, 0, 0, 0).single();
        let day = midnight(utc.year(), utc.month(), utc.day());
        let (start, end) = match self {
            Per::Day => (day, day.map(|day| day + chrono::Duration::days(1))),
            Per::Hour => {
                let hour = chrono::Duration::hours(utc.hour().into());
                let start = day.map(|day| day + hour);
                (start, start.map(|start| start + chrono::Duration::hours(1)))
            }
            Per::Month => {
                let next = if utc.month() == 12 {
                    (utc.year() + 1, 1)
                } else {
                    (utc.year(), utc.month() + 1)
                };
                (midnight(utc.year(), utc.month(), 1), midnight(next.0, next.1, 1))
            }
        };
        let instant = |at: Option<DateTime<Utc>>| at.and_then(Instant::of).unwrap_or(now);
        (instant(start), instant(end))
    }
}

impl Quota {
    /// The same; one without a key is the source's own.
    pub fn of(&self, source: &str) -> Quota {
        let key = if self.key.is_empty() { source } else { &self.key };
        Quota { key: key.to_string(), ..self.clone() }
    }

    fn place(&self) -> String {
        format!("{} a {}", self.key, self.per.name())
    }

    /// In words: what it grants.
    pub fn shown(&self) -> String {
        format!("{} {} a {}", self.key, self.requests, self.per.name())
    }

    /// Why nobody is asked, as outcomes tell it and as it is found again in them.
    pub fn spent(&self) -> String {
        format!("the quota {} is spent", self.shown())
    }

    /// The span of a quota that these words call spent, whatever is declared by now.
    pub fn spent_in(words: &str) -> Option<Per> {
        let (_, quota) = words.split_once("the quota ")?;
        let (quota, _) = quota.split_once(" is spent")?;
        let (_, per) = quota.rsplit_once(" a ")?;
        Per::ALL.iter().find(|(name, _)| *name == per).map(|(_, per)| *per)
    }

    /// What so many requests each so often take of it in one of its spans, where that is more
    /// than it grants.
    pub fn overdrawn(&self, every: Duration, requests: u64) -> Option<u64> {
        let hours = match self.per {
            Per::Hour => 1,
            Per::Day => 24,
            Per::Month => 31 * 24,
        };
        let rounds = (hours * 3_600_u64).div_ceil(every.as_secs().max(1));
        let takes = rounds.saturating_mul(requests).saturating_mul(self.cost);
        (takes > self.requests).then_some(takes)
    }
}

impl Spent {
    /// How much of a quota is left now, and when it is whole again.
    pub fn left(&self, quota: &Quota, now: Instant) -> (u64, Instant) {
        let (start, end) = quota.per.around(now);
        let used = self.0.get(&quota.place()).filter(|(of, _)| *of == start);
        (quota.requests.saturating_sub(used.map_or(0, |(_, used)| *used)), end)
    }

    /// Takes one request of all these quotas, or of none.
    ///
    /// # Errors
    ///
    /// The first that has not enough left, and when it has again.
    pub fn take<'q>(
        &mut self,
        quotas: &'q [Quota],
        now: Instant,
    ) -> Result<(), (&'q Quota, Instant)> {
        for quota in quotas {
            let (left, until) = self.left(quota, now);
            if left < quota.cost {
                return Err((quota, until));
            }
        }
        for quota in quotas {
            let (start, _) = quota.per.around(now);
            let used = self.0.entry(quota.place()).or_insert((start, 0));
            *used =
                if used.0 == start { (start, used.1 + quota.cost) } else { (start, quota.cost) };
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::time::parse_iso;

    fn at(text: &str) -> Instant {
        parse_iso(text).expect("an instant")
    }

    fn quota(requests: u64, per: Per) -> Quota {
        Quota { key: "k".into(), requests, per, cost: 1 }
    }

    #[test]
    fn a_span_is_of_the_calendar() {
        let now = at("2026-12-31T23:59:59Z");
        let of = |per: Per| per.around(now);
        assert_eq!(of(Per::Hour), (at("2026-12-31T23:00:00Z"), at("2027-01-01T00:00:00Z")));
        assert_eq!(of(Per::Day), (at("2026-12-31T00:00:00Z"), at("2027-01-01T00:00:00Z")));
        assert_eq!(of(Per::Month), (at("2026-12-01T00:00:00Z"), at("2027-01-01T00:00:00Z")));
    }

    #[test]
    fn a_quota_that_is_too_small_for_its_source_is_known() {
        let hour = Duration::from_secs(3_600);
        assert_eq!(quota(24, Per::Day).overdrawn(hour, 1), None);
        assert_eq!(quota(23, Per::Day).overdrawn(hour, 1), Some(24));
        assert_eq!(quota(24, Per::Day).overdrawn(hour, 2), Some(48));
        let four = Quota { cost: 4, ..quota(700, Per::Month) };
        assert_eq!(four.overdrawn(hour * 4, 1), Some(744));
        assert_eq!(quota(1, Per::Hour).overdrawn(hour * 24, 1), None);
    }

    #[test]
    fn what_is_spent_comes_back_with_the_next_span_and_all_are_taken_or_none() {
        let mut spent = Spent::default();
        let both = [quota(2, Per::Hour), Quota { cost: 2, ..quota(5, Per::Day) }];
        let (one, two) = (at("2026-11-24T10:10:00Z"), at("2026-11-24T11:00:00Z"));
        assert_eq!(spent.take(&both, one), Ok(()));
        assert_eq!(spent.take(&both, one), Ok(()));
        assert_eq!(spent.take(&both, one), Err((&both[0], two)));
        assert_eq!((spent.left(&both[0], two).0, spent.left(&both[1], two).0), (2, 1));
        assert_eq!(spent.take(&both, two), Err((&both[1], at("2026-11-25T00:00:00Z"))));
        assert_eq!(spent.left(&both[0], two).0, 2, "nothing is taken of the other");
    }
}
