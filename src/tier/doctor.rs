//! The examination of a home: what is looked at, and in which order. Nothing is made or changed,
//! and each host is asked at most once.

use super::due::state;
use super::runs::Runs;
use crate::domain::doctor::hosts::{self, Heard};
use crate::domain::doctor::{self, Check, Finding, LastRuns, PATIENCE, Room, Verdict};
use crate::domain::format::{Lang, english};
use crate::domain::incident::of_source;
use crate::domain::settings::Settings;
use crate::domain::source::Source;
use crate::domain::template::Part;
use crate::edge::clock::Clock;
use crate::edge::disk::site::{Medium, Site, site, user};
use crate::edge::http::{Bounds, Client, Pace, roots};
use crate::edge::signal;
use crate::edge::spool::Spool;
use crate::edge::store::{self, Reader};
use anyhow::{Context, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::mpsc;

/// A home to be examined.
pub struct Doctor<'a> {
    pub spool: &'a Spool,
    pub settings: &'a Settings,
    pub sources: &'a [Source],
    pub clock: Clock,
}

/// How a store is opened to be looked at; `None` where there is none.
pub type Opening = Box<dyn FnOnce() -> Result<Option<Box<dyn Reader>>> + Send>;

/// Which programs of this home something runs again and again, and what does.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Started {
    pub program: &'static str,
    /// `None` where nothing does.
    pub by: Option<String>,
}

