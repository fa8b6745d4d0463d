//! What a scene is made of, seen without making it: a store of thousands of series is not read
//! again while nothing came.

use super::health::health;
use super::scene::{Stage, hours_of};
use crate::domain::digest::Period;
use crate::domain::screen::{Edition, Health, Pulse, Scene, SourceView};
use crate::domain::source::Source;
use crate::domain::time::{Day, Instant};
use crate::edge::store::Reader;
use anyhow::Result;
use chrono::TimeDelta;
use std::collections::BTreeMap;

/// How long a scene stays though nothing changed: how long ago things were does.
pub const LONG: TimeDelta = TimeDelta::seconds(90);

/// Two of these are equal as long as a scene would say the same, but for how long ago things were.
#[derive(PartialEq)]
pub struct Glance {
    /// The store's own id: another one may be put in its place.
    pub store: String,
    period: Period,
    /// Names and digests of the declarations.
    sources: Vec<(String, String)>,
    /// How far the ledgers have grown.
    growth: Vec<BTreeMap<Day, u64>>,
    health: Health,
    editions: Vec<Edition>,
}

impl Glance {
    pub fn of(
        stage: &Stage,
        store: &dyn Reader,
        sources: &[Source],
        period: &Period,
        now: Instant,
    ) -> Result<Glance> {
        let hours = hours_of(period, now);
        let days = hours.start.day()..=hours.end.day();
        let names = sources.iter().flat_map(Source::names);
        let growth = names.map(|name| store.growth(&name, &days));
        let named = |source: &Source| (source.name.to_string(), source.declaration.digest.hex());
        let (spool, settings) = (&stage.spool, &stage.settings);
        let mut health = health(spool, store, sources, settings, &BTreeMap::new(), now)?;
        // Time goes on by itself.
        health.rows.iter_mut().for_each(|row| row.next = None);
        Ok(Glance {
            // One that is not there yet has none.
            store: store.id().unwrap_or_default(),
            period: period.clone(),
            sources: sources.iter().map(named).collect(),
            growth: growth.collect::<std::result::Result<_, _>>()?,
            health,
            editions: spool.editions()?,
        })
    }
}

/// Whether a scene says what the last one said, and that is not long ago: pages that are open, and
/// answers that are made, stay as they are.
pub fn says_the_same(last: &Scene, scene: &Scene) -> bool {
    let is_same = last.away.is_none()
        && last.period == scene.period
        && last.report == scene.report
        && last.latest == scene.latest
        && last.findings == scene.findings
        && last.health == scene.health
        && last.editions == scene.editions
        && last.sources.iter().map(Beat::of).eq(scene.sources.iter().map(Beat::of));
    is_same && scene.looked - last.looked < LONG
}

/// What of a source changes by itself.
#[derive(PartialEq)]
struct Beat<'a>(&'a str, Option<Instant>, Pulse);

impl Beat<'_> {
    fn of(source: &SourceView) -> Beat<'_> {
        Beat(&source.name, source.last, source.pulse)
    }
}
