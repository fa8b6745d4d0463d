//! A survey on its way: its ledger is read, the next page asked, what came of it kept.

use super::compose::Composer;
use super::paging;
use super::reading::Reading;
use crate::domain::document::Doc;
use crate::domain::extract::{Found, Plan};
use crate::domain::limits::SURVEY_LASTS_DAYS;
use crate::domain::request::{Request, Response};
use crate::domain::source::{By, Fetch, Pages, Source};
use crate::domain::survey::{Line, Slice, Survey};
use crate::domain::time::{Instant, from_millis};
use crate::domain::tls::Identity;
use crate::domain::walk::{At, Step, Walk, link};
use crate::edge::spool::{Asked, Spool};
use chrono::TimeDelta;

/// Ledgers of another revision are not read: what follows from a page may have changed.
const REVISION: i64 = 1;

/// What is surveyed.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Errand {
    /// The name of its ledger.
    pub name: String,
    /// What tells it apart from others of that name.
    pub what: String,
    /// From when to when; of one that goes on it is what it was at its beginning.
    pub window: (Instant, Instant),
    /// Start of the slot that it is for.
    pub slot: Instant,
}

/// One on its way.
#[derive(Clone)]
pub struct Surveying {
    pub survey: Survey,
    pub errand: Errand,
    /// When its first page was asked for.
    pub began: Instant,
    /// Where the rows end that are kept of its pages.
    pub rows: u64,
}

/// Who carries it on.
pub struct Desk<'a> {
    pub spool: &'a Spool,
    pub item: Option<&'a str>,
    /// Makes its requests; of the window it is told for each.
    pub composer: Composer<'a>,
    pub identity: &'a Identity,
    pub now: Instant,
}

