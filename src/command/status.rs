//! `status` of any of the three programs: when each ran last, what is wrong, what waits, and how
//! far each source is summarised.

use super::{Exit, Setup, output, told};
use crate::domain::document::Doc;
use crate::domain::format::english;
use crate::domain::incident::{Incident, minute};
use crate::domain::time::iso;
use crate::tier::Progress;
use crate::tier::runs::Runs;
use crate::tier::status::{Status, status};
use anyhow::Result;

/// Shows all three programs. `needs_store`: without a store there is nothing to tell.
pub fn show(setup: &Setup, needs_store: bool) -> Result<Exit> {
    let runs = Runs::of(&setup.spool)?;
    let known = setup.spool.incidents();
    let incidents: Vec<&Incident> = known.open().map(|(_, incident)| incident).collect();
    let names: Vec<_> = setup.sources.iter().map(|source| source.name.clone()).collect();
    let now = setup.clock.started();
    let found = setup.reader().and_then(|store| status(&setup.spool, &*store, &names, now));
    let (found, failed) = match found {
        Ok(found) => (found, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    if setup.json {
        let doc = Doc::map([
            ("programs", runs.doc()),
            ("incidents", Doc::List(incidents.iter().map(|one| incident(one)).collect())),
            ("sources", Status::doc(&found)),
        ]);
        output::print_line(doc.json())?;
    } else {
        if failed.is_none() {
            output::print(Status::table(&found, now))?;
        }
        output::print(format_args!("\n{}{}", runs.lines(), lines(&incidents)))?;
    }
    if let Some(error) = failed {
        if needs_store {
            return Err(error);
        }
        setup.console.warn(&told(&error));
        return Ok(Exit::InPart);
    }
    let stuck: Vec<String> = found.iter().filter_map(|status| status.stuck(now)).collect();
    stuck.iter().for_each(|line| setup.console.warn(line));
    let is_told = setup.warn_of_journals()? || !stuck.is_empty() || setup.faulty;
    let remarks = found.iter().any(|status| !status.remarks.is_empty());
    Ok(if is_told || remarks { Exit::InPart } else { Exit::AllDone })
}

fn lines(incidents: &[&Incident]) -> String {
    let line = |incident: &&Incident| {
        let (since, last) = (minute(incident.since), minute(incident.last));
        let runs = english(incident.times.into(), "run", "runs");
        format!("  since {since}, last {last}, in {runs}: {}\n", incident.first_line())
    };
    match incidents {
        [] => "nothing is wrong, as far as the last runs know\n".into(),
        some => format!("wrong now:\n{}", some.iter().map(line).collect::<String>()),
    }
}

fn incident(incident: &Incident) -> Doc {
    Doc::map([
        ("since", Doc::text(iso(incident.since))),
        ("last", Doc::text(iso(incident.last))),
        ("runs", Doc::Int(incident.times.into())),
        ("text", Doc::text(&*incident.text)),
    ])
}
