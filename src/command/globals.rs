//! The options that all programs have, and what they lead to: a home with its settings, its
//! sources, its spool and its store.

use super::{Console, Folders, Places, World, hook};
use crate::domain::gate::Gate;
use crate::domain::limits::GIVEN_BYTES;
use crate::domain::retention::{Retentions, Rules};
use crate::domain::secret::{Redactor, Secret, Secrets};
use crate::domain::settings::Settings;
use crate::domain::source::{Declaration, Source};
use crate::domain::time::{Instant, parse_iso};
use crate::edge::clock::Clock;
use crate::edge::config;
use crate::edge::disk::{Disk, given_text, is_closed, there};
use crate::edge::spool::{Identity, Spool};
use crate::edge::store::{self, Reader, Writer};
use crate::edge::trial::Trier;
use crate::tier::Progress;
use crate::tier::doctor::Opening;
use crate::tier::live::desk::Open;
use crate::tier::summarize::{ADOPT, is_fed};
use anyhow::{Result, anyhow, bail};
use clap::Args;
use std::cell::Cell;
use std::path::PathBuf;

/// The file of secrets in a home.
pub(super) const SECRETS: &str = "secrets.toml";

#[derive(Args, Clone, Debug)]
pub struct Globals {
    /// The home: it holds daybook.toml, sources/, data/ and reports/
    #[arg(long, global = true, value_name = "DIR", default_value = ".")]
    pub home: PathBuf,
    /// Settings [default: daybook.toml in the home]
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Store, in place of the settings' one: sqlite:PATH, mongodb://HOST/DATABASE or
    /// postgres://HOST/DATABASE
    #[arg(long, global = true, value_name = "URL")]
    pub store: Option<String>,
    /// Act as if it were this instant, such as 2026-11-22T02:41:00Z
    #[arg(long, global = true, value_name = "INSTANT")]
    pub now: Option<String>,
    /// Print results as JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// Print errors only
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Print what is done, also when nobody watches
    #[arg(long, short, global = true, conflicts_with = "quiet")]
    pub verbose: bool,
}

/// A home, ready to work.
pub struct Setup {
    pub home: PathBuf,
    pub settings: Settings,
    pub sources: Vec<Source>,
    /// Some declarations cannot be read, which was told; the sources are the others.
    pub faulty: bool,
    /// The built-in source of the journals.
    pub journals: Source,
    /// How long what landed under each name is kept.
    pub retentions: Retentions,
    pub spool: Spool,
    pub clock: Clock,
    pub console: Console,
    pub json: bool,
    /// The store was named on the command line.
    names_store: bool,
    places: Places,
    /// Where fonts may be.
    pub fonts: Folders,
    pub(super) gate: Gate,
    program: Option<PathBuf>,
}

/// What a home stands on, before its sources are read.
pub(super) struct Ground {
    pub now: Instant,
    pub gate: Gate,
    pub settings: Settings,
    archive: Option<PathBuf>,
}

impl Globals {
    /// Reads settings and sources; all their faults at once.
    pub fn setup(&self, world: &World) -> Result<Setup> {
        self.setup_on(self.ground(world)?, world)
    }

    /// Reads what stands before any source.
    pub(super) fn ground(&self, world: &World) -> Result<Ground> {
        let now = self.now(world)?;
        if !self.home.is_dir() {
            bail!(
                "the home {0} is no folder\n\
                 hint: fetcher init {0} --contact you@example.org makes one",
                self.home.display()
            );
        }
        self.is_made()?;
        let gate = hook::gate(world.step.as_deref())?;
        let mut settings = self.settings()?;
        world.mail.read(&self.settings_path());
        if self.store.is_some() {
            settings.store.clone_from(&self.store);
        }
        let archive = self.archive(&settings)?;
        Ok(Ground { now, gate, settings, archive })
    }

