//! `summarizer`: folds the snapshots of `data/` into the store, then deletes them.

mod again;
mod forget;

use super::fetcher::busy;
use super::output;
use super::{Exit, Globals, Setup, World};
use crate::domain::document::Doc;
use crate::domain::name::SourceName;
use crate::domain::time::Window;
use crate::tier::Progress;
use crate::tier::audit::{Audit, audit};
use crate::tier::done::{Done, Figures, Summary};
use crate::tier::status::{Status, status};
use crate::tier::unserved;
use again::{RecountArguments, ReplayArguments, agenda, recount, replay, summarizer};
use anyhow::Result;
use clap::{Parser, Subcommand};
use forget::{ForgetArguments, forget};
use std::process::ExitCode;

/// Folds snapshots into hourly statistics in the store; run by cron every hour
///
/// A snapshot leaves data/ only after the store has durably acknowledged its whole batch.
#[derive(Parser)]
#[command(name = "summarizer", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Summarise the closed hours (this is also done without a command)
    Run(RunArguments),
    /// Count what is in quarantine, as far as it can be read under today's declarations
    Replay(ReplayArguments),
    /// Count hours again, whole, under today's declarations, from what the archive keeps
    Recount(RecountArguments),
    /// Remove all that was ever collected of a source
    Forget(ForgetArguments),
    /// Show what waits, and how far each source is summarised
    Status,
    /// Hold what landed against what is waiting, counted, partial or quarantined; check the rows
    Audit(AuditArguments),
}

#[derive(clap::Args)]
struct AuditArguments {
    /// How many days back
    #[arg(long, default_value_t = 31)]
    days: u16,
}

#[derive(clap::Args, Default)]
struct RunArguments {
    /// Also hours that have not closed yet
    #[arg(long)]
    all: bool,
    /// Show what would be done, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Feed a store, or a source in it, that belonged to another home
    #[arg(long)]
    adopt: bool,
}

const EXAMPLES: &str = "\
Examples:
  summarizer                       summarise the closed hours of this home
  summarizer run --all --dry-run   show what would be summarised now
  summarizer replay                count what quarantine holds, after a declaration was mended
  summarizer recount --from 2026-11-21 --to 2026-11-22 --dry-run
                                   show what counting two days again would change
  summarizer forget town-bikes     show what removing all of a source would remove
  summarizer audit                 check that nothing is lost and nothing counted twice";

/// Files left alone that are named one by one.
const LISTED: usize = 5;

/// How old a lock's holder may be before it is worth a message: two periods of the cron line.
const PATIENCE_S: i64 = 7200;

/// The program.
pub fn main(world: World) -> ExitCode {
    super::run(world, |arguments: Arguments, world| {
        let setup = arguments.globals.setup(world)?;
        match arguments.action.unwrap_or(Action::Run(RunArguments::default())) {
            Action::Run(run) => summarize(&setup, &run),
            Action::Replay(arguments) => replay(&setup, &arguments),
            Action::Recount(arguments) => recount(&setup, &arguments),
            Action::Forget(arguments) => forget(&setup, &arguments),
            Action::Status => show_status(&setup),
            Action::Audit(audit) => show_audit(&setup, audit.days),
        }
    })
}

fn names(setup: &Setup) -> Vec<SourceName> {
    setup.sources.iter().map(|source| source.name.clone()).collect()
}

fn summarize(setup: &Setup, run: &RunArguments) -> Result<Exit> {
    let agenda = agenda(setup, run.all);
    if run.dry_run {
        let summary = agenda.look(&names(setup), &setup.console)?;
        return report(setup, &summary, true);
    }
    let store = setup.store().or_else(|error| {
        unserved::note(&agenda, setup.clock, &setup.journals, &error)?;
        Err(error)
    })?;
    let summarizer = summarizer(setup, &*store, agenda, run.adopt);
    let summary = summarizer.run(&names(setup));
    setup.console.end();
    report(setup, &summary?, false)
}

fn report(setup: &Setup, summary: &Summary, dry_run: bool) -> Result<Exit> {
    let exit = exit(setup, summary);
    for (source, done) in summary {
        if dry_run && !setup.json {
            output::print_line(format_args!(
                "{source}: {} snapshots in {} batches are due",
                done.snapshots, done.batches
            ))?;
        } else if done.batches > 0 {
            setup.console.say(&format!(
                "{source}: committed {} snapshots in {} batches, {} rows",
                done.snapshots, done.batches, done.rows
            ));
        }
    }
    if setup.json {
        output::print_line(json(summary))?;
    }
    Ok(exit)
}

