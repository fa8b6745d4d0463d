//! Learning an item that was read: the ways from scalar to scalar in it. It walks over the item
//! once more as the reader did, and stops at what that reader treats in a way of its own.

use super::learnt::{Learnt, Level};
use super::plan::Node;
use crate::domain::json::{Cursor, Text, Token};

/// Longer ones are not learnt: what differs in them would be most of it.
const ITEM: usize = 1 << 16;

impl Learnt {
    /// Learns an item of this node, from its first sign to its last.
    pub fn learn(&mut self, node: &Node, item: &[u8]) {
        if item.len() <= ITEM && !self.is_full() {
            let cursor = Cursor::new(item);
            Walk { learnt: self, cursor, item, state: 0, begin: 0, open: Vec::new() }.walk(node);
        }
    }
}

struct Walk<'l, 'p, 'b> {
    learnt: &'l mut Learnt,
    cursor: Cursor<'b>,
    item: &'b [u8],
    state: u32,
    /// Where the bytes between scalars begin that are passed now.
    begin: usize,
    /// The lists and objects that are open, each with the node that stands there.
    open: Vec<(Level, Option<&'p Node>)>,
}

impl<'p> Walk<'_, 'p, '_> {
    /// None where it stops.
    fn walk(&mut self, node: &'p Node) -> Option<()> {
        let mut node = Some(node);
        loop {
            let first = self.value(node)?;
            node = match self.inside(first)? {
                Some(next) => next,
                None => return self.end(),
            };
        }
    }

    /// A value; whether it is a list or an object, which is open now.
    fn value(&mut self, node: Option<&'p Node>) -> Option<bool> {
        self.cursor.peek();
        let begin = self.cursor.at();
        match self.cursor.token().ok()? {
            Token::Object => self.open(node, true),
            Token::List => self.open(node, false),
            Token::Text(_) | Token::Word(_) if self.open.is_empty() => None,
            Token::Text(_) | Token::Word(_) => {
                let levels: Vec<Level> = self.open.iter().map(|(level, _)| level.clone()).collect();
                let slots = node.map_or(&[][..], |node| &node.slots);
                let bytes = self.item.get(self.begin..begin)?;
                self.state = self.learnt.way(self.state, bytes, Some((slots, &levels)))?;
                self.begin = self.cursor.at();
                Some(false)
            }
        }
    }

    fn open(&mut self, node: Option<&'p Node>, is_object: bool) -> Option<bool> {
        // The reader puts something down there, or finds more items.
        if node.is_some_and(|node| !node.slots.is_empty() || node.items.is_some()) {
            return None;
        }
        let id = node.map_or(0, |node| node.id);
        self.open.push((Level { is_object, node: id, seen: 0, place: 0 }, node));
        Some(true)
    }

    /// The node of the next value, once what ends is closed; none within where all is closed.
    fn inside(&mut self, mut first: bool) -> Option<Option<Option<&'p Node>>> {
        while let Some((level, node)) = self.open.last_mut() {
            match level.is_object {
                true => {
                    if let Some(key) = self.cursor.key(first).ok()? {
                        level.place = self.learnt.hash(key.raw());
                        return Some(Some(child(level, *node, &key)?));
                    }
                }
                false => {
                    if self.cursor.element(first).ok()? {
                        return Some(Some(element(level, *node)));
                    }
                }
            }
            self.open.pop();
            first = false;
        }
        Some(None)
    }

    fn end(&mut self) -> Option<()> {
        let bytes = self.item.get(self.begin..)?;
        self.learnt.way(self.state, bytes, None).map(drop)
    }
}

/// What stands under a key of an object; nothing is learnt where a wanted one stands twice.
fn child<'p>(level: &mut Level, node: Option<&'p Node>, key: &Text) -> Option<Option<&'p Node>> {
    let Some(node) = node else { return Some(None) };
    let Some(place) = node.keys.iter().position(|(name, _)| key.is(name)) else {
        return Some(None);
    };
    let bit = 1u128.checked_shl(place as u32)?;
    let is_new = level.seen & bit == 0;
    level.seen |= bit;
    is_new.then(|| node.keys.get(place).map(|(_, node)| node))
}

/// What stands at the next place of a list.
fn element<'p>(level: &mut Level, node: Option<&'p Node>) -> Option<&'p Node> {
    let node = node?;
    let place = level.place as usize;
    let wanted = node.places.iter().map(|(place, _)| place + 1).max().unwrap_or(0);
    // Behind the last wanted one all are alike.
    level.place = (place + 1).min(wanted) as u64;
    let child = node.places.iter().find(|(at, _)| *at == place && place < wanted);
    child.map(|(_, node)| node).or(node.any.as_deref())
}

#[cfg(test)]
mod tests {
    use super::super::learnt::Tried;
    use super::*;
    use crate::domain::form::raw::Raw;

    /// What stands under `x`, and under `z` in the objects of the list `y`.
    fn node() -> Node {
        let leaf = |id, slot| Node { id, slots: vec![slot], ..Node::default() };
        let element = Node { id: 4, keys: vec![("z".into(), leaf(5, 1))], ..Node::default() };
        let list = Node { id: 3, any: Some(Box::new(element)), ..Node::default() };
        let keys = vec![("x".into(), leaf(2, 0)), ("y".into(), list)];
        Node { id: 1, keys, ..Node::default() }
    }

    fn read(learnt: &mut Learnt, item: &str) -> Option<Vec<(usize, String)>> {
        let (mut found, mut cursor) = (Vec::new(), Cursor::new(item.as_bytes()));
        let tried = learnt.read(&mut cursor, |slots, raw: Raw| found.push((slots[0], raw.show())));
        (tried == Tried::Read && cursor.at() == item.len()).then_some(found)
    }

    #[test]
    fn items_that_look_alike_are_read_by_what_was_learnt() {
        let (node, mut learnt) = (node(), Learnt::new());
        for item in [
            r#"{"a": {"x": 1}, "x": 5, "y": [{"z": 1}, {"z": 2}]}"#,
            r#"{"x": null, "y": []}"#,
            r#"{"x": null, "y": [], "b": [[], {}, 3]}"#,
        ] {
            assert_eq!(read(&mut learnt, item), None, "{item}");
            learnt.learn(&node, item.as_bytes());
            assert!(read(&mut learnt, item).is_some(), "{item}");
        }
        let longer = r#"{"a": {"x": "}"}, "x": -7.5, "y": [{"z": "u"}, {"z": 2}, {"z": 1e3}]}"#;
        let told = [(0, "-7.5"), (1, "\"u\""), (1, "2"), (1, "1e3")];
        let told = told.map(|(slot, text)| (slot, text.to_string())).to_vec();
        assert_eq!(read(&mut learnt, longer), Some(told));
        for other in [
            r#"{"x": 1, "x": 2}"#,
            r#"{"x": {}, "y": []}"#,
            r#"{"x": 5, "y": [{"z": 1}"#,
            r#"{"x":5, "y": []}"#,
            r#"{"x": , "y": []}"#,
        ] {
            assert_eq!(read(&mut learnt, other), None, "{other}");
        }
    }

    #[test]
    fn what_the_reader_treats_in_a_way_of_its_own_is_not_learnt() {
        let (node, mut learnt) = (node(), Learnt::new());
        for item in [r#"{"x": 1, "x": 2}"#, r#"{"x": {"a": 1}}"#, r#"{"x": [1]}"#, "[", "7"] {
            learnt.learn(&node, item.as_bytes());
            assert_eq!(read(&mut learnt, item), None, "{item}");
        }
    }
}
