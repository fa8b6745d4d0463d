//! The surveys of one run: what each page that is heard of means for its survey. A page lands as
//! an answer of its own; only then its ledger says so, and the next one is asked.

use super::due::{Call, Due};
use super::heard::{Reply, Stage};
use super::sets::Walking;
use super::surveyor::{Post, Surveyor, verdict};
use super::tally::{Landed, Trouble};
use super::tools::Tools;
use crate::domain::request::Response;
use crate::domain::retry::Failure;
use crate::domain::time::Instant;
use crate::edge::spool::{Asked, Seen};
use std::collections::BTreeMap;

/// Surveys on their way, by the place of their request.
#[derive(Default)]
pub struct Surveys(BTreeMap<(usize, usize), Open>);

struct Open {
    surveyor: Surveyor,
    /// Who is told what to ask next.
    reply: Option<Reply>,
}

impl Surveys {
    /// Takes in what came of a page: it is staged, or what it means is kept at once.
    pub fn hear(
        &mut self,
        place: (usize, usize),
        walking: Walking,
        started: Instant,
        came: Result<Result<Response, Failure>, Trouble>,
        reply: Option<Reply>,
    ) -> Result<Stage, Trouble> {
        let Walking { due, call, tools, run, tally } = walking;
        let Some(begun) = &call.survey else { return Ok(Stage::lost()) };
        let open = self.0.entry(place).or_insert_with(|| {
            tally.remark(call.remark.clone());
            if let Some(remark) = &call.remark {
                tools.progress.warn(&format!("{}: {remark}", due.source.name));
            }
            Open { surveyor: Surveyor::new(due.source, begun.clone()), reply: None }
        });
        let post = post(due, call, tools);
        // Where there is trouble nobody is to wait for what comes next.
        let staged = open.surveyor.hear(post, run, tally, started, came?)?;
        open.reply = reply;
        if let Some(staged) = staged {
            return Ok(Stage::Passed(Box::new(staged)));
        }
        Ok(match self.landed(place, (due, call), tools)? {
            None => Stage::Turned,
            Some(landed) => Stage::Settled(landed),
        })
    }

    /// What was staged has landed: its ledger says so, and the next page is asked; or what the
    /// survey came to, at its end.
    pub fn landed(
        &mut self,
        place: (usize, usize),
        (due, call): (&Due, &Call),
        tools: &Tools,
    ) -> Result<Option<Landed>, Trouble> {
        let lost = || Trouble::Later("nobody asked".into());
        let open = self.0.get_mut(&place).ok_or_else(lost)?;
        let reply = open.reply.take();
        match open.surveyor.landed(post(due, call, tools))? {
            None => Ok(Some(end(due, call, tools, &open.surveyor)?)),
            Some(request) => match reply.map(|reply| reply.send(Box::new(request))) {
                Some(Ok(())) => Ok(None),
                // Whoever asks has gone where the run is over: the survey waits.
                _ => Err(Trouble::Later("the run was over".into())),
            },
        }
    }

    /// What was staged has not landed: nobody is to wait for what comes next.
    pub fn lost(&mut self, place: (usize, usize)) {
        if let Some(open) = self.0.get_mut(&place) {
            open.reply = None;
        }
    }

    /// Whether a request was for a survey that goes on where it stopped.
    pub fn goes_on(&self, place: (usize, usize), landed: &Landed) -> bool {
        self.0.contains_key(&place) && landed.as_ref().is_err_and(Trouble::passes)
    }
}

/// What a survey came to; of a complete one it is kept what it saw, where more may be gone.
fn end(due: &Due, call: &Call, tools: &Tools, surveyor: &Surveyor) -> Result<Landed, Trouble> {
    let surveying = &surveyor.surveying;
    let asks = due.source.withdrawal().is_some_and(|withdrawal| withdrawal.gone.is_some());
    if asks && surveying.survey.is_complete() {
        let asked = Asked { source: &due.source.name, item: call.item.as_deref() };
        let seen = Seen { began: surveying.began, ids: surveying.survey.seen().clone() };
        tools.spool.keep_seen(asked, &seen).map_err(|error| Trouble::Disk(error.to_string()))?;
    }
    Ok(verdict(&surveying.survey))
}

fn post<'a>(due: &Due<'a>, call: &'a Call, tools: &'a Tools<'a>) -> Post<'a> {
    let (source, item, identity) = (due.source, call.item.as_deref(), &call.request.identity);
    Post { source, item, identity, tools }
}