impl Desk<'_> {
    fn source(&self) -> &Source {
        self.composer.source
    }

    pub fn asked(&self) -> Asked<'_> {
        Asked { source: &self.composer.source.name, item: self.item }
    }

    /// The survey of an errand, where it stands; one of before that has not come to its end goes
    /// on. The second: what a person should know of it.
    ///
    /// # Errors
    ///
    /// Its ledger cannot be read or written.
    pub fn open(&self, errand: Errand) -> Result<(Surveying, Option<String>), String> {
        let (before, told) = match self.resume(&errand) {
            Ok(before) => (before, None),
            Err(why) => (None, Some(format!("warning: a survey is begun anew: {why}"))),
        };
        if let Some(before) = before.filter(|before| before.survey.next().is_some()) {
            return Ok((before, told));
        }
        Ok((self.begin_anew(errand)?, told))
    }

    fn begin_anew(&self, errand: Errand) -> Result<Surveying, String> {
        let surveying = self.begin(errand);
        let kept =
            self.spool.begin_survey(self.asked(), &surveying.errand.name, &[self.head(&surveying)]);
        kept.map_err(|error| error.to_string())?;
        Ok(surveying)
    }

    /// The survey of an errand as it stands, be it at its end; of one that has come to its end what
    /// failed is asked once more. The second: what a person should know of it.
    ///
    /// # Errors
    ///
    /// Its ledger cannot be read or written.
    pub fn take_up(&self, errand: Errand) -> Result<(Surveying, Option<String>), String> {
        let (mut before, told) = match self.resume(&errand) {
            Ok(Some(before)) => (before, None),
            Ok(None) => (self.begin_anew(errand)?, None),
            Err(why) => {
                let told = format!("warning: a survey is begun anew: {why}");
                (self.begin_anew(errand)?, Some(told))
            }
        };
        if before.survey.next().is_none() && before.survey.has_failed() {
            let ledger = self.spool.open_survey(self.asked(), &before.errand.name);
            let kept = ledger.and_then(|mut ledger| ledger.append(&Line::Again.doc()));
            kept.map_err(|error| error.to_string())?;
            before.survey.again();
        }
        Ok((before, told))
    }

    /// The survey of an errand as its ledger has it, at its end or not; none where there is none.
    pub fn resume(&self, errand: &Errand) -> Result<Option<Surveying>, String> {
        let lines = self.spool.survey_lines(self.asked(), &errand.name);
        let lines = lines.map_err(|error| error.to_string())?;
        let Some((head, lines)) = lines.split_first() else { return Ok(None) };
        let odd = || "its ledger cannot be read".to_string();
        if head.get("revision").as_int() != Ok(REVISION) {
            return Err("its ledger is of another version".into());
        }
        if head.get("declaration").as_text().ok() != Some(&*self.declaration())
            || head.get("what").as_text().ok() != Some(&*errand.what)
        {
            return Err("another request is declared now".into());
        }
        let at = |key: &str| head.get(key).as_instant().map_err(|_| odd());
        let began = at("began")?;
        let age = self.now - began;
        // A clock that is put back a little makes nothing old.
        if age.abs() > TimeDelta::days(SURVEY_LASTS_DAYS) {
            return Err(format!("it is older than {SURVEY_LASTS_DAYS} days"));
        }
        let (window, slot) = ((at("from")?, at("to")?), at("slot")?);
        let mut surveying = self.begin(Errand { window, slot, ..errand.clone() });
        surveying.began = began;
        for line in lines {
            let line = Line::read(line).ok_or_else(odd)?;
            if let Line::Came { rows: Some(rows), .. } = line {
                surveying.rows = rows;
            }
            surveying.survey.hear(&line);
        }
        Ok(Some(surveying))
    }

    fn declaration(&self) -> String {
        self.source().declaration.digest.hex()
    }

    fn head(&self, surveying: &Surveying) -> Doc {
        let Errand { what, window: (from, to), slot, .. } = &surveying.errand;
        Doc::map([
            ("revision", Doc::Int(REVISION)),
            ("declaration", Doc::text(self.declaration())),
            ("what", Doc::text(what)),
            ("from", Doc::Instant(*from)),
            ("to", Doc::Instant(*to)),
            ("slot", Doc::Instant(*slot)),
            ("began", Doc::Instant(surveying.began)),
        ])
    }

    fn begin(&self, errand: Errand) -> Surveying {
        let fetch = &self.source().fetch;
        let first = fetch.pages.as_ref().map_or(At::Start, |pages| Walk::begin(pages).at().clone());
        let slices = slices(fetch, errand.window);
        let survey = Survey::new(fetch.terms(), first, slices);
        Surveying { survey, errand, began: self.now, rows: 0 }
    }

    /// The request for the page that is asked next; none at the end.
    ///
    /// # Errors
    ///
    /// It cannot be made.
    pub fn request(&self, surveying: &Surveying) -> Option<Result<Request, String>> {
        surveying.survey.next().map(|ask| self.request_for(ask.slice, ask.at))
    }

    fn request_for(&self, slice: &Slice, at: &At) -> Result<Request, String> {
        let base = self.base(slice)?;
        let mut request = base.clone();
        if let Some(pages) = &self.source().fetch.pages {
            paging::put(&mut request, pages, at, &base)?;
        }
        Ok(request)
    }

    /// The request for a slice, as it is declared.
    fn base(&self, slice: &Slice) -> Result<Request, String> {
        let second = |seconds: i64| from_millis(seconds.saturating_mul(1_000));
        let window = Some((second(slice.from), second(slice.to)));
        let fetch = &self.source().fetch;
        let mut base = Composer { window, ..self.composer }.request()?;
        let dimensions = fetch.slices.iter().flat_map(|slices| &slices.dimensions);
        for (dimension, value) in dimensions.zip(&slice.values) {
            let value = dimension.values.get(*value).map_or("", String::as_str);
            base.url = link::with(&base.url, &dimension.param, value)?;
        }
        base.identity = self.identity.clone();
        Ok(base)
    }

    /// What a page comes to, whose body is redacted.
    ///
    /// # Errors
    ///
    /// It cannot be read, or does not say what it must.
    pub fn read(
        &self,
        surveying: &Surveying,
        plan: &Plan,
        response: &Response,
    ) -> Result<Line, String> {
        let Some(ask) = surveying.survey.next() else { return Err("nothing was asked".into()) };
        let (items, unread, ids) = plan.ids(&response.body, self.item)?;
        let (mut total, mut next) = (response.content_range.and_then(|range| range.total), None);
        let mut full = false;
        let fetch = &self.source().fetch;
        if let (Some(pages), true) = (&fetch.pages, fetch.terms().limit == 0) {
            let base = self.base(ask.slice)?;
            let (source, item, page) = (self.source(), self.item, ask.before.len() + 1);
            let reading = Reading { source, item, base: &base, page };
            let link = reading.link(response)?;
            let said = reading.said(plan, (&response.body, response, link))?;
            let mut walk = Walk::after(ask.before, ask.at);
            next = match walk.step(pages, said) {
                Step::Ask(at) => Some(at),
                Step::Whole => None,
                Step::Broken(why) => return Err(why),
            };
            full = walk.is_cut();
        } else if let Some(Pages { by: By::Offset { end, .. }, .. }) = &fetch.pages
            && let Some(path) = &end.total
        {
            let found = plan.peek(&response.body, &[path])?.pop();
            total = found.as_ref().and_then(Found::count).or(total);
        }
        Ok(Line::Came { total, items, unread, ids, next, full, rows: None })
    }
}

/// A window in the slices in which it is asked for, as long as may be, the newest last.
pub fn slices(fetch: &Fetch, (from, to): (Instant, Instant)) -> Vec<Slice> {
    let length = fetch.slices.as_ref().map_or(
        // What it asks for in one slot it may ask for in a slice.
        fetch.range.map(|range| range.span),
        |slices| slices.length,
    );
    let (from, to) = (from.millis().div_euclid(1_000), to.millis().div_euclid(1_000));
    let length = length.map_or(i64::MAX, |length| i64::try_from(length.as_secs()).unwrap_or(1));
    let mut slices = Vec::new();
    let mut end = to;
    while end > from {
        let begin = end.saturating_sub(length.max(1)).max(from);
        slices.push(Slice::of(begin, end));
        end = begin;
    }
    slices
}
