//! `analyzer`: prints the daily report.

use super::{Exit, Globals, Setup, World};
use crate::domain::digest::Period;
use crate::domain::time::Day;
use crate::tier::Progress;
use crate::tier::analyze::Analyzer;
use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use std::process::ExitCode;

/// Prints the daily report in PDF; run by cron every day
#[derive(Parser)]
#[command(name = "analyzer", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    #[command(subcommand)]
    action: Option<Action>,
}

#[derive(Subcommand)]
enum Action {
    /// Print the report of a day into reports/ (of yesterday, also without a command)
    Report(ReportArguments),
}

#[derive(clap::Args, Default)]
struct ReportArguments {
    /// The day, of the report's time zone [default: yesterday]
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Day>,
}

const EXAMPLES: &str = "\
Examples:
  analyzer                             print yesterday's report into reports/
  analyzer report --date 2026-11-21    print that day's, again if it is there";

/// The program.
pub fn main(world: World) -> ExitCode {
    super::run(world, |arguments: Arguments, world| {
        let setup = arguments.globals.setup(world)?;
        let action = arguments.action.unwrap_or(Action::Report(ReportArguments::default()));
        let Action::Report(report) = action;
        print(&setup, report.date)
    })
}

fn print(setup: &Setup, date: Option<Day>) -> Result<Exit> {
    let zone = setup.settings.report.zone;
    let today = setup.clock.started().with_timezone(&zone).date_naive();
    let day = date.or(today.pred_opt()).context("there is no day before this one")?;
    if day > today {
        bail!("{day} has not begun in the time zone {zone}");
    }
    let period = Period::day(day, zone)
        .with_context(|| format!("{day} is no day in the time zone {zone}"))?;
    let store = setup.store()?;
    let analyzer = Analyzer {
        spool: &setup.spool,
        store: store.as_reader(),
        settings: &setup.settings.report,
        clock: setup.clock,
        journals: &setup.journals,
    };
    setup.console.begin("printing", 0);
    let path = analyzer.report(&setup.sources, period);
    setup.console.end();
    let path = path?;
    if !setup.json && setup.console.talks() {
        println!("{}", path.display());
    }
    if setup.json {
        let path = crate::domain::document::Doc::text(path.display().to_string());
        println!("{}", crate::domain::document::Doc::map([("report", path)]).json());
    }
    Ok(Exit::AllDone)
}
