//! Whether something has changed in a folder: told by the system (inotify on Linux), or, where it
//! cannot be, looked for in a short while.

use notify::{RecommendedWatcher, RecursiveMode, Watcher, recommended_watcher};
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long one waits where the system does not tell.
const LOOK: Duration = Duration::from_secs(1);

/// What happens at once is told once.
const TOGETHER: Duration = Duration::from_millis(120);

pub struct Notice {
    heard: Receiver<()>,
    _watcher: Option<RecommendedWatcher>,
    /// Keeps the other end open where nobody watches.
    _teller: Sender<()>,
    is_told: bool,
}

impl Notice {
    /// From now on; the folder may be made later.
    pub fn of(folder: &Path) -> Notice {
        let (teller, heard) = channel();
        let told = teller.clone();
        let watcher = recommended_watcher(move |event: notify::Result<notify::Event>| {
            // Reading changes nothing.
            if event.is_ok_and(|event| !event.kind.is_access()) {
                let _ = told.send(());
            }
        });
        let watching = watcher.ok().and_then(|mut watcher| {
            watcher.watch(folder, RecursiveMode::Recursive).ok().map(|()| watcher)
        });
        let is_told = watching.is_some();
        Notice { heard, _watcher: watching, _teller: teller, is_told }
    }

    /// Whether the system tells.
    pub fn is_told(&self) -> bool {
        self.is_told
    }

    /// Waits until something has changed, or for so long at most; whether something may have.
    pub fn wait(&self, most: Duration) -> bool {
        let patience = if self.is_told { most } else { most.min(LOOK) };
        match self.heard.recv_timeout(patience) {
            Ok(()) => {
                while self
                    .heard
                    .recv_timeout(TOGETHER)
                    .is_ok_and(|()| self.heard.try_iter().count() < 1000)
                {}
                true
            }
            Err(RecvTimeoutError::Timeout | RecvTimeoutError::Disconnected) => !self.is_told,
        }
    }
}
