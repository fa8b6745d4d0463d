//! The plan: a declaration's paths, compiled into a tree of keys and places.
//! Slots are numbered: first those that identify an item, then one per field.

use crate::domain::path::{Path, Step};
use crate::domain::source::{Format, Items, Source};

/// A compiled declaration.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) source: Source,
    pub(super) root: Node,
    pub(super) slots: usize,
    /// Slot of the first field.
    pub(super) fields: usize,
}

/// What to do at one place of the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub keys: Vec<(Box<str>, Node)>,
    pub places: Vec<(usize, Node)>,
    /// The tree of each item of the list that stands here.
    pub items: Option<Box<Node>>,
    /// Slots that take the scalar that stands here.
    pub slots: Vec<usize>,
}

impl Plan {
    /// Compiles a checked declaration.
    pub fn new(source: &Source) -> Plan {
        let paths = slot_paths(source);
        let mut item = Node::default();
        for (slot, path) in paths.iter().enumerate() {
            item.descend(path.steps()).slots.push(slot);
        }
        let steps: &[Step] = match source.fetch.format {
            Format::Json => source.items.at().steps(),
            Format::Ndjson => &[],
        };
        let mut root = Node::default();
        let at = steps.split(|step| *step == Step::Each).next().unwrap_or_default();
        match source.fetch.format {
            Format::Json => root.descend(at).items = Some(Box::new(item)),
            Format::Ndjson => root = item,
        }
        let fields = paths.len() - source.fields.len();
        Plan { source: source.clone(), root, slots: paths.len(), fields }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }
}

fn slot_paths(source: &Source) -> Vec<&Path> {
    let mut paths: Vec<&Path> = match &source.items {
        Items::Samples(samples) => vec![&samples.series],
        Items::Records(records) => {
            let times = records.time.iter().chain(&records.updated).map(|t| &t.path);
            records.id.iter().map(|id| &id.path).chain(times).collect()
        }
    };
    paths.extend(source.fields.iter().map(|field| &field.path));
    paths
}

impl Node {
    /// The node at the end of `steps`, made where it is not there yet.
    fn descend(&mut self, steps: &[Step]) -> &mut Node {
        let Some((step, rest)) = steps.split_first() else {
            return self;
        };
        match step {
            Step::Key(key) => child(&mut self.keys, key.as_str().into()).descend(rest),
            Step::Index(place) => child(&mut self.places, *place).descend(rest),
            Step::Each => self,
        }
    }

    pub fn key(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|(key, _)| **key == *name)
    }

    pub fn wants_object(&self) -> bool {
        !self.keys.is_empty()
    }

    pub fn wants_list(&self) -> bool {
        self.items.is_some() || !self.places.is_empty()
    }
}

fn child<K: PartialEq>(children: &mut Vec<(K, Node)>, key: K) -> &mut Node {
    let place = children.iter().position(|(name, _)| *name == key).unwrap_or(children.len());
    if place == children.len() {
        children.push((key, Node::default()));
    }
    &mut children[place].1
}
