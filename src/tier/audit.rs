//! The audit: the balance of what landed, and each live entry held against its rows.

mod rows;

use super::view::{journals_kept, live, live_days, readable, runs_of};
use crate::domain::balance::{Account, Balance, Facts};
use crate::domain::document::Doc;
use crate::domain::format::english;
use crate::domain::journal::claimed;
use crate::domain::ledger::{Entry, Kind, Ledger};
use crate::domain::name::SourceName;
use crate::domain::positions::Missing;
use crate::domain::snapshot::SnapshotId;
use crate::domain::time::{Instant, Window};
use crate::edge::spool::{self, Spool};
use crate::edge::store::{Feed, Reader};
use anyhow::{Result, anyhow};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::ops::Range;

/// What an audit found.
#[derive(Debug, Default)]
pub struct Audit {
    pub balance: Balance,
    /// Live entries that were checked.
    pub entries: u64,
    /// Their rows.
    pub rows: u64,
    /// Entries whose rows are not those that were committed.
    pub damaged: Vec<String>,
    /// What this user may not see and the balance needs.
    pub hidden: Vec<String>,
}

impl Audit {
    pub fn is_clean(&self) -> bool {
        self.balance.is_balanced() && self.damaged.is_empty() && self.hidden.is_empty()
    }

    fn totals(&self) -> impl Iterator<Item = (&SourceName, Account)> {
        let names: BTreeSet<&SourceName> = self.balance.accounts.keys().map(|(n, _)| n).collect();
        names.into_iter().map(|name| (name, self.balance.total(name)))
    }

    /// For people: an account per source, then each difference.
    pub fn table(&self) -> String {
        let mut out = format!(
            "{:<28}{:>9}{:>9}{:>9}{:>9}{:>12}{:>6}{:>10}\n",
            "source", "landed", "waiting", "counted", "partial", "quarantined", "lost", "unclaimed"
        );
        for (name, a) in self.totals() {
            let _ = writeln!(
                out,
                "{name:<28}{:>9}{:>9}{:>9}{:>9}{:>12}{:>6}{:>10}",
                a.landed, a.waiting, a.counted, a.partial, a.quarantined, a.lost, a.unclaimed
            );
        }
        for (name, account) in self.totals().filter(|(_, account)| account.elsewhere > 0) {
            let _ = writeln!(out, "{name}: {} of these wait in another home", account.elsewhere);
        }
        self.balance.lost.iter().for_each(|id| out += &format!("lost: {id}\n"));
        self.balance.unclaimed.iter().for_each(|id| out += &format!("unclaimed: {id}\n"));
        self.damaged.iter().for_each(|what| out += &format!("damaged: {what}\n"));
        self.hidden.iter().for_each(|what| out += &format!("INCOMPLETE: {what}\n"));
        let verdict = if self.is_clean() { "the difference is zero" } else { "NOT CLEAN" };
        out + &format!(
            "{} and {} checked: {verdict}\n",
            english(self.entries, "entry", "entries"),
            english(self.rows, "row", "rows")
        )
    }

    pub fn json(&self) -> String {
        let ids = |ids: &[SnapshotId]| {
            Doc::List(ids.iter().map(|id| Doc::text(id.to_string())).collect())
        };
        let damaged = self.damaged.iter().map(Doc::text);
        Doc::map([
            ("clean", Doc::Int(self.is_clean().into())),
            ("entries", Doc::Int(self.entries as i64)),
            ("rows", Doc::Int(self.rows as i64)),
            ("lost", ids(&self.balance.lost)),
            ("unclaimed", ids(&self.balance.unclaimed)),
            ("damaged", Doc::List(damaged.collect())),
            ("hidden", Doc::List(self.hidden.iter().map(Doc::text).collect())),
        ])
        .json()
    }
}

