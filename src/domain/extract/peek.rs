//! A look into an answer that has just come: how many items it has, which they are, and what
//! stands at a few paths from its top. Who walks through pages, or asks whether an answer is one,
//! decides by it.

use super::item::Extraction;
use super::plan::Plan;
use super::value::{Value, passes};
use crate::domain::budget::Budget;
use crate::domain::form::raw::{DOUBT, LINE, Raw};
use crate::domain::form::tree::Tree;
use crate::domain::form::{Encoding, Reading, html};
use crate::domain::hash::{Digest, Hasher};
use crate::domain::path::{Path, Step};
use crate::domain::source::Filter;

/// What stands at a path.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Found {
    /// No such place.
    Absent,
    Null,
    Flag(bool),
    /// A text, or a number with all its digits.
    Text(String),
    /// A list, an object, several values, or what cannot be read.
    Other,
}

/// The items of an answer.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Count {
    /// Length of the raw list, before any filter, without what is skipped.
    pub items: u32,
    /// Of the keys and times of those that can be read, in their order; none without any.
    pub keys: Option<Digest>,
}

impl Plan {
    /// What stands at these paths, from the top of a document.
    ///
    /// # Errors
    ///
    /// The bytes are no document of the declared form.
    pub fn peek(&self, bytes: &[u8], paths: &[&Path]) -> Result<Vec<Found>, String> {
        if paths.is_empty() {
            return Ok(Vec::new());
        }
        let Reading::Document(read) = self.source.fetch.format.reading else {
            return Err(format!("{} has no paths from the top", self.source.fetch.format.name));
        };
        let (budget, mut found) = (Budget::default(), Vec::new());
        let opened = self.source.fetch.opened(bytes)?;
        let (bytes, _) = self.decoded(&opened);
        read(&bytes, &self.source.fetch.written, &budget, &mut |tree| {
            found = paths.iter().map(|p| Found::of(&tree.find(p.steps(), 0, &budget))).collect();
        })?;
        Ok(found)
    }

    /// The place that a page in HTML names for its links.
    pub fn base(&self, bytes: &[u8]) -> Option<String> {
        let path = Path::in_page("base[href]:not(svg base, math base)[0]@href").ok();
        let path = path.filter(|_| self.source.fetch.format.is_page)?;
        match self.peek(bytes, &[&path]).ok()?.pop()? {
            Found::Text(base) => Some(base),
            _ => None,
        }
    }

    /// The coding by which a browser reads a page in HTML that came with this content type.
    pub fn letters(&self, bytes: &[u8], content_type: Option<&str>) -> Option<Encoding> {
        let fetch = &self.source.fetch;
        let opened = fetch.opened(bytes).ok().filter(|_| fetch.format.is_page)?;
        html::letters(&opened, fetch.written.encoding, content_type)
    }

    /// Of keys and times; where all are of one, of the values, too.
    fn keys(&self, out: &Extraction) -> Option<Digest> {
        let (mut keys, first) = (Hasher::default(), out.items().first()?);
        let mut one = true;
        for item in out.items() {
            one &= out.text(item.key) == out.text(first.key) && item.time == first.time;
            keys.update(out.text(item.key).as_bytes());
            keys.update(&[0]);
            keys.update(&item.time.unwrap_or_default().to_le_bytes());
        }
        for item in out.items().iter().filter(|_| one) {
            for value in out.values(item, self.source.fields.len()) {
                match value {
                    Value::Absent => keys.update(&[0]),
                    Value::Number(number) => keys.update(&number.to_le_bytes()),
                    Value::Text(text) => keys.update(out.text(*text).as_bytes()),
                }
            }
        }
        Some(keys.finish())
    }

