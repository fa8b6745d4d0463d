//! An answer, live or recorded, on its way to the spool: one path for both.

use super::due::{Call, Due};
use super::known::{digest, held, moved};
use super::odd::odd;
use super::set::{Page as SetPage, Set};
use super::tally::{Page, Tally, Trouble};
use super::tools::Tools;
use crate::domain::extract::{Found, Plan};
use crate::domain::form::{Suspect, title};
use crate::domain::hash::Digest;
use crate::domain::journal::{Effort, Landing, Verdict};
use crate::domain::limits::SHOWN_WORDS;
use crate::domain::request::Response;
use crate::domain::retry::{Failure, host};
use crate::domain::shown::short;
use crate::domain::snapshot::{Origin, SnapshotId};
use crate::domain::source::Source;
use crate::domain::time::{Day, Instant};
use crate::edge::spool::{Content, Remembered, Result, Run};
use std::path::{Path, PathBuf};

/// The bytes of an answer: received now, or a file that holds the same.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    Bytes(&'a [u8]),
    File(&'a Path),
}

/// An answer to one due source.
pub struct Answer<'a> {
    pub source: &'a Source,
    pub slot: Instant,
    /// Start of the request.
    pub instant: Instant,
    /// Key of the loop's item.
    pub item: Option<&'a str>,
    /// Of a set of several pages: which, and of how many.
    pub page: Option<(u16, u16)>,
    /// Of a recording: its date.
    pub recorded: Option<Day>,
    /// Without secrets.
    pub url: String,
    pub status: u16,
    pub content: Digest,
    pub body: Body<'a>,
    pub etag: Option<String>,
    pub last_modified: Option<String>,
    pub effort: Effort,
}

impl Answer<'_> {
    /// The identity of its snapshot.
    pub fn id(&self) -> SnapshotId {
        let origin = Origin {
            source: &self.source.name,
            instant: self.instant,
            item: self.item,
            page: self.page,
            recorded: self.recorded,
            declaration: self.source.declaration.digest,
            ext: self.source.fetch.ending(),
        };
        SnapshotId::new(&origin, self.content)
    }

    /// Writes its temporary file; what is still to be done is in the landing.
    pub fn stage(&self, run: &mut Run) -> Result<Landing> {
        let id = self.id();
        let (content, bytes) = match self.body {
            Body::Bytes(bytes) => (Content::Bytes(bytes), bytes.len() as u64),
            Body::File(path) => (Content::File(path), path.metadata().map_or(0, |m| m.len())),
        };
        run.stage(&id, content)?;
        Ok(Landing {
            source: self.source.name.clone(),
            slot: self.slot,
            snapshots: vec![id],
            url: self.url.clone(),
            status: self.status,
            bytes,
            etag: self.etag.clone(),
            last_modified: self.last_modified.clone(),
            effort: self.effort,
        })
    }
}

/// A live answer whose bytes are on the disk, under a temporary name.
pub struct Staged {
    pub landing: Landing,
    pub verdict: Verdict,
    /// One for each snapshot.
    pub parts: Vec<Landable>,
    /// It is kept, and is not what was asked for.
    pub unusable: Option<Page>,
}

/// What the next request must know of a snapshot that is about to land.
pub struct Landable {
    /// Of a set of pages: its number, from 1.
    pub page: Option<usize>,
    pub remembered: Remembered,
    /// The file that held the same bytes already.
    pub known: Option<PathBuf>,
}

