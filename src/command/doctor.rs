//! `fetcher doctor`: what keeps a home from its work, each with its cure. Nothing is changed.

use super::contact::user_agent;
use super::{Exit, Setup, World, output, told};
use crate::domain::crontab::Place;
use crate::domain::doctor::{self, Check, Finding, PATIENCE};
use crate::domain::format::english;
use crate::domain::units::Units;
use crate::edge::{crontab, units};
use crate::tier::doctor::{Doctor, Started, secrets};
use anyhow::Result;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::mpsc;

#[derive(clap::Args, Default)]
pub struct DoctorArguments {
    /// Ask no host and look up no name
    #[arg(long)]
    offline: bool,
}

/// Examines the home. Exit code 0: nothing is wrong; 1: something is; 2: it cannot be examined.
pub fn doctor(setup: &Setup, arguments: &DoctorArguments, world: &World) -> Result<Exit> {
    let examined = Doctor {
        spool: &setup.spool,
        settings: &setup.settings,
        sources: &setup.sources,
        clock: setup.clock,
    };
    let mut found = network(setup, &examined, arguments.offline)?;
    found.push(of_sources(setup));
    found.extend(examined.disk());
    found.extend(examined.permissions());
    found.extend(of_secrets(setup));
    found.extend(of_pings(setup));
    found.extend(examined.store(&setup.store_url(), setup.opening()?));
    if !arguments.offline {
        found.extend(of_archive(setup));
    }
    let started = started(setup, world);
    found.extend(of_mail(&started, world));
    found.extend(examined.runs(&started)?);
    found.sort_by_key(|finding| finding.check);
    match setup.json {
        true => output::print_line(doctor::doc(&found).json())?,
        false => output::print(doctor::lines(&found))?,
    }
    Ok(if doctor::wrong(&found) == 0 { Exit::AllDone } else { Exit::InPart })
}

/// The faults themselves are told beside the findings.
fn of_sources(setup: &Setup) -> Finding {
    let count = english(setup.sources.len() as u64, "source is", "sources are");
    match setup.sources.len() {
        _ if setup.faulty => Finding::wrong(
            Check::Sources,
            format!("{count} declared, and some file in sources/ cannot be read as one"),
            "fetcher check tells all faults",
        ),
        0 => Finding::wrong(
            Check::Sources,
            "no source is declared: there is nothing to ask",
            "put a declaration into sources/: docs/sources.md, or fetcher init",
        ),
        _ => Finding::well(Check::Sources, format!("{count} declared")),
    }
}

fn network(setup: &Setup, examined: &Doctor, offline: bool) -> Result<Vec<Finding>> {
    let unasked = |check, why: &str| Finding::unknown(check, format!("not looked at: {why}"));
    let all = [Check::Dns, Check::Tls, Check::Clock];
    match user_agent(setup.settings.contact.as_deref()) {
        Err(error) => {
            let mut found = vec![Finding::of_words(
                Check::Contact,
                &told(&error),
                "set contact in daybook.toml",
            )];
            found.extend(all.map(|check| unasked(check, "nobody is asked without a contact")));
            Ok(found)
        }
        Ok(agent) => {
            let contact = setup.settings.contact.as_deref().unwrap_or_default();
            let mut found =
                vec![Finding::well(Check::Contact, format!("{contact} answers for it"))];
            match offline {
                true => found.extend(all.map(|check| unasked(check, "--offline"))),
                false => found.extend(examined.hosts(&agent)?),
            }
            Ok(found)
        }
    }
}

fn of_secrets(setup: &Setup) -> Vec<Finding> {
    let wanted: BTreeSet<&str> = setup.sources.iter().flat_map(|source| source.secrets()).collect();
    match setup.secrets(&setup.sources) {
        Err(error) => {
            vec![Finding::of_words(Check::Secrets, &told(&error), "is secrets.toml right?")]
        }
        Ok(known) => {
            let missing = wanted.iter().filter(|name| !known.contains_key(**name));
            secrets(wanted.len(), &missing.map(ToString::to_string).collect::<Vec<_>>())
        }
    }
}

