//! The last outcome of each source: `.state/outcomes.json`, for whoever asks how things stand.

use super::{Result, Spool};
use crate::domain::document::Doc;
use crate::domain::journal::Outcome;
use crate::domain::name::SourceName;
use crate::domain::time::Instant;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// How a source was served last.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Last {
    pub at: Instant,
    /// The outcome's name.
    pub outcome: String,
    /// HTTP status, 0 where there is none.
    pub status: u64,
    pub error: Option<String>,
}

impl Spool {
    fn outcomes_file(&self) -> PathBuf {
        self.state().join("outcomes.json")
    }

    /// The last outcomes; what cannot be read is as none.
    pub fn last_outcomes(&self) -> BTreeMap<SourceName, Last> {
        let bytes = self.disk.read_small(&self.outcomes_file()).ok().flatten();
        let doc = bytes.and_then(|bytes| Doc::parse(&bytes).ok()).unwrap_or(Doc::Null);
        let read = |doc: &Doc| {
            Some(Last {
                at: doc.get("at").as_instant().ok()?,
                outcome: doc.get("outcome").as_text().ok()?.to_string(),
                status: doc.get("status").as_count().ok()?,
                error: doc.get("error").as_text().ok().map(str::to_string),
            })
        };
        let pairs = doc.pairs().iter();
        pairs.filter_map(|(name, doc)| Some((SourceName::parse(name)?, read(doc)?))).collect()
    }

    /// Keeps these beside those of other sources, without waiting for the disk.
    pub fn keep_outcomes(&self, outcomes: &[Outcome]) -> Result<()> {
        let mut all = self.last_outcomes();
        for outcome in outcomes {
            let error = outcome.error.as_deref().map(|error| error.chars().take(300).collect());
            let (at, status) = (outcome.ended, outcome.status.into());
            let last = Last { at, outcome: outcome.result.name().into(), status, error };
            all.insert(outcome.source.clone(), last);
        }
        let doc = |(name, last): (&SourceName, &Last)| {
            let doc = Doc::map([
                ("at", Doc::Instant(last.at)),
                ("outcome", Doc::text(&last.outcome)),
                ("status", Doc::Int(last.status as i64)),
                ("error", Doc::option(last.error.as_deref(), Doc::text)),
            ]);
            (name.to_string().into(), doc)
        };
        let doc = Doc::Map(all.iter().map(doc).collect());
        Ok(self.disk.replace_loosely(&self.outcomes_file(), doc.json().as_bytes())?)
    }
}
