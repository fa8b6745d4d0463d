//! What the dashboard asks: the day as it is now, kept ready by a watch over the spool, and other
//! days, made when they are asked for.

use super::glance::{Glance, LONG, says_the_same};
use super::line::{self, Ledgers, Of};
use super::list;
use super::lists::Lists;
use super::rows;
use super::scene::{Stage, hours_of};
use super::waiting::{Looker, Waiting};
use super::whole::Whole;
use crate::domain::digest::{Period, Span};
use crate::domain::format::Lang;
use crate::domain::page::Drawing;
use crate::domain::record::Record;
use crate::domain::screen::{
    LineAsk, LineTold, ListAsk, ListTold, Pulse, RecordTold, RowsAsk, RowsTold, Scene, SeriesRow,
};
use crate::domain::source::{ALL, Items, Shown, Source};
use crate::domain::time::{Day, Window};
use crate::edge::clock::chance;
use crate::edge::notice::Notice;
use crate::edge::picture;
use crate::edge::store::Reader;
use crate::edge::web::{Bell, View};
use crate::tier::past::Past;
use anyhow::{Context, Result, bail};
use chrono::TimeDelta;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::Duration;

/// Days that are kept, besides that of now.
const DAYS: usize = 6;
/// Without news, how long until it is looked once more: sources become late by themselves, and a
/// store may be away.
const ROUND: Duration = Duration::from_secs(10);
/// Of the time, how much a watch may take: after a look it rests so many times as long.
const REST: u32 = 2;
/// How far back a line goes.
const YEAR: TimeDelta = TimeDelta::days(366);
/// How soon a store that was away is asked for again.
const AGAIN: Duration = Duration::from_secs(3);

/// Readings before it is given up because the summarizer commits all the time, and how long it is
/// waited in between.
const TRIES: usize = 20;
const TORN: Duration = Duration::from_millis(150);

/// Opens the store to read it.
pub type Open = Box<dyn Fn() -> Result<Box<dyn Reader>> + Send + Sync>;

/// Tells who started the program.
pub type Tell = Box<dyn Fn(&str) + Send + Sync>;

pub struct Desk {
    stage: Stage,
    open: Open,
    tell: Tell,
    now: RwLock<Option<Arc<Scene>>>,
    days: Mutex<VecDeque<Arc<Scene>>>,
    /// What waits, as the last scene saw it.
    waiting: RwLock<Arc<Waiting>>,
    ledgers: Ledgers,
    lists: Lists,
    /// What the last look saw.
    glance: Mutex<Option<Glance>>,
    bell: Bell,
    /// Why nothing could be read yet.
    trouble: RwLock<Option<String>>,
    version: AtomicU64,
    ended: AtomicBool,
}

impl Desk {
    pub fn new(stage: Stage, open: Open, tell: Tell) -> Desk {
        Desk {
            stage,
            open,
            tell,
            now: RwLock::default(),
            days: Mutex::default(),
            waiting: RwLock::default(),
            ledgers: Ledgers::default(),
            lists: Lists::default(),
            glance: Mutex::default(),
            bell: Bell::default(),
            trouble: RwLock::default(),
            version: AtomicU64::new(first_version()),
            ended: AtomicBool::new(false),
        }
    }

    /// Watches until it is told to end; the first look is made at once.
    pub fn watch(&self, notice: &Notice) {
        let mut looker = Looker::new(self.stage.spool.clone());
        let mut cold = Vec::new();
        while !self.ended.load(Ordering::SeqCst) {
            let begun = self.elapsed();
            let is_first = self.now().is_none();
            let looked = self.look(&mut looker);
            let took = self.elapsed().saturating_sub(begun);
            let wait = match looked {
                Ok(()) => ROUND,
                Err(error) => {
                    self.tell_away(&error);
                    AGAIN
                }
            };
            if is_first {
                cold = (self.stage.sources)();
            }
            // One after the other, so that news never waits for long.
            if let (Some(_), Some(source)) = (self.now(), cold.pop()) {
                let _ = self.warm(&source);
            }
            self.rest(took * REST);
            self.wait(notice, wait);
        }
    }

    /// Reads what counts in a year of a source, so that nobody has to wait for that.
    fn warm(&self, source: &Source) -> Result<()> {
        let reader = (self.open)()?;
        let end = self.stage.clock.now();
        let hours = Window::of(end.before(YEAR))..Window::of(end).next();
        let is_sampled = matches!(source.items, Items::Samples(_));
        let mut names = source.names().into_iter().filter(|_| is_sampled);
        names.try_for_each(|name| self.ledgers.read(&*reader, &name, &hours))
    }

    /// No more looks.
    pub fn end(&self) {
        self.ended.store(true, Ordering::SeqCst);
    }

    fn elapsed(&self) -> Duration {
        self.stage.clock.since(self.stage.clock.started())
    }