    pub(super) fn setup_on(&self, ground: Ground, world: &World) -> Result<Setup> {
        let Ground { now, gate, settings, archive } = ground;
        let console = Console::new(world.watched, self.quiet, self.verbose, world.mail.clone());
        let (sources, faults) = config::sources(&self.home.join("sources"));
        let faults = faults.some();
        console.mail.read_all(&self.home.join("sources"));
        match &faults {
            // What they fed goes on: their past stands in the store, what waits in the home.
            Some(faults) if sources.is_empty() => {
                console.warn_of_faults(faults, "nobody is asked until one is mended");
            }
            Some(faults) => console.warn_of_faults(faults, "all other sources go on"),
            None => {}
        }
        let mut journals = config::journals()?;
        journals.retention.keep = Some(settings.summarizer.keep_journals);
        let retentions = retentions(&sources, &journals);
        let wanted = sources.iter().flat_map(Source::secrets).map(str::to_string).collect();
        let file = self.home.join(SECRETS);
        let secrets = config::secrets::visible(&file, &world.secrets, &wanted);
        let spool = Spool::new(&self.home, gate.clone()).archiving(archive);
        let tokens = spool.token_secrets();
        let checks = config::secrets::of_checks(&file, &world.secrets, &settings.ping);
        let secrets = secrets.iter().map(Secret::expose);
        let redactor = Redactor::of_words(secrets.chain(texts(&tokens)).chain(texts(&checks)));
        world.ping.hide(&redactor);
        let spool = spool.hiding(redactor);
        Ok(Setup {
            places: world.secrets.clone(),
            fonts: world.fonts.clone(),
            home: self.home.clone(),
            settings,
            sources,
            faulty: faults.is_some(),
            retentions,
            journals,
            spool,
            clock: Clock::starting(now),
            console,
            json: self.json,
            names_store: self.store.is_some(),
            gate,
            program: world.program.clone(),
        })
    }

    /// An error for a home that `fetcher init`, or a restore, began and did not end.
    pub fn is_made(&self) -> Result<()> {
        if self.home.join(config::starter::RESTORING).exists() {
            bail!(
                "the home {0} is not whole: a restore was stopped in it\n\
                 hint: summarizer restore BACKUP --home {0} goes on",
                self.home.display()
            );
        }
        if self.home.join(config::starter::UNFINISHED).exists() {
            bail!(
                "the home {0} is not whole: `fetcher init` was stopped in it\n\
                 hint: fetcher init {0} --contact you@example.org goes on",
                self.home.display()
            );
        }
        Ok(())
    }

    /// The folder of the archive. In `data/` it would be taken for a source's.
    fn archive(&self, settings: &Settings) -> Result<Option<PathBuf>> {
        let folder = settings.summarizer.archive.as_ref().map(|folder| self.home.join(folder));
        if folder.as_ref().is_some_and(|folder| folder.starts_with(self.home.join("data"))) {
            bail!("summarizer.archive is a folder in data/\nhint: name one outside of it");
        }
        Ok(folder)
    }

    fn settings_path(&self) -> PathBuf {
        self.config.clone().unwrap_or_else(|| self.home.join("daybook.toml"))
    }

    /// The instant of `--now`, else that of the clock.
    pub fn now(&self, world: &World) -> Result<Instant> {
        let Some(text) = &self.now else { return Ok(world.now) };
        parse_iso(text).ok_or_else(|| {
            anyhow!("--now is {text:?}, not an instant such as 2026-11-22T02:41:00Z")
        })
    }

    fn settings(&self) -> Result<Settings> {
        let path = self.settings_path();
        let text = match (there(given_text(&path, GIVEN_BYTES))?, &self.config) {
            (Some(text), _) => text,
            (None, None) => return Ok(Settings::default()),
            (None, Some(_)) => bail!(
                "there are no settings at {}\nhint: is the name after --config right?",
                path.display()
            ),
        };
        Ok(config::settings(&path.display().to_string(), &text)?)
    }
}

