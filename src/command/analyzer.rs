//! `analyzer`: prints the daily report.

use super::{Exit, Globals, Setup, World};
use crate::domain::digest::{Period, Span};
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
    /// The week (Monday to Sunday) of that day [default: last week]
    #[arg(long, conflicts_with = "month")]
    week: bool,
    /// The month of that day [default: last month]
    #[arg(long)]
    month: bool,
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
        print(&setup, &report)
    })
}

fn print(setup: &Setup, report: &ReportArguments) -> Result<Exit> {
    let zone = setup.settings.report.zone;
    let today = setup.clock.started().with_timezone(&zone).date_naive();
    let span = match (report.week, report.month) {
        (true, _) => Span::Week,
        (_, true) => Span::Month,
        _ => Span::Day,
    };
    let period = match report.date {
        Some(day) => Period::of(span, day, zone),
        None => Period::of(span, today, zone).and_then(|now| now.before()),
    };
    let period = period.with_context(|| format!("there is no such day in the time zone {zone}"))?;
    if period.from > setup.clock.started() {
        bail!("{} has not begun in the time zone {zone}", period.day);
    }
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
