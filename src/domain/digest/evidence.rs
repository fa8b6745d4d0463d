//! What a sentence about a field rests on: how many values there are, when the first and the
//! last of them were, how much of the period they cover, and where they leave gaps.

use crate::domain::hours::Hours;
use crate::domain::source::{Items, Source};
use crate::domain::stats::Reading;
use crate::domain::time::{Instant, Window};
use chrono::Duration;
use std::collections::BTreeMap;

/// Values that stand this close to all of the period speak for it: three of four hours.
const WHOLE: (i64, i64) = (3, 4);

/// A gap is longer than this many hundredths of the usual distance of two values.
const GAP: i64 = 175;

/// How the values of a source come.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Rhythm {
    /// By the plan of the fetches.
    Planned(Duration),
    /// Their own: measurements at times that the publisher chose, as a rule so far apart.
    Own(Duration),
    /// As somebody caught them for a recording.
    Caught,
}

const HOUR: Duration = Duration::hours(1);

/// Answers of a recording that stand closer than an hour and a half are joined.
const CAUGHT: Duration = Duration::minutes(52);

impl Rhythm {
    /// That of a source, of which answers may be recordings.
    pub fn of(source: &Source, is_recorded: bool) -> Rhythm {
        let span = |span| Duration::from_std(span).unwrap_or_default();
        match source.items {
            _ if is_recorded => Rhythm::Caught,
            Items::Records(_) => Rhythm::Own(span(source.about.period)),
            Items::Samples(_) => Rhythm::Planned(span(source.fetch.every)),
        }
    }

    /// How far two values stand apart as a rule.
    fn cadence(self, minutes: &[Instant]) -> Duration {
        match self {
            Rhythm::Planned(every) => every,
            Rhythm::Own(period) => usual(minutes).unwrap_or(period),
            Rhythm::Caught => usual(minutes).unwrap_or(HOUR).max(CAUGHT),
        }
    }
}

/// The values of one field of one series in a period.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Seen {
    pub first: Reading,
    pub last: Reading,
    /// Hours with a value.
    pub hours: u64,
    /// Minutes with a value.
    minutes: u64,
    /// Hours of the period that have begun.
    pub begun: u64,
    /// How far two values stand apart as a rule.
    cadence: Duration,
    /// Whether the period is over.
    over: bool,
}

impl Seen {
    /// Of some series together; `None` without any value.
    pub fn of<'a>(
        hours: &Hours,
        series: impl IntoIterator<Item = &'a str>,
        field: &str,
        rhythm: Rhythm,
        period: (Instant, Instant),
        now: Instant,
    ) -> Option<Seen> {
        let series: Vec<&str> = series.into_iter().collect();
        let all = || series.iter().flat_map(|series| hours.numbers(series, field));
        let first = all().map(|(_, numbers)| numbers.first).min_by_key(|reading| reading.at)?;
        let last = all().map(|(_, numbers)| numbers.last).max_by_key(|reading| reading.at)?;
        let until = period.1.min(now.max(period.0));
        let mut windows: BTreeMap<Window, u64> = BTreeMap::new();
        for (hour, numbers) in all() {
            *windows.entry(hour).or_default() |= numbers.presence;
        }
        let minutes: Vec<Instant> =
            windows.iter().flat_map(|(hour, presence)| minutes_of(*hour, *presence)).collect();
        Some(Seen {
            first,
            last,
            hours: windows.len() as u64,
            begun: Window::between(period.0, until).count() as u64,
            minutes: minutes.len() as u64,
            cadence: rhythm.cadence(&minutes),
            over: now >= period.1,
        })
    }

    /// Whether all values are of one moment.
    pub fn is_moment(&self) -> bool {
        self.first.at == self.last.at
    }

    /// Whether a value that never changed may be said of the whole period: it was seen in each
    /// hour, and at half of the times at least that were planned.
    pub fn is_throughout(&self) -> bool {
        let planned = (self.begun * 60) as i64 / self.cadence.num_minutes().max(1);
        let is_often = self.minutes as i64 * 2 >= planned;
        self.over && is_often && self.share(self.hours) >= (self.begun * 60) as i64
    }

    /// Whether the values speak for the period as far as it has gone.
    pub fn is_whole(&self) -> bool {
        let begun = (self.begun * 60) as i64;
        let span = (self.last.at - self.first.at).num_minutes() + self.cadence.num_minutes();
        self.share(self.hours) * WHOLE.1 >= begun * WHOLE.0 && span * WHOLE.1 >= begun * WHOLE.0
    }

    /// Hours with a value and hours that have begun, where too many of them have none.
    pub fn part(&self) -> Option<(u64, u64)> {
        let hourly = self.cadence <= Duration::hours(1);
        (hourly && !self.is_whole() && !self.is_moment()).then_some((self.hours, self.begun))
    }

    /// Days with a value and days that have begun, of what comes once a day.
    pub fn days(&self) -> Option<(u64, u64)> {
        (self.cadence >= Duration::days(1)).then(|| (self.hours, self.begun.div_ceil(24)))
    }

    /// Whether the values stand close together, from the first to the last.
    pub fn is_unbroken(&self) -> bool {
        let ends = [self.first.at, self.last.at].map(|at| Window::of(at).start());
        let between = (ends[1] - ends[0]).num_minutes() + 60;
        self.share(self.hours) >= between
    }

    /// The minutes for which some hours with values stand.
    fn share(&self, hours: u64) -> i64 {
        hours as i64 * self.cadence.num_minutes().max(60)
    }
}

