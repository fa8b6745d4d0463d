//! `fetcher install --systemd`: timers of systemd for a home, shown, written or removed.

use super::{Exit, Setup, World, output};
use crate::domain::units::{Unit, Units};
use crate::edge::units;
use crate::tier::Progress;
use anyhow::{Context, Result, bail};
use chrono_tz::Tz;
use std::path::Path;

/// Why timers are not enough by themselves.
const LINGER: &str = "they stop when you log out, unless: loginctl enable-linger";

/// The units of a home, for this user.
pub struct Timers {
    units: Units,
    all: Vec<Unit>,
    zone: Tz,
}

impl Timers {
    /// For reports of the days of `zone`.
    pub fn new(programs: &Path, home: &Path, zone: Tz) -> Result<Timers> {
        let units = Units::new(programs, home)?;
        Ok(Timers { all: units.all(zone), units, zone })
    }

    /// Whether this home's are switched on.
    pub fn are_on(&self, world: &World) -> bool {
        let mark = self.units.mark();
        let on = units::timers(world.machine.units.as_deref());
        on.iter().any(|timer| timer.service.starts_with(&mark))
    }

    /// An error unless systemd knows the zone by its name.
    fn takes_zone(&self) -> Result<()> {
        let zone = self.zone;
        if units::takes(&format!("*-*-* 00:15:00 {zone}")) == Some(false) {
            bail!(
                "systemd does not take the zone {zone} of daybook.toml\n\
                 hint: install tzdata, or use cron: fetcher install"
            );
        }
        Ok(())
    }

    /// Shows the units.
    pub fn show(&self, setup: &Setup, world: &World) -> Result<Exit> {
        self.takes_zone()?;
        let folder = folder(world)?;
        for unit in &self.all {
            let on = if unit.name.ends_with(".timer") && !unit.is_on {
                " (not switched on)"
            } else {
                ""
            };
            output::print(format_args!(
                "{}{on}\n\n{}\n",
                folder.join(&unit.name).display(),
                unit.text
            ))?;
        }
        setup.console.say("nothing was written; --yes writes these files and switches them on");
        Ok(Exit::AllDone)
    }

    /// Writes them, switches them on, and has systemd look at them.
    pub fn write(&self, setup: &Setup, world: &World) -> Result<Exit> {
        self.takes_zone()?;
        let folder = folder(world)?;
        units::write(folder, &self.all, &self.units.mark())?;
        let mut exit = Exit::AllDone;
        if let Some(Err(why)) = units::verified(folder, &self.units.names()) {
            setup.console.warn(&format!("systemd says of {}: {why}", folder.display()));
            exit = Exit::InPart;
        }
        let on: Vec<&str> =
            self.all.iter().filter(|unit| unit.is_on).map(|unit| unit.name.as_str()).collect();
        let started = units::tell(&["daemon-reload"])
            .and_then(|done| done.is_ok().then(|| units::tell(&[&["start"], &on[..]].concat()))?);
        match started {
            Some(Ok(())) => {
                setup.console.say(&format!("written to {} and started", folder.display()));
            }
            _ => setup.console.warn(&format!(
                "written to {}, and not started: this user's systemd does not answer\n\
                 hint: systemctl --user daemon-reload; systemctl --user start {}",
                folder.display(),
                on.join(" ")
            )),
        }
        setup
            .console
            .say(&format!("{LINGER}\n`fetcher install --systemd --remove` takes them back"));
        Ok(exit)
    }

    /// Switches them off and takes them away.
    pub fn remove(&self, setup: &Setup, world: &World) -> Result<Exit> {
        let names = self.units.names();
        let folder = folder(world)?;
        if !units::remove(folder, &names, &self.units.mark())? {
            setup.console.say("this home has no timers of systemd");
            return Ok(Exit::AllDone);
        }
        // What runs no longer has a file: who cannot be told has forgotten it at the next start.
        let timers = names.iter().map(String::as_str).filter(|name| name.ends_with(".timer"));
        let stop: Vec<&str> = ["stop"].into_iter().chain(timers).collect();
        let _ = units::tell(&stop);
        let _ = units::tell(&["daemon-reload"]);
        setup.console.say("this home's timers are removed");
        Ok(Exit::AllDone)
    }
}

fn folder(world: &World) -> Result<&Path> {
    world
        .machine
        .units
        .as_deref()
        .context("cannot tell where units of systemd belong\nhint: set HOME, or XDG_CONFIG_HOME")
}
