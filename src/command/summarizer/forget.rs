//! `summarizer forget`: all that was ever collected of a source goes, once a person says so.

use super::again::{agenda, summarizer};
use super::report::{exit, names};
use crate::command::output;
use crate::command::{Exit, Setup};
use crate::domain::document::Doc;
use crate::domain::format::{Lang, english};
use crate::domain::name::SourceName;
use crate::tier::Progress;
use crate::tier::done::{Done, Summary};
use crate::tier::forget::{Going, look};
use anyhow::{Result, anyhow, bail};

#[derive(clap::Args)]
pub struct ForgetArguments {
    /// The source, declared or not
    #[arg(value_name = "SOURCE")]
    source: String,
    /// Remove it; without this, what would go is only shown
    #[arg(long)]
    yes: bool,
    /// Also when another home has fed it
    #[arg(long)]
    adopt: bool,
}

/// Shows what goes; with `--yes` it goes.
pub fn forget(setup: &Setup, arguments: &ForgetArguments) -> Result<Exit> {
    let text = &arguments.source;
    let source = SourceName::parse(text).ok_or_else(|| anyhow!("{text} is no source's name"))?;
    if source.is_journals() {
        bail!("{source} cannot be forgotten: its journals say what landed of all others");
    }
    let (going, done) = match arguments.yes {
        true => carry_out(setup, &source, arguments.adopt)?,
        false => (look(&setup.spool, &*setup.reader()?, &source, setup.clock.started())?, None),
    };
    setup.console.end();
    let gone = done.as_ref().is_some_and(|done| done.busy.is_none());
    match setup.json {
        true => output::print_line(json(&source, &going, gone))?,
        false => output::print(words(&source, &going, gone))?,
    }
    if names(setup).contains(&source) {
        setup.console.warn(&format!(
            "{source} is still declared: it will be fetched again\n\
             hint: move sources/{source}.toml away to stop that"
        ));
    }
    let former = setup.sources.iter().find(|of| of.formerly.contains(&source));
    if let Some(new) = former {
        setup.console.warn(&format!("{source} is the earlier name of {}, which stays", new.name));
    }
    let now = setup.sources.iter().find(|of| of.name == source).into_iter();
    for old in now.flat_map(|of| &of.formerly) {
        setup.console.warn(&format!(
            "what landed of it as {old} stays\nhint: summarizer forget {old} shows that"
        ));
    }
    let summary: Summary = done.into_iter().map(|done| (source.clone(), done)).collect();
    Ok(exit(setup, &summary))
}

fn carry_out(setup: &Setup, source: &SourceName, adopt: bool) -> Result<(Going, Option<Done>)> {
    let store = setup.store(adopt)?;
    let going = look(&setup.spool, store.as_reader(), source, setup.clock.started())?;
    let done = summarizer(setup, &*store, agenda(setup, false), adopt).forget(source)?;
    Ok((going, Some(done)))
}

fn words(source: &SourceName, going: &Going, gone: bool) -> String {
    let (f, has) = (going.files, if gone { "had" } else { "has" });
    let end = match gone {
        true => "all of it is removed\n".to_string(),
        false => format!(
            "nothing was removed\n\
             hint: summarizer forget {source} --yes removes all of it; there is no way back\n"
        ),
    };
    format!(
        "{source} {has}\n\
         {:>12} {} in data/{source}/\n{:>12} in batches\n{:>12} in quarantine\n\
         {:>12} in the archive\n{:>12} {} in the store, by {} of {}\n{end}",
        f.waiting,
        Lang::En.plural(f.waiting, "file", "files"),
        f.batched,
        f.quarantined,
        f.archived,
        going.rows,
        Lang::En.plural(going.rows, "row", "rows"),
        english(going.entries, "entry", "entries"),
        english(going.days, "day", "days"),
    )
}

fn json(source: &SourceName, going: &Going, gone: bool) -> String {
    let number = |n: u64| Doc::Int(n as i64);
    Doc::map([
        ("source", Doc::text(source.as_str())),
        ("removed", number(gone.into())),
        ("waiting", number(going.files.waiting)),
        ("batched", number(going.files.batched)),
        ("quarantined", number(going.files.quarantined)),
        ("archived", number(going.files.archived)),
        ("rows", number(going.rows)),
        ("entries", number(going.entries)),
        ("days", number(going.days)),
    ])
    .json()
}
