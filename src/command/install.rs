//! `fetcher install`: the three lines of the crontab, shown, written or removed.

use super::output;
use super::{Exit, Setup, World};
use crate::domain::crontab::Place;
use crate::edge::crontab;
use anyhow::{Context, Result, bail};
use chrono::Datelike;
use std::path::Path;

#[derive(clap::Args, Default)]
pub struct InstallArguments {
    /// Write the lines into this user's crontab; other lines are left alone
    #[arg(long)]
    yes: bool,
    /// Remove this home's lines from this user's crontab
    #[arg(long, conflicts_with = "yes")]
    remove: bool,
}

/// Shows, writes or removes the lines of this home.
pub fn install(setup: &Setup, arguments: &InstallArguments, world: &World) -> Result<Exit> {
    let home = setup
        .home
        .canonicalize()
        .with_context(|| format!("cannot find the home {}", setup.home.display()))?;
    let programs = world.program.as_deref().and_then(Path::parent);
    let programs = programs.context("cannot tell where this program stands")?;
    let (zone, year) = (setup.settings.report.zone, setup.clock.started().year());
    let place = Place::new(programs, &home)?.reporting(zone, crontab::zone(), year);
    if arguments.remove {
        return remove(setup, &place);
    }
    for program in ["fetcher", "summarizer", "analyzer"] {
        if !programs.join(program).is_file() {
            bail!("{} is not beside the fetcher in {}", program, programs.display());
        }
    }
    if !arguments.yes {
        output::print(place.block())?;
        setup.console.say("nothing was written; --yes writes these lines into your crontab");
        return Ok(Exit::AllDone);
    }
    let before = crontab::read()?;
    crontab::write(&place.added_to(&before)?)?;
    setup.console.say("written; `crontab -l` shows it, `fetcher install --remove` takes it back");
    Ok(Exit::AllDone)
}

fn remove(setup: &Setup, place: &Place) -> Result<Exit> {
    let Some(left) = place.removed_from(&crontab::read()?)? else {
        setup.console.say("this home has no lines in your crontab");
        return Ok(Exit::AllDone);
    };
    crontab::write(&left)?;
    setup.console.say("this home's lines are removed from your crontab");
    Ok(Exit::AllDone)
}