    fn rest(&self, span: Duration) {
        let until = self.elapsed() + span.min(ROUND);
        while self.elapsed() < until && !self.ended.load(Ordering::SeqCst) {
            std::thread::park_timeout(until.saturating_sub(self.elapsed()).min(AGAIN));
        }
    }

    /// Until there is news, or for so long; the end is noticed soon.
    fn wait(&self, notice: &Notice, most: Duration) {
        let until = self.elapsed() + most;
        while !self.ended.load(Ordering::SeqCst) {
            let left = until.saturating_sub(self.elapsed());
            if left.is_zero() || notice.wait(left.min(Duration::from_millis(200))) {
                return;
            }
        }
    }

    fn look(&self, looker: &mut Looker) -> Result<()> {
        // Opened anew each time: one that was put in the place of another is seen.
        let reader = (self.open)()?;
        let sources = (self.stage.sources)();
        let period = self.stage.day(&*reader, &sources)?;
        let Some(glance) = self.fresh(&*reader, looker, &sources, &period)? else { return Ok(()) };
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        let (_, scene) = self.stage.scene(reader, looker, &period, version);
        let scene = scene?;
        *self.waiting.write().unwrap_or_else(PoisonError::into_inner) = looker.last();
        if !self.now().is_some_and(|last| says_the_same(&last, &scene)) {
            self.show(scene);
        }
        *self.glance.lock().unwrap_or_else(PoisonError::into_inner) = Some(glance);
        Ok(())
    }

    /// What is seen before anything is read; none where a scene would say what the last one says.
    fn fresh(
        &self,
        reader: &dyn Reader,
        looker: &mut Looker,
        sources: &[Source],
        period: &Period,
    ) -> Result<Option<Glance>> {
        let (now, was) = (self.stage.clock.now(), looker.last());
        let waiting = looker.look(reader, &hours_of(period, now))?;
        let glance = Glance::of(&self.stage, reader, sources, period, now)?;
        let last = self.glance.lock().unwrap_or_else(PoisonError::into_inner);
        if last.as_ref().is_some_and(|last| last.store != glance.store) {
            self.ledgers.forget();
        }
        let is_same = last.as_ref() == Some(&glance) && waiting.is(&was);
        let is_young =
            |scene: Arc<Scene>| scene.away.is_none() && (now - scene.looked).abs() < LONG;
        Ok(Some(glance).filter(|_| !(is_same && self.now().is_some_and(is_young))))
    }

    fn show(&self, scene: Scene) {
        let version = scene.version;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(scene));
        self.bell.ring(version);
    }

    /// What was shown last stays, and says why nothing newer is there.
    fn tell_away(&self, error: &anyhow::Error) {
        let why = format!("{error:#}").lines().next().unwrap_or_default().to_string();
        let Some(last) = self.now() else {
            let mut trouble = self.trouble.write().unwrap_or_else(PoisonError::into_inner);
            if trouble.as_deref() != Some(&why) {
                (self.tell)(&format!("{error:#}"));
                *trouble = Some(why);
            }
            return;
        };
        if last.away.as_deref() == Some(&why) {
            return;
        }
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        self.show(Scene { away: Some(why), version, ..(*last).clone() });
    }

    fn period(&self, day: Day) -> Result<Period> {
        let zone = self.stage.settings.report.zone;
        let period = Period::of(Span::Day, day, zone);
        period.with_context(|| format!("{day} is no day in the time zone {zone}"))
    }

    /// The day that was asked for, else that of now.
    fn shown(&self, day: Option<Day>) -> Result<Period> {
        match (day, self.now()) {
            (Some(day), _) => self.period(day),
            (None, Some(scene)) => Ok(scene.period.clone()),
            (None, None) => bail!("looking for the first time: once more in a moment"),
        }
    }

    /// The same of another day: what waits of it is looked for.
    fn whole_of<T>(&self, period: &Period, read: impl Fn(&Whole) -> Result<T>) -> Result<T> {
        if self.now().is_some_and(|scene| covers(&scene.period, period)) {
            return self.whole(read);
        }
        let mut looker = Looker::new(self.stage.spool.clone());
        for _ in 0..TRIES {
            let store = (self.open)()?;
            let waiting = looker.look(&*store, &hours_of(period, self.stage.clock.now()))?;
            let whole = Whole::new(store, waiting);
            let told = read(&whole)?;
            if !whole.is_torn() {
                return Ok(told);
            }
        }
        bail!("what waits was committed at each of {TRIES} readings")
    }

    /// Reads the store and what waits, until what was read is whole.
    fn whole<T>(&self, read: impl Fn(&Whole) -> Result<T>) -> Result<T> {
        for _ in 0..TRIES {
            let waiting = self.waiting.read().unwrap_or_else(PoisonError::into_inner).clone();
            let whole = Whole::new((self.open)()?, waiting);
            let told = read(&whole)?;
            if !whole.is_torn() {
                return Ok(told);
            }
            // The watch is about to see what was committed.
            std::thread::park_timeout(TORN);
        }
        bail!("what waits was committed at each of {TRIES} readings")
    }

    /// Whether answers of a source are recordings.
    fn is_recorded(&self, source: &str) -> bool {
        let scene = self.now();
        let all = scene.iter().flat_map(|scene| &scene.sources);
        all.into_iter().any(|known| known.name == source && known.pulse == Pulse::Recorded)
    }

    fn kept(&self, day: Day, version: u64) -> Option<Arc<Scene>> {
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.iter().find(|scene| scene.period.day == day && scene.version == version).cloned()
    }
}