/// The minutes in which a field has values, in order.
fn minutes(hours: &Hours, series: &str, field: &str) -> Vec<Instant> {
    let hours = hours.numbers(series, field);
    hours.flat_map(|(hour, numbers)| minutes_of(hour, numbers.presence)).collect()
}

/// The minutes of an hour whose bits are set.
fn minutes_of(hour: Window, presence: u64) -> impl Iterator<Item = Instant> {
    let present = (0..60).filter(move |minute| presence >> minute & 1 == 1);
    present.map(move |minute| hour.start().after(Duration::minutes(minute)))
}

/// The median distance of neighbours; none where there are too few to show a rhythm.
fn usual(minutes: &[Instant]) -> Option<Duration> {
    let mut apart: Vec<Duration> = minutes.windows(2).map(|pair| pair[1] - pair[0]).collect();
    apart.sort_unstable();
    match apart.len() {
        0..3 => None,
        n => Some(apart[(n - 1) / 2]),
    }
}

/// Where a field has no value for longer than is usual: from the last minute before to the first
/// after. `step` is that of the points that are drawn: what is shorter does not show.
pub fn gaps(
    hours: &Hours,
    (series, field): (&str, &str),
    rhythm: Rhythm,
    step: Duration,
) -> Vec<(Instant, Instant)> {
    breaks(&minutes(hours, series, field), rhythm, step)
}

/// Where instants stand farther apart than is usual, and than a step.
pub fn breaks(instants: &[Instant], rhythm: Rhythm, step: Duration) -> Vec<(Instant, Instant)> {
    let cadence = rhythm.cadence(instants);
    let most = Duration::seconds(cadence.num_seconds().saturating_mul(GAP) / 100).max(step);
    let pairs = instants.windows(2).filter(|pair| pair[1] - pair[0] > most);
    pairs.map(|pair| (pair[0], pair[1])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::quantile::Quantiles;
    use crate::domain::row::Summary;
    use crate::domain::stats::{FieldStats, Gathering, Values};
    use crate::domain::time::parse_iso;

    fn at(text: &str) -> Instant {
        parse_iso(&format!("2026-11-21T{text}:00Z")).unwrap()
    }

    fn hours(times: &[&str]) -> Hours {
        let mut hours = Hours::default();
        for time in times.iter().map(|time| at(time)) {
            let mut gathering = Gathering::new(Quantiles::sketch(), None);
            gathering.add(1.0, time.timestamp_millis(), Window::of(time).offset_ms(time));
            let values = Values::Numbers(Box::new(gathering.finish().unwrap()));
            let stats = FieldStats { unit: None, values };
            let fields = vec![("x".into(), stats)];
            hours.enter(Window::of(time), Summary { series: "a".into(), fields });
        }
        hours
    }

    fn rhythm(every: Option<i64>) -> Rhythm {
        every.map_or(Rhythm::Own(HOUR), |every| Rhythm::Planned(Duration::minutes(every)))
    }

    fn seen(times: &[&str], every: Option<i64>, now: &str) -> Seen {
        let period = (at("00:00"), at("00:00").after(Duration::hours(24)));
        let now = match now {
            "over" => period.1,
            clock => at(clock),
        };
        Seen::of(&hours(times), ["a"], "x", rhythm(every), period, now).unwrap()
    }

    #[test]
    fn one_answer_speaks_for_no_day() {
        let one = seen(&["09:05"], Some(1), "over");
        assert!(one.is_moment() && !one.is_throughout() && !one.is_whole());
        // Of a source that is asked once a day, one answer is all that is wanted.
        assert!(seen(&["09:05"], Some(1440), "over").is_throughout());
    }

    #[test]
    fn a_day_that_runs_is_not_all_day() {
        let each: Vec<String> = (0..24).map(|hour| format!("{hour:02}:30")).collect();
        let each: Vec<&str> = each.iter().map(String::as_str).collect();
        assert!(seen(&each, Some(60), "over").is_throughout());
        let early = seen(&each[..9], Some(60), "08:45");
        assert!(!early.is_throughout() && early.is_whole());
        // Once an hour is little of what was to come each minute.
        assert!(!seen(&each, Some(1), "over").is_throughout());
        let thin = seen(&each[..9], Some(60), "over");
        assert!(!thin.is_whole() && thin.is_unbroken());
        assert!(!seen(&[each[0], each[9]], Some(1), "over").is_unbroken());
        // Every three hours is a rhythm of its own.
        let rare: Vec<&str> = each.iter().step_by(3).copied().collect();
        assert!(seen(&rare, None, "over").is_whole());
    }

    #[test]
    fn a_gap_is_longer_than_the_usual_distance() {
        let found = |times: &[&str], every: Option<i64>, step| {
            gaps(&hours(times), ("a", "x"), rhythm(every), Duration::minutes(step))
        };
        let times = ["10:00", "10:10", "10:21", "10:40", "10:50"];
        assert_eq!(found(&times, Some(10), 10), [(at("10:21"), at("10:40"))]);
        assert_eq!(found(&times, None, 10), [(at("10:21"), at("10:40"))]);
        // By hours less does not show; an hour that is missing does.
        assert_eq!(found(&times, Some(1), 60), []);
        assert_eq!(found(&["10:30", "12:30"], Some(60), 60).len(), 1);
        assert_eq!(found(&["10:59", "12:01"], Some(60), 60), []);
    }
}
