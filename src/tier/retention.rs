//! Hours that are old enough expire or thin. Which ones those are stands in the ledger; a note in
//! the home says how far it was looked through, so that few days are read in each run.

use super::age::Age;
use super::audit::own_home;
use super::commit::Committer;
use super::done::Work;
use super::summarize::Summarizer;
use super::tidy::has_turn;
use crate::domain::format::english;
use crate::domain::ledger::{Kind, Ledger};
use crate::domain::name::SourceName;
use crate::domain::retention::{DAYS_AT_ONCE, Due, Retention, Rules};
use crate::domain::time::{Day, Instant, Window};
use anyhow::Result;
use std::collections::BTreeSet;

/// What is found of a source.
#[derive(Default)]
struct Found {
    due: Vec<(Window, Due)>,
    /// Hours that expired, and keep first sightings of records.
    kept: Vec<Window>,
    /// Some of it is of days that had been looked through.
    is_more: bool,
    /// Hours that expired or thinned before: a run may have died ere their rows went.
    aged: BTreeSet<Window>,
}

impl Found {
    /// What waits for a person, if it is so much.
    fn waits(&self) -> Option<String> {
        let days: BTreeSet<Day> = self.due.iter().map(|(hour, _)| hour.day()).collect();
        let (first, last) = (days.first()?, days.last()?);
        let verbs: BTreeSet<&str> = self.due.iter().map(|(_, due)| due.word()).collect();
        let verbs: Vec<&str> = verbs.into_iter().collect();
        (days.len() > DAYS_AT_ONCE).then(|| {
            format!(
                "{} of {} ({first} to {last}) would {}: more than {DAYS_AT_ONCE} days at once \
                 wait\nhint: summarizer run --yes lets them go",
                english(self.due.len() as u64, "hour", "hours"),
                english(days.len() as u64, "day", "days"),
                verbs.join(" or ")
            )
        })
    }
}

impl Summarizer<'_> {
    /// Lets hours of a source expire or thin, unless that is more than a few days at once.
    pub(super) fn age(
        &self,
        source: &SourceName,
        committer: &Committer,
        work: &mut Work,
    ) -> Result<()> {
        let Some(rules) = self.retentions.get(source).filter(|rules| rules.retention.acts()) else {
            return Ok(());
        };
        let (now, note) = (self.settled(work.stuck), rules.retention.to_string());
        let looked = self.spool.aged_through(source, &note);
        let mut found = self.find(source, committer, (rules, now), looked, &work.touched)?;
        if found.is_more && looked.is_some() {
            // What was found in turn may be little of what there is.
            found = self.find(source, committer, (rules, now), None, &work.touched)?;
        }
        work.touched.extend(&found.aged);
        if let Some(waits) = found.waits().filter(|_| !self.yes) {
            work.done.left.push(waits);
            // The next run shall see as much.
            self.spool.note_aged(source, &note, Instant::MIN);
            return Ok(());
        }
        if self.act(source, committer, (rules, now), &found, work)? {
            self.spool.note_aged(source, &note, now);
        }
        Ok(())
    }

    /// What would be done, in words; nothing is changed.
    pub fn look_all_ages(&self) -> Result<Vec<String>> {
        let feeds = self.store.feeds()?;
        let home = own_home(self.spool, &feeds)?.unwrap_or_default();
        let mut lines = Vec::new();
        for feed in feeds.iter().filter(|feed| feed.home == home) {
            lines.extend(self.look_age(&feed.source, &home)?);
        }
        Ok(lines)
    }

    fn look_age(&self, source: &SourceName, home: &str) -> Result<Vec<String>> {
        let Some(rules) = self.retentions.get(source).filter(|rules| rules.retention.acts()) else {
            return Ok(Vec::new());
        };
        let committer = self.looking(source, home, &self.store.feeds()?);
        let now = self.settled(None);
        let found = self.find(source, &committer, (rules, now), None, &BTreeSet::new())?;
        let told = |due: Due| {
            let hours: Vec<Window> =
                found.due.iter().filter(|(_, d)| *d == due).map(|(hour, _)| *hour).collect();
            let (first, last) = (hours.first()?, hours.last()?);
            let count = english(hours.len() as u64, "hour", "hours");
            Some(format!("{source}: {count} would {} ({first} to {last})", due.word()))
        };
        Ok([Due::Expiry, Due::Thinning].into_iter().filter_map(told).collect())
    }

    /// Until when all is summarised, as far as this run knows.
    fn settled(&self, stuck: Option<Window>) -> Instant {
        let last = self.agenda.last_closed().end().min(self.clock.started());
        stuck.map_or(last, |hour| last.min(hour.start()))
    }

    /// Looks through the days that may hold something: those that have become old enough since a
    /// look before, those that were touched, and of all others some in turn.
    fn find(
        &self,
        source: &SourceName,
        committer: &Committer,
        (rules, now): (&Rules, Instant),
        looked: Option<Instant>,
        touched: &BTreeSet<Window>,
    ) -> Result<Found> {
        let touched: BTreeSet<Day> = touched.iter().map(|hour| hour.day()).collect();
        let edges = rules.retention.edges(looked.unwrap_or(Instant::MIN), now);
        let last = edges.iter().map(|(_, last)| last.day()).max();
        let is_new = |day: &Day| edges.iter().any(|(a, b)| (a.day()..=b.day()).contains(day));
        let mut found = Found::default();
        for day in self.store.days(source)?.into_iter().filter(|day| Some(*day) <= last) {
            let turn = has_turn(day, self.clock.started());
            let is_due = is_new(&day) || touched.contains(&day);
            if turn || is_due {
                let before = found.due.len();
                found.enter(&committer.ledger(source, day)?, rules.retention, now, turn);
                found.is_more |= !is_due && found.due.len() > before;
            }
        }
        Ok(found)
    }

    /// Whether all of it was done, or left for good.
    fn act(
        &self,
        source: &SourceName,
        committer: &Committer,
        (rules, now): (&Rules, Instant),
        found: &Found,
        work: &mut Work,
    ) -> Result<bool> {
        if found.due.is_empty() && found.kept.is_empty() {
            return Ok(true);
        }
        let mut age = Age::new(committer, source, rules, now)?;
        let hours = found.due.iter().map(|(hour, _)| *hour).chain(found.kept.iter().copied());
        let mut is_whole = true;
        for hour in hours {
            if self.clock.now() - self.clock.started() > self.patience {
                return Ok(false);
            }
            match age.hour(hour) {
                Ok(done) => work.aged(hour, done),
                Err(error) => {
                    is_whole = false;
                    work.done.failed.push(error.context(format!("hour {hour}")));
                }
            }
        }
        Ok(is_whole)
    }
}

impl Found {
    fn enter(&mut self, ledger: &Ledger, rules: Retention, now: Instant, turn: bool) {
        let hours: BTreeSet<Window> = ledger.live(None).map(|entry| entry.hour).collect();
        for hour in hours {
            if let Some(due) = rules.due(ledger, hour, now) {
                self.due.push((hour, due));
                continue;
            }
            let mut live = ledger.live(Some(hour));
            if live.any(|entry| matches!(entry.kind, Kind::Expiry | Kind::Thinning)) {
                self.aged.insert(hour);
            }
            if turn && ledger.keeps_firsts(hour) {
                self.kept.push(hour);
            }
        }
    }
}
