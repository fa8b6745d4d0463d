//! The period of a report: a civil day, week or month of a zone, as the windows that start in
//! it. A day has 23, 24 or 25 hours, or rarer lengths.

use crate::domain::format::{Lang, capital};
use crate::domain::report::figure::{Tick, TimeAxis};
use crate::domain::time::{Day, Instant, Window, days_on, start_of_day};
use chrono::{Datelike, Days, Months};
use chrono_tz::Tz;
use std::ops::Range;

/// Days of which a line has the steps of its field.
const DAYS_OF_STEPS: i64 = 4;

/// Whether a line over so long has the steps of its field.
pub(super) fn shows_steps(span: chrono::TimeDelta) -> bool {
    span.num_days() <= DAYS_OF_STEPS
}

/// How long a period is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Span {
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    Month,
    /// Any other civil days in a row.
    Range,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Period {
    pub span: Span,
    /// Its first civil day.
    pub day: Day,
    /// The civil day after its last.
    pub until: Day,
    pub zone: Tz,
    pub from: Instant,
    pub to: Instant,
}

impl Period {
    /// The period of a span that holds a day; `None` where the calendar of the zone has none.
    pub fn of(span: Span, day: Day, zone: Tz) -> Option<Period> {
        let first = match span {
            Span::Day | Span::Range => day,
            Span::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Span::Month => day.with_day(1)?,
        };
        let until = match span {
            Span::Day | Span::Range => first.checked_add_days(Days::new(1))?,
            Span::Week => first.checked_add_days(Days::new(7))?,
            Span::Month => first.checked_add_months(Months::new(1))?,
        };
        let (from, to) = (start_of_day(first, zone)?, start_of_day(until, zone)?);
        (from < to).then_some(Period { span, day: first, until, zone, from, to })
    }

    /// The civil days from the first to the last, both whole.
    pub fn between(first: Day, last: Day, zone: Tz) -> Option<Period> {
        let until = last.checked_add_days(Days::new(1))?;
        let (from, to) = (start_of_day(first, zone)?, start_of_day(until, zone)?);
        let span = if first == last { Span::Day } else { Span::Range };
        (from < to).then_some(Period { span, day: first, until, zone, from, to })
    }

    /// The same with so many civil days more on both sides.
    pub fn wider(&self, days: u64) -> Option<Period> {
        let (more, last) = (Days::new(days), self.until.pred_opt()?);
        let (first, last) = (self.day.checked_sub_days(more)?, last.checked_add_days(more)?);
        Period::between(first, last, self.zone)
    }

    /// How many civil days it has.
    pub fn days(&self) -> u64 {
        self.until.signed_duration_since(self.day).num_days().unsigned_abs()
    }

    /// The period before this one, of the same span.
    pub fn before(&self) -> Option<Period> {
        if self.span == Span::Range {
            let first = self.day.checked_sub_days(Days::new(self.days()))?;
            return Period::between(first, self.day.pred_opt()?, self.zone);
        }
        Period::of(self.span, self.day.pred_opt()?, self.zone)
    }

    /// Where an instant of another period stands in this one: as many days on as this one begins
    /// later, at the same time of the clock. None where the clock leaves that out.
    pub fn same(&self, at: Instant, other: &Period) -> Option<Instant> {
        days_on(at, self.day.signed_duration_since(other.day).num_days(), self.zone)
    }

    /// Its windows: those that start in it.
    pub fn windows(&self) -> Range<Window> {
        let mut windows = Window::between(self.from, self.to);
        let first = windows.next().unwrap_or(Window::of(self.from));
        first..windows.last().unwrap_or(first).next()
    }

    /// The times of the records that belong to it: its own, and those of its windows.
    pub fn times(&self) -> Range<Instant> {
        let windows = self.windows();
        self.from.min(windows.start.start())..self.to.max(windows.end.start())
    }

    /// Whether its lines have the steps of their fields.
    pub fn shows_steps(&self) -> bool {
        shows_steps(self.to - self.from)
    }

