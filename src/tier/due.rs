//! What is due: a source whose turn has come, and the requests that ask for it, one for each
//! item of its loop.

use super::compose::Composer;
use super::known::known_of;
use super::pages::Desk as Pages;
use super::set::Set;
use super::survey::{Desk, Errand, Surveying};
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::request::Request;
use crate::domain::schedule::{CatchUp, Schedule, Slot};
use crate::domain::secret::Secrets;
use crate::domain::settings;
use crate::domain::sketch::Sketch;
use crate::domain::source::{Listed, Source};
use crate::domain::time::Instant;
use crate::domain::tls::Identity;
use crate::domain::turn::{State, Turn};
use crate::edge::config;
use crate::edge::spool::{Asked, Remembered, Spool, States};
use anyhow::{Context, Result as Done};
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Duration;

/// A source whose turn has come.
pub struct Due<'a> {
    pub source: &'a Source,
    pub turn: Turn,
    /// What was known of it before.
    pub before: State,
    /// What is asked; or why nothing can be.
    pub calls: Result<Vec<Call>, String>,
}

/// One request.
pub struct Call {
    /// Key of the loop's item.
    pub item: Option<String>,
    pub request: Request,
    pub known: Option<(Remembered, PathBuf)>,
    /// Start of the slot that it is asked for.
    pub slot: Instant,
    /// Of an answer in pages: the set, and the request as it is declared.
    pub set: Option<(Set, Request)>,
    /// Of a window that is walked in slices: where the walk stands.
    pub survey: Option<Surveying>,
    /// What is told of it whatever comes.
    pub remark: Option<String>,
}

impl Call {
    fn coming_as(mut self, identity: &Identity) -> Call {
        let base = self.set.as_mut().map(|(_, base)| base);
        for request in [&mut self.request].into_iter().chain(base) {
            request.identity = identity.clone();
        }
        self
    }
}

/// Makes the requests of due sources.
pub struct Caller<'a> {
    pub spool: &'a Spool,
    pub settings: &'a settings::Fetcher,
    pub secrets: &'a Secrets,
    pub now: Instant,
}

/// Those of some sources that are due now, those first that waited longest, those last that failed.
pub fn due<'s>(
    caller: &Caller,
    sources: impl IntoIterator<Item = &'s Source>,
    states: &States,
    now: Instant,
    splay: Duration,
) -> Done<Vec<Due<'s>>> {
    let mut due = Vec::new();
    for source in sources {
        let (turn, before) = Clockwork::of(source).turn(states, now, splay)?;
        if let Some(turn) = turn {
            due.push(caller.due(source, turn, before.map(Cow::into_owned).unwrap_or_default()));
        }
    }
    due.sort_by_key(|due| (due.before.trouble.failures > 0, !due.turn.is_late, due.before.slot));
    Ok(due)
}

/// What is known of a source, whatever it was called when it was last asked.
pub fn state<'s>(states: &'s States, source: &Source) -> Option<Cow<'s, State>> {
    Clockwork::of(source).state(states)
}

/// What of a declaration decides when it is due.
pub struct Clockwork<'a> {
    name: &'a SourceName,
    formerly: &'a [SourceName],
    every: Duration,
    catch_up: CatchUp,
    declaration: Digest,
    /// The keys of its loop.
    items: Option<Vec<&'a str>>,
}

impl<'a> Clockwork<'a> {
    pub fn of(source: &'a Source) -> Clockwork<'a> {
        let items = source.fetch.items.as_ref().map(|items| items.rows());
        let items = items.map(|rows| rows.iter().map(|row| row.key.as_str()).collect());
        let (name, formerly) = (&source.name, &*source.formerly);
        let (every, catch_up) = (source.fetch.every, source.fetch.catch_up);
        let declaration = source.declaration.digest;
        Clockwork { name, formerly, every, catch_up, declaration, items }
    }

    pub fn of_sketch(sketch: &'a Sketch) -> Clockwork<'a> {
        let items = sketch.items.as_ref().map(|keys| keys.iter().map(String::as_str).collect());
        let (name, formerly) = (&sketch.name, &*sketch.formerly);
        let (every, catch_up) = (sketch.every, sketch.catch_up);
        let declaration = sketch.declaration;
        Clockwork { name, formerly, every, catch_up, declaration, items }
    }

    fn state<'s>(&self, states: &'s States) -> Option<Cow<'s, State>> {
        let known = [self.name].into_iter().chain(self.formerly);
        let known = known.filter_map(|name| states.get(name));
        let last = known.max_by_key(|state| (state.slot, state.trouble.hold_until))?;
        Some(last.under(&self.declaration))
    }

    /// Whether it is not asked any more, by its publisher's word.
    pub fn is_gone(&self, states: &States) -> bool {
        self.state(states).is_some_and(|state| self.is_over(&state))
    }

