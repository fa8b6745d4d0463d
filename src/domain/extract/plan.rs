//! The plan: a declaration's paths, compiled into a tree of keys and places.
//! Slots are numbered: those that identify an item, its times, its filters, its fields.

use crate::domain::path::{Path, Start, Step};
use crate::domain::source::{Format, Identity, Items, Source};

/// A compiled declaration.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(super) source: Source,
    pub(super) root: Node,
    pub(super) paths: Vec<Path>,
    /// Slot of the first filter.
    pub(super) filters: usize,
    /// Slot of the first field.
    pub(super) fields: usize,
    pub(super) route: Route,
}

/// How an answer is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Route {
    /// One list of items: only the declared branches are visited, nothing is built.
    Stream,
    /// Anything else: the document is built first.
    Tree,
}

/// What to do at one place of the document.
#[derive(Clone, Debug, Default)]
pub(super) struct Node {
    pub keys: Vec<(Box<str>, Node)>,
    pub places: Vec<(usize, Node)>,
    /// What to do with each element of a list inside an item.
    pub any: Option<Box<Node>>,
    /// The tree of each item of the list that stands here.
    pub items: Option<Box<Node>>,
    /// Slots that take the scalar that stands here.
    pub slots: Vec<usize>,
}

impl Plan {
    /// Compiles a checked declaration.
    pub fn new(source: &Source) -> Plan {
        let mut paths = identity_paths(source);
        let filters = paths.len();
        paths.extend(source.items.place().filters.iter().map(|filter| filter.path.clone()));
        let fields = paths.len();
        paths.extend(source.fields.iter().map(|field| field.path.clone()));
        let mut item = Node::default();
        for (slot, path) in paths.iter().enumerate().filter(|(_, p)| p.start() == Start::Here) {
            item.descend(path.steps()).slots.push(slot);
        }
        let route = route(source, &paths, &item);
        let mut root = Node::default();
        match source.fetch.format {
            Format::Ndjson => root = item,
            _ => {
                let at = source.items.at().steps();
                let list = at.split(|step| *step == Step::Each).next().unwrap_or_default();
                root.descend(list).items = Some(Box::new(item));
            }
        }
        Plan { source: source.clone(), root, paths, filters, fields, route }
    }

    pub fn source(&self) -> &Source {
        &self.source
    }

    /// The slots that hold the same in every item of a snapshot.
    pub(super) fn fixed(&self) -> impl Iterator<Item = (usize, Start)> {
        let starts = self.paths.iter().map(Path::start).enumerate();
        starts.filter(|(_, start)| matches!(start, Start::LoopItem | Start::Source))
    }
}

fn identity_paths(source: &Source) -> Vec<Path> {
    let records = match &source.items {
        Items::Samples(samples) => return vec![samples.series.clone()],
        Items::Records(records) => records,
    };
    let mut paths: Vec<Path> = match &records.id {
        Identity::Own(ids) => ids.iter().map(|id| id.path.clone()).collect(),
        Identity::Measurement(series) => vec![series.clone()],
    };
    paths.extend(records.time.iter().chain(&records.updated).map(|time| time.path.clone()));
    paths
}

fn route(source: &Source, paths: &[Path], item: &Node) -> Route {
    let here = |path: &Path| {
        let plain = |step: &Step| matches!(step, Step::Key(_) | Step::Index(_) | Step::Each);
        match path.start() {
            Start::Here => path.steps().iter().all(plain),
            start => matches!(start, Start::LoopItem | Start::Source),
        }
    };
    let at = source.items.at().steps();
    let list = match source.fetch.format {
        Format::Json => {
            let Some((Step::Each, before)) = at.split_last() else { return Route::Tree };
            before.iter().all(|step| matches!(step, Step::Key(_) | Step::Index(_)))
        }
        Format::Ndjson => at.is_empty(),
        Format::Csv | Format::Xml => false,
    };
    let simple = list && paths.iter().all(here) && !item.is_torn();
    if simple { Route::Stream } else { Route::Tree }
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
            Step::Each => self.any.get_or_insert_default().descend(rest),
            Step::Values | Step::Own => self,
        }
    }

    /// Whether an element of a list somewhere below is wanted in two ways.
    fn is_torn(&self) -> bool {
        let below = self.keys.iter().map(|(_, node)| node);
        let mut below =
            below.chain(self.places.iter().map(|(_, node)| node)).chain(self.any.as_deref());
        (self.any.is_some() && !self.places.is_empty()) || below.any(Node::is_torn)
    }

    pub fn key(&self, name: &str) -> Option<usize> {
        self.keys.iter().position(|(key, _)| **key == *name)
    }

    pub fn wants_object(&self) -> bool {
        !self.keys.is_empty()
    }

    pub fn wants_list(&self) -> bool {
        self.items.is_some() || self.any.is_some() || !self.places.is_empty()
    }
}

fn child<K: PartialEq>(children: &mut Vec<(K, Node)>, key: K) -> &mut Node {
    let place = children.iter().position(|(name, _)| *name == key).unwrap_or(children.len());
    if place == children.len() {
        children.push((key, Node::default()));
    }
    &mut children[place].1
}
