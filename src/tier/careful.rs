//! Careful counting: after a death in counting, each snapshot of the batch is first tried in a
//! child of this program. What ends the child twice, alone, is not counted; if this process dies
//! too, nobody knows of what, and nothing is said of any snapshot.

use super::count::{File, count};
use crate::domain::extract::Plan;
use crate::domain::positions::Missing;
use crate::domain::snapshot::SnapshotId;
use crate::edge::config;
use crate::edge::spool::{Condemned, Spool};
use crate::edge::trial::{Ended, Trier};
use anyhow::{Context, Result, bail};
use std::path::{Path, PathBuf};

/// How often a snapshot ends the program alone before it is left out.
const DEATHS: usize = 2;

/// Tries the snapshots in a batch's folder, if a run died in counting it; those that ended the
/// program are kept there.
pub fn tried_if_marked(
    spool: &Spool,
    trier: &Trier,
    folder: &Path,
    text: &str,
    ids: &[SnapshotId],
) -> Result<Option<Condemned>> {
    let Some(mut condemned) = spool.attempt(folder)? else { return Ok(None) };
    let rest = ids.iter().filter(|id| !condemned.contains_key(id));
    let files: Vec<_> = rest.map(|id| (id.clone(), folder.join(id.to_string()))).collect();
    let found = tried(trier, text, &files)?;
    if !found.is_empty() {
        condemned.extend(found);
        spool.condemn(folder, &condemned)?;
    }
    Ok(Some(condemned))
}

/// Tries files under a declaration's text; those that ended the program, each with its reason.
/// Where no child can be had, none is tried.
pub fn tried(trier: &Trier, text: &str, files: &[(SnapshotId, PathBuf)]) -> Result<Condemned> {
    let (mut condemned, mut rest) = (Condemned::new(), files);
    while !rest.is_empty() {
        let paths: Vec<&Path> = rest.iter().map(|(_, path)| path.as_path()).collect();
        let at = match trier.run(text, &paths) {
            Ended::Well | Ended::Unable(_) => break,
            Ended::Stopped(how) => bail!(stopped(rest.first(), &how)),
            Ended::Died { at, .. } => at,
        };
        let Some((suspect, path)) = rest.get(at) else { break };
        if let Some(how) = ends_alone(trier, text, path)? {
            let why = format!("counting it ended the program twice, alone: {how}");
            condemned.insert(suspect.clone(), why);
        }
        rest = rest.get(at + 1..).unwrap_or_default();
    }
    Ok(condemned)
}

/// How a file ends the program alone, if it does each time.
fn ends_alone(trier: &Trier, text: &str, path: &Path) -> Result<Option<String>> {
    let mut last = None;
    for _ in 0..DEATHS {
        match trier.run(text, &[path]) {
            Ended::Died { how, .. } => last = Some(how),
            Ended::Stopped(how) => bail!(stopped(None, &how)),
            Ended::Well | Ended::Unable(_) => return Ok(None),
        }
    }
    Ok(last)
}

fn stopped(first: Option<&(SnapshotId, PathBuf)>, how: &str) -> String {
    let from = first.map(|(id, _)| format!(", from {id} on")).unwrap_or_default();
    format!(
        "an earlier run died in counting, and now the trial of its snapshots{from}: {how}\n\
         hint: nothing is lost; the next run tries again"
    )
}

/// In the child: counts each file alone, for nothing; `begin` is told of each before.
pub fn alone(
    spool: &Spool,
    text: &str,
    files: &[PathBuf],
    begin: impl Fn(usize) -> Result<()>,
) -> Result<()> {
    let named = |path: &PathBuf| path.file_name()?.to_str().and_then(SnapshotId::parse);
    let first = files.first().and_then(named).context("the first file is no snapshot")?;
    let plan = Plan::new(&config::source(first.source(), "the declaration of a trial", text)?);
    for (place, path) in files.iter().enumerate() {
        let id = named(path).with_context(|| format!("{} is no snapshot", path.display()))?;
        begin(place)?;
        let hour = id.window();
        let file = File { id, path: path.clone(), want: Missing::All };
        count(spool, &plan, hour, &[file], true)?;
    }
    Ok(())
}
