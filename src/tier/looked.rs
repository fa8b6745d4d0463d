//! The last look for reports that are out of date: of a period for which nothing came since, no
//! ledger needs to be read.

use super::analyze::Analyzer;
use super::past::{self, Past};
use crate::domain::digest::Period;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Items;
use crate::domain::time::Day;
use anyhow::Result;
use std::collections::BTreeMap;
use std::ops::RangeInclusive;

/// Of a period that had no data, behind its figure.
const NONE: &str = " none";

/// What looks found, by the stems of reports.
#[derive(PartialEq, Default)]
pub(super) struct Looked(BTreeMap<String, String>);

/// What waits, by source: the same for all periods of a look.
pub(super) type Held = BTreeMap<SourceName, Vec<SnapshotId>>;

impl Looked {
    fn read(text: &str) -> Looked {
        let pairs = text.lines().filter_map(|line| line.split_once('\t'));
        Looked(pairs.map(|(stem, figure)| (stem.into(), figure.into())).collect())
    }

    fn text(&self) -> String {
        self.0.iter().map(|(stem, figure)| format!("{stem}\t{figure}\n")).collect()
    }

    /// Whether a period was looked at as it is now: its report is there and not out of date, or
    /// none is wanted.
    pub fn is_settled(&self, stem: &str, figure: &str, has_report: bool) -> bool {
        self.0.get(stem).is_some_and(|known| match known.strip_suffix(NONE) {
            Some(known) => known == figure,
            None => known == figure && has_report,
        })
    }

    pub fn enter(&mut self, stem: &str, figure: &str, is_wanted: bool) {
        let end = if is_wanted { "" } else { NONE };
        self.0.insert(stem.into(), format!("{figure}{end}"));
    }

    /// Takes over what was known of a period.
    pub fn keep(&mut self, stem: &str, known: &Looked) {
        self.0.extend(known.0.get(stem).map(|figure| (stem.to_string(), figure.clone())));
    }
}

impl Analyzer<'_> {
    fn looks(&self) -> String {
        format!("looked{}", self.choice.suffix())
    }

    /// What the last look found. Where nothing is remembered, all is looked at.
    pub(super) fn looked(&self) -> Looked {
        Looked::read(&self.spool.remembered_as(&self.looks()))
    }

    pub(super) fn remember_looked(&self, looked: &Looked, before: &Looked) -> Result<()> {
        if looked == before {
            return Ok(());
        }
        Ok(self.spool.remember_digest(&self.looks(), &looked.text())?)
    }

    /// What waits of each source.
    pub(super) fn held(&self, past: &Past) -> Result<Held> {
        let held = past.all().iter().map(|known| {
            Ok((known.source.name.clone(), past::held(self.spool, &known.source.names())?))
        });
        held.collect()
    }

    /// A figure of all that it hangs on whether the report of a period is out of date. Records of
    /// it may come with any hour, samples with its own and those of the period before.
    pub(super) fn figure(&self, past: &Past, held: &Held, period: &Period) -> Result<String> {
        let windows = period.windows();
        let first = period.before().map_or(windows.start, |before| before.windows().start);
        let own = first.day()..=windows.end.day();
        let mut parts = self.frame(period);
        parts.push(self.store.id()?);
        let lost = past.lost_names().iter().map(|name| (name, &own));
        for (name, days) in lost {
            parts.push(self.grown(past, name, days)?);
        }
        for known in past.all() {
            let source = &known.source;
            let ever = Day::MIN..=Day::MAX;
            let days = if matches!(source.items, Items::Records(_)) { &ever } else { &own };
            for name in source.names() {
                parts.push(self.grown(past, &name, days)?);
            }
            parts.push(source.declaration.digest.hex());
            parts.push(format!("{}", known.until.is_some()));
            let held = held.get(&source.name).into_iter().flatten();
            parts.extend(held.filter(|id| period.contains(id.instant())).map(|id| id.to_string()));
            let through = past.closed_through(known)?;
            parts.push(through.is_some_and(|through| through >= period.to).to_string());
        }
        Ok(Digest::of_parts(parts.iter().map(String::as_str)).short(32))
    }

    /// How far the ledger of a name has grown over some days, since it was forgotten last.
    fn grown(&self, past: &Past, name: &SourceName, days: &RangeInclusive<Day>) -> Result<String> {
        let growth = past.ledgers.growth(name)?;
        let growth: Vec<_> = growth.range(days.clone()).collect();
        Ok(format!("{name} {:?} {growth:?}", past.forgotten(name)))
    }
}