/// How to go on where who only reads finds another store than that which a home has fed.
const LOOK: &str = "is the name right, and its disk there? another store is read from a home that \
feeds it, or none: --home";

impl Setup {
    /// The secrets that some sources name, as far as they are there.
    pub fn secrets(&self, sources: &[Source]) -> Result<Secrets> {
        let names = sources.iter().flat_map(Source::secrets).map(str::to_string).collect();
        let path = self.home.join(SECRETS);
        let secrets = config::secrets::secrets(&path, &self.places, &names)?;
        self.console.mail.read(&path);
        Ok(secrets)
    }

    /// The same for who only reads; `None` where this user may not see them.
    pub fn seen_secrets(&self, sources: &[Source]) -> Result<Option<Secrets>> {
        if is_closed(&self.home.join(SECRETS)) {
            return Ok(None);
        }
        self.secrets(sources).map(Some)
    }

    /// Tells of journals that cannot be what they seem; whether there are any.
    pub fn warn_of_journals(&self) -> Result<bool> {
        let large = match self.spool.large_journals() {
            // What this user may not see is told where it is needed.
            Err(error) if error.is_refused() => Vec::new(),
            large => large?,
        };
        large.iter().for_each(|words| self.console.warn(words));
        Ok(!large.is_empty())
    }

    /// How the summarizer tries snapshots in a child of its own.
    pub fn trier(&self) -> Trier {
        let arguments = vec!["--home".into(), self.home.clone().into(), "alone".into()];
        Trier { program: self.program.clone(), arguments }
    }

    /// The URL of the store: the named one, or the embedded one.
    pub fn store_url(&self) -> String {
        self.settings.store.clone().unwrap_or_else(|| store::default_url(&self.home))
    }

    /// The store, to write to it. Where this home has fed one, nothing is made and nothing is
    /// changed in the place of another, unless this home shall `adopt` that. One of an older
    /// version gets the declarations that are here.
    pub fn store(&self, adopt: bool) -> Result<Box<dyn Writer>> {
        self.console.mail.tries_store();
        let store = self.writer(adopt)?;
        self.console.mail.has_store();
        Ok(store)
    }

    fn writer(&self, adopt: bool) -> Result<Box<dyn Writer>> {
        let identity = self.spool.identity()?;
        if let Some(known) = identity.as_ref().and_then(|identity| identity.store.clone())
            && !adopt
        {
            self.has_not_moved(identity.as_ref())?;
            let found = store::reader(&self.store_url(), self.gate.clone())?;
            self.is_fed(found.as_deref(), &known, ADOPT)?;
        }
        let moved = Cell::new(false);
        let tell = |words: &str| {
            moved.set(true);
            self.console.tell(words);
        };
        let store = store::writer(&self.store_url(), self.gate.clone(), &tell)?;
        if let Some(identity) = identity.filter(|identity| identity.moved_from.is_some()) {
            self.spool.remember_identity(&Identity { moved_from: None, ..identity })?;
        }
        if moved.get() {
            for text in self.spool.declarations()? {
                store.declare(&Declaration::new(&text).digest.hex(), &text)?;
            }
        }
        Ok(store)
    }

    /// An error where the store is one that was copied into another: what it counted from now on
    /// would not be there.
    fn has_not_moved(&self, identity: Option<&Identity>) -> Result<()> {
        let from = identity.and_then(|identity| identity.moved_from.as_deref());
        let shown = store::shown(&self.store_url());
        if from != Some(&*shown) {
            return Ok(());
        }
        bail!(
            "the store {shown} was copied into another, which this home feeds from then on\n\
             hint: name the other one in daybook.toml; to go on with this one, run once with \
             --adopt"
        )
    }

    /// The store that this home has fed, to copy it; `None` where it has fed none yet.
    pub fn fed_store(&self) -> Result<Option<Box<dyn Reader>>> {
        match self.spool.identity()?.and_then(|identity| identity.store) {
            Some(_) => self.reader().map(Some),
            None => Ok(None),
        }
    }