/// Tells what was not as it should be; how much was done.
fn exit(setup: &Setup, summary: &Summary) -> Exit {
    let exits: Vec<Exit> =
        summary.iter().map(|(source, done)| report_source(setup, source, done)).collect();
    let failed = exits.iter().filter(|exit| **exit == Exit::NothingDone).count();
    let partly = exits.contains(&Exit::InPart);
    match Exit::of(exits.len() - failed, failed) {
        Exit::AllDone if partly => Exit::InPart,
        exit => exit,
    }
}

fn report_source(setup: &Setup, source: &SourceName, done: &Done) -> Exit {
    if let Some(holder) = &done.busy {
        let job = format!("summarizer of {source}");
        return busy(setup, &job, Some(holder), PATIENCE_S);
    }
    for left in done.left.iter().take(LISTED) {
        setup.console.warn(&format!("{source}: left alone: {left}"));
    }
    if done.left.len() > LISTED {
        let more = done.left.len() - LISTED;
        setup.console.warn(&format!("{source}: left alone: {more} more files"));
    }
    if done.unread > 0 {
        setup.console.warn(&format!(
            "{source}: {} of {} snapshots have items that could not be read\n\
             hint: data/quarantine/{source}/ holds them, each beside its reason",
            done.unread, done.snapshots
        ));
    }
    for told in &done.remarks {
        setup.console.warn(&format!("{source}: {}", told.line()));
    }
    for error in &done.failed {
        setup.console.warn(&format!("{source}: {}", super::told(error)));
    }
    match Exit::of(done.batches as usize, done.failed.len()) {
        Exit::AllDone if done.unread > 0 || !done.remarks.is_empty() => Exit::InPart,
        exit => exit,
    }
}

fn json(summary: &Summary) -> String {
    let doc = |done: &Done| {
        let failed = done.failed.iter().map(|error| Doc::text(super::told(error)));
        let mut doc = Doc::map([
            ("batches", Doc::Int(done.batches as i64)),
            ("snapshots", Doc::Int(done.snapshots as i64)),
            ("rows", Doc::Int(done.rows as i64)),
            ("unread", Doc::Int(done.unread as i64)),
            ("failed", Doc::List(failed.collect())),
            ("remarks", Doc::List(done.remarks.iter().map(|r| Doc::text(r.line())).collect())),
        ]);
        if let (Doc::Map(pairs), Some(change)) = (&mut doc, done.change) {
            pairs.push(("before".into(), figures(change.before)));
            pairs.push(("after".into(), figures(change.after)));
        }
        doc
    };
    Doc::Map(summary.iter().map(|(name, done)| (name.to_string().into(), doc(done))).collect())
        .json()
}

fn figures(figures: Figures) -> Doc {
    Doc::map([
        ("hours", Doc::Int(figures.hours as i64)),
        ("snapshots", Doc::Int(figures.snapshots as i64)),
        ("rows", Doc::Int(figures.rows as i64)),
        ("not_whole", Doc::Int(figures.unread as i64)),
    ])
}

fn show_status(setup: &Setup) -> Result<Exit> {
    let store = setup.reader()?;
    let found = status(&setup.spool, &*store, &names(setup), setup.clock.started())?;
    if setup.json {
        output::print_line(Status::json(&found))?;
    } else {
        output::print(Status::table(&found, setup.clock.started()))?;
    }
    let told = found.iter().any(|status| !status.remarks.is_empty());
    Ok(if told { Exit::InPart } else { Exit::AllDone })
}

fn show_audit(setup: &Setup, days: u16) -> Result<Exit> {
    let store = setup.reader()?;
    let now = setup.clock.started();
    let hours = Window::of(now.before(chrono::Duration::days(days.into())))..Window::of(now).next();
    let found = audit(&setup.spool, &*store, &names(setup), &hours)?;
    if setup.json {
        output::print_line(found.json())?;
    } else {
        output::print(Audit::table(&found))?;
    }
    Ok(if found.is_clean() { Exit::AllDone } else { Exit::InPart })
}
