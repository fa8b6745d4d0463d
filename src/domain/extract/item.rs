//! What one snapshot gives: its items, columns of values, and its faults with their places.

use super::clean::cleaned;
use super::kept::Kept;
use super::known::Known;
use super::learnt::Learnt;
use super::plan::Plan;
use super::remark::Remark;
use super::value::{
    Span, Value, cut, is_marked, is_unclear, is_within, measured, passes, unread, usual,
};
use crate::domain::budget::{Budget, LARGE_TEXTS};
use crate::domain::form::raw::Raw;
use crate::domain::limits::{COUNTED_TEXT_BYTES, FAULTS_TOLD, ITEM_BYTES, TEXT_BYTES};
use crate::domain::positions::Positions;
use crate::domain::source::{Field, Items, Kind};
use std::ops::Range;

/// Room that is kept from one snapshot to the next, in entries of any list: what a large one took
/// is given back.
const ROOM: usize = 1 << 20;

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
    kept: Kept,
    faults: Vec<Fault>,
    unreadable: Positions,
    whole: bool,
    pub(super) remarks: Vec<Remark>,
    pub(super) known: Known,
    /// What items of the plan that was read last look like.
    pub(super) learnt: Learnt,
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
    pub(super) difference: Option<String>,
    pub(super) budget: Budget,
}

impl Extraction {
    /// One that learns nothing from one item for the next: it reads each by the book, and so is the
    /// judge of one that learns.
    pub fn plain() -> Extraction {
        Extraction { learnt: Learnt::plain(), ..Extraction::default() }
    }

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
        self.kept.text(span)
    }

    /// Bytes of its keys and texts.
    pub fn texts(&self) -> usize {
        self.kept.len()
    }

    /// The first [`FAULTS_TOLD`] faults.
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
        self.kept.start(plan.slots.paths.len());
    }

    fn clear(&mut self) {
        (self.length, self.timeless) = (0, 0);
        (self.whole, self.timed, self.lossy) = (false, false, false);
        self.difference = None;
        self.items.clear();
        self.values.clear();
        self.kept.clear();
        self.faults.clear();
        self.remarks.clear();
        self.seen.clear();
        self.off.clear();
        self.filtered.clear();
        self.skipped = None;
        self.unreadable = Positions::default();
        self.budget = Budget::default();
        self.items.shrink_to(ROOM);
        self.values.shrink_to(ROOM);
    }

    /// What reading it has cost.
    pub fn budget(&self) -> &Budget {
        &self.budget
    }

    /// A slot holds one value for many items, from the next one on.
    pub(super) fn share(&mut self, slot: usize) {
        self.kept.share(slot);
    }

    /// Marks the snapshot as one that cannot be read, for a reason that lies outside its bytes.
    pub fn refuse(&mut self, reason: String) {
        self.give_up(reason);
    }

    pub(super) fn keep(&mut self, text: &str) -> Span {
        self.kept.keep(text)
    }

    /// Forgets what an item has put down that is none.
    fn drop_from(&mut self, values: usize, text: usize) {
        self.values.truncate(values);
        self.kept.truncate(text);
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
        if self.faults.len() < FAULTS_TOLD {
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
        if let Err(over) = self.budget.item(self.length, self.seen.len()) {
            self.give_up(over.to_string());
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
        let (first, text) = (self.values.len(), self.kept.len());
        match self.take_item(plan, position, raws) {
            _ if self.kept.is_full() => self.give_up(LARGE_TEXTS.to_string()),
            Ok(true) => {}
            Ok(false) => {
                self.drop_from(first, text);
                self.timeless += 1;
            }
            Err(reason) => {
                self.drop_from(first, text);
                self.fault(position, reason);
            }
        }
    }

    /// Whether it is an item: one without its declared time is none.
    fn take_item(&mut self, plan: &Plan, position: u32, raws: &[Raw]) -> Result<bool, String> {
        let first = self.values.len() as u32;
        let mut room = ITEM_BYTES;
        let most = match plan.source.items {
            Items::Samples(_) => COUNTED_TEXT_BYTES,
            Items::Records(_) => TEXT_BYTES,
        };
        for (place, field) in plan.source.fields.iter().enumerate() {
            if let Some((slot, grid)) = plan.slots.plain[place]
                && let Raw::Number(text) = &raws[slot]
                && let Some(value) = usual(text, grid)
            {
                self.seen[place] = true;
                self.values.push(Value::Number(value));
                continue;
            }
            let slots = plan.slots.fields[place].clone();
            self.seen[place] |= raws[slots.clone()].iter().any(|raw| *raw != Raw::Absent);
            let value = self.value((place, field), raws, slots, most)?;
            if let Value::Text(span) = value {
                let left = room.checked_sub((span.to - span.from) as usize);
                room = left.ok_or("its texts come to more than 4 MiB")?;
            }
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
    fn value(
        &mut self,
        (place, field): (usize, &Field),
        raws: &[Raw],
        slots: Range<usize>,
        most: usize,
    ) -> Result<Value, String> {
        let mut missed = None;
        for (pick, slot) in field.picks.0.iter().zip(slots) {
            let raw = &raws[slot];
            if raw.is_none() || is_marked(raw, &field.missing, &field.form) {
                continue;
            }
            if pick.capture.is_some() {
                is_within(field, raw, TEXT_BYTES)?;
                self.budget.work(raw.text().map_or(0, str::len));
            }
            let cut = match cut(pick, raw) {
                Ok(cut) => cut,
                Err(()) => {
                    missed
                        .get_or_insert_with(|| unread(field, raw, &raw.show(), ", by its capture"));
                    continue;
                }
            };
            let cleaned = cleaned(field, cut.as_ref().unwrap_or(raw), &self.budget);
            let cleaned = cleaned.map_err(|why| unread(field, raw, &raw.show(), &why))?;
            let whole = (cut.is_none() && cleaned.is_none()).then_some(slot);
            let found = cleaned.as_ref().or(cut.as_ref()).unwrap_or(raw);
            if found.is_none() {
                continue;
            }
            is_within(field, found, most)?;
            let read = self.single(place, field, found, whole);
            let value = read.map_err(|found| unread(field, raw, &found, ""))?;
            if value != Value::Absent {
                return Ok(value);
            }
        }
        missed.map_or(Ok(Value::Absent), Err)
    }

    /// `slot` is that in which the value stands as it is.
    fn single(
        &mut self,
        place: usize,
        field: &Field,
        raw: &Raw,
        slot: Option<usize>,
    ) -> Result<Value, String> {
        match field.kind {
            Kind::Number(measure) => {
                let number = measured(raw, field, measure.resolution, &mut self.off[place])?;
                Ok(number.map_or(Value::Absent, Value::Number))
            }
            Kind::Text if is_marked(raw, &field.missing, &field.form) => Ok(Value::Absent),
            Kind::Text => match (raw, raw.text()) {
                (_, Some(text)) => Ok(Value::Text(match slot {
                    Some(slot) => self.kept.keep_of(slot, text),
                    None => self.keep(text),
                })),
                (Raw::Bool(flag), _) => Ok(Value::Text(self.keep(&flag.to_string()))),
                _ => Err(raw.show()),
            },
        }
    }
}
