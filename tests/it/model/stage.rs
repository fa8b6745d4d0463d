//! The stage: two homes over one store, and what happens at each step of whoever is at work.

use super::items;
use super::platter::Platter;
use super::reader::SlowReader;
use super::schedule::{Fate, Flight};
use super::store::Op;
use crate::crash::cases::Dice;
use daybook::domain::gate::Gate;
use daybook::domain::ledger::Ledger;
use daybook::domain::name::SourceName;
use daybook::domain::positions::Missing;
use daybook::domain::snapshot::SnapshotId;
use daybook::domain::time::Instant;
use daybook::edge::spool::Spool;
use daybook::edge::store::{self, Result, Writer};
use daybook::tier::view;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::panic::resume_unwind;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

/// What ends a run without a word.
pub struct Death;

/// What the schedule says of a step.
pub enum Say {
    Go,
    Refused,
    /// The answer does not come.
    Unknown(Flight),
}

/// Something that happens within a job.
pub type Moment = Box<dyn FnOnce() + Send>;

/// A home, and its part of the disk.
pub struct Home {
    pub root: PathBuf,
    pub spool: Spool,
    platter: Option<Mutex<Platter>>,
}

/// Who is at work; whoever works in between stands above.
struct Frame {
    home: usize,
    fate: Fate,
    /// Its steps are no steps of the schedule.
    is_quiet: bool,
}

#[derive(Default)]
struct State {
    frames: Vec<Frame>,
    steps: u64,
    /// The step at which the slow reader looks again.
    next_look: u64,
    late: Vec<(u64, Op)>,
    moments: BTreeMap<u64, Vec<Moment>>,
    log: Vec<String>,
}

pub struct Stage {
    store: Mutex<Box<dyn Writer>>,
    reader: Mutex<SlowReader>,
    state: Mutex<State>,
    homes: OnceLock<Vec<Home>>,
}

impl Stage {
    /// Two empty homes in a folder, over an empty store.
    pub fn set(
        folder: &Path,
        url: &str,
        archives: [Option<PathBuf>; 2],
        power: bool,
    ) -> Arc<Stage> {
        let store = Mutex::new(store::open(url, Gate::open()).unwrap());
        let reader = Mutex::new(SlowReader::start(url));
        let stage = Stage { store, reader, state: Mutex::default(), homes: OnceLock::new() };
        let stage = Arc::new(stage);
        let names = ["one", "two"].into_iter().enumerate();
        let home = |((place, name), archive): ((usize, &str), Option<PathBuf>)| {
            let (root, vault) = (folder.join(name), folder.join(format!("{name}.vault")));
            fs::create_dir(&root).unwrap();
            let gate = gate(place, Arc::downgrade(&stage));
            let spool = Spool::new(&root, gate).archiving(archive);
            let platter = power.then(|| Mutex::new(Platter::new(&root, &vault)));
            Home { root, spool, platter }
        };
        let homes = names.zip(archives).map(home).collect();
        assert!(stage.homes.set(homes).is_ok());
        stage
    }

    pub fn home(&self, place: usize) -> &Home {
        &self.homes.get().unwrap()[place]
    }

    pub fn store(&self) -> MutexGuard<'_, Box<dyn Writer>> {
        self.store.lock().unwrap()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    pub fn tell(&self, line: String) {
        let mut state = self.state();
        let steps = state.steps;
        state.log.push(format!("{steps}: {line}"));
    }

    pub fn told(&self) -> String {
        self.state().log.join("\n")
    }

    pub fn at_step(&self, step: u64, moment: Moment) {
        self.state().moments.entry(step).or_default().push(moment);
    }

    pub fn enter(&self, home: usize, fate: Fate, is_quiet: bool) {
        self.state().frames.push(Frame { home, fate, is_quiet });
    }

    pub fn leave(&self) {
        self.state().frames.pop();
    }

    /// What was asked of the store and is still on its way arrives; nothing else happens then.
    pub fn arrive(&self) {
        self.state().moments.clear();
        let late = std::mem::take(&mut self.state().late);
        for (_, op) in late {
            drop(self.apply(&op));
        }
    }

    pub fn delay(&self, op: Op, steps: u64) {
        self.state().late.push((steps, op));
    }

    /// Does something to the store, and looks at what readers see then.
    pub fn apply(&self, op: &Op) -> Result<bool> {
        let done = op.apply(&**self.store());
        // Rows alone change nothing: what follows them would show it.
        if matches!(op, Op::Append(..) | Op::Remove(..)) {
            self.look();
        }
        done
    }

    /// A reader, at any moment.
    pub fn look(&self) {
        let hours = view::hours(&**self.store(), &items::name(), &items::hours()).unwrap();
        if let Err(wrong) = items::counts(&hours) {
            panic!("{wrong}\n{}", self.told());
        }
    }

    /// Before a step: whatever else is due now happens; then what the schedule says of it.
    pub fn step(&self, op: Option<&Op>) -> Say {
        if self.state().frames.last().is_none_or(|frame| frame.is_quiet) {
            return Say::Go;
        }
        self.others();
        let say = self.say(op);
        if let Some(flight) = say.dies {
            self.tell(format!("death before {op:?}, {flight:?}"));
            op.into_iter().for_each(|op| self.send_off(op.clone(), flight));
            resume_unwind(Box::new(Death));
        }
        say.say
    }

