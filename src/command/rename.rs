//! `fetcher rename`: a source gets another name, and keeps its past.

use super::{Exit, Setup};
use crate::domain::name::SourceName;
use crate::domain::source::LabelSource;
use crate::tier::rename::{Rename, Renamed};
use anyhow::{Context, Result, bail};

#[derive(clap::Args)]
pub struct RenameArguments {
    /// The name that the source has
    old: String,
    /// The name that it gets
    new: String,
}

/// Moves the declaration; whatever landed stays as it is.
pub fn rename(setup: &Setup, arguments: &RenameArguments) -> Result<Exit> {
    let name = |text: &str| {
        let name = SourceName::parse(text).filter(|name| !name.is_reserved());
        name.with_context(|| {
            format!(
                "{text} is no source's name\nhint: lower case, digits, dashes, at most 64; not \
                 daybook, not quarantine"
            )
        })
    };
    let (old, new) = (name(&arguments.old)?, name(&arguments.new)?);
    if old == new {
        bail!("{old} has that name already");
    }
    let store = setup.reader()?;
    let renamed = Rename {
        spool: &setup.spool,
        store: &*store,
        disk: &setup.disk(&[]),
        now: setup.clock.started(),
        declared: &setup.sources,
        old: &old,
        new: &new,
    };
    match renamed.run()? {
        Renamed::Busy => {
            bail!("a fetcher is at work, and nothing was changed\nhint: run it again in a moment")
        }
        Renamed::Before => setup.console.say(&format!("{old} is called {new} already")),
        Renamed::Now => {
            setup.console.say(&format!("{old} is called {new} now, and keeps its past"));
            tell_labels(setup, &old, &new);
        }
    }
    Ok(Exit::AllDone)
}

/// Whose names of series come from a source goes on under its new name; no other file is touched.
fn tell_labels(setup: &Setup, old: &SourceName, new: &SourceName) {
    let from = |source: &&crate::domain::source::Source| {
        source.items.labels() == Some(&LabelSource::Source(old.clone()))
    };
    for source in setup.sources.iter().filter(from) {
        setup.console.say(&format!(
            "{} has its names from {old}: that goes on; write labels = \"{new}\" there when you \
             change it",
            source.name
        ));
    }
}
