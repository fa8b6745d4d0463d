//! What a run of the summarizer says at its end, to people and to programs.

use crate::command::busy::busy;
use crate::command::{Exit, Setup, output, told};
use crate::domain::document::Doc;
use crate::domain::format::{be, english};
use crate::domain::incident::{Complaint, Well, of_source, shape};
use crate::domain::name::SourceName;
use crate::tier::done::{Done, Figures, Summary};
use anyhow::Result;

/// Files left alone that are named one by one.
const LISTED: usize = 5;

/// How old a lock's holder may be before it is worth a message: two periods of the cron line.
const PATIENCE_S: i64 = 7200;

/// The sources of a home, by name.
pub fn names(setup: &Setup) -> Vec<SourceName> {
    setup.sources.iter().map(|source| source.name.clone()).collect()
}

/// Prints what was done of each source.
pub fn report(setup: &Setup, summary: &Summary, dry_run: bool) -> Result<Exit> {
    let exit = exit(setup, summary);
    for (source, done) in summary {
        if dry_run && !setup.json {
            output::print_line(format_args!(
                "{source}: {} in {} {} due",
                english(done.snapshots, "snapshot", "snapshots"),
                english(done.batches, "batch", "batches"),
                be(done.snapshots)
            ))?;
        } else if done.batches > 0 {
            setup.console.say(&format!(
                "{source}: committed {} in {}, {}",
                english(done.snapshots, "snapshot", "snapshots"),
                english(done.batches, "batch", "batches"),
                english(done.rows, "row", "rows")
            ));
        }
        for (hours, what) in [(done.expired, "expired"), (done.thinned, "thinned")] {
            if hours > 0 {
                let hours = english(hours, "hour", "hours");
                setup.console.say(&format!("{source}: {hours} {what}"));
            }
        }
    }
    if setup.json {
        output::print_line(json(setup, summary))?;
    }
    Ok(exit)
}

/// Tells what was not as it should be; how much was done.
pub fn exit(setup: &Setup, summary: &Summary) -> Exit {
    let exits: Vec<Exit> =
        summary.iter().map(|(source, done)| report_source(setup, source, done)).collect();
    let failed = exits.iter().filter(|exit| **exit == Exit::NothingDone).count();
    let partly = exits.contains(&Exit::InPart);
    match Exit::of(exits.len() - failed, failed) {
        Exit::AllDone if partly => Exit::InPart,
        exit => exit,
    }
}

fn report_source(setup: &Setup, source: &SourceName, done: &Done) -> Exit {
    if let Some(holder) = &done.busy {
        let job = format!("summarizer of {source}");
        return busy(setup, &job, Some(holder), PATIENCE_S);
    }
    let warn = |what: &str, text: String| {
        setup.console.complain(Complaint { key: key(source, what), text, ..Complaint::default() });
    };
    for left in done.left.iter().take(LISTED) {
        warn(LEFT, format!("{source}: left alone: {left}"));
    }
    if done.left.len() > LISTED {
        let more = done.left.len() - LISTED;
        let more = english(more as u64, "more file", "more files");
        warn(LEFT, format!("{source}: left alone: {more}"));
    }
    if done.unread > 0 {
        let text = format!(
            "{source}: {} of {} {} items that could not be read\n\
             hint: data/quarantine/{source}/ holds {}",
            done.unread,
            english(done.snapshots, "snapshot", "snapshots"),
            if done.unread == 1 { "has" } else { "have" },
            if done.unread == 1 { "it, beside its reason" } else { "them, each beside its reason" }
        );
        let (key, under) = (key(source, UNREAD), Some(of_source(source)));
        setup.console.complain(Complaint { key, text, under, ..Complaint::default() });
    }
    for remark in &done.remarks {
        let what = format!("{REMARK}{}/", shape(&remark.remark.key()));
        let kind = if remark.is_fault() { "fault" } else { "remark" };
        let (key, text) = (key(source, &what), format!("{source}: {}", remark.line()));
        setup.console.complain(Complaint { key, text, kind: kind.into(), ..Complaint::default() });
    }
    for error in &done.failed {
        let text = format!("{source}: {}", setup.spool.hide(&told(error)));
        warn(&format!("{FAILED}{}/", shape(&text)), text);
    }
    // What waits for its archive only is done in part.
    match Exit::of((done.batches + done.unarchived) as usize, done.failed.len()) {
        Exit::AllDone if done.unread > 0 || !done.remarks.is_empty() => Exit::InPart,
        exit => exit,
    }
}

/// What a run tells of a source, each in incidents of its own.
const LEFT: &str = "left/";
const UNREAD: &str = "unread/";
const REMARK: &str = "remark/";
const FAILED: &str = "failed/";

const SOURCES: &str = "summarizer/source/";

fn key(source: &SourceName, what: &str) -> String {
    format!("{SOURCES}{source}/{what}")
}

/// Tells the letter what this run looked at: of which it does not complain, that is over. What
/// answers say is known of those that were counted.
pub fn well(setup: &Setup, summary: &Summary) {
    let mail = &setup.console.mail;
    mail.looked();
    for (source, done) in summary.iter().filter(|(_, done)| done.busy.is_none()) {
        mail.well(key(source, LEFT));
        mail.well(key(source, FAILED));
        if done.batches > 0 {
            mail.well(key(source, UNREAD));
            mail.well(key(source, REMARK));
        }
    }
    if !setup.faulty {
        // Of a source that is no more, nothing is wrong.
        let but = summary.keys().map(|source| key(source, "")).collect();
        mail.well_but(Well { prefix: SOURCES.into(), but });
    }
}

fn json(setup: &Setup, summary: &Summary) -> String {
    let doc = |done: &Done| {
        let failed = done.failed.iter().map(|error| Doc::text(setup.spool.hide(&told(error))));
        let mut doc = Doc::map([
            ("batches", Doc::Int(done.batches as i64)),
            ("snapshots", Doc::Int(done.snapshots as i64)),
            ("rows", Doc::Int(done.rows as i64)),
            ("unread", Doc::Int(done.unread as i64)),
            ("expired", Doc::Int(done.expired as i64)),
            ("thinned", Doc::Int(done.thinned as i64)),
            ("failed", Doc::List(failed.collect())),
            ("remarks", Doc::List(done.remarks.iter().map(|r| Doc::text(r.line())).collect())),
        ]);
        if let (Doc::Map(pairs), Some(change)) = (&mut doc, done.change) {
            pairs.push(("before".into(), figures(change.before)));
            pairs.push(("after".into(), figures(change.after)));
        }
        doc
    };
    Doc::Map(summary.iter().map(|(name, done)| (name.to_string().into(), doc(done))).collect())
        .json()
}

fn figures(figures: Figures) -> Doc {
    Doc::map([
        ("hours", Doc::Int(figures.hours as i64)),
        ("snapshots", Doc::Int(figures.snapshots as i64)),
        ("rows", Doc::Int(figures.rows as i64)),
        ("not_whole", Doc::Int(figures.unread as i64)),
    ])
}
