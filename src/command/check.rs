//! `fetcher check`: whether declarations are good, and what is lacking for them.

use super::globals::SECRETS;
use super::sources::declaration;
use super::{Exit, Globals, output};
use crate::domain::secret::Secrets;
use crate::domain::source::Source;
use crate::edge::config;
use crate::edge::config::secrets::Places;
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::PathBuf;

#[derive(clap::Args)]
pub struct CheckArguments {
    /// A source of the home, or a file [default: all of the home]
    what: Option<PathBuf>,
    /// Print the JSON Schema of declarations, for editors
    #[arg(long, conflicts_with = "what")]
    schema: bool,
}

/// Checks declarations, all faults at once. It needs no valid home.
pub fn check(globals: &Globals, arguments: &CheckArguments, places: &Places) -> Result<Exit> {
    if arguments.schema {
        output::print(config::schema())?;
        return Ok(Exit::AllDone);
    }
    let folder = globals.home.join("sources");
    let (sources, mut faults) = match &arguments.what {
        None => {
            globals.is_made()?;
            config::sources(&folder)
        }
        Some(what) => match config::read_source(&declaration(&globals.home, what)?) {
            Ok(source) => (vec![source], config::Faults::default()),
            Err(faults) => (Vec::new(), faults),
        },
    };
    let (sources, more) = with_good_tls(sources);
    faults.extend(more);
    for source in &sources {
        let labels = match source.items.labels() {
            Some(crate::domain::source::LabelSource::Source(name)) => Some(name),
            _ => None,
        };
        let missing = labels.filter(|name| !folder.join(format!("{name}.toml")).exists());
        let labels = missing.map(|name| format!("its labels, {name}, are not declared here"));
        let wanted = source.secrets().map(str::to_string).collect();
        let known = config::secrets::secrets(&globals.home.join(SECRETS), places, &wanted).ok();
        let lacking = known.and_then(|known| lacking(source, &known));
        let notes = labels.into_iter().chain(lacking).chain(overdrawn(source));
        let notes: Vec<String> = notes.collect();
        let note =
            if notes.is_empty() { String::new() } else { format!(" ({})", notes.join("; ")) };
        output::print_line(format_args!("{}: good{note}", source.name))?;
    }
    if let Some(faults) = faults.some() {
        output::tell(faults);
        return Ok(Exit::of(sources.len(), 1));
    }
    Ok(Exit::AllDone)
}

/// Secrets that its requests need and that are not there, as far as this user may see them.
pub fn lacking(source: &Source, known: &Secrets) -> Option<String> {
    let wanted: BTreeSet<&str> =
        source.secrets().filter(|name| !known.contains_key(*name)).collect();
    let names: Vec<&str> = wanted.into_iter().collect();
    (!names.is_empty())
        .then(|| format!("it needs secrets that are not there: {}", names.join(", ")))
}

/// Quotas of a source that do not last for its own requests.
fn overdrawn(source: &Source) -> impl Iterator<Item = String> {
    let fetch = &source.fetch;
    let requests = fetch.items.as_ref().map_or(1, |items| items.rows().len()).max(1) as u64;
    let of = if fetch.pages.is_some() { " at the least, with one page a set" } else { "" };
    let overdrawn = fetch.quotas.iter().filter_map(move |quota| {
        let takes = quota.overdrawn(fetch.every, requests)?;
        let (grants, span) = (quota.requests, quota.per.name());
        Some(format!(
            "it would take {takes} a {span}{of} of a quota of {grants}, so slots go unasked"
        ))
    });
    let paged = fetch.pages.is_some() && !fetch.quotas.is_empty();
    let each = "each page of a set takes of its quota, and a set that is larger never lands";
    overdrawn.chain(paged.then(|| each.to_string()))
}

/// The sources whose files of TLS can be used, and what is wrong with those of the others.
fn with_good_tls(sources: Vec<Source>) -> (Vec<Source>, config::Faults) {
    let mut faults = config::Faults::default();
    let mut good = sources;
    good.retain(|source| {
        let read = source.fetch.tls.as_ref().map(config::identity);
        let found = read.and_then(Result::err);
        let is_good = found.is_none();
        found.into_iter().for_each(|found| faults.extend(found));
        is_good
    });
    (good, faults)
}
