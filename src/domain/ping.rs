//! Pings: a service that watches over runs is told that one begins, and with which exit code it
//! ended. The addresses are those of healthchecks.io (its documentation, HTTP API): the check's own
//! for a success, below it `/start`, or `/1` for an exit code, and `rid`, a UUID, for the run.
//!
//! Invariant: who knows the address of a check can ping it, so it is shown nowhere.

use super::document::Doc;
use super::secret::Secrets;
use super::template::{Filling, Part, Template};
use super::time::Instant;
use std::collections::BTreeMap;
use std::fmt;
use std::time::Duration;
use url::Url;

/// Which programs are watched over, and how often one that runs each minute says that it is well.
#[derive(Clone, PartialEq, Debug)]
pub struct Pings {
    pub fetcher: Option<Address>,
    pub summarizer: Option<Address>,
    pub analyzer: Option<Address>,
    pub every: Duration,
}

impl Pings {
    /// The address of a program's check.
    pub fn of(&self, program: &str) -> Option<&Address> {
        match program {
            "fetcher" => self.fetcher.as_ref(),
            "summarizer" => self.summarizer.as_ref(),
            "analyzer" => self.analyzer.as_ref(),
            _ => None,
        }
    }

    pub fn all(&self) -> impl Iterator<Item = &Address> {
        [&self.fetcher, &self.summarizer, &self.analyzer].into_iter().flatten()
    }

    /// How often a program is pinged at most while nothing changes; the others run seldom.
    pub fn every(&self, program: &str) -> Option<Duration> {
        (program == "fetcher").then_some(self.every)
    }
}

/// The address of a check: a web address, of which all or a part may be a secret by its name.
#[derive(Clone, PartialEq, Eq)]
pub struct Address(Template);

impl fmt::Debug for Address {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("Address(***)")
    }
}

impl Address {
    /// From settings; `None` where it can be none.
    pub fn parse(text: &str) -> Option<Address> {
        let template = Template::parse(text).ok()?;
        let known = |part: &Part| matches!(part, Part::Text(_) | Part::Secret(_));
        let begins = matches!(template.parts().first(), Some(Part::Secret(_)))
            || web(&template.sample()).is_some();
        (begins && template.parts().iter().all(known)).then_some(Address(template))
    }

    /// The names of its secrets.
    pub fn secrets(&self) -> impl Iterator<Item = &str> {
        self.0.secrets()
    }

    /// The web address.
    ///
    /// # Errors
    ///
    /// What is missing, or that it is none; without showing it.
    pub fn filled(&self, secrets: &Secrets) -> Result<Url, String> {
        let filling = Filling { columns: &BTreeMap::new(), secrets, range: None };
        let text = self.0.fill(&filling, |secret| secret.trim().to_string())?;
        web(&text).ok_or_else(|| "its address is no web address".to_string())
    }
}

fn web(text: &str) -> Option<Url> {
    Url::parse(text).ok().filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host())
}

/// Shorter parts of an address are no secret by themselves.
const PART: usize = 8;

/// What of an address must stand in no text.
pub fn words(url: &Url) -> Vec<String> {
    let parts = url.path_segments().into_iter().flatten().map(str::to_string);
    let values = url.query_pairs().map(|(_, value)| value.into_owned());
    let login = [url.username().to_string(), url.password().unwrap_or_default().to_string()];
    let parts = parts.chain(values).chain(login).filter(|part| part.len() >= PART);
    parts.chain([url.to_string(), url.path().to_string()]).filter(|text| text.len() > 1).collect()
}

/// Of an address that may be shown: no more than the host.
pub fn shown(url: &Url) -> String {
    format!("{}://{}", url.scheme(), url.host_str().unwrap_or_default())
}

/// Where a ping of a run goes: that it begins, or with which exit code it ended.
pub fn of_run(check: &Url, run: &str, code: Option<u8>) -> Url {
    let mut url = check.clone();
    let word = match code {
        None => Some("start".to_string()),
        Some(0) => None,
        Some(code) => Some(code.to_string()),
    };
    if let (Some(word), Ok(mut path)) = (word, url.path_segments_mut()) {
        path.pop_if_empty().push(&word);
    }
    url.query_pairs_mut().append_pair("rid", run);
    url
}

/// The name of a run, made of chance: a UUID of version 4 (RFC 9562, 5.4).
pub fn run_name(chance: [u64; 2]) -> String {
    let [high, low] = chance;
    let (high, low) = ((high & !0xf000) | 0x4000, (low & !(3 << 62)) | (1 << 63));
    let (front, back) = (format!("{high:016x}"), format!("{low:016x}"));
    let [a, b, c] = [&front[..8], &front[8..12], &front[12..]];
    format!("{a}-{b}-{c}-{}-{}", &back[..4], &back[4..])
}