/// Redacts, judges and stages what came of a call.
pub fn stage(
    run: &mut Run,
    due: &Due,
    call: &Call,
    (started, mut response): (Instant, Response),
    tally: &mut Tally,
    tools: &Tools,
) -> std::result::Result<Staged, Trouble> {
    let (spool, now) = (tools.spool, tools.clock.now());
    let hide: &dyn Fn(&str) -> String = &|words| tools.hide(words);
    // One after the other: so there is one large answer in memory.
    response.take_up().map_err(Trouble::Disk)?;
    let unusable = judge(due.source, &mut response, KEPT, hide)?;
    tally.heard(&response, remarks(due.source, &response));
    tally.remark(odd(spool, due.source, &response, call.known.as_ref()));
    let fresh = (!response.unchanged).then(|| Digest::of(&response.body));
    let same = call.known.as_ref().filter(|(known, _)| fresh.is_none_or(|d| d == known.content));
    let (body, content) = match (same, fresh) {
        (Some((known, path)), _) => (Body::File(path), known.content),
        (None, Some(digest)) => (Body::Bytes(&response.body), digest),
        (None, None) => {
            return Err(Trouble::Http(Failure::NothingStored { at: response.final_url }));
        }
    };
    let validators = response.validators.clone().unwrap_or_default();
    let answer = Answer {
        source: due.source,
        slot: call.slot,
        instant: started,
        item: call.item.as_deref(),
        page: None,
        recorded: None,
        url: response.final_url.clone(),
        status: response.status,
        content,
        body,
        etag: validators.etag.clone(),
        last_modified: validators.last_modified.clone(),
        effort: response.effort(),
    };
    let landing = answer.stage(run).map_err(|error| Trouble::Disk(error.to_string()))?;
    let remembered = Remembered {
        request: digest(&call.request),
        declaration: due.source.declaration.digest.hex(),
        content,
        etag: validators.etag,
        last_modified: validators.last_modified,
        moved: moved(&response, now, call.known.as_ref().map(|(known, _)| known)),
        holds: held(&response, now, call.known.as_ref().map(|(known, _)| known)),
        link: None,
    };
    let verdict = if same.is_some() { Verdict::Unchanged } else { Verdict::Landed };
    let part = Landable { page: None, remembered, known: same.map(|(_, path)| path.clone()) };
    Ok(Staged { landing, verdict, parts: vec![part], unusable })
}

/// Stages the pages of a whole set.
pub fn stage_set(
    run: &mut Run,
    due: &Due,
    call: &Call,
    set: &Set,
    file: impl Fn(usize) -> PathBuf,
) -> std::result::Result<Staged, Trouble> {
    let all = set.pages.len();
    let place = |number: usize| Some((u16::try_from(number).ok()?, u16::try_from(all).ok()?));
    let mut whole: Option<Landing> = None;
    for (page, number) in set.pages.iter().zip(1..) {
        let path = file(number);
        let answer = Answer {
            source: due.source,
            slot: set.slot,
            instant: set.began.unwrap_or(set.slot),
            item: call.item.as_deref(),
            page: (all > 1).then(|| place(number)).flatten(),
            recorded: None,
            url: page.url.clone(),
            status: page.status,
            content: page.remembered.content,
            body: Body::File(&path),
            etag: page.remembered.etag.clone(),
            last_modified: page.remembered.last_modified.clone(),
            effort: page.effort,
        };
        let landing = answer.stage(run).map_err(|error| Trouble::Disk(error.to_string()))?;
        match &mut whole {
            None => whole = Some(landing),
            Some(whole) => {
                whole.bytes += landing.bytes;
                whole.effort = whole.effort.and(landing.effort);
                whole.snapshots.extend(landing.snapshots);
            }
        }
    }
    let landing = whole.ok_or_else(|| Trouble::Broken("its set has no pages".into()))?;
    let same = set.pages.iter().all(|page| page.known.is_some());
    let part = |(page, number): (&SetPage, usize)| Landable {
        page: Some(number),
        remembered: Remembered {
            holds: if number == 1 { set.holds() } else { page.remembered.holds },
            ..page.remembered.clone()
        },
        known: page.known.clone(),
    };
    let parts = set.pages.iter().zip(1..).map(part).collect();
    let verdict = if same { Verdict::Unchanged } else { Verdict::Landed };
    Ok(Staged { landing, verdict, parts, unusable: None })
}

/// What becomes of an answer that is not what was asked for: of one alone, and of a page.
const KEPT: &str = "the answer is kept, and will go to quarantine";
const DROPPED: &str = "nothing of its set of pages is kept";

