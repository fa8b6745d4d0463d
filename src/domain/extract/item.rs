//! What one snapshot gives: its items, columns of values, and its faults with their places.

use super::moment::instant;
use super::plan::Plan;
use super::value::{Raw, Span, Value, is_marked, measured, passes, piece, show, spelled};
use crate::domain::positions::Positions;
use crate::domain::source::{ALL, Field, IdPath, Identity, Items, Kind, Records};
use crate::domain::time::{from_millis, iso_seconds};
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
    /// Whether a declared field was there in any item, be it null.
    pub(super) touched: bool,
    pub(super) difference: Option<String>,
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

    /// Where nothing could be read: what is declared beside what was found, in words.
    pub fn difference(&self) -> Option<&str> {
        self.difference.as_deref()
    }

    pub(super) fn clear(&mut self) {
        self.length = 0;
        (self.whole, self.touched) = (false, false);
        self.difference = None;
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

    /// The next position holds something that is no item.
    pub(super) fn spoil(&mut self, reason: String) {
        let position = self.length;
        self.length += 1;
        self.fault(position, reason);
    }

    /// Turns the raw slots of the next position into an item; a fault leaves it out.
    pub(super) fn next(&mut self, plan: &Plan, raws: &[Raw]) {
        let position = self.length;
        self.length += 1;
        let place = plan.source.items.place();
        let filters = place.filters.iter().zip(&raws[plan.filters..]);
        let passes = filters.into_iter().all(|(f, raw)| passes(*raw, &f.test, &self.text));
        if position < place.skip || !passes {
            return;
        }
        let first = self.values.len();
        if let Err(reason) = self.take_item(plan, position, raws) {
            self.values.truncate(first);
            self.fault(position, reason);
        }
    }

    fn take_item(&mut self, plan: &Plan, position: u32, raws: &[Raw]) -> Result<(), String> {
        let first = self.values.len() as u32;
        for (field, raw) in plan.source.fields.iter().zip(&raws[plan.fields..]) {
            let value = self.value(plan, field, *raw).map_err(|found| {
                let flag = matches!(raw, Raw::Bool(_));
                let hint = if flag { "; true and false are kind = \"text\"" } else { "" };
                format!("{}: {found} cannot be read at {}{hint}", field.name, field.path)
            })?;
            if field.required && value == Value::Absent {
                return Err(format!(
                    "{}: it is required, and absent at {}",
                    field.name, field.path
                ));
            }
            self.values.push(value);
        }
        let (key, time, updated) = match &plan.source.items {
            Items::Samples(_) => (self.series(raws[0])?, None, None),
            Items::Records(records) => self.identity(records, raws)?,
        };
        self.items.push(Item { position, key, time, updated, first });
        Ok(())
    }

    fn value(&mut self, plan: &Plan, field: &Field, raw: Raw) -> Result<Value, String> {
        match field.kind {
            Kind::Number(measure) => {
                let comma = plan.source.fetch.csv.decimal;
                measured(raw, field, measure.resolution, comma, &self.text)
            }
            Kind::Text if is_marked(raw, &field.missing, &self.text) => Ok(Value::Absent),
            Kind::Text => self.text_value(raw),
        }
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
        let mut slot = match &records.id {
            Identity::Own(ids) => ids.len(),
            Identity::Measurement(_) => 1,
        };
        let mut times = [None, None];
        for (at, path) in [&records.time, &records.updated].into_iter().enumerate() {
            let Some(path) = path else { continue };
            times[at] = instant(raws[slot], path, &self.text)?;
            slot += 1;
        }
        if records.time.is_some() && times[0].is_none() {
            return Err("it has no time".into());
        }
        let id = match &records.id {
            Identity::Own(ids) => self.id(ids, raws)?,
            Identity::Measurement(_) => self.measurement(raws[0], times[0].unwrap_or_default())?,
        };
        Ok((id, times[0], times[1]))
    }

    /// The id of a measurement: its series and its time, to the second.
    fn measurement(&mut self, raw: Raw, time: i64) -> Result<Span, String> {
        let series = self.series(raw)?;
        let id = format!("{} {}", piece(&self.text, series), iso_seconds(from_millis(time)));
        Ok(self.keep(&id))
    }

    fn id(&mut self, ids: &[IdPath], raws: &[Raw]) -> Result<Span, String> {
        for (alternative, raw) in ids.iter().zip(raws) {
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
        let places: Vec<String> = ids.iter().map(|id| id.path.to_string()).collect();
        Err(format!("no id found at {}", places.join(" or ")))
    }
}
