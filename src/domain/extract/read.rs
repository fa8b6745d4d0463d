//! Reading: a visitor over serde_json that follows the plan and skips all else.

use super::item::Extraction;
use super::plan::{Node, Plan, Route};
use super::shape;
use super::value::Raw;
use crate::domain::path::Start;
use crate::domain::source::Format;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Items of one snapshot; more is taken for a mistake, not for data.
pub(super) const MAX_ITEMS: u32 = 5_000_000;

impl Plan {
    /// Extracts one snapshot into `out`, which is emptied first. `item` is the key of the loop's
    /// item that was asked for.
    pub fn extract(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        out.clear();
        if bytes.is_empty() {
            return out.give_up("the answer is empty".into());
        }
        if bytes.len() > u32::MAX as usize / 2 {
            return out.give_up("the answer is larger than 2 GiB".into());
        }
        let json = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
        match (self.route, self.source.fetch.format) {
            (Route::Tree, Format::Csv | Format::Xml) => self.walk(bytes, item, out),
            (Route::Tree, _) => self.walk(json, item, out),
            (Route::Stream, Format::Ndjson) => self.lines(json, item, out),
            (Route::Stream, _) => self.document(json, item, out),
        }
        if !out.touched && !out.items().is_empty() && !self.source.fields.is_empty() {
            out.give_up("none of the declared fields is there in any item".into());
        }
        if out.items().is_empty() && !out.faults().is_empty() {
            out.difference = shape::difference(self, json);
        }
    }

    fn document(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let mut sink = Sink::new(self, item, out);
        let mut parser = serde_json::Deserializer::from_slice(bytes);
        let seed = Seed::top(&self.root, &mut sink);
        let read = seed.deserialize(&mut parser).and_then(|()| parser.end());
        let (found, refused) = (sink.found_list, sink.refused);
        if let Err(error) = read {
            out.give_up(refused.map_or_else(|| not_json(bytes, &error), str::to_string));
        } else if !found {
            out.give_up(format!("no list of items at {}", self.source.items.at()));
        }
    }

    fn lines(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        for line in lines {
            let mut sink = Sink::new(self, item, out);
            sink.begin();
            let mut parser = serde_json::Deserializer::from_slice(line);
            let seed = Seed::top(&self.root, &mut sink);
            let read = seed.deserialize(&mut parser).and_then(|()| parser.end());
            match read {
                Ok(()) => sink.end(&self.root),
                Err(error) => sink.out.spoil(not_json(line, &error)),
            }
        }
    }
}

/// Why bytes are not JSON, and what they look like instead.
pub(super) fn not_json(bytes: &[u8], error: &serde_json::Error) -> String {
    let start = bytes.trim_ascii_start();
    if start.starts_with(b"<") {
        return "it is not JSON but looks like HTML or XML".into();
    }
    if error.is_eof() {
        return format!("it is not complete JSON: it ends too early, after {} bytes", bytes.len());
    }
    format!("it is not JSON: {error}")
}

struct Sink<'a> {
    plan: &'a Plan,
    out: &'a mut Extraction,
    raws: Vec<Raw>,
    /// What each item starts with: the slots that hold the same in all of them.
    blank: Vec<Raw>,
    found_list: bool,
    /// Why its form is not taken, though it is JSON.
    refused: Option<&'static str>,
    /// What stood where an item was due.
    shape: Shape,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Object,
    List,
    Scalar,
}

impl<'a> Sink<'a> {
    fn new(plan: &'a Plan, item: Option<&str>, out: &'a mut Extraction) -> Sink<'a> {
        let mut blank = vec![Raw::Absent; plan.paths.len()];
        for (slot, start) in plan.fixed() {
            let text = match start {
                Start::Source => Some(plan.source.name.as_str()),
                _ => item,
            };
            blank[slot] = text.map_or(Raw::Absent, |text| Raw::Text(out.keep(text)));
        }
        Sink {
            plan,
            out,
            raws: blank.clone(),
            blank,
            found_list: false,
            refused: None,
            shape: Shape::Scalar,
        }
    }

    fn begin(&mut self) {
        self.raws.copy_from_slice(&self.blank);
        self.shape = Shape::Scalar;
    }

    fn end(&mut self, node: &Node) {
        let is_data = self.out.length >= self.plan.source.items.place().skip;
        if is_data && node.wants_object() && self.shape != Shape::Object {
            return self.out.spoil("the item is not an object".into());
        }
        if is_data && node.wants_list() && self.shape != Shape::List {
            return self.out.spoil("the item is not a list".into());
        }
        self.out.next(self.plan, &self.raws);
    }

    fn refuse<E: serde::de::Error>(&mut self, why: &'static str) -> E {
        self.refused = Some(why);
        E::custom(why)
    }

    fn put(&mut self, node: &Node, raw: Raw) {
        for slot in &node.slots {
            self.raws[*slot] = raw;
            self.out.touched |= *slot >= self.plan.fields;
        }
    }

    fn put_text(&mut self, node: &Node, text: &str) {
        if !node.slots.is_empty() {
            let span = self.out.keep(text);
            self.put(node, Raw::Text(span));
        }
    }
}

