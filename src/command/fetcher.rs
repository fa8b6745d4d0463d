//! `fetcher`: pulls the due sources into `data/`.

use super::backfill::{BackfillArguments, backfill};
use super::busy::busy;
use super::check::{CheckArguments, check};
use super::contact::user_agent;
use super::doctor::{DoctorArguments, doctor};
use super::init::{InitArguments, init};
use super::install::{InstallArguments, install};
use super::output;
use super::rename::{RenameArguments, rename};
use super::rest::{keep_sketches, rests};
use super::{Exit, Globals, Program, Setup, World};
use super::{sources, status};
use crate::domain::format::english;
use crate::domain::incident::{Complaint, SOURCES, Well, minute, of_source};
use crate::domain::journal::{Outcome, Verdict};
use crate::domain::schedule::Schedule;
use crate::domain::source::Source;
use crate::domain::time::{Day, Instant, iso};
use crate::tier::Progress;
use crate::tier::due::Clockwork;
use crate::tier::fetch::{Done, Ended, Fetcher};
use crate::tier::replay::Replay;
use crate::tier::tally::describe;
use anyhow::{Context, Result};
use clap::{Parser, Subcommand};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

/// Fetches the due sources; run by cron every minute
///
/// Each answer becomes one file in data/, under a name that says source, date and time.
#[derive(Parser)]
#[command(name = "fetcher", version, after_help = EXAMPLES)]
struct Arguments {
    #[command(flatten)]
    globals: Globals,
    /// Who answers for the requests: a mail address or a URL, in place of the settings' one
    #[arg(long, global = true, value_name = "MAIL")]
    contact: Option<String>,
    #[command(subcommand)]
    action: Option<Action>,
}

impl Program for Arguments {
    const NAME: &'static str = "fetcher";

    fn globals(&self) -> &Globals {
        &self.globals
    }

    fn is_for_cron(&self) -> bool {
        matches!(&self.action, None | Some(Action::Run(RunArguments { replay: None, .. })))
    }
}

#[derive(Subcommand)]
enum Action {
    /// Show what waits, how far each source is summarised, when the programs ran, what is wrong
    Status,
    /// Fetch what is due (this is also done without a command)
    Run(RunArguments),
    /// Make a home that works, with sources that need no key
    Init(InitArguments),
    /// Show the catalogue of this home's sources: content, units, access, licence
    Sources(sources::SourcesArguments),
    /// Check declarations; all faults at once
    Check(CheckArguments),
    /// Ask for months of a source's past, slice by slice, beside the live fetcher
    Backfill(BackfillArguments),
    /// Fetch a source once and show what is read; nothing lands
    Try(sources::TryArguments),
    /// Show when a source is asked, under which terms, and what came of it
    Explain(sources::ExplainArguments),
    /// Give a source another name; what landed keeps its own, and counts as its past
    Rename(RenameArguments),
    /// Look for what keeps this home from its work: names, TLS, clock, disk, rights, store, cron
    Doctor(DoctorArguments),
    /// Show the lines of the crontab, or timers of systemd, for this home; write them with --yes
    Install(InstallArguments),
}

#[derive(clap::Args, Default)]
struct RunArguments {
    /// Land the answers of a recording instead of asking anyone
    #[arg(long, value_name = "DIR")]
    replay: Option<PathBuf>,
    /// The day onto which the recording is moved [default: yesterday, UTC]
    #[arg(long, value_name = "YYYY-MM-DD", requires = "replay")]
    onto: Option<Day>,
}

const EXAMPLES: &str = "\
Examples:
  fetcher                                     fetch what is due in this folder
  fetcher --home /srv/daybook --quiet         the same for another home, as in the crontab
  fetcher init ~/daybook --contact you@example.org    make a home
  fetcher doctor                              look for what keeps this home from its work
  fetcher try earthquakes-usgs                fetch once, show the rows, land nothing
  fetcher backfill france-travail --months 12    collect a year of job offers
  fetcher run --replay demo/recording         land a recorded day as yesterday";

/// How old a lock's holder may be before it is worth a message: two periods of the cron line.
const PATIENCE_S: i64 = 120;

