//! Which part of the paper is wanted: the sources of some topics, or some sources, and whether it
//! is the written report. Such a report has a file of its own beside that of its period.

use super::past::{Known, Past};
use crate::domain::hash::Digest;
use crate::domain::source::Source;
use anyhow::Result;

/// Letters of a file's name that tell the choice.
const NAME_MAX: usize = 60;

/// A call that asks for what cannot be: no incident of the home, for it is told each time.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct Misasked(pub String);

/// What of a period is printed: all of it, unless something is named.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Choice {
    /// With the problem, the sources, what they share and how figures are made, in full.
    pub is_full: bool,
    pub topics: Vec<String>,
    /// Names that sources have or had.
    pub sources: Vec<String>,
}

impl Choice {
    pub fn takes(&self, source: &Source) -> bool {
        let is_named = |name: &String| source.names().iter().any(|own| own.as_str() == name);
        let by_topic = self.topics.is_empty() || self.topics.contains(&source.topic);
        by_topic && (self.sources.is_empty() || self.sources.iter().any(is_named))
    }

    pub fn is_all(&self) -> bool {
        self.topics.is_empty() && self.sources.is_empty()
    }

    /// What the name of its file says behind the period.
    pub fn suffix(&self) -> String {
        let mut names = [&self.topics[..], &self.sources[..]].concat();
        names.sort();
        names.dedup();
        let all = names.join("-");
        let names = match all.len() {
            0 => String::new(),
            length if length <= NAME_MAX => format!("_only-{all}"),
            _ => format!("_only-{}", Digest::of(all.as_bytes()).short(12)),
        };
        if self.is_full { names + "_full" } else { names }
    }

    /// Those of some sources that it takes.
    pub fn of<'p>(&self, known: Vec<&'p Known>) -> Vec<&'p Known> {
        known.into_iter().filter(|known| self.takes(&known.source)).collect()
    }

    /// An error for a name that nobody has or had.
    pub fn check(&self, past: &Past) -> Result<()> {
        let all = past.all().iter();
        let topics: Vec<String> = all.clone().map(|known| known.source.topic.clone()).collect();
        let names = all.flat_map(|known| known.source.names());
        let names: Vec<String> = names.map(|name| name.to_string()).collect();
        for (wanted, known, what) in
            [(&self.topics, topics, "topic"), (&self.sources, names, "source")]
        {
            if let Some(name) = wanted.iter().find(|name| !known.contains(name)) {
                let near = known.iter().min_by_key(|known| strsim::levenshtein(known, name));
                let hint = near.map(|near| format!("\nhint: did you mean {near}?"));
                let text = format!("this home has and had no {what} {name}");
                return Err(Misasked(text + &hint.unwrap_or_default()).into());
            }
        }
        Ok(())
    }
}
