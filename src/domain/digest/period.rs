//! The period of a report: a civil day, week or month of a zone, as the windows that start in
//! it. A day has 23, 24 or 25 hours, or rarer lengths.

use crate::domain::format::{Lang, capital};
use crate::domain::report::figure::{Tick, TimeAxis};
use crate::domain::time::{Day, Instant, Window, start_of_day};
use chrono::{Datelike, Days, Months};
use chrono_tz::Tz;
use std::ops::Range;

/// How long a period is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Span {
    Day,
    /// From Monday to Sunday (ISO 8601).
    Week,
    Month,
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
            Span::Day => day,
            Span::Week => day - Days::new(day.weekday().num_days_from_monday().into()),
            Span::Month => day.with_day(1)?,
        };
        let until = match span {
            Span::Day => first.checked_add_days(Days::new(1))?,
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
        (from < to).then_some(Period { span: Span::Day, day: first, until, zone, from, to })
    }

    /// The period before this one, of the same span.
    pub fn before(&self) -> Option<Period> {
        Period::of(self.span, self.day.pred_opt()?, self.zone)
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

    pub fn contains(&self, at: Instant) -> bool {
        self.from <= at && at < self.to
    }

    /// The stem of its report's file: `2026-11-21`, `2026-W47`, `2026-11`.
    pub fn stem(&self) -> String {
        match self.span {
            Span::Day => self.day.to_string(),
            Span::Week => {
                let week = self.day.iso_week();
                format!("{}-W{:02}", week.year(), week.week())
            }
            Span::Month => format!("{}-{:02}", self.day.year(), self.day.month()),
        }
    }

    /// What the head of each page calls it.
    pub fn edition(&self, lang: Lang) -> String {
        let last = self.until.pred_opt().unwrap_or(self.day);
        match self.span {
            Span::Day => lang.edition(self.day),
            Span::Week => lang.pick(
                format!("Week of {} to {}", lang.date_short(self.day), lang.date_short(last)),
                format!("Semaine du {} au {}", lang.date_short(self.day), lang.date_short(last)),
            ),
            Span::Month => capital(&lang.month(self.day)),
        }
    }

    /// Time from left to right: a day by six hours, a week by days, a month by five days.
    pub fn axis(&self, lang: Lang) -> TimeAxis {
        if self.span == Span::Day
            && let Some(axis) = TimeAxis::civil_day(self.day, self.zone, lang)
        {
            return axis;
        }
        let days = self.day.iter_days().take_while(|day| *day < self.until);
        let wanted = |day: &Day| self.span == Span::Week || day.day() % 5 == 1 && day.day() < 31;
        let tick = |day: Day| {
            let label = match self.span {
                Span::Week => capital(lang.weekday(day)).chars().take(3).collect(),
                _ => day.day().to_string(),
            };
            Some(Tick { at: start_of_day(day, self.zone)?, label })
        };
        TimeAxis {
            from: self.from,
            to: self.to,
            ticks: days.filter(wanted).filter_map(tick).collect(),
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
    }
}
