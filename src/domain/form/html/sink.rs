//! Where the parser puts a page. It is bounded as it grows: a page of one screen can make a
//! parser that does as it must repeat elements without end.

use super::dom::{Attribute, Element, Id, Kind, NONE, Page, Slot};
use crate::domain::budget::Budget;
use crate::domain::limits::{HTML_DEPTH, HTML_NAMES, HTML_NODES};
use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{LocalName, QualName, local_name as local, ns};
use std::borrow::Cow;
use std::cell::{Cell, RefCell};
use std::collections::HashSet;

/// Steps for each element that the parser looks at on its way out of those that are open, and for
/// each attribute that it compares. There are so many that a page is given up within a second.
const COMPARED: usize = 20;
const COMPARED_ATTRIBUTE: usize = 10;

/// How many attributes of a tag are compared with each other in the time of a step.
pub(super) const ATTRIBUTES: usize = 2;

/// The page as the parser makes it.
pub(super) struct Sink<'b> {
    page: RefCell<Page>,
    budget: &'b Budget,
    /// Names that no standard knows; the parser keeps each in a table of few rows.
    names: RefCell<HashSet<LocalName>>,
    next: Cell<Id>,
    /// Elements, texts and attributes.
    parts: Cell<usize>,
    /// How much it has been given, whatever of it counts.
    given: Cell<u64>,
    over: Cell<Option<&'static str>>,
}

/// A node, as the parser knows it. Its name goes with it.
#[derive(Clone)]
pub(super) struct Handle {
    id: Id,
    name: QualName,
}

impl<'b> Sink<'b> {
    pub fn new(budget: &'b Budget, lossy: bool) -> Sink<'b> {
        let page = Page { slots: vec![Slot::new(Kind::Top)], lossy, ..Page::default() };
        Sink {
            page: RefCell::new(page),
            budget,
            names: RefCell::default(),
            next: Cell::new(1),
            parts: Cell::new(0),
            given: Cell::new(0),
            over: Cell::new(None),
        }
    }

    /// How much the parser has handed over so far: it changes with each tag and text.
    pub fn given(&self) -> u64 {
        self.given.get()
    }

    /// Whether the page is still within its bounds.
    pub fn check(&self) -> Result<(), String> {
        if let Some(over) = self.over.get() {
            return Err(over.into());
        }
        self.budget.check().map_err(|over| over.to_string())
    }

    fn count(&self, parts: usize) {
        self.given.set(self.given.get() + 1);
        self.parts.set(self.parts.get() + parts);
        if self.parts.get() > HTML_NODES {
            self.over.set(Some("its page has more than 2,000,000 elements, texts and attributes"));
        }
    }

    fn know(&self, name: &LocalName) {
        if name.is_dynamic() {
            let mut names = self.names.borrow_mut();
            if names.len() < HTML_NAMES {
                names.insert(name.clone());
            } else if !names.contains(name) {
                self.over.set(Some("its page has more than 20,000 different names of its own"));
            }
        }
    }

    /// A new node; once the page is over its bounds, one that stands nowhere.
    fn make(&self, kind: Kind) -> Id {
        let id = self.next.get();
        self.next.set(id.saturating_add(1));
        if self.over.get().is_none() {
            self.page.borrow_mut().slots.push(Slot::new(kind));
        }
        id
    }

    fn unnamed(&self, id: Id) -> Handle {
        Handle { id, name: QualName::new(None, ns!(), local!("")) }
    }

    /// What the parser compared to find its way is in the budget; but not how it looks for
    /// formatting elements of one kind.
    fn weigh(&self, page: &Page, child: Id, level: u32) {
        let Some(Kind::Element(element)) = page.slots.get(child as usize).map(|slot| &slot.kind)
        else {
            return;
        };
        if is_formatting(&element.name.local) {
            let each = COMPARED + COMPARED_ATTRIBUTE * element.attributes.len();
            self.budget.work(level as usize * each);
        }
    }

    /// Puts a node, or a text, before another inside of a parent; at the end without one.
    fn place(&self, parent: Id, next: Id, child: NodeOrText<Handle>) {
        let mut page = self.page.borrow_mut();
        let level = page.slots.get(parent as usize).map_or(0, |slot| slot.level);
        let parent = page.within_depth(parent);
        match child {
            NodeOrText::AppendNode(child) => {
                self.weigh(&page, child.id, level);
                page.detach(child.id);
                page.link(child.id, parent, next);
                if let Some(slot) = page.slots.get_mut(child.id as usize) {
                    slot.level = level + 1;
                }
            }
            NodeOrText::AppendText(text) => {
                self.given.set(self.given.get() + 1);
                let before = page.before(parent, next);
                if let Some(Kind::Text(known)) = page.kind(before) {
                    return known.push_slice(&text);
                }
                drop(page);
                self.count(1);
                let id = self.make(Kind::Text(text));
                self.page.borrow_mut().link(id, parent, next);
            }
        }
    }
}

fn is_formatting(name: &LocalName) -> bool {
    matches!(
        *name,
        local!("a")
            | local!("b")
            | local!("big")
            | local!("code")
            | local!("em")
            | local!("font")
            | local!("i")
            | local!("nobr")
            | local!("s")
            | local!("small")
            | local!("strike")
            | local!("strong")
            | local!("tt")
            | local!("u")
    )
}

impl Page {
    fn kind(&mut self, id: Id) -> Option<&mut Kind> {
        self.slots.get_mut(id as usize).map(|slot| &mut slot.kind)
    }

    /// The parent of what is put into this one: as in browsers, beyond so many levels what is
    /// inside stands beside it.
    fn within_depth(&self, parent: Id) -> Id {
        match self.slots.get(parent as usize) {
            Some(slot) if slot.depth as usize >= HTML_DEPTH => slot.parent,
            _ => parent,
        }
    }