    /// The disk, with folders that are closed to others.
    pub fn disk(&self, folders: &[PathBuf]) -> Disk {
        Disk::new(self.gate.clone()).closing(folders)
    }

    /// The store, to read it. A home that has fed none yet has an empty one; but one that is named
    /// in a call, and is not there, may be mistyped.
    pub fn reader(&self) -> Result<Box<dyn Reader>> {
        self.console.mail.tries_store();
        let store = self.rehearsal(false)?;
        self.console.mail.has_store();
        Ok(store)
    }

    /// How the store of this home is looked at, from any thread; nothing is told or made.
    pub fn opening(&self) -> Result<Opening> {
        let known = self.spool.seen_identity()?.and_then(|identity| identity.store);
        let (url, gate) = (self.store_url(), self.gate.clone());
        Ok(Box::new(move || {
            let found = store::reader(&url, gate)?;
            if let Some(known) = known {
                let id = found.as_deref().map(Reader::id).transpose()?;
                is_fed(&known, id.as_deref(), &store::shown(&url), LOOK)?;
            }
            Ok(found)
        }))
    }

    /// The same again and again, for who stays; where there is no store yet, an empty one stands
    /// for it.
    pub fn openings(&self) -> Result<Open> {
        let (spool, url, gate) = (self.spool.clone(), self.store_url(), self.gate.clone());
        Ok(Box::new(move || {
            let known = spool.seen_identity()?.and_then(|identity| identity.store);
            let found = store::reader(&url, gate.clone())?;
            if let Some(known) = known {
                let id = found.as_deref().map(Reader::id).transpose()?;
                is_fed(&known, id.as_deref(), &store::shown(&url), LOOK)?;
            }
            match found {
                Some(store) => Ok(store),
                None => Ok(store::nothing(&store::shown(&url), gate.clone())?),
            }
        }))
    }

    /// An error unless what was found is the store of this id, which this home has fed.
    fn is_fed(&self, found: Option<&dyn Reader>, known: &str, hint: &str) -> Result<()> {
        let found = found.map(Reader::id).transpose()?;
        is_fed(known, found.as_deref(), &store::shown(&self.store_url()), hint)
    }

    /// The same, for a dry run of what would write.
    pub fn rehearsal(&self, adopt: bool) -> Result<Box<dyn Writer>> {
        if self.spool.is_hidden() {
            self.console.warn(
                "data/.state is not visible to this user: what is remembered there (holds of \
                 sources, validators, which home this is) is left out",
            );
        }
        let url = self.store_url();
        let found = store::rehearsal(&url, self.gate.clone())?;
        if let Some(known) = self.spool.seen_identity()?.and_then(|identity| identity.store)
            && !adopt
        {
            self.is_fed(found.as_deref().map(Writer::as_reader), &known, LOOK)?;
        }
        if let Some(store) = found {
            return Ok(store);
        }
        let shown = store::shown(&url);
        if url != store::default_url(&self.home) {
            let words = format!("there is no store at {shown}");
            let hint = "is the name right? summarizer run makes a store, nobody else does";
            if self.names_store || self.spool.is_hidden() {
                bail!("{words}\nhint: {hint}");
            }
            self.console.warn(&format!("{words} yet\nhint: {hint}"));
        }
        Ok(store::nothing(&shown, self.gate.clone())?)
    }
}

fn texts(all: &[String]) -> impl Iterator<Item = &str> {
    all.iter().map(String::as_str)
}

/// What the sources declare, under the names that they have and had.
fn retentions(sources: &[Source], journals: &Source) -> Retentions {
    let all = sources.iter().chain([journals]);
    all.flat_map(|source| {
        let rules = Rules { retention: source.retention, names: source.names() };
        source.names().into_iter().map(move |name| (name, rules.clone()))
    })
    .collect()
}
