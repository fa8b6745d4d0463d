//! `analyzer`: prints the daily report.

use super::serve::{ServeArguments, serve};
use super::{Exit, Globals, Program, Setup, World};
use super::{output, status};
use crate::domain::digest::{Period, Span};
use crate::domain::document::Doc;
use crate::domain::time::Day;
use crate::tier::Progress;
use crate::tier::analyze::Analyzer;
use crate::tier::choice::{Choice, Misasked};
use crate::tier::export::{self, Export, Exported};
use anyhow::{Context, Result, bail};
use chrono_tz::Tz;
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
            Some(Action::Status | Action::Serve(_) | Action::Export(_)) => false,
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
    /// Show the day as it is now, in a browser: the figures of the report, and the data behind them
    Serve(ServeArguments),
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
    /// Only this day, of the report's time zone, whether its report is there or not: YYYY-MM-DD,
    /// today or yesterday
    #[arg(long, value_name = "DAY", value_parser = named_day)]
    date: Option<NamedDay>,
    /// The first of some days, whose report is one [default: the last of them]
    #[arg(long, value_name = "DAY", value_parser = named_day,
          conflicts_with_all = ["date", "week", "month"])]
    from: Option<NamedDay>,
    /// The last of them [default: yesterday]
    #[arg(long, value_name = "DAY", value_parser = named_day,
          conflicts_with_all = ["date", "week", "month"])]
    to: Option<NamedDay>,
    /// Only the sources of these topics
    #[arg(long, value_name = "TOPIC,...", value_delimiter = ',')]
    topics: Vec<String>,
    /// Only these sources, by a name that they have or had
    #[arg(long, value_name = "NAME,...", value_delimiter = ',')]
    sources: Vec<String>,
    /// The written report: what it is about, each source in full, what they share, how figures are
    /// made, which runs were missed
    #[arg(long)]
    full: bool,
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
  analyzer report --full --from 2026-11-01 --to yesterday    the written report of many days
  analyzer serve                       show the day as it is now at http://127.0.0.1:8080/
  analyzer export --from 2026-11-01 --to 2026-11-07    a week as CSV, with a Data Package";

/// The program.
pub fn main(world: World) -> ExitCode {
    super::run(world, |arguments: Arguments, world| {
        let ground = arguments.globals.ground(world)?;
        let action = arguments.action.unwrap_or(Action::Report(ReportArguments::default()));
        if matches!(&action, Action::Report(report) if report.is_plain()) {
            world.ping.begin(Arguments::NAME, &arguments.globals, &ground, world);
        }
        let setup = arguments.globals.setup_on(ground, world)?;
        match action {
            Action::Report(report) => print(&setup, &report),
            Action::Status => status::show(&setup, false),
            Action::Serve(arguments) => serve(setup, arguments),
            Action::Export(arguments) => export(&setup, &arguments),
        }
    })
}

/// Days that one report is about, at most.
const REPORT_DAYS: i64 = 366;

/// A day, by its date or by what it is to the day of the run.
#[derive(Clone, Copy)]
enum NamedDay {
    Date(Day),
    /// So many days ago.
    Ago(u64),
}

impl NamedDay {
    fn day(self, today: Day) -> Result<Day> {
        match self {
            NamedDay::Date(day) => Ok(day),
            NamedDay::Ago(days) => {
                let day = today.checked_sub_days(chrono::Days::new(days));
                day.context("there is no day before this one")
            }
        }
    }
}

fn named_day(text: &str) -> Result<NamedDay, String> {
    match text {
        "today" => Ok(NamedDay::Ago(0)),
        "yesterday" => Ok(NamedDay::Ago(1)),
        _ => {
            let day = text.parse().map_err(|_| "a day: 2026-11-21, today, yesterday".to_string());
            day.map(NamedDay::Date)
        }
    }
}

impl ReportArguments {
    /// Whether only what is overdue is printed.
    fn is_plain(&self) -> bool {
        let days = self.date.is_some() || self.from.is_some() || self.to.is_some();
        !days
            && !self.week
            && !self.month
            && self.out.is_none()
            && self.choice() == Choice::default()
    }

    fn choice(&self) -> Choice {
        let (topics, sources) = (self.topics.clone(), self.sources.clone());
        Choice { is_full: self.full, topics, sources }
    }

    fn span(&self) -> Span {
        match (self.week, self.month) {
            (true, _) => Span::Week,
            (_, true) => Span::Month,
            _ => Span::Day,
        }
    }

    fn period(&self, today: Day, zone: Tz) -> Result<Period> {
        let none = || format!("there is no such day in the time zone {zone}");
        if self.from.is_some() || self.to.is_some() {
            let last = self.to.unwrap_or(NamedDay::Ago(1)).day(today)?;
            let first = self.from.map_or(Ok(last), |from| from.day(today))?;
            if first > last {
                let why = "--from is the first day, --to the last";
                return Err(Misasked(format!("{first} is after {last}: {why}")).into());
            }
            if last.signed_duration_since(first).num_days() >= REPORT_DAYS {
                let most = format!("is more than the {REPORT_DAYS} days of one report");
                return Err(Misasked(format!("{first} to {last} {most}")).into());
            }
            return Period::between(first, last, zone).with_context(none);
        }
        match self.date {
            Some(day) => Period::of(self.span(), day.day(today)?, zone).with_context(none),
            None => {
                let now = Period::of(self.span(), today, zone);
                now.and_then(|now| now.before()).with_context(none)
            }
        }
    }
}

fn print(setup: &Setup, report: &ReportArguments) -> Result<Exit> {
    let zone = setup.settings.report.zone;
    let today = setup.clock.started().with_timezone(&zone).date_naive();
    let period = report.period(today, zone)?;
    if period.from > setup.clock.started() {
        bail!("{} has not begun in the time zone {zone}", period.day);
    }
    let store = setup.reader()?;
    let spool = setup.spool.clone().reporting(report.out.clone());
    let choice = report.choice();
    let analyzer = Analyzer {
        spool: &spool,
        store: &*store,
        counted: &*store,
        settings: &setup.settings.report,
        clock: setup.clock,
        journals: &setup.journals,
        fonts: &setup.fonts,
        choice: &choice,
    };
    setup.console.begin("printing", 0);
    let periods = match report.is_plain() {
        true => analyzer.overdue(&setup.sources, &period)?,
        false => vec![period],
    };
    let paths = analyzer.report(&setup.sources, &periods);
    setup.console.end();
    show(setup, &paths?)?;
    setup.console.mail.looked();
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
    let Exported { paths, withheld } = paths?;
    for path in paths {
        output::print_line(path.display())?;
    }
    withheld.iter().for_each(|why| setup.console.warn(why));
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