/// Audits the snapshots and entries of a range of hours.
pub fn audit(
    spool: &Spool,
    store: &dyn Reader,
    declared: &[SourceName],
    hours: &Range<Window>,
) -> Result<Audit> {
    let examine = store.examination();
    let (malformed, audited) = std::thread::scope(|scope| {
        let examined = scope.spawn(examine);
        let audited = audit_contents(spool, store, declared, hours);
        (examined.join(), audited)
    });
    let malformed = malformed.map_err(|_| anyhow!("the look through the store ended early"))??;
    if !malformed.is_empty() {
        // Whatever else it says cannot be trusted.
        let damaged = malformed.iter().map(|what| format!("the store itself: {what}")).collect();
        return Ok(Audit { damaged, ..Audit::default() });
    }
    audited
}

fn audit_contents(
    spool: &Spool,
    store: &dyn Reader,
    declared: &[SourceName],
    hours: &Range<Window>,
) -> Result<Audit> {
    let mut audit = Audit::default();
    audit.balance(spool, store, declared, hours)?;
    let mut names: BTreeSet<SourceName> = declared.iter().cloned().collect();
    names.extend(store.feeds()?.into_iter().map(|feed| feed.source));
    names.insert(SourceName::journals());
    for source in &names {
        audit.source(store, source, hours)?;
    }
    Ok(audit)
}

/// Journals that count in the ledgers of several homes, hour by hour: from the archive of one
/// home, an older version counted those of another once more.
fn doubled(live: &[Entry]) -> Vec<String> {
    let mut keepers: BTreeMap<(Window, &str), BTreeSet<&str>> = BTreeMap::new();
    for entry in live.iter().filter(|entry| entry.source.is_journals()) {
        let counted = entry.snapshots.iter().filter(|(_, missing)| **missing != Missing::All);
        for (id, _) in counted {
            keepers.entry((entry.hour, id)).or_default().insert(&entry.keeper);
        }
    }
    let mut hours: BTreeMap<Window, usize> = BTreeMap::new();
    for ((hour, _), _) in keepers.iter().filter(|(_, homes)| homes.len() > 1) {
        *hours.entry(*hour).or_default() += 1;
    }
    let words = |(hour, n): (Window, usize)| {
        let (name, next) = (SourceName::journals(), hour.next());
        let hint = format!("summarizer recount --from {hour} --to {next} {name}");
        format!(
            "{name} {hour}: {} for more than one home\nhint: {hint}",
            english(n as u64, "journal counts", "journals count")
        )
    };
    hours.into_iter().map(words).collect()
}

fn is_refused(error: &anyhow::Error) -> bool {
    error.downcast_ref::<spool::Error>().is_some_and(spool::Error::is_refused)
}

/// The id of this home, if it has one. Who may not see that knows it where only one feeds the
/// store.
pub(super) fn own_home(spool: &Spool, feeds: &[Feed]) -> Result<Option<String>> {
    if let Some(identity) = spool.seen_identity()? {
        return Ok(Some(identity.id));
    }
    let fed = feeds.iter().map(|feed| &feed.home).filter(|home| !home.is_empty());
    let fed: BTreeSet<&String> = fed.collect();
    let only = if spool.is_hidden() && fed.len() == 1 { fed.first() } else { None };
    Ok(only.map(|home| home.to_string()))
}

/// The balance over a range of hours. When something differs, a run may have been at work
/// between two looks: then all is looked at once more.
pub fn balance(
    spool: &Spool,
    store: &dyn Reader,
    declared: &[SourceName],
    hours: &Range<Window>,
) -> Result<Balance> {
    let first = Balance::of(&facts(spool, store, declared, hours)?);
    if first.is_balanced() {
        return Ok(first);
    }
    let mut facts = facts(spool, store, declared, hours)?;
    let forgotten = unwitnessed(store, hours)?;
    let found = facts.found.keys().chain(&facts.waiting).cloned();
    facts.untold.extend(found.filter(|id| forgotten.contains(&id.window())));
    Ok(Balance::of(&facts))
}

