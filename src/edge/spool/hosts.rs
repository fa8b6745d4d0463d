//! What the fetcher knows of hosts, and what it has spent of quotas: `.state/hosts.json`. Breakers
//! are a hint; what is spent is written before each request that spends.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::host::Host;
use crate::domain::quota::Spent;
use crate::edge::disk::Lock;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Hosts by their names and ports.
pub type Hosts = BTreeMap<String, Host>;

impl Spool {
    fn hosts_file(&self) -> PathBuf {
        self.state().join("hosts.json")
    }

    /// What is known; and whether a file is there that cannot be read.
    pub fn hosts(&self) -> (Hosts, Spent, bool) {
        let bytes = self.disk.read_small(&self.hosts_file()).ok().flatten();
        let doc = bytes.as_deref().map(Doc::parse);
        let damaged = matches!(doc, Some(Err(_)));
        let doc = doc.and_then(std::result::Result::ok).unwrap_or(Doc::Null);
        let hosts =
            doc.get("hosts").pairs().iter().map(|(name, host)| (name.to_string(), read(host)));
        let spent = doc.get("spent").pairs().iter().filter_map(|(place, used)| {
            let start = used.get("of").as_instant().ok()?;
            Some((place.to_string(), (start, used.get("used").as_count().ok()?)))
        });
        (hosts.collect(), Spent(spent.collect()), damaged)
    }

    /// Keeps what is known, without waiting for the disk.
    pub fn keep_hosts(&self, hosts: &Hosts, spent: &Spent) -> Result<()> {
        self.disk.make_dir(&self.state())?;
        let host = |(name, host): (&String, &Host)| (name.clone().into(), doc(host));
        let used = |(place, (of, used)): (&String, &(crate::domain::time::Instant, u64))| {
            let used = Doc::Int(i64::try_from(*used).unwrap_or(i64::MAX));
            (place.clone().into(), Doc::map([("of", Doc::Instant(*of)), ("used", used)]))
        };
        let doc = Doc::map([
            ("hosts", Doc::Map(hosts.iter().map(host).collect())),
            ("spent", Doc::Map(spent.0.iter().map(used).collect())),
        ]);
        Ok(self.disk.replace_loosely(&self.hosts_file(), doc.json().as_bytes())?)
    }
}

impl Spool {
    /// Waits for whoever changes what is known of hosts at this moment.
    pub fn hosts_lock(&self) -> Result<Option<Lock>> {
        self.lock_soon("hosts", None)
    }

    /// One of so many places at a host, that all processes of this home share; none is free
    /// where it gives none.
    pub fn place_at(&self, host: &str, count: usize) -> Result<Option<Lock>> {
        let short = Digest::of(host.as_bytes()).short(12);
        for place in 0..count {
            let path = self.lock_path(&format!("host-{short}-{place}"));
            if let Some(lock) = self.disk.lock_unsaid(&path)? {
                return Ok(Some(lock));
            }
        }
        Ok(None)
    }
}

fn read(doc: &Doc) -> Host {
    Host {
        failures: doc.get("failures").as_count().unwrap_or(0).try_into().unwrap_or(u32::MAX),
        open_until: doc.get("open_until").as_instant().ok(),
        halted_until: doc.get("halted_until").as_instant().ok(),
        why: doc.get("why").as_text().unwrap_or_default().to_string(),
        asked: doc.get("asked").as_instant().ok(),
    }
}

fn doc(host: &Host) -> Doc {
    Doc::map([
        ("failures", Doc::Int(host.failures.into())),
        ("open_until", Doc::option(host.open_until, Doc::Instant)),
        ("halted_until", Doc::option(host.halted_until, Doc::Instant)),
        ("why", Doc::text(&host.why)),
        ("asked", Doc::option(host.asked, Doc::Instant)),
    ])
}
