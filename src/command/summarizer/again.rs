//! `summarizer replay` and `recount`: what is in quarantine once more; whole hours once more.

use super::report::{exit, report};
use crate::command::{Exit, Setup, output, shapes};
use crate::domain::limits::SUMMARIZER_MINUTES;
use crate::domain::name::SourceName;
use crate::domain::source::Source;
use crate::domain::time::{Window, parse_iso};
use crate::edge::store::Writer;
use crate::tier::Progress;
use crate::tier::agenda::Agenda;
use crate::tier::done::Summary;
use crate::tier::summarize::Summarizer;
use anyhow::{Result, anyhow, bail};
use std::collections::BTreeSet;

#[derive(clap::Args)]
pub struct ReplayArguments {
    /// Only these [default: all that have something in quarantine]
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// Show what would be replayed, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Feed a store, or a source in it, that belonged to another home
    #[arg(long)]
    adopt: bool,
}

#[derive(clap::Args)]
pub struct RecountArguments {
    /// Only these [default: all that are declared]
    #[arg(value_name = "SOURCE")]
    sources: Vec<String>,
    /// The first hour: a day, an hour (2026-11-22T02) or an instant in it, UTC
    #[arg(long, value_name = "INSTANT|DAY", value_parser = from)]
    from: Window,
    /// The end: through this day, or up to this hour or instant, UTC
    #[arg(long, value_name = "INSTANT|DAY", value_parser = to)]
    to: Window,
    /// Show what would change, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Feed a store, or a source in it, that belonged to another home
    #[arg(long)]
    adopt: bool,
}

const INSTANTS: &str = "a day, an hour or an instant: 2026-11-22, 2026-11-22T02, \
                        2026-11-22T02:41:00Z";

/// The hour in which something begins.
fn from(text: &str) -> Result<Window, String> {
    let day = || Window::parse(&format!("{text}T00"));
    let instant = || parse_iso(text).map(Window::of);
    Window::parse(text).or_else(day).or_else(instant).ok_or_else(|| INSTANTS.into())
}

/// The first hour that something does not touch any more.
fn to(text: &str) -> Result<Window, String> {
    let day = || Window::parse(&format!("{text}T23")).map(Window::next);
    let instant = || {
        let at = parse_iso(text)?;
        let hour = Window::of(at);
        Some(if at == hour.start() { hour } else { hour.next() })
    };
    Window::parse(text).or_else(day).or_else(instant).ok_or_else(|| INSTANTS.into())
}

/// Counts hours again, whole, under today's declarations.
pub fn recount(setup: &Setup, arguments: &RecountArguments) -> Result<Exit> {
    let range = arguments.from..arguments.to;
    if range.is_empty() {
        bail!("there is no hour between {} and {}", range.start, range.end);
    }
    let mut sources = picked(setup, &arguments.sources)?;
    if arguments.sources.is_empty() && !setup.spool.archives() {
        // Without an archive nobody has the journals any more.
        sources.retain(|source| !source.name.is_journals());
    }
    let store = writer(setup, arguments.dry_run, arguments.adopt)?;
    let summarizer = summarizer(setup, &*store, agenda(setup, false), arguments.adopt);
    let sources: Vec<&Source> = sources.iter().collect();
    let summary: Result<Summary> = match arguments.dry_run {
        true => summarizer.look_recount(&sources, &range),
        false => summarizer.recount(&sources, &range),
    };
    setup.console.end();
    let summary = summary?;
    if !arguments.dry_run {
        shapes::show(setup, &*store, &summary);
    }
    if setup.json {
        return report(setup, &summary, false);
    }
    output::print(changes(&summary))?;
    let declared = known(setup);
    let archived = setup.spool.archived_sources()?;
    for name in archived.iter().filter(|name| !declared.contains(name) && !name.is_journals()) {
        setup.console.warn(&format!("{name}: left alone: it is not declared any more"));
    }
    Ok(exit(setup, &summary))
}