/// The bucket of the archive, as far as that can be seen without putting anything there.
fn of_archive(setup: &Setup) -> Option<Finding> {
    let lake = setup.lake()?;
    let (sender, receiver) = mpsc::channel();
    let address = lake.address();
    // It goes on by itself where a server takes longer, until the program ends.
    let home = setup.spool.seen_identity().ok().flatten().map(|identity| identity.id);
    std::thread::spawn(move || sender.send(lake.look(home.as_deref())));
    Some(match receiver.recv_timeout(PATIENCE) {
        Ok(Ok(said)) => Finding::well(Check::Archive, format!("{address}: {said}")),
        Ok(Err(error)) => {
            let cure = "docs/lake.md has what it needs";
            Finding::of_words(Check::Archive, &setup.spool.hide(&error.to_string()), cure)
        }
        Err(_) => Finding::wrong(
            Check::Archive,
            format!("{address} did not answer within {} s", PATIENCE.as_secs()),
            "is its server overloaded, or does a firewall stand between?",
        ),
    })
}

/// Pings that did not arrive.
fn of_pings(setup: &Setup) -> Vec<Finding> {
    let lost = |program: &str| {
        let watched = setup.settings.ping.of(program).is_some();
        let why = setup.spool.pinged(program).why.filter(|_| watched)?;
        let said =
            format!("the last ping of the {program} did not arrive: {}", setup.spool.hide(&why));
        Some(Finding::wrong(Check::Runs, said, "is its address in daybook.toml right?"))
    };
    ["fetcher", "summarizer", "analyzer"].into_iter().filter_map(lost).collect()
}

/// What becomes of the words of a run that cron starts.
fn of_mail(started: &[Started], world: &World) -> Option<Finding> {
    let by_cron = |one: &Started| one.by.as_ref().is_some_and(|by| by.contains("cron"));
    let is_read = !started.iter().any(by_cron) || crontab::has_mailer(&world.machine.programs);
    (!is_read).then(|| {
        let said = "no mail program (sendmail) is here: cron throws away what the programs say";
        let cure = "install one, such as msmtp-mta or postfix, and set MAILTO where another shall \
                    have the mail; without, fetcher status shows what is wrong";
        Finding { cure: Some(cure.into()), ..Finding::unknown(Check::Cron, said) }
    })
}

/// What runs each program: this user's crontab, one of the machine, or a timer of systemd.
fn started(setup: &Setup, world: &World) -> Vec<Started> {
    let home = setup.home.canonicalize().unwrap_or_else(|_| setup.home.clone());
    let Ok(place) = Place::new(Path::new("/"), &home) else { return Vec::new() };
    let own = crontab::read().unwrap_or_default();
    let own = ("your crontab".to_string(), String::from_utf8_lossy(&own).into_owned());
    let machine = crontab::system().into_iter();
    let machine = machine.map(|(path, text)| (path.display().to_string(), text));
    let timers = units::timers(world.machine.units.as_deref()).into_iter();
    let mark = Units::new(Path::new("/"), &home).map(|units| units.mark()).ok();
    let timers = timers.map(|timer| {
        // Systemd writes a path in ways of its own: a file of ours says whose it is.
        let is_ours = mark.as_ref().is_some_and(|mark| timer.service.starts_with(mark));
        let whose = if is_ours { format!(" {}", home.display()) } else { String::new() };
        let lines = timer.service.lines().map(|line| format!("{line}{whose}\n"));
        (timer.path.display().to_string(), lines.collect())
    });
    let places: Vec<(String, String)> = [own].into_iter().chain(machine).chain(timers).collect();
    let by = |program: &str| {
        let found = places.iter().find(|(_, text)| place.is_run(program, text));
        found.map(|(by, _)| by.clone())
    };
    let programs = ["fetcher", "summarizer", "analyzer"];
    programs.map(|program| Started { program, by: by(program) }).to_vec()
}
