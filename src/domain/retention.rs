//! Retention: how long the rows of a source are kept, and when they thin. What is due of an hour
//! is told by its age and its ledger alone.

use super::ledger::{Entry, Kind, Ledger};
use super::name::SourceName;
use super::time::{Instant, Window, show_duration};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::time::Duration;

/// What a source declares; none: for ever.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Retention {
    /// After so long after its end an hour has no rows any more.
    pub keep: Option<Duration>,
    /// After so long it has no quantiles and traces any more.
    pub thin_after: Option<Duration>,
}

/// What a source declares, and the names that it has and had.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rules {
    pub retention: Retention,
    pub names: Vec<SourceName>,
}

/// The rules of each source, under each of its names.
pub type Retentions = BTreeMap<SourceName, Rules>;

/// More days of a source at once wait until a person agrees.
pub const DAYS_AT_ONCE: usize = 7;

/// What is to be done with an hour that is old enough.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Due {
    Expiry,
    Thinning,
}

impl Due {
    pub fn kind(self) -> Kind {
        match self {
            Due::Expiry => Kind::Expiry,
            Due::Thinning => Kind::Thinning,
        }
    }

    /// What happens to hours, in a word.
    pub fn word(self) -> &'static str {
        match self {
            Due::Expiry => "expire",
            Due::Thinning => "thin",
        }
    }
}

/// The hours of a period that are not whole any more.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Aged {
    /// Their values are not kept any more.
    pub expired: BTreeSet<Window>,
    /// Of them there are plain figures only.
    pub thinned: BTreeSet<Window>,
    /// There are other hours, which are whole.
    pub in_part: bool,
    /// Hours of the period before it expired, too.
    pub before: bool,
}

impl Aged {
    /// What live entries say.
    pub fn of<'a>(entries: impl IntoIterator<Item = &'a Entry>) -> Aged {
        let mut aged = Aged::default();
        for entry in entries {
            match entry.kind {
                Kind::Expiry => drop(aged.expired.insert(entry.hour)),
                Kind::Thinning => {
                    aged.thinned.insert(entry.hour);
                    aged.in_part = true;
                }
                Kind::Adds | Kind::Recount => aged.in_part |= entry.rows > 0,
            }
        }
        aged
    }
}

impl Retention {
    /// Whether anything is ever due.
    pub fn acts(&self) -> bool {
        self.keep.is_some() || self.thin_after.is_some()
    }

    /// What is due of an hour, at an instant through which all is summarised. An hour that a
    /// recount has opened again after it expired does not expire once more.
    pub fn due(&self, ledger: &Ledger, hour: Window, now: Instant) -> Option<Due> {
        let kinds = || ledger.live(Some(hour)).map(|entry| entry.kind);
        if kinds().next().is_none() || kinds().any(|kind| kind == Kind::Expiry) {
            return None;
        }
        if is_past(hour, self.keep, now) && !ledger.has_expired(hour) {
            return Some(Due::Expiry);
        }
        let mut live = ledger.live(Some(hour));
        let is_whole = live.any(|entry| entry.kind != Kind::Thinning && entry.rows > 0);
        (is_whole && is_past(hour, self.thin_after, now)).then_some(Due::Thinning)
    }

    /// The last hour that is too old to be kept.
    pub fn last_expired(&self, now: Instant) -> Option<Window> {
        let edge = now.before(span(self.keep?));
        Some(Window::of(edge).previous())
    }

    /// The hours that became due between two instants, from the first after the one to the last
    /// before the other, of each of the two.
    pub fn edges(&self, since: Instant, now: Instant) -> Vec<(Window, Window)> {
        let ages = [self.keep, self.thin_after].into_iter().flatten();
        let back = |at: Instant, age: Duration| Window::of(at.before(span(age)));
        ages.map(|age| (back(since, age), back(now, age))).collect()
    }
}

/// As declared, such as `keep 400d, thin_after 60d`.
impl fmt::Display for Retention {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let told = [("keep", self.keep), ("thin_after", self.thin_after)];
        let told = told.into_iter().filter_map(|(key, age)| Some((key, show_duration(age?))));
        let told: Vec<String> = told.map(|(key, age)| format!("{key} {age}")).collect();
        f.write_str(&told.join(", "))
    }
}

fn span(age: Duration) -> chrono::Duration {
    chrono::Duration::from_std(age).unwrap_or(chrono::Duration::MAX)
}

/// Whether an hour ended longer ago than this.
fn is_past(hour: Window, age: Option<Duration>, now: Instant) -> bool {
    age.is_some_and(|age| hour.end() <= now.before(span(age)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::ledger::tests::{A, entry};
    use crate::domain::positions::Missing;

    const DAY: Duration = Duration::from_secs(86_400);

    fn due(kinds: &[Kind], keep: u32, thin_after: u32, age_h: i64) -> Option<Due> {
        let days = |days: u32| (days > 0).then(|| DAY * days);
        let rules = Retention { keep: days(keep), thin_after: days(thin_after) };
        let hour = Window::parse(A).unwrap();
        let entries = (1..).zip(kinds).map(|(number, kind)| {
            let rows = if *kind == Kind::Expiry { 0 } else { 1 };
            Entry { rows, ..entry(number, A, *kind, &[("x", Missing::Nothing)]) }
        });
        let now = hour.end().after(chrono::Duration::hours(age_h));
        rules.due(&Ledger::new(entries.collect()), hour, now)
    }

    #[test]
    fn an_hour_is_due_at_its_age() {
        use Kind::{Adds, Expiry as Expired, Recount, Thinning as Thinned};
        let (expiry, thinning) = (Some(Due::Expiry), Some(Due::Thinning));
        assert_eq!(due(&[Adds], 40, 32, 32 * 24 - 1), None);
        assert_eq!(due(&[Adds], 40, 32, 32 * 24), thinning);
        assert_eq!(due(&[Adds], 40, 32, 40 * 24), expiry);
        assert_eq!(due(&[], 40, 32, 40 * 24), None);
        assert_eq!(due(&[Adds], 0, 0, 400 * 24), None);
        // What is late thins once more; what expired stays so, but for a recount.
        assert_eq!(due(&[Adds, Thinned], 40, 32, 33 * 24), None);
        assert_eq!(due(&[Adds, Thinned, Adds], 40, 32, 33 * 24), thinning);
        assert_eq!(due(&[Adds, Thinned], 40, 32, 40 * 24), expiry);
        assert_eq!(due(&[Adds, Expired, Adds], 40, 32, 41 * 24), None);
        assert_eq!(due(&[Adds, Expired, Recount], 40, 0, 41 * 24), None);
        assert_eq!(due(&[Adds, Expired, Recount], 40, 32, 41 * 24), thinning);
    }

    #[test]
    fn the_hours_between_two_looks_are_all_that_became_due() {
        let rules = Retention { keep: Some(DAY * 40), thin_after: Some(DAY * 32) };
        let hour = Window::parse(A).unwrap();
        let ledger = Ledger::new(vec![entry(1, A, Kind::Adds, &[("x", Missing::Nothing)])]);
        for minutes in (0..42 * 24 * 60).step_by(17) {
            let at = |minutes: i64| hour.start().after(chrono::Duration::minutes(minutes));
            let (since, now) = (at(minutes), at(minutes + 17));
            if rules.due(&ledger, hour, now) != rules.due(&ledger, hour, since) {
                let edges = rules.edges(since, now);
                assert!(edges.iter().any(|(a, b)| (*a..=*b).contains(&hour)), "{minutes}");
            }
        }
    }
}
