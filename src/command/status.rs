//! `status` of any of the three programs: when each ran last, what is wrong, what waits, and how
//! far each source is summarised.

use super::mail::STORE;
use super::shapes::stale;
use super::{Exit, Setup, output, told};
use crate::domain::document::Doc;
use crate::domain::format::english;
use crate::domain::incident::{Incident, minute};
use crate::domain::time::iso;
use crate::edge::store::Reader;
use crate::tier::Progress;
use crate::tier::runs::Runs;
use crate::tier::standing::{Standing, standings};
use crate::tier::status::{Status, status};
use anyhow::Result;

/// Shows all three programs. `needs_store`: without a store there is nothing to tell.
pub fn show(setup: &Setup, needs_store: bool) -> Result<Exit> {
    let runs = Runs::of(&setup.spool)?;
    let known = setup.spool.incidents();
    let names: Vec<_> = setup.sources.iter().map(|source| source.name.clone()).collect();
    let now = setup.clock.started();
    let store = setup.reader();
    let look =
        |store: Option<&dyn Reader>| status(&setup.spool, store, &names, &setup.retentions, now);
    let from_store = store.and_then(|store| {
        let stale = stale(setup, &*store)?;
        Ok((look(Some(&*store))?, store.size()?, stale))
    });
    let (found, size, failed, stale) = match from_store {
        Ok((found, size, stale)) => (found, Some(size), None, stale),
        // What waits, and who is left alone, stands in the home.
        Err(error) => (look(None).unwrap_or_default(), None, Some(error), Vec::new()),
    };
    // A store that was read just now is no trouble any more.
    let is_over = |key: &str| failed.is_none() && key.starts_with(STORE);
    let open = known.open().filter(|(key, _)| !is_over(key.as_ref()));
    let incidents: Vec<&Incident> = open.map(|(_, incident)| incident).collect();
    let stuck: Vec<String> = match failed {
        None => found.iter().filter_map(|status| status.stuck(now)).collect(),
        Some(_) => Vec::new(),
    };
    let standings = standings(&setup.spool, &setup.sources, now, setup.settings.fetcher.splay)?;
    let journals = setup.warn_of_journals()?;
    let fails = |status: &Status| status.fails() && names.contains(&status.source);
    let is_silent = found.iter().any(|one| !one.remarks.is_empty() || fails(one));
    let is_wrong = journals || is_silent || setup.faulty || failed.is_some();
    let is_wrong = is_wrong || !stuck.is_empty() || !incidents.is_empty() || !stale.is_empty();
    if setup.json {
        let doc = Doc::map([
            ("programs", runs.doc()),
            ("incidents", Doc::List(incidents.iter().map(|one| incident(one)).collect())),
            ("sources", Status::doc(&found)),
            ("asking", Standing::doc(&standings)),
            ("stale_views", Doc::List(stale.iter().map(Doc::text).collect())),
            ("store_bytes", Doc::option(size, |bytes| Doc::Int(bytes as i64))),
        ]);
        output::print_line(doc.json())?;
    } else {
        let wrong = if is_wrong { lines(&incidents) } else { NOTHING.to_string() };
        let table = Status::table(&found, now);
        let room = size.map(|size| Status::room(&found, size)).unwrap_or_default();
        let asking = if standings.is_empty() { String::new() } else { Standing::table(&standings) };
        output::print(format_args!("{table}{room}\n{asking}\n{}{wrong}", runs.lines()))?;
    }
    if let Some(error) = failed {
        if needs_store {
            return Err(error);
        }
        setup.console.warn(&told(&error));
    }
    stuck.iter().for_each(|line| setup.console.warn(line));
    if !stale.is_empty() {
        setup.console.warn(&format!(
            "in the store the views of {} are missing, or those of an older declaration\n\
             hint: summarizer store init, as the owner of its schema",
            stale.join(", ")
        ));
    }
    Ok(if is_wrong { Exit::InPart } else { Exit::AllDone })
}

const NOTHING: &str = "nothing is wrong, as far as the last runs know\n";

fn lines(incidents: &[&Incident]) -> String {
    let line = |incident: &&Incident| {
        let (since, last) = (minute(incident.since), minute(incident.last));
        let runs = english(incident.times.into(), "run", "runs");
        let text = incident.text.replace('\n', "\n      ");
        format!("  since {since}, last {last}, in {runs}: {text}\n")
    };
    match incidents {
        [] => String::new(),
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