/// Visits one place of the document.
struct Seed<'a, 's> {
    node: &'a Node,
    sink: &'a mut Sink<'s>,
    /// Whether this is the place of an item itself, or of the whole document.
    top: bool,
}

impl<'a, 's> Seed<'a, 's> {
    fn top(node: &'a Node, sink: &'a mut Sink<'s>) -> Seed<'a, 's> {
        Seed { node, sink, top: true }
    }

    fn inner(node: &'a Node, sink: &'a mut Sink<'s>) -> Seed<'a, 's> {
        Seed { node, sink, top: false }
    }

    fn open(self, shape: Shape) -> (&'a Node, &'a mut Sink<'s>) {
        if self.top {
            self.sink.shape = shape;
        }
        self.sink.put(self.node, Raw::Nested);
        (self.node, self.sink)
    }
}

impl<'de> DeserializeSeed<'de> for Seed<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Seed<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("JSON")
    }

    /// A key that stands twice has its last value, also when that is null.
    fn visit_unit<E>(self) -> Result<(), E> {
        self.sink.put(self.node, Raw::Absent);
        Ok(())
    }

    fn visit_bool<E>(self, value: bool) -> Result<(), E> {
        self.sink.put(self.node, Raw::Bool(value));
        Ok(())
    }

    fn visit_i64<E>(self, value: i64) -> Result<(), E> {
        self.sink.put(self.node, Raw::Int(value));
        Ok(())
    }

    fn visit_u64<E>(self, value: u64) -> Result<(), E> {
        let raw = i64::try_from(value).map_or(Raw::Float(value as f64), Raw::Int);
        self.sink.put(self.node, raw);
        Ok(())
    }

    fn visit_f64<E>(self, value: f64) -> Result<(), E> {
        self.sink.put(self.node, Raw::Float(value));
        Ok(())
    }

    fn visit_str<E>(self, value: &str) -> Result<(), E> {
        self.sink.put_text(self.node, value);
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let (node, sink) = self.open(Shape::Object);
        while let Some(child) = map.next_key_seed(Key(node))? {
            match child {
                Some(place) => map.next_value_seed(Seed::inner(&node.keys[place].1, sink))?,
                None => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let (node, sink) = self.open(Shape::List);
        if let Some(item) = &node.items {
            if std::mem::replace(&mut sink.found_list, true) {
                return Err(sink.refuse("the list of items stands twice in it"));
            }
            return items(item, sink, list);
        }
        let mut place = 0;
        loop {
            let child = node.places.iter().find(|(wanted, _)| *wanted == place);
            let child = child.map(|(_, node)| node).or(node.any.as_deref());
            let more = match child {
                Some(node) => list.next_element_seed(Seed::inner(node, sink))?.is_some(),
                None => list.next_element::<IgnoredAny>()?.is_some(),
            };
            if !more {
                return Ok(());
            }
            place += 1;
        }
    }
}

fn items<'de, A: SeqAccess<'de>>(
    node: &Node,
    sink: &mut Sink,
    mut list: A,
) -> Result<(), A::Error> {
    loop {
        sink.begin();
        if list.next_element_seed(Seed::top(node, sink))?.is_none() {
            return Ok(());
        }
        sink.end(node);
        if sink.out.length > MAX_ITEMS {
            return Err(sink.refuse("it has more than 5,000,000 items"));
        }
    }
}

/// Reads a key without keeping it: only its place among the wanted ones.
struct Key<'a>(&'a Node);

impl<'de> DeserializeSeed<'de> for Key<'_> {
    type Value = Option<usize>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_identifier(self)
    }
}

impl Visitor<'_> for Key<'_> {
    type Value = Option<usize>;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<Self::Value, E> {
        Ok(self.0.key(key))
    }
}
