//! The run of a program, told to who watches over it, where `daybook.toml` names such a service.

use super::globals::{Ground, SECRETS};
use super::{Globals, Places, World};
use crate::domain::address;
use crate::domain::gate::Gate;
use crate::domain::limits::PING_BYTES;
use crate::domain::ping::{Address, Told, end_of, run_name};
use crate::domain::secret::{Redactor, Secrets};
use crate::domain::shown;
use crate::domain::time::Instant;
use crate::edge::clock::chance;
use crate::edge::config::secrets::{secrets, visible};
use crate::edge::spool::Spool;
use crate::tier::ping::Pinger;
use std::cell::RefCell;
use std::path::PathBuf;
use std::time::Duration;

/// The pings of one run, if there are any.
#[derive(Default)]
pub struct Ping(RefCell<Option<Watch>>);

struct Watch {
    program: &'static str,
    address: Address,
    every: Option<Duration>,
    home: PathBuf,
    places: Places,
    now: Instant,
    before: Told,
    /// The beginning was due, and may have been told.
    begun: Option<Result<Pinger, String>>,
    /// Takes secrets out of what the run said.
    hides: Option<Redactor>,
}

impl Ping {
    /// The run of a program begins, for which a service may wait.
    pub(super) fn begin(
        &self,
        program: &'static str,
        globals: &Globals,
        ground: &Ground,
        world: &World,
    ) {
        let Some(address) = ground.settings.ping.of(program) else { return };
        let mut watch = Watch {
            program,
            address: address.clone(),
            every: ground.settings.ping.every(program),
            home: globals.home.clone(),
            places: world.secrets.clone(),
            now: ground.now,
            before: Spool::new(&globals.home, Gate::open()).pinged(program),
            begun: None,
            hides: None,
        };
        if watch.before.is_due(watch.now, watch.every) {
            watch.begun = Some(watch.pinger(true));
        }
        self.0.replace(Some(watch));
    }

    /// What no word of the run may hold, as far as it is known.
    pub(super) fn hide(&self, redactor: &Redactor) {
        if let Some(watch) = self.0.borrow_mut().as_mut() {
            watch.hides = Some(redactor.clone());
        }
    }

    /// The run ended, and said something; why that could not be told.
    pub(super) fn end(&self, code: u8, said: &str) -> Vec<String> {
        self.0.take().map(|watch| watch.end(code, said)).unwrap_or_default()
    }
}

impl Watch {
    fn secrets(&self) -> Result<Secrets, String> {
        let names = self.address.secrets().map(str::to_string).collect();
        let found = secrets(&self.home.join(SECRETS), &self.places, &names);
        found.map_err(|error| error.to_string())
    }

    fn pinger(&self, starts: bool) -> Result<Pinger, String> {
        let check = self.address.filled(&self.secrets()?)?;
        Ok(Pinger::new(check, run_name([chance(), chance()]), starts))
    }

    fn end(mut self, code: u8, said: &str) -> Vec<String> {
        let pinger = match self.begun.take() {
            Some(pinger) => pinger,
            // A check that never answered is not asked each minute.
            None if self.before.code.is_none_or(|told| told == code) => return Vec::new(),
            None => self.pinger(false),
        };
        let said = self.plain(said);
        let (whys, arrived) = match pinger {
            Ok(pinger) => pinger.end(code, said),
            Err(why) => (vec![why], false),
        };
        let told = Told {
            tried: Some(self.now),
            code: if arrived { Some(code) } else { self.before.code },
            why: whys.last().filter(|_| !arrived).cloned(),
        };
        Spool::new(&self.home, Gate::open()).note_ping(self.program, &told);
        let tell = |why: String| format!("the {}'s ping did not arrive: {why}", self.program);
        whys.into_iter().map(tell).collect()
    }

    /// What the run said last, without what nobody may see.
    fn plain(&self, said: &str) -> String {
        let hides = || {
            let known = visible(&self.home.join(SECRETS), &self.places, &Default::default());
            Redactor::of_words(known.iter().map(|secret| secret.expose()))
        };
        let redactor = self.hides.clone().unwrap_or_else(hides);
        let said = shown::lines(&address::in_text(&redactor.redact(said))).to_string();
        end_of(&said, PING_BYTES).to_string()
    }
}