impl Doctor<'_> {
    /// Names, safe connections, the hosts and the clock: one HEAD of the root of each declared
    /// host, all at once, without a key. Whoever asked for patience is left alone.
    pub fn hosts(&self, user_agent: &str) -> Result<Vec<Finding>> {
        let (asked, mut found) = self.declared();
        let pace = Pace { gap: self.settings.fetcher.pace, ..Pace::default() };
        let client = Client::new(user_agent, pace);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .context("cannot start the network runtime")?;
        let heard = runtime.block_on(async {
            let bounds = Bounds::starting(self.clock.now(), PATIENCE, signal::stop());
            let client = std::sync::Arc::new(client);
            let ask = |host: String| {
                let (client, bounds) = (client.clone(), bounds.clone());
                tokio::spawn(async move {
                    let answer = client.look(&host, PATIENCE / 2, &bounds).await;
                    Heard { host, answer }
                })
            };
            let asked: Vec<_> = asked.into_iter().map(ask).collect();
            let mut heard = Vec::new();
            for one in asked {
                heard.extend(one.await.ok());
            }
            heard
        });
        // A name that is still looked up is not waited for.
        runtime.shutdown_background();
        found.extend(hosts::findings(&heard, &roots()));
        found.push(hosts::clock(&heard));
        Ok(found)
    }

    /// The roots of the declared hosts, and what is said of those that are not asked.
    fn declared(&self) -> (BTreeSet<String>, Vec<Finding>) {
        let (mut hosts, mut held, mut found) = (BTreeSet::new(), BTreeSet::new(), Vec::new());
        let (states, incidents) = (self.spool.states(), self.spool.incidents());
        let now = self.clock.started();
        for source in self.sources {
            let own = origins(source);
            if own.is_empty() {
                let said =
                    format!("{}: its host is filled in with a secret: not asked", source.name);
                found.push(Finding::unknown(Check::Hosts, said));
            }
            let trouble = state(&states, source).map(|state| state.trouble);
            let until = trouble.filter(|t| t.is_held(now)).and_then(|t| t.hold_until);
            let known = incidents.0.get(&of_source(&source.name));
            let patient = known.is_none_or(|incident| incident.text.contains("left alone until"));
            if let Some(until) = until.filter(|_| patient) {
                let until = until.format("%Y-%m-%d %H:%M UTC");
                let said = format!("{}: left alone until {until}: not asked", source.name);
                found.push(Finding::unknown(Check::Hosts, said));
                held.extend(own.iter().cloned());
            }
            hosts.extend(own);
        }
        hosts.retain(|host| !held.contains(host));
        let safe: BTreeSet<String> = hosts
            .iter()
            .filter_map(|host| host.strip_prefix("https://"))
            .map(String::from)
            .collect();
        hosts.retain(|host| host.strip_prefix("http://").is_none_or(|host| !safe.contains(host)));
        (hosts, found)
    }

    /// The disk of `data/`: room, what it is, and whether all of it is one file system.
    pub fn disk(&self) -> Vec<Finding> {
        let (ground, reserve) = (self.spool.ground(), self.settings.fetcher.reserve);
        let place = ground.display().to_string();
        let mut found = match self.spool.room() {
            Ok((free, has_files)) => doctor::room(&place, Room { free, reserve, has_files }),
            Err(error) => vec![Finding::of_words(Check::Disk, &error.to_string(), DISK_CURE)],
        };
        found.extend(self.medium(Check::Disk, &place, &ground));
        let sites = self.spool.sites().unwrap_or_default();
        let device = sites.iter().find(|site| site.path == ground).map(|site| site.device);
        let apart = |site: &&Site| site.path.starts_with(&ground) && Some(site.device) != device;
        let apart: Vec<&Site> = sites.iter().filter(apart).collect();
        found.extend(apart.iter().map(|site| {
            let said = format!(
                "{} lies on another file system than {place}: nothing can be linked between them",
                site.path.display()
            );
            Finding::wrong(Check::Disk, said, "unmount it, or put a folder in place of the link")
        }));
        if apart.is_empty() {
            found.push(Finding::well(Check::Disk, format!("all of {place} is one file system")));
        }
        found
    }

    fn medium(&self, check: Check, what: &str, path: &Path) -> Option<Finding> {
        match self.spool.medium(path) {
            Medium::Disk => None,
            Medium::Memory => Some(Finding::wrong(
                check,
                format!("{what} lies in memory (tmpfs): it is gone when this machine starts again"),
                "move the home to a disk",
            )),
            Medium::Network => Some(Finding::wrong(
                check,
                format!("{what} lies on a disk of the network: locks and syncs may not hold there"),
                "move it to a disk of this machine",
            )),
        }
    }

    /// Whether this user may write where the programs write, and whether all of it is one user's.
    pub fn permissions(&self) -> Vec<Finding> {
        let sites = match self.spool.sites() {
            Ok(sites) => sites,
            Err(error) => {
                return vec![Finding::of_words(Check::Permissions, &error.to_string(), OWNER_CURE)];
            }
        };
        let ground = self.spool.ground();
        let owner = sites.iter().find(|site| site.path == ground).map_or(user(), |site| site.owner);
        let (mut found, mut refused) = (Vec::new(), Vec::new());
        for site in &sites {
            let path = site.path.display();
            if let Some(why) = &site.refused {
                let said = format!("user {} may not write to {path}: {why}", user());
                let cure = format!("run the programs as its owner, or: chown -R {} {path}", user());
                refused.push(Finding::wrong(Check::Permissions, said, cure));
            }
            if site.owner != owner && site.path.starts_with(&ground) {
                let said = format!(
                    "{path} belongs to user {}, and {} to user {owner}: did somebody else run a \
                     program here?",
                    site.owner,
                    ground.display()
                );
                let cure = format!("chown -R {owner} {}", ground.display());
                found.push(Finding::wrong(Check::Permissions, said, cure));
            }
            if site.mode & 0o002 != 0 && site.is_folder {
                let said = format!("anybody may write to {path} (mode {:03o})", site.mode);
                let cure = format!("chmod o-w {path}");
                found.push(Finding::wrong(Check::Permissions, said, cure));
            }
        }
        found.extend(refused);
        let names: Vec<_> = self.sources.iter().map(|source| &source.name).collect();
        found.extend(self.spool.in_the_way(&names).iter().map(|path| {
            let said = format!("{} is no folder, and the programs need one there", path.display());
            Finding::wrong(Check::Permissions, said, "move it away: the programs make the folder")
        }));
        if found.is_empty() {
            let said = format!("user {} may write where the programs do", user());
            found.push(Finding::well(Check::Permissions, said));
        }
        found
    }

    /// The store: whether it can be reached within the time, is this home's, and keeps what it
    /// acknowledges. It is never made.
    pub fn store(&self, url: &str, open: Opening) -> Vec<Finding> {
        let shown = store::shown(url);
        let (sender, receiver) = mpsc::channel();
        let look = move || {
            let found = open().and_then(|store| match store {
                Some(store) => Ok(Some(store.standing()?)),
                None => Ok(None),
            });
            let _ = sender.send(found);
        };
        // It goes on by itself where a server takes longer, until the program ends.
        std::thread::spawn(look);
        let mut found = match receiver.recv_timeout(PATIENCE) {
            Err(_) => vec![Finding::wrong(
                Check::Store,
                format!("the store {shown} did not answer within {} s", PATIENCE.as_secs()),
                "is its server overloaded, or does a firewall stand between?",
            )],
            Ok(Err(error)) => {
                let words = error.chain().map(ToString::to_string).collect::<Vec<_>>().join(": ");
                vec![Finding::of_words(Check::Store, &words, STORE_CURE)]
            }
            Ok(Ok(None)) => {
                let said = format!("there is no store at {shown} yet: summarizer run makes it");
                vec![Finding::well(Check::Store, said)]
            }
            Ok(Ok(Some(standing))) => {
                let mut found: Vec<Finding> = standing
                    .weak
                    .iter()
                    .map(|(said, cure)| {
                        Finding::wrong(Check::Store, format!("{shown}: {said}"), *cure)
                    })
                    .collect();
                if found.is_empty() {
                    let said = format!("{shown}: {}", standing.words);
                    found.push(Finding::well(Check::Store, said));
                }
                found
            }
        };
        let file = store::file(url).filter(|file| file.exists());
        found.extend(file.and_then(|file| self.medium(Check::Store, &shown, file)));
        let closed: Vec<Finding> = file.map(unwritable).unwrap_or_default();
        if !closed.is_empty() {
            found.retain(|one| one.verdict != Verdict::Well);
        }
        found.extend(closed);
        found
    }

    /// What runs the programs, and when they ran last. A recording needs no fetcher.
    pub fn runs(&self, started: &[Started]) -> Result<Vec<Finding>> {
        let runs = Runs::of(self.spool)?;
        let last = LastRuns {
            fetcher: runs.fetcher,
            summarizer: runs.summarizer,
            report: runs.report.map(|(_, written)| written),
            began: self.spool.began(),
        };
        if self.spool.seen_identity()?.is_some_and(|identity| identity.recorded) {
            let said = "this home holds a recording: nothing need run";
            return Ok(vec![Finding::well(Check::Cron, said)]);
        }
        let now = self.clock.started();
        let mut found = of_started(started, |program| last.is_fresh(program, now));
        if self.spool.is_hidden() {
            let said = "when the programs ran may not be seen by this user";
            found.push(Finding::unknown(Check::Runs, said));
            return Ok(found);
        }
        found.extend(doctor::runs(last, now));
        Ok(found)
    }
}