impl View for Desk {
    fn now(&self) -> Option<Arc<Scene>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn trouble(&self) -> Option<String> {
        self.trouble.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn day(&self, day: Day) -> Result<Arc<Scene>> {
        let version = self.now().map_or(0, |scene| scene.version);
        if let Some(kept) = self.kept(day, version) {
            return Ok(kept);
        }
        let period = self.period(day)?;
        let mut looker = Looker::new(self.stage.spool.clone());
        let (_, scene) = self.stage.scene((self.open)()?, &mut looker, &period, version);
        let scene = Arc::new(scene?);
        let mut days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.push_front(scene.clone());
        days.truncate(DAYS);
        Ok(scene)
    }

    fn line(&self, ask: &LineAsk) -> Result<Option<LineTold>> {
        let period = self.shown(ask.day)?;
        let (stage, sources, now) = (&self.stage, (self.stage.sources)(), self.stage.clock.now());
        self.whole_of(&period, |whole| {
            let past = Past::new(&stage.spool, whole, &sources)?;
            let known = past.named(&ask.source);
            let Some(known) = known.filter(|known| shows(&known.source, &ask.series)) else {
                return Ok(None);
            };
            let of = Of {
                store: whole,
                ledgers: &self.ledgers,
                past: &past,
                known,
                ask,
                is_recorded: self.is_recorded(&ask.source),
            };
            let told = line::told(&of, &period, now)?;
            if !ask.is_named {
                return Ok(Some(told));
            }
            let name = list::name(whole, &past, &known.source, &ask.series, &period)?;
            Ok(Some(LineTold { name, ..told }))
        })
    }

    fn series(&self, ask: &ListAsk) -> Result<Option<ListTold<SeriesRow>>> {
        let (stage, sources, period) = (&self.stage, (self.stage.sources)(), self.shown(ask.day)?);
        let key = (ask.source.clone(), ask.field.clone(), period.day);
        let version = self.now().map_or(0, |scene| scene.version);
        let of = (ask.source.as_str(), ask.field.as_deref());
        let read = |whole: &Whole| list::listed(stage, whole, &sources, of, &period);
        let listed = self.lists.get(version, key, || self.whole_of(&period, read))?;
        Ok(Option::as_ref(&listed).map(|listed| listed.told(ask, &period)))
    }

    fn records(&self, ask: &ListAsk) -> Result<Option<ListTold<Record>>> {
        let (stage, sources, period) = (&self.stage, (self.stage.sources)(), self.shown(ask.day)?);
        self.whole_of(&period, |whole| list::records(stage, whole, &sources, ask, &period))
    }

    fn record(&self, source: &str, id: &str) -> Result<Option<RecordTold>> {
        let (stage, sources, period) = (&self.stage, (self.stage.sources)(), self.shown(None)?);
        self.whole(|whole| list::record(stage, whole, &sources, (source, id), &period))
    }

    fn rows(&self, ask: &RowsAsk) -> Result<Option<RowsTold>> {
        let (stage, ledgers, sources) = (&self.stage, &self.ledgers, (self.stage.sources)());
        self.whole(|whole| rows::rows(stage, whole, ledgers, &sources, ask))
    }

    fn language(&self) -> Lang {
        self.stage.settings.report.language
    }

    fn edition(&self, stem: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.stage.spool.edition(stem)?)
    }

    fn picture(&self, stem: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.stage.spool.front_page(stem)?)
    }

    fn painted(&self, drawing: &Drawing, sharp: f32) -> Option<Vec<u8>> {
        picture::png(&drawing.ops, drawing.width, drawing.height, sharp)
    }

    fn bell(&self) -> &Bell {
        &self.bell
    }
}

/// Where versions begin: elsewhere each time, so that a page from before never takes the first
/// scene of this run for one that it has. Every reader of JSON holds them.
fn first_version() -> u64 {
    u64::from(chance() as u32) << 16
}

/// Whether a series of a source may be shown by itself.
fn shows(source: &Source, series: &str) -> bool {
    match source.shown() {
        Shown::Each => true,
        Shown::Together => series == ALL,
        Shown::Nothing => false,
    }
}

/// Whether what waits of a day is part of what the watch sees.
fn covers(now: &Period, day: &Period) -> bool {
    now.before().map_or(now.from, |before| before.from) <= day.from
}
