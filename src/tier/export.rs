//! The export: what counts of a period, as tables in files, and the package that describes
//! them, which is written last, and taken away first where there is one.

use super::choice::Misasked;
use super::labels::labels;
use super::past::{self, Known, Past};
use crate::domain::digest::Period;
use crate::domain::doubles::{Doubles, Offer, has_offers};
use crate::domain::export::{Package, Resource, Table, package, records, summaries, texts};
use crate::domain::hours::{Hours, Winners};
use crate::domain::ledger::Entry;
use crate::domain::record::Record;
use crate::domain::retention::Aged;
use crate::domain::source::{ALL, Items, Shown, Source};
use crate::domain::time::{Instant, Window};
use crate::edge::clock::Clock;
use crate::edge::spool::{PACKAGE, Spool};
use crate::edge::store::Reader;
use anyhow::{Context, Result};
use std::collections::BTreeSet;
use std::ops::Range;
use std::path::{Path, PathBuf};

/// How far back and ahead of a period the answers may lie that tell of records without a time.
const AROUND_HOURS: i64 = 24;

/// How many days before and after a period the same offer may have been made elsewhere.
const DOUBLES_DAYS: u64 = 31;

/// How tables are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Form {
    Csv,
    Ndjson,
}

pub struct Export<'a> {
    pub spool: &'a Spool,
    pub store: &'a dyn Reader,
    pub clock: Clock,
    pub form: Form,
    pub folder: &'a Path,
}

/// What was written, and what was not.
pub struct Exported {
    pub paths: Vec<PathBuf>,
    /// Sources whose terms let nothing of theirs be passed on, in words.
    pub withheld: Vec<String>,
}

/// A written table.
struct Written<'a> {
    source: &'a Source,
    table: Table,
    path: String,
    bytes: Vec<u8>,
    damaged: BTreeSet<Window>,
    aged: Aged,
    closed_through: Option<Instant>,
}