/// The hours of which the journals, or some, have expired: what landed then nobody tells any more.
/// Those of a recording tell of any hour.
fn unwitnessed(store: &dyn Reader, hours: &Range<Window>) -> Result<BTreeSet<Window>> {
    let all = hours.start.previous()..Window::of(Instant::MAX);
    let mut expired = live(store, &SourceName::journals(), &all)?.entries;
    expired.retain(|entry| entry.kind == Kind::Expiry);
    let is_recorded = |entry: &Entry| entry.hour >= hours.end.next();
    if expired.iter().any(is_recorded) {
        return Ok(Window::between(hours.start.start(), hours.end.start()).collect());
    }
    Ok(expired.iter().flat_map(|entry| [entry.hour, entry.hour.next()]).collect())
}

fn names(
    spool: &Spool,
    store: &dyn Reader,
    declared: &[SourceName],
) -> Result<BTreeSet<SourceName>> {
    let mut names: BTreeSet<SourceName> = declared.iter().cloned().collect();
    names.extend(spool.folders()?);
    names.extend(store.feeds()?.into_iter().map(|feed| feed.source));
    names.remove(&SourceName::journals());
    Ok(names)
}

fn facts(
    spool: &Spool,
    store: &dyn Reader,
    declared: &[SourceName],
    hours: &Range<Window>,
) -> Result<Facts> {
    let feeds = store.feeds()?;
    let homes = Homes::new(own_home(spool, &feeds)?.unwrap_or_default(), feeds);
    let mut facts = Facts::default();
    let within = |id: &SnapshotId| hours.contains(&id.window()) && !homes.is_forgotten(id);
    facts.claimed.extend(spool.claims()?.into_iter().filter(within));
    let names = names(spool, store, declared)?;
    for source in &names {
        facts.waiting.extend(spool.held(source)?.into_iter().filter(within));
    }
    for source in &names {
        for day in store.days_within(source, &(hours.start.day()..=hours.end.day()))? {
            let (ledger, _) = readable(store.entries(source, day)?);
            let found = ledger.found(None).into_iter();
            let id = |name: &str| SnapshotId::parse_near(name, Some(source));
            let ids = found.filter_map(|(name, missing)| Some((id(name)?, missing)));
            facts.found.extend(ids.filter(|(id, _)| within(id)));
            facts.untold.extend(homes.untold(&ledger).filter(within));
        }
    }
    let known = facts.found.keys().chain(&facts.waiting);
    let recorded = spool.may_be_recorded()? || known.into_iter().any(|id| id.recorded().is_some());
    let runs = runs_of(hours, recorded);
    let own = claims(store, &runs, &|keeper| keeper == homes.own)?;
    facts.claimed.extend(own.into_iter().filter(within));
    let handed_over = facts.claimed.iter().filter(|id| homes.may_be_handed_over(id));
    facts.elsewhere = handed_over.cloned().collect();
    let mut others = homes.others().peekable();
    let ours = if others.peek().is_some() { facts.claimed.clone() } else { BTreeSet::new() };
    for home in others {
        for id in claims(store, &runs, &|keeper| keeper == home)?.into_iter().filter(within) {
            if !ours.contains(&id) && homes.may_wait_at(home, &id) {
                facts.elsewhere.insert(id.clone());
            }
            facts.claimed.insert(id);
        }
    }
    Ok(facts)
}

/// The snapshots that journals in the store claim.
fn claims(
    store: &dyn Reader,
    runs: &Range<Window>,
    wanted: &dyn Fn(&str) -> bool,
) -> Result<Vec<SnapshotId>> {
    let journals = journals_kept(store, runs, wanted)?;
    let landed = journals.records.values().filter(|r| r.text("event") == Some("landed"));
    let texts = landed.filter_map(|record| record.text("snapshots"));
    Ok(texts.flat_map(claimed).collect())
}

/// Which home feeds what, and how far: the balance is the store's, and only one of the homes that
/// feed it is here.
struct Homes {
    own: String,
    /// By source.
    feeds: BTreeMap<SourceName, Feed>,
    /// By home, until when its journals are summarised.
    journals: BTreeMap<String, Option<Instant>>,
}

