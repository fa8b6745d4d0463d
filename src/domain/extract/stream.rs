//! The stream: the cursor follows the plan over one list of JSON items, and passes all else.

use super::item::Extraction;
use super::learnt::{Learnt, Tried};
use super::plan::{KEYS_MAX, Node, Plan};
use crate::domain::form::json::not_json;
use crate::domain::form::ndjson::lines;
use crate::domain::form::raw::Raw;
use crate::domain::json::{Cursor, Flaw, Result, Text, Token};
use crate::domain::path::Start;

impl Plan {
    pub(super) fn document(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let mut learnt = std::mem::take(&mut out.learnt);
        let mut sink = Sink::new(self, item, out, &mut learnt);
        let mut cursor = Cursor::new(bytes);
        let read = sink.visit(&self.root, &mut cursor, true).and_then(|()| cursor.end());
        let found = sink.found_list;
        out.learnt = learnt;
        if let Err(flaw) = read {
            out.give_up(not_json(bytes, &flaw));
        } else if !found {
            out.give_up(format!("no list of items at {}", self.source.items.at()));
        }
    }

    pub(super) fn lines(&self, bytes: &[u8], item: Option<&str>, out: &mut Extraction) {
        let mut learnt = std::mem::take(&mut out.learnt);
        let mut sink = Sink::new(self, item, out, &mut learnt);
        for line in lines(bytes) {
            sink.begin();
            let mut cursor = Cursor::new(line);
            let read = sink.item(&self.root, &mut cursor).and_then(|()| cursor.end());
            sink.out.budget.work(line.len());
            match read {
                Ok(()) => sink.end(&self.root),
                Err(flaw) => sink.out.spoil(not_json(line, &flaw)),
            }
        }
        out.learnt = learnt;
    }
}

struct Sink<'a, 'b> {
    plan: &'a Plan,
    out: &'a mut Extraction,
    raws: Vec<Raw<'b>>,
    /// What each item starts with: the slots that hold the same in all of them.
    blank: Vec<Raw<'b>>,
    /// Whether there are such slots.
    fixed: bool,
    found_list: bool,
    /// What stood where an item was due.
    shape: Shape,
    learnt: &'a mut Learnt,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Shape {
    Object,
    List,
    Scalar,
}

impl<'a, 'b> Sink<'a, 'b> {
    fn new(
        plan: &'a Plan,
        item: Option<&str>,
        out: &'a mut Extraction,
        learnt: &'a mut Learnt,
    ) -> Sink<'a, 'b> {
        learnt.start(plan);
        let mut blank = vec![Raw::Absent; plan.slots.paths.len()];
        for (slot, start) in plan.fixed() {
            let text = match start {
                Start::Source => Some(plan.source.name.as_str()),
                _ => item,
            };
            blank[slot] = text.map_or(Raw::Absent, |text| Raw::Text(text.to_string().into()));
        }
        let (raws, fixed) = (blank.clone(), plan.fixed().next().is_some());
        Sink { plan, out, raws, blank, fixed, found_list: false, shape: Shape::Scalar, learnt }
    }

    fn begin(&mut self) {
        match self.fixed {
            true => self.raws.clone_from_slice(&self.blank),
            false => self.raws.fill(Raw::Absent),
        }
        self.shape = Shape::Scalar;
    }

    fn end(&mut self, node: &Node) {
        let is_data = !self.out.is_skipped();
        if is_data && node.wants_object() && self.shape != Shape::Object {
            return self.out.spoil("the item is not an object".into());
        }
        if is_data && node.wants_list() && self.shape != Shape::List {
            return self.out.spoil("the item is not a list".into());
        }
        self.out.next(self.plan, &self.raws);
    }

    fn put(&mut self, node: &Node, raw: Raw<'b>) {
        put(&mut self.raws, &node.slots, raw);
    }