    pub fn contains(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// The stem of its report's file: `2026-11-21`, `2026-W47`, `2026-11`,
    /// `2026-11-19_2026-11-21`.
    pub fn stem(&self) -> String {
        match self.span {
            Span::Day => self.day.to_string(),
            Span::Week => {
                let week = self.day.iso_week();
                format!("{}-W{:02}", week.year(), week.week())
            }
            Span::Month => format!("{}-{:02}", self.day.year(), self.day.month()),
            Span::Range => {
                format!("{}_{}", self.day, self.until.pred_opt().unwrap_or(self.day))
            }
        }
    }

    /// What the head of each page calls it.
    pub fn edition(&self, lang: Lang) -> String {
        let last = self.until.pred_opt().unwrap_or(self.day);
        match self.span {
            Span::Day => lang.edition(self.day),
            Span::Week => {
                let days = lang.days(self.day, last);
                lang.pick(format!("Week of {days}"), format!("Semaine du {days}"))
            }
            Span::Month => capital(&lang.month(self.day)),
            Span::Range => {
                let days = lang.days(self.day, last);
                lang.pick(days.clone(), format!("Du {days}"))
            }
        }
    }

    /// Time from left to right: a day by six hours, a week by days, a month by five days; other
    /// days so that there are no more than eight.
    pub fn axis(&self, lang: Lang) -> TimeAxis {
        if self.span == Span::Day
            && let Some(axis) = TimeAxis::civil_day(self.day, self.zone, lang)
        {
            return axis;
        }
        let days = self.day.iter_days().take_while(|day| *day < self.until).enumerate();
        let step = self.days().div_ceil(8).max(1) as usize;
        let is_wanted = |(place, day): &(usize, Day)| match self.span {
            Span::Month => day.day() % 5 == 1 && day.day() < 31,
            Span::Range => place % step == 0,
            Span::Day | Span::Week => true,
        };
        let tick = |(_, day): (usize, Day)| {
            let label = match self.span {
                Span::Week => capital(lang.weekday(day)).chars().take(3).collect(),
                Span::Range => lang.day_month(day),
                _ => day.day().to_string(),
            };
            Some(Tick { at: start_of_day(day, self.zone)?, label })
        };
        TimeAxis {
            from: self.from,
            to: self.to,
            ticks: days.filter(is_wanted).filter_map(tick).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn hours(text: &str, zone: Tz) -> usize {
        let period = Period::of(Span::Day, day(text), zone).unwrap();
        Window::between(period.from, period.to).count()
    }

    #[test]
    fn a_day_has_the_hours_that_its_zone_gives_it() {
        assert_eq!(hours("2026-11-21", Tz::UTC), 24);
        assert_eq!(hours("2026-03-29", Tz::Europe__Paris), 23);
        assert_eq!(hours("2026-10-25", Tz::Europe__Paris), 25);
        assert_eq!(hours("2026-11-21", Tz::Asia__Kolkata), 24);
        // Samoa left this day out when it changed sides of the date line.
        assert_eq!(Period::of(Span::Day, day("2011-12-30"), Tz::Pacific__Apia), None);
    }

    #[test]
    fn weeks_and_months_have_names() {
        let week = Period::of(Span::Week, day("2026-11-22"), Tz::UTC).unwrap();
        assert_eq!((week.stem().as_str(), week.day), ("2026-W47", day("2026-11-16")));
        let month = Period::of(Span::Month, day("2026-11-22"), Tz::UTC).unwrap();
        assert_eq!((month.stem().as_str(), month.until), ("2026-11", day("2026-12-01")));
        assert_eq!(month.before().unwrap().stem(), "2026-10");
        assert_eq!(week.axis(Lang::En).ticks.len(), 7);
        assert_eq!(month.axis(Lang::En).ticks.len(), 6);
        let days = Period::between(day("2026-11-10"), day("2026-11-21"), Tz::UTC).unwrap();
        assert_eq!(days.stem(), "2026-11-10_2026-11-21");
        assert_eq!(days.before().unwrap().stem(), "2026-10-29_2026-11-09");
        assert_eq!(days.axis(Lang::En).ticks.len(), 6);
    }
}
