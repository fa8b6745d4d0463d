//! `summarizer replay`, `recount`, `forget`: again, otherwise, or not at all.

use super::summarizer::{agenda, report};
use super::{Exit, Setup, chosen};
use crate::domain::document::Doc;
use crate::domain::name::SourceName;
use crate::domain::time::{Day, Instant, Window, parse_iso};
use crate::edge::store::Writer;
use crate::tier::Progress;
use crate::tier::summarize::{Forgotten, Recounted, Summarizer, Tally};
use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

#[derive(clap::Args)]
pub struct ReplayArguments {
    /// Only these sources [default: all]
    sources: Vec<String>,
    /// Show what would be read again, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Feed a store, or a source in it, that belonged to another home
    #[arg(long)]
    adopt: bool,
}

#[derive(clap::Args)]
pub struct RecountArguments {
    /// Only these sources [default: all]
    sources: Vec<String>,
    /// The first hour: a day or an instant, UTC
    #[arg(long, value_name = "FROM")]
    from: String,
    /// The end: a day, which is taken whole, or an instant, UTC
    #[arg(long, value_name = "TO")]
    to: String,
    /// Count, show before and after, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// Feed a store, or a source in it, that belonged to another home
    #[arg(long)]
    adopt: bool,
}

#[derive(clap::Args)]
pub struct ForgetArguments {
    /// The source
    source: String,
    /// Remove what is shown
    #[arg(long)]
    yes: bool,
}

/// Differences that are named one by one.
const LISTED: usize = 5;

pub fn replay(setup: &Setup, arguments: &ReplayArguments) -> Result<Exit> {
    let sources = chosen(setup, &arguments.sources)?;
    let store = setup.store()?;
    let summarizer = summarizer(setup, &*store, arguments.adopt);
    let summary = summarizer.replay(&sources, arguments.dry_run);
    setup.console.end();
    Ok(report(setup, &summary?, arguments.dry_run))
}

pub fn recount(setup: &Setup, arguments: &RecountArguments) -> Result<Exit> {
    let mut sources = chosen(setup, &arguments.sources)?;
    if arguments.sources.is_empty() {
        sources.push(setup.journals.clone());
    }
    let from = instant(&arguments.from, false).context("--from")?;
    let to = instant(&arguments.to, true).context("--to")?;
    if from >= to {
        bail!("--from {} is not before --to {}", arguments.from, arguments.to);
    }
    let last = Window::of(to - chrono::Duration::milliseconds(1));
    let hours = Window::of(from)..last.next();
    let store = setup.store()?;
    let summarizer = summarizer(setup, &*store, arguments.adopt);
    let all = summarizer.recount(&sources, &hours, arguments.dry_run);
    setup.console.end();
    let all = all?;
    if setup.json {
        println!("{}", json(&all));
    } else {
        print!("{}", table(&all, arguments.dry_run));
    }
    for (source, done) in &all {
        for error in done.failed.iter().take(LISTED) {
            setup.console.warn(&format!("{source}: {}", super::told(error)));
        }
        if done.failed.len() > LISTED {
            let more = done.failed.len() - LISTED;
            setup.console.warn(&format!("{source}: {more} more hours were left as they are"));
        }
        if let Some(holder) = &done.busy {
            setup.console.warn(&format!("{source}: another run is at work ({})", holder.trim()));
        }
    }
    let failed: usize = all.values().map(|done| done.failed.len()).sum();
    let busy = all.values().filter(|done| done.busy.is_some()).count();
    let hours: u64 = all.values().map(|done| done.hours).sum();
    Ok(Exit::of(hours as usize, failed + busy))
}

pub fn forget(setup: &Setup, arguments: &ForgetArguments) -> Result<Exit> {
    let name = SourceName::parse(&arguments.source).filter(|name| !name.is_journals());
    let name = name.with_context(|| format!("{:?} is no source's name", arguments.source))?;
    let store = setup.store()?;
    let found = summarizer(setup, &*store, false).forget(&name, arguments.yes)?;
    println!("{}", shown(&name, &found));
    if setup.sources.iter().any(|source| source.name == name) {
        setup.console.warn(&format!(
            "{name} is still declared, and will be fetched again\n\
             hint: take sources/{name}.toml away"
        ));
    }
    if !found.done {
        setup.console.warn("nothing was removed; --yes removes it, for good");
    }
    Ok(Exit::AllDone)
}

fn shown(name: &SourceName, found: &Forgotten) -> String {
    let files = found.files;
    let days = match (found.days.first(), found.days.last()) {
        (Some(first), Some(last)) => format!(" of {first} to {last}"),
        _ => String::new(),
    };
    format!(
        "{name}{}: {} rows in {} entries of the ledger{days}; files: {} waiting, {} in batches, {} \
         in quarantine, {} in the archive",
        if found.done { ", forgotten" } else { "" },
        found.rows,
        found.entries,
        files.waiting,
        files.batched,
        files.quarantined,
        files.archived
    )
}

fn summarizer<'a>(setup: &'a Setup, store: &'a dyn Writer, adopt: bool) -> Summarizer<'a> {
    Summarizer {
        spool: &setup.spool,
        store,
        clock: setup.clock,
        agenda: agenda(setup, false),
        adopt,
        journals: &setup.journals,
        progress: &setup.console,
    }
}

/// A day, its first instant or its end; or an instant.
fn instant(text: &str, end: bool) -> Result<Instant> {
    if let Some(at) = parse_iso(text) {
        return Ok(at);
    }
    let day: Day = text.parse().ok().with_context(|| {
        format!("{text:?} is neither a day (2026-11-22) nor an instant (2026-11-22T02:00:00Z)")
    })?;
    let start = day.and_time(chrono::NaiveTime::MIN).and_utc();
    Ok(if end { start + chrono::Duration::days(1) } else { start })
}

fn table(all: &BTreeMap<SourceName, Recounted>, dry_run: bool) -> String {
    let mut out = format!(
        "{:<28}{:>6}{:>21}{:>21}{:>21}\n",
        "source", "hours", "snapshots", "rows", "with unread items"
    );
    for (source, done) in all.iter().filter(|(_, done)| done.hours > 0 || !done.failed.is_empty()) {
        let (before, after) = (done.before, done.after);
        let change = |of: fn(&Tally) -> u64| format!("{} -> {}", of(&before), of(&after));
        out += &format!(
            "{source:<28}{:>6}{:>21}{:>21}{:>21}\n",
            done.hours,
            change(|tally| tally.snapshots),
            change(|tally| tally.rows),
            change(|tally| tally.unread)
        );
    }
    out + if dry_run { "nothing was written\n" } else { "" }
}

fn json(all: &BTreeMap<SourceName, Recounted>) -> String {
    let tally = |tally: Tally| {
        Doc::map([
            ("snapshots", Doc::Int(tally.snapshots as i64)),
            ("rows", Doc::Int(tally.rows as i64)),
            ("unread", Doc::Int(tally.unread as i64)),
        ])
    };
    let doc = |done: &Recounted| {
        let failed = done.failed.iter().map(|error| Doc::text(super::told(error)));
        Doc::map([
            ("hours", Doc::Int(done.hours as i64)),
            ("before", tally(done.before)),
            ("after", tally(done.after)),
            ("failed", Doc::List(failed.collect())),
        ])
    };
    Doc::Map(all.iter().map(|(name, done)| (name.to_string().into(), doc(done))).collect()).json()
}
