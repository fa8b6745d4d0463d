//! Rows that count no more are removed: those of void entries, and those that no entry names, once
//! they are older than a day. No batch, no journal and no answer ever asks for rows: only an entry
//! does, which is written by the run that wrote them, under the same lock as this.

use super::commit::old;
use super::summarize::Summarizer;
use super::view::{hours_of, readable};
use crate::domain::ledger::Ledger;
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Instant, Window};
use anyhow::{Context, Result};
use chrono::Datelike;
use std::collections::BTreeSet;
use std::collections::btree_map::{BTreeMap, Entry};
use std::ops::Range;

/// How far back is looked in each run, beside the days that it touched.
const RECENT_HOURS: i64 = 72;

/// Older days are looked at in turn, each in one of so many hours: runs of each hour, of each day
/// or of each week all come round to each of them.
const ROUND_HOURS: i64 = 167;

impl Summarizer<'_> {
    pub(super) fn tidy(&self, source: &SourceName, touched: &BTreeSet<Window>) -> Result<()> {
        let now = self.clock.started();
        let recent = Window::of(now.before(chrono::Duration::hours(RECENT_HOURS)));
        let mut doomed = self.doomed(source, recent..Window::of(now).next(), true)?;
        let touched: BTreeSet<Day> = touched.iter().map(|hour| hour.day()).collect();
        for day in &touched {
            doomed.extend(self.doomed_before(source, *day, recent, true)?);
        }
        for day in self.in_turn(source, recent, now)?.difference(&touched) {
            doomed.extend(self.doomed_before(source, *day, recent, false)?);
        }
        if doomed.is_empty() {
            return Ok(());
        }
        self.store.remove(&doomed, old(now)).context("cannot remove rows that count no more")
    }

    /// The older days whose turn it is, from the first of which there are rows.
    fn in_turn(&self, source: &SourceName, recent: Window, now: Instant) -> Result<BTreeSet<Day>> {
        let Some(oldest) = self.store.oldest(source)? else { return Ok(BTreeSet::new()) };
        let days = oldest.day().iter_days().take_while(|day| *day <= recent.day());
        Ok(days.filter(|day| has_turn(*day, now)).collect())
    }

    fn doomed_before(
        &self,
        source: &SourceName,
        day: Day,
        recent: Window,
        must: bool,
    ) -> Result<Vec<String>> {
        match hours_of(day) {
            Some(hours) => self.doomed(source, hours.start..hours.end.min(recent), must),
            None => Ok(Vec::new()),
        }
    }

    /// The commits in some hours that count no more. A day of which the ledger cannot be read
    /// stays as it is, or is an error where that must be known.
    fn doomed(&self, source: &SourceName, hours: Range<Window>, must: bool) -> Result<Vec<String>> {
        let old = old(self.clock.started());
        let (mut doomed, mut ledgers) = (Vec::new(), BTreeMap::new());
        for header in self.store.commits(source, hours)? {
            let day = header.hour.day();
            let known = match ledgers.entry(day) {
                Entry::Occupied(known) => known.into_mut(),
                Entry::Vacant(free) => free.insert(self.whole_ledger(source, day, must)?),
            };
            let Some(ledger) = known else { continue };
            let named = ledger.entries().iter().find(|entry| entry.commit == header.commit);
            if named.map_or(header.written < old, |entry| !ledger.is_live(entry)) {
                doomed.push(header.commit);
            }
        }
        Ok(doomed)
    }

    fn whole_ledger(&self, source: &SourceName, day: Day, must: bool) -> Result<Option<Ledger>> {
        if must {
            return Ok(Some(Ledger::new(self.store.ledger(source, day)?)));
        }
        let (ledger, unread) = readable(self.store.entries(source, day)?);
        Ok(unread.is_empty().then_some(ledger))
    }
}

/// Whether it is the turn of a day to be looked at.
pub(super) fn has_turn(day: Day, now: Instant) -> bool {
    let turn = now.timestamp().div_euclid(3_600).rem_euclid(ROUND_HOURS);
    i64::from(day.num_days_from_ce()).rem_euclid(ROUND_HOURS) == turn
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_of_each_hour_day_or_week_come_round_to_each_day() {
        for step in [1, 24, 168] {
            let turns = (0..ROUND_HOURS).map(|run| (run * step).rem_euclid(ROUND_HOURS));
            assert_eq!(turns.collect::<BTreeSet<i64>>().len() as i64, ROUND_HOURS, "{step}");
        }
    }
}