/// What was told of a program last.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Told {
    /// When it was tried; none: never.
    pub tried: Option<Instant>,
    /// The exit code of the last ping that arrived.
    pub code: Option<u8>,
    /// Why the last one did not arrive.
    pub why: Option<String>,
}

impl Told {
    /// Whether a ping is due that says nothing new.
    pub fn is_due(&self, now: Instant, every: Option<Duration>) -> bool {
        let (Some(tried), Some(every)) = (self.tried, every) else { return true };
        let every = chrono::Duration::from_std(every).unwrap_or(chrono::Duration::MAX);
        // One of the future comes of a clock that was set back.
        tried > now || now - tried >= every
    }

    pub fn doc(&self) -> Doc {
        Doc::map([
            ("tried", Doc::option(self.tried, Doc::Instant)),
            ("code", Doc::option(self.code, |code| Doc::Int(code.into()))),
            ("why", Doc::option(self.why.as_deref(), Doc::text)),
        ])
    }

    /// Read back; what cannot be read is as never told.
    pub fn read(doc: &Doc) -> Told {
        let code = doc.get("code").as_count().ok();
        Told {
            tried: doc.get("tried").as_instant().ok(),
            code: code.and_then(|code| code.try_into().ok()),
            why: doc.get("why").as_text().ok().map(str::to_string),
        }
    }
}

/// The end of a text, of at most so many bytes.
pub fn end_of(text: &str, most: usize) -> &str {
    let from = text.len().saturating_sub(most);
    let from = (from..=text.len()).find(|at| text.is_char_boundary(*at)).unwrap_or(text.len());
    text.get(from..).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::secret::Secret;
    use crate::domain::time::parse_iso;

    const CHECK: &str = "https://hc.example.org/5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278";

    #[test]
    fn pings_go_where_healthchecks_expects_them() {
        let to = |check: &str, code| of_run(&web(check).unwrap(), "u", code).to_string();
        assert_eq!(to(CHECK, None), format!("{CHECK}/start?rid=u"));
        assert_eq!(to(CHECK, Some(0)), format!("{CHECK}?rid=u"));
        assert_eq!(to(CHECK, Some(2)), format!("{CHECK}/2?rid=u"));
        assert_eq!(to("http://e.org/a/?create=1", Some(1)), "http://e.org/a/1?create=1&rid=u");
        assert_eq!(run_name([0, 0]), "00000000-0000-4000-8000-000000000000");
        assert_eq!(run_name([u64::MAX; 2]), "ffffffff-ffff-4fff-bfff-ffffffffffff");
    }

    #[test]
    fn an_address_is_a_secret() {
        let secrets = |url: &str| Secrets::from([("hc".to_string(), Secret::new(url))]);
        let filled = |text: &str, secret: &str| Address::parse(text)?.filled(&secrets(secret)).ok();
        assert_eq!(filled("{secret:hc}", CHECK), web(CHECK));
        assert_eq!(filled("https://e.org/{secret:hc}", "k/x"), web("https://e.org/k/x"));
        assert_eq!(filled("{secret:hc}", "5bf66975"), None);
        assert_eq!(filled("{secret:other}", CHECK), None);
        for odd in ["", "hc", "ftp://e.org/a", "https://e.org/{item}", "https://e.org/{"] {
            assert_eq!(Address::parse(odd), None, "{odd}");
        }
        let shown = format!("{:?}", Address::parse(CHECK));
        assert!(!shown.contains("5bf66975"), "{shown}");
        let words = words(&web(CHECK).unwrap());
        assert!(words.iter().any(|word| word == "5bf66975-d4c7-4bf5-bcc8-b8d8a82ea278"));
    }

    #[test]
    fn what_is_new_is_told_at_once_and_else_seldom() {
        let at = |text: &str| parse_iso(text).unwrap();
        let five = Some(Duration::from_secs(300));
        let told = Told { tried: Some(at("2026-11-22T10:00:00Z")), code: Some(0), why: None };
        assert!(Told::default().is_due(at("2026-11-22T10:00:00Z"), five));
        assert!(!told.is_due(at("2026-11-22T10:04:59Z"), five));
        assert!(told.is_due(at("2026-11-22T10:05:00Z"), five));
        assert!(told.is_due(at("2026-11-22T09:00:00Z"), five));
        assert!(told.is_due(at("2026-11-22T10:00:01Z"), None));
        assert_eq!(Told::read(&told.doc()), told);
        assert_eq!(Told::read(&Doc::text("damaged")), Told::default());
        assert_eq!((end_of("aéb", 2), end_of("aéb", 3), end_of("ab", 9)), ("b", "éb", "ab"));
    }
}
