//! From the door to the disk: what the network heard is redacted, judged, staged, landed and
//! remembered, in this order and on a thread of its own, so that a slow disk never makes a
//! healthy host look slow. What has come meanwhile lands as one group, each answer with a result
//! of its own.

use super::answer::{Staged, stage};
use super::due::{Call, Due};
use super::ends::{Of, end, waits};
use super::heard::{Heard, Reply, Stage, Word};
use super::sets::{Sets, Walking};
use super::surveys::Surveys;
use super::tally::{Landed, Tally, Trouble, describe};
use super::tools::Tools;
use crate::domain::journal::{Event, Landing, Outcome, Verdict};
use crate::domain::name::SourceName;

use crate::domain::retry::{Failure, pause};
use crate::domain::time::Instant;
use crate::domain::turn::{End, Gone, State};
use crate::edge::clock::fraction;
use crate::edge::disk::at_once;
use crate::edge::spool::{Asked, Error, Memory, Run};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc::Receiver;

/// What all came to.
#[derive(Debug, Default)]
pub struct Ended {
    /// One for each due source; none when nothing was due.
    pub outcomes: Vec<Outcome>,
    /// Of sources that failed: what was not in their outcomes.
    pub notes: BTreeMap<SourceName, Note>,
    /// How many sources failed in part only: of their other requests there are answers.
    pub in_part: usize,
    /// What could not be finished beside them; the next run does.
    pub complaints: Vec<String>,
    /// Sources that were put off since they wait for their time: that is no fault.
    pub waiting: BTreeSet<SourceName>,
    /// The run was told to stop.
    pub is_stopped: bool,
}

impl Ended {
    /// Takes in what a further round came to.
    pub fn join(&mut self, round: Ended) {
        self.outcomes.extend(round.outcomes);
        self.notes.extend(round.notes);
        self.waiting.extend(round.waiting);
        self.in_part += round.in_part;
        self.complaints.extend(round.complaints);
    }
}

/// What else is known of a source that failed.
#[derive(Debug)]
pub struct Note {
    /// What others may suffer from as well.
    pub cause: Option<String>,
    /// Which sort of failure it was.
    pub kind: String,
    /// Before that it is not asked again.
    pub until: Option<Instant>,
}

/// Lands what one run hears.
pub struct Lander<'a> {
    tools: Tools<'a>,
    due: &'a [Due<'a>],
    run: Run,
    memory: Memory,
    tallies: Vec<Tally<'a>>,
    states: Vec<State>,
    ended: Ended,
    /// Sets of pages on their way.
    sets: Sets,
    surveys: Surveys,
}

/// Answers that land together, with one sync of the journal.
#[derive(Default)]
struct Group {
    sets: Vec<Landing>,
    stages: Vec<((usize, usize), Instant, Stage)>,
}

