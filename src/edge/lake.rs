//! The door to buckets: small, whole objects out and in. What was sent is believed once the server
//! says that it has it, of these bytes and encrypted as asked.

#[cfg(feature = "lake")]
mod fault;
#[cfg(feature = "lake")]
mod pack;
#[cfg(not(feature = "lake"))]
#[path = "lake/absent.rs"]
mod server;
#[cfg(feature = "lake")]
#[path = "lake/s3.rs"]
mod server;
#[cfg(feature = "lake")]
mod watched;

#[cfg(feature = "lake")]
pub use pack::{pack, unpack};
#[cfg(not(feature = "lake"))]
pub use server::{pack, unpack};

use crate::domain::bucket::{self, Bucket};
use crate::domain::document::Doc;
use crate::domain::gate::Gate;
use crate::domain::hash::Digest;
use crate::domain::secret::Secret;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What can go wrong with a bucket.
#[derive(Debug, thiserror::Error)]
#[error("the archive {archive} {cause}{}", hinted(.hint))]
pub struct Error {
    pub archive: String,
    pub cause: String,
    pub hint: String,
    /// Whether something is there already, which is not what was to be put.
    pub is_taken: bool,
}

fn hinted(hint: &str) -> String {
    if hint.is_empty() { String::new() } else { format!("\nhint: {hint}") }
}

pub type Result<T> = std::result::Result<T, Error>;

/// Who asks: the two halves of a key, and the token of a borrowed one.
#[derive(Clone)]
pub struct Keys {
    pub id: Secret,
    pub key: Secret,
    pub token: Option<Secret>,
}

/// What a server says of an object.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Head {
    pub bytes: u64,
    /// The hash that was given with it.
    pub sha256: Option<String>,
    pub encryption: Option<String>,
}

/// One bucket.
pub struct Lake {
    bucket: Bucket,
    server: bucket::Server,
    gate: Gate,
    /// Its client; or why there is none, and what helps.
    inner: std::result::Result<server::Server, (String, String)>,
    /// Why it did not answer: it is not asked again in this run.
    away: Mutex<Option<String>>,
    /// Whether it has taken the mark, encrypted as asked.
    proven: AtomicBool,
    /// Whether its mark was seen to be of no other home.
    ours: AtomicBool,
}

/// The object that says what the others are, and whose. It is put before the first one of a run: a
/// bucket that does not encrypt gets nothing else, and a prefix is that of one home.
const MARK: &str = "daybook.json";

fn marked(home: &str) -> Vec<u8> {
    let pairs = [("daybook", "archive"), ("form", "1"), ("home", home)];
    let doc = Doc::map(pairs.map(|(key, value)| (key, Doc::text(value))));
    (doc.json() + "\n").into_bytes()
}

impl std::fmt::Debug for Lake {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "Lake({})", self.bucket)
    }
}

/// What a new object may take the place of.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Over {
    Nothing,
    Anything,
}

/// Why an operation was not done.
#[cfg_attr(not(feature = "lake"), allow(dead_code, reason = "nobody is asked"))]
pub(crate) enum Fault {
    /// Nobody answered, or what was done is not known.
    Away(String),
    /// The server refused, with the cure where that is known.
    Refused(String, &'static str),
    /// There is something under that key.
    Taken,
}

impl Lake {
    /// Finds its way to the server; nothing is asked of it yet. Without keys, or where it cannot be
    /// asked at all, each operation says why.
    pub fn new(
        bucket: Bucket,
        server: bucket::Server,
        keys: std::result::Result<Keys, String>,
        gate: Gate,
    ) -> Lake {
        let inner = match keys {
            Err(why) => Err((why, "docs/lake.md tells where secrets may stand".into())),
            Ok(keys) => server::Server::new(&bucket, &server, &keys)
                .map_err(|(why, hint)| (why, hint.to_string())),
        };
        let (away, proven, ours) =
            (Mutex::new(None), AtomicBool::new(false), AtomicBool::new(false));
        Lake { bucket, server, gate, inner, away, proven, ours }
    }

    /// Where it is, for people.
    pub fn address(&self) -> String {
        self.bucket.to_string()
    }

    /// Whether it answers, and has something of this home as it was asked for; nothing is put.
    pub fn look(&self, home: Option<&str>) -> Result<String> {
        // Of a bucket that is not there a head says no more than of an object.
        self.folders("")?;
        match self.head(MARK)? {
            None => Ok("it answers, and nothing is there yet".into()),
            Some(head) => {
                self.is_encrypted(MARK, &head)?;
                home.map(|home| self.is_of(home)).transpose()?;
                Ok(match self.server.encryption.word() {
                    Some(word) => format!("it answers, and encrypts by {word}"),
                    None => "it answers".into(),
                })
            }
        }
    }

    /// Puts an object of a home where there is none, with its hash; afterwards the server has said
    /// that it has these bytes, encrypted as asked.
    pub fn put(&self, home: &str, key: &str, bytes: &[u8], sha256: Digest) -> Result<()> {
        self.prove(home)?;
        match self.send(key, bytes, sha256, Over::Nothing) {
            Err(error) if !error.is_taken => return Err(error),
            _ => {}
        }
        // Also of one that was there: perhaps a put before whose answer was lost.
        let head = self.head(key)?;
        let is_it = |head: &Head| {
            head.bytes == bytes.len() as u64 && head.sha256.as_deref() == Some(&*sha256.hex())
        };
        match head.filter(is_it) {
            Some(head) => self.is_encrypted(key, &head),
            None => Err(self.error(
                format!("has {key} already, with other bytes"),
                "nothing is lost; look at that object, then move it away",
                true,
            )),
        }
    }