    /// What stands before a place.
    fn before(&self, parent: Id, next: Id) -> Id {
        match self.slots.get(next as usize) {
            Some(next) => next.before,
            None => self.slots.get(parent as usize).map_or(NONE, |slot| slot.last),
        }
    }

    fn detach(&mut self, id: Id) {
        let Some(slot) = self.slots.get_mut(id as usize) else { return };
        let (parent, before, after) = (slot.parent, slot.before, slot.after);
        (slot.parent, slot.before, slot.after) = (NONE, NONE, NONE);
        if let Some(before) = self.slots.get_mut(before as usize) {
            before.after = after;
        } else if let Some(parent) = self.slots.get_mut(parent as usize) {
            parent.first = after;
        }
        if let Some(after) = self.slots.get_mut(after as usize) {
            after.before = before;
        } else if let Some(parent) = self.slots.get_mut(parent as usize) {
            parent.last = before;
        }
    }

    fn link(&mut self, id: Id, parent: Id, next: Id) {
        let before = self.before(parent, next);
        let Some(depth) = self.slots.get(parent as usize).map(|slot| slot.depth) else { return };
        let Some(slot) = self.slots.get_mut(id as usize) else { return };
        (slot.parent, slot.before, slot.after) = (parent, before, next);
        slot.depth = depth + 1;
        match self.slots.get_mut(before as usize) {
            Some(before) => before.after = id,
            None => self.slots[parent as usize].first = id,
        }
        match self.slots.get_mut(next as usize) {
            Some(next) => next.before = id,
            None => self.slots[parent as usize].last = id,
        }
    }
}

impl TreeSink for Sink<'_> {
    type Handle = Handle;
    type Output = Page;
    type ElemName<'a>
        = &'a QualName
    where
        Self: 'a;

    fn finish(self) -> Page {
        self.page.into_inner()
    }

    fn parse_error(&self, _: Cow<'static, str>) {
        self.budget.work(1);
    }

    fn get_document(&self) -> Handle {
        self.unnamed(0)
    }

    fn elem_name<'a>(&'a self, target: &'a Handle) -> &'a QualName {
        self.budget.work(COMPARED);
        self.given.set(self.given.get() + 1);
        &target.name
    }

    fn create_element(
        &self,
        name: QualName,
        attributes: Vec<html5ever::Attribute>,
        _: ElementFlags,
    ) -> Handle {
        self.count(1 + attributes.len());
        // The parser has compared each with all before it, in little time.
        self.budget.work(attributes.len() * attributes.len() / (2 * ATTRIBUTES));
        self.know(&name.local);
        attributes.iter().for_each(|attribute| self.know(&attribute.name.local));
        let own = |attribute: html5ever::Attribute| Attribute {
            name: attribute.name.local,
            value: attribute.value,
        };
        let element = match self.over.get() {
            Some(_) => Vec::new(),
            None => attributes.into_iter().map(own).collect(),
        };
        let element = Element { name: name.clone(), attributes: element.into() };
        Handle { id: self.make(Kind::Element(element)), name }
    }

    fn create_comment(&self, _: StrTendril) -> Handle {
        self.count(0);
        self.unnamed(NONE)
    }

    fn create_pi(&self, _: StrTendril, _: StrTendril) -> Handle {
        self.unnamed(NONE)
    }

    fn append(&self, parent: &Handle, child: NodeOrText<Handle>) {
        self.place(parent.id, NONE, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &Handle,
        before: &Handle,
        child: NodeOrText<Handle>,
    ) {
        let page = self.page.borrow();
        let has_parent = page.slots.get(element.id as usize).is_some_and(|s| s.parent != NONE);
        drop(page);
        match has_parent {
            true => self.append_before_sibling(element, child),
            false => self.append(before, child),
        }
    }

    fn append_doctype_to_document(&self, _: StrTendril, _: StrTendril, _: StrTendril) {}

    /// What a template holds is in no page until a script puts it there.
    fn get_template_contents(&self, _: &Handle) -> Handle {
        self.unnamed(NONE)
    }

    fn same_node(&self, x: &Handle, y: &Handle) -> bool {
        self.budget.work(COMPARED);
        x.id == y.id
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.page.borrow_mut().quirks = mode == QuirksMode::Quirks;
    }

    fn append_before_sibling(&self, sibling: &Handle, child: NodeOrText<Handle>) {
        let page = self.page.borrow();
        let parent = page.slots.get(sibling.id as usize).map_or(NONE, |slot| slot.parent);
        drop(page);
        self.place(parent, sibling.id, child);
    }

    fn add_attrs_if_missing(&self, target: &Handle, attributes: Vec<html5ever::Attribute>) {
        self.count(attributes.len());
        let mut page = self.page.borrow_mut();
        let Some(Kind::Element(element)) = page.kind(target.id) else { return };
        self.budget.work(attributes.len() * (attributes.len() + element.attributes.len()));
        let mut all = std::mem::take(&mut element.attributes).into_vec();
        for attribute in attributes {
            let name = attribute.name.local;
            if all.iter().all(|known| known.name != name) && self.over.get().is_none() {
                all.push(Attribute { name, value: attribute.value });
            }
        }
        element.attributes = all.into();
    }

    fn remove_from_parent(&self, target: &Handle) {
        self.page.borrow_mut().detach(target.id);
    }

    fn reparent_children(&self, node: &Handle, parent: &Handle) {
        let mut page = self.page.borrow_mut();
        let first = |page: &Page| page.slots.get(node.id as usize).map_or(NONE, |slot| slot.first);
        while first(&page) != NONE {
            let child = first(&page);
            self.budget.work(1);
            page.detach(child);
            page.link(child, parent.id, NONE);
        }
    }
}
