//! Which incidents were told: `data/.state/told.json`. Where that cannot be written, because its
//! disk is full or gone, a file outside of the home takes its place; what is lost costs a mail.

use super::Spool;
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::incident::Incidents;
use crate::edge::disk::{Lock, spare};
use std::path::PathBuf;
use std::time::Duration;

/// How often, and how far apart, a program that tells at the same moment is waited for.
const TRIES: u32 = 40;
const PAUSE: Duration = Duration::from_millis(25);

/// What was told, while nobody else tells anything.
#[derive(Debug)]
pub struct Told {
    pub incidents: Incidents,
    spool: Spool,
    before: Incidents,
    _lock: Option<Lock>,
}

impl Spool {
    /// The incidents of this home.
    pub fn incidents(&self) -> Incidents {
        let places = [Some(self.told_path()), self.spare(spare::folder())].into_iter().flatten();
        let found: Vec<_> = places.filter_map(|path| self.incidents_at(path)).collect();
        // The home's, unless it could not be written any more.
        found
            .into_iter()
            .rev()
            .max_by_key(|found| found.0.values().map(|one| one.last).max())
            .unwrap_or_default()
    }

    /// Whether there is a place for them in the home.
    pub fn is_made(&self) -> bool {
        self.state().is_dir()
    }

    /// The same, to change them; as they are where another program does not give way.
    pub fn telling(&self) -> Told {
        let holder = format!("{}\n", std::process::id());
        let mut lock = None;
        for _ in 0..TRIES {
            match self.state().is_dir().then(|| self.lock("told", &holder)) {
                Some(Ok(None)) => std::thread::sleep(PAUSE),
                Some(Ok(held)) => {
                    lock = held;
                    break;
                }
                _ => break,
            }
        }
        let incidents = self.incidents();
        Told { before: incidents.clone(), incidents, spool: self.clone(), _lock: lock }
    }

    fn incidents_at(&self, path: PathBuf) -> Option<Incidents> {
        let bytes = self.disk.read_small(&path).ok()??;
        Doc::parse(&bytes).ok().map(|doc| Incidents::of(&doc))
    }

    fn told_path(&self) -> PathBuf {
        self.state().join("told.json")
    }

    fn spare(&self, folder: Option<PathBuf>) -> Option<PathBuf> {
        let home = self.home.canonicalize().unwrap_or_else(|_| self.home.clone());
        let name = Digest::of(home.to_string_lossy().as_bytes()).hex();
        Some(folder?.join(format!("told-{}.json", name.get(..16)?)))
    }
}

impl Told {
    /// Keeps them, if they have changed. What cannot be kept anywhere is told again.
    pub fn keep(self) {
        if self.incidents == self.before {
            return;
        }
        let json = self.incidents.doc().json();
        let (spool, path) = (&self.spool, self.spool.told_path());
        // Of a home that is none, or none yet, nothing is made.
        let kept = spool.state().is_dir() && spool.disk.replace(&path, json.as_bytes()).is_ok();
        match kept {
            true => spool.spare(spare::folder()).map(|spare| spool.disk.unlink(&spare)),
            false => spool.spare(spare::make()).map(|it| spool.disk.replace(&it, json.as_bytes())),
        };
    }
}