    fn others(&self) {
        let (due, moments) = {
            let mut state = self.state();
            state.steps += 1;
            state.late.iter_mut().for_each(|(left, _)| *left = left.saturating_sub(1));
            let late = std::mem::take(&mut state.late);
            let (due, late): (Vec<_>, Vec<_>) = late.into_iter().partition(|(left, _)| *left == 0);
            state.late = late;
            let steps = state.steps;
            (due, state.moments.remove(&steps).unwrap_or_default())
        };
        for (_, op) in due {
            self.tell(format!("late: {op:?}"));
            drop(self.apply(&op));
        }
        moments.into_iter().for_each(|moment| moment());
        self.read_slowly();
    }

    /// Between two looks of the slow reader much may happen, or little.
    fn read_slowly(&self) {
        {
            let mut state = self.state();
            if state.steps < state.next_look {
                return;
            }
            let pauses = [1, 1, 2, 5, 12, 30];
            state.next_look = state.steps + pauses[Dice(state.steps).below(pauses.len())];
        }
        if let Some(wrong) = self.reader.lock().unwrap().look() {
            panic!("{wrong}\n{}", self.told());
        }
    }

    fn say(&self, op: Option<&Op>) -> Said {
        let mut state = self.state();
        let Some(frame) = state.frames.last_mut() else { return Said::from(Say::Go) };
        match &mut frame.fate {
            Fate::Dies(0, flight) => Said { say: Say::Go, dies: Some(*flight) },
            Fate::DiesAsking(ask, left, flight) if op.and_then(Op::asks) == Some(*ask) => {
                let dies = (*left == 0).then_some(*flight);
                *left = left.saturating_sub(1);
                Said { say: Say::Go, dies }
            }
            Fate::Waits(0, flight) if op.is_some() => {
                let flight = *flight;
                frame.fate = Fate::Lives;
                Said::from(Say::Unknown(flight))
            }
            Fate::Refused(0) => {
                frame.fate = Fate::Lives;
                Said::from(Say::Refused)
            }
            Fate::Dies(left, _) | Fate::Waits(left, _) | Fate::Refused(left) => {
                *left = left.saturating_sub(1);
                Said::from(Say::Go)
            }
            Fate::Lives | Fate::DiesAsking(..) => Said::from(Say::Go),
        }
    }

    /// `closed_through` may not pass a batch that is in no ledger.
    pub fn may_raise(&self, source: &SourceName, through: Instant) {
        let Some(home) = self.state().frames.last().map(|frame| frame.home) else { return };
        if *source != items::name() {
            return;
        }
        let found = self.found();
        let held = files(&self.home(home).root.join("data/.batches/model"));
        for id in held.iter().filter_map(|(name, _)| SnapshotId::parse(name)) {
            let passed = id.window().end() <= through && !found.contains_key(&id.to_string());
            assert!(!passed, "closed through {through:?}, past {id}\n{}", self.told());
        }
    }

    /// What no live entry has counted, per snapshot.
    pub fn found(&self) -> BTreeMap<String, Missing> {
        let day = items::hours().start.day();
        let ledger = Ledger::new(self.store().ledger(&items::name(), day).unwrap());
        ledger.found(None).into_iter().map(|(id, missing)| (id.to_string(), missing)).collect()
    }

    /// All that a home holds is on its disk.
    pub fn is_synced(&self, home: usize) {
        if let Some(platter) = &self.home(home).platter {
            platter.lock().unwrap().settle();
        }
    }

    /// The power of a home's machine goes.
    pub fn cut(&self, home: usize, dice: &mut Dice) {
        if let Some(platter) = &self.home(home).platter {
            platter.lock().unwrap().cut(dice);
        }
    }
}

struct Said {
    say: Say,
    dies: Option<Flight>,
}

impl From<Say> for Said {
    fn from(say: Say) -> Said {
        Said { say, dies: None }
    }
}

/// All files below a folder, by name.
pub fn files(folder: &Path) -> BTreeSet<(String, PathBuf)> {
    let walk = walkdir::WalkDir::new(folder).into_iter().flatten();
    let files = walk.filter(|entry| entry.file_type().is_file());
    files.map(|f| (f.file_name().to_string_lossy().into_owned(), f.into_path())).collect()
}

/// The gate of a home's disk: readings pass, and what changes something is a step.
fn gate(place: usize, stage: Weak<Stage>) -> Gate {
    Gate::watched_with_paths(Arc::new(move |name: &str, path: &Path| {
        let Some(stage) = stage.upgrade().filter(|_| !name.starts_with('?')) else { return Ok(()) };
        if let Some(done) = name.strip_suffix('!') {
            if let Some(platter) = &stage.home(place).platter {
                platter.lock().unwrap().done(done, path);
            }
            return Ok(());
        }
        match stage.step(None) {
            Say::Refused => Err("refused by the schedule".into()),
            Say::Go | Say::Unknown(_) => Ok(()),
        }
    }))
}
