//! The facts of a period: all that a report may rest on. Plain values, read by the tier.

use super::evidence::Rhythm;
use super::period::Period;
use crate::domain::balance::Balance;
use crate::domain::belated::Belated;
use crate::domain::format::Lang;
use crate::domain::hash::Digest;
use crate::domain::hours::{Earlier, Hours};
use crate::domain::limits::LABEL_CHARS;
use crate::domain::name::SourceName;
use crate::domain::outcomes::Outcomes;
use crate::domain::record::Record;
use crate::domain::retention::Aged;
use crate::domain::settings::Study;
use crate::domain::sheet::{Line, Sheet};
use crate::domain::shown::apart;
use crate::domain::silence::Told;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::{ALL, Items, Listed, Shown, Source};
use crate::domain::time::{Instant, Window};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::ops::Range;

/// Fewer records than these are told one by one.
pub const LEAST: u64 = 3;

/// Everything about one period.
#[derive(Clone, Debug)]
pub struct Facts {
    pub publication: String,
    pub lang: Lang,
    pub period: Period,
    pub now: Instant,
    pub sources: Vec<SourceFacts>,
    /// Those of which the period has data that nobody can read: their declarations are gone.
    pub lost: Vec<SourceName>,
    pub balance: Balance,
    /// What the written report is for; none: the report of every day.
    pub study: Option<Study>,
    /// Of the slots of the period.
    pub outcomes: BTreeMap<SourceName, Outcomes>,
    /// Answers that wait, and whose values are among the others.
    pub waiting: u64,
}

impl Facts {
    /// The same without its sources.
    pub fn bare(&self) -> Facts {
        let Facts { publication, lang, period, now, balance, study, waiting, .. } = self;
        Facts {
            publication: publication.clone(),
            lang: *lang,
            period: period.clone(),
            now: *now,
            sources: Vec::new(),
            lost: Vec::new(),
            balance: balance.clone(),
            study: study.clone(),
            outcomes: BTreeMap::new(),
            waiting: *waiting,
        }
    }

    /// The sources that share a section of the report.
    pub fn of_topic<'a>(&'a self, topic: &'a str) -> impl Iterator<Item = &'a SourceFacts> {
        self.sources.iter().filter(move |source| source.source.topic == topic)
    }
}

/// What the store says of one source in the period.
#[derive(Clone, Debug)]
pub struct SourceFacts {
    pub source: Source,
    pub content: Content,
    /// Names and places of the series.
    pub labels: Labels,
    /// Snapshots of the period before, of the period, and those that came after it for a slot of
    /// it; in entries or still waiting, in order.
    pub answers: Vec<SnapshotId>,
    /// Those of them that came after the slot was over that they serve.
    pub belated: Belated,
    /// The places of those of the period.
    pub own: Range<usize>,
    /// Those of them that have no usable item.
    pub useless: BTreeSet<SnapshotId>,
    /// What the answers of the period do not say, or say in two ways.
    pub remarks: Vec<Told>,
    /// The hours of the period that are not whole any more.
    pub aged: Aged,
    /// The first snapshot there ever was.
    pub since: Option<Instant>,
    /// When it was last heard of, where it is not collected any more.
    pub until: Option<Instant>,
    /// Since when its publisher says that it is gone for good.
    pub gone: Option<Instant>,
    /// From when to when it was so before: until its declaration was edited, and it was asked.
    pub ended: Vec<(Instant, Instant)>,
    /// Fields of records of which values of another unit were left out.
    pub apart: BTreeSet<String>,
    /// What became of what may be withdrawn of its records.
    pub sides: Sides,
    /// Summarised up to here.
    pub closed_through: Option<Instant>,
}

/// Records that have lost what may be withdrawn of them.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sides {
    /// Whenever that was: their ids, in short.
    pub bare: HashSet<u64>,
    /// They were found to be withdrawn in the period.
    pub withdrawn: u64,
    /// They are open, as far as is known: the store was made of a backup, which has none of it, and
    /// they were not seen since.
    pub lost: u64,
}

/// Statistics of samples, or records; of the day, and of the day before, of which only those
/// series are needed that make a line.
#[derive(Clone, Debug)]
pub enum Content {
    Samples { hours: Hours, before: Hours },
    Records { sheet: Sheet, damaged: BTreeSet<Window>, before: Earlier },
}

impl Content {
    /// Without records of periods of which hours have expired: what is left is no count of them.
    pub fn kept(mut self, aged: &Aged) -> Content {
        let gone = !aged.expired.is_empty();
        if let Content::Records { sheet, before, .. } = &mut self {
            if gone {
                *sheet = Sheet::default();
            }
            if gone || aged.before {
                *before = Earlier::default();
            }
        }
        self
    }

    /// The same without a value: the terms of its source let none be shown.
    pub fn withheld(self) -> Content {
        match self {
            Content::Samples { .. } => {
                Content::Samples { hours: Hours::default(), before: Hours::default() }
            }
            Content::Records { damaged, .. } => {
                let (sheet, before) = (Sheet::default(), Earlier::default());
                Content::Records { sheet, damaged, before }
            }
        }
    }

    /// The same without what stands for one item alone.
    pub fn together(mut self) -> Content {
        if let Content::Samples { hours, before } = &mut self {
            hours.series.retain(|series, _| series == ALL);
            before.series.retain(|series, _| series == ALL);
        }
        self
    }

    /// Whether a series has values in the period.
    pub fn has(&self, series: &str) -> bool {
        match self {
            Content::Samples { hours, .. } => hours.series.contains_key(series),
            Content::Records { .. } => true,
        }
    }
}

