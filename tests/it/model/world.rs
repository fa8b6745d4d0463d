//! Plays a schedule with the library's own procedures, to its end.

mod judge;

use super::items::{self, Content, snapshot};
use super::schedule::{Act, Archive, Event, Fate, Job, Schedule};
use super::stage::{Death, Stage, files};
use super::store::Flaky;
use crate::crash::cases::Dice;
use crate::sandbox::{Kind, Silence, server_url, temporary};
use daybook::domain::hash::Digest;
use daybook::domain::journal::{Effort, Landing};
use daybook::domain::positions::Missing;
use daybook::domain::retention::{Retention, Retentions, Rules};
use daybook::domain::snapshot::{Origin, SnapshotId};
use daybook::domain::source::Source;
use daybook::domain::time::{Instant, Window, parse_iso};
use daybook::edge::clock::Clock;
use daybook::edge::config;
use daybook::edge::spool::Content as Bytes;
use daybook::tier::agenda::Agenda;
use daybook::tier::audit::audit;
use daybook::tier::done::Summary;
use daybook::tier::summarize::Summarizer;
use daybook::tier::view;
use std::collections::BTreeSet;
use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Hours that thinned in all worlds.
pub static THINNED: AtomicU64 = AtomicU64::new(0);

/// A world that a schedule is played in.
#[derive(Clone)]
struct World {
    stage: Arc<Stage>,
    state: Arc<Mutex<State>>,
    journals: Arc<Source>,
}

struct State {
    /// Today's declaration.
    version: u8,
    /// Runs so far; each starts a minute after the one before.
    runs: u64,
    /// What landed for sure.
    expected: BTreeSet<&'static str>,
    /// Whether the last job found another at work.
    busy: bool,
    /// Of these only a rotten copy is left.
    rotten: BTreeSet<&'static str>,
    /// Of these there was one, which may have been at work as the good one came back.
    was_rotten: BTreeSet<&'static str>,
    dice: Dice,
}

/// Plays a schedule to its end.
pub fn play(seed: u64, kind: Kind) {
    let schedule = Schedule::of(seed);
    let folder = temporary();
    let url = match kind {
        Kind::Sqlite => format!("sqlite:{}", folder.path().join("store.sqlite").display()),
        Kind::Server => server_url(),
    };
    let [one, two] = ["one", "two"].map(|home| folder.path().join(home).join("archive"));
    let shared = Some(folder.path().join("archive"));
    let archives = match schedule.archive {
        Archive::Nowhere => [None, None],
        Archive::Own => [Some(one), Some(two)],
        Archive::Shared => [shared.clone(), shared],
    };
    let stage = Stage::set(folder.path(), &url, archives, schedule.power);
    stage.tell(format!("{schedule:#?}"));
    let dice = Dice(seed ^ 0xd1ce);
    let (expected, rotten, was_rotten) = Default::default();
    let state = State { version: 1, runs: 0, busy: false, expected, rotten, was_rotten, dice };
    let journals = Arc::new(config::journals().unwrap());
    let world = World { stage, state: Arc::new(Mutex::new(state)), journals };
    world.play(&schedule);
    world.end();
}

impl World {
    fn play(&self, schedule: &Schedule) {
        self.lands(0, &["a", "b", "partial", "broken", "torn", "next"]);
        self.lands(1, &[&schedule.copies[..], &["else"]].concat());
        schedule.rotten.iter().for_each(|name| self.happens(&Event::Damage(name)));
        let world = self.clone();
        self.stage.at_step(schedule.mid, Box::new(move || world.lands(0, &["mid"])));
        if let Some((step, fate)) = schedule.second {
            let world = self.clone();
            self.stage.at_step(step, Box::new(move || world.survive(1, &Job::Run, fate)));
        }
        for Act { job, fate, then } in &schedule.acts {
            self.survive(0, job, *fate);
            self.nothing_is_lost();
            then.iter().for_each(|event| self.happens(event));
        }
    }

    /// Does a job as far as its fate lets it.
    fn survive(&self, home: usize, job: &Job, fate: Fate) {
        self.stage.tell(format!("{job:?} in home {home}, {fate:?}"));
        self.stage.enter(home, fate, false);
        let done = catch_unwind(AssertUnwindSafe(|| self.does(home, job)));
        self.stage.leave();
        match done {
            Ok(failed) => {
                self.stage.tell(format!("failed: {failed:?}"));
                let refused = |why: &String| why.contains("nowhere whole");
                let lives = matches!(fate, Fate::Lives);
                assert!(!lives || failed.iter().all(refused), "{}", self.stage.told());
            }
            Err(cause) if cause.is::<Death>() => {
                self.stage.cut(home, &mut self.state.lock().unwrap().dice);
            }
            Err(cause) => resume_unwind(cause),
        }
    }

