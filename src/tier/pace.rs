//! How a backfill goes on: its rate, how much time is left, and how long it rests when there is
//! trouble.

use super::tally::Trouble;
use crate::domain::format::english;
use crate::domain::retry::hold_all;
use crate::domain::survey::Survey;
use crate::domain::time::Instant;
use crate::edge::clock::{Clock, fraction};
use chrono::TimeDelta;

/// Least time between two lines.
const LINES: TimeDelta = TimeDelta::seconds(5);
/// The first rest; each further one is twice as long.
const REST_S: i64 = 5;
/// After so many rests without a page in between it is given up.
const RESTS: u32 = 7;
/// Who is to wait for longer is told to come again.
const LONGEST: TimeDelta = TimeDelta::hours(1);

pub struct Pace {
    began: Instant,
    /// Pages that had come before.
    before: u64,
    told: Instant,
    rests: u32,
}

impl Pace {
    pub fn new(clock: Clock, before: u64) -> Pace {
        let now = clock.now();
        Pace { began: now, before, told: now, rests: 0 }
    }

    /// How far it is, where that was not told just now.
    pub fn line(&mut self, now: Instant, survey: &Survey) -> Option<String> {
        if now - self.told < LINES {
            return None;
        }
        self.told = now;
        let pages = survey.pages().saturating_sub(self.before).max(1);
        let took = (now - self.began).num_milliseconds().max(1) as f64 / 1_000.0;
        let rate = pages as f64 / took;
        let left = survey.pages_left() as f64 / rate;
        let slices = english(survey.left() as u64, "slice", "slices");
        let seen = english(survey.unique(), "record", "records");
        Some(format!("{seen}, {rate:.1} pages/s, {slices} to go, about {} left", span(left)))
    }

    /// Until when it rests; none where it is given up.
    pub fn rest(&mut self, now: Instant, trouble: &Trouble, goes_on: bool) -> Option<Instant> {
        self.rests = if goes_on { 1 } else { self.rests + 1 };
        if !trouble.may_pass() || self.rests > RESTS {
            return None;
        }
        let own = now.after(TimeDelta::seconds(REST_S << (self.rests - 1).min(RESTS)));
        let asked = match trouble {
            Trouble::Waits(_, until) => Some(*until),
            Trouble::Http(failure) => hold_all(now, failure, fraction()),
            _ => None,
        };
        Some(own.max(asked.unwrap_or(own))).filter(|until| *until - now <= LONGEST)
    }
}

/// So many seconds, for people.
fn span(seconds: f64) -> String {
    match seconds {
        s if s < 90.0 => format!("{s:.0} s"),
        s if s < 5_400.0 => format!("{:.0} min", s / 60.0),
        s => format!("{:.1} h", s / 3_600.0),
    }
}
