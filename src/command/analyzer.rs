//! `analyzer`: prints the daily report.

use super::{Exit, Globals, Program, Setup, World};
use super::{output, status};
use crate::domain::digest::{Period, Span};
use crate::domain::document::Doc;
use crate::domain::time::Day;
use crate::tier::Progress;
use crate::tier::analyze::Analyzer;
use crate::tier::export::{self, Export};
use anyhow::{Context, Result, bail};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
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

impl Program for Arguments {
    const NAME: &'static str = "analyzer";

    fn globals(&self) -> &Globals {
        &self.globals
    }

    fn is_for_cron(&self) -> bool {
        match &self.action {
            None => true,
            Some(Action::Report(report)) => report.date.is_none(),
            Some(Action::Status | Action::Export(_)) => false,
        }
    }
}

#[derive(Subcommand)]
enum Action {
    /// Show what waits, how far each source is summarised, when the programs ran, what is wrong
    Status,
    /// Print yesterday's report into reports/, and those of the last 31 days that are missing or
    /// out of date (this is also done without a command)
    Report(ReportArguments),
    /// Write hourly statistics and records as CSV or NDJSON, with a Data Package beside them
    Export(ExportArguments),
}

#[derive(clap::Args)]
struct ExportArguments {
    /// How the tables are written
    #[arg(long, value_enum, default_value_t = Form::Csv)]
    format: Form,
    /// The first day, of the report's time zone [default: yesterday]
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<Day>,
    /// The last day, taken whole [default: the first]
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<Day>,
    /// Only these sources
    #[arg(long = "source", value_name = "NAME")]
    sources: Vec<String>,
    /// Where the files go [default: exports/ in the home]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Csv,
    Ndjson,
}

#[derive(clap::Args, Default)]
struct ReportArguments {
    /// Only this day, of the report's time zone, whether its report is there or not
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<Day>,
    /// The week (Monday to Sunday) of that day [default: last week]
    #[arg(long, conflicts_with = "month")]
    week: bool,
    /// The month of that day [default: last month]
    #[arg(long)]
    month: bool,
    /// Where the report goes; then only this one is printed [default: reports/ in the home]
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  analyzer                             print yesterday's report, and what is missing
  analyzer report --date 2026-11-21    print that day's, again if it is there
  analyzer export --from 2026-11-01 --to 2026-11-07    a week as CSV, with a Data Package";

/// The program.
pub fn main(world: World) -> ExitCode {
    super::run(world, |arguments: Arguments, world| {
        let setup = arguments.globals.setup(world)?;
        let action = arguments.action.unwrap_or(Action::Report(ReportArguments::default()));
        match action {
            Action::Report(report) => print(&setup, &report),
            Action::Status => status::show(&setup, false),
            Action::Export(arguments) => export(&setup, &arguments),
        }
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
    let store = setup.reader()?;
    let spool = setup.spool.clone().reporting(report.out.clone());
    let analyzer = Analyzer {
        spool: &spool,
        store: &*store,
        settings: &setup.settings.report,
        clock: setup.clock,
        journals: &setup.journals,
        fonts: &setup.fonts,
    };
    setup.console.begin("printing", 0);
    let periods = match (report.date, span) {
        (None, Span::Day) if report.out.is_none() => analyzer.overdue(&setup.sources, &period)?,
        _ => vec![period],
    };
    let paths = analyzer.report(&setup.sources, &periods);
    setup.console.end();
    show(setup, &paths?)?;
    Ok(if setup.warn_of_journals()? { Exit::InPart } else { Exit::AllDone })
}

fn export(setup: &Setup, arguments: &ExportArguments) -> Result<Exit> {
    let zone = setup.settings.report.zone;
    let today = setup.clock.started().with_timezone(&zone).date_naive();
    let first = arguments.from.or(arguments.to).or(today.pred_opt());
    let first = first.context("there is no day before this one")?;
    let last = arguments.to.unwrap_or(first);
    let period = Period::between(first, last, zone)
        .with_context(|| format!("{first} to {last} is no period in the time zone {zone}"))?;
    let store = setup.reader()?;
    let folder = arguments.out.clone().unwrap_or_else(|| setup.home.join("exports"));
    let export = Export {
        spool: &setup.spool,
        store: &*store,
        clock: setup.clock,
        form: match arguments.format {
            Form::Csv => export::Form::Csv,
            Form::Ndjson => export::Form::Ndjson,
        },
        folder: &folder,
    };
    setup.console.begin("exporting", 0);
    let paths = export.run(&setup.sources, &arguments.sources, &period);
    setup.console.end();
    for path in paths? {
        output::print_line(path.display())?;
    }
    Ok(if setup.faulty { Exit::InPart } else { Exit::AllDone })
}

fn show(setup: &Setup, paths: &[PathBuf]) -> Result<()> {
    let paths: Vec<String> = paths.iter().map(|path| path.display().to_string()).collect();
    if setup.json {
        let list = paths.into_iter().map(Doc::Text).collect();
        output::print_line(Doc::map([("reports", Doc::List(list))]).json())?;
    } else if paths.is_empty() {
        setup.console.say("no report is missing, and none is out of date");
    } else if setup.console.talks() {
        output::print(paths.iter().map(|path| format!("{path}\n")).collect::<String>())?;
    }
    Ok(())
}
