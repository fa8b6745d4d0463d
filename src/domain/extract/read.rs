//! Reading: a visitor over serde_json that follows the plan and skips all else.

use super::item::Extraction;
use super::plan::{Node, Plan};
use super::value::Raw;
use crate::domain::source::Format;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use std::fmt;

/// Items of one snapshot; more is taken for a mistake, not for data.
const MAX_ITEMS: u32 = 5_000_000;

impl Plan {
    /// Extracts one snapshot into `out`, which is emptied first.
    pub fn extract(&self, bytes: &[u8], out: &mut Extraction) {
        out.clear();
        if bytes.is_empty() {
            return out.give_up("the answer is empty".into());
        }
        if bytes.len() > u32::MAX as usize / 2 {
            return out.give_up("the answer is larger than 2 GiB".into());
        }
        match self.source.fetch.format {
            Format::Json => self.document(bytes, out),
            Format::Ndjson => self.lines(bytes, out),
        }
    }

    fn document(&self, bytes: &[u8], out: &mut Extraction) {
        let mut sink = Sink::new(self, out);
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

    fn lines(&self, bytes: &[u8], out: &mut Extraction) {
        let lines = bytes.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty());
        for line in lines {
            let mut sink = Sink::new(self, out);
            sink.begin();
            let mut parser = serde_json::Deserializer::from_slice(line);
            let seed = Seed::top(&self.root, &mut sink);
            let read = seed.deserialize(&mut parser).and_then(|()| parser.end());
            match read {
                Ok(()) => sink.end(&self.root),
                Err(error) => sink.spoil(not_json(line, &error)),
            }
        }
    }
}

/// Why bytes are not JSON, and what they look like instead.
fn not_json(bytes: &[u8], error: &serde_json::Error) -> String {
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
    fn new(plan: &'a Plan, out: &'a mut Extraction) -> Sink<'a> {
        Sink {
            plan,
            out,
            raws: vec![Raw::Absent; plan.slots],
            found_list: false,
            refused: None,
            shape: Shape::Scalar,
        }
    }

    fn begin(&mut self) {
        self.raws.fill(Raw::Absent);
        self.shape = Shape::Scalar;
    }

    fn end(&mut self, node: &Node) {
        if node.wants_object() && self.shape != Shape::Object {
            return self.spoil("the item is not an object".into());
        }
        if node.wants_list() && self.shape != Shape::List {
            return self.spoil("the item is not a list".into());
        }
        let position = self.out.length;
        self.out.length += 1;
        self.out.take(self.plan, position, &self.raws);
    }

    fn spoil(&mut self, reason: String) {
        let position = self.out.length;
        self.out.length += 1;
        self.out.fault(position, reason);
    }

    fn refuse<E: serde::de::Error>(&mut self, why: &'static str) -> E {
        self.refused = Some(why);
        E::custom(why)
    }

    fn put(&mut self, node: &Node, raw: Raw) {
        for slot in &node.slots {
            self.raws[*slot] = raw;
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
            let more = match child {
                Some((_, node)) => list.next_element_seed(Seed::inner(node, sink))?.is_some(),
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