    /// The first of some conditions that holds of an answer, by paths from its top, with what
    /// stands there. Of one that cannot be read none does.
    pub fn first_of<'c>(
        &self,
        bytes: &[u8],
        conditions: &'c [Filter],
    ) -> Option<(&'c Filter, Found)> {
        let Reading::Document(read) = self.source.fetch.format.reading else { return None };
        let (budget, form) = (Budget::default(), &self.source.fetch.numbers.form);
        let opened = self.source.fetch.opened(bytes).ok()?;
        let (mut held, (bytes, _)) = (None, self.decoded(&opened));
        let _ = read(&bytes, &self.source.fetch.written, &budget, &mut |tree| {
            held = conditions.iter().find_map(|condition| {
                let raw = tree.find(condition.path.steps(), 0, &budget);
                passes(&raw, &condition.test, form).then(|| (condition, Found::of(&raw)))
            });
        });
        held
    }

    /// How many items an answer has.
    ///
    /// # Errors
    ///
    /// It cannot be read; the words say why.
    pub fn census(&self, bytes: &[u8], item: Option<&str>) -> Result<Count, String> {
        let mut out = Extraction::default();
        let items = self.count(bytes, item, &mut out)?;
        Ok(Count { items, keys: self.keys(&out) })
    }

    /// Reads an answer; how many items stand in it.
    fn count(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) -> Result<u32, String> {
        self.extract(bytes, item, out);
        if out.unreadable().is_none() {
            return Err(out.faults().first().map(|f| f.reason.clone()).unwrap_or_default());
        }
        // Publishers count what stands in their list, not what is nested in it.
        Ok(match self.source.items.at().fans() {
            0 | 1 => out.length.saturating_sub(self.source.items.place().skip),
            _ => self.outer(bytes).unwrap_or(out.length),
        })
    }

    /// How many items an answer has, how many of them cannot be read, and the ids of those that
    /// count: some may be left out as declared.
    ///
    /// # Errors
    ///
    /// As of [`Plan::census`].
    pub fn ids(&self, bytes: &[u8], item: Option<&str>) -> Result<(u64, u64, Vec<String>), String> {
        let mut out = Extraction::default();
        let count = self.count(bytes, item, &mut out)?;
        let ids = out.items().iter().map(|item| out.text(item.key).to_string()).collect();
        let unread = out.unreadable().map_or(0, |items| items.len());
        Ok((count.into(), unread, ids))
    }

    /// The length of the first list on the way to the items.
    fn outer(&self, bytes: &[u8]) -> Option<u32> {
        let Reading::Document(read) = self.source.fetch.format.reading else { return None };
        let opened = self.source.fetch.opened(bytes).ok()?;
        let (budget, (bytes, _)) = (Budget::default(), self.decoded(&opened));
        let mut length = None;
        let _ = read(&bytes, &self.source.fetch.written, &budget, &mut |tree| {
            length = outer_length(tree, self.source.items.at().steps());
        });
        length
    }
}

fn outer_length(tree: &Tree, steps: &[Step]) -> Option<u32> {
    let (step, rest) = steps.split_first()?;
    match (step, tree) {
        (Step::Each, Tree::List(list)) => u32::try_from(list.len()).ok(),
        (Step::Values, Tree::Map(pairs)) => u32::try_from(pairs.len()).ok(),
        (Step::Each | Step::Values, _) => None,
        _ => outer_length(tree.step(step)?, rest),
    }
}

impl Found {
    fn of(raw: &Raw) -> Found {
        match raw {
            Raw::Absent => Found::Absent,
            Raw::Null => Found::Null,
            Raw::Bool(flag) => Found::Flag(*flag),
            Raw::Number(text) => Found::Text(text.to_string()),
            Raw::Text(text) => Found::Text(text.replace([LINE, DOUBT], " ")),
            Raw::Odd(_) | Raw::Bad(_) | Raw::Nested | Raw::Several | Raw::Many(_) => Found::Other,
        }
    }

    /// Puts another text in the place of one that is not empty.
    pub fn try_change(
        &mut self,
        change: impl FnOnce(&str) -> Result<String, String>,
    ) -> Result<(), String> {
        if let Found::Text(text) = self
            && !text.is_empty()
        {
            *text = change(text)?;
        }
        Ok(())
    }

    /// A whole number.
    pub fn count(&self) -> Option<u64> {
        match self {
            Found::Text(text) => text.strip_suffix(".0").unwrap_or(text).parse().ok(),
            _ => None,
        }
    }

    /// Whether nothing stands there: no such place, `null`, or an empty text.
    pub fn is_none(&self) -> bool {
        match self {
            Found::Absent | Found::Null => true,
            Found::Text(text) => text.is_empty(),
            Found::Flag(_) | Found::Other => false,
        }
    }
}