    fn is_over(&self, state: &State) -> bool {
        let is_over = |key: &&str| state.items.get(*key).is_some_and(|item| item.gone);
        let all = |keys: &Vec<&str>| !keys.is_empty() && keys.iter().all(is_over);
        let all = self.items.as_ref().is_some_and(all);
        all || state.is_gone(&self.declaration)
    }

    /// When it is asked next, if not before `free`; none where that cannot be known.
    pub fn next(
        &self,
        states: &States,
        now: Instant,
        (free, splay): (Option<Instant>, Duration),
    ) -> Done<Option<Instant>> {
        let free = self.held_until(states, now).max(free).unwrap_or(now).max(now);
        if self.turn(states, free, splay)?.0.is_some() {
            return Ok(Some(free));
        }
        let slots = self.schedule(splay)?;
        let far = free.after(chrono::Duration::days(800));
        let state = self.state(states);
        let holds = state.iter().flat_map(|state| state.items.values());
        let holds = holds.filter_map(|item| item.hold_until).filter(|until| *until > free);
        // An item that failed is asked again within its slot.
        let mut ends: Vec<Instant> = holds.collect();
        ends.extend(slots.slots(free, far).next().map(|slot| slot.at));
        ends.sort();
        for end in ends {
            if self.turn(states, end, splay)?.0.is_some() {
                return Ok(Some(end));
            }
        }
        Ok(None)
    }

    /// Until when it is left alone, if it is.
    pub fn held_until(&self, states: &States, now: Instant) -> Option<Instant> {
        self.state(states)?.held_until(now, self.items.as_deref())
    }

    /// What is due of it now, if anything is, and what is known of it.
    pub fn turn<'s>(
        &self,
        states: &'s States,
        now: Instant,
        splay: Duration,
    ) -> Done<(Option<Turn>, Option<Cow<'s, State>>)> {
        let (schedule, before) = (self.schedule(splay)?, self.state(states));
        let never = State::default();
        let state = before.as_deref().unwrap_or(&never);
        if self.is_over(state) {
            return Ok((None, before));
        }
        let turn = state.turn(&schedule, now, self.items.as_deref());
        Ok((turn, before))
    }

    /// Its slots are cut by its first name, so that they stay when it is renamed.
    fn schedule(&self, splay: Duration) -> Done<Schedule> {
        let first = self.formerly.first().unwrap_or(self.name);
        let schedule = Schedule::new(first.as_str(), self.every, splay)
            .with_context(|| format!("source {}", self.name))?;
        Ok(schedule.catching_up(self.catch_up))
    }
}

/// The name of the ledger of what is surveyed slot by slot.
const SCHEDULED: &str = "slot";

/// What the templates of a loop's item, or of none, are filled in with.
pub fn columns_of(source: &Source, item: Option<&str>) -> BTreeMap<String, String> {
    let rows = source.fetch.items.iter().flat_map(|items| items.rows());
    let row = item.and_then(|item| rows.into_iter().find(|row| row.key == item));
    row.map(filled).unwrap_or_default()
}

fn filled(row: &Listed) -> BTreeMap<String, String> {
    let mut columns = row.columns.clone();
    columns.insert("item".into(), row.key.clone());
    columns
}