/// The program.
pub fn main(world: World) -> ExitCode {
    super::run(world, |arguments: Arguments, world| {
        match &arguments.action {
            Some(Action::Init(new)) => {
                let step = world.step.as_deref();
                return init(new, arguments.contact.as_deref(), step);
            }
            Some(Action::Check(given)) => {
                return check(&arguments.globals, given, &world.secrets);
            }
            _ => {}
        }
        let action = arguments.action.unwrap_or(Action::Run(RunArguments::default()));
        let (globals, contact) = (&arguments.globals, arguments.contact.as_deref());
        let ground = globals.ground(world)?;
        let is_run = matches!(&action, Action::Run(RunArguments { replay: None, .. }));
        if is_run {
            world.ping.begin(Arguments::NAME, globals, &ground, world);
        }
        if is_run && rests(globals, &ground, contact, world) {
            return Ok(Exit::AllDone);
        }
        let mut setup = globals.setup_on(ground, world)?;
        if arguments.contact.is_some() {
            setup.settings.contact.clone_from(&arguments.contact);
        }
        match action {
            Action::Run(RunArguments { replay: Some(folder), onto }) => {
                replay(&setup, &folder, onto)
            }
            Action::Run(_) => fetch(&setup, world),
            Action::Status => status::show(&setup, false),
            Action::Install(arguments) => install(&setup, &arguments, world),
            Action::Doctor(arguments) => doctor(&setup, &arguments, world),
            Action::Rename(arguments) => rename(&setup, &arguments),
            Action::Sources(arguments) => sources::sources(&setup, &arguments),
            Action::Try(arguments) => sources::try_source(&setup, &arguments),
            Action::Explain(arguments) => sources::explain(&setup, &arguments),
            Action::Backfill(arguments) => backfill(&mut setup, &arguments),
            // They were done without a setup.
            Action::Init(_) | Action::Check(_) => Ok(Exit::AllDone),
        }
    })
}

fn fetch(setup: &Setup, world: &World) -> Result<Exit> {
    let secrets = setup.secrets(&setup.sources)?;
    let fetcher = Fetcher {
        spool: &setup.spool,
        clock: setup.clock,
        settings: &setup.settings.fetcher,
        secrets: &secrets,
        user_agent: user_agent(setup.settings.contact.as_deref())?,
        splay: if setup.console.is_watched() {
            Duration::ZERO
        } else {
            setup.settings.fetcher.splay
        },
        journals: &setup.journals,
        progress: &setup.console,
    };
    let done = fetcher.run(&setup.sources);
    setup.console.end();
    if done.is_ok() {
        keep_sketches(setup, world);
    }
    match done? {
        Done::Busy(holder) => Ok(busy(setup, "fetcher", holder.as_deref(), PATIENCE_S)),
        Done::Ended(ended) => report(setup, &ended),
    }
}

fn replay(setup: &Setup, folder: &std::path::Path, onto: Option<Day>) -> Result<Exit> {
    let yesterday = setup.clock.started().date_naive().pred_opt();
    let replay = Replay {
        spool: &setup.spool,
        clock: setup.clock,
        journals: &setup.journals,
        progress: &setup.console,
        onto: onto.or(yesterday).context("there is no day before this one")?,
    };
    let outcomes = replay.run(folder, &setup.sources);
    setup.console.end();
    match outcomes? {
        None => Ok(busy(setup, "fetcher", setup.spool.holder("fetcher").as_deref(), PATIENCE_S)),
        Some(outcomes) => {
            let bad: Vec<&Outcome> =
                outcomes.iter().filter(|outcome| outcome.result == Verdict::Failed).collect();
            bad.iter().for_each(|outcome| setup.console.warn(&describe(outcome)));
            let good = outcomes.len() - bad.len();
            setup.console.say(&format!(
                "{} replayed onto {}",
                english(good as u64, "answer", "answers"),
                replay.onto
            ));
            Ok(Exit::of(good, bad.len()))
        }
    }
}