/// For people: before and after, per source.
fn changes(summary: &Summary) -> String {
    let mut out = format!(
        "{:<28}{:<8}{:>7}{:>11}{:>11}{:>12}\n",
        "source", "", "hours", "snapshots", "rows", "not whole"
    );
    for (source, change) in summary.iter().filter_map(|(s, d)| Some((s.as_str(), d.change?))) {
        for (name, when, f) in [(source, "before", change.before), ("", "after", change.after)] {
            out += &format!(
                "{name:<28}{when:<8}{:>7}{:>11}{:>11}{:>12}\n",
                f.hours, f.snapshots, f.rows, f.unread
            );
        }
    }
    out
}

/// Counts what of the quarantine can be read today.
pub fn replay(setup: &Setup, arguments: &ReplayArguments) -> Result<Exit> {
    let held = setup.spool.quarantines()?;
    let mut sources = picked(setup, &arguments.sources)?;
    if arguments.sources.is_empty() {
        sources.retain(|source| held.contains(&source.name));
        let declared = known(setup);
        for name in held.iter().filter(|name| !declared.contains(name) && !name.is_journals()) {
            setup.console.warn(&format!("{name}: left alone: it is not declared any more"));
        }
    }
    let store = writer(setup, arguments.dry_run, arguments.adopt)?;
    let summarizer = summarizer(setup, &*store, agenda(setup, false), arguments.adopt);
    let sources: Vec<&Source> = sources.iter().collect();
    let summary: Result<Summary> = match arguments.dry_run {
        true => summarizer.look_replay(&sources),
        false => summarizer.replay(&sources),
    };
    setup.console.end();
    let summary = summary?;
    if !arguments.dry_run {
        shapes::show(setup, &*store, &summary);
    }
    report(setup, &summary, arguments.dry_run)
}

/// The store; a dry run only reads it.
fn writer(setup: &Setup, dry_run: bool, adopt: bool) -> Result<Box<dyn Writer>> {
    if dry_run {
        return setup.rehearsal(adopt);
    }
    setup.spool.give_way();
    setup.store(adopt)
}

/// The named sources, or all; the journals last. What landed under a name that a source had is
/// counted under that name, as the declaration of today says.
fn picked(setup: &Setup, names: &[String]) -> Result<Vec<Source>> {
    let former = |source: &Source| {
        let named = |name: &SourceName| Source { name: name.clone(), ..source.clone() };
        source.names().iter().map(named).collect::<Vec<Source>>()
    };
    let all = setup.sources.iter().flat_map(former).chain([setup.journals.clone()]);
    let all: Vec<Source> = all.collect();
    if names.is_empty() {
        return Ok(all);
    }
    let find = |name: &String| {
        all.iter().find(|source| source.name.as_str() == name).cloned().ok_or_else(|| {
            anyhow!(
                "{name} is not declared\n\
                 hint: what is counted again is read as sources/{name}.toml says today"
            )
        })
    };
    names.iter().map(find).collect()
}

/// The names that the sources have and had.
fn known(setup: &Setup) -> BTreeSet<SourceName> {
    setup.sources.iter().flat_map(Source::names).collect()
}

pub(super) fn summarizer<'a>(
    setup: &'a Setup,
    store: &'a dyn Writer,
    agenda: Agenda<'a>,
    adopt: bool,
) -> Summarizer<'a> {
    Summarizer {
        spool: &setup.spool,
        store,
        clock: setup.clock,
        agenda,
        adopt,
        journals: &setup.journals,
        retentions: &setup.retentions,
        yes: false,
        patience: chrono::Duration::minutes(SUMMARIZER_MINUTES),
        trier: setup.trier(),
        progress: &setup.console,
    }
}

pub(super) fn agenda(setup: &Setup, all: bool) -> Agenda<'_> {
    Agenda {
        spool: &setup.spool,
        now: setup.clock.started(),
        close_after: setup.settings.summarizer.close_after,
        all,
    }
}