impl Export<'_> {
    /// Writes the tables of the sources of a period, or of those that are named, by a name that
    /// they have or had; the paths, the package last.
    pub fn run(&self, declared: &[Source], named: &[String], period: &Period) -> Result<Exported> {
        let past = Past::new(self.spool, self.store, declared)?;
        let wanted = if named.is_empty() { past.of(period)? } else { chosen(&past, named)? };
        let (wanted, withheld): (Vec<&Known>, Vec<&Known>) =
            wanted.into_iter().partition(|known| may_leave(&known.source));
        if let Some(known) = withheld.first().filter(|_| !named.is_empty()) {
            return Err(Misasked(refusal(&known.source)).into());
        }
        let doubles = self.doubles(&past, period)?;
        let then = wanted.into_iter().map(|known| past.then(known, period));
        let then: Vec<Known> = then.collect::<Result<_>>()?;
        let mut written = Vec::new();
        for known in &then {
            let source = &known.source;
            let (tables, damaged) = self.tables(known, &past, period, &doubles)?;
            let closed_through = past.closed_through(known)?;
            let live = past::live(self.store, &source.names(), &period.windows())?;
            let aged = Aged::of(&live.entries);
            for table in tables {
                let (bytes, ext) = match self.form {
                    Form::Csv => (table.csv(), "csv"),
                    Form::Ndjson => (table.ndjson(), "ndjson"),
                };
                let path = format!("{}_{}.{ext}", source.name, table.name);
                written.push(Written {
                    source,
                    table,
                    path,
                    bytes,
                    damaged: damaged.clone(),
                    aged: aged.clone(),
                    closed_through,
                });
            }
        }
        let text = self.describe(&written, &withheld, period)?;
        let paths = written.iter().map(|written| written.path.clone()).collect();
        self.spool.begin_export(self.folder, &paths)?;
        for Written { path, bytes, .. } in &written {
            self.spool.write_export(self.folder, path, bytes)?;
        }
        self.spool.write_export(self.folder, PACKAGE, text.as_bytes())?;
        let names = written.iter().map(|written| written.path.as_str());
        let paths = names.chain([PACKAGE]).map(|name| self.folder.join(name)).collect();
        let withheld = withheld.iter().map(|known| refusal(&known.source)).collect();
        Ok(Exported { paths, withheld })
    }

    /// The job offers of all sources whose terms let them be passed on, of around a period.
    pub(super) fn doubles(&self, past: &Past, period: &Period) -> Result<Doubles> {
        let mut doubles = Doubles::default();
        let offering = past.all().iter().filter(|known| has_offers(&known.source));
        let offering: Vec<&Known> = offering.filter(|known| may_leave(&known.source)).collect();
        let wide = period.wider(DOUBLES_DAYS).filter(|_| offering.len() > 1);
        let Some(period) = &wide else { return Ok(doubles) };
        for known in offering {
            let winners = self.winners(&past.then(known, period)?, period)?;
            for record in winners.records.values().filter(|record| is_within(record, period)) {
                let offer = Offer::of(|name| record.text(name));
                offer.into_iter().for_each(|o| doubles.enter(known.source.name.as_str(), o));
            }
        }
        Ok(doubles)
    }

    /// Records without a time of their own belong to where they were seen.
    fn winners(&self, known: &Known, period: &Period) -> Result<Winners> {
        let windows = period.windows();
        let hours = if is_timed(&known.source) { windows } else { around(&windows) };
        past::records(self.store, known, &period.times(), &hours)
    }

    fn describe(
        &self,
        written: &[Written],
        withheld: &[&Known],
        period: &Period,
    ) -> Result<String> {
        let mut recorded = self.spool.may_be_recorded()?;
        if recorded && self.spool.is_hidden() {
            recorded = self.shows_recorded(written, period)?;
        }
        let format = if self.form == Form::Csv { "csv" } else { "ndjson" };
        let resources = written.iter().map(|written| Resource {
            source: written.source,
            table: &written.table,
            path: written.path.clone(),
            bytes: &written.bytes,
            format,
            recorded,
            closed_through: written.closed_through,
            damaged: starts(&written.damaged),
            expired: starts(&written.aged.expired),
            thinned: starts(&written.aged.thinned),
        });
        Ok(package(&Package {
            version: env!("CARGO_PKG_VERSION"),
            created: self.clock.started(),
            from: period.from,
            to: period.to,
            zone: period.zone.to_string(),
            store: self.store.address(),
            left_out: withheld.iter().map(|known| &known.source).collect(),
            resources: resources.collect(),
        }))
    }

    /// Whether what is counted came from a recording, by its names.
    fn shows_recorded(&self, written: &[Written], period: &Period) -> Result<bool> {
        for written in written {
            let live = past::live(self.store, &written.source.names(), &around(&period.windows()))?;
            let mut ids = live.entries.iter().flat_map(Entry::ids);
            if ids.any(|id| id.recorded().is_some()) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn tables(
        &self,
        known: &Known,
        past: &Past,
        period: &Period,
        doubles: &Doubles,
    ) -> Result<(Vec<Table>, BTreeSet<Window>)> {
        let (source, windows) = (&known.source, period.windows());
        match source.items {
            Items::Samples(_) => {
                let (hours, damaged) = sampled(self.store, source, &windows)?;
                let labels = labels(self.store, source, past.all(), period)?;
                let label = |series: &str| labels.get(series)?.name.as_deref();
                let tables = [Some(summaries(&hours, label)), texts(&hours, label)];
                Ok((tables.into_iter().flatten().collect(), damaged))
            }
            Items::Records(_) => {
                let winners = self.winners(known, period)?;
                let table = records(source, &winners, |record| is_within(record, period), doubles);
                Ok((vec![table], winners.damaged))
            }
        }
    }
}

/// The statistics of some hours of samples that may be passed on; and the hours that are damaged,
/// and left out.
pub(super) fn sampled(
    store: &dyn Reader,
    source: &Source,
    windows: &Range<Window>,
) -> Result<(Hours, BTreeSet<Window>)> {
    let mut hours = past::hours(store, source, windows, &Some)
        .with_context(|| format!("cannot read {}", source.name))?;
    let damaged = std::mem::take(&mut hours.damaged);
    if source.shown() == Shown::Together {
        hours.series.retain(|series, _| series == ALL);
    }
    for fields in hours.series.values_mut() {
        for hours in fields.values_mut() {
            hours.retain(|hour, _| !damaged.contains(&hour));
        }
    }
    Ok((hours, damaged))
}

/// Whether a record is one of a period.
fn is_within(record: &Record, period: &Period) -> bool {
    match record.time {
        Some(time) => period.contains(time),
        None => record.last_seen >= period.from && record.first_seen < period.to,
    }
}

/// Whether its terms let the tables of a source be passed on: those of samples are figures.
pub(super) fn may_leave(source: &Source) -> bool {
    match source.items {
        Items::Samples(_) => source.shown() != Shown::Nothing,
        Items::Records(_) => source.shown() == Shown::Each,
    }
}

fn refusal(source: &Source) -> String {
    let share = source.about.share;
    format!(
        "{} is not exported: {} (about.share = \"{}\")",
        source.name,
        share.terms().unwrap_or_default(),
        share.name()
    )
}

/// The sources of these names.
fn chosen<'p>(past: &'p Past, named: &[String]) -> Result<Vec<&'p Known>> {
    let mut chosen: Vec<&Known> = Vec::new();
    for name in named {
        let Some(known) = past.named(name) else {
            let all = past.all().iter().map(|known| known.source.name.as_str());
            let near = all.min_by_key(|known| strsim::levenshtein(known, name));
            let hint = near.map(|near| format!("\nhint: did you mean {near}?"));
            let text = format!("this home has and had no source {name}");
            return Err(Misasked(text + &hint.unwrap_or_default()).into());
        };
        if chosen.iter().all(|other| other.source.name != known.source.name) {
            chosen.push(known);
        }
    }
    Ok(chosen)
}

fn is_timed(source: &Source) -> bool {
    matches!(&source.items, Items::Records(records) if records.time.is_some())
}

fn around(windows: &Range<Window>) -> Range<Window> {
    let more = chrono::Duration::hours(AROUND_HOURS);
    Window::of(windows.start.start().before(more))..Window::of(windows.end.start().after(more))
}

fn starts(hours: &BTreeSet<Window>) -> Vec<Instant> {
    hours.iter().map(|hour| hour.start()).collect()
}
