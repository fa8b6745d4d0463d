//! What one snapshot gives: its items, columns of values, and its faults with their places.

use super::plan::Plan;
use super::value::{Raw, Span, Value, instant, number, on_grid, piece, show, spelled};
use crate::domain::positions::Positions;
use crate::domain::source::{ALL, Items, Kind, Records};
use std::fmt::Write;

/// How many faults keep their words; all of them keep their positions.
pub const MAX_FAULTS: usize = 100;

/// One readable item.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Item {
    /// Place in the raw list, from 0.
    pub position: u32,
    /// Series of a sample, id of a record.
    pub key: Span,
    /// Of a record, epoch milliseconds, as they stand in the bytes.
    pub time: Option<i64>,
    pub updated: Option<i64>,
    /// Start of its values.
    first: u32,
}

/// Something that could not be read; `position` is none when it is the whole snapshot.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Fault {
    pub position: Option<u32>,
    pub reason: String,
}

/// The items and faults of one snapshot. It is reused from one snapshot to the next.
#[derive(Clone, Debug, Default)]
pub struct Extraction {
    /// Length of the raw list.
    pub length: u32,
    items: Vec<Item>,
    values: Vec<Value>,
    pub(super) text: String,
    faults: Vec<Fault>,
    unreadable: Positions,
    whole: bool,
}

impl Extraction {
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The fields of an item, in the order of the declaration.
    pub fn values(&self, item: &Item, fields: usize) -> &[Value] {
        let first = item.first as usize;
        self.values.get(first..first + fields).unwrap_or_default()
    }

    pub fn text(&self, span: Span) -> &str {
        piece(&self.text, span)
    }

    /// The first [`MAX_FAULTS`] faults.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// Positions of items that are there but unreadable; `None` when the whole snapshot is.
    pub fn unreadable(&self) -> Option<&Positions> {
        (!self.whole).then_some(&self.unreadable)
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
        self.whole = false;
        self.items.clear();
        self.values.clear();
        self.text.clear();
        self.faults.clear();
        self.unreadable = Positions::default();
    }

    /// Marks the snapshot as one that cannot be read, for a reason that lies outside its bytes.
    pub fn refuse(&mut self, reason: String) {
        self.give_up(reason);
    }

    pub(super) fn keep(&mut self, text: &str) -> Span {
        let from = self.text.len() as u32;
        self.text.push_str(text);
        Span { from, to: self.text.len() as u32 }
    }

    fn keep_int(&mut self, value: i64) -> Span {
        let from = self.text.len() as u32;
        // Writing into a text never fails.
        let _ = write!(self.text, "{value}");
        Span { from, to: self.text.len() as u32 }
    }

    /// The snapshot as a whole cannot be read: nothing of it counts.
    pub(super) fn give_up(&mut self, reason: String) {
        self.clear();
        self.whole = true;
        self.faults.push(Fault { position: None, reason });
    }

    pub(super) fn fault(&mut self, position: u32, reason: String) {
        self.unreadable.insert(position);
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position: Some(position), reason });
        }
    }

    /// Turns the raw slots of an item into values; a fault leaves the item out.
    pub(super) fn take(&mut self, plan: &Plan, position: u32, raws: &[Raw]) {
        let first = self.values.len();
        if let Err(reason) = self.take_item(plan, position, raws) {
            self.values.truncate(first);
            self.fault(position, reason);
        }
    }

    fn take_item(&mut self, plan: &Plan, position: u32, raws: &[Raw]) -> Result<(), String> {
        let first = self.values.len() as u32;
        for (field, raw) in plan.source.fields.iter().zip(&raws[plan.fields..]) {
            let value = match field.kind {
                Kind::Number(measure) => {
                    number(*raw, &self.text).and_then(|value| on_grid(value, measure.resolution))
                }
                Kind::Text => self.text_value(*raw),
            };
            self.values.push(value.map_err(|found| {
                format!("{}: {found} cannot be read at {}", field.name, field.path)
            })?);
        }
        let (key, time, updated) = match &plan.source.items {
            Items::Samples(_) => (self.series(raws[0])?, None, None),
            Items::Records(records) => self.identity(records, raws)?,
        };
        self.items.push(Item { position, key, time, updated, first });
        Ok(())
    }

    fn text_value(&mut self, raw: Raw) -> Result<Value, String> {
        match raw {
            Raw::Absent => Ok(Value::Absent),
            Raw::Text(span) => Ok(Value::Text(span)),
            Raw::Nested => Err(show(raw, &self.text)),
            Raw::Int(_) | Raw::Float(_) | Raw::Bool(_) => {
                let spelled = show(raw, &self.text);
                Ok(Value::Text(self.keep(&spelled)))
            }
        }
    }

    fn series(&mut self, raw: Raw) -> Result<Span, String> {
        if let Raw::Text(span) = raw
            && self.good_key(span)
        {
            return Ok(span);
        }
        let span = match raw {
            Raw::Int(value) => self.keep_int(value),
            _ => {
                let key = spelled(raw, &self.text).unwrap_or_default();
                self.keep(&key)
            }
        };
        let bad = || match raw {
            Raw::Absent => "it has no series".into(),
            _ => format!("the series {} is no key", show(raw, &self.text)),
        };
        if self.good_key(span) { Ok(span) } else { Err(bad()) }
    }

    fn good_key(&self, span: Span) -> bool {
        let key = piece(&self.text, span);
        (1..=200).contains(&key.len()) && key != ALL && !key.contains(char::is_control)
    }

    fn identity(
        &mut self,
        records: &Records,
        raws: &[Raw],
    ) -> Result<(Span, Option<i64>, Option<i64>), String> {
        let id = self.id(records, raws)?;
        let mut slot = records.id.len();
        let mut times = [None, None];
        for (at, path) in [&records.time, &records.updated].into_iter().enumerate() {
            let Some(path) = path else { continue };
            times[at] = instant(raws[slot], path.unit, &self.text)
                .map_err(|found| format!("{found} is no instant at {}", path.path))?;
            slot += 1;
        }
        if records.time.is_some() && times[0].is_none() {
            return Err("it has no time".into());
        }
        Ok((id, times[0], times[1]))
    }

    fn id(&mut self, records: &Records, raws: &[Raw]) -> Result<Span, String> {
        for (alternative, raw) in records.id.iter().zip(raws) {
            let Some(text) = spelled(*raw, &self.text) else { continue };
            let id = match &alternative.capture {
                None => Some(text.as_str()),
                Some(regex) => regex.captures(&text).and_then(|c| c.get(1)).map(|m| m.as_str()),
            };
            if let Some(id) = id.filter(|id| !id.is_empty()) {
                let span = self.keep(id);
                if self.good_key(span) {
                    return Ok(span);
                }
            }
        }
        let places: Vec<String> = records.id.iter().map(|id| id.path.to_string()).collect();
        Err(format!("no id found at {}", places.join(" or ")))
    }
}