    /// An item: by what others of this plan have taught, or else by the book.
    fn item(&mut self, node: &Node, cursor: &mut Cursor<'b>) -> Result<()> {
        let shape = match cursor.peek() {
            Some(b'{') => Shape::Object,
            Some(b'[') => Shape::List,
            _ => return self.visit(node, cursor, true),
        };
        let raws = &mut self.raws;
        let tried = self.learnt.read(cursor, |slots, raw| put(raws, slots, raw));
        match tried {
            Tried::Read => {
                self.shape = shape;
                return Ok(());
            }
            Tried::Failed => self.begin(),
            Tried::Not => {}
        }
        let from = cursor.at();
        self.visit(node, cursor, true)?;
        if tried == Tried::Failed {
            let item = cursor.bytes().get(from..cursor.at());
            self.learnt.learn(node, item.unwrap_or_default());
        }
        Ok(())
    }

    /// Visits one place of the document; `top` is that of an item, or of the whole document.
    fn visit(&mut self, node: &Node, cursor: &mut Cursor<'b>, top: bool) -> Result<()> {
        match cursor.token()? {
            Token::Object => {
                self.open(node, Shape::Object, top);
                self.object(node, cursor)
            }
            Token::List => {
                self.open(node, Shape::List, top);
                self.list(node, cursor)
            }
            Token::Text(text) => {
                self.text(node, &text);
                Ok(())
            }
            Token::Word(word) => {
                self.put(node, Raw::of_word(word));
                Ok(())
            }
        }
    }

    fn open(&mut self, node: &Node, shape: Shape, top: bool) {
        if top {
            self.shape = shape;
        }
        if !node.slots.is_empty() {
            self.put(node, Raw::Nested);
        }
    }

    fn text(&mut self, node: &Node, text: &Text<'b>) {
        if node.slots.is_empty() {
            return;
        }
        self.put(node, Raw::of_json(text));
    }

    /// A declared key that stands twice in one object leaves open which is meant.
    fn object(&mut self, node: &Node, cursor: &mut Cursor<'b>) -> Result<()> {
        let mut seen = 0u128;
        let mut first = true;
        while let Some(key) = cursor.key(first)? {
            first = false;
            let Some(place) = node.keys.iter().position(|(name, _)| key.is(name)) else {
                cursor.skip()?;
                continue;
            };
            let (child, bit) = (&node.keys[place].1, 1u128 << (place % KEYS_MAX));
            if seen & bit == 0 {
                seen |= bit;
                self.visit(child, cursor, false)?;
                continue;
            }
            if child.holds_items() {
                return Err(Flaw::refused("the list of items stands twice in it"));
            }
            child.all_slots(&mut |slot| self.raws[slot] = Raw::Several);
            cursor.skip()?;
        }
        Ok(())
    }

    fn list(&mut self, node: &Node, cursor: &mut Cursor<'b>) -> Result<()> {
        if let Some(item) = &node.items {
            self.found_list = true;
            return self.items(item, cursor);
        }
        let mut place = 0;
        while cursor.element(place == 0)? {
            let child = node.places.iter().find(|(wanted, _)| *wanted == place);
            match child.map(|(_, node)| node).or(node.any.as_deref()) {
                Some(node) => self.visit(node, cursor, false)?,
                None => cursor.skip()?,
            }
            place += 1;
        }
        Ok(())
    }

    fn items(&mut self, node: &Node, cursor: &mut Cursor<'b>) -> Result<()> {
        let mut first = true;
        while cursor.element(first)? {
            first = false;
            let start = cursor.at();
            self.begin();
            self.item(node, cursor)?;
            self.out.budget.work(cursor.at() - start);
            self.end(node);
        }
        Ok(())
    }
}

#[inline(always)]
fn put<'b>(raws: &mut [Raw<'b>], slots: &[usize], raw: Raw<'b>) {
    if let [slot] = *slots {
        let place = &mut raws[slot];
        if let Raw::Absent = place {
            *place = raw;
            return;
        }
        *place = std::mem::take(place).and(raw);
        return;
    }
    for slot in slots {
        let known = std::mem::take(&mut raws[*slot]);
        raws[*slot] = known.and(raw.clone());
    }
}