    /// Does a job; what could not be done.
    fn does(&self, home: usize, job: &Job) -> Vec<String> {
        let version = self.state.lock().unwrap().version;
        let range = items::hours();
        let done = match job {
            Job::Run => self.summarizes(home, |s| s.run(&[items::name()])),
            Job::Thin => {
                let second = Some(Duration::from_secs(1));
                let retention = Retention { keep: None, thin_after: second };
                let rules = Rules { retention, names: vec![items::name()] };
                let retentions = Retentions::from([(items::name(), rules)]);
                self.summarizes(home, |s| thinning(s, &retentions).run(&[items::name()]))
            }
            Job::Replay => self.summarizes(home, |s| s.replay(&[&items::source(version)])),
            Job::Recount(of) => {
                let source = items::source(of.unwrap_or(version));
                self.summarizes(home, |s| s.recount(&[&source], &range))
            }
            Job::Land(names) => {
                let new: Vec<&str> = names.iter().copied().filter(|name| !self.has(name)).collect();
                self.land(home, &new).map(|()| Summary::new())
            }
        };
        match done {
            Ok(summary) => {
                self.state.lock().unwrap().busy = is_busy(&summary);
                let thinned: u64 = summary.values().map(|done| done.thinned).sum();
                THINNED.fetch_add(thinned, Ordering::SeqCst);
                let failed = summary.values().flat_map(|done| &done.failed);
                failed.map(|error| format!("{error:#}")).collect()
            }
            Err(error) => vec![format!("{error:#}")],
        }
    }

    fn now(&self) -> Instant {
        let mut state = self.state.lock().unwrap();
        state.runs += 1;
        let start = parse_iso("2026-11-21T12:10:00Z").unwrap();
        start.after(chrono::Duration::minutes(state.runs as i64))
    }

    fn summarizes(
        &self,
        home: usize,
        act: impl FnOnce(&Summarizer) -> anyhow::Result<Summary>,
    ) -> anyhow::Result<Summary> {
        self.summarizes_at(home, self.now(), act)
    }

    fn summarizes_at(
        &self,
        home: usize,
        now: Instant,
        act: impl FnOnce(&Summarizer) -> anyhow::Result<Summary>,
    ) -> anyhow::Result<Summary> {
        let (spool, close_after) = (&self.stage.home(home).spool, Duration::from_secs(120));
        act(&Summarizer {
            trier: Default::default(),
            patience: chrono::Duration::MAX,
            spool,
            store: &Flaky(self.stage.clone()),
            clock: Clock::starting(now),
            agenda: Agenda { spool, now, close_after, all: false },
            adopt: true,
            journals: &self.journals,
            retentions: &Default::default(),
            yes: false,
            progress: &Silence,
        })
    }

    // --- what lands and what happens to it ---------------------------------------------------

