//! The sets of pages of one run: what each page that is heard of means for its set.

use super::answer::{page, stage_set};
use super::due::{Call, Due};
use super::heard::{Reply, Stage};
use super::pages::Desk;
use super::set::{Set, Turned};
use super::tally::{Landed, Tally, Trouble};
use super::tools::Tools;
use crate::domain::extract::Plan;
use crate::domain::journal::Verdict;
use crate::domain::request::Response;
use crate::domain::retry::Failure;
use crate::domain::source::Source;
use crate::domain::time::Instant;
use crate::edge::spool::Run;
use std::collections::BTreeMap;

/// Sets on their way, by the place of their request.
#[derive(Default)]
pub struct Sets(BTreeMap<(usize, usize), Open>);

struct Open {
    set: Set,
    plan: Plan,
}

/// What a page is heard with.
pub struct Walking<'a, 'r> {
    pub due: &'a Due<'a>,
    pub call: &'a Call,
    pub tools: &'r Tools<'a>,
    pub run: &'r mut Run,
    pub tally: &'r mut Tally<'a>,
}

impl Sets {
    /// Takes in what came of a page: the next one is asked, or the whole set is staged.
    pub fn hear(
        &mut self,
        place: (usize, usize),
        walking: Walking,
        started: Instant,
        came: Result<Result<Response, Failure>, Trouble>,
        reply: Option<Reply>,
    ) -> Result<Stage, Trouble> {
        let Walking { due, call, tools, run, tally } = walking;
        let (spool, now) = (tools.spool, tools.clock.now());
        let Some((begun, base)) = &call.set else { return Ok(Stage::lost()) };
        let open = self.0.entry(place).or_insert_with(|| {
            tally.remark(call.remark.clone());
            if let Some(remark) = &call.remark {
                tools.progress.warn(&format!("{}: {remark}", due.source.name));
            }
            Open { set: begun.clone(), plan: Plan::new(due.source) }
        });
        let desk = Desk { spool, source: due.source, item: call.item.as_deref(), base, now };
        let turned = match came? {
            Ok(response) if is_empty_page(due.source, &response) => match open.set.page() {
                1 => Ok(Turned::Nothing(response.status)),
                _ => open.set.nothing(due.source),
            },
            Ok(mut response) => page(due.source, &mut response, tally, &|words| tools.hide(words))
                .and_then(|()| desk.take(&mut open.set, &open.plan, started, &response)),
            Err(failure) => open.failed(failure, due.source),
        };
        match turned {
            Ok(Turned::Ask(request)) => {
                // Whoever asks has gone where the run is over: the set waits.
                if reply.is_none_or(|reply| reply.send(request).is_err()) {
                    return Err(Trouble::Later("the run was over".into()));
                }
                Ok(Stage::Turned)
            }
            Ok(Turned::Nothing(status)) => {
                tally.outcome.status = status;
                Ok(Stage::Settled(Ok(Verdict::Nothing)))
            }
            Ok(Turned::Whole) => {
                tally.remark(open.set.walk.remark().map(|told| format!("warning: {told}")));
                let staged = stage_set(run, due, call, &open.set, |number| desk.file(number));
                staged.map(|staged| Stage::Staged(Box::new(staged)))
            }
            Err(trouble) => {
                if !may_go_on(&trouble) {
                    desk.drop();
                }
                Err(trouble)
            }
        }
    }

    /// Whether a request was for a page behind the first, and whether its set goes on.
    pub fn place_of(&self, place: (usize, usize), landed: &Landed) -> (bool, bool) {
        let Some(Open { set, .. }) = self.0.get(&place) else { return (false, false) };
        let inner = set.page() > 1;
        (inner, inner && landed.as_ref().is_err_and(may_go_on))
    }

    /// Which page of a set could not be had, and what waits of it.
    pub fn about(&self, place: (usize, usize), landed: &Landed) -> Option<String> {
        let set = &self.0.get(&place)?.set;
        let (page, waiting) = (set.page(), set.pages.len());
        match landed {
            Err(trouble) if page > 1 && may_go_on(trouble) => {
                Some(format!("page {page}, and those before it wait ({waiting})"))
            }
            Err(Trouble::Http(_) | Trouble::Unusable(_) | Trouble::Said(_)) if page > 1 => {
                Some(format!("page {page} of a set, which is given up"))
            }
            _ => None,
        }
    }
}

impl Open {
    /// No page came: behind the last one there may be none.
    fn failed(&mut self, failure: Failure, source: &Source) -> Result<Turned, Trouble> {
        let is_over =
            matches!(&failure, Failure::NoContent { .. }) || failure.status() == Some(416);
        match failure {
            _ if is_over && self.set.page() > 1 => self.set.nothing(source),
            Failure::NoContent { status, .. } => Ok(Turned::Nothing(status)),
            Failure::Stopped { .. } => Err(Trouble::Later(failure.explain())),
            failure => Err(Trouble::Http(failure)),
        }
    }
}

/// Of lines and rows none at all are an empty page.
fn is_empty_page(source: &Source, response: &Response) -> bool {
    let none = response.body.is_empty() && !response.aside.is_taken() && !response.unchanged;
    none && source.fetch.format.is_lines() && source.fetch.written.unpack.is_none()
}

/// Whether the pages that are here may become a set in the next run.
fn may_go_on(trouble: &Trouble) -> bool {
    match trouble {
        Trouble::Later(_) | Trouble::Waits(..) | Trouble::Held(..) | Trouble::Disk(_) => true,
        Trouble::Http(Failure::Permanent { status, .. }) => matches!(status, 401 | 403),
        Trouble::Http(Failure::Barred { unsaid, .. }) => *unsaid,
        Trouble::Http(_) => true,
        Trouble::Refused(_) | Trouble::Unusable(_) | Trouble::Broken(_) | Trouble::Said(_) => false,
    }
}
