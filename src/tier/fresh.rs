//! Whether a report shows what there is now. Beside it stands a digest of two parts: one over the
//! commits it rests on, which is quick to make, and one over what it shows of them. Only where the
//! first has changed is the second made: most commits tell again what is known. It also says when
//! there is nothing to show.

use super::analyze::Analyzer;
use super::view;
use crate::domain::digest::Period;
use crate::domain::hash::Digest;
use crate::domain::row::Row;
use crate::domain::source::{Items, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::spool::VOID;
use crate::edge::store::Feed;
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
}

impl Analyzer<'_> {
    /// Of the days up to `last`, those whose report is missing or shows other data than there is
    /// now. Days in which nothing landed have no report, but for the last one.
    pub fn overdue(&self, sources: &[Source], last: &Period) -> Result<Vec<Period>> {
        let mut overdue = Vec::new();
        let mut period = Some(last.clone());
        for back in 0..CATCH_UP_DAYS {
            let Some(day) = period else { break };
            let parts = self.parts(sources, &day)?;
            if (parts.has_data || back == 0) && self.is_outdated(sources, &day, &parts)? {
                overdue.push(day.clone());
            }
            period = day.before();
        }
        overdue.reverse();
        Ok(overdue)
    }

    fn is_outdated(&self, sources: &[Source], period: &Period, parts: &Parts) -> Result<bool> {
        let stem = period.stem();
        let Some(known) = self.spool.report_digest(&stem)? else { return Ok(true) };
        let (commits, shown) = known.split_once(' ').unwrap_or((&known, ""));
        if commits == parts.commits() {
            return Ok(false);
        }
        let whole = self.digest(sources, period, parts)?;
        let outdated = whole.split_once(' ').is_none_or(|(_, now)| now != shown);
        if !outdated {
            self.spool.remember_digest(&stem, &whole)?;
        }
        Ok(outdated)
    }

    /// The digest of the data that a report of a period shows.
    pub(super) fn shown(&self, sources: &[Source], period: &Period) -> Result<String> {
        let parts = self.parts(sources, period)?;
        self.digest(sources, period, &parts)
    }

    fn digest(&self, sources: &[Source], period: &Period, parts: &Parts) -> Result<String> {
        let (mut shown, mut is_void) = (parts.frame.clone(), !parts.has_data);
        for source in sources.iter().filter(|source| is_of_records(source)) {
            let told = self.records(source, period)?;
            is_void &= told.is_empty();
            shown.push(short(&told));
        }
        let end = if is_void { VOID } else { "" };
        Ok(format!("{} {}{end}", parts.commits(), short(&shown)))
    }

    /// Commits never change, so the ids of those that count say it all.
    fn parts(&self, sources: &[Source], period: &Period) -> Result<Parts> {
        let frame = vec![
            env!("CARGO_PKG_VERSION").to_string(),
            format!("{:?}", self.settings),
            period.stem(),
        ];
        let mut parts = Parts { frame, holders: Vec::new(), has_data: false };
        let feeds = self.store.feeds()?;
        for source in sources {
            self.enter(source, period, &feeds, &mut parts)?;
        }
        Ok(parts)
    }

    fn enter(
        &self,
        source: &Source,
        period: &Period,
        feeds: &[Feed],
        parts: &mut Parts,
    ) -> Result<()> {
        parts.frame.push(source.declaration.digest.hex());
        // Lines and changes show the period before, too.
        let windows = period.windows();
        let before = period.before().map_or(windows.start, |before| before.windows().start);
        let live = view::live(self.store, &source.name, &(before..windows.end))?;
        for entry in live.entries {
            parts.has_data |= windows.contains(&entry.hour);
            if windows.contains(&entry.hour) || !is_of_records(source) {
                parts.frame.push(entry.commit);
            }
        }
        parts.frame.extend(live.damaged.iter().map(Window::to_string));
        if is_of_records(source) {
            let holders = self.store.holders(&source.name, &times(period))?;
            parts.holders.extend(holders.into_keys());
        }
        let held = self.spool.held(&source.name)?.into_iter();
        for id in held.filter(|id| period.contains(id.instant())) {
            parts.has_data = true;
            parts.frame.push(id.to_string());
        }
        let feed = feeds.iter().find(|feed| feed.source == source.name);
        let through = feed.and_then(|feed| feed.closed_through);
        parts.frame.push(through.is_some_and(|through| through >= period.to).to_string());
        Ok(())
    }

    /// What the records of a period, and of that before, say; not when they were seen.
    fn records(&self, source: &Source, period: &Period) -> Result<Vec<String>> {
        let times = times(period);
        let winners = view::records(self.store, &source.name, &times, &period.windows())?;
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
