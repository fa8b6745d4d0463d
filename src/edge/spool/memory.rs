//! What the fetcher remembers of each source between runs: `fetch.json`. What changes in a run is
//! appended to `fetch.log`, so that it costs what is due and not what is declared; at the end of
//! the run both become one again.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::hash::Digest;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;
use crate::domain::turn::{Gone, State, Trouble};
use crate::edge::disk::Appender;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

/// The states of all sources.
pub type States = BTreeMap<SourceName, State>;

/// The states while a run changes them.
#[derive(Debug)]
pub struct Memory {
    spool: Spool,
    states: States,
    log: Appender,
}

impl Spool {
    /// The states; what cannot be read is as none: at worst a source is asked early.
    pub fn states(&self) -> States {
        let read = |path: PathBuf| -> Vec<u8> {
            self.disk.read_small(&path).ok().flatten().unwrap_or_default()
        };
        let whole = Doc::parse(&read(self.whole())).unwrap_or(Doc::Null);
        let pairs = whole.pairs().iter();
        let mut states: States =
            pairs.filter_map(|(name, doc)| Some((SourceName::parse(name)?, state(doc)))).collect();
        let log = read(self.log());
        let lines = log.split(|byte| *byte == b'\n');
        for line in lines.filter_map(|line| Doc::parse(line).ok()) {
            let name = line.get("source").as_text().ok().and_then(SourceName::parse);
            states.extend(name.map(|name| (name, state(&line))));
        }
        states
    }

    /// Takes these states, just read, for a run that changes them.
    pub fn remembering(&self, states: States) -> Result<Memory> {
        self.disk.make_dir(&self.state())?;
        let left = self.disk.is_there(&self.log())?;
        if left {
            self.put_together(&states)?;
        }
        let log = self.disk.append_to(&self.log())?;
        self.disk.sync_dir(&self.state())?;
        Ok(Memory { spool: self.clone(), states, log })
    }

    fn put_together(&self, states: &States) -> Result<()> {
        let pairs = states.iter().map(|(name, state)| (name.to_string().into(), doc(state)));
        let json = Doc::Map(pairs.collect()).json();
        self.disk.replace(&self.whole(), json.as_bytes())?;
        Ok(self.disk.unlink(&self.log())?)
    }

    fn whole(&self) -> PathBuf {
        self.state().join("fetch.json")
    }

    fn log(&self) -> PathBuf {
        self.state().join("fetch.log")
    }
}

impl Memory {
    /// Writes and syncs the states of some sources.
    pub fn note<'a>(
        &mut self,
        changed: impl IntoIterator<Item = (&'a SourceName, State)>,
    ) -> Result<()> {
        let mut lines = String::new();
        for (name, state) in changed {
            let Doc::Map(mut pairs) = doc(&state) else { continue };
            pairs.insert(0, ("source".into(), Doc::text(name.as_str())));
            lines += &Doc::Map(pairs).json();
            lines.push('\n');
            self.states.insert(name.clone(), state);
        }
        Ok(self.log.append(&lines)?)
    }

    /// The run is over.
    pub fn close(self) -> Result<()> {
        self.spool.put_together(&self.states)
    }
}

/// In one pass: there may be thousands, and each run reads them all.
fn state(doc: &Doc) -> State {
    let mut state = State { trouble: trouble(doc), ..State::default() };
    let mut gone = (None, None);
    for (key, value) in doc.pairs() {
        match &**key {
            "slot" => state.slot = value.as_instant().ok(),
            "tries" => state.tries = small(value),
            "by" => state.by = digest(value),
            "gone" => gone.0 = digest(value),
            "gone_at" => gone.1 = value.as_instant().ok(),
            "ended" => state.ended = list(value).filter_map(span).collect(),
            "left" => {
                let keys = list(value).filter_map(|key| key.as_text().ok());
                state.left = keys.map(str::to_string).collect();
            }
            "items" => {
                let items = value.pairs().iter();
                state.items = items.map(|(key, doc)| (key.to_string(), trouble(doc))).collect();
            }
            _ => {}
        }
    }
    state.gone = gone.0.map(|declaration| Gone { declaration, at: gone.1 });
    state
}

fn list(doc: &Doc) -> impl Iterator<Item = &Doc> {
    doc.as_list().unwrap_or_default().iter()
}

fn digest(doc: &Doc) -> Option<Digest> {
    Digest::parse(doc.as_text().ok()?)
}

fn span(doc: &Doc) -> Option<(Instant, Instant)> {
    doc.get("from").as_instant().ok().zip(doc.get("to").as_instant().ok())
}

fn trouble(doc: &Doc) -> Trouble {
    let mut trouble = Trouble::default();
    for (key, value) in doc.pairs() {
        match &**key {
            "hold_until" => trouble.hold_until = value.as_instant().ok(),
            "failures" => trouble.failures = small(value),
            "wished" => trouble.wished = small(value) > 0,
            "gone" => trouble.gone = small(value) > 0,
            _ => {}
        }
    }
    trouble
}

fn small(doc: &Doc) -> u32 {
    doc.as_count().unwrap_or(0).try_into().unwrap_or(u32::MAX)
}

fn doc(state: &State) -> Doc {
    let mut pairs = vec![("slot", Doc::option(state.slot, Doc::Instant))];
    pairs.extend(of_trouble(&state.trouble));
    if state.tries > 0 {
        pairs.push(("tries", Doc::Int(state.tries.into())));
    }
    pairs.extend(state.by.map(|by| ("by", Doc::text(by.hex()))));
    if let Some(gone) = &state.gone {
        pairs.push(("gone", Doc::text(gone.declaration.hex())));
        pairs.push(("gone_at", Doc::option(gone.at, Doc::Instant)));
    }
    if !state.ended.is_empty() {
        let span = |(from, to): &(Instant, Instant)| {
            Doc::map([("from", Doc::Instant(*from)), ("to", Doc::Instant(*to))])
        };
        pairs.push(("ended", Doc::List(state.ended.iter().map(span).collect())));
    }
    if !state.left.is_empty() {
        pairs.push(("left", keys(&state.left)));
    }
    if !state.items.is_empty() {
        let one = |(key, trouble): (&String, &Trouble)| {
            let mut pairs = of_trouble(trouble);
            pairs.extend(trouble.gone.then_some(("gone", Doc::Int(1))));
            (key.clone().into(), Doc::map_of(pairs))
        };
        pairs.push(("items", Doc::Map(state.items.iter().map(one).collect())));
    }
    Doc::map_of(pairs)
}

fn keys(keys: &BTreeSet<String>) -> Doc {
    Doc::List(keys.iter().map(|key| Doc::text(key.as_str())).collect())
}

fn of_trouble(trouble: &Trouble) -> Vec<(&'static str, Doc)> {
    let mut pairs = vec![
        ("hold_until", Doc::option(trouble.hold_until, Doc::Instant)),
        ("failures", Doc::Int(trouble.failures.into())),
    ];
    pairs.extend(trouble.wished.then_some(("wished", Doc::Int(1))));
    pairs
}