/// A name and a place of a series.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Label {
    pub name: Option<String>,
    pub place: Option<(f64, f64)>,
}

pub type Labels = BTreeMap<String, Label>;

impl Label {
    /// From a record: its fields `name`, `lat`, `lon`.
    pub fn of(record: &Record) -> Label {
        Label {
            name: record.text("name").and_then(called),
            place: on_earth(record.number("lon"), record.number("lat")),
        }
    }

    /// From a list: its columns `name`, `lat`, `lon`.
    pub fn listed(row: &Listed) -> Label {
        Label {
            name: row.columns.get("name").and_then(|name| called(name)),
            place: on_earth(row.number("lon"), row.number("lat")),
        }
    }
}

/// A text as long as a page may show it.
pub(super) fn clip(text: &str) -> &str {
    text.char_indices().nth(LABEL_CHARS).map_or(text, |(end, _)| &text[..end])
}

/// The same, with a sign where it was cut.
pub(super) fn clipped(text: &str) -> String {
    let short = clip(text);
    let sign = if short.len() < text.len() { "…" } else { "" };
    apart(&format!("{short}{sign}")).into_owned()
}

/// Whether the records of a source have no time of their own, and are shown all the same.
pub fn is_timeless(source: &Source) -> bool {
    let Items::Records(records) = &source.items else { return false };
    records.time.is_none() && !source.figures.is_empty()
}

/// The records whose own time lies in a period.
fn within<'a>(sheet: &'a Sheet, period: &Period) -> Vec<Line<'a>> {
    let inside = |line: &Line| line.time().is_some_and(|time| period.contains(time));
    sheet.lines().filter(inside).collect()
}

/// Longitude and latitude of a record, by its fields of these names, in degrees.
pub fn place(record: Line) -> Option<(f64, f64)> {
    on_earth(record.number("lon"), record.number("lat"))
}

/// A place in degrees; longitudes may run on to the east, up to a whole turn.
fn on_earth(lon: Option<f64>, lat: Option<f64>) -> Option<(f64, f64)> {
    let (lon, lat) = lon.zip(lat)?;
    let west = if lon > 180.0 { lon - 360.0 } else { lon };
    ((-180.0..=360.0).contains(&lon) && lat.abs() <= 90.0).then_some((west, lat))
}

/// A name that says something.
fn called(name: &str) -> Option<String> {
    (!name.trim().is_empty()).then(|| clipped(name))
}

impl SourceFacts {
    /// The records whose own time lies in the period.
    pub fn records(&self, period: &Period) -> Vec<Line<'_>> {
        match &self.content {
            Content::Samples { .. } => Vec::new(),
            Content::Records { sheet, .. } if self.is_timeless() => sheet.lines().collect(),
            Content::Records { sheet, .. } => within(sheet, period),
        }
    }

    /// The same, without those that have lost what a field says: they do not say that they never
    /// stated it.
    pub fn stating(&self, field: &str, period: &Period) -> Vec<Line<'_>> {
        let mut records = self.records(period);
        if self.source.may_withdraw(field) {
            let is_bare =
                |line: &Line| self.sides.bare.contains(&Digest::of(line.id().as_bytes()).number());
            records.retain(|line| !is_bare(line));
        }
        records
    }

    /// Its answers but for those that have no usable item.
    pub fn useful(&self) -> impl Iterator<Item = &SnapshotId> {
        self.answers.iter().filter(|id| !self.useless.contains(id))
    }

    /// Its snapshots of the period, in order.
    pub fn snapshots(&self) -> &[SnapshotId] {
        self.answers.get(self.own.clone()).unwrap_or_default()
    }

    /// Whether its records have no time of their own, and are shown all the same: those that
    /// answers of the period held. A list that only names the series of others is not.
    pub fn is_timeless(&self) -> bool {
        is_timeless(&self.source)
    }

    /// The records of the period before, where the source was followed all through it.
    pub fn records_before(&self, period: &Period) -> Option<&Earlier> {
        let earlier = period.before()?;
        match &self.content {
            Content::Records { before, .. } if self.since? <= earlier.from && !self.aged.before => {
                Some(before)
            }
            _ => None,
        }
    }

    /// How its values come.
    pub fn rhythm(&self) -> Rhythm {
        Rhythm::of(&self.source, self.is_recorded())
    }

    /// Whether answers of it are recordings.
    pub fn is_recorded(&self) -> bool {
        self.snapshots().iter().any(|id| id.recorded().is_some())
    }

    /// What a series is called.
    pub fn name_of<'a>(&'a self, series: &'a str) -> Cow<'a, str> {
        let name = self.labels.get(series).and_then(|label| label.name.as_deref());
        name.map_or_else(|| apart(series), Cow::Borrowed)
    }

    /// Whether its terms let none of its values be shown.
    pub fn is_withheld(&self) -> bool {
        self.source.shown() == Shown::Nothing
    }

    /// Of how many records at the least a text or a range is shown: of fewer what may be withdrawn
    /// could be told, since a page cannot be taken back, and what stands for one record alone.
    pub fn least(&self, field: &str) -> u64 {
        match self.source.may_withdraw(field) || self.source.shown() != Shown::Each {
            true => LEAST,
            false => 1,
        }
    }

    /// Whether all of the period is summarised.
    pub fn is_closed(&self, period: &Period) -> bool {
        self.closed_through.is_some_and(|through| through >= period.to)
    }
}