    fn lands(&self, home: usize, names: &[&'static str]) {
        self.stage.tell(format!("{names:?} land in home {home}"));
        let new: Vec<_> =
            names.iter().copied().filter(|name| home > 0 || !self.has(name)).collect();
        self.stage.enter(home, Fate::Lives, true);
        self.land(home, &new).unwrap();
        self.stage.leave();
        self.state.lock().unwrap().expected.extend(new);
    }

    /// Whether a snapshot has landed.
    fn has(&self, name: &str) -> bool {
        let id = id(&snapshot(name)).to_string();
        let claimed = self.stage.home(0).spool.claims().unwrap();
        claimed.iter().any(|claim| claim.to_string() == id) || self.stage.found().contains_key(&id)
    }

    /// A run of the fetcher, but for the fetch.
    fn land(&self, home: usize, names: &[&str]) -> anyhow::Result<()> {
        let (spool, now) = (&self.stage.home(home).spool, self.now());
        spool.keep_declaration(&items::source(1).declaration)?;
        let mut run = spool.begin("fetcher", now, now.millis() as u64)?;
        let mut sets = Vec::new();
        for content in names.iter().map(|name| snapshot(name)) {
            run.stage(&id(&content), Bytes::Bytes(&content.bytes))?;
            sets.push(Landing {
                source: items::name(),
                slot: content.instant,
                snapshots: vec![id(&content)],
                url: "https://example.org/feed".into(),
                status: 200,
                bytes: content.bytes.len() as u64,
                etag: None,
                last_modified: None,
                effort: Effort::default(),
            });
        }
        if !sets.is_empty() {
            run.land(now, sets)?;
        }
        Ok(run.close(now, &self.journals.declaration)?)
    }

    fn happens(&self, event: &Event) {
        self.stage.tell(format!("{event:?}"));
        match event {
            Event::Land(name) => self.lands(0, &[name]),
            Event::Declare(version) => self.state.lock().unwrap().version = *version,
            Event::Back(names) => names.iter().for_each(|name| self.put_back(name, false)),
            Event::Damage(name) => self.damage(name),
            Event::Restore(name) => {
                if self.state.lock().unwrap().rotten.remove(name) {
                    self.put_back(name, true);
                }
            }
        }
    }

    /// Someone copies a good file to where answers wait, durably.
    fn put_back(&self, name: &str, over: bool) {
        let content = snapshot(name);
        let folder = self.stage.home(0).root.join("data/model");
        let place = folder.join(id(&content).to_string());
        if self.has(name) && (over || !place.exists()) {
            fs::create_dir_all(&folder).unwrap();
            let beside = place.with_extension("good");
            fs::write(&beside, &content.bytes).unwrap();
            fs::rename(beside, place).unwrap();
            self.stage.is_synced(0);
        }
    }

    /// A bit of a file flips, wherever that still is what counts.
    fn damage(&self, name: &'static str) {
        let (content, found) = (snapshot(name), self.stage.found());
        let id = id(&content).to_string();
        let counted = found.get(&id) == Some(&Missing::Nothing);
        let places = files(&self.stage.home(0).root.join("data"));
        let mut places = places.into_iter().filter(|(file, _)| *file == id && !counted);
        let (Some((_, place)), None) = (places.next(), places.next()) else { return };
        let mut bytes = content.bytes;
        bytes[1] ^= 1;
        let beside = place.with_extension("rotten");
        fs::write(&beside, bytes).unwrap();
        fs::rename(beside, place).unwrap();
        let mut state = self.state.lock().unwrap();
        state.rotten.insert(name);
        state.was_rotten.insert(name);
    }

    // --- the end ----------------------------------------------------------------------

    /// A job that nothing disturbs.
    fn undisturbed(&self, home: usize, job: &Job) {
        self.survive(home, job, Fate::Lives);
        // A child of another test holds our locks too, from its fork to its exec.
        while std::mem::take(&mut self.state.lock().unwrap().busy) {
            self.survive(home, job, Fate::Lives);
        }
        self.nothing_is_lost();
    }

    /// All runs to its end.
    fn end(&self) {
        let rotten = self.state.lock().unwrap().rotten.clone();
        rotten.iter().for_each(|name| self.happens(&Event::Restore(name)));
        for _ in 0..2 {
            [0, 1].iter().for_each(|home| self.undisturbed(*home, &Job::Run));
        }
        self.stage.arrive();
        [0, 1].iter().for_each(|home| self.undisturbed(*home, &Job::Run));
        self.judge(false);
        {
            let mut state = self.state.lock().unwrap();
            if !items::reads_more(state.version) {
                state.version = 2;
            }
        }
        for job in [Job::Replay, Job::Run] {
            [0, 1].iter().for_each(|home| self.undisturbed(*home, &job));
        }
        self.judge(true);
        self.much_later();
    }

    /// Days later nothing is left of what does not count, and the balance is zero.
    fn much_later(&self) {
        let now = parse_iso("2026-11-23T09:00:00Z").unwrap();
        self.stage.enter(0, Fate::Lives, true);
        for home in [0, 1, 0, 1] {
            while is_busy(&self.summarizes_at(home, now, |s| s.run(&[items::name()])).unwrap()) {}
        }
        self.stage.leave();
        let store = self.stage.store();
        let live = view::live(&**store, &items::name(), &items::hours()).unwrap();
        let named: BTreeSet<_> = live.entries.iter().map(|entry| entry.commit.clone()).collect();
        let rows = store.commits(&items::name(), items::hours()).unwrap();
        let rows = rows.into_iter().map(|header| header.commit).collect::<BTreeSet<_>>();
        assert!(rows.is_subset(&named), "{rows:?} but {named:?}\n{}", self.stage.told());
        let range = items::hours().start.previous()..Window::of(now).next();
        for home in [0, 1].map(|home| self.stage.home(home)) {
            let found = audit(&home.spool, &**store, &[items::name()], &range).unwrap();
            assert!(found.is_clean(), "{}\n{}", found.table(), self.stage.told());
        }
    }
}

/// The same run, in which hours thin as soon as they are closed.
fn thinning<'a>(run: &Summarizer<'a>, retentions: &'a Retentions) -> Summarizer<'a> {
    let Agenda { spool, now, close_after, all } = run.agenda;
    let agenda = Agenda { spool, now, close_after, all };
    Summarizer { retentions, agenda, trier: Default::default(), ..*run }
}

/// The name of a snapshot: each was fetched under the first declaration.
fn id(content: &Content) -> SnapshotId {
    let source = items::name();
    let origin = Origin {
        source: &source,
        instant: content.instant,
        item: None,
        page: None,
        recorded: None,
        declaration: items::source(1).declaration.digest,
        ext: "json",
    };
    SnapshotId::new(&origin, Digest::of(&content.bytes))
}

fn is_busy(summary: &Summary) -> bool {
    summary.values().any(|done| done.busy.is_some())
}