impl<'a> Lander<'a> {
    /// `due` is being asked: its tries are kept in `memory`.
    pub fn new(tools: Tools<'a>, due: &'a [Due<'a>], run: Run, memory: Memory) -> Lander<'a> {
        let tally = |due: &'a Due<'a>| {
            let calls = due.calls.as_ref().map_or(1, |calls| calls.len().max(1));
            let only = due.calls.as_ref().ok().and_then(|calls| match calls.as_slice() {
                [only] => Some(only.slot),
                _ => None,
            });
            let slot = only.unwrap_or(due.turn.slot.start);
            Tally::new(due.source, slot, calls, tools.clock.now())
        };
        let tallies = due.iter().map(tally).collect();
        let states = due.iter().map(|due| due.before.begun(&due.turn)).collect();
        let (ended, sets, surveys) = Default::default();
        Lander { tools, due, run, memory, tallies, states, ended, sets, surveys }
    }

    /// Works until nobody can be heard any more.
    pub fn work(mut self, mut heard: Receiver<Heard>) -> Ended {
        self.refuse();
        let most = at_once();
        while let Some(first) = heard.blocking_recv() {
            let mut group = Group::default();
            let mut next = Some(first);
            // What has come while others were staged lands with them.
            while let Some(heard_of) = next {
                self.take(heard_of, &mut group);
                next = (group.stages.len() < most).then(|| heard.try_recv().ok()).flatten();
            }
            self.settle(group);
        }
        self.give_up();
        self.close()
    }

    /// Sources whose requests cannot even be made.
    fn refuse(&mut self) {
        let (now, due) = (self.tools.clock.now(), self.due);
        let mut done = Vec::new();
        for (place, due) in due.iter().enumerate() {
            let Err(why) = &due.calls else { continue };
            let end = End::Failed { hold: None, all: None, wished: false };
            let keys = due.turn.keys.iter().map(|key| Some(key.as_str()));
            let only = due.turn.keys.is_empty().then_some(None);
            if let Some(state) = self.states.get_mut(place) {
                keys.chain(only).for_each(|key| state.end(key, end, &due.before));
            }
            if let Some(tally) = self.tallies.get_mut(place) {
                tally.enter(None, now, now, &Err(Trouble::Refused(why.clone())), None);
            }
            done.push(place);
        }
        self.finish(done);
    }

    fn call(&self, place: (usize, usize)) -> Option<(&'a Due<'a>, &'a Call)> {
        let due: &'a Due<'a> = self.due.get(place.0)?;
        Some((due, due.calls.as_ref().ok()?.get(place.1)?))
    }

    /// Stages an answer for its group.
    fn take(&mut self, Heard { place, started, word, reply }: Heard, group: &mut Group) {
        let Some((due, call)) = self.call(place) else { return };
        let stage = match self.hear((due, call), place, started, (word, reply)) {
            Ok(stage) => stage,
            Err(trouble) => Stage::Settled(Err(trouble)),
        };
        if let Stage::Staged(staged) | Stage::Passed(staged) = &stage {
            group.sets.push(staged.landing.clone());
        }
        group.stages.push((place, started, stage));
    }

    /// Lands a group, and notes what became of each of its requests.
    fn settle(&mut self, group: Group) {
        let mut landed = self.land(group.sets).into_iter();
        let mut done = Vec::new();
        for (place, started, stage) in group.stages {
            let landed = match stage {
                Stage::Turned => continue,
                Stage::Settled(landed) => landed,
                Stage::Passed(_) => match self.passed(place, landed.next()) {
                    None => continue,
                    Some(landed) => landed,
                },
                Stage::Staged(staged) => match landed.next() {
                    Some(Err(why)) => Err(Trouble::Disk(why)),
                    _ => match staged.unusable {
                        // The next request is not to be for the same page.
                        Some(page) => Err(Trouble::Unusable(page)),
                        None => {
                            self.remember(place, &staged);
                            Ok(staged.verdict)
                        }
                    },
                },
            };
            done.extend(self.enter(place, started, &landed).then_some(place.0));
        }
        self.finish(done);
    }

    /// A page of a survey has landed or not: what the survey comes to, unless it goes on.
    fn passed(
        &mut self,
        place: (usize, usize),
        landed: Option<Result<(), String>>,
    ) -> Option<Landed> {
        if let Some(Err(why)) = landed {
            self.surveys.lost(place);
            return Some(Err(Trouble::Disk(why)));
        }
        let on = self.call(place)?;
        self.surveys.landed(place, on, &self.tools).unwrap_or_else(|trouble| Some(Err(trouble)))
    }

    /// Redacts, judges and stages one answer.
    fn hear(
        &mut self,
        (due, call): (&'a Due<'a>, &'a Call),
        place: (usize, usize),
        started: Instant,
        (word, reply): (Word, Option<Reply>),
    ) -> Result<Stage, Trouble> {
        let Some(tally) = self.tallies.get_mut(place.0) else { return Ok(Stage::lost()) };
        let came = match word {
            Word::Later(why) => Err(Trouble::Later(why)),
            Word::Came(came) => match *came {
                Err(failure @ Failure::Waits { .. }) => return waits(due, call, failure, tally),
                came => Ok(came),
            },
        };
        if call.survey.is_some() {
            let (tools, run) = (&self.tools, &mut self.run);
            let walking = Walking { due, call, tools, run, tally };
            return self.surveys.hear(place, walking, started, came, reply);
        }
        if call.set.is_some() {
            let (tools, run) = (&self.tools, &mut self.run);
            let desk = Walking { due, call, tools, run, tally };
            return self.sets.hear(place, desk, started, came, reply);
        }
        let came = came?;
        let response = match came {
            Ok(response) => response,
            Err(Failure::NoContent { status, .. }) => {
                tally.outcome.status = status;
                return Ok(Stage::Settled(Ok(Verdict::Nothing)));
            }
            Err(failure @ Failure::Stopped { .. }) => {
                return Err(Trouble::Later(failure.explain()));
            }
            Err(failure) => return Err(Trouble::Http(failure)),
        };
        let staged = stage(&mut self.run, due, call, (started, response), tally, &self.tools)?;
        Ok(Stage::Staged(Box::new(staged)))
    }

    /// Lands what is staged; a word for each.
    fn land(&mut self, sets: Vec<Landing>) -> Vec<Result<(), String>> {
        let all = sets.len();
        if all == 0 {
            return Vec::new();
        }
        match self.run.land(self.tools.clock.now(), sets) {
            Ok(landed) => landed.into_iter().map(|one| one.map_err(|e| e.to_string())).collect(),
            Err(error) => vec![Err(error.to_string()); all],
        }
    }

    /// Keeps the body for the next request. Only a hint is lost when this fails.
    fn remember(&self, place: (usize, usize), staged: &Staged) {
        let Some((due, call)) = self.call(place) else { return };
        let (source, spool) = (&due.source.name, self.tools.spool);
        let asked = Asked { source, item: call.item.as_deref() };
        for (part, id) in staged.parts.iter().zip(&staged.landing.snapshots) {
            let landed = || spool.incoming(source).join(id.to_string());
            let file = part.known.clone().unwrap_or_else(landed);
            if let Err(error) = spool.remember(asked, part.page, &part.remembered, &file) {
                self.tools.progress.tell(&format!("{source}: {error}"));
            }
        }
        if call.set.is_some()
            && let Err(error) = spool.drop_set(asked)
        {
            self.tools.progress.tell(&format!("{source}: {error}"));
        }
    }

    /// Notes what became of a request; whether it was the last of its source.
    fn enter(&mut self, place: (usize, usize), started: Instant, landed: &Landed) -> bool {
        let Some((due, call)) = self.call(place) else { return false };
        let (now, item) = (self.tools.clock.now(), call.item.as_deref());
        if call.request.moved_to.is_some() && matches!(landed, Err(Trouble::Http(_))) {
            // Back to the declared address.
            let asked = Asked { source: &due.source.name, item };
            let _ = self.tools.spool.forget_moved(asked);
        }
        let mut until = None;
        if let Some(state) = self.states.get_mut(place.0) {
            let times = (self.tools.clock.started(), now);
            let (inner, cut) = self.sets.place_of(place, landed);
            let goes_on = self.surveys.goes_on(place, landed);
            let (inner, cut) = (inner || goes_on, cut || goes_on);
            let of = Of { failures: state.failures(item), inner, cut };
            let end = end(landed, of, due.source, times);
            until = end.held();
            state.end(item, end, &due.before);
            if item.is_none() && call.slot < due.turn.slot.start && end == End::Answered {
                // A set of before is whole; the slot that is now is still to be asked.
                state.slot = Some(call.slot);
            }
            let declaration = &due.source.declaration.digest;
            if !matches!(end, End::Waits { .. } | End::Untouched) {
                state.asked_by(declaration, now);
            }
            if end == End::Gone && item.is_none() {
                state.gone = Some(Gone { declaration: *declaration, at: Some(now) });
            }
        }
        let tally = self.tallies.get_mut(place.0);
        let page = self.sets.about(place, landed);
        let label = [item.map(String::from), page].into_iter().flatten().collect::<Vec<_>>();
        let label = (!label.is_empty()).then(|| label.join(", "));
        tally.is_some_and(|t| t.enter(label.as_deref(), started, now, landed, until))
    }

    /// All requests of these sources are settled: their outcomes, and what the next run must know.
    fn finish(&mut self, done: Vec<usize>) {
        let (mut outcomes, mut states) = (Vec::new(), Vec::new());
        for place in done {
            let tally = self.tallies.get_mut(place);
            let (Some(due), Some(tally)) = (self.due.get(place), tally) else { continue };
            tally.settle(due.turn.left.len().saturating_sub(due.turn.keys.len()));
            if let Some(state) = self.states.get_mut(place) {
                let now = self.tools.clock.now();
                hold_silent(due, tally, state, now);
                let items = due.source.fetch.items.as_ref();
                let keys: Option<Vec<&str>> =
                    items.map(|list| list.rows().iter().map(|row| row.key.as_str()).collect());
                let note = Note {
                    cause: tally.cause.clone(),
                    kind: tally.kind.clone(),
                    until: state.held_until(now, keys.as_deref()),
                };
                self.ended.notes.insert(due.source.name.clone(), note);
            }
            if tally.waits() {
                self.ended.waiting.insert(due.source.name.clone());
            }
            outcomes.push(tally.outcome.clone());
            self.ended.in_part += usize::from(tally.failed_in_part());
            states.extend(self.states.get(place).map(|state| (&due.source.name, state.clone())));
        }
        if outcomes.is_empty() {
            return;
        }
        let events = outcomes.iter().cloned().map(Event::Outcome).collect();
        let noted = self.run.note(self.tools.clock.now(), events);
        let remembered = self.memory.note(states);
        let errors = noted.err().into_iter().chain(remembered.err());
        self.ended.complaints.extend(errors.map(|error: Error| error.to_string()));
        for outcome in outcomes {
            self.tools.progress.step();
            self.tools.progress.tell(&describe(&outcome));
            self.ended.outcomes.push(outcome);
        }
    }

    /// What was never heard of was not asked.
    fn give_up(&mut self) {
        let now = self.tools.clock.now();
        let lost: Landed = Err(Trouble::Later("its request broke off".into()));
        let mut done = Vec::new();
        for (place, tally) in self.tallies.iter_mut().enumerate().filter(|(_, t)| t.left > 0) {
            while !tally.enter(None, now, now, &lost, None) {}
            done.push(place);
            let only = self.due.get(place).filter(|due| due.turn.keys.is_empty());
            if let (Some(due), Some(state)) = (only, self.states.get_mut(place)) {
                state.end(None, End::Untouched, &due.before);
            }
        }
        self.finish(done);
    }

    fn close(mut self) -> Ended {
        let Tools { clock, journals, .. } = self.tools;
        let remembered = self.memory.close().err();
        // A landing that broke off is the next run's, and its failure is an outcome already.
        let closed = match self.run.is_broken() {
            true => None,
            false => self.run.close(clock.now(), journals).err(),
        };
        let said = remembered.into_iter().chain(closed).map(|error| error.to_string());
        let mut complaints: BTreeSet<String> = self.ended.complaints.into_iter().collect();
        complaints.extend(said);
        self.ended.complaints = complaints.into_iter().collect();
        self.ended
    }
}

/// Of a loop of which nobody answered, and not all could be asked for that: no one is asked for a
/// while, or each run would spend its time on some of them.
fn hold_silent(due: &Due, tally: &Tally, state: &mut State, now: Instant) {
    let unasked = state.left.iter().any(|key| !state.items.contains_key(key));
    let is_cut = tally.is_silent() && tally.outcome.error.is_some() && unasked;
    if is_cut && tally.cause.is_some() {
        let row = due.before.trouble.failures.saturating_add(1);
        state.hold_all(row, pause(now, row, due.source.fetch.every, fraction()));
    }
}
