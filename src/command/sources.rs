//! `fetcher sources`, `check`, `try`, `explain`: sources for people.

use super::contact::user_agent;
use super::output;
use super::{Exit, Setup};
use crate::domain::catalogue;
use crate::domain::extract::{Extraction, Plan, show};
use crate::domain::format::english;
use crate::domain::limits::ANSWER_BYTES;
use crate::domain::outcomes::{self, Told};
use crate::domain::quota::Quota;
use crate::domain::schedule::Schedule;
use crate::domain::source::Source;
use crate::domain::time::{Instant, Window, iso_seconds, show_duration};
use crate::domain::turn::{State, Trouble};
use crate::edge::config;
use crate::tier::Progress;
use crate::tier::due::{Caller, state};
use crate::tier::probe::probe;
use crate::tier::standing::standings;
use crate::tier::view;
use anyhow::{Context, Result, anyhow, bail};
use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct SourcesArguments {
    /// How the catalogue is written
    #[arg(long, value_enum, default_value_t = Form::Table)]
    format: Form,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Form {
    Table,
    Md,
    Json,
}

#[derive(clap::Args)]
pub struct TryArguments {
    /// A source of the home, or a file
    source: PathBuf,
    /// Read this file instead of asking
    #[arg(long, value_name = "FILE")]
    sample: Option<PathBuf>,
    /// Key of the loop's item [default: the first]
    #[arg(long, value_name = "KEY")]
    item: Option<String>,
    /// How many rows are shown
    #[arg(long, default_value_t = 20)]
    rows: usize,
}

#[derive(clap::Args)]
pub struct ExplainArguments {
    /// A source of the home
    source: String,
}

/// The catalogue.
pub fn sources(setup: &Setup, arguments: &SourcesArguments) -> Result<Exit> {
    let form = if setup.json { Form::Json } else { arguments.format };
    match form {
        Form::Table => output::print(catalogue::table(&setup.sources))?,
        Form::Md => output::print(catalogue::markdown(&setup.sources))?,
        Form::Json => output::print_line(catalogue::json(&setup.sources))?,
    }
    Ok(if setup.faulty { Exit::InPart } else { Exit::AllDone })
}

/// The file of a source, by its name or its path.
pub fn declaration(home: &Path, what: &Path) -> Result<PathBuf> {
    let name = what.display().to_string();
    let own = home.join("sources").join(format!("{name}.toml"));
    if own.is_file() {
        return Ok(own);
    }
    if what.is_file() {
        return Ok(what.to_path_buf());
    }
    let listing = fs::read_dir(home.join("sources")).into_iter().flatten().flatten();
    let stems = listing.filter_map(|entry| Some(entry.path().file_stem()?.to_str()?.to_string()));
    let near = stems.min_by_key(|stem| strsim::levenshtein(stem, &name));
    let hint = near.filter(|stem| strsim::normalized_levenshtein(stem, &name) > 0.4);
    let hint = hint.map(|stem| format!("\nhint: did you mean {stem}?")).unwrap_or_default();
    bail!("{name} is neither a source of {} nor a file{hint}", home.display())
}

/// Fetches once, or reads a sample; shows what is read, and lands nothing.
pub fn try_source(setup: &Setup, arguments: &TryArguments) -> Result<Exit> {
    let source = config::read_source(&declaration(&setup.home, &arguments.source)?)?;
    let (bytes, item) = match &arguments.sample {
        Some(path) => {
            let bytes = sample(path).with_context(|| format!("cannot read {}", path.display()))?;
            // As it would land.
            let bytes = source.fetch.redacted(bytes);
            let bytes = bytes.map_err(|why| anyhow!("{}: {why}", source.name))?;
            let rows = source.fetch.items.as_ref().map(|items| items.rows());
            let first = rows.and_then(|rows| rows.first()).map(|row| row.key.clone());
            (bytes, arguments.item.clone().or(first))
        }
        None => ask(setup, &source, arguments.item.as_deref())?,
    };
    let mut found = Extraction::default();
    Plan::new(&source).extract(&bytes, item.as_deref(), &mut found);
    let hide = |text: &str| setup.spool.hide(text);
    match setup.json {
        true => output::print_line(show::json(&source, &found, hide))?,
        false => output::print(show::table(&source, &found, arguments.rows, hide))?,
    }
    Ok(Exit::of(found.items().len(), found.faults().len() + found.remarks().len()))
}

/// A file or a pipe; of more than an answer may have, as much as tells that.
fn sample(path: &Path) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(ANSWER_BYTES as u64 + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn ask(setup: &Setup, source: &Source, item: Option<&str>) -> Result<(Vec<u8>, Option<String>)> {
    let caller = Caller {
        spool: &setup.spool,
        settings: &setup.settings.fetcher,
        secrets: &setup.secrets(std::slice::from_ref(source))?,
        now: setup.clock.started(),
    };
    let (answer, item) =
        probe(&caller, source, item, setup.clock, &user_agent(setup.settings.contact.as_deref())?)?;
    setup.console.say(&format!(
        "{}: HTTP {}, {}",
        answer.final_url,
        answer.status,
        english(answer.body.len() as u64, "byte", "bytes")
    ));
    answer.warnings.iter().for_each(|warning| setup.console.warn(warning));
    if source.fetch.pages.is_some() {
        setup.console.say("this is the first page; fetcher run asks for all of its set");
    }
    Ok((answer.body, item))
}

/// What is known of one source: when it is asked, under which terms, and what came of it.
pub fn explain(setup: &Setup, arguments: &ExplainArguments) -> Result<Exit> {
    let source = config::read_source(&declaration(&setup.home, Path::new(&arguments.source))?)?;
    let about = &source.about;
    let mut out = format!("{}: {}\n", source.name, source.title.en);
    let mut line = |what: &str, text: &str| out += &format!("  {what:<12} {text}\n");
    line("content", &about.content);
    line("licence", &format!("{} ({})", about.licence.name, about.licence.reuse.name()));
    about.caveat.iter().for_each(|caveat| line("to know", &caveat.en));
    about.share.terms().iter().for_each(|terms| line("passed on", terms));
    line("attribution", &about.attribution);
    line("address", &source.fetch.url.to_string());
    let secrets = setup.seen_secrets(std::slice::from_ref(&source))?;
    for name in source.secrets() {
        let is = match &secrets {
            None => "is not visible to this user",
            Some(secrets) if secrets.contains_key(name) => "is there",
            Some(_) => "is NOT there",
        };
        line("secret", &format!("{name} {is}"));
    }
    line(
        "every",
        &format!(
            "{} (publisher: {})",
            show_duration(source.fetch.every),
            show_duration(about.period)
        ),
    );
    terms(&source).iter().for_each(|(what, text)| line(what, text));
    let states = setup.spool.states();
    let state = state(&states, &source).map(Cow::into_owned).unwrap_or_default();
    line("next", &slots(setup, &source, &state)?);
    held(&state, setup.clock.started()).iter().for_each(|held| line("held", held));
    line("validators", &validators(setup, &source)?);
    output::print(format_args!("{out}{}", outcomes(setup, &source)?))?;
    Ok(Exit::AllDone)
}

/// On which terms it is asked, where they are special.
fn terms(source: &Source) -> Vec<(&'static str, String)> {
    let fetch = &source.fetch;
    let mut terms = Vec::new();
    if let Some(auth) = &fetch.auth {
        terms.push(("auth", auth.word().to_string()));
    }
    if let Some(pages) = &fetch.pages {
        let lands = match fetch.slices {
            None => "a set lands whole",
            Some(_) => "each lands as it comes, slice by slice",
        };
        terms.push(("pages", format!("by {}; {lands}", pages.word())));
    }
    let own = |quota: &Quota| ("quota", quota.of(source.name.as_str()).shown());
    terms.extend(fetch.quotas.iter().map(own));
    if fetch.robots {
        terms.push(("robots.txt", "is kept to".into()));
    }
    terms
}

/// What is left alone now, and until when: the source, items of its loop.
fn held(state: &State, now: Instant) -> Vec<String> {
    let items = state.items.iter().map(|(key, trouble)| (format!("{key}: "), trouble));
    let all = std::iter::once((String::new(), &state.trouble)).chain(items);
    let held = |(of, trouble): (String, &Trouble)| {
        let until = trouble.hold_until.filter(|_| trouble.is_held(now))?;
        let after = match trouble.failures {
            0 => String::new(),
            row => format!(", after {}", english(row.into(), "failure", "failures")),
        };
        Some(format!("{of}until {}{after}", iso_seconds(until)))
    };
    all.filter_map(held).collect()
}

/// When it is asked next, and in which slots then.
fn slots(setup: &Setup, source: &Source, state: &State) -> Result<String> {
    let (now, splay) = (setup.clock.started(), setup.settings.fetcher.splay);
    let standing = standings(&setup.spool, std::slice::from_ref(source), now, splay)?;
    let Some(next) = standing.into_iter().next().and_then(|standing| standing.next) else {
        return Ok("never: its publisher says that it is gone".into());
    };
    let schedule = Schedule::new(source.first_name(), source.fetch.every, splay)?;
    let later = schedule.slots(next, next.after(chrono::Duration::days(800)));
    let later = later.map(|slot| slot.at).filter(|at| *at > next).map(iso_seconds);
    let first = match next > now {
        _ if setup.spool.is_hidden() => None,
        true => Some(iso_seconds(next)),
        false => Some(now_of(source, state, now)),
    };
    Ok(first.into_iter().chain(later).take(3).collect::<Vec<_>>().join(", "))
}

/// What is asked now: all of it, or some items of its loop.
fn now_of(source: &Source, state: &State, now: Instant) -> String {
    let items = source.fetch.items.as_ref().map_or(0, |items| items.rows().len());
    match state.items.values().filter(|item| item.is_held(now)).count() {
        0 => "now".into(),
        held => {
            let free = items.saturating_sub(held) as u64;
            format!("now {} of the loop", english(free, "item", "items"))
        }
    }
}

fn validators(setup: &Setup, source: &Source) -> Result<String> {
    let secrets = setup.seen_secrets(std::slice::from_ref(source))?;
    let Some(secrets) = secrets.filter(|_| !setup.spool.is_hidden()) else {
        return Ok("not visible to this user".into());
    };
    let settings = &setup.settings.fetcher;
    let now = setup.clock.started();
    let caller = Caller { spool: &setup.spool, settings, secrets: &secrets, now };
    let schedule = Schedule::new(source.first_name(), source.fetch.every, Default::default())?;
    let Ok(calls) = caller.calls(source, schedule.slot_at(now)) else {
        return Ok("-".into());
    };
    let known: Vec<String> = calls
        .iter()
        .filter_map(|call| call.known.as_ref())
        .filter_map(|(known, _)| known.etag.clone().or(known.last_modified.clone()))
        .collect();
    Ok(match known.len() {
        0 => "none: requests are unconditional".into(),
        1 => known[0].clone(),
        n => format!("of {n} requests"),
    })
}

/// The last outcomes, from the journals that wait and those that are stored.
fn outcomes(setup: &Setup, source: &Source) -> Result<String> {
    let since = Window::of(setup.clock.started().before(chrono::Duration::days(2)));
    let waiting = setup.spool.in_journals(outcomes::told_in)?;
    setup.warn_of_journals()?;
    let mut told: BTreeMap<String, Told> =
        waiting.into_iter().map(|told| (told.id.clone(), told)).collect();
    let runs = since..Window::of(Instant::MAX);
    let stored = setup.reader().and_then(|store| view::journals(&*store, &runs));
    let mut none = "none in two days";
    match stored {
        Ok(stored) => {
            let records = stored.records.values().filter_map(Told::by_record);
            told.extend(records.map(|told| (told.id.clone(), told)));
        }
        Err(error) => {
            setup.console.warn(&super::told(&error));
            none = "none in the journals that wait; those in the store could not be read";
        }
    }
    let mut own: Vec<&Told> = told.values().filter(|told| told.source == source.name).collect();
    own.sort_by_key(|told| told.slot);
    let mut out = String::from("  last outcomes:\n");
    for told in own.iter().rev().take(5) {
        let error = told.error.as_ref().map(|error| format!(": {error}")).unwrap_or_default();
        // What may help is the same each time.
        let error = match error.split_once("\nhint: ") {
            Some((error, hint)) if out.ends_with(":\n") => format!("{error}\n      hint: {hint}"),
            Some((error, _)) => error.to_string(),
            None => error,
        };
        let (slot, verdict) = (iso_seconds(told.slot), told.verdict.name());
        let bytes = english(told.bytes, "byte", "bytes");
        let _ = writeln!(out, "    {slot} {verdict}, {bytes}{error}");
    }
    if own.is_empty() {
        let _ = writeln!(out, "    {none}");
    }
    Ok(out)
}
