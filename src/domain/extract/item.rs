//! What one snapshot gives: its items, columns of values, and its faults with their places.

use super::identity::captured;
use super::plan::Plan;
use super::raw::Raw;
use super::remark::{Remark, remarks};
use super::value::{Span, Value, is_marked, is_unclear, measured, passes, piece};
use crate::domain::positions::Positions;
use crate::domain::source::{Field, Items, Kind, Pick};
use rustc_hash::FxHashMap;
use std::borrow::Cow;

/// How many faults keep their words; all of them keep their positions.
pub const MAX_FAULTS: usize = 100;

/// Items of one snapshot; more is taken for a mistake, not for data.
const MAX_ITEMS: u32 = 5_000_000;

/// Bytes of text that are kept of one snapshot.
const TEXT_MAX: usize = 1 << 30;

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

/// The items, faults and remarks of one snapshot. It is reused from one snapshot to the next.
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
    remarks: Vec<Remark>,
    /// Series by their hash; room that is kept.
    known: FxHashMap<u64, u32>,
    /// Items that are left out since they have no time.
    pub timeless: u32,
    /// Per field, whether it was there in any item, be it null.
    pub(super) seen: Vec<bool>,
    /// A position that is skipped and reads like data.
    pub(super) skipped: Option<u32>,
    /// Per filter, whether its value was there in any element.
    pub(super) filtered: Vec<bool>,
    /// Per field, a number that lies off its declared grid.
    pub(super) off: Vec<Option<f64>>,
    /// Whether a time was there in any item.
    pub(super) timed: bool,
    /// Leading positions that hold no data.
    skip: u32,
    /// Whether bytes that mean nothing were replaced when its letters were decoded.
    pub(super) lossy: bool,
    /// Whether its texts come to more than is kept.
    full: bool,
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

    pub(super) fn same_values(&self, a: &Item, b: &Item, fields: usize) -> bool {
        let mut pairs = self.values(a, fields).iter().zip(self.values(b, fields));
        pairs.all(|pair| match pair {
            (Value::Text(a), Value::Text(b)) => self.text(*a) == self.text(*b),
            (a, b) => a == b,
        })
    }

    pub fn text(&self, span: Span) -> &str {
        piece(&self.text, span)
    }

    /// The first [`MAX_FAULTS`] faults.
    pub fn faults(&self) -> &[Fault] {
        &self.faults
    }

    /// What should be known of it though it can be read.
    pub fn remarks(&self) -> &[Remark] {
        &self.remarks
    }

    /// Positions of items that are there but unreadable; `None` when the whole snapshot is.
    pub fn unreadable(&self) -> Option<&Positions> {
        (!self.whole).then_some(&self.unreadable)
    }

    /// Where nothing could be read: what is declared beside what was found, in words.
    pub fn difference(&self) -> Option<&str> {
        self.difference.as_deref()
    }

    pub(super) fn start(&mut self, plan: &Plan) {
        self.clear();
        self.seen.resize(plan.source.fields.len(), false);
        self.off.resize(plan.source.fields.len(), None);
        self.skip = plan.source.items.place().skip;
        self.filtered.resize(plan.source.items.place().filters.len(), false);
    }

    fn clear(&mut self) {
        (self.length, self.timeless) = (0, 0);
        (self.whole, self.timed, self.lossy, self.full) = (false, false, false, false);
        self.difference = None;
        self.items.clear();
        self.values.clear();
        self.text.clear();
        self.faults.clear();
        self.remarks.clear();
        self.seen.clear();
        self.off.clear();
        self.filtered.clear();
        self.skipped = None;
        self.unreadable = Positions::default();
    }

    /// Marks the snapshot as one that cannot be read, for a reason that lies outside its bytes.
    pub fn refuse(&mut self, reason: String) {
        self.give_up(reason);
    }

    pub(super) fn keep(&mut self, text: &str) -> Span {
        if self.text.len() + text.len() > TEXT_MAX {
            self.full = true;
            return Span::default();
        }
        let from = self.text.len() as u32;
        self.text.push_str(text);
        Span { from, to: self.text.len() as u32 }
    }

    /// The snapshot as a whole cannot be read: nothing of it counts.
    pub(super) fn give_up(&mut self, reason: String) {
        if self.whole {
            return;
        }
        self.clear();
        self.whole = true;
        self.faults.push(Fault { position: None, reason });
    }

    fn fault(&mut self, position: u32, reason: String) {
        self.unreadable.insert(position);
        if self.faults.len() < MAX_FAULTS {
            self.faults.push(Fault { position: Some(position), reason });
        }
    }

    /// The next position holds something that is no item; unless it is one that is skipped.
    pub(super) fn spoil(&mut self, reason: String) {
        let skipped = self.is_skipped();
        if let Some(position) = self.advance()
            && !skipped
        {
            self.fault(position, reason);
        }
    }

    /// The next position holds no data.
    pub(super) fn pass(&mut self) {
        self.advance();
    }

    /// Whether the next position is one that holds no data.
    pub(super) fn is_skipped(&self) -> bool {
        self.length < self.skip
    }

    /// The next position; `None` once the whole is given up.
    fn advance(&mut self) -> Option<u32> {
        if self.whole {
            return None;
        }
        if self.length >= MAX_ITEMS {
            self.give_up("it has more than 5,000,000 items".into());
            return None;
        }
        self.length += 1;
        Some(self.length - 1)
    }

    /// The next position is skipped; it is told when it reads like data, a number and all.
    pub(super) fn pass_row(&mut self, plan: &Plan, raws: &[Raw]) {
        let place = self.length;
        self.pass();
        let mut alone = Extraction::default();
        alone.start(plan);
        alone.enter(plan, 0, raws);
        let number = alone.values.iter().any(|value| matches!(value, Value::Number(_)));
        if !alone.items.is_empty() && number {
            self.skipped.get_or_insert(place);
        }
    }

    /// Turns the raw slots of the next position into an item; a fault leaves it out.
    pub(super) fn next(&mut self, plan: &Plan, raws: &[Raw]) {
        let skipped = self.is_skipped();
        let Some(position) = self.advance().filter(|_| !skipped) else { return };
        if self.lossy && raws.iter().any(Raw::is_damaged) {
            let raws: Vec<Raw> = raws.iter().map(Raw::undamaged).collect();
            return self.enter(plan, position, &raws);
        }
        self.enter(plan, position, raws);
    }

    fn enter(&mut self, plan: &Plan, position: u32, raws: &[Raw]) {
        let form = &plan.source.fetch.numbers.form;
        let filters = plan.source.items.place().filters.iter();
        for (place, (filter, raw)) in filters.zip(&raws[plan.slots.filters.clone()]).enumerate() {
            self.filtered[place] |= *raw != Raw::Absent;
            if is_unclear(raw, &filter.test, form) {
                let why = format!("{} cannot be read at {}", raw.show(), filter.path);
                return self.fault(position, why);
            }
            if !passes(raw, &filter.test, form) {
                return;
            }
        }
        let (first, text) = (self.values.len(), self.text.len());
        match self.take_item(plan, position, raws) {
            _ if self.full => self.give_up("its texts come to more than 1 GiB".into()),
            Ok(true) => {}
            Ok(false) => {
                self.values.truncate(first);
                self.text.truncate(text);
                self.timeless += 1;
            }
            Err(reason) => {
                self.values.truncate(first);
                self.fault(position, reason);
            }
        }
    }

    /// Whether it is an item: one without its declared time is none.
    fn take_item(&mut self, plan: &Plan, position: u32, raws: &[Raw]) -> Result<bool, String> {
        let first = self.values.len() as u32;
        for (place, field) in plan.source.fields.iter().enumerate() {
            let alternatives = &raws[plan.slots.fields[place].clone()];
            self.seen[place] |= alternatives.iter().any(|raw| *raw != Raw::Absent);
            let value = self.value(place, field, alternatives)?;
            if field.required && value == Value::Absent {
                let (name, picks) = (&field.name, &field.picks);
                return Err(format!("{name}: it is required, and absent at {picks}"));
            }
            self.values.push(value);
        }
        let form = &plan.source.fetch.numbers.form;
        let (key, time, updated) = match &plan.source.items {
            Items::Samples(samples) => {
                (self.series(&samples.series, &raws[plan.slots.key.clone()])?, None, None)
            }
            Items::Records(records) => match self.identity(records, (&plan.slots, form), raws)? {
                Some(found) => found,
                None => return Ok(false),
            },
        };
        self.items.push(Item { position, key, time, updated, first });
        Ok(true)
    }

    /// Of alternatives, the first that is there; one that is there must be readable.
    fn value(&mut self, place: usize, field: &Field, raws: &[Raw]) -> Result<Value, String> {
        let mut missed = None;
        for (pick, raw) in field.picks.0.iter().zip(raws) {
            if raw.is_none() || is_marked(raw, &field.missing, &field.form) {
                continue;
            }
            let cut = match cut(pick, raw) {
                Ok(cut) => cut,
                Err(()) => {
                    missed
                        .get_or_insert_with(|| unread(field, raw, &raw.show(), ", by its capture"));
                    continue;
                }
            };
            let read = self.single(place, field, cut.as_ref().unwrap_or(raw));
            let value = read.map_err(|found| unread(field, raw, &found, ""))?;
            if value != Value::Absent {
                return Ok(value);
            }
        }
        missed.map_or(Ok(Value::Absent), Err)
    }

    fn single(&mut self, place: usize, field: &Field, raw: &Raw) -> Result<Value, String> {
        match field.kind {
            Kind::Number(measure) => {
                let number = measured(raw, field, measure.resolution, &mut self.off[place])?;
                Ok(number.map_or(Value::Absent, Value::Number))
            }
            Kind::Text if is_marked(raw, &field.missing, &field.form) => Ok(Value::Absent),
            Kind::Text => match (raw, raw.text()) {
                (_, Some(text)) => Ok(Value::Text(self.keep(text))),
                (Raw::Bool(flag), _) => Ok(Value::Text(self.keep(&flag.to_string()))),
                _ => Err(raw.show()),
            },
        }
    }

    /// All positions are taken: what can only be told of all of them together.
    pub(super) fn finish(&mut self, plan: &Plan) {
        let source = &plan.source;
        let silent = !self.seen.iter().any(|seen| *seen);
        let wanted = source.fields.iter().any(|field| !field.optional);
        if silent && !self.items.is_empty() && wanted {
            return self.give_up("none of the declared fields is there in any item".into());
        }
        if let (Items::Records(records), true) = (&source.items, self.items.is_empty())
            && let (Some(time), false, 1..) = (&records.time, self.timed, self.timeless)
        {
            return self.give_up(format!("no item has its time, at {}", time.shown()));
        }
        if !self.whole {
            let mut known = std::mem::take(&mut self.known);
            self.remarks = remarks(plan, self, &mut known);
            self.known = known;
        }
    }
}

/// What a capture cuts out; `None` where there is none, and an error where it does not match.
fn cut<'t>(pick: &Pick, raw: &'t Raw) -> Result<Option<Raw<'t>>, ()> {
    let (Some(_), Some(text)) = (&pick.capture, raw.text()) else { return Ok(None) };
    captured(pick, Cow::Borrowed(text)).map(|text| Some(Raw::Text(text))).ok_or(())
}

fn unread(field: &Field, raw: &Raw, found: &str, how: &str) -> String {
    let hint = match (raw, field.kind) {
        (Raw::Bool(_), Kind::Number(_)) => "; true and false are kind = \"text\"",
        _ => "",
    };
    format!("{}: {found} cannot be read at {}{how}{hint}", field.name, field.picks)
}