    /// Puts the mark, once in a run.
    fn prove(&self, home: &str) -> Result<()> {
        if self.proven.load(Ordering::Relaxed) {
            return Ok(());
        }
        let (mark, digest) = (marked(home), Digest::of(&marked(home)));
        match self.send(MARK, &mark, digest, Over::Nothing) {
            Err(error) if error.is_taken => {
                self.is_of(home)?;
                self.send(MARK, &mark, digest, Over::Anything)?;
            }
            put => put?,
        }
        match self.head(MARK)? {
            Some(head) => self.is_encrypted(MARK, &head)?,
            None => return Err(self.gone("it took an object, and does not have it")),
        }
        self.proven.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// An error where the mark that is there is that of another home.
    pub fn is_of(&self, home: &str) -> Result<()> {
        if self.ours.load(Ordering::Relaxed) {
            return Ok(());
        }
        let mark = marked(home);
        let Some(other) = self.get(MARK)?.filter(|known| *known != mark) else {
            self.ours.store(true, Ordering::Relaxed);
            return Ok(());
        };
        let doc = Doc::parse(&other).unwrap_or(Doc::Null);
        let other = doc.get("home").as_text().unwrap_or("?").to_string();
        Err(self.error(
            format!("is that of another home ({other}; this one is {home})"),
            "give each home a prefix of its own; where that home is gone, and this one goes on \
             with its archive, remove daybook.json there",
            false,
        ))
    }

    fn send(&self, key: &str, bytes: &[u8], sha256: Digest, over: Over) -> Result<()> {
        let act = |server: &server::Server| server.put(&self.key(key), bytes, &sha256.hex(), over);
        self.pass("lake.put", act)
    }

    /// An error unless an object lies there as it was asked for.
    pub fn is_encrypted(&self, key: &str, head: &Head) -> Result<()> {
        let wanted = self.server.encryption.word();
        if wanted.is_none() || head.encryption.as_deref() == wanted {
            return Ok(());
        }
        let found = head.encryption.as_deref().unwrap_or("nothing");
        Err(self.error(
            format!("took {key} and says {found} of its encryption, not {}", wanted.unwrap_or("")),
            "let the bucket encrypt, or say archive.encryption = \"any\" if it may lie there plain",
            false,
        ))
    }

    /// What is under a key; none where there is nothing.
    pub fn head(&self, key: &str) -> Result<Option<Head>> {
        self.pass("lake.head", |server| server.head(&self.key(key)))
    }

    pub fn get(&self, key: &str) -> Result<Option<Vec<u8>>> {
        self.pass("?lake.get", |server| server.get(&self.key(key)))
    }

    /// All keys below a folder, in order.
    pub fn keys(&self, folder: &str) -> Result<Vec<String>> {
        let keys = self.pass("?lake.list", |server| server.list(&self.key(folder)))?;
        let own = keys.into_iter().filter_map(|key| self.own(&key)).collect::<Vec<_>>();
        Ok(own)
    }

    /// The folders in a folder, in order: their names alone.
    pub fn folders(&self, folder: &str) -> Result<Vec<String>> {
        let found = self.pass("?lake.list", |server| server.folders(&self.key(folder)))?;
        let name = |path: &String| path.trim_end_matches('/').rsplit('/').next().map(String::from);
        Ok(found.iter().filter_map(name).collect())
    }

    /// Takes an object away; one that is not there is as good.
    pub fn delete(&self, key: &str) -> Result<()> {
        self.pass("lake.delete", |server| server.delete(&self.key(key)))
    }

    fn key(&self, key: &str) -> String {
        format!("{}{key}", self.bucket.prefix)
    }

    fn own(&self, key: &str) -> Option<String> {
        key.strip_prefix(&self.bucket.prefix).map(str::to_string)
    }

    fn pass<T>(
        &self,
        name: &str,
        act: impl FnOnce(&server::Server) -> std::result::Result<T, Fault>,
    ) -> Result<T> {
        if let Some(why) = self.away().clone() {
            return Err(self.gone(&why));
        }
        let server = self.inner.as_ref();
        let server = server
            .map_err(|(why, hint)| self.error(format!("cannot be used: {why}"), hint, false))?;
        let act = || act(server).map_err(|fault| self.told(fault));
        self.gate.pass(name, |cause| self.gone(&cause), act)
    }

    fn away(&self) -> std::sync::MutexGuard<'_, Option<String>> {
        self.away.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }

    fn told(&self, fault: Fault) -> Error {
        match fault {
            Fault::Away(why) => {
                *self.away() = Some(why.clone());
                self.gone(&why)
            }
            Fault::Refused(why, hint) => self.error(format!("refuses: {why}"), hint, false),
            Fault::Taken => self.error("has an object of that name".into(), "", true),
        }
    }

    fn gone(&self, why: &str) -> Error {
        let hint = match why.contains("certificate") {
            true => "archive.authorities names a file of PEM with who vouches for its server",
            false => "nothing is lost: what is not there yet waits in data/; do this again later",
        };
        self.error(format!("did not answer: {why}"), hint, false)
    }

    fn error(&self, cause: String, hint: &str, is_taken: bool) -> Error {
        Error { archive: self.address(), cause, hint: hint.into(), is_taken }
    }
}
