//! Replaying a recording: kept answers land as snapshots of another day, by the same path as
//! live ones. Bytes stay untouched; names carry the recorded date, so that instants inside the
//! bytes are moved at extraction, and every output says "recorded".

use super::Progress;
use super::answer::{Answer, Body};
use crate::domain::extract::TOO_LARGE;
use crate::domain::hash::Digest;
use crate::domain::journal::{Effort, Event, Outcome, Verdict};
use crate::domain::limits::ANSWER_BYTES;
use crate::domain::source::{Source, is_item_key};
use crate::domain::time::{Day, Instant, parse_stamp};
use crate::edge::clock::{Clock, chance};
use crate::edge::spool::{Run, Spool};
use anyhow::{Context, Result, bail};
use std::fs;
use std::path::{Path, PathBuf};

/// Answers that land as one group, with one sync of the journal.
const GROUP: usize = 32;

/// One replay.
pub struct Replay<'a> {
    pub spool: &'a Spool,
    pub clock: Clock,
    pub journals: &'a Source,
    pub progress: &'a dyn Progress,
    /// The day onto which the recording is moved.
    pub onto: Day,
}

/// A kept answer.
struct Kept<'a> {
    source: &'a Source,
    item: Option<String>,
    path: PathBuf,
    recorded: Instant,
}

impl Replay<'_> {
    /// Lands all answers of a recording, `FOLDER/<source>/<source>_<instant>[_i-<item>].<ext>`.
    pub fn run(&self, folder: &Path, sources: &[Source]) -> Result<Option<Vec<Outcome>>> {
        let holder = format!("{} {}\n", std::process::id(), self.clock.started().timestamp());
        let Some(_lock) = self.spool.lock("fetcher", &holder)? else { return Ok(None) };
        let kept = kept(folder, sources)?;
        if !self.spool.settle(true, chance())?.recorded {
            bail!(
                "{} is a live home, and a home is live or recorded, never both\n\
                 hint: replay into another home",
                self.spool.home().display()
            );
        }
        for error in self.spool.sweep(self.clock.started(), &self.journals.declaration)? {
            self.progress.warn(&format!("an earlier run is not finished: {error}"));
        }
        for source in sources {
            self.spool.keep_declaration(&source.declaration)?;
        }
        let mut run = self.spool.begin("fetcher", self.clock.started(), chance())?;
        self.progress.begin("replaying", kept.len());
        let mut outcomes = Vec::new();
        for group in kept.chunks(GROUP) {
            outcomes.extend(self.land(group, &mut run)?);
        }
        run.close(self.clock.now(), &self.journals.declaration)?;
        Ok(Some(outcomes))
    }

    fn land(&self, group: &[Kept], run: &mut Run) -> Result<Vec<Outcome>> {
        let (mut landings, mut outcomes) = (Vec::new(), Vec::new());
        for kept in group {
            let bytes = self.spool.read(&kept.path)?;
            if bytes.len() > ANSWER_BYTES {
                bail!("cannot replay {}: {TOO_LARGE}", kept.path.display());
            }
            let size = bytes.len() as u64;
            let instant = crate::domain::time::from_millis(
                self.onto.and_time(kept.recorded.time()).and_utc().timestamp_millis(),
            );
            let bytes = match kept.source.fetch.redacted(bytes) {
                Ok(bytes) => bytes,
                Err(why) => {
                    let error = Some(format!("{}: {why}", kept.path.display()));
                    let landed = outcome(kept.source, instant, size);
                    outcomes.push(Outcome { result: Verdict::Failed, error, ..landed });
                    self.progress.step();
                    continue;
                }
            };
            let answer = Answer {
                source: kept.source,
                slot: instant,
                instant,
                item: kept.item.as_deref(),
                page: None,
                recorded: Some(kept.recorded.date_naive()),
                url: kept.source.fetch.url.to_string(),
                status: 200,
                content: Digest::of(&bytes),
                body: Body::Bytes(&bytes),
                etag: None,
                last_modified: None,
                effort: Effort::default(),
            };
            landings.push(answer.stage(run)?);
            outcomes.push(outcome(kept.source, instant, size));
            self.progress.step();
        }
        if !landings.is_empty() {
            let landed = run.land(self.clock.now(), landings)?;
            landed.into_iter().collect::<Result<Vec<()>, _>>()?;
        }
        let events = outcomes.iter().cloned().map(Event::Outcome).collect();
        run.note(self.clock.now(), events)?;
        Ok(outcomes)
    }
}

/// In a recording the slots are its own instants.
fn outcome(source: &Source, instant: Instant, bytes: u64) -> Outcome {
    Outcome {
        source: source.name.clone(),
        slot: instant,
        every: source.fetch.every,
        started: instant,
        ended: instant,
        result: Verdict::Landed,
        status: 200,
        bytes,
        error: None,
    }
}

fn kept<'a>(folder: &Path, sources: &'a [Source]) -> Result<Vec<Kept<'a>>> {
    if !folder.is_dir() {
        bail!("cannot replay {}: it is no folder", folder.display());
    }
    let mut all = Vec::new();
    for source in sources {
        let own = folder.join(source.name.as_str());
        let Ok(listing) = fs::read_dir(&own) else { continue };
        for entry in listing {
            let path = entry.with_context(|| format!("cannot list {}", own.display()))?.path();
            let (recorded, item) = recorded(&path, source).with_context(|| {
                let (name, ext) = (source.name.as_str(), source.fetch.ending());
                format!("{} is not named {name}_YYYY-MM-DDTHH-MM-SSZ.{ext}", path.display())
            })?;
            all.push(Kept { source, item, path, recorded });
        }
    }
    if all.is_empty() {
        bail!("{} holds no answers of the declared sources", folder.display());
    }
    all.sort_by(|a, b| {
        let order = |kept: &Kept| (kept.source.name.clone(), kept.recorded, kept.item.clone());
        order(a).cmp(&order(b))
    });
    Ok(all)
}

/// When an answer was recorded, and of which item of the loop.
fn recorded(path: &Path, source: &Source) -> Option<(Instant, Option<String>)> {
    let stem = path.file_stem()?.to_str()?;
    let rest = stem.strip_prefix(source.name.as_str())?.strip_prefix('_')?;
    match rest.split_once("_i-") {
        None => Some((parse_stamp(rest)?, None)),
        Some((stamp, item)) if is_item_key(item) => {
            Some((parse_stamp(stamp)?, Some(item.to_string())))
        }
        Some(_) => None,
    }
}
