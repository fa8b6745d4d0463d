//! Whether a report shows what there is now. Beside it stands a digest of two parts: one over the
//! commits it rests on, which is quick to make, and one over what it shows of them. Only where the
//! first has changed is the second made: most commits tell again what is known. It also says when
//! there is nothing to show.

use super::analyze::Analyzer;
use super::past::{self, Known, Past};
use crate::domain::digest::Period;
use crate::domain::hash::Digest;
use crate::domain::ledger::Kind;
use crate::domain::row::Row;
use crate::domain::settings;
use crate::domain::source::{Items, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::spool::VOID;
use anyhow::Result;
use std::ops::Range;

/// How many days back a missing or changed report is made again.
const CATCH_UP_DAYS: u32 = 31;

/// What the data of a report come to.
struct Parts {
    /// What is shown whatever records say, and the declarations.
    frame: Vec<String>,
    /// The commits that hold its records.
    holders: Vec<String>,
    has_data: bool,
    /// Some of the data are not kept any more.
    is_aged: bool,
}

impl Analyzer<'_> {
    /// Of the days up to `last`, those whose report is missing or shows other data than there is
    /// now. Days in which nothing landed have no report, but for the last one.
    pub fn overdue(&self, sources: &[Source], last: &Period) -> Result<Vec<Period>> {
        let past = self.past(sources)?;
        let mut overdue = Vec::new();
        let mut period = Some(last.clone());
        for back in 0..CATCH_UP_DAYS {
            let Some(day) = period else { break };
            let (known, parts) = self.parts(&past, &day)?;
            let is_wanted = parts.has_data || back == 0;
            if is_wanted && self.is_outdated(&past, &known, &day, &parts)? {
                overdue.push(day.clone());
            }
            period = day.before();
        }
        overdue.reverse();
        Ok(overdue)
    }

    fn is_outdated(
        &self,
        past: &Past,
        known: &[&Known],
        period: &Period,
        parts: &Parts,
    ) -> Result<bool> {
        let stem = self.stem(period);
        let Some(before) = self.spool.report_digest(&stem)? else { return Ok(true) };
        let (commits, shown) = before.split_once(' ').unwrap_or((&before, ""));
        if commits == parts.commits() || parts.is_aged || !past.lost(period)?.is_empty() {
            // A report that shows more than can be shown now stays.
            return Ok(false);
        }
        let whole = self.digest(past, known, period, parts)?;
        let outdated = whole.split_once(' ').is_none_or(|(_, now)| now != shown);
        if !outdated {
            self.spool.remember_digest(&stem, &whole)?;
        }
        Ok(outdated)
    }

    /// The digest of the data that a report of a period shows.
    pub(super) fn shown(&self, sources: &[Source], period: &Period) -> Result<String> {
        let past = self.past(sources)?;
        let (known, parts) = self.parts(&past, period)?;
        self.digest(&past, &known, period, &parts)
    }

    fn digest(
        &self,
        past: &Past,
        known: &[&Known],
        period: &Period,
        parts: &Parts,
    ) -> Result<String> {
        let (mut shown, mut is_void) = (parts.frame.clone(), !parts.has_data);
        for known in known.iter().filter(|known| is_of_records(&known.source)) {
            let told = self.records(&past.then(known, period)?, period)?;
            is_void &= told.is_empty();
            shown.push(short(&told));
        }
        let end = if is_void { VOID } else { "" };
        Ok(format!("{} {}{end}", parts.commits(), short(&shown)))
    }

    /// Commits never change, so the ids of those that count say it all.
    fn parts<'p>(&self, past: &'p Past, period: &Period) -> Result<(Vec<&'p Known>, Parts)> {
        let frame = vec![env!("CARGO_PKG_VERSION").to_string(), self.look(), self.stem(period)];
        let mut parts = Parts { frame, holders: Vec::new(), has_data: false, is_aged: false };
        let all = self.choice.of(past.of(period)?);
        for known in &all {
            self.enter(known, past, period, &mut parts)?;
        }
        Ok((all, parts))
    }

    /// The settings that a report rests on.
    fn look(&self) -> String {
        let settings::Report { title, language, zone, study } = self.settings;
        let look = format!("{title:?}, {language:?}, {zone:?}");
        if self.choice.is_full { format!("{look}, {study:?}") } else { look }
    }

    fn enter(&self, known: &Known, past: &Past, period: &Period, parts: &mut Parts) -> Result<()> {
        let source = &known.source;
        parts.frame.push(source.declaration.digest.hex());
        // Lines and changes show the period before, too.
        let windows = period.windows();
        let before = period.before().map_or(windows.start, |before| before.windows().start);
        let live = past::live(self.store, &source.names(), &(before..windows.end))?;
        for entry in live.entries {
            parts.has_data |= windows.contains(&entry.hour);
            parts.is_aged |= entry.kind == Kind::Expiry && windows.contains(&entry.hour);
            if windows.contains(&entry.hour) || !is_of_records(source) {
                parts.frame.push(entry.commit);
            }
        }
        parts.frame.extend(live.damaged.iter().map(Window::to_string));
        if is_of_records(source) {
            for name in source.names() {
                parts.holders.extend(self.store.holders(&name, &times(period))?.into_keys());
            }
        }
        let held = past::held(self.spool, &source.names())?.into_iter();
        for id in held.filter(|id| period.contains(id.instant())) {
            parts.has_data = true;
            parts.frame.push(id.to_string());
        }
        let through = past.closed_through(known)?;
        parts.frame.push(through.is_some_and(|through| through >= period.to).to_string());
        Ok(())
    }

    /// What the records of a period, and of that before, say; not when they were seen.
    fn records(&self, known: &Known, period: &Period) -> Result<Vec<String>> {
        let times = times(period);
        let winners = past::records(self.store, known, &times, &period.windows())?;
        let timed =
            winners.records.into_values().filter(|r| r.time.is_some_and(|t| times.contains(&t)));
        let told = timed.map(|record| {
            let row = Row::Record(record).doc();
            let keys = ["id", "time", "values"].map(|key| row.get(key).json());
            keys.join(" ")
        });
        let damaged = winners.damaged.iter().map(Window::to_string);
        Ok(told.chain(damaged).collect())
    }
}

impl Parts {
    fn commits(&self) -> String {
        short(&[&self.frame[..], &self.holders[..]].concat())
    }
}

fn times(period: &Period) -> Range<Instant> {
    let own = period.times();
    period.before().map_or(own.start, |before| before.times().start.min(own.start))..own.end
}

fn is_of_records(source: &Source) -> bool {
    matches!(source.items, Items::Records(_))
}

fn short(parts: &[String]) -> String {
    Digest::of_parts(parts.iter().map(String::as_str)).short(32)
}
