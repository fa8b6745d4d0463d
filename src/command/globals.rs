//! The options that all programs have, and what they lead to: a home with its settings, its
//! sources, its spool and its store.

use super::{Console, Folders, Places, World, hook};
use crate::domain::bucket::{Bucket, SCHEME};
use crate::domain::gate::Gate;
use crate::domain::limits::GIVEN_BYTES;
use crate::domain::retention::{Retentions, Rules};
use crate::domain::secret::{Redactor, Secret, Secrets};
use crate::domain::settings::Settings;
use crate::domain::source::Source;
use crate::domain::time::{Instant, parse_iso};
use crate::edge::clock::Clock;
use crate::edge::config;
use crate::edge::config::secrets::variable;
use crate::edge::disk::{Disk, given_text, is_closed, there};
use crate::edge::lake::{Keys, Lake};
use crate::edge::spool::Spool;
use crate::edge::trial::Trier;
use crate::tier::Progress;
use anyhow::{Result, anyhow, bail};
use clap::Args;
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
    pub(super) names_store: bool,
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
        let Ground { now, gate, mut settings, archive } = ground;
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
        let filled = |url: &String| config::secrets::in_address(url, &file, &world.secrets);
        settings.store = settings.store.as_ref().map(filled);
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
        let named = settings.summarizer.archive.as_ref();
        let folder = named.filter(|named| !named.starts_with(SCHEME));
        let folder = folder.map(|folder| self.home.join(folder));
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

/// The secrets with which a bucket is opened; the last one belongs to borrowed keys.
const BUCKET_KEYS: [&str; 3] = ["archive_key_id", "archive_key", "archive_token"];

impl Setup {
    /// The same, with the bucket of its archive, if it has one.
    pub fn archiving(mut self) -> Setup {
        if let Some(lake) = self.lake() {
            self.spool = self.spool.archiving_in(lake);
        }
        self
    }

    /// The bucket of the archive, if it has one.
    pub fn lake(&self) -> Option<Lake> {
        let named = self.settings.summarizer.archive.as_deref();
        let bucket = Bucket::parse(named?).ok()?;
        let (server, keys) = (self.settings.archive.clone(), self.bucket_keys());
        Some(Lake::new(bucket, server, keys, self.gate.clone()))
    }

    /// An address of a store with the secrets that it names.
    pub fn filled(&self, url: &str) -> String {
        config::secrets::in_address(url, &self.home.join(SECRETS), &self.places)
    }

    fn bucket_keys(&self) -> Result<Keys, String> {
        let names = BUCKET_KEYS.map(str::to_string).into();
        let found = config::secrets::secrets(&self.home.join(SECRETS), &self.places, &names);
        let mut found = found.map_err(|error| error.to_string())?;
        let [id, key, token] = BUCKET_KEYS.map(|name| (name, found.remove(name)));
        let given = |(name, secret): (&str, Option<Secret>)| {
            secret.ok_or_else(|| format!("the secret {name} is not given: {}", variable(name)))
        };
        Ok(Keys { id: given(id)?, key: given(key)?, token: token.1 })
    }

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

    /// The disk, with folders that are closed to others.
    pub fn disk(&self, folders: &[PathBuf]) -> Disk {
        Disk::new(self.gate.clone()).closing(folders)
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
