//! The status: what waits, and how far each source is summarised.

use super::audit::own_home;
use super::silence;
use crate::domain::document::Doc;
use crate::domain::name::SourceName;
use crate::domain::retention::{Retention, Retentions};
use crate::domain::silence::Told;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Instant, Window, iso};
use crate::edge::spool::Spool;
use crate::edge::store::Reader;
use anyhow::Result;
use chrono::TimeDelta;
use std::collections::BTreeSet;
use std::fmt::Write;

/// The state of one source.
#[derive(Clone, Debug)]
pub struct Status {
    pub source: SourceName,
    /// Snapshots between landing and emptying.
    pub waiting: usize,
    pub oldest: Option<Instant>,
    pub batches: usize,
    pub quarantined: usize,
    pub closed_through: Option<Instant>,
    /// Its store could not be looked at: how far it is summarised is not known.
    pub is_dark: bool,
    /// After failures, nobody is asked before this instant.
    pub hold_until: Option<Instant>,
    /// `None` where this user may not see that.
    pub failures: Option<u32>,
    /// What its last counted hour does not say.
    pub remarks: Vec<Told>,
    /// How long its rows are kept; `None` of one that is not declared here.
    pub retention: Option<Retention>,
    /// Bytes by which it lets the store grow in a month, if all go like the last 24 hours.
    pub growth: Option<u64>,
}

/// The mean month of the Gregorian calendar.
const MONTH_DAYS: f64 = 365.2425 / 12.0;

/// The states of all sources that are declared, fed, or have files here; the journals last.
/// Without a store: what the home alone knows of them.
pub fn status(
    spool: &Spool,
    store: Option<&dyn Reader>,
    declared: &[SourceName],
    retentions: &Retentions,
    now: Instant,
) -> Result<Vec<Status>> {
    let last_day = Window::of(now.before(TimeDelta::hours(24)))..Window::of(now);
    let feeds = store.map(Reader::feeds).transpose()?;
    let (mut feeds, states) = (feeds.unwrap_or_default(), spool.states());
    let own = own_home(spool, &feeds)?.unwrap_or_default();
    let hidden = spool.is_hidden();
    feeds.retain(|feed| !feed.source.is_journals() || feed.home == own);
    let mut names: BTreeSet<SourceName> = declared.iter().cloned().collect();
    names.extend(feeds.iter().map(|feed| feed.source.clone()));
    names.extend(spool.folders()?.into_iter().filter(|name| name.as_str() != "quarantine"));
    names.remove(&SourceName::journals());
    let all = names.into_iter().chain([SourceName::journals()]);
    all.map(|source| {
        // One may have two names while it is gathered.
        let held: BTreeSet<SnapshotId> = spool.held(&source)?.into_iter().collect();
        let feed = feeds.iter().find(|feed| feed.source == source);
        let state = states.get(&source).cloned().unwrap_or_default();
        let remarks = match store.filter(|_| source != SourceName::journals()) {
            None => Vec::new(),
            Some(store) => silence::told(store, &source, Window::of(now).next())?,
        };
        let day = store.map(|store| store.weight(&source, &last_day)).transpose()?;
        Ok(Status {
            remarks,
            retention: retentions.get(&source).map(|rules| rules.retention),
            growth: day.map(|bytes| (bytes as f64 * MONTH_DAYS) as u64),
            waiting: held.len(),
            oldest: held.iter().map(|id| id.instant()).min(),
            batches: spool.sealed_batches(&source)?.len() + spool.open_batches(&source)?.len(),
            quarantined: spool.quarantined(&source)?.len(),
            closed_through: feed.and_then(|feed| feed.closed_through),
            is_dark: store.is_none(),
            hold_until: state.trouble.hold_until,
            failures: (!hidden).then_some(state.trouble.failures),
            source,
        })
    })
    .collect()
}

impl Status {
    /// For people.
    pub fn table(all: &[Status], now: Instant) -> String {
        let wide = all.iter().map(|one| one.source.as_str().len() + 2).fold(28, usize::max);
        let mut out = format!(
            "{:<wide$}{:>8}{:>10}{:>9}{:>12}{:>10}  {:<22}kept\n",
            "source",
            "waiting",
            "oldest",
            "batches",
            "quarantine",
            "MB/month",
            "summarised through"
        );
        for status in all {
            let age = status.oldest.map(|oldest| now - oldest);
            let age = age.map_or_else(|| "-".into(), |age| format!("{} min", age.num_minutes()));
            let never = if status.is_dark { "?" } else { "never" };
            let through = status.closed_through.map(|t| t.format("%Y-%m-%d %H:%M UTC").to_string());
            let _ = writeln!(
                out,
                "{:<wide$}{:>8}{age:>10}{:>9}{:>12}{:>10}  {:<22}{}",
                status.source.as_str(),
                status.waiting,
                status.batches,
                status.quarantined,
                status.growth.map_or_else(|| "?".into(), megabytes),
                through.unwrap_or_else(|| never.into()),
                status.kept()
            );
        }
        for (status, told) in all.iter().flat_map(|s| s.remarks.iter().map(move |told| (s, told))) {
            let _ = writeln!(out, "{}: {}", status.source, told.line());
        }
        out
    }

    fn kept(&self) -> String {
        match self.retention.map(|rules| rules.to_string()) {
            None => "-".into(),
            Some(rules) if rules.is_empty() => "for ever".into(),
            Some(rules) => rules,
        }
    }

    /// How much a store takes, and how fast that grows.
    pub fn room(all: &[Status], size: u64) -> String {
        let growth: u64 = all.iter().filter_map(|status| status.growth).sum();
        let (size, growth) = (megabytes(size), megabytes(growth));
        format!("the store takes {size} MB, and {growth} MB more a month if all goes on so\n")
    }

    /// Whether nobody answered when it was asked last.
    pub fn fails(&self) -> bool {
        self.failures.is_some_and(|failures| failures > 0)
    }

    /// What waits though no hour was ever counted: nobody summarises, or another store is meant.
    pub fn stuck(&self, now: Instant) -> Option<String> {
        let oldest = self.oldest.filter(|oldest| now - *oldest > TimeDelta::hours(2))?;
        if self.closed_through.is_some() {
            return None;
        }
        let oldest = oldest.format("%Y-%m-%d %H:%M UTC");
        Some(format!(
            "{}: answers wait since {oldest}, and this store has never counted an hour of it\n\
             hint: does cron run the summarizer, and is `store` in daybook.toml the right one?",
            self.source
        ))
    }

    pub fn doc(all: &[Status]) -> Doc {
        let doc = |status: &Status| {
            let remarks = status.remarks.iter().map(|told| Doc::text(told.line()));
            Doc::map([
                ("source", Doc::text(status.source.as_str())),
                ("waiting", Doc::Int(status.waiting as i64)),
                ("oldest", Doc::option(status.oldest, |at| Doc::text(iso(at)))),
                ("batches", Doc::Int(status.batches as i64)),
                ("quarantined", Doc::Int(status.quarantined as i64)),
                ("closed_through", Doc::option(status.closed_through, |at| Doc::text(iso(at)))),
                ("failures", Doc::option(status.failures, |failures| Doc::Int(failures.into()))),
                ("remarks", Doc::List(remarks.collect())),
                ("bytes_a_month", Doc::option(status.growth, |bytes| Doc::Int(bytes as i64))),
                ("kept", Doc::text(status.kept())),
                ("hold_until", Doc::option(status.hold_until, |at| Doc::text(iso(at)))),
            ])
        };
        Doc::List(all.iter().map(doc).collect())
    }
}

/// Millions of bytes, as people say it.
fn megabytes(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}
