//! `fetcher install`: the three lines of the crontab, or timers of systemd, shown, written or
//! removed.

use super::output;
use super::timers::Timers;
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
    /// Timers of this user's systemd, in place of lines of a crontab
    #[arg(long)]
    systemd: bool,
    /// Only show what would be written, as without --yes
    #[arg(long, conflicts_with_all = ["yes", "remove"])]
    dry_run: bool,
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
    let local = crontab::zones(world.machine.zone.as_deref());
    let place = Place::new(programs, &home)?;
    let place = if crontab::takes_zone() {
        let lines = crontab::read().unwrap_or_default();
        let known = local.first().filter(|_| local.len() == 1).copied();
        place.zoned(zone, known, &String::from_utf8_lossy(&lines))
    } else {
        place.reporting(zone, &local, year)
    };
    let timers = arguments.systemd.then(|| Timers::new(programs, &home, zone)).transpose()?;
    if arguments.remove {
        return match timers {
            Some(timers) => timers.remove(setup, world),
            None => remove(setup, &place),
        };
    }
    for program in ["fetcher", "summarizer", "analyzer"] {
        if !programs.join(program).is_file() {
            bail!("{} is not beside the fetcher in {}", program, programs.display());
        }
    }
    if let Some(timers) = timers {
        return by_systemd(setup, &timers, arguments, &place, world);
    }
    if !arguments.yes {
        output::print(place.block())?;
        setup.console.say("nothing was written; --yes writes these lines into your crontab");
        return Ok(Exit::AllDone);
    }
    if Timers::new(programs, &home, zone)?.are_on(world) {
        bail!(
            "timers of systemd run this home already\n\
             hint: `fetcher install --systemd --remove` takes them away first"
        );
    }
    let before = crontab::read()?;
    crontab::write(&place.added_to(&before)?)?;
    setup.console.say("written; `crontab -l` shows it, `fetcher install --remove` takes it back");
    if !crontab::has_mailer(&world.machine.programs) {
        setup.console.say(NO_MAILER);
    }
    Ok(Exit::AllDone)
}

const NO_MAILER: &str = "no mail program (sendmail) is here: cron throws away what the programs say
hint: install one, such as msmtp-mta or postfix; `fetcher status` shows what is wrong";

/// Not beside lines of the crontab: each run would find the other one at work.
fn by_systemd(
    setup: &Setup,
    timers: &Timers,
    arguments: &InstallArguments,
    place: &Place,
    world: &World,
) -> Result<Exit> {
    if !arguments.yes {
        return timers.show(setup, world);
    }
    // Without a crontab command there are no lines either.
    let lines = crontab::read().unwrap_or_default();
    if place.is_run("fetcher", &String::from_utf8_lossy(&lines)) {
        bail!(
            "your crontab runs this home already\n\
             hint: `fetcher install --remove` takes its lines away first"
        );
    }
    timers.write(setup, world)
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