impl<'a> Caller<'a> {
    fn due<'s>(&self, source: &'s Source, turn: Turn, before: State) -> Due<'s> {
        let keys: BTreeSet<&str> = turn.keys.iter().map(String::as_str).collect();
        let calls = self.calls_of(source, turn.slot, true, |key| keys.contains(key));
        Due { source, turn, before, calls }
    }

    /// All requests of one slot, in the order of the loop.
    pub fn calls(&self, source: &Source, slot: Slot) -> Result<Vec<Call>, String> {
        self.calls_of(source, slot, false, |_| true)
    }

    fn calls_of(
        &self,
        source: &Source,
        slot: Slot,
        resumes: bool,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Call>, String> {
        let identity = Self::identity(source)?;
        let calls = self.calls_plain(source, slot, resumes, is_wanted)?;
        Ok(calls.into_iter().map(|call| call.coming_as(&identity)).collect())
    }

    /// Whom the connections of a source trust, and as whom they come.
    pub fn identity(source: &Source) -> Result<Identity, String> {
        let Some(tls) = &source.fetch.tls else { return Ok(Identity::default()) };
        config::identity(tls).map_err(|faults| faults.to_string())
    }

    fn calls_plain(
        &self,
        source: &Source,
        slot: Slot,
        resumes: bool,
        is_wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<Call>, String> {
        let Some(items) = &source.fetch.items else {
            return Ok(vec![self.call(source, (slot, resumes), None, &BTreeMap::new())?]);
        };
        let call =
            |row: &Listed| self.call(source, (slot, resumes), Some(row.key.clone()), &filled(row));
        items.rows().iter().filter(|row| is_wanted(&row.key)).map(call).collect()
    }

    /// One call; of an answer in pages it goes on with a set that was cut, if it `resumes`.
    fn call(
        &self,
        source: &Source,
        (slot, resumes): (Slot, bool),
        item: Option<String>,
        columns: &BTreeMap<String, String>,
    ) -> Result<Call, String> {
        if source.fetch.slices.is_some() && resumes {
            return self.surveyed(source, slot.start, item, columns);
        }
        let base = self.request(source, slot.start, columns)?;
        if source.fetch.pages.is_some() {
            return self.paged(source, (slot.start, resumes), item, (base, columns));
        }
        let (mut request, slot) = (base, slot.start);
        let asked = Asked { source: &source.name, item: item.as_deref() };
        let known = known_of(self.spool, source, asked, (None, self.now), &mut request);
        Ok(Call { item, request, known, slot, set: None, survey: None, remark: None })
    }

    fn paged(
        &self,
        source: &Source,
        (slot, resumes): (Instant, bool),
        item: Option<String>,
        (base, columns): (Request, &BTreeMap<String, String>),
    ) -> Result<Call, String> {
        let asked = Asked { source: &source.name, item: item.as_deref() };
        let before = self.spool.cut_set(asked).filter(|_| resumes);
        let cut = before.and_then(|doc| doc.get("slot").as_instant().ok());
        let mut remark = None;
        if let Some(slot) = cut {
            let base = self.request(source, slot, columns)?;
            let desk = Pages {
                spool: self.spool,
                source,
                item: item.as_deref(),
                base: &base,
                now: self.now,
            };
            match desk.resume() {
                Ok(Some((set, request))) => {
                    let (known, set) = (set.known.clone(), Some((set, base)));
                    return Ok(Call { item, request, known, slot, set, survey: None, remark });
                }
                Ok(None) => {}
                Err(why) => remark = Some(why),
            }
        }
        let desk =
            Pages { spool: self.spool, source, item: item.as_deref(), base: &base, now: self.now };
        let (set, request) = desk.begin(slot)?;
        let (known, set) = (set.known.clone(), Some((set, base)));
        Ok(Call { item, request, known, slot, set, survey: None, remark })
    }

    /// The survey of a slot, or one of before that goes on.
    fn surveyed(
        &self,
        source: &Source,
        slot: Instant,
        item: Option<String>,
        columns: &BTreeMap<String, String>,
    ) -> Result<Call, String> {
        let range = source.fetch.range.ok_or("no range is declared")?;
        let span = chrono::TimeDelta::from_std(range.span).unwrap_or_default();
        let window = (slot.before(span), slot);
        let errand = Errand { name: SCHEDULED.into(), what: String::new(), window, slot };
        self.survey(source, errand, item, columns)
    }

    /// A survey of an errand, where it stands.
    pub fn survey(
        &self,
        source: &Source,
        errand: Errand,
        item: Option<String>,
        columns: &BTreeMap<String, String>,
    ) -> Result<Call, String> {
        let identity = &Self::identity(source)?;
        let desk = self.desk((source, item.as_deref(), identity), columns, errand.slot);
        let (surveying, remark) = desk.open(errand)?;
        let request = desk.request(&surveying).ok_or("its window is empty")??;
        let slot = surveying.errand.slot;
        let survey = Some(surveying);
        Ok(Call { item, request, known: None, slot, set: None, survey, remark })
    }

    /// The survey of an errand where it stands, be it at its end; of one that has come to its end
    /// what failed is asked once more. The second: what a person should know of it.
    pub fn take_up(
        &self,
        source: &Source,
        errand: Errand,
        item: Option<&str>,
        columns: &BTreeMap<String, String>,
    ) -> Result<(Surveying, Option<String>), String> {
        let identity = &Self::identity(source)?;
        self.desk((source, item, identity), columns, errand.slot).take_up(errand)
    }

    /// Who makes the requests of a survey and reads its pages.
    pub fn desk<'d>(
        &self,
        (source, item, identity): (&'d Source, Option<&'d str>, &'d Identity),
        columns: &'d BTreeMap<String, String>,
        slot: Instant,
    ) -> Desk<'d>
    where
        'a: 'd,
    {
        let Caller { spool, settings, secrets, now } = *self;
        let composer = Composer { settings, secrets, source, columns, slot, window: None };
        Desk { spool, item, composer, identity, now }
    }

    /// A request as it is declared.
    fn request(
        &self,
        source: &Source,
        slot: Instant,
        columns: &BTreeMap<String, String>,
    ) -> Result<Request, String> {
        let Caller { settings, secrets, .. } = *self;
        Composer { settings, secrets, source, columns, slot, window: None }.request()
    }
}
