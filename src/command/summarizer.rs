//! `summarizer`: folds the snapshots of `data/` into the store, then deletes them.

mod again;
mod alone;
mod backup;
mod forget;
mod report;
mod store;

use super::{Exit, Globals, Program, Setup, World};
use super::{output, shapes, status};
use crate::domain::time::Window;
use crate::tier::audit::{Audit, audit};
use crate::tier::sides::Attendant;
use crate::tier::summarize::Summarizer;
use crate::tier::{Progress, unserved};
use again::{RecountArguments, ReplayArguments, agenda, recount, replay, summarizer};
use alone::alone;
use anyhow::Result;
use backup::{BackupArguments, RestoreArguments, backup, restore};
use clap::{Parser, Subcommand};
use forget::{ForgetArguments, forget};
use report::{names, report, well};
use std::process::ExitCode;
use store::StoreAction;

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

impl Program for Arguments {
    const NAME: &'static str = "summarizer";

    fn globals(&self) -> &Globals {
        &self.globals
    }

    fn is_for_cron(&self) -> bool {
        matches!(&self.action, None | Some(Action::Run(RunArguments { dry_run: false, .. })))
    }
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
    /// Copy this home and its store, also while the programs run, into a new folder
    Backup(BackupArguments),
    /// Make a home and its store of a backup, where there is none
    Restore(RestoreArguments),
    /// Make a store ready, or copy one into another of any kind
    #[command(subcommand)]
    Store(StoreAction),
    /// Show what waits, how far each source is summarised, when the programs ran, what is wrong
    Status,
    /// Count what is given, for nothing: the program starts this itself, to see whether it lives
    #[command(hide = true)]
    Alone,
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
    /// Let more than seven days of a source expire or thin at once
    #[arg(long)]
    yes: bool,
}

const EXAMPLES: &str = "\
Examples:
  summarizer                       summarise the closed hours of this home
  summarizer run --all --dry-run   show what would be summarised now
  summarizer replay                count what quarantine holds, after a declaration was mended
  summarizer recount --from 2026-11-21 --to 2026-11-22 --dry-run
                                   show what counting two days again would change
  summarizer forget town-bikes     show what removing all of a source would remove
  summarizer backup /backup/$(date -u +%F)
                                   copy the home and its store while they are at work
  summarizer audit                 check that nothing is lost and nothing counted twice";

/// The program.
pub fn main(world: World) -> ExitCode {
    super::run(world, |arguments: Arguments, world| {
        if matches!(arguments.action, Some(Action::Alone)) {
            return alone(&arguments.globals.home, world);
        }
        if let Some(Action::Restore(given)) = &arguments.action {
            return restore(&arguments.globals, given, world);
        }
        let ground = arguments.globals.ground(world)?;
        if arguments.is_for_cron() {
            world.ping.begin(Arguments::NAME, &arguments.globals, &ground, world);
        }
        let setup = arguments.globals.setup_on(ground, world)?.archiving();
        match arguments.action.unwrap_or(Action::Run(RunArguments::default())) {
            Action::Run(run) => summarize(&setup, &run),
            Action::Replay(arguments) => replay(&setup, &arguments),
            Action::Recount(arguments) => recount(&setup, &arguments),
            Action::Forget(arguments) => forget(&setup, &arguments),
            Action::Backup(given) => backup(&setup, &given, &arguments.globals),
            Action::Store(action) => store::act(&setup, &action),
            Action::Alone | Action::Restore(_) => Ok(Exit::NothingDone),
            Action::Status => status::show(&setup, true),
            Action::Audit(audit) => show_audit(&setup, audit.days),
        }
    })
}

fn summarize(setup: &Setup, run: &RunArguments) -> Result<Exit> {
    let agenda = agenda(setup, run.all);
    if run.dry_run {
        let summary = agenda.look(&names(setup), &setup.console)?;
        old_enough(setup, run.adopt)?;
        return report(setup, &summary, true);
    }
    setup.spool.give_way();
    let store = setup.store(run.adopt).inspect_err(|error| {
        unserved::note(&agenda, setup.clock, &setup.journals, error, &setup.console);
    })?;
    let summarizer = summarizer(setup, &*store, agenda, run.adopt);
    let summary = Summarizer { yes: run.yes, ..summarizer }.run(&names(setup));
    setup.console.end();
    let summary = summary?;
    well(setup, &summary);
    for source in &setup.sources {
        if let Err(error) = setup.spool.keep_share(source) {
            setup.console.warn(&format!("{}: its terms are not kept: {error:#}", source.name));
        }
    }
    let (spool, clock, journals) = (&setup.spool, setup.clock, &setup.journals);
    let attendant = Attendant { spool, store: &*store, clock, journals };
    for source in &setup.sources {
        if let Err(error) = attendant.attend(source) {
            setup.console.warn(&format!("{}: its withdrawals wait: {error:#}", source.name));
        }
    }
    shapes::show(setup, &*store, &summary);
    report(setup, &summary, false)
}

/// Shows which hours would expire or thin, where there is a store.
fn old_enough(setup: &Setup, adopt: bool) -> Result<()> {
    let Ok(store) = setup.rehearsal(adopt) else { return Ok(()) };
    let summarizer = summarizer(setup, &*store, agenda(setup, false), adopt);
    let lines = summarizer.look_all_ages()?;
    if !setup.json {
        lines.iter().try_for_each(output::print_line)?;
    }
    Ok(())
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
    let is_clean = !setup.warn_of_journals()? && found.is_clean();
    Ok(if is_clean { Exit::AllDone } else { Exit::InPart })
}
