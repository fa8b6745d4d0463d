//! One survey under way: what a page that is heard of means for it, what is kept once that page
//! has landed, and what is asked next.

use super::answer::{Answer, Body, Staged, page};
use super::due::{Caller, columns_of};
use super::rows::Rows;
use super::survey::{Desk, Surveying};
use super::tally::{Landed, Tally, Trouble};
use super::tools::Tools;
use crate::domain::extract::Plan;
use crate::domain::format::english;
use crate::domain::hash::Digest;
use crate::domain::journal::Verdict;
use crate::domain::request::{Request, Response};
use crate::domain::retry::Failure;
use crate::domain::source::Source;
use crate::domain::survey::{End, Line, Survey};
use crate::domain::time::Instant;
use crate::domain::tls::Identity;
use crate::edge::spool::{Error, Run, SurveyLedger};

/// Whose survey it is.
#[derive(Clone, Copy)]
pub struct Post<'a> {
    pub source: &'a Source,
    pub item: Option<&'a str>,
    pub identity: &'a Identity,
    pub tools: &'a Tools<'a>,
}

/// A survey, and its open files.
pub struct Surveyor {
    pub surveying: Surveying,
    plan: Plan,
    ledger: Option<SurveyLedger>,
    rows: Option<Rows>,
    /// What is kept once the page has landed.
    pending: Option<Line>,
}

impl Surveyor {
    pub fn new(source: &Source, surveying: Surveying) -> Surveyor {
        let (ledger, rows, pending) = (None, None, None);
        Surveyor { surveying, plan: Plan::new(source), ledger, rows, pending }
    }

    /// One that keeps what its pages say, row by row, too.
    pub fn with_rows(self, rows: Rows) -> Surveyor {
        Surveyor { rows: Some(rows), ..self }
    }

    /// Takes in what came of a page: it is staged, or there is nothing to land. In both cases
    /// [`Surveyor::landed`] is next.
    pub fn hear(
        &mut self,
        post: Post,
        run: &mut Run,
        tally: &mut Tally,
        started: Instant,
        came: Result<Response, Failure>,
    ) -> Result<Option<Staged>, Trouble> {
        let mut response = match came {
            Ok(response) => response,
            Err(failure) => {
                self.pending = Some(unheard(failure)?);
                return Ok(None);
            }
        };
        page(post.source, &mut response, tally, &|words| post.tools.hide(words))?;
        let staged = stage(run, post, self.surveying.errand.slot, (started, &response))?;
        let read =
            post.desk(&self.surveying, |desk| desk.read(&self.surveying, &self.plan, &response));
        let mut line = read.unwrap_or_else(Line::Failed);
        if let (Some(rows), Line::Came { rows: end, .. }) = (&mut self.rows, &mut line) {
            rows.hear(&response.body, post.item, started);
            *end = Some(rows.end());
        }
        self.pending = Some(line);
        Ok(Some(staged))
    }

    /// What was staged has landed: its ledger says so. The next request; none at the end.
    pub fn landed(&mut self, post: Post) -> Result<Option<Request>, Trouble> {
        let disk = |error: Error| Trouble::Disk(error.to_string());
        let lost = || Trouble::Later("nobody asked".into());
        let line = self.pending.take().ok_or_else(lost)?;
        if let Some(rows) = &mut self.rows {
            rows.keep().map_err(disk)?;
        }
        let ledger = match self.ledger.take() {
            Some(ledger) => ledger,
            None => post
                .desk(&self.surveying, |desk| {
                    post.tools.spool.open_survey(desk.asked(), &self.surveying.errand.name)
                })
                .map_err(disk)?,
        };
        self.ledger.insert(ledger).append(&line.doc()).map_err(disk)?;
        self.surveying.survey.hear(&line);
        self.request(post)
    }

    /// The request for the page that is asked next; none at the end.
    pub fn request(&self, post: Post) -> Result<Option<Request>, Trouble> {
        let request = post.desk(&self.surveying, |desk| desk.request(&self.surveying));
        request.transpose().map_err(Trouble::Refused)
    }
}

impl Post<'_> {
    /// Who makes its requests and reads its pages.
    pub fn desk<T>(self, surveying: &Surveying, then: impl FnOnce(&Desk) -> T) -> T {
        let columns = columns_of(self.source, self.item);
        let Tools { spool, settings, secrets, clock, .. } = *self.tools;
        let caller = Caller { spool, settings, secrets, now: clock.now() };
        let whose = (self.source, self.item, self.identity);
        then(&caller.desk(whose, &columns, surveying.errand.slot))
    }
}

/// What a failure means for the slice: there is nothing there, or it is given up; other failures
/// stop the survey, which goes on later.
fn unheard(failure: Failure) -> Result<Line, Trouble> {
    let (total, items, unread, ids) = (None, 0, 0, Vec::new());
    let none = Line::Came { total, items, unread, ids, next: None, full: false, rows: None };
    match &failure {
        Failure::NoContent { .. } => Ok(none),
        Failure::Permanent { status: 416, .. } => Ok(none),
        Failure::Permanent { status: 401 | 403 | 404 | 410, .. } => Err(Trouble::Http(failure)),
        Failure::Permanent { .. } => Ok(Line::Failed(failure.explain())),
        Failure::Stopped { .. } => Err(Trouble::Later(failure.explain())),
        _ => Err(Trouble::Http(failure)),
    }
}

/// What a survey came to.
pub fn verdict(survey: &Survey) -> Landed {
    let bad = |end: &End| matches!(end, End::Failed(_) | End::Short);
    let failed = survey.ended().iter().filter(|entry| bad(&entry.end));
    let count = failed.clone().count() as u64;
    let Some(first) = failed.clone().next() else {
        return Ok(match survey.unique() {
            0 => Verdict::Nothing,
            _ => Verdict::Landed,
        });
    };
    let why = match &first.end {
        End::Failed(why) => why.clone(),
        _ => format!(
            "{} were seen of {} that were announced",
            first.unique,
            first.announced.unwrap_or_default()
        ),
    };
    let slices = english(count, "slice", "slices");
    Err(Trouble::Broken(format!("{slices} failed, the first, {}: {why}", first.slice)))
}

/// Stages a page as an answer of its own.
fn stage(
    run: &mut Run,
    post: Post,
    slot: Instant,
    (started, response): (Instant, &Response),
) -> Result<Staged, Trouble> {
    let content = Digest::of(&response.body);
    let answer = Answer {
        source: post.source,
        slot,
        instant: started,
        item: post.item,
        page: None,
        recorded: None,
        url: response.final_url.clone(),
        status: response.status,
        content,
        body: Body::Bytes(&response.body),
        etag: None,
        last_modified: None,
        effort: response.effort(),
    };
    let landing = answer.stage(run).map_err(|error| Trouble::Disk(error.to_string()))?;
    Ok(Staged { landing, verdict: Verdict::Landed, parts: Vec::new(), unusable: None })
}
