//! What the dashboard asks: the day as it is now, kept ready by a watch over the spool, and other
//! days, made when they are asked for.

use super::line::{self, Ledgers};
use super::list;
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
    SourceView,
};
use crate::domain::source::{ALL, Shown, Source};
use crate::domain::time::{Day, Instant};
use crate::edge::clock::chance;
use crate::edge::notice::Notice;
use crate::edge::picture;
use crate::edge::store::Reader;
use crate::edge::web::{Bell, View};
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
/// How soon a store that was away is asked for again.
const AGAIN: Duration = Duration::from_secs(3);

/// Readings before it is given up because the summarizer commits all the time, and how long it is
/// waited in between.
const TRIES: usize = 20;
const TORN: Duration = Duration::from_millis(150);

/// Opens the store to read it.
pub type Open = Box<dyn Fn() -> Result<Box<dyn Reader>> + Send + Sync>;

pub struct Desk {
    stage: Stage,
    open: Open,
    now: RwLock<Option<Arc<Scene>>>,
    days: Mutex<VecDeque<Arc<Scene>>>,
    /// What waits, as the last scene saw it.
    waiting: RwLock<Arc<Waiting>>,
    ledgers: Ledgers,
    bell: Bell,
    version: AtomicU64,
    ended: AtomicBool,
}

impl Desk {
    pub fn new(stage: Stage, open: Open) -> Desk {
        Desk {
            stage,
            open,
            now: RwLock::default(),
            days: Mutex::default(),
            waiting: RwLock::default(),
            ledgers: Ledgers::default(),
            bell: Bell::default(),
            version: AtomicU64::new(first_version()),
            ended: AtomicBool::new(false),
        }
    }

    /// Watches until it is told to end; the first look is made at once.
    pub fn watch(&self, notice: &Notice) {
        let mut looker = Looker::new(self.stage.spool.clone());
        while !self.ended.load(Ordering::SeqCst) {
            let begun = self.elapsed();
            let looked = self.look(&mut looker);
            let took = self.elapsed().saturating_sub(begun);
            let wait = match looked {
                Ok(()) => ROUND,
                Err(error) => {
                    self.tell_away(&error);
                    AGAIN
                }
            };
            self.rest(took * REST);
            self.wait(notice, wait);
        }
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
        let version = self.version.fetch_add(1, Ordering::SeqCst) + 1;
        let (_, scene) = self.stage.scene(reader, looker, &period, version);
        let scene = scene?;
        *self.waiting.write().unwrap_or_else(PoisonError::into_inner) = looker.last();
        if !self.now().is_some_and(|last| says_the_same(&last, &scene)) {
            self.show(scene);
        }
        Ok(())
    }

    fn show(&self, scene: Scene) {
        let version = scene.version;
        *self.now.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(scene));
        self.bell.ring(version);
    }

    /// What was shown last stays, and says why nothing newer is there.
    fn tell_away(&self, error: &anyhow::Error) {
        let Some(last) = self.now() else { return };
        let why = format!("{error:#}").lines().next().unwrap_or_default().to_string();
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
            let waiting = looker.look(&*store, &hours_of(period))?;
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

    fn kept(&self, day: Day, version: u64) -> Option<Arc<Scene>> {
        let days = self.days.lock().unwrap_or_else(PoisonError::into_inner);
        days.iter().find(|scene| scene.period.day == day && scene.version == version).cloned()
    }
}

impl View for Desk {
    fn now(&self) -> Option<Arc<Scene>> {
        self.now.read().unwrap_or_else(PoisonError::into_inner).clone()
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
        let Some(scene) = self.now() else { return Ok(None) };
        let sources = (self.stage.sources)();
        let source = sources.iter().find(|source| source.name.as_str() == ask.source);
        let Some(source) = source.filter(|source| shows(source, &ask.series)) else {
            return Ok(None);
        };
        let period = match ask.day {
            None => scene.period.clone(),
            Some(day) => self.period(day)?,
        };
        let (ledgers, now) = (&self.ledgers, self.stage.clock.now());
        self.whole(|whole| {
            let told = line::told(whole, ledgers, source, ask, &period, now)?;
            if !ask.is_named {
                return Ok(Some(told));
            }
            let name = list::name(&self.stage, whole, &sources, source, &ask.series, &period)?;
            Ok(Some(LineTold { name, ..told }))
        })
    }

    fn series(&self, ask: &ListAsk) -> Result<Option<ListTold<SeriesRow>>> {
        let (stage, sources, period) = (&self.stage, (self.stage.sources)(), self.shown(ask.day)?);
        self.whole_of(&period, |whole| list::series(stage, whole, &sources, ask, &period))
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

/// Whether a scene says what the last one said, and that is not long ago: pages that are open, and
/// answers that are made, stay as they are.
fn says_the_same(last: &Scene, scene: &Scene) -> bool {
    let is_same = last.away.is_none()
        && last.period == scene.period
        && last.report == scene.report
        && last.latest == scene.latest
        && last.findings == scene.findings
        && last.health == scene.health
        && last.editions == scene.editions
        && last.sources.iter().map(Beat::of).eq(scene.sources.iter().map(Beat::of));
    is_same && scene.looked - last.looked < TimeDelta::seconds(90)
}

/// What of a source changes by itself.
#[derive(PartialEq)]
struct Beat<'a>(&'a str, Option<Instant>, Pulse);

impl Beat<'_> {
    fn of(source: &SourceView) -> Beat<'_> {
        Beat(&source.name, source.last, source.pulse)
    }
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
    let (seen, own) = (hours_of(now), day.windows());
    seen.start <= own.start && own.end <= seen.end
}
