//! Whether a report shows what there is now. Beside it stands a digest of two parts: one over the
//! commits it rests on, which is quick to make, and one over what it shows of them. Only where the
//! first has changed is the second made: most commits tell again what is known. It also says when
//! there is nothing to show.

use super::analyze::Analyzer;
use super::content;
use super::looked::Looked;
use super::past::{self, Known, Past};
use super::told::{Told, short, times};
use crate::domain::digest::Period;
use crate::domain::ledger::Kind;
use crate::domain::name::SourceName;
use crate::domain::settings;
use crate::domain::source::{Items, Source};
use crate::domain::time::Window;
use crate::edge::spool::VOID;
use crate::edge::store::Which;
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

/// How many days back a missing or changed report is made again.
const CATCH_UP_DAYS: u32 = 31;

/// What the data of a report come to.
pub(super) struct Parts {
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
        let (held, known) = (self.held(&past)?, self.looked());
        let (mut overdue, mut looked) = (Vec::new(), Looked::default());
        let mut period = Some(last.clone());
        for back in 0..CATCH_UP_DAYS {
            let Some(day) = period else { break };
            let (stem, figure) = (self.stem(&day), self.figure(&past, &held, &day)?);
            let has_report = self.spool.report_digest(&stem)?.is_some();
            let is_settled = known.is_settled(&stem, &figure, has_report);
            if is_settled && (has_report || back > 0) {
                looked.keep(&stem, &known);
            } else if self.is_overdue(&past, &day, back == 0, &mut looked, &figure)? {
                overdue.push(day.clone());
            }
            period = day.before();
        }
        self.remember_looked(&looked, &known)?;
        overdue.reverse();
        Ok(overdue)
    }

    fn is_overdue(
        &self,
        past: &Past,
        day: &Period,
        is_last: bool,
        looked: &mut Looked,
        figure: &str,
    ) -> Result<bool> {
        let (known, parts) = self.parts(past, day)?;
        let is_wanted = parts.has_data || is_last;
        let is_overdue = is_wanted && self.is_outdated(past, &known, day, &parts)?;
        if !is_overdue {
            looked.enter(&self.stem(day), figure, is_wanted);
        }
        Ok(is_overdue)
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
        let whole = self.digest(past, known, period, parts, &BTreeMap::new())?;
        let outdated = whole.split_once(' ').is_none_or(|(_, now)| now != shown);
        if !outdated {
            self.spool.remember_digest(&stem, &whole)?;
        }
        Ok(outdated)
    }

    /// The digest of the data that a report of a period shows; `told` is what is known already of
    /// its records.
    pub(super) fn digest(
        &self,
        past: &Past,
        known: &[&Known],
        period: &Period,
        parts: &Parts,
        told: &BTreeMap<SourceName, Told>,
    ) -> Result<String> {
        let (mut shown, mut is_void) = (parts.frame.clone(), !parts.has_data);
        for known in known.iter().filter(|known| is_of_records(&known.source)) {
            let told = match told.get(&known.source.name) {
                Some(told) => told.clone(),
                None => content::told(self.store, &past.then(known, period)?, period)?,
            };
            is_void &= told.is_empty();
            shown.push(told.short());
        }
        let end = if is_void { VOID } else { "" };
        Ok(format!("{} {}{end}", parts.commits(), short(&shown)))
    }

    /// Commits never change, so the ids of those that count say it all.
    pub(super) fn parts<'p>(
        &self,
        past: &'p Past,
        period: &Period,
    ) -> Result<(Vec<&'p Known>, Parts)> {
        let frame = self.frame(period);
        let mut parts = Parts { frame, holders: Vec::new(), has_data: false, is_aged: false };
        let all = self.choice.of(past.of(period)?);
        for known in &all {
            self.enter(known, past, period, &mut parts)?;
        }
        Ok((all, parts))
    }

    /// What a report rests on beside its data.
    pub(super) fn frame(&self, period: &Period) -> Vec<String> {
        vec![env!("CARGO_PKG_VERSION").to_string(), self.look(), self.stem(period)]
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
        let hours = before..windows.end;
        let mut damaged = BTreeSet::new();
        for name in source.names() {
            for counted in past.ledgers.counted(&name, hours.start.day()..=hours.end.day())? {
                let own = counted.entries.iter().filter(|(hour, ..)| hours.contains(hour));
                for (hour, commit, kind) in own {
                    parts.has_data |= windows.contains(hour);
                    parts.is_aged |= *kind == Kind::Expiry && windows.contains(hour);
                    if windows.contains(hour) || !is_of_records(source) {
                        parts.frame.push(commit.clone());
                    }
                }
                damaged.extend(counted.damaged.iter().filter(|hour| hours.contains(*hour)));
            }
        }
        parts.frame.extend(damaged.iter().map(|hour: &Window| hour.to_string()));
        if is_of_records(source) {
            for name in source.names() {
                parts
                    .holders
                    .extend(self.store.holders(&name, Which::Timed(&times(period)))?.into_keys());
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
}

impl Parts {
    fn commits(&self) -> String {
        short(&[&self.frame[..], &self.holders[..]].concat())
    }
}

fn is_of_records(source: &Source) -> bool {
    matches!(source.items, Items::Records(_))
}