/// Takes out what is redacted; and tells what an answer is that is not what was asked for.
fn judge(
    source: &Source,
    response: &mut Response,
    fate: &str,
    hide: &dyn Fn(&str) -> String,
) -> std::result::Result<Option<Page>, Trouble> {
    if response.unchanged {
        return Ok(None);
    }
    if let Some(said) = failure_said(source, response, hide) {
        return Err(Trouble::Said(said));
    }
    let unusable = unusable(source, response, fate, hide);
    if unusable.is_none() {
        other_letters(source, response).map_or(Ok(()), |why| Err(Trouble::Refused(why)))?;
    }
    let redacted = source.fetch.redacted(std::mem::take(&mut response.body));
    let seems = |why| match &unusable {
        Some(page) => format!("{}: {why}", page.what),
        None => why,
    };
    response.body = redacted.map_err(|why| Trouble::Refused(seems(why)))?;
    Ok(unusable)
}

/// What an answer says by a declared condition: that it is a failure, whatever its status.
fn failure_said(
    source: &Source,
    response: &Response,
    hide: &dyn Fn(&str) -> String,
) -> Option<String> {
    if source.fetch.fail.is_empty() {
        return None;
    }
    let plan = Plan::new(source);
    let (condition, found) = plan.first_of(&response.body, &source.fetch.fail)?;
    let value = match found {
        Found::Text(text) => format!("{:?}", short(&hide(&text), SHOWN_WORDS)),
        Found::Flag(flag) => flag.to_string(),
        Found::Absent | Found::Null => "not there".into(),
        Found::Other => "there".into(),
    };
    Some(format!(
        "get {}: answered {}, and its {} is {value}, which is declared a failure",
        response.final_url, response.status, condition.path
    ))
}

/// Redacts and judges a page of a set.
pub fn page(
    source: &Source,
    response: &mut Response,
    tally: &mut Tally,
    hide: &dyn Fn(&str) -> String,
) -> std::result::Result<(), Trouble> {
    response.take_up().map_err(Trouble::Disk)?;
    let unusable = judge(source, response, DROPPED, hide)?;
    tally.heard(response, remarks(source, response));
    unusable.map_or(Ok(()), |page| Err(Trouble::Unusable(page)))
}

const PART: &str = "warning: answered 206: there are more pages, and only this one is read\n\
hint: declare [fetch.pages]";

/// What a person should know of an answer that lands: what its publisher announces.
fn remarks(source: &Source, response: &Response) -> Option<String> {
    let warnings = response.warnings.iter().map(|warning| format!("warning: {warning}"));
    let part = response.is_part() && source.fetch.pages.is_none();
    let part = part.then(|| PART.to_string());
    let moved = response.moved.then(|| {
        let to = &response.final_url;
        format!("warning: it is moved for good, to {to}\nhint: declare that address")
    });
    let remarks: Vec<String> = warnings.chain(part).chain(moved).collect();
    (!remarks.is_empty()).then(|| remarks.join("; "))
}

/// Why a page may not land: its head names other letters than those by which it would be read.
pub fn other_letters(source: &Source, response: &Response) -> Option<String> {
    let why = source.other_letters(&response.body, response.content_type.as_deref()?)?;
    Some(format!("get {}: answered {}: {why}", response.final_url, response.status))
}

/// What an answer is that is not what was asked for; it lands all the same, raw.
fn unusable(
    source: &Source,
    response: &Response,
    fate: &str,
    hide: &dyn Fn(&str) -> String,
) -> Option<Page> {
    let Suspect { what, hint } = source.suspect(&response.body)?;
    let title = title(&response.body).map(|title| hide(&title));
    let named = title.as_ref().map(|title| format!(" titled {title:?}")).unwrap_or_default();
    let hint = hint.as_deref().unwrap_or(
        "open the address in a browser: a login, a notice, or a page of the network that this \
         machine is in?",
    );
    let what = format!(
        "get {}: answered {} with {what}{named}, not {}; {fate}\nhint: {hint}",
        response.final_url, response.status, source.fetch.format.name
    );
    let host = host(&response.final_url).unwrap_or_default();
    Some(Page { what, title, host })
}