impl Homes {
    fn new(own: String, feeds: Vec<Feed>) -> Homes {
        let (journals, feeds): (Vec<Feed>, Vec<Feed>) =
            feeds.into_iter().partition(|feed| feed.source.is_journals());
        let journals = journals.into_iter().map(|feed| (feed.home, feed.closed_through)).collect();
        let feeds = feeds.into_iter().map(|feed| (feed.source.clone(), feed)).collect();
        Homes { own, feeds, journals }
    }

    fn is_forgotten(&self, id: &SnapshotId) -> bool {
        let through = self.feeds.get(id.source()).and_then(|feed| feed.forgotten_through);
        through.is_some_and(|through| id.instant() < through)
    }

    /// The other homes whose journals are in this store.
    fn others(&self) -> impl Iterator<Item = &str> {
        self.journals.keys().map(String::as_str).filter(|home| *home != self.own)
    }

    /// Whether a snapshot that landed here may wait in another home: its source was handed over,
    /// and the hour is not summarised yet.
    fn may_be_handed_over(&self, id: &SnapshotId) -> bool {
        let feed = self.feeds.get(id.source());
        feed.is_some_and(|feed| !feed.home.is_empty() && feed.home != self.own)
            && !self.is_closed(id)
    }

    /// Whether a snapshot that landed in another home may wait there: the hour is not summarised
    /// yet, or that home is not the one whose answers of this source are taken. That one may keep
    /// them for good, and says nothing of it in the store: only its own audit can look.
    fn may_wait_at(&self, home: &str, id: &SnapshotId) -> bool {
        let feeder = self.feeds.get(id.source()).map(|feed| feed.home.as_str());
        feeder != Some(home) || !self.is_closed(id)
    }

    fn is_closed(&self, id: &SnapshotId) -> bool {
        let feed = self.feeds.get(id.source());
        let closed = feed.and_then(|feed| feed.closed_through);
        closed.is_some_and(|through| through >= id.window().end())
    }

    /// The snapshots that another home counted, of which its journals do not tell yet. Those of a
    /// recording land at any time, and so do their journals.
    fn untold<'a>(&'a self, ledger: &'a Ledger) -> impl Iterator<Item = SnapshotId> + 'a {
        let others = ledger.live(None).filter(|entry| entry.home != self.own);
        others.flat_map(|entry| {
            let told = self.journals.get(&entry.home).map(|through| through.unwrap_or_default());
            let is_untold = move |id: &SnapshotId, through: Instant| {
                through < id.window().end() || id.recorded().is_some()
            };
            entry.ids().filter(move |id| told.is_some_and(|through| is_untold(id, through)))
        })
    }
}

impl Audit {
    /// Audits the entries of a source, day by day.
    fn source(
        &mut self,
        store: &dyn Reader,
        source: &SourceName,
        hours: &Range<Window>,
    ) -> Result<()> {
        let (mut told, mut rows) = (Vec::new(), Audit::default());
        for live in live_days(store, source, hours)? {
            let live = live?;
            let unread = live.unread.iter();
            self.damaged.extend(unread.map(|(day, unread)| format!("{source} {day}: {unread}")));
            told.extend(doubled(&live.entries));
            rows.check(store, &live.entries.iter().collect::<Vec<_>>())?;
        }
        self.damaged.extend(told.into_iter().chain(rows.damaged));
        self.entries += rows.entries;
        self.rows += rows.rows;
        Ok(())
    }

    /// Takes the balance, as far as this user may see what it is made of.
    fn balance(
        &mut self,
        spool: &Spool,
        store: &dyn Reader,
        declared: &[SourceName],
        hours: &Range<Window>,
    ) -> Result<()> {
        if spool.is_hidden() && own_home(spool, &store.feeds()?)?.is_none() {
            let why = "which of the homes that feed the store this is, this user may not see";
            self.hidden.push(why.into());
        }
        match balance(spool, store, declared, hours) {
            Ok(balance) => self.balance = balance,
            Err(error) if is_refused(&error) => self.hidden.push(format!("{error:#}")),
            Err(error) => return Err(error),
        }
        Ok(())
    }
}
