//! The tree of a page: its elements, their attributes and texts, in one list.

use crate::domain::budget::Budget;
use crate::domain::form::raw::{Both, Raw};
use crate::domain::path::Step;
use html5ever::tendril::StrTendril;
use html5ever::{LocalName, QualName};
use selectors::NthIndexCache;
use std::cell::RefCell;
use std::fmt;

/// The place of a node in the list.
pub(super) type Id = u32;

/// No node.
pub(super) const NONE: Id = Id::MAX;

/// A page.
#[derive(Default)]
pub struct Page {
    pub(super) slots: Vec<Slot>,
    /// Whether it is read as pages were before there were standards.
    pub(super) quirks: bool,
    /// Whether bytes that mean nothing were replaced when its letters were decoded.
    pub(super) lossy: bool,
    /// Which place elements have among those beside them, as far as a selector has asked.
    pub(super) places: RefCell<NthIndexCache>,
}

/// A node, and who stands around it.
pub(super) struct Slot {
    pub kind: Kind,
    pub parent: Id,
    pub before: Id,
    pub after: Id,
    pub first: Id,
    pub last: Id,
    /// How many elements enclose it.
    pub depth: u32,
    /// How many were open around it for the parser.
    pub level: u32,
}

pub(super) enum Kind {
    Top,
    Element(Element),
    Text(StrTendril),
}

pub(super) struct Element {
    pub name: QualName,
    pub attributes: Box<[Attribute]>,
}

pub(super) struct Attribute {
    pub name: LocalName,
    pub value: StrTendril,
}

impl Slot {
    pub fn new(kind: Kind) -> Slot {
        let (parent, before, after, first, last) = (NONE, NONE, NONE, NONE, NONE);
        Slot { kind, parent, before, after, first, last, depth: 0, level: 0 }
    }
}

/// A node of a page.
#[derive(Clone, Copy)]
pub struct Node<'p> {
    pub(super) page: &'p Page,
    pub(super) id: Id,
}

impl Page {
    /// The page as a whole.
    pub fn top(&self) -> Node<'_> {
        Node { page: self, id: 0 }
    }

    /// All that it is made of; the place of each is its [`Node::place`].
    pub fn nodes(&self) -> impl Iterator<Item = Node<'_>> {
        (0..self.slots.len() as Id).map(|id| Node { page: self, id })
    }
}

impl<'p> Node<'p> {
    /// Its place among [`Page::nodes`].
    pub fn place(self) -> usize {
        self.id as usize
    }

    pub(super) fn slot(self) -> Option<&'p Slot> {
        self.page.slots.get(self.id as usize)
    }

    /// The node that a slot names.
    pub(super) fn near(self, which: impl Fn(&Slot) -> Id) -> Option<Node<'p>> {
        let id = which(self.slot()?);
        (id != NONE).then_some(Node { page: self.page, id })
    }

    pub(super) fn element(self) -> Option<&'p Element> {
        match &self.slot()?.kind {
            Kind::Element(element) => Some(element),
            Kind::Top | Kind::Text(_) => None,
        }
    }

    pub(super) fn letters(self) -> Option<&'p str> {
        match &self.slot()?.kind {
            Kind::Text(text) => Some(text),
            Kind::Top | Kind::Element(_) => None,
        }
    }

    /// The elements that enclose it, the innermost first; the page itself is the last.
    pub fn around(self) -> impl Iterator<Item = Node<'p>> {
        std::iter::successors(self.near(|slot| slot.parent), |node| node.near(|slot| slot.parent))
    }

    /// The next node inside of `scope`, in the order of the page.
    pub(super) fn next_in(self, scope: Node) -> Option<Node<'p>> {
        if let Some(first) = self.near(|slot| slot.first) {
            return Some(first);
        }
        self.next_outside(scope)
    }

    /// The same, but for what is inside of this one.
    pub(super) fn next_outside(self, scope: Node) -> Option<Node<'p>> {
        let mut at = self;
        while at.id != scope.id {
            if let Some(after) = at.near(|slot| slot.after) {
                return Some(after);
            }
            at = at.near(|slot| slot.parent)?;
        }
        None
    }

    /// The value of an attribute; names of attributes have small letters.
    fn attribute(self, name: &str) -> Raw<'p> {
        let attributes = self.element().map(|element| &element.attributes[..]).unwrap_or_default();
        let found = attributes.iter().find(|attribute| *attribute.name == *name);
        found.map_or(Raw::Absent, |found| self.readable(Raw::of_text(&found.value)))
    }

    pub(super) fn readable(self, raw: Raw<'p>) -> Raw<'p> {
        if self.page.lossy { raw.undamaged() } else { raw }
    }

    /// What stands at the end of a path: selectors, the place among what they find, an attribute.
    pub fn find(self, steps: &[Step], budget: &Budget, both: Both<'p>) -> Raw<'p> {
        budget.work(1);
        match steps {
            [] => self.text(budget),
            [Step::Key(name)] => self.attribute(name.strip_prefix('@').unwrap_or(name)),
            [Step::Select(css), Step::Index(place), rest @ ..] => {
                let found = self.select(css, budget).nth(*place);
                found.map_or(Raw::Absent, |node| node.find(rest, budget, both))
            }
            [Step::Select(css), Step::Each, rest @ ..] => {
                let found = self.select(css, budget).map(|node| node.find(rest, budget, both));
                found.fold(Raw::Absent, both)
            }
            [Step::Select(css), rest @ ..] => {
                let mut found = self.select(css, budget);
                match (found.next(), found.next()) {
                    (Some(one), None) => one.find(rest, budget, both),
                    (None, _) => Raw::Absent,
                    _ => Raw::Several,
                }
            }
            _ => Raw::Absent,
        }
    }
}

impl PartialEq for Node<'_> {
    fn eq(&self, other: &Node) -> bool {
        std::ptr::eq(self.page, other.page) && self.id == other.id
    }
}

impl fmt::Debug for Node<'_> {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let name = self.element().map_or("", |element| &*element.name.local);
        write!(f, "<{name}> {}", self.id)
    }
}