/// What of a store's file, the two beside it, and their folder, this user may not write.
fn unwritable(file: &Path) -> Vec<Finding> {
    let beside = |end: &str| {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty());
    let folder = folder.unwrap_or(Path::new(".")).to_path_buf();
    let all = [file.to_path_buf(), beside("-wal"), beside("-shm"), folder];
    let closed = all.iter().filter_map(|path| site(path)).filter(|site| site.refused.is_some());
    closed
        .map(|site| {
            let (path, why) = (site.path.display(), site.refused.unwrap_or_default());
            let said = format!("user {} may not write to {path}: {why}", user());
            let cure = format!("run the programs as its owner, or: chown {} {path}", user());
            Finding::wrong(Check::Store, said, cure)
        })
        .collect()
}

const DISK_CURE: &str = "is the disk there, and mounted?";
const OWNER_CURE: &str = "run this as the user of the home";
const STORE_CURE: &str = "is `store` in daybook.toml right?";

fn of_started(started: &[Started], is_fresh: impl Fn(&str) -> bool) -> Vec<Finding> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    for Started { program, by } in started {
        match by {
            Some(by) => found.push(Finding::well(Check::Cron, format!("{program}: by {by}"))),
            // By hand, most likely: the next run is nobody's.
            None if is_fresh(program) => found.push(Finding::wrong(
                Check::Cron,
                format!("{program}: ran lately, and by no line or timer that names this home"),
                "fetcher install --yes, as the user of the home; a line of yours that runs it must \
                 name the home",
            )),
            None => missing.push(program.to_string()),
        }
    }
    if !missing.is_empty() {
        let said = format!("nothing runs {} for this home", Lang::En.list(&missing));
        let cure = "fetcher install --yes, as the user of the home";
        found.push(Finding::wrong(Check::Cron, said, cure));
    }
    found
}

/// The roots of the hosts of a source, one for each item of a loop whose column stands in them;
/// none where a secret does.
fn origins(source: &Source) -> BTreeSet<String> {
    let parts = source.fetch.url.parts();
    let none = BTreeMap::new();
    let filled = |columns: &BTreeMap<String, String>, item: &str, secret: &str| -> String {
        let piece = |part: &Part| match part {
            Part::Text(text) => text.clone(),
            Part::Column(name) if name == "item" => item.to_string(),
            Part::Column(name) => columns.get(name).cloned().unwrap_or_default(),
            _ => secret.to_string(),
        };
        parts.iter().map(piece).collect()
    };
    let root = |columns: &BTreeMap<String, String>, item: &str| {
        let [one, other] = ["x", "y"].map(|secret| origin(&filled(columns, item, secret)));
        one.filter(|one| Some(one) == other.as_ref())
    };
    match &source.fetch.items {
        Some(items) => items.rows().iter().filter_map(|row| root(&row.columns, &row.key)).collect(),
        None => root(&none, "").into_iter().collect(),
    }
}

/// Scheme, host and port of an address, and nothing else.
fn origin(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let (scheme, host) = (url.scheme(), url.host_str()?);
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(format!("{scheme}://{host}{port}/"))
}

/// What of these secrets is not there.
pub fn secrets(wanted: usize, missing: &[String]) -> Vec<Finding> {
    if wanted == 0 {
        return vec![Finding::well(Check::Secrets, "no source needs a secret")];
    }
    if missing.is_empty() {
        let said = english(wanted as u64, "secret is", "secrets are");
        return vec![Finding::well(
            Check::Secrets,
            format!("{said} there, for nobody else to read"),
        )];
    }
    let told = |name: &String| {
        let said = format!("the secret {name:?} is not there");
        let cure = "write NAME = \"...\" into secrets.toml in the home, readable by you alone";
        Finding::wrong(Check::Secrets, said, cure)
    };
    missing.iter().map(told).collect()
}