fn report(setup: &Setup, ended: &Ended) -> Result<Exit> {
    let Ended { outcomes, in_part, complaints, waiting, .. } = ended;
    complaints.iter().for_each(|complaint| setup.console.warn(complaint));
    // Who waits has neither failed nor been answered.
    let waits = |o: &Outcome| o.result == Verdict::Deferred && waiting.contains(&o.source);
    let asked = outcomes.iter().filter(|o| !waits(o));
    let (mut bad, good): (Vec<&Outcome>, Vec<&Outcome>) = asked.partition(|o| is_bad(o));
    // Which of them answered first is chance; a letter does not depend on it.
    bad.sort_by(|a, b| a.source.cmp(&b.source));
    for outcome in &bad {
        setup.console.complain_unless_told(complaint(setup, outcome, ended));
    }
    note_well(setup, outcomes);
    if setup.json {
        let lines: Vec<String> = outcomes.iter().map(json).collect();
        output::print_line(format_args!("[{}]", lines.join(",\n ")))?;
    } else if outcomes.is_empty() {
        setup.console.say(&nothing_due(setup));
    }
    let others = complaints.len() + usize::from(setup.faulty);
    Ok(Exit::of(good.len() + in_part, bad.len() + others))
}

/// That nothing is due, and how many would be if they were not left alone.
fn nothing_due(setup: &Setup) -> String {
    let (states, now) = (setup.spool.states(), setup.clock.started());
    let held = |source: &&Source| Clockwork::of(source).held_until(&states, now).is_some();
    match setup.sources.iter().filter(held).count() as u64 {
        0 => "nothing is due".into(),
        held => {
            let held = english(held, "source is", "sources are");
            format!("nothing is due; {held} left alone for a while (fetcher status)")
        }
    }
}

fn is_bad(outcome: &Outcome) -> bool {
    match outcome.result {
        Verdict::Deferred => !outcome.goes_on(),
        result => result == Verdict::Failed,
    }
}

/// What a person is told of an outcome that is bad.
fn complaint(setup: &Setup, outcome: &Outcome, ended: &Ended) -> Complaint {
    let text = describe(outcome);
    if outcome.result == Verdict::Deferred {
        return Complaint { key: DEFERRED.into(), text, ..Complaint::default() };
    }
    let note = ended.notes.get(&outcome.source);
    let until = note.and_then(|note| note.until);
    let done = match until {
        Some(until) => {
            // Cron's next minute.
            let until = next_slot(setup, outcome, until).after(chrono::Duration::seconds(59));
            format!("asked again from {} on, then less and less often", minute(until))
        }
        None if outcome.status == 410 => "not asked again until its declaration is changed".into(),
        None => "asked again as declared".into(),
    };
    let cause = note.and_then(|note| note.cause.clone());
    let kind = note.map(|note| note.kind.clone()).unwrap_or_default();
    Complaint { key: of_source(&outcome.source), text, done, kind, cause, ..Complaint::default() }
}

/// The first slot of a source that begins when it is not left alone any more.
fn next_slot(setup: &Setup, outcome: &Outcome, until: Instant) -> Instant {
    let mut named = setup.sources.iter().filter(|source| source.name == outcome.source);
    let slot = named.next().and_then(|source| {
        let splay = setup.settings.fetcher.splay;
        let schedule = Schedule::new(source.first_name(), source.fetch.every, splay).ok()?;
        schedule.slots(until, until.after(chrono::Duration::days(800))).next()
    });
    slot.map_or(until, |slot| slot.at)
}

/// Tells the letter which incidents are over: of whom was asked in vain, and is not any more.
fn note_well(setup: &Setup, outcomes: &[Outcome]) {
    let mail = &setup.console.mail;
    for outcome in outcomes.iter().filter(|o| o.result != Verdict::Deferred && !is_bad(o)) {
        mail.well(of_source(&outcome.source));
    }
    if !outcomes.is_empty() {
        mail.looked();
    }
    if !setup.faulty {
        let but = setup.sources.iter().map(|source| of_source(&source.name)).collect();
        mail.well_but(Well { prefix: SOURCES.into(), but });
    }
}

/// The incident of all that were put off.
const DEFERRED: &str = "fetcher/run/deferred/";

fn json(outcome: &Outcome) -> String {
    use crate::domain::document::Doc;
    Doc::map([
        ("source", Doc::text(outcome.source.as_str())),
        ("slot", Doc::text(iso(outcome.slot))),
        ("outcome", Doc::text(outcome.result.name())),
        ("status", Doc::Int(outcome.status.into())),
        ("bytes", Doc::Int(outcome.bytes as i64)),
        ("error", Doc::option(outcome.error.as_deref(), Doc::text)),
    ])
    .json()
}
