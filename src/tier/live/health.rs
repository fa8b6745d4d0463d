//! How the programs, the sources and the spool are, as the home itself tells it.

use crate::domain::name::SourceName;
use crate::domain::outcomes::Outcomes;
use crate::domain::screen::{Health, HealthRow};
use crate::domain::settings::Settings;
use crate::domain::snapshot::SnapshotId;
use crate::domain::source::Source;
use crate::domain::time::{Instant, from_millis};
use crate::edge::spool::Spool;
use crate::edge::store::Reader;
use crate::tier::runs::Runs;
use crate::tier::standing::{Standing, standings};
use anyhow::Result;
use std::collections::{BTreeMap, BTreeSet};

const MINUTE: i64 = 60_000;

/// What of the quarantine is named.
const NAMED: usize = 50;

pub fn health(
    spool: &Spool,
    store: &dyn Reader,
    sources: &[Source],
    settings: &Settings,
    outcomes: &BTreeMap<SourceName, Outcomes>,
    now: Instant,
) -> Result<Health> {
    let runs = Runs::of(spool)?;
    let known = spool.incidents();
    let open = known.open().map(|(_, one)| (one.text.clone(), one.since, one.times.into()));
    let feeds = store.feeds()?;
    let through = |name: &SourceName| {
        feeds.iter().find(|feed| feed.source == *name).and_then(|feed| feed.closed_through)
    };
    let mut rows = Vec::new();
    for standing in standings(spool, sources, now, settings.fetcher.splay)? {
        let Some(name) = SourceName::parse(&standing.source) else { continue };
        // One may have two names while it is gathered.
        let held: BTreeSet<SnapshotId> = spool.held(&name)?.into_iter().collect();
        rows.push(HealthRow {
            notes: standing.notes(),
            waiting: held.len() as u64,
            quarantined: spool.quarantined(&name)?.len() as u64,
            closed_through: through(&name),
            latency: outcomes.get(&name).and_then(Outcomes::latency),
            ..row(standing)
        });
    }
    let (quarantine, quarantined) = quarantine(spool)?;
    Ok(Health {
        programs: vec![
            ("fetcher".into(), runs.fetcher),
            ("summarizer".into(), runs.summarizer),
            ("analyzer".into(), runs.report.map(|(_, written)| written)),
        ],
        incidents: open.collect(),
        rows,
        quarantine,
        quarantined,
        store_bytes: store.size().ok(),
        is_told: false,
    })
}

fn row(standing: Standing) -> HealthRow {
    let status = |status: u64| if status > 0 { format!(" {status}") } else { String::new() };
    let last = standing.last.as_ref();
    HealthRow {
        source: standing.source,
        last: last.map(|last| (last.at, format!("{}{}", last.outcome, status(last.status)))),
        error: last.and_then(|last| last.error.clone()),
        // Cron begins on the minute.
        next: standing.next.map(|next| from_millis(next.millis().div_euclid(MINUTE) * MINUTE)),
        ..HealthRow::default()
    }
}

/// The newest of all that is in quarantine, each with why; and how many there are.
fn quarantine(spool: &Spool) -> Result<(Vec<(String, String)>, u64)> {
    let mut ids: Vec<SnapshotId> = Vec::new();
    for name in spool.quarantines()? {
        ids.extend(spool.quarantined(&name)?);
    }
    ids.sort_by_key(|id| std::cmp::Reverse(id.instant()));
    let all = ids.len() as u64;
    let named = ids.iter().take(NAMED).map(|id| Ok((id.to_string(), spool.why(id)?)));
    Ok((named.collect::<Result<_>>()?, all))
}
